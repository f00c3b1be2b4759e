use expect_test::{Expect, expect};
use rust_xlsxwriter::Workbook;
use sonae_domain::fact::{FactTable, FactValue};

use crate::Input;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/staff_roster/",
            $name
        ))
    };
}

/// Facts as rows, then findings as `severity row:column: English text`.
fn told(bytes: &[u8]) -> String {
    let input = Input {
        file_name: "list",
        bytes,
        mapping: None,
    };
    let reading = match super::READER.read(&input) {
        Ok(reading) => reading,
        Err(error) => return format!("refused: {error}"),
    };
    let table = include_str!("../../../../data/facts/staff.toml");
    let table = FactTable::from_toml(table).unwrap();
    let mut lines = Vec::new();
    for facts in &reading.facts {
        assert_eq!(facts.misfit(&table), None);
        lines.extend(facts.rows.iter().map(|row| {
            let cells = row.iter().map(|value| match value {
                FactValue::Null => "-".to_owned(),
                FactValue::Integer(number) => number.to_string(),
                FactValue::Text(text) => text.clone(),
            });
            cells.collect::<Vec<_>>().join("|")
        }));
    }
    lines.extend(reading.findings.iter().map(|finding| {
        let place = &finding.place;
        let row = place.row.map(|row| row.to_string()).unwrap_or_default();
        let column = place.column.as_deref().unwrap_or_default();
        format!(
            "- {:?} {row}:{column} {}",
            finding.severity, finding.text.en
        )
    }));
    lines.join("\n")
}

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&told(bytes));
}

#[test]
fn reads_a_good_list() {
    check(
        fixture!("good_cp932.csv"),
        expect![[r#"
        001|山田　花子|yamada.h|1|-|外来|看護師
        002|佐藤 一郎|sato.i|0|2026-03-31|医局|医師
        003|鈴木 次郎|suzuki.j|1|-|検査|臨床検査技師
        - Notice 1: This row stands above the header and was not read: `在職者名簿（令和8年11月1日現在）`"#]],
    );
}

#[test]
fn reads_next_years_form() {
    check(
        fixture!("next_year.csv"),
        expect!["001|山田 花子|yamada.h|1|-|外来|看護師"],
    );
}

#[test]
fn reads_a_broken_list() {
    check(
        fixture!("broken.csv"),
        expect![[r#"
            001|山田 花子|yamada.h|-|-|外来|-
            001|佐藤 一郎|-|1|2026-03-31|医局|-
            004|鈴木 次郎|suzuki.j|-|-|-|-
            - Notice 1:住所 This column has no use here and was not read. Better leave needless columns out of the export.
            - Unread 2:在職状況 The status `たぶん` is not known. Write employed, on leave or left.
            - Notice 3:職員番号 The staff number `001` also stands in row 2. Both were read; check for doubles.
            - Notice 3:退職日 The person is employed, but has a last day. Check which is right.
            - Unread 4: No name, staff number or account, so this row was not read.
            - Unread 5:退職日 `3月末` is no date. Write year, month and day, as in 2026-03-31."#]],
    );
}

#[test]
fn refuses_an_empty_list() {
    check(
        fixture!("empty.csv"),
        expect!["refused: staff_roster: has headers, but no row"],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        fixture!("wrong_encoding.csv"),
        expect!["refused: staff_roster: not UTF-8, UTF-16 or CP932"],
    );
}

#[test]
fn refuses_what_must_not_be_stored() {
    check(
        fixture!("individual_number.csv"),
        expect!["refused: staff_roster: holds 「個人番号」, which is not stored"],
    );
}

#[test]
fn reads_a_workbook() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [
        ["職員番号", "氏名", "退職区分"],
        ["007", "高橋 四郎", "退職"],
        ["008", "渡辺 五郎", "○"],
    ]
    .iter()
    .enumerate()
    {
        let row = row.try_into().unwrap();
        sheet.write_row(row, 0, *cells).unwrap();
    }
    check(
        &book.save_to_buffer().unwrap(),
        expect![[r#"
        007|高橋 四郎|-|0|-|-|-
        008|渡辺 五郎|-|-|-|-|-
        - Unread 3:退職区分 The status `○` is not known. Write employed, on leave or left."#]],
    );
}

#[test]
fn is_told_from_a_ledger() {
    let detected = |bytes: &[u8]| {
        let input = Input {
            file_name: "list",
            bytes,
            mapping: None,
        };
        crate::detect(&input).map(|reader| reader.format)
    };
    assert_eq!(detected(fixture!("good_cp932.csv")), Some("staff_roster"));
    assert_eq!(
        detected("機器名,種別,職員番号,氏名\npc,端末,1,a\n".as_bytes()),
        Some("ledger")
    );
    assert_eq!(
        detected(b"host name,ip address,name,account\npc,10.0.0.1,a,b\n"),
        Some("ledger")
    );
}
