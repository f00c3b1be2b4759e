//! The official form as it looks on paper. Its words are Japanese whatever the language; badges,
//! marks and links are ours.

use std::collections::BTreeSet;

use jiff::civil::Date;
use sonae_domain::answer::AnswerValue;
use sonae_domain::edition::{Audience, Form, Item, Verification, Wording};
use sonae_domain::era;
use sonae_domain::ids::ItemId;
use sonae_domain::labels::Language;

use crate::usecase::checklist::Checklist;
use crate::usecase::form::{AnswerShown, FormRow, FormSheet};
use crate::web::values::Badge;

/// The form, line by line.
pub(super) struct Paper {
    pub(super) title_lines: Vec<String>,
    pub(super) title_unverified: bool,
    pub(super) institution: String,
    pub(super) audience: Audience,
    pub(super) notes: Vec<Line>,
    /// One a column of 確認日.
    pub(super) columns: Vec<u8>,
    pub(super) has_note_column: bool,
    pub(super) sections: Vec<PaperSection>,
}

/// Official words, and whether they must still be compared with the official form.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) unverified: bool,
}

pub(super) struct PaperSection {
    pub(super) title: Line,
    pub(super) rows: Vec<PaperRow>,
}

pub(super) enum PaperRow {
    Group(Line),
    Item(Box<PaperItem>),
}

pub(super) struct PaperItem {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) wording: Line,
    pub(super) remark: Option<String>,
    pub(super) original: bool,
    /// One a column; none where nobody answered.
    pub(super) confirmations: Vec<Option<Confirmation>>,
    pub(super) target: Option<Slots>,
    pub(super) note: Option<String>,
    pub(super) standing: Badge,
    /// `412/530`, where checks speak about it.
    pub(super) coverage: String,
    /// There is a document about it, which proves nothing.
    pub(super) has_documents: bool,
}

pub(super) struct Confirmation {
    pub(super) value: AnswerValue,
    pub(super) day: Slots,
}

/// Month and day as the form has them; the year only where it is not the form's.
pub(super) struct Slots {
    pub(super) year: Option<String>,
    pub(super) month: i8,
    pub(super) day: i8,
}

impl Paper {
    pub(super) fn of(
        sheet: &FormSheet<'_>,
        checklist: &Checklist<'_>,
        documents: &BTreeSet<ItemId>,
        query: &str,
        language: Language,
    ) -> Self {
        let form = sheet.form;
        let item =
            |row: &FormRow<'_>| paper_item(sheet, row, checklist, documents, query, language);
        let sections = sheet.rows.chunk_by(|a, b| a.item.section == b.item.section);
        Self {
            title_lines: title_lines(sheet),
            title_unverified: unverified(&form.title),
            institution: sheet.institution.to_owned(),
            audience: form.audience,
            notes: form.notes.iter().map(Line::of).collect(),
            columns: (1..=sheet.n_columns()).collect(),
            has_note_column: form.has_note_column,
            sections: sections.map(|rows| section(form, rows, &item)).collect(),
        }
    }

    /// How many columns stand right of the section.
    pub(super) fn n_right(&self) -> usize {
        2 + self.columns.len() + usize::from(self.has_note_column)
    }

    /// Whether anything on the form carries the mark 要照合.
    pub(super) fn has_unverified(&self) -> bool {
        let of_row = |row: &PaperRow| match row {
            PaperRow::Group(line) => line.unverified,
            PaperRow::Item(item) => item.wording.unverified,
        };
        let rows = self.sections.iter().flat_map(|section| &section.rows);
        self.title_unverified
            || self.notes.iter().any(|note| note.unverified)
            || rows.into_iter().any(of_row)
    }
}

impl Line {
    pub(super) fn of(wording: &Wording) -> Self {
        Self {
            text: wording.text.clone(),
            unverified: unverified(wording),
        }
    }
}

/// What was not read on an official document is marked, however likely it is.
fn unverified(wording: &Wording) -> bool {
    wording.verification != Verification::Verified
}

/// The ministry prints the year of the edition on a line of its own.
fn title_lines(sheet: &FormSheet<'_>) -> Vec<String> {
    let title = &sheet.form.title.text;
    match title
        .strip_prefix(&sheet.edition.label)
        .map(str::trim_start)
    {
        Some(rest) if !rest.is_empty() => vec![sheet.edition.label.clone(), rest.to_owned()],
        _ => vec![title.clone()],
    }
}

fn section(
    form: &Form,
    rows: &[FormRow<'_>],
    item: &dyn Fn(&FormRow<'_>) -> PaperItem,
) -> PaperSection {
    let first = rows.first().map(|row| row.item);
    let title = first.and_then(|item| form.sections.iter().find(|s| s.id == item.section));
    let by_group = rows.chunk_by(|a, b| a.item.group == b.item.group);
    let lines = by_group.flat_map(|rows| {
        let header = rows.first().and_then(|row| group_of(form, row.item));
        let items = rows.iter().map(|row| PaperRow::Item(Box::new(item(row))));
        header.map(PaperRow::Group).into_iter().chain(items)
    });
    PaperSection {
        title: title.map_or_else(Line::empty, |section| Line::of(&section.title)),
        rows: lines.collect(),
    }
}

impl Line {
    fn empty() -> Self {
        Self {
            text: String::new(),
            unverified: false,
        }
    }
}

fn group_of(form: &Form, item: &Item) -> Option<Line> {
    let id = item.group.as_ref()?;
    let group = form.groups.iter().find(|group| group.id == *id)?;
    Some(Line::of(&group.title))
}

fn paper_item(
    sheet: &FormSheet<'_>,
    row: &FormRow<'_>,
    checklist: &Checklist<'_>,
    documents: &BTreeSet<ItemId>,
    query: &str,
    language: Language,
) -> PaperItem {
    let item = row.item;
    let standing = checklist.standings.iter().find(|s| s.item == item.id);
    let confirmation = |answer: &AnswerShown| Confirmation {
        value: answer.value,
        day: slots(sheet, answer.confirmed_on),
    };
    PaperItem {
        href: format!("/checklist/{}{query}", checklist.edition.handle(item)),
        number: item.number.clone(),
        wording: Line::of(&item.wording),
        remark: item.remark.clone(),
        original: item.original.is_some(),
        confirmations: (1..=sheet.n_columns())
            .map(|column| sheet.answer_in(row, column).map(confirmation))
            .collect(),
        target: sheet.target_of(row).map(|on| slots(sheet, on)),
        note: sheet.note_of(row).map(str::to_owned),
        standing: Badge::of(
            standing.map_or(sonae_domain::standing::Standing::Unanswered, |s| s.standing),
            language,
        ),
        coverage: standing.map(|s| checklist.coverage(s)).unwrap_or_default(),
        has_documents: documents.contains(&item.id),
    }
}

fn slots(sheet: &FormSheet<'_>, on: Date) -> Slots {
    let own_year = era::fiscal_year_of(on) == sheet.edition.fiscal_year;
    Slots {
        year: (!own_year).then(|| era::format_era_year(on)),
        month: on.month(),
        day: on.day(),
    }
}
