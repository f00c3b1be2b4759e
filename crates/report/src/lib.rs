//! Typed contexts to bytes: the official form and the asset ledger as PDF, XLSX and CSV.
//! Nothing here reads files, clocks or databases, judges, or knows where its input came from.

mod calendar;
mod chart;
mod error;
mod form;
mod glyphs;
mod labels;
mod ledger;
mod pdf;
#[cfg(test)]
mod samples;
mod svg;
mod width;
mod workbook;

pub use calendar::{CalendarEvent, CalendarFeed, calendar_ics};
pub use chart::{
    CHART_CLASSES, Chart, ChartFrame, ChartTable, CoverageBar, PointKind, SectionStandings,
    Timeline, TimelinePoint, coverage_chart, standings_chart, timeline_chart,
};
pub use error::{RenderError, Unencodable};
pub use form::{
    AnswerShown, EvidenceShown, FormRow, FormSheet, ItemState, ReasonShown, form_pdf, form_xlsx,
};
pub use ledger::{
    CsvEncoding, LEDGER_PDF_ROWS_MAX, LedgerSheet, ledger_csv, ledger_pdf, ledger_xlsx,
};
