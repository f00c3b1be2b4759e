//! A request as a file: one page that a vendor opens in any browser without a network, and the answer
//! that it saves, which comes back here.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use sonae_domain::ids::RecordId;
use sonae_domain::labels::Language;
use sonae_domain::vendor_file::AnswerFile;

use super::vendor_form::{FormFields, Mended};
use super::vendor_requests::{path_of, refuse};
use crate::usecase::answer_file::Returned;
use crate::usecase::register_forms::Typed;
use crate::web::assets;
use crate::web::files::{Upload, attachment};
use crate::web::page::{Page, Theme};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;
use crate::web::words::Words;

/// 1 MiB: enough for a wrong file to be told from one that is merely too long.
const UPLOAD_BYTES_MAX: usize = 1024 * 1024;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/requests/{record}/request.html", request)
        .get(
            "/settings/requests/{record}/request.sonae",
            request_for_programs,
        )
        .upload("/settings/requests/{record}/file", UPLOAD_BYTES_MAX, take)
}

#[derive(Template)]
#[template(path = "vendor_file.html")]
struct FilePage {
    page: Page,
    /// What the browser may do with the file: run our script, and nothing that needs a network.
    policy: String,
    style: String,
    script: String,
    institution: String,
    vendor: String,
    systems: String,
    due_on: String,
    /// Nothing of a file that was just made is wrong.
    mended: Mended,
    fields: FormFields,
    answer: AnswerFile,
}

/// Always in Japanese, as the letter is.
async fn request(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let workspace = Arc::clone(&visit.workspace);
    let view = workspace.vendor_request(&RecordId::new(record)).await?;
    if view.closed().is_some() {
        return Ok(Redirect::to(&path_of(&view.id)).into_response());
    }
    let words = Words::of(Language::Ja);
    let questions = workspace.questions(&view).await?;
    let script = assets::text("request-file.js");
    let hash = STANDARD.encode(Sha256::digest(&script));
    let page = FilePage {
        page: Page {
            words,
            theme: Theme::Auto,
            ..visit.page_named(words.get("requests.file_title"))
        },
        policy: format!(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
             base-uri 'none'; form-action 'none'"
        ),
        style: assets::text("sonae.css"),
        script,
        institution: workspace.institution.name.clone(),
        vendor: view.vendor.clone(),
        systems: view.systems.join(words.get("people.between")),
        due_on: words.day(view.request.due_on),
        mended: Mended::default(),
        fields: FormFields::of(
            &questions,
            &Typed::default(),
            workspace.today,
            words.language,
        ),
        answer: workspace.empty_answer(&view),
    };
    let name = format!(
        "request-{}-{}.html",
        view.request.edition, view.request.made_on
    );
    let html = page.render()?.into_bytes();
    Ok(attachment(&name, "text/html; charset=utf-8", html))
}

/// The same for a program of the vendor.
async fn request_for_programs(
    visit: Visit,
    Path(record): Path<String>,
) -> Result<Response, Problem> {
    let view = visit
        .workspace
        .vendor_request(&RecordId::new(record))
        .await?;
    if view.closed().is_some() {
        return Ok(Redirect::to(&path_of(&view.id)).into_response());
    }
    let file = visit.workspace.request_file(&view).await?;
    let name = format!("request-{}.sonae", view.id);
    Ok(attachment(&name, "application/json", file))
}

/// Takes the file in that the vendor sent back.
async fn take(
    visit: Visit,
    Path(record): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    let view = visit.workspace.vendor_request(&id).await?;
    let by = &visit.person().name;
    let answered_by = upload.text("answered_by").to_owned();
    let file = upload.files.into_iter().next();
    let (name, bytes) = file.map(|file| (file.name, file.bytes)).unwrap_or_default();
    let returned = Returned {
        name,
        bytes,
        answered_by,
    };
    match visit.workspace.take_answer_file(&view, returned, by).await {
        Ok(()) => {
            let place = format!("{}?done=request_answered", path_of(&id));
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => refuse(&visit, &id, failure).await,
    }
}
