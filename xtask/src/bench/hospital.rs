//! A hospital that never existed, as files that `sonae import` reads: bundles of machines, a
//! directory export, a ledger. The same size gives the same bytes, and nothing here is random.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::labels;

/// When everything was collected; the product is run with a clock a little later.
const COLLECTED_AT: &str = "2026-11-21T03:00:00Z";
/// The same in seconds since 1970.
const COLLECTED_AT_SECONDS: u64 = 1_795_230_000;
/// Seconds from 1601, where directory times begin, to 1970.
const SECONDS_1601_TO_1970: u64 = 11_644_473_600;
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// How large the hospital is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) n_hosts: usize,
    pub(super) n_packages_per_host: usize,
    pub(super) n_services_per_host: usize,
    pub(super) n_ports_per_host: usize,
    pub(super) n_accounts: usize,
}

/// A hospital of 500 beds: 300,000 packages, 60,000 services and open ports.
pub(super) const LARGE: Size = Size {
    n_hosts: 3_000,
    n_packages_per_host: 100,
    n_services_per_host: 10,
    n_ports_per_host: 10,
    n_accounts: 6_000,
};

/// A clinic with a server and a few PCs.
pub(super) const SMALL: Size = Size {
    n_hosts: 12,
    n_accounts: 20,
    ..LARGE
};

/// One device; the ledger and the bundles agree on it.
struct Host {
    n: usize,
    key: String,
    name: String,
    serial: String,
    mac: String,
    ip: String,
}

impl Host {
    fn new(n: usize) -> Self {
        let [_, a, b, c] = u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
        Self {
            n,
            key: hex::encode(&Sha256::digest(n.to_be_bytes())[..16]),
            name: format!("pc-{n:05}"),
            serial: format!("SN{n:06}"),
            mac: format!("02:00:00:{a:02x}:{b:02x}:{c:02x}"),
            ip: format!("10.{a}.{b}.{c}"),
        }
    }
}

/// Writes everything into a folder and says which files.
pub(super) fn write(folder: &Path, size: Size) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    let mut put = |name: String, bytes: &[u8]| -> Result<()> {
        let path = folder.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("writing {path:?}"))?;
        files.push(path);
        Ok(())
    };
    put("ledger.csv".to_owned(), &cp932(&ledger(size.n_hosts)))?;
    put(
        "directory.ldif".to_owned(),
        directory(size.n_accounts).as_bytes(),
    )?;
    for n in 0..size.n_hosts {
        put(format!("{n:05}.sonae.zip"), &bundle(&Host::new(n), size)?)?;
    }
    Ok(files)
}

/// A ledger as CSV.
pub(super) fn ledger(n_rows: usize) -> String {
    let mut csv = labels::HEADERS.join(",") + "\r\n";
    for n in 0..n_rows {
        let Host {
            name,
            serial,
            mac,
            ip,
            ..
        } = Host::new(n);
        let (kind, place) = (pick(&labels::KINDS, n / 100), pick(&labels::PLACES, n));
        let (system, vendor) = (pick(&labels::SYSTEMS, n), pick(&labels::VENDORS, n));
        let (usable, note) = (labels::USABLE, labels::NOTE);
        let _ = write!(
            csv,
            "{kind},{name},{place},{usable},{system},{vendor},Example,EX-{},{serial},{mac},{ip},\
             Debian GNU/Linux 12,{note}\r\n",
            n % 40
        );
    }
    csv
}

/// The encoding that Excel writes in Japan.
pub(super) fn cp932(text: &str) -> Vec<u8> {
    encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
}

/// The packages of all hosts as CSV, for a plain database tool.
pub(super) fn packages_csv(size: Size) -> String {
    let mut csv = "host,name,version\r\n".to_owned();
    for host in (0..size.n_hosts).map(Host::new) {
        for k in 0..size.n_packages_per_host {
            let _ = write!(
                csv,
                "{},{},{}\r\n",
                host.key,
                package_name(k),
                package_version(&host, k)
            );
        }
    }
    csv
}

