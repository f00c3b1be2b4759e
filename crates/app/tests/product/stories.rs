//! What people do with the product, from the first command to the printed form.

use expect_test::{Expect, expect};

use crate::harness::{Sonae, fixture, read};
use crate::postgres::Server;

/// `item answer evidence standing coverage` of the rows that a story speaks about.
fn standings(sonae: &Sonae, items: &[&str]) -> String {
    let json = sonae.ok(&["judge", "--json"]);
    let judged: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let rows = judged["items"].as_array().expect("items");
    items
        .iter()
        .map(|wanted| {
            let row = rows
                .iter()
                .find(|row| row["handle"] == *wanted)
                .expect("the item");
            let answer = row["answer"]["value"].as_str().unwrap_or("-");
            let met = &row["coverage"]["n_met"];
            let n: u64 = [
                "n_met",
                "n_not_met",
                "n_conditional",
                "n_unknown",
                "n_stale",
            ]
            .iter()
            .map(|name| row["coverage"][name].as_u64().unwrap_or_default())
            .sum();
            let (verdict, standing) = (&row["verdict"], &row["standing"]);
            format!("{wanted} {answer} {verdict} {standing} {met}/{n}\n").replace('"', "")
        })
        .collect()
}

#[test]
fn a_new_user_holds_a_judged_checklist_after_one_command() {
    let sonae = Sonae::new();
    let said = sonae.ok(&["quickstart", "--no-serve"]);
    assert!(
        said.contains("医療機関におけるサイバーセキュリティ対策チェックリスト"),
        "{said}"
    );
    assert!(said.contains("次にすること"), "{said}");
    assert!(read(&sonae.path("checklist.pdf")).starts_with(b"%PDF-"));
    assert!(read(&sonae.path("checklist.xlsx")).starts_with(b"PK"));
    let first = sonae.ok(&["ledger", "list"]);
    assert!(first.contains("1 台"), "{first}");

    // Nobody answered, so nothing is backed, whatever the evidence says.
    let json = sonae.ok(&["judge", "--json"]);
    assert_eq!(
        json.matches("\"standing\": \"unanswered\"").count(),
        19,
        "{json}"
    );

    // A second run updates the same row.
    sonae.ok(&["quickstart", "--no-serve", "--lang", "en"]);
    assert_eq!(sonae.ok(&["ledger", "list"]).matches("1 台").count(), 1);
}

