//! Editions of the checklist: which there are, what the newest changed, a new one from the official
//! workbook with its dry run, and publishing. Importing is for whoever runs the installation.

use askama::Template;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sonae_domain::edition::EditionStatus;
use sonae_domain::labels::Label;

use crate::usecase::editions::{CellRole, EditionDraft};
use crate::usecase::failure::{Failure, FailureKind};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::Visit;

/// The largest official workbook has 200 KiB.
const WORKBOOKS_BYTES_MAX: usize = 10 * 1024 * 1024;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/editions", show)
        .upload("/settings/editions", WORKBOOKS_BYTES_MAX, import)
        .post("/settings/editions/keep", keep)
        .post("/settings/editions/publish", publish)
}

/// An edition in the list.
struct EditionRow {
    id: String,
    label: String,
    issuer: String,
    status: &'static str,
    /// The newest usable one.
    is_in_use: bool,
    /// Label and how many rows.
    forms: Vec<(String, usize)>,
    remark: String,
}

/// What a workbook was read as.
struct DraftShown {
    id: String,
    label: String,
    n_items: usize,
    /// Document and whether it is an official file that we know.
    sources: Vec<(String, Option<String>)>,
    /// Place, what it was taken for, text.
    understood: Vec<(String, &'static str, String)>,
    /// Place and text of rows that nobody explained; with one of them nothing is kept.
    unexplained: Vec<(String, String)>,
    /// The files, which wait for the person's yes; none where there is nothing to say yes to.
    uploads: Vec<String>,
    /// It was kept as a draft, with so many rows that only a person can map.
    kept: Option<usize>,
}

#[derive(Template)]
#[template(path = "editions.html")]
struct EditionsPage {
    page: Page,
    refused: Option<Refused>,
    rows: Vec<EditionRow>,
    drafts: Vec<String>,
    read: Option<DraftShown>,
    is_operator: bool,
}

impl EditionsPage {
    async fn new(visit: &Visit) -> Result<Self, Problem> {
        let drafts = visit.workspace.drafts().await?;
        Ok(Self {
            page: visit.page("settings.editions"),
            refused: None,
            rows: rows(visit),
            drafts: drafts.iter().map(ToString::to_string).collect(),
            read: None,
            is_operator: visit.person().is_operator,
        })
    }
}

fn rows(visit: &Visit) -> Vec<EditionRow> {
    let catalog = &visit.workspace.catalog;
    let newest = catalog.newest_edition().map(|newest| &newest.head.id);
    let all = catalog.editions.values().rev();
    all.map(|edition| {
        let head = &edition.head;
        let forms = head.forms.iter();
        EditionRow {
            id: head.id.to_string(),
            label: head.label.clone(),
            issuer: head.issuer.clone(),
            status: head.status.label(visit.language),
            is_in_use: newest == Some(&head.id) && head.status != EditionStatus::Draft,
            forms: forms
                .map(|form| (form.label.clone(), edition.items_of(&form.id).count()))
                .collect(),
            remark: head.remark.get(visit.language).to_owned(),
        }
    })
    .collect()
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    render(&EditionsPage::new(&visit).await?)
}

/// Keeps the workbooks of a form until the person has seen what they say.
async fn keep_uploads(visit: &Visit, mut form: Multipart) -> Result<Vec<String>, Problem> {
    let broken = |error: MultipartError| Problem::Status(error.status());
    let (workspace, account) = (&visit.workspace, &visit.person().account);
    let mut uploads = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.file_name().unwrap_or_default().to_owned();
        if !name.is_empty() {
            let bytes = field.bytes().await.map_err(broken)?.to_vec();
            uploads.push(workspace.keep_upload(account, &name, bytes).await?);
        }
    }
    Ok(uploads)
}

async fn drop_uploads(visit: &Visit, uploads: &[String]) -> Result<(), Problem> {
    for upload in uploads {
        let account = &visit.person().account;
        visit.workspace.drop_upload(account, upload).await?;
    }
    Ok(())
}

