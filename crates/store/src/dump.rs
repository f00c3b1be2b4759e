//! Everything that an installation keeps, as rows that belong to neither database: for a backup, and
//! to move from one database to the other. Only the tables are listed here; their columns are asked
//! of the database. How rows are kept outside is not known here.

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Column as _, ColumnIndex, Decode, Executor, Row, SqlSafeStr, SqlStr, Statement,
    Type, TypeInfo,
};

use crate::backend::{ALL_INSTITUTIONS, INSTALLATION};
use crate::error::{Cause, StoreError};
use crate::sql::{Side, Tx, on_side};

/// A value as it lies in a column. Booleans are 0 and 1, as SQLite keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number, an instant or a boolean.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Takes a dump. Whatever it refuses ends the dump.
pub trait Sink: Send {
    /// A table begins.
    ///
    /// # Errors
    /// It cannot be taken.
    fn begin(&mut self, table: &str, columns: &[String]) -> Result<(), Cause>;

    /// A row of the table that began last.
    ///
    /// # Errors
    /// It cannot be taken.
    fn row(&mut self, cells: &[Cell]) -> Result<(), Cause>;

    /// That was all.
    ///
    /// # Errors
    /// It is not what was awaited.
    fn end(&mut self) -> Result<(), Cause>;
}

/// Gives back what a dump took.
pub trait Source: Send {
    /// The rows of a table; none if the dump is older than the table.
    ///
    /// # Errors
    /// They cannot be read.
    fn table(&mut self, name: &str) -> Result<Option<Rows<'_>>, Cause>;
}

/// The rows of a table, in the order of the dump.
pub struct Rows<'a> {
    /// Its columns, in the order of the cells.
    pub columns: Vec<String>,
    /// The cells of each row.
    pub cells: Box<dyn Iterator<Item = Result<Vec<Cell>, Cause>> + Send + 'a>,
}

/// What is left behind: keys to come in and counters of the hour. Who was signed out, locked out or
/// had used a link would else be let in again by an old backup; people sign in anew instead.
/// And what waits for the next start, which is nothing in a database that is open.
const LEFT_BEHIND: [&str; 4] = ["sessions", "setup_links", "throttles", "unhashed"];

/// Everything else; a table comes behind those that its rows refer to.
const TABLES: [Table; 20] = [
    Table::of_installation("accounts", "id"),
    Table::of_installation("passkeys", "credential_id"),
    Table::of_installation("recovery_codes", "account_id, code_hash"),
    Table::of_installation("editions", "id, revision"),
    Table::of_institutions("institutions", "id"),
    Table::of_institutions("journal", "institution_id, seq"),
    Table::of_institutions("heads", "institution_id"),
    Table::of_institutions("checkpoints", "institution_id, size"),
    Table::of_institutions("answers", "institution_id, item_id, round, version"),
    Table::of_institutions("blobs", "institution_id, content_hash"),
    Table::of_institutions("evidence", "institution_id, id"),
    Table::of_institutions("facts", "institution_id, evidence_id, table_name, ordinal"),
    Table::of_institutions("findings", "institution_id, evidence_id"),
    Table::of_institutions("assets", "institution_id, asset_id, version"),
    Table::of_institutions("column_mappings", "institution_id, fingerprint"),
    Table::of_institutions("settings", "institution_id, key"),
    Table::of_institutions("records", "institution_id, kind, record_id, version"),
    Table::of_institutions("summaries", "institution_id"),
    Table::of_institutions("grants", "institution_id, id"),
    Table::of_institutions("tokens", "institution_id, id"),
];

struct Table {
    name: &'static str,
    /// Its primary key: the order of its rows.
    key: &'static str,
    /// The column that says which institution a row belongs to, which is the first of the key.
    institution: Option<&'static str>,
}

impl Table {
    const fn of_installation(name: &'static str, key: &'static str) -> Self {
        Self {
            name,
            key,
            institution: None,
        }
    }

    const fn of_institutions(name: &'static str, key: &'static str) -> Self {
        Self {
            name,
            key,
            institution: Some(match key.split_at_checked("institution_id".len()) {
                Some((first, _)) => first,
                None => key,
            }),
        }
    }
}

struct Column {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Integer,
    Boolean,
    Text,
    Bytes,
}

/// Names and primary keys of the tables of a dump, then the names of those left behind: for the
/// test that compares them with the databases.
pub fn dumped_tables() -> (Vec<(&'static str, &'static str)>, Vec<&'static str>) {
    let dumped = TABLES.iter().map(|table| (table.name, table.key));
    (dumped.collect(), LEFT_BEHIND.to_vec())
}

