use expect_test::{Expect, expect};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sonae_domain::answer::AnswerValue;

use super::{answer_value, read};

/// Answers as `item round value confirmed target note`, then findings.
fn told(bytes: &[u8]) -> String {
    let reading = match read(bytes, "form.xlsx") {
        Ok(reading) => reading,
        Err(error) => return format!("refused: {error}"),
    };
    let answers = reading.answers.iter().map(|answer| {
        let day =
            |day: Option<jiff::civil::Date>| day.map_or("-".to_owned(), |day| day.to_string());
        format!(
            "{} {} {:?} {} {} {}",
            answer.item,
            answer.round,
            answer.value,
            day(answer.confirmed_on),
            day(answer.target_on),
            answer.note.as_deref().unwrap_or("-")
        )
    });
    let findings = reading.findings.iter().map(|finding| {
        let row = finding.place.row.unwrap_or_default();
        let column = finding.place.column.as_deref().unwrap_or_default();
        format!(
            "- {:?} {row}:{column} {}",
            finding.severity, finding.text.en
        )
    });
    answers.chain(findings).collect::<Vec<_>>().join("\n")
}

fn check(header: &[&str], rows: &[&[&str]], expected: Expect) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("様式").unwrap();
    sheet
        .merge_range(0, 0, 0, 5, "令和7年度版 チェックリスト", &Format::new())
        .unwrap();
    sheet.write_row(3, 0, header.iter().copied()).unwrap();
    for (row, cells) in (4..).zip(rows) {
        sheet.write_row(row, 0, cells.iter().copied()).unwrap();
    }
    book.add_worksheet()
        .set_name("状況と証拠")
        .unwrap()
        .write(0, 0, "申告のみ")
        .unwrap();
    expected.assert_eq(&told(&book.save_to_buffer().unwrap()));
}

const HEADER: [&str; 7] = [
    "区分",
    "チェック項目",
    "回答",
    "確認日",
    "目標日",
    "備考",
    "item_id",
];

