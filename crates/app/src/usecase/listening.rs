//! What a server needs before it can listen: an address, and a certificate where it encrypts.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::Url;

use super::failure::Failure;
use super::files;
use super::installation::Installation;
use super::{labels, secrets};

/// A certificate with its chain, or a key, is a few KiB.
const PEM_BYTES_MAX: u64 = 1024 * 1024;

/// Where the certificate that we made ourselves is kept in the data folder.
const OWN_CERTIFICATE: &str = "tls-certificate.pem";

/// Where its key is kept.
const OWN_KEY: &str = "tls-key.pem";

/// A certificate, ready to encrypt with.
pub(crate) struct Certificate {
    pub(crate) config: Arc<ServerConfig>,
    /// SHA-256 of the certificate as browsers show it: `AB:CD:…`.
    pub(crate) fingerprint: String,
}

/// How to listen.
pub(crate) struct Listen {
    /// Bound already, so that the port is known.
    pub(crate) socket: TcpListener,
    /// Encrypts, with this certificate.
    pub(crate) certificate: Option<Certificate>,
    /// A proxy in front encrypts and says who asks.
    pub(crate) behind_proxy: bool,
    /// The address that people type, where it is not the one that they reach.
    pub(crate) origin: Option<String>,
    /// Whoever makes the first account must show it.
    pub(crate) setup_code: Option<String>,
}

/// Why something typed is no address that people open in a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadOrigin {
    /// No scheme, no host, or nothing at all.
    NotAnAddress,
    /// Neither `https` nor `http`.
    OtherScheme,
    /// A path, a name with password, or anything else behind or before the host.
    TooMuch,
}

/// The address that people type: scheme and host, and a port where it is not the usual one.
///
/// # Errors
/// It is none, or more than that.
pub(crate) fn origin(typed: &str) -> Result<String, Failure> {
    let refused = |why| Failure::refused(labels::origin_refused(typed, why));
    let url = Url::parse(typed);
    let url = url.map_err(|source| refused(BadOrigin::NotAnAddress).because(source))?;
    let origin = url.origin().ascii_serialization();
    match url.scheme() {
        "https" | "http" if url.as_str() == format!("{origin}/") => Ok(origin),
        "https" | "http" => Err(refused(BadOrigin::TooMuch)),
        _ => Err(refused(BadOrigin::OtherScheme)),
    }
}

impl Certificate {
    /// A certificate that the institution has.
    ///
    /// # Errors
    /// A file cannot be read, holds no certificate or key, or they do not belong together.
    pub(crate) fn from_files(certificate: &Path, key: &Path) -> Result<Self, Failure> {
        let (chain, _) = files::read_limited(certificate, PEM_BYTES_MAX)?;
        let (secret, _) = files::read_limited(key, PEM_BYTES_MAX)?;
        Self::from_pem(&chain, &secret).map_err(|source| {
            Failure::refused(labels::bad_certificate(certificate)).because(source)
        })
    }

    /// Our own certificate, made at the first start and kept in the data folder.
    ///
    /// # Errors
    /// It cannot be made, kept or read.
    pub(crate) fn own(folder: &Path, names: Vec<String>) -> Result<Self, Failure> {
        let (certificate, key) = (folder.join(OWN_CERTIFICATE), folder.join(OWN_KEY));
        if files::read_limited(&certificate, PEM_BYTES_MAX).is_err() {
            let failed = |source| Failure::unexpected(labels::doors_failed()).because(source);
            let made = rcgen::generate_simple_self_signed(names).map_err(failed)?;
            // The key first: a certificate without its key would look like one that is there.
            files::write_private(&key, made.signing_key.serialize_pem().as_bytes())?;
            files::write_private(&certificate, made.cert.pem().as_bytes())?;
        }
        Self::from_files(&certificate, &key)
    }

    fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, BadPem> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(key)?;
        let first = chain.first().ok_or(BadPem::NoCertificate)?;
        let fingerprint = fingerprint(first);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Self {
            config: Arc::new(with_protocols(config)),
            fingerprint,
        })
    }
}

