//! A backup made from the pages. It waits in the data folder until somebody has taken it along, for a
//! day at most: a copy beside the data helps nobody whose disk breaks.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};

use super::{Contents, note, write};
use crate::usecase::apart::apart;
use crate::usecase::failure::Failure;
use crate::usecase::installation::{BY, Installation};
use crate::usecase::workspace::{left_behind, store_failure};
use crate::usecase::{files, labels};

/// In the data folder. There is one at most: a new one takes the place of the one before.
const FILE: &str = "backup.zip";

/// As long as an upload waits.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What is known about backups of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptBackup {
    /// When the latest was made and by whom, here or on the command line.
    pub(crate) last: Option<(Timestamp, String)>,
    /// When somebody took one along from the pages, and who.
    pub(crate) taken: Option<(Timestamp, String)>,
    /// The latest was made on the pages and nobody has it: it is gone within a day.
    pub(crate) is_untaken: bool,
    /// The moment and size of the one that waits to be taken along.
    pub(crate) waiting: Option<(Timestamp, i64)>,
    /// One is being made now.
    pub(crate) is_being_made: bool,
}

impl Installation {
    /// Makes a backup that waits to be taken along. It is made apart, and to its end even if whoever
    /// asked for it waits no longer.
    ///
    /// # Errors
    /// One is being made already, the store fails, or the disk is full.
    pub(crate) async fn make_backup(self: &Arc<Self>, by: &str) -> Result<Contents, Failure> {
        let (this, by) = (Arc::clone(self), by.to_owned());
        apart(async move {
            let making = this.backups.try_lock();
            let _making = making.map_err(|_| Failure::refused(labels::backup_being_made()))?;
            let (path, now) = (this.backup_path(), this.settings.clock.now());
            let failed = |source: std::io::Error| {
                Failure::refused(labels::cannot_write_file(&path, &source)).because(source)
            };
            // With a database on a server there may be no data folder yet.
            files::private_folder(&this.settings.data).map_err(failed)?;
            let (file, contents) = write(this.store.as_ref(), &path, now).await?;
            file.as_file()
                .set_modified(SystemTime::from(now))
                .map_err(failed)?;
            file.persist(&path).map_err(|error| failed(error.error))?;
            note(this.store.as_ref(), &contents, &by).await?;
            Ok(contents)
        })
        .await
    }

    /// What is known about backups.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn kept_backup(&self) -> Result<KeptBackup, Failure> {
        let last = self.store.last_backup().await.map_err(store_failure)?;
        let taken = self.store.last_backup_taken().await;
        let taken = taken.map_err(store_failure)?;
        let waiting = self.waiting_backup().await?;
        // Whoever makes one on the command line says where it goes.
        let made = last.as_ref().filter(|line| line.by != BY);
        Ok(KeptBackup {
            is_untaken: made.map(|line| line.seq) > taken.as_ref().map(|line| line.seq),
            taken: taken.map(|line| (line.at, line.by)),
            last: last.map(|line| (line.at, line.by)),
            waiting: waiting.map(|(_, made_at, n_bytes)| (made_at, n_bytes)),
            is_being_made: self.backups.try_lock().is_err(),
        })
    }

    /// The backup that waits, for somebody who takes it along; the journal says who.
    ///
    /// # Errors
    /// It cannot be read, or the store fails.
    pub(crate) async fn take_backup(&self, by: &str) -> Result<Option<(File, Timestamp)>, Failure> {
        let Some((file, made_at, _)) = self.waiting_backup().await? else {
            return Ok(None);
        };
        let now = self.settings.clock.now();
        left_behind(self.store.note_backup_taken(by, now).await)?;
        Ok(Some((file, made_at)))
    }

    /// The backup that waits, and when it was made. One that has waited too long is removed.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(crate) async fn waiting_backup(&self) -> Result<Option<(File, Timestamp, i64)>, Failure> {
        let (path, now) = (self.backup_path(), self.settings.clock.now());
        apart(async move {
            let Ok(file) = files::open(&path) else {
                return Ok(None);
            };
            let unread = |source: std::io::Error| {
                Failure::refused(labels::cannot_read_file(&path, &source)).because(source)
            };
            let about = file.metadata().map_err(unread)?;
            let made_at = about.modified().map_err(unread)?;
            let made_at = Timestamp::try_from(made_at).unwrap_or(Timestamp::UNIX_EPOCH);
            if now.duration_since(made_at) < KEPT_FOR {
                let n_bytes = i64::try_from(about.len()).unwrap_or(i64::MAX);
                return Ok(Some((file, made_at, n_bytes)));
            }
            std::fs::remove_file(&path).map_err(unread)?;
            Ok(None)
        })
        .await
    }

    fn backup_path(&self) -> PathBuf {
        self.settings.data.join(FILE)
    }
}
