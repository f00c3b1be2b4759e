//! What goes wrong around a store is told apart, so that a person can be told what to do.

use std::error::Error;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use sonae_domain::ids::{EvidenceId, InstitutionId};
use sonae_store::StoreError;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

use crate::postgres::Server;

#[tokio::test]
async fn an_unknown_address_is_refused_with_advice() {
    let refused = sonae_store::open("mysql://sonae:geheim@host/db")
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`mysql://` is not a database we know: \
         give the path of a file, or postgres://user@host/database"
    );
}

#[tokio::test]
async fn no_message_shows_a_password() {
    for address in [
        "mysql://sonae:geheim@localhost/db",
        "postgres://sonae:geheim@localhost:1/db",
        "postgres://sonae:geheim@local host/db",
        "postgresql://sonae:geheim@localhost:99999/db",
    ] {
        let refused = sonae_store::open(address).await.unwrap_err();
        let mut said = format!("{refused:?}");
        let mut cause: Option<&dyn Error> = Some(&refused);
        while let Some(error) = cause {
            said = format!("{said}\n{error}");
            cause = error.source();
        }
        assert!(!said.contains("geheim"), "{said}");
    }
    let url = Server::get().database("password");
    let url = url.replace("postgres:///", "postgres://sonae:geheim@localhost/");
    let store = sonae_store::open(&url).await.unwrap();
    assert!(!format!("{store:?}").contains("geheim"));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let url = Server::get().database("newer");
    for address in [&path, &url] {
        sonae_store::open(address).await.unwrap().close().await;
    }
    let newer = "insert into _sqlx_migrations (version, description, success, checksum,
        execution_time) values (999, 'x', true, '', 0)";
    let newer_sqlite = newer.replace("''", "x''");
    let mut sqlite = SqliteConnection::connect(&path).await.unwrap();
    sqlite
        .execute(sqlx::AssertSqlSafe(newer_sqlite))
        .await
        .unwrap();
    sqlite.close().await.unwrap();
    PgConnection::connect(&url)
        .await
        .unwrap()
        .execute(newer)
        .await
        .unwrap();
    for address in [&path, &url, &url] {
        let refused = sonae_store::open(address).await;
        assert!(
            matches!(
                refused,
                Err(StoreError::NewerSchema { found: 999, known }) if known == sonae_store::schema()
            ),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_writer_that_does_not_end_makes_the_database_busy() {
    let folder = tempfile::tempdir().unwrap();
    let (path, ours) = (file(folder.path()), InstitutionId::new("ours"));
    let store = filled(&path).await;
    let mut other = SqliteConnection::connect(&path).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    let one_more = crate::answer("b", 1);
    let (answer, start) = tokio::join!(
        store.record_answer(&ours, &one_more),
        sonae_store::open(&path)
    );
    assert!(matches!(answer, Err(StoreError::Busy { .. })), "{answer:?}");
    assert!(matches!(start, Err(StoreError::Busy { .. })), "{start:?}");
    assert_eq!(store.answers(&ours).await.unwrap().len(), 1);
    other.execute("commit").await.unwrap();
    store
        .record_answer(&ours, &crate::answer("b", 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn two_that_start_at_once_make_the_tables_once() {
    let folder = tempfile::tempdir().unwrap();
    for address in [file(folder.path()), Server::get().database("at_once")] {
        let mut starts = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let address = address.clone();
            starts.spawn(async move { sonae_store::open(&address).await.unwrap() });
        }
        assert_eq!(starts.join_all().await.len(), 4);
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    write(
        &path,
        0,
        &b"PK, but this is no database at all. ".repeat(400),
    );
    let refused = sonae_store::open(&path).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_folder_that_is_not_there_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let refused = sonae_store::open(&file(&folder.path().join("missing"))).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    for address in [
        "postgres:///none?host=/nowhere",
        "postgres://sonae@127.0.0.1:1/none",
    ] {
        let refused = sonae_store::open(address).await;
        assert!(
            matches!(refused, Err(StoreError::Unavailable { .. })),
            "{refused:?}"
        );
    }
    let none = Server::get().url("sonae", "no_such_database");
    let refused = sonae_store::open(&none).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_read_only() {
    let protect = "alter database readonly set default_transaction_read_only = on";
    let url = Server::get().database("readonly");
    let ours = InstitutionId::new("ours");
    filled(&url).await.close().await;
    let store = sonae_store::open(&url).await.unwrap();
    let mut owner = PgConnection::connect(&url).await.unwrap();
    owner.execute(protect).await.unwrap();
    let refused = sonae_store::open(&url).await;
    assert!(
        matches!(refused, Err(StoreError::ReadOnly { .. })),
        "{refused:?}"
    );
    // The pool has not connected yet, so its connections begin after the change.
    let refused = store.record_answer(&ours, &crate::answer("b", 1)).await;
    assert!(
        matches!(refused, Err(StoreError::ReadOnly { .. })),
        "{refused:?}"
    );
    assert_eq!(store.answers(&ours).await.unwrap().len(), 1);
}

#[tokio::test]
async fn broken_connections_are_replaced() {
    let server = Server::get();
    let url = server.database("broken");
    let (store, ours) = (filled(&url).await, InstitutionId::new("ours"));
    let mut superuser = PgConnection::connect(&server.url("postgres", "broken"))
        .await
        .unwrap();
    let end_all = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = 'broken' and pid <> pg_backend_pid()";
    superuser.execute(end_all).await.unwrap();
    store
        .record_answer(&ours, &crate::answer("b", 1))
        .await
        .unwrap();
    assert_eq!(store.answers(&ours).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_server_that_went_away_is_used_again_when_it_is_back() {
    let server = Server::start();
    let (store, ours) = (
        filled(&server.database("sonae")).await,
        InstitutionId::new("ours"),
    );
    let one_more = crate::answer("b", 1);
    server.run("pg_ctl", &["stop", "-D", "data", "-m", "fast"]);
    let (wrote, read) = tokio::join!(store.record_answer(&ours, &one_more), store.answers(&ours),);
    assert!(
        matches!(wrote, Err(StoreError::Unavailable { .. })),
        "{wrote:?}"
    );
    assert!(
        matches!(read, Err(StoreError::Unavailable { .. })),
        "{read:?}"
    );
    let socket = "-k .. -c listen_addresses=";
    server.run(
        "pg_ctl",
        &["start", "-w", "-D", "data", "-l", "log", "-o", socket],
    );
    store.record_answer(&ours, &one_more).await.unwrap();
    assert_eq!(store.answers(&ours).await.unwrap().len(), 2);
}

/// One bit of the raw bytes flips on the disk.
#[tokio::test]
async fn evidence_that_was_changed_on_the_disk_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let (path, ours) = (file(folder.path()), InstitutionId::new("ours"));
    let store = filled(&path).await;
    store.close().await;
    let bytes = read(&path);
    // Short bytes are stored as they are, behind the byte of the version.
    let at = bytes
        .windows(4)
        .position(|window| window == b"\0raw")
        .unwrap();
    write(&path, at as u64 + 1, b"s");
    let store = sonae_store::open(&path).await.unwrap();
    let refused = store.raw(&ours, &EvidenceId::new("e-1")).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
}

async fn filled(path: &str) -> std::sync::Arc<dyn sonae_store::Store> {
    let store = sonae_store::open(path).await.unwrap();
    store
        .insert_institution(&crate::institution("ours"), "佐藤", crate::at(0))
        .await
        .unwrap();
    crate::fill(&*store, &InstitutionId::new("ours")).await;
    store
}

fn file(folder: &Path) -> String {
    folder.join("sonae.db").to_str().unwrap().to_owned()
}

fn read(path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::fs::OpenOptions::new()
        .read(true)
        .open(path)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn write(path: &str, at: u64, bytes: &[u8]) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

/// A person closes the page while their answer waits for another writer, as often as there are
/// connections and more. Whoever comes next finds a connection that is free.
#[tokio::test]
async fn a_writer_who_goes_away_leaves_no_connection_behind() {
    const HOLD: &str = "select pg_advisory_lock(hashtextextended('sonae ours', 0))";
    const LET_GO: &str = "select pg_advisory_unlock(hashtextextended('sonae ours', 0))";

    let url = Server::get().database("gone_away");
    let (store, ours) = (filled(&url).await, InstitutionId::new("ours"));
    let mut other = PgConnection::connect(&url).await.unwrap();
    other.execute(HOLD).await.unwrap();
    for _ in 0..12 {
        let answer = crate::answer("b", 1);
        let waits = store.record_answer(&ours, &answer);
        let gone = tokio::time::timeout(std::time::Duration::from_millis(20), waits).await;
        assert!(gone.is_err(), "it did not wait");
    }
    other.execute(LET_GO).await.unwrap();
    for round in 1..=12 {
        assert_eq!(
            store.answers(&ours).await.unwrap().len(),
            usize::from(round)
        );
        let answer = crate::answer("b", round);
        store.record_answer(&ours, &answer).await.unwrap();
    }
}
