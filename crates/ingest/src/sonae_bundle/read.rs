//! A bundle to facts: every table that the manifest names, and the machine itself.

use std::collections::{BTreeMap, BTreeSet};

use sonae_domain::evidence::{ContentHash, Place, Reading};
use sonae_domain::fact::FactRows;

use super::archive::{self, MANIFEST, damaged};
use super::manifest::{self, Manifest, Table};
use super::rows::{self, Line};
use super::{secrets, tables};
use crate::findings::{Findings, whole};
use crate::hosts::Hosts;
use crate::labels::machine;
use crate::{Input, ReadError, identity};

const FORMAT: &str = "sonae_bundle";

/// Beginnings of names of interfaces that exist in software only: their addresses say nothing
/// about the device, and containers on two machines may have the same.
const VIRTUAL: [&str; 18] = [
    "lo", "docker", "veth", "br-", "virbr", "vnet", "vmnet", "vboxnet", "tun", "tap", "wg", "cni",
    "flannel", "cali", "kube", "dummy", "ifb", "podman",
];

/// Lines by table.
type Lines = BTreeMap<String, Vec<Line>>;

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    let mut files = archive::unpack(input.bytes)?;
    let manifest_bytes = files
        .remove(MANIFEST)
        .ok_or_else(|| damaged(MANIFEST, "the file is missing"))?;
    let manifest = manifest::parse(&manifest_bytes)?;
    let mut findings = Findings::default();
    if !manifest.as_root {
        findings.notice(whole(), machine::not_as_root());
    }
    let mut facts = Vec::new();
    let mut lines = Lines::new();
    for entry in &manifest.tables {
        let bytes = files
            .remove(&entry.file)
            .ok_or_else(|| damaged(&entry.file, "missing"))?;
        let found = verified(entry, &bytes, &mut findings)?;
        let Some(table) = tables::table(&entry.table) else {
            findings.notice(part(&entry.file), machine::unknown_table(&entry.table));
            continue;
        };
        let key = &manifest.host.key;
        facts.push(rows::rows(entry, &table, &found, key, &mut findings));
        if lines.insert(entry.table.clone(), found).is_some() {
            return Err(damaged(
                MANIFEST,
                &format!("table {} is there twice", entry.table),
            ));
        }
    }
    for (name, bytes) in files {
        // The raw bundle is kept as evidence, so no file in it may hold a hash.
        if secrets::holds_hash(&String::from_utf8_lossy(&bytes)) {
            return Err(ReadError::Forbidden {
                format: FORMAT,
                what: name,
            });
        }
        findings.notice(part(&name), machine::file_not_in_manifest());
    }
    facts.extend(hosts(&manifest, &lines));
    Ok(reading(manifest, facts, findings))
}

fn reading(manifest: Manifest, facts: Vec<FactRows>, findings: Findings) -> Reading {
    Reading {
        format: FORMAT.to_owned(),
        reader_version: super::READER.version,
        source: manifest.host.key.clone(),
        collector: manifest.collector,
        command: None,
        target: Some(manifest.host.hostname.unwrap_or(manifest.host.key)),
        collected_at: Some(manifest.collected_at),
        facts,
        assets: Vec::new(),
        findings: findings.into_vec(),
    }
}

fn part(name: &str) -> Place {
    Place {
        part: Some(name.to_owned()),
        ..whole()
    }
}

/// The lines of a file that is what the collector wrote.
fn verified(entry: &Table, bytes: &[u8], findings: &mut Findings) -> Result<Vec<Line>, ReadError> {
    if ContentHash::of(bytes).0 != entry.sha256.to_ascii_lowercase() {
        return Err(damaged(
            &entry.file,
            "the SHA-256 is not the one in the manifest",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::Encoding { format: FORMAT })?;
    rows::lines(
        entry,
        text.strip_prefix('\u{feff}').unwrap_or(text),
        findings,
    )
}

fn hosts(manifest: &Manifest, lines: &Lines) -> [FactRows; 2] {
    let of = |table: &str| lines.get(table).into_iter().flatten();
    let info = |column: &'static str| of("system_info").find_map(|line| rows::text(line, column));
    let mut hosts = Hosts::default();
    let host = hosts.see(&manifest.host.key);
    let name = manifest
        .host
        .hostname
        .as_deref()
        .or_else(|| info("hostname"));
    host.hostname = name.map(str::to_owned);
    host.vendor = info("hardware_vendor")
        .filter(|vendor| !vendor.is_empty())
        .map(str::to_owned);
    host.identify("hostname", name.and_then(identity::hostname));
    let serials = [manifest.host.serial.as_deref(), info("hardware_serial")];
    for serial in serials.into_iter().flatten() {
        host.identify("serial", identity::serial(serial));
    }
    let is_real = |line: &&Line| {
        let name = rows::text(line, "interface").unwrap_or_default();
        !name.is_empty() && !VIRTUAL.iter().any(|begin| name.starts_with(begin))
    };
    for line in of("interface_details").filter(is_real) {
        host.identify("mac", rows::text(line, "mac").and_then(identity::mac));
    }
    let addresses: BTreeSet<&str> = of("interface_addresses")
        .filter(is_real)
        .filter_map(|line| rows::text(line, "address"))
        .collect();
    for address in addresses {
        host.identify("ip", identity::ip(address));
    }
    hosts.into_facts()
}
