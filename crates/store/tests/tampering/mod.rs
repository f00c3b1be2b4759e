//! What a store promises about its history: whoever changes rows behind its back, as the owner of the
//! database can, is found out, and the first entry that is no longer true is named.

mod changes;
mod forks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sonae_domain::ids::InstitutionId;
use sonae_domain::merkle::Edge;
use sonae_store::{Bad, Difference, KeptCheckpoint, Store, Verified};
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::postgres::Server;
use crate::{at, history, institution};

/// How many of each are tried; `cargo xtask trial history` tries many more.
fn n_tries(few: usize) -> usize {
    let scale = std::env::var("SONAE_TRIAL").ok();
    few * scale.and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

/// The same sequence each time: a failure can be looked at again.
struct Dice(u64);

impl Dice {
    /// `SplitMix64`.
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % n as u64) as usize
    }
}

/// A connection that may do anything: no trigger, no foreign key and no policy stops it.
enum Superuser {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Superuser {
    async fn of(address: &str) -> Self {
        let mut owner = Self::connect(address).await;
        if let Self::Sqlite(at) = &mut owner {
            let sql = "select name from sqlite_schema where type = 'trigger'";
            let triggers: Vec<String> = sqlx::query_scalar(sql).fetch_all(at).await.unwrap();
            for trigger in triggers {
                owner.run(&format!("drop trigger {trigger}")).await;
            }
        }
        owner
    }

    /// SQLite knows no way around triggers but to take them away.
    async fn connect(address: &str) -> Self {
        if !address.contains("://") {
            let mut owner = Self::Sqlite(SqliteConnection::connect(address).await.unwrap());
            owner.run("pragma foreign_keys = off").await;
            return owner;
        }
        let (_, database) = address.split_once(":///").unwrap();
        let (database, _) = database.split_once('?').unwrap();
        let url = Server::get().url("postgres", database);
        let mut owner = Self::Postgres(PgConnection::connect(&url).await.unwrap());
        owner.run("set session_replication_role = replica").await;
        owner
    }

