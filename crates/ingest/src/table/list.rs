//! Lists with one header row: their columns by field, and findings for all that is left over.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cells, Header, Row, Sheet, Table, Vocabulary, header_row, headers_of};
use crate::findings::Findings;
use crate::labels::tables as labels;
use crate::report::ReadError;

/// A sheet with the header row of a list.
pub(crate) struct List<'a, F> {
    /// Where it stands.
    pub(crate) sheet: &'a Sheet,
    /// The header row.
    pub(crate) header: &'a Row,
    /// The rows below.
    pub(crate) rows: &'a [Row],
    /// Every header.
    pub(crate) headers: Vec<Header>,
    columns: BTreeMap<F, Header>,
}

impl<F: Copy + Ord> List<'_, F> {
    /// The column of a field.
    pub(crate) fn header(&self, field: F) -> Option<&Header> {
        self.columns.get(&field)
    }

    /// A row to read. Cells beside the table are findings; a repeated header is none.
    pub(crate) fn cells<'b>(
        &'b self,
        row: &'b Row,
        findings: &'b mut Findings,
    ) -> Option<Cells<'b>> {
        let mut cells = Cells {
            sheet: self.sheet,
            row,
            findings,
        };
        if self.repeats_header(row) {
            let place = self.sheet.place(Some(row.number), None);
            cells.findings.notice(place, labels::repeated_header());
            return None;
        }
        for (column, text) in row.filled() {
            if self.headers.iter().all(|header| header.column != column) {
                cells.row_unread(labels::cell_without_header(text));
            }
        }
        Some(cells)
    }

    fn repeats_header(&self, row: &Row) -> bool {
        let mut headers = self.headers.iter();
        headers.all(|header| row.cell(header.column) == header.text)
    }

    fn choose(&mut self, words: &Vocabulary<F>, findings: &mut Findings) {
        let mut ranks: BTreeMap<F, usize> = BTreeMap::new();
        let mut left = Vec::new();
        for header in &self.headers {
            match words.field(&header.text) {
                None => left.push((header.clone(), labels::unused_column())),
                Some((rank, field)) if ranks.get(&field).is_none_or(|known| rank < *known) => {
                    ranks.insert(field, rank);
                    let before = self.columns.insert(field, header.clone());
                    left.extend(before.map(|header| (header, labels::doubled_column())));
                }
                Some(_) => left.push((header.clone(), labels::doubled_column())),
            }
        }
        for (header, text) in left {
            let place = self
                .sheet
                .place(Some(self.header.number), Some(&header.text));
            findings.notice(place, text);
        }
    }
}

/// The sheets that are such a list; what is above their headers and all other sheets are findings.
pub(crate) fn lists<'a, F: Copy + Ord>(
    table: &'a Table,
    words: &Vocabulary<F>,
    is_enough: impl Fn(&BTreeSet<F>) -> bool + Copy,
    findings: &mut Findings,
) -> Vec<List<'a, F>> {
    let mut lists = Vec::new();
    for sheet in &table.sheets {
        let found = header_row(sheet, words, is_enough).map(|at| sheet.rows.split_at(at));
        let Some((above, Some((header, rows)))) = found.map(|(a, rest)| (a, rest.split_first()))
        else {
            if !sheet.rows.is_empty() {
                let text = labels::sheet_without_header(sheet.rows.len());
                findings.unread(sheet.place(None, None), text);
            }
            continue;
        };
        report_above(sheet, above, findings);
        let headers = headers_of(header);
        let mut list = List {
            sheet,
            header,
            rows,
            headers,
            columns: BTreeMap::new(),
        };
        list.choose(words, findings);
        lists.push(list);
    }
    lists
}

/// Refuses lists of which no sheet has a row.
pub(crate) fn refuse_no_rows<F: Copy + Ord>(
    format: &'static str,
    lists: &[List<'_, F>],
) -> Result<(), ReadError> {
    let has_rows = |list: &List<'_, F>| !list.rows.iter().all(|row| list.repeats_header(row));
    match lists.iter().any(has_rows) {
        true => Ok(()),
        false => Err(ReadError::NoRows { format }),
    }
}

/// Title lines are no rows of the list, but the user sees that they were left out.
pub(crate) fn report_above(sheet: &Sheet, above: &[Row], findings: &mut Findings) {
    for row in above {
        let line: Vec<&str> = row.filled().map(|(_, text)| text).collect();
        let place = sheet.place(Some(row.number), None);
        findings.notice(place, labels::before_header(&line.join(" ")));
    }
}
