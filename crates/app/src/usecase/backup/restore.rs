//! Puts a backup in the place of what is there. Whenever it is broken off, the old data or the new
//! are there, whole.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sonae_store::{SqliteStore, Store, StoreError};

use super::archive::{Backup, Lines};
use super::{Contents, contents, dump_failure, open};
use crate::usecase::checkpoints::HistoryVerdict;
use crate::usecase::failure::Failure;
use crate::usecase::installation::{Access, Installation, Settings, database_file, lock_folder};
use crate::usecase::workspace::store_failure;
use crate::usecase::{files, labels};

/// What was put back.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) contents: Contents,
    /// Where the database is now that was there before, if there was one.
    pub(crate) before: Option<PathBuf>,
    /// Whether its history holds: a backup keeps what was changed before it was made, too.
    pub(crate) history: Result<HistoryVerdict, Failure>,
}

/// Puts a backup back: into the data folder, or into an empty PostgreSQL database.
///
/// # Errors
/// The backup is not whole, the data folder is in use, there are data and nobody said to replace
/// them, or the disk is full. Nothing was changed then.
pub(crate) async fn restore(
    settings: &Settings,
    path: &Path,
    replace: bool,
) -> Result<Restored, Failure> {
    let mut backup = open(path)?;
    let before = match &settings.database {
        Some(address) => {
            let loaded = into_server(address, &mut backup).await;
            loaded.map_err(|error| dump_failure(path, error))?;
            None
        }
        None => into_folder(settings, &mut backup, path, replace).await?,
    };
    let history = match Installation::open(settings.clone()).await {
        Ok(installation) => installation.verify_history(&[]).await,
        Err(failure) => Err(failure),
    };
    Ok(Restored {
        contents: contents(&backup.manifest),
        before,
        history,
    })
}

/// Fills an empty database whose tables are those of the backup, and closes it.
async fn load(store: &dyn Store, backup: &mut Backup) -> Result<(), StoreError> {
    let mut written = Lines::compared(backup.manifest.tables.clone());
    let loaded = store.load(backup, &mut written).await;
    store.close().await;
    loaded
}

/// Fills an empty PostgreSQL database, then brings its tables up to date.
async fn into_server(address: &str, backup: &mut Backup) -> Result<(), StoreError> {
    let store = sonae_store::open_at(address, backup.manifest.schema).await?;
    load(&*store, backup).await?;
    sonae_store::open(address).await?.close().await;
    Ok(())
}

/// The same in a file, which alone is whole then.
async fn into_file(path: &Path, backup: &mut Backup) -> Result<(), StoreError> {
    let store = SqliteStore::open_at(path, backup.manifest.schema).await?;
    load(&store, backup).await?;
    SqliteStore::open(path).await?.close().await;
    SqliteStore::fold_log(path).await
}

async fn into_folder(
    settings: &Settings,
    backup: &mut Backup,
    path: &Path,
    replace: bool,
) -> Result<Option<PathBuf>, Failure> {
    let _lock = lock_folder(&settings.data, Access::Alone)?;
    let database = database_file(&settings.data);
    if database.exists() && !replace {
        return Err(Failure::refused(labels::replace_needed(&settings.data)));
    }
    let unusable = |source: Error| {
        Failure::unusable(labels::data_folder_unusable(&settings.data, &source)).because(source)
    };
    let new = beside(&database, ".restoring");
    // What a restore left that was broken off.
    remove_database(&new).map_err(unusable)?;
    let placed = match into_file(&new, backup).await {
        Ok(()) => put_in_place(&new, &database, settings.clock.now()).await,
        Err(error) => Err(dump_failure(path, error)),
    };
    if placed.is_err() {
        let _unheard = remove_database(&new);
    }
    placed
}

async fn put_in_place(
    new: &Path,
    database: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, Failure> {
    let before = set_aside(database, now).await?;
    fs::rename(new, database).map_err(|source| {
        Failure::unusable(labels::data_folder_unusable(database, &source)).because(source)
    })?;
    files::sync_folder_of(database)?;
    Ok(before)
}

/// Gives the database a second name that stays when another one takes the first; until then the
/// first stays as well.
async fn set_aside(database: &Path, now: Timestamp) -> Result<Option<PathBuf>, Failure> {
    let before = free_name(database, now);
    let failed = |source: Error| {
        Failure::unusable(labels::cannot_write_file(&before, &source)).because(source)
    };
    let is_there = database.exists();
    if is_there {
        match SqliteStore::fold_log(database).await {
            // It may be why somebody restores. Its log goes with it as it is.
            Ok(()) | Err(StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(store_failure(error)),
        }
    }
    for log in ["-wal", "-shm"] {
        // In front of another database a log would be taken for its own.
        if beside(database, log).exists() {
            fs::rename(beside(database, log), beside(&before, log)).map_err(failed)?;
        }
    }
    if !is_there {
        return Ok(None);
    }
    // Not every file system has second names.
    if fs::hard_link(database, &before).is_err() {
        let copied = fs::copy(database, &before).map_err(failed);
        let flushed = copied.and_then(|_| files::open(&before)?.sync_all().map_err(failed));
        if flushed.is_err() {
            let _unheard = fs::remove_file(&before);
        }
        flushed?;
    }
    files::sync_folder_of(&before)?;
    Ok(Some(before))
}

/// `sonae.sqlite.before-20261121T030000Z`
fn free_name(database: &Path, now: Timestamp) -> PathBuf {
    let name = now.strftime(".before-%Y%m%dT%H%M%SZ").to_string();
    let mut free = beside(database, &name);
    let mut n = 1;
    while free.exists() {
        n += 1;
        free = beside(database, &format!("{name}-{n}"));
    }
    free
}

fn remove_database(path: &Path) -> Result<(), Error> {
    for part in ["-wal", "-shm", "-journal", ""] {
        match fs::remove_file(beside(path, part)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The path with something behind its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
