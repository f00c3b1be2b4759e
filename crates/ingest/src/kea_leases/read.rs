//! Rows of Kea's lease file to leases.

use std::collections::BTreeMap;

use csv::StringRecord;
use jiff::Timestamp;
use sonae_domain::evidence::Reading;

use crate::findings::{Findings, cell, row};
use crate::labels::machine;
use crate::leases::{self, Lease, Leases, State};
use crate::limits::{ROWS_MAX, TEXT_BYTES_MAX, within};
use crate::{Input, ReadError, identity, instant, text};

const FORMAT: &str = "kea_leases";

/// What Kea writes for a lease without end.
const UNLIMITED: &str = "4294967295";

/// `lease_type` of a delegated prefix, which is a network and no device.
const DELEGATED_PREFIX: &str = "2";

/// Columns without which a row is no lease.
const NEEDED: [&str; 3] = ["address", "valid_lifetime", "expire"];

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    within(FORMAT, "bytes", input.bytes.len(), TEXT_BYTES_MAX)?;
    let decoded = text::decode(FORMAT, input.bytes)?;
    // Kea escapes commas and never quotes; a quote in `user_context` is a plain character.
    let mut reader = csv::ReaderBuilder::new()
        .quoting(false)
        .flexible(true)
        .from_reader(decoded.text.as_bytes());
    let header = Header::of(reader.headers().map_err(damaged)?)?;
    let mut findings = Findings::default();
    let mut leases = Leases::default();
    for (index, record) in reader.records().enumerate() {
        within(FORMAT, "rows", index + 1, ROWS_MAX)?;
        let record = record.map_err(damaged)?;
        let line = record
            .position()
            .map_or(index + 2, |p| usize::try_from(p.line()).unwrap_or(0));
        take(&header.row(&record, line), &mut leases, &mut findings);
    }
    Ok(leases::reading(
        &super::READER,
        "kea",
        input,
        leases,
        findings,
    ))
}

fn damaged(error: csv::Error) -> ReadError {
    let place = error.position().map_or(1, csv::Position::line);
    let why = error.to_string();
    ReadError::Damaged {
        format: FORMAT,
        place: format!("line {place}"),
        why,
    }
}

/// Where each named column stands.
struct Header {
    columns: BTreeMap<String, usize>,
}

/// One row and where it stands.
struct Row<'a> {
    header: &'a Header,
    record: &'a StringRecord,
    line: usize,
}

impl Header {
    fn of(record: &StringRecord) -> Result<Self, ReadError> {
        let named = record
            .iter()
            .enumerate()
            .map(|(at, name)| (name.trim().to_owned(), at));
        let columns: BTreeMap<String, usize> = named.collect();
        match NEEDED.iter().find(|name| !columns.contains_key(**name)) {
            None => Ok(Self { columns }),
            Some(name) => Err(ReadError::Damaged {
                format: FORMAT,
                place: "line 1".to_owned(),
                why: format!("no column {name}"),
            }),
        }
    }

    fn row<'a>(&'a self, record: &'a StringRecord, line: usize) -> Row<'a> {
        Row {
            header: self,
            record,
            line,
        }
    }
}

impl Row<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let text = self.record.get(*self.header.columns.get(name)?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn is_cut_off(&self) -> bool {
        self.record.len() < self.header.columns.len()
    }
}

fn take(row_: &Row<'_>, leases: &mut Leases, findings: &mut Findings) {
    let place = || row(row_.line);
    if row_.is_cut_off() {
        let (n, of) = (row_.record.len(), row_.header.columns.len());
        return findings.unread(place(), machine::too_few_columns(n, of));
    }
    if row_.get("lease_type") == Some(DELEGATED_PREFIX) {
        return findings.notice(place(), machine::delegated_prefix());
    }
    let written = row_.get("address").unwrap_or_default();
    let Some(address) = identity::ip(written) else {
        return findings.unread(place(), machine::not_an_address(written));
    };
    let lifetime = row_.get("valid_lifetime").unwrap_or_default();
    if lifetime == "0" {
        leases.remove(&address);
        return;
    }
    let lease = Lease {
        mac: mac(row_, findings),
        hostname: row_.get("hostname").map(|name| name.replace("&#x2c", ",")),
        ends_at: if lifetime == UNLIMITED {
            None
        } else {
            ends_at(row_, findings)
        },
        state: state(row_, findings),
    };
    leases.insert(address, lease);
}

fn mac(row: &Row<'_>, findings: &mut Findings) -> Option<String> {
    let written = row.get("hwaddr")?;
    let mac = identity::mac(written);
    // Kea empties the hardware address of a declined lease to zeros.
    if mac.is_none() && row.get("state") != Some("1") {
        findings.unread(cell(row.line, "hwaddr"), machine::not_a_mac(written));
    }
    mac
}

fn ends_at(row: &Row<'_>, findings: &mut Findings) -> Option<Timestamp> {
    let written = row.get("expire").unwrap_or_default();
    let instant = instant::from_unix(written);
    if instant.is_none() {
        findings.unread(cell(row.line, "expire"), machine::not_a_time(written));
    }
    instant
}

fn state(row: &Row<'_>, findings: &mut Findings) -> Option<State> {
    match row.get("state")? {
        // 4 is an address that the device chose itself and registered.
        "0" | "4" => Some(State::Active),
        "1" => Some(State::Declined),
        "2" => Some(State::Expired),
        "3" => Some(State::Released),
        other => {
            findings.unread(cell(row.line, "state"), machine::unknown_state(other));
            None
        }
    }
}
