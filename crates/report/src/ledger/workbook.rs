//! The ledger as a workbook: text as text, days as days, filters on, ready to print.

use rust_xlsxwriter::{Worksheet, XlsxError};
use sonae_domain::era;

use super::{Cell, LedgerSheet};
use crate::error::RenderError;
use crate::{labels, workbook};

/// Widths in half-width characters, in the order of the headers; narrow, because all but the last
/// have to fit on one page of A4.
const WIDTHS: [f64; 20] = [
    12.0, 18.0, 14.0, 9.0, 14.0, 14.0, 11.0, 13.0, 14.0, 19.5, 15.5, 20.0, 16.0, 12.0, 9.0, 12.0,
    11.0, 11.0, 18.0, 40.0,
];
/// Our own id is for the way back into Sonae and not printed.
const LAST_PRINTED: u16 = 18;

/// The ledger on one sheet; the header is the first row, as the reader expects, so that the title
/// stands in the page header.
///
/// # Errors
/// More rows than a sheet has, or a text longer than a cell can hold.
pub fn ledger_xlsx(sheet: &LedgerSheet<'_>) -> Result<Vec<u8>, RenderError> {
    let mut book = workbook::new(labels::LEDGER_TITLE, sheet.generated_on)?;
    write(sheet, book.add_worksheet())?;
    Ok(book.save_to_buffer()?)
}

fn write(ledger: &LedgerSheet<'_>, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name(labels::SHEET_LEDGER)?;
    let (header, cell, centred) = (workbook::header(), workbook::cell(), workbook::centred());
    let headers = ledger.headers();
    for ((i, text), width) in (0..).zip(&headers).zip(WIDTHS) {
        sheet.write_string_with_format(0, i, text.as_ref(), &header)?;
        sheet.set_column_width(i, width)?;
    }
    sheet.set_row_height(0, row_height(&headers))?;
    for (row, asset) in (1..).zip(ledger.assets) {
        for (i, value) in (0..).zip(ledger.cells(asset)) {
            match value {
                Cell::Day(Some(day)) => workbook::write_day(sheet, (row, i), day, &centred)?,
                Cell::Day(None) => workbook::write_no_day(sheet, (row, i), &centred)?,
                value => {
                    sheet.write_string_with_format(row, i, value.text(), &cell)?;
                }
            }
        }
        let texts = ledger.cells(asset).map(|cell| cell.text());
        sheet.set_row_height(row, row_height(&texts))?;
    }
    set_up_print(ledger, sheet)
}

fn row_height(texts: &[impl AsRef<str>; 20]) -> f64 {
    let heights = texts
        .iter()
        .zip(WIDTHS)
        .map(|(text, width)| workbook::height_of(text.as_ref(), width));
    heights.fold(0.0, f64::max).min(workbook::ROW_HEIGHT_MAX)
}

fn set_up_print(ledger: &LedgerSheet<'_>, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let last_row = u32::try_from(ledger.assets.len()).unwrap_or(u32::MAX);
    let day = era::format_era(ledger.generated_on);
    let right = format!("{}　{} {day}", ledger.institution, labels::LEDGER_DAY);
    sheet
        .set_paper_size(workbook::A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.3, 0.3, 0.6, 0.5, 0.25, 0.25)
        .set_header(workbook::page_header(labels::LEDGER_TITLE, &right))
        .set_footer(workbook::footer("Sonae"))
        .set_repeat_rows(0, 0)?
        .set_print_area(0, 0, last_row, LAST_PRINTED)?
        .set_freeze_panes(1, 2)?
        .autofilter(0, 0, last_row, 19)?;
    Ok(())
}
