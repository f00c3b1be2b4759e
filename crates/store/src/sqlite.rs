//! The embedded database: one file, one writer, several readers.
//! Only how to connect and to begin is here; the statements are the same as for PostgreSQL.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::backend::{Backend, INSTALLATION};
use crate::begun;
use crate::error::StoreError;
use crate::sql::{Side, Tx, newest};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Another process gets 5 s to finish its transaction before we say that the database is busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A page is rendered from a handful of short reads; more readers than this only wait for the CPU.
const N_READERS_MAX: u32 = 4;

/// Rows that SQLite's thread may be ahead of us; the 12,000 fact sets of a large hospital then take a
/// dozen hand-overs, at about 1 KiB a row.
const N_ROWS_AHEAD: usize = 1024;

/// A row of a dump may be an evidence file of 64 MiB; beside it none waits in memory.
const N_ROWS_AHEAD_OF_DUMP: usize = 1;

/// Writers queue here, in this process; beyond 30 s something is stuck and the caller must know.
const WRITER_TIMEOUT: Duration = Duration::from_secs(30);

/// A store in an SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    writer: SqlitePool,
    readers: SqlitePool,
    dumper: SqlitePool,
}

impl SqliteStore {
    /// Opens the file or makes it; its folder must exist.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing is changed if the schema is newer than this program.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_at(path, newest(&MIGRATIONS)).await
    }

    /// The same with the tables of a former version; see [`crate::open_at`].
    ///
    /// # Errors
    /// See [`SqliteStore::open`].
    pub async fn open_at(path: &Path, schema: i64) -> Result<Self, StoreError> {
        // WAL lets readers go on while one writes. FULL, because with NORMAL a commit that was
        // already acknowledged may be gone after a power cut: the log is then not flushed by it.
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .row_buffer_size(N_ROWS_AHEAD_OF_DUMP)
            .disable_statement_logging();
        // A second writer in this process could only wait for the first, and less fairly.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(WRITER_TIMEOUT)
            .before_acquire(|connection, _| Box::pin(usable(connection)))
            .connect_lazy_with(options);
        wait_for_wal(&writer).await?;
        migrate(&writer, schema).await?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(BUSY_TIMEOUT)
            .row_buffer_size(N_ROWS_AHEAD)
            .disable_statement_logging();
        let readers = SqlitePoolOptions::new()
            .max_connections(N_READERS_MAX)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .before_acquire(|connection, _| Box::pin(usable(connection)))
            .connect_lazy_with(options.clone());
        let options = options.row_buffer_size(N_ROWS_AHEAD_OF_DUMP);
        let dumper = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(options);
        let store = Self {
            path: path.to_owned(),
            writer,
            readers,
            dumper,
        };
        if schema == newest(&MIGRATIONS) {
            begun::begin_all(&store).await?;
        }
        Ok(store)
    }

    /// Lets the file grow to so many pages and no further: one page more is told as a
    /// full disk. Tests fill a disk with it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn limit_pages(&self, n_pages_max: u32) -> Result<(), StoreError> {
        // A number, and no statement takes it as a parameter.
        let limit = AssertSqlSafe(format!("pragma max_page_count = {n_pages_max}"));
        let set = self.writer.execute(limit).await;
        set.map_err(|error| StoreError::of("limit the database", error))?;
        Ok(())
    }

    /// Folds the log of a database that nobody has open into its file, so that the file alone is
    /// the whole database. Its tables stay as they are.
    ///
    /// # Errors
    /// See [`StoreError`]; the file and its log then hold together what they held before.
    pub async fn fold_log(path: &Path) -> Result<(), StoreError> {
        let doing = "fold the log into the database";
        let failed = |error| StoreError::of(doing, error);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let mut connection = options.connect().await.map_err(failed)?;
        let (unfinished, _, _): (bool, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(truncate)")
                .fetch_one(&mut connection)
                .await
                .map_err(failed)?;
        connection.close().await.map_err(failed)?;
        match unfinished {
            false => Ok(()),
            true => Err(StoreError::Busy {
                doing,
                source: "somebody else has it open".into(),
            }),
        }
    }
}

/// On a full disk SQLite ends the transaction by itself. The driver then fails to roll it back and
/// goes on counting it as open, so that no other could ever begin: such a connection is replaced.
async fn usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    Ok(!connection.is_in_transaction())
}

