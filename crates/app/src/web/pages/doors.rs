//! Before and around signing in: sign in with both steps, sign out, language and theme.

use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, SameSite};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use serde_json::{Value, json};
use sonae_domain::answer::Institution;

use crate::usecase::passkeys::Site;
use crate::usecase::signing_in::{Attempt, HalfIn, SignedIn};
use crate::web::addressed::named;
use crate::web::api::Body;
use crate::web::carried::Carried;
use crate::web::page::{Page, render};
use crate::web::problem::{Problem, explained};
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::{Address, Guest, LANGUAGE_COOKIE, SESSION_COOKIE, THEME_COOKIE, Visitor};
use crate::web::{App, assets};

/// Names a passkey ceremony of somebody whom nobody knows yet.
const PASSKEY_COOKIE: &str = "sonae_passkey";

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/healthz", health)
        .get("/assets/{name}", assets::show)
        .post("/preferences", prefer)
        .get("/login", login)
        .post("/login", sign_in)
        .get("/login/code", ask_code)
        .post("/login/code", show_code)
        .post("/login/code/passkey/options", ask_passkey)
        .post("/login/code/passkey", show_passkey)
        .post("/login/passkey/options", ask_any_passkey)
        .post("/login/passkey", show_any_passkey)
        .post("/logout", sign_out)
}

/// For whoever watches the service: `ok` when the database answers.
async fn health(visitor: Visitor) -> Result<&'static str, Problem> {
    visitor.app.installation.ping().await?;
    Ok("ok")
}

/// No door here.
pub(crate) async fn lost() -> Problem {
    Problem::NotFound
}

#[derive(Deserialize)]
struct Preferences {
    language: Option<String>,
    theme: Option<String>,
    place: String,
}

async fn prefer(visitor: Visitor, cookies: CookieJar, Form(typed): Form<Preferences>) -> Response {
    let mut cookies = cookies;
    let chosen = [
        (LANGUAGE_COOKIE, typed.language, &["ja", "en"][..]),
        (THEME_COOKIE, typed.theme, &["auto", "light", "dark"][..]),
    ];
    for (name, value, known) in chosen {
        if let Some(value) = value.filter(|value| known.contains(&value.as_str())) {
            cookies = cookies.add(kept(&visitor.app, name, value));
        }
    }
    (cookies, Redirect::to(&own_path(&typed.place))).into_response()
}

/// A cookie that outlives the browser's window.
fn kept(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    let mut cookie = session_like(app, name, value);
    cookie.make_permanent();
    cookie
}

fn session_like(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.secure)
        .build()
}

/// A path on this server; anything else leads home.
pub(crate) fn own_path(path: &str) -> String {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|sign: char| sign == '\\' || sign.is_control());
    if own { path } else { "/" }.to_owned()
}

/// The cookie of a new session, whatever the browser brought before.
pub(crate) fn with_session(app: &App, cookies: CookieJar, signed_in: &SignedIn) -> CookieJar {
    cookies.add(session_like(app, SESSION_COOKIE, signed_in.token.clone()))
}

/// The person is in, and goes on; by way of the second step, where it is missing.
pub(crate) fn enter(app: &App, cookies: CookieJar, signed_in: &SignedIn, next: &str) -> Response {
    let next = match signed_in.is_half {
        true => format!("/login/code?{}", form_encoded("next", next)),
        false => own_path(next),
    };
    let cookies = with_session(app, cookies, signed_in);
    (cookies, Redirect::to(&next)).into_response()
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    next: String,
    login: String,
    refused: Option<Refused>,
    /// The session ended under their hands.
    ended: bool,
    carried: Carried,
    /// Browsers make passkeys for this site.
    has_passkeys: bool,
}

