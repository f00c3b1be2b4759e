//! What checks say about facts: a verdict per subject, coverage, and one evidence state per item.
//! Nothing is ever met by default.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::edition::Text;
use crate::ids::{CheckId, EvidenceId, Subject};

/// What is known about one subject. The order is from harmless to grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Does not apply to this subject; never counts as a pass.
    NotApplicable,
    /// Evidence shows that it holds.
    Met,
    /// Holds only if something else does that we cannot see.
    Conditional,
    /// No evidence, or none that can be read.
    Unknown,
    /// There was evidence, but it is too old.
    Stale,
    /// Evidence shows that it does not hold.
    NotMet,
}

/// Why, as a code that the check's file turns into a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Key in `[reasons]` of the check.
    pub code: String,
    /// Values for the sentence.
    #[serde(flatten)]
    pub args: BTreeMap<String, serde_json::Value>,
}

/// One row of a check: `subject, verdict, reason, evidence_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRow {
    /// Asset, host, account, backup repository.
    pub subject: Subject,
    /// What is known about it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The evidence behind it; only an unknown may have none.
    pub evidence_id: Option<EvidenceId>,
}

/// `data/checks/<id>/check.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckHead {
    /// The folder's name.
    pub id: CheckId,
    /// What it looks for, in a few words.
    pub title: Text,
    /// What is in scope, what makes it met, what it cannot see.
    pub explanation: Text,
    /// The fact tables that the SQL reads.
    pub reads: Vec<String>,
    /// How long evidence counts, in days.
    pub valid_days: i32,
    /// Where the limits come from.
    pub source: String,
    /// Numbers bound into the SQL as `:name`.
    #[serde(default)]
    pub settings: BTreeMap<String, i64>,
    /// Sentences by reason code; `{name}` is replaced by the argument.
    pub reasons: BTreeMap<String, Text>,
}

/// How many subjects got which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Proven.
    pub n_met: usize,
    /// Disproven.
    pub n_not_met: usize,
    /// Undecided for a stated reason.
    pub n_conditional: usize,
    /// Without evidence.
    pub n_unknown: usize,
    /// With old evidence.
    pub n_stale: usize,
    /// Out of scope.
    pub n_not_applicable: usize,
}

impl Coverage {
    /// Counts rows.
    pub fn of<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Self {
        let mut coverage = Self::default();
        for verdict in verdicts {
            let count = match verdict {
                Verdict::Met => &mut coverage.n_met,
                Verdict::NotMet => &mut coverage.n_not_met,
                Verdict::Conditional => &mut coverage.n_conditional,
                Verdict::Unknown => &mut coverage.n_unknown,
                Verdict::Stale => &mut coverage.n_stale,
                Verdict::NotApplicable => &mut coverage.n_not_applicable,
            };
            *count += 1;
        }
        coverage
    }

    /// Subjects that the check had to speak about.
    pub fn n_in_scope(&self) -> usize {
        self.n_met + self.n_not_met + self.n_conditional + self.n_unknown + self.n_stale
    }
}

/// What one check says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckVerdict {
    /// Which check.
    pub check: CheckId,
    /// The worst of its subjects.
    pub verdict: Verdict,
    /// How many of what.
    pub coverage: Coverage,
    /// Every subject, worst first.
    pub rows: Vec<CheckRow>,
}

/// Days on which evidence speaks, by id.
pub type EvidenceDates = BTreeMap<EvidenceId, Date>;

impl CheckVerdict {
    /// Ages the rows of a check and takes the worst.
    ///
    /// A verdict without known evidence, or with evidence from the future, becomes unknown; one with
    /// evidence older than `valid_days` becomes stale. What is not met stays so until newer evidence
    /// shows that it was mended: nothing is mended by waiting.
    pub fn of(
        check: CheckId,
        mut rows: Vec<CheckRow>,
        dates: &EvidenceDates,
        valid_days: i32,
        as_of: Date,
    ) -> Self {
        for row in &mut rows {
            let date = row
                .evidence_id
                .as_ref()
                .and_then(|id| dates.get(id))
                .copied();
            row.verdict = aged(row.verdict, date, valid_days, as_of);
        }
        rows.sort_by(|a, b| {
            b.verdict
                .cmp(&a.verdict)
                .then_with(|| a.subject.cmp(&b.subject))
        });
        let coverage = Coverage::of(rows.iter().map(|row| &row.verdict));
        Self {
            check,
            verdict: worst(rows.iter().map(|row| row.verdict)),
            coverage,
            rows,
        }
    }
}

