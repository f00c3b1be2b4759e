//! Uploaded files that wait for a person's yes: seen in a dry run, not yet recorded.
//!
//! The bytes lie in the data folder, also beside PostgreSQL. A file's name there is a hash of
//! institution, account and token, so that nobody else's token finds it. What a file says is not
//! known here.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use sonae_domain::era;
use sonae_domain::ids::AccountId;

use super::failure::Failure;
use super::import::SourceFile;
use super::reader_process::FILE_BYTES_MAX;
use super::secrets::{new_token, token_hash};
use super::workspace::Workspace;
use super::{files, labels};

/// Under this name in the data folder.
const FOLDER: &str = "pending";

/// Whoever went home in the middle goes on the next morning; nobody confirms a dry run of last week.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// As many files as a person drops at once; with the limit of a file, 2 GiB of a person at most.
pub(crate) const FILES_MAX: usize = 32;

/// The longest name that file systems know; it is shown only.
const NAME_CHARS_MAX: usize = 255;

impl Workspace {
    /// Keeps an uploaded file for a day, for this person in this institution only. Returns the
    /// token by which it is found again. The oldest file of a person makes room for a new one.
    ///
    /// # Errors
    /// The file is too large, or it cannot be written; then nothing of it is kept.
    pub(crate) async fn keep_upload(
        &self,
        by: &AccountId,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<String, Failure> {
        let n_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if n_bytes > FILE_BYTES_MAX {
            let why = labels::file_too_large(Path::new(name), FILE_BYTES_MAX);
            return Err(Failure::refused(why));
        }
        let token = new_token();
        let (folder, now) = (self.pending_folder(), self.now);
        let (person, path) = (self.person_part(by), self.pending_path(by, &token));
        let name = name.chars().filter(|c| !c.is_control());
        let name: String = name.take(NAME_CHARS_MAX).collect();
        on_a_thread(move || {
            tidy(&folder, &person, now)?;
            write(&folder, &path, &name, &bytes, now)
        })
        .await?;
        Ok(token)
    }

    /// The file kept under a token. The day of the upload stands for the file's own, which
    /// browsers do not tell: ask the person for which day it speaks.
    ///
    /// # Errors
    /// Nothing is kept for this person under this token, or it is too old.
    pub(crate) async fn kept_upload(
        &self,
        by: &AccountId,
        token: &str,
    ) -> Result<SourceFile, Failure> {
        let (path, now) = (self.pending_path(by, token), self.now);
        on_a_thread(move || read(&path, now)).await
    }

    /// Ends the keeping, after the file was recorded or refused. Done twice it does no harm.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub(crate) async fn drop_upload(&self, by: &AccountId, token: &str) -> Result<(), Failure> {
        let path = self.pending_path(by, token);
        on_a_thread(move || remove(&path)).await
    }

    fn pending_folder(&self) -> PathBuf {
        self.installation.settings.data.join(FOLDER)
    }

    /// The same for all files of a person in an institution.
    fn person_part(&self, by: &AccountId) -> String {
        token_hash(&format!("{}\n{by}", self.institution.id))
    }

    fn pending_path(&self, by: &AccountId, token: &str) -> PathBuf {
        let person = self.person_part(by);
        let name = format!("{person}-{}", token_hash(token));
        self.pending_folder().join(name)
    }
}

/// Removes what is too old, and of a person's files the oldest, until a new one has room.
fn tidy(folder: &Path, person: &str, now: Timestamp) -> Result<(), Failure> {
    let failed = |source: std::io::Error| cannot_keep(folder, &source).because(source);
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let mut of_person = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Somebody else may be removing it at the same time.
        let Ok(kept_at) = entry.metadata().and_then(|about| about.modified()) else {
            continue;
        };
        if is_over(kept_at, now) {
            remove(&entry.path())?;
        } else if name.starts_with(person) {
            of_person.push((kept_at, entry.path()));
        }
    }
    of_person.sort_unstable();
    let n_over = (of_person.len() + 1).saturating_sub(FILES_MAX);
    let oldest = of_person.iter().take(n_over);
    oldest.into_iter().try_for_each(|(_, path)| remove(path))
}

/// The name on the first line, then the bytes; the time of the file is the time of the upload.
fn write(
    folder: &Path,
    path: &Path,
    name: &str,
    bytes: &[u8],
    now: Timestamp,
) -> Result<(), Failure> {
    let failed = |source: std::io::Error| cannot_keep(folder, &source).because(source);
    files::private_folder(folder).map_err(failed)?;
    // For its owner alone, and gone again if anything fails.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    writeln!(file, "{name}").map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file()
        .set_modified(SystemTime::from(now))
        .map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn read(path: &Path, now: Timestamp) -> Result<SourceFile, Failure> {
    /// A character takes four bytes at most, and a line end follows.
    const NAME_BYTES_MAX: u64 = 4 * NAME_CHARS_MAX as u64 + 1;

    let gone = || Failure::not_found(labels::upload_gone());
    let n_bytes_max = FILE_BYTES_MAX + NAME_BYTES_MAX;
    let (all, kept_at) = files::read_limited(path, n_bytes_max).map_err(|_| gone())?;
    if is_over(kept_at, now) {
        return Err(gone());
    }
    let end_of_name = all.iter().position(|byte| *byte == b'\n');
    let end_of_name = end_of_name.ok_or_else(gone)?;
    let (name, rest) = all.split_at(end_of_name);
    Ok(SourceFile {
        name: String::from_utf8_lossy(name).into_owned(),
        bytes: Arc::new(rest.get(1..).unwrap_or_default().to_vec()),
        modified_on: era::day_in_japan(Timestamp::try_from(kept_at).unwrap_or(now)),
    })
}

fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(cannot_keep(path, &error).because(error))
        }
        _ => Ok(()),
    }
}

fn is_over(kept_at: SystemTime, now: Timestamp) -> bool {
    Timestamp::try_from(kept_at).is_ok_and(|kept_at| now.duration_since(kept_at) > KEPT_FOR)
}

fn cannot_keep(path: &Path, source: &std::io::Error) -> Failure {
    let text = labels::cannot_write_file(path, source);
    match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            Failure::disk_full(text)
        }
        _ => Failure::unusable(text),
    }
}

/// Large files take a moment, and others are served meanwhile.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|source| Failure::unexpected(labels::upload_gone()).because(source))?
}
