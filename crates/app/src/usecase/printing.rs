//! What is drawn for a person to hold before a camera or to take away on paper.

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::labels::Language;
use sonae_report::{AccountSheet, RenderError};

use super::failure::Failure;
use super::labels;

/// What a new colleague takes away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet<'a> {
    pub(crate) institution: &'a str,
    pub(crate) person: &'a str,
    pub(crate) login: &'a str,
    /// Works once.
    pub(crate) url: &'a str,
    /// It opens on this machine only.
    pub(crate) only_here: bool,
    pub(crate) ends_at: Timestamp,
    pub(crate) today: Date,
    pub(crate) language: Language,
}

/// A QR code as SVG; `title` says what it leads to.
///
/// # Errors
/// The text is too long.
pub(crate) fn qr(id: &str, title: &str, text: &str) -> Result<String, Failure> {
    sonae_report::qr_svg(id, title, text).map_err(not_drawn)
}

/// The sheet with which a person sets up their account, as PDF.
///
/// # Errors
/// It cannot be drawn.
pub(crate) fn account_sheet(sheet: &Sheet<'_>) -> Result<Vec<u8>, Failure> {
    let sheet = AccountSheet {
        institution: sheet.institution,
        person: sheet.person,
        login_name: sheet.login,
        url: sheet.url,
        only_here: sheet.only_here,
        valid_until: sheet.ends_at,
        language: sheet.language,
        generated_on: sheet.today,
    };
    sonae_report::account_sheet_pdf(&sheet).map_err(not_drawn)
}

fn not_drawn(source: RenderError) -> Failure {
    Failure::unexpected(labels::not_drawn()).because(source)
}
