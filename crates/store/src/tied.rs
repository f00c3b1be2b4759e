//! What a line of the journal speaks of, and how that is read to be hashed: rows that carry the number
//! of their line, and things that change, each with its state behind its latest line.
//! Whether a hash is the right one is not known here.

use futures_util::TryStreamExt;
use sonae_domain::canonical::RowsHash;
use sonae_domain::merkle::Hash;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, SqlSafeStr, Type, TypeInfo, ValueRef};

use crate::error::StoreError;
use crate::sql::{Tx, on_side};

/// Columns of a table that are hashed, sorted.
pub(crate) struct Hashed {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [&'static str],
    /// The order of rows that are hashed together.
    order: &'static str,
}

/// Tables whose rows are written once and carry the number of their line. Rows of one line are hashed
/// in this order.
pub(crate) const TIED: [Hashed; 7] = [
    Hashed {
        table: "answers",
        columns: &[
            "answered_by",
            "basis",
            "confirmed_on",
            "institution_id",
            "item_id",
            "note",
            "recorded_at",
            "round",
            "target_on",
            "value",
            "version",
        ],
        order: "item_id, round, version",
    },
    Hashed {
        table: "assets",
        columns: &[
            "asset_id",
            "changed_at",
            "changed_by",
            "evidence_id",
            "institution_id",
            "record",
            "retired",
            "version",
        ],
        order: "asset_id, version",
    },
    Hashed {
        table: "blobs",
        columns: &["body", "content_hash", "institution_id"],
        order: "content_hash",
    },
    // `is_current` follows from the others, and is compared with them.
    Hashed {
        table: "evidence",
        columns: &[
            "collected_at",
            "collector",
            "command",
            "content_hash",
            "effective_basis",
            "effective_on",
            "file_name",
            "format",
            "id",
            "institution_id",
            "n_bytes",
            "reader_version",
            "recorded_at",
            "source",
            "target",
        ],
        order: "id",
    },
    Hashed {
        table: "facts",
        columns: &[
            "body",
            "evidence_id",
            "institution_id",
            "ordinal",
            "table_name",
        ],
        order: "evidence_id, table_name, ordinal",
    },
    Hashed {
        table: "findings",
        columns: &["body", "evidence_id", "institution_id"],
        order: "evidence_id",
    },
    Hashed {
        table: "records",
        columns: &[
            "body",
            "changed_at",
            "changed_by",
            "institution_id",
            "kind",
            "record_id",
            "removed",
            "version",
        ],
        order: "kind, record_id, version",
    },
];

/// Something that changes, such as a setting. Its id is the subject of its lines; its state after a
/// line is what these tables say about it.
pub(crate) struct Thing {
    /// The first word of its actions.
    pub(crate) word: &'static str,
    pub(crate) parts: &'static [Part],
    /// All ids of a scope.
    ids: &'static str,
}

/// Rows that belong to the state of a thing.
pub(crate) struct Part {
    pub(crate) hashed: Hashed,
    /// Which of its rows: those of the scope `$1` and the id `$2`.
    of: &'static str,
}

/// What changes; see [`Thing`].
pub(crate) const THINGS: [Thing; 7] = [
    Thing {
        word: "account",
        parts: &[
            Part {
                hashed: Hashed {
                    table: "accounts",
                    columns: &[
                        "created_at",
                        "disabled_at",
                        "id",
                        "is_operator",
                        "login",
                        "name",
                        "password_changed_at",
                        "password_hash",
                        "totp_secret",
                    ],
                    order: "id",
                },
                of: "$1 = '' and id = $2",
            },
            Part {
                hashed: Hashed {
                    table: "passkeys",
                    columns: &["account_id", "body", "created_at", "credential_id", "name"],
                    order: "credential_id",
                },
                of: "$1 = '' and account_id = $2",
            },
            Part {
                hashed: Hashed {
                    table: "recovery_codes",
                    columns: &["account_id", "code_hash", "used_at"],
                    order: "code_hash",
                },
                of: "$1 = '' and account_id = $2",
            },
        ],
        ids: "select id from accounts where $1 = '' union select account_id from passkeys
            where $1 = '' union select account_id from recovery_codes where $1 = '' order by 1",
    },
    Thing {
        word: "edition",
        parts: &[Part {
            hashed: Hashed {
                table: "editions",
                columns: &[
                    "edition_toml",
                    "id",
                    "imported_at",
                    "imported_by",
                    "items_toml",
                    "mapping_toml",
                    "published_at",
                    "published_by",
                    "revision",
                    "sha256",
                ],
                order: "revision",
            },
            of: "$1 = '' and id = $2",
        }],
        ids: "select distinct id from editions where $1 = '' order by 1",
    },
    Thing {
        word: "grant",
        parts: &[Part {
            hashed: Hashed {
                table: "grants",
                columns: &[
                    "account_id",
                    "ends_on",
                    "granted_at",
                    "granted_by",
                    "id",
                    "institution_id",
                    "outsider",
                    "purpose",
                    "revoked_at",
                    "revoked_by",
                    "role",
                ],
                order: "id",
            },
            of: "institution_id = $1 and id = $2",
        }],
        ids: "select id from grants where institution_id = $1 order by 1",
    },
    Thing {
        word: "institution",
        parts: &[Part {
            hashed: Hashed {
                table: "institutions",
                columns: &["id", "kind", "name", "vendor_contract"],
                order: "id",
            },
            of: "id = $1 and id = $2",
        }],
        ids: "select id from institutions where id = $1",
    },
    Thing {
        word: "mapping",
        parts: &[Part {
            hashed: Hashed {
                table: "column_mappings",
                columns: &[
                    "fingerprint",
                    "institution_id",
                    "mapping",
                    "saved_at",
                    "saved_by",
                ],
                order: "fingerprint",
            },
            of: "institution_id = $1 and fingerprint = $2",
        }],
        ids: "select fingerprint from column_mappings where institution_id = $1 order by 1",
    },
    Thing {
        word: "setting",
        parts: &[Part {
            hashed: Hashed {
                table: "settings",
                columns: &["institution_id", "key", "saved_at", "saved_by", "value"],
                order: "key",
            },
            of: "institution_id = $1 and key = $2",
        }],
        ids: "select key from settings where institution_id = $1 order by 1",
    },
    Thing {
        word: "token",
        parts: &[Part {
            hashed: Hashed {
                table: "tokens",
                columns: &[
                    "account_id",
                    "ends_on",
                    "id",
                    "institution_id",
                    "made_at",
                    "name",
                    "revoked_at",
                    "scope",
                    "token_hash",
                ],
                order: "id",
            },
            of: "institution_id = $1 and id = $2",
        }],
        ids: "select id from tokens where institution_id = $1 order by 1",
    },
];

/// Columns of these tables that may change without a line: what the program itself counts or can make
/// anew, and what is nobody's business.
const LOOSE: [Columns; 4] = [
    (
        "accounts",
        &["language", "last_login_at", "theme", "totp_step"],
    ),
    ("evidence", &["is_current"]),
    ("passkeys", &["last_used_at"]),
    ("tokens", &["last_used_at"]),
];

/// Tables with the columns that are hashed, then columns that are not: for the test that compares them
/// with the database.
pub fn hashed_columns() -> (Vec<Columns>, Vec<Columns>) {
    let parts = THINGS.iter().flat_map(|thing| thing.parts);
    let hashed = TIED.iter().chain(parts.map(|part| &part.hashed));
    let hashed = hashed.map(|hashed| (hashed.table, hashed.columns));
    (hashed.collect(), LOOSE.to_vec())
}

/// A table and columns of it.
pub type Columns = (&'static str, &'static [&'static str]);

/// What a line of some action speaks of.
pub(crate) enum Spoken {
    /// Rows of these tables that carry its number.
    Rows(&'static [&'static str]),
    /// The state of a thing, by the subject of the line.
    State(&'static Thing),
    /// What was there before lines had hashes; see [`crate::begun`].
    Before,
    /// Nothing that is kept elsewhere.
    Nothing,
}

/// What a line of this action speaks of.
pub(crate) fn spoken(action: &str) -> Spoken {
    let word = action.split('.').next().unwrap_or_default();
    match word {
        "answer" => Spoken::Rows(&["answers"]),
        "asset" => Spoken::Rows(&["assets"]),
        "evidence" => Spoken::Rows(&["assets", "blobs", "evidence", "facts", "findings"]),
        "record" => Spoken::Rows(&["records"]),
        "history" => Spoken::Before,
        _ => thing(word).map_or(Spoken::Nothing, Spoken::State),
    }
}

/// The thing whose actions begin so.
pub(crate) fn thing(word: &str) -> Option<&'static Thing> {
    THINGS.iter().find(|thing| thing.word == word)
}

/// The rows behind lines, each added to the hash of its line: the first of `hashes` is that of the line
/// `first`. Tables are those named, all others are left out.
pub(crate) async fn add_rows(
    tx: &mut Tx,
    tables: &[&str],
    first: i64,
    hashes: &mut [RowsHash],
) -> Result<(), StoreError> {
    let n_lines = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
    let last = first.saturating_add(n_lines - 1);
    for hashed in TIED.iter().filter(|hashed| tables.contains(&hashed.table)) {
        let (columns, order) = (hashed.columns.join(", "), hashed.order);
        let sql = format!(
            "select seq, {columns} from {} where institution_id = $1 and seq between $2 and $3
            order by seq, {order}",
            hashed.table
        );
        add(
            tx,
            sql,
            &[Bound::Number(first), Bound::Number(last)],
            hashed,
            first,
            hashes,
        )
        .await?;
    }
    Ok(())
}

/// Over all rows that were there before there were hashes.
pub(crate) async fn rows_before(tx: &mut Tx) -> Result<Hash, StoreError> {
    let mut hashes = [RowsHash::new()];
    for hashed in &TIED {
        let (columns, order) = (hashed.columns.join(", "), hashed.order);
        let sql = format!(
            "select cast(0 as bigint), {columns} from {} where institution_id = $1 and seq <= 0
            order by {order}",
            hashed.table
        );
        add(tx, sql, &[], hashed, 0, &mut hashes).await?;
    }
    let [hash] = hashes;
    Ok(hash.finish())
}

/// Over the state of a thing.
pub(crate) async fn state(tx: &mut Tx, thing: &Thing, id: &str) -> Result<Hash, StoreError> {
    let mut hashes = [RowsHash::new()];
    for Part { hashed, of } in thing.parts {
        let (columns, order) = (hashed.columns.join(", "), hashed.order);
        let sql = format!(
            "select cast(0 as bigint), {columns} from {} where {of} order by {order}",
            hashed.table
        );
        add(tx, sql, &[Bound::Text(id)], hashed, 0, &mut hashes).await?;
    }
    let [hash] = hashes;
    Ok(hash.finish())
}

/// The ids of all things of a kind that are in the scope.
pub(crate) async fn ids(tx: &mut Tx, thing: &Thing) -> Result<Vec<String>, StoreError> {
    let scope = tx.scope.clone();
    on_side!(tx, at => sqlx::query_scalar(thing.ids).bind(scope).fetch_all(at).await)
}

/// The first number behind `last` that a row carries.
pub(crate) async fn first_behind(
    tx: &mut Tx,
    hashed: &Hashed,
    last: i64,
) -> Result<Option<i64>, StoreError> {
    let scope = tx.scope.clone();
    let sql = format!(
        "select min(seq) from {} where institution_id = $1 and seq > $2",
        hashed.table
    );
    let sql = AssertSqlSafe(sql).into_sql_str();
    on_side!(tx, at => sqlx::query_scalar(sql).bind(scope).bind(last).fetch_one(at).await)
}

/// A parameter behind that of the scope.
#[derive(Clone, Copy)]
enum Bound<'a> {
    Number(i64),
    Text(&'a str),
}

/// Rows whose first column says to which hash they belong. Names of tables and columns are ours.
async fn add(
    tx: &mut Tx,
    sql: String,
    bound: &[Bound<'_>],
    hashed: &Hashed,
    first: i64,
    hashes: &mut [RowsHash],
) -> Result<(), StoreError> {
    let scope = tx.scope.clone();
    let sql = AssertSqlSafe(sql).into_sql_str();
    on_side!(tx, at => async {
        let mut query = sqlx::query(sql).bind(scope);
        for bound in bound {
            query = match *bound {
                Bound::Number(number) => query.bind(number),
                Bound::Text(text) => query.bind(text.to_owned()),
            };
        }
        let mut rows = query.fetch(at);
        while let Some(row) = rows.try_next().await? {
            let nth: i64 = row.try_get::<i64, _>(0)?.saturating_sub(first);
            let hash = usize::try_from(nth).ok().and_then(|nth| hashes.get_mut(nth));
            if let Some(hash) = hash {
                add_row(&row, hashed, hash)?;
            }
        }
        Ok(())
    }
    .await)
}

fn add_row<'r, R: Row>(row: &'r R, hashed: &Hashed, hash: &mut RowsHash) -> Result<(), sqlx::Error>
where
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    hash.begin(hashed.table);
    for (column, at) in hashed.columns.iter().zip(1..) {
        let value = row.try_get_raw(at)?;
        if value.is_null() {
            continue;
        }
        match value.type_info().name() {
            "BOOL" | "BOOLEAN" => hash.integer(column, row.try_get::<bool, _>(at)?.into()),
            "INTEGER" | "INT8" => hash.integer(column, row.try_get(at)?),
            "TEXT" => hash.text(column, row.try_get(at)?),
            _ => hash.bytes(column, row.try_get(at)?),
        }
    }
    hash.end();
    Ok(())
}
