use expect_test::{Expect, expect};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use sonae_domain::disclosure::{DisclosureAnswer, DisclosureEdition, DisclosureKind};

use super::words::{edition, is_number, kinds, leading_number, meant, printed};
use super::{DisclosureReading, read};

/// What the file says of itself, then rows, lines passed over, and findings.
fn told(bytes: &[u8]) -> String {
    let reading = match read(bytes, "mds.xlsx") {
        Ok(reading) => reading,
        Err(error) => return format!("refused: {error}"),
    };
    let head = format!(
        "{:?} {:?}{}",
        reading.kind,
        reading.edition,
        facts(&reading)
    );
    let rows = reading.rows.iter().map(|row| {
        let note = row.note.as_deref().map(|note| format!(" // {note}"));
        let why = row
            .why
            .as_ref()
            .map(|why| format!(" ({})", first_words(&why.en)));
        format!(
            "{}: {} [{}] {:?}{}{}",
            row.row,
            row.number,
            row.question.replace('\n', "+"),
            row.answer,
            why.unwrap_or_default(),
            note.unwrap_or_default()
        )
    });
    let passed_over = reading.passed_over.iter();
    let passed_over =
        passed_over.map(|line| format!("~ {} {}", line.place.row.unwrap_or_default(), line.text));
    let findings = reading.findings.iter().map(|finding| {
        let place = &finding.place;
        let part = place.part.as_deref().unwrap_or_default();
        let row = place.row.map(|row| row.to_string()).unwrap_or_default();
        format!(
            "! {:?} {part}{row} {}",
            finding.severity,
            first_words(&finding.text.en)
        )
    });
    let lines: Vec<String> = [head]
        .into_iter()
        .chain(rows)
        .chain(passed_over)
        .chain(findings)
        .collect();
    lines.join("\n")
}

fn facts(reading: &DisclosureReading) -> String {
    let day = reading.stated_on.map(|day| day.to_string());
    let names = [
        &reading.vendor,
        &reading.product,
        &reading.product_version,
        &day,
    ];
    let said = names.into_iter().flatten();
    said.map(|name| format!(" | {name}")).collect()
}

fn first_words(sentence: &str) -> String {
    let words = sentence.split([':', ';', '.']).next();
    words.unwrap_or_default().to_owned()
}

fn check(sheets: &[(&str, &[&[&str]])], expected: Expect) {
    check_merged(sheets, &[], expected);
}

/// Merged areas as first row, first column, last row, last column, from 0, of the first sheet.
fn check_merged(sheets: &[(&str, &[&[&str]])], merged: &[(u32, u16, u32, u16)], expected: Expect) {
    expected.assert_eq(&told(&workbook(sheets, merged)));
}