impl LoginPage {
    fn new(visitor: &Visitor, next: String) -> Self {
        Self {
            page: visitor.page("login.title"),
            next,
            login: String::new(),
            refused: None,
            ended: false,
            carried: Carried::default(),
            has_passkeys: Site::of_origin(&visitor.origin).is_some(),
        }
    }
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn login(visitor: Visitor, Query(typed): Query<Next>) -> Result<Response, Problem> {
    if visitor.app.installation.is_new().await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    if visitor.entry().is_some() {
        return Ok(Redirect::to(&own_path(&typed.next)).into_response());
    }
    render(&LoginPage::new(&visitor, typed.next))
}

#[derive(Deserialize)]
struct SignIn {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    carried: String,
}

async fn sign_in(
    visitor: Visitor,
    Address(address): Address,
    cookies: CookieJar,
    Form(typed): Form<SignIn>,
) -> Result<Response, Problem> {
    let attempt = Attempt {
        login: &typed.login,
        password: &typed.password,
        address: &address,
    };
    match visitor.app.installation.sign_in(attempt).await {
        Ok(signed_in) => go_on(&visitor, cookies, &signed_in, &typed.next, &typed.carried).await,
        Err(failure) => {
            let page = LoginPage {
                login: typed.login,
                refused: Some(Refused::of(failure, visitor.language)?),
                carried: Carried::of(typed.carried.as_bytes()),
                ..LoginPage::new(&visitor, typed.next)
            };
            Ok((StatusCode::UNAUTHORIZED, render(&page)?).into_response())
        }
    }
}

/// After a step: to the next one, to what was typed before, or to where the person wanted to go.
async fn go_on(
    visitor: &Visitor,
    cookies: CookieJar,
    signed_in: &SignedIn,
    next: &str,
    carried: &str,
) -> Result<Response, Problem> {
    if carried.is_empty() {
        return Ok(enter(&visitor.app, cookies, signed_in, next));
    }
    let carried = Carried::of(carried.as_bytes());
    let page = match signed_in.is_half {
        true => render(&CodePage {
            next: next.to_owned(),
            carried,
            ..CodePage::new(visitor)
        })?,
        false => {
            let institution = match named(next) {
                Some(meant) => {
                    let installation = &visitor.app.installation;
                    installation.go_back_in(&signed_in.token, &meant).await?
                }
                None => None,
            };
            resume(visitor, institution, next, carried)?
        }
    };
    let cookies = with_session(&visitor.app, cookies, signed_in);
    Ok((cookies, page).into_response())
}

/// Shows what was typed before the session ended or changed, to send it once more.
#[derive(Template)]
#[template(path = "resume.html")]
struct ResumePage {
    page: Page,
    /// Where it is sent to.
    institution: Option<Institution>,
    action: String,
    carried: Carried,
}

/// What was typed before, to be sent in the institution that it was meant for.
pub(crate) fn resume(
    visitor: &Visitor,
    institution: Option<Institution>,
    action: &str,
    carried: Carried,
) -> Result<Response, Problem> {
    let mut page = visitor.page("resume.title");
    page.institution = None;
    render(&ResumePage {
        page,
        institution,
        action: own_path(action),
        carried,
    })
}

/// The second step.
#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    page: Page,
    next: String,
    refused: Option<Refused>,
    carried: Carried,
    has_passkeys: bool,
}

impl CodePage {
    fn new(visitor: &Visitor) -> Self {
        Self {
            page: visitor.page("code.title"),
            next: String::new(),
            refused: None,
            carried: Carried::default(),
            has_passkeys: Site::of_origin(&visitor.origin).is_some(),
        }
    }
}

/// Who stands between the two steps.
async fn half_in(visitor: &Visitor, cookies: &CookieJar) -> Result<Option<HalfIn>, Problem> {
    match cookies.get(SESSION_COOKIE) {
        Some(cookie) => Ok(visitor.app.installation.half_in(cookie.value()).await?),
        None => Ok(None),
    }
}

/// Whoever does not stand there begins with the first step.
fn first_step() -> Response {
    Redirect::to("/login").into_response()
}

async fn ask_code(
    visitor: Visitor,
    cookies: CookieJar,
    Query(typed): Query<Next>,
) -> Result<Response, Problem> {
    match half_in(&visitor, &cookies).await? {
        Some(_) => render(&CodePage {
            next: typed.next,
            ..CodePage::new(&visitor)
        }),
        None => Ok(first_step()),
    }
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    carried: String,
}

