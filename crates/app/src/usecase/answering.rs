//! A person answers items, one by one or with a filled-in form. Nothing is answered by the program.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::answer::{Answer, AnswerNotice, AnswerRefused, AnswerValue, VendorContract};
use sonae_domain::edition::{Edition, Item, Text};
use sonae_domain::era;
use sonae_domain::evidence::Finding;
use sonae_ingest::answer_form::{self, FormAnswer, FormReading};
pub(crate) use sonae_store::Saved;
use sonae_store::StoreError;
use unicode_normalization::UnicodeNormalization;

use super::checklist::WhichForm;
use super::failure::Failure;
use super::import::SourceFile;
use super::labels;
use super::reader_process::{self, Outcome, Request, Task};
use super::workspace::{Workspace, store_failure, unless_changed};

/// What fits into the form's column 備考 in its smallest letters.
pub(crate) const NOTE_CHARS_MAX: usize = 500;

/// What a person typed to answer one item.
#[derive(Debug, Clone)]
pub(crate) struct TypedAnswer {
    pub(crate) item: String,
    pub(crate) value: String,
    pub(crate) confirmed_on: Option<String>,
    pub(crate) target_on: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) by: Option<String>,
    /// The latest round of the item where nobody says otherwise.
    pub(crate) round: Option<u8>,
}

/// What a person had before them when they answered on a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// When the answer of the same round was recorded; none if there was none.
    pub(crate) answer: Option<Timestamp>,
    /// Fingerprint of the evidence, see [`super::basis`].
    pub(crate) basis: Option<String>,
}

/// What became of one answer.
pub(crate) struct AnswerTaken {
    pub(crate) item: Item,
    pub(crate) answer: Answer,
    pub(crate) notices: Vec<AnswerNotice>,
    /// The answer of the same round that it takes the place of; history keeps it.
    pub(crate) replaced: Option<Answer>,
    /// The answer of a later round that still counts.
    pub(crate) outranked_by: Option<Answer>,
    /// 記入不要, though nobody stated that there is no contract.
    pub(crate) contract_open: bool,
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
    ) -> Result<AnswerTaken, Failure> {
        let (edition, form) = self.form(which)?;
        let item = self.item(edition, form, &typed.item)?;
        let mut known = self.answers().await?;
        known.retain(|known| known.item == item.id);
        let latest = known.iter().map(|known| known.round).max();
        let round = typed.round.or(latest).unwrap_or(1);
        let (answer, notices) = self.said(edition, item, typed, round)?;
        self.record_answer(&answer).await?;
        let of_round = |round: u8| known.iter().find(|known| known.round == round).cloned();
        let outranked_by = latest
            .filter(|latest| *latest > answer.round)
            .and_then(of_round);
        let exempt =
            item.exempt_without_vendor && self.institution.vendor_contract == VendorContract::None;
        Ok(AnswerTaken {
            item: item.clone(),
            replaced: of_round(answer.round),
            outranked_by,
            contract_open: answer.value == AnswerValue::NotRequired && !exempt,
            answer,
            notices,
        })
    }

    /// Records a person's answer to what they saw on a page, unless somebody was faster.
    ///
    /// # Errors
    /// No such item or round, or an answer that cannot be taken; the field is named.
    pub(crate) async fn answer_as_seen(
        &self,
        which: &WhichForm,
        typed: &TypedAnswer,
        seen: &Seen,
    ) -> Result<Saved<Answer>, Failure> {
        let (edition, form) = self.form(which)?;
        let item = self.item(edition, form, &typed.item)?;
        let (answer, _) = self.said(edition, item, typed, typed.round.unwrap_or(1))?;
        let note = answer.note.as_deref().unwrap_or_default();
        if note.chars().count() > NOTE_CHARS_MAX {
            return Err(Failure::refused(labels::note_too_long(NOTE_CHARS_MAX)).at("note"));
        }
        let answer = Answer {
            basis: seen.basis.clone(),
            ..answer
        };
        self.store
            .record_answer_if(&self.institution.id, &answer, seen.answer)
            .await
            .map_err(|error| match error {
                StoreError::NotThere { .. } => Failure::not_found(labels::answer_gone()),
                error => store_failure(error),
            })
    }

    /// What a person should know about an answer. Nobody can keep to the year of a form while the
    /// form of the new year is not at hand, so then nothing is said about it.
    ///
    /// # Errors
    /// The answer cannot be true.
    pub(crate) fn answer_notices(
        &self,
        edition: &Edition,
        answer: &Answer,
    ) -> Result<Vec<AnswerNotice>, AnswerRefused> {
        let mut notices = answer.check(self.today, edition.head.fiscal_year)?;
        let newest = self.catalog.newest_edition();
        if self.missing_year().is_some() && newest.is_some_and(|it| it.head.id == edition.head.id) {
            notices.retain(|notice| !notice.is_about_the_year());
        }
        Ok(notices)
    }

    /// What a person said about an item, with what they should know about it.
    fn said(
        &self,
        edition: &Edition,
        item: &Item,
        typed: &TypedAnswer,
        round: u8,
    ) -> Result<(Answer, Vec<AnswerNotice>), Failure> {
        let on = |typed: &str, field| day(typed).map_err(|failure| failure.at(field));
        let answer = Answer {
            item: item.id.clone(),
            round,
            value: value(&typed.value).map_err(|failure| failure.at("value"))?,
            confirmed_on: match &typed.confirmed_on {
                Some(typed) => on(typed, "confirmed_on")?,
                None => self.today,
            },
            target_on: typed
                .target_on
                .as_deref()
                .map(|typed| on(typed, "target_on"))
                .transpose()?,
            note: typed.note.clone().filter(|note| !note.trim().is_empty()),
            answered_by: typed.by.clone().unwrap_or_default(),
            recorded_at: self.now,
            basis: None,
        };
        let notices = self.answer_notices(edition, &answer).map_err(refused)?;
        refuse_secret(answer.note.as_deref()).map_err(|failure| failure.at("note"))?;
        Ok((answer, notices))
    }

    /// Takes the answers of a filled-in form: every one that is possible, and says which are not.
    ///
    /// # Errors
    /// The file is not such a form, or the store fails.
    pub(crate) async fn answer_from_form(
        &self,
        path: &Path,
        by: Option<&str>,
        round: Option<u8>,
    ) -> Result<FormTaken, Failure> {
        let by = by.filter(|by| !by.trim().is_empty()).ok_or_else(|| {
            Failure::refused(AnswerRefused::NoPerson.text()).because(AnswerRefused::NoPerson)
        })?;
        let file = SourceFile::open(path)?;
        let request = Request::new(Task::Answers, &file.name);
        let outcome = reader_process::read(&self.reader_program, request, &file.bytes).await?;
        let Outcome::Answers(FormReading {
            answers: typed,
            mut findings,
            ..
        }) = outcome
        else {
            return Err(Failure::unexpected(labels::reader_not_started()));
        };
        let answered = self.answered().await?;
        let known = answered.answers;
        let mut new = Vec::new();
        let mut n_same = 0;
        for typed in typed {
            let latest = known.iter().filter(|known| known.item == typed.item);
            let latest = latest.map(|known| known.round).max();
            // A form with columns for several rounds says itself which it is.
            let round = match typed.round {
                1 => round.or(latest).unwrap_or(1),
                round => round,
            };
            match self.form_answer(&typed, by, round) {
                Err(text) => findings.push(labels::unread_at(typed.place.clone(), text)),
                Ok(answer) if known.iter().any(|known| same_answer(known, &answer)) => n_same += 1,
                Ok(answer) => new.push(answer),
            }
        }
        let institution = &self.institution.id;
        let recorded = self
            .store
            .record_answers_after(institution, &new, answered.last_entry);
        unless_changed(recorded.await)?
            .ok_or_else(|| Failure::refused(labels::changed_meanwhile()))?;
        Ok(FormTaken {
            n_recorded: new.len(),
            n_same,
            findings,
        })
    }

    fn form_answer(&self, typed: &FormAnswer, by: &str, round: u8) -> Result<Answer, Text> {
        let editions = self.catalog.editions.values();
        let (edition, item) = editions
            .filter_map(|edition| Some((edition, edition.item(&typed.item)?)))
            .next()
            .ok_or_else(|| labels::form_item_unknown(typed.item.as_str()))?;
        let answer = Answer {
            item: typed.item.clone(),
            round,
            value: typed.value,
            // A form without a day was not confirmed on any day that we could name.
            confirmed_on: typed
                .confirmed_on
                .ok_or_else(|| labels::form_day_missing(&item.number))?,
            target_on: typed.target_on,
            note: typed.note.clone(),
            answered_by: by.to_owned(),
            recorded_at: self.now,
            basis: None,
        };
        answer
            .check(self.today, edition.head.fiscal_year)
            .map_err(|refused| labels::form_answer_refused(&item.number, &refused.text()))?;
        refuse_secret(answer.note.as_deref())
            .map_err(|failure| labels::form_answer_refused(&item.number, &failure.text))?;
        Ok(answer)
    }
}

