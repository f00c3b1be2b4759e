//! 証拠: what there is, uploads with their dry run, one piece with everything read in it.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{Form, Query};
use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::evidence::{Finding, Severity};
use sonae_domain::ids::EvidenceId;
use sonae_domain::labels::Label;

use crate::usecase::documents::DocumentView;
use crate::usecase::evidence::{EvidenceList, EvidenceView, LINES_A_PAGE, ROWS_SHOWN_MAX};
use crate::usecase::import::Imported;
use crate::usecase::pending::FILES_MAX;
use crate::usecase::reader_process::FILE_BYTES_MAX;
use crate::usecase::uploads::{ChosenUpload, DryRun, Settled};
use crate::web::files::{Upload, attachment};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

/// Two files of the largest kind, or the bundles of a whole clinic.
const UPLOAD_BYTES_MAX: usize = 2 * FILE_BYTES_MAX as usize;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/evidence", list)
        .upload("/evidence/upload", UPLOAD_BYTES_MAX, upload)
        .get("/evidence/review", review)
        .post("/evidence/review", record)
        .post("/evidence/review/drop", drop_all)
        .get("/evidence/{id}", show)
        .get("/evidence/{id}/raw", raw)
}

#[derive(Template)]
#[template(path = "evidence.html")]
struct ListPage {
    page: Page,
    list: EvidenceList,
    documents: Vec<DocumentView>,
    search: String,
    at: usize,
    today: Date,
    /// Uploads that could not be kept.
    refused: Vec<String>,
    may_change: bool,
}

impl ListPage {
    fn n_pages(&self) -> usize {
        self.list.n_current.div_ceil(LINES_A_PAGE).max(1)
    }

    /// Numbers of the pages before and behind, counted from 1.
    fn before(&self) -> Option<usize> {
        (self.at > 0).then_some(self.at)
    }

    fn behind(&self) -> Option<usize> {
        (self.at + 1 < self.n_pages()).then_some(self.at + 2)
    }