    async fn run(&mut self, sql: &str) -> u64 {
        let ran = self.try_to_run(sql).await;
        ran.unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    /// Whether all could be run: what no row may say is refused even to the owner.
    async fn run_all(&mut self, statements: &[String]) -> bool {
        for sql in statements {
            let refused = match self.try_to_run(sql).await {
                Ok(_) => continue,
                Err(error) => error,
            };
            let kind = refused.as_database_error().map(DatabaseError::kind);
            let refusals = [
                ErrorKind::UniqueViolation,
                ErrorKind::CheckViolation,
                ErrorKind::NotNullViolation,
            ];
            assert!(
                kind.is_some_and(|kind| refusals.contains(&kind)),
                "{refused}: {sql}"
            );
            return false;
        }
        true
    }

    async fn try_to_run(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(at) => at.execute(sql).await.map(|done| done.rows_affected()),
            Self::Postgres(at) => at.execute(sql).await.map(|done| done.rows_affected()),
        }
    }
}

/// Two institutions in which everything happened, with devices that changed and files that came twice.
async fn lived_in(address: &str) -> Arc<dyn Store> {
    let store = sonae_store::open(address).await.unwrap();
    for id in ["ours", "theirs"] {
        let institution = institution(id);
        let insert = store.insert_institution(&institution, "佐藤", at(0));
        insert.await.unwrap();
        let ours = institution.id;
        crate::fill(&*store, &ours).await;
        if id == "ours" {
            history::change_everything(&*store, &ours).await;
        }
        for n in 10..16 {
            let (id, day) = (format!("e-{n}"), format!("2026-11-{n}"));
            let raw = format!("raw {n} {}", "nmap done at 12:00 ".repeat(n));
            let new = crate::evidence(&id, ["nmap", "dhcp"][n % 2], &day, &raw);
            store.record_evidence(&ours, new).await.unwrap();
            let answer = crate::answer(["a", "b"][n % 2], 1);
            store.record_answer(&ours, &answer).await.unwrap();
        }
    }
    store
}

/// A checkpoint as the program would keep it, but for its signature.
pub(crate) async fn keep_checkpoint(store: &dyn Store, ours: &InstitutionId) -> KeptCheckpoint {
    let tail = tail(store, Some(ours)).await;
    assert_eq!(tail.first_bad, None);
    let checkpoint = KeptCheckpoint {
        tree: tail.tree,
        note: "signed".to_owned(),
        made_at: at(0),
    };
    store
        .keep_checkpoint(Some(ours), &checkpoint)
        .await
        .unwrap();
    checkpoint
}

/// What came after the latest checkpoint.
async fn tail(store: &dyn Store, of: Option<&InstitutionId>) -> Verified {
    let latest = store.checkpoints(of).await.unwrap().pop();
    let behind = latest.map_or_else(Edge::default, |latest| latest.tree);
    store.verify_tail(of, &behind).await.unwrap()
}

/// All histories by institution; the installation's is that of the empty id.
async fn verified(store: &dyn Store) -> BTreeMap<String, Verified> {
    let mut all = BTreeMap::new();
    for of in store.histories().await.unwrap() {
        let id = of.as_ref().map_or("", InstitutionId::as_str).to_owned();
        let verified = store.verify_history(of.as_ref(), &BTreeSet::new()).await;
        all.insert(id, verified.unwrap());
    }
    all
}

/// What is bad, by institution.
async fn bad(store: &dyn Store) -> BTreeMap<String, Bad> {
    let verified = verified(store).await.into_iter();
    verified
        .filter_map(|(id, verified)| Some((id, verified.first_bad?)))
        .collect()
}

/// Every call that writes is under the history, whoever made it.
pub(crate) async fn holds(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    assert_eq!(bad(&*store).await, BTreeMap::new(), "{address}");
    store.close().await;
}

/// On both databases.
fn addresses(name: &str) -> (tempfile::TempDir, [String; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db").to_str().unwrap().to_owned();
    let url = Server::get().database(name);
    (folder, [path, url])
}

#[tokio::test]
async fn an_untouched_history_holds() {
    let (_folder, addresses) = addresses("untouched");
    for address in addresses {
        let store = lived_in(&address).await;
        let before = verified(&*store).await;
        assert_eq!(before.keys().collect::<Vec<_>>(), ["", "ours", "theirs"]);
        for (id, verified) in &before {
            assert_eq!(verified.first_bad, None, "{id}");
            let of = InstitutionId::new(id);
            let of = Some(&of).filter(|of| !of.as_str().is_empty());
            let leaves = store.leaf_hashes(of).await.unwrap();
            assert_eq!(verified.tree.size(), leaves.len() as u64);
            assert_eq!(verified.tree.root(), sonae_domain::merkle::root(&leaves));
            assert_eq!(tail(&*store, of).await.tree, verified.tree);
        }
        store.close().await;
        let store = sonae_store::open(&address).await.unwrap();
        assert_eq!(verified(&*store).await, before);
    }
}

/// A clock that was set back is told, but the history holds.
#[tokio::test]
async fn a_clock_that_ran_backwards_is_told() {
    let (_folder, addresses) = addresses("backwards");
    for address in addresses {
        let (store, ours) = crate::one_institution(&address).await;
        for minute in [61, 2, 0] {
            let answer = sonae_domain::answer::Answer {
                recorded_at: at(minute),
                ..crate::answer("a", 1)
            };
            store.record_answer(&ours, &answer).await.unwrap();
        }
        let verified = store
            .verify_history(Some(&ours), &BTreeSet::new())
            .await
            .unwrap();
        assert_eq!((verified.backwards, verified.first_bad), (Some(4), None));
    }
}

/// What was there before lines had hashes is spoken of by new lines, and held by them.
#[tokio::test]
async fn a_database_of_a_former_version_gets_its_history() {
    let (_folder, addresses) = addresses("upgraded");
    for address in addresses {
        sonae_store::open_at(&address, 3)
            .await
            .unwrap()
            .close()
            .await;
        let mut owner = Superuser::connect(&address).await;
        for sql in FORMER {
            owner.run(sql).await;
        }
        let store = sonae_store::open(&address).await.unwrap();
        assert_eq!(bad(&*store).await, BTreeMap::new());
        let ours = InstitutionId::new("ours");
        let told = store.journal(&ours, None, 9).await.unwrap();
        let told: Vec<_> = told
            .iter()
            .rev()
            .map(|e| (e.action.as_str(), e.subject.as_str()))
            .collect();
        let expected = [
            ("answer", "a"),
            ("history.begin", ""),
            ("history.begin", "institution/ours"),
            ("history.begin", "setting/k"),
        ];
        assert_eq!(told, expected);
        let people = store.installation_journal(None, 9).await.unwrap();
        let told: Vec<_> = people.iter().rev().map(|e| e.subject.as_str()).collect();
        assert_eq!(told, ["", "account/p-1"]);

        store
            .record_answer(&ours, &crate::answer("a", 1))
            .await
            .unwrap();
        assert_eq!(bad(&*store).await, BTreeMap::new());
        let mut owner = Superuser::of(&address).await;
        for (change, undo, expected) in [
            (
                "update answers set note = 'x' where version = 1",
                "update answers set note = null",
                (2, Difference::Rows),
            ),
            (
                "update journal set by_whom = 'x' where seq = 1 and institution_id = 'ours'",
                "update journal set by_whom = '佐藤' where by_whom = 'x'",
                (1, Difference::Line),
            ),
            (
                "update settings set value = 'x'",
                "update settings set value = 'v'",
                (4, Difference::State("setting", "k".to_owned())),
            ),
        ] {
            assert_eq!(owner.run(change).await, 1);
            let (seq, what) = expected;
            assert_eq!(
                bad(&*store).await,
                [("ours".to_owned(), Bad { seq, what })].into(),
                "{change}"
            );
            owner.run(undo).await;
            assert_eq!(bad(&*store).await, BTreeMap::new(), "{undo}");
        }
        nobody_gets_a_second_beginning(store, owner, &address).await;
    }
}

/// In which changed rows would be taken for true.
async fn nobody_gets_a_second_beginning(
    store: Arc<dyn Store>,
    mut owner: Superuser,
    address: &str,
) {
    owner.run("update settings set value = 'x'").await;
    owner
        .run("insert into unhashed (institution_id) values ('ours')")
        .await;
    store.close().await;
    let store = sonae_store::open(address).await.unwrap();
    assert_eq!(bad(&*store).await["ours"].seq, 4);
}

/// An institution, a person, an answer with its line, and a setting, as version 3 left them.
const FORMER: [&str; 6] = [
    "insert into institutions (id, name, kind, vendor_contract) values ('ours', '青葉', 'clinic', 'none')",
    "insert into accounts (id, login, name, is_operator, created_at) values ('p-1', 'p', '佐藤', false, 5)",
    "insert into answers (institution_id, item_id, round, version, value, confirmed_on, answered_by, recorded_at)
    values ('ours', 'a', 1, 1, 'no', '2026-11-20', '佐藤', 1795219200000)",
    "insert into journal (institution_id, seq, at, by_whom, action, subject, detail, judged)
    values ('ours', 1, 1795219200000, '佐藤', 'answer', 'a', '{}', false)",
    "insert into settings (institution_id, key, value, saved_by, saved_at) values ('ours', 'k', 'v', '佐藤', 1)",
    "insert into throttles (key, n_failed, since) values ('x', 1, 1)",
];

/// Every column of every table is hashed, may change, or is the number of a line.
#[tokio::test]
async fn every_column_is_hashed_or_said_to_be_loose() {
    /// What is made anew, waits, or lets somebody in for a while.
    const OUTSIDE: [&str; 8] = [
        "checkpoints",
        "heads",
        "journal",
        "sessions",
        "setup_links",
        "summaries",
        "throttles",
        "unhashed",
    ];

    let (mut sqlite, _postgres, _folder) = crate::both::both("hashed").await;
    let there: Vec<(String, String)> = sqlx::query_as(
        "select t.name, c.name from pragma_table_list as t join pragma_table_info(t.name) as c
        where t.schema = 'main' and t.name not like 'sqlite%' and t.name not like '_sqlx%'
            and c.name <> 'seq'",
    )
    .fetch_all(&mut sqlite)
    .await
    .unwrap();
    let there = there
        .into_iter()
        .filter(|(table, _)| !OUTSIDE.contains(&table.as_str()));
    let (hashed, loose) = sonae_store::hashed_columns();
    for (table, columns) in &hashed {
        assert!(columns.is_sorted(), "{table}: {columns:?}");
    }
    let known = hashed.into_iter().chain(loose);
    let known = known.flat_map(|(table, columns)| {
        columns
            .iter()
            .map(move |column| (table.to_owned(), (*column).to_owned()))
    });
    assert_eq!(known.collect::<BTreeSet<_>>(), there.collect());
}
