//! The view of one institution of an opened installation, at one instant taken as now.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::answer::{Answer, Institution, InstitutionKind, VendorContract};
use sonae_domain::era;
use sonae_domain::evidence::Evidence;
use sonae_domain::ids::{EvidenceId, FormId, ItemId};
use sonae_domain::ledger::Asset;
use sonae_store::{Answered, NewEvidence, Recorded, Store, StoreError};

use super::catalog::Catalog;
use super::checklist::WhichForm;
use super::failure::Failure;
use super::installation::{Installation, Settings};
use super::labels;

/// The view of one institution at one instant.
#[derive(Clone)]
pub(crate) struct Workspace {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) institution: Institution,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
    /// The moment whose state is shown; none shows the present. Nothing is written as of a moment.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) reader_program: PathBuf,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) installation: Arc<Installation>,
}

impl Workspace {
    /// Opens an installation for its first institution, making what is missing.
    ///
    /// # Errors
    /// The data folder or database cannot be used.
    pub(crate) async fn open(settings: Settings) -> Result<Self, Failure> {
        let installation = Arc::new(Installation::open(settings).await?);
        let institution = installation.first_institution().await?;
        Ok(installation.workspace(institution))
    }

    /// The same institution as it stood at the end of a day. Its name, kind and settings are those
    /// of today.
    ///
    /// # Errors
    /// The day is not over yet.
    pub(crate) fn as_of(&self, day: Date) -> Result<Self, Failure> {
        let end = era::end_of_day_in_japan(day).filter(|_| day < self.today);
        let end = end.ok_or_else(|| Failure::refused(labels::day_not_over(day, self.today)))?;
        Ok(Self {
            now: end,
            today: day,
            as_of: Some(end),
            ..self.clone()
        })
    }

    /// The ledger without retired devices, each with the evidence that last confirmed it.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn ledger(&self) -> Result<Vec<(Asset, Option<EvidenceId>)>, Failure> {
        let versions = self
            .store
            .assets_as_of(&self.institution.id, self.as_of)
            .await
            .map_err(store_failure)?;
        let current = versions.into_iter().filter(|version| !version.retired);
        Ok(current
            .map(|version| (version.asset, version.evidence))
            .collect())
    }

    /// The latest answer of each item and round.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn answers(&self) -> Result<Vec<Answer>, Failure> {
        Ok(self.answered().await?.answers)
    }

    /// The same, with what a judgement rests on.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn answered(&self) -> Result<Answered, Failure> {
        self.store
            .answered_as_of(&self.institution.id, self.as_of)
            .await
            .map_err(store_failure)
    }

    /// Every answer ever given to an item, by round, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn answer_history(&self, item: &ItemId) -> Result<Vec<Answer>, Failure> {
        self.store
            .answer_history(&self.institution.id, item)
            .await
            .map_err(store_failure)
    }

    /// Adds an answer to the history.
    ///
    /// # Errors
    /// The store fails; then it is not there.
    pub(crate) async fn record_answer(&self, answer: &Answer) -> Result<(), Failure> {
        self.store
            .record_answer(&self.institution.id, answer)
            .await
            .map_err(store_failure)
    }

    /// Records evidence whole.
    ///
    /// # Errors
    /// The store fails; then nothing of it is there.
    pub(crate) async fn record_evidence(&self, new: NewEvidence) -> Result<Recorded, Failure> {
        self.store
            .record_evidence(&self.institution.id, new)
            .await
            .map_err(store_failure)
    }

    /// All evidence by id.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn evidence_by_id(&self) -> Result<BTreeMap<EvidenceId, Evidence>, Failure> {
        let evidence = self
            .store
            .evidence_as_of(&self.institution.id, self.as_of)
            .await
            .map_err(store_failure)?;
        Ok(evidence
            .into_iter()
            .map(|evidence| (evidence.id.clone(), evidence))
            .collect())
    }

    /// Changes the institution. Returns how many answers belong to a form that it no longer has.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn set_institution(
        &mut self,
        name: Option<String>,
        kind: Option<InstitutionKind>,
        vendor_contract: Option<VendorContract>,
        by: &str,
    ) -> Result<usize, Failure> {
        let form_before = self.own_form_id();
        let institution = &self.institution;
        let changed = Institution {
            id: institution.id.clone(),
            name: name.unwrap_or_else(|| institution.name.clone()),
            kind: kind.unwrap_or(institution.kind),
            vendor_contract: vendor_contract.unwrap_or(institution.vendor_contract),
        };
        self.store
            .update_institution(&changed, by, self.now)
            .await
            .map_err(store_failure)?;
        self.institution = changed;
        if form_before == self.own_form_id() {
            return Ok(0);
        }
        let answers = self.answers().await?;
        let of_former = |answer: &&Answer| {
            self.catalog
                .newest_edition()
                .and_then(|edition| edition.item(&answer.item))
                .is_some_and(|item| Some(&item.form) == form_before.as_ref())
        };
        Ok(answers.iter().filter(of_former).count())
    }

    fn own_form_id(&self) -> Option<FormId> {
        self.form(&WhichForm::default())
            .ok()
            .map(|(_, form)| form.id.clone())
    }
}

/// The shipped data alone, for what needs no installation.
///
/// # Errors
/// A shipped file is broken.
pub(crate) fn load_catalog() -> Result<Catalog, Failure> {
    Catalog::load().map_err(|source| {
        Failure::unexpected(labels::shipped_data_broken(&source.to_string())).because(source)
    })
}

/// There is no data folder to work in.
pub(crate) fn no_data_folder() -> Failure {
    Failure::unusable(labels::no_data_folder())
}

/// How often a change is tried anew when others write at the same time.
pub(super) const TRIES: usize = 5;

/// What a call that rests on something read before gave; none if that was changed meanwhile.
///
/// # Errors
/// The store fails.
pub(super) fn unless_changed<T>(done: Result<T, StoreError>) -> Result<Option<T>, Failure> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(StoreError::Changed { .. }) => Ok(None),
        Err(error) => Err(store_failure(error)),
    }
}

/// What the store says, in words that a person can act on.
pub(crate) fn store_failure(error: StoreError) -> Failure {
    let text = labels::store_failed(&error);
    let failure = match error {
        StoreError::DiskFull { .. } => Failure::disk_full(text),
        _ => Failure::unusable(text),
    };
    failure.because(error)
}

/// What a mere look leaves behind. Where nothing can be written one may still look.
///
/// # Errors
/// The store fails in another way.
pub(crate) fn left_behind(done: Result<(), StoreError>) -> Result<(), Failure> {
    match done {
        Err(error @ (StoreError::DiskFull { .. } | StoreError::ReadOnly { .. })) => {
            tracing::warn!("{error}");
            Ok(())
        }
        done => done.map_err(store_failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_refused_only_when_nothing_can_be_seen() {
        let (doing, source) = ("look", || "so it is".into());
        let full = StoreError::DiskFull {
            doing,
            source: source(),
        };
        let protected = StoreError::ReadOnly {
            doing,
            source: source(),
        };
        let gone = StoreError::Unavailable {
            doing,
            source: source(),
        };
        assert!(left_behind(Err(full)).is_ok());
        assert!(left_behind(Err(protected)).is_ok());
        assert!(left_behind(Err(gone)).is_err());
    }
}