fn workbook(sheets: &[(&str, &[&[&str]])], merged: &[(u32, u16, u32, u16)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (at, (name, rows)) in sheets.iter().enumerate() {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in (0..).zip(*rows) {
            sheet.write_row(row, 0, cells.iter().copied()).unwrap();
        }
        if at == 0 {
            merged.iter().for_each(|area| merge(sheet, rows, *area));
        }
    }
    book.save_to_buffer().unwrap()
}

fn merge(sheet: &mut Worksheet, rows: &[&[&str]], area: (u32, u16, u32, u16)) {
    let (top, left, bottom, right) = area;
    let text = rows[top as usize]
        .get(usize::from(left))
        .copied()
        .unwrap_or_default();
    sheet
        .merge_range(top, left, bottom, right, text, &Format::new())
        .unwrap();
}

const TITLE: &[&str] = &["製造業者による医療情報セキュリティ開示書 Ver.5.0"];

#[test]
fn reads_marks_in_three_columns_and_what_the_file_says_of_itself() {
    check(
        &[(
            "MDS",
            &[
                TITLE,
                &[
                    "製造業者名",
                    "備えシステム株式会社",
                    "",
                    "作成日：令和8年4月1日",
                ],
                &["製品名称", "そなえカルテ", "バージョン", "3.2"],
                &["No.", "質問", "はい", "いいえ", "対象外", "備考"],
                &["1 記録"],
                &["1.1", "記録を残しますか", "○", "", "", ""],
                &["1.2", "記録を守りますか", "", "レ", "", "次の版で対応"],
                &["1.3", "記録を送りますか", "", "", "■"],
                &["1.4", "記録を消しますか", "○", "✓"],
                &["1.5", "記録を写しますか", "－", "□", ""],
                &["1.6", "記録を配りますか", "検討中"],
            ],
        )],
        expect![[r#"
            Some(Mds) Ver5 | 備えシステム株式会社 | そなえカルテ | 3.2 | 2026-04-01
            6: 1.1 [記録を残しますか] Yes
            7: 1.2 [記録を守りますか] No // 次の版で対応
            8: 1.3 [記録を送りますか] NotApplicable
            9: 1.4 [記録を消しますか] Unread (There are two marks or more)
            10: 1.5 [記録を写しますか] Unread (There is no answer)
            11: 1.6 [記録を配りますか] Unread (`検討中` is none of the three answers)
            ~ 5 1 記録"#]],
    );
}

#[test]
fn reads_a_word_in_one_column_in_any_width() {
    check(
        &[(
            "回答",
            &[
                &["サービス事業者による医療情報セキュリティ開示書"],
                &["項番", "分類", "チェック項目", "回答", "備　考"],
                &["１", "運用", "見張りますか", "はい"],
                &["２", "", "知らせますか", "いいえ（備考1）", "備考1"],
                &["３", "", "預けますか", "対 象 外"],
                &["４", "", "直しますか", "はい・いいえ・対象外"],
                &["５", "", "試しますか", "ﾊｲ"],
                &["６", "", "学びますか", "一部はい"],
                &["７", "", "比べますか"],
            ],
        )],
        expect![[r#"
            Some(Sds) Unknown
            3: １ [見張りますか] Yes
            4: ２ [知らせますか] No // 備考1
            5: ３ [預けますか] NotApplicable
            6: ４ [直しますか] Unread (There is no answer)
            7: ５ [試しますか] Yes
            8: ６ [学びますか] Unread (`一部はい` is none of the three answers)
            9: ７ [比べますか] Unread (There is no answer)"#]],
    );
}

#[test]
fn reads_printed_words_of_which_one_is_marked() {
    check(
        &[(
            "MDS",
            &[
                TITLE,
                &["1", "見ますか", "■はい □いいえ □対象外"],
                &["2", "聞きますか", "□はい ☑いいえ □対象外"],
                &["3", "話しますか", "はい いいえ ○対象外"],
                &["4", "書きますか", "○はい ○いいえ ○対象外"],
                &["5", "読みますか", "□はい □いいえ □対象外"],
                &["6", "測りますか", "●はい ○いいえ ○対象外"],
            ],
        )],
        expect![[r#"
            Some(Mds) Ver5
            2: 1 [見ますか] Yes
            3: 2 [聞きますか] No
            4: 3 [話しますか] NotApplicable
            5: 4 [書きますか] Unread (There are two marks or more)
            6: 5 [読みますか] Unread (There is no answer)
            7: 6 [測りますか] Yes"#]],
    );
}

#[test]
fn a_paper_form_with_printed_words_and_no_marks_is_not_read() {
    check(
        &[(
            "MDS",
            &[
                TITLE,
                &["1", "見ますか", "はい", "いいえ", "対象外"],
                &["2", "聞きますか", "はい", "いいえ", "対象外"],
                &["3", "話しますか", "はい", "☑いいえ", "対象外"],
            ],
        )],
        expect![[r#"
            Some(Mds) Ver5
            2: 1 [見ますか] Unread (There is no answer)
            3: 2 [聞きますか] Unread (There is no answer)
            4: 3 [話しますか] No"#]],
    );
}

#[test]
fn headers_stand_in_two_rows_and_come_again() {
    check_merged(
        &[(
            "MDS",
            &[
                TITLE,
                &["番号", "質問", "回答", "", "", "備考"],
                &["", "", "はい", "いいえ", "対象外"],
                &["1", "見ますか", "○"],
                &["管理", "", "はい", "いいえ", "対象外", "備考"],
                &["2", "聞きますか", "", "○", "", "後日"],
            ],
        )],
        &[(1, 2, 1, 4)],
        expect![[r#"
            Some(Mds) Ver5
            4: 1 [見ますか] Yes
            6: 2 [聞きますか] No // 後日
            ~ 5 管理 はい いいえ 対象外 備考"#]],
    );
}

#[test]
fn merged_cells_join_lines_and_span_headings() {
    check_merged(
        &[(
            "MDS",
            &[
                TITLE,
                &["番号", "質問", "回答", "備考"],
                &["2 管理について、以下を行いますか"],
                &["2.1", "見ますか", "はい"],
                &["", "（続き）"],
                &["2.2", "聞きますか", "はい"],
                &["", "話しますか"],
                &["", "書きますか", "いいえ"],
            ],
        )],
        &[(2, 0, 2, 3), (3, 0, 4, 0), (3, 2, 4, 2), (5, 0, 7, 0)],
        expect![[r#"
            Some(Mds) Ver5
            4: 2.1 [見ますか+（続き）] Yes
            6: 2.2 [聞きますか] Yes
            7: 2.2 [話しますか] Unread (There is no answer)
            8: 2.2 [書きますか] No
            ~ 3 2 管理について、以下を行いますか"#]],
    );
}

#[test]
fn numbers_may_stand_before_the_words_and_letters_below_numbers() {
    check(
        &[(
            "SDS",
            &[
                &["質問", "回答"],
                &["1．見ますか", "はい"],
                &["2要素で守りますか", "いいえ"],
                &["③聞きますか", "対象外"],
                &["この先は任意です"],
            ],
        )],
        expect![[r#"
            Some(Sds) Unknown
            2: 1 [見ますか] Yes
            3:  [2要素で守りますか] No
            4: ③ [聞きますか] NotApplicable
            ~ 5 この先は任意です"#]],
    );
    check(
        &[(
            "SDS",
            &[
                &["No", "質問", "", "回答"],
                &["4", "備えますか", "", "はい"],
                &["ア", "", "夜も", "いいえ"],
                &["", "", "昼も", "はい"],
            ],
        )],
        expect![[r#"
            Some(Sds) Unknown
            2: 4 [備えますか] Yes
            3: ア [夜も] No
            4:  [昼も] Yes"#]],
    );
}

#[test]
fn of_two_forms_in_a_file_the_blank_one_is_left_out() {
    let filled: &[&[&str]] = &[
        &["製造業者による開示書"],
        &["番号", "質問", "回答"],
        &["1", "見ますか", "はい"],
    ];
    let blank: &[&[&str]] = &[
        &["サービス事業者による開示書"],
        &["番号", "質問", "回答"],
        &["1", "預けますか", ""],
    ];
    check(
        &[("MDS", filled), ("SDS", blank)],
        expect![[r#"
            Some(Mds) Unknown
            3: 1 [見ますか] Yes
            ! Notice SDS This sheet is the other form (MDS or SDS) without any answer"#]],
    );
    let more: &[&[&str]] = &[&["番号", "質問", "回答"], &["2", "聞きますか", ""]];
    check(
        &[("MDS", filled), ("MDS続き", more)],
        expect![[r#"
        Some(Mds) Unknown
        3: 1 [見ますか] Yes
        2: 2 [聞きますか] Unread (There is no answer)"#]],
    );
}

#[test]
fn sheets_without_questions_and_other_files_say_so() {
    check(
        &[
            ("記入要領", &[&["開示書の書き方"], &["正しく書くこと"]]),
            ("別表", &[&["見ますか"], &["はい"]]),
        ],
        expect![[r#"
            None Unknown
            ! Notice 記入要領 No questions with a place for answers were found on this sheet
            ! Unread 別表 No questions with a place for answers were found on this sheet"#]],
    );
    check(
        &[("台帳", &[&["機器名", "種別"], &["pc", "端末"]])],
        expect!["refused: no MDS or SDS"],
    );
    expect!["refused: the file is empty"].assert_eq(&told(b""));
    expect![
        "refused: disclosure_statement: damaged at ZIP: invalid Zip archive: Could not find EOCD"
    ]
    .assert_eq(&told(b"PK\x03\x04xl/ torn"));
}

#[test]
fn reads_the_fixtures() {
    let check = |bytes: &[u8], expected: Expect| expected.assert_eq(&told(bytes));
    check(
        include_bytes!("../../../../fixtures/disclosure_statement/good_cp932.csv"),
        expect![[r#"
            Some(Mds) Unknown | 備えシステム株式会社 | そなえカルテ | 3.2 | 2026-04-01
            5: 1 [利用者ごとにパスワードを設定できますか] Yes
            6: 2 [患者番号を隠して表示できますか] No
            7: 3 [通信は+暗号化しますか] Yes // 備考1
            8: 4 [現場で無線を使いますか] NotApplicable
            ~ 9 備考1 専用の装置を用います"#]],
    );
    check(
        include_bytes!("../../../../fixtures/disclosure_statement/next_edition.csv"),
        expect![[r#"
            Some(Sds) Other | そなえクラウド | 2028-04-01
            4: A-1 [夜間も見張りますか] Yes
            5: A-2 [止まったら知らせますか] No // 電話のみ
            6: A-3 [二つの場所に預けますか] Unread (`準備中` is none of the three answers)"#]],
    );
    check(
        include_bytes!("../../../../fixtures/disclosure_statement/broken.csv"),
        expect![[r#"
            Some(Mds) Unknown
            3: 1 [利用者を区別しますか] Unread (There are two marks or more)
            5: 2 [] Yes
            6: 3 [記録を残しますか] Unread (`#REF!` is none of the three answers)
            ! Unread 4 There is an answer here, but no question"#]],
    );
    check(
        include_bytes!("../../../../fixtures/disclosure_statement/wrong_encoding.csv"),
        expect!["refused: disclosure_statement: not UTF-8, UTF-16 or CP932"],
    );
}

#[test]
fn limits_the_number_of_questions() {
    let mut text = "MDS\n番号,質問,回答\n".to_owned();
    for number in 0..=super::QUESTIONS_MAX {
        text.push_str(&format!("{number},q,はい\n"));
    }
    assert_eq!(
        told(text.as_bytes()),
        "refused: disclosure_statement: questions exceeds 2000"
    );
}

/// No cell that holds two marks, or none, is ever an answer.
#[test]
fn only_one_mark_is_an_answer() {
    const MARKS: [&str; 5] = ["", "□", "○", "■", "レ"];
    for yes in MARKS {
        for no in MARKS {
            for none in MARKS {
                let text = format!("MDS\n番号,質問,はい,いいえ,対象外\n1,q,{yes},{no},{none}\n");
                let reading = read(text.as_bytes(), "a.csv").expect("a form");
                let marks = [yes, no, none].map(|mark| !matches!(mark, "" | "□"));
                let expected = match marks {
                    [true, false, false] => DisclosureAnswer::Yes,
                    [false, true, false] => DisclosureAnswer::No,
                    [false, false, true] => DisclosureAnswer::NotApplicable,
                    _ => DisclosureAnswer::Unread,
                };
                assert_eq!(reading.rows[0].answer, expected, "{yes},{no},{none}");
            }
        }
    }
}

#[test]
fn tells_editions_and_kinds_only_where_the_form_is_named() {
    let check = |text: &str, expected: Option<DisclosureEdition>| {
        assert_eq!(edition(text), expected, "{text}");
    };
    let (ver4, ver5) = (Some(DisclosureEdition::Ver4), Some(DisclosureEdition::Ver5));
    check("医療情報セキュリティ開示書 Ver.5.0", ver5);
    check(
        "開示書ガイド　ｖｅｒ４．１（ガイドライン第6.0版対応）",
        ver4,
    );
    check("JAHIS標準 20-005", ver4);
    check("JAHIS標準24-005", ver5);
    check("SDS Version 3.0a", Some(DisclosureEdition::Other));
    check("製品バージョン Ver.5.0", None);
    check("開示書（安全管理に関するガイドライン Ver.6.0 対応）", None);
    let check =
        |text: &str, expected: &[DisclosureKind]| assert_eq!(kinds(text), expected, "{text}");
    check(
        "製造業者による医療情報セキュリティ開示書",
        &[DisclosureKind::Mds],
    );
    check("ＳＤＳ（サービス）", &[DisclosureKind::Sds]);
    check(
        "製造業者／サービス事業者による医療情報セキュリティ開示書（MDS/SDS）",
        &[],
    );
    check("MDS2", &[]);
}

#[test]
fn tells_numbers_from_words() {
    for number in ["1", "１．２", "1-2(a)", "①", "Q3", "MDS-12", "(6.2.C1)"] {
        assert!(is_number(number), "{number}");
    }
    for other in [
        "",
        "2025-04-01",
        "記録1",
        "第1章",
        "1.2.3.4.5.6.7",
        "abcdef1",
    ] {
        assert!(!is_number(other), "{other}");
    }
    let check = |text, expected| assert_eq!(leading_number(text), expected, "{text}");
    check("1.2 見ますか", Some(("1.2", "見ますか")));
    check("１．見ますか", Some(("１", "見ますか")));
    check("②見ますか", Some(("②", "見ますか")));
    check("2要素で守る", None);
    check("1.", None);
}

#[test]
fn tells_which_of_the_printed_words_is_meant() {
    let check = |cell: &str, expected: Option<DisclosureAnswer>| {
        let said = printed(cell).and_then(|words| meant(&words).ok());
        assert_eq!(said, expected, "{cell}");
    };
    let (yes, no) = (Some(DisclosureAnswer::Yes), Some(DisclosureAnswer::No));
    check("はい", yes);
    check("○ はい", yes);
    check("いいえ（備考2を参照）", no);
    check("■はい■いいえ", None);
    check("□はい", None);
    check("はいではない", None);
    check("はい、いいえ", None);
    check("○○はい", None);
    check("はい○", None);
    check("", None);
}