/// A new file becomes WAL when first opened. If two do that at once, SQLite does not let the second
/// wait but calls the file busy, whatever the timeout; so we wait here.
async fn wait_for_wal(writer: &SqlitePool) -> Result<(), StoreError> {
    const PAUSE: Duration = Duration::from_millis(20);

    let mut waited = Duration::ZERO;
    loop {
        let failed = match writer.acquire().await {
            Ok(_) => return Ok(()),
            Err(error) => StoreError::of("open the database", error),
        };
        if !matches!(failed, StoreError::Busy { .. }) || waited >= BUSY_TIMEOUT {
            return Err(failed);
        }
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
}

/// All or nothing, and one process at a time: the migrations run inside one immediate transaction.
async fn migrate(writer: &SqlitePool, schema: i64) -> Result<(), StoreError> {
    let doing = "prepare the database";
    let failed = |error| StoreError::of(doing, error);
    let mut tx = writer.begin_with("begin immediate").await.map_err(failed)?;
    MIGRATIONS
        .run_direct(Some(schema), &mut *tx, false)
        .await
        .map_err(|error| StoreError::of_migration(error, newest(&MIGRATIONS)))?;
    tx.commit().await.map_err(failed)
}

#[async_trait::async_trait]
impl Backend for SqliteStore {
    async fn read(&self, scope: &str, doing: &'static str) -> Result<Tx, StoreError> {
        let begun = self.readers.begin().await;
        let tx = begun.map_err(|error| StoreError::of(doing, error))?;
        Ok(Tx {
            side: Side::Sqlite(tx),
            scope: scope.to_owned(),
            doing,
        })
    }

    async fn write(&self, scope: &str, doing: &'static str) -> Result<Tx, StoreError> {
        // Immediate: a transaction that begins by reading and then writes would be refused at once
        // while another process writes, without waiting.
        let begun = self.writer.begin_with("begin immediate").await;
        let tx = begun.map_err(|error| StoreError::of(doing, error))?;
        Ok(Tx {
            side: Side::Sqlite(tx),
            scope: scope.to_owned(),
            doing,
        })
    }

    async fn read_all(&self, doing: &'static str) -> Result<Tx, StoreError> {
        let begun = self.dumper.begin().await;
        let tx = begun.map_err(|error| StoreError::of(doing, error))?;
        Ok(Tx {
            side: Side::Sqlite(tx),
            scope: INSTALLATION.to_owned(),
            doing,
        })
    }

    async fn disconnect(&self) {
        // The writer last: it folds the log into the file when nobody else has it open.
        self.dumper.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use jiff::Timestamp;
    use sonae_domain::answer::{Institution, InstitutionKind, VendorContract};
    use sonae_domain::ids::InstitutionId;

    /// The pool has one connection, so what is set on it holds for all writers.
    async fn set(store: &SqliteStore, pragma: &'static str) {
        store.writer.execute(pragma).await.unwrap();
    }

    async fn save(store: &SqliteStore, value: &str) -> Result<(), StoreError> {
        let ours = InstitutionId::new("ours");
        store
            .save_setting(&ours, "k", Some(value), "x", Timestamp::UNIX_EPOCH)
            .await
    }

    #[tokio::test]
    async fn a_full_or_protected_disk_is_told_apart_and_heals() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("sonae.db"))
            .await
            .unwrap();
        let ours = Institution {
            id: InstitutionId::new("ours"),
            name: String::new(),
            kind: InstitutionKind::Clinic,
            vendor_contract: VendorContract::None,
        };
        store
            .insert_institution(&ours, "x", Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        save(&store, "before").await.unwrap();

        store.limit_pages(1).await.unwrap();
        let full = save(&store, &"x".repeat(1_000_000)).await;
        assert!(matches!(full, Err(StoreError::DiskFull { .. })), "{full:?}");
        store.limit_pages(1_000_000).await.unwrap();

        set(&store, "pragma query_only = on").await;
        let protected = save(&store, "x").await;
        assert!(
            matches!(protected, Err(StoreError::ReadOnly { .. })),
            "{protected:?}"
        );
        set(&store, "pragma query_only = off").await;

        assert_eq!(store.settings(&ours.id).await.unwrap()["k"], "before");
        save(&store, "after").await.unwrap();
        assert_eq!(store.settings(&ours.id).await.unwrap()["k"], "after");
    }

    #[tokio::test]
    async fn a_commit_is_flushed_and_keys_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("sonae.db"))
            .await
            .unwrap();
        let (mode, flush, keys): (String, i64, i64) = sqlx::query_as(
            "select journal_mode, synchronous, foreign_keys
            from pragma_journal_mode, pragma_synchronous, pragma_foreign_keys",
        )
        .fetch_one(&store.writer)
        .await
        .unwrap();
        assert_eq!((mode.as_str(), flush, keys), ("wal", 2, 1));
    }
}
