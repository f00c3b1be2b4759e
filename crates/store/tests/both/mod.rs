//! The two databases are one: every statement is prepared on both, and the tables are compared.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Column, Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection, Statement};

use crate::postgres::Server;

#[tokio::test]
async fn every_statement_is_understood_by_both() {
    let (mut sqlite, mut postgres, _folder) = both("statements").await;
    let statements = sonae_store::statements();
    assert!(
        statements.len() > 80,
        "only {} statements are registered",
        statements.len()
    );
    let mut wrong = Vec::new();
    for sql in statements {
        let there = sqlite
            .prepare(sql.into_sql_str())
            .await
            .map(|s| names(s.columns()));
        let here = postgres
            .prepare(sql.into_sql_str())
            .await
            .map(|s| names(s.columns()));
        match (there, here) {
            (Ok(there), Ok(here)) if there == here => {}
            (there, here) => wrong.push(format!("{sql}\nSQLite: {there:?}\nPostgreSQL: {here:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What an institution waits for must not grow with the number of institutions.
#[tokio::test]
async fn no_statement_reads_a_table_from_end_to_end() {
    const FOR_THOSE_WHO_RUN_IT: [&str; 8] = [
        "accounts",
        "editions",
        "heads",
        "institutions",
        "sessions",
        "summaries",
        "throttles",
        "unhashed",
    ];

    let (mut sqlite, _postgres, _folder) = both("plans").await;
    let mut scanned = BTreeSet::new();
    for sql in sonae_store::statements() {
        let explain = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain)
            .fetch_all(&mut sqlite)
            .await
            .unwrap();
        for (.., step) in plan {
            let table = step
                .strip_prefix("SCAN ")
                .and_then(|rest| rest.split(' ').next());
            // `latest` is what the statement itself has just found.
            scanned.extend(table.filter(|table| *table != "latest").map(str::to_owned));
        }
    }
    assert_eq!(scanned, FOR_THOSE_WHO_RUN_IT.map(str::to_owned).into());
}

fn names<C: Column>(columns: &[C]) -> Vec<String> {
    columns
        .iter()
        .map(|column| column.name().to_owned())
        .collect()
}

#[tokio::test]
async fn both_have_the_same_version() {
    let (mut sqlite, mut postgres, _folder) = both("version").await;
    let newest = "select max(version) from _sqlx_migrations";
    let here: i64 = sqlx::query_scalar(newest)
        .fetch_one(&mut sqlite)
        .await
        .unwrap();
    let there: i64 = sqlx::query_scalar(newest)
        .fetch_one(&mut postgres)
        .await
        .unwrap();
    assert_eq!(
        (here, there),
        (sonae_store::schema(), sonae_store::schema())
    );
}

#[tokio::test]
async fn both_have_the_same_tables() {
    let (mut sqlite, mut postgres, _folder) = both("tables").await;
    let here: Vec<(String, String, String, bool)> = sqlx::query_as(
        "select t.name, c.name, lower(c.type), c.\"notnull\"
        from pragma_table_list as t join pragma_table_info(t.name) as c
        where t.schema = 'main' and t.name not like 'sqlite%' and t.name not like '_sqlx%'
        order by t.name, c.cid",
    )
    .fetch_all(&mut sqlite)
    .await
    .unwrap();
    let there: Vec<(String, String, String, bool)> = sqlx::query_as(
        "select table_name::text, column_name::text,
            case data_type when 'bigint' then 'integer' when 'boolean' then 'integer'
                when 'bytea' then 'blob' else data_type end::text,
            is_nullable = 'NO'
        from information_schema.columns
        where table_schema = 'public' and table_name not like '\\_sqlx%'
        order by table_name, ordinal_position",
    )
    .fetch_all(&mut postgres)
    .await
    .unwrap();
    assert!(here.len() > 50);
    assert_eq!(here, there);
}

#[tokio::test]
async fn all_tables_are_strict_and_text_sorts_by_code_point() {
    let (mut sqlite, mut postgres, _folder) = both("strict").await;
    let loose: Vec<(String,)> = sqlx::query_as(
        "select name from pragma_table_list
        where schema = 'main' and not strict and name not like 'sqlite%' and name not like '_sqlx%'",
    )
    .fetch_all(&mut sqlite)
    .await
    .unwrap();
    assert_eq!(loose, []);
    let other: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns
        where table_schema = 'public' and table_name not like '\\_sqlx%'
            and data_type = 'text' and collation_name is distinct from 'C'",
    )
    .fetch_all(&mut postgres)
    .await
    .unwrap();
    assert_eq!(other, []);
}

/// A table belongs to an institution unless it stands here.
#[tokio::test]
async fn the_institution_leads_every_key_and_index() {
    const OF_THE_INSTALLATION: [&str; 8] = [
        "accounts",
        "editions",
        "institutions",
        "passkeys",
        "recovery_codes",
        "sessions",
        "setup_links",
        "throttles",
    ];
    // What is asked at the door, before it is known which institution it opens.
    const AT_THE_DOOR: [&str; 2] = ["grants_account", "tokens_hash"];

    let (mut sqlite, mut postgres, _folder) = both("keys").await;
    let here: Vec<(String, String, String)> = sqlx::query_as(
        "select t.name, i.name, c.name
        from pragma_table_list as t join pragma_index_list(t.name) as i
            join pragma_index_info(i.name) as c
        where t.schema = 'main' and t.name not like '_sqlx%' and c.seqno = 0",
    )
    .fetch_all(&mut sqlite)
    .await
    .unwrap();
    let there: Vec<(String, String, String)> = sqlx::query_as(
        "select t.relname::text, i.relname::text, a.attname::text
        from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
            join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
        where t.relnamespace = 'public'::regnamespace and t.relname not like '\\_sqlx%'",
    )
    .fetch_all(&mut postgres)
    .await
    .unwrap();
    for indexes in [here, there] {
        let mut leads = BTreeMap::<_, Vec<_>>::new();
        for (table, index, column) in indexes {
            leads.entry(table).or_default().push((index, column));
        }
        assert_eq!(leads.len(), 24, "{leads:?}");
        leads.retain(|table, _| !OF_THE_INSTALLATION.contains(&table.as_str()));
        for (table, indexes) in leads {
            for (index, column) in indexes {
                if AT_THE_DOOR.contains(&index.as_str()) {
                    continue;
                }
                assert_eq!(column, "institution_id", "table {table}, index {index}");
            }
        }
    }
}

pub(crate) async fn both(name: &str) -> (SqliteConnection, PgConnection, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db").to_str().unwrap().to_owned();
    let url = Server::get().database(name);
    for address in [&path, &url] {
        sonae_store::open(address).await.unwrap().close().await;
    }
    let sqlite = SqliteConnection::connect(&path).await.unwrap();
    (sqlite, PgConnection::connect(&url).await.unwrap(), folder)
}
