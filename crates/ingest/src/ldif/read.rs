//! A directory's export to facts: accounts, computers and the password policy of the domain.

use std::collections::BTreeSet;

use sonae_domain::evidence::Reading;
use sonae_domain::fact::{FactRows, FactValue};

use super::entry::{Entry, Kind};
use super::lines::{self, Export};
use super::{accounts, memberships::Memberships};
use crate::findings::{Findings, cell, row, whole};
use crate::hosts::Hosts;
use crate::labels::machine;
use crate::limits::{TEXT_BYTES_MAX, within};
use crate::{Input, ReadError, identity, text};

const FORMAT: &str = "ldif";

/// Ticks of 100 ns in a day.
const DAY_TICKS: u64 = 864_000_000_000;

/// `pwdProperties`: letters, digits and symbols must be mixed.
const COMPLEXITY: i64 = 0x1;

/// `userAccountControl` of computers: disabled; a domain controller.
const DISABLED: i64 = 0x2;
const DOMAIN_CONTROLLER: i64 = 0x2000;

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    within(FORMAT, "bytes", input.bytes.len(), TEXT_BYTES_MAX)?;
    let decoded = text::decode(FORMAT, input.bytes)?;
    let mut findings = Findings::default();
    let Export {
        entries,
        incomplete,
        tool,
    } = lines::parse(&decoded.text, &mut findings)?;
    let entries: Vec<(Kind, Entry)> = entries.into_iter().map(|e| (e.kind(), e)).collect();
    look_at_entries(&entries, &mut findings);
    let domains: BTreeSet<String> = entries
        .iter()
        .filter(|(kind, _)| *kind != Kind::Other)
        .map(|(_, e)| e.domain())
        .collect();
    let target = domains.into_iter().collect::<Vec<_>>().join(" ");
    let source = if target.is_empty() {
        input.file_name
    } else {
        &target
    };
    let memberships = Memberships::of(&entries, incomplete);
    Ok(Reading {
        format: FORMAT.to_owned(),
        reader_version: super::READER.version,
        source: format!("{FORMAT}:{source} {}", scope(&entries)),
        collector: tool.unwrap_or(FORMAT).to_owned(),
        command: None,
        collected_at: None,
        facts: [
            accounts::rows(&entries, &memberships, &mut findings),
            policies(&entries, &mut findings),
        ]
        .into_iter()
        .chain(hosts(&entries, &mut findings))
        .collect(),
        target: (!target.is_empty()).then_some(target),
        assets: Vec::new(),
        findings: findings.into_vec(),
    })
}

/// What an export holds. Only an export of the same kinds may replace its facts: one of computers
/// that replaced one of users would make the accounts vanish.
fn scope(entries: &[(Kind, Entry)]) -> String {
    let mut kinds: Vec<&str> = entries
        .iter()
        .filter_map(|(kind, _)| kind.scope())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.join("+")
}

fn look_at_entries(entries: &[(Kind, Entry)], findings: &mut Findings) {
    if entries.is_empty() {
        findings.notice(whole(), machine::no_entry());
    }
    for (kind, entry) in entries {
        if *kind == Kind::PasswordSettings {
            findings.unread(row(entry.line), machine::password_settings(&entry.dn));
        }
        if *kind == Kind::Other && !entry.has("objectclass") && entry.has("samaccountname") {
            findings.unread(row(entry.line), machine::no_object_class());
        }
    }
}

/// Rows of `password_policy`, from the heads of domains that carry one.
fn policies(entries: &[(Kind, Entry)], findings: &mut Findings) -> FactRows {
    let columns = [
        "host",
        "scope",
        "name",
        "min_length",
        "complexity",
        "max_age_days",
        "history",
        "lockout_attempts",
        "detail",
    ];
    let mut rows = FactRows::new("password_policy", &columns);
    for (_, entry) in entries.iter().filter(|(kind, _)| *kind == Kind::Domain) {
        let attributes = [
            "minpwdlength",
            "pwdproperties",
            "maxpwdage",
            "pwdhistorylength",
            "lockoutthreshold",
        ];
        let detail: Vec<String> = attributes
            .iter()
            .filter_map(|name| entry.find(name))
            .filter_map(|found| {
                found
                    .text()
                    .map(|value| format!("{}={value}", found.written))
            })
            .collect();
        if detail.is_empty() {
            continue;
        }
        let complexity = entry
            .integer("pwdproperties", findings)
            .map(|bits| bits & COMPLEXITY != 0);
        rows.rows.push(vec![
            FactValue::Null,
            "domain".into(),
            entry.domain().into(),
            entry.integer("minpwdlength", findings).into(),
            complexity.into(),
            max_age_days(entry, findings).into(),
            entry.integer("pwdhistorylength", findings).into(),
            entry.integer("lockoutthreshold", findings).into(),
            detail.join(", ").into(),
        ]);
    }
    rows
}

/// Days until a change is forced; 0 for never. The directory stores a negative number of ticks.
fn max_age_days(entry: &Entry, findings: &mut Findings) -> Option<i64> {
    let ticks = entry.integer("maxpwdage", findings)?;
    if ticks == 0 || ticks == i64::MIN {
        return Some(0);
    }
    if ticks > 0 {
        let text = machine::unreadable_attribute(&ticks.to_string());
        findings.unread(cell(entry.line, "maxPwdAge"), text);
        return None;
    }
    // Rounded up: an age below a day must not become 0, which means never.
    i64::try_from(ticks.unsigned_abs().div_ceil(DAY_TICKS)).ok()
}

/// Computers that are not disabled.
fn hosts(entries: &[(Kind, Entry)], findings: &mut Findings) -> [FactRows; 2] {
    let mut hosts = Hosts::default();
    let mut n_disabled = 0;
    for (_, entry) in entries.iter().filter(|(kind, _)| *kind == Kind::Computer) {
        let control = entry.integer("useraccountcontrol", findings).unwrap_or(0);
        let Some(id) = entry.sid().or_else(|| entry.guid()) else {
            findings.unread(row(entry.line), machine::computer_without_id());
            continue;
        };
        if control & DISABLED != 0 {
            n_disabled += 1;
            continue;
        }
        let name = entry.text("dnshostname").or_else(|| entry.text("cn"));
        let name = name.or_else(|| {
            entry
                .text("samaccountname")
                .map(|n| n.trim_end_matches('$'))
        });
        let host = hosts.see(&format!("directory:{id}"));
        host.hostname = name.map(str::to_owned);
        host.kind = kind(entry, control);
        host.identify("directory_id", entry.sid());
        host.identify("directory_id", entry.guid());
        host.identify("hostname", name.and_then(identity::hostname));
    }
    if n_disabled > 0 {
        findings.notice(whole(), machine::disabled_computers(n_disabled));
    }
    hosts.into_facts()
}

fn kind(entry: &Entry, control: i64) -> Option<&'static str> {
    let system = entry
        .text("operatingsystem")
        .unwrap_or_default()
        .to_lowercase();
    if control & DOMAIN_CONTROLLER != 0 || system.contains("windows") && system.contains("server") {
        return Some("server");
    }
    system.contains("windows").then_some("terminal")
}
