//! A backup brings everything back, on either database, or is refused and changes nothing.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use expect_test::expect;

use crate::harness::{Said, Sonae, fixture, read, write};
use crate::postgres::Server;

/// The database that a restore kept aside; its name tells when, and a busy machine takes seconds.
fn kept_aside(sonae: &Sonae) -> PathBuf {
    let entries = std::fs::read_dir(sonae.path("data")).expect("the data folder");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    let is_kept = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("sonae.sqlite.before-") && name.ends_with('Z')
    };
    paths.find(is_kept).expect("a database kept aside")
}

/// A clinic with answers, a ledger, evidence and its history.
fn fill(sonae: &Sonae) {
    sonae.ok(&["institution", "set", "--name", "青葉診療所"]);
    let files = ["ledger.csv", "ad.ldif", "nmap.xml", "drills.csv"]
        .map(|file| fixture(&format!("stories/clinic/{file}")));
    let mut import = vec!["import", "--effective-on", "R8.11.20"];
    import.extend(files.iter().map(String::as_str));
    sonae.ok(&import);
    let later = fixture("stories/clinic/ad-after.ldif");
    sonae.ok(&["import", "--effective-on", "R8.11.21", &later]);
    sonae.ok(&["answer", "2-1", "はい", "--by", "院長"]);
    let no = ["answer", "2-5", "いいえ", "--target-on", "R9.3.31"];
    sonae.ok(&[&no[..], &["--note", "髙﨑さん①", "--by", "院長"]].concat());
}

/// What an installation shows of all that, with the bytes of the evidence.
fn shown(sonae: &Sonae) -> Vec<String> {
    let evidence = sonae.run_raw(&["evidence", "list", "--all"]);
    let ids = evidence.split_whitespace().filter(|word| is_id(word));
    let mut shown: Vec<_> = ids
        .map(|id| {
            sonae.ok(&["evidence", "raw", id, "--out", "raw"]);
            format!("{id} {:?}", read(&sonae.path("raw")))
        })
        .collect();
    assert_eq!(shown.len(), 5, "{evidence}");
    for args in [
        &["judge", "--json"][..],
        &["institution", "show"],
        &["evidence", "list", "--all"],
        &["ledger", "list"],
        &["why", "2-5", "--json"],
    ] {
        shown.push(sonae.run_raw(args));
    }
    shown
}

fn is_id(word: &str) -> bool {
    word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4
}

fn back_up(sonae: &Sonae) -> String {
    let path = sonae.path("backup.zip").to_string_lossy().into_owned();
    sonae.ok(&["backup", &path]);
    path
}

fn filled() -> Sonae {
    let sonae = Sonae::new();
    fill(&sonae);
    sonae
}

/// Everything in the data folder.
fn folder(sonae: &Sonae) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(sonae.path("data")).expect("the data folder");
    let mut files: Vec<_> = files
        .map(|file| file.expect("a file").path())
        .map(|path| (path.to_string_lossy().into_owned(), read(&path)))
        .collect();
    files.sort();
    files
}

