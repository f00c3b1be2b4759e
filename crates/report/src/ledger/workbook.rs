//! The ledger as a workbook: text as text, days as days, filters on, ready to print.

use rust_xlsxwriter::{Worksheet, XlsxError};
use sonae_domain::era;

use super::{Cell, LedgerSheet, cells};
use crate::error::RenderError;
use crate::{labels, workbook};

/// Widths in half-width characters, in the order of the headers.
const WIDTHS: [f64; 20] = [
    14.0, 14.0, 22.0, 16.0, 12.0, 18.0, 18.0, 16.0, 18.0, 18.0, 19.0, 16.0, 20.0, 20.0, 14.0, 12.0,
    14.0, 12.0, 12.0, 30.0,
];

/// The ledger on one sheet; the header is the first row, as the reader expects.
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
    for ((i, text), width) in (0..).zip(labels::LEDGER_HEADERS).zip(WIDTHS) {
        sheet.write_string_with_format(0, i, text, &header)?;
        sheet.set_column_width(i, width)?;
    }
    sheet.set_row_height(0, 2.0 * workbook::LINE_HEIGHT)?;
    for (row, asset) in (1..).zip(ledger.assets) {
        for (i, value) in (0..).zip(cells(asset)) {
            match value {
                Cell::Day(Some(day)) => workbook::write_day(sheet, (row, i), day, &centred)?,
                Cell::Day(None) => workbook::write_no_day(sheet, (row, i), &centred)?,
                value => {
                    sheet.write_string_with_format(row, i, value.text(), &cell)?;
                }
            }
        }
        let texts = cells(asset).map(|cell| cell.text());
        let heights = texts
            .iter()
            .zip(WIDTHS)
            .map(|(text, w)| workbook::height_of(text, w));
        sheet.set_row_height(
            row,
            heights.fold(0.0, f64::max).min(workbook::ROW_HEIGHT_MAX),
        )?;
    }
    let last_row = u32::try_from(ledger.assets.len()).unwrap_or(u32::MAX);
    let day = era::format_era(ledger.generated_on);
    let footer = format!(
        "{} {} {day} Sonae",
        labels::LEDGER_TITLE,
        ledger.institution
    );
    sheet
        .set_paper_size(workbook::A3)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.4, 0.6, 0.2, 0.3)
        .set_footer(workbook::footer(&footer))
        .set_repeat_rows(0, 0)?
        .set_freeze_panes(1, 3)?
        .autofilter(0, 0, last_row, 19)?;
    Ok(())
}
