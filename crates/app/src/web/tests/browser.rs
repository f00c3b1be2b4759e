//! A browser for tests: keeps the session cookie between requests.

use axum::body::Body;
use axum::http::{Method, Request, header};
use sonae_domain::ids::InstitutionId;

use super::{Answered, House};
use crate::usecase::secrets::token_hash;
use crate::web::addressed::{addressed, named};
use crate::web::visit::SESSION_COOKIE;

/// The password of everybody in these tests.
pub(super) const PASSWORD: &str = "asa no kohi wa nigai 7";

/// What the first visit sends.
pub(super) const FIRST_VISIT: [(&str, &str); 14] = [
    ("kind", "clinic"),
    ("name", "Sonae clinic"),
    ("prefecture", "tokyo"),
    ("beds", "19"),
    ("system", "receipt_computer"),
    ("system", "medical_record"),
    ("other_system", "ECG, bone density"),
    ("vendor", "Toto Systems"),
    ("vendor_phone", "03-0000-0000"),
    ("contract", "exists"),
    ("safety_officer", "Sonae Taro"),
    ("person", "Yamada Hanako"),
    ("login", "Hanako"),
    ("password", PASSWORD),
];

/// Somebody before a screen.
pub(super) struct Browser<'a> {
    house: &'a House,
    pub(super) session: Option<String>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(house: &'a House) -> Self {
        Self {
            house,
            session: None,
        }
    }

    /// Signed in already.
    pub(super) fn with_session(house: &'a House, token: &str) -> Self {
        Self {
            house,
            session: Some(token.to_owned()),
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> Answered {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let body = serde_html_form::to_string(fields).unwrap();
        self.send(Method::POST, path, Body::from(body)).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Body) -> Answered {
        let uri = match self.shown_for().await {
            Some(institution) if method == Method::POST && named(path).is_none() => {
                addressed(path, &institution)
            }
            _ => path.to_owned(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::HOST, "localhost:8640")
            .header(header::ORIGIN, "http://localhost:8640")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(session) = &self.session {
            request = request.header(header::COOKIE, format!("{SESSION_COOKIE}={session}"));
        }
        let answered = self.house.send(request.body(body).unwrap()).await;
        if let Some(session) = answered.cookie(SESSION_COOKIE) {
            self.session = (!session.is_empty()).then_some(session);
        }
        answered
    }

    /// The institution of the page that they look at, which its forms name.
    async fn shown_for(&self) -> Option<InstitutionId> {
        let session = token_hash(self.session.as_ref()?);
        let store = &self.house.app.installation.store;
        let holder = store.session_holder(&session).await.unwrap()?;
        let first = holder.grants.into_iter().next();
        holder
            .key
            .institution
            .or(first.map(|(institution, _)| institution))
    }

    /// Signs in by password.
    pub(super) async fn sign_in(&mut self, login: &str, password: &str) -> Answered {
        let fields = [("login", login), ("password", password)];
        self.post("/login", &fields).await
    }
}

impl Answered {
    /// The value of a cookie that was set.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(header::SET_COOKIE).iter();
        let mut values = all.filter_map(|cookie| {
            let rest = cookie.to_str().ok()?.strip_prefix(name)?;
            Some(rest.strip_prefix('=')?.split(';').next()?.to_owned())
        });
        values.next()
    }

    /// The text of the element with this id.
    pub(super) fn element(&self, id: &str) -> String {
        let text = self.text();
        let at = text.find(&format!("id=\"{id}\"")).expect("the element");
        let inner = text[at..].split_once('>').expect("its content").1;
        inner.split_once("</").expect("its end").0.to_owned()
    }
}
