//! The words of the pages are complete: each key that a page asks for is there in both languages,
//! each that is there is asked for, and both languages leave the same places open.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Words whose keys are put together while the program runs, by their beginning.
const ASKED_BY_NAME: [&str; 4] = ["done.", "journal.", "standing.", "threshold."];

#[test]
fn both_languages_have_the_same_words_with_the_same_places() {
    let (ja, en) = (words("ja"), words("en"));
    let of_ja: BTreeSet<_> = ja.keys().collect();
    let of_en: BTreeSet<_> = en.keys().collect();
    assert_eq!(of_ja, of_en);
    for (key, sentence) in &ja {
        assert_eq!(places(sentence), places(&en[key]), "{key}");
        assert!(!sentence.trim().is_empty(), "{key}");
        assert!(!en[key].trim().is_empty(), "{key}");
    }
}

#[test]
fn every_word_that_is_asked_for_is_there_and_every_other_is_gone() {
    let there: BTreeSet<String> = words("ja").into_keys().collect();
    let asked = asked_for();
    let missing: Vec<_> = asked.difference(&there).collect();
    assert!(missing.is_empty(), "asked for, not there: {missing:?}");
    let by_name = |key: &&String| ASKED_BY_NAME.iter().any(|start| key.starts_with(start));
    let unused: Vec<_> = there
        .difference(&asked)
        .filter(|key| !by_name(key))
        .collect();
    assert!(unused.is_empty(), "there, never asked for: {unused:?}");
}

fn words(language: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (path, text) in files(&root().join("data/words").join(language)) {
        let area = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        let of_area: BTreeMap<String, String> =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        all.extend(
            of_area
                .into_iter()
                .map(|(key, sentence)| (format!("{area}.{key}"), sentence)),
        );
    }
    all
}

/// `{name}` in a sentence.
fn places(sentence: &str) -> BTreeSet<&str> {
    let parts = sentence.split('{').skip(1);
    parts
        .filter_map(|part| Some(part.split_once('}')?.0))
        .collect()
}

/// Whatever looks like the key of a known area in a template or a file of the web surface.
fn asked_for() -> BTreeSet<String> {
    let areas: BTreeSet<String> = words("ja")
        .into_keys()
        .filter_map(|key| Some(key.split_once('.')?.0.to_owned()))
        .collect();
    let mut asked = BTreeSet::new();
    for folder in ["templates/web", "crates/app/src/web"] {
        for (path, text) in files(&root().join(folder)) {
            if path.contains("/tests/") {
                continue;
            }
            for literal in text.split('"').skip(1).step_by(1) {
                let Some((area, key)) = literal.split_once('.') else {
                    continue;
                };
                let is_key = !key.is_empty()
                    && key
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if is_key && areas.contains(area) {
                    asked.insert(literal.to_owned());
                }
            }
        }
    }
    // Names of files look like keys too.
    asked.remove("ledger.csv");
    asked.retain(|key| {
        !["html", "rs", "toml"]
            .iter()
            .any(|end| key.ends_with(&format!(".{end}")))
    });
    asked
}

pub(super) fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads the files of the project"
)]
pub(super) fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.to_string_lossy().into_owned(), text));
        }
    }
    found
}
