//! `sonae vendor`: a key for its owner alone, answers signed from a form, one file for all customers, and a
//! form for each of them. Institution and vendor exchange nothing but files.

use std::os::unix::fs::PermissionsExt;

use expect_test::{Expect, expect};
use rust_xlsxwriter::Workbook;

use crate::harness::{Sonae, read};

/// A vendor's form with two answers.
fn form(rows: &[[&str; 5]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let header = ["item_id", "回答", "確認日", "目標日", "備考"];
    let _ = sheet.write_row(0, 0, header).expect("it fits");
    for (row, cells) in (1..).zip(rows) {
        let _ = sheet.write_row(row, 0, *cells).expect("it fits");
    }
    book.save_to_buffer().expect("a workbook")
}

fn good_form() -> Vec<u8> {
    form(&[
        [
            "fy2025/vendor/officer-appointed",
            "はい",
            "2026/11/10",
            "",
            "専任",
        ],
        [
            "fy2025/vendor/access-rights",
            "いいえ",
            "2026/11/11",
            "2027/3/31",
            "",
        ],
    ])
}

const REQUEST: &str = r#"{"format":"sonae-vendor-request","version":1,"institution":"i",
"institution_name":"備え医院","request":"r","edition":"fy2025","form":"vendor","vendor":"青葉システム",
"systems":[],"due_on":"2026-11-30","devices":[]}"#;

fn check(sonae: &Sonae, args: &[&str], expected: Expect) {
    expected.assert_eq(&said_masked(sonae, &[&["vendor"], args].concat()));
}

/// What a command said, without what differs from key to key.
pub(crate) fn said_masked(sonae: &Sonae, args: &[&str]) -> String {
    let said = sonae.run(args).all();
    let masked = said
        .split_whitespace()
        .map(|word| match is_fingerprint(word) {
            true => "FINGERPRINT",
            false => word,
        });
    masked.collect::<Vec<_>>().join(" ")
}

fn is_fingerprint(word: &str) -> bool {
    word.len() == 29 && word.split('-').all(|group| group.len() == 4)
}

fn text(sonae: &Sonae, name: &str) -> String {
    String::from_utf8(read(&sonae.path(name))).expect("UTF-8")
}

fn with_key() -> Sonae {
    let sonae = Sonae::new();
    sonae.ok(&["vendor", "key", "--name", "青葉システム"]);
    sonae.file("form.xlsx", good_form());
    sonae.file("request.sonae", REQUEST);
    sonae
}

#[test]
fn a_key_is_made_once_and_for_its_owner_alone() {
    let sonae = Sonae::new();
    check(
        &sonae,
        &["key"],
        expect![
            "exit 3 sonae: 署名に使う鍵が FOLDER/data/vendor.key にありません。先に sonae vendor key --name 会社名 で作ってください。 There is no key to sign with at FOLDER/data/vendor.key. Make one first: sonae vendor key --name COMPANY"
        ],
    );
    check(
        &sonae,
        &["key", "--name", "Aoba Systems"],
        expect![
            "exit 3 sonae: 「Aoba Systems」は鍵の名前に使えません。空白、＋の半角、見えない文字を除き、100文字までにしてください。空白の代わりに _ が使えます。 `Aoba Systems` cannot be the name of a key: no blanks, no plus sign, nothing invisible, at most 100 characters. Use _ for a blank. (a key's name has no blanks, no plus sign and nothing invisible)"
        ],
    );
    check(
        &sonae,
        &["key", "--name", "青葉システム"],
        expect![
            "exit 0 鍵のファイル: FOLDER/data/vendor.key 鍵の名前: 青葉システム 指紋: FINGERPRINT 鍵のファイルは誰にも渡さず、控えを安全な場所に取ってください。顧客には、指紋を電話で読み上げて確かめてもらいます。"
        ],
    );
    check(
        &sonae,
        &["key", "--name", "青葉システム"],
        expect![
            "exit 3 sonae: 鍵はすでに FOLDER/data/vendor.key にあります。作り直すと、ファイルを受け取る施設はもう一度指紋を確かめなければなりません。本当に作り直すときは、先にその鍵を別の場所へ移してください。 There is a key already: FOLDER/data/vendor.key. With a new one whoever gets your files has to compare the fingerprint again. Move the old one away first if you mean it."
        ],
    );
    let mode = sonae
        .path("data/vendor.key")
        .metadata()
        .expect("it is there");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    assert!(
        !sonae.path("data/sonae.db").exists(),
        "no institution is made"
    );
    let shown = sonae.ok(&["vendor", "key"]);
    let another = sonae.ok(&[
        "vendor",
        "key",
        "--key",
        "other.key",
        "--name",
        "青葉システム",
    ]);
    assert_ne!(shown, another);
}

