//! The shipped data fits together, compared both ways: item - mapping - control - check - table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sonae_domain::control::{Control, JudgedBy};
use sonae_domain::edition::{Edition, EditionStatus, Verification};
use sonae_domain::fact::FactTable;
use sonae_domain::glossary::Glossary;
use sonae_judge::Check;

use crate::harness::read;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data")
        .join(name)
}

fn text(path: &Path) -> String {
    String::from_utf8(read(path)).expect("UTF-8")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder of the data")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn editions() -> Vec<Edition> {
    names(&folder("editions"))
        .into_iter()
        .filter(|name| name.starts_with("fy"))
        .map(|name| {
            let file = |part: &str| text(&folder("editions").join(&name).join(part));
            Edition::from_toml(
                &file("edition.toml"),
                &file("items.toml"),
                &file("mapping.toml"),
            )
            .unwrap_or_else(|error| panic!("{name}: {error:?}"))
        })
        .collect()
}

fn controls() -> BTreeMap<String, Control> {
    names(&folder("controls"))
        .into_iter()
        .map(|name| {
            let control = Control::from_toml(&text(&folder("controls").join(&name)))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            (name.trim_end_matches(".toml").to_owned(), control)
        })
        .collect()
}

fn checks() -> BTreeMap<String, Check> {
    names(&folder("checks"))
        .into_iter()
        .map(|name| {
            let file = |part: &str| text(&folder("checks").join(&name).join(part));
            let check = Check::from_texts(&file("check.toml"), &file("check.sql"))
                .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            (name, check)
        })
        .collect()
}

fn glossary() -> Glossary {
    Glossary::from_toml(&text(&folder("glossary.toml"))).expect("a glossary")
}

#[test]
fn each_item_has_a_control_and_each_control_an_item() {
    let controls = controls();
    let mut used = BTreeSet::new();
    for edition in editions() {
        for item in &edition.items {
            let mapped: Vec<_> = edition.controls_of(&item.id).collect();
            assert!(!mapped.is_empty(), "{} answers to no control", item.id);
            for control in mapped {
                assert!(
                    controls.contains_key(control.as_str()),
                    "{}: no {control}",
                    item.id
                );
                used.insert(control.as_str().to_owned());
            }
        }
    }
    let known: BTreeSet<String> = controls.into_keys().collect();
    assert_eq!(known, used, "controls and the controls that items ask for");
}

#[test]
fn each_control_is_judged_by_checks_or_by_a_person_with_a_reason() {
    for (name, control) in controls() {
        assert_eq!(control.id.as_str(), name, "the id is the file's name");
        let by_person = control.judged_by == JudgedBy::Person;
        assert_eq!(by_person, control.checks.is_empty(), "{name}: checks");
        assert_eq!(by_person, control.person_reason.is_some(), "{name}: reason");
    }
}

#[test]
fn each_check_is_used_and_each_check_used_is_there() {
    let checks = checks();
    for (name, check) in &checks {
        assert_eq!(
            check.head().id.as_str(),
            name,
            "the id is the folder's name"
        );
    }
    let there: BTreeSet<String> = checks.into_keys().collect();
    let used: BTreeSet<String> = controls()
        .values()
        .flat_map(|control| control.checks.iter().map(|check| check.as_str().to_owned()))
        .collect();
    assert_eq!(there, used, "checks and the checks that controls name");
}

#[test]
fn each_fact_table_is_filled_by_a_reader_that_exists() {
    // Filled by the product itself rather than by reading a file.
    let own = ["builtin"];
    let readers: Vec<&str> = sonae_ingest::READERS
        .iter()
        .map(|reader| reader.format)
        .collect();
    for name in names(&folder("facts")) {
        let table = FactTable::from_toml(&text(&folder("facts").join(&name)))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            format!("{}.toml", table.table),
            name,
            "the name is the file's name"
        );
        assert!(!table.filled_by.is_empty(), "{name}: filled by nobody");
        for format in &table.filled_by {
            let known = readers.contains(&format.as_str()) || own.contains(&format.as_str());
            assert!(known, "{name}: no reader {format}");
        }
    }
}

#[test]
fn each_term_that_a_control_links_is_in_the_glossary() {
    let glossary = glossary();
    for (name, control) in controls() {
        for term in &control.terms {
            assert!(glossary.term(term).is_some(), "{name}: no term {term}");
        }
    }
}

#[test]
fn terms_are_unique_in_both_languages() {
    let glossary = glossary();
    let n_terms = glossary.terms.len();
    let ja: BTreeSet<&str> = glossary.terms.iter().map(|term| term.ja.as_str()).collect();
    let en: BTreeSet<&str> = glossary.terms.iter().map(|term| term.en.as_str()).collect();
    assert_eq!(
        (ja.len(), en.len()),
        (n_terms, n_terms),
        "one term, one word"
    );
}

#[test]
fn each_control_explains_itself_in_both_languages() {
    for (name, control) in controls() {
        for guidance in [&control.ja, &control.en] {
            for sentence in [
                &guidance.what,
                &guidance.why,
                &guidance.inspector,
                &guidance.vendor_script,
            ] {
                assert!(
                    !sentence.trim().is_empty(),
                    "{name}: something is not explained"
                );
            }
            assert!(!guidance.look_at.is_empty(), "{name}: nothing to look at");
            assert!(
                !guidance.evidence.is_empty(),
                "{name}: nothing counts as evidence"
            );
        }
    }
}

#[test]
fn the_r7_forms_are_the_official_ones() {
    let editions = editions();
    let r7 = editions
        .iter()
        .find(|edition| edition.head.id.as_str() == "fy2025")
        .expect("R7");
    let form = |id: &str| -> Vec<&sonae_domain::edition::Item> {
        r7.items
            .iter()
            .filter(|item| item.form.as_str() == id)
            .collect()
    };
    for id in ["facility", "pharmacy"] {
        let rows = form(id);
        let numbers: BTreeSet<&str> = rows.iter().map(|item| item.number.as_str()).collect();
        assert_eq!(
            (rows.len(), numbers.len()),
            (19, 18),
            "{id}: rows and numbers"
        );
        let shared: Vec<_> = rows.iter().filter(|item| item.number == "2-⑫").collect();
        assert_eq!(
            shared.len(),
            2,
            "{id}: 2-⑫ stands for servers and for terminals"
        );
        let with = |wanted: fn(&sonae_domain::edition::Item) -> bool| -> Vec<&str> {
            rows.iter()
                .filter(|item| wanted(item))
                .map(|item| item.number.as_str())
                .collect()
        };
        assert_eq!(
            with(|item| item.original.is_some()),
            ["2-①", "3-①", "3-③", "4-①"]
        );
        assert_eq!(with(|item| item.exempt_without_vendor), ["2-②", "2-③"]);
    }
    assert!(!form("vendor").is_empty());
    assert!(
        form("vendor")
            .iter()
            .all(|item| item.wording.verification != Verification::Verified)
    );
    assert_eq!(
        r7.head.status,
        EditionStatus::Replaced,
        "令和8年度版 exists"
    );
}
