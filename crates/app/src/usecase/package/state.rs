//! What a package shows of an institution: the checklist and the facts behind it, as they are, or with
//! pseudonyms for what tells of the network (ネットワーク構成情報).

use std::collections::BTreeMap;

use sonae_domain::evidence::Evidence;
use sonae_domain::ids::{CheckId, EvidenceId};
use sonae_domain::verdict::{CheckVerdict, Verdict};

use super::build::ending;
use crate::usecase::checklist::{Checklist, WhichForm};
use crate::usecase::failure::Failure;
use crate::usecase::judged::Judged;
use crate::usecase::judging::Grounds;
use crate::usecase::labels;
use crate::usecase::workspace::Workspace;

/// One state of an institution, as others are to see it.
pub(super) struct State<'a> {
    pub(super) checklist: Checklist<'a>,
    /// On which the verdicts of the checklist stand.
    pub(super) grounds: Grounds,
    /// The first check that says something else about pseudonyms than about the true values.
    differing: Option<CheckId>,
}

impl Workspace {
    /// The state of now.
    ///
    /// # Errors
    /// The store or a check fails.
    pub(super) async fn package_state(&self, network_details: bool) -> Result<State<'_>, Failure> {
        let checklist = self.judge(&WhichForm::default(), None).await?;
        let checks = self.checks_of(checklist.edition, checklist.form);
        let (assets, known) = (self.ledger().await?, &checklist.judged);
        let grounds = self.grounds(&checks, &assets, &known.evidence).await?;
        if network_details {
            return Ok(State {
                checklist,
                grounds,
                differing: None,
            });
        }
        let grounds = grounds.pseudonymised();
        let verdicts = grounds.judge(self.with_thresholds(checks).await?).await;
        let verdicts = verdicts
            .map_err(|source| Failure::unexpected(labels::judge_failed()).because(source))?;
        let by_id = verdicts.into_iter();
        let verdicts: BTreeMap<_, _> = by_id.map(|said| (said.check.clone(), said)).collect();
        let differing = differing(&known.verdicts, &verdicts).cloned();
        let evidence = numbered(known.evidence.clone());
        let files = evidence.iter();
        let files = files.map(|(id, evidence)| (id.to_string(), evidence.file_name.clone()));
        let names = assets.into_iter();
        let names = names.map(|(asset, _)| (asset.id.as_str().to_owned(), asset.record.name));
        let subjects = grounds.host_names().into_iter().chain(files).chain(names);
        let judged = Judged {
            subjects: subjects.collect(),
            verdicts,
            evidence,
        };
        Ok(State {
            checklist: checklist.judged_anew(judged),
            grounds,
            differing,
        })
    }
}

impl State<'_> {
    /// No package may say something else than the institution sees.
    ///
    /// # Errors
    /// A check says something else when details of the network are replaced.
    pub(super) fn refuse_differing(&self) -> Result<(), Failure> {
        let Some(id) = &self.differing else {
            return Ok(());
        };
        let title = self.checklist.check(id).map(|check| &check.title);
        Err(Failure::refused(labels::package_needs_details(id, title)))
    }
}

/// The first check that does not say the same of as many. Standings follow from nothing else.
fn differing<'a>(
    before: &'a BTreeMap<CheckId, CheckVerdict>,
    after: &BTreeMap<CheckId, CheckVerdict>,
) -> Option<&'a CheckId> {
    let is_same = |id| {
        let said = |verdicts: &BTreeMap<CheckId, CheckVerdict>| verdicts.get(id).map(said_of);
        said(before) == said(after)
    };
    before.keys().find(|id| !is_same(*id))
}

/// A verdict without those of whom it is said.
fn said_of(verdict: &CheckVerdict) -> (Verdict, Vec<(Verdict, String, Option<EvidenceId>)>) {
    let rows = verdict.rows.iter();
    let rows = rows.map(|row| {
        (
            row.verdict,
            row.reason.code.clone(),
            row.evidence_id.clone(),
        )
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    (verdict.verdict, rows)
}

/// Whoever saves a file may name it after a machine.
fn numbered(mut evidence: BTreeMap<EvidenceId, Evidence>) -> BTreeMap<EvidenceId, Evidence> {
    for (n, evidence) in (1..).zip(evidence.values_mut()) {
        evidence.file_name = format!("file-{n}.{}", ending(&evidence.file_name));
    }
    evidence
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Of rows such as `srv-1 met seen scan`.
    fn said(rows: &[&str]) -> BTreeMap<CheckId, CheckVerdict> {
        let row = |row: &&str| {
            let [subject, verdict, code, evidence] = row.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{row}")
            };
            json!({
                "subject": subject, "verdict": verdict, "reason": { "code": code }, "evidence_id": evidence
            })
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        let verdict = json!({
            "check": "check",
            "verdict": rows[0]["verdict"],
            "coverage": {
                "n_met": 0, "n_not_met": 0, "n_conditional": 0,
                "n_unknown": 0, "n_stale": 0, "n_not_applicable": 0
            },
            "rows": rows,
        });
        let verdict = serde_json::from_value(verdict).unwrap();
        BTreeMap::from([(CheckId::new("check"), verdict)])
    }

    #[test]
    fn a_check_that_says_something_else_is_named() {
        let before = said(&["srv-1 not_met unused a", "srv-2 met used a"]);
        let check = |rows: &[&str], is_same: bool| {
            let after = said(rows);
            assert_eq!(differing(&before, &after).is_none(), is_same, "{rows:?}");
        };
        check(&["host-1 not_met unused a", "host-2 met used a"], true);
        check(&["host-2 not_met unused a", "host-1 met used a"], true);
        check(&["host-1 not_met unused a"], false);
        check(&["host-1 not_met old a", "host-2 met used a"], false);
        check(&["host-1 not_met unused b", "host-2 met used a"], false);
        check(&["host-1 met used a", "host-2 not_met unused a"], false);
        check(
            &["host-1 not_met unused a", "host-2 not_met unused a"],
            false,
        );
        assert!(differing(&before, &BTreeMap::new()).is_some());
    }
}