/// Hands all rows to a sink, table by table, each in the order of its key.
pub(crate) async fn dump(tx: &mut Tx, sink: &mut dyn Sink) -> Result<(), StoreError> {
    let scopes = scopes(tx).await?;
    for table in tables(tx).await? {
        let columns = columns(tx, table).await?;
        sink.begin(table.name, &names(&columns))
            .map_err(|source| interrupted(tx, source))?;
        let scopes = match table.institution {
            Some(_) => scopes.as_slice(),
            None => &scopes[..1],
        };
        for scope in scopes {
            tx.enter(scope).await?;
            hand_over(tx, table, &columns, sink).await?;
        }
    }
    sink.end().map_err(|source| interrupted(tx, source))
}

/// Fills an empty database and hands what is there then to `written`, which has the last word.
pub(crate) async fn load(
    tx: &mut Tx,
    source: &mut dyn Source,
    written: &mut dyn Sink,
) -> Result<(), StoreError> {
    keep_others_out(tx).await?;
    refuse_if_filled(tx).await?;
    for table in tables(tx).await? {
        let columns = columns(tx, table).await?;
        let rows = source.table(table.name);
        let Some(rows) = rows.map_err(|source| interrupted(tx, source))? else {
            continue;
        };
        if rows.columns != names(&columns) {
            return Err(misfit(table));
        }
        insert(tx, table, &columns, rows).await?;
    }
    dump(tx, written).await
}

/// The scope of the installation, then each institution.
async fn scopes(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.enter(ALL_INSTITUTIONS).await?;
    let all = "select id from institutions order by id";
    let institutions: Vec<String> =
        on_side!(tx, at => sqlx::query_scalar(all).fetch_all(at).await)?;
    Ok([INSTALLATION.to_owned()]
        .into_iter()
        .chain(institutions)
        .collect())
}

/// The tables of a dump that are there: not all are when the schema is of a former version.
async fn tables(tx: &mut Tx) -> Result<Vec<&'static Table>, StoreError> {
    let there = existing(tx).await?;
    let is_there = |table: &&Table| there.iter().any(|name| name == table.name);
    Ok(TABLES.iter().filter(is_there).collect())
}

async fn existing(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let sql = match tx.side {
        Side::Sqlite(_) => "select name from sqlite_schema where type = 'table'",
        Side::Postgres(_) => {
            "select tablename::text from pg_tables where schemaname = current_schema()"
        }
    };
    on_side!(tx, at => sqlx::query_scalar(sql).fetch_all(at).await)
}

async fn columns(tx: &mut Tx, table: &Table) -> Result<Vec<Column>, StoreError> {
    let sql = assembled(format!("select * from {}", table.name));
    on_side!(tx, at => at.prepare(sql).await.and_then(|statement| {
        let columns = statement.columns().iter();
        columns.map(|column| Ok(Column {
            name: column.name().to_owned(),
            kind: kind_of(column.type_info().name())?,
        })).collect()
    }))
}

fn kind_of(type_name: &str) -> Result<Kind, sqlx::Error> {
    match type_name {
        "INTEGER" | "INT8" => Ok(Kind::Integer),
        "BOOL" => Ok(Kind::Boolean),
        "TEXT" => Ok(Kind::Text),
        "BLOB" | "BYTEA" => Ok(Kind::Bytes),
        other => Err(sqlx::Error::TypeNotFound {
            type_name: other.to_owned(),
        }),
    }
}

async fn hand_over(
    tx: &mut Tx,
    table: &Table,
    columns: &[Column],
    sink: &mut dyn Sink,
) -> Result<(), StoreError> {
    let list = quoted(columns);
    let of_scope = table
        .institution
        .map(|column| format!("where {column} = $1"));
    let sql = assembled(format!(
        "select {list} from {} {} order by {}",
        table.name,
        of_scope.unwrap_or_default(),
        table.key
    ));
    let scope = table.institution.map(|_| tx.scope.clone());
    let refused = on_side!(tx, at => async {
        let mut query = sqlx::query(sql);
        if let Some(scope) = scope {
            query = query.bind(scope);
        }
        let mut rows = query.fetch(at);
        while let Some(row) = rows.try_next().await? {
            if let Err(refused) = sink.row(&cells(&row, columns)?) {
                return Ok(Some(refused));
            }
        }
        Ok(None)
    }
    .await)?;
    refused.map_or(Ok(()), |source| Err(interrupted(tx, source)))
}

