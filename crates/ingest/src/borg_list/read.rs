//! Borg's list of archives to rows of `backups`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sonae_domain::evidence::Reading;
use sonae_domain::fact::{FactRows, FactValue};

use crate::findings::{Findings, cell, row, whole};
use crate::labels::machine;
use crate::limits::{ROWS_MAX, TEXT_BYTES_MAX, within};
use crate::{Input, ReadError, identity, instant, text};

const FORMAT: &str = "borg_list";

/// What Borg appends to the name of an archive that it could not finish.
const INTERRUPTED: &str = ".checkpoint";

#[derive(Deserialize)]
struct List {
    archives: Vec<Value>,
    repository: Repository,
}

#[derive(Deserialize)]
struct Repository {
    id: String,
    location: Option<String>,
}

/// The keys that make an archive; newer versions add others.
#[derive(Deserialize)]
struct Archive {
    id: String,
    name: String,
    time: Option<String>,
    start: Option<String>,
    hostname: Option<String>,
}

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    within(FORMAT, "bytes", input.bytes.len(), TEXT_BYTES_MAX)?;
    let decoded = text::decode(FORMAT, input.bytes)?;
    let list: List = serde_json::from_str(&decoded.text).map_err(damaged)?;
    within(FORMAT, "archives", list.archives.len(), ROWS_MAX)?;
    let location = list
        .repository
        .location
        .as_deref()
        .filter(|location| !location.is_empty());
    if location.is_some_and(identity::has_password) {
        return Err(ReadError::Forbidden {
            format: FORMAT,
            what: "repository.location".to_owned(),
        });
    }
    let repository = location.map_or(list.repository.id, without_user);
    let mut findings = Findings::default();
    let facts = vec![backups(&repository, list.archives, &mut findings)];
    Ok(Reading {
        format: FORMAT.to_owned(),
        reader_version: super::READER.version,
        source: format!("borg:{repository}"),
        collector: "borg".to_owned(),
        command: None,
        target: Some(repository),
        collected_at: None,
        facts,
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

/// A location without user and password: `ssh://u:p@nas/srv` and `u@nas:srv` lose what is before
/// the `@`.
fn without_user(location: &str) -> String {
    let (scheme, rest) = match location.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), location),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

fn backups(repository: &str, archives: Vec<Value>, findings: &mut Findings) -> FactRows {
    let columns = [
        "repository",
        "tool",
        "backup_id",
        "source_host",
        "paths",
        "taken_at",
    ];
    let mut rows = FactRows::new("backups", &columns);
    let mut without_zone = false;
    for (index, value) in archives.into_iter().enumerate() {
        let archive = match serde_json::from_value::<Archive>(value) {
            Ok(archive) => archive,
            Err(error) => {
                findings.unread(row(index + 1), machine::not_a_generation(&error));
                continue;
            }
        };
        if archive.name.contains(INTERRUPTED) {
            findings.notice(
                row(index + 1),
                machine::interrupted_generation(&archive.name),
            );
            continue;
        }
        let written = archive.time.or(archive.start).unwrap_or_default();
        let zoned = written.parse::<Timestamp>().ok();
        let local = if zoned.is_none() {
            instant::from_local(&written)
        } else {
            None
        };
        without_zone |= local.is_some();
        let taken_at = zoned.or(local);
        if taken_at.is_none() {
            findings.unread(cell(index + 1, "time"), machine::not_a_time(&written));
        }
        rows.rows.push(vec![
            repository.into(),
            "borg".into(),
            archive.id.into(),
            archive.hostname.into(),
            FactValue::Null,
            taken_at.map(instant::format).into(),
        ]);
    }
    if rows.rows.is_empty() {
        findings.notice(whole(), machine::no_generation());
    }
    if without_zone {
        findings.notice(whole(), machine::times_without_zone());
    }
    rows
}
