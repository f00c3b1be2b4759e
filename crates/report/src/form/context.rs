//! What the form's template gets: strings ready to print, no logic left to do but layout.

use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::answer::AnswerValue;
use sonae_domain::edition::{Audience, EditionStatus, Item, Verification, Wording};
use sonae_domain::labels::{Label, Language};
use sonae_domain::standing::Standing;
use sonae_domain::{edition, era};

use super::{AnswerShown, FormRow, FormSheet, ItemState, ReasonShown};
use crate::error::RenderError;
use crate::history_note::NoteContext;
use crate::labels::{self, written};
use crate::width::{fitting, half_widths};

#[derive(Serialize)]
pub(super) struct FormContext {
    document_title: String,
    title_lines: Vec<String>,
    title_unverified: bool,
    form_label: String,
    names: Vec<Name>,
    notes: Vec<Line>,
    n_columns: u8,
    has_note_column: bool,
    sections: Vec<Section>,
    edition_note: Option<&'static str>,
    /// At the foot of the form.
    pub(super) history: Option<NoteContext>,
    printed_on: String,
    status: Option<Status>,
}

/// A name above the table; none is a place for the pen.
#[derive(Serialize)]
pub(super) struct Name {
    pub(super) label: &'static str,
    pub(super) value: Option<String>,
}

#[derive(Serialize)]
struct Line {
    text: String,
    unverified: bool,
}

#[derive(Serialize)]
struct Section {
    title: Line,
    lines: Vec<FormLine>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum FormLine {
    Group(Line),
    Item(Box<ItemLine>),
}

#[derive(Serialize)]
struct ItemLine {
    text: String,
    number: String,
    remark: Option<String>,
    original: Option<String>,
    unverified: bool,
    /// One place a column; empty where nobody answered.
    confirmations: Vec<Option<Confirmation>>,
    target: Option<Day>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Confirmation {
    value: AnswerValue,
    day: Day,
    /// For a reader who cannot see the circle.
    spoken: String,
}

/// Month and day as the form has them; the year only where it is not the form's.
#[derive(Serialize)]
struct Day {
    year: Option<String>,
    month: i8,
    day: i8,
}

#[derive(Serialize)]
struct Status {
    language: &'static str,
    title: &'static str,
    /// Institution and form, for who has these pages without the form.
    subject: String,
    printed_on: String,
    pages_label: &'static str,
    own_page: &'static str,
    headers: [&'static str; 4],
    total_label: &'static str,
    n_items: usize,
    counts: Vec<Count>,
    rows: Vec<StatusRow>,
}

#[derive(Serialize)]
struct Count {
    standing: Badge,
    n_items: usize,
}

#[derive(Serialize)]
struct Badge {
    word: &'static str,
    symbol: &'static str,
    tone: &'static str,
}

#[derive(Serialize)]
struct StatusRow {
    number: String,
    question: String,
    answer: Option<&'static str>,
    answered_on: Option<String>,
    standing: Option<Badge>,
    coverage: Option<String>,
    reasons: Vec<Reason>,
}

#[derive(Serialize)]
struct Reason {
    text: String,
    evidence: String,
}

/// # Errors
/// The short code of the checkpoint is too long for a QR code.
pub(super) fn of(sheet: &FormSheet<'_>) -> Result<FormContext, RenderError> {
    let form = sheet.form;
    let history = sheet.history.as_ref();
    Ok(FormContext {
        document_title: format!("{}（{}）", form.title.text, form.label),
        title_lines: title_lines(sheet),
        title_unverified: unverified(&form.title),
        form_label: form.label.clone(),
        names: names(sheet),
        notes: form.notes.iter().map(line).collect(),
        n_columns: sheet.n_columns(),
        has_note_column: form.has_note_column,
        sections: sections(sheet),
        edition_note: edition_note(sheet),
        history: history
            .map(|note| note.context(sheet.language))
            .transpose()?,
        printed_on: era::format_era(sheet.generated_on),
        status: sheet.has_states().then(|| status(sheet)),
    })
}

/// The institution, and on a form that it hands to its vendor a place for the vendor's name.
pub(super) fn names(sheet: &FormSheet<'_>) -> Vec<Name> {
    let institution = Name {
        label: labels::institution(sheet.form.audience),
        value: Some(sheet.institution.to_owned()),
    };
    let vendor = (sheet.form.audience == Audience::Vendor).then_some(Name {
        label: labels::VENDOR_NAME,
        value: (!sheet.vendor.is_empty()).then(|| sheet.vendor.to_owned()),
    });
    [institution].into_iter().chain(vendor).collect()
}

/// Said below the table when the edition is not the one in force.
pub(super) fn edition_note(sheet: &FormSheet<'_>) -> Option<&'static str> {
    match sheet.edition.status {
        EditionStatus::Replaced => Some(labels::SUPERSEDED),
        EditionStatus::Draft => Some(labels::DRAFT),
        EditionStatus::InForce => None,
    }
}

/// What was not read on an official document is marked 要照合, however likely it is.
pub(super) fn unverified(wording: &Wording) -> bool {
    wording.verification != Verification::Verified
}

fn line(wording: &Wording) -> Line {
    Line {
        text: wording.text.clone(),
        unverified: unverified(wording),
    }
}

/// The ministry prints the year of the edition on a line of its own.
pub(super) fn title_lines(sheet: &FormSheet<'_>) -> Vec<String> {
    let title = &sheet.form.title.text;
    let rest = title
        .strip_prefix(&sheet.edition.label)
        .map(str::trim_start);
    match rest {
        Some(rest) if !rest.is_empty() => vec![sheet.edition.label.clone(), rest.to_owned()],
        _ => vec![title.clone()],
    }
}

/// Title of a section or group; the edition guarantees that it is there.
pub(super) fn wording_of<'a>(
    mut titles: impl Iterator<Item = (&'a String, &'a Wording)>,
    id: &str,
) -> Option<&'a Wording> {
    titles
        .find(|(key, _)| *key == id)
        .map(|(_, wording)| wording)
}

pub(super) fn section_of<'a>(form: &'a edition::Form, item: &Item) -> Option<&'a Wording> {
    wording_of(
        form.sections.iter().map(|s| (&s.id, &s.title)),
        &item.section,
    )
}

