//! 設定 > メール: whether and how an institution is reminded by mail.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;

use crate::usecase::failure::Failure;
use crate::usecase::mail::{Encryption, MailSettings};
use crate::usecase::registers::Saved;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::once_more;
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
    /// Somebody else changed it meanwhile: label and value.
    theirs: Option<Vec<(&'static str, String)>>,
    typed: MailSettings,
    /// Names the state that the person saw.
    seen: String,
    /// Mail is set up.
    is_kept: bool,
    /// Whose password the environment holds: server and user.
    login: Option<(String, String)>,
}

impl Mail {
    /// The page with what was typed, over what is kept.
    fn new(visit: &Visit, typed: MailSettings, kept: Option<&MailSettings>) -> Self {
        let login = visit.app.installation.settings.mail_login.as_ref();
        Self {
            page: visit.page("mail.title"),
            refused: None,
            theirs: None,
            typed,
            seen: MailSettings::seen(kept),
            is_kept: kept.is_some(),
            login: login.map(|login| (login.host.clone(), login.user.clone())),
        }
    }

    fn encryptions(&self) -> [(Encryption, &'static str); 3] {
        [
            (Encryption::Starttls, self.page.w("mail.starttls")),
            (Encryption::Tls, self.page.w("mail.tls")),
            (Encryption::None, self.page.w("mail.plain")),
        ]
    }
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    let kept = visit.workspace.mail_settings().await?;
    let typed = kept.clone().unwrap_or_else(|| MailSettings {
        web_address: visit.visitor.origin.clone(),
        ..MailSettings::default()
    });
    let refused = visit.workspace.mail_login_refused(&typed);
    let refused = refused.map(|failure| failure.text.get(visit.language).to_owned());
    render(&Mail {
        refused,
        ..Mail::new(&visit, typed, kept.as_ref())
    })
}

#[derive(Deserialize)]
struct Typed {
    #[serde(flatten)]
    settings: MailSettings,
    #[serde(default)]
    seen: String,
}

async fn save(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Problem> {
    let Typed { settings, seen } = typed;
    let by = &visit.person().name;
    let saved = visit
        .workspace
        .save_mail_settings(&settings, &seen, by)
        .await;
    match saved {
        Ok(Saved::Done | Saved::Same) => {
            Ok(Redirect::to("/settings/mail?done=saved").into_response())
        }
        Ok(Saved::Conflict(theirs)) => once_more(&Mail {
            theirs: Some(said(&visit, theirs.as_ref())),
            ..Mail::new(&visit, settings, theirs.as_ref())
        }),
        Err(failure) => refused(&visit, settings, Some(seen), failure).await,
    }
}

/// What somebody else made of it, in words.
fn said(visit: &Visit, theirs: Option<&MailSettings>) -> Vec<(&'static str, String)> {
    let words = visit.words();
    let Some(theirs) = theirs else {
        return vec![(words.get("mail.title"), words.get("mail.off").to_owned())];
    };
    let encryption = match theirs.encryption {
        Encryption::Starttls => "mail.starttls",
        Encryption::Tls => "mail.tls",
        Encryption::None => "mail.plain",
    };
    [
        ("mail.host", &*theirs.host),
        ("mail.port", &*theirs.port),
        ("mail.encryption", words.get(encryption)),
        ("mail.user", &*theirs.user),
        ("mail.from", &*theirs.from),
        ("mail.to", &*theirs.to),
        ("mail.web_address", &*theirs.web_address),
    ]
    .map(|(label, value)| (words.get(label), value.to_owned()))
    .into()
}

async fn send_test(visit: Visit) -> Result<Response, Problem> {
    let Err(failure) = visit.workspace.send_test_mail().await else {
        return Ok(Redirect::to("/settings/mail?done=mail_sent").into_response());
    };
    let kept = visit.workspace.mail_settings().await?;
    refused(&visit, kept.unwrap_or_default(), None, failure).await
}

/// The page again, with what was typed over the state that the person saw, and why it was refused.
async fn refused(
    visit: &Visit,
    typed: MailSettings,
    seen: Option<String>,
    failure: Failure,
) -> Result<Response, Problem> {
    let why = failure.refusal()?.get(visit.language).to_owned();
    let kept = visit.workspace.mail_settings().await?;
    let page = Mail::new(visit, typed, kept.as_ref());
    once_more(&Mail {
        refused: Some(why),
        seen: seen.unwrap_or_else(|| page.seen.clone()),
        ..page
    })
}

async fn stop(visit: Visit) -> Result<Redirect, Problem> {
    visit.workspace.stop_mail(&visit.person().name).await?;
    Ok(Redirect::to("/settings/mail?done=mail_stopped"))
}
