//! Rows with an item id to answers. An answer that is doubtful in any cell is not taken.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::AnswerValue;
use sonae_domain::edition::Text;
use sonae_domain::evidence::{Finding, Place};
use sonae_domain::ids::ItemId;

use crate::ReadError;
use crate::findings::Findings;
use crate::labels::tables as labels;
use crate::table::{self, Cells, HEAD_ROWS_MAX, Header, Row, Scope, Sheet, Table, folded, key};

/// More rounds than any form had (two), so that a stray number is no round.
const ROUNDS_MAX: u8 = 9;

/// What a person wrote beside one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswer {
    /// The row.
    pub item: ItemId,
    /// 1 for the first confirmation.
    pub round: u8,
    /// はい, いいえ or 記入不要.
    pub value: AnswerValue,
    /// 確認日
    pub confirmed_on: Option<Date>,
    /// 目標日; with the last round that is answered いいえ.
    pub target_on: Option<Date>,
    /// 備考; with the last round that is answered.
    pub note: Option<String>,
    /// Sheet and row, so that whoever refuses the answer can say where it stands.
    pub place: Place,
}

/// A filled-in form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormReading {
    /// In the order of the rows.
    pub answers: Vec<FormAnswer>,
    /// What could not be read, and why.
    pub findings: Vec<Finding>,
    /// 事業者名, where the form names one.
    pub vendor: Option<String>,
}

/// What people write for an answer, as [`folded`]: the words of the form first.
const ANSWERS: [(AnswerValue, &[&str]); 3] = [
    (
        AnswerValue::Yes,
        &["はい", "ハイ", "yes", "y", "○", "◯", "〇"],
    ),
    (AnswerValue::No, &["いいえ", "イイエ", "no", "n", "×", "✕"]),
    (
        AnswerValue::NotRequired,
        &[
            "記入不要",
            "対象外",
            "notrequired",
            "not-required",
            "not_required",
        ],
    ),
];

/// The answer that a text means, in a form or typed. Width, case and blanks do not count.
pub fn answer_value(text: &str) -> Option<AnswerValue> {
    let text = folded(text);
    ANSWERS
        .iter()
        .find(|(_, words)| words.contains(&text.as_str()))
        .map(|(value, _)| *value)
}

/// Whether a table is a form that Sonae wrote.
pub(crate) fn is_form(table: &Table) -> bool {
    table.sheets.iter().any(|sheet| header(sheet).is_some())
}

/// Reads the answers of a filled form.
///
/// # Errors
/// Not a form that Sonae wrote, damaged, or beyond a limit.
pub fn read(bytes: &[u8], _file_name: &str) -> Result<FormReading, ReadError> {
    let table = table::load(super::FORMAT, bytes, Scope::All)?;
    let mut findings = Findings::default();
    let mut answers = Vec::new();
    let mut seen = BTreeSet::new();
    let mut n_forms = 0;
    let mut vendor = None;
    for sheet in &table.sheets {
        let Some((header_row, columns)) = header(sheet) else {
            continue;
        };
        n_forms += 1;
        let above = sheet.rows.iter().take(header_row);
        vendor = vendor.or_else(|| above.filter_map(vendor_in).next());
        for row in sheet.rows.iter().skip(header_row + 1) {
            let mut cells = Cells {
                sheet,
                row,
                findings: &mut findings,
            };
            answers.extend(columns.read_row(&mut cells, &mut seen).unwrap_or_default());
        }
    }
    if n_forms == 0 {
        return Err(ReadError::UnknownFormat);
    }
    Ok(FormReading {
        answers,
        findings: findings.into_vec(),
        vendor,
    })
}

/// `事業者名：青葉システム` in one cell, or the name in the cell beside.
fn vendor_in(row: &Row) -> Option<String> {
    let mut cells = row.filled().map(|(_, cell)| cell);
    let rest = cells.find_map(|cell| cell.strip_prefix("事業者名"))?;
    let name = rest.trim_start_matches(['：', ':']).trim();
    let name = match name.is_empty() {
        true => cells.next()?,
        false => name,
    };
    Some(name.to_owned())
}

/// The header row and what its columns hold.
fn header(sheet: &Sheet) -> Option<(usize, Columns)> {
    sheet
        .rows
        .iter()
        .take(HEAD_ROWS_MAX)
        .enumerate()
        .find_map(|(position, row)| {
            let headers = table::headers_of(row);
            headers
                .iter()
                .any(|header| header.text == "item_id")
                .then(|| (position, Columns::of(headers)))
        })
}

#[derive(Debug, Default)]
struct Columns {
    item: Option<Header>,
    answers: BTreeMap<u8, Header>,
    confirmed_on: BTreeMap<u8, Header>,
    target_on: Option<Header>,
    note: Option<Header>,
}