/// What a person answered, as they typed or chose it.
fn value(typed: &str) -> Result<AnswerValue, Failure> {
    if typed.trim().is_empty() {
        return Err(Failure::refused(labels::answer_missing()));
    }
    answer_form::answer_value(typed).ok_or_else(|| Failure::refused(labels::unknown_answer(typed)))
}

/// Why an answer cannot be taken, at the field to mend.
fn refused(refused: AnswerRefused) -> Failure {
    let failure = Failure::refused(refused.text());
    let failure = match refused {
        AnswerRefused::FutureConfirmation { .. } | AnswerRefused::LongPastConfirmation(_) => {
            failure.at("confirmed_on")
        }
        AnswerRefused::TargetWithoutNo
        | AnswerRefused::TargetBeforeConfirmation(_)
        | AnswerRefused::TargetFarAhead(_) => failure.at("target_on"),
        AnswerRefused::RoundZero | AnswerRefused::NoPerson => failure,
    };
    failure.because(refused)
}

/// Whether two answers say the same, whoever gave them whenever.
pub(super) fn same_answer(a: &Answer, b: &Answer) -> bool {
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

/// A note is printed on the form; a password in it would hang on the wall.
pub(super) fn refuse_secret(note: Option<&str>) -> Result<(), Failure> {
    let note: String = note
        .unwrap_or_default()
        .nfkc()
        .collect::<String>()
        .to_lowercase();
    let tells = labels::SECRET_WORDS.iter().any(|word| {
        note.split(word).skip(1).any(|rest| {
            let rest = rest.trim_start();
            rest.strip_prefix(labels::SECRET_SIGNS)
                .is_some_and(|value| !value.trim().is_empty())
        })
    });
    match tells {
        true => Err(Failure::refused(labels::note_with_secret())),
        false => Ok(()),
    }
}

/// A day as a person types it.
///
/// # Errors
/// Not a day.
pub(crate) fn day(typed: &str) -> Result<Date, Failure> {
    era::parse_day(typed).ok_or_else(|| Failure::refused(labels::not_a_day(typed)))
}
