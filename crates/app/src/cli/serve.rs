//! `sonae serve`: opens the pages and says where.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use sonae_domain::labels::Language;

use super::{args, labels};
use crate::usecase::failure::Failure;
use crate::usecase::installation::Installation;
use crate::usecase::listening;
use crate::web::{self, Listen};

pub(super) async fn serve(
    installation: Installation,
    args: &args::Serve,
    language: Language,
) -> Result<ExitCode, Failure> {
    let installation = Arc::new(installation);
    let socket = listening::bind(args.listen)?;
    let address = listening::address_of(&socket)?;
    let setup_code = match address.ip().is_loopback() {
        true => None,
        false if installation.is_new().await? => Some(listening::setup_code()),
        false => None,
    };
    println!(
        "{}: {}",
        labels::OPEN_THIS.of(language),
        url(address, setup_code.as_deref())
    );
    println!("{}", labels::STOP_HINT.of(language));
    let listen = Listen {
        socket,
        certificate: None,
        behind_proxy: args.behind_proxy,
        setup_code,
    };
    web::serve(installation, listen).await?;
    Ok(ExitCode::SUCCESS)
}

fn url(address: SocketAddr, setup_code: Option<&str>) -> String {
    match setup_code {
        Some(code) => format!("http://{address}/setup?code={code}"),
        None => format!("http://{address}"),
    }
}
