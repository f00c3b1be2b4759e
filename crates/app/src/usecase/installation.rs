//! An opened installation: data folder, database, shipped data and clock. Whose data is asked for
//! is not known here; a [`Workspace`] is the view of one institution at one instant.

use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use sonae_domain::answer::{Institution, InstitutionKind, VendorContract};
use sonae_domain::edition::{Edition, EditionStatus};
use sonae_domain::era;
use sonae_domain::ids::InstitutionId;
use sonae_store::{SqliteStore, Store, new_id};

use super::catalog::Catalog;
use super::failure::Failure;
use super::institutions::KeptSummaries;
use super::judged::JudgedCache;
use super::mail::MailLogin;
use super::package::{KeptByHash, Opened};
use super::passkeys::Ceremonies;
use super::workspace::{Workspace, load_catalog, store_failure};
use super::{files, labels};

pub(crate) use sonae_store::Secret;

/// Who stands in the journal where no person asked for it: the first institution of a new folder.
pub(super) const BY: &str = "sonae";

/// How long a command waits for a restore of the same data folder before it gives up.
const LOCK_WAIT: Duration = Duration::from_secs(3);

/// Tells the time. `main` hands in the system's clock; `--now` one that starts at an instant.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub(crate) fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// What an installation is opened with; only `main` knows where these come from.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where the embedded database lives.
    pub(crate) data: PathBuf,
    /// A PostgreSQL address instead of the embedded database.
    pub(crate) database: Option<String>,
    /// Tells the time.
    pub(crate) clock: Clock,
    /// The program that reads files in a process of its own: this one.
    pub(crate) reader_program: PathBuf,
    /// At the mail server; not kept anywhere.
    pub(crate) mail_login: Option<MailLogin>,
}

/// An opened installation.
pub(crate) struct Installation {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Store>,
    /// Replaced as a whole when an edition is published.
    catalog: RwLock<Arc<Catalog>>,
    /// What checks said last, so that a page need not judge again what did not change.
    pub(crate) judged: JudgedCache,
    /// Packages that inspectors opened last. What may be read is asked of the store each time.
    pub(super) opened: KeptByHash<Opened>,
    /// Passkeys being shown by people whom nobody knows yet.
    pub(super) ceremonies: Ceremonies,
    /// Whoever changes who administers waits here, so that two cannot remove each other.
    pub(super) administrators: tokio::sync::Mutex<()>,
    /// Whoever makes a backup holds this, so that a second press does not make another.
    pub(super) backups: tokio::sync::Mutex<()>,
    /// Which summaries are kept already.
    pub(crate) summaries: KeptSummaries,
    /// Held as long as the installation is open; the system lets go of it when the process ends.
    _lock: Option<File>,
}

impl Installation {
    /// Opens an installation, making data folder and database where they are missing.
    ///
    /// # Errors
    /// The data folder or database cannot be used, or a restore is at work in the folder.
    pub(crate) async fn open(settings: Settings) -> Result<Self, Failure> {
        let (store, lock) = open_store(&settings).await?;
        let catalog = catalog_with_published(store.as_ref()).await?;
        Ok(Self {
            settings,
            store,
            catalog: RwLock::new(Arc::new(catalog)),
            ceremonies: Ceremonies::default(),
            administrators: tokio::sync::Mutex::new(()),
            backups: tokio::sync::Mutex::new(()),
            judged: JudgedCache::default(),
            opened: KeptByHash::default(),
            summaries: KeptSummaries::default(),
            _lock: lock,
        })
    }

    /// The shipped and published data as it stands.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the editions again, after one was published.
    ///
    /// # Errors
    /// The store fails, or a published edition is inconsistent.
    pub(crate) async fn reload_catalog(&self) -> Result<(), Failure> {
        let catalog = Arc::new(catalog_with_published(self.store.as_ref()).await?);
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog;
        self.judged.forget();
        Ok(())
    }

    /// The view of one institution, now.
    pub(crate) fn workspace(self: &Arc<Self>, institution: Institution) -> Workspace {
        let now = self.settings.clock.now();
        Workspace {
            catalog: self.catalog(),
            institution,
            now,
            today: era::day_in_japan(now),
            as_of: None,
            reader_program: self.settings.reader_program.clone(),
            store: Arc::clone(&self.store),
            installation: Arc::clone(self),
        }
    }

    /// The first institution; it is made at the first start and named later.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn first_institution(&self) -> Result<Institution, Failure> {
        let institutions = self.store.institutions().await.map_err(store_failure)?;
        if let Some(institution) = institutions.into_iter().next() {
            return Ok(institution);
        }
        let now = self.settings.clock.now();
        let institution = Institution {
            id: InstitutionId::new(new_id(now)),
            name: labels::INSTITUTION_UNNAMED.to_owned(),
            kind: InstitutionKind::Clinic,
            vendor_contract: VendorContract::Unconfirmed,
        };
        self.store
            .insert_institution(&institution, BY, now)
            .await
            .map_err(store_failure)?;
        Ok(institution)
    }
}

/// Opens the database, and holds the data folder where it lies in one.
///
/// # Errors
/// See [`Installation::open`].
pub(super) async fn open_store(
    settings: &Settings,
) -> Result<(Arc<dyn Store>, Option<File>), Failure> {
    if let Some(address) = &settings.database {
        let store = sonae_store::open(address).await.map_err(store_failure)?;
        return Ok((store, None));
    }
    let lock = lock_folder(&settings.data, Access::Shared)?;
    let path = database_file(&settings.data);
    let store = SqliteStore::open(&path).await.map_err(store_failure)?;
    Ok((Arc::new(store), Some(lock)))
}

/// The embedded database in a data folder.
pub(crate) fn database_file(folder: &Path) -> PathBuf {
    folder.join("sonae.sqlite")
}

/// How a data folder is held: many may work in it, one may replace it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Shared,
    Alone,
}

/// Takes the lock of a data folder, making the folder where it is missing.
///
/// # Errors
/// The folder cannot be used, or is held by another process in a way that excludes this one.
#[expect(
    clippy::disallowed_methods,
    reason = "the lock file of the data folder"
)]
pub(crate) fn lock_folder(folder: &Path, access: Access) -> Result<File, Failure> {
    let unusable = |source: std::io::Error| {
        Failure::unusable(labels::data_folder_unusable(folder, &source)).because(source)
    };
    // Account lists and raw evidence lie in it: for its owner alone.
    files::private_folder(folder).map_err(unusable)?;
    let lock = File::create(folder.join("sonae.lock")).map_err(unusable)?;
    let step = Duration::from_millis(50);
    for _ in 0..=(LOCK_WAIT.as_millis() / step.as_millis()) {
        let taken = match access {
            Access::Shared => lock.try_lock_shared(),
            Access::Alone => lock.try_lock(),
        };
        match taken {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => std::thread::sleep(step),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
    }
    Err(Failure::unusable(match access {
        Access::Shared => labels::data_folder_busy(folder),
        Access::Alone => labels::data_folder_in_use(folder),
    }))
}

/// The shipped data with the editions that were published here.
async fn catalog_with_published(store: &dyn Store) -> Result<Catalog, Failure> {
    let mut catalog = load_catalog()?;
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
    Ok(catalog)
}