pub(super) fn group_of<'a>(form: &'a edition::Form, item: &Item) -> Option<&'a Wording> {
    wording_of(
        form.groups.iter().map(|g| (&g.id, &g.title)),
        item.group.as_deref()?,
    )
}

/// The number on our own pages, where no group's title stands above it: a number that the form
/// uses twice is told apart by the group's subject.
pub(super) fn number_told_apart(sheet: &FormSheet<'_>, item: &Item) -> String {
    let same = sheet.rows.iter().filter(|r| r.item.number == item.number);
    if same.count() < 2 {
        return item.number.clone();
    }
    let Some(group) = group_of(sheet.form, item) else {
        return item.number.clone();
    };
    let subject = group.text.split(labels::GROUP_SUBJECT_END).next();
    labels::bracketed(&item.number, subject.unwrap_or_default(), sheet.language)
}

/// Rows by section, in their order.
pub(super) fn chunks<'s, 'a>(sheet: &'s FormSheet<'a>) -> impl Iterator<Item = &'s [FormRow<'a>]> {
    sheet.rows.chunk_by(|a, b| a.item.section == b.item.section)
}

fn sections(sheet: &FormSheet<'_>) -> Vec<Section> {
    let empty = || Line {
        text: String::new(),
        unverified: false,
    };
    chunks(sheet)
        .map(|rows| Section {
            title: rows
                .first()
                .and_then(|row| section_of(sheet.form, row.item))
                .map_or_else(empty, line),
            lines: rows
                .chunk_by(|a, b| a.item.group == b.item.group)
                .flat_map(|rows| group_lines(sheet, rows))
                .collect(),
        })
        .collect()
}

fn group_lines(sheet: &FormSheet<'_>, rows: &[FormRow<'_>]) -> Vec<FormLine> {
    let group = rows.first().and_then(|row| group_of(sheet.form, row.item));
    let header = group.map(|wording| FormLine::Group(line(wording)));
    let items = rows
        .iter()
        .map(|row| FormLine::Item(Box::new(item_line(sheet, row))));
    header.into_iter().chain(items).collect()
}

fn item_line(sheet: &FormSheet<'_>, row: &FormRow<'_>) -> ItemLine {
    let item = row.item;
    ItemLine {
        text: item.wording.text.clone(),
        number: item.number.clone(),
        remark: item.remark.clone(),
        original: item.original.clone(),
        unverified: unverified(&item.wording),
        confirmations: (1..=sheet.n_columns())
            .map(|column| {
                sheet
                    .answer_in(row, column)
                    .map(|answer| confirmation(sheet, answer))
            })
            .collect(),
        target: sheet.target_of(row).map(|on| day(sheet, on)),
        note: sheet.note_of(row).map(str::to_owned),
    }
}

