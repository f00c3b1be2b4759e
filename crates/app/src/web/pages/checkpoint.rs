//! 履歴の控え: the latest checkpoint to take along, a new one, and whether the history still holds, by
//! itself and against checkpoints that somebody kept.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};

use crate::usecase::apart::apart;
use crate::usecase::checkpoints::{self, HistoryVerdict, MadeCheckpoint};
use crate::web::files::{Upload, attachment};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::Visit;

const PATH: &str = "/history/checkpoint";

/// A signed checkpoint has a few hundred bytes, and the form around it some more.
const FORM_BYTES_MAX: usize = 64 * 1024;

const NOTE: &str = "text/plain; charset=utf-8";

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get(PATH, show)
        .post(PATH, make)
        .get("/history/checkpoint/note", note)
        .upload("/history/checkpoint/verify", FORM_BYTES_MAX, verify)
}

#[derive(Template)]
#[template(path = "checkpoint.html")]
struct CheckpointPage {
    page: Page,
    refused: Option<Refused>,
    /// The latest, with its QR code.
    latest: Option<(MadeCheckpoint, String)>,
    may_make: bool,
    /// The code that was typed to be compared.
    code: String,
    /// What was found out, if somebody asked.
    verdict: Option<HistoryVerdict>,
}

impl CheckpointPage {
    async fn new(visit: &Visit) -> Result<Self, Problem> {
        let latest = visit.workspace.latest_checkpoint().await?;
        let latest = latest.map(|made| made.qr().map(|qr| (made, qr)));
        Ok(Self {
            page: visit.page("checkpoint.title"),
            refused: None,
            latest: latest.transpose()?,
            may_make: visit.may_change(),
            code: String::new(),
            verdict: None,
        })
    }
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    render(&CheckpointPage::new(&visit).await?)
}

async fn make(visit: Visit) -> Result<Response, Problem> {
    let workspace = visit.workspace.clone();
    match apart(async move { workspace.checkpoint().await }).await {
        Ok(_) => Ok(Redirect::to("/history/checkpoint?done=checkpoint_made").into_response()),
        Err(failure) => once_more(&CheckpointPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..CheckpointPage::new(&visit).await?
        }),
    }
}

async fn note(visit: Visit) -> Result<Response, Problem> {
    let latest = visit.workspace.latest_checkpoint().await?;
    let made = latest.ok_or(Problem::NotFound)?;
    let name = format!("checkpoint-{}.txt", made.short_code);
    Ok(attachment(&name, NOTE, made.note.into_bytes()))
}

/// The whole history, and a checkpoint if one was typed or sent.
async fn verify(visit: Visit, sent: Upload) -> Result<Response, Problem> {
    let code = sent.text("code").trim().to_owned();
    let typed = (!code.is_empty()).then(|| checkpoints::read_sent(&code, &code));
    let files = sent.files.iter().map(|file| {
        let text = String::from_utf8_lossy(&file.bytes);
        checkpoints::read_sent(&file.name, &text)
    });
    let known = match typed
        .into_iter()
        .chain(files)
        .collect::<Result<Vec<_>, _>>()
    {
        Ok(known) => known,
        Err(failure) => {
            return once_more(&CheckpointPage {
                refused: Some(Refused::of(failure.at("code"), visit.language)?),
                code,
                ..CheckpointPage::new(&visit).await?
            });
        }
    };
    let workspace = visit.workspace.clone();
    let verdict = apart(async move { workspace.verify_history(&known).await }).await?;
    render(&CheckpointPage {
        code,
        verdict: Some(verdict),
        ..CheckpointPage::new(&visit).await?
    })
}
