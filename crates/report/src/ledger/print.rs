//! The ledger on A4 landscape. Twenty columns do not fit side by side and stay readable, so that
//! columns that belong together stand above each other.

use serde::Serialize;
use sonae_domain::era;

use super::{Cell, LedgerSheet, cells};
use crate::error::RenderError;
use crate::labels;
use crate::pdf::{self, Rendered, Template};

/// 3,000 devices are some 160 pages, one second and 320 MB while they are set, and the memory
/// grows with each row. More than anybody reads on paper; a workbook holds any number.
pub const LEDGER_PDF_ROWS_MAX: usize = 3_000;

/// Which columns stand together, as positions in [`labels::LEDGER_HEADERS`].
const STACKS: [&[usize]; 9] = [
    &[0, 1],
    &[2, 3, 4],
    &[5, 6],
    &[7, 8, 9],
    &[10, 11, 12],
    &[13, 14],
    &[15, 16],
    &[17, 18],
    &[19],
];

const TEMPLATE: Template = Template {
    report: "ledger.typ",
    source: include_str!("../../../../templates/reports/ledger/ledger.typ"),
    tagged: false,
};

#[derive(Serialize)]
struct LedgerContext {
    title: &'static str,
    institution: String,
    n_assets: usize,
    printed_on: String,
    headers: Vec<Vec<&'static str>>,
    /// Row, stack, line.
    rows: Vec<Vec<Vec<String>>>,
}

/// The ledger as PDF, untagged because tags make long tables 13 times larger.
///
/// # Errors
/// More than [`LEDGER_PDF_ROWS_MAX`] devices, or the typesetter refuses the template.
pub fn ledger_pdf(sheet: &LedgerSheet<'_>) -> Result<Vec<u8>, RenderError> {
    Ok(render(sheet)?.bytes)
}

pub(super) fn render(sheet: &LedgerSheet<'_>) -> Result<Rendered, RenderError> {
    let n_rows = sheet.assets.len();
    if n_rows > LEDGER_PDF_ROWS_MAX {
        return Err(RenderError::TooManyRows {
            n_rows,
            n_rows_max: LEDGER_PDF_ROWS_MAX,
        });
    }
    pdf::render(&TEMPLATE, &context(sheet), sheet.generated_on)
}

fn context(sheet: &LedgerSheet<'_>) -> LedgerContext {
    LedgerContext {
        title: labels::LEDGER_TITLE,
        institution: sheet.institution.to_owned(),
        n_assets: sheet.assets.len(),
        printed_on: era::format_era(sheet.generated_on),
        headers: STACKS
            .iter()
            .map(|stack| {
                stack
                    .iter()
                    .filter_map(|i| labels::LEDGER_HEADERS.get(*i).copied())
                    .collect()
            })
            .collect(),
        rows: sheet
            .assets
            .iter()
            .map(|asset| row(&cells(asset)))
            .collect(),
    }
}

fn row(cells: &[Cell<'_>; 20]) -> Vec<Vec<String>> {
    STACKS
        .iter()
        .map(|stack| lines(stack.iter().filter_map(|i| cells.get(*i))))
        .collect()
}

/// The lines of a stack. A gap is marked, or a value would seem to be the one above it.
fn lines<'c, 'a: 'c>(cells: impl Iterator<Item = &'c Cell<'a>>) -> Vec<String> {
    let mut lines: Vec<_> = cells.map(printed).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    for line in &mut lines {
        if line.is_empty() {
            labels::GAP.clone_into(line);
        }
    }
    lines
}

fn printed(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Day(Some(day)) => era::format_era(*day),
        cell => cell.text(),
    }
}
