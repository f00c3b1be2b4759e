use expect_test::{Expect, expect};

use crate::Input;
use crate::testing::show_unasked;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/restore_drills/",
            $name
        ))
    };
}

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show_unasked(super::FORMAT, bytes));
}

#[test]
fn reads_a_good_list() {
    check(
        fixture!("good.csv"),
        expect![[r#"
            source    restore_drills
            collector restore_drills
            restore_drills (repository, drilled_on, succeeded, person, detail)
              "/srv/backup" | "2026-10-01" | 1 | "佐藤" | "電子カルテのデータを別のPCに戻して開いた"
              "*" | "2026-04-01" | 0 | "佐藤" | "鍵が見つからなかった"
        "#]],
    );
}

#[test]
fn reads_a_broken_list() {
    check(
        fixture!("broken.csv"),
        expect![[r#"
            source    restore_drills
            collector restore_drills
            restore_drills (repository, drilled_on, succeeded, person, detail)
              "/srv/backup" | "2026-10-01" | null | "佐藤" | null
            unread [2] No day of the drill, so this does not count as a drill. Write the day of the drill.
            unread [3 実施日] `来週` is no date. Write year, month and day, as in 2026-03-31.
            unread [4 結果] The result `だいたい` tells neither success nor failure. Write 成功 or 失敗.
            unread [5] No person who did it, so this does not count as a drill. Write the person who did it.
            unread [6] No repository, so this does not count as a drill. Write the repository.
        "#]],
    );
}

#[test]
fn refuses_an_empty_list() {
    check(
        fixture!("empty.csv"),
        expect![[r#"
            refused: restore_drills: has headers, but no row
        "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        fixture!("wrong_encoding.csv"),
        expect![[r#"
            refused: restore_drills: not UTF-8, UTF-16 or CP932
        "#]],
    );
}

#[test]
fn reads_next_years_form() {
    check(
        fixture!("next_year.csv"),
        expect![[r#"
            source    restore_drills
            collector restore_drills
            restore_drills (repository, drilled_on, succeeded, person, detail)
              "NAS" | "2027-04-01" | 1 | "鈴木" | "画面で確認"
            notice [2] This row stands above the header and was not read: `復旧訓練の記録`
            notice [3 承認印] This column has no use here and was not read. Better leave needless columns out of the export.
        "#]],
    );
}

#[test]
fn is_told_from_the_other_lists() {
    let detected = |bytes: &[u8]| {
        let input = Input {
            file_name: "list",
            bytes,
            mapping: None,
        };
        crate::detect(&input).map(|reader| reader.format)
    };
    assert_eq!(detected(fixture!("good.csv")), Some("restore_drills"));
    assert_eq!(
        detected("機器名,種別,型番\npc,端末,1\n".as_bytes()),
        Some("ledger")
    );
}
