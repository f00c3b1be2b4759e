//! The second wall: PostgreSQL itself shows no row of another institution, whatever a statement asks.

use expect_test::expect;
use sonae_domain::ids::InstitutionId;
use sonae_store::StoreError;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::postgres::Server;

/// How many rows of each table a statement without any condition sees: outside of all scopes, for a
/// stranger, for one of two institutions, for the installation, for all institutions, and in truth.
#[tokio::test]
async fn even_the_owner_of_the_tables_sees_one_institution_only() {
    let server = Server::get();
    let url = server.database("wall");
    two_institutions(&url).await;
    let mut owner = PgConnection::connect(&url).await.unwrap();
    let mut superuser = PgConnection::connect(&server.url("postgres", "wall"))
        .await
        .unwrap();
    let tables = walled_tables(&mut owner).await;
    let mut lines = tables.clone();
    // A setting that was made and undone leaves the empty text behind: first what has seen none.
    for (line, table) in lines.iter_mut().zip(&tables) {
        *line += &format!(": {}", n_rows(&mut owner, None, table).await);
    }
    for (line, table) in lines.iter_mut().zip(&tables) {
        for scope in ["stranger", "theirs", "", "*"] {
            *line += &format!(" {}", n_rows(&mut owner, Some(scope), table).await);
        }
        *line += &format!(" {}\n", n_rows(&mut superuser, None, table).await);
    }
    crate::check(
        &lines.concat(),
        expect![[r#"
        accounts: 0 0 0 2 0 2
        answers: 0 0 1 0 0 2
        assets: 0 0 1 0 0 2
        blobs: 0 0 1 0 0 2
        checkpoints: 0 0 1 0 0 2
        column_mappings: 0 0 1 0 0 2
        evidence: 0 0 1 0 0 2
        facts: 0 0 1 0 0 2
        findings: 0 0 1 0 0 2
        grants: 0 0 1 0 2 2
        heads: 0 0 1 1 3 3
        institutions: 0 0 1 0 2 2
        journal: 0 0 8 8 0 24
        passkeys: 0 0 0 2 0 2
        records: 0 0 1 0 0 2
        recovery_codes: 0 0 0 4 0 4
        sessions: 0 0 0 2 0 2
        settings: 0 0 1 0 0 2
        setup_links: 0 0 0 2 0 2
        summaries: 0 0 1 0 2 2
        throttles: 0 0 0 2 0 2
        tokens: 0 0 1 0 2 2
        unhashed: 0 0 0 0 0 0
    "#]],
    );
}

/// Each table's own row, with the name of another institution.
#[tokio::test]
async fn no_statement_writes_for_another_institution() {
    let url = Server::get().database("forged");
    two_institutions(&url).await;
    let mut owner = PgConnection::connect(&url).await.unwrap();
    let mut n_forged = 0;
    for table in walled_tables(&mut owner).await {
        let id = match table.as_str() {
            "institutions" => "id",
            _ => "institution_id",
        };
        for scope in ["theirs", "*"] {
            if n_rows(&mut owner, Some(scope), &table).await == 0 {
                continue;
            }
            n_forged += 1;
            let forged = format!(
                "insert into {table} select (jsonb_populate_record(t, '{{\"{id}\": \"ours\"}}')).*
                from {table} as t"
            );
            let refused = run(&mut owner, scope, &forged).await.unwrap_err();
            assert!(refused.contains("row-level security"), "{table}: {refused}");
            if scope == "*" {
                let delete = run(&mut owner, scope, &format!("delete from {table}")).await;
                assert_eq!(delete, Ok(0), "{table}");
                let update = format!("update {table} set {id} = {id}");
                assert_eq!(run(&mut owner, scope, &update).await, Ok(0), "{table}");
            }
        }
    }
    assert_eq!(
        n_forged,
        16 + 5,
        "tables of one institution, then those that can be listed"
    );
}

async fn two_institutions(url: &str) {
    let store = sonae_store::open(url).await.unwrap();
    for id in ["ours", "theirs"] {
        let institution = crate::institution(id);
        let insert = store.insert_institution(&institution, "佐藤", crate::at(0));
        insert.await.unwrap();
        crate::fill(&*store, &institution.id).await;
    }
}

#[tokio::test]
async fn history_cannot_be_changed_by_a_statement() {
    let url = Server::get().database("history");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db").to_str().unwrap().to_owned();
    for address in [&url, &path] {
        let store = sonae_store::open(address).await.unwrap();
        store
            .insert_institution(&crate::institution("ours"), "佐藤", crate::at(0))
            .await
            .unwrap();
        crate::fill(&*store, &InstitutionId::new("ours")).await;
        store.close().await;
    }
    let mut postgres = PgConnection::connect(&url).await.unwrap();
    postgres
        .execute("select set_config('app.institution', 'ours', false)")
        .await
        .unwrap();
    let mut sqlite = sqlx::SqliteConnection::connect(&path).await.unwrap();
    let kept = [
        "answers",
        "assets",
        "blobs",
        "checkpoints",
        "facts",
        "findings",
        "journal",
        "records",
    ];
    let mut changes: Vec<_> = kept
        .map(|table| format!("update {table} set institution_id = institution_id"))
        .into();
    changes.push("delete from journal".to_owned());
    for change in changes {
        let refused = postgres.execute(AssertSqlSafe(change.clone())).await;
        assert!(refused.is_err(), "{change}");
        let refused = sqlite.execute(AssertSqlSafe(change.clone())).await;
        assert!(refused.is_err(), "{change}");
    }
}

#[tokio::test]
async fn a_role_that_bypasses_the_wall_is_refused() {
    let server = Server::get();
    server.database("bypass");
    let refused = sonae_store::open(&server.url("postgres", "bypass")).await;
    assert!(
        matches!(refused, Err(StoreError::UnsafeRole { .. })),
        "{refused:?}"
    );
}

/// Every table but the editions, which are no secret, must be behind the wall.
async fn walled_tables(owner: &mut PgConnection) -> Vec<String> {
    let tables: Vec<(String, bool)> = sqlx::query_as(
        "select relname::text, relrowsecurity and relforcerowsecurity from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace
            and relname not in ('editions', '_sqlx_migrations')
        order by relname",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    for (table, walled) in &tables {
        assert!(walled, "{table} has no row level security");
    }
    tables.into_iter().map(|(table, _)| table).collect()
}

async fn run(connection: &mut PgConnection, scope: &str, statement: &str) -> Result<u64, String> {
    let mut tx = connection.begin().await.unwrap();
    sqlx::query("select set_config('app.institution', $1, true)")
        .bind(scope)
        .execute(&mut *tx)
        .await
        .unwrap();
    let done = tx.execute(AssertSqlSafe(statement.to_owned())).await;
    done.map(|done| done.rows_affected())
        .map_err(|error| error.to_string())
}

async fn n_rows(connection: &mut PgConnection, institution: Option<&str>, table: &str) -> i64 {
    let mut tx = connection.begin().await.unwrap();
    if let Some(institution) = institution {
        sqlx::query("select set_config('app.institution', $1, true)")
            .bind(institution)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    let count = AssertSqlSafe(format!("select count(*) from {table}"));
    let (n_rows,) = sqlx::query_as(count).fetch_one(&mut *tx).await.unwrap();
    n_rows
}