#[test]
fn a_backup_goes_from_each_database_to_the_other() {
    let first = filled();
    let before = shown(&first);
    let backup = back_up(&first);

    let url = Server::get().database("restored");
    let postgres = Sonae::on_database(&url);
    postgres.ok(&["restore", &backup]);
    assert_eq!(shown(&postgres), before);
    let back = back_up(&postgres);

    let second = Sonae::new();
    second.ok(&["restore", &back]);
    assert_eq!(shown(&second), before);
    second.ok(&[
        "answer",
        "2-1",
        "いいえ",
        "--target-on",
        "R9.3.31",
        "--by",
        "院長",
    ]);

    // A database that holds data is never filled, whatever is said.
    let said = postgres.run(&["restore", &backup, "--replace"]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(said.err.contains("新しい空のデータベース"), "{}", said.err);
    assert_eq!(shown(&postgres), before);
}

#[test]
fn what_is_said() {
    let sonae = Sonae::new();
    let said = |args: &[&str]| {
        let said = sonae.run(args).all();
        // Seconds may go by until the name is given.
        match said.split_once("before-20261121T0300") {
            Some((before, after)) => format!("{before}before-20261121T030000Z{}", &after[3..]),
            None => said,
        }
    };
    expect![[r#"
        exit 3
        sonae: バックアップするデータがありません。--data や --database の場所が正しいか確かめてください。
               There is nothing to back up. See whether --data or --database names the right place.
    "#]].assert_eq(&said(&["backup", "a.zip"]));
    assert!(!sonae.path("a.zip").exists());
    sonae.ok(&["institution", "set", "--name", "青葉診療所"]);
    expect![[r#"
        exit 0
        バックアップを保存し、読み直して確かめました: a.zip
        いつのデータか: 2026-11-21 12:00
        作ったプログラム: sonae 0.1.0
        施設: 1
        記録: 4
        回答、証拠、職員のアカウントが入っています。鍵のかかる場所に、この端末から離して保管してください。
    "#]].assert_eq(&said(&["backup", "a.zip"]));
    let mode = std::fs::metadata(sonae.path("a.zip"))
        .expect("the backup")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    expect![[r#"
        exit 3
        sonae: a.zip: すでにあります。上書きはしません。別の名前を指定してください。
               a.zip: is there already and is not overwritten. Choose another name.
    "#]]
    .assert_eq(&said(&["backup", "a.zip"]));
    expect![[r#"
        exit 0
        バックアップは最後まで読めました。壊れていません: a.zip
        いつのデータか: 2026-11-21 12:00
        作ったプログラム: sonae 0.1.0
        施設: 1
        記録: 4
    "#]]
    .assert_eq(&said(&["backup", "--verify", "a.zip"]));
    expect![[r#"
        exit 3
        sonae: データの保存先 FOLDER/data には、すでにデータがあります。入れ替えるなら --replace を付けてください（今のデータは名前を変えて残します）。
               Data folder FOLDER/data holds data. Add --replace to put the backup in their place; they are kept under another name.
    "#]].assert_eq(&said(&["restore", "a.zip"]));
    expect![[r#"
        exit 0
        バックアップから戻しました
        いつのデータか: 2026-11-21 12:00
        作ったプログラム: sonae 0.1.0
        施設: 1
        記録: 4
        これまでのデータはここに残しました: FOLDER/data/sonae.sqlite.before-20261121T030000Z
        [変わっていません] Sonae全体（アカウント、ログイン、年度版）: 0 件
        [変わっていません] 青葉診療所: 2 件
        画面を使う人は、もう一度ログインしてください。
    "#]]
    .assert_eq(&said(&["restore", "a.zip", "--replace"]));
    sonae.file("b.zip", "PK, but no backup".repeat(9));
    expect![[r#"
        exit 3
        sonae: b.zip: バックアップとして使えません。壊れているか、途中で切れているか、別の種類のファイルです。別のバックアップを使ってください。何も変更していません。
               b.zip: not usable as a backup: damaged, cut off, or a file of another kind. Use another backup. Nothing was changed.
               (its hash is another)
    "#]].assert_eq(&said(&["restore", "b.zip", "--replace"]));
    for missing in [
        "backup --verify none.zip",
        "restore none.zip",
        "backup no/where.zip",
    ] {
        let args: Vec<_> = missing.split(' ').collect();
        assert_eq!(sonae.run(&args).code, 3, "{missing}");
    }
}

const SEED: usize = 0x2545_f491_4f6c_dd1d;

/// xorshift: any number, but the same in each run.
fn next(random: &mut usize) -> usize {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

#[test]
fn a_hundred_damaged_backups_are_refused_and_change_nothing() {
    let sonae = filled();
    let good = read(back_up(&sonae).as_ref());
    let before = folder(&sonae);
    let mut random = SEED;
    for n in 0..100 {
        let at = next(&mut random) % good.len();
        let mut bad = good.clone();
        match n % 10 {
            0 => bad.truncate(at),
            1 => drop(bad.remove(at)),
            2 => bad.insert(at, b'0'),
            _ => bad[at] ^= 1 << (random >> 32 & 7),
        }
        let file = sonae.file("bad.zip", bad);
        let said = sonae.run(&["restore", &file, "--replace"]);
        assert_eq!(said.code, 3, "{n}, byte {at}: {}", said.all());
    }
    assert_eq!(folder(&sonae), before);
}

/// A server of this installation, once it answers.
fn serve(sonae: &Sonae) -> Child {
    let mut server = sonae
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut out = BufReader::new(server.stdout.take().expect("its output is piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    assert!(line.contains("http://"), "{line}");
    // It ends when nobody listens to it any more.
    server.stdout = Some(out.into_inner());
    server
}

fn kill(mut process: Child) {
    process.kill().expect("the process is ours");
    process.wait().expect("the process ends");
}

#[test]
fn a_running_server_hinders_a_restore_but_no_backup() {
    let sonae = filled();
    let server = serve(&sonae);
    let backup = back_up(&sonae);
    let said = sonae.run(&["restore", &backup, "--replace"]);
    assert_eq!(said.code, 4, "{}", said.all());
    assert!(said.err.contains("画面（sonae serve）"), "{}", said.err);

    // What was written last lies in the log only, as after a power cut, and is kept with the rest.
    let judged = |sonae: &Sonae| sonae.ok(&["judge", "--json"]);
    let at_backup = judged(&sonae);
    sonae.ok(&["answer", "2-6", "はい", "--by", "院長"]);
    let at_the_end = judged(&sonae);
    assert_ne!(at_the_end, at_backup);
    kill(server);
    assert!(sonae.path("data/sonae.sqlite-wal").exists());
    sonae.ok(&["restore", &backup, "--replace"]);
    assert_eq!(judged(&sonae), at_backup);
    let before = read(&kept_aside(&sonae));
    let old = Sonae::new();
    std::fs::create_dir(old.path("data")).expect("a folder");
    write(&old.path("data/sonae.sqlite"), &before);
    assert_eq!(judged(&old), at_the_end);
}

#[test]
fn a_broken_database_is_replaced() {
    let sonae = filled();
    let before = shown(&sonae);
    let backup = back_up(&sonae);
    write(
        &sonae.path("data/sonae.sqlite"),
        &b"no database ".repeat(999),
    );
    write(
        &sonae.path("data/sonae.sqlite-wal"),
        &b"no log ".repeat(999),
    );
    assert_eq!(sonae.run(&["judge"]).code, 4);
    sonae.ok(&["restore", &backup, "--replace"]);
    assert_eq!(shown(&sonae), before);
    assert!(read(&kept_aside(&sonae)).starts_with(b"no database"));
}

#[test]
fn a_killed_restore_leaves_the_old_or_the_new() {
    let (old, new) = (Sonae::new(), filled());
    let backup = back_up(&new);
    let newer = shown(&new);
    for delay_ms in [2, 10, 20, 40, 60, 80, 120, 240] {
        old.ok(&["institution", "set", "--name", "旧"]);
        let restore = old
            .command(&["restore", &backup, "--replace"])
            .stdout(Stdio::null())
            .spawn();
        let restore = restore.expect("the program starts");
        std::thread::sleep(Duration::from_millis(delay_ms));
        kill(restore);
        match old.ok(&["institution", "show"]).contains("旧") {
            true => {}
            false => assert_eq!(shown(&old), newer, "after {delay_ms} ms"),
        }
    }
    old.ok(&["restore", &backup, "--replace"]);
    assert_eq!(shown(&old), newer);
    let left = folder(&old);
    assert!(!left.iter().any(|(name, _)| name.contains("restoring")));
}

/// Runs the program with a small file system on a folder, with a database there if there is a seed of
/// it, and shows what is in there afterwards.
fn run_on_small(sonae: &Sonae, folder: &str, args: &[&str]) -> Said {
    let script = format!(
        "mkdir -p {folder} && mount -t tmpfs -o size=1m tmpfs {folder} || exit 99
        test -e seed && cp seed {folder}/sonae.sqlite
        \"$@\"; code=$?; ls -A {folder}
        cmp seed {folder}/sonae.sqlite 2>/dev/null && echo unchanged
        exit $code"
    );
    let user = ["unshare", "--user", "--map-root-user", "--mount"];
    let around = [&user[..], &["sh", "-c", &script, "sh"]].concat();
    sonae.run_in(&around, args)
}

#[test]
fn a_full_disk_leaves_the_old_data_and_no_half_backup() {
    let sonae = filled();
    let mut random = SEED;
    let noise: String = (0..200_000)
        .map(|_| format!("{:016x}", next(&mut random)))
        .collect();
    let scan = String::from_utf8(read(fixture("stories/clinic/nmap.xml").as_ref()));
    let scan = scan
        .expect("UTF-8")
        .replace("</nmaprun>", &format!("<!--{noise}--></nmaprun>"));
    sonae.ok(&["import", &sonae.file("large.xml", scan)]);
    let said = run_on_small(&sonae, "small", &["backup", "small/backup.zip"]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(said.err.contains("保存先がいっぱい"), "{}", said.err);
    assert_eq!(said.out, "");

    let backup = back_up(&sonae);
    let other = Sonae::new();
    other.ok(&["institution", "show"]);
    write(&other.path("seed"), &read(&other.path("data/sonae.sqlite")));
    let said = run_on_small(&other, "data", &["restore", &backup, "--replace"]);
    assert_eq!(said.code, 4, "{}", said.all());
    assert!(said.err.contains("ディスクがいっぱい"), "{}", said.err);
    assert_eq!(said.out, "sonae.lock\nsonae.sqlite\nunchanged\n");
}
