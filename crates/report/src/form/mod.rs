//! A filled or blank checklist form (様式), as the caller hands it over.
//! Which answer counts and how an item stands was decided before; here it is only shown.

mod context;
mod letter;
mod workbook;

use jiff::civil::Date;
use sonae_domain::answer::{Answer, AnswerValue};
use sonae_domain::edition::{EditionHead, Form, Item, Text};
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Coverage;

use crate::error::RenderError;
use crate::history_note::HistoryNote;
use crate::pdf::{self, Template};
use sonae_domain::labels::Language;

pub use letter::{DeviceAsked, RequestLetter};
pub use workbook::form_xlsx;

/// One form to be printed.
#[derive(Debug, Clone)]
pub struct FormSheet<'a> {
    /// Label, fiscal year and status are shown.
    pub edition: &'a EditionHead,
    /// Title, notes, sections and groups.
    pub form: &'a Form,
    /// The product's own field above the official table; may be empty on a blank form.
    pub institution: &'a str,
    /// 事業者名 of a form for vendors; where it is empty a pen fills it in.
    pub vendor: &'a str,
    /// The rows in their official order.
    pub rows: Vec<FormRow<'a>>,
    /// To be filled in by hand: answers and states are left out even if given.
    pub blank: bool,
    /// Printed, and the day on which the states hold.
    pub generated_on: Date,
    /// Of our own pages; the official form is Japanese.
    pub language: Language,
    /// Printed at the foot of the form; none on one that holds nothing of ours.
    pub history: Option<HistoryNote>,
}

/// One row of the form (チェック項目).
#[derive(Debug, Clone)]
pub struct FormRow<'a> {
    /// Wording, number, remark.
    pub item: &'a Item,
    /// The answers of the year, in any order.
    pub answers: Vec<AnswerShown>,
    /// How it stands. If no row has any, the pages on states and evidence are left out.
    pub state: Option<ItemState>,
}

/// What a person answered in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerShown {
    /// 1 for the first confirmation of the year.
    pub round: u8,
    /// はい, いいえ or 記入不要.
    pub value: AnswerValue,
    /// 確認日
    pub confirmed_on: Date,
    /// 目標日
    pub target_on: Option<Date>,
    /// 備考
    pub note: Option<String>,
}

/// How an item stands and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemState {
    /// Answer and evidence side by side.
    pub standing: Standing,
    /// How many subjects were judged how; none when only a person can tell.
    pub coverage: Option<Coverage>,
    /// The sentences of the checks, the most important first.
    pub reasons: Vec<ReasonShown>,
    /// What people keep about it. Printed where there is no evidence; never a proof.
    pub documents: Vec<DocumentShown>,
}

/// A sentence, and the evidence it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonShown {
    /// As the check words it.
    pub text: Text,
    /// Printed behind the sentence; without it the sentence is marked as having no evidence.
    pub evidence: Option<EvidenceShown>,
}

/// A piece of evidence as a reader can look it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceShown {
    /// As it is listed among the evidence.
    pub file_name: String,
    /// The day for which it speaks.
    pub effective_on: Date,
}

/// A document (書類) that speaks about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentShown {
    /// As a person named it.
    pub title: String,
    /// The day for which it speaks.
    pub effective_on: Date,
}

impl From<&Answer> for AnswerShown {
    fn from(answer: &Answer) -> Self {
        Self {
            round: answer.round,
            value: answer.value,
            confirmed_on: answer.confirmed_on,
            target_on: answer.target_on,
            note: answer.note.clone(),
        }
    }
}

impl FormSheet<'_> {
    /// How many confirmations the form has columns for; a form has at least one.
    pub fn n_columns(&self) -> u8 {
        self.form.rounds.max(1)
    }

    /// The answer in a column, counted from 1. A year may have more confirmations than the form
    /// has columns; the last column then shows the latest, which is the one that counts.
    pub fn answer_in<'r>(&self, row: &'r FormRow<'_>, column: u8) -> Option<&'r AnswerShown> {
        if self.blank {
            return None;
        }
        let last = column >= self.n_columns();
        row.answers
            .iter()
            .filter(|a| a.round == column || (last && a.round > column))
            .max_by_key(|a| a.round)
    }

    /// The answers shown, the latest first.
    fn answers_shown<'r>(&self, row: &'r FormRow<'_>) -> impl Iterator<Item = &'r AnswerShown> {
        (1..=self.n_columns())
            .rev()
            .filter_map(|column| self.answer_in(row, column))
    }

    /// The form has one place for 目標日: the latest that was set. It stays when a later column
    /// says はい, as it would on paper.
    pub fn target_of(&self, row: &FormRow<'_>) -> Option<Date> {
        self.answers_shown(row).find_map(|answer| answer.target_on)
    }

    /// The form has one place for 備考: the latest that was written.
    pub fn note_of<'r>(&self, row: &'r FormRow<'_>) -> Option<&'r str> {
        self.answers_shown(row)
            .find_map(|answer| answer.note.as_deref())
    }

    /// Whether there is anything to say on our own pages.
    fn has_states(&self) -> bool {
        !self.blank && self.rows.iter().any(|row| row.state.is_some())
    }
}

const TEMPLATE: Template = Template {
    report: "form.typ",
    source: include_str!("../../../../templates/reports/form/form.typ"),
    tagged: true,
};

/// The form on A4 as the ministry lays it out, then, on pages of our own, states and evidence.
///
/// # Errors
/// The short code is too long for a QR code, or the typesetter refuses the template or the export.
pub fn form_pdf(sheet: &FormSheet<'_>) -> Result<Vec<u8>, RenderError> {
    Ok(pdf::render(&TEMPLATE, &context::of(sheet)?, sheet.generated_on)?.bytes)
}

/// The form behind a letter that asks a vendor to fill it in.
///
/// # Errors
/// The address is too long for a QR code, or the typesetter refuses the template or the export.
pub fn request_letter_pdf(
    sheet: &FormSheet<'_>,
    letter: &RequestLetter<'_>,
) -> Result<Vec<u8>, RenderError> {
    let context = letter::of(sheet, letter)?;
    Ok(pdf::render(&TEMPLATE, &context, sheet.generated_on)?.bytes)
}

#[cfg(test)]
mod tests;