fn cells<'r, R: Row>(row: &'r R, columns: &[Column]) -> Result<Vec<Cell>, sqlx::Error>
where
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    let cell = |(at, column): (usize, &Column)| {
        let cell = match column.kind {
            Kind::Integer => row.try_get::<Option<_>, _>(at)?.map(Cell::Integer),
            Kind::Boolean => row
                .try_get::<Option<bool>, _>(at)?
                .map(|is| Cell::Integer(is.into())),
            Kind::Text => row.try_get::<Option<_>, _>(at)?.map(Cell::Text),
            Kind::Bytes => row.try_get::<Option<_>, _>(at)?.map(Cell::Bytes),
        };
        Ok(cell.unwrap_or(Cell::Null))
    };
    columns.iter().enumerate().map(cell).collect()
}

/// Nobody writes beside us; on SQLite the transaction itself sees to that.
async fn keep_others_out(tx: &mut Tx) -> Result<(), StoreError> {
    let names: Vec<_> = tables(tx).await?.iter().map(|table| table.name).collect();
    let sql = assembled(format!("lock table {} in exclusive mode", names.join(", ")));
    if let Side::Postgres(at) = &mut tx.side {
        sqlx::query(sql)
            .execute(&mut **at)
            .await
            .map_err(|error| StoreError::of(tx.doing, error))?;
    }
    Ok(())
}

/// What belongs to an institution is there only with the institution.
async fn refuse_if_filled(tx: &mut Tx) -> Result<(), StoreError> {
    let there = existing(tx).await?;
    let ours = TABLES.iter().map(|table| table.name).chain(LEFT_BEHIND);
    for table in ours.filter(|name| there.iter().any(|there| there == name)) {
        for scope in [ALL_INSTITUTIONS, INSTALLATION] {
            tx.enter(scope).await?;
            let sql = assembled(format!("select 1 from {table} limit 1"));
            let found = on_side!(tx, at => sqlx::query(sql).fetch_optional(at).await.map(|row| row.is_some()))?;
            if found {
                return Err(StoreError::NotEmpty);
            }
        }
    }
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    table: &Table,
    columns: &[Column],
    rows: Rows<'_>,
) -> Result<(), StoreError> {
    let sql = assembled(insert_sql(table, columns));
    let institution = table.institution;
    let owner = columns
        .iter()
        .position(|column| institution == Some(column.name.as_str()));
    for cells in rows.cells {
        let cells = cells.map_err(|source| interrupted(tx, source))?;
        if !fits(&cells, columns) {
            return Err(misfit(table));
        }
        let scope = match owner.map(|owner| &cells[owner]) {
            Some(Cell::Text(institution)) => institution,
            _ => INSTALLATION,
        };
        if tx.scope != scope {
            tx.enter(scope).await?;
        }
        let sql = sql.clone();
        on_side!(tx, at => {
            let mut query = sqlx::query(sql);
            for (cell, column) in cells.into_iter().zip(columns) {
                query = match (cell, column.kind) {
                    (Cell::Integer(number), _) => query.bind(number),
                    (Cell::Text(text), _) => query.bind(text),
                    (Cell::Bytes(bytes), _) => query.bind(bytes),
                    (Cell::Null, Kind::Integer | Kind::Boolean) => query.bind(None::<i64>),
                    (Cell::Null, Kind::Text) => query.bind(None::<String>),
                    (Cell::Null, Kind::Bytes) => query.bind(None::<Vec<u8>>),
                };
            }
            query.execute(at).await.map(drop)
        })?;
    }
    Ok(())
}

fn insert_sql(table: &Table, columns: &[Column]) -> String {
    let place = |(at, column): (usize, &Column)| match column.kind {
        Kind::Boolean => format!("${} = 1", at + 1),
        _ => format!("${}", at + 1),
    };
    let places: Vec<_> = columns.iter().enumerate().map(place).collect();
    format!(
        "insert into {} ({}) values ({})",
        table.name,
        quoted(columns),
        places.join(", ")
    )
}

fn fits(cells: &[Cell], columns: &[Column]) -> bool {
    let fits = |(cell, column): (&Cell, &Column)| match cell {
        Cell::Null => true,
        Cell::Integer(_) => matches!(column.kind, Kind::Integer | Kind::Boolean),
        Cell::Text(_) => matches!(column.kind, Kind::Text),
        Cell::Bytes(_) => matches!(column.kind, Kind::Bytes),
    };
    cells.len() == columns.len() && cells.iter().zip(columns).all(fits)
}

fn names(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

fn quoted(columns: &[Column]) -> String {
    let names: Vec<_> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    names.join(", ")
}

/// Names of tables and columns come from the list above and from the database, never from a dump.
fn assembled(sql: String) -> SqlStr {
    AssertSqlSafe(sql).into_sql_str()
}

fn interrupted(tx: &Tx, source: Cause) -> StoreError {
    StoreError::Interrupted {
        doing: tx.doing,
        source,
    }
}

fn misfit(table: &Table) -> StoreError {
    StoreError::Misfit { table: table.name }
}
