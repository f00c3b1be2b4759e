//! A dump holds everything but the keys to come in, and moves from either database to the other.

use sonae_store::{Cause, Cell, Rows, Sink, Source, Store};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::postgres::Server;
use crate::{at, everything, fill, institution, tampering};

/// A dump in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Dump {
    tables: Vec<(String, Vec<String>, Vec<Vec<Cell>>)>,
    ended: bool,
}

impl Sink for Dump {
    fn begin(&mut self, name: &str, columns: &[String]) -> Result<(), Cause> {
        let table = (name.to_owned(), columns.to_vec(), Vec::new());
        self.tables.push(table);
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Cause> {
        self.tables.last_mut().unwrap().2.push(cells.to_vec());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Cause> {
        self.ended = true;
        Ok(())
    }
}

impl Source for Dump {
    fn table(&mut self, wanted: &str) -> Result<Option<Rows<'_>>, Cause> {
        let found = self.tables.iter().find(|(name, ..)| name == wanted);
        Ok(found.map(|(_, columns, rows)| Rows {
            columns: columns.clone(),
            cells: Box::new(rows.iter().cloned().map(Ok)),
        }))
    }
}

#[tokio::test]
async fn every_table_is_dumped_or_left_behind() {
    let (dumped, left_behind) = sonae_store::dumped_tables();
    let (mut sqlite, mut postgres, _folder) = crate::both::both("dumped").await;
    let here: Vec<(String, String)> = sqlx::query_as(
        "select t.name, group_concat(c.name, ', ' order by c.pk)
        from pragma_table_list as t join pragma_table_info(t.name) as c
        where t.schema = 'main' and t.name not like 'sqlite%' and t.name not like '_sqlx%'
            and c.pk > 0
        group by t.name order by t.name",
    )
    .fetch_all(&mut sqlite)
    .await
    .unwrap();
    let there: Vec<(String, String)> = sqlx::query_as(
        "select t.relname::text,
            string_agg(a.attname::text, ', ' order by array_position(x.indkey::int[], a.attnum::int))
        from pg_index x join pg_class t on t.oid = x.indrelid
            join pg_attribute a on a.attrelid = t.oid and a.attnum = any (x.indkey)
        where x.indisprimary and t.relnamespace = 'public'::regnamespace
            and t.relname not like '\\_sqlx%'
        group by t.relname order by t.relname collate \"C\"",
    )
    .fetch_all(&mut postgres)
    .await
    .unwrap();
    assert_eq!(here, there);
    let mut known: Vec<_> = here
        .into_iter()
        .filter(|(name, _)| !left_behind.contains(&name.as_str()))
        .collect();
    assert_eq!(known.len() + left_behind.len(), there.len());
    let mut ours: Vec<_> = dumped
        .into_iter()
        .map(|(name, key)| (name.to_owned(), key.to_owned()))
        .collect();
    known.sort();
    ours.sort();
    assert_eq!(ours, known);
}

#[tokio::test]
async fn a_dump_moves_from_each_database_to_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let store = filled(&file("first")).await;
    let first = dump(&*store).await;
    assert!(
        first.tables.iter().all(|(name, _, rows)| !rows.is_empty()
            || ["editions", "summaries"].contains(&name.as_str()))
    );
    let postgres = load(&Server::get().database("moved"), &first).await;
    let sqlite = load(&file("second"), &dump(&*postgres).await).await;
    assert_eq!(dump(&*sqlite).await, first);

    let ours = institution("ours").id;
    let (before, after) = (everything(&*store, &ours), everything(&*sqlite, &ours));
    let (before, after) = (before.await, after.await);
    let lost: Vec<_> = before.iter().filter(|was| !after.contains(was)).collect();
    assert_eq!(lost.len(), 3, "link, session and throttle: {lost:?}");
    assert_eq!(sqlite.session("session of ours").await.unwrap(), None);
    // Life goes on.
    fill_another(&*sqlite).await;
    fill_another(&*postgres).await;
}

#[tokio::test]
async fn only_an_empty_database_is_filled_and_only_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let good = dump(&*filled(folder.path().join("good").to_str().unwrap()).await).await;
    let empty = folder.path().join("empty").to_str().unwrap().to_owned();
    for address in [empty, Server::get().database("whole")] {
        let store = sonae_store::open(&address).await.unwrap();
        let nothing = dump(&*store).await;
        for (what, table) in [
            ("a column is missing", "answers"),
            ("text for a number", "journal"),
            ("a row is cut", "tokens"),
            ("a row refers to nothing", "evidence"),
        ] {
            let mut source = good.clone();
            let entry = source.tables.iter_mut().find(|(name, ..)| name == table);
            let (_, columns, rows) = entry.unwrap();
            match what {
                "a column is missing" => drop(columns.pop()),
                "text for a number" => rows[0][1] = Cell::Text("1".to_owned()),
                "a row is cut" => drop(rows[0].pop()),
                _ => rows[0][11] = Cell::Text("no such bytes".to_owned()),
            }
            let refused = store.load(&mut source, &mut Dump::default()).await;
            assert!(refused.is_err(), "{what}");
            assert_eq!(dump(&*store).await, nothing, "{what}");
        }
        let refused = store.load(&mut good.clone(), &mut Broken("")).await;
        assert_refused!(refused, Interrupted);
        assert_eq!(
            dump(&*store).await,
            nothing,
            "the reader of it was not content"
        );

        let mut written = Dump::default();
        store.load(&mut good.clone(), &mut written).await.unwrap();
        assert_eq!(written, good);
        let twice = store.load(&mut good.clone(), &mut Dump::default()).await;
        assert_refused!(twice, NotEmpty);
        assert_eq!(dump(&*store).await, good);
    }
}