async fn show_code(
    visitor: Visitor,
    Address(address): Address,
    cookies: CookieJar,
    Form(typed): Form<Code>,
) -> Result<Response, Problem> {
    let Some(half) = half_in(&visitor, &cookies).await? else {
        return Ok(first_step());
    };
    let installation = &visitor.app.installation;
    match installation.show_code(&half, &typed.code, &address).await {
        Ok(signed_in) => go_on(&visitor, cookies, &signed_in, &typed.next, &typed.carried).await,
        Err(failure) => once_more(&CodePage {
            next: typed.next,
            refused: Some(Refused::of(failure, visitor.language)?),
            carried: Carried::of(typed.carried.as_bytes()),
            ..CodePage::new(&visitor)
        }),
    }
}

/// What the script sends when a passkey was shown.
#[derive(Deserialize)]
struct Shown {
    credential: Value,
    #[serde(default)]
    next: String,
}

async fn ask_passkey(visitor: Visitor, cookies: CookieJar) -> Result<Response, Problem> {
    let site = Site::of_origin(&visitor.origin).ok_or(Problem::NotFound)?;
    let half = half_in(&visitor, &cookies).await?;
    let half = half.ok_or(Problem::NotFound)?;
    let options = visitor.app.installation.ask_passkey(&site, &half).await?;
    Ok(Json(options).into_response())
}

async fn show_passkey(
    visitor: Visitor,
    cookies: CookieJar,
    Body(shown): Body<Shown>,
) -> Result<Response, Problem> {
    let site = Site::of_origin(&visitor.origin).ok_or(Problem::NotFound)?;
    let half = half_in(&visitor, &cookies).await?;
    let half = half.ok_or(Problem::NotFound)?;
    let installation = &visitor.app.installation;
    let signed_in = installation.show_passkey(&site, &half, shown.credential);
    let cookies = with_session(&visitor.app, cookies, &signed_in.await?);
    let next = json!({ "next": own_path(&shown.next) });
    Ok((cookies, Json(next)).into_response())
}

async fn ask_any_passkey(
    visitor: Visitor,
    Address(address): Address,
    cookies: CookieJar,
) -> Result<Response, Problem> {
    let site = Site::of_origin(&visitor.origin).ok_or(Problem::NotFound)?;
    let installation = &visitor.app.installation;
    let (options, id) = installation.ask_any_passkey(&site, &address).await?;
    let cookies = cookies.add(session_like(&visitor.app, PASSKEY_COOKIE, id));
    Ok((cookies, Json(options)).into_response())
}

async fn show_any_passkey(
    visitor: Visitor,
    cookies: CookieJar,
    Body(shown): Body<Shown>,
) -> Result<Response, Problem> {
    let site = Site::of_origin(&visitor.origin).ok_or(Problem::NotFound)?;
    let id = cookies.get(PASSKEY_COOKIE).ok_or(Problem::NotFound)?;
    let installation = &visitor.app.installation;
    let signed_in = installation.show_any_passkey(&site, id.value(), shown.credential);
    let cookies = with_session(&visitor.app, cookies.clone(), &signed_in.await?)
        .remove(Cookie::build(PASSKEY_COOKIE).path("/"));
    let next = json!({ "next": own_path(&shown.next) });
    Ok((cookies, Json(next)).into_response())
}

/// Asks who it is. What was sent is carried through, so that nothing typed is lost.
pub(crate) fn sign_in_first(visitor: &Visitor, method: &Method) -> Response {
    if visitor.wants_json {
        return explained(Problem::SignIn, visitor);
    }
    if method != Method::POST {
        let next: String = form_encoded("next", &visitor.place);
        return Redirect::to(&format!("/login?{next}")).into_response();
    }
    let next = visitor.place.clone();
    let page = render(&LoginPage {
        ended: true,
        carried: visitor.carried.get().cloned().unwrap_or_default(),
        ..LoginPage::new(visitor, next)
    });
    match page {
        Ok(page) => (StatusCode::UNAUTHORIZED, page).into_response(),
        Err(problem) => explained(problem, visitor),
    }
}

fn form_encoded(name: &str, value: &str) -> String {
    serde_html_form::to_string([(name, value)]).unwrap_or_default()
}

async fn sign_out(guest: Guest, cookies: CookieJar) -> Result<Response, Problem> {
    guest.app.installation.sign_out(&guest.entry).await?;
    let gone = Cookie::build(SESSION_COOKIE).path("/");
    Ok((cookies.remove(gone), Redirect::to("/login?done=signed_out")).into_response())
}
