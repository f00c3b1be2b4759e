//! The doorkeeper: who asks, in which institution, with which role; then the access table decides.
//! Scope comes from the session alone. A refused request gets a page or JSON that says what to do.

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use sonae_domain::people::Role;

use super::access::Allowed;
use super::addressed::named;
use super::carried::{Carried, encodes_nul};
use super::problem::{Problem, explained};
use super::visit::{Asker, SESSION_COOKIE, Visitor};
use super::{Shared, pages};
use crate::usecase::doors::Entry;

/// A door of one route.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) app: Shared,
    pub(crate) allowed: Arc<Allowed>,
}

/// Lets in whom the table allows, and tells everybody else what to do.
pub(crate) async fn doorkeeper(
    State(door): State<Door>,
    cookies: CookieJar,
    mut request: Request,
    next: Next,
) -> Response {
    let mut visitor = Visitor::of(&door.app, request.headers(), request.uri());
    if let Some(carried) = request.extensions_mut().remove::<Arc<OnceLock<Carried>>>() {
        visitor.carried = carried;
    }
    if encodes_nul(visitor.place.as_bytes()) {
        return explained(Problem::NulCharacter, &visitor);
    }
    let mut request = match Carried::from_request(request).await {
        Ok((carried, request)) => {
            carried.map(|carried| visitor.carried.set(carried));
            request
        }
        Err(problem) => return explained(problem, &visitor),
    };
    let key = match Key::of(&request, &cookies) {
        Ok(key) => key,
        Err(problem) => return explained(problem, &visitor),
    };
    match key.entry(&door.app).await {
        Ok(entry) => visitor.asker = entry.map_or(Asker::Stranger, Asker::known),
        Err(problem) => return explained(problem, &visitor),
    }
    match stopped(&door, &visitor, request.method()).await {
        Ok(None) => {}
        Ok(Some(Stop::SignIn)) => return pages::doors::sign_in_first(&visitor, request.method()),
        Ok(Some(Stop::Go(path))) => return Redirect::to(path).into_response(),
        Ok(Some(Stop::Elsewhere)) => return pages::elsewhere::show(&visitor).await,
        Err(problem) => return explained(problem, &visitor),
    }
    request.extensions_mut().insert(visitor.clone());
    let response = next.run(request).await;
    explain_response(response, &visitor)
}

/// Explains what no door explained: an unknown path, a refused body, a limit, a crash.
pub(super) async fn explain(
    State(app): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let visitor = Visitor::of(&app, request.headers(), request.uri());
    let carried = Arc::clone(&visitor.carried);
    request.extensions_mut().insert(carried);
    let response = next.run(request).await;
    explain_response(response, &visitor)
}

/// A problem becomes a page or JSON; so does a refusal that nobody worded.
fn explain_response(mut response: Response, visitor: &Visitor) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
        return explained(Arc::unwrap_or_clone(problem), visitor);
    }
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_worded(&response) {
        return response;
    }
    let mut worded = explained(Problem::Status(status), visitor);
    // Which methods there are instead.
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        worded.headers_mut().insert(header::ALLOW, allow);
    }
    worded
}

/// Pages and JSON are ours; the framework's own refusals are plain text.
fn is_worded(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") || kind.starts_with("application/json")
}

/// Why somebody does not get through, other than by being refused.
enum Stop {
    SignIn,
    Go(&'static str),
    /// The form was shown for another institution than the one of the session.
    Elsewhere,
}

async fn stopped(door: &Door, visitor: &Visitor, method: &Method) -> Result<Option<Stop>, Problem> {
    let allowed = &door.allowed;
    if allowed.public {
        return Ok(None);
    }
    let Asker::Known(entry) = &visitor.asker else {
        let is_new = door.app.installation.is_new().await?;
        return Ok(Some(match is_new && !visitor.wants_json {
            true => Stop::Go("/setup"),
            false => Stop::SignIn,
        }));
    };
    if allowed.signed_in {
        return Ok(None);
    }
    if entry.must_add_second_factor {
        return Ok(Some(Stop::Go("/me/second-factor")));
    }
    let here = entry
        .workspace
        .as_ref()
        .map(|workspace| &workspace.institution.id);
    if *method == Method::POST && !visitor.wants_json {
        let meant = named(&visitor.place);
        if meant.is_none() || meant.as_ref() != here {
            return Ok(Some(Stop::Elsewhere));
        }
    }
    if here.is_none() {
        return Ok(Some(Stop::Go("/institutions")));
    }
    match may_pass(allowed, &entry.roles) {
        true => Ok(None),
        false => Err(Problem::NotAllowed),
    }
}

fn may_pass(allowed: &Allowed, roles: &[Role]) -> bool {
    roles.iter().any(|role| allowed.roles.contains(role))
}

/// What a request brings to show who sent it.
enum Key {
    None,
    /// The session cookie of a browser.
    Session(String),
    /// A program's token, and whether it is about to change something.
    Token(String, bool),
}

impl Key {
    /// # Errors
    /// A change by cookie that does not say which site it comes from: no browser of today.
    fn of(request: &Request, cookies: &CookieJar) -> Result<Self, Problem> {
        if request.uri().path().starts_with("/api/") {
            let token = request
                .headers()
                .get(header::AUTHORIZATION)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.strip_prefix("Bearer "));
            let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
            return Ok(token.map_or(Self::None, |token| Self::Token(token.to_owned(), writes)));
        }
        let Some(cookie) = cookies.get(SESSION_COOKIE) else {
            return Ok(Self::None);
        };
        match *request.method() == Method::POST && !says_origin(request) {
            true => Err(Problem::Status(StatusCode::FORBIDDEN)),
            false => Ok(Self::Session(cookie.value().to_owned())),
        }
    }

    async fn entry(self, app: &Shared) -> Result<Option<Entry>, Problem> {
        Ok(match self {
            Self::None => None,
            Self::Session(token) => app.installation.entry(&token).await?,
            Self::Token(token, writes) => app.installation.entry_by_token(&token, writes).await?,
        })
    }
}

/// An empty header says nothing.
fn says_origin(request: &Request) -> bool {
    let says = |name| {
        let said = request.headers().get(name);
        said.is_some_and(|said: &HeaderValue| !said.is_empty())
    };
    says("origin") || says("sec-fetch-site")
}
