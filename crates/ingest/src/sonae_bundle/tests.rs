//! Files of `fixtures/sonae_bundle/`, and the cases that one file cannot show.

use std::io::Write;

use expect_test::{Expect, expect};

use crate::testing::show;

const FORMAT: &str = "sonae_bundle";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.zip", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/sonae_bundle/good.zip"),
        expect![[r#"
        source    machine:0123456789abcdef0123456789abcdef
        collector sonae 0.1.0
        target    ehr01
        at        2026-11-21T03:00:00Z
        users (host, uid, gid, username, description, directory, shell)
          "machine:0123456789abcdef0123456789abcdef" | 0 | 0 | "root" | "" | "/root" | "/bin/bash"
          "machine:0123456789abcdef0123456789abcdef" | 1000 | 1000 | "ward" | "病棟" | "/home/ward" | "/bin/bash"
        shadow (host, username, password_status, last_change, min, max, warning, inactive, expire)
          "machine:0123456789abcdef0123456789abcdef" | "ward" | "active" | 20500 | 0 | 99999 | 7 | null | null
        listening_ports (host, pid, port, protocol, family, address, process)
          "machine:0123456789abcdef0123456789abcdef" | null | 22 | 6 | 2 | "0.0.0.0" | null
        system_info (host, hostname, uuid, hardware_vendor, hardware_model, hardware_serial)
          "machine:0123456789abcdef0123456789abcdef" | "ehr01" | "u-1" | "Example Computers" | "M1" | "To be filled by O.E.M."
        interface_details (host, interface, mac, mtu)
          "machine:0123456789abcdef0123456789abcdef" | "lo" | "00:00:00:00:00:00" | 65536
          "machine:0123456789abcdef0123456789abcdef" | "eno1" | "3c:52:82:00:01:01" | 1500
          "machine:0123456789abcdef0123456789abcdef" | "docker0" | "02:42:00:00:00:01" | 1500
        interface_addresses (host, interface, address, mask)
          "machine:0123456789abcdef0123456789abcdef" | "lo" | "127.0.0.1" | "255.0.0.0"
          "machine:0123456789abcdef0123456789abcdef" | "eno1" | "192.168.20.10" | "255.255.255.0"
          "machine:0123456789abcdef0123456789abcdef" | "docker0" | "172.17.0.1" | "255.255.0.0"
        update_state (host, manager, lists_updated_on, n_pending, n_security, automatic)
          "machine:0123456789abcdef0123456789abcdef" | "apt" | "2026-11-20" | 3 | null | 1
        hosts (host, hostname, kind, vendor)
          "machine:0123456789abcdef0123456789abcdef" | "ehr01" | null | "Example Computers"
        host_identities (host, kind, value)
          "machine:0123456789abcdef0123456789abcdef" | "hostname" | "ehr01"
          "machine:0123456789abcdef0123456789abcdef" | "ip" | "192.168.20.10"
          "machine:0123456789abcdef0123456789abcdef" | "mac" | "3c:52:82:00:01:01"
          "machine:0123456789abcdef0123456789abcdef" | "serial" | "JPX-00123"
    "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/sonae_bundle/empty.zip"),
        expect![[r#"
        source    machine:0123456789abcdef0123456789abcdef
        collector sonae 0.1.0
        target    machine:0123456789abcdef0123456789abcdef
        at        2026-11-21T03:00:00Z
        hosts (host, hostname, kind, vendor)
          "machine:0123456789abcdef0123456789abcdef" | null | null | null
        notice [] This was collected without administrator rights. What was not visible is unknown.
    "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/sonae_bundle/broken.zip"),
        expect![[r#"
        refused: sonae_bundle: damaged at ZIP: invalid Zip archive: Could not find EOCD
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/sonae_bundle/wrong_encoding.zip"),
        expect![[r#"
        refused: sonae_bundle: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/sonae_bundle/next_version.zip"),
        expect![[r#"
        refused: sonae_bundle: damaged at manifest.json: bundle version 2; this Sonae reads version 1
    "#]],
    );
}

#[test]
fn refuses_a_file_that_was_changed() {
    check(
        include_bytes!("../../../../fixtures/sonae_bundle/changed.zip"),
        expect![[r#"
        refused: sonae_bundle: damaged at listening_ports.jsonl: the SHA-256 is not the one in the manifest
    "#]],
    );
}

#[test]
fn says_what_a_newer_collector_adds() {
    check(
        include_bytes!("../../../../fixtures/sonae_bundle/newer_collector.zip"),
        expect![[r#"
        source    machine:0123456789abcdef0123456789abcdef
        collector sonae 0.1.0
        target    ehr01
        at        2026-11-21T03:00:00Z
        users (host, uid, gid, username, description, directory, shell)
          "machine:0123456789abcdef0123456789abcdef" | null | null | "ward" | null | null | null
          "machine:0123456789abcdef0123456789abcdef" | null | null | "b" | null | null | null
        hosts (host, hostname, kind, vendor)
          "machine:0123456789abcdef0123456789abcdef" | "ehr01" | null | null
        host_identities (host, kind, value)
          "machine:0123456789abcdef0123456789abcdef" | "hostname" | "ehr01"
          "machine:0123456789abcdef0123456789abcdef" | "serial" | "JPX-00123"
        unread [users.jsonl 3] This line is not a row. It was not read.
        notice [users.jsonl 1 uuid] There is an unknown column (uuid), perhaps of a newer version. It was not used.
        unread [users.jsonl 1 uid] Values that do not fit the column: 2 (the first is "many"). They count as unknown.
        notice [quantum_keys.jsonl] The table quantum_keys is unknown, perhaps of a newer collector. It was not read.
        notice [notes.txt] The manifest does not name this file. It was not read.
    "#]],
    );
}

/// A bundle of parts, each file as given.
fn bundle(manifest: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let parts = [("manifest.json", manifest)]
        .into_iter()
        .chain(files.iter().copied());
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn manifest(key: &str, tables: &str) -> String {
    format!(
        r#"{{"format":"sonae-bundle","version":1,"collector":"sonae 0.1.0","collected_at":"2026-11-21T03:00:00Z","host":{{"key":"{key}","hostname":null,"serial":null}},"tables":[{tables}],"as_root":true}}"#
    )
}

fn entry(table: &str, content: &str, n_rows: usize) -> String {
    let hash = sonae_domain::evidence::ContentHash::of(content.as_bytes()).0;
    format!(r#"{{"table":"{table}","file":"{table}.jsonl","n_rows":{n_rows},"sha256":"{hash}"}}"#)
}

const KEY: &str = "machine:0123456789abcdef0123456789abcdef";

fn check_table(table: &str, content: &str, n_rows: usize, expected: Expect) {
    let manifest = manifest(KEY, &entry(table, content, n_rows));
    check(
        &bundle(&manifest, &[(&format!("{table}.jsonl"), content)]),
        expected,
    );
}

#[test]
fn refuses_hashes_of_passwords() {
    check_table(
        "shadow",
        r#"{"username":"a","password":"x"}"#,
        1,
        expect![[r#"
        refused: sonae_bundle: holds password (shadow.jsonl, line 1), which is not stored
    "#]],
    );
    check_table(
        "users",
        r#"{"username":"a","description":"$6$salt$hash"}"#,
        1,
        expect![[r#"
        refused: sonae_bundle: holds description (users.jsonl, line 1), which is not stored
    "#]],
    );
    check_table(
        "newer",
        r#"{"note":"root:$y$j9T$salt$hash:20000"}"#,
        1,
        expect![[r#"
        refused: sonae_bundle: holds note (newer.jsonl, line 1), which is not stored
    "#]],
    );
    check_table(
        "users",
        "root:$y$j9T$salt$hash:20000",
        1,
        expect![[r#"
        refused: sonae_bundle: holds a password hash (users.jsonl, line 1), which is not stored
    "#]],
    );
    check(
        &bundle(
            &manifest(KEY, ""),
            &[("shadow", "root:$6$salt$hash:20000::")],
        ),
        expect![[r#"
        refused: sonae_bundle: holds shadow, which is not stored
    "#]],
    );
}

#[test]
fn refuses_what_is_not_as_the_manifest_says() {
    check_table(
        "users",
        r#"{"username":"a"}"#,
        2,
        expect![[r#"
        refused: sonae_bundle: damaged at users.jsonl: 1 rows, not 2 as the manifest says
    "#]],
    );
    check(
        &bundle(&manifest(KEY, &entry("users", "", 0)), &[]),
        expect![[r#"
        refused: sonae_bundle: damaged at users.jsonl: missing
    "#]],
    );
    let twice = format!(
        "{},{}",
        entry("users", "", 0),
        entry("users", "", 0).replace("users.jsonl", "b.jsonl")
    );
    check(
        &bundle(
            &manifest(KEY, &twice),
            &[("users.jsonl", ""), ("b.jsonl", "")],
        ),
        expect![[r#"
        refused: sonae_bundle: damaged at manifest.json: table users is there twice
    "#]],
    );
    check(
        &bundle("{}", &[]),
        expect![[r#"
        refused: sonae_bundle: damaged at manifest.json: missing field `format` at line 1 column 2
    "#]],
    );
    check(
        &bundle(&manifest(KEY, "").replace("sonae-bundle", "other"), &[]),
        expect![[r#"
        refused: sonae_bundle: damaged at manifest.json: not the manifest of a Sonae bundle
    "#]],
    );
    for key in [
        "machine:12",
        "machine:00000000000000000000000000000000",
        "mac:0123456789abcdef0123456789abcdef",
    ] {
        let shown = show(FORMAT, "b.zip", &bundle(&manifest(key, ""), &[]));
        assert!(shown.contains("host.key is not"), "{key}: {shown}");
    }
}

#[test]
fn refuses_more_than_it_can_hold() {
    let names: Vec<String> = (0..70).map(|n| format!("{n}.jsonl")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    check(
        &bundle(&manifest(KEY, ""), &files),
        expect![[r#"
        refused: sonae_bundle: files exceeds 64
    "#]],
    );
    let much = " ".repeat(65 * 1024 * 1024);
    check(
        &bundle(&manifest(KEY, ""), &[("users.jsonl", &much)]),
        expect![[r#"
        refused: sonae_bundle: unpacked bytes exceeds 67108864
    "#]],
    );
}

#[test]
fn the_first_file_may_be_any() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [
        ("users.jsonl", String::new()),
        ("manifest.json", manifest(KEY, &entry("users", "", 0))),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    check(
        &zip.finish().unwrap().into_inner(),
        expect![[r#"
        source    machine:0123456789abcdef0123456789abcdef
        collector sonae 0.1.0
        target    machine:0123456789abcdef0123456789abcdef
        at        2026-11-21T03:00:00Z
        hosts (host, hostname, kind, vendor)
          "machine:0123456789abcdef0123456789abcdef" | null | null | null
    "#]],
    );
}

#[test]
fn reads_what_other_collectors_may_write() {
    let content =
        "\u{feff}{\"hardware_serial\":\"ab-1\",\"hostname\":\"pc-1\",\"hardware_vendor\":\"\"}\n\n";
    let manifest = manifest(KEY, &entry("system_info", content, 1));
    let bytes = bundle(
        &format!("\u{feff}{manifest}"),
        &[("system_info.jsonl", content)],
    );
    check(
        &bytes,
        expect![[r#"
        source    machine:0123456789abcdef0123456789abcdef
        collector sonae 0.1.0
        target    machine:0123456789abcdef0123456789abcdef
        at        2026-11-21T03:00:00Z
        system_info (host, hostname, uuid, hardware_vendor, hardware_model, hardware_serial)
          "machine:0123456789abcdef0123456789abcdef" | "pc-1" | null | "" | null | "ab-1"
        hosts (host, hostname, kind, vendor)
          "machine:0123456789abcdef0123456789abcdef" | "pc-1" | null | null
        host_identities (host, kind, value)
          "machine:0123456789abcdef0123456789abcdef" | "hostname" | "pc-1"
          "machine:0123456789abcdef0123456789abcdef" | "serial" | "AB-1"
    "#]],
    );
}
