//! MDS／SDS: the register, a new statement with its dry run, one statement with its questions.

mod about;
mod risks;
mod show;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{Form, Query};
use serde::Deserialize;
use sonae_domain::disclosure::{DisclosureCounts, RiskAssessment};
use sonae_domain::ids::RecordId;
use sonae_domain::labels::{Label, Language};

use crate::usecase::disclosures::{
    Coverage, DisclosureReading, StatementRead, StatementView, SystemStatements,
};
use crate::usecase::failure::{Failure, FailureKind};
use crate::usecase::reader_process::FILE_BYTES_MAX;
use crate::usecase::register_forms::Typed;
use crate::web::files::Upload;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::Visit;

use about::Fields;

/// One file, and the fields around it.
const FORM_BYTES_MAX: usize = FILE_BYTES_MAX as usize + 64 * 1024;

pub(crate) const PATH: &str = "/settings/disclosures";

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/disclosures", list)
        .get("/settings/disclosures/new", choose)
        .upload("/settings/disclosures/new", FORM_BYTES_MAX, upload)
        .get("/settings/disclosures/review", review)
        .post("/settings/disclosures/review", keep)
        .get("/settings/disclosures/{record}", show::show)
        .get("/settings/disclosures/{record}/edit", about::edit)
        .post("/settings/disclosures/{record}/edit", about::change)
        .post("/settings/disclosures/{record}/remove", about::remove)
        .get(
            "/settings/disclosures/{record}/risks/{position}",
            risks::show,
        )
        .post(
            "/settings/disclosures/{record}/risks/{position}",
            risks::save,
        )
}

/// A statement as lists show it.
pub(crate) struct Line {
    pub(crate) href: String,
    pub(crate) name: String,
    /// MDS or SDS, edition, day.
    pub(crate) about: String,
    pub(crate) vendor: String,
    pub(crate) systems: String,
    pub(crate) counts: DisclosureCounts,
    pub(crate) assessment: Said,
    /// Needed notes that are missing.
    pub(crate) n_open: usize,
    pub(crate) is_replaced: bool,
}

/// What guideline 7.0 makes of a statement: the name that styles go by, and words.
pub(crate) struct Said {
    pub(crate) wire: &'static str,
    pub(crate) word: &'static str,
    pub(crate) text: &'static str,
}

impl Said {
    pub(crate) fn of(assessment: &RiskAssessment, visit: &Visit) -> Self {
        let words = visit.words();
        let (wire, word, text) = match assessment {
            RiskAssessment::NotNeeded => (
                "met",
                "disclosures.not_needed",
                "disclosures.not_needed_text",
            ),
            RiskAssessment::Needed(_) => (
                "conditional",
                "disclosures.needed",
                "disclosures.needed_text",
            ),
            RiskAssessment::Unknown => {
                ("unknown", "disclosures.unknown", "disclosures.unknown_text")
            }
        };
        Self {
            wire,
            word: words.get(word),
            text: words.get(text),
        }
    }
}

impl Line {
    pub(crate) fn of(view: &StatementView, visit: &Visit) -> Self {
        let words = visit.words();
        let body = &view.kept.body;
        let day = match body.stated_on {
            Some(day) => words.day(day),
            None => words.get("disclosures.no_day").to_owned(),
        };
        let edition = body.edition.label(visit.language);
        Self {
            href: format!("{PATH}/{}", view.id),
            name: view.name(),
            about: format!("{} {edition} {day}", body.kind.as_str()),
            vendor: view.vendor.clone(),
            systems: view.systems.join(words.get("people.between")),
            counts: view.counts,
            assessment: Said::of(&view.assessment, visit),
            n_open: view.without_note.len(),
            is_replaced: !view.counts_now(),
        }
    }
}

/// A system with the statements about it.
pub(crate) struct SystemLine {
    pub(crate) name: String,
    pub(crate) vendor: String,
    pub(crate) has_contract: bool,
    pub(crate) statements: Vec<Line>,
}