#[test]
fn quickstart_needs_no_administrator() {
    let sonae = Sonae::new();
    // In a user namespace of its own the program is nobody and has no rights, whoever runs the test.
    let said = sonae.run_in(&["unshare", "--user"], &["quickstart", "--no-serve"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("sudo"),
        "it says what it could not see: {}",
        said.out
    );
    assert!(read(&sonae.path("checklist.pdf")).starts_with(b"%PDF-"));
}

const ITEMS: [&str; 9] = [
    "2-1",
    "2-5",
    "2-6",
    "2-7",
    "2-9",
    "2-11",
    "2-12:server",
    "2-12:terminal",
    "3-2",
];

fn check(sonae: &Sonae, expected: Expect) {
    expected.assert_eq(&standings(sonae, &ITEMS));
}

/// Imports files of the clinic, as of the day they were made.
fn import(sonae: &Sonae, files: &[&str], effective_on: &str) {
    let paths: Vec<String> = files
        .iter()
        .map(|file| fixture(&format!("stories/clinic/{file}")))
        .collect();
    let mut args = vec!["import", "--effective-on", effective_on, "--by", "事務長"];
    args.extend(paths.iter().map(String::as_str));
    sonae.ok(&args);
}

/// A clinic answers はい to everything, and the evidence has its own opinion.
fn a_clinic_over_a_year(mut sonae: Sonae) {
    for item in ITEMS {
        sonae.ok(&[
            "answer",
            item,
            "はい",
            "--by",
            "院長",
            "--confirmed-on",
            "R8.11.1",
        ]);
    }
    // Without evidence a はい is only declared.
    check(
        &sonae,
        expect![[r#"
            2-1 yes unknown declared 0/1
            2-5 yes unknown declared 0/0
            2-6 yes unknown declared 0/1
            2-7 yes unknown declared 0/1
            2-9 yes unknown declared 0/1
            2-11 yes unknown declared 0/1
            2-12:server yes unknown declared 0/1
            2-12:terminal yes unknown declared 0/1
            3-2 yes unknown declared 0/1
        "#]],
    );

    // One who left still has an account; the domain's passwords are long; the ledger is complete.
    import(
        &sonae,
        &[
            "ledger.csv",
            "roster.csv",
            "ad.ldif",
            "nmap.xml",
            "restic.json",
            "drills.csv",
        ],
        "R8.11.20",
    );
    check(
        &sonae,
        expect![[r#"
        2-1 yes met backed 3/3
        2-5 yes not_met contradicted 2/3
        2-6 yes unknown declared 0/3
        2-7 yes unknown declared 1/3
        2-9 yes unknown declared 0/2
        2-11 yes unknown declared 0/1
        2-12:server yes unknown declared 0/1
        2-12:terminal yes unknown declared 0/1
        3-2 yes conditional declared 1/2
    "#]],
    );
    let why = sonae.ok(&["why", "2-5"]);
    assert!(why.contains("tanaka"), "{why}");
    assert!(why.contains("ad.ldif"), "the evidence is named: {why}");

    // The account is disabled; a new router that no ledger knows appears.
    sonae.at("2026-12-15T03:00:00Z");
    import(
        &sonae,
        &["ad-after.ldif", "roster.csv", "nmap-after.xml"],
        "R8.12.14",
    );
    check(
        &sonae,
        expect![[r#"
            2-1 yes not_met contradicted 3/4
            2-5 yes unknown declared 2/5
            2-6 yes unknown declared 0/4
            2-7 yes unknown declared 1/4
            2-9 yes unknown declared 0/3
            2-11 yes unknown declared 0/2
            2-12:server yes unknown declared 0/2
            2-12:terminal yes unknown declared 0/1
            3-2 yes unknown declared 1/3
        "#]],
    );
    let why = sonae.ok(&["why", "2-1"]);
    assert!(why.contains("192.168.10.254"), "{why}");

    // An older export, imported late, does not bring the account back.
    import(&sonae, &["ad.ldif"], "R8.11.21");
    check(
        &sonae,
        expect![[r#"
            2-1 yes not_met contradicted 3/4
            2-5 yes unknown declared 2/5
            2-6 yes unknown declared 0/4
            2-7 yes unknown declared 1/4
            2-9 yes unknown declared 0/3
            2-11 yes unknown declared 0/2
            2-12:server yes unknown declared 0/2
            2-12:terminal yes unknown declared 0/1
            3-2 yes unknown declared 1/3
        "#]],
    );

    // A year later nobody collected anything.
    sonae.at("2027-12-15T03:00:00Z");
    check(
        &sonae,
        expect![[r#"
            2-1 yes not_met contradicted 0/4
            2-5 yes stale stale 0/3
            2-6 yes unknown declared 0/4
            2-7 yes stale stale 0/4
            2-9 yes unknown declared 0/3
            2-11 yes unknown declared 0/2
            2-12:server yes unknown declared 0/2
            2-12:terminal yes unknown declared 0/1
            3-2 yes stale stale 0/3
        "#]],
    );
}

#[test]
fn a_clinic_over_a_year_on_sqlite() {
    a_clinic_over_a_year(Sonae::new());
}

#[test]
fn a_clinic_over_a_year_on_postgresql() {
    a_clinic_over_a_year(Sonae::on_database(
        &Server::get().database("clinic_over_a_year"),
    ));
}

#[test]
fn a_machine_without_evidence_is_unknown_and_never_a_pass() {
    let sonae = Sonae::new();
    sonae.ok(&["quickstart", "--no-serve"]);
    let seen = standings(&sonae, &["2-9"]);
    let ledger = "機器名,種別,所在,使用可否の状態,シリアル番号\nsilent,サーバ,1F,使用可,S-1\n";
    let file = sonae.file("ledger.csv", ledger);
    sonae.ok(&["import", &file]);
    let with_silent = standings(&sonae, &["2-9"]);
    assert_ne!(seen, with_silent, "the silent server is in scope");
    assert!(!with_silent.contains(" met "), "{with_silent}");
}

/// A clinic with one server that is fully seen: 2-1 is backed.
fn a_clinic_that_is_fully_seen() -> Sonae {
    let sonae = Sonae::new();
    import(&sonae, &["ledger.csv", "nmap.xml"], "R8.11.20");
    sonae.ok(&["answer", "2-1", "はい", "--by", "院長"]);
    assert_eq!(standings(&sonae, &["2-1"]), "2-1 yes met backed 3/3\n");
    sonae
}

fn text(name: &str) -> String {
    String::from_utf8(read(fixture(name).as_ref())).expect("UTF-8")
}

#[test]
fn a_scan_that_did_not_end_does_not_back_an_answer() {
    let sonae = a_clinic_that_is_fully_seen();
    let scan = text("stories/clinic/nmap.xml").replace("1795143600", "1795230000");
    let (start, _) = scan.split_once("<runstats>").expect("an end");
    let file = sonae.file("interrupted.xml", format!("{start}</nmaprun>"));
    sonae.ok(&["import", &file]);
    let now = standings(&sonae, &["2-1"]);
    assert!(now.contains("unknown declared"), "{now}");
    assert!(
        sonae
            .ok(&["why", "2-1", "--json"])
            .contains("incomplete_evidence")
    );
}

#[test]
fn an_export_that_the_server_cut_off_does_not_hide_an_account() {
    let sonae = Sonae::new();
    import(&sonae, &["roster.csv", "ad.ldif"], "R8.11.20");
    sonae.ok(&["answer", "2-5", "はい", "--by", "院長"]);
    let whole = text("stories/clinic/ad.ldif");
    let (before, _) = whole.split_once("# Tanaka Jiro").expect("the leaver");
    let cut = format!("{before}# search result\nsearch: 2\nresult: 4 Size limit exceeded\n");
    let file = sonae.file("cut.ldif", cut);
    sonae.ok(&["import", "--effective-on", "R8.11.21", &file]);
    let now = standings(&sonae, &["2-5"]);
    assert!(!now.contains("backed"), "{now}");
}

#[test]
fn what_the_collector_could_not_see_is_unknown() {
    let sonae = Sonae::new();
    let said = sonae.run_in(&["unshare", "--user"], &["quickstart", "--no-serve"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let why = sonae.ok(&["why", "2-12:server", "--json"]);
    assert!(why.contains("incomplete_evidence"), "{why}");
}

#[test]
fn a_copy_does_not_make_evidence_younger() {
    let sonae = Sonae::new();
    let bytes = read(fixture("stories/clinic/roster.csv").as_ref());
    let first = sonae.file("roster.csv", &bytes);
    set_time(&first, "2025-01-10");
    sonae.ok(&["import", &first]);
    let copy = sonae.file("copy.csv", &bytes);
    set_time(&copy, "2026-11-20");
    let said = sonae.ok(&["import", &copy]);
    assert!(
        said.contains("令和7年1月10日") && said.contains("すでに"),
        "{said}"
    );
}

fn set_time(path: &str, day: &str) {
    let touched = std::process::Command::new("touch")
        .args(["-d", day, path])
        .status();
    assert!(touched.expect("touch").success());
}

#[test]
fn a_device_of_unknown_kind_stays_in_scope() {
    let sonae = Sonae::new();
    let ledger = "機器名,種別,所在,使用可否の状態,シリアル番号\n\
        古い検査装置,,1F,使用可,X-1\n装置,検査システム,1F,使用可,X-2\n";
    let file = sonae.file("ledger.csv", ledger);
    sonae.ok(&["import", &file]);
    let now = standings(&sonae, &["2-6", "2-9", "2-11"]);
    assert_eq!(now.matches("unknown").count(), 3, "{now}");
    assert!(!now.contains("0/0"), "{now}");
}

#[test]
fn a_list_without_places_confirms_no_place() {
    let mut sonae = a_clinic_that_is_fully_seen();
    sonae.at("2027-11-15T03:00:00Z");
    let before = sonae.ok(&["why", "2-1", "--all"]);
    assert!(before.contains("期限切れ"), "{before}");
    let list = "機器名,MACアドレス\nehr,00:0c:29:aa:00:10\nuketsuke-pc,3c:52:82:aa:01:01\n";
    let file = sonae.file("macs.csv", list);
    sonae.ok(&["import", &file, "--effective-on", "R9.11.10"]);
    let after = sonae.ok(&["why", "2-1", "--all"]);
    assert!(!after.contains("macs.csv"), "{after}");
}

#[test]
fn a_published_edition_is_the_one_that_is_answered() {
    let sonae = Sonae::new();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in [
        vec!["令和8年度版 医療機関・薬局におけるサイバーセキュリティ対策チェックリスト"],
        vec!["", "チェック項目", "確認日", "目標日", "備考"],
        vec![
            "1 体制構築",
            "(1-①) 医療情報システム安全管理責任者を設置している。",
            "はい・いいえ ( / )",
        ],
        vec![
            "2 医療情報システムの管理・運用",
            "(2-①) サーバ、端末PC、ネットワーク機器の台帳管理を行っている。",
            "はい・いいえ ( / )",
        ],
        vec!["", "(2-②) 新しい項目を実施している。", "はい・いいえ ( / )"],
    ]
    .into_iter()
    .enumerate()
    {
        for (column, cell) in cells.into_iter().enumerate() {
            let (row, column) = (
                row.try_into().expect("few"),
                column.try_into().expect("few"),
            );
            sheet.write_string(row, column, cell).expect("a cell");
        }
    }
    let file = sonae.file(
        "fy2026.xlsx",
        workbook.save_to_buffer().expect("a workbook"),
    );
    let dry = sonae.ok(&["edition", "import", &file]);
    assert!(dry.contains("試し読み"), "{dry}");
    assert!(!sonae.ok(&["edition", "list"]).contains("fy2026"));
    let kept = sonae.ok(&["edition", "import", &file, "--save"]);
    assert!(kept.contains("fy2026"), "{kept}");
    // A draft is not answered.
    assert!(sonae.ok(&["judge"]).contains("令和7年度版"));
    sonae.ok(&["edition", "publish", "fy2026", "--by", "院長"]);
    let judged = sonae.ok(&["judge"]);
    assert!(
        judged.contains("令和8年度版") && !judged.contains("2-13"),
        "{judged}"
    );
    // The unchanged row keeps its control, the new one is for a person.
    assert!(sonae.ok(&["why", "2-1"]).contains("seen-devices-in-ledger"));
    sonae.ok(&["answer", "2-2", "はい", "--by", "院長"]);
    let said = sonae.run(&["edition", "publish", "fy2026", "--by", "院長"]);
    assert_eq!(said.code, 3, "{}", said.all());
    let said = sonae.run(&["edition", "import", &file, "--save"]);
    assert_eq!(said.code, 3, "{}", said.all());
}

#[test]
fn evidence_from_the_future_is_refused_and_blocks_nothing() {
    let sonae = a_clinic_that_is_fully_seen();
    let scan = text("stories/clinic/nmap.xml").replace("1795143600", "2095143600");
    let file = sonae.file("future.xml", scan);
    let said = sonae.run(&["import", &file]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(said.err.contains("時計"), "{}", said.err);
    assert_eq!(standings(&sonae, &["2-1"]), "2-1 yes met backed 3/3\n");
}

#[test]
fn a_source_keeps_its_format() {
    let sonae = a_clinic_that_is_fully_seen();
    let backups = fixture("stories/clinic/restic.json");
    let source = "nmap:192.168.10.0/24 ping";
    let said = sonae.run(&["import", "--source", source, &backups]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert_eq!(standings(&sonae, &["2-1"]), "2-1 yes met backed 3/3\n");
}

#[test]
fn a_drill_that_could_not_be_read_may_be_the_one_that_failed() {
    let sonae = Sonae::new();
    import(
        &sonae,
        &["ledger.csv", "restic.json", "drills.csv"],
        "R8.11.20",
    );
    let why = || sonae.ok(&["why", "3-2", "--json"]);
    assert!(!why().contains("incomplete_evidence"));
    let unreadable = "保存先,実施日,結果,実施者\nすべて,R8.10.1,成功,佐藤\nすべて,先週,失敗,佐藤\n";
    let file = sonae.file("drills.csv", unreadable);
    sonae.ok(&["import", "--effective-on", "R8.11.21", &file]);
    assert!(why().contains("incomplete_evidence"));
}

#[test]
fn without_a_ledger_nothing_about_machines_is_proven() {
    let sonae = Sonae::new();
    import(
        &sonae,
        &["ad.ldif", "restic.json", "drills.csv"],
        "R8.11.20",
    );
    let now = standings(&sonae, &["2-7", "3-2"]);
    assert_eq!(now.matches(" unknown ").count(), 2, "{now}");
}
