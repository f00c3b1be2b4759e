//! The page of a package (`index.html`): what its files say, for whoever opens it in a browser without
//! a network. It is made from the files alone, has no script, and asks nothing of anybody.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sonae_domain::era;
use sonae_domain::labels::{Label, Language};
use sonae_domain::standing::Standing;

use super::contents::{AnswerState, Contents, DocumentEntry, FormItem};
use super::reading::{AnswerRead, RowRead};
use crate::usecase::failure::Failure;
use crate::usecase::labels;

/// How it looks, inside the page.
pub(super) const STYLE: &str = include_str!("../../../../../templates/web/package_index.css");

#[derive(Template)]
#[template(path = "package_index.html")]
struct IndexPage<'a> {
    contents: &'a Contents,
    policy: String,
    style: &'static str,
    as_of: String,
    short_code: String,
    /// The same as a picture.
    qr: String,
    /// Rows without an answer, or without the day that belongs to it.
    open: Vec<Row<'a>>,
    counts: Vec<(Mark, usize)>,
    sections: Vec<(&'a str, Vec<Row<'a>>)>,
    has_marks: bool,
    documents: Vec<DocumentShown<'a>>,
    papers: Vec<(&'static str, &'static str)>,
    /// Enclosed evidence: path, what it is called, day.
    enclosed: Vec<(&'a str, &'a str, String)>,
}

/// A row of the form, and what is said about it.
#[derive(Clone)]
struct Row<'a> {
    item: &'a FormItem,
    /// Where it stands on the page.
    anchor: usize,
    /// Above it, where the row before has another one.
    group: Option<&'a str>,
    mark: Mark,
    answers: Vec<AnswerShown<'a>>,
    /// What it is called, its day, and the day on which it was recorded.
    evidence: Vec<(&'a str, String, String)>,
    documents: Vec<(&'a str, Option<&'a str>)>,
    explanations: Vec<ExplanationShown<'a>>,
}

#[derive(Clone)]
struct ExplanationShown<'a> {
    text: &'a str,
    by: &'a str,
    recorded_on: String,
    until: String,
    is_over: bool,
}

struct DocumentShown<'a> {
    entry: &'a DocumentEntry,
    day: String,
    recorded_on: String,
    until: Option<String>,
    is_over: bool,
}

#[derive(Clone)]
struct AnswerShown<'a> {
    round: u8,
    value: &'static str,
    confirmed_on: String,
    target_on: Option<String>,
    by: &'a str,
    /// Where that is another day.
    recorded_on: Option<String>,
    note: Option<&'a str>,
    /// What an inspector may ask about.
    marks: Vec<&'static str>,
}

/// How an item stands: word, shape and colour, as on printed forms.
#[derive(Clone, Copy)]
struct Mark {
    word: &'static str,
    shape: &'static str,
    tone: &'static str,
}

impl From<Standing> for Mark {
    fn from(standing: Standing) -> Self {
        let (shape, tone) = sonae_report::standing_mark(standing);
        Self {
            word: standing.label(Language::Ja),
            shape,
            tone,
        }
    }
}

