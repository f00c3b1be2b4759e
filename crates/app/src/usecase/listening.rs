//! What a server needs before it can listen: an address, and a certificate where it encrypts.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use super::failure::Failure;
use super::{labels, secrets};

/// A certificate, ready to encrypt with.
pub(crate) struct Certificate {
    pub(crate) config: Arc<rustls::ServerConfig>,
    /// SHA-256 of the certificate as browsers show it: `AB:CD:…`.
    pub(crate) fingerprint: String,
}

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
