//! How things look on a terminal: tables as wide as it is, findings, failures.

use std::io::IsTerminal;

use comfy_table::presets::{ASCII_MARKDOWN, UTF8_HORIZONTAL_ONLY};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use sonae_domain::evidence::{Finding, Place};
use sonae_domain::labels::{Label, Language};

use crate::usecase::editions::Understood;

/// Width of a table that does not go to a terminal.
const COLUMNS_WITHOUT_TERMINAL: u16 = 120;

/// A table with a header, as wide as the terminal.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    let is_terminal = std::io::stdout().is_terminal();
    table
        .load_style(if is_terminal {
            UTF8_HORIZONTAL_ONLY
        } else {
            ASCII_MARKDOWN
        })
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width())
        .set_header(header);
    table
}

/// A table whose first column holds ids, which must stay whole so that they can be copied.
pub(super) fn keep_ids_whole(table: &mut Table) {
    if let Some(ids) = table.column_mut(0) {
        ids.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// Keeps a column as narrow as this, so that others have room.
pub(super) fn narrow(table: &mut Table, column: usize, width: u16) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(width)));
    }
}

fn width() -> u16 {
    rustix::termios::tcgetwinsize(std::io::stdout())
        .ok()
        .map(|size| size.ws_col)
        .filter(|columns| *columns > 40)
        .unwrap_or(COLUMNS_WITHOUT_TERMINAL)
}

/// A finding as one line: how bad, where, what.
pub(super) fn finding(finding: &Finding, language: Language) -> String {
    let place = place(&finding.place, language);
    let text = finding.text.get(language);
    let severity = finding.severity.label(language);
    if place.is_empty() {
        format!("[{severity}] {text}")
    } else {
        format!("[{severity}] {place}: {text}")
    }
}

fn place(place: &Place, language: Language) -> String {
    let mut parts = Vec::new();
    parts.extend(place.part.clone());
    parts.extend(place.row.map(|row| match language {
        Language::Ja => format!("{row}{}", super::labels::ROWS.of(language)),
        Language::En => format!("row {row}"),
    }));
    parts.extend(place.column.clone());
    parts.join(" ")
}

/// A cell of an official workbook, and what it was taken for.
pub(super) fn understood(cell: &Understood, language: Language) -> String {
    let place = place(&cell.place, language);
    format!(
        "{place}: {} {}",
        super::labels::cell_role(cell.what).of(language),
        shortened(&cell.text, 60)
    )
}

/// The first characters of a text, so that a row stays a row.
pub(super) fn shortened(text: &str, n_chars_max: usize) -> String {
    if text.chars().count() <= n_chars_max {
        return text.to_owned();
    }
    text.chars().take(n_chars_max - 1).chain(['…']).collect()
}
