//! Every check on its situations, and the rules that hold for all checks.

#![expect(
    clippy::expect_used,
    reason = "data that cannot be read fails the test at once"
)]

mod folders;
mod rules;
mod situation;

use std::collections::BTreeSet;

use folders::{Folder, all};
use situation::Situation;
use sonae_domain::labels::Language;
use sonae_domain::verdict::{CheckVerdict, Verdict};
use sonae_judge::{Check, check_reason};

/// What a situation gives, judged alone: only the tables that the check names are there.
fn judged(folder: &Folder, situation: &Situation) -> CheckVerdict {
    let check = folder.check();
    let judging = sonae_judge::judge(
        std::slice::from_ref(&check),
        folders::tables(),
        &situation.facts,
        &situation.dates,
        situation.as_of,
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let mut verdicts = runtime
        .block_on(judging)
        .unwrap_or_else(|error| panic!("{}: {}", situation.path, report(&error)));
    verdicts.remove(0)
}

fn report(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", report(source)));
    format!("{error}{}", source.unwrap_or_default())
}

/// `met`, as files and SQL write it.
fn word(verdict: Verdict) -> String {
    let word = serde_json::to_value(verdict).expect("a word");
    word.as_str().expect("text").to_owned()
}

fn said(verdict: &CheckVerdict) -> Vec<String> {
    let row = |row: &sonae_domain::verdict::CheckRow| {
        format!("{} {} {}", row.subject, word(row.verdict), row.reason.code)
    };
    verdict.rows.iter().map(row).collect()
}

#[test]
fn every_situation_gives_what_it_says() {
    let mut wrong = Vec::new();
    for folder in all() {
        for situation in folder.situations() {
            let verdict = judged(&folder, &situation);
            if word(verdict.verdict) != situation.verdict || said(&verdict) != situation.rows {
                wrong.push(format!(
                    "{}: {} with\n    {}\n  expected {} with\n    {}",
                    situation.path,
                    word(verdict.verdict),
                    said(&verdict).join("\n    "),
                    situation.verdict,
                    situation.rows.join("\n    "),
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_verdict_is_shown() {
    for folder in all() {
        let shown: BTreeSet<String> = folder.situations().into_iter().map(|s| s.verdict).collect();
        for verdict in ["met", "not_met", "unknown", "stale"] {
            assert!(
                shown.contains(verdict),
                "{}: no situation for {verdict}",
                folder.id
            );
        }
    }
}

#[test]
fn no_facts_are_unknown() {
    for folder in all() {
        let verdict = judged(&folder, &Situation::empty());
        assert_eq!(verdict.verdict, Verdict::Unknown, "{}", folder.id);
        assert_eq!(said(&verdict), Vec::<String>::new(), "{}", folder.id);
    }
}

#[test]
fn every_decision_names_its_evidence() {
    for folder in all() {
        for situation in folder.situations() {
            for row in judged(&folder, &situation).rows {
                let may_have_none =
                    matches!(row.verdict, Verdict::Unknown | Verdict::NotApplicable);
                assert!(
                    may_have_none || row.evidence_id.is_some(),
                    "{}: {} has no evidence",
                    situation.path,
                    row.subject
                );
            }
        }
    }
}

#[test]
fn evidence_without_a_day_proves_nothing_and_hides_nothing() {
    for folder in all() {
        for situation in folder.situations() {
            let subjects = |verdict: &CheckVerdict| -> BTreeSet<String> {
                let rows = verdict.rows.iter();
                rows.map(|row| row.subject.to_string()).collect()
            };
            let dated = judged(&folder, &situation);
            let undated = judged(&folder, &situation.undated());
            assert_eq!(
                met_subjects(&undated),
                BTreeSet::new(),
                "{}",
                situation.path
            );
            let hidden: Vec<String> = subjects(&dated)
                .difference(&subjects(&undated))
                .cloned()
                .collect();
            assert!(hidden.is_empty(), "{}: {hidden:?}", situation.path);
        }
    }
}

#[test]
fn the_order_of_facts_does_not_matter() {
    for folder in all() {
        for situation in folder.situations() {
            let forwards = judged(&folder, &situation);
            let backwards = judged(&folder, &situation.backwards());
            assert_eq!(forwards, backwards, "{}", situation.path);
        }
    }
}

/// What is handed over without details of the network is judged as what stayed at home.
#[test]
fn pseudonyms_change_no_verdict() {
    for folder in all() {
        for situation in folder.situations() {
            let replaced = judged(&folder, &situation.pseudonymised());
            let before = judged(&folder, &situation);
            assert_eq!(codes(&replaced), codes(&before), "{}", situation.path);
        }
    }
}

/// What is said of how many, whoever they are.
fn codes(verdict: &CheckVerdict) -> Vec<String> {
    let row = |row: &sonae_domain::verdict::CheckRow| {
        let evidence = row.evidence_id.as_ref().map(ToString::to_string);
        format!("{} {} {evidence:?}", word(row.verdict), row.reason.code)
    };
    let mut codes: Vec<String> = verdict.rows.iter().map(row).collect();
    codes.sort();
    codes
}

/// Facts whose absence rightly lets a check speak: table, column, why.
const MAY_BE_ABSENT: &[(&str, &str, &str)] = &[
    (
        "approved_services",
        "kind",
        "a review may be for every kind",
    ),
    ("approved_services", "service", "the port decides"),
    ("assets", "os_version", "the ledger's own day decides"),
    (
        "product_support",
        "package",
        "without one a row is about a system",
    ),
    ("assets", "os", "the ledger's own day decides"),
    (
        "assets",
        "support_ends_on",
        "the ledger need not name a day; the table of dates decides",
    ),
    ("product_support", "ends_on", "the ledger's own day decides"),
    ("product_support", "product", "the ledger's own day decides"),
    ("staff", "account", "a person may be known by number only"),
    ("staff", "left_on", "who is employed has no last day"),
];

#[test]
fn an_unreadable_column_never_makes_anything_met() {
    let mut wrong = Vec::new();
    for folder in all() {
        for situation in folder.situations() {
            let before = judged(&folder, &situation);
            let met = met_subjects(&before);
            for (table, column) in situation.columns() {
                let may_be_absent = MAY_BE_ABSENT
                    .iter()
                    .any(|(t, c, _)| *t == table && *c == column);
                if may_be_absent || is_identity(&table, &column) {
                    continue;
                }
                let now = met_subjects(&judged(&folder, &situation.without(&table, &column)));
                let subjects = before.rows.iter().map(|row| row.subject.to_string());
                for subject in subjects.filter(|s| now.contains(s) && !met.contains(s)) {
                    wrong.push(format!(
                        "{}: without {table}.{column}, {subject} is met",
                        situation.path
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What says only which thing a row is about; without it the row is about nothing.
fn is_identity(table: &str, column: &str) -> bool {
    matches!(table, "asset_identities" | "host_identities" | "hosts")
        || matches!(
            column,
            "asset" | "host" | "account" | "username" | "repository" | "domain"
        )
}

#[test]
fn rows_that_say_nothing_are_never_met() {
    for folder in all() {
        // To be in the ledger is all that this check asks.
        if folder.id == "seen-devices-in-ledger" {
            continue;
        }
        for situation in folder.situations() {
            let silent = situation
                .columns()
                .into_iter()
                .filter(|(table, column)| !is_identity(table, column))
                .fold(situation.clone(), |s, (table, column)| {
                    s.without(&table, &column)
                });
            let met = met_subjects(&judged(&folder, &silent));
            assert!(met.is_empty(), "{}: {met:?}", situation.path);
        }
    }
}

fn met_subjects(verdict: &CheckVerdict) -> BTreeSet<String> {
    let met = verdict
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Met);
    met.map(|row| row.subject.to_string()).collect()
}

#[test]
fn every_reason_is_used_and_can_be_said() {
    for folder in all() {
        let check: Check = folder.check();
        let head = check.head();
        let mut used = BTreeSet::new();
        for situation in folder.situations() {
            for row in judged(&folder, &situation).rows {
                for language in [Language::Ja, Language::En] {
                    let sentence = check_reason(head, &row.reason, language);
                    let template = head.reasons[&row.reason.code].get(language);
                    for name in rules::placeholders(template) {
                        let is_given = row.reason.args.contains_key(name);
                        assert!(is_given, "{}: {{{name}}} in `{sentence}`", folder.id);
                    }
                }
                used.insert(row.reason.code);
            }
        }
        let declared: BTreeSet<String> = head.reasons.keys().cloned().collect();
        assert_eq!(
            declared, used,
            "{}: reasons declared, and used by a situation",
            folder.id
        );
    }
}
