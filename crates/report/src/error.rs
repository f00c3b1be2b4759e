//! What can go wrong while a report is made. The words a user reads are the caller's business.

use qrcode::types::QrError;
use rust_xlsxwriter::XlsxError;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The context is not JSON.
    #[error("report `{report}`: context")]
    Context {
        /// Which template.
        report: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The template does not compile with this context, or the PDF cannot be written.
    #[error("report `{report}`: {message}")]
    Template {
        /// Which template.
        report: &'static str,
        /// All that the typesetter said, joined by `; `.
        message: String,
    },
    /// The list is too long for this kind of file.
    #[error("{n_rows} rows, at most {n_rows_max} fit; use a workbook instead")]
    TooManyRows {
        /// As given.
        n_rows: usize,
        /// The limit.
        n_rows_max: usize,
    },
    /// A drawing cannot be written.
    #[error("drawing")]
    Svg(#[source] std::io::Error),
    /// The text is too long for a QR code, which holds some 2,300 bytes.
    #[error("QR code")]
    Qr(#[from] QrError),
    /// A calendar cannot be written.
    #[error("calendar")]
    Calendar(#[from] std::fmt::Error),
    /// A workbook cannot be written.
    #[error("workbook")]
    Workbook(#[from] XlsxError),
    /// A CSV file cannot be written.
    #[error("csv")]
    Csv(#[from] csv::Error),
    /// CP932 has no place for some characters; nothing was replaced and nothing was written.
    #[error("{} characters are not in CP932, the first is {}", .0.len(), first(.0))]
    NotInCp932(Vec<Unencodable>),
}

/// A character that the chosen encoding lacks, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}, column `{column}`: {character:?}")]
pub struct Unencodable {
    /// Line of the file as a spreadsheet shows it; 1 is the header.
    pub row: usize,
    /// Header of the column.
    pub column: &'static str,
    /// The first character of the cell that does not fit.
    pub character: char,
}

fn first(places: &[Unencodable]) -> String {
    places.first().map(ToString::to_string).unwrap_or_default()
}
