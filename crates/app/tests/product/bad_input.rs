//! Bad input ends in a clear message that names file, place and remedy; nothing is half-written.

use std::process::Stdio;
use std::time::Duration;

use expect_test::{Expect, expect};

use crate::harness::{Sonae, fixture, read};

/// Runs an import that must be refused, shows what was said, and sees that nothing was kept.
fn check_refused(name: &str, bytes: impl AsRef<[u8]>, expected: Expect) {
    let sonae = Sonae::new();
    let file = sonae.file(name, bytes);
    let said = sonae.run(&["import", &file]);
    assert_eq!(said.code, 3, "{}", said.all());
    expected.assert_eq(&said.all());
    let kept = sonae.ok(&["evidence", "list", "--all"]);
    assert!(!kept.contains(name), "nothing of it is kept: {kept}");
}

#[test]
fn an_empty_file() {
    check_refused(
        "empty.csv",
        "",
        expect![[r#"
        exit 3
        sonae: empty.csv: ファイルが空です。もう一度書き出して、大きさが0でないことを確かめてください。
               empty.csv: The file is empty. Export it again and check that its size is not 0.
    "#]],
    );
}

#[test]
fn a_file_of_another_kind() {
    check_refused(
        "photo.jpg",
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
        expect![[r#"
            exit 3
            sonae: photo.jpg: 読み取れる形式ではありません。対応する形式は、画面の「証拠の集め方」で確認できます。
                   photo.jpg: This is none of the formats that Sonae reads. The page on how to gather evidence lists them.
        "#]],
    );
}

#[test]
fn a_truncated_xml() {
    let whole = read(fixture("nmap_xml/good.xml").as_ref());
    check_refused(
        "cut.xml",
        &whole[..whole.len() / 2],
        expect![[r#"
            exit 3
            sonae: cut.xml: nmapの結果（-oX）のファイルですが、21行目で壊れているか途中で切れています（syntax error: attribute value not closed: `"` not found before end of input）。もう一度書き出してください。
                   cut.xml: This is a nmap report (-oX), but it is damaged or cut off at line 21 (syntax error: attribute value not closed: `"` not found before end of input). Export it again.
        "#]],
    );
}

#[test]
fn a_truncated_json() {
    let whole = read(fixture("restic_snapshots/good.json").as_ref());
    check_refused(
        "cut.json",
        &whole[..whole.len() / 2],
        expect![[r#"
            exit 3
            sonae: cut.json: restic snapshots --jsonのファイルですが、1行目で壊れているか途中で切れています（EOF while parsing an object at line 1 column 203）。もう一度書き出してください。
                   cut.json: This is a list of `restic snapshots --json`, but it is damaged or cut off at line 1 (EOF while parsing an object at line 1 column 203). Export it again.
        "#]],
    );
}

#[test]
fn a_ledger_in_a_wrong_encoding() {
    // 機器名,所在 in EUC-JP.
    let euc = b"\xb5\xa1\xb4\xef\xcc\xbe,\xbd\xea\xba\xdf,\xa5\xb7\xa5\xea\xa5\xa2\xa5\xeb\xc8\xd6\xb9\xe6\n\xbc\xf5\xc9\xd5PC,1F,X1\n";
    check_refused(
        "euc.csv",
        euc,
        expect![[r#"
            exit 3
            sonae: euc.csv: 文字コードを判別できません。UTF-8、UTF-16、Shift_JIS（CP932）のいずれかで保存し直してください（EUC-JPは読みません）。
                   euc.csv: The text encoding is not known. Save it as UTF-8, UTF-16 or CP932 (EUC-JP is not read).
        "#]],
    );
}

#[test]
fn a_workbook_of_two_cells_that_asks_for_512_gib() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, column) in [(0, 0), (1_048_575, 16_383)] {
        sheet.write_string(row, column, "x").expect("a cell");
    }
    let bytes = workbook.save_to_buffer().expect("a workbook");
    check_refused(
        "sparse.xlsx",
        bytes,
        expect![[r#"
            exit 3
            sonae: sparse.xlsx: 機器台帳（CSV・XLSX）のファイルですが、列数が上限 512 を超えています。範囲を分けて書き出してください。
                   sparse.xlsx: This is a asset ledger (CSV, XLSX), but the number of columns exceeds 512. Export it in parts.
        "#]],
    );
}

#[test]
fn a_truncated_workbook() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook
        .add_worksheet()
        .write_string(0, 0, "機器名")
        .expect("a cell");
    let bytes = workbook.save_to_buffer().expect("a workbook");
    check_refused(
        "cut.xlsx",
        &bytes[..bytes.len() - 100],
        expect![[r#"
            exit 3
            sonae: cut.xlsx: 機器台帳（CSV・XLSX）のファイルですが、 ZIP で壊れているか途中で切れています（invalid Zip archive: Could not find EOCD）。もう一度書き出してください。
                   cut.xlsx: This is a asset ledger (CSV, XLSX), but it is damaged or cut off at ZIP (invalid Zip archive: Could not find EOCD). Export it again.
        "#]],
    );
}

#[test]
fn an_export_that_holds_password_hashes() {
    let ldif =
        "dn: CN=a,DC=hosp,DC=example\nobjectClass: user\nsAMAccountName: a\nunicodePwd:: AAAA\n";
    check_refused(
        "ad.ldif",
        ldif,
        expect![[r#"
            exit 3
            sonae: ad.ldif: Active Directory・Samba・OpenLDAPのLDIFのファイルに unicodePwd (line 4) が含まれています。Sonaeは保存しません。その列や項目を除いて書き出し直してください。
                   ad.ldif: This LDIF export of Active Directory, Samba or OpenLDAP holds unicodePwd (line 4). Sonae does not store it. Export it again without.
        "#]],
    );
}

#[test]
fn a_file_that_is_not_there_and_a_folder() {
    let sonae = Sonae::new();
    let said = sonae.run(&["import", "nowhere.csv", "."]);
    assert_eq!(said.code, 3);
    expect![[r#"
        exit 3
        sonae: nowhere.csv: ファイルがありません。名前と場所を確かめてください。
               nowhere.csv: no such file. Check name and folder.
               (No such file or directory (os error 2))
        sonae: .: フォルダです。中のファイルを指定してください。
               .: is a folder. Name the files in it.
    "#]]
    .assert_eq(&said.all());
}

#[test]
fn one_refused_file_does_not_stop_the_others() {
    let sonae = Sonae::new();
    let empty = sonae.file("empty.csv", "");
    let said = sonae.run(&["import", &empty, &fixture("restic_snapshots/good.json")]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(sonae.ok(&["evidence", "list"]).contains("restic"));
}

#[test]
fn a_dry_run_records_nothing() {
    let sonae = Sonae::new();
    let said = sonae.ok(&[
        "import",
        "--dry-run",
        &fixture("restic_snapshots/good.json"),
    ]);
    assert!(said.contains("試し読み"), "{said}");
    assert!(!sonae.ok(&["evidence", "list", "--all"]).contains("restic"));
}

#[test]
fn the_reading_process_limits_itself() {
    let mut child = Sonae::new()
        .command(&["read-file"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let limits = format!("/proc/{}/limits", child.id());
    // It limits itself before it reads; a moment, because the process has to come that far.
    let limited = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        let limits = String::from_utf8(read(limits.as_ref())).expect("UTF-8");
        let of = |name: &str| limits.lines().any(|line| line.starts_with(name));
        of("Max address space         805306368")
            && of("Max cpu time              20")
            && of("Max core file size        0")
    });
    child.kill().expect("the program is ours");
    child.wait().expect("the program ends");
    assert!(limited);
}

#[test]
fn a_data_folder_that_another_process_uses() {
    let sonae = Sonae::new();
    sonae.ok(&["institution", "show"]);
    let lock = std::fs::OpenOptions::new()
        .write(true)
        .open(sonae.path("data/sonae.lock"))
        .expect("the lock file");
    lock.lock().expect("the lock");
    let said = sonae.run(&["institution", "show"]);
    assert_eq!(said.code, 4, "{}", said.all());
    expect![[r#"
        exit 4
        sonae: データの保存先 FOLDER/data は、別のsonaeが使っています。終わるのを待つか、--data で別の場所を指定してください。
               Data folder FOLDER/data is used by another sonae. Wait until it ends, or choose another place with --data.
    "#]].assert_eq(&said.all());
}

/// Mounts a small or read-only file system on the data folder and runs the program there.
fn run_on_mount(sonae: &Sonae, mount: &str, args: &[&str]) -> crate::harness::Said {
    let script = format!("mkdir -p data && mount -t tmpfs {mount} tmpfs data && exec \"$@\"");
    let around = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        &script,
        "sh",
    ];
    sonae.run_in(&around, args)
}

#[test]
fn a_read_only_data_folder() {
    let sonae = Sonae::new();
    let said = run_on_mount(&sonae, "-o ro", &["institution", "show"]);
    assert_eq!(said.code, 4, "{}", said.all());
    expect![[r#"
        exit 4
        sonae: データの保存先 FOLDER/data: 書き込めません。権限を確かめるか、--data で別の場所を指定してください。
               Data folder FOLDER/data: is not writable. Check its permissions or choose another place with --data.
               (Read-only file system (os error 30))
    "#]].assert_eq(&said.all());
}

#[test]
fn a_full_disk() {
    let sonae = Sonae::new();
    let said = run_on_mount(&sonae, "-o size=64k", &["institution", "show"]);
    assert_eq!(said.code, 4, "{}", said.all());
    expect![[r#"
        exit 4
        sonae: データベース: ディスクがいっぱいです。空きを作ってからやり直してください。途中のものは保存していません。
               The database the disk is full. Free some space and try again. Nothing was half-written.
               (prepare the database: the disk is full)
               (error returned from database: (code: 13) database or disk is full)
               ((code: 13) database or disk is full)
    "#]].assert_eq(&said.all());
}

#[test]
fn a_form_that_cannot_be_written_leaves_nothing_behind() {
    let sonae = Sonae::new();
    let said = sonae.run(&["form", "--blank", "--out", "no/such/folder/form.pdf"]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(said.err.contains("フォルダがありません"), "{}", said.err);
    let said = sonae.run(&["form", "--blank", "--out", "form.doc"]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(!sonae.path("form.doc").exists());
}

#[test]
fn an_interrupted_import_leaves_all_or_nothing() {
    let sonae = Sonae::new();
    let n_rows = 2_000;
    let mut csv = String::from("機器名,種別,所在,シリアル番号\n");
    for row in 0..n_rows {
        csv.push_str(&format!("PC-{row},端末PC,1F,SN{row:06}\n"));
    }
    let file = sonae.file("ledger.csv", csv);
    sonae.ok(&["institution", "show"]);
    for delay_ms in [5, 20, 40, 80, 160, 320] {
        let mut child = sonae
            .command(&["import", &file])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(delay_ms));
        child.kill().expect("the program is ours");
        child.wait().expect("the program ends");
        let list = sonae.ok(&["ledger", "list"]);
        let last = list.lines().last().unwrap_or_default().to_owned();
        assert!(
            last == "0 台" || last == format!("{n_rows} 台"),
            "after {delay_ms} ms: {last}"
        );
    }
    sonae.ok(&["import", &file]);
    assert!(sonae.ok(&["ledger", "list"]).ends_with("2000 台\n"));
}

#[test]
fn words_that_the_program_does_not_know() {
    let sonae = Sonae::new();
    for (args, expected) in [
        (
            vec!["answer", "2-12", "はい", "--by", "院長"],
            expect![[r#"
                exit 3
                sonae: 2-12 は様式に複数あります。どれかを指定してください: 2-12:server, 2-12:terminal
                       2-12 stands more than once on the form. Name one: 2-12:server, 2-12:terminal
            "#]],
        ),
        (
            vec!["answer", "9-9", "はい", "--by", "院長"],
            expect![[r#"
                exit 3
                sonae: 項目 9-9 はこの様式にありません。あるもの: 1-1, 2-1, 2-2, 2-3, 2-4, 2-5, 2-6, 2-7, 2-8, 2-9, 2-10, 2-11, 2-12:server, 2-12:terminal, 2-13, 3-1, 3-2, 3-3, 4-1
                       There is no item 9-9 on this form. Known: 1-1, 2-1, 2-2, 2-3, 2-4, 2-5, 2-6, 2-7, 2-8, 2-9, 2-10, 2-11, 2-12:server, 2-12:terminal, 2-13, 3-1, 3-2, 3-3, 4-1
            "#]],
        ),
        (
            vec!["answer", "2-5", "たぶん", "--by", "院長"],
            expect![[r#"
                exit 3
                sonae: 回答「たぶん」は分かりません。はい、いいえ、記入不要 のいずれかです。
                       The answer "たぶん" is not understood. Use yes, no or not-required.
            "#]],
        ),
        (
            vec![
                "answer",
                "2-5",
                "はい",
                "--by",
                "院長",
                "--confirmed-on",
                "R9.1.1",
            ],
            expect![[r#"
                exit 3
                sonae: 確認日 令和9年1月1日 は今日（令和8年11月21日）より後です。実際に確認した日を入れてください。
                       The confirmation date 2027-01-01 is after today (2026-11-21). Give the day of the confirmation.
                       (confirmed on 2027-01-01, which is after 2026-11-21)
            "#]],
        ),
        (
            vec![
                "answer",
                "2-5",
                "はい",
                "--by",
                "院長",
                "--confirmed-on",
                "昨日",
            ],
            expect![[r#"
                exit 3
                sonae: 「昨日」は日付として読めません。2026-03-31、令和8年3月31日、R8.3.31 のように書いてください。
                       "昨日" is not a day. Write it like 2026-03-31 or R8.3.31.
            "#]],
        ),
        (
            vec!["judge", "--edition", "fy1999"],
            expect![[r#"
            exit 3
            sonae: 年度版 fy1999 はありません。あるもの: fy2023, fy2024, fy2025
                   There is no edition fy1999. Known: fy2023, fy2024, fy2025
        "#]],
        ),
        (
            vec!["judge", "--form", "school"],
            expect![[r#"
            exit 3
            sonae: fy2025 に様式 school はありません。あるもの: facility, pharmacy, vendor
                   Edition fy2025 has no form school. Known: facility, pharmacy, vendor
        "#]],
        ),
    ] {
        let said = sonae.run(&args);
        assert_eq!(said.code, 3, "{}", said.all());
        expected.assert_eq(&said.all());
    }
}
