//! The cells of one row: what they say, and a finding for each that cannot be read.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era;
use unicode_normalization::UnicodeNormalization;

use super::{Header, Row, Sheet};
use crate::findings::Findings;
use crate::labels::tables as labels;

/// One row while it is read.
pub(crate) struct Cells<'a> {
    /// Where it stands.
    pub(crate) sheet: &'a Sheet,
    /// Its cells.
    pub(crate) row: &'a Row,
    /// Where complaints go.
    pub(crate) findings: &'a mut Findings,
}

impl Cells<'_> {
    /// The text under a header. Dashes are nothing; errors and ditto marks are findings.
    pub(crate) fn text(&mut self, header: Option<&Header>) -> Option<String> {
        let header = header?;
        self.checked(header).unwrap_or_else(|why| {
            self.unread(header, why);
            None
        })
    }

    /// The text under a header, or why it cannot be read.
    pub(crate) fn checked(&self, header: &Header) -> Result<Option<String>, Text> {
        let cell = self.row.cell(header.column);
        if is_nothing(cell) {
            return Ok(None);
        }
        if is_error(cell) {
            return Err(labels::error_cell(cell));
        }
        if is_ditto(cell) {
            return Err(labels::ditto_cell(cell));
        }
        Ok(Some(cell.to_owned()))
    }

    /// The day under a header.
    pub(crate) fn day(&mut self, header: Option<&Header>) -> Option<Date> {
        let text = self.text(header)?;
        let day = day(&text);
        if let (None, Some(header)) = (day, header) {
            self.unread(header, labels::not_a_date(&text));
        }
        day
    }

    /// Complains of a cell that was not read.
    pub(crate) fn unread(&mut self, header: &Header, text: Text) {
        let place = self.sheet.place(Some(self.row.number), Some(&header.text));
        self.findings.unread(place, text);
    }

    /// Remarks on a cell that was read.
    pub(crate) fn notice(&mut self, header: &Header, text: Text) {
        let place = self.sheet.place(Some(self.row.number), Some(&header.text));
        self.findings.notice(place, text);
    }

    /// Complains of the row as a whole.
    pub(crate) fn row_unread(&mut self, text: Text) {
        self.findings
            .unread(self.sheet.place(Some(self.row.number), None), text);
    }
}

/// A day, also with the time that spreadsheets and databases write after it.
pub(crate) fn day(text: &str) -> Option<Date> {
    if let Some(day) = era::parse_day(text) {
        return Some(day);
    }
    let (day, time) = text.trim().split_once(['T', ' ', '\u{3000}'])?;
    let is_time = !time.is_empty()
        && time
            .chars()
            .all(|c| c.is_ascii_digit() || ":.Z".contains(c));
    (is_time && time.contains(':'))
        .then(|| era::parse_day(day))
        .flatten()
}

/// A word without width, case and blanks, for comparison.
pub(crate) fn folded(cell: &str) -> String {
    cell.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .collect()
}

/// Whether a cell says that there is nothing to say.
fn is_nothing(cell: &str) -> bool {
    cell.chars()
        .all(|c| c.is_whitespace() || "-－―‐−ー–—".contains(c))
}

/// Whether a cell repeats another by a sign.
fn is_ditto(cell: &str) -> bool {
    matches!(cell, "同上" | "〃" | "々" | "\"" | "”" | "″" | "同左")
}

/// Whether a cell is an error of the spreadsheet, or a formula that was not calculated.
fn is_error(cell: &str) -> bool {
    const ERRORS: [&str; 7] = [
        "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!",
    ];
    cell == labels::FORMULA || ERRORS.contains(&cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days_with_the_time_of_programs() {
        for text in [
            "2026/3/31 0:00:00",
            "2026-03-31T00:00:00",
            "2026-03-31 09:15",
            "R8.3.31",
        ] {
            assert_eq!(
                day(text).map(|day| day.to_string()).as_deref(),
                Some("2026-03-31"),
                "{text}"
            );
        }
        for text in [
            "2026-03-31 頃",
            "2026-03",
            "46112",
            "2026-03-31 1",
            "未定",
            "",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
