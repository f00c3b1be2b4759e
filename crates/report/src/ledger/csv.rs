//! The ledger as CSV. A cell never becomes a formula, and no character is replaced unseen.

use encoding_rs::SHIFT_JIS;

use super::LedgerSheet;
use crate::error::{RenderError, Unencodable};
use crate::labels;

/// How a CSV file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvEncoding {
    /// What older programs in Japan expect (Windows-31J).
    Cp932,
    /// UTF-8 with the mark that Excel needs to recognise it.
    Utf8Bom,
}

/// First characters that make a spreadsheet take a cell for a formula, or drop them and look at
/// the next one.
const DANGEROUS: [char; 12] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠',
];

/// The ledger as CSV with CRLF; dangerous cells begin with `'`, which the reader takes away.
///
/// # Errors
/// CP932 was asked for and lacks some characters; the error names row and column of each.
pub fn ledger_csv(sheet: &LedgerSheet<'_>, encoding: CsvEncoding) -> Result<Vec<u8>, RenderError> {
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut unencodable = Vec::new();
    writer.write_record(sheet.headers().map(|header| encoded(&header, encoding)))?;
    for (row, asset) in (2..).zip(sheet.assets) {
        let texts = sheet.cells(asset).map(|cell| safe(cell.text()));
        if encoding == CsvEncoding::Cp932 {
            unencodable.extend(labels::LEDGER_HEADERS.iter().zip(&texts).filter_map(
                |(column, text)| {
                    let character = first_outside_cp932(text)?;
                    Some(Unencodable {
                        row,
                        column,
                        character,
                    })
                },
            ));
        }
        writer.write_record(texts.map(|text| encoded(&text, encoding)))?;
    }
    if !unencodable.is_empty() {
        return Err(RenderError::NotInCp932(unencodable));
    }
    let body = writer
        .into_inner()
        .map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(match encoding {
        CsvEncoding::Cp932 => body,
        CsvEncoding::Utf8Bom => ["\u{feff}".as_bytes(), &body].concat(),
    })
}

/// Any table as CSV in UTF-8 with CRLF, safe to open in a spreadsheet.
///
/// # Errors
/// A row has another number of cells than the header.
pub fn table_csv(header: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, RenderError> {
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| safe(cell.clone())))?;
    }
    let body = writer
        .into_inner()
        .map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(["\u{feff}".as_bytes(), &body].concat())
}

pub(super) fn safe(text: String) -> String {
    if text.starts_with(DANGEROUS) {
        return format!("'{text}");
    }
    text
}

fn encoded(text: &str, encoding: CsvEncoding) -> Vec<u8> {
    match encoding {
        CsvEncoding::Cp932 => SHIFT_JIS.encode(text).0.into_owned(),
        CsvEncoding::Utf8Bom => text.as_bytes().to_vec(),
    }
}

/// The encoder also writes look-alikes, such as `\` for `¥`; what does not come back is refused.
fn first_outside_cp932(text: &str) -> Option<char> {
    text.chars().find(|c| {
        let text = c.to_string();
        let (bytes, _, refused) = SHIFT_JIS.encode(&text);
        refused || SHIFT_JIS.decode_without_bom_handling(&bytes).0 != text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_a_table_is_a_formula() {
        let check = |cell: &str, expected: &str| {
            let bytes = table_csv(&["a"], &[vec![cell.to_owned()]]).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(text, format!("\u{feff}a\r\n{expected}\r\n"));
        };
        check("x", "x");
        check("=1+1", "'=1+1");
        check("a,\"b\"", "\"a,\"\"b\"\"\"");
    }
}
