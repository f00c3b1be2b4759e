use expect_test::{Expect, expect};
use rust_xlsxwriter::Workbook;
use sonae_domain::fact::{FactTable, FactValue};

use crate::Input;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/approved_services/",
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
    let table = include_str!("../../../../data/facts/approved_services.toml");
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
        fixture!("good.csv"),
        expect![[r#"
        srv-01|server|tcp|443|-|電子カルテの画面|2026-11-01
        *|terminal|-|-|Print Spooler|受付の印刷|2026-11-01
        srv-01|-|tcp|53|-|名前解決|2026-11-01
        srv-01|-|udp|53|-|名前解決|2026-11-01"#]],
    );
}

#[test]
fn reads_next_years_form() {
    check(
        fixture!("next_year_cp932.csv"),
        expect![[r#"
            srv-01|server|tcp|443|-|電子カルテ|2027-04-01
            - Notice 1:承認者 This column has no use here and was not read. Better leave needless columns out of the export."#]],
    );
}

#[test]
fn reads_a_broken_list() {
    check(
        fixture!("broken.csv"),
        expect![[r#"
        - Unread 2: No reason, so this does not count as an approval. Write the reason.
        - Unread 3: No day of the review, so this does not count as an approval. Write the day of the review.
        - Unread 4:確認日 `来週` is no date. Write year, month and day, as in 2026-03-31.
        - Unread 5:ポート `5000-5010` is no port, so this does not count as an approval. Write one number from 1 to 65535 a row.
        - Unread 6: No protocol, so this does not count as an approval. Write the protocol.
        - Unread 7:プロトコル The protocol `ICMP` is not known, so this does not count as an approval. Write TCP or UDP.
        - Unread 8:種別 The kind `冷蔵庫` is not known, so this does not count as an approval. Write server or terminal, or leave it empty.
        - Unread 9: No port or service name, so this does not count as an approval. Write the port or service name.
        - Unread 10: No asset name, so this does not count as an approval. Write the asset name."#]],
    );
}

#[test]
fn refuses_an_empty_list() {
    check(
        fixture!("empty.csv"),
        expect!["refused: approved_services: has headers, but no row"],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        fixture!("wrong_encoding.csv"),
        expect!["refused: approved_services: not UTF-8, UTF-16 or CP932"],
    );
}

#[test]
fn reads_a_workbook() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .write_row(0, 0, ["機器名", "プロトコル", "ポート", "理由", "確認日"])
        .unwrap();
    sheet
        .write_row(1, 0, ["全て", "UDP", "", "時刻合わせ", "R8.11.1"])
        .unwrap();
    sheet.write(1, 2, 123).unwrap();
    check(
        &book.save_to_buffer().unwrap(),
        expect!["*|-|udp|123|-|時刻合わせ|2026-11-01"],
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
    assert_eq!(detected(fixture!("good.csv")), Some("approved_services"));
    assert_eq!(
        detected("機器名,種別,型番\npc,端末,1\n".as_bytes()),
        Some("ledger")
    );
}
