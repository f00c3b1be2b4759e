//! 立入検査, for the institution: freeze a state for the authority, give and take back its address,
//! take remarks in, correct them.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use sonae_domain::evidence::{ContentHash, Evidence};
use sonae_domain::ids::RecordId;
use sonae_domain::inspection::{REMARK_FILE_BYTES_MAX, RemarkState};

use super::link::{LinkPage, LinkWords};
use super::remarks::RemarkShown;
use super::setup::Choice;
use crate::usecase::apart::apart;
use crate::usecase::failure::Failure;
use crate::usecase::inspection_remarks::RemarkView;
use crate::usecase::inspections::InspectionView;
use crate::usecase::package::Enclosures;
use crate::usecase::register_forms::Typed;
use crate::usecase::vendor_requests::{LINK_DAYS_MAX, Requested};
use crate::web::files::{Upload, attachment};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::Visit;

/// The kind of a package.
pub(super) const ZIP: &str = "application/zip";

/// A file of remarks with the fields around it.
const FORM_BYTES_MAX: usize = REMARK_FILE_BYTES_MAX + 64 * 1024;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/inspections", list)
        .post("/inspections", freeze)
        .get("/inspections/{record}", show)
        .get("/inspections/{record}/package.zip", package)
        .post("/inspections/{record}/open", reopen)
        .post("/inspections/{record}/close", close)
        .upload("/inspections/{record}/file", FORM_BYTES_MAX, take)
        .post("/inspections/{record}/remarks", enter)
        .post("/inspections/{record}/remarks/{remark}", correct)
}

fn path_of(id: &RecordId) -> String {
    format!("/inspections/{id}")
}

/// An inspection in the list.
struct Row {
    path: String,
    authority: String,
    inspected_on: String,
    is_open: bool,
    n_remarks: usize,
    n_to_do: usize,
}

impl Row {
    fn of(visit: &Visit, view: &InspectionView) -> Self {
        let to_do =
            |view: &&RemarkView| matches!(view.state, RemarkState::Open | RemarkState::Overdue);
        Self {
            path: path_of(&view.id),
            authority: view.inspection.authority.clone(),
            inspected_on: visit.words().day(view.inspection.inspected_on),
            is_open: view.is_open,
            n_remarks: view.remarks.len(),
            n_to_do: view.remarks.iter().filter(to_do).count(),
        }
    }
}

/// As many boxes fit on a page; `sonae package build` takes any.
const EVIDENCE_OFFERED_MAX: usize = 100;

/// Whose bytes may go along, with those that do.
#[derive(Default)]
struct Offered {
    documents: Vec<Choice>,
    evidence: Vec<Choice>,
    /// Pieces of evidence for which there is no room.
    n_more: usize,
    /// Details of the network are told as they are.
    network_details: bool,
}

impl Offered {
    async fn of(visit: &Visit, typed: Option<&Typed>) -> Result<Self, Problem> {
        let workspace = &visit.workspace;
        let chosen = typed.map(Enclosures::of).unwrap_or_default();
        let enclosable = workspace.enclosable().await?;
        let n_evidence = enclosable.evidence.len();
        let documents = enclosable.documents.into_iter();
        let evidence = enclosable.evidence.into_iter().take(EVIDENCE_OFFERED_MAX);
        Ok(Self {
            documents: documents
                .map(|(view, is_original)| Choice {
                    is_chosen: chosen.has_document(&view.id, is_original),
                    value: view.id.to_string(),
                    label: view.document.title,
                })
                .collect(),
            evidence: evidence
                .map(|evidence| Choice {
                    is_chosen: chosen.evidence.contains(&evidence.id),
                    value: evidence.id.to_string(),
                    label: evidence_label(visit, &evidence),
                })
                .collect(),
            n_more: n_evidence.saturating_sub(EVIDENCE_OFFERED_MAX),
            network_details: chosen.network_details,
        })
    }
}

fn evidence_label(visit: &Visit, evidence: &Evidence) -> String {
    let title = visit.workspace.format_title(&evidence.format);
    visit.words().with(
        "inspections.evidence_label",
        &[
            ("title", &title.get(visit.language)),
            ("file", &evidence.file_name),
            ("day", &visit.words().day(evidence.effective_on)),
        ],
    )
}

