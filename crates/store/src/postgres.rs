//! PostgreSQL, for many institutions. Each transaction is opened for one institution, and row level
//! security lets it see no other. Only how to connect and to begin is here.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Postgres, Transaction};

use crate::backend::{Backend, INSTALLATION};
use crate::error::StoreError;
use crate::sql::{Side, Tx, newest};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Two cores of a database server are busy with this many; more connections only queue there.
const N_CONNECTIONS_MAX: u32 = 10;

/// Long enough for a restart of the server, short enough for the person who waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A writer waits so long for its turn; beyond, something is stuck and the caller must know.
const LOCK_TIMEOUT: &str = "30s";

/// What a transaction sees from here on.
pub(crate) const ENTER: &str = "select set_config('app.institution', $1, true)";

/// Writers of one institution take turns, as on SQLite: versions count up without gaps, and two
/// imports of the same file cannot both be the first. Other institutions do not wait.
pub(crate) const ENTER_TO_WRITE: &str = "select set_config('app.institution', $1, true), \
     pg_advisory_xact_lock(hashtextextended('sonae ' || $1, 0))";

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    host: String,
    database: String,
    pool: PgPool,
}

impl PostgresStore {
    /// Connects and makes the tables where they are missing.
    ///
    /// # Errors
    /// See [`StoreError`]; a role for which row level security does not hold is refused.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_at(url, newest(&MIGRATIONS)).await
    }

    pub(crate) async fn open_at(url: &str, schema: i64) -> Result<Self, StoreError> {
        let failed = |error| StoreError::of("open the database", error);
        let options = PgConnectOptions::from_str(url)
            .map_err(failed)?
            .application_name("sonae")
            .options([("lock_timeout", LOCK_TIMEOUT)])
            .disable_statement_logging();
        let host = options.get_host().to_owned();
        let database = options.get_database().unwrap_or_default().to_owned();
        // Not through the pool, which would try again and again and then forget why it could not.
        let mut connection = options.connect().await.map_err(failed)?;
        prepare(&mut connection, schema).await?;
        connection.close().await.map_err(failed)?;
        let pool = PgPoolOptions::new()
            .max_connections(N_CONNECTIONS_MAX)
            .acquire_timeout(CONNECT_TIMEOUT)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Ok(Self {
            host,
            database,
            pool,
        })
    }

    /// One round trip begins a transaction and enters its scope.
    async fn begin(
        &self,
        begin: &'static str,
        enter: &'static str,
        scope: &str,
        doing: &'static str,
    ) -> Result<Tx, StoreError> {
        let begin = format!("{begin}; {}", enter.replace("$1", &literal(scope)));
        let failed = |error| match error {
            // All connections are taken, or the server does not answer: to the caller the same.
            sqlx::Error::PoolTimedOut => StoreError::Unavailable {
                doing,
                source: error.into(),
            },
            _ => StoreError::of(doing, error),
        };
        // Beside the caller, who may go away while a writer waits for its turn: the driver would put a
        // connection back that has begun, and holds the lock. One that began is rolled back.
        let begun = tokio::spawn(begin_on(self.pool.clone(), begin)).await;
        let begun = begun.map_err(|ended| StoreError::Unavailable {
            doing,
            source: ended.into(),
        })?;
        Ok(Tx {
            side: Side::Postgres(begun.map_err(failed)?),
            scope: scope.to_owned(),
            doing,
        })
    }
}

/// A restart of the server breaks all connections that rest. Each is found out once, and nothing was
/// asked of it yet; to ask each time whether it is there would cost a round trip.
async fn begin_on(
    pool: PgPool,
    begin: String,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut begun = pool.begin_with(AssertSqlSafe(begin.clone())).await;
    for _ in 0..N_CONNECTIONS_MAX {
        if !begun.as_ref().is_err_and(is_broken) {
            break;
        }
        begun = pool.begin_with(AssertSqlSafe(begin.clone())).await;
    }
    begun
}

/// A text as SQL, whatever stands in it: a statement that begins a transaction takes no parameters.
fn literal(text: &str) -> String {
    format!(
        "convert_from(decode('{}', 'hex'), 'UTF8')",
        hex::encode(text)
    )
}

/// Whether a connection turned out to be gone.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // The server ended it: class 57, operator intervention.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

/// Makes the tables where they are missing. A failed migration keeps its lock until the connection
/// ends, so this one must not go to the pool.
async fn prepare(connection: &mut PgConnection, schema: i64) -> Result<(), StoreError> {
    let (role, unsafe_role): (String, bool) = sqlx::query_as(
        "select rolname::text, rolsuper or rolbypassrls from pg_roles where rolname = current_user",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(|error| StoreError::of("open the database", error))?;
    if unsafe_role {
        return Err(StoreError::UnsafeRole { role });
    }
    MIGRATIONS
        .run_direct(Some(schema), connection, false)
        .await
        .map_err(|error| StoreError::of_migration(error, newest(&MIGRATIONS)))
}

#[async_trait::async_trait]
impl Backend for PostgresStore {
    async fn read(&self, scope: &str, doing: &'static str) -> Result<Tx, StoreError> {
        // All statements of one call see the same moment, as on SQLite.
        let begin = "begin isolation level repeatable read read only";
        self.begin(begin, ENTER, scope, doing).await
    }

    async fn write(&self, scope: &str, doing: &'static str) -> Result<Tx, StoreError> {
        let begin = "begin isolation level read committed";
        self.begin(begin, ENTER_TO_WRITE, scope, doing).await
    }

    async fn read_all(&self, doing: &'static str) -> Result<Tx, StoreError> {
        self.read(INSTALLATION, doing).await
    }

    async fn disconnect(&self) {
        self.pool.close().await;
    }
}

/// Without the pool: its options hold the password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("host", &self.host)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
