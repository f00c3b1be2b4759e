//! Random changes by somebody who may do anything to the database but does not make the hashes anew:
//! each is found, at the entry that it touched. Then those that are made to fit, up to a checkpoint.

use std::collections::BTreeMap;

use sonae_store::{Cause, Cell, Difference, Sink};

use super::{Dice, Superuser, addresses, bad, keep_checkpoint, lived_in, n_tries};
use crate::institution;

/// Booleans, for which the databases have different literals.
const BOOLEANS: [&str; 6] = [
    "judged",
    "retired",
    "removed",
    "is_current",
    "outsider",
    "is_operator",
];

/// Everything that a history holds, with the columns that may change freely.
fn held() -> BTreeMap<&'static str, Vec<&'static str>> {
    let (hashed, _) = sonae_store::hashed_columns();
    let mut held: BTreeMap<_, _> = hashed
        .into_iter()
        .map(|(table, columns)| (table, columns.to_vec()))
        .collect();
    for tied in [
        "answers", "assets", "blobs", "evidence", "facts", "findings", "records",
    ] {
        held.entry(tied).or_default().push("seq");
    }
    held.entry("evidence").or_default().push("is_current");
    let line = [
        "institution_id",
        "seq",
        "at",
        "by_whom",
        "action",
        "subject",
        "detail",
        "judged",
    ];
    held.insert("journal", [&line[..], &["rows_hash", "leaf_hash"]].concat());
    held.insert("heads", vec!["institution_id", "size", "edge"]);
    held
}

/// All rows of the tables.
#[derive(Default)]
struct Tables(BTreeMap<String, (Vec<String>, Vec<Vec<Cell>>)>);

/// The table that began last.
struct Reading<'a>(&'a mut Tables, String);

