//! The form in all its shapes: pages, fonts, bytes, and its content as text.

use expect_test::{ExpectFile, expect_file};
use jiff::civil::date;
use sonae_domain::answer::AnswerValue;
use sonae_domain::edition::Edition;
use sonae_domain::ids::FormId;

use super::*;
use crate::pdf::Rendered;
use crate::samples;

fn render(sheet: &FormSheet<'_>) -> Rendered {
    let rendered =
        pdf::render(&TEMPLATE, &context::of(sheet).unwrap(), sheet.generated_on).unwrap();
    assert_eq!(
        rendered.warnings, "",
        "{} {}",
        sheet.edition.id, sheet.form.id
    );
    rendered
}

fn each_form(check: impl Fn(&Edition, &FormId)) {
    for edition in samples::editions() {
        for form in &edition.head.forms {
            check(&edition, &form.id);
        }
    }
}

#[test]
fn a_form_of_any_edition_fits_on_one_page_for_the_pen() {
    each_form(|edition, form| {
        let sheet = FormSheet {
            blank: true,
            history: None,
            ..samples::filled(edition, form)
        };
        assert_eq!(render(&sheet).n_pages, 1, "{} {form}", edition.head.id);
    });
}

#[test]
fn a_filled_form_has_two_pages_at_most() {
    each_form(|edition, form| {
        let mut sheet = samples::filled(edition, form);
        sheet.rows.iter_mut().for_each(|row| row.state = None);
        let n_pages = render(&sheet).n_pages;
        assert!(n_pages <= 2, "{} {form}: {n_pages}", edition.head.id);
    });
}

#[test]
fn eight_notes_leave_the_form_on_one_page() {
    let editions = samples::editions();
    let edition = editions.first().unwrap();
    for form in ["facility", "pharmacy", "vendor"].map(FormId::new) {
        let mut sheet = samples::filled(edition, &form);
        for (i, row) in sheet.rows.iter_mut().enumerate() {
            row.state = None;
            row.answers = vec![AnswerShown {
                round: 1,
                value: AnswerValue::Yes,
                confirmed_on: samples::TODAY,
                target_on: None,
                note: match i {
                    6 => Some(
                        "保守業者の回線に限り、接続のたびに事務長が承認し、".repeat(2) + "残す。",
                    ),
                    _ => (i < 14 && i % 2 == 0)
                        .then(|| "台帳は事務室の鍵付き書庫に保管、毎月月末に更新".to_owned()),
                },
            }];
        }
        assert_eq!(render(&sheet).n_pages, 1, "{form}");
    }
}

#[test]
fn a_vendor_form_names_the_institution_and_the_vendor_or_leaves_it_to_the_pen() {
    let editions = samples::editions();
    let edition = editions.first().unwrap();
    let check = |form: &str, vendor: &str, expected: &[(&str, Option<&str>)]| {
        let form = FormId::new(form);
        let sheet = FormSheet {
            institution: "備え医院",
            vendor,
            ..samples::filled(edition, &form)
        };
        let names = context::names(&sheet);
        let names: Vec<_> = names
            .iter()
            .map(|n| (n.label, n.value.as_deref()))
            .collect();
        assert_eq!(names, expected);
    };
    let institution = ("医療機関名", Some("備え医院"));
    check("facility", "青葉", &[institution]);
    check("pharmacy", "青葉", &[("薬局名", Some("備え医院"))]);
    check("vendor", "", &[institution, ("事業者名", None)]);
    check("vendor", "青葉", &[institution, ("事業者名", Some("青葉"))]);
}

#[test]
fn a_number_that_stands_twice_is_told_apart_on_our_own_pages() {
    let editions = samples::editions();
    let check = |i: usize, form: &str, language, expected: &[&str]| {
        let form = FormId::new(form);
        let sheet = FormSheet {
            language,
            ..samples::filled(editions.get(i).unwrap(), &form)
        };
        let numbers = sheet
            .rows
            .iter()
            .map(|row| context::number_told_apart(&sheet, row.item));
        let longer: Vec<_> = numbers
            .zip(&sheet.rows)
            .filter(|(number, row)| *number != row.item.number)
            .map(|(number, _)| number)
            .collect();
        assert_eq!(longer, expected);
        let all: std::collections::BTreeSet<_> = sheet
            .rows
            .iter()
            .map(|row| context::number_told_apart(&sheet, row.item))
            .collect();
        assert_eq!(all.len(), sheet.rows.len());
    };
    for form in ["facility", "pharmacy", "vendor"] {
        check(0, form, Language::Ja, &["2-⑫（サーバ）", "2-⑫（端末PC）"]);
        check(0, form, Language::En, &["2-⑫ (サーバ)", "2-⑫ (端末PC)"]);
    }
}