#[test]
fn an_answer_is_signed_from_a_form() {
    let sonae = with_key();
    let answer = [
        "answer",
        "request.sonae",
        "--answers",
        "form.xlsx",
        "--by",
        "青葉 太郎",
    ];
    let to = |out| [&answer[..], &["--out", out]].concat();
    check(
        &sonae,
        &to("answer.sonae"),
        expect!["exit 0 署名しました: answer.sonae 鍵の名前: 青葉システム 指紋: FINGERPRINT"],
    );
    let signed = text(&sonae, "answer.sonae");
    for part in [
        "sonae-signed-file/1 vendor-answer\n青葉システム+",
        "\"value-1-1\":[\"yes\"]",
        "\"confirmed-2-4\":[\"2026-11-11\"]",
    ] {
        assert!(signed.contains(part), "{part}: {signed}");
    }
    let unsigned = signed.lines().nth(2).expect("the body");
    sonae.file("unsigned.sonae", unsigned);
    sonae.ok(&["vendor", "sign", "unsigned.sonae"]);
    assert_eq!(text(&sonae, "unsigned.sonae"), signed);
    check(
        &sonae,
        &["sign", "unsigned.sonae"],
        expect![
            "exit 3 sonae: unsigned.sonae にはすでに署名があります。 unsigned.sonae is signed already."
        ],
    );
    check(
        &sonae,
        &["sign", "request.sonae"],
        expect![
            "exit 3 sonae: request.sonae は、依頼ファイルの画面で保存した回答ファイルとして読めません。 request.sonae is no answer that the page of a request saved."
        ],
    );
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let sonae = with_key();
    let refused = |request: &str, form: Vec<u8>, expected: Expect| {
        sonae.file("request.sonae", request);
        sonae.file("form.xlsx", form);
        let answer = [
            "answer",
            "request.sonae",
            "--answers",
            "form.xlsx",
            "--by",
            "太郎",
        ];
        check(
            &sonae,
            &[&answer[..], &["--out", "answer.sonae"]].concat(),
            expected,
        );
        assert!(!sonae.path("answer.sonae").exists());
    };
    refused(
        "{}",
        good_form(),
        expect![
            "exit 3 sonae: request.sonae は依頼ファイル（.sonae）として読めません。施設の「依頼ファイルを保存（.sonae）」で作られたファイルを使ってください。 request.sonae is not a request (.sonae) that an institution saved for programs."
        ],
    );
    refused(
        &REQUEST.replace("fy2025", "fy2026"),
        good_form(),
        expect![
            "exit 3 sonae: 別の年度版の様式です。求められているのは fy2026 の「事業者確認用」です。 This is the form of another edition; the vendor form of fy2026 is wanted."
        ],
    );
    refused(
        REQUEST,
        form(&[]),
        expect![
            "exit 3 sonae: form.xlsx: 項目が一つも答えられていません。 form.xlsx: Not a single item is answered."
        ],
    );
    let row = |item, value, day| form(&[[item, value, day, "", ""]]);
    let item = "fy2025/vendor/access-rights";
    refused(
        REQUEST,
        row("fy2025/facility/access-rights", "はい", "2026/11/10"),
        expect![
            "exit 3 sonae: form.xlsx: 「事業者確認用」ではない様式です。 form.xlsx: This is not the form for vendors."
        ],
    );
    refused(
        REQUEST,
        row(item, "たぶん", "2026/11/10"),
        expect![
            "exit 3 sonae: form.xlsx: 2行目 回答：回答「たぶん」が分かりません。はい・いいえ・記入不要のいずれかを選んでください。この行の回答は取り込んでいません。 form.xlsx: row 2 回答: `たぶん` is no answer. Choose はい, いいえ or 記入不要. The answer in this row was not taken."
        ],
    );
    refused(
        REQUEST,
        row(item, "はい", ""),
        expect![
            "exit 3 sonae: form.xlsx: 2-④: 確認日がありません。この行の回答は取り込んでいません。 form.xlsx: 2-④: It has no day of confirmation. The answer of this row was not taken."
        ],
    );
    refused(
        REQUEST,
        row(item, "はい", "2026/12/10"),
        expect![
            "exit 3 sonae: form.xlsx: 2-④: 確認日 令和8年12月10日 は今日（令和8年11月21日）より後です。実際に確認した日を入れてください。この行の回答は取り込んでいません。 form.xlsx: 2-④: The confirmation date 2026-12-10 is after today (2026-11-21). Give the day of the confirmation. The answer of this row was not taken."
        ],
    );
}

