//! One statement: what was answered, what needs an assessment, what changed since the one before.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use axum_extra::extract::Query;
use serde::Deserialize;
use sonae_domain::disclosure::{DisclosureAnswer, DisclosureChange, DisclosureRow};
use sonae_domain::edition::Text;
use sonae_domain::evidence::{Evidence, Finding};
use sonae_domain::ids::RecordId;
use sonae_domain::labels::Label;

use super::{Line, PATH, figures};
use crate::usecase::disclosures::StatementDetail;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// A question as the page shows it.
struct Row {
    position: usize,
    place: String,
    number: String,
    question: String,
    answer: Answer,
    why: Option<Text>,
    note: Option<String>,
    /// It needs an assessment.
    is_open: bool,
    risk: Option<Risk>,
}

/// An answer as a badge: the name that styles go by, and the word.
struct Answer {
    wire: &'static str,
    word: &'static str,
}

/// What a person noted on a question.
struct Risk {
    risk: String,
    measure: String,
    by: String,
    on: String,
}

/// A question whose answer is another than before.
struct Change {
    number: String,
    question: String,
    before: &'static str,
    after: &'static str,
}

#[derive(Template)]
#[template(path = "disclosure.html")]
struct ShowPage {
    page: Page,
    line: Line,
    id: RecordId,
    path: String,
    version: i64,
    changed: String,
    stated_on: Option<String>,
    note: Option<String>,
    file: Evidence,
    figures: Vec<(&'static str, usize)>,
    only_open: bool,
    n_rows: usize,
    n_needed: usize,
    rows: Vec<Row>,
    findings: Vec<Finding>,
    /// Where the newer one is.
    newer: Option<String>,
    /// The older one: where it is, its name.
    older: Option<(String, String)>,
    changes: Vec<Change>,
    may_change: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    /// `open` shows only the questions that need an assessment.
    only: String,
}

pub(super) async fn show(
    visit: Visit,
    Path(record): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    let detail = visit.workspace.statement(&RecordId::new(record)).await?;
    let view = &detail.view;
    let body = &view.kept.body;
    let words = visit.words();
    let only_open = filter.only == "open";
    let rows = body.rows.iter().enumerate();
    let rows = rows.map(|(at, row)| row_of(&visit, &detail, at, row));
    let places: [(&str, &dyn std::fmt::Display); 2] = [
        ("at", &words.moment(view.kept.changed_at)),
        ("by", &view.kept.changed_by),
    ];
    let (older, changes) = match &detail.older {
        Some((older, changes)) => (
            Some((format!("{PATH}/{}", older.id), older.name())),
            changes
                .iter()
                .map(|change| change_of(&visit, change))
                .collect(),
        ),
        None => (None, Vec::new()),
    };
    render(&ShowPage {
        page: visit.page_named(view.name()),
        line: Line::of(view, &visit),
        id: view.id.clone(),
        path: format!("{PATH}/{}", view.id),
        version: view.kept.version,
        changed: words.with("people.by", &places),
        stated_on: body.stated_on.map(|day| words.day(day)),
        note: body.note.clone(),
        figures: figures(&view.counts),
        only_open,
        n_rows: body.rows.len(),
        n_needed: view.counts.n_no + view.counts.n_unread,
        rows: rows.filter(|row| row.is_open || !only_open).collect(),
        findings: body.findings.clone(),
        newer: view.replaced_by.as_ref().map(|id| format!("{PATH}/{id}")),
        older,
        changes,
        may_change: visit.may_change(),
        file: detail.file.clone(),
    })
}

fn row_of(visit: &Visit, detail: &StatementDetail, at: usize, row: &DisclosureRow) -> Row {
    let words = visit.words();
    let risk = detail.risks.get(&at).map(|risk| Risk {
        risk: risk.body.risk.clone(),
        measure: risk.body.measure.clone(),
        by: risk.body.assessed_by.clone(),
        on: words.day(risk.body.assessed_on),
    });
    let line = words.with("evidence.row", &[("n", &row.row)]);
    Row {
        position: at,
        place: format!("{} {line}", row.sheet.as_deref().unwrap_or_default()),
        number: row.number.clone(),
        question: row.question.clone(),
        answer: Answer {
            wire: answer_wire(row.answer),
            word: row.answer.label(visit.language),
        },
        why: row.why.clone(),
        note: row.note.clone(),
        is_open: is_open(row.answer),
        risk,
    }
}

fn is_open(answer: DisclosureAnswer) -> bool {
    matches!(answer, DisclosureAnswer::No | DisclosureAnswer::Unread)
}

/// The verdict in whose colours an answer is shown.
pub(super) fn answer_wire(answer: DisclosureAnswer) -> &'static str {
    match answer {
        DisclosureAnswer::Yes => "met",
        DisclosureAnswer::No => "not_met",
        DisclosureAnswer::NotApplicable => "not_applicable",
        DisclosureAnswer::Unread => "unknown",
    }
}

fn change_of(visit: &Visit, change: &DisclosureChange) -> Change {
    let word = |answer: Option<DisclosureAnswer>| match answer {
        Some(answer) => answer.label(visit.language),
        None => visit.words().get("disclosures.not_asked"),
    };
    Change {
        number: change.number.clone(),
        question: change.question.clone(),
        before: word(change.before),
        after: word(change.after),
    }
}
