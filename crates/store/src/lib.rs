//! Keeps what institutions have: answers, evidence with its facts, the ledger, records, settings, who
//! may come in, editions, and a journal of all that was done.
//! One trait, two databases, one SQL text for both. No file but the database's own, no clock, and
//! nothing here knows what a fact means or how an item stands.

mod accounts;
mod answers;
mod assets;
mod backend;
mod begun;
mod dump;
mod editions;
mod error;
mod evidence;
mod factors;
mod first_visit;
mod grants;
mod heads;
mod history;
mod institutions;
mod journal;
mod packed;
mod people;
mod postgres;
mod records;
mod renaming;
mod sessions;
mod settings;
mod sql;
mod sqlite;
mod store;
mod summaries;
mod tied;
mod tokens;
mod values;
mod verify;

use std::path::Path;
use std::sync::{Arc, Mutex};

use uuid::ContextV7;

pub use dump::{Cell, Rows, Sink, Source, dumped_tables};
pub use error::{Cause, StoreError};
pub use history::{AnswerLine, Bad, Difference, History, KeptCheckpoint, Verified};
pub use journal::ACTIONS;
pub use people::{
    Account, AccountChange, Holder, Passkey, People, Secret, Session, SetupLink, Throttle, Token,
    TokenScope,
};
pub use postgres::PostgresStore;
pub use sql::statements;
pub use sqlite::SqliteStore;
pub use store::{
    Answered, AssetChange, AssetVersion, DraftRecorded, EditionRevision, EditionTexts, FirstVisit,
    JournalEntry, NewEvidence, Published, RecordChange, RecordVersion, Recorded, Saved, Store,
    Summary,
};
pub use tied::{Columns, hashed_columns};

/// Opens the store at an address, making its tables first where they are missing.
///
/// `postgres://` and `postgresql://` name a PostgreSQL database; an address without `://` is the
/// path of an SQLite file, whose folder must exist.
///
/// # Errors
/// An address of another kind, or a database that cannot be used; see [`StoreError`].
pub async fn open(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    open_at(address, schema()).await
}

/// The same, with the tables as a former version of the program made them, so that a dump of that
/// version can be loaded. [`open`] brings them up to date.
///
/// # Errors
/// See [`open`].
pub async fn open_at(address: &str, schema: i64) -> Result<Arc<dyn Store>, StoreError> {
    match address.split_once("://") {
        Some(("postgres" | "postgresql", _)) => {
            Ok(Arc::new(PostgresStore::open_at(address, schema).await?))
        }
        Some((scheme, _)) => Err(StoreError::UnknownAddress {
            scheme: scheme.to_owned(),
        }),
        None => {
            let path = Path::new(address);
            Ok(Arc::new(SqliteStore::open_at(path, schema).await?))
        }
    }
}

/// The version of the tables that this program makes, the same in both databases.
pub fn schema() -> i64 {
    sql::newest(&sqlite::MIGRATIONS)
}

/// A new id, a UUID of version 7: ids made later sort behind earlier ones, within a millisecond as
/// long as one process makes them.
pub fn new_id(now: jiff::Timestamp) -> String {
    static LATEST: Mutex<ContextV7> = Mutex::new(ContextV7::new());

    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    let at = uuid::Timestamp::from_unix(&LATEST, seconds, nanoseconds);
    uuid::Uuid::new_v7(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_made() {
        let now = jiff::Timestamp::from_second(1_795_219_200).unwrap();
        let later = now + jiff::SignedDuration::from_millis(1);
        let made: Vec<_> = [now, now, now, now, later, later].map(new_id).into();
        let mut sorted = made.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(made, sorted);
    }
}