fn confirmation(sheet: &FormSheet<'_>, answer: &AnswerShown) -> Confirmation {
    Confirmation {
        value: answer.value,
        day: day(sheet, answer.confirmed_on),
        spoken: format!(
            "{}: {}、{}: {}",
            labels::ANSWER.of(Language::Ja),
            labels::official(answer.value),
            labels::CONFIRMED_ON,
            era::format_era(answer.confirmed_on)
        ),
    }
}

fn day(sheet: &FormSheet<'_>, on: Date) -> Day {
    let own_year = era::fiscal_year_of(on) == sheet.edition.fiscal_year;
    Day {
        year: (!own_year).then(|| era::format_era_year(on)),
        month: on.month(),
        day: on.day(),
    }
}

fn status(sheet: &FormSheet<'_>) -> Status {
    let language = sheet.language;
    let form = labels::bracketed(&title_lines(sheet).join(" "), &sheet.form.label, language);
    let subject = format!("{}　{form}", sheet.institution).trim().to_owned();
    let n_of = |standing| {
        let states = sheet.rows.iter().filter_map(|row| row.state.as_ref());
        states.filter(|state| state.standing == standing).count()
    };
    Status {
        language: labels::language_code(language),
        title: labels::STATUS_TITLE.of(language),
        subject,
        printed_on: format!(
            "{} {}",
            labels::PRINTED_ON.of(language),
            written(sheet.generated_on, language)
        ),
        pages_label: labels::OWN_PAGES.of(language),
        own_page: labels::STATUS_OWN_PAGE.of(language),
        headers: [
            labels::ITEM,
            labels::ANSWER,
            labels::STANDING,
            labels::GROUNDS,
        ]
        .map(|label| label.of(language)),
        total_label: labels::ITEMS_ALL.of(language),
        n_items: sheet.rows.len(),
        counts: labels::STANDINGS
            .iter()
            .map(|standing| Count {
                standing: badge(*standing, language),
                n_items: n_of(*standing),
            })
            .filter(|count| count.n_items > 0)
            .collect(),
        rows: sheet
            .rows
            .iter()
            .map(|row| status_row(sheet, row))
            .collect(),
    }
}

fn badge(standing: Standing, language: Language) -> Badge {
    let (symbol, tone) = labels::standing_mark(standing);
    Badge {
        word: standing.label(language),
        symbol,
        tone,
    }
}

fn status_row(sheet: &FormSheet<'_>, row: &FormRow<'_>) -> StatusRow {
    let language = sheet.language;
    let answer = sheet.answers_shown(row).next();
    let state = row.state.as_ref();
    let number = number_told_apart(sheet, row.item);
    StatusRow {
        question: fitting(
            &row.item.wording.text,
            QUESTION_HALF_WIDTHS_MAX - half_widths(&number),
            half_widths,
        ),
        number,
        answer: answer.map(|answer| labels::official(answer.value)),
        answered_on: answer.map(|answer| written(answer.confirmed_on, language)),
        standing: state.map(|state| badge(state.standing, language)),
        coverage: state.and_then(|state| coverage(state, language)),
        reasons: state.map_or_else(Vec::new, |state| {
            let reasons = state.reasons.iter();
            reasons.map(|it| reason(state, it, language)).collect()
        }),
    }
}

pub(super) fn coverage(state: &ItemState, language: Language) -> Option<String> {
    state
        .coverage
        .as_ref()
        .map(|coverage| labels::coverage(coverage, language))
}

fn reason(state: &ItemState, reason: &ReasonShown, language: Language) -> Reason {
    let evidence = match &reason.evidence {
        None => without_evidence(state, language),
        Some(evidence) => labels::bracketed(
            &format!("{} {}", labels::EVIDENCE.of(language), evidence.file_name),
            &written(evidence.effective_on, language),
            language,
        ),
    };
    Reason {
        text: reason.text.get(language).to_owned(),
        evidence,
    }
}

/// What stands where evidence would: the documents, which prove nothing, or that there is none.
pub(super) fn without_evidence(state: &ItemState, language: Language) -> String {
    let documents = state.documents.iter().map(|document| {
        let day = written(document.effective_on, language);
        labels::bracketed(&document.title, &day, language)
    });
    let documents: Vec<String> = documents.collect();
    match documents.is_empty() {
        true => labels::NO_EVIDENCE.of(language).to_owned(),
        false => {
            let between = labels::BETWEEN_DOCUMENTS.of(language);
            let title = labels::DOCUMENTS.of(language);
            format!("{title}{}", documents.join(between))
        }
    }
}

/// Three lines of the column are 132 half-width characters; four are lost where lines end. The
/// number beside it leads to the full wording.
const QUESTION_HALF_WIDTHS_MAX: f64 = 128.0;
