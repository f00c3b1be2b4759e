//! Labels for devices on sheets of 24: what the ledger calls a device, and a QR code that leads to
//! it. What the code says is the caller's.

use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::labels::{Label, Language};
use sonae_domain::ledger::AssetKind;

use crate::error::RenderError;
use crate::pdf::{self, Rendered, Template};
use crate::width::{fitting, half_widths};
use crate::{labels, qr};

/// Labels of one institution.
#[derive(Debug, Clone)]
pub struct LabelSheet<'a> {
    /// Printed on each label, so that a device that got lost finds home.
    pub institution: &'a str,
    /// In the order in which they are stuck on.
    pub labels: Vec<AssetLabel<'a>>,
    /// Of the kinds.
    pub language: Language,
    /// Not printed: a label stays for years.
    pub generated_on: Date,
}

/// What stands on one label.
#[derive(Debug, Clone)]
pub struct AssetLabel<'a> {
    /// 機器名
    pub name: &'a str,
    /// 種別
    pub kind: AssetKind,
    /// 所在
    pub location: Option<&'a str>,
    /// Short enough to be read out over the telephone.
    pub short_id: &'a str,
    /// An address or a text. A telephone reads up to some 150 bytes at this size.
    pub qr_text: &'a str,
}

/// 125 sheets. Each code is a drawing of its own, so a sheet costs more than a page of the ledger.
pub const LABELS_MAX: usize = 3_000;

/// Where the letters are smallest, a line holds 30 half-width characters and may lose one kanji at
/// its end. What does not fit is left out: nothing runs over the edge of a label.
const LINE_HALF_WIDTHS: f64 = 28.0;

const TEMPLATE: Template = Template {
    report: "asset_labels.typ",
    source: include_str!("../../../templates/reports/asset_labels/asset_labels.typ"),
    tagged: false,
};

#[derive(Serialize)]
struct Context {
    title: &'static str,
    institution: String,
    labels: Vec<LabelContext>,
}

#[derive(Serialize)]
struct LabelContext {
    name: String,
    /// Kind and place.
    about: String,
    short_id: String,
    qr: String,
}

/// The labels as PDF: A4, three columns of 70 mm, eight rows of 37 mm.
///
/// # Errors
/// More than [`LABELS_MAX`] labels, a text too long for a QR code, or the typesetter refuses the
/// template.
pub fn asset_labels_pdf(sheet: &LabelSheet<'_>) -> Result<Vec<u8>, RenderError> {
    Ok(render(sheet)?.bytes)
}

fn render(sheet: &LabelSheet<'_>) -> Result<Rendered, RenderError> {
    let n_rows = sheet.labels.len();
    if n_rows > LABELS_MAX {
        return Err(RenderError::TooManyRows {
            n_rows,
            n_rows_max: LABELS_MAX,
        });
    }
    pdf::render(&TEMPLATE, &context(sheet)?, sheet.generated_on)
}

fn context(sheet: &LabelSheet<'_>) -> Result<Context, RenderError> {
    let labels = sheet.labels.iter().map(|it| label(it, sheet.language));
    Ok(Context {
        title: labels::ASSET_LABELS.of(sheet.language),
        institution: in_lines(sheet.institution, 2.0),
        labels: labels.collect::<Result<_, _>>()?,
    })
}

fn label(label: &AssetLabel<'_>, language: Language) -> Result<LabelContext, RenderError> {
    let kind = label.kind.label(language);
    let about = match label.location {
        Some(location) => format!("{kind}　{location}"),
        None => kind.to_owned(),
    };
    Ok(LabelContext {
        name: in_lines(label.name, 4.0),
        about: in_lines(&about, 2.0),
        short_id: in_lines(label.short_id, 1.0),
        qr: qr::printed(label.qr_text)?,
    })
}

fn in_lines(text: &str, n_lines: f64) -> String {
    fitting(text, n_lines * LINE_HALF_WIDTHS, half_widths)
}

#[cfg(test)]
mod tests {
    use expect_test::{expect, expect_file};

    use super::*;
    use crate::samples;

    #[test]
    fn a_golden_context_shows_what_is_printed() {
        let assets = samples::assets();
        let sheet = samples::labels(&assets);
        let mut context = context(&sheet).unwrap();
        for (label, given) in context.labels.iter_mut().zip(&sheet.labels) {
            assert_eq!(label.qr, qr::printed(given.qr_text).unwrap());
            label.qr.truncate("<svg".len());
        }
        let text = serde_json::to_string_pretty(&context).unwrap();
        expect_file!["../golden/asset_labels.json"].assert_eq(&text);
    }

    #[test]
    fn the_pdf_is_set_without_complaint_and_always_the_same() {
        let assets = samples::assets();
        let sheet = samples::labels(&assets);
        let rendered = render(&sheet).unwrap();
        assert_eq!((rendered.n_pages, rendered.warnings.as_str()), (1, ""));
        assert!(rendered.bytes == asset_labels_pdf(&sheet).unwrap());
    }

    #[test]
    fn a_sheet_holds_24_labels() {
        let assets = samples::assets();
        let sheet = |n: usize| {
            let mut sheet = samples::labels(&assets);
            sheet.labels = vec![sheet.labels.swap_remove(0); n];
            sheet
        };
        for (n_labels, n_pages) in [(0, 1), (24, 1), (25, 2)] {
            assert_eq!(render(&sheet(n_labels)).unwrap().n_pages, n_pages);
        }
        let refused = asset_labels_pdf(&sheet(LABELS_MAX + 1)).unwrap_err();
        expect!["3001 rows, at most 3000 fit; use a workbook instead"]
            .assert_eq(&refused.to_string());
    }

    #[test]
    fn a_text_that_no_code_holds_is_refused() {
        let assets = samples::assets();
        let mut sheet = samples::labels(&assets);
        let long = "x".repeat(2_332);
        sheet
            .labels
            .iter_mut()
            .for_each(|label| label.qr_text = &long);
        assert!(matches!(asset_labels_pdf(&sheet), Err(RenderError::Qr(_))));
    }
}
