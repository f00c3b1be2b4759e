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
        2-1 yes unknown declared 0/0
        2-5 yes unknown declared 0/0
        2-6 yes unknown declared 0/0
        2-7 yes unknown declared 0/0
        2-9 yes unknown declared 0/0
        2-11 yes unknown declared 0/0
        2-12:server yes unknown declared 0/0
        2-12:terminal yes unknown declared 0/0
        3-2 yes unknown declared 0/0
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
        2-5 yes unknown declared 2/4
        2-6 yes unknown declared 0/3
        2-7 yes unknown declared 1/3
        2-9 yes unknown declared 0/2
        2-11 yes unknown declared 0/1
        2-12:server yes unknown declared 0/2
        2-12:terminal yes unknown declared 0/1
        3-2 yes conditional declared 1/2
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
        2-5 yes unknown declared 2/4
        2-6 yes unknown declared 0/3
        2-7 yes unknown declared 1/3
        2-9 yes unknown declared 0/2
        2-11 yes unknown declared 0/1
        2-12:server yes unknown declared 0/2
        2-12:terminal yes unknown declared 0/1
        3-2 yes conditional declared 1/2
    "#]],
    );

    // A year later nobody collected anything.
    sonae.at("2027-12-15T03:00:00Z");
    check(
        &sonae,
        expect![[r#"
        2-1 yes stale stale 0/4
        2-5 yes stale stale 0/3
        2-6 yes unknown declared 0/3
        2-7 yes stale stale 0/3
        2-9 yes unknown declared 0/2
        2-11 yes unknown declared 0/1
        2-12:server yes unknown declared 0/2
        2-12:terminal yes unknown declared 0/1
        3-2 yes stale stale 0/2
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