/// User accounts as a directory exports them.
fn directory(n_accounts: usize) -> String {
    let mut ldif = "version: 1\n".to_owned();
    for n in 0..n_accounts {
        // One of 20 is switched off, one of 10 was not used for half a year.
        let control = if n.is_multiple_of(20) { 514 } else { 512 };
        let logon = directory_time(if n.is_multiple_of(10) { 200 } else { n % 30 });
        let password = directory_time(n % 400);
        let _ = write!(
            ldif,
            "\ndn: CN=user{n:05},OU=staff,DC=hospital,DC=example\nobjectClass: top\n\
             objectClass: person\nobjectClass: organizationalPerson\nobjectClass: user\n\
             cn: user{n:05}\ndisplayName: User {n:05}\nsAMAccountName: user{n:05}\n\
             employeeID: {n:06}\nuserAccountControl: {control}\npwdLastSet: {password}\n\
             lastLogonTimestamp: {logon}\nwhenCreated: 20200401000000.0Z\n"
        );
    }
    ldif
}

/// Some days before the collection, in units of 100 ns since 1601.
fn directory_time(days_before: usize) -> u64 {
    let seconds = COLLECTED_AT_SECONDS + SECONDS_1601_TO_1970 - days_before as u64 * DAY_SECONDS;
    seconds * 10_000_000
}