#[test]
fn our_own_pages_show_each_wording_whole() {
    each_form(|edition, form| {
        let sheet = samples::filled(edition, form);
        let context = serde_json::to_string(&context::of(&sheet).unwrap()).unwrap();
        assert!(!context.contains('…'), "{} {form}", edition.head.id);
    });
}

#[test]
fn a_workbook_explains_only_the_marks_that_occur() {
    let editions = samples::editions();
    let text = |form: &str| {
        let form = FormId::new(form);
        let sheet = samples::filled(editions.first().unwrap(), &form);
        samples::workbook_text(&form_xlsx(&sheet).unwrap())
    };
    let [facility, vendor] = ["facility", "vendor"].map(text);
    assert!(facility.contains("「現物」") && !vendor.contains("「現物」"));
    assert!(vendor.contains("「要照合」") && vendor.contains("より新しい年度版"));
}

#[test]
fn our_own_pages_begin_on_a_new_page_in_either_language() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let sheet = samples::filled(&edition, &form);
    let english = FormSheet {
        language: Language::En,
        ..sheet.clone()
    };
    assert_eq!([render(&sheet).n_pages, render(&english).n_pages], [2, 2]);
}

#[test]
fn the_same_sheet_gives_the_same_bytes() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let sheet = samples::filled(&edition, &form);
    assert!(form_pdf(&sheet).unwrap() == form_pdf(&sheet).unwrap());
    assert!(form_xlsx(&sheet).unwrap() == form_xlsx(&sheet).unwrap());
}

#[test]
fn the_pdf_holds_its_fonts_its_language_and_its_tags() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let mut sheet = samples::filled(&edition, &form);
    sheet.institution = "𠮷田医院";
    let bytes = render(&sheet).bytes;
    let has = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    for text in [
        "/FontFile2",
        "+BIZUDGothic",
        "+NotoSansCJKjp",
        "/Lang(ja",
        "/StructTreeRoot",
    ] {
        assert!(has(text), "{text}");
    }
}

#[test]
fn a_year_with_more_confirmations_than_columns_shows_the_latest_last() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let sheet = samples::filled(&edition, &form);
    let answer = |round, value| AnswerShown {
        round,
        value,
        confirmed_on: samples::TODAY,
        target_on: None,
        note: None,
    };
    let check = |rounds: &[u8], expected: [Option<u8>; 2]| {
        let mut row = sheet.rows.first().unwrap().clone();
        row.answers = rounds
            .iter()
            .map(|r| answer(*r, AnswerValue::Yes))
            .collect();
        let shown = [1, 2].map(|column| sheet.answer_in(&row, column).map(|a| a.round));
        assert_eq!(shown, expected, "{rounds:?}");
    };
    check(&[], [None, None]);
    check(&[1], [Some(1), None]);
    check(&[2, 1], [Some(1), Some(2)]);
    check(&[1, 4, 3], [Some(1), Some(4)]);
    check(&[3], [None, Some(3)]);
}

#[test]
fn what_a_user_types_is_printed_and_never_run() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let mut sheet = samples::filled(&edition, &form);
    sheet.institution = "#panic(\"x\") *A* $1$ = B ] } \\ </a>";
    let long = "長い備考です。".repeat(200);
    for row in &mut sheet.rows {
        row.answers
            .iter_mut()
            .for_each(|answer| answer.note = Some(long.clone()));
    }
    assert!(
        render(&sheet).n_pages > 2,
        "nothing of a long note is cut off"
    );
    form_xlsx(&sheet).unwrap();
}

