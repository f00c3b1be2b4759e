//! The throw-away database: made, filled, asked, dropped. It knows tables and rows, not verdicts.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::fact::{ColumnKind, FactColumn, FactRows, FactTable, FactValue};
use sonae_domain::ids::EvidenceId;
use sonae_domain::verdict::EvidenceDates;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _,
    Executor as _, Row as _, SqlSafeStr as _, SqliteConnection, Statement as _,
};

use crate::derived::{DERIVED, EVIDENCE};
use crate::sql::Select;

/// How many steps of SQLite's machine lie between two looks at the limit.
const STEPS_AT_ONCE: i32 = 100_000;

/// Values bound at once. SQLite takes 32,766; measured, 100 to 28,000 take the same time, and more
/// than 2,000 take more memory.
const BINDS_MAX: usize = 1_000;

/// Nothing reaches a disk, neither rows nor what a sort sets aside.
const SETTINGS: &[(&str, &str)] = &[("temp_store", "memory"), ("trusted_schema", "off")];

/// A private database in memory with one connection.
pub(crate) struct Database {
    connection: SqliteConnection,
    /// How much one check may work, in hundred thousands of steps.
    effort_max: u32,
}

/// What a check's SQL returned for one subject, not yet understood.
pub(crate) struct RawRow {
    pub(crate) subject: String,
    pub(crate) verdict: String,
    pub(crate) reason: String,
    pub(crate) evidence_id: Option<String>,
}

/// The columns that a check returns, in this order.
pub(crate) const COLUMNS: [&str; 4] = ["subject", "verdict", "reason", "evidence_id"];

impl Database {
    /// Opens an empty database.
    pub(crate) async fn open(effort_max: u32) -> Result<Self, sqlx::Error> {
        let mut options = SqliteConnectOptions::new()
            .filename(":memory:")
            .in_memory(true)
            .foreign_keys(false)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .disable_statement_logging();
        for (name, value) in SETTINGS {
            options = options.pragma(*name, *value);
        }
        Ok(Self {
            connection: SqliteConnection::connect_with(&options).await?,
            effort_max,
        })
    }

    /// Makes empty tables.
    pub(crate) async fn create(&mut self, wanted: &[FactTable]) -> Result<(), sqlx::Error> {
        for table in wanted {
            self.connection
                .execute(AssertSqlSafe(create(table)))
                .await?;
        }
        Ok(())
    }

    /// Puts rows into one table.
    pub(crate) async fn load<'f>(
        &mut self,
        table: &FactTable,
        facts: impl Iterator<Item = (&'f EvidenceId, &'f FactRows)>,
    ) -> Result<(), sqlx::Error> {
        let mut load = Load::of(table);
        for (evidence, rows) in facts {
            load.rows(&mut self.connection, evidence, rows).await?;
        }
        load.flush(&mut self.connection).await
    }

    /// Makes what follows from the facts; after this nothing can be written any more.
    pub(crate) async fn close(
        &mut self,
        dates: &EvidenceDates,
        derived: &BTreeSet<&str>,
    ) -> Result<(), sqlx::Error> {
        for table in DERIVED.iter().filter(|table| derived.contains(table.name)) {
            self.connection.execute(table.sql).await?;
            if table.name == EVIDENCE {
                days(&mut self.connection, dates).await?;
            }
        }
        self.connection.execute("pragma query_only = on").await?;
        Ok(())
    }

    /// The columns that the SQL would return.
    pub(crate) async fn columns(&mut self, select: &Select) -> Result<Vec<String>, sqlx::Error> {
        let sql = AssertSqlSafe(select.text.clone()).into_sql_str();
        let statement = self.connection.prepare(sql).await?;
        Ok(statement
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect())
    }

    /// Runs the SQL of a check with its numbers.
    pub(crate) async fn ask(
        &mut self,
        select: &Select,
        value_of: impl Fn(&str) -> Option<FactValue>,
    ) -> Result<Vec<RawRow>, sqlx::Error> {
        let mut effort_left = self.effort_max;
        self.connection
            .lock_handle()
            .await?
            .set_progress_handler(STEPS_AT_ONCE, move || {
                effort_left = effort_left.saturating_sub(1);
                effort_left > 0
            });
        let mut arguments = SqliteArguments::default();
        for name in &select.parameters {
            match value_of(name) {
                None | Some(FactValue::Null) => arguments.add(None::<i64>),
                Some(FactValue::Integer(number)) => arguments.add(number),
                Some(FactValue::Text(text)) => arguments.add(text),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        let query = sqlx::query_with(AssertSqlSafe(select.text.clone()), arguments);
        let rows = query
            .persistent(false)
            .fetch_all(&mut self.connection)
            .await?;
        rows.iter().map(raw_row).collect()
    }
}

fn raw_row(row: &SqliteRow) -> Result<RawRow, sqlx::Error> {
    // Asked for as text, sqlx would hand out a null as an empty text.
    let text = |column: usize| -> Result<String, sqlx::Error> {
        row.try_get::<Option<String>, _>(column)?
            .ok_or_else(|| sqlx::Error::ColumnDecode {
                index: COLUMNS[column].to_owned(),
                source: "it is null".into(),
            })
    };
    Ok(RawRow {
        subject: text(0)?,
        verdict: text(1)?,
        reason: text(2)?,
        evidence_id: row.try_get(3)?,
    })
}

/// The days of the evidence, loaded like facts.
async fn days(connection: &mut SqliteConnection, dates: &EvidenceDates) -> Result<(), sqlx::Error> {
    let mut load = Load::new(EVIDENCE, &[], 2);
    for (id, on) in dates {
        load.bind(0, Cell::Text(id.as_str()))?;
        load.bind(1, Cell::Own(on.to_string()))?;
        load.row_ended(connection).await?;
    }
    load.flush(connection).await
}

fn create(table: &FactTable) -> String {
    let columns = table.columns.iter().map(|column| match column.kind {
        ColumnKind::Integer | ColumnKind::Boolean => format!("\"{}\" integer", column.name),
        ColumnKind::Text | ColumnKind::Date | ColumnKind::Instant => {
            format!("\"{}\" text", column.name)
        }
    });
    let columns: Vec<String> = columns.chain(["evidence_id text".to_owned()]).collect();
    format!("create table \"{}\" ({})", table.table, columns.join(", "))
}

/// Rows on their way into one table, sent many at a time.
struct Load<'a> {
    table: &'a str,
    columns: &'a [FactColumn],
    n_at_once: usize,
    n_waiting: usize,
    arguments: SqliteArguments,
    /// The last text of each column: hosts, ids and states repeat, and are then shared.
    last: Vec<Option<Arc<str>>>,
}

