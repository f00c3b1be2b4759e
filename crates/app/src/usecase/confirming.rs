//! Confirming many items at once: only a はい whose evidence is exactly what it was when the person
//! gave it. Everything else must be looked at, and is listed with the reason.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sonae_domain::answer::{Answer, AnswerValue};
use sonae_domain::ids::ItemId;
use sonae_domain::judgement::ItemStanding;
use sonae_domain::register::Document;
use sonae_domain::standing::Standing;

use super::answering::same_answer;
use super::checklist::{Checklist, WhichForm};
use super::failure::Failure;
use super::labels;
use super::workspace::{TRIES, Workspace, unless_changed};

/// Why an item cannot be confirmed without being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Obstacle {
    /// Nobody answered it.
    Unanswered,
    /// Only a はい is confirmed as before.
    NotYes,
    /// The evidence speaks against it.
    Contradicted,
    /// The evidence is too old.
    Stale,
    /// The answer was not given on a page with the evidence beside it.
    NoBasis,
    /// The evidence is no longer what it was.
    Changed,
    /// It was confirmed today.
    Done,
}

/// An item that a person ticked, with the answer they saw beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticked {
    pub(crate) item: ItemId,
    /// When that answer was recorded.
    pub(crate) seen: Timestamp,
}

impl Checklist<'_> {
    /// Why an item cannot be confirmed in a round as it was answered before; none if it can.
    pub(crate) fn obstacle(
        &self,
        standing: &ItemStanding,
        documents: &[Document],
        round: u8,
    ) -> Option<Obstacle> {
        let Some(answer) = &standing.answer else {
            return Some(Obstacle::Unanswered);
        };
        let is_done = answer.round == round && answer.confirmed_on == self.as_of;
        match (answer.value, standing.standing, &answer.basis) {
            (_, Standing::Contradicted, _) => Some(Obstacle::Contradicted),
            (_, Standing::Stale, _) => Some(Obstacle::Stale),
            (AnswerValue::No | AnswerValue::NotRequired, _, _) => Some(Obstacle::NotYes),
            _ if is_done => Some(Obstacle::Done),
            (AnswerValue::Yes, _, None) => Some(Obstacle::NoBasis),
            (AnswerValue::Yes, _, Some(basis)) => {
                (*basis != self.basis(standing, documents)).then_some(Obstacle::Changed)
            }
        }
    }
}

impl Workspace {
    /// Confirms items in a round with the answers they have, all or none. Returns how many items
    /// were ticked but changed since the person saw them; if any, nothing was recorded.
    ///
    /// # Errors
    /// No such form, others write without end, or the store fails.
    pub(crate) async fn confirm(
        &self,
        which: &WhichForm,
        round: u8,
        ticked: &[Ticked],
        by: &str,
    ) -> Result<usize, Failure> {
        // What others write meanwhile makes us look again, so that no answer of theirs is overwritten.
        for _ in 0..TRIES {
            if let Some(n_changed) = self.try_confirm(which, round, ticked, by).await? {
                return Ok(n_changed);
            }
        }
        Err(Failure::unusable(labels::changed_meanwhile()))
    }

    /// None if anything was written since it was read.
    async fn try_confirm(
        &self,
        which: &WhichForm,
        round: u8,
        ticked: &[Ticked],
        by: &str,
    ) -> Result<Option<usize>, Failure> {
        let checklist = self.judge(which, Some(round)).await?;
        let documents = self.document_records().await?;
        let standings: BTreeMap<&ItemId, &ItemStanding> = checklist
            .standings
            .iter()
            .map(|standing| (&standing.item, standing))
            .collect();
        let mut new = Vec::new();
        let mut n_changed = 0;
        for ticked in ticked {
            let standing = standings.get(&ticked.item);
            let last = standing.and_then(|standing| Some((*standing, standing.answer.as_ref()?)));
            let Some((standing, last)) = last else {
                n_changed += 1;
                continue;
            };
            let again = self.confirmed(last, round, by, checklist.basis(standing, &documents));
            let is_seen = last.recorded_at.as_millisecond() == ticked.seen.as_millisecond();
            match checklist.obstacle(standing, &documents, round) {
                // Sent twice.
                Some(Obstacle::Done) if same_answer(last, &again) => {}
                None if is_seen => new.push(again),
                _ => n_changed += 1,
            }
        }
        if n_changed > 0 {
            return Ok(Some(n_changed));
        }
        let institution = &self.institution.id;
        let recorded = self
            .store
            .record_answers_after(institution, &new, checklist.last_entry);
        unless_changed(recorded.await).map(|done| done.map(|()| 0))
    }

    /// The answer as it was, given again today.
    fn confirmed(&self, last: &Answer, round: u8, by: &str, basis: String) -> Answer {
        Answer {
            round,
            confirmed_on: self.today,
            answered_by: by.to_owned(),
            recorded_at: self.now,
            basis: Some(basis),
            ..last.clone()
        }
    }
}
