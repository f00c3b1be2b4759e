//! Typed contexts to bytes: form, ledger and history, labels and charts, as PDF, XLSX, CSV, SVG and
//! iCalendar.
//! Nothing here reads files, clocks or databases, judges, or knows where its input came from.

mod account_sheet;
mod asset_labels;
mod calendar;
mod chart;
mod confirmation_sheet;
mod error;
mod form;
mod glyphs;
mod history;
mod history_note;
mod labels;
mod ledger;
mod pdf;
mod qr;
#[cfg(test)]
mod samples;
mod svg;
mod width;
mod workbook;

pub use account_sheet::{AccountSheet, account_sheet_pdf};
pub use asset_labels::{AssetLabel, LABELS_MAX, LabelSheet, asset_labels_pdf};
pub use calendar::{CalendarEvent, CalendarFeed, calendar_ics};
pub use chart::{
    CHART_CLASSES, Chart, ChartFrame, ChartTable, CoverageBar, PointKind, SectionStandings,
    Timeline, TimelinePoint, coverage_chart, standings_chart, timeline_chart,
};
pub use confirmation_sheet::{ConfirmationSheet, confirmation_sheet_pdf};
pub use error::{RenderError, Unencodable};
pub use form::{
    AnswerShown, DeviceAsked, DocumentShown, EvidenceShown, FormRow, FormSheet, ItemState,
    ReasonShown, RequestLetter, form_pdf, form_xlsx, request_letter_pdf,
};
pub use history::{HISTORY_PDF_ROWS_MAX, HistoryRow, HistorySheet, history_pdf};
pub use history_note::HistoryNote;
pub use labels::{STANDINGS, standing_mark};
pub use ledger::{
    CsvEncoding, LEDGER_PDF_ROWS_MAX, LedgerSheet, ledger_csv, ledger_pdf, ledger_xlsx, table_csv,
};
pub use qr::qr_svg;