/// What the collector writes on one machine; see `docs/reference/bundle.md`.
fn bundle(host: &Host, size: Size) -> Result<Vec<u8>> {
    let mut files = Vec::new();
    let mut listed = Vec::new();
    for (table, rows) in tables(host, size) {
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let file = format!("{table}.jsonl");
        let sha256 = hex::encode(Sha256::digest(&lines));
        listed.push(json!({"table": table, "file": &file, "n_rows": rows.len(), "sha256": sha256}));
        files.push((file, lines));
    }
    let manifest = json!({
        "format": "sonae-bundle", "version": 1, "collector": "sonae 0.1.0",
        "collected_at": COLLECTED_AT, "as_root": true, "tables": listed,
        "host": {
            "key": format!("machine:{}", host.key), "hostname": host.name, "serial": host.serial,
        },
    });
    files.insert(0, ("manifest.json".to_owned(), manifest.to_string()));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The rows of each fact table of one machine. Some machines are behind in one thing or another.
fn tables(host: &Host, size: Size) -> Vec<(&'static str, Vec<Value>)> {
    let mut tables = settings(host);
    let services = (0..size.n_services_per_host).map(|k| {
        json!({"name": format!("service-{k:02}.service"), "description": "Example service",
            "state": "running", "start_type": "enabled"})
    });
    let ports = (0..size.n_ports_per_host).map(|k| {
        json!({"pid": 100 + k, "port": 1024 + k, "protocol": 6, "family": 2, "address": "0.0.0.0",
            "process": format!("service-{k:02}")})
    });
    let packages = (0..size.n_packages_per_host).map(|k| {
        json!({"name": package_name(k), "version": package_version(host, k), "arch": "amd64",
            "source": package_name(k), "status": "install ok installed"})
    });
    tables.push(("services", services.collect()));
    tables.push(("listening_ports", ports.collect()));
    tables.push(("deb_packages", packages.collect()));
    tables
}

/// The small tables of one machine.
fn settings(host: &Host) -> Vec<(&'static str, Vec<Value>)> {
    let Host {
        n,
        key,
        name,
        serial,
        mac,
        ip,
    } = host;
    let updated_on = if n.is_multiple_of(25) {
        "2025-11-21"
    } else {
        "2026-11-20"
    };
    vec![
        (
            "system_info",
            vec![
                json!({"hostname": name, "uuid": key, "hardware_vendor": "Example",
            "hardware_model": format!("EX-{}", n % 40), "hardware_serial": serial}),
            ],
        ),
        (
            "os_version",
            vec![
                json!({"name": "Debian GNU/Linux", "version": "12 (bookworm)",
            "major": 12, "minor": 0, "platform": "debian", "codename": "bookworm",
            "arch": "x86_64"}),
            ],
        ),
        (
            "users",
            vec![
                json!({"uid": 0, "gid": 0, "username": "root", "description": "root",
                "directory": "/root", "shell": "/bin/bash"}),
                json!({"uid": 1000, "gid": 1000, "username": "staff", "description": "",
                "directory": "/home/staff", "shell": "/bin/bash"}),
            ],
        ),
        (
            "interface_addresses",
            vec![json!({"interface": "eth0", "address": ip,
            "mask": "255.0.0.0"})],
        ),
        (
            "interface_details",
            vec![json!({"interface": "eth0", "mac": mac, "mtu": 1500})],
        ),
        (
            "update_state",
            vec![json!({"manager": "apt", "lists_updated_on": updated_on,
            "n_pending": n % 3, "n_security": 0, "automatic": 1})],
        ),
        (
            "password_policy",
            vec![json!({"scope": "local", "name": "pam_pwquality",
            "min_length": if n.is_multiple_of(30) { 6 } else { 13 }, "complexity": 1})],
        ),
        (
            "log_config",
            vec![
                json!({"mechanism": "journald", "active": 1, "persistent": 1,
            "retention_days": 400, "records_logins": 1}),
            ],
        ),
    ]
}

fn package_name(k: usize) -> String {
    format!("package-{k:03}")
}

/// One machine of 50 is a version behind.
fn package_version(host: &Host, k: usize) -> String {
    format!(
        "1.{}-{}",
        k % 7,
        if host.n.is_multiple_of(50) { 1 } else { 2 }
    )
}

fn pick<'a>(words: &[&'a str], n: usize) -> &'a str {
    words[n % words.len()]
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use zip::ZipArchive;

    use super::*;

    const TINY: Size = Size {
        n_hosts: 2,
        n_packages_per_host: 3,
        n_services_per_host: 2,
        n_ports_per_host: 1,
        n_accounts: 20,
    };

    #[test]
    fn a_bundle_holds_what_its_manifest_says() {
        let bytes = bundle(&Host::new(0), TINY).unwrap();
        let mut zip = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let mut file = |name: &str| {
            let mut text = String::new();
            zip.by_name(name)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            text
        };
        let manifest: Value = serde_json::from_str(&file("manifest.json")).unwrap();
        let mut counted = Vec::new();
        for table in manifest["tables"].as_array().unwrap() {
            let lines = file(table["file"].as_str().unwrap());
            assert_eq!(table["sha256"], hex::encode(Sha256::digest(&lines)));
            assert_eq!(table["n_rows"], lines.lines().count());
            counted.push((table["table"].as_str().unwrap(), lines.lines().count()));
        }
        assert_eq!(
            counted[8..],
            [("services", 2), ("listening_ports", 1), ("deb_packages", 3)]
        );
        assert_eq!(bytes, bundle(&Host::new(0), TINY).unwrap());
    }

    /// A renamed table or column would make the product refuse rows, and the figures flatter.
    #[test]
    fn tables_and_columns_exist() {
        let facts = crate::root().join("data/facts");
        for (table, rows) in tables(&Host::new(0), TINY) {
            let text = std::fs::read_to_string(facts.join(format!("{table}.toml"))).unwrap();
            let known: toml::Table = text.parse().unwrap();
            let columns = known["column"].as_array().unwrap();
            for column in rows.iter().flat_map(|row| row.as_object().unwrap().keys()) {
                assert!(
                    columns.iter().any(|c| c["name"].as_str() == Some(column)),
                    "{table}.{column}"
                );
            }
        }
    }

    #[test]
    fn the_ledger_survives_cp932() {
        let text = ledger(200);
        let bytes = cp932(&text);
        let (again, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!broken);
        assert_eq!(again, text);
        assert_eq!(text.lines().count(), 201);
        assert!(
            text.lines()
                .all(|line| line.matches(',').count() == labels::HEADERS.len() - 1)
        );
    }

    #[test]
    fn everything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let files = write(folder.path(), TINY).unwrap();
        assert_eq!(files.len(), 4);
        let ldif = std::fs::read_to_string(folder.path().join("directory.ldif")).unwrap();
        assert_eq!(ldif.matches("\ndn: ").count(), 20);
        assert_eq!(packages_csv(TINY).lines().count(), 7);
    }

    #[test]
    fn directory_times() {
        // 2026-11-21T03:00:00Z, and 200 days before.
        assert_eq!(directory_time(0), 134_397_036_000_000_000);
        assert_eq!(directory_time(200), 134_224_236_000_000_000);
    }
}