const CUSTOMERS: &str = "顧客,施設番号,項目,回答,確認日,備考\n\
    備え医院,i,1-1,いいえ,R8.11.1,兼任\n若葉/医院,,,,,\n";

#[test]
fn answers_are_published_once_and_written_for_each_customer() {
    let sonae = with_key();
    sonae.file("customers.csv", CUSTOMERS);
    let publish = [
        "publish",
        "--product",
        "青葉カルテ",
        "--version",
        "5.1",
        "--answers",
        "form.xlsx",
    ];
    let more = [
        "--customers",
        "customers.csv",
        "--by",
        "青葉 太郎",
        "--out",
        "product.sonae",
    ];
    let publish = [&publish[..], &more].concat();
    check(
        &sonae,
        &publish,
        expect![
            "exit 0 製品の回答を出しました: product.sonae 答えた項目: 2 個別の回答がある顧客（この名前は、ファイルを受け取る全員が読めます）: 1 有効期限: 令和9年11月21日 鍵の名前: 青葉システム 指紋: FINGERPRINT"
        ],
    );
    let file = text(&sonae, "product.sonae");
    assert!(file.starts_with("sonae-signed-file/1 vendor-publication\n"));
    assert!(
        file.contains("備え医院") && !file.contains("若葉"),
        "{file}"
    );
    check(
        &sonae,
        &[&publish[..], &["--ends-on", "2026-11-20"]].concat(),
        expect![
            "exit 3 sonae: 有効期限「2026-11-20」は、今日か、それより後の日にしてください。 `2026-11-20` is no day from today on by which it could end."
        ],
    );
    let export = [
        "export",
        "--answers",
        "form.xlsx",
        "--customers",
        "customers.csv",
        "--out",
    ];
    check(
        &sonae,
        &[&export[..], &["forms"]].concat(),
        expect!["exit 0 顧客ごとの様式を保存しました: 2 forms"],
    );
    for name in ["forms/001_備え医院.xlsx", "forms/002_若葉_医院.xlsx"] {
        assert!(sonae.path(name).exists(), "{name}");
    }
    check(
        &sonae,
        &[&export[..], &["forms.zip"]].concat(),
        expect!["exit 0 顧客ごとの様式を保存しました: 2 forms.zip"],
    );
    // What was written is a form that can be answered with again.
    let again = [
        "answer",
        "request.sonae",
        "--answers",
        "forms/001_備え医院.xlsx",
        "--by",
        "太郎",
    ];
    sonae.ok(&[&["vendor"], &again[..], &["--out", "again.sonae"]].concat());
    assert!(text(&sonae, "again.sonae").contains("兼任"));
}

#[test]
fn a_customer_is_told_nothing_doubtful() {
    let sonae = with_key();
    let refused = |customers: &str, expected: Expect| {
        sonae.file("customers.csv", customers);
        let export = [
            "export",
            "--answers",
            "form.xlsx",
            "--customers",
            "customers.csv",
        ];
        check(
            &sonae,
            &[&export[..], &["--out", "forms"]].concat(),
            expected,
        );
        assert!(!sonae.path("forms").exists());
    };
    refused(
        "名前\n備え医院\n",
        expect![
            "exit 3 sonae: customers.csv: 読み取れる形式ではありません。対応する形式は、画面の「証拠の集め方」で確認できます。 customers.csv: This is none of the formats that Sonae reads. The page on how to gather evidence lists them."
        ],
    );
    refused(
        &CUSTOMERS.replace("いいえ", "たぶん"),
        expect![
            "exit 3 sonae: customers.csv: 2行目：回答「たぶん」が分かりません。はい・いいえ・記入不要のいずれかを選んでください。 customers.csv: row 2: `たぶん` is no answer. Choose はい, いいえ or 記入不要."
        ],
    );
    refused(
        &CUSTOMERS.replace("1-1", "9-9"),
        expect![
            "exit 3 sonae: customers.csv: 2行目：項目 9-9 はどの年度版にもありません。この行の回答は取り込んでいません。 customers.csv: row 2: No edition has the item 9-9. The answer of this row was not taken."
        ],
    );
    refused(
        &CUSTOMERS.replace("R8.11.1", ""),
        expect![
            "exit 3 sonae: customers.csv: 2行目：確認日がありません。 customers.csv: row 2: It has no day of confirmation."
        ],
    );
    refused(
        &format!("{CUSTOMERS}備え医院,i,1-①,はい,R8.11.1,\n"),
        expect![
            "exit 3 sonae: customers.csv: 4行目：同じ顧客の同じ項目が二度あります。 customers.csv: row 4: The same item of the same customer stands here twice."
        ],
    );
}
