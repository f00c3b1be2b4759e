//! Explaining a contradiction for a time. An explanation changes no standing: the item stays
//! contradicted, and when the explanation ends it is open again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use sonae_domain::edition::Audience;
use sonae_domain::ids::{CheckId, ItemId, RecordId};
use sonae_domain::judgement::ItemStanding;
use sonae_domain::register::{Explanation, Record};
use sonae_domain::standing::Standing;
use sonae_domain::verdict::{CheckRow, Verdict};
use sonae_store::{RecordChange, RecordVersion, StoreError};

use super::answering::{NOTE_CHARS_MAX, Saved, day, refuse_secret};
use super::basis::body_of;
use super::checklist::{Checklist, WhichForm};
use super::failure::Failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

/// The check that finds machines which nobody wrote into the ledger.
const SEEN_DEVICES: &str = "seen-devices-in-ledger";

/// An explanation with its origin.
#[derive(Debug, Clone)]
pub(crate) struct Explained {
    pub(crate) explanation: Explanation,
    pub(crate) version: i64,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
    /// Taken back.
    pub(crate) withdrawn: bool,
}

/// What a person typed to explain a contradiction.
#[derive(Debug, Clone, Default)]
pub(crate) struct TypedExplanation {
    pub(crate) text: String,
    pub(crate) ends_on: String,
    /// The version that they saw; none if there was none.
    pub(crate) seen: Option<i64>,
}

impl Explained {
    /// Whether it still counts on a day.
    pub(crate) fn holds(&self, on: Date) -> bool {
        !self.withdrawn && on <= self.explanation.ends_on
    }

    fn of(version: &RecordVersion) -> Result<Self, Failure> {
        Ok(Self {
            explanation: body_of(version)?,
            version: version.version,
            by: version.changed_by.clone(),
            at: version.changed_at,
            withdrawn: version.removed,
        })
    }
}

