//! Lines of JSON to rows of a fact table, each value by the type of its column.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};
use sonae_domain::evidence::Place;
use sonae_domain::fact::{ColumnKind, FactRows, FactTable, FactValue};

use super::archive::damaged;
use super::manifest::Table;
use super::secrets;
use crate::findings::Findings;
use crate::labels::machine;
use crate::limits::{ROWS_MAX, within};
use crate::{ReadError, instant};

const FORMAT: &str = super::READER.format;

/// One line of a file that is a JSON object.
pub(super) struct Line {
    number: usize,
    values: Map<String, Value>,
}

/// The lines of a file: all of them as many as the manifest says, none with a secret.
pub(super) fn lines(
    entry: &Table,
    text: &str,
    findings: &mut Findings,
) -> Result<Vec<Line>, ReadError> {
    let mut lines = Vec::new();
    let mut n_rows = 0;
    for (index, text) in text
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
    {
        n_rows += 1;
        within(FORMAT, "rows", n_rows, ROWS_MAX)?;
        let forbidden = |what: &str| {
            let what = format!("{what} ({}, line {})", entry.file, index + 1);
            ReadError::Forbidden {
                format: FORMAT,
                what,
            }
        };
        let Ok(values) = serde_json::from_str::<Map<String, Value>>(text) else {
            if secrets::holds_hash(text) {
                return Err(forbidden("a password hash"));
            }
            findings.unread(place(entry, index + 1, None), machine::not_a_row());
            continue;
        };
        if let Some(column) = secrets::column(&values) {
            return Err(forbidden(column));
        }
        lines.push(Line {
            number: index + 1,
            values,
        });
    }
    if n_rows != entry.n_rows {
        let why = format!("{n_rows} rows, not {} as the manifest says", entry.n_rows);
        return Err(damaged(&entry.file, &why));
    }
    Ok(lines)
}

/// Rows of a fact table for one machine.
pub(super) fn rows(
    entry: &Table,
    table: &FactTable,
    lines: &[Line],
    host: &str,
    findings: &mut Findings,
) -> FactRows {
    let names: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let mut rows = FactRows::new(&table.table, &names);
    let mut unread: BTreeMap<&str, Unread> = BTreeMap::new();
    let mut unknown: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        for name in line
            .values
            .keys()
            .filter(|name| !names.contains(&name.as_str()))
        {
            unknown.entry(name).or_insert(line.number);
        }
        let cells = table.columns.iter().map(|column| {
            if column.name == "host" {
                return host.into();
            }
            let value = line.values.get(&column.name).unwrap_or(&Value::Null);
            convert(value, column.kind).unwrap_or_else(|| {
                let first = Unread {
                    line: line.number,
                    value: value.to_string(),
                    n: 0,
                };
                unread.entry(&column.name).or_insert(first).n += 1;
                FactValue::Null
            })
        });
        rows.rows.push(cells.collect());
    }
    for (name, line) in unknown {
        findings.notice(
            place(entry, line, Some(name)),
            machine::unknown_columns(name),
        );
    }
    for (name, unread) in unread {
        let text = machine::unreadable_values(&unread.value, unread.n);
        findings.unread(place(entry, unread.line, Some(name)), text);
    }
    rows
}

/// Values of one column that do not fit it: the first, and how many.
struct Unread {
    line: usize,
    value: String,
    n: usize,
}

/// The text of a column, for the reader's own use.
pub(super) fn text<'a>(line: &'a Line, column: &str) -> Option<&'a str> {
    line.values.get(column)?.as_str()
}

fn place(entry: &Table, line: usize, column: Option<&str>) -> Place {
    Place {
        part: Some(entry.file.clone()),
        row: u32::try_from(line).ok(),
        column: column.map(str::to_owned),
    }
}

/// `None` when the value does not fit; an empty text is no number and no day, but a text.
fn convert(value: &Value, kind: ColumnKind) -> Option<FactValue> {
    let text = match value {
        Value::Null => return Some(FactValue::Null),
        Value::Bool(value) => if *value { "1" } else { "0" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    if kind == ColumnKind::Text {
        return Some(text.into());
    }
    let text = text.trim();
    if text.is_empty() {
        return Some(FactValue::Null);
    }
    match kind {
        ColumnKind::Text => None,
        ColumnKind::Integer => text.parse::<i64>().ok().map(FactValue::from),
        ColumnKind::Boolean => match text {
            "1" | "true" => Some(true.into()),
            "0" | "false" => Some(false.into()),
            _ => None,
        },
        ColumnKind::Date => {
            let is_day_only = text.len() == 10;
            let day = is_day_only.then(|| text.parse::<Date>().ok()).flatten()?;
            Some(day.to_string().into())
        }
        ColumnKind::Instant => Some(instant::format(text.parse::<Timestamp>().ok()?).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, kind: ColumnKind, expected: Option<FactValue>) {
        assert_eq!(
            convert(&serde_json::from_str(json).unwrap(), kind),
            expected,
            "{json}"
        );
    }

    #[test]
    fn takes_values_as_json_and_as_osquery_prints_them() {
        check("22", ColumnKind::Integer, Some(22.into()));
        check(r#""22""#, ColumnKind::Integer, Some(22.into()));
        check("true", ColumnKind::Boolean, Some(1.into()));
        check(r#""0""#, ColumnKind::Boolean, Some(0.into()));
        check(
            r#""2026-11-21""#,
            ColumnKind::Date,
            Some("2026-11-21".into()),
        );
        check(
            r#""2026-11-21T12:00:00+09:00""#,
            ColumnKind::Instant,
            Some("2026-11-21T03:00:00Z".into()),
        );
        check("12", ColumnKind::Text, Some("12".into()));
        check(r#""""#, ColumnKind::Text, Some("".into()));
    }

    #[test]
    fn never_makes_a_fact_of_what_it_cannot_read() {
        check("null", ColumnKind::Integer, Some(FactValue::Null));
        check(r#""""#, ColumnKind::Integer, Some(FactValue::Null));
        check(r#""many""#, ColumnKind::Integer, None);
        check("1.5", ColumnKind::Integer, None);
        check("2", ColumnKind::Boolean, None);
        check(r#""2026-11-31""#, ColumnKind::Date, None);
        check(r#""2026-11-21T00:00:00""#, ColumnKind::Date, None);
        check("[1]", ColumnKind::Text, None);
    }
}
