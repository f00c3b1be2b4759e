//! Why the store could not do it, in kinds that a person can act on.
//! The words for that person are made elsewhere; passwords and evidence never get in here.

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

/// The cause underneath, whichever database it came from.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds the database; the same call may work later.
    #[error("{doing}: the database is busy")]
    Busy {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// What the change rests on was changed meanwhile; nothing was written.
    #[error("{doing}: somebody else changed something meanwhile")]
    Changed {
        /// What was being done.
        doing: &'static str,
    },
    /// Nothing was written, because there is no room.
    #[error("{doing}: the disk is full")]
    DiskFull {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// The file or the server takes no writes.
    #[error("{doing}: the database is read-only")]
    ReadOnly {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// What is stored is not what was stored, or not a database at all.
    #[error("{what} is damaged")]
    Corrupt {
        /// Which thing.
        what: String,
        /// How it showed, if something said so.
        #[source]
        source: Option<Cause>,
    },
    /// A newer version of the program has written here.
    #[error("the database has schema {found}, this program knows {known}: use the newer program")]
    NewerSchema {
        /// Of the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The database cannot be reached or refuses us.
    #[error("{doing}: the database cannot be reached")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// What was said, by whom.
        #[source]
        source: Cause,
    },
    /// An address that names no database we know.
    #[error(
        "`{scheme}://` is not a database we know: \
         give the path of a file, or postgres://user@host/database"
    )]
    UnknownAddress {
        /// The part before `://`; the rest may hold a password.
        scheme: String,
    },
    /// Row level security does not hold for this role, and it is one of the two walls.
    #[error(
        "the role `{role}` bypasses row level security: connect as a role made by \
         `create role sonae login nosuperuser nobypassrls` that owns the database"
    )]
    UnsafeRole {
        /// The role of the connection.
        role: String,
    },
    /// The id is taken.
    #[error("{doing}: it is there already")]
    AlreadyThere {
        /// What was being done.
        doing: &'static str,
    },
    /// It names an institution, evidence or anything else that is not there.
    #[error("{doing}: what it refers to is not there")]
    NotThere {
        /// What was being done.
        doing: &'static str,
    },
    /// The bytes handed over are not those that the evidence speaks of.
    #[error("the bytes of evidence {evidence} do not have its hash and size")]
    OtherBytes {
        /// Its id.
        evidence: String,
    },
    /// Only an empty database can be filled with a dump.
    #[error("there are data in the database already")]
    NotEmpty,
    /// A dump has other columns or values than the database.
    #[error("the table `{table}` of the dump does not fit the database")]
    Misfit {
        /// Of which table.
        table: &'static str,
    },
    /// Whoever took or gave a dump broke off.
    #[error("{doing}: broken off")]
    Interrupted {
        /// What was being done.
        doing: &'static str,
        /// As they said it.
        #[source]
        source: Cause,
    },
    /// Anything else; a mistake of ours until shown otherwise.
    #[error("{doing}: the database refused")]
    Other {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: Cause,
    },
}

/// What a cause amounts to, before it is known what was being done.
enum Kind {
    Busy,
    DiskFull,
    ReadOnly,
    Corrupt,
    Unavailable,
    AlreadyThere,
    NotThere,
    Other,
}

impl StoreError {
    pub(crate) fn of(doing: &'static str, source: sqlx::Error) -> Self {
        let kind = kind_of(&source);
        let source: Cause = Box::new(source);
        match kind {
            Kind::Busy => Self::Busy { doing, source },
            Kind::DiskFull => Self::DiskFull { doing, source },
            Kind::ReadOnly => Self::ReadOnly { doing, source },
            Kind::Corrupt => Self::Corrupt {
                what: "the database".to_owned(),
                source: Some(source),
            },
            Kind::Unavailable => Self::Unavailable { doing, source },
            Kind::AlreadyThere => Self::AlreadyThere { doing },
            Kind::NotThere => Self::NotThere { doing },
            Kind::Other => Self::Other { doing, source },
        }
    }

    pub(crate) fn of_migration(error: MigrateError, known: i64) -> Self {
        let doing = "prepare the database";
        match error {
            MigrateError::VersionMissing(found) => Self::NewerSchema { found, known },
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                Self::of(doing, source)
            }
            other => Self::Other {
                doing,
                source: Box::new(other),
            },
        }
    }

    pub(crate) fn corrupt(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Corrupt {
            what: what.into(),
            source: Some(source.into()),
        }
    }
}

fn kind_of(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Database(said) => match said.kind() {
            ErrorKind::UniqueViolation => Kind::AlreadyThere,
            ErrorKind::ForeignKeyViolation => Kind::NotThere,
            _ => said.code().map_or(Kind::Other, |code| kind_of_code(&code)),
        },
        // A writer waited for its turn longer than anybody should.
        sqlx::Error::PoolTimedOut => Kind::Busy,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Kind::Unavailable,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Kind::Corrupt,
        _ => Kind::Other,
    }
}

/// SQLite's codes are numbers, PostgreSQL's have five characters; no text stands for both.
fn kind_of_code(code: &str) -> Kind {
    if code.len() == 5 {
        return kind_of_sqlstate(code);
    }
    code.parse().map_or(Kind::Other, kind_of_sqlite)
}

/// <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
fn kind_of_sqlite(code: i32) -> Kind {
    /// `SQLITE_IOERR_SHMSIZE`: no room for the index of the write-ahead log.
    const SHARED_MEMORY_SIZE: i32 = 4874;
    match (code, code & 0xff) {
        (SHARED_MEMORY_SIZE, _) | (_, 13) => Kind::DiskFull,
        (_, 5 | 6) => Kind::Busy,
        (_, 8) => Kind::ReadOnly,
        (_, 11 | 26) => Kind::Corrupt,
        (_, 3 | 10 | 14 | 23) => Kind::Unavailable,
        _ => Kind::Other,
    }
}

/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn kind_of_sqlstate(code: &str) -> Kind {
    match code {
        "53100" => Kind::DiskFull,
        "25006" => Kind::ReadOnly,
        "40001" | "40P01" | "55P03" => Kind::Busy,
        "XX001" | "XX002" => Kind::Corrupt,
        _ if code.starts_with("08")
            || code.starts_with("28")
            || code.starts_with("3D")
            || code.starts_with("53")
            || code.starts_with("57P")
            || code.starts_with("58") =>
        {
            Kind::Unavailable
        }
        _ => Kind::Other,
    }
}
