//! A page that an administrator hands to a new colleague: how to set up the account, without mail.
//! No password stands on it; the address in it works once and not for long.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::labels::Language;

use crate::error::RenderError;
use crate::pdf::{self, Rendered, Template};
use crate::{labels, qr};

/// What a colleague needs to begin.
#[derive(Debug, Clone)]
pub struct AccountSheet<'a> {
    /// Where they work.
    pub institution: &'a str,
    /// Who it is for.
    pub person: &'a str,
    /// What they type to log in.
    pub login_name: &'a str,
    /// The address that sets up the account, once.
    pub url: &'a str,
    /// The address opens on the machine that prints it, and nowhere else.
    pub only_here: bool,
    /// The address works until then; printed in Japanese time.
    pub valid_until: Timestamp,
    /// Of the whole page.
    pub language: Language,
    /// Printed below.
    pub generated_on: Date,
}

const TEMPLATE: Template = Template {
    report: "account_sheet.typ",
    source: include_str!("../../../templates/reports/account_sheet/account_sheet.typ"),
    tagged: true,
};

#[derive(Serialize)]
struct Context {
    language: &'static str,
    title: &'static str,
    institution: String,
    person: String,
    /// Name and value.
    fields: Vec<(&'static str, String)>,
    qr: String,
    qr_spoken: &'static str,
    url: (&'static str, String),
    steps_title: &'static str,
    steps: Vec<&'static str>,
    warnings: Vec<&'static str>,
    printed_on: String,
}

/// The page as PDF on A4.
///
/// # Errors
/// The address is too long for a QR code, or the typesetter refuses the template.
pub fn account_sheet_pdf(sheet: &AccountSheet<'_>) -> Result<Vec<u8>, RenderError> {
    Ok(render(sheet)?.bytes)
}

fn render(sheet: &AccountSheet<'_>) -> Result<Rendered, RenderError> {
    pdf::render(&TEMPLATE, &context(sheet)?, sheet.generated_on)
}

fn context(sheet: &AccountSheet<'_>) -> Result<Context, RenderError> {
    let language = sheet.language;
    let until = labels::written_moment(sheet.valid_until, language);
    Ok(Context {
        language: labels::language_code(language),
        title: labels::ACCOUNT_TITLE.of(language),
        institution: sheet.institution.to_owned(),
        person: labels::addressed(sheet.person, language),
        fields: vec![
            (labels::LOGIN_NAME.of(language), sheet.login_name.to_owned()),
            (labels::VALID_UNTIL.of(language), until),
        ],
        qr: qr::printed(sheet.url)?,
        qr_spoken: labels::ACCOUNT_QR.of(language),
        url: (labels::ACCOUNT_URL.of(language), sheet.url.to_owned()),
        steps_title: labels::ACCOUNT_STEPS_TITLE.of(language),
        steps: labels::ACCOUNT_STEPS.map(|step| step.of(language)).to_vec(),
        warnings: Some(labels::ACCOUNT_ONLY_HERE)
            .filter(|_| sheet.only_here)
            .into_iter()
            .chain(labels::ACCOUNT_WARNINGS)
            .map(|warning| warning.of(language))
            .collect(),
        printed_on: format!(
            "{} {}",
            labels::PRINTED_ON.of(language),
            labels::written(sheet.generated_on, language)
        ),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{ExpectFile, expect_file};

    use super::*;
    use crate::samples;

    fn check(language: Language, expected: ExpectFile) {
        let sheet = AccountSheet {
            language,
            ..samples::account()
        };
        let mut context = context(&sheet).unwrap();
        assert_eq!(context.qr, qr::printed(sheet.url).unwrap());
        context.qr.truncate("<svg".len());
        expected.assert_eq(&serde_json::to_string_pretty(&context).unwrap());
        let rendered = render(&sheet).unwrap();
        assert_eq!((rendered.n_pages, rendered.warnings.as_str()), (1, ""));
        assert!(rendered.bytes == account_sheet_pdf(&sheet).unwrap());
    }

    #[test]
    fn a_golden_page_in_both_languages() {
        check(
            Language::Ja,
            expect_file!["../golden/account_sheet.ja.json"],
        );
        check(
            Language::En,
            expect_file!["../golden/account_sheet.en.json"],
        );
    }

    #[test]
    fn an_address_of_this_machine_says_so_first() {
        let sheet = AccountSheet {
            only_here: true,
            ..samples::account()
        };
        let warnings = context(&sheet).unwrap().warnings;
        assert!(warnings[0].contains("--listen"), "{warnings:?}");
        assert_eq!(warnings.len(), labels::ACCOUNT_WARNINGS.len() + 1);
        assert_eq!(render(&sheet).unwrap().n_pages, 1);
    }

    #[test]
    fn long_names_and_addresses_stay_on_one_page() {
        let long = "医療法人社団備え会".repeat(8);
        let url = format!("https://sonae.example.jp/{}", "x".repeat(300));
        let sheet = AccountSheet {
            institution: &long,
            person: &long,
            login_name: &long,
            url: &url,
            ..samples::account()
        };
        let rendered = render(&sheet).unwrap();
        assert_eq!((rendered.n_pages, rendered.warnings.as_str()), (1, ""));
    }
}
