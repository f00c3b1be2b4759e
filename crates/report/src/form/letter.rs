//! The letter that asks a vendor to fill in the form behind it. Always Japanese, as the form is.
//!
//! Behind the form stands what it has no place for: device by device whether it is maintained from
//! outside, USB media, passwords.

use serde::Serialize;
use sonae_domain::era;

use jiff::civil::Date;

use super::FormSheet;
use super::context::{self, FormContext};
use crate::error::RenderError;
use crate::{labels, qr};

/// What a covering letter says.
#[derive(Debug, Clone)]
pub struct RequestLetter<'a> {
    /// Who is asked.
    pub vendor: &'a str,
    /// For which systems; may be empty.
    pub systems: &'a [String],
    /// The day of the letter.
    pub made_on: Date,
    /// 回答期限
    pub due_on: Date,
    /// 依頼番号, printed for whoever types the answer.
    pub request: &'a str,
    /// Where the institution types the answer of a returned paper; stands in the QR code.
    pub url: &'a str,
    /// Of which the vendor is asked whether it maintains them from outside.
    pub devices: Vec<DeviceAsked>,
}

/// A device that the vendor is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceAsked {
    /// 機器名
    pub name: String,
    /// 型番; may be empty.
    pub model: String,
}

/// The form with the letter before it.
#[derive(Serialize)]
pub(super) struct WithLetter {
    #[serde(flatten)]
    form: FormContext,
    letter: Letter,
    annex: Annex,
}

/// 別紙
#[derive(Serialize)]
struct Annex {
    title: &'static str,
    subject: String,
    text: &'static str,
    headers: [&'static str; 4],
    devices: Vec<DeviceAsked>,
    choices: &'static str,
    /// What is asked, with a place to write below.
    areas: [&'static str; 3],
}

#[derive(Serialize)]
struct Letter {
    date: String,
    to: String,
    from: String,
    title: &'static str,
    paragraphs: [&'static str; 3],
    /// Name and value.
    facts: Vec<(&'static str, String)>,
    enclosed: String,
    qr: String,
    qr_spoken: &'static str,
    qr_note: &'static str,
}

/// # Errors
/// The address is too long for a QR code.
pub(super) fn of(
    sheet: &FormSheet<'_>,
    letter: &RequestLetter<'_>,
) -> Result<WithLetter, RenderError> {
    let systems = letter.systems.join(labels::BETWEEN_SYSTEMS);
    let facts = [
        (labels::LETTER_SYSTEMS, systems),
        (labels::LETTER_DUE, era::format_era(letter.due_on)),
        (labels::LETTER_REQUEST, letter.request.to_owned()),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    Ok(WithLetter {
        form: context::of(sheet)?,
        letter: Letter {
            date: era::format_era(letter.made_on),
            to: labels::letter_to(letter.vendor),
            from: sheet.institution.to_owned(),
            title: labels::LETTER_TITLE,
            paragraphs: labels::LETTER_TEXT,
            facts: facts.collect(),
            enclosed: labels::letter_enclosed(&sheet.edition.label, &sheet.form.label),
            qr: qr::printed(letter.url)?,
            qr_spoken: labels::LETTER_QR,
            qr_note: labels::LETTER_QR_NOTE,
        },
        annex: Annex {
            title: labels::ANNEX_TITLE,
            subject: labels::annex_subject(sheet.institution, letter.vendor, letter.request),
            text: labels::ANNEX_TEXT,
            headers: labels::ANNEX_HEADERS,
            devices: letter.devices.clone(),
            choices: labels::ANNEX_CHOICES,
            areas: labels::ANNEX_AREAS,
        },
    })
}