fn aged(verdict: Verdict, evidence_on: Option<Date>, valid_days: i32, as_of: Date) -> Verdict {
    match (verdict, evidence_on) {
        (Verdict::Unknown | Verdict::NotApplicable, _) => verdict,
        (_, None) => Verdict::Unknown,
        (_, Some(on)) if on > as_of => Verdict::Unknown,
        (Verdict::NotMet, Some(_)) => Verdict::NotMet,
        (_, Some(on)) if (as_of - on).get_days() > valid_days => Verdict::Stale,
        (_, Some(_)) => verdict,
    }
}

/// The worst verdict counts: not met, then stale, then unknown or conditional, then met.
/// Nothing in scope is unknown.
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    match verdicts.into_iter().max() {
        None | Some(Verdict::NotApplicable) => Verdict::Unknown,
        Some(verdict) => verdict,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use jiff::civil::date;

    use super::*;

    /// Rows are `subject verdict evidence-day`, `-` for no evidence; evidence counts for 30 days.
    fn check(rows: &str, expected: Expect) {
        let as_of = date(2026, 2, 1);
        let mut dates = EvidenceDates::new();
        let rows = rows
            .split('|')
            .map(str::trim)
            .filter(|row| !row.is_empty())
            .map(|row| {
                let mut parts = row.split(' ');
                let mut next = || parts.next().expect("three words");
                let (subject, verdict, day) = (next(), next(), next());
                let evidence_id = (day != "-").then(|| EvidenceId::new(day));
                if let (Some(id), Ok(day)) = (&evidence_id, day.parse()) {
                    dates.insert(id.clone(), day);
                }
                CheckRow {
                    subject: Subject::new(subject),
                    verdict: serde_json::from_value(verdict.into()).expect("a verdict"),
                    reason: Reason {
                        code: "x".to_owned(),
                        args: BTreeMap::new(),
                    },
                    evidence_id,
                }
            });
        let rows = rows.collect();
        let judged = CheckVerdict::of(CheckId::new("c"), rows, &dates, 30, as_of);
        let words = judged
            .rows
            .iter()
            .map(|row| format!("{} {:?}", row.subject, row.verdict));
        let words: Vec<String> = words.collect();
        let coverage = judged.coverage;
        expected.assert_eq(&format!(
            "{:?}: {} ({} of {})",
            judged.verdict,
            words.join(", "),
            coverage.n_met,
            coverage.n_in_scope()
        ));
    }

    #[test]
    fn the_worst_subject_counts() {
        check("a met 2026-01-20", expect!["Met: a Met (1 of 1)"]);
        check(
            "a met 2026-01-20 | b not_met 2026-01-20",
            expect!["NotMet: b NotMet, a Met (1 of 2)"],
        );
        check(
            "a met 2026-01-20 | b unknown -",
            expect!["Unknown: b Unknown, a Met (1 of 2)"],
        );
        check(
            "a met 2026-01-20 | b conditional 2026-01-20",
            expect!["Conditional: b Conditional, a Met (1 of 2)"],
        );
        check(
            "a met 2026-01-20 | b not_applicable -",
            expect!["Met: a Met, b NotApplicable (1 of 1)"],
        );
    }

    #[test]
    fn nothing_is_never_a_pass() {
        check("", expect!["Unknown:  (0 of 0)"]);
        check(
            "a not_applicable -",
            expect!["Unknown: a NotApplicable (0 of 0)"],
        );
        check("a met -", expect!["Unknown: a Unknown (0 of 1)"]);
        check(
            "a met never-recorded",
            expect!["Unknown: a Unknown (0 of 1)"],
        );
    }

    #[test]
    fn evidence_ages() {
        check("a met 2026-01-02", expect!["Met: a Met (1 of 1)"]);
        check("a met 2026-01-01", expect!["Stale: a Stale (0 of 1)"]);
        check("a not_met 2025-06-01", expect!["NotMet: a NotMet (0 of 1)"]);
        check("a met 2026-02-02", expect!["Unknown: a Unknown (0 of 1)"]);
        check(
            "a met 2025-01-01 | b not_met 2026-01-31",
            expect!["NotMet: b NotMet, a Stale (0 of 2)"],
        );
    }
}
