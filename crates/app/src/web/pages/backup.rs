//! 設定 > バックアップと復元: whoever runs the installation makes a backup and takes it along; for
//! everybody else what is told about it. Restoring needs the program stopped, so it stands here in
//! words only.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use sonae_domain::era;

use crate::usecase::backup::KeptBackup;
use crate::web::files::streamed;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::Refused;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/backup", show)
        .post("/settings/backup", make)
        .get("/settings/backup/file", take)
}

#[derive(Template)]
#[template(path = "backup.html")]
struct BackupPage {
    page: Page,
    refused: Option<Refused>,
    /// When the latest was made, and by whom.
    last: Option<String>,
    /// When one was taken along, and by whom.
    taken: Option<String>,
    is_untaken: bool,
    /// What whoever runs the installation may do; none for everybody else.
    operator: Option<KeptBackup>,
}

impl BackupPage {
    async fn new(visit: &Visit) -> Result<Self, Problem> {
        let kept = visit.app.installation.kept_backup().await?;
        let told = |(at, by): &(Timestamp, String)| {
            let at = visit.words().moment(*at);
            visit.words().with("people.by", &[("at", &at), ("by", by)])
        };
        Ok(Self {
            page: visit.page("settings.backup"),
            refused: None,
            last: kept.last.as_ref().map(told),
            taken: kept.taken.as_ref().map(told),
            is_untaken: kept.is_untaken,
            operator: visit.person().is_operator.then_some(kept),
        })
    }

    /// When the one that waits was made, and its size.
    fn waiting(&self) -> Option<String> {
        let (made_at, n_bytes) = self.operator.as_ref()?.waiting?;
        let page = &self.page;
        Some(format!(
            "{} ({})",
            page.words.moment(made_at),
            page.size(&n_bytes)
        ))
    }

    fn is_being_made(&self) -> bool {
        self.operator
            .as_ref()
            .is_some_and(|kept| kept.is_being_made)
    }
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    render(&BackupPage::new(&visit).await?)
}

async fn make(visit: Visit) -> Result<Response, Problem> {
    visit.operators_only()?;
    let installation = Arc::clone(&visit.app.installation);
    match installation.make_backup(&visit.person().name).await {
        Ok(_) => Ok(Redirect::to("/settings/backup?done=backup_made").into_response()),
        Err(failure) => {
            let page = render(&BackupPage {
                refused: Some(Refused::of(failure, visit.language)?),
                ..BackupPage::new(&visit).await?
            })?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn take(visit: Visit) -> Result<Response, Problem> {
    visit.operators_only()?;
    let by = &visit.person().name;
    let taken = visit.app.installation.take_backup(by).await?;
    let (file, made_at) = taken.ok_or(Problem::NotFound)?;
    let name = era::moment_in_japan(made_at).strftime("sonae-%Y-%m-%d-%H%M.zip");
    Ok(streamed(&name.to_string(), "application/zip", file))
}