#[tokio::test]
async fn a_single_account_or_institution_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let good = dump(&*filled(&path("good")).await).await;
    for kept in ["accounts", "institutions", "throttles"] {
        let store = sonae_store::open(&path(kept)).await.unwrap();
        let mut owner = SqliteConnection::connect(&path(kept)).await.unwrap();
        let insert = match kept {
            "accounts" => {
                "insert into accounts (id, login, name, is_operator, created_at)
                values ('a', 'a', 'a', 0, 0)"
            }
            "institutions" => "insert into institutions values ('x', 'x', 'clinic', 'none')",
            _ => "insert into throttles values ('x', 1, 1)",
        };
        owner.execute(insert).await.unwrap();
        let refused = store.load(&mut good.clone(), &mut Dump::default()).await;
        assert_refused!(refused, NotEmpty);
    }
}

/// Records an answer, from a thread of its own, when the dump has begun.
struct Meanwhile {
    address: String,
    dump: Dump,
}

impl Sink for Meanwhile {
    fn begin(&mut self, name: &str, columns: &[String]) -> Result<(), Cause> {
        if name == "institutions" {
            let address = self.address.clone();
            let writer = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.unwrap().block_on(async {
                    let store = sonae_store::open(&address).await.unwrap();
                    let late = crate::answer("late", 1);
                    let ours = institution("ours").id;
                    store.record_answer(&ours, &late).await.unwrap();
                });
            });
            writer.join().unwrap();
        }
        self.dump.begin(name, columns)
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Cause> {
        self.dump.row(cells)
    }

    fn end(&mut self) -> Result<(), Cause> {
        self.dump.end()
    }
}

#[tokio::test]
async fn a_dump_shows_one_moment_and_keeps_nobody_from_writing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db").to_str().unwrap().to_owned();
    for address in [path, Server::get().database("moment")] {
        let store = filled(&address).await;
        let before = dump(&*store).await;
        let mut meanwhile = Meanwhile {
            address,
            dump: Dump::default(),
        };
        store.dump(&mut meanwhile).await.unwrap();
        assert_eq!(meanwhile.dump, before);
        assert_ne!(dump(&*store).await, before);
    }
}

/// Refuses a table, or the end.
struct Broken(&'static str);

impl Sink for Broken {
    fn begin(&mut self, name: &str, _: &[String]) -> Result<(), Cause> {
        match name == self.0 {
            true => Err("broken".into()),
            false => Ok(()),
        }
    }

    fn row(&mut self, _: &[Cell]) -> Result<(), Cause> {
        match self.0 {
            "row" => Err("broken".into()),
            _ => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Cause> {
        Err("broken".into())
    }
}

#[tokio::test]
async fn what_a_sink_refuses_ends_the_dump() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path().join("db").to_str().unwrap()).await;
    for broken in ["accounts", "row", "end"] {
        assert_refused!(store.dump(&mut Broken(broken)).await, Interrupted);
    }
    // The connection is fit for the next.
    assert!(dump(&*store).await.ended);
}

#[tokio::test]
async fn a_dump_of_a_former_version_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db").to_str().unwrap().to_owned();
    let columns = ["id", "name", "kind", "vendor_contract"].map(str::to_owned);
    let row = ["ours", "青葉診療所", "dental_clinic", "unconfirmed"];
    let row = row.map(|cell| Cell::Text(cell.to_owned()));
    let former = Dump {
        tables: vec![("institutions".to_owned(), columns.into(), vec![row.into()])],
        ended: true,
    };
    for address in [path, Server::get().database("former")] {
        let store = sonae_store::open_at(&address, 1).await.unwrap();
        let mut written = Dump::default();
        store.load(&mut former.clone(), &mut written).await.unwrap();
        let names: Vec<_> = written.tables.iter().map(|(name, ..)| &**name).collect();
        assert!(!names.contains(&"accounts"), "{names:?}");
        store.close().await;
        let store = sonae_store::open(&address).await.unwrap();
        assert_eq!(store.institutions().await.unwrap(), [institution("ours")]);
        fill(&*store, &institution("ours").id).await;
        tampering::holds(&address).await;
    }
}

pub(crate) async fn dump(store: &dyn Store) -> Dump {
    let mut dump = Dump::default();
    store.dump(&mut dump).await.unwrap();
    dump
}

async fn load(address: &str, dump: &Dump) -> std::sync::Arc<dyn Store> {
    let store = sonae_store::open(address).await.unwrap();
    let mut written = Dump::default();
    store.load(&mut dump.clone(), &mut written).await.unwrap();
    assert_eq!(&written, dump);
    store
}

/// Two institutions, of which the second sorts before the first.
async fn filled(address: &str) -> std::sync::Arc<dyn Store> {
    let store = sonae_store::open(address).await.unwrap();
    for id in ["ours", "Theirs"] {
        let institution = institution(id);
        let insert = store.insert_institution(&institution, "佐藤", at(0));
        insert.await.unwrap();
        fill(&*store, &institution.id).await;
    }
    store
}

async fn fill_another(store: &dyn Store) {
    let another = institution("another");
    store
        .insert_institution(&another, "佐藤", at(9))
        .await
        .unwrap();
    fill(store, &another.id).await;
}
