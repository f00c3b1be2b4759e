//! The ledger in its three kinds of file.

use expect_test::{expect, expect_file};

use super::*;
use crate::error::RenderError;
use crate::samples;

#[test]
fn the_pdf_is_set_without_complaint_and_always_the_same() {
    let assets = samples::assets();
    let sheet = samples::ledger(&assets);
    let rendered = print::render(&sheet).unwrap();
    assert_eq!((rendered.n_pages, rendered.warnings.as_str()), (1, ""));
    assert!(rendered.bytes == ledger_pdf(&sheet).unwrap());
    let empty = print::render(&samples::ledger(&[])).unwrap();
    assert_eq!((empty.n_pages, empty.warnings.as_str()), (1, ""));
}

#[test]
fn a_long_ledger_repeats_its_header_and_a_longer_one_is_refused() {
    let one = samples::assets().swap_remove(0);
    let assets = vec![one; LEDGER_PDF_ROWS_MAX + 1];
    assert!(
        print::render(&samples::ledger(&assets[..60]))
            .unwrap()
            .n_pages
            > 1
    );
    let refused = ledger_pdf(&samples::ledger(&assets))
        .unwrap_err()
        .to_string();
    expect!["3001 rows, at most 3000 fit; use a workbook instead"].assert_eq(&refused);
}

#[test]
fn a_page_holds_25_devices_and_a_row_is_never_cut() {
    let n_pages = |assets: &[Asset]| print::render(&samples::ledger(assets)).unwrap().n_pages;
    let mut one = samples::assets().swap_remove(0);
    one.record.macs.pop_last();
    assert_eq!(n_pages(&vec![one.clone(); 25]), 1);
    let mut long = one;
    long.record.note = Some("長い備考です。".repeat(300));
    assert!(n_pages(&[long]) > 1, "nothing of a long note is cut off");
}

#[test]
fn on_paper_devices_are_sorted_by_place_and_name() {
    let check = |devices: &str, expected: &str| {
        let template = samples::assets().swap_remove(0);
        let assets: Vec<_> = devices
            .split_whitespace()
            .map(|device| {
                let (place, name) = device.split_once('/').unwrap();
                let mut asset = template.clone();
                asset.record.location = (place != "-").then(|| place.to_owned());
                asset.record.name = name.to_owned();
                asset
            })
            .collect();
        let names: Vec<_> = print::by_place(&assets)
            .into_iter()
            .map(|asset| asset.record.name.as_str())
            .collect();
        assert_eq!(names.join(" "), expected);
    };
    check("2階/b -/x 1階/c 2階/a", "c a b x");
    check("-/b -/a", "a b");
    check("", "");
}

#[test]
fn a_golden_workbook_holds_text_as_text_and_days_as_days() {
    let assets = samples::assets();
    let bytes = ledger_xlsx(&samples::ledger(&assets)).unwrap();
    assert!(bytes == ledger_xlsx(&samples::ledger(&assets)).unwrap());
    let text = samples::workbook_text(&bytes);
    assert!(!text.contains("<f>"), "no formula, whatever a user typed");
    expect_file!["../../golden/ledger.xlsx.txt"].assert_eq(&text);
}

#[test]
fn a_golden_csv_cannot_become_formulas() {
    let assets = samples::assets();
    let bytes = ledger_csv(&samples::ledger(&assets), CsvEncoding::Utf8Bom).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    expect_file!["../../golden/ledger.csv"].assert_eq(&text.replace("\r\n", "\n"));
    assert_eq!(text.matches("\r\n").count(), assets.len() + 1);
}

#[test]
fn cp932_comes_back_as_it_was() {
    let assets = samples::assets();
    let sheet = samples::ledger(&assets);
    let bytes = ledger_csv(&sheet, CsvEncoding::Cp932).unwrap();
    let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
    let utf8 = ledger_csv(&sheet, CsvEncoding::Utf8Bom).unwrap();
    assert!(!broken);
    assert_eq!(
        text,
        String::from_utf8(utf8)
            .unwrap()
            .trim_start_matches('\u{feff}')
    );
}

#[test]
fn what_cp932_lacks_is_named_and_never_replaced() {
    let check = |name: &str, expected: Option<char>| {
        let mut assets = samples::assets();
        assets[1].record.name = name.to_owned();
        match (
            ledger_csv(&samples::ledger(&assets), CsvEncoding::Cp932),
            expected,
        ) {
            (Ok(_), None) => {}
            (Err(RenderError::NotInCp932(places)), Some(character)) => {
                let place = crate::error::Unencodable {
                    row: 3,
                    column: "機器名",
                    character,
                };
                assert_eq!(places, [place]);
            }
            (other, _) => panic!("{name}: {other:?}"),
        }
    };
    check("髙﨑①㈱～－", None);
    check("𠮷田", Some('𠮷'));
    check("9時〜17時", Some('〜'));
    check("¥1,000", Some('¥'));
    check("−5", Some('−'));
    check("葛\u{e0100}城", Some('\u{e0100}'));
}

#[test]
fn dangerous_beginnings_are_guarded_once() {
    for (text, expected) in [
        ("=1+1", "'=1+1"),
        ("+81-3-0000-0000", "'+81-3-0000-0000"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("'A", "'A"),
        ("A-1", "A-1"),
        ("", ""),
    ] {
        assert_eq!(csv::safe(text.to_owned()), expected);
    }
}

#[test]
fn what_tells_of_the_network_is_left_out_and_the_headers_say_so() {
    let assets = &samples::assets()[..1];
    let text = |network_details| {
        let sheet = LedgerSheet {
            network_details,
            ..samples::ledger(assets)
        };
        assert_eq!(print::render(&sheet).unwrap().warnings, "");
        let csv = ledger_csv(&sheet, CsvEncoding::Utf8Bom).unwrap();
        let xlsx = samples::workbook_text(&ledger_xlsx(&sheet).unwrap());
        format!("{}{xlsx}", String::from_utf8(csv).unwrap())
    };
    let (with, without) = (text(true), text(false));
    for asset in assets {
        let record = &asset.record;
        let single = [&record.serial, &record.directory_id].into_iter().flatten();
        for told in single.chain(&record.macs).chain(&record.ips) {
            assert!(with.contains(told), "{told}");
            assert!(!without.contains(told), "{told}");
        }
        assert!(without.contains(&record.name));
    }
    assert!(!with.contains("（省略）"));
    for header in [
        "シリアル番号",
        "MACアドレス",
        "IPアドレス",
        "ディレクトリID",
    ] {
        assert!(without.contains(&format!("{header}（省略）")), "{header}");
    }
}
