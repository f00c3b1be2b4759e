//! 院長確認用紙: one page on which whoever is responsible for the institution signs that they have seen
//! how a form stands. Nothing is answered here; the sheet only counts what the form says.

use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::edition::{Audience, EditionHead, Form};
use sonae_domain::labels::{Label, Language};
use sonae_domain::standing::Standing;

use crate::error::RenderError;
use crate::history_note::{HistoryNote, NoteContext};
use crate::labels;
use crate::pdf::{self, Rendered, Template};

/// What is put before the director (院長).
#[derive(Debug, Clone)]
pub struct ConfirmationSheet<'a> {
    /// Printed on top; empty where it has no name yet.
    pub institution: &'a str,
    /// Whose label is printed.
    pub edition: &'a EditionHead,
    /// Whose label is printed, and whose audience says who signs.
    pub form: &'a Form,
    /// Of each item of the form.
    pub standings: Vec<Standing>,
    /// Printed at the foot, so that what was signed can be told from what was changed later.
    pub history: HistoryNote,
    /// Of the whole page.
    pub language: Language,
    /// The day on which the standings hold.
    pub generated_on: Date,
}

const TEMPLATE: Template = Template {
    report: "confirmation_sheet.typ",
    source: include_str!("../../../templates/reports/confirmation_sheet/confirmation_sheet.typ"),
    tagged: true,
};

#[derive(Serialize)]
struct Context {
    language: &'static str,
    title: &'static str,
    institution: String,
    /// Name and value.
    facts: Vec<(&'static str, String)>,
    counts_title: &'static str,
    total: (&'static str, usize),
    counts: Vec<Count>,
    statement: &'static str,
    /// Where a pen writes: date, position, name.
    fields: [&'static str; 3],
    remarks: &'static str,
    history: NoteContext,
    printed_on: String,
}

#[derive(Serialize)]
struct Count {
    standing: Badge,
    n_items: usize,
}

/// As the form's own pages show a standing.
#[derive(Serialize)]
struct Badge {
    word: &'static str,
    symbol: &'static str,
    tone: &'static str,
}

/// The page as PDF on A4.
///
/// # Errors
/// The short code is too long for a QR code, or the typesetter refuses the template.
pub fn confirmation_sheet_pdf(sheet: &ConfirmationSheet<'_>) -> Result<Vec<u8>, RenderError> {
    Ok(render(sheet)?.bytes)
}

fn render(sheet: &ConfirmationSheet<'_>) -> Result<Rendered, RenderError> {
    pdf::render(&TEMPLATE, &context(sheet)?, sheet.generated_on)
}

fn context(sheet: &ConfirmationSheet<'_>) -> Result<Context, RenderError> {
    let language = sheet.language;
    let day = labels::written(sheet.generated_on, language);
    let form = labels::bracketed(&sheet.edition.label, &sheet.form.label, language);
    let title = match sheet.form.audience {
        Audience::Facility | Audience::Vendor => labels::CONFIRMATION_BY_DIRECTOR,
        Audience::Pharmacy | Audience::Organisation => labels::CONFIRMATION_BY_MANAGER,
    };
    Ok(Context {
        language: labels::language_code(language),
        title: title.of(language),
        institution: sheet.institution.to_owned(),
        facts: vec![
            (labels::CONFIRMATION_FORM.of(language), form),
            (labels::CONFIRMATION_DAY.of(language), day.clone()),
        ],
        counts_title: labels::CONFIRMATION_COUNTS.of(language),
        total: (labels::ITEMS_ALL.of(language), sheet.standings.len()),
        counts: counts(sheet),
        statement: labels::CONFIRMATION_STATEMENT.of(language),
        fields: labels::CONFIRMATION_FIELDS.map(|field| field.of(language)),
        remarks: labels::CONFIRMATION_REMARKS.of(language),
        history: sheet.history.context(language)?,
        printed_on: format!("{} {day}", labels::PRINTED_ON.of(language)),
    })
}

/// Those that occur, in the order of every summary.
fn counts(sheet: &ConfirmationSheet<'_>) -> Vec<Count> {
    let count = |standing: Standing| {
        let (symbol, tone) = labels::standing_mark(standing);
        Count {
            standing: Badge {
                word: standing.label(sheet.language),
                symbol,
                tone,
            },
            n_items: sheet.standings.iter().filter(|s| **s == standing).count(),
        }
    };
    let counts = labels::STANDINGS.into_iter().map(count);
    counts.filter(|count| count.n_items > 0).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{ExpectFile, expect_file};
    use sonae_domain::edition::Text;
    use sonae_domain::ids::FormId;

    use super::*;
    use crate::{qr, samples};

    fn check(language: Language, expected: ExpectFile) {
        let edition = samples::small_edition();
        let form = FormId::new("sample");
        let sheet = ConfirmationSheet {
            language,
            ..samples::confirmation(&edition, &form)
        };
        let mut context = context(&sheet).unwrap();
        let code = context.history.code.as_mut().unwrap();
        assert_eq!(code.qr, qr::printed(&code.short_code).unwrap());
        code.qr.truncate("<svg".len());
        expected.assert_eq(&serde_json::to_string_pretty(&context).unwrap());
        let rendered = render(&sheet).unwrap();
        assert_eq!((rendered.n_pages, rendered.warnings.as_str()), (1, ""));
        assert!(rendered.bytes == confirmation_sheet_pdf(&sheet).unwrap());
    }

    #[test]
    fn a_golden_page_in_both_languages() {
        check(
            Language::Ja,
            expect_file!["../golden/confirmation_sheet.ja.json"],
        );
        check(
            Language::En,
            expect_file!["../golden/confirmation_sheet.en.json"],
        );
    }

    #[test]
    fn whoever_signs_is_named_by_the_form() {
        let editions = samples::editions();
        let edition = editions.first().unwrap();
        for (form, title) in [
            ("facility", "院長確認用紙"),
            ("vendor", "院長確認用紙"),
            ("pharmacy", "管理者確認用紙"),
        ] {
            let form = FormId::new(form);
            let sheet = samples::confirmation(edition, &form);
            assert_eq!(context(&sheet).unwrap().title, title, "{form}");
            assert_eq!(render(&sheet).unwrap().n_pages, 1, "{form}");
        }
    }

    #[test]
    fn every_standing_and_a_history_that_does_not_hold_stay_on_one_page() {
        let edition = samples::small_edition();
        let form = FormId::new("sample");
        let long = "医療法人社団備え会".repeat(8);
        let what = "番号 17: ここから先のどこかが、以前の控えと違います".to_owned();
        let sheet = ConfirmationSheet {
            institution: &long,
            standings: labels::STANDINGS.to_vec(),
            history: HistoryNote::Changed(Text {
                en: what.clone(),
                ja: what,
            }),
            ..samples::confirmation(&edition, &form)
        };
        let printed = context(&sheet).unwrap();
        assert_eq!(printed.counts.len(), labels::STANDINGS.len());
        assert!(printed.history.is_alarm && printed.history.text.contains("番号 17"));
        let rendered = render(&sheet).unwrap();
        assert_eq!((rendered.n_pages, rendered.warnings.as_str()), (1, ""));
    }
}
