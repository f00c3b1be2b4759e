//! The history as people hold it: whole, changed behind the program's back, and put back to an earlier
//! state, which only a checkpoint shows that somebody kept.

use expect_test::{Expect, expect};

use crate::harness::{Sonae, write};
use crate::postgres::Server;

fn check(sonae: &Sonae, args: &[&str], expected: Expect) {
    let verify = [&["history", "verify"], args].concat();
    let said = sonae.run(&verify).all();
    let masked: Vec<_> = said
        .split(' ')
        .map(|word| if is_code(word) { "CODE:" } else { word })
        .collect();
    expected.assert_eq(&masked.join(" "));
}

/// `128-044H-2691-54RK-JGA9:`, another one in each run.
fn is_code(word: &str) -> bool {
    let signs = |n_groups: &str| n_groups.split('-').skip(1).all(|group| group.len() == 4);
    word.strip_suffix(':')
        .is_some_and(|code| code.matches('-').count() == 4 && signs(code))
}

fn answer(sonae: &Sonae, value: &str) {
    sonae.ok(&["answer", "2-1", value, "--by", "院長"]);
}

/// The short code that a run printed.
fn code(printed: &str) -> String {
    let line = printed
        .lines()
        .find_map(|line| line.strip_prefix("短い番号: "));
    line.expect("a short code").to_owned()
}

#[test]
fn a_history_holds_against_its_checkpoints() {
    let sonae = Sonae::new();
    answer(&sonae, "はい");
    let printed = sonae.run_raw(&["history", "checkpoint", "--qr", "code.svg"]);
    assert!(sonae.path("code.svg").exists());
    let (note, _) = printed.split_once("\n\n短").expect("a note, then the code");
    write(&sonae.path("note"), note.as_bytes());
    answer(&sonae, "いいえ");
    let code = code(&printed);
    assert!(code.starts_with("2-"), "{code}");
    let both = ["--checkpoint", &code, "--checkpoint", "note"];
    assert_eq!(
        sonae
            .run(&[&["history", "verify"], &both[..]].concat())
            .code,
        0
    );
    check(
        &sonae,
        &[],
        expect![[r#"
        exit 0
        [変わっていません] Sonae全体（アカウント、ログイン、年度版）: 0 件
        [変わっていません] （施設名未設定）: 3 件
    "#]],
    );
    check(
        &sonae,
        &["--checkpoint", "2-0000-0000-0000-0000"],
        expect![[r#"
            exit 1
            [変わっていません] Sonae全体（アカウント、ログイン、年度版）: 0 件
            [変わっていません] （施設名未設定）: 3 件
            [変わっています] CODE: 2件目の番号が、履歴と合いません。打ち間違いでも、ほかの施設の控えでもなければ、履歴が書き換えられています
                   entry 2 has another code: if it is neither mistyped nor of another institution, the history was rewritten
        "#]],
    );
    let forged = note.replacen("\n2\n", "\n3\n", 1);
    write(&sonae.path("forged"), forged.as_bytes());
    check(
        &sonae,
        &["--checkpoint", "forged"],
        expect![[r#"
        exit 1
        [変わっていません] Sonae全体（アカウント、ログイン、年度版）: 0 件
        [変わっていません] （施設名未設定）: 3 件
        [変わっています] CODE: 控えの署名が合いません。控えが書き換えられています
               the signature does not fit: the checkpoint was changed
    "#]],
    );
    write(
        &sonae.path("other"),
        note.replace("sonae/", "other/").as_bytes(),
    );
    check(
        &sonae,
        &["--checkpoint", "other"],
        expect![[r#"
        exit 1
        [変わっていません] Sonae全体（アカウント、ログイン、年度版）: 0 件
        [変わっていません] （施設名未設定）: 3 件
        [変わっています] CODE: 控えが示す履歴 other/ID は、ここにありません
               there is no history other/ID here
    "#]],
    );
    check(
        &sonae,
        &["--checkpoint", "no such file"],
        expect![[r#"
        exit 3
        sonae: no such file: ファイルがありません。名前と場所を確かめてください。
               no such file: no such file. Check name and folder.
               (No such file or directory (os error 2))
    "#]],
    );
    // The key was lost; what it signed is true all the same.
    write(&sonae.path("data/history.key"), KEY.as_bytes());
    check(
        &sonae,
        &["--checkpoint", "note"],
        expect![[r#"
        exit 0
        [変わっていません] Sonae全体（アカウント、ログイン、年度版）: 0 件
        [変わっていません] （施設名未設定）: 3 件
        [変わっていません] CODE: 2件目までの履歴は、控えのとおりです（署名は今の鍵のものではありません）
    "#]],
    );
}

/// Another key than the one that was made.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

#[test]
fn what_was_put_back_to_an_earlier_state_is_found() {
    let sonae = Sonae::new();
    answer(&sonae, "はい");
    sonae.ok(&["backup", "before.zip"]);
    answer(&sonae, "いいえ");
    answer(&sonae, "はい");
    let code = code(&sonae.run_raw(&["history", "checkpoint"]));
    sonae.ok(&["restore", "before.zip", "--replace"]);
    let holds = sonae.run(&["history", "verify"]);
    assert_eq!(holds.code, 0, "in itself it is whole");
    let rolled_back = ["history", "verify", "--checkpoint", &code];
    assert_eq!(sonae.run(&rolled_back).code, 1);
    // Written on until it is longer than it was.
    for value in ["はい", "はい", "いいえ"] {
        answer(&sonae, value);
    }
    assert_eq!(sonae.run(&rolled_back).code, 1);
}

#[test]
fn what_the_owner_of_the_database_changed_is_named_and_not_signed() {
    let server = Server::get();
    let sonae = Sonae::on_database(&server.database("history"));
    answer(&sonae, "いいえ");
    answer(&sonae, "いいえ");
    let change = "set session_replication_role = replica; update answers set value = 'yes'
        where version = 1";
    server.run("psql", &[&server.url("postgres", "history"), "-c", change]);
    check(
        &sonae,
        &[],
        expect![[r#"
        exit 1
        [変わっていません] Sonae全体（アカウント、ログイン、年度版）: 0 件
        [変わっています] （施設名未設定）: 番号 2: 記録した内容（回答、証拠、台帳など）が、書かれたときのままではありません
               entry 2 wrote rows (answers, evidence, ledger) that are not as they were written
    "#]],
    );
    let refused = sonae.run(&["history", "checkpoint", "--lang", "en"]);
    expect![[r#"
        exit 3
        sonae: No checkpoint is signed, because the history is not as it was written: entry 2 wrote rows (answers, evidence, ledger) that are not as they were written. See `sonae history verify`.
    "#]].assert_eq(&refused.all());
}
