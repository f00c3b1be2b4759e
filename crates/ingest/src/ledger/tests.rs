use expect_test::{Expect, expect};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sonae_domain::ledger::AssetField;

use super::{ColumnMapping, Field, preview, suggest};
use crate::{Input, Reader};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/ledger/",
            $name
        ))
    };
}

fn input(bytes: &[u8]) -> Input<'_> {
    Input {
        file_name: "ledger",
        bytes,
        mapping: None,
    }
}

/// Devices as `field=value`, then findings as `severity place: English text`.
fn told(input: &Input<'_>) -> String {
    let reading = match super::READER.read(input) {
        Ok(reading) => reading,
        Err(error) => return format!("refused: {error}"),
    };
    assert!(reading.facts.is_empty());
    let mut lines = Vec::new();
    for asset in &reading.assets {
        let fields = AssetField::ALL.into_iter().filter_map(|field| {
            let text = asset.text_of(field).filter(|text| text != "unconfirmed")?;
            Some(format!("{field:?}={}", text.escape_debug()))
        });
        lines.push(fields.collect::<Vec<_>>().join(" "));
    }
    for finding in &reading.findings {
        let place = &finding.place;
        let part = place.part.as_deref().unwrap_or_default();
        let row = place.row.map(|row| row.to_string()).unwrap_or_default();
        let column = place.column.as_deref().unwrap_or_default();
        let text = finding.text.en.split('.').next().unwrap_or_default();
        lines.push(format!(
            "- {:?} {part}:{row}:{column} {text}",
            finding.severity
        ));
        assert!(!finding.text.ja.is_empty());
    }
    lines.join("\n")
}

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&told(&input(bytes)));
}

fn detected(bytes: &[u8]) -> Option<&'static str> {
    crate::detect(&input(bytes)).map(|reader: &Reader| reader.format)
}

