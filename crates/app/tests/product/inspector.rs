//! `sonae inspector`: remarks that a page saved are signed with the authority's key, once.

use expect_test::{Expect, expect};

use crate::harness::Sonae;
use crate::vendor::said_masked;

/// As the page of a package saves them.
const REMARKS: &str = r#"{"format":"sonae-inspection-remarks","version":1,"institution":"i","root":"00","authority":"備前保健所","remarks":[{"id":"0199c0de-0000-7000-8000-000000000001","item":null,"text":"台帳にない機器が3台あります。","due_on":"2026-12-20","by":"検査 一郎","at":"2026-11-25T04:00:00.000Z"}],"rechecks":{}}"#;

#[test]
fn remarks_are_signed_once_with_a_key_that_is_there() {
    let sonae = Sonae::new();
    sonae.file("remarks.sonae", REMARKS);
    sonae.file("form.xlsx", "no remarks");
    let check = |args: &[&str], expected: Expect| {
        expected.assert_eq(&said_masked(&sonae, &[&["inspector"], args].concat()));
    };
    check(
        &["sign", "remarks.sonae"],
        expect![
            "exit 3 sonae: 署名に使う鍵が FOLDER/data/inspector.key にありません。先に sonae inspector key --name 検査機関名 で作ってください。 There is no key to sign with at FOLDER/data/inspector.key. Make one first: sonae inspector key --name AUTHORITY"
        ],
    );
    check(
        &["key", "--name", "備前保健所"],
        expect![
            "exit 0 鍵のファイル: FOLDER/data/inspector.key 鍵の名前: 備前保健所 指紋: FINGERPRINT 鍵のファイルは誰にも渡さず、控えを安全な場所に取ってください。医療機関には、指紋を電話で読み上げて確かめてもらいます。"
        ],
    );
    check(
        &["key", "--name", "備前保健所"],
        expect![
            "exit 3 sonae: 鍵はすでに FOLDER/data/inspector.key にあります。作り直すと、ファイルを受け取る施設はもう一度指紋を確かめなければなりません。本当に作り直すときは、先にその鍵を別の場所へ移してください。 There is a key already: FOLDER/data/inspector.key. With a new one whoever gets your files has to compare the fingerprint again. Move the old one away first if you mean it."
        ],
    );
    check(
        &["sign", "form.xlsx"],
        expect![
            "exit 3 sonae: form.xlsx は、指摘を書く画面で保存したファイルとして読めません。 form.xlsx holds no remarks that the page of a package saved. (the file holds no remarks of an inspection)"
        ],
    );
    check(
        &["sign", "remarks.sonae"],
        expect!["exit 0 署名しました: remarks.sonae 鍵の名前: 備前保健所 指紋: FINGERPRINT"],
    );
    check(
        &["sign", "remarks.sonae"],
        expect![
            "exit 3 sonae: remarks.sonae にはすでに署名があります。 remarks.sonae is signed already."
        ],
    );
}
