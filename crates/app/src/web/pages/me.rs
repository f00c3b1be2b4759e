//! What belongs to the person: name, password, sessions, tokens. The second factor has pages of its
//! own.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use sonae_domain::ids::TokenId;

use super::doors::with_session;
use crate::usecase::doors::OpenSession;
use crate::usecase::first_visit::day;
use crate::usecase::second_factor::Factors;
use crate::usecase::tokens::{NewToken, TokenOf};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::{Guest, Visit};
use crate::web::words::Words;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/me", show)
        .post("/me", rename)
        .get("/me/password", password)
        .post("/me/password", change_password)
        .post("/me/sessions/end", end_sessions)
        .post("/me/sessions/{session}/end", end_session)
        .get("/me/tokens", tokens)
        .post("/me/tokens", make_token)
        .post("/me/tokens/{token}/revoke", revoke_token)
}

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    page: Page,
    refused: Option<Refused>,
    name: String,
    login: String,
    /// In the institution of the session.
    roles: Vec<&'static str>,
    factors: Factors,
    sessions: Vec<SessionRow>,
}

/// A session of the person, in words.
struct SessionRow {
    id: String,
    begun: String,
    seen: String,
    is_this: bool,
}

impl MePage {
    async fn new(guest: &Guest, name: String) -> Result<Self, Problem> {
        let workspace = guest.entry.workspace.as_ref();
        let kind = workspace.map(|workspace| workspace.institution.kind);
        let roles = guest.entry.roles.iter();
        let (installation, words) = (&guest.app.installation, guest.words());
        let sessions = installation.open_sessions(&guest.entry).await?;
        let row = |session: OpenSession| SessionRow {
            id: session.id,
            begun: words.moment(session.begun_at),
            seen: words.moment(session.seen_at),
            is_this: session.is_this,
        };
        Ok(Self {
            page: guest.page("me.title"),
            refused: None,
            name,
            login: guest.person().login.clone(),
            roles: kind
                .map(|kind| roles.map(|role| role.title(kind, guest.language)).collect())
                .unwrap_or_default(),
            factors: installation.factors(&guest.entry).await?,
            sessions: sessions.into_iter().map(row).collect(),
        })
    }
}

async fn show(guest: Guest) -> Result<Response, Problem> {
    let name = guest.person().name.clone();
    render(&MePage::new(&guest, name).await?)
}

#[derive(Deserialize)]
struct TypedName {
    #[serde(default)]
    name: String,
}

async fn rename(guest: Guest, Form(typed): Form<TypedName>) -> Result<Response, Problem> {
    let renamed = guest.app.installation.rename(&guest.entry, &typed.name);
    match renamed.await {
        Ok(()) => Ok(Redirect::to("/me?done=saved").into_response()),
        Err(failure) => once_more(&MePage {
            refused: Some(Refused::of(failure, guest.language)?),
            ..MePage::new(&guest, typed.name).await?
        }),
    }
}

#[derive(Template)]
#[template(path = "me_password.html")]
struct PasswordPage {
    page: Page,
    login: String,
    refused: Option<Refused>,
}

impl PasswordPage {
    fn new(guest: &Guest, refused: Option<Refused>) -> Self {
        Self {
            page: guest.page("me.password"),
            login: guest.person().login.clone(),
            refused,
        }
    }
}

async fn password(guest: Guest) -> Result<Response, Problem> {
    render(&PasswordPage::new(&guest, None))
}

#[derive(Deserialize)]
struct TypedPasswords {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
}

async fn change_password(
    guest: Guest,
    cookies: CookieJar,
    Form(typed): Form<TypedPasswords>,
) -> Result<Response, Problem> {
    let installation = &guest.app.installation;
    let (former, new) = (&typed.password, &typed.new_password);
    match installation
        .change_password(&guest.entry, former, new)
        .await
    {
        Ok(signed_in) => {
            let cookies = with_session(&guest.app, cookies, &signed_in);
            Ok((cookies, Redirect::to("/me?done=password_changed")).into_response())
        }
        Err(failure) => {
            let refused = Refused::of(failure, guest.language)?;
            once_more(&PasswordPage::new(&guest, Some(refused)))
        }
    }
}

async fn end_sessions(guest: Guest) -> Result<Response, Problem> {
    let installation = &guest.app.installation;
    installation.sign_out_elsewhere(&guest.entry).await?;
    Ok(Redirect::to("/me?done=sessions_ended").into_response())
}

async fn end_session(guest: Guest, Path(session): Path<String>) -> Result<Response, Problem> {
    let installation = &guest.app.installation;
    installation.sign_out_there(&guest.entry, &session).await?;
    Ok(Redirect::to("/me?done=session_ended").into_response())
}

/// A token in words.
pub(crate) struct TokenRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scope: &'static str,
    pub(crate) is_over: bool,
    pub(crate) made: String,
    pub(crate) ends: String,
    pub(crate) used: String,
}

impl TokenRow {
    pub(crate) fn new(words: Words, token: TokenOf) -> Self {
        let never = || words.get("me.token_never").to_owned();
        Self {
            id: token.id.to_string(),
            name: token.name,
            scope: match (token.is_calendar, token.writes) {
                (true, _) => words.get("me.token_calendar"),
                (false, true) => words.get("me.token_write"),
                (false, false) => words.get("me.token_read"),
            },
            is_over: token.is_over,
            made: words.moment(token.made_at),
            ends: token.ends_on.map(|end| words.day(end)).unwrap_or_default(),
            used: token.last_used_at.map_or_else(never, |at| words.moment(at)),
        }
    }
}

#[derive(Template)]
#[template(path = "me_tokens.html")]
struct TokensPage {
    page: Page,
    refused: Option<Refused>,
    typed: TypedToken,
    rows: Vec<TokenRow>,
    /// Just made, shown this once.
    made: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct TypedToken {
    name: String,
    scope: String,
    ends_on: String,
}

impl TokensPage {
    async fn new(visit: &Visit, typed: TypedToken) -> Result<Self, Problem> {
        let words = visit.words();
        let tokens = visit.workspace.own_tokens(visit.person()).await?;
        let rows = tokens.into_iter().map(|token| TokenRow::new(words, token));
        Ok(Self {
            page: visit.page("me.tokens"),
            refused: None,
            typed,
            rows: rows.collect(),
            made: None,
        })
    }
}

async fn tokens(visit: Visit) -> Result<Response, Problem> {
    render(&TokensPage::new(&visit, TypedToken::default()).await?)
}

async fn make_token(visit: Visit, Form(typed): Form<TypedToken>) -> Result<Response, Problem> {
    let made = match day(&typed.ends_on, "ends_on") {
        Ok(ends_on) => {
            let new = NewToken {
                name: typed.name.clone(),
                writes: typed.scope == "write",
                ends_on,
            };
            visit.workspace.make_token(&new, visit.person()).await
        }
        Err(failure) => Err(failure),
    };
    match made {
        Ok(secret) => render(&TokensPage {
            made: Some(secret),
            ..TokensPage::new(&visit, TypedToken::default()).await?
        }),
        Err(failure) => once_more(&TokensPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..TokensPage::new(&visit, typed).await?
        }),
    }
}

async fn revoke_token(visit: Visit, Path(token): Path<String>) -> Result<Response, Problem> {
    let token = TokenId::new(token);
    visit
        .workspace
        .take_token_back(&token, visit.person())
        .await?;
    Ok(Redirect::to("/me/tokens?done=token_revoked").into_response())
}
