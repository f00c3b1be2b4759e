//! What Sonae writes it reads back without loss: ledger as CSV and XLSX, the form as XLSX.

use crate::harness::{Sonae, fixture};

const LEDGER: &str = "\u{feff}機器名,種別,所在,使用可否の状態,シリアル番号,MACアドレス,IPアドレス,OS,リモートメンテナンス,取得日,備考
電子カルテサーバ①,サーバ,2階サーバ室,使用可,SN-001,00:11:32:aa:00:20,192.168.10.10,Windows Server 2019,あり,R3.4.1,=1+1 ではない
受付PC,端末PC,1階受付,使用可,SN-002,3c:52:82:aa:01:01,192.168.10.101,Windows 11,なし,2024-04-01,+81-3-0000-0000
UTM㈱髙﨑,ネットワーク機器,2階サーバ室,使用可,SN-003,00:09:0f:00:00:01,192.168.10.1,FortiOS,未確認,,-
";

fn ledger_json(sonae: &Sonae) -> Vec<String> {
    ["電子カルテサーバ①", "受付PC", "UTM㈱髙﨑"]
        .iter()
        .map(|name| {
            let json = sonae.ok(&["ledger", "show", name, "--json"]);
            json.lines()
                .filter(|line| !line.contains("\"id\""))
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect()
}

#[test]
fn the_ledger_survives_each_kind_of_file() {
    let first = Sonae::new();
    let file = first.file("ledger.csv", LEDGER);
    first.ok(&["import", &file]);
    let original = ledger_json(&first);
    assert!(original[0].contains("=1+1 ではない"), "{}", original[0]);
    assert!(original[1].contains("+81-3-0000-0000"), "{}", original[1]);
    for args in [
        vec!["ledger", "export", "--out", "export.csv"],
        vec![
            "ledger",
            "export",
            "--out",
            "export.csv",
            "--encoding",
            "cp932",
        ],
        vec!["ledger", "export", "--out", "export.xlsx"],
    ] {
        first.ok(&args);
        let exported = first.path(args[3]).to_string_lossy().into_owned();
        // Into the same ledger: nothing new, nothing changed.
        let again = first.ok(&["import", "--dry-run", &exported]);
        assert!(again.contains("変わりなし: 3 台"), "{args:?}: {again}");
        // Into an empty one: the same devices.
        let second = Sonae::new();
        second.ok(&["import", &exported]);
        assert_eq!(ledger_json(&second), original, "{args:?}");
    }
    first.ok(&["ledger", "export", "--out", "export.pdf"]);
}

#[test]
fn a_character_that_cp932_lacks_stops_the_export() {
    let sonae = Sonae::new();
    let file = sonae.file("ledger.csv", LEDGER.replace("受付PC", "𠮷田PC"));
    sonae.ok(&["import", &file]);
    let said = sonae.run(&["ledger", "export", "--out", "x.csv", "--encoding", "cp932"]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(
        said.err.contains('𠮷') && said.err.contains("機器名"),
        "{}",
        said.err
    );
    assert!(!sonae.path("x.csv").exists());
}

#[test]
fn a_form_filled_in_excel_comes_back_as_answers() {
    let first = Sonae::new();
    first.ok(&[
        "answer",
        "2-1",
        "はい",
        "--by",
        "院長",
        "--confirmed-on",
        "R8.3.1",
    ]);
    first.ok(&[
        "answer",
        "2-5",
        "いいえ",
        "--target-on",
        "R9.3.31",
        "--note",
        "=名簿 待ち",
        "--by",
        "院長",
    ]);
    first.ok(&["answer", "2-12:terminal", "はい", "--by", "院長"]);
    first.ok(&["form", "--out", "form.xlsx"]);
    let form = first.path("form.xlsx").to_string_lossy().into_owned();

    let same = first.ok(&["answer", "--from", &form, "--by", "事務長"]);
    assert!(
        same.contains("記録しました: 0") && same.contains("変わりなし: 3"),
        "{same}"
    );

    let second = Sonae::new();
    let taken = second.ok(&["answer", "--from", &form, "--by", "事務長"]);
    assert!(taken.contains("記録しました: 3"), "{taken}");
    let answers = |sonae: &Sonae| {
        let json = sonae.ok(&["judge", "--json"]);
        let judged: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let items = judged["items"].as_array().expect("items").clone();
        items
            .into_iter()
            .map(|item| {
                let answer = &item["answer"];
                ["value", "confirmed_on", "target_on", "note"].map(|key| answer[key].clone())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(answers(&first), answers(&second));
}

#[test]
fn raw_evidence_comes_back_byte_for_byte() {
    let sonae = Sonae::new();
    let source = fixture("nmap_xml/good.xml");
    sonae.ok(&["import", &source]);
    let list = sonae.run_raw(&["evidence", "list"]);
    let id = list
        .split_whitespace()
        .find(|word| word.len() == 36)
        .expect("an id")
        .to_owned();
    sonae.ok(&["evidence", "raw", &id, "--out", "raw.xml"]);
    let bytes = crate::harness::read(&sonae.path("raw.xml"));
    assert_eq!(bytes, crate::harness::read(source.as_ref()));
}