async fn import(visit: Visit, form: Multipart) -> Result<Response, Problem> {
    visit.operators_only()?;
    let uploads = keep_uploads(&visit, form).await?;
    let (workspace, account) = (&visit.workspace, &visit.person().account);
    match workspace.read_waiting_edition(account, &uploads).await {
        Ok(draft) => render(&EditionsPage {
            read: Some(DraftShown {
                uploads,
                ..shown(&visit, &draft)
            }),
            ..EditionsPage::new(&visit).await?
        }),
        Err(failure) => {
            drop_uploads(&visit, &uploads).await?;
            refuse(&visit, failure, None).await
        }
    }
}

/// The files of a dry run that a person says yes to.
#[derive(Deserialize)]
struct Seen {
    #[serde(default)]
    upload: Vec<String>,
}

async fn keep(visit: Visit, Form(seen): Form<Seen>) -> Result<Response, Problem> {
    visit.operators_only()?;
    let (workspace, account) = (&visit.workspace, &visit.person().account);
    let read = workspace.read_waiting_edition(account, &seen.upload);
    let draft = match read.await {
        Ok(draft) => draft,
        // Said yes to before, or the day after.
        Err(failure) if failure.kind == FailureKind::NotFound => {
            let settled = Redirect::to("/settings/editions?done=upload_settled");
            return Ok(settled.into_response());
        }
        Err(failure) => return refuse(&visit, failure, None).await,
    };
    let shown = shown(&visit, &draft);
    let by = &visit.person().name;
    match visit.workspace.keep_draft(&draft, by).await {
        Ok(kept) => {
            drop_uploads(&visit, &seen.upload).await?;
            render(&EditionsPage {
                read: Some(DraftShown {
                    kept: Some(kept.n_unmapped),
                    ..shown
                }),
                ..EditionsPage::new(&visit).await?
            })
        }
        Err(failure) => refuse(&visit, failure, Some(shown)).await,
    }
}

async fn refuse(
    visit: &Visit,
    failure: Failure,
    read: Option<DraftShown>,
) -> Result<Response, Problem> {
    once_more(&EditionsPage {
        refused: Some(Refused::of(failure, visit.language)?),
        read,
        ..EditionsPage::new(visit).await?
    })
}

fn shown(visit: &Visit, draft: &EditionDraft) -> DraftShown {
    let words = visit.words();
    let catalog = &visit.workspace.catalog;
    let sources = draft.head.sources.iter().map(|document| {
        let official = catalog.official_file(document);
        (
            document.title.clone(),
            official.map(|file| file.title.clone()),
        )
    });
    let understood = draft.understood.iter().map(|cell| {
        let place = &cell.place;
        let row = place.row.map(|row| row.to_string()).unwrap_or_default();
        let column = place.column.clone().unwrap_or_default();
        let sheet = place.part.clone().unwrap_or_default();
        let key = role_key(cell.what);
        (
            format!("{sheet} {column}{row}"),
            words.get(key),
            cell.text.clone(),
        )
    });
    let unexplained = draft.unexplained.iter();
    DraftShown {
        id: draft.head.id.to_string(),
        label: draft.head.label.clone(),
        n_items: draft.items.len(),
        sources: sources.collect(),
        understood: understood.collect(),
        unexplained: unexplained
            .map(|row| (format!("{} {}", row.sheet, row.row), row.cells.join(" | ")))
            .collect(),
        uploads: Vec::new(),
        kept: None,
    }
}

fn role_key(role: CellRole) -> &'static str {
    match role {
        CellRole::Title => "editions.role_title",
        CellRole::Label => "editions.role_label",
        CellRole::Note => "editions.role_note",
        CellRole::Header => "editions.role_header",
        CellRole::Section => "editions.role_section",
        CellRole::Group => "editions.role_group",
        CellRole::Number => "editions.role_number",
        CellRole::Item => "editions.role_item",
        CellRole::AnswerTemplate => "editions.role_answer",
        CellRole::Blank => "editions.role_blank",
    }
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    edition: String,
}

async fn publish(visit: Visit, Form(wanted): Form<Wanted>) -> Result<Response, Problem> {
    visit.operators_only()?;
    let by = &visit.person().name;
    match visit.workspace.publish_edition(&wanted.edition, by).await {
        Ok(()) => {
            visit.app.installation.reload_catalog().await?;
            Ok(Redirect::to("/settings/editions?done=published").into_response())
        }
        Err(failure) => refuse(&visit, failure, None).await,
    }
}
