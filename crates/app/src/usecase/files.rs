//! The one place where the product reads and writes files of the user.

use std::fs::{DirBuilder, File};
use std::io::{Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::SystemTime;

use tempfile::NamedTempFile;

use super::failure::Failure;
use super::labels;

/// Reads a whole file and the time of its last change.
///
/// # Errors
/// Not there, not readable, a folder, larger than the limit.
#[expect(
    clippy::disallowed_methods,
    reason = "the product's door to the user's files"
)]
pub(crate) fn read_limited(
    path: &Path,
    n_bytes_max: u64,
) -> Result<(Vec<u8>, SystemTime), Failure> {
    let failed = |source: std::io::Error| {
        Failure::refused(labels::cannot_read_file(path, &source)).because(source)
    };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(Failure::refused(labels::is_a_folder(path)));
    }
    let mut bytes = Vec::new();
    file.take(n_bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > n_bytes_max {
        return Err(Failure::refused(labels::file_too_large(path, n_bytes_max)));
    }
    Ok((bytes, metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH)))
}

/// Opens a file that is too large for the memory.
///
/// # Errors
/// Not there, not readable, a folder.
#[expect(
    clippy::disallowed_methods,
    reason = "the product's door to the user's files"
)]
pub(crate) fn open(path: &Path) -> Result<File, Failure> {
    let failed = |source: std::io::Error| {
        Failure::refused(labels::cannot_read_file(path, &source)).because(source)
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Failure::refused(labels::is_a_folder(path)));
    }
    Ok(file)
}

/// Sees to it, before any work, that files can be written into a folder.
///
/// # Errors
/// The folder does not exist or cannot be written.
pub(crate) fn writable_folder(folder: &Path) -> Result<(), Failure> {
    let failed = |source: std::io::Error| {
        Failure::refused(labels::cannot_write_file(folder, &source)).because(source)
    };
    tempfile::Builder::new()
        .prefix(".sonae-")
        .tempfile_in(folder)
        .map(drop)
        .map_err(failed)
}

/// Writes a file whole or not at all: beside its place first, then renamed.
///
/// # Errors
/// The folder does not exist or cannot be written, or the disk is full.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_as(path, bytes, 0o644)
}

/// The same for what its owner alone may read.
///
/// # Errors
/// See [`write_whole`].
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_as(path, bytes, 0o600)
}

/// Writes a file for its owner alone, with its folder, unless there is one already; whether it did. Two may
/// do it at the same time: the first one's file stays.
///
/// # Errors
/// The folder cannot be made, or the file not be written.
pub(crate) fn write_new_private(path: &Path, bytes: &[u8]) -> Result<bool, Failure> {
    let failed = |source: std::io::Error| {
        Failure::unusable(labels::cannot_write_file(path, &source)).because(source)
    };
    private_folder(folder_of(path)).map_err(failed)?;
    let mut file = private_beside(path)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder_of(path).map(|()| true),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(error.error)),
    }
}

/// Makes a folder, where it is missing.
///
/// # Errors
/// It cannot be made.
pub(crate) fn folder(path: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).create(path);
    made.map_err(|source| {
        Failure::refused(labels::cannot_write_file(path, &source)).because(source)
    })
}

/// Makes a folder for its owner alone, where it is missing.
///
/// # Errors
/// It cannot be made.
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A file beside its later place, for its owner alone; it goes away if it is not put there.
///
/// # Errors
/// The folder does not exist or cannot be written.
pub(crate) fn private_beside(path: &Path) -> Result<NamedTempFile, Failure> {
    file_beside(path, 0o600)
}

/// Sees to it that a name given to a file outlives a power cut.
///
/// # Errors
/// The disk fails.
#[expect(clippy::disallowed_methods, reason = "a folder is flushed like a file")]
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), Failure> {
    let synced = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    synced.map_err(|source| {
        Failure::refused(labels::cannot_write_file(path, &source)).because(source)
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn file_beside(path: &Path, mode: u32) -> Result<NamedTempFile, Failure> {
    tempfile::Builder::new()
        .prefix(".sonae-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
        .tempfile_in(folder_of(path))
        .map_err(|source| {
            Failure::refused(labels::cannot_write_file(path, &source)).because(source)
        })
}

fn write_as(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let failed = |source: std::io::Error| {
        Failure::refused(labels::cannot_write_file(path, &source)).because(source)
    };
    let mut file = file_beside(path, mode)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
