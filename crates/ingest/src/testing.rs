//! What the tests of all readers share: a reading as text that a colleague can check by eye.

use std::fmt::Write;

use sonae_domain::evidence::{Finding, Reading, Severity};
use sonae_domain::fact::{FactRows, FactTable, FactValue};

use crate::{Input, READERS, ReadError};

/// Detects and reads a file, and shows facts and findings, or the refusal.
///
/// Every reading must be recognised by content alone and fit the tables of `data/facts/`.
pub(crate) fn show(format: &str, file_name: &str, bytes: &[u8]) -> String {
    let input = Input {
        file_name,
        bytes,
        mapping: None,
    };
    let detected = crate::detect(&input).map(|reader| reader.format);
    assert_eq!(
        detected,
        Some(format),
        "{file_name} is recognised by its content"
    );
    show_reading(crate::read(&input))
}

/// Reads bytes that the format's own `detect` need not recognise.
pub(crate) fn show_unasked(format: &str, bytes: &[u8]) -> String {
    let reader = READERS
        .iter()
        .find(|reader| reader.format == format)
        .expect("a format");
    show_reading(reader.read(&Input {
        file_name: "file",
        bytes,
        mapping: None,
    }))
}

fn show_reading(result: Result<Reading, ReadError>) -> String {
    let reading = match result {
        Ok(reading) => reading,
        Err(error) => return format!("refused: {error}\n"),
    };
    let version = READERS
        .iter()
        .find(|r| r.format == reading.format)
        .map(|r| r.version);
    assert_eq!(version, Some(reading.reader_version));
    let mut out = format!(
        "source    {}\ncollector {}\n",
        reading.source, reading.collector
    );
    for (label, value) in [
        ("command  ", &reading.command),
        ("target   ", &reading.target),
        ("at       ", &reading.collected_at.map(|at| at.to_string())),
    ] {
        value
            .iter()
            .for_each(|value| writeln!(out, "{label} {value}").expect("to a string"));
    }
    reading
        .facts
        .iter()
        .for_each(|rows| out.push_str(&show_rows(rows)));
    reading
        .findings
        .iter()
        .for_each(|finding| out.push_str(&show_finding(finding)));
    out
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests compare with the tables of data/facts"
)]
fn show_rows(rows: &FactRows) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/facts");
    let text = std::fs::read_to_string(format!("{folder}/{}.toml", rows.table)).expect("a table");
    let table = FactTable::from_toml(&text).expect("well formed");
    assert_eq!(rows.misfit(&table), None);
    if rows.rows.is_empty() {
        return String::new();
    }
    let mut out = format!("{} ({})\n", rows.table, rows.columns.join(", "));
    for row in &rows.rows {
        let cells: Vec<String> = row.iter().map(show_value).collect();
        writeln!(out, "  {}", cells.join(" | ")).expect("to a string");
    }
    out
}

fn show_value(value: &FactValue) -> String {
    match value {
        FactValue::Null => "null".to_owned(),
        FactValue::Integer(number) => number.to_string(),
        FactValue::Text(text) => format!("{text:?}"),
    }
}

fn show_finding(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Notice => "notice",
        Severity::Unread => "unread",
    };
    let place = &finding.place;
    let row = place.row.map(|row| row.to_string());
    let place: Vec<&str> = [&place.part, &row, &place.column]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    assert!(!finding.text.ja.is_empty());
    format!("{severity} [{}] {}\n", place.join(" "), finding.text.en)
}