    fn file_mib_max(&self) -> u64 {
        FILE_BYTES_MAX / 1024 / 1024
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Search {
    q: String,
    /// Counts from 1.
    page: usize,
}

async fn list(visit: Visit, Query(typed): Query<Search>) -> Result<Response, Problem> {
    list_page(&visit, typed, Vec::new()).await
}

async fn list_page(
    visit: &Visit,
    typed: Search,
    refused: Vec<String>,
) -> Result<Response, Problem> {
    let at = typed.page.saturating_sub(1);
    render(&ListPage {
        page: visit.page("evidence.title"),
        list: visit.workspace.evidence_list(&typed.q, at).await?,
        documents: visit.workspace.documents().await?,
        search: typed.q,
        at,
        today: visit.workspace.today,
        refused,
        may_change: visit.may_change(),
    })
}

async fn refused_list(visit: &Visit, refused: Vec<String>) -> Result<Response, Problem> {
    let page = list_page(visit, Search::default(), refused).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Keeps what was sent and leads to its dry run, which may be looked at again.
async fn upload(visit: Visit, sent: Upload) -> Result<Response, Problem> {
    let account = &visit.person().account;
    let (mut tokens, mut refused) = (Vec::new(), Vec::new());
    if sent.files.len() > FILES_MAX {
        let words = visit.words();
        let too_many = words.with("evidence.too_many", &[("n", &FILES_MAX)]);
        return refused_list(&visit, vec![too_many]).await;
    }
    for file in sent.files {
        let kept = visit.workspace.keep_upload(account, &file.name, file.bytes);
        match kept.await {
            Ok(token) => tokens.push(token),
            Err(failure) => refused.push(failure.refusal()?.get(visit.language).to_owned()),
        }
    }
    if tokens.is_empty() && refused.is_empty() {
        refused.push(visit.words().get("evidence.choose_first").to_owned());
    }
    if tokens.is_empty() {
        return refused_list(&visit, refused).await;
    }
    if !refused.is_empty() {
        return review_of_the_rest(&visit, tokens, refused).await;
    }
    let place = format!("/evidence/review?{}", uploads_query(&tokens));
    Ok(Redirect::to(&place).into_response())
}

/// The files that could be kept, and why the others could not.
async fn review_of_the_rest(
    visit: &Visit,
    tokens: Vec<String>,
    refused: Vec<String>,
) -> Result<Response, Problem> {
    let uploads = Uploads {
        upload: tokens,
        ..Uploads::default()
    };
    let runs = visit
        .workspace
        .dry_runs(&uploads.chosen(), visit.person())
        .await?;
    let page = render(&ReviewPage {
        page: visit.page("evidence.review_title"),
        runs,
        refused,
    })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

#[derive(Template)]
#[template(path = "evidence_review.html")]
struct ReviewPage {
    page: Page,
    runs: Vec<DryRun>,
    /// Files of the same upload that could not be kept.
    refused: Vec<String>,
}

impl ReviewPage {
    fn n_readable(&self) -> usize {
        self.runs.iter().filter(|run| run.outcome.is_ok()).count()
    }

    fn merge_figures(&self, counts: &[usize; 4]) -> Vec<(&'static str, usize)> {
        let keys = [
            "evidence.merge_new",
            "evidence.merge_changed",
            "evidence.merge_same",
            "evidence.merge_held",
        ];
        keys.into_iter().zip(counts.iter().copied()).collect()
    }

    fn basis(&self, imported: &Imported) -> &'static str {
        imported.effective.1.label(self.page.words.language)
    }

    fn is_unread(&self, finding: &Finding) -> bool {
        finding.severity == Severity::Unread
    }

    fn severity(&self, finding: &Finding) -> &'static str {
        finding.severity.label(self.page.words.language)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Uploads {
    upload: Vec<String>,
    /// One for each upload, in the same order.
    effective_on: Vec<String>,
    /// Those that no reader knows: shown again afterwards, to be kept as documents.
    left: Vec<String>,
}

impl Uploads {
    fn chosen(&self) -> Vec<ChosenUpload> {
        let days = self.effective_on.iter().map(String::as_str);
        let days = days.chain(std::iter::repeat(""));
        let chosen = self.upload.iter().zip(days);
        chosen
            .map(|(token, effective_on)| ChosenUpload {
                token: token.clone(),
                effective_on: effective_on.to_owned(),
            })
            .collect()
    }
}

async fn review(visit: Visit, Query(typed): Query<Uploads>) -> Result<Response, Problem> {
    let runs = visit
        .workspace
        .dry_runs(&typed.chosen(), visit.person())
        .await?;
    if runs.is_empty() {
        return Err(Problem::NotFound);
    }
    render(&ReviewPage {
        page: visit.page("evidence.review_title"),
        runs,
        refused: Vec::new(),
    })
}

/// Records what the person has seen. What is refused is shown again; a second press finds nothing
/// left to do.
async fn record(visit: Visit, Form(typed): Form<Uploads>) -> Result<Response, Problem> {
    let uploads = typed.chosen();
    let person = visit.person();
    let settled = visit.workspace.record_uploads(&uploads, person).await?;
    if settled.waiting.is_empty() {
        return Ok(Redirect::to(&place_after(&settled, &typed.left)).into_response());
    }
    let (waiting, reasons): (Vec<_>, Vec<_>) = settled.waiting.into_iter().unzip();
    let left = Uploads {
        upload: typed.left,
        ..Uploads::default()
    };
    let shown = [waiting.clone(), left.chosen()].concat();
    let mut runs = visit.workspace.dry_runs(&shown, person).await?;
    for run in &mut runs {
        let at = waiting.iter().position(|upload| *upload == run.upload);
        run.refused = at.and_then(|at| reasons.get(at).cloned());
    }
    let page = render(&ReviewPage {
        page: visit.page("evidence.review_title"),
        runs,
        refused: Vec::new(),
    })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Where the person goes on: to files that are left, to the one piece, or to the list.
fn place_after(settled: &Settled, left: &[String]) -> String {
    let done = match (settled.n_new, settled.n_older, settled.n_known) {
        (0, 0, 0) => "upload_settled",
        (0, 0, _) => "evidence_known",
        (0, _, _) => "evidence_older",
        _ => "evidence_recorded",
    };
    match (left, &settled.ids[..]) {
        ([], [id]) => format!("/evidence/{id}?done={done}"),
        ([], _) => format!("/evidence?done={done}"),
        (left, _) => format!("/evidence/review?{}&done={done}", uploads_query(left)),
    }
}

fn uploads_query(tokens: &[String]) -> String {
    let fields: Vec<_> = tokens.iter().map(|token| ("upload", token)).collect();
    serde_html_form::to_string(fields).unwrap_or_default()
}

async fn drop_all(visit: Visit, Form(typed): Form<Uploads>) -> Result<Response, Problem> {
    let account = &visit.person().account;
    for token in typed.upload.iter().chain(&typed.left) {
        visit.workspace.drop_upload(account, token).await?;
    }
    Ok(Redirect::to("/evidence?done=upload_dropped").into_response())
}

#[derive(Template)]
#[template(path = "evidence_show.html")]
struct ShowPage {
    page: Page,
    view: EvidenceView,
}

impl ShowPage {
    fn basis(&self) -> &'static str {
        let basis = self.view.line.evidence.effective_basis;
        basis.label(self.page.words.language)
    }

    fn rows_shown_max(&self) -> usize {
        ROWS_SHOWN_MAX
    }

    fn is_unread(&self, finding: &Finding) -> bool {
        finding.severity == Severity::Unread
    }

    fn severity(&self, finding: &Finding) -> &'static str {
        finding.severity.label(self.page.words.language)
    }
}

async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let view = visit.workspace.evidence_view(&EvidenceId::new(id)).await?;
    render(&ShowPage {
        page: visit.page_named(view.line.evidence.file_name.as_str()),
        view,
    })
}

async fn raw(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = EvidenceId::new(id);
    let (evidence, _) = visit.workspace.evidence_record(&id).await?;
    let bytes = visit.workspace.raw(&id).await?;
    let mut response = attachment(&evidence.file_name, "application/octet-stream", bytes);
    // A browser that shows it all the same runs nothing in it.
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    Ok(response)
}