impl Workspace {
    /// The forms on which this institution may contradict itself: its own, and those that it
    /// hands to vendors.
    ///
    /// # Errors
    /// The store or a check fails.
    pub(crate) async fn answered_checklists(&self) -> Result<Vec<Checklist<'_>>, Failure> {
        let (edition, own) = self.form(&WhichForm::default())?;
        let vendors = edition
            .head
            .forms
            .iter()
            .filter(|form| form.audience == Audience::Vendor && form.id != own.id);
        let mut checklists = Vec::new();
        for form in std::iter::once(own).chain(vendors) {
            let which = WhichForm {
                form: Some(form.id.as_str().to_owned()),
                edition: Some(edition.head.id.as_str().to_owned()),
            };
            checklists.push(self.judge(&which, None).await?);
        }
        Ok(checklists)
    }

    /// All explanations that were not taken back, by item; those that have ended too.
    ///
    /// # Errors
    /// The store fails, or what it keeps is no explanation.
    pub(crate) async fn explanations(&self) -> Result<BTreeMap<ItemId, Explained>, Failure> {
        let kept = self
            .store
            .records_as_of(&self.institution.id, Explanation::KIND, self.as_of)
            .await
            .map_err(store_failure)?;
        let explained = kept.iter().map(|version| {
            let explained = Explained::of(version)?;
            Ok((explained.explanation.item.clone(), explained))
        });
        explained.collect()
    }

    /// Explains why an answer stands although the evidence speaks against it, until a day.
    ///
    /// # Errors
    /// The item is not contradicted, nothing is said, or the end is not within a year.
    pub(crate) async fn explain(
        &self,
        which: &WhichForm,
        item: &ItemId,
        typed: &TypedExplanation,
        by: &str,
    ) -> Result<Saved<Explained>, Failure> {
        let checklist = self.judge(which, None).await?;
        let is_contradicted = |standing: &&ItemStanding| {
            standing.item == *item && standing.standing == Standing::Contradicted
        };
        if !checklist.standings.iter().any(|s| is_contradicted(&s)) {
            return Err(Failure::refused(labels::not_contradicted()));
        }
        let explanation = Explanation {
            item: item.clone(),
            text: explaining_text(&typed.text)?,
            ends_on: self.explaining_end(&typed.ends_on)?,
        };
        let saved = self
            .save_explanation(&explanation, typed.seen, false, by)
            .await?;
        match saved {
            // What was taken back is nobody's work to lose.
            Saved::Conflict(current) if current.withdrawn => {
                let seen = Some(current.version);
                self.save_explanation(&explanation, seen, false, by).await
            }
            saved => Ok(saved),
        }
    }

    /// Takes an explanation back; its history stays.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn withdraw_explanation(
        &self,
        item: &ItemId,
        seen: Option<i64>,
        by: &str,
    ) -> Result<Saved<Explained>, Failure> {
        let history = self
            .store
            .record_history(&self.institution.id, Explanation::KIND, &record_id(item))
            .await
            .map_err(store_failure)?;
        let Some(latest) = history.last() else {
            return Err(Failure::not_found(labels::not_contradicted()));
        };
        let latest = Explained::of(latest)?;
        self.save_explanation(&latest.explanation, seen, true, by)
            .await
    }

    async fn save_explanation(
        &self,
        explanation: &Explanation,
        seen: Option<i64>,
        removed: bool,
        by: &str,
    ) -> Result<Saved<Explained>, Failure> {
        let body = serde_json::to_string(explanation).map_err(|source| {
            Failure::unexpected(labels::kept_unreadable(Explanation::KIND)).because(source)
        })?;
        let change = RecordChange {
            kind: Explanation::KIND,
            id: record_id(&explanation.item),
            seen,
            body,
            removed,
        };
        let saved = self
            .store
            .save_record(&self.institution.id, &change, by, self.now)
            .await;
        let saved = saved.map_err(|error| match error {
            StoreError::NotThere { .. } => Failure::not_found(labels::not_contradicted()),
            error => store_failure(error),
        })?;
        Ok(match saved {
            Saved::Done => Saved::Done,
            Saved::Same => Saved::Same,
            Saved::Conflict(current) => Saved::Conflict(Explained::of(&current)?),
        })
    }

    /// The last day for which a contradiction can be explained today.
    pub(crate) fn explaining_last(&self) -> Date {
        let year = Span::new().years(1);
        self.today.checked_add(year).unwrap_or(self.today)
    }

    fn explaining_end(&self, typed: &str) -> Result<Date, Failure> {
        let ends_on = day(typed).map_err(|failure| failure.at("ends_on"))?;
        let last = self.explaining_last();
        match (self.today..=last).contains(&ends_on) {
            true => Ok(ends_on),
            false => {
                let why = labels::explanation_end(self.today, last);
                Err(Failure::refused(why).at("ends_on"))
            }
        }
    }
}

/// An item has at most one explanation, so it is known by the item.
fn record_id(item: &ItemId) -> RecordId {
    RecordId::new(item.as_str())
}

fn explaining_text(typed: &str) -> Result<String, Failure> {
    let text = typed.trim();
    let refused = |why| Failure::refused(why).at("text");
    if text.is_empty() {
        return Err(refused(labels::explanation_missing()));
    }
    if text.chars().count() > NOTE_CHARS_MAX {
        return Err(refused(labels::note_too_long(NOTE_CHARS_MAX)));
    }
    refuse_secret(Some(text)).map_err(|failure| failure.at("text"))?;
    Ok(text.to_owned())
}

impl Checklist<'_> {
    /// Machines that were seen and that the ledger lacks, with the check that says so.
    pub(crate) fn unledgered(&self) -> impl Iterator<Item = (&CheckId, &CheckRow)> {
        let said = self.judged.verdicts.get(&CheckId::new(SEEN_DEVICES));
        said.into_iter()
            .flat_map(|said| said.rows.iter().map(|row| (&said.check, row)))
            .filter(|(_, row)| row.verdict == Verdict::NotMet)
    }
}
