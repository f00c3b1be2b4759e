//! Files of `fixtures/borg_list/`, and the cases that one file cannot show.

use expect_test::{Expect, expect};

use crate::testing::show;

const FORMAT: &str = "borg_list";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.json", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/borg_list/good.json"),
        expect![[r#"
        source    borg:ssh://nas/srv/borg
        collector borg
        target    ssh://nas/srv/borg
        backups (repository, tool, backup_id, source_host, paths, taken_at)
          "ssh://nas/srv/borg" | "borg" | "0000000000000000000000000000000000000000000000000000000000000001" | null | null | "2026-11-13T17:00:00Z"
          "ssh://nas/srv/borg" | "borg" | "0000000000000000000000000000000000000000000000000000000000000002" | "ehr" | null | "2026-11-20T17:00:00Z"
        notice [3] The backup ehr-1122.checkpoint was interrupted and does not count as a generation.
        notice [] The times have no zone. They were read as time in Japan.
    "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/borg_list/empty.json"),
        expect![[r#"
        source    borg:ssh://nas/srv/borg
        collector borg
        target    ssh://nas/srv/borg
        notice [] There is no backup generation.
    "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/borg_list/broken.json"),
        expect![[r#"
        refused: borg_list: damaged at line 16: EOF while parsing a string at line 16 column 51
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/borg_list/wrong_encoding.json"),
        expect![[r#"
        refused: borg_list: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/borg_list/next_version.json"),
        expect![[r#"
        source    borg:/srv/borg
        collector borg
        target    /srv/borg
        backups (repository, tool, backup_id, source_host, paths, taken_at)
          "/srv/borg" | "borg" | "0000000000000000000000000000000000000000000000000000000000000001" | null | null | "2026-11-13T17:00:00Z"
          "/srv/borg" | "borg" | "0000000000000000000000000000000000000000000000000000000000000002" | null | null | null
        unread [2 time] This is not a time that Sonae reads (soon).
        unread [3] This is not a generation (missing field `id`). It was not read.
    "#]],
    );
}

#[test]
fn takes_users_out_of_the_location_and_refuses_passwords() {
    for (location, expected) in [
        (
            "ssh://u@nas:22/srv/a@b",
            "source    borg:ssh://nas:22/srv/a@b",
        ),
        (
            "ssh://u:p@nas:22/srv/a@b",
            "refused: borg_list: holds repository.location, which is not stored",
        ),
        ("u@nas:srv", "source    borg:nas:srv"),
        ("/srv/a@b", "source    borg:/srv/a@b"),
        ("", "source    borg:r1"),
    ] {
        let text =
            format!(r#"{{"archives":[],"repository":{{"id":"r1","location":"{location}"}}}}"#);
        let shown = show(FORMAT, "list.json", text.as_bytes());
        let source = shown.lines().next().unwrap_or_default();
        assert_eq!(source, expected);
    }
}
