//! A table that a person keeps, as rows of text with the numbers its owner sees beside them.
//! Nothing here knows what a column means.
//!
//! Supported: CSV, TSV and semicolon-separated text in the encodings of `text.rs`; XLSX.
//! Refused with a word of advice: XLS, XLSB, ODS, encrypted workbooks.

mod cells;
mod columns;
mod delimited;
mod list;
mod workbook;

#[cfg(test)]
mod tests;

use std::io::Cursor;

pub(crate) use cells::{Cells, day, folded};
pub(crate) use columns::{
    Header, Vocabulary, Words, header_row, headers_of, is_birthday, is_password, is_patient, key,
    widest_row,
};
pub(crate) use list::{List, lists, refuse_no_rows, report_above};
use sonae_domain::evidence::Place;

use crate::labels::tables as labels;
use crate::report::ReadError;
use crate::text::Encoding;

/// 20 MiB: the ledger of a large hospital (5,000 devices, 60 columns) is about 3 MiB.
pub(crate) const BYTES_MAX: usize = 20 * 1024 * 1024;
/// Ten times the devices of the largest hospital group; a row beyond is a stray cell or an attack.
pub(crate) const ROWS_MAX: usize = 50_000;
/// Asset products export up to about 200 columns; XLSX itself allows 16,384.
pub(crate) const COLUMNS_MAX: usize = 512;
/// 20,000 devices with 50 columns; about 100 MiB in memory.
pub(crate) const CELLS_MAX: usize = 1_000_000;
/// What Excel itself allows in a cell.
pub(crate) const CELL_CHARS_MAX: usize = 32_767;
/// Title lines and remarks stand before the header; no known product writes more than 20.
pub(crate) const HEAD_ROWS_MAX: usize = 40;

/// Sheets of rows of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// One for a text file.
    pub(crate) sheets: Vec<Sheet>,
    /// What the file was.
    pub(crate) origin: Origin,
}

/// What kind of file a table came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// CSV and the like.
    Text {
        /// As found.
        encoding: Encoding,
        /// As found.
        delimiter: char,
    },
    /// XLSX.
    Workbook,
}

/// One sheet, without its blank rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// None for a text file.
    pub(crate) name: Option<String>,
    /// In their order; blank rows are left out.
    pub(crate) rows: Vec<Row>,
    /// Areas of merged cells; only the first cell of each has text.
    pub(crate) merged: Vec<Area>,
}

/// One row with content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// From 1, as the user's program shows it.
    pub(crate) number: u32,
    cells: Vec<String>,
}

/// A rectangle of cells. Row numbers from 1, columns from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    /// First and last row.
    pub(crate) rows: (u32, u32),
    /// First and last column.
    pub(crate) columns: (usize, usize),
}

/// How much of a file to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The first rows of each sheet, enough to recognise it.
    Head,
    /// Everything.
    All,
}

impl Scope {
    fn is_enough(self, n_rows: usize) -> bool {
        self == Self::Head && n_rows >= HEAD_ROWS_MAX
    }
}

impl Row {
    /// The text of a cell without surrounding blanks; empty if there is none.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |text| text.trim())
    }

    /// The cells with content and their columns.
    pub(crate) fn filled(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.cells.len())
            .map(|i| (i, self.cell(i)))
            .filter(|(_, text)| !text.is_empty())
    }
}

impl Sheet {
    /// A place in this sheet.
    pub(crate) fn place(&self, row: Option<u32>, column: Option<&str>) -> Place {
        Place {
            part: self.name.clone(),
            row,
            column: column.map(str::to_owned),
        }
    }
}

/// Whether the bytes are a workbook, also one of a kind that we refuse.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    matches!(kind(bytes), Kind::Workbook | Kind::OtherWorkbook(_))
}

/// Reads a table for the reader named `format`.
///
/// # Errors
/// Not a table, damaged, or beyond a limit.
pub(crate) fn load(format: &'static str, bytes: &[u8], scope: Scope) -> Result<Table, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    if bytes.len() > BYTES_MAX && (scope == Scope::All || is_workbook(bytes)) {
        return Err(too_large(format, labels::BYTES, BYTES_MAX));
    }
    match kind(bytes) {
        Kind::Text => delimited::load(format, bytes, scope),
        Kind::Workbook => workbook::load(format, bytes, scope),
        Kind::OtherWorkbook(kind) => Err(ReadError::OtherWorkbook { format, kind }),
        Kind::Archive => Err(ReadError::UnknownFormat),
    }
}

fn too_large(format: &'static str, what: &'static str, limit: usize) -> ReadError {
    ReadError::TooLarge {
        format,
        what,
        limit: u64::try_from(limit).unwrap_or(u64::MAX),
    }
}

/// The rows of a sheet as they grow, within the limits of the whole table.
struct Rows {
    format: &'static str,
    n_cells: usize,
}

impl Rows {
    fn new(format: &'static str) -> Self {
        Self { format, n_cells: 0 }
    }

    /// Puts a cell at its place; cells must come row by row. Blank cells do not count.
    fn put(
        &mut self,
        rows: &mut Vec<Row>,
        number: u32,
        column: usize,
        text: String,
    ) -> Result<(), ReadError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if column >= COLUMNS_MAX {
            return Err(too_large(self.format, labels::COLUMNS, COLUMNS_MAX));
        }
        if usize::try_from(number).map_or(true, |number| number > ROWS_MAX) {
            return Err(too_large(self.format, labels::ROWS, ROWS_MAX));
        }
        if text.len() > CELL_CHARS_MAX && text.chars().count() > CELL_CHARS_MAX {
            return Err(too_large(self.format, labels::CELL_CHARS, CELL_CHARS_MAX));
        }
        self.n_cells += 1;
        if self.n_cells > CELLS_MAX {
            return Err(too_large(self.format, labels::CELLS, CELLS_MAX));
        }
        if rows.last().is_none_or(|row| row.number != number) {
            rows.push(Row {
                number,
                cells: Vec::new(),
            });
        }
        if let Some(row) = rows.last_mut() {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, String::new());
            }
            if let Some(cell) = row.cells.get_mut(column) {
                *cell = text;
            }
        }
        Ok(())
    }
}

enum Kind {
    Text,
    Workbook,
    OtherWorkbook(&'static str),
    Archive,
}

fn kind(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Kind::OtherWorkbook("XLS");
    }
    if !bytes.starts_with(b"PK\x03\x04") {
        return Kind::Text;
    }
    let Ok(zip) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        // A cut-off workbook has lost its directory, but its first part still has its name.
        let head = bytes.get(..64).unwrap_or(bytes);
        let is_workbook = [
            &b"[Content_Types].xml"[..],
            b"_rels/.rels",
            b"xl/",
            b"docProps/",
        ]
        .iter()
        .any(|name| head.windows(name.len()).any(|part| part == *name));
        return if is_workbook {
            Kind::Workbook
        } else {
            Kind::Archive
        };
    };
    let has = |name: &str| zip.index_for_name(name).is_some();
    if has("xl/workbook.bin") {
        return Kind::OtherWorkbook("XLSB");
    }
    if has("content.xml") && has("mimetype") {
        return Kind::OtherWorkbook("ODS");
    }
    let is_workbook = zip.file_names_raw().any(|name| name.starts_with(b"xl/"));
    if is_workbook {
        Kind::Workbook
    } else {
        Kind::Archive
    }
}