#[test]
fn a_target_stays_when_a_later_confirmation_says_yes() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let sheet = samples::filled(&edition, &form);
    let mut row = sheet.rows.first().unwrap().clone();
    let answer = |round, value, target_on| AnswerShown {
        round,
        value,
        confirmed_on: samples::TODAY,
        target_on,
        note: None,
    };
    let target = Some(jiff::civil::date(2026, 1, 31));
    row.answers = vec![
        answer(1, AnswerValue::No, target),
        answer(2, AnswerValue::Yes, None),
    ];
    assert_eq!(sheet.target_of(&row), target);
    let one_column = Form {
        rounds: 1,
        ..sheet.form.clone()
    };
    let sheet = FormSheet {
        form: &one_column,
        ..sheet.clone()
    };
    assert_eq!(sheet.target_of(&row), None, "its answer is not shown");
}

fn check_golden(sheet: &FormSheet<'_>, expected: ExpectFile) {
    let mut context = context::of(sheet).unwrap();
    let note = context.history.as_mut();
    if let Some(code) = note.and_then(|note| note.code.as_mut()) {
        assert_eq!(code.qr, crate::qr::printed(&code.short_code).unwrap());
        code.qr.truncate("<svg".len());
    }
    expected.assert_eq(&serde_json::to_string_pretty(&context).unwrap());
}

#[test]
fn a_golden_context_shows_what_is_printed() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let filled = samples::filled(&edition, &form);
    let english = FormSheet {
        language: Language::En,
        ..filled.clone()
    };
    let blank = FormSheet {
        blank: true,
        history: None,
        ..filled.clone()
    };
    check_golden(&filled, expect_file!["../../golden/form.filled.json"]);
    check_golden(&english, expect_file!["../../golden/form.english.json"]);
    check_golden(&blank, expect_file!["../../golden/form.blank.json"]);
}

#[test]
fn a_history_that_does_not_hold_is_said_in_red_with_its_entry() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let text = |ja: &str, en: &str| Text {
        ja: ja.to_owned(),
        en: en.to_owned(),
    };
    let changed = HistoryNote::Changed(text("番号 17: 消されています", "entry 17 is missing"));
    let missing = HistoryNote::Missing(text("控えがありません。", "There is none."));
    let check = |note: HistoryNote, language, is_red: bool, expected: &str| {
        let sheet = FormSheet {
            history: Some(note),
            language,
            ..samples::filled(&edition, &form)
        };
        render(&sheet);
        let printed = context::of(&sheet).unwrap().history.unwrap();
        assert_eq!(printed.is_alarm, is_red, "{expected}");
        assert!(printed.code.is_none() && printed.text.contains(expected));
        let workbook = samples::workbook_text(&form_xlsx(&sheet).unwrap());
        assert!(workbook.contains(expected), "{expected}");
        assert!(!workbook.contains("<drawing"), "{expected}");
    };
    check(
        changed.clone(),
        Language::Ja,
        true,
        "番号 17: 消されています",
    );
    check(changed, Language::En, true, "entry 17 is missing");
    check(missing, Language::Ja, false, "控えがありません。");
    let with_code = samples::filled(&edition, &form);
    let workbook = samples::workbook_text(&form_xlsx(&with_code).unwrap());
    assert!(workbook.contains("12345-3K9D-0FMP-1WXT-ABCD") && workbook.contains("<drawing"));
}

#[test]
fn each_stated_fact_names_its_evidence_or_says_that_there_is_none() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let sheet = samples::filled(&edition, &form);
    let context = serde_json::to_value(context::of(&sheet).unwrap()).unwrap();
    let mut n_reasons = 0;
    for row in context["status"]["rows"].as_array().unwrap() {
        for reason in row["reasons"].as_array().unwrap() {
            let evidence = reason["evidence"].as_str().unwrap();
            assert!(
                evidence.starts_with("証拠 更新の記録 2025-11.xml（") || evidence == "証拠なし",
                "{evidence}"
            );
            n_reasons += 1;
        }
    }
    assert!(n_reasons > 0);
}

#[test]
fn documents_are_named_where_there_is_no_evidence() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let mut sheet = samples::filled(&edition, &form);
    let document = |title: &str| DocumentShown {
        title: title.to_owned(),
        effective_on: date(2025, 4, 1),
    };
    for row in &mut sheet.rows {
        let state = row.state.as_mut().unwrap();
        state.documents = vec![document("保守契約書"), document("運用管理規程")];
    }
    let context = serde_json::to_value(context::of(&sheet).unwrap())
        .unwrap()
        .to_string();
    let named = "書類: 保守契約書（令和7年4月1日）、運用管理規程（令和7年4月1日）";
    let workbook = samples::workbook_text(&form_xlsx(&sheet).unwrap());
    for text in [context, workbook] {
        assert!(text.contains(named) && !text.contains("証拠なし"), "{text}");
        assert!(text.contains("更新の記録 2025-11.xml"), "{text}");
    }
}

