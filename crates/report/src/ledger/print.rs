//! The ledger on A4 landscape. All columns do not fit side by side and stay readable, so that two
//! that belong together stand above each other. Rows are sorted as one walks with the list in hand.

use std::borrow::Cow;

use serde::Serialize;
use sonae_domain::era;
use sonae_domain::ledger::Asset;

use super::{Cell, LedgerSheet};
use crate::error::RenderError;
use crate::labels;
use crate::pdf::{self, Rendered, Template};

/// 3,000 devices are some 120 pages, over two seconds and 550 MB while they are set, and the memory
/// grows with each row. More than anybody reads on paper; a workbook holds any number.
pub const LEDGER_PDF_ROWS_MAX: usize = 3_000;

/// Which columns stand together, as positions in [`labels::LEDGER_HEADERS`].
/// Our own id is left out: nobody looks for it on paper, and it is wider than any column.
const STACKS: [&[usize]; 10] = [
    &[2, 15],
    &[1, 0],
    &[3, 14],
    &[4, 5],
    &[6, 7],
    &[8, 11],
    &[10, 9],
    &[12, 13],
    &[16, 17],
    &[18],
];

/// A row stays on one page unless a cell alone could fill it: 400 characters are some 35 lines of
/// the widest column, and what is not allowed to break would be cut off at the end of the page.
const UNBROKEN_CHARS_MAX: usize = 400;

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
    day_label: &'static str,
    day: String,
    number_label: &'static str,
    headers: Vec<Vec<String>>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    breakable: bool,
    /// Stack, line.
    stacks: Vec<Vec<String>>,
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
    let headers = sheet.headers().map(Cow::into_owned);
    LedgerContext {
        title: labels::LEDGER_TITLE,
        institution: sheet.institution.to_owned(),
        n_assets: sheet.assets.len(),
        day_label: labels::LEDGER_DAY,
        day: era::format_era(sheet.generated_on),
        number_label: labels::LEDGER_NUMBER,
        headers: STACKS
            .iter()
            .map(|stack| {
                stack
                    .iter()
                    .filter_map(|i| headers.get(*i).cloned())
                    .collect()
            })
            .collect(),
        rows: by_place(sheet.assets)
            .into_iter()
            .map(|asset| row(&sheet.cells(asset)))
            .collect(),
    }
}

/// By place, then by name; a device whose place is not known stands at the end.
pub(super) fn by_place(assets: &[Asset]) -> Vec<&Asset> {
    let mut sorted: Vec<_> = assets.iter().collect();
    sorted.sort_by_key(|asset| {
        let place = asset.record.location.as_deref().unwrap_or_default().trim();
        (place.is_empty(), place, asset.record.name.as_str())
    });
    sorted
}

fn row(cells: &[Cell<'_>; 20]) -> Row {
    let stacks: Vec<_> = STACKS
        .iter()
        .map(|stack| lines(stack.iter().filter_map(|i| cells.get(*i))))
        .collect();
    let longest = stacks.iter().flatten().map(|line| line.chars().count());
    Row {
        breakable: longest.max().is_some_and(|n| n > UNBROKEN_CHARS_MAX),
        stacks,
    }
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