#[test]
fn reads_a_filled_form() {
    check(
        &HEADER,
        &[
            &[
                "1 体制構築",
                "責任者",
                "はい",
                "2025/11/5",
                "",
                "",
                "fy2025/facility/officer-appointed",
            ],
            &[
                "",
                "台帳",
                "いいえ",
                "R7.11.5",
                "令和8年1月31日",
                "作成中",
                "fy2025/facility/asset-ledger",
            ],
            &["", "MDS", "記入不要", "", "", "", "fy2025/facility/mds"],
            &["", "未回答", "", "", "", "", "fy2025/facility/other"],
            &["", "サーバについて、以下を実施している。"],
        ],
        expect![[r#"
        fy2025/facility/officer-appointed 1 Yes 2025-11-05 - -
        fy2025/facility/asset-ledger 1 No 2025-11-05 2026-01-31 作成中
        fy2025/facility/mds 1 NotRequired - - -"#]],
    );
}

#[test]
fn reads_columns_in_any_order_and_two_rounds() {
    check(
        &[
            "item_id",
            "備考",
            "目標日",
            "確認日（2回目）",
            "回答（2回目）",
            "確認日",
            "回答",
        ],
        &[
            &["a", "済", "", "2026-02-01", "はい", "2025-06-01", "いいえ"],
            &["b", "予定", "2026-03-01", "", "", "2025-06-01", "いいえ"],
        ],
        expect![[r#"
            a 1 No 2025-06-01 - -
            a 2 Yes 2026-02-01 - 済
            b 1 No 2025-06-01 2026-03-01 予定"#]],
    );
}

#[test]
fn takes_no_answer_that_is_doubtful() {
    check(
        &HEADER,
        &[
            &["", "", "たぶん", "2025/11/5", "", "", "a"],
            &["", "", "はい", "11月", "", "", "b"],
            &["", "", "いいえ", "2025/11/5", "来年", "", "c"],
            &["", "", "", "2025/11/5", "", "", "d"],
            &["", "", "", "", "", "メモ", "e"],
            &["", "", "はい", "2025/11/5", "", "", ""],
            &["", "", "はい", "2025/11/5", "", "", "f"],
            &["", "", "いいえ", "2025/11/6", "", "", "f"],
            &["", "", "いいえ", "2025/11/5", "同上", "", "g"],
        ],
        expect![[r#"
            f 1 Yes 2025-11-05 - -
            - Unread 5:回答 `たぶん` is no answer. Choose はい, いいえ or 記入不要. The answer in this row was not taken.
            - Unread 6:確認日 `11月` is no date. Write year, month and day, as in 2026-03-31. The answer in this row was not taken.
            - Unread 7:目標日 `来年` is no date. Write year, month and day, as in 2026-03-31. The answer in this row was not taken.
            - Unread 8:回答 There is a day of confirmation, but no answer. Choose one. The answer in this row was not taken.
            - Unread 9: There is a target day or a note, but no answer to take, so neither was read.
            - Unread 10: There is an answer in a row that is no item. It was not read.
            - Unread 12: The item `f` also stands in a row above; this row was not read. Check for copied rows.
            - Unread 13:目標日 `同上` refers to the row above; that is not guessed. Write the value itself. The answer in this row was not taken."#]],
    );
}

#[test]
fn reads_dates_as_excel_keeps_them() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, HEADER).unwrap();
    sheet
        .write_row(1, 0, ["", "", "はい", "", "", "", "a"])
        .unwrap();
    let day = ExcelDateTime::from_ymd(2025, 11, 5).unwrap();
    sheet
        .write_with_format(1, 3, &day, &Format::new().set_num_format("yyyy/m/d"))
        .unwrap();
    expect!["a 1 Yes 2025-11-05 - -"].assert_eq(&told(&book.save_to_buffer().unwrap()));
}

#[test]
fn refuses_what_sonae_did_not_write() {
    check(
        &["チェック項目", "回答"],
        &[&["台帳", "はい"]],
        expect!["refused: no known format"],
    );
    for bytes in [&b""[..], b"PK\x03\x04", b"\x81"] {
        assert!(read(bytes, "form.xlsx").is_err());
    }
}

#[test]
fn an_empty_form_has_no_answers() {
    check(&HEADER, &[], expect![""]);
}

#[test]
fn says_which_round_was_not_taken_and_where_an_answer_stands() {
    let header = [
        "item_id",
        "回答",
        "確認日",
        "回答（2回目）",
        "確認日（2回目）",
    ];
    check(
        &header,
        &[&["a", "○", "2025-06-01", "たぶん", "2026-02-01"]],
        expect![[r#"
            a 1 Yes 2025-06-01 - -
            - Unread 5:回答（2回目） `たぶん` is no answer. Choose はい, いいえ or 記入不要. The answer of round 2 in this row was not taken."#]],
    );
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("様式").unwrap();
    sheet.write_row(0, 0, ["item_id", "回答"]).unwrap();
    sheet.write_row(2, 0, ["a", "はい"]).unwrap();
    let reading = read(&book.save_to_buffer().unwrap(), "form.xlsx").unwrap();
    let answers = reading.answers;
    expect![[r#"[{"item":"a","round":1,"value":"yes","confirmed_on":null,"target_on":null,"note":null,"place":{"part":"様式","row":3,"column":null}}]"#]].assert_eq(&serde_json::to_string(&answers).unwrap());
}

#[test]
fn knows_the_words_and_signs_for_answers() {
    for (words, expected) in [
        (
            &["はい", "ハイ", "ﾊｲ", " は い ", "YES", "○", "◯", "〇"][..],
            Some(AnswerValue::Yes),
        ),
        (
            &["いいえ", "イイエ", "ｲｲｴ", "Ｎｏ", "×", "✕"],
            Some(AnswerValue::No),
        ),
        (
            &["記入不要", "対象外", "not-required", "not required"],
            Some(AnswerValue::NotRequired),
        ),
        (&["", "x", "△", "はい？", "いいえ 予定あり", "-"], None),
    ] {
        for word in words {
            assert_eq!(answer_value(word), expected, "{word}");
        }
    }
}

#[test]
fn the_vendor_is_the_one_that_the_form_names() {
    let check = |cells: &[&str], expected: Option<&str>| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, cells.iter().copied()).unwrap();
        sheet.write_row(2, 0, HEADER).unwrap();
        let read = read(&book.save_to_buffer().unwrap(), "form.xlsx").unwrap();
        assert_eq!(read.vendor.as_deref(), expected, "{cells:?}");
    };
    check(
        &["医療機関名：備え医院", "事業者名：青葉システム"],
        Some("青葉システム"),
    );
    check(&["", "事業者名", "", "青葉システム"], Some("青葉システム"));
    check(&["", "事業者名"], None);
    check(&["事業者確認用"], None);
}