impl Columns {
    fn of(headers: Vec<Header>) -> Self {
        let mut columns = Self::default();
        for header in headers {
            let key = key(&header.text);
            let (word, round) = round(&key);
            match word {
                "itemid" => columns.item = Some(header),
                "回答" => drop(columns.answers.insert(round, header)),
                "確認日" => drop(columns.confirmed_on.insert(round, header)),
                "目標日" => columns.target_on = Some(header),
                "備考" => columns.note = Some(header),
                _ => {}
            }
        }
        columns
    }

    fn read_row(
        &self,
        cells: &mut Cells<'_>,
        seen: &mut BTreeSet<String>,
    ) -> Option<Vec<FormAnswer>> {
        let Some(id) = cells.text(self.item.as_ref()) else {
            self.report_stray(cells);
            return None;
        };
        if !seen.insert(id.clone()) {
            cells.row_unread(labels::item_twice(&id));
            return None;
        }
        let item = ItemId::new(id);
        let target_on = day(cells, self.target_on.as_ref(), None)?;
        let note = cells.text(self.note.as_ref());
        let mut answers = Vec::new();
        for (round, header) in &self.answers {
            let told = (self.answers.len() > 1).then_some(*round);
            let confirmed_on = day(cells, self.confirmed_on.get(round), told);
            let value = value(cells, header, told);
            if let (Some(None), Some(Some(_))) = (value, confirmed_on) {
                refuse(cells, header, &labels::day_without_answer(), told);
            }
            let (Some(Some(value)), Some(confirmed_on)) = (value, confirmed_on) else {
                continue;
            };
            answers.push(FormAnswer {
                item: item.clone(),
                round: *round,
                value,
                confirmed_on,
                target_on: None,
                note: None,
                place: cells.sheet.place(Some(cells.row.number), None),
            });
        }
        if answers.is_empty() && (target_on.is_some() || note.is_some()) {
            cells.row_unread(labels::remark_without_answer());
        }
        attach(&mut answers, target_on, note);
        Some(answers)
    }

    /// Answers in rows whose item is not known, such as rows that were added by hand.
    fn report_stray(&self, cells: &mut Cells<'_>) {
        let filled: Vec<usize> = cells.row.filled().map(|(column, _)| column).collect();
        let mut inputs = self.answers.values().chain(self.confirmed_on.values());
        if inputs.any(|header| filled.contains(&header.column)) {
            cells.row_unread(labels::answer_without_item());
        }
    }
}

/// The form has one place for 目標日 and one for 備考 in a row, whatever the number of rounds: the
/// day belongs to the latest いいえ, the note to the latest answer. A day without any いいえ stays
/// with the latest answer, where it is refused with a reason.
fn attach(answers: &mut [FormAnswer], target_on: Option<Date>, note: Option<String>) {
    let last = answers.len().saturating_sub(1);
    let latest_no = answers
        .iter()
        .rposition(|answer| answer.value == AnswerValue::No);
    if let Some(answer) = answers.get_mut(latest_no.unwrap_or(last)) {
        answer.target_on = target_on;
    }
    if let Some(answer) = answers.get_mut(last) {
        answer.note = note;
    }
}

/// `回答2回目` is 回答 of round 2.
fn round(key: &str) -> (&str, u8) {
    let Some(front) = key.strip_suffix("回目") else {
        return (key, 1);
    };
    let word = front.trim_end_matches(|c: char| c.is_ascii_digit());
    match front.get(word.len()..).unwrap_or_default().parse() {
        Ok(round) if (1..=ROUNDS_MAX).contains(&round) => (word, round),
        _ => (key, 1),
    }
}

/// A day or none; nothing if there is something else, which is then a finding.
fn day(cells: &mut Cells<'_>, header: Option<&Header>, round: Option<u8>) -> Option<Option<Date>> {
    let Some(header) = header else {
        return Some(None);
    };
    let day = |text: String| table::day(&text).ok_or_else(|| labels::not_a_date(&text));
    let read = cells
        .checked(header)
        .and_then(|cell| cell.map(day).transpose());
    read.map_err(|why| refuse(cells, header, &why, round)).ok()
}

/// An answer or none; nothing if there is something else, which is then a finding.
fn value(cells: &mut Cells<'_>, header: &Header, round: Option<u8>) -> Option<Option<AnswerValue>> {
    let value = |text: String| answer_value(&text).ok_or_else(|| labels::not_an_answer(&text));
    let read = cells
        .checked(header)
        .and_then(|cell| cell.map(value).transpose());
    read.map_err(|why| refuse(cells, header, &why, round)).ok()
}

/// Says of a doubtful cell that the answer beside it was not taken.
fn refuse(cells: &mut Cells<'_>, header: &Header, why: &Text, round: Option<u8>) {
    cells.unread(header, labels::answer_not_taken(why, round));
}
