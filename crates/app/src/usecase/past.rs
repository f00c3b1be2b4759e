//! Looking back: an institution as it stood at the end of a day, and what was answered since.

use std::collections::BTreeMap;
use std::sync::Arc;

use sonae_domain::answer::Answer;
use sonae_domain::edition::Wording;
use sonae_domain::ids::ItemId;
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::Language;

use super::answering::day;
use super::checklist::WhichForm;
use super::evidence::ItemLink;
use super::failure::Failure;
use super::workspace::Workspace;

/// A row of the own form as it stood on a day, beside the answer of today.
pub(crate) struct PastRow {
    pub(crate) item: ItemLink,
    pub(crate) wording: Wording,
    pub(crate) standing: ItemStanding,
    pub(crate) reason: String,
    /// The answer of the latest round now; none if there is none.
    pub(crate) now: Option<Answer>,
    /// Whether a person has answered anything else since.
    pub(crate) is_changed: bool,
}

/// The institution as it stood at the end of a typed day, or now where nothing is typed.
///
/// # Errors
/// Not a day, or one that is not over.
pub(crate) fn at(workspace: &Arc<Workspace>, typed: &str) -> Result<Arc<Workspace>, Failure> {
    match typed.trim() {
        "" => Ok(Arc::clone(workspace)),
        typed => Ok(Arc::new(workspace.as_of(day(typed)?)?)),
    }
}

impl Workspace {
    /// The own form as it stands in this view, beside the answers of `now`.
    ///
    /// # Errors
    /// The store or a check fails.
    pub(crate) async fn past_rows(
        &self,
        now: &Self,
        language: Language,
    ) -> Result<Vec<PastRow>, Failure> {
        let checklist = self.judge(&WhichForm::default(), None).await?;
        let latest = latest(now.answers().await?);
        let row = |standing: &ItemStanding| {
            let item = checklist.item(standing)?;
            let now = latest.get(&item.id).cloned();
            Some(PastRow {
                item: Self::item_link(checklist.edition, item),
                wording: item.wording.clone(),
                reason: checklist.reason(standing, language),
                is_changed: now != standing.answer,
                standing: standing.clone(),
                now,
            })
        };
        Ok(checklist.standings.iter().filter_map(row).collect())
    }
}

/// The answer of the latest round by row.
fn latest(answers: Vec<Answer>) -> BTreeMap<ItemId, Answer> {
    // By row and round, so the last of a row is the latest.
    let by_row = answers.into_iter();
    by_row.map(|answer| (answer.item.clone(), answer)).collect()
}
