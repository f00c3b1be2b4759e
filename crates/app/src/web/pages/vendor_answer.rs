//! A vendor answers: one page behind a one-time address, without an account. Saved as often as one
//! likes, handed in once, then to be printed. It shows one request and nothing else.

use askama::Template;
use axum::extract::{FromRequest, Path, Request};
use axum::response::Response;
use sonae_domain::vendor::AnswerSource;

use super::vendor_form::{FormFields, Mended};
use crate::usecase::failure::FailureKind;
use crate::usecase::register_forms::Typed;
use crate::usecase::vendor_answers::VendorVisit;
use crate::web::files::{SentFile, Upload};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::once_more;
use crate::web::routes::Doors;
use crate::web::visit::{Address, Visitor};

/// 16 MiB: disclosure statements with scanned pages. Less than whoever has an account may send.
const FORM_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/vendor/{code}", show)
        .upload("/vendor/{code}", FORM_BYTES_MAX, answer)
}

/// How far the vendor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Fill,
    Review,
    Done,
}

#[derive(Template)]
#[template(path = "vendor_answer.html")]
struct AnswerPage {
    page: Page,
    step: Step,
    code: String,
    institution: String,
    vendor: String,
    systems: String,
    due_on: String,
    ends_at: String,
    mended: Mended,
    fields: FormFields,
    /// Names of files that were sent already.
    documents: Vec<String>,
    was_saved: bool,
    /// Everything typed, to be sent once more with the review.
    typed: Vec<(String, String)>,
    keep: String,
}

impl AnswerPage {
    async fn of(
        visitor: &Visitor,
        visit: &VendorVisit,
        code: &str,
        typed: &Typed,
    ) -> Result<Self, Problem> {
        let (workspace, view) = (&visit.workspace, &visit.view);
        let words = visitor.words();
        let questions = workspace.questions(view).await?;
        let draft = visit.draft().await?;
        let documents = workspace.documents_named(&draft.documents).await?;
        let link = view.request.link.as_ref();
        let ends_at = link.map(|link| words.moment(link.ends_at));
        let all = typed.fields().iter();
        let all = all.flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        Ok(Self {
            page: visitor.page("vendor.title"),
            step: Step::Fill,
            code: code.to_owned(),
            institution: workspace.institution.name.clone(),
            vendor: view.vendor.clone(),
            systems: view.systems.join(words.get("people.between")),
            due_on: words.day(view.request.due_on),
            ends_at: ends_at.unwrap_or_default(),
            mended: Mended::default(),
            fields: FormFields::of(&questions, typed, workspace.today, visitor.language),
            documents: documents.into_iter().map(|(_, title)| title).collect(),
            was_saved: false,
            typed: all
                .filter(|(name, _)| *name != "go")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            keep: format!("vendor-{}", view.id),
        })
    }
}

async fn opened(visitor: &Visitor, code: &str, address: &str) -> Result<VendorVisit, Problem> {
    let installation = &visitor.app.installation;
    let visit = installation.vendor_visit(code, address).await;
    visit.map_err(|failure| match failure.kind {
        FailureKind::NotFound => Problem::LinkOver,
        _ => failure.into(),
    })
}

async fn show(
    visitor: Visitor,
    Address(address): Address,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let typed = Typed::from(visit.draft().await?.fields);
    render(&AnswerPage::of(&visitor, &visit, &code, &typed).await?)
}

/// Saves what was typed, shows it for review, or hands it in; whatever is refused comes back whole.
/// Nothing is read before the code has opened the door.
async fn answer(
    visitor: Visitor,
    Address(address): Address,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let sent = Upload::from_request(request, &visitor.app).await?;
    let (fields, files) = sent.into_parts();
    let typed = Typed::of(fields);
    match advance(&visitor, &visit, &typed, files).await? {
        Ok(step) => render(&AnswerPage {
            step,
            was_saved: step == Step::Fill,
            ..AnswerPage::of(&visitor, &visit, &code, &typed).await?
        }),
        Err(mended) => once_more(&AnswerPage {
            mended,
            ..AnswerPage::of(&visitor, &visit, &code, &typed).await?
        }),
    }
}

async fn advance(
    visitor: &Visitor,
    visit: &VendorVisit,
    typed: &Typed,
    files: Vec<SentFile>,
) -> Result<Result<Step, Mended>, Problem> {
    let language = visitor.language;
    let go = typed.one("go");
    if go != "hand_in" {
        let files = files.into_iter().map(|file| (file.name, file.bytes));
        if let Err(failure) = visit.save_draft(typed, files.collect()).await {
            return Ok(Err(Mended::said(failure.refusal()?.get(language))));
        }
    }
    if go != "review" && go != "hand_in" {
        return Ok(Ok(Step::Fill));
    }
    let questions = visit.workspace.questions(&visit.view).await?;
    let documents = visit.draft().await?.documents;
    let source = AnswerSource::Link;
    let read = visit
        .workspace
        .read_answer(&questions, typed, source, documents);
    let answer = match read {
        Ok(answer) => answer,
        Err(mends) => return Ok(Err(Mended::of(mends, language))),
    };
    if go == "review" {
        return Ok(Ok(Step::Review));
    }
    match visit.hand_in(typed, &answer).await {
        Ok(()) => Ok(Ok(Step::Done)),
        Err(failure) => Ok(Err(Mended::said(failure.refusal()?.get(language)))),
    }
}
