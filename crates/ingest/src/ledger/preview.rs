//! What a ledger would be read as, before anything is recorded.

use serde::{Deserialize, Serialize};

use super::mapping::{self, ColumnMapping};
use super::{detect, read};
use crate::table::{self, Origin, Scope, Sheet};
use crate::text::Encoding;
use crate::{Input, ReadError};

/// A ledger at first sight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Headers of all sheets that are read, each once, in their order.
    pub headers: Vec<String>,
    /// The institution's own mapping, and suggestions for the other headers.
    pub mapping: ColumnMapping,
    /// Rows below the headers, over all sheets that are read.
    pub n_rows: usize,
    /// None for a workbook.
    pub encoding: Option<Encoding>,
    /// None for a workbook.
    pub delimiter: Option<char>,
    /// The first sheet that is read; none for a text file.
    pub sheet: Option<String>,
    /// The row of its headers, as the user's program shows it.
    pub header_row: u32,
    /// Sheets with content in which no header row was found.
    pub sheets_not_read: Vec<String>,
}

/// Looks at a table as a ledger, also at one whose headers nobody knows yet.
///
/// # Errors
/// Not a table, no rows, columns that Sonae must not store, or beyond a limit.
pub fn preview(input: &Input<'_>) -> Result<Preview, ReadError> {
    let table = table::load(super::FORMAT, input.bytes, Scope::All)?;
    let mut known: Vec<(&Sheet, usize)> = Vec::new();
    for sheet in &table.sheets {
        known.extend(detect::header_row(sheet, input.mapping).map(|row| (sheet, row)));
    }
    if known.is_empty() {
        known.extend(
            table
                .sheets
                .iter()
                .find_map(|sheet| Some((sheet, table::widest_row(sheet)?))),
        );
    }
    let &(first, first_header) = known.first().ok_or(ReadError::Empty)?;
    let mut headers = Vec::new();
    let mut n_rows = 0;
    for &(sheet, header_row) in &known {
        let Some(row) = sheet.rows.get(header_row) else {
            continue;
        };
        let found = table::headers_of(row);
        read::refuse_forbidden(&found)?;
        n_rows += sheet.rows.len() - header_row - 1;
        for header in found {
            if headers
                .iter()
                .all(|known: &table::Header| known.text != header.text)
            {
                headers.push(header);
            }
        }
    }
    let (encoding, delimiter) = match table.origin {
        Origin::Text {
            encoding,
            delimiter,
        } => (Some(encoding), Some(delimiter)),
        Origin::Workbook => (None, None),
    };
    let is_read = |sheet: &Sheet| known.iter().any(|(known, _)| known.name == sheet.name);
    Ok(Preview {
        mapping: mapping::effective(&headers, input.mapping),
        headers: headers.into_iter().map(|header| header.text).collect(),
        n_rows,
        encoding,
        delimiter,
        sheet: first.name.clone(),
        header_row: first.rows.get(first_header).map_or(0, |row| row.number),
        sheets_not_read: table
            .sheets
            .iter()
            .filter(|sheet| !sheet.rows.is_empty() && !is_read(sheet))
            .filter_map(|sheet| sheet.name.clone())
            .collect(),
    })
}
