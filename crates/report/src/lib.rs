//! Typed contexts to bytes: the official form and the asset ledger as PDF, XLSX and CSV.
//! Nothing here reads files, clocks or databases, judges, or knows where its input came from.

mod error;
mod form;
mod glyphs;
mod labels;
mod ledger;
mod pdf;
#[cfg(test)]
mod samples;
mod workbook;

pub use error::{RenderError, Unencodable};
pub use form::{
    AnswerShown, EvidenceShown, FormRow, FormSheet, ItemState, ReasonShown, form_pdf, form_xlsx,
};
pub use ledger::{
    CsvEncoding, LEDGER_PDF_ROWS_MAX, LedgerSheet, ledger_csv, ledger_pdf, ledger_xlsx, table_csv,
};