#[derive(Template)]
#[template(path = "inspections.html")]
struct ListPage {
    page: Page,
    refused: Option<Refused>,
    rows: Vec<Row>,
    authority: String,
    inspected_on: String,
    has_link: bool,
    days_max: i64,
    offered: Offered,
    may_change: bool,
}

impl ListPage {
    async fn of(visit: &Visit, typed: Option<&Typed>) -> Result<Self, Problem> {
        let inspections = visit.workspace.inspections().await?;
        let today = visit.workspace.today.to_string();
        let one = |name: &str| typed.map(|typed| typed.one(name).to_owned());
        Ok(Self {
            page: visit.page("inspections.title"),
            refused: None,
            rows: inspections
                .iter()
                .map(|view| Row::of(visit, view))
                .collect(),
            authority: one("authority").unwrap_or_default(),
            inspected_on: one("inspected_on").unwrap_or(today),
            has_link: one("link").is_some_and(|link| link == "yes"),
            days_max: LINK_DAYS_MAX,
            offered: match visit.may_change() {
                true => Offered::of(visit, typed).await?,
                false => Offered::default(),
            },
            may_change: visit.may_change(),
        })
    }
}

async fn list(visit: Visit) -> Result<Response, Problem> {
    render(&ListPage::of(&visit, None).await?)
}

async fn freeze(
    visit: Visit,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let typed = Typed::of(typed);
    let (workspace, by) = (visit.workspace.clone(), visit.person().name.clone());
    let fields = typed.clone();
    match apart(async move { workspace.freeze(&fields, &by).await }).await {
        Ok(made) => opened(&visit, &made).await,
        Err(failure) => once_more(&ListPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..ListPage::of(&visit, Some(&typed)).await?
        }),
    }
}

/// The address, shown once; the inspection itself where it has none.
async fn opened(visit: &Visit, made: &Requested) -> Result<Response, Problem> {
    let path = path_of(&made.id);
    let Some((code, ends_at)) = &made.code else {
        return Ok(Redirect::to(&format!("{path}?done=inspection_frozen")).into_response());
    };
    let view = visit.workspace.inspection(&made.id).await?;
    let (words, authority) = (visit.words(), view.inspection.authority);
    let words = LinkWords {
        list: ("/inspections", words.get("inspections.title")),
        title: words.get("inspections.link_title"),
        lead: words.with("inspections.link_lead", &[("authority", &authority)]),
        qr: words.get("inspections.qr"),
        text: words.get("inspections.link_text"),
        back: words.get("inspections.to_inspection"),
        name: authority,
    };
    let url = format!("{}/inspect/{code}", visit.origin);
    render(&LinkPage::of(visit, words, path, (url, *ends_at))?)
}