/// The page of a package with these contents.
///
/// # Errors
/// The page cannot be written.
pub(super) fn render(contents: &Contents) -> Result<String, Failure> {
    let items = &contents.form.items;
    let mut rows: Vec<Row<'_>> = Vec::new();
    for read in contents.rows() {
        let former = rows.last().and_then(|row| row.item.group.as_deref());
        let group = read.item.group.as_deref();
        rows.push(Row {
            group: group.filter(|group| Some(*group) != former),
            anchor: rows.len() + 1,
            ..row(contents, &read)
        });
    }
    let n_with = |standing| {
        items
            .iter()
            .filter(|item| item.standing == standing)
            .count()
    };
    let counts = sonae_report::STANDINGS.map(|standing| (Mark::from(standing), n_with(standing)));
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let failed = || Failure::unexpected(labels::package_not_verified());
    let short_code = contents.checkpoint.checkpoint.short_code().to_string();
    let page = IndexPage {
        contents,
        policy: format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
        ),
        style: STYLE,
        as_of: era::format_era(contents.about.as_of),
        qr: sonae_report::qr_svg("code", &short_code, &short_code)
            .map_err(|source| failed().because(source))?,
        short_code,
        open: rows
            .iter()
            .filter(|row| is_open(row.item))
            .cloned()
            .collect(),
        counts: counts.into_iter().filter(|(_, n)| *n > 0).collect(),
        has_marks: rows.iter().any(Row::has_marks),
        sections: sections(rows),
        documents: (contents.documents.iter())
            .map(|entry| document(contents, entry))
            .collect(),
        papers: labels::PACKAGE_PAPERS
            .into_iter()
            .filter(|(path, _)| contents.paths.contains(*path))
            .collect(),
        enclosed: (contents.evidence.iter())
            .filter_map(|entry| {
                let day = era::format_era(entry.effective_on);
                Some((entry.path.as_deref()?, entry.title.ja.as_str(), day))
            })
            .collect(),
    };
    page.render().map_err(|source| failed().because(source))
}

fn row<'a>(contents: &Contents, read: &RowRead<'a>) -> Row<'a> {
    let as_of = contents.about.as_of;
    let mut evidence: Vec<_> = (read.evidence.iter())
        .map(|entry| {
            let day = era::format_era(entry.effective_on);
            (entry.title.ja.as_str(), day, recorded_on(entry.recorded_at))
        })
        .collect();
    evidence.sort();
    evidence.dedup();
    Row {
        item: read.item,
        anchor: 0,
        group: None,
        mark: read.item.standing.into(),
        answers: read.answers.iter().map(answer).collect(),
        evidence,
        documents: (read.documents.iter())
            .map(|entry| (entry.title.as_str(), entry.path.as_deref()))
            .collect(),
        explanations: (read.explanations.iter())
            .map(|entry| ExplanationShown {
                text: &entry.explanation.text,
                by: &entry.by,
                recorded_on: recorded_on(entry.at),
                until: era::format_era(entry.explanation.ends_on),
                is_over: !entry.holds(as_of),
            })
            .collect(),
    }
}

fn answer<'a>(read: &AnswerRead<'a>) -> AnswerShown<'a> {
    let answer = read.answer;
    let recorded_on = era::day_in_japan(answer.recorded_at);
    AnswerShown {
        round: answer.round,
        value: answer.value.label(Language::Ja),
        confirmed_on: era::format_era(answer.confirmed_on),
        target_on: answer.target_on.map(era::format_era),
        by: &answer.answered_by,
        recorded_on: (recorded_on != answer.confirmed_on).then(|| era::format_era(recorded_on)),
        note: answer.note.as_deref(),
        marks: (read.marks.iter())
            .map(|mark| mark.label(Language::Ja))
            .collect(),
    }
}

fn document<'a>(contents: &Contents, entry: &'a DocumentEntry) -> DocumentShown<'a> {
    DocumentShown {
        entry,
        day: era::format_era(entry.effective_on),
        recorded_on: recorded_on(entry.recorded_at),
        until: entry.valid_until.map(era::format_era),
        is_over: entry.is_over(contents.about.as_of),
    }
}

fn recorded_on(at: Timestamp) -> String {
    era::format_era(era::day_in_japan(at))
}

impl Row<'_> {
    fn has_marks(&self) -> bool {
        self.answers.iter().any(|answer| !answer.marks.is_empty())
    }
}

/// Whether an answer or its day is not there.
fn is_open(item: &FormItem) -> bool {
    matches!(
        item.standing,
        Standing::Unanswered | Standing::TargetMissing
    )
}

/// Rows under the heading that they share.
fn sections(rows: Vec<Row<'_>>) -> Vec<(&str, Vec<Row<'_>>)> {
    let mut sections: Vec<(&str, Vec<Row<'_>>)> = Vec::new();
    for row in rows {
        match sections.last_mut() {
            Some((title, rows)) if *title == row.item.section => rows.push(row),
            _ => sections.push((&row.item.section, vec![row])),
        }
    }
    sections
}