#[test]
fn a_golden_workbook_shows_cells_as_they_are_typed() {
    let edition = samples::small_edition();
    let form = FormId::new("sample");
    let filled = samples::filled(&edition, &form);
    let blank = FormSheet {
        blank: true,
        history: None,
        ..filled.clone()
    };
    let text = |sheet| samples::workbook_text(&form_xlsx(sheet).unwrap());
    assert!(
        !text(&filled).contains("<f>"),
        "no formula, whatever a user typed"
    );
    expect_file!["../../golden/form.filled.xlsx.txt"].assert_eq(&text(&filled));
    expect_file!["../../golden/form.blank.xlsx.txt"].assert_eq(&text(&blank));
}

#[test]
fn the_workbook_can_be_read_back() {
    use calamine::{Data, Reader, Xlsx};
    each_form(|edition, form| {
        let sheet = samples::filled(edition, form);
        let bytes = form_xlsx(&sheet).unwrap();
        let mut book: Xlsx<_> =
            calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["様式", "状況と証拠"]);
        let range = book.worksheet_range("様式").unwrap();
        let is = |cell: &Data, text: &str| matches!(cell, Data::String(s) if s == text);
        let header = range
            .rows()
            .position(|r| r.iter().any(|c| is(c, "item_id")))
            .unwrap();
        let column = |text: &str| {
            range
                .rows()
                .nth(header)
                .unwrap()
                .iter()
                .position(|cell| is(cell, text))
                .unwrap()
        };
        let (id, answer, day) = (column("item_id"), column("回答"), column("確認日"));
        let rows: Vec<_> = range
            .rows()
            .skip(header + 1)
            .filter(|r| r[id] != Data::Empty)
            .collect();
        assert_eq!(rows.len(), sheet.rows.len());
        for (read, written) in rows.iter().zip(&sheet.rows) {
            assert!(is(&read[id], written.item.id.as_str()));
            let Some(first) = sheet.answer_in(written, 1) else {
                assert_eq!((&read[answer], &read[day]), (&Data::Empty, &Data::Empty));
                continue;
            };
            assert!(is(&read[answer], crate::labels::official(first.value)));
            let Data::DateTime(read_day) = &read[day] else {
                panic!("{:?}", read[day])
            };
            let (year, month, day, ..) = read_day.to_ymd_hms_milli();
            let expected = first.confirmed_on;
            assert_eq!(
                (year as i16, month as i8, day as i8),
                (expected.year(), expected.month(), expected.day())
            );
        }
    });
}

fn device(name: &str, model: &str) -> DeviceAsked {
    DeviceAsked {
        name: name.to_owned(),
        model: model.to_owned(),
    }
}

#[test]
fn a_letter_stands_before_the_form_and_its_devices_behind() {
    each_form(|edition, form| {
        let sheet = FormSheet {
            blank: true,
            history: None,
            ..samples::filled(edition, form)
        };
        let systems = vec!["電子カルテ".to_owned(), "医事会計".repeat(20)];
        let asked = RequestLetter {
            vendor: "青葉システム株式会社",
            systems: &systems,
            made_on: samples::TODAY,
            due_on: samples::TODAY,
            request: "0190f8a0-0000-7000-8000-000000000001",
            url: "https://sonae.example.jp:8443/settings/requests/0190f8a0",
            devices: vec![
                device("ehr-01", "RX-7"),
                device("超音波".repeat(9).as_str(), ""),
            ],
        };
        let context = letter::of(&sheet, &asked).unwrap();
        let rendered = pdf::render(&TEMPLATE, &context, sheet.generated_on).unwrap();
        assert_eq!((rendered.n_pages, rendered.warnings.as_str()), (3, ""));
        let said = serde_json::to_string(&context).unwrap();
        for words in [
            "青葉システム株式会社 御中",
            "電子カルテ、医事会計",
            "0190f8a0-",
            "ehr-01",
            "RX-7",
        ] {
            assert!(said.contains(words), "{words}");
        }
        let bytes = request_letter_pdf(&sheet, &asked).unwrap();
        assert!(bytes == rendered.bytes);
    });
}
