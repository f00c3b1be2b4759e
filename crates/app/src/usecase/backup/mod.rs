//! A backup of the whole installation in one file: made while others work, read again before it is
//! called one, and put back.

mod archive;
mod kept;
mod restore;

use std::path::Path;

use jiff::Timestamp;
use sonae_store::{Store, StoreError};
use tempfile::NamedTempFile;

use super::failure::Failure;
use super::installation::{BY, Settings, open_store};
use super::workspace::{left_behind, store_failure};
use super::{files, labels};
use archive::{Backup, BackupError, Lines, Manifest};

pub(crate) use kept::KeptBackup;
pub(crate) use restore::restore;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    /// The moment that it shows.
    pub(crate) made_at: Timestamp,
    /// The program that wrote it.
    pub(crate) program: String,
    pub(crate) n_institutions: u64,
    /// In all tables.
    pub(crate) n_rows: u64,
}

/// Writes a backup. The file is there only if it was read again and is whole.
///
/// # Errors
/// The file is there already or cannot be written, or there is nothing to keep.
pub(crate) async fn back_up(settings: &Settings, path: &Path) -> Result<Contents, Failure> {
    let exists = || Failure::refused(labels::backup_exists(path));
    if path.exists() {
        return Err(exists());
    }
    let (store, _lock) = open_store(settings).await?;
    let (file, contents) = write(store.as_ref(), path, settings.clock.now()).await?;
    file.persist_noclobber(path)
        .map_err(|error| exists().because(error.error))?;
    files::sync_folder_of(path)?;
    note(store.as_ref(), &contents, BY).await?;
    Ok(contents)
}

/// Writes a backup beside its place and reads it again.
async fn write(
    store: &dyn Store,
    path: &Path,
    made_at: Timestamp,
) -> Result<(NamedTempFile, Contents), Failure> {
    let file = files::private_beside(path)?;
    let mut lines = Lines::into_file(file.as_file());
    let program = concat!("sonae ", env!("CARGO_PKG_VERSION"));
    let written = store.dump(&mut lines).await;
    written.map_err(|error| dump_failure(path, error))?;
    if n_rows(lines.tables(), "institutions") == 0 {
        return Err(Failure::refused(labels::nothing_to_back_up()));
    }
    let finished = lines.finish(program, made_at);
    finished.map_err(|error| failure(path, error))?;
    // From the disk, not from memory.
    let _unheard = rustix::fs::fadvise(file.as_file(), 0, None, rustix::fs::Advice::DontNeed);
    let contents = verify(file.path())?;
    Ok((file, contents))
}

/// The journal says that there is a backup. It is one, even if there is no room for the line.
async fn note(store: &dyn Store, contents: &Contents, by: &str) -> Result<(), Failure> {
    left_behind(
        store
            .note_backup(contents.n_rows, by, contents.made_at)
            .await,
    )
}

/// Reads a backup to its end.
///
/// # Errors
/// It is damaged, of a newer program, or no backup at all.
pub(crate) fn verify(path: &Path) -> Result<Contents, Failure> {
    open(path).map(|backup| contents(&backup.manifest))
}

fn open(path: &Path) -> Result<Backup, Failure> {
    Backup::open(files::open(path)?).map_err(|error| failure(path, error))
}

fn contents(manifest: &Manifest) -> Contents {
    Contents {
        made_at: manifest.made_at,
        program: manifest.program.clone(),
        n_institutions: n_rows(&manifest.tables, "institutions"),
        n_rows: manifest.tables.iter().map(|table| table.n_rows).sum(),
    }
}

fn n_rows(tables: &[archive::Table], name: &str) -> u64 {
    let mut wanted = tables.iter().filter(|table| table.name == name);
    wanted.next().map_or(0, |table| table.n_rows)
}

fn failure(path: &Path, error: BackupError) -> Failure {
    let failure = match &error {
        BackupError::Io(source) => Failure::refused(labels::backup_file_failed(path, source)),
        BackupError::Newer { .. } => Failure::refused(labels::backup_is_newer(path)),
        BackupError::OtherRows
        | BackupError::Damaged(_)
        | BackupError::Zip(_)
        | BackupError::Json(_) => Failure::refused(labels::backup_damaged(path)),
    };
    failure.because(error)
}

/// Between a database and the file of a backup, either may fail.
fn dump_failure(path: &Path, error: StoreError) -> Failure {
    match error {
        StoreError::Interrupted { source, doing } => match source.downcast::<BackupError>() {
            Ok(error) => failure(path, *error),
            Err(source) => store_failure(StoreError::Interrupted { source, doing }),
        },
        StoreError::NotEmpty => Failure::refused(labels::database_not_empty()).because(error),
        StoreError::Misfit { .. } => Failure::refused(labels::backup_damaged(path)).because(error),
        other => store_failure(other),
    }
}
