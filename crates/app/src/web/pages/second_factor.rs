//! What the person shows beside the password: an authenticator, passkeys, recovery codes.

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use serde_json::{Value, json};

use super::doors::with_session;
use crate::usecase::failure::Failure;
use crate::usecase::passkeys::Site;
use crate::usecase::printing::qr;
use crate::usecase::second_factor::{Factors, PasskeyOf};
use crate::web::api::Body;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::{Guest, Visitor};

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/me/second-factor", show)
        .get("/me/second-factor/totp", offer)
        .post("/me/second-factor/totp", confirm)
        .post("/me/second-factor/totp/remove", remove_totp)
        .post("/me/second-factor/codes", new_codes)
        .post("/me/passkeys/options", begin_passkey)
        .post("/me/passkeys", finish_passkey)
        .post("/me/passkeys/{passkey}/remove", remove_passkey)
}

/// A passkey in the list.
struct PasskeyRow {
    id: String,
    name: String,
    made: String,
    used: String,
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct FactorsPage {
    page: Page,
    refused: Option<Refused>,
    factors: Factors,
    passkeys: Vec<PasskeyRow>,
    /// Nothing else may be done first.
    must_add: bool,
    /// Browsers make passkeys for this address.
    has_site: bool,
    /// Where they would, on this very machine.
    localhost: Option<String>,
}

impl FactorsPage {
    async fn new(guest: &Guest, failure: Option<Failure>) -> Result<Self, Problem> {
        let factors = guest.app.installation.factors(&guest.entry).await?;
        let refused = failure.map(|failure| Refused::of(failure, guest.language));
        let passkeys = factors.passkeys.iter();
        Ok(Self {
            page: guest.page("factor.title"),
            refused: refused.transpose()?,
            passkeys: passkeys
                .map(|passkey| passkey_row(guest, passkey))
                .collect(),
            must_add: guest.entry.must_add_second_factor,
            has_site: Site::of_origin(&guest.origin).is_some(),
            localhost: localhost(&guest.origin),
            factors,
        })
    }
}

fn passkey_row(visitor: &Visitor, passkey: &PasskeyOf) -> PasskeyRow {
    let words = visitor.words();
    let unnamed = || visitor.words().get("factor.passkey_unnamed").to_owned();
    let never = || visitor.words().get("factor.passkey_never").to_owned();
    PasskeyRow {
        id: passkey.id.clone(),
        name: Some(passkey.name.clone())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(unnamed),
        made: words.moment(passkey.created_at),
        used: passkey
            .last_used_at
            .map_or_else(never, |at| words.moment(at)),
    }
}

/// The same machine by a name for which browsers make passkeys.
fn localhost(origin: &str) -> Option<String> {
    let port = origin.strip_prefix("http://127.0.0.1")?;
    Some(format!("http://localhost{port}/me/second-factor"))
}

async fn show(guest: Guest) -> Result<Response, Problem> {
    render(&FactorsPage::new(&guest, None).await?)
}

#[derive(Template)]
#[template(path = "totp.html")]
struct TotpPage {
    page: Page,
    refused: Option<Refused>,
    qr: String,
    secret: String,
    url: String,
}

async fn offer(guest: Guest) -> Result<Response, Problem> {
    totp_page(&guest, None).await
}

async fn totp_page(guest: &Guest, refused: Option<Refused>) -> Result<Response, Problem> {
    let offer = match guest.app.installation.offer_totp(&guest.entry).await {
        Ok(offer) => offer,
        Err(failure) => {
            return once_more(&FactorsPage::new(guest, Some(failure)).await?);
        }
    };
    let is_refused = refused.is_some();
    let page = TotpPage {
        page: guest.page("factor.totp_title"),
        refused,
        qr: qr("totp", guest.words().get("factor.qr"), &offer.url)?,
        secret: offer.secret,
        url: offer.url,
    };
    match is_refused {
        true => once_more(&page),
        false => render(&page),
    }
}

#[derive(Deserialize)]
struct TypedCode {
    #[serde(default)]
    code: String,
}

/// The recovery codes, shown this once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    page: Page,
    login: String,
    codes: Vec<String>,
    made_on: String,
}