impl Sink for Reading<'_> {
    fn begin(&mut self, table: &str, columns: &[String]) -> Result<(), Cause> {
        self.1 = table.to_owned();
        self.0
            .0
            .insert(self.1.clone(), (columns.to_vec(), Vec::new()));
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Cause> {
        self.0.0.get_mut(&self.1).unwrap().1.push(cells.to_vec());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

/// What is done to a table.
struct Change {
    table: String,
    statements: Vec<String>,
    /// Institution and number of the entry that it touched; none if the row carries no number.
    touched: Option<(String, i64)>,
    /// Whether no other entry was touched, so that this one must be named; or one before it may be.
    is_only: bool,
}

/// Makes changes of rows as they are, for one kind of database.
struct Maker<'a> {
    tables: &'a Tables,
    is_postgres: bool,
    dice: Dice,
}

impl Maker<'_> {
    fn change(&mut self) -> Change {
        loop {
            let held = held();
            let nth = self.dice.below(held.len());
            let (table, columns) = held.into_iter().nth(nth).unwrap();
            let (names, rows) = &self.tables.0[table];
            let (names, rows) = (names.clone(), rows.clone());
            let one = self.dice.below(rows.len());
            let mut row = rows[one].clone();
            let kind = self.dice.below(5);
            let column = columns[self.dice.below(columns.len())];
            let statements = match kind {
                0 => Some(vec![self.delete(table, &names, &row)]),
                1 => self.copy(table, &names, &mut row),
                2 => self.swap(table, &names, &rows, one, column),
                _ => self.update(table, &names, &row, column),
            };
            let Some(statements) = statements else {
                continue;
            };
            return Change {
                table: table.to_owned(),
                touched: touched(table, &names, &row),
                is_only: match kind {
                    0 => true,
                    1 => table != "journal",
                    2 => false,
                    _ => column != "seq",
                },
                statements,
            };
        }
    }

    fn delete(&self, table: &str, names: &[String], row: &[Cell]) -> String {
        format!(
            "delete from {table} where {}",
            self.which(table, names, row)
        )
    }

    /// A second row that looks as if it had always been there.
    fn copy(&self, table: &str, names: &[String], copy: &mut [Cell]) -> Option<Vec<String>> {
        let key = key_of(table);
        let last = *key.last()?;
        let at = names.iter().position(|name| name == last)?;
        copy[at] = match &copy[at] {
            Cell::Integer(number) => Cell::Integer(number + 1000),
            Cell::Text(text) => Cell::Text(format!("{text}2")),
            Cell::Null | Cell::Bytes(_) => return None,
        };
        // What counts must stay one of its source, and a login one of its person.
        for (name, cell) in names.iter().zip(copy.iter_mut()) {
            let name = name.as_str();
            if let ("source" | "login" | "token_hash", Cell::Text(text)) = (name, cell) {
                text.push('2');
            }
        }
        let cells: Vec<_> = names
            .iter()
            .zip(&*copy)
            .map(|(name, cell)| self.literal(name, cell))
            .collect();
        let names = quoted(names);
        Some(vec![format!(
            "insert into {table} ({names}) values ({})",
            cells.join(", ")
        )])
    }

    fn update(
        &mut self,
        table: &str,
        names: &[String],
        row: &[Cell],
        column: &str,
    ) -> Option<Vec<String>> {
        let at = names.iter().position(|name| name == column)?;
        let changed = match &row[at] {
            Cell::Null => return None,
            Cell::Integer(number) if BOOLEANS.contains(&column) => Cell::Integer(1 - number),
            // A minute forwards or backwards, for a clock; ten lines on, for a number.
            Cell::Integer(number) if *number > 1_000_000_000_000 => {
                Cell::Integer(number + [-60_000, 60_000][self.dice.below(2)])
            }
            Cell::Integer(number) => Cell::Integer(number + [-10, 1, 1000][self.dice.below(3)]),
            Cell::Text(text) => Cell::Text(format!("{text} ")),
            Cell::Bytes(bytes) => {
                let mut bytes = bytes.clone();
                let nth = self.dice.below(bytes.len());
                bytes[nth] ^= 1 << self.dice.below(8);
                Cell::Bytes(bytes)
            }
        };
        // Two pieces that count for a source are refused by the database itself.
        if column == "is_current" && changed == Cell::Integer(1) {
            return None;
        }
        Some(vec![self.set(table, names, row, column, &changed)])
    }

    /// Two rows change places, or a value each.
    fn swap(
        &mut self,
        table: &str,
        names: &[String],
        rows: &[Vec<Cell>],
        one: usize,
        column: &str,
    ) -> Option<Vec<String>> {
        let other = self.dice.below(rows.len());
        let at = names.iter().position(|name| name == column)?;
        let (one, other) = (&rows[one], &rows[other]);
        if one[at] == other[at] || column == "is_current" {
            return None;
        }
        let key = key_of(table);
        if !key.contains(&column) && !["login", "token_hash"].contains(&column) {
            return Some(vec![
                self.set(table, names, one, column, &other[at]),
                self.set(table, names, other, column, &one[at]),
            ]);
        }
        // A key cannot be there twice, even for a moment: both go, and come back swapped.
        let mut swapped = [one.clone(), other.clone()];
        let [first, second] = &mut swapped;
        std::mem::swap(&mut first[at], &mut second[at]);
        let keys = |row: &[Cell]| {
            let of = |name: &&str| row[names.iter().position(|n| n == name).unwrap()].clone();
            key.iter().map(of).collect::<Vec<_>>()
        };
        let all: Vec<_> = rows
            .iter()
            .filter(|row| *row != one && *row != other)
            .map(|r| keys(r))
            .collect();
        if swapped.iter().any(|row| all.contains(&keys(row)))
            || keys(&swapped[0]) == keys(other) && swapped[0] == *other
        {
            return None;
        }
        let mut statements = vec![
            self.delete(table, names, one),
            self.delete(table, names, other),
        ];
        for row in &swapped {
            let cells: Vec<_> = names
                .iter()
                .zip(row)
                .map(|(name, cell)| self.literal(name, cell))
                .collect();
            let names = quoted(names);
            statements.push(format!(
                "insert into {table} ({names}) values ({})",
                cells.join(", ")
            ));
        }
        Some(statements)
    }

    fn set(
        &self,
        table: &str,
        names: &[String],
        row: &[Cell],
        column: &str,
        cell: &Cell,
    ) -> String {
        let (value, which) = (self.literal(column, cell), self.which(table, names, row));
        format!("update {table} set \"{column}\" = {value} where {which}")
    }

    fn which(&self, table: &str, names: &[String], row: &[Cell]) -> String {
        let of_key = |name: &str| {
            let at = names.iter().position(|n| n == name).unwrap();
            format!("\"{name}\" = {}", self.literal(name, &row[at]))
        };
        key_of(table)
            .into_iter()
            .map(of_key)
            .collect::<Vec<_>>()
            .join(" and ")
    }

    fn literal(&self, column: &str, cell: &Cell) -> String {
        match cell {
            Cell::Null => "null".to_owned(),
            Cell::Integer(number) if BOOLEANS.contains(&column) => (*number == 1).to_string(),
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Cell::Bytes(bytes) if self.is_postgres => format!("'\\x{}'::bytea", hex(bytes)),
            Cell::Bytes(bytes) => format!("X'{}'", hex(bytes)),
        }
    }
}

