//! XLSX through calamine, one cell at a time. The container is measured before calamine sees it:
//! calamine keeps all strings in memory and believes the numbers that a workbook states.

use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};

use super::{Area, Origin, Row, Rows, Scope, Sheet, Table, too_large};
use crate::labels::tables as labels;
use crate::report::ReadError;

/// Unpacked size of all parts. 64 MiB is a ledger of about a million cells; strings take three
/// times their size while they are read.
const UNPACKED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A workbook has a few parts a sheet, and its pictures.
const PARTS_MAX: usize = 2_000;
/// Strings that a workbook may announce; calamine reserves room for as many.
const STRINGS_MAX: usize = super::CELLS_MAX;
/// Nobody keeps more sheets in a ledger.
const SHEETS_MAX: usize = 100;
/// Merged areas: one for each row of the largest form, ten times over.
const MERGED_MAX: usize = 10_000;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads a workbook.
pub(super) fn load(format: &'static str, bytes: &[u8], scope: Scope) -> Result<Table, ReadError> {
    measure(format, bytes)?;
    let mut workbook: Workbook<'_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(format, "workbook", &error))?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    if names.len() > SHEETS_MAX {
        return Err(too_large(format, labels::SHEETS, SHEETS_MAX));
    }
    let mut limits = Rows::new(format);
    let mut sheets = Vec::new();
    for name in names {
        let rows = rows(format, &mut workbook, &name, scope, &mut limits)?;
        let merged = match scope {
            Scope::Head => Vec::new(),
            Scope::All => merged(format, &mut workbook, &name)?,
        };
        sheets.push(Sheet {
            name: Some(name),
            rows,
            merged,
        });
    }
    Ok(Table {
        sheets,
        origin: Origin::Workbook,
    })
}

/// Unpacks every part once and counts, because the sizes that an archive states may be lies.
fn measure(format: &'static str, bytes: &[u8]) -> Result<(), ReadError> {
    let broken = |place: &str, why: &dyn std::fmt::Display| ReadError::Damaged {
        format,
        place: place.to_owned(),
        why: why.to_string(),
    };
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken("ZIP", &e))?;
    if zip.len() > PARTS_MAX {
        return Err(too_large(format, labels::PARTS, PARTS_MAX));
    }
    let mut stated: u64 = 0;
    for index in 0..zip.len() {
        let part = zip.by_index_data(index).map_err(|e| broken("ZIP", &e))?;
        stated = stated.saturating_add(part.size());
    }
    let limit = u64::try_from(UNPACKED_BYTES_MAX).unwrap_or(u64::MAX);
    if stated > limit {
        return Err(too_large(
            format,
            labels::UNPACKED_BYTES,
            UNPACKED_BYTES_MAX,
        ));
    }
    let mut left = limit;
    let mut unpacked = Vec::new();
    for index in 0..zip.len() {
        let part = zip.by_index(index).map_err(|e| broken("ZIP", &e))?;
        unpacked.clear();
        let read = part.take(left + 1).read_to_end(&mut unpacked);
        let n_bytes = read.map_err(|e| broken("ZIP", &e))?;
        let n_bytes = u64::try_from(n_bytes).unwrap_or(u64::MAX);
        left = left
            .checked_sub(n_bytes)
            .ok_or_else(|| too_large(format, labels::UNPACKED_BYTES, UNPACKED_BYTES_MAX))?;
        if announced_strings(&unpacked).is_some_and(|n| n > STRINGS_MAX) {
            return Err(too_large(format, labels::STRINGS, STRINGS_MAX));
        }
    }
    Ok(())
}

/// The largest `uniqueCount` in a part: calamine reserves room for it before it reads a string.
fn announced_strings(part: &[u8]) -> Option<usize> {
    part.utf8_chunks()
        .flat_map(|chunk| chunk.valid().split("uniqueCount").skip(1))
        .map(|rest| {
            let digits = rest.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
            let n_digits = digits.bytes().take_while(u8::is_ascii_digit).count();
            let digits = digits.get(..n_digits).unwrap_or_default();
            // More digits than a number has room for are more than the limit.
            if digits.is_empty() {
                0
            } else {
                digits.parse().unwrap_or(usize::MAX)
            }
        })
        .max()
}

fn rows(
    format: &'static str,
    workbook: &mut Workbook<'_>,
    name: &str,
    scope: Scope,
    limits: &mut Rows,
) -> Result<Vec<Row>, ReadError> {
    let failed = |error| damaged(format, name, &error);
    let mut cells = workbook.worksheet_cells_reader(name).map_err(failed)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut last = 0;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(failed)? {
        let (row, column) = cell.pos;
        let number = row.saturating_add(1);
        if number < last {
            let why = format!("row {number} stands after row {last}");
            return Err(ReadError::Damaged {
                format,
                place: name.to_owned(),
                why,
            });
        }
        last = number;
        let is_new = rows.last().is_none_or(|row| row.number != number);
        if is_new && scope.is_enough(rows.len()) {
            break;
        }
        let mut text = cell_text(&cell.value);
        // A formula without a stored result is shown as such, so that a reader can complain of it.
        if text.is_empty() && cell.formula.is_some() {
            labels::FORMULA.clone_into(&mut text);
        }
        limits.put(
            &mut rows,
            number,
            usize::try_from(column).unwrap_or(usize::MAX),
            text,
        )?;
    }
    Ok(rows)
}

fn merged(
    format: &'static str,
    workbook: &mut Workbook<'_>,
    name: &str,
) -> Result<Vec<Area>, ReadError> {
    let areas = workbook
        .merge_cells_by_sheet_name(name)
        .map_err(|error| damaged(format, name, &error))?;
    if areas.len() > MERGED_MAX {
        return Err(too_large(format, labels::MERGED, MERGED_MAX));
    }
    let column = |column: u32| usize::try_from(column).unwrap_or(usize::MAX);
    Ok(areas
        .iter()
        .map(|area| Area {
            rows: (area.start.0.saturating_add(1), area.end.0.saturating_add(1)),
            columns: (column(area.start.1), column(area.end.1)),
        })
        .collect())
}

fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // Excel keeps 15 digits; a whole number is shown without `.0`.
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::Error(error) => error.to_string(),
    }
}

/// A date, a moment or a time of day in ISO form.
fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if moment.is_duration() || moment.as_f64() < 1.0 {
        return format!("{hour:02}:{minute:02}:{second:02}");
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    }
}

fn damaged(format: &'static str, place: &str, error: &XlsxError) -> ReadError {
    ReadError::Damaged {
        format,
        place: place.to_owned(),
        why: error.to_string(),
    }
}