#[derive(Template)]
#[template(path = "inspection.html")]
struct InspectionPage {
    page: Page,
    refused: Option<Refused>,
    path: String,
    /// Label and value.
    facts: Vec<(&'static str, String)>,
    has_address: bool,
    is_open: bool,
    remarks: Vec<RemarkShown>,
    /// That a correction may name.
    documents: Vec<Choice>,
    typed: Typed,
    may_change: bool,
}

impl InspectionPage {
    async fn of(visit: &Visit, view: &InspectionView, typed: Typed) -> Result<Self, Problem> {
        let documents = visit.workspace.documents().await?.into_iter();
        Ok(Self {
            page: visit.page_named(view.inspection.authority.clone()),
            refused: None,
            path: path_of(&view.id),
            facts: facts(visit, view),
            has_address: view.inspection.link.is_some(),
            is_open: view.is_open,
            remarks: RemarkShown::all(visit, view),
            documents: documents
                .map(|kept| Choice {
                    is_chosen: false,
                    value: kept.id.to_string(),
                    label: kept.document.title,
                })
                .collect(),
            typed,
            may_change: visit.may_change(),
        })
    }
}

/// Hexadecimal digits that people compare; the whole stands in the file of remarks.
const HASH_SIGNS: usize = 16;

fn short(hash: &ContentHash) -> String {
    hash.0.chars().take(HASH_SIGNS).collect()
}

fn facts(visit: &Visit, view: &InspectionView) -> Vec<(&'static str, String)> {
    let (words, inspection) = (visit.words(), &view.inspection);
    let address = match (&inspection.link, &inspection.revoked) {
        (None, _) => words.get("inspections.no_address").to_owned(),
        (Some(_), Some(revoked)) => words.with(
            "inspections.address_taken_back",
            &[("at", &words.moment(revoked.at)), ("by", &revoked.by)],
        ),
        (Some(link), None) if view.is_open => words.with(
            "inspections.open_until",
            &[("at", &words.moment(link.ends_at))],
        ),
        (Some(link), None) => words.with(
            "inspections.over_since",
            &[("at", &words.moment(link.ends_at))],
        ),
    };
    vec![
        (
            words.get("inspections.authority"),
            inspection.authority.clone(),
        ),
        (
            words.get("inspections.inspected_on"),
            words.day(inspection.inspected_on),
        ),
        (
            words.get("inspections.frozen_at"),
            words.moment(inspection.frozen_at),
        ),
        (
            words.get("inspections.package_hash"),
            short(&inspection.package_hash),
        ),
        (words.get("inspections.address"), address),
    ]
}

async fn show(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let view = visit.workspace.inspection(&RecordId::new(record)).await?;
    render(&InspectionPage::of(&visit, &view, Typed::default()).await?)
}

/// The page once more, with what was refused and what was typed.
async fn refuse(
    visit: &Visit,
    id: &RecordId,
    failure: Failure,
    typed: Typed,
) -> Result<Response, Problem> {
    let refused = Refused::of(failure, visit.language)?;
    let view = visit.workspace.inspection(id).await?;
    once_more(&InspectionPage {
        refused: Some(refused),
        ..InspectionPage::of(visit, &view, typed).await?
    })
}

async fn package(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let view = visit.workspace.inspection(&RecordId::new(record)).await?;
    let bytes = visit.workspace.frozen_bytes(&view).await?;
    let name = format!(
        "sonae-{}-{}.zip",
        view.inspection.edition, view.inspection.inspected_on
    );
    Ok(attachment(&name, ZIP, bytes))
}

async fn reopen(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    let by = &visit.person().name;
    match visit.workspace.reopen_inspection(&id, by).await {
        Ok(made) => opened(&visit, &made).await,
        Err(failure) => refuse(&visit, &id, failure, Typed::default()).await,
    }
}

/// Back to the inspection with what was done, or with what was refused.
async fn done<T>(
    visit: &Visit,
    id: &RecordId,
    did: Result<T, Failure>,
    (key, typed): (&str, Typed),
) -> Result<Response, Problem> {
    match did {
        Ok(_) => Ok(Redirect::to(&format!("{}?done={key}", path_of(id))).into_response()),
        Err(failure) => refuse(visit, id, failure, typed).await,
    }
}

async fn close(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    let did = visit
        .workspace
        .close_inspection(&id, &visit.person().name)
        .await;
    done(&visit, &id, did, ("inspection_closed", Typed::default())).await
}

/// Takes the file in that the inspector sent back.
async fn take(
    visit: Visit,
    Path(record): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    let workspace = &visit.workspace;
    let view = workspace.inspection(&id).await?;
    let file = upload.files.into_iter().next();
    let bytes = file.map(|file| file.bytes).unwrap_or_default();
    let did = workspace
        .take_remarks(&view, &bytes, &visit.person().name)
        .await;
    done(&visit, &id, did, ("remarks_taken", Typed::default())).await
}

async fn enter(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, typed) = (RecordId::new(record), Typed::of(typed));
    let workspace = &visit.workspace;
    let view = workspace.inspection(&id).await?;
    let did = workspace
        .enter_remark(&view, &typed, &visit.person().name)
        .await;
    done(&visit, &id, did, ("remark_entered", typed)).await
}

async fn correct(
    visit: Visit,
    Path((record, remark)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, typed) = (RecordId::new(record), Typed::of(typed));
    let workspace = &visit.workspace;
    let view = workspace.inspection(&id).await?;
    let remark = RecordId::new(remark);
    let remark = view.remarks.iter().find(|view| view.id == remark);
    let remark = remark.ok_or(Problem::NotFound)?;
    let did = workspace
        .correct(remark, &typed, &visit.person().name)
        .await;
    done(&visit, &id, did, ("remark_corrected", Typed::default())).await
}
