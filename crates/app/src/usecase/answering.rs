//! A person answers items, one by one or with a filled-in form. Nothing is answered by the program.

use std::path::Path;

use jiff::civil::Date;
use sonae_domain::answer::{Answer, AnswerNotice, AnswerValue};
use sonae_domain::edition::Item;
use sonae_domain::era;
use sonae_domain::evidence::Finding;
use sonae_ingest::answer_form::FormAnswer;
use unicode_normalization::UnicodeNormalization;

use super::checklist::WhichForm;
use super::failure::Failure;
use super::import::SourceFile;
use super::labels;
use super::reader_process::{self, Outcome, Request, Task};
use super::workspace::Workspace;

/// What a person typed to answer one item.
#[derive(Debug, Clone)]
pub(crate) struct TypedAnswer {
    pub(crate) item: String,
    pub(crate) value: String,
    pub(crate) confirmed_on: Option<String>,
    pub(crate) target_on: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) by: String,
    pub(crate) round: u8,
}

/// What became of a filled-in form.
pub(crate) struct FormTaken {
    /// Answers recorded.
    pub(crate) n_recorded: usize,
    /// Answers that were already there.
    pub(crate) n_same: usize,
    /// What could not be taken, and why.
    pub(crate) findings: Vec<Finding>,
}

impl Workspace {
    /// Records a person's answer.
    ///
    /// # Errors
    /// No such item, an answer that is not understood, a day that is none, an impossible answer.
    pub(crate) async fn answer(
        &self,
        which: &WhichForm,
        typed: &TypedAnswer,
    ) -> Result<(Item, Answer, Vec<AnswerNotice>), Failure> {
        let (edition, form) = self.form(which)?;
        let item = self.item(edition, form, &typed.item)?;
        let value = answer_value(&typed.value)
            .ok_or_else(|| Failure::refused(labels::unknown_answer(&typed.value)))?;
        let answer = Answer {
            item: item.id.clone(),
            round: typed.round,
            value,
            confirmed_on: typed.confirmed_on.as_deref().map_or(Ok(self.today), day)?,
            target_on: typed.target_on.as_deref().map(day).transpose()?,
            note: typed.note.clone().filter(|note| !note.trim().is_empty()),
            answered_by: typed.by.clone(),
            recorded_at: self.now,
        };
        let notices = answer
            .check(self.today, edition.head.fiscal_year)
            .map_err(|refused| Failure::refused(refused.text()).because(refused))?;
        self.record_answer(&answer).await?;
        Ok((item.clone(), answer, notices))
    }

    /// Takes the answers of a filled-in form: every one that is possible, and says which are not.
    ///
    /// # Errors
    /// The file is not such a form, or the store fails.
    pub(crate) async fn answer_from_form(
        &self,
        path: &Path,
        by: &str,
        round: u8,
    ) -> Result<FormTaken, Failure> {
        let file = SourceFile::open(path)?;
        let request = Request::new(Task::Answers, &file.name);
        let outcome = reader_process::read(&self.reader_program, &request, &file.bytes)?;
        let Outcome::Answers(typed, mut findings) = outcome else {
            return Err(Failure::unexpected(labels::reader_not_started()));
        };
        let known = self.answers().await?;
        let (mut n_recorded, mut n_same) = (0, 0);
        for typed in typed {
            let answer = match self.form_answer(&typed, by, round) {
                Ok(answer) => answer,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            if known.iter().any(|known| same_answer(known, &answer)) {
                n_same += 1;
                continue;
            }
            self.record_answer(&answer).await?;
            n_recorded += 1;
        }
        Ok(FormTaken {
            n_recorded,
            n_same,
            findings,
        })
    }

    fn form_answer(&self, typed: &FormAnswer, by: &str, round: u8) -> Result<Answer, Finding> {
        let edition = self
            .catalog
            .editions
            .values()
            .find(|edition| edition.item(&typed.item).is_some())
            .ok_or_else(|| labels::form_item_unknown(typed.item.as_str()))?;
        let answer = Answer {
            item: typed.item.clone(),
            // A form with columns for several rounds says itself which it is.
            round: if typed.round > 1 { typed.round } else { round },
            value: typed.value,
            // A form without a day was not confirmed on any day that we could name.
            confirmed_on: typed
                .confirmed_on
                .ok_or_else(|| labels::form_day_missing(typed.item.as_str()))?,
            target_on: typed.target_on,
            note: typed.note.clone(),
            answered_by: by.to_owned(),
            recorded_at: self.now,
        };
        answer
            .check(self.today, edition.head.fiscal_year)
            .map_err(|refused| labels::form_answer_refused(typed.item.as_str(), &refused.text()))?;
        Ok(answer)
    }
}

/// Whether two answers say the same, whoever gave them whenever.
fn same_answer(a: &Answer, b: &Answer) -> bool {
    (
        &a.item,
        a.round,
        a.value,
        a.confirmed_on,
        a.target_on,
        &a.note,
    ) == (
        &b.item,
        b.round,
        b.value,
        b.confirmed_on,
        b.target_on,
        &b.note,
    )
}

fn answer_value(typed: &str) -> Option<AnswerValue> {
    let typed: String = typed.nfkc().collect::<String>().trim().to_lowercase();
    labels::ANSWER_WORDS
        .iter()
        .find(|(_, words)| words.contains(&typed.as_str()))
        .map(|(v, _)| *v)
}

/// A day as a person types it.
///
/// # Errors
/// Not a day.
pub(crate) fn day(typed: &str) -> Result<Date, Failure> {
    era::parse_day(typed).ok_or_else(|| Failure::refused(labels::not_a_day(typed)))
}
