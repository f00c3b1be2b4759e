//! Listening: an address, TLS or not, and a quiet end when the system asks for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;

use super::App;
use super::routes::doors;
use crate::usecase::failure::Failure;
use crate::usecase::installation::Installation;
use crate::usecase::listening::{self, Listen};

/// Requests under way get so long to end after the system asked us to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves until the system asks to stop.
///
/// # Errors
/// The certificate or the socket cannot be used.
pub(crate) async fn serve(installation: Arc<Installation>, listen: Listen) -> Result<(), Failure> {
    let app = Arc::new(App {
        installation,
        secure: listen.certificate.is_some() || listen.behind_proxy,
        behind_proxy: listen.behind_proxy,
        origin: listen.origin,
        setup_code: listen.setup_code,
    });
    let router = doors(&app).map_err(listening::broken)?.finish();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    tokio::spawn(stop_when_asked(handle.clone()));
    let served = match listen.certificate {
        None => {
            let server = axum_server::from_tcp(listen.socket).map_err(listening::failed)?;
            server.handle(handle).serve(service).await
        }
        Some(certificate) => {
            let config = RustlsConfig::from_config(certificate.config);
            let server = axum_server::from_tcp_rustls(listen.socket, config);
            let server = server.map_err(listening::failed)?;
            server.handle(handle).serve(service).await
        }
    };
    app.installation.store.close().await;
    served.map_err(listening::failed)
}

async fn stop_when_asked(handle: Handle<SocketAddr>) {
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};

        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
    handle.graceful_shutdown(Some(LAST_REQUESTS));
}
