//! CSV and its relatives: encoding, delimiter and row numbers. The parsing is the csv crate's.

use super::{HEAD_ROWS_MAX, Origin, Row, Rows, Scope, Sheet, Table};
use crate::report::ReadError;
use crate::text;

/// Tabs come from ISM `CloudOne`, semicolons from European programs.
const DELIMITERS: [u8; 3] = *b",\t;";

/// 256 KiB hold the first rows of the widest export.
const HEAD_BYTES_MAX: usize = 256 * 1024;

/// Reads a delimited text.
pub(super) fn load(format: &'static str, bytes: &[u8], scope: Scope) -> Result<Table, ReadError> {
    let decoded = match scope {
        Scope::Head => text::decode(format, head(bytes))?,
        Scope::All => text::decode(format, bytes)?,
    };
    // One kind of line end, also the lone CR of old Macintosh programs, so that rows can be counted.
    let mut text = decoded.text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let delimiter = delimiter(format, &text)?;
    // The head may end inside a cell.
    if let (Scope::All, Some(line)) = (scope, open_quote(&text, char::from(delimiter))) {
        let why = "a quotation mark is never closed".to_owned();
        return Err(ReadError::Damaged {
            format,
            place: format!("line {line}"),
            why,
        });
    }
    let rows = rows(format, &text, delimiter, scope)?;
    let origin = Origin::Text {
        encoding: decoded.encoding,
        delimiter: char::from(delimiter),
    };
    Ok(Table {
        sheets: vec![Sheet {
            name: None,
            rows,
            merged: Vec::new(),
        }],
        origin,
    })
}

/// The first lines, enough to recognise a table without decoding a large file.
fn head(bytes: &[u8]) -> &[u8] {
    let Some(head) = bytes.get(..HEAD_BYTES_MAX) else {
        return bytes;
    };
    let Some(line_end) = head.iter().rposition(|byte| *byte == b'\n') else {
        return head;
    };
    // In UTF-16LE the line break has a second byte.
    let n_bytes = line_end + if bytes.starts_with(b"\xff\xfe") { 2 } else { 1 };
    bytes.get(..n_bytes).unwrap_or(head)
}

/// The delimiter that finds the most cells in the first rows.
fn delimiter(format: &'static str, text: &str) -> Result<u8, ReadError> {
    let mut best = (0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let mut head = rows(format, text, delimiter, Scope::Head)?;
        head.truncate(HEAD_ROWS_MAX);
        let n_cells = head.iter().map(|row| row.filled().count()).sum();
        if n_cells > best.0 {
            best = (n_cells, delimiter);
        }
    }
    Ok(best.1)
}

fn rows(
    format: &'static str,
    text: &str,
    delimiter: u8,
    scope: Scope,
) -> Result<Vec<Row>, ReadError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut limits = Rows::new(format);
    let mut record = csv::StringRecord::new();
    // Line breaks inside cells; the user's program does not count them as rows.
    let mut n_inner_lines = 0;
    while !scope.is_enough(rows.len()) {
        let more = reader
            .read_record(&mut record)
            .map_err(|error| ReadError::Damaged {
                format,
                place: format!("line {}", reader.position().line()),
                why: error.to_string(),
            })?;
        if !more {
            break;
        }
        n_inner_lines += record
            .iter()
            .map(|cell| cell.matches('\n').count())
            .sum::<usize>();
        let n_lines = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        let number = n_lines.saturating_sub(1).saturating_sub(n_inner_lines);
        // A quotation mark that the head cuts off takes the line end into its cell.
        let after_last = rows
            .last()
            .map_or(1, |row: &Row| row.number.saturating_add(1));
        let number = u32::try_from(number).unwrap_or(u32::MAX).max(after_last);
        for (column, cell) in record.iter().enumerate() {
            limits.put(&mut rows, number, column, unescape(cell))?;
        }
    }
    Ok(rows)
}

/// Takes away what programs add so that Excel leaves a cell alone: `="00123"`, and one `'` before
/// signs that would begin a formula, as our own export writes it.
fn unescape(cell: &str) -> String {
    let cell = cell.trim();
    if let Some(inner) = cell
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
    {
        return inner.to_owned();
    }
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(ESCAPED) => rest.to_owned(),
        _ => cell.to_owned(),
    }
}

/// Before these our export writes `'`, also before itself, so that exactly one is taken away.
const ESCAPED: [char; 12] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\'',
];

/// The line of a quotation mark that is never closed: everything after it would become one cell.
fn open_quote(text: &str, delimiter: char) -> Option<usize> {
    let mut opened_at = None;
    let mut line = 1;
    let mut at_start = true;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        line += usize::from(c == '\n');
        match (c, opened_at) {
            ('"', None) if at_start => opened_at = Some(line),
            ('"', Some(_)) if chars.peek() == Some(&'"') => {
                chars.next();
            }
            ('"', Some(_)) => opened_at = None,
            _ => {}
        }
        at_start = opened_at.is_none() && (c == delimiter || c == '\n');
    }
    opened_at
}
