//! 事業者確認用 as somebody filled it in in a workbook: one answer a row, all of them or none. Who asked,
//! and whose answer it is, is not known here.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use sonae_domain::answer::Answer;
use sonae_domain::edition::{Audience, Edition, Text};
use sonae_domain::evidence::{Finding, Severity};
use sonae_domain::ids::{EditionId, FormId, ItemId};
use sonae_domain::vendor::VendorLine;
use sonae_ingest::answer_form::{FormAnswer, FormReading};

use super::answering::{NOTE_CHARS_MAX, refuse_secret};
use super::catalog::Catalog;
use super::failure::Failure;
use super::import::SourceFile;
use super::labels;
use super::reader_process::{self, Outcome, Request, Task};
use super::vendor_answers::field_of;

/// A form for vendors with its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilledForm {
    pub(crate) edition: EditionId,
    pub(crate) form: FormId,
    /// 事業者名, where the form names one.
    pub(crate) vendor: Option<String>,
    /// One at least; each with its own 確認日.
    pub(crate) lines: BTreeMap<ItemId, VendorLine>,
}

/// Reads a form in a child process. What cannot be taken makes the whole form refused: whoever filled it
/// in mends it, and nothing is half-taken.
///
/// # Errors
/// It is no form that Sonae wrote, none for vendors, without any answer, or something in it must be mended.
pub(crate) async fn read(
    program: &Path,
    catalog: &Catalog,
    file: &SourceFile,
    today: Date,
) -> Result<FilledForm, Failure> {
    let request = Request::new(Task::Answers, &file.name);
    let outcome = reader_process::read(program, request, &file.bytes).await?;
    let Outcome::Answers(reading) = outcome else {
        return Err(Failure::unexpected(labels::reader_not_started()));
    };
    let refused = |text: &Text| Failure::refused(labels::in_file(&file.name, text));
    understood(catalog, reading, today).map_err(|text| refused(&text))
}

impl FilledForm {
    /// The same as it would be typed on the page of a request.
    pub(crate) fn fields(&self, edition: &Edition) -> BTreeMap<String, Vec<String>> {
        let mut fields = BTreeMap::new();
        for (id, line) in &self.lines {
            let Some(item) = edition.item(id) else {
                continue;
            };
            let handle = edition.handle(item);
            let value = serde_json::to_value(line.value);
            let value = value.ok().and_then(|word| Some(word.as_str()?.to_owned()));
            let typed = [
                ("value", value),
                ("confirmed", line.confirmed_on.map(|day| day.to_string())),
                ("target", line.target_on.map(|day| day.to_string())),
                ("note", line.note.clone()),
            ];
            for (part, typed) in typed {
                fields.extend(typed.map(|typed| (field_of(part, &handle), vec![typed])));
            }
        }
        fields
    }
}

fn understood(catalog: &Catalog, reading: FormReading, today: Date) -> Result<FilledForm, Text> {
    let unread = |finding: &&Finding| finding.severity == Severity::Unread;
    if let Some(finding) = reading.findings.iter().find(unread) {
        return Err(labels::at_place(&finding.place, &finding.text));
    }
    let first = reading.answers.first();
    let first = first.ok_or_else(labels::nothing_answered)?;
    let editions = catalog.editions.values();
    let found = editions.filter_map(|edition| Some((edition, edition.item(&first.item)?)));
    let (edition, item) = found
        .into_iter()
        .next()
        .ok_or_else(|| labels::form_item_unknown(first.item.as_str()))?;
    let form = edition.form(&item.form);
    let form = form.filter(|form| form.audience == Audience::Vendor);
    let form = form.ok_or_else(labels::not_the_vendor_form)?;
    let mut lines = BTreeMap::new();
    for answer in &reading.answers {
        let item = edition.item(&answer.item);
        let item = item.filter(|item| item.form == form.id);
        let item = item.ok_or_else(|| labels::form_item_unknown(answer.item.as_str()))?;
        let line = line(edition, answer, today);
        let refused = |text| labels::form_answer_refused(&item.number, &text);
        // Of several rounds the last one counts; they come in their order.
        lines.insert(answer.item.clone(), line.map_err(refused)?);
    }
    Ok(FilledForm {
        edition: edition.head.id.clone(),
        form: form.id.clone(),
        vendor: reading.vendor,
        lines,
    })
}

/// What holds for every answer holds for a vendor's.
fn line(edition: &Edition, typed: &FormAnswer, today: Date) -> Result<VendorLine, Text> {
    let confirmed_on = typed.confirmed_on.ok_or_else(labels::day_missing)?;
    let line = VendorLine {
        value: typed.value,
        confirmed_on: Some(confirmed_on),
        target_on: typed.target_on,
        note: typed.note.clone(),
    };
    check_line(edition, &typed.item, &line, confirmed_on, today)?;
    Ok(line)
}

/// Refuses what no vendor can answer on a day: a day to come, a target with はい, a password, a novel.
pub(crate) fn check_line(
    edition: &Edition,
    item: &ItemId,
    line: &VendorLine,
    confirmed_on: Date,
    today: Date,
) -> Result<(), Text> {
    let answer = Answer {
        item: item.clone(),
        round: 1,
        value: line.value,
        confirmed_on,
        target_on: line.target_on,
        note: None,
        // Whoever answers is named once for the whole form.
        answered_by: labels::SOMEBODY.to_owned(),
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
        basis: None,
    };
    let checked = answer.check(today, edition.head.fiscal_year);
    checked.map_err(|refused| refused.text())?;
    let note = line.note.as_deref();
    if note.is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
        return Err(labels::note_too_long(NOTE_CHARS_MAX));
    }
    refuse_secret(note).map_err(|failure| failure.text)
}
