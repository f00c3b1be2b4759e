//! 設定 > メール: whether and how an institution is reminded by mail.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;

use super::deadlines::own_address;
use crate::usecase::failure::Failure;
use crate::usecase::mail::{Encryption, MailSettings};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/mail", show)
        .post("/settings/mail", save)
        .post("/settings/mail/test", send_test)
        .post("/settings/mail/stop", stop)
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Mail {
    page: Page,
    refused: Option<String>,
    typed: MailSettings,
    /// Mail is set up.
    is_kept: bool,
    has_password: bool,
}

impl Mail {
    fn encryptions(&self) -> [(Encryption, &'static str); 3] {
        [
            (Encryption::Starttls, self.page.w("mail.starttls")),
            (Encryption::Tls, self.page.w("mail.tls")),
            (Encryption::None, self.page.w("mail.plain")),
        ]
    }
}

async fn show(visit: Visit, headers: HeaderMap) -> Result<Response, Problem> {
    let kept = visit.workspace.mail_settings().await?;
    let is_kept = kept.is_some();
    let typed = kept.unwrap_or_else(|| MailSettings {
        web_address: own_address(&visit.app, &headers),
        ..MailSettings::default()
    });
    page(&visit, typed, is_kept, None)
}

fn page(
    visit: &Visit,
    typed: MailSettings,
    is_kept: bool,
    refused: Option<String>,
) -> Result<Response, Problem> {
    render(&Mail {
        page: visit.page("mail.title"),
        refused,
        typed,
        is_kept,
        has_password: visit.app.installation.has_mail_password(),
    })
}

async fn save(visit: Visit, Form(typed): Form<MailSettings>) -> Result<Response, Problem> {
    let by = &visit.person().name;
    match visit.workspace.save_mail_settings(&typed, by).await {
        Ok(()) => Ok(Redirect::to("/settings/mail?done=saved").into_response()),
        Err(failure) => refused(&visit, typed, failure).await,
    }
}

async fn send_test(visit: Visit) -> Result<Response, Problem> {
    let Err(failure) = visit.workspace.send_test_mail().await else {
        return Ok(Redirect::to("/settings/mail?done=mail_sent").into_response());
    };
    let kept = visit.workspace.mail_settings().await?;
    refused(&visit, kept.unwrap_or_default(), failure).await
}

/// The page again, with what was typed and why it was refused.
async fn refused(
    visit: &Visit,
    typed: MailSettings,
    failure: Failure,
) -> Result<Response, Problem> {
    let why = failure.refusal()?.get(visit.language).to_owned();
    let is_kept = visit.workspace.mail_settings().await?.is_some();
    let page = page(visit, typed, is_kept, Some(why))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn stop(visit: Visit) -> Result<Redirect, Problem> {
    visit.workspace.stop_mail(&visit.person().name).await?;
    Ok(Redirect::to("/settings/mail?done=mail_stopped"))
}