/// For a row that carries the number of its line the place is known.
fn touched(table: &str, names: &[String], row: &[Cell]) -> Option<(String, i64)> {
    if table == "heads" || !names.iter().any(|name| name == "seq") {
        return None;
    }
    let cell = |name: &str| &row[names.iter().position(|n| n == name).unwrap()];
    match (cell("institution_id"), cell("seq")) {
        (Cell::Text(institution), Cell::Integer(seq)) => Some((institution.clone(), *seq)),
        _ => None,
    }
}

fn key_of(table: &str) -> Vec<&'static str> {
    let (dumped, _) = sonae_store::dumped_tables();
    let (_, key) = dumped.into_iter().find(|(name, _)| *name == table).unwrap();
    key.split(", ").collect()
}

fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn every_change_is_found() {
    let (_folder, addresses) = addresses("changes");
    for address in addresses {
        let store = lived_in(&address).await;
        let mut tables = Tables::default();
        store
            .dump(&mut Reading(&mut tables, String::new()))
            .await
            .unwrap();
        let mut owner = Superuser::of(&address).await;
        let mut maker = Maker {
            tables: &tables,
            is_postgres: address.contains("://"),
            dice: Dice(10),
        };
        let mut n_named = 0;
        let mut n_changes = 0;
        while n_changes < n_tries(60) {
            let change = maker.change();
            let table = &change.table;
            owner
                .run(&format!("create temp table kept as select * from {table}"))
                .await;
            if owner.run_all(&change.statements).await {
                let found = bad(&*store).await;
                assert!(!found.is_empty(), "{:?}", change.statements);
                if let Some((institution, seq)) = &change.touched {
                    let named = found
                        .get(institution)
                        .is_some_and(|bad| match change.is_only {
                            true => bad.seq == *seq,
                            false => bad.seq <= *seq,
                        });
                    assert!(
                        named,
                        "{seq} of {institution}, {found:?}: {:?}",
                        change.statements
                    );
                    n_named += 1;
                }
                n_changes += 1;
            }
            owner.run(&format!("delete from {table}")).await;
            owner
                .run(&format!("insert into {table} select * from kept"))
                .await;
            owner.run("drop table kept").await;
        }
        assert_eq!(bad(&*store).await, BTreeMap::new(), "all was put back");
        assert!(
            n_named * 3 > n_changes,
            "{n_named} of {n_changes} have a place"
        );
    }
}

/// The latest line of those that say nothing about rows leaves nothing behind but the size.
#[tokio::test]
async fn a_last_line_that_was_taken_away_is_missed() {
    let (_folder, addresses) = addresses("last");
    for address in addresses {
        let store = lived_in(&address).await;
        let person = crate::people::id_of(&institution("theirs").id);
        store.note_login(&person, crate::at(9)).await.unwrap();
        let n_lines = store.leaf_hashes(None).await.unwrap().len() as i64;
        let mut owner = Superuser::of(&address).await;
        let delete = format!("delete from journal where institution_id = '' and seq = {n_lines}");
        assert_eq!(owner.run(&delete).await, 1);
        let found = bad(&*store).await;
        assert_eq!(
            (found[""].seq, &found[""].what),
            (n_lines, &Difference::Missing)
        );
    }
}

/// Somebody who knows the format makes line and hash anew, and the tree: only what was kept outside, or
/// signed, still shows it.
#[tokio::test]
async fn what_was_made_to_fit_is_found_by_a_checkpoint() {
    let (_folder, addresses) = addresses("fitted");
    for address in addresses {
        let store = lived_in(&address).await;
        let ours = institution("ours").id;
        let checkpoint = keep_checkpoint(&*store, &ours).await;
        let kept = store.checkpoints(Some(&ours)).await.unwrap();
        assert_eq!(kept.last(), Some(&checkpoint));
        assert_eq!(bad(&*store).await, BTreeMap::new());
        let mut owner = Superuser::of(&address).await;
        // As if the whole journal had been written without hashes: all is made anew at the next start.
        for sql in [
            "update journal set by_whom = 'x' where institution_id = 'ours' and seq = 3",
            "update journal set leaf_hash = null, rows_hash = null where institution_id = 'ours'",
            "delete from heads where institution_id = 'ours'",
            "insert into unhashed (institution_id) values ('ours')",
        ] {
            assert!(owner.run(sql).await > 0, "{sql}");
        }
        store.close().await;
        let store = sonae_store::open(&address).await.unwrap();
        let found = bad(&*store).await;
        assert!(found["ours"].seq >= 1, "{found:?}");
        let sizes = [checkpoint.tree.size()].into();
        let verified = store.verify_history(Some(&ours), &sizes).await.unwrap();
        let root = verified.roots[&checkpoint.tree.size()];
        assert_ne!(root, checkpoint.tree.root());
    }
}
