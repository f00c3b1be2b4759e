use std::io::{Cursor, Write};

use expect_test::{Expect, expect};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;

use super::*;

/// Rows as `number: cell|cell`, sheets headed by their names.
fn told(bytes: &[u8], scope: Scope) -> String {
    let table = match load("ledger", bytes, scope) {
        Ok(table) => table,
        Err(error) => return format!("refused: {error}"),
    };
    let mut lines = vec![format!("{:?}", table.origin)];
    for sheet in &table.sheets {
        lines.extend(sheet.name.as_ref().map(|name| format!("[{name}]")));
        lines.extend(sheet.merged.iter().map(|area| format!("{area:?}")));
        for row in &sheet.rows {
            let width = row
                .filled()
                .map(|(column, _)| column + 1)
                .max()
                .unwrap_or(0);
            let cells: Vec<_> = (0..width)
                .map(|i| row.cell(i).escape_debug().to_string())
                .collect();
            lines.push(format!("{}: {}", row.number, cells.join("|")));
        }
    }
    lines.join("\n")
}

fn check(bytes: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&told(bytes.as_ref(), Scope::All));
}

#[test]
fn reads_rows_with_the_numbers_that_excel_shows() {
    check(
        "a,b\r\n\r\n\"x\ny\",2\r\n3,\r\n,\r\n5\r\n",
        expect![[r#"
        Text { encoding: Utf8, delimiter: ',' }
        1: a|b
        3: x\ny|2
        4: 3
        6: 5"#]],
    );
    check(
        "a,b\r1,2\r",
        expect![[r#"
        Text { encoding: Utf8, delimiter: ',' }
        1: a|b
        2: 1|2"#]],
    );
    check(
        "a\tb,c\n1\t2",
        expect![[r#"
        Text { encoding: Utf8, delimiter: '\t' }
        1: a|b,c
        2: 1|2"#]],
    );
    check(
        "a;b\n1;\"2;3\"",
        expect![[r#"
        Text { encoding: Utf8, delimiter: ';' }
        1: a|b
        2: 1|2;3"#]],
    );
    check(
        "=\"00123\",'=1+1,'-,''x,'plain,\"=\"\"7\"\"\"",
        expect![[r#"
        Text { encoding: Utf8, delimiter: ',' }
        1: 00123|=1+1|-|\'x|\'plain|7"#]],
    );
}

#[test]
fn refuses_texts_that_are_damaged_or_too_large() {
    check("", expect!["refused: the file is empty"]);
    check(
        "a,\"b\n1,2\n",
        expect!["refused: ledger: damaged at line 1: a quotation mark is never closed"],
    );
    check(
        "a,b\0\n",
        expect!["refused: ledger: not UTF-8, UTF-16 or CP932"],
    );
    check(
        "x".repeat(CELL_CHARS_MAX + 1),
        expect!["refused: ledger: characters in a cell exceeds 32767"],
    );
    check(
        ",".repeat(COLUMNS_MAX) + "x",
        expect!["refused: ledger: columns exceeds 512"],
    );
    check(
        "x\n".repeat(ROWS_MAX + 1),
        expect!["refused: ledger: rows exceeds 50000"],
    );
    check(
        ("x,".repeat(400) + "\n").repeat(2_600),
        expect!["refused: ledger: cells exceeds 1000000"],
    );
    check(
        vec![b'x'; BYTES_MAX + 1],
        expect!["refused: ledger: bytes exceeds 20971520"],
    );
    check(
        b"PK\x03\x04 something else",
        expect!["refused: no known format"],
    );
    check(
        b"PK\x03\x04....[Content_Types].xml cut off",
        expect!["refused: ledger: damaged at ZIP: invalid Zip archive: Could not find EOCD"],
    );
}

#[test]
fn reads_workbooks_as_text() {
    let mut book = Workbook::new();
    let format = |format: &str| Format::new().set_num_format(format);
    let sheet = book.add_worksheet().set_name("台帳").unwrap();
    sheet.merge_range(0, 0, 1, 2, "題", &Format::new()).unwrap();
    sheet.write(3, 0, "00123").unwrap();
    sheet.write(3, 1, 123).unwrap();
    sheet.write(3, 2, 22.04).unwrap();
    sheet.write(3, 3, true).unwrap();
    sheet.write(3, 4, 123_456_789_012_345.0).unwrap();
    let day = ExcelDateTime::from_ymd(2026, 3, 31).unwrap();
    sheet
        .write_with_format(4, 0, &day, &format("yyyy-mm-dd"))
        .unwrap();
    sheet
        .write_with_format(4, 1, &day, &format("[$-411]ggge\"年\"m\"月\"d\"日\""))
        .unwrap();
    let moment = day.and_hms(9, 15, 0).unwrap();
    sheet
        .write_with_format(4, 2, &moment, &format("yyyy/m/d h:mm"))
        .unwrap();
    let time = ExcelDateTime::from_hms(9, 15, 0).unwrap();
    sheet
        .write_with_format(4, 3, &time, &format("h:mm"))
        .unwrap();
    sheet
        .write_formula(5, 0, Formula::new("=A4&1").set_result("001231"))
        .unwrap();
    sheet
        .write_formula(5, 1, Formula::new("=1+1").set_result("2"))
        .unwrap();
    sheet
        .write_formula(5, 2, Formula::new("=1+1").set_result(""))
        .unwrap();
    sheet.write_string(5, 3, "=1+1").unwrap();
    book.add_worksheet().set_name("空").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    check(
        &bytes,
        expect![[r#"
        Workbook
        [台帳]
        Area { rows: (1, 2), columns: (0, 2) }
        1: 題
        4: 00123|123|22.04|TRUE|123456789012345
        5: 2026-03-31|2026-03-31|2026-03-31T09:15:00|09:15:00
        6: 1231|2|0|=1+1
        [空]"#]],
    );
    let cut = bytes.get(..bytes.len() / 2).unwrap();
    check(
        cut,
        expect!["refused: ledger: damaged at ZIP: invalid Zip archive: Could not find EOCD"],
    );
}

#[test]
fn reads_only_the_head_when_asked() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..200 {
        sheet.write(row, 0, row).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(told(&bytes, Scope::Head).lines().count(), 2 + HEAD_ROWS_MAX);
    assert_eq!(told(&bytes, Scope::All).lines().count(), 2 + 200);
    // The head is cut at a line, whatever the encoding; the rest is not even decoded.
    let long = "機器名,型番\n".repeat(60_000);
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(long.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        [long.as_bytes(), b"\x81"].concat(),
        utf16,
        encoding_rs::SHIFT_JIS.encode(&long).0.into_owned(),
    ] {
        assert_eq!(told(&bytes, Scope::Head).lines().count(), 1 + HEAD_ROWS_MAX);
    }
    let text = "x\n".repeat(200);
    assert_eq!(
        told(text.as_bytes(), Scope::Head).lines().count(),
        1 + HEAD_ROWS_MAX
    );
}

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A workbook made by hand with this sheet data, and other parts.
fn hand_made(sheet_data: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet_data}</sheetData></worksheet>"#
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let frame: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    for (name, bytes) in frame.iter().chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn refuses_workbooks_that_would_eat_the_memory() {
    check(
        hand_made(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#, &[]),
        expect![[r#"
        Workbook
        [S]
        1: 1"#]],
    );
    // A formula without a stored result does not vanish.
    check(
        hand_made(r#"<row r="1"><c r="A1"><f>1+1</f></c></row>"#, &[]),
        expect![[r#"
        Workbook
        [S]
        1: =（計算結果なし）"#]],
    );
    // Sparse: two cells, a rectangle of 17 thousand million.
    let sparse = hand_made(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
        &[],
    );
    assert!(sparse.len() < 2_000);
    check(sparse, expect!["refused: ledger: columns exceeds 512"]);
    let low = r#"<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#;
    check(
        hand_made(low, &[]),
        expect!["refused: ledger: rows exceeds 50000"],
    );
    // A string of 256 MiB packs into a few hundred kilobytes.
    let bomb = hand_made(
        "",
        &[("xl/sharedStrings.xml", &vec![b'x'; 65 * 1024 * 1024])],
    );
    assert!(bomb.len() < 200_000);
    check(
        &bomb,
        expect!["refused: ledger: unpacked bytes exceeds 67108864"],
    );
    check(
        lying_about_sizes(&bomb),
        expect![
            "refused: ledger: damaged at ZIP: File is larger than its declared uncompressed size"
        ],
    );
}

#[test]
fn refuses_workbooks_that_promise_or_hold_too_much() {
    let strings = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount = "99999999999999999999"></sst>"#;
    check(
        hand_made("", &[("xl/sharedStrings.xml", strings.as_bytes())]),
        expect!["refused: ledger: strings exceeds 1000000"],
    );
    let many = format!(
        "<row r=\"1\">{}</row>",
        "<c><v>1</v></c>".repeat(CELLS_MAX + 1)
    );
    check(
        hand_made(&many, &[]),
        expect!["refused: ledger: columns exceeds 512"],
    );
    let backwards =
        r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#;
    check(
        hand_made(backwards, &[]),
        expect!["refused: ledger: damaged at S: row 1 stands after row 2"],
    );
    let entity = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>&lol;</t></is></c></row>"#;
    check(
        hand_made(entity, &[]),
        expect!["refused: ledger: damaged at S: Xml error: at 0..0: unrecognized entity `&lol;`"],
    );
}

/// The same archive, with small sizes stated in its directory and local headers.
fn lying_about_sizes(archive: &[u8]) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    let true_size = (65 * 1024 * 1024_u32).to_le_bytes();
    let n = (0..bytes.len() - 3)
        .filter(|at| bytes.get(*at..at + 4) == Some(&true_size))
        .collect::<Vec<_>>();
    assert!(!n.is_empty());
    for at in n {
        bytes
            .get_mut(at..at + 4)
            .unwrap()
            .copy_from_slice(&100_u32.to_le_bytes());
    }
    bytes
}

#[test]
fn advises_on_workbooks_of_other_kinds() {
    check(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....",
        expect!["refused: ledger: XLS is not read, only XLSX and CSV"],
    );
    check(
        hand_made("", &[("xl/workbook.bin", b"")]),
        expect!["refused: ledger: XLSB is not read, only XLSX and CSV"],
    );
    let mut ods = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["mimetype", "content.xml"] {
        ods.start_file(name, SimpleFileOptions::default()).unwrap();
    }
    check(
        ods.finish().unwrap().into_inner(),
        expect!["refused: ledger: ODS is not read, only XLSX and CSV"],
    );
}

#[test]
fn compares_headers_as_people_write_them() {
    for (a, b) in [
        ("ＭＡＣ アドレス", "MACアドレス"),
        ("サーバー", "サーバ"),
        ("S/N", "sn"),
        ("管理者・担当者", "管理者担当者"),
    ] {
        assert_eq!(key(a), key(b));
    }
    assert!(
        is_password("管理者パスワード")
            && is_password("Password")
            && is_password("変更後パスワード")
    );
    assert!(!is_password("パスワード最終変更日") && !is_password("パスワードポリシー"));
    assert!(is_patient("患者ID") && is_patient("カルテ番号") && !is_patient("電子カルテ"));
}
