//! All doors of the application. What each shows is in `pages` and `api`; who may pass is in the
//! access table.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};

use super::access::{AccessTable, BadTable};
use super::door::{Door, doorkeeper};
use super::{Shared, api, guard, pages};

/// Collects doors, each shut by the access table.
pub(crate) struct Doors {
    app: Shared,
    access: AccessTable,
    router: Router<Shared>,
    opened: Vec<(String, Method)>,
}

impl Doors {
    pub(crate) fn new(app: &Shared) -> Result<Self, BadTable> {
        Ok(Self {
            app: Arc::clone(app),
            access: AccessTable::shipped()?,
            router: Router::new(),
            opened: Vec::new(),
        })
    }

    /// A door that only shows.
    pub(crate) fn get<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.open(Method::GET, MethodFilter::GET, path, handler)
    }

    /// A door that changes something.
    pub(crate) fn post<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.open(Method::POST, MethodFilter::POST, path, handler)
    }

    /// A door of the programming interface that replaces something.
    pub(crate) fn put<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.open(Method::PUT, MethodFilter::PUT, path, handler)
    }

    /// A door that takes a file of up to so many bytes.
    pub(crate) fn upload<H, T>(mut self, path: &'static str, n_bytes_max: usize, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let door = self.door(Method::POST, path);
        let limited = on(MethodFilter::POST, handler)
            .layer(DefaultBodyLimit::max(n_bytes_max))
            .layer(from_fn_with_state(door, doorkeeper));
        self.router = self.router.route(path, limited);
        self
    }

    fn open<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let door = self.door(method, path);
        let kept = on(filter, handler).layer(from_fn_with_state(door, doorkeeper));
        self.router = self.router.route(path, kept);
        self
    }

    /// The door of a route; without a row in the table nobody may pass.
    fn door(&mut self, method: Method, path: &'static str) -> Door {
        let allowed = self.access.of(&method, path).cloned().unwrap_or_default();
        self.opened.push((path.to_owned(), method));
        Door {
            app: Arc::clone(&self.app),
            allowed: Arc::new(allowed),
        }
    }

    /// The finished router, with what holds for every request.
    pub(crate) fn finish(self) -> Router {
        let router = self.router.fallback(pages::doors::lost);
        guard::around(router, &self.app).with_state(self.app)
    }

    /// Every route with its method, for the test that compares them with the table.
    #[cfg(test)]
    pub(crate) fn opened(&self) -> &[(String, Method)] {
        &self.opened
    }

    /// The table that they are compared with.
    #[cfg(test)]
    pub(crate) fn access(&self) -> &AccessTable {
        &self.access
    }
}

/// Every door there is.
///
/// # Errors
/// The access table is broken.
pub(crate) fn doors(app: &Shared) -> Result<Doors, BadTable> {
    let doors = Doors::new(app)?;
    let doors = pages::doors::open(doors);
    let doors = pages::checklist::open(doors);
    let doors = pages::contradictions::open(doors);
    let doors = pages::glossary::open(doors);
    let doors = pages::evidence::open(doors);
    let doors = pages::collect::open(doors);
    let doors = pages::documents::open(doors);
    let doors = pages::ledger::open(doors);
    let doors = pages::forms::open(doors);
    let doors = pages::history::open(doors);
    let doors = pages::checkpoint::open(doors);
    let doors = pages::home::open(doors);
    let doors = pages::deadlines::open(doors);
    let doors = pages::institutions::open(doors);
    let doors = pages::mail::open(doors);
    let doors = pages::setup::open(doors);
    let doors = pages::me::open(doors);
    let doors = pages::second_factor::open(doors);
    let doors = pages::people::open(doors);
    let doors = pages::settings::open(doors);
    let doors = pages::registers::open(doors);
    let doors = pages::vendor_requests::open(doors);
    let doors = pages::vendor_answer::open(doors);
    let doors = pages::vendor_key::open(doors);
    let doors = pages::publications::open(doors);
    let doors = pages::vendor_file::open(doors);
    let doors = pages::inspections::open(doors);
    let doors = pages::inspector::open(doors);
    let doors = pages::disclosures::open(doors);
    let doors = pages::editions::open(doors);
    let doors = pages::backup::open(doors);
    Ok(api::open(doors))
}
