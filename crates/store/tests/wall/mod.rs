//! The second wall: PostgreSQL itself shows no row of another institution, whatever a statement asks.

use sonae_domain::ids::InstitutionId;
use sonae_store::StoreError;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::postgres::Server;

#[tokio::test]
async fn even_the_owner_of_the_tables_sees_one_institution_only() {
    let server = Server::get();
    let url = server.database("wall");
    let store = sonae_store::open(&url).await.unwrap();
    for id in ["ours", "theirs"] {
        store
            .insert_institution(&crate::institution(id))
            .await
            .unwrap();
        crate::fill(&*store, &InstitutionId::new(id)).await;
    }
    let mut owner = PgConnection::connect(&url).await.unwrap();
    let tables = tables_with_rows(&mut owner).await;
    assert_eq!(tables.len(), 9, "{tables:?}");
    for table in &tables {
        assert_eq!(
            n_rows(&mut owner, None, table).await,
            0,
            "{table}, no institution"
        );
        assert_eq!(
            n_rows(&mut owner, Some("stranger"), table).await,
            0,
            "{table}, a stranger"
        );
        assert_eq!(
            n_rows(&mut owner, Some("theirs"), table).await,
            1,
            "{table}"
        );
    }
    let mut superuser = PgConnection::connect(&server.url("postgres", "wall"))
        .await
        .unwrap();
    for table in &tables {
        assert_eq!(n_rows(&mut superuser, None, table).await, 2, "{table}");
    }
    let forged = "begin; select set_config('app.institution', 'theirs', true);
        insert into settings values ('ours', 'forged', '1', 'x', 0)";
    let refused = owner.execute(forged).await.unwrap_err().to_string();
    assert!(refused.contains("row-level security"), "{refused}");
}

#[tokio::test]
async fn history_cannot_be_changed_by_a_statement() {
    let url = Server::get().database("history");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db").to_str().unwrap().to_owned();
    for address in [&url, &path] {
        let store = sonae_store::open(address).await.unwrap();
        store
            .insert_institution(&crate::institution("ours"))
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
    for table in ["answers", "blobs", "facts", "findings", "assets"] {
        let change = || {
            AssertSqlSafe(format!(
                "update {table} set institution_id = institution_id"
            ))
        };
        assert!(postgres.execute(change()).await.is_err(), "{table}");
        assert!(sqlite.execute(change()).await.is_err(), "{table}");
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

/// Every table but those of the installation must be behind the wall.
async fn tables_with_rows(owner: &mut PgConnection) -> Vec<String> {
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
