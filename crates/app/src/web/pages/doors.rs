//! Before and around signing in: the first visit, sign in and out, language and theme.

use askama::Template;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, SameSite};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use sonae_domain::answer::InstitutionKind;
use sonae_domain::labels::Label;

use crate::usecase::doors::{NewHouse, SignedIn};
use crate::web::page::{Page, render};
use crate::web::problem::{Problem, explained};
use crate::web::routes::Doors;
use crate::web::visit::{Guest, LANGUAGE_COOKIE, SESSION_COOKIE, THEME_COOKIE, Visitor};
use crate::web::{App, assets};

/// What was typed while a session ended is carried through the sign-in up to this size.
const CARRIED_BYTES_MAX: usize = 256 * 1024;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/healthz", health)
        .get("/assets/{name}", assets::show)
        .post("/preferences", prefer)
        .get("/setup", setup)
        .post("/setup", set_up)
        .get("/login", login)
        .post("/login", sign_in)
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
        && !path.contains(['\\', '\r', '\n', '\t']);
    if own { path } else { "/" }.to_owned()
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    page: Page,
    code: String,
    refused: Option<String>,
    typed: NewHouse,
}

impl SetupPage {
    /// Kinds of institution: the word of the form's field, and what people call it.
    fn kinds(&self) -> [(&'static str, &'static str); 5] {
        [
            ("clinic", InstitutionKind::Clinic),
            ("dental_clinic", InstitutionKind::DentalClinic),
            ("pharmacy", InstitutionKind::Pharmacy),
            ("hospital", InstitutionKind::Hospital),
            ("birth_centre", InstitutionKind::BirthCentre),
        ]
        .map(|(word, kind)| (word, kind.label(self.page.words.language)))
    }
}

#[derive(Deserialize)]
struct SetupCode {
    #[serde(default)]
    code: String,
}

async fn setup(
    visitor: Visitor,
    axum::extract::Query(typed): axum::extract::Query<SetupCode>,
) -> Result<Response, Problem> {
    if !visitor.app.installation.is_new().await? {
        return Ok(Redirect::to("/").into_response());
    }
    render(&SetupPage {
        page: visitor.page("setup.title"),
        code: typed.code,
        refused: None,
        typed: NewHouse::default(),
    })
}

#[derive(Deserialize)]
struct SetupForm {
    #[serde(default)]
    code: String,
    #[serde(flatten)]
    house: NewHouse,
}

async fn set_up(
    visitor: Visitor,
    cookies: CookieJar,
    Form(typed): Form<SetupForm>,
) -> Result<Response, Problem> {
    let app = &visitor.app;
    let refused = match &app.setup_code {
        Some(code) if *code != typed.code => {
            Some(visitor.words().get("setup.wrong_code").to_owned())
        }
        _ => None,
    };
    let done = match refused {
        Some(refused) => Err(refused),
        None => match app.installation.set_up(&typed.house).await {
            Ok(signed_in) => Ok(signed_in),
            Err(failure) => Err(failure.refusal()?.get(visitor.language).to_owned()),
        },
    };
    match done {
        Ok(signed_in) => Ok(enter(app, cookies, signed_in, "/")),
        Err(refused) => {
            let page = render(&SetupPage {
                page: visitor.page("setup.title"),
                code: typed.code,
                refused: Some(refused),
                typed: typed.house,
            })?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The person is in: a new session, whatever the browser brought before.
fn enter(app: &App, cookies: CookieJar, signed_in: SignedIn, next: &str) -> Response {
    let cookie = session_like(app, SESSION_COOKIE, signed_in.token);
    (cookies.add(cookie), Redirect::to(&own_path(next))).into_response()
}

/// What a person sent before it turned out that they are not signed in.
#[derive(Debug, Clone, Default)]
struct Carried {
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    next: String,
    login: String,
    refused: Option<String>,
    carried: Carried,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn login(
    visitor: Visitor,
    axum::extract::Query(typed): axum::extract::Query<Next>,
) -> Result<Response, Problem> {
    if visitor.app.installation.is_new().await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    render(&LoginPage {
        page: visitor.page("login.title"),
        next: typed.next,
        login: String::new(),
        refused: None,
        carried: Carried::default(),
    })
}

#[derive(Deserialize)]
struct SignIn {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    carried: String,
}

async fn sign_in(
    visitor: Visitor,
    cookies: CookieJar,
    Form(typed): Form<SignIn>,
) -> Result<Response, Problem> {
    let app = &visitor.app;
    let said = app
        .installation
        .sign_in(&typed.login, &typed.password, &typed.code)
        .await;
    match said {
        Ok(signed_in) if typed.carried.is_empty() => {
            Ok(enter(app, cookies, signed_in, &typed.next))
        }
        Ok(signed_in) => resume(&visitor, cookies, signed_in, &typed),
        Err(failure) => {
            let refused = failure.refusal()?.get(visitor.language).to_owned();
            let page = render(&LoginPage {
                page: visitor.page("login.title"),
                next: typed.next,
                login: typed.login,
                refused: Some(refused),
                carried: Carried::of(typed.carried.as_bytes()),
            })?;
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "resume.html")]
struct ResumePage {
    page: Page,
    action: String,
    carried: Carried,
}

/// Shows what was typed before the session ended, to send it once more.
fn resume(
    visitor: &Visitor,
    cookies: CookieJar,
    signed_in: SignedIn,
    typed: &SignIn,
) -> Result<Response, Problem> {
    let page = render(&ResumePage {
        page: visitor.page("resume.title"),
        action: own_path(&typed.next),
        carried: Carried::of(typed.carried.as_bytes()),
    })?;
    let cookie = session_like(&visitor.app, SESSION_COOKIE, signed_in.token);
    Ok((cookies.add(cookie), page).into_response())
}

/// Asks who it is. What was sent is carried through, so that nothing typed is lost.
pub(crate) async fn sign_in_first(visitor: Visitor, request: Request) -> Response {
    if visitor.wants_json {
        return explained(Problem::SignIn, &visitor);
    }
    if request.method() != Method::POST {
        let next: String = form_encoded("next", &visitor.place);
        return Redirect::to(&format!("/login?{next}")).into_response();
    }
    let next = visitor.place.clone();
    let body = to_bytes(request.into_body(), CARRIED_BYTES_MAX).await;
    let carried = Carried::of(&body.unwrap_or_default());
    let page = render(&LoginPage {
        page: visitor.page("login.title"),
        next,
        login: String::new(),
        refused: Some(visitor.words().get("login.ended").to_owned()),
        carried,
    });
    match page {
        Ok(page) => (StatusCode::UNAUTHORIZED, page).into_response(),
        Err(problem) => explained(problem, &visitor),
    }
}

fn form_encoded(name: &str, value: &str) -> String {
    serde_html_form::to_string([(name, value)]).unwrap_or_default()
}

impl Carried {
    fn of(body: &[u8]) -> Self {
        let fields = serde_html_form::from_bytes(body).unwrap_or_default();
        Self { fields }
    }

    /// As one field of the sign-in form.
    fn encoded(&self) -> String {
        serde_html_form::to_string(&self.fields).unwrap_or_default()
    }
}

async fn sign_out(guest: Guest, cookies: CookieJar) -> Result<Response, Problem> {
    guest.app.installation.sign_out(&guest.entry).await?;
    let gone = Cookie::build(SESSION_COOKIE).path("/");
    Ok((cookies.remove(gone), Redirect::to("/login")).into_response())
}
