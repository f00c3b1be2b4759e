//! 書類・写真: evidence that only a person can judge, with the items it speaks about.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{Form, Query};
use serde::Deserialize;
use sonae_domain::ids::{ItemId, RecordId};

use crate::usecase::documents::{DocumentView, Saved, TypedDocument};
use crate::usecase::evidence::ItemLink;
use crate::usecase::failure::FailureKind;
use crate::usecase::reader_process::FILE_BYTES_MAX;
use crate::web::files::{Upload, opened_in_full};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

/// One file, and the fields around it.
const FORM_BYTES_MAX: usize = FILE_BYTES_MAX as usize + 256 * 1024;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/evidence/documents/new", new)
        .upload("/evidence/documents/save", FORM_BYTES_MAX, save)
        .get("/evidence/documents/{id}", show)
        .get("/evidence/documents/{id}/original", original)
        .get("/evidence/documents/{id}/edit", edit)
        .post("/evidence/documents/{id}/withdraw", withdraw)
}

#[derive(Template)]
#[template(path = "document_form.html")]
struct FormPage {
    page: Page,
    typed: TypedDocument,
    rows: Vec<(ItemId, ItemLink)>,
    /// Name of the file that is kept already.
    file_name: Option<String>,
    refused: Option<String>,
}

impl FormPage {
    fn is_chosen(&self, id: &ItemId) -> bool {
        self.typed.items.iter().any(|chosen| chosen == id.as_str())
    }

    fn file_mib_max(&self) -> u64 {
        FILE_BYTES_MAX / 1024 / 1024
    }
}

async fn form_page(
    visit: &Visit,
    typed: TypedDocument,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let title = match typed.seen {
        None => "documents.new_title",
        Some(_) => "documents.edit_title",
    };
    let file_name = match (&typed.upload, typed.seen) {
        (Some(token), _) => {
            let file = workspace
                .kept_upload(&visit.person().account, token)
                .await?;
            Some(file.name)
        }
        (None, Some(_)) => {
            let view = workspace
                .document(&RecordId::new(typed.id.as_str()))
                .await?;
            Some(view.evidence.file_name)
        }
        (None, None) => None,
    };
    render(&FormPage {
        page: visit.page(title),
        rows: workspace.items_for_documents()?,
        typed,
        file_name,
        refused,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Beginning {
    /// A file that could not be read as evidence.
    upload: Option<String>,
    /// The row from which the person came.
    item: Option<String>,
}

async fn new(visit: Visit, Query(beginning): Query<Beginning>) -> Result<Response, Problem> {
    let typed = TypedDocument {
        upload: beginning.upload,
        items: beginning.item.into_iter().collect(),
        ..visit.workspace.new_document()
    };
    form_page(&visit, typed, None).await
}

/// The document itself, as large as the screen.
async fn original(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let content = visit.workspace.document_content(&RecordId::new(id)).await;
    let (name, bytes) = content?;
    Ok(opened_in_full(&name, bytes))
}

async fn edit(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let view = visit.workspace.document(&RecordId::new(id)).await?;
    form_page(&visit, view.typed(), None).await
}

#[derive(Template)]
#[template(path = "document_conflict.html")]
struct ConflictPage {
    page: Page,
    theirs: DocumentView,
    yours: TypedDocument,
}

/// Saves a new document or a changed one. The file is kept before anything is looked at, so that a
/// refused form need not be filled again.
async fn save(visit: Visit, sent: Upload) -> Result<Response, Problem> {
    let mut typed = typed(&sent);
    if let Some(file) = sent.files.into_iter().next() {
        let account = &visit.person().account;
        let kept = visit.workspace.keep_upload(account, &file.name, file.bytes);
        match kept.await {
            Ok(token) => typed.upload = Some(token),
            Err(failure) => {
                let refused = failure.refusal()?.get(visit.language).to_owned();
                return refused_page(&visit, typed, refused).await;
            }
        }
    }
    match visit.workspace.save_document(&typed, visit.person()).await {
        Ok(Saved::Done | Saved::Same) => {
            let place = format!("/evidence/documents/{}?done=document_saved", typed.id);
            Ok(Redirect::to(&place).into_response())
        }
        Ok(Saved::Conflict(theirs)) => {
            let page = render(&ConflictPage {
                page: visit.page("documents.conflict_title"),
                theirs,
                yours: typed,
            })?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(failure) => {
            // What must not be stored does not wait here either.
            if failure.kind == FailureKind::NeverKept
                && let Some(token) = typed.upload.take()
            {
                let account = &visit.person().account;
                visit.workspace.drop_upload(account, &token).await?;
            }
            let refused = failure.refusal()?.get(visit.language).to_owned();
            refused_page(&visit, typed, refused).await
        }
    }
}

async fn refused_page(
    visit: &Visit,
    typed: TypedDocument,
    refused: String,
) -> Result<Response, Problem> {
    let page = form_page(visit, typed, Some(refused)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn typed(sent: &Upload) -> TypedDocument {
    let text = |field| sent.text(field).to_owned();
    TypedDocument {
        id: text("id"),
        seen: sent.text("seen").parse().ok(),
        upload: Some(text("upload")).filter(|token| !token.is_empty()),
        title: text("title"),
        items: sent.all("item").map(ToOwned::to_owned).collect(),
        effective_on: text("effective_on"),
        valid_until: text("valid_until"),
        note: text("note"),
    }
}

#[derive(Template)]
#[template(path = "document.html")]
struct ShowPage {
    page: Page,
    view: DocumentView,
    may_change: bool,
}

async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let view = visit.workspace.document(&RecordId::new(id)).await?;
    render(&ShowPage {
        page: visit.page_named(view.document.title.as_str()),
        view,
        may_change: visit.may_change(),
    })
}

#[derive(Debug, Deserialize)]
struct Seen {
    seen: i64,
}

async fn withdraw(
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<Seen>,
) -> Result<Response, Problem> {
    let id = RecordId::new(id);
    let workspace = &visit.workspace;
    match workspace
        .withdraw_document(&id, typed.seen, visit.person())
        .await?
    {
        Saved::Done | Saved::Same => {
            Ok(Redirect::to("/evidence?done=document_withdrawn").into_response())
        }
        // Somebody changed it: the person looks at it again before it goes.
        Saved::Conflict(view) => {
            let page = render(&ShowPage {
                page: visit.page_named(view.document.title.as_str()),
                view,
                may_change: true,
            })?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}