/// For which systems there is a statement.
pub(crate) struct Covered {
    pub(crate) systems: Vec<SystemLine>,
    pub(crate) n_unassigned: usize,
    /// In a sentence.
    pub(crate) summary: String,
}

impl Covered {
    pub(crate) fn of(coverage: &Coverage, visit: &Visit) -> Self {
        let words = visit.words();
        let (n_contracts, n_with) = coverage.under_contract();
        let summary = match (coverage.systems.is_empty(), n_contracts) {
            (true, _) => words.get("disclosures.no_systems").to_owned(),
            (false, 0) => words.get("disclosures.no_contracts").to_owned(),
            (false, n) => words.with("disclosures.covered", &[("n", &n), ("with", &n_with)]),
        };
        let line = |system: &SystemStatements| SystemLine {
            name: system.name.clone(),
            vendor: system.vendor.clone().unwrap_or_default(),
            has_contract: system.has_contract,
            statements: system
                .statements
                .iter()
                .map(|view| Line::of(view, visit))
                .collect(),
        };
        Self {
            systems: coverage.systems.iter().map(line).collect(),
            n_unassigned: coverage.unassigned.len(),
            summary,
        }
    }
}

#[derive(Template)]
#[template(path = "disclosures.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    covered: Covered,
    may_change: bool,
}

async fn list(visit: Visit) -> Result<Response, Problem> {
    let statements = visit.workspace.statements().await?;
    let coverage = visit.workspace.statement_coverage().await?;
    render(&ListPage {
        page: visit.page("disclosures.title"),
        lines: statements
            .iter()
            .map(|view| Line::of(view, &visit))
            .collect(),
        covered: Covered::of(&coverage, &visit),
        may_change: visit.may_change(),
    })
}

#[derive(Template)]
#[template(path = "disclosure_new.html")]
struct ChoosePage {
    page: Page,
    refused: Option<Refused>,
    /// Id and name of the statement that the new one takes the place of.
    replaces: Option<(String, String)>,
}

