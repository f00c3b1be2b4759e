//! Lists that must be complete, compared both ways.

use std::collections::{BTreeMap, BTreeSet};

use sonae_judge::{ProductSupport, is_derived};

use crate::folders::{all, controls, data, tables, text};

/// Fact tables that no check reads, and where people see them instead.
const SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    (
        "groups",
        "names for the memberships of local accounts, shown with the machine",
    ),
    ("interface_addresses", "shown with the machine"),
    (
        "interface_details",
        "shown with the machine; its addresses are in host_identities",
    ),
    (
        "package_updates",
        "the updates behind the number in update_state",
    ),
    (
        "routes",
        "external connection points are a register, not a check",
    ),
    ("services", "what a person reads when reviewing services"),
    (
        "system_info",
        "shown with the machine; its identifiers are in host_identities",
    ),
    ("user_groups", "access rights are judged by a person"),
];

/// Names between braces.
pub(crate) fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    sentence
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
}

#[test]
fn a_folder_is_named_by_its_id() {
    for folder in all() {
        assert_eq!(folder.check().head().id.as_str(), folder.id);
    }
}

#[test]
fn a_check_declares_exactly_what_it_reads() {
    let tables: BTreeSet<String> = tables().iter().map(|table| table.table.clone()).collect();
    for folder in all() {
        let check = folder.check();
        let sql = without_comments(check.sql());
        let words: Vec<&str> = sql
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|w| !w.is_empty())
            .collect();
        let read: BTreeSet<&str> = words
            .windows(2)
            .filter(|two| matches!(two[0], "from" | "join"))
            .map(|two| two[1])
            .filter(|table| tables.contains(*table) || is_derived(table))
            .collect();
        let declared: BTreeSet<&str> = check.head().reads.iter().map(String::as_str).collect();
        assert_eq!(
            declared, read,
            "{}: reads, and tables in the SQL",
            folder.id
        );
        assert!(
            check.head().reads.is_sorted(),
            "{}: reads is not in order",
            folder.id
        );
    }
}

#[test]
fn every_check_belongs_to_a_control() {
    let used: BTreeSet<String> = controls()
        .into_iter()
        .flat_map(|control| control.checks)
        .map(|check| check.to_string())
        .collect();
    let there: BTreeSet<String> = all().into_iter().map(|folder| folder.id).collect();
    assert_eq!(
        used, there,
        "checks that controls name, and folders of data/checks"
    );
}

#[test]
fn every_fact_table_is_read_or_shown() {
    let read: BTreeSet<String> = all()
        .into_iter()
        .flat_map(|folder| folder.check().head().reads.clone())
        .filter(|table| !is_derived(table))
        .collect();
    let shown: BTreeSet<String> = SHOWN_ELSEWHERE
        .iter()
        .map(|(table, _)| (*table).to_owned())
        .collect();
    let both: Vec<&String> = read.intersection(&shown).collect();
    assert!(
        both.is_empty(),
        "read by a check, no longer only shown: {both:?}"
    );
    let there: BTreeSet<String> = tables().iter().map(|table| table.table.clone()).collect();
    assert_eq!(read.union(&shown).cloned().collect::<BTreeSet<_>>(), there);
}

#[test]
fn support_dates_fit_their_table() {
    let support = ProductSupport::from_toml(&text(&data().join("product_support.toml")))
        .expect("support dates");
    let table = tables()
        .iter()
        .find(|table| table.table == "product_support");
    assert_eq!(support.facts.misfit(table.expect("the table")), None);
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    for row in &support.facts.rows {
        *keys.entry(format!("{:?}", &row[..4])).or_default() += 1;
    }
    keys.retain(|_, n_rows| *n_rows > 1);
    assert_eq!(keys, BTreeMap::new(), "a cycle has one date");
}

fn without_comments(sql: &str) -> String {
    let lines = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}