/// Why bytes are no certificate with its key.
#[derive(Debug, thiserror::Error)]
enum BadPem {
    #[error("no certificate in the file")]
    NoCertificate,
    #[error("not PEM")]
    NotPem(#[from] rustls::pki_types::pem::Error),
    #[error("refused by TLS")]
    Refused(#[from] rustls::Error),
}

/// Browsers choose HTTP/2 where it is offered.
fn with_protocols(mut config: ServerConfig) -> ServerConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = Sha256::digest(certificate.as_ref());
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

/// Under which names our own certificate is looked for: what was said, this machine's name, and the
/// address where it listens.
pub(crate) fn names(said: &[String], address: IpAddr) -> Vec<String> {
    let mut names = said.to_vec();
    names.push("localhost".to_owned());
    let uname = rustix::system::uname();
    names.extend(uname.nodename().to_str().ok().map(str::to_owned));
    if !address.is_unspecified() {
        names.push(address.to_string());
    }
    names
}

/// Host and port as one types them: an address that stands for all is no address to go to.
pub(crate) fn reachable(address: SocketAddr) -> String {
    let uname = rustix::system::uname();
    match uname.nodename().to_str() {
        Ok(host) if address.ip().is_unspecified() => format!("{host}:{}", address.port()),
        _ => address.to_string(),
    }
}

/// Serves until the system asks to stop. `main` hands it to the command line, which knows no page.
pub(crate) type Serve = fn(Arc<Installation>, Listen) -> Serving;

/// A server at work.
pub(crate) type Serving = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Binds an address.
///
/// # Errors
/// Something else listens there, or the system does not allow it.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    listener.map_err(|source| {
        Failure::unusable(labels::cannot_listen(&address, &source)).because(source)
    })
}

/// The address that a socket got.
///
/// # Errors
/// The system does not say.
pub(crate) fn address_of(socket: &TcpListener) -> Result<SocketAddr, Failure> {
    socket.local_addr().map_err(failed)
}

/// What the person at this machine gets to see and nobody else on the network.
pub(crate) fn setup_code() -> String {
    secrets::new_token()
}

/// The socket failed while serving.
pub(crate) fn failed(source: std::io::Error) -> Failure {
    Failure::unusable(labels::serving_failed(&source)).because(source)
}

/// What ships with the program is broken.
pub(crate) fn broken(source: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::unexpected(labels::shipped_data_broken(&source.to_string())).because(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        let check = |typed: &str, expected: &str| {
            let said = match origin(typed) {
                Ok(origin) => origin,
                Err(failure) => {
                    let text = failure.text.ja;
                    assert!(text.contains(&format!("「{typed}」")), "{text}");
                    assert!(text.contains("https://sonae.example.jp"), "{text}");
                    let (_, why) = text.split_once("使えません。").unwrap();
                    why.chars().take(4).collect()
                }
            };
            assert_eq!(said, expected, "{typed}");
        };
        check("https://sonae.example.jp", "https://sonae.example.jp");
        check("https://Sonae.example.jp/", "https://sonae.example.jp");
        check("https://sonae.example.jp:443", "https://sonae.example.jp");
        check("http://192.168.10.5:8640", "http://192.168.10.5:8640");
        check("https://院内.example.jp", "https://xn--v6qt29n.example.jp");
        check("", "アドレス");
        check("sonae.example.jp", "アドレス");
        check("https://", "アドレス");
        check("sonae:8640", "http");
        check("ftp://sonae.example.jp", "http");
        check("https://sonae.example.jp/sonae", "名前と番");
        check("https://sonae.example.jp?a", "名前と番");
        check("https://taro:pw@sonae.example.jp", "名前と番");
    }

    #[test]
    fn our_own_certificate_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let names = vec!["sonae.test".to_owned()];
        let first = Certificate::own(folder.path(), names.clone()).unwrap();
        let second = Certificate::own(folder.path(), names).unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
        assert_eq!(first.fingerprint.len(), 32 * 3 - 1);
    }

    #[test]
    fn what_is_no_certificate_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        Certificate::own(folder.path(), vec!["a.test".to_owned()]).unwrap();
        let (certificate, key) = (
            folder.path().join(OWN_CERTIFICATE),
            folder.path().join(OWN_KEY),
        );
        let check = |certificate: &Path, key: &Path| {
            let failure = Certificate::from_files(certificate, key)
                .map(|_| ())
                .unwrap_err();
            assert!(failure.text.ja.contains("pem"), "{}", failure.text.ja);
        };
        check(&key, &key);
        check(&certificate, &certificate);
        check(&folder.path().join("no.pem"), &key);
        Certificate::from_files(&certificate, &key).unwrap();
    }
}
