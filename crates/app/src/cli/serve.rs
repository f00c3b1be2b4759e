//! `sonae serve`, and the end of `sonae quickstart`: opens the pages and says where.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use sonae_domain::labels::Language;

use super::{args, labels};
use crate::usecase::failure::Failure;
use crate::usecase::installation::Installation;
use crate::usecase::listening::{self, Certificate, Listen, Serve};

/// Where the pages are looked for when nobody says otherwise.
pub(super) const PORT: u16 = 8640;

pub(super) async fn serve(
    installation: Arc<Installation>,
    args: &args::Serve,
    serve: Serve,
    language: Language,
) -> Result<ExitCode, Failure> {
    let origin = args.origin.as_deref().map(listening::origin).transpose()?;
    let socket = listening::bind(args.listen)?;
    let address = listening::address_of(&socket)?;
    let listen = Listen {
        socket,
        certificate: certificate(&installation, args, address)?,
        behind_proxy: args.behind_proxy,
        origin,
        setup_code: setup_code(&installation, args, address).await?,
    };
    open(installation, listen, address, serve, language).await
}

/// Serves this machine alone, on the usual port or on any other that is free.
pub(super) async fn serve_here(
    installation: Arc<Installation>,
    serve: Serve,
    language: Language,
) -> Result<ExitCode, Failure> {
    let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let socket = listening::bind(here(PORT)).or_else(|_| listening::bind(here(0)))?;
    let address = listening::address_of(&socket)?;
    let listen = Listen {
        socket,
        certificate: None,
        behind_proxy: false,
        origin: None,
        setup_code: None,
    };
    open(installation, listen, address, serve, language).await
}

async fn open(
    installation: Arc<Installation>,
    listen: Listen,
    address: SocketAddr,
    serve: Serve,
    language: Language,
) -> Result<ExitCode, Failure> {
    let scheme = match listen.certificate {
        Some(_) => "https",
        None => "http",
    };
    let setup = listen.setup_code.as_deref();
    let setup = setup.map(|code| format!("/setup?code={code}"));
    println!(
        "{}: {scheme}://{}{}",
        labels::OPEN_THIS.of(language),
        listening::reachable(address),
        setup.unwrap_or_default()
    );
    if let Some(certificate) = &listen.certificate {
        println!(
            "{}: {}",
            labels::FINGERPRINT.of(language),
            certificate.fingerprint
        );
    }
    println!("{}", labels::STOP_HINT.of(language));
    // Whoever reads us through a pipe waits for the address.
    let _unheard = std::io::stdout().flush();
    serve(installation, listen).await?;
    Ok(ExitCode::SUCCESS)
}

fn certificate(
    installation: &Installation,
    args: &args::Serve,
    address: SocketAddr,
) -> Result<Option<Certificate>, Failure> {
    match (&args.certificate, &args.key) {
        (Some(certificate), Some(key)) => Certificate::from_files(certificate, key).map(Some),
        _ if args.tls => {
            let names = listening::names(&args.name, address.ip());
            Certificate::own(&installation.settings.data, names).map(Some)
        }
        _ => Ok(None),
    }
}

/// As long as nobody has an account, whoever reaches the pages first would be administrator.
async fn setup_code(
    installation: &Installation,
    args: &args::Serve,
    address: SocketAddr,
) -> Result<Option<String>, Failure> {
    let open_to_others = args.behind_proxy || !address.ip().is_loopback();
    Ok((open_to_others && installation.is_new().await?).then(listening::setup_code))
}
