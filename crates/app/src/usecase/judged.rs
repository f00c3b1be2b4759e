//! What checks said about an institution, kept until its evidence, ledger, settings or the day
//! change. Answers are not part of it: they are joined anew each time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use sonae_domain::evidence::Evidence;
use sonae_domain::ids::{CheckId, EditionId, EvidenceId, FormId, InstitutionId};
use sonae_domain::verdict::CheckVerdict;

/// A hospital's verdicts are some tens of thousands of rows, 10 MiB; a clinic's a few hundred.
const ROWS_MAX: usize = 200_000;

/// What checks said, with what they spoke about.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) verdicts: BTreeMap<CheckId, CheckVerdict>,
    pub(crate) evidence: BTreeMap<EvidenceId, Evidence>,
    /// What people call the subjects.
    pub(crate) subjects: BTreeMap<String, String>,
}

/// What a judgement is about.
pub(crate) type Judgeable = (InstitutionId, EditionId, FormId);

/// What a judgement rests on: when one of them is another, it must be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    /// The last change that checks can see, in the institution's journal.
    pub(crate) generation: i64,
    /// Evidence ages by the day.
    pub(crate) day: Date,
}

/// The last judgements, by what they are about.
#[derive(Debug, Default)]
pub(crate) struct JudgedCache {
    kept: Mutex<BTreeMap<Judgeable, (Basis, Arc<Judged>)>>,
}

impl JudgedCache {
    /// The judgement about something, if it rests on the same.
    pub(crate) fn get(&self, about: &Judgeable, basis: Basis) -> Option<Arc<Judged>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, judged) = kept.get(about)?;
        (*of == basis).then(|| Arc::clone(judged))
    }

    /// Keeps a judgement. When all are too many, all go: they are soon made again.
    pub(crate) fn keep(&self, about: Judgeable, basis: Basis, judged: &Arc<Judged>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(about, (basis, Arc::clone(judged)));
        let n_rows: usize = kept.values().map(|(_, judged)| judged.n_rows()).sum();
        if n_rows > ROWS_MAX {
            kept.clear();
        }
    }

    /// Forgets all, when what ships or was published changed.
    pub(crate) fn forget(&self) {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl Judged {
    fn n_rows(&self) -> usize {
        let of_checks: usize = self
            .verdicts
            .values()
            .map(|verdict| verdict.rows.len())
            .sum();
        of_checks + self.evidence.len() + self.subjects.len()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_judgement_is_kept_until_what_it_rests_on_changes() {
        let about = |institution: &str| {
            (
                InstitutionId::new(institution),
                EditionId::new("fy2025"),
                FormId::new("facility"),
            )
        };
        let basis = Basis {
            generation: 3,
            day: date(2026, 11, 21),
        };
        let cache = JudgedCache::default();
        cache.keep(about("ours"), basis, &Arc::default());
        let check = |institution, basis, there| {
            let found = cache.get(&about(institution), basis).is_some();
            assert_eq!(found, there, "{institution} {basis:?}");
        };
        check("ours", basis, true);
        check("theirs", basis, false);
        check(
            "ours",
            Basis {
                generation: 4,
                ..basis
            },
            false,
        );
        let tomorrow = date(2026, 11, 22);
        check(
            "ours",
            Basis {
                day: tomorrow,
                ..basis
            },
            false,
        );
        cache.forget();
        check("ours", basis, false);
    }
}