#[test]
fn reads_a_good_ledger_in_any_encoding() {
    let good = told(&input(fixture!("good.csv")));
    expect![[r#"
        Kind=server Name=srv-01 Location=サーバ室 Usability=使用中 System=電子カルテ Vendor=山田システム Maker=NEC Model=Express5800 Serial=JPA0012345 Macs=00:a0:de:aa:00:01 00:a0:de:aa:00:02 Ips=192.168.10.10 Os=Windows Server OsVersion=2019 RemoteMaintenance=yes Owner=佐藤 AcquiredOn=2021-04-01 SupportEndsOn=2029-01-09
        Kind=terminal Name=受付-01 Location=受付 Usability=使用中 System=電子カルテ Vendor=山田システム Maker=富士通 Model=LIFEBOOK\nA5512 Serial=R2900123 Macs=00:a0:de:aa:00:11 Ips=192.168.10.21 192.168.10.22 Os=Windows OsVersion=11 RemoteMaintenance=no Owner=鈴木 AcquiredOn=2023-10-02 SupportEndsOn=2026-10-14 Note=予備機
        Kind=network_device Name=UTM-01 Location=サーバ室 Usability=使用中 Vendor=ヤマネット Maker=FortiGate Model=60F Serial=FGT60F00123 Macs=00:a0:de:aa:00:31 Ips=192.168.10.1 Os=FortiOS OsVersion=7.2.8 AcquiredOn=2022-07-01
        Kind=other Name=プリンタ-01 Location=受付 Usability=予備 Maker=キヤノン Model=LBP
        - Notice :5:IPアドレス `DHCP`: taken without an IP address"#]].assert_eq(&good);
    assert_eq!(told(&input(fixture!("good_cp932.csv"))), good);
    assert_eq!(told(&input(fixture!("good_bom.csv"))), good);
    assert_eq!(detected(fixture!("good.csv")), Some("ledger"));
}

#[test]
fn reads_the_exports_of_asset_products() {
    check(
        fixture!("asset_product_utf16le.tsv"),
        expect![[r#"
            Kind=unknown Name=PC-001 Serial=00123 Macs=00:a0:de:aa:01:01 Ips=192.168.20.11 Os=Windows 11 Pro
            Kind=unknown Name=PC-002 Macs=00:a0:de:aa:01:02 Ips=192.168.20.12 Os=Windows 10 Pro
            - Notice :1:メモリ容量 This column was not read
            - Notice :: There is no column for the kind; all devices are taken as `unknown`
            - Notice :3:シリアルNo. `To be filled by O"#]],
    );
    check(
        fixture!("title_lines_cp932.csv"),
        expect![[r#"
            Kind=unknown Name=PC-101 Location=外来 Model=ESPRIMO Serial=YL123456 Macs=00:a0:de:aa:02:01 00:a0:de:aa:02:02
            Kind=unknown Name=PC-102 Location=病棟 Model=ESPRIMO Serial=YL123457 Macs=00:a0:de:aa:02:03
            - Notice :1: This row stands above the header and was not read: `インベントリ情報一覧`
            - Notice :2: This row stands above the header and was not read: `出力日時 2026/11/20 09:00`
            - Notice :: There is no column for the kind; all devices are taken as `unknown`
            - Notice :6: Taken for a repeated header and skipped"#]],
    );
    check(
        fixture!("english.csv"),
        expect![
            "Kind=server Name=srv-01 Location=Room 1 Maker=Dell Model=R240 Serial=ABC123 Macs=00:a0:de:aa:03:01 Ips=10.0.0.5 Os=Ubuntu OsVersion=22.04 RemoteMaintenance=yes Owner=Sato AcquiredOn=2022-04-01 SupportEndsOn=2027-04-01"
        ],
    );
    for bytes in [
        &fixture!("asset_product_utf16le.tsv")[..],
        fixture!("title_lines_cp932.csv"),
        fixture!("english.csv"),
        fixture!("lone_cr.csv"),
    ] {
        assert_eq!(detected(bytes), Some("ledger"));
    }
}

#[test]
fn reads_next_years_form_and_says_what_it_leaves() {
    check(
        fixture!("next_year.csv"),
        expect![[r#"
        Kind=terminal Name=pc-01 Macs=00:a0:de:aa:04:01 00:a0:de:aa:04:02 Os=Windows OsVersion=11 25H2 SupportEndsOn=2027-10-12
        - Notice :1:資産番号 This column was not read
        - Notice :1:暗号化の有無 This column was not read"#]],
    );
    check(
        fixture!("lone_cr.csv"),
        expect!["Kind=terminal Name=pc-01 Model=A1"],
    );
}

/// The headers of the ledger that Sonae exports; 機器ID is ours and identifies nothing elsewhere.
#[test]
fn knows_the_headers_of_its_own_export() {
    let headers = [
        "機器ID",
        "種別",
        "機器名",
        "所在",
        "使用可否の状態",
        "システム名",
        "事業者",
        "メーカー",
        "型番",
        "シリアル番号",
        "MACアドレス",
        "IPアドレス",
        "ディレクトリID",
        "OS",
        "OSの版",
        "リモートメンテナンス",
        "管理者",
        "取得日",
        "サポート終了日",
        "備考",
    ];
    let mapping = suggest(&headers.map(str::to_owned));
    assert_eq!(mapping.columns.len(), AssetField::ALL.len());
    assert!(!mapping.columns.contains_key("機器ID"));
}

#[test]
fn tells_of_everything_that_it_cannot_read() {
    check(
        fixture!("broken.csv"),
        expect![[r#"
            Kind=unknown Name=pc-01 Model=A1
            Kind=unknown Name=pc-02 Serial=S-2 Ips=192.168.1.5 192.168.1.6 RemoteMaintenance=yes
            Kind=terminal Name=pc-04 Serial=S-4 Macs=00:a0:de:aa:00:41
            - Notice :1:管理番号 This column was not read
            - Notice :1:機器名 Another column already holds this field, so this one was not read
            - Notice :2:種別 The kind `プラズマ` is not known; taken as `unknown`
            - Notice :2:シリアル番号 `不明` is no serial number that tells devices apart; taken as empty
            - Unread :2:MACアドレス `zz-11` is no MAC address of a device
            - Unread :2:IPアドレス `300
            - Notice :2:リモート保守 `たぶん` does not say whether there is remote maintenance; taken as unconfirmed
            - Unread :2:取得日 `26/3/31` is no date
            - Unread :3:型番 `同上` refers to the row above; that is not guessed
            - Notice :3:種別 The kind is empty; taken as `unknown`
            - Unread :3:MACアドレス `00-00-00-00-00-00` is no MAC address of a device
            - Unread :3:取得日 `2026年10月` is no date
            - Unread :4: No device name, so this row was not taken
            - Unread :5: This row holds a note only and was not taken as a device: `来年廃棄予定`
            - Unread :6: `余り` stands in a column without a header and was not read
            - Unread :6:型番 The cell holds the error `#N/A`
            - Unread :6:MACアドレス `有線` is no MAC address of a device
            - Unread :6:取得日 `2025-02-29` is no date"#]],
    );
}

#[test]
fn refuses_what_is_no_ledger_or_must_not_be_stored() {
    check(fixture!("empty.csv"), expect!["refused: the file is empty"]);
    check(
        fixture!("header_only.csv"),
        expect!["refused: ledger: has headers, but no row"],
    );
    check(
        fixture!("wrong_encoding.csv"),
        expect!["refused: ledger: not UTF-8, UTF-16 or CP932"],
    );
    check(
        fixture!("open_quote.csv"),
        expect!["refused: ledger: damaged at line 2: a quotation mark is never closed"],
    );
    check(
        fixture!("patients.csv"),
        expect!["refused: ledger: holds 「患者ID」, which is not stored"],
    );
    check(
        fixture!("passwords.csv"),
        expect!["refused: ledger: holds 「管理者パスワード」, which is not stored"],
    );
    check(
        fixture!("password_rules.csv"),
        expect![[r#"
        Kind=terminal Name=pc-01
        - Notice :1:パスワード最終変更日 This column was not read"#]],
    );
    check(
        fixture!("unknown_headers.csv"),
        expect!["refused: no known format"],
    );
    check(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",
        expect!["refused: ledger: XLS is not read, only XLSX and CSV"],
    );
    assert_eq!(
        detected(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"),
        Some("ledger")
    );
    assert_eq!(detected(fixture!("open_quote.csv")), Some("ledger"));
    for bytes in [
        &fixture!("unknown_headers.csv")[..],
        b"",
        b"PK\x03\x04",
        b"\x81",
        b"{\"a\": \"b",
    ] {
        assert_eq!(detected(bytes), None);
    }
}

#[test]
fn takes_no_total_for_a_device() {
    check(
        fixture!("totals.csv"),
        expect![[r#"
        Kind=terminal Name=pc-01 Model=A1
        Kind=server Name=計測サーバ Model=B2
        - Unread :3: Taken for a row of totals, so it was not taken as a device
        - Unread :5: Taken for a row of totals, so it was not taken as a device
        - Unread :6: Taken for a row of totals, so it was not taken as a device"#]],
    );
    check(
        "種別,機器名,型番\n合計,0,\n種別,機器名,型番\n".as_bytes(),
        expect!["refused: ledger: has headers, but no row"],
    );
}

#[test]
fn knows_the_words_of_small_offices() {
    check(
        fixture!("small_office.csv"),
        expect![[r#"
        Kind=terminal Name=受付のパソコン Owner=佐藤 SupportEndsOn=2027-03-31
        - Notice :1:資産番号 This column was not read"#]],
    );
}

#[test]
fn the_institutions_own_mapping_wins() {
    let field = |field| Field::Asset(field);
    let own = ColumnMapping {
        columns: [
            ("呼び名".to_owned(), field(AssetField::Name)),
            ("しるし".to_owned(), field(AssetField::Serial)),
            ("置き場".to_owned(), Field::Ignored),
        ]
        .into(),
    };
    let bytes = fixture!("unknown_headers.csv");
    let mapped = Input {
        mapping: Some(&own),
        ..input(bytes)
    };
    expect![[r#"
        Kind=unknown Name=pc-01 Serial=S-1
        - Notice :: There is no column for the kind; all devices are taken as `unknown`"#]]
    .assert_eq(&told(&mapped));
    assert_eq!(
        crate::detect(&mapped).map(|reader| reader.format),
        Some("ledger")
    );
    let json = serde_json::to_string(&own).unwrap();
    expect![[r#"{"しるし":"serial","呼び名":"name","置き場":"ignored"}"#]].assert_eq(&json);
    assert_eq!(serde_json::from_str::<ColumnMapping>(&json).unwrap(), own);
}

#[test]
fn suggests_the_plainest_column_for_a_field() {
    let headers = [
        "ホスト名",
        "機器名",
        "部署",
        "設置場所",
        "MAC1",
        "MAC2",
        "値段",
    ];
    let headers: Vec<String> = headers.map(str::to_owned).into();
    expect![[r#"{"MAC1":"macs","MAC2":"macs","機器名":"name","設置場所":"location"}"#]]
        .assert_eq(&serde_json::to_string(&suggest(&headers)).unwrap());
}

#[test]
fn previews_a_ledger_before_it_is_read() {
    let told = |bytes| {
        let preview = preview(&input(bytes)).map(|p| serde_json::to_string(&p).unwrap());
        preview.unwrap_or_else(|error| format!("refused: {error}"))
    };
    expect![[r#"{"headers":["PC名","設置部署","型式","製造番号","MACアドレス1","MACアドレス2"],"mapping":{"MACアドレス1":"macs","MACアドレス2":"macs","PC名":"name","型式":"model","製造番号":"serial","設置部署":"location"},"n_rows":3,"encoding":"cp932","delimiter":",","sheet":null,"header_row":4,"sheets_not_read":[]}"#]].assert_eq(&told(fixture!("title_lines_cp932.csv")));
    expect![[r#"{"headers":["呼び名","しるし","置き場"],"mapping":{},"n_rows":1,"encoding":"utf8","delimiter":",","sheet":null,"header_row":1,"sheets_not_read":[]}"#]].assert_eq(&told(fixture!("unknown_headers.csv")));
    expect!["refused: ledger: holds 「患者ID」, which is not stored"]
        .assert_eq(&told(fixture!("patients.csv")));
    expect!["refused: the file is empty"].assert_eq(&told(fixture!("empty.csv")));
}

#[test]
fn reads_a_workbook_with_a_sheet_for_each_kind() {
    let mut book = Workbook::new();
    let day = Format::new().set_num_format("yyyy/m/d");
    let sheet = book.add_worksheet().set_name("サーバ").unwrap();
    sheet
        .merge_range(0, 0, 0, 4, "機器台帳", &Format::new())
        .unwrap();
    for (column, header) in ["機器名", "型番", "シリアル番号", "取得日", "OSの版"]
        .iter()
        .enumerate()
    {
        sheet.write(2, column.try_into().unwrap(), *header).unwrap();
    }
    sheet.write(3, 0, "srv-01").unwrap();
    sheet.write(3, 1, 5800).unwrap();
    sheet.write(3, 2, "00123").unwrap();
    let acquired = ExcelDateTime::from_ymd(2021, 4, 1).unwrap();
    sheet.write_with_format(3, 3, &acquired, &day).unwrap();
    sheet.write(3, 4, 22.04).unwrap();
    sheet.write(5, 0, "srv-02").unwrap();
    sheet
        .write_formula(
            5,
            1,
            rust_xlsxwriter::Formula::new("=A1&\"x\"").set_result("機器台帳x"),
        )
        .unwrap();
    sheet
        .write_formula(
            5,
            2,
            rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A"),
        )
        .unwrap();
    let notes = book.add_worksheet().set_name("改版履歴").unwrap();
    notes.write(0, 0, "第1版").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    check(
        &bytes,
        expect![[r#"
        Kind=server Name=srv-01 Model=5800 Serial=00123 OsVersion=22.04 AcquiredOn=2021-04-01
        Kind=server Name=srv-02 Model=機器台帳x
        - Notice サーバ:1: This row stands above the header and was not read: `機器台帳`
        - Notice サーバ:: There is no column for the kind; it was taken from the sheet's name `サーバ`
        - Unread サーバ:6:シリアル番号 The cell holds the error `#N/A`
        - Unread 改版履歴:: No header row was found, so this sheet was not read (rows: 1)"#]],
    );
    assert_eq!(detected(&bytes), Some("ledger"));
}
