//! Who visits, and how they want to see pages: what the doorkeeper hands to each handler.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use axum_extra::extract::CookieJar;
use sonae_domain::labels::Language;
use sonae_domain::people::Role;

use super::Shared;
use super::carried::Carried;
use super::page::{Page, Theme};
use super::problem::Problem;
use super::words::Words;
use crate::usecase::doors::{Entry, Person};
use crate::usecase::workspace::Workspace;

/// Holds the session's token; 256 random bits.
pub(crate) const SESSION_COOKIE: &str = "sonae_session";

/// Holds `ja` or `en`.
pub(crate) const LANGUAGE_COOKIE: &str = "sonae_language";

/// Holds `auto`, `light` or `dark`.
pub(crate) const THEME_COOKIE: &str = "sonae_theme";

/// Who asks.
#[derive(Clone)]
pub(crate) enum Asker {
    Stranger,
    Known(Arc<Entry>),
}

impl Asker {
    pub(crate) fn known(entry: Entry) -> Self {
        Self::Known(Arc::new(entry))
    }
}

/// Anybody who visits, with how they want to see pages.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) app: Shared,
    pub(crate) asker: Asker,
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    /// Path and query, to come back to.
    pub(crate) place: String,
    /// Where the browser found us: `https://sonae.example.jp`.
    pub(crate) origin: String,
    /// A program asks, not a browser.
    pub(crate) wants_json: bool,
    /// What was sent with a form, for the page that says why it could not be kept. The doorkeeper
    /// sets it for whoever explains.
    pub(crate) carried: Arc<OnceLock<Carried>>,
}

/// The network address that a request comes from, as attempts are counted.
pub(crate) struct Address(pub(crate) String);

impl Visitor {
    /// A visitor by what the request says about language and theme; nobody yet.
    pub(crate) fn of(app: &Shared, headers: &HeaderMap, uri: &Uri) -> Self {
        let cookies = CookieJar::from_headers(headers);
        let cookie = |name| cookies.get(name).map(|cookie| cookie.value().to_owned());
        let language = match cookie(LANGUAGE_COOKIE).as_deref() {
            Some("en") => Language::En,
            Some(_) => Language::Ja,
            None => preferred_language(headers),
        };
        Self {
            app: Arc::clone(app),
            asker: Asker::Stranger,
            language,
            theme: Theme::of_word(cookie(THEME_COOKIE).as_deref().unwrap_or_default()),
            place: uri
                .path_and_query()
                .map_or("/", |place| place.as_str())
                .to_owned(),
            origin: origin(app, headers),
            wants_json: uri.path().starts_with("/api/"),
            carried: Arc::default(),
        }
    }

    pub(crate) fn words(&self) -> Words {
        Words::of(self.language)
    }

    pub(crate) fn entry(&self) -> Option<&Entry> {
        match &self.asker {
            Asker::Known(entry) => Some(entry),
            Asker::Stranger => None,
        }
    }

    /// The frame of a page with a title, by key.
    pub(crate) fn page(&self, title: &str) -> Page {
        Page::new(self, self.words().get(title).to_owned())
    }

    /// Whether the address shown opens on this machine only.
    pub(crate) fn is_only_here(&self) -> bool {
        is_loopback(&self.origin)
    }

    /// The frame of a page whose title is a name.
    pub(crate) fn page_named(&self, title: impl Into<String>) -> Page {
        Page::new(self, title.into())
    }
}

/// Whether an address leads nowhere but to the machine of whoever opens it.
fn is_loopback(origin: &str) -> bool {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    match host.parse::<Authority>() {
        Ok(authority) => {
            let name = authority.host().trim_matches(['[', ']']);
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        Err(_) => false,
    }
}

/// The configured origin, or what the request says; it only leads back to whoever sent it.
fn origin(app: &Shared, headers: &HeaderMap) -> String {
    if let Some(origin) = &app.origin {
        return origin.clone();
    }
    let host = headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if app.secure { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// Japanese, unless the browser prefers English and does not name Japanese.
fn preferred_language(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match accepted.starts_with("en") && !accepted.contains("ja") {
        true => Language::En,
        false => Language::Ja,
    }
}

/// Somebody signed in.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) visitor: Visitor,
    pub(crate) entry: Arc<Entry>,
}

impl Guest {
    pub(crate) fn person(&self) -> &Person {
        &self.entry.person
    }
}

/// Somebody with a role in the institution of their session.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) visitor: Visitor,
    pub(crate) entry: Arc<Entry>,
    pub(crate) workspace: Arc<Workspace>,
}

impl Visit {
    pub(crate) fn person(&self) -> &Person {
        &self.entry.person
    }

    /// Lets go on only whoever runs the installation.
    ///
    /// # Errors
    /// The person does not.
    pub(crate) fn operators_only(&self) -> Result<(), Problem> {
        match self.person().is_operator {
            true => Ok(()),
            false => Err(Problem::NotAllowed),
        }
    }

    /// Whether any role does more than read; the doors decide, this only hides what they refuse.
    pub(crate) fn may_change(&self) -> bool {
        self.entry.roles.iter().any(|role| *role != Role::Viewer)
    }
}

impl std::ops::Deref for Visit {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl std::ops::Deref for Guest {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

/// Behind a proxy the last address in its header: the one that the proxy saw itself.
fn address(app: &Shared, parts: &Parts) -> Option<IpAddr> {
    if app.behind_proxy {
        let said = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let last = said.and_then(|said| said.to_str().ok()?.rsplit(',').next());
        return last.and_then(|last| last.trim().parse().ok());
    }
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip())
}

/// A subscriber has a whole IPv6 network of 64 bits, so that it counts as one address.
fn counted(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

impl FromRequestParts<Shared> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let address = address(app, parts).map(counted);
        Ok(Self(address.unwrap_or_else(|| "unknown".to_owned())))
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_else(|| Self::of(app, &parts.headers, &parts.uri)))
    }
}

impl FromRequestParts<Shared> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let visitor = parts.extensions.get::<Visitor>().cloned();
        let visitor = visitor.ok_or(Problem::NotAllowed)?;
        match visitor.asker.clone() {
            Asker::Known(entry) => Ok(Self { visitor, entry }),
            Asker::Stranger => Err(Problem::NotAllowed),
        }
    }
}

impl FromRequestParts<Shared> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let Guest { visitor, entry } = Guest::from_request_parts(parts, app).await?;
        match entry.workspace.clone() {
            Some(workspace) => Ok(Self {
                visitor,
                entry,
                workspace,
            }),
            None => Err(Problem::NotAllowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_version_6_counts_as_one_address() {
        let check = |address: &str, expected: &str| {
            assert_eq!(counted(address.parse().unwrap()), expected);
        };
        check("192.0.2.7", "192.0.2.7");
        check("::ffff:192.0.2.7", "192.0.2.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
        check("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64");
    }

    #[test]
    fn addresses_of_this_machine_are_known() {
        for (origin, expected) in [
            ("http://127.0.0.1:8640", true),
            ("http://localhost:8640", true),
            ("https://[::1]:8640", true),
            ("http://192.168.10.5:8640", false),
            ("https://sonae.example.jp", false),
            ("http://", false),
        ] {
            assert_eq!(is_loopback(origin), expected, "{origin}");
        }
    }
}
