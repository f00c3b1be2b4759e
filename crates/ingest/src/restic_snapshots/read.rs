//! restic's list of snapshots to rows of `backups`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sonae_domain::evidence::Reading;
use sonae_domain::fact::FactRows;

use crate::findings::{Findings, cell, row, whole};
use crate::labels::machine;
use crate::limits::{ROWS_MAX, TEXT_BYTES_MAX, within};
use crate::{Input, ReadError, instant, text};

const FORMAT: &str = "restic_snapshots";

/// The keys that make a snapshot; newer versions add others.
#[derive(Deserialize)]
struct Snapshot {
    id: String,
    time: String,
    hostname: Option<String>,
    paths: Option<Vec<String>>,
}

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    within(FORMAT, "bytes", input.bytes.len(), TEXT_BYTES_MAX)?;
    let decoded = text::decode(FORMAT, input.bytes)?;
    let list: Option<Vec<Value>> = serde_json::from_str(&decoded.text).map_err(damaged)?;
    let values: Vec<Value> = list
        .unwrap_or_default()
        .into_iter()
        .flat_map(ungroup)
        .collect();
    within(FORMAT, "snapshots", values.len(), ROWS_MAX)?;
    let mut findings = Findings::default();
    if values.is_empty() {
        findings.notice(whole(), machine::no_generation());
    }
    let mut snapshots = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        match serde_json::from_value::<Snapshot>(value) {
            Ok(snapshot) => snapshots.push((index + 1, snapshot)),
            Err(error) => findings.unread(row(index + 1), machine::not_a_generation(&error)),
        }
    }
    let hosts: BTreeSet<&str> = snapshots
        .iter()
        .filter_map(|(_, snapshot)| snapshot.hostname.as_deref())
        .collect();
    let target = hosts.into_iter().collect::<Vec<_>>().join(",");
    Ok(Reading {
        format: FORMAT.to_owned(),
        reader_version: super::READER.version,
        // The hosts in it cannot name the source: a host whose generations were deleted would stay
        // in the old list, and the old list would still count.
        source: format!("restic:{}", input.file_name),
        collector: "restic".to_owned(),
        command: None,
        target: (!target.is_empty()).then(|| target.clone()),
        collected_at: None,
        facts: vec![backups(&target, snapshots, &mut findings)],
        assets: Vec::new(),
        findings: findings.into_vec(),
    })
}

fn damaged(error: serde_json::Error) -> ReadError {
    let place = format!("line {}", error.line());
    ReadError::Damaged {
        format: FORMAT,
        place,
        why: error.to_string(),
    }
}

/// The snapshots of a group (`--group-by`), or the snapshot itself.
fn ungroup(mut value: Value) -> Vec<Value> {
    match value.get_mut("snapshots").map(Value::take) {
        Some(Value::Array(snapshots)) => snapshots,
        _ => vec![value],
    }
}

fn backups(repository: &str, list: Vec<(usize, Snapshot)>, findings: &mut Findings) -> FactRows {
    let columns = [
        "repository",
        "tool",
        "backup_id",
        "source_host",
        "paths",
        "taken_at",
    ];
    let mut rows = FactRows::new("backups", &columns);
    for (number, snapshot) in list {
        let taken_at = snapshot.time.parse::<Timestamp>().ok();
        if taken_at.is_none() {
            findings.unread(cell(number, "time"), machine::not_a_time(&snapshot.time));
        }
        rows.rows.push(vec![
            (!repository.is_empty())
                .then(|| repository.to_owned())
                .into(),
            "restic".into(),
            snapshot.id.into(),
            snapshot.hostname.into(),
            snapshot.paths.map(|paths| paths.join("\n")).into(),
            taken_at.map(instant::format).into(),
        ]);
    }
    rows
}
