//! One SQL text for both databases. Each text is a literal that the macros hand to both drivers and
//! register, so that a test can prepare all of them on both. Nothing here knows a table.

use sqlx::migrate::Migrator;
use sqlx::{Postgres, Sqlite, Transaction};

use crate::error::StoreError;
use crate::postgres;

/// The version of the tables when all migrations have run.
pub(crate) fn newest(migrations: &Migrator) -> i64 {
    let versions = migrations.iter().map(|migration| migration.version);
    versions.max().unwrap_or_default()
}

/// A transaction on either database. Dropped without `commit`, it never happened.
pub(crate) struct Tx {
    pub(crate) side: Side,
    /// The institution that it was opened for, or one of the two scopes that are none.
    pub(crate) scope: String,
    pub(crate) doing: &'static str,
}

/// Which database a transaction is on.
pub(crate) enum Side {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A statement that some function of this crate runs.
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
}

inventory::collect!(Statement);

/// Every SQL text that runs on both databases, sorted, for the test that prepares them on both.
pub fn statements() -> Vec<&'static str> {
    let mut all: Vec<_> = inventory::iter::<Statement>()
        .map(|statement| statement.sql)
        .collect();
    all.sort_unstable();
    all
}

impl Tx {
    /// From here on the transaction sees and writes what belongs to this scope.
    pub(crate) async fn enter(&mut self, scope: &str) -> Result<(), StoreError> {
        self.enter_by(postgres::ENTER, scope).await
    }

    /// The same for a transaction that was not begun in this scope and writes in it: it takes its
    /// turn with those that were. That of the installation comes first, so that no two wait for
    /// each other.
    pub(crate) async fn enter_to_write(&mut self, scope: &str) -> Result<(), StoreError> {
        self.enter_by(postgres::ENTER_TO_WRITE, scope).await
    }

    async fn enter_by(&mut self, enter: &'static str, scope: &str) -> Result<(), StoreError> {
        if let Side::Postgres(at) = &mut self.side {
            let entered = sqlx::query(enter).bind(scope).execute(&mut **at).await;
            entered.map_err(|error| StoreError::of(self.doing, error))?;
        }
        scope.clone_into(&mut self.scope);
        Ok(())
    }

    /// Only after this has returned may anything be called recorded.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self.side {
            Side::Sqlite(tx) => tx.commit().await,
            Side::Postgres(tx) => tx.commit().await,
        }
        .map_err(|error| StoreError::of(self.doing, error))
    }
}

/// Builds the same query for the database of the transaction and runs it.
macro_rules! on_either {
    ($tx:expr, $sql:literal, $build:ident $(, $row:ty)?; $run:ident; $($arg:expr),*) => {{
        ::inventory::submit! { $crate::sql::Statement { sql: $sql } }
        let tx: &mut $crate::sql::Tx = $tx;
        let done = match &mut tx.side {
            $crate::sql::Side::Sqlite(at) => {
                ::sqlx::$build::<::sqlx::Sqlite $(, $row)?>($sql)$(.bind($arg))*.$run(&mut **at).await
            }
            $crate::sql::Side::Postgres(at) => {
                ::sqlx::$build::<::sqlx::Postgres $(, $row)?>($sql)$(.bind($arg))*.$run(&mut **at).await
            }
        };
        done.map_err(|error| $crate::error::StoreError::of(tx.doing, error))
    }};
}

/// All rows of a statement.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:literal $(, $arg:expr)* $(,)?) => {
        $crate::sql::on_either!($tx, $sql, query_as, $row; fetch_all; $($arg),*)
    };
}

/// The row of a statement that has at most one.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:literal $(, $arg:expr)* $(,)?) => {
        $crate::sql::on_either!($tx, $sql, query_as, $row; fetch_optional; $($arg),*)
    };
}

/// Runs a statement and says how many rows it touched.
macro_rules! execute {
    ($tx:expr, $sql:literal $(, $arg:expr)* $(,)?) => {{
        ::inventory::submit! { $crate::sql::Statement { sql: $sql } }
        let tx: &mut $crate::sql::Tx = $tx;
        let touched = match &mut tx.side {
            $crate::sql::Side::Sqlite(at) => ::sqlx::query::<::sqlx::Sqlite>($sql)
                $(.bind($arg))*.execute(&mut **at).await.map(|done| done.rows_affected()),
            $crate::sql::Side::Postgres(at) => ::sqlx::query::<::sqlx::Postgres>($sql)
                $(.bind($arg))*.execute(&mut **at).await.map(|done| done.rows_affected()),
        };
        touched.map_err(|error| $crate::error::StoreError::of(tx.doing, error))
    }};
}

/// Runs what is assembled at run time on the database of the transaction, with the executor at hand.
macro_rules! on_side {
    ($tx:expr, $at:ident => $body:expr) => {{
        let doing = $tx.doing;
        let done: Result<_, ::sqlx::Error> = match &mut $tx.side {
            $crate::sql::Side::Sqlite(tx) => {
                let $at = &mut **tx;
                $body
            }
            $crate::sql::Side::Postgres(tx) => {
                let $at = &mut **tx;
                $body
            }
        };
        done.map_err(|error| $crate::error::StoreError::of(doing, error))
    }};
}

pub(crate) use {execute, fetch_all, fetch_optional, on_either, on_side};