impl ChoosePage {
    fn file_mib_max(&self) -> u64 {
        FILE_BYTES_MAX / 1024 / 1024
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Beginning {
    upload: String,
    replaces: String,
}

impl Beginning {
    /// The statement to replace, if one was chosen.
    async fn older(&self, visit: &Visit) -> Result<Option<StatementView>, Problem> {
        match self.replaces.as_str() {
            "" => Ok(None),
            id => Ok(Some(
                visit.workspace.statement(&RecordId::new(id)).await?.view,
            )),
        }
    }
}

async fn choose(visit: Visit, Query(from): Query<Beginning>) -> Result<Response, Problem> {
    render(&choose_page(&visit, &from, None).await?)
}

async fn choose_page(
    visit: &Visit,
    from: &Beginning,
    refused: Option<Refused>,
) -> Result<ChoosePage, Problem> {
    let older = from.older(visit).await?;
    Ok(ChoosePage {
        page: visit.page("disclosures.new"),
        refused,
        replaces: older.map(|view| (view.id.to_string(), view.name())),
    })
}

/// Keeps what was sent and leads to its dry run, which may be looked at again.
async fn upload(visit: Visit, sent: Upload) -> Result<Response, Problem> {
    let from = Beginning {
        upload: String::new(),
        replaces: sent.text("replaces").to_owned(),
    };
    let Some(file) = sent.files.into_iter().next() else {
        let said = Refused::said(visit.words().get("disclosures.choose_first"));
        return once_more(&choose_page(&visit, &from, Some(said)).await?);
    };
    let (workspace, person) = (&visit.workspace, visit.person());
    let kept = workspace.keep_upload(&person.account, &file.name, file.bytes);
    let read = match kept.await {
        Ok(token) => match workspace.read_statement(&token, person).await {
            Ok(_) => Ok(token),
            Err(failure) => {
                workspace.drop_upload(&person.account, &token).await?;
                Err(failure)
            }
        },
        Err(failure) => Err(failure),
    };
    match read {
        Ok(token) => {
            let fields = [("upload", &token), ("replaces", &from.replaces)];
            let query = serde_html_form::to_string(fields).unwrap_or_default();
            Ok(Redirect::to(&format!("{PATH}/review?{query}")).into_response())
        }
        Err(failure) => {
            let refused = Refused::of(failure, visit.language)?;
            once_more(&choose_page(&visit, &from, Some(refused)).await?)
        }
    }
}

#[derive(Template)]
#[template(path = "disclosure_review.html")]
struct ReviewPage {
    page: Page,
    refused: Option<Refused>,
    upload: String,
    id: String,
    read: StatementRead,
    fields: Fields,
}

impl ReviewPage {
    fn language(&self) -> Language {
        self.page.words.language
    }

    fn n_unread(&self, reading: &DisclosureReading) -> usize {
        counts(reading).n_unread
    }

    fn counts(&self, reading: &DisclosureReading) -> Vec<(&'static str, usize)> {
        figures(&counts(reading))
    }

    fn says_itself(&self, reading: &DisclosureReading) -> String {
        let kind = reading.kind.map(|kind| kind.label(self.language()));
        let kind = kind.unwrap_or(self.page.w("disclosures.kind_unsaid"));
        format!("{kind} {}", reading.edition.label(self.language()))
    }
}

/// The keys of the words for each count.
fn figures(counts: &DisclosureCounts) -> Vec<(&'static str, usize)> {
    vec![
        ("disclosures.n_yes", counts.n_yes),
        ("disclosures.n_no", counts.n_no),
        ("disclosures.n_not_applicable", counts.n_not_applicable),
        ("disclosures.n_unread", counts.n_unread),
    ]
}

fn counts(reading: &DisclosureReading) -> DisclosureCounts {
    DisclosureCounts::of(&reading.rows)
}

async fn review(visit: Visit, Query(from): Query<Beginning>) -> Result<Response, Problem> {
    let read = visit.workspace.read_statement(&from.upload, visit.person());
    let read = read.await?;
    let older = from.older(&visit).await?;
    let typed = visit.workspace.new_statement(&read, older.as_ref()).await?;
    render(&review_page(&visit, from.upload, read, &typed, None).await?)
}

async fn review_page(
    visit: &Visit,
    upload: String,
    read: StatementRead,
    typed: &Typed,
    refused: Option<Refused>,
) -> Result<ReviewPage, Problem> {
    Ok(ReviewPage {
        page: visit.page("disclosures.review"),
        refused,
        upload,
        id: typed.one("id").to_owned(),
        fields: Fields::of(visit, typed, None).await?,
        read,
    })
}

async fn keep(visit: Visit, Form(typed): Form<Vec<(String, String)>>) -> Result<Response, Problem> {
    let typed = Typed::of(typed);
    let (workspace, person) = (&visit.workspace, visit.person());
    match workspace.keep_statement(&typed, person).await {
        Ok(id) => Ok(Redirect::to(&format!("{PATH}/{id}?done=disclosure_kept")).into_response()),
        Err(failure) if is_refusal(&failure) => {
            let upload = typed.one("upload").to_owned();
            let read = workspace.read_statement(&upload, person).await?;
            let refused = Refused::of(failure, visit.language)?;
            once_more(&review_page(&visit, upload, read, &typed, Some(refused)).await?)
        }
        Err(failure) => Err(failure.into()),
    }
}

fn is_refusal(failure: &Failure) -> bool {
    failure.kind == FailureKind::Refused
}

/// A page that shows what somebody else saved first.
fn conflict(template: &impl Template) -> Result<Response, Problem> {
    Ok((StatusCode::CONFLICT, render(template)?).into_response())
}