impl<'a> Load<'a> {
    fn of(table: &'a FactTable) -> Self {
        Self::new(&table.table, &table.columns, table.columns.len() + 1)
    }

    fn new(table: &'a str, columns: &'a [FactColumn], width: usize) -> Self {
        Self {
            table,
            columns,
            n_at_once: (BINDS_MAX / width).max(1),
            n_waiting: 0,
            arguments: SqliteArguments::default(),
            last: vec![None; width],
        }
    }

    async fn rows(
        &mut self,
        connection: &mut SqliteConnection,
        evidence: &EvidenceId,
        rows: &FactRows,
    ) -> Result<(), sqlx::Error> {
        let at = |name: &str| rows.columns.iter().position(|column| column == name);
        let places: Vec<Option<usize>> = self.columns.iter().map(|c| at(&c.name)).collect();
        for row in &rows.rows {
            for (column, (place, kind)) in places
                .iter()
                .zip(self.columns.iter().map(|column| column.kind))
                .enumerate()
            {
                let value = place
                    .and_then(|place| row.get(place))
                    .unwrap_or(&FactValue::Null);
                self.bind(column, readable(value, kind))?;
            }
            self.bind(places.len(), Cell::Text(evidence.as_str()))?;
            self.row_ended(connection).await?;
        }
        Ok(())
    }

    async fn row_ended(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.n_waiting += 1;
        if self.n_waiting == self.n_at_once {
            self.flush(connection).await
        } else {
            Ok(())
        }
    }

    fn bind(&mut self, column: usize, cell: Cell<'_>) -> Result<(), sqlx::Error> {
        let bound = match cell {
            Cell::Null => self.arguments.add(None::<i64>),
            Cell::Integer(number) => self.arguments.add(number),
            Cell::Text(text) => {
                let last = &mut self.last[column];
                let shared = match last.take().filter(|last| last.as_ref() == text) {
                    Some(same) => same,
                    None => Arc::from(text),
                };
                *last = Some(Arc::clone(&shared));
                self.arguments.add(shared)
            }
            Cell::Own(text) => self.arguments.add(text),
        };
        bound.map_err(sqlx::Error::Encode)
    }

    async fn flush(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if self.n_waiting == 0 {
            return Ok(());
        }
        let row = format!("({})", vec!["?"; self.last.len()].join(","));
        let rows = vec![row; self.n_waiting].join(",");
        let sql = format!("insert into \"{}\" values {rows}", self.table);
        // Only full batches come again; a statement kept for each remainder would fill the cache.
        let keep = self.n_waiting == self.n_at_once;
        let arguments = std::mem::take(&mut self.arguments);
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(keep);
        query.execute(&mut *connection).await?;
        self.n_waiting = 0;
        Ok(())
    }
}

enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Own(String),
}

/// What does not fit its column was not read: it becomes null, and null is never a pass.
fn readable(value: &FactValue, kind: ColumnKind) -> Cell<'_> {
    match (value, kind) {
        (FactValue::Integer(number), ColumnKind::Integer) => Cell::Integer(*number),
        (FactValue::Integer(number @ (0 | 1)), ColumnKind::Boolean) => Cell::Integer(*number),
        (FactValue::Integer(number), ColumnKind::Text) => Cell::Own(number.to_string()),
        (FactValue::Text(text), ColumnKind::Text) => Cell::Text(text),
        (FactValue::Text(text), ColumnKind::Date) if text.parse::<Date>().is_ok() => {
            Cell::Text(text)
        }
        (FactValue::Text(text), ColumnKind::Instant) if text.parse::<Timestamp>().is_ok() => {
            Cell::Text(text)
        }
        _ => Cell::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_work_is_stopped() {
        let endless = "with recursive n (x) as (select 1 union all select x + 1 from n)
                       select x, x, x, x from n where x < 0";
        let select = Select::parse(endless).expect("one select");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let asked = runtime.block_on(async {
            let mut database = Database::open(20).await.expect("a database");
            database.ask(&select, |_| None).await
        });
        let said = asked.err().map(|error| error.to_string());
        assert_eq!(
            said.as_deref(),
            Some("error returned from database: (code: 9) interrupted")
        );
    }

    #[test]
    fn nothing_is_written_after_filling() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let said = runtime.block_on(async {
            let mut database = Database::open(20).await.expect("a database");
            let derived = BTreeSet::from([EVIDENCE]);
            let filled = database.close(&EvidenceDates::new(), &derived).await;
            filled.expect("filled");
            let write = database.connection.execute("delete from evidence").await;
            write.err().map(|error| error.to_string())
        });
        let refused =
            "error returned from database: (code: 8) attempt to write a readonly database";
        assert_eq!(said.as_deref(), Some(refused));
    }
}
