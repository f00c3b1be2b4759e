//! Who did what and when, on paper. The words of each entry are the caller's.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::labels::Language;

use crate::error::RenderError;
use crate::labels;
use crate::pdf::{self, Rendered, Template};

/// The history of one institution.
#[derive(Debug, Clone)]
pub struct HistorySheet<'a> {
    /// Printed on top.
    pub institution: &'a str,
    /// In the order in which they are printed.
    pub rows: &'a [HistoryRow],
    /// Of the headers.
    pub language: Language,
    /// Printed on top.
    pub generated_on: Date,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// When; printed in Japanese time.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What, in a sentence.
    pub what: String,
}

/// As for the ledger: some 80 pages, more than anybody reads on paper.
pub const HISTORY_PDF_ROWS_MAX: usize = 3_000;

const TEMPLATE: Template = Template {
    report: "history.typ",
    source: include_str!("../../../templates/reports/history/history.typ"),
    tagged: false,
};

#[derive(Serialize)]
struct Context {
    language: &'static str,
    title: &'static str,
    institution: String,
    printed_on: String,
    headers: [&'static str; 3],
    rows: Vec<[String; 3]>,
}

/// The history as PDF on A4, untagged because tags make long tables 13 times larger.
///
/// # Errors
/// More than [`HISTORY_PDF_ROWS_MAX`] rows, or the typesetter refuses the template.
pub fn history_pdf(sheet: &HistorySheet<'_>) -> Result<Vec<u8>, RenderError> {
    Ok(render(sheet)?.bytes)
}

fn render(sheet: &HistorySheet<'_>) -> Result<Rendered, RenderError> {
    let n_rows = sheet.rows.len();
    if n_rows > HISTORY_PDF_ROWS_MAX {
        return Err(RenderError::TooManyRows {
            n_rows,
            n_rows_max: HISTORY_PDF_ROWS_MAX,
        });
    }
    pdf::render(&TEMPLATE, &context(sheet), sheet.generated_on)
}

fn context(sheet: &HistorySheet<'_>) -> Context {
    let language = sheet.language;
    let row = |row: &HistoryRow| {
        let at = labels::written_moment(row.at, language);
        [at, row.who.clone(), row.what.clone()]
    };
    Context {
        language: labels::language_code(language),
        title: labels::HISTORY_TITLE.of(language),
        institution: sheet.institution.to_owned(),
        printed_on: format!(
            "{} {}",
            labels::PRINTED_ON.of(language),
            labels::written(sheet.generated_on, language)
        ),
        headers: labels::HISTORY_HEADERS.map(|header| header.of(language)),
        rows: sheet.rows.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{expect, expect_file};

    use super::*;
    use crate::samples;

    #[test]
    fn a_golden_context_shows_what_is_printed() {
        let rows = samples::history_rows();
        let sheet = samples::history(&rows);
        let english = HistorySheet {
            language: Language::En,
            ..sheet.clone()
        };
        let text = |sheet| serde_json::to_string_pretty(&context(sheet)).unwrap();
        expect_file!["../golden/history.ja.json"].assert_eq(&text(&sheet));
        expect_file!["../golden/history.en.json"].assert_eq(&text(&english));
    }

    #[test]
    fn it_is_set_without_complaint_and_always_the_same() {
        let rows = samples::history_rows();
        let check = |rows: &[HistoryRow], n_pages: usize| {
            let sheet = samples::history(rows);
            let rendered = render(&sheet).unwrap();
            assert_eq!(
                (rendered.n_pages, rendered.warnings.as_str()),
                (n_pages, "")
            );
            assert!(rendered.bytes == history_pdf(&sheet).unwrap());
        };
        check(&rows, 1);
        check(&[], 1);
        check(&vec![rows.clone(); 20].concat(), 2);
        let refused = history_pdf(&samples::history(&vec![rows; 1_001].concat()));
        expect!["3003 rows, at most 3000 fit; use a workbook instead"]
            .assert_eq(&refused.unwrap_err().to_string());
    }
}
