//! The pages and the programming interface: requests in, use cases called, pages out. HTTP lives
//! here and nowhere else; it calls only `usecase`.

mod access;
mod addressed;
mod api;
mod assets;
mod carried;
mod conflict;
mod door;
mod files;
mod guard;
mod page;
mod pages;
mod problem;
mod refused;
mod routes;
mod serve;
mod shown;
#[cfg(test)]
mod tests;
mod values;
mod visit;
mod words;

use std::sync::Arc;

use crate::usecase::installation::Installation;

pub(crate) use serve::serve;

/// What every door knows.
pub(crate) struct App {
    pub(crate) installation: Arc<Installation>,
    /// Pages travel over TLS, ours or the proxy's, so cookies must not travel without it.
    pub(crate) secure: bool,
    /// A proxy in front says who asks; without one, nobody but the connection does.
    pub(crate) behind_proxy: bool,
    /// Where browsers find us: `https://sonae.example.jp`. None takes what each request says.
    pub(crate) origin: Option<String>,
    /// Whoever makes the first account must show this, unless only this machine can reach us.
    pub(crate) setup_code: Option<String>,
}

type Shared = Arc<App>;
