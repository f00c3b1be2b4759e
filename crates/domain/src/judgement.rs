//! From the verdicts of checks to the standing of an item. Pure: the same input, the same standing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Institution};
use crate::control::{Control, JudgedBy};
use crate::edition::{Audience, Edition, Item};
use crate::ids::{CheckId, ControlId, FormId, ItemId};
use crate::standing::{EvidenceState, Standing, standing};
use crate::vendor::asks_vendors;
use crate::verdict::{CheckVerdict, Coverage, Verdict, worst};

/// How one item stands, with everything needed to say why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemStanding {
    /// The row.
    pub item: ItemId,
    /// The person's answer of the latest round.
    pub answer: Option<Answer>,
    /// All checks of the item's controls together.
    pub verdict: Verdict,
    /// The standing that follows.
    pub standing: Standing,
    /// The check that decided the verdict; none where only a person can tell.
    pub decided_by: Option<CheckId>,
    /// Of the deciding check.
    pub coverage: Coverage,
    /// All checks that speak about the item, in the order of its controls.
    pub checks: Vec<CheckId>,
}

/// What is judged together.
pub struct Case<'a> {
    /// The edition whose rows are judged.
    pub edition: &'a Edition,
    /// By id.
    pub controls: &'a BTreeMap<ControlId, Control>,
    /// What the checks said, by id.
    pub verdicts: &'a BTreeMap<CheckId, CheckVerdict>,
    /// Whose checklist it is.
    pub institution: &'a Institution,
    /// The latest answer by row.
    pub answers: &'a BTreeMap<ItemId, Answer>,
    /// The day of judgement.
    pub as_of: Date,
}

impl Case<'_> {
    /// Judges every row of a form, in its order.
    pub fn judge(&self, form: &FormId) -> Vec<ItemStanding> {
        self.edition
            .items_of(form)
            .map(|item| self.judge_item(item))
            .collect()
    }

    fn judge_item(&self, item: &Item) -> ItemStanding {
        let controls: Vec<&ControlId> = self.edition.controls_of(&item.id).collect();
        let checks: Vec<CheckId> = controls
            .iter()
            .filter_map(|id| self.controls.get(*id))
            .flat_map(|control| control.checks.iter().cloned())
            .collect();
        let verdict = self.verdict(&controls, &checks);
        let decided_by = checks
            .iter()
            .find(|check| self.verdict_of(check) == verdict)
            .or(checks.first())
            .cloned();
        let coverage = decided_by
            .as_ref()
            .and_then(|check| self.verdicts.get(check))
            .map(|check| check.coverage)
            .unwrap_or_default();
        let answer = self.answers.get(&item.id).cloned();
        let standing = standing(
            answer.as_ref(),
            EvidenceState::from(verdict),
            self.is_exempt(item),
            self.as_of,
        );
        ItemStanding {
            item: item.id.clone(),
            answer,
            verdict,
            standing,
            decided_by,
            coverage,
            checks,
        }
    }

    /// Without a contract with a vendor, the rows that say so and the whole form for vendors need no
    /// answer.
    fn is_exempt(&self, item: &Item) -> bool {
        let form = self.edition.form(&item.form);
        let of_vendor = form.is_some_and(|form| form.audience == Audience::Vendor);
        !asks_vendors(self.institution.vendor_contract) && (item.exempt_without_vendor || of_vendor)
    }

    /// An item is met only when every control that answers it is judged by checks, and all are met.
    fn verdict(&self, controls: &[&ControlId], checks: &[CheckId]) -> Verdict {
        let verdict = worst(checks.iter().map(|check| self.verdict_of(check)));
        let all_judged = !controls.is_empty()
            && controls.iter().all(|id| {
                self.controls
                    .get(*id)
                    .is_some_and(|c| c.judged_by == JudgedBy::Checks && !c.checks.is_empty())
            });
        if verdict == Verdict::Met && !all_judged {
            Verdict::Unknown
        } else {
            verdict
        }
    }

    fn verdict_of(&self, check: &CheckId) -> Verdict {
        self.verdicts
            .get(check)
            .map_or(Verdict::Unknown, |check| check.verdict)
    }
}
