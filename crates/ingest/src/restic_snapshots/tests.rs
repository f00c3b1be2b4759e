//! Files of `fixtures/restic_snapshots/`, and the cases that one file cannot show.

use expect_test::{Expect, expect};

use crate::testing::show;

const FORMAT: &str = "restic_snapshots";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.json", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/restic_snapshots/good.json"),
        expect![[r#"
            source    restic:example.json
            collector restic
            target    ehr,nas
            backups (repository, tool, backup_id, source_host, paths, taken_at)
              "ehr,nas" | "restic" | "0000000000000000000000000000000000000000000000000000000000000001" | "ehr" | "/srv/ehr\n/etc" | "2026-11-07T17:00:00Z"
              "ehr,nas" | "restic" | "0000000000000000000000000000000000000000000000000000000000000002" | "nas" | "/data" | "2026-11-15T02:00:00Z"
        "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/restic_snapshots/empty.json"),
        expect![[r#"
        source    restic:example.json
        collector restic
        notice [] There is no backup generation.
    "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/restic_snapshots/broken.json"),
        expect![[r#"
        refused: restic_snapshots: damaged at line 1: EOF while parsing an object at line 1 column 310
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/restic_snapshots/wrong_encoding.json"),
        expect![[r#"
        refused: restic_snapshots: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/restic_snapshots/next_version.json"),
        expect![[r#"
            source    restic:example.json
            collector restic
            target    ehr
            backups (repository, tool, backup_id, source_host, paths, taken_at)
              "ehr" | "restic" | "0000000000000000000000000000000000000000000000000000000000000001" | "ehr" | "/srv/ehr\n/etc" | "2026-11-08T02:00:00Z"
              "ehr" | "restic" | "0000000000000000000000000000000000000000000000000000000000000003" | "ehr" | "/srv/ehr\n/etc" | null
            unread [2] This is not a generation (missing field `time`). It was not read.
            unread [3 time] This is not a time that Sonae reads (yesterday).
        "#]],
    );
}

#[test]
fn knows_an_old_empty_list() {
    check(
        b"null",
        expect![[r#"
        source    restic:example.json
        collector restic
        notice [] There is no backup generation.
    "#]],
    );
}

#[test]
fn reads_what_powershell_writes() {
    let text = r#"[{"time":"2026-11-08T02:00:00Z","paths":["C:\\data"],"hostname":"pc","id":"1"}]"#;
    let bytes: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    check(
        &bytes,
        expect![[r#"
            source    restic:example.json
            collector restic
            target    pc
            backups (repository, tool, backup_id, source_host, paths, taken_at)
              "pc" | "restic" | "1" | "pc" | "C:\\data" | "2026-11-08T02:00:00Z"
        "#]],
    );
}