fn codes_page(guest: &Guest, codes: Vec<String>) -> CodesPage {
    let now = guest.app.installation.settings.clock.now();
    let today = sonae_domain::era::day_in_japan(now);
    CodesPage {
        page: guest.page("factor.codes_title"),
        login: guest.person().login.clone(),
        codes,
        made_on: guest.words().day(today),
    }
}

async fn confirm(
    guest: Guest,
    cookies: CookieJar,
    Form(typed): Form<TypedCode>,
) -> Result<Response, Problem> {
    let installation = &guest.app.installation;
    match installation.confirm_totp(&guest.entry, &typed.code).await {
        Ok(added) => {
            let cookies = with_session(&guest.app, cookies, &added.signed_in);
            let page = match added.recovery_codes.is_empty() {
                true => Redirect::to("/me/second-factor?done=factor_added").into_response(),
                false => render(&codes_page(&guest, added.recovery_codes))?,
            };
            Ok((cookies, page).into_response())
        }
        Err(failure) => {
            let refused = Refused::of(failure, guest.language)?;
            totp_page(&guest, Some(refused)).await
        }
    }
}

#[derive(Deserialize)]
struct TypedPassword {
    #[serde(default)]
    password: String,
}

/// Back to the page after a change, or the page once more.
async fn after(guest: &Guest, done: Result<(), Failure>, key: &str) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/me/second-factor?done={key}")).into_response()),
        Err(failure) => once_more(&FactorsPage::new(guest, Some(failure)).await?),
    }
}

async fn remove_totp(guest: Guest, Form(typed): Form<TypedPassword>) -> Result<Response, Problem> {
    let installation = &guest.app.installation;
    let removed = installation
        .remove_totp(&guest.entry, &typed.password)
        .await;
    after(&guest, removed, "factor_removed").await
}

async fn new_codes(guest: Guest, Form(typed): Form<TypedPassword>) -> Result<Response, Problem> {
    let installation = &guest.app.installation;
    match installation
        .new_recovery_codes(&guest.entry, &typed.password)
        .await
    {
        Ok(codes) => render(&codes_page(&guest, codes)),
        Err(failure) => once_more(&FactorsPage::new(&guest, Some(failure)).await?),
    }
}

async fn begin_passkey(guest: Guest) -> Result<Response, Problem> {
    let site = Site::of_origin(&guest.origin).ok_or(Problem::NotFound)?;
    let options = guest.app.installation.begin_passkey(&site, &guest.entry);
    Ok(Json(options.await?).into_response())
}

/// What the script sends when a passkey was made.
#[derive(Deserialize)]
struct Made {
    #[serde(default)]
    name: String,
    credential: Value,
}

async fn finish_passkey(
    guest: Guest,
    cookies: CookieJar,
    Body(made): Body<Made>,
) -> Result<Response, Problem> {
    let site = Site::of_origin(&guest.origin).ok_or(Problem::NotFound)?;
    let installation = &guest.app.installation;
    let kept = installation.finish_passkey(&site, &guest.entry, &made.name, made.credential);
    let cookies = with_session(&guest.app, cookies, &kept.await?);
    let next = json!({ "next": "/me/second-factor?done=passkey_added" });
    Ok((cookies, Json(next)).into_response())
}

async fn remove_passkey(
    guest: Guest,
    Path(passkey): Path<String>,
    Form(typed): Form<TypedPassword>,
) -> Result<Response, Problem> {
    let installation = &guest.app.installation;
    let removed = installation.remove_passkey(&guest.entry, &passkey, &typed.password);
    let removed = removed.await;
    after(&guest, removed, "factor_removed").await
}
