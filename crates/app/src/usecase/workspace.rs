//! An opened installation: data folder, database, institution, and the instant taken as now.

use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::answer::{Answer, Institution, InstitutionKind, VendorContract};
use sonae_domain::edition::{Edition, EditionStatus};
use sonae_domain::era;
use sonae_domain::evidence::Evidence;
use sonae_domain::ids::{EvidenceId, FormId, InstitutionId};
use sonae_domain::ledger::Asset;
use sonae_store::{NewEvidence, Recorded, Store, StoreError, new_id};
use std::collections::BTreeMap;

use super::catalog::Catalog;
use super::checklist::WhichForm;
use super::failure::Failure;
use super::labels;

/// How long a command waits for another one on the same data folder before it gives up.
const LOCK_WAIT: Duration = Duration::from_secs(3);

/// Who stands in the journal where no person asked for it: the first institution of a new folder.
const BY: &str = "sonae";

/// What an installation is opened with; only `main` knows where these come from.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where the embedded database lives.
    pub(crate) data: PathBuf,
    /// A PostgreSQL address instead of the embedded database.
    pub(crate) database: Option<String>,
    /// The instant taken as now.
    pub(crate) now: Timestamp,
    /// The program that reads files in a process of its own: this one.
    pub(crate) reader_program: PathBuf,
}

/// An opened installation.
pub(crate) struct Workspace {
    pub(crate) catalog: Catalog,
    pub(crate) institution: Institution,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
    pub(crate) reader_program: PathBuf,
    pub(crate) store: Arc<dyn Store>,
    /// Held as long as the workspace lives; the system lets go of it when the process ends.
    _lock: Option<File>,
}

impl Workspace {
    /// Opens an installation, making data folder, database and institution where they are missing.
    ///
    /// # Errors
    /// The data folder or database cannot be used, or another process uses the folder.
    pub(crate) async fn open(settings: Settings) -> Result<Self, Failure> {
        let mut catalog = load_catalog()?;
        let (store, lock) = match &settings.database {
            Some(address) => (
                sonae_store::open(address).await.map_err(store_failure)?,
                None,
            ),
            None => {
                let lock = lock_folder(&settings.data)?;
                let path = settings.data.join("sonae.sqlite");
                let store = sonae_store::SqliteStore::open(&path)
                    .await
                    .map_err(store_failure)?;
                (Arc::new(store) as Arc<dyn Store>, Some(lock))
            }
        };
        let institution = first_institution(store.as_ref(), settings.now).await?;
        add_published_editions(&mut catalog, store.as_ref()).await?;
        Ok(Self {
            catalog,
            institution,
            now: settings.now,
            today: era::day_in_japan(settings.now),
            reader_program: settings.reader_program,
            store,
            _lock: lock,
        })
    }

    /// The ledger without retired devices, each with the evidence that last confirmed it.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn ledger(&self) -> Result<Vec<(Asset, Option<EvidenceId>)>, Failure> {
        let versions = self
            .store
            .assets(&self.institution.id)
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
        self.store
            .answers(&self.institution.id)
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

    /// Adds answers to the history, all or none.
    ///
    /// # Errors
    /// The store fails; then none is there.
    pub(crate) async fn record_answers(&self, answers: &[Answer]) -> Result<(), Failure> {
        let institution = &self.institution.id;
        self.store
            .record_answers(institution, answers)
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
            .evidence(&self.institution.id)
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

/// What the store says, in words that a person can act on.
pub(crate) fn store_failure(error: StoreError) -> Failure {
    Failure::unusable(labels::store_failed(&error)).because(error)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the lock file of the data folder"
)]
fn lock_folder(folder: &Path) -> Result<File, Failure> {
    let unusable = |source: std::io::Error| {
        Failure::unusable(labels::data_folder_unusable(folder, &source)).because(source)
    };
    // Account lists and raw evidence lie in it: for its owner alone.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(unusable)?;
    let lock = File::create(folder.join("sonae.lock")).map_err(unusable)?;
    let step = Duration::from_millis(50);
    for _ in 0..=(LOCK_WAIT.as_millis() / step.as_millis()) {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => std::thread::sleep(step),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
    }
    Err(Failure::unusable(labels::data_folder_busy(folder)))
}

/// The command line serves one institution; it is made at the first start and named later.
async fn first_institution(store: &dyn Store, now: Timestamp) -> Result<Institution, Failure> {
    if let Some(institution) = store
        .institutions()
        .await
        .map_err(store_failure)?
        .into_iter()
        .next()
    {
        return Ok(institution);
    }
    let institution = Institution {
        id: InstitutionId::new(new_id(now)),
        name: labels::INSTITUTION_UNNAMED.to_owned(),
        kind: InstitutionKind::Clinic,
        vendor_contract: VendorContract::Unconfirmed,
    };
    store
        .insert_institution(&institution, BY, now)
        .await
        .map_err(store_failure)?;
    Ok(institution)
}

async fn add_published_editions(catalog: &mut Catalog, store: &dyn Store) -> Result<(), Failure> {
    for revision in store.editions().await.map_err(store_failure)? {
        if revision.published.is_none() {
            continue;
        }
        let texts = store
            .edition_texts(&revision.id, revision.revision)
            .await
            .map_err(store_failure)?;
        let Some(texts) = texts else { continue };
        let edition =
            Edition::from_toml(&texts.edition, &texts.items, &texts.mapping).map_err(|source| {
                let why = labels::draft_inconsistent(&source.to_string());
                Failure::unusable(why).because(source)
            })?;
        // The texts are frozen as the person saw them, as a draft; being published is not in them.
        let mut edition = edition;
        edition.head.status = EditionStatus::InForce;
        edition.head.remark = labels::published_remark(&revision.id);
        catalog.editions.insert(revision.id, edition);
    }
    Ok(())
}
