//! Rules for `data/`: what a check's folder holds, and that published editions stay as they are.
//! Whether the data fits together (mapping, controls, fact tables) is tested where it is loaded.

use std::collections::{BTreeMap, BTreeSet};

use super::{Problem, Tree};
use crate::freeze::{self, Frozen};

const CHECKS: &str = "data/checks";

/// What a file name under `tests/` may end in before `.toml`.
const VERDICTS: &[&str] = &[
    "met",
    "not_met",
    "conditional",
    "not_applicable",
    "unknown",
    "stale",
];

/// Every check shows at least these.
const VERDICTS_SHOWN: &[&str] = &["met", "not_met", "unknown"];

/// A check is a folder with its words, its SQL and situations for the verdicts that matter.
pub(super) fn checks(tree: &Tree) -> Vec<Problem> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, _) in tree.under(CHECKS) {
        if let Some((check, file)) = path.split_once('/') {
            folders.entry(check).or_default().push(file);
        }
    }
    let mut problems = Vec::new();
    for (check, files) in folders {
        problems.extend(check_folder(check, &files));
        problems.extend(check_sql(tree, check));
    }
    problems
}

fn check_folder(check: &str, files: &[&str]) -> Vec<Problem> {
    let folder = format!("{CHECKS}/{check}");
    let mut problems = Vec::new();
    for needed in ["check.toml", "check.sql"] {
        if !files.contains(&needed) {
            problems.push(Problem::new(
                &folder,
                0,
                format!("no {needed}"),
                "A check needs it",
            ));
        }
    }
    let mut shown = BTreeSet::new();
    for file in files
        .iter()
        .filter(|file| !matches!(**file, "check.toml" | "check.sql"))
    {
        match verdict_of(file) {
            Some(verdict) => drop(shown.insert(verdict)),
            None => {
                let advice =
                    "Situations are tests/<situation>.<verdict>.toml; nothing else is read";
                let path = format!("{folder}/{file}");
                problems.push(Problem::new(&path, 0, "not part of a check", advice));
            }
        }
    }
    for verdict in VERDICTS_SHOWN
        .iter()
        .filter(|verdict| !shown.contains(**verdict))
    {
        let advice = format!("Add tests/<situation>.{verdict}.toml");
        problems.push(Problem::new(
            &folder,
            0,
            format!("no situation for {verdict}"),
            advice,
        ));
    }
    problems
}

/// The verdict in `tests/<situation>.<verdict>.toml`.
fn verdict_of(file: &str) -> Option<&str> {
    let (situation, verdict) = file
        .strip_prefix("tests/")?
        .strip_suffix(".toml")?
        .split_once('.')?;
    (!situation.is_empty() && VERDICTS.contains(&verdict)).then_some(verdict)
}

/// What nobody thought of is never a pass.
fn check_sql(tree: &Tree, check: &str) -> Option<Problem> {
    let path = format!("{CHECKS}/{check}/check.sql");
    let sql = tree.text(&path)?;
    let code = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default());
    // Words with their line, so that a line break between `else` and its value hides nothing.
    let words: Vec<(usize, String)> = code
        .zip(1..)
        .flat_map(|(code, line)| code.split_whitespace().map(move |word| (line, word)))
        .map(|(line, word)| (line, word.to_ascii_lowercase()))
        .collect();
    let passes = |two: &&[(usize, String)]| two[0].1 == "else" && two[1].1.starts_with("'met'");
    let found = words.windows(2).find(passes)?;
    let advice = "Name the case that is met; let the rest be 'unknown' or 'not_met'";
    Some(Problem::new(&path, found[1].0, "`else 'met'`", advice))
}

/// Published editions are as frozen; a frozen edition still exists.
pub(super) fn frozen(tree: &Tree) -> Vec<Problem> {
    let advice = "Write it with `cargo xtask freeze`, not by hand";
    let frozen = match Frozen::of(tree) {
        Ok(frozen) => frozen,
        Err(error) => return vec![Problem::new(freeze::PATH, 0, format!("{error:#}"), advice)],
    };
    let mut problems = Vec::new();
    for edition in freeze::published(tree) {
        if frozen.edition(&edition).is_none() {
            let advice = format!("Run `cargo xtask freeze {edition}`");
            let path = format!("{}/{edition}", freeze::EDITIONS);
            problems.push(Problem::new(&path, 0, "published but not frozen", advice));
        }
    }
    for edition in &frozen.editions {
        let now = freeze::hashes(tree, &edition.id);
        let names: BTreeSet<_> = edition.files.keys().chain(now.keys()).collect();
        for name in names
            .into_iter()
            .filter(|name| edition.files.get(*name) != now.get(*name))
        {
            let what = match (edition.files.contains_key(name), now.contains_key(name)) {
                (true, false) => "frozen, but gone",
                (false, _) => "added to a frozen edition",
                (true, true) => "changed after it was frozen",
            };
            let path = format!("{}/{}/{name}", freeze::EDITIONS, edition.id);
            let advice = "Undo it; an erratum is a new revision: `cargo xtask freeze --revision`";
            problems.push(Problem::new(&path, 0, what, advice));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::said;
    use super::*;

    const HEAD: &str = "status = \"replaced\"\n";

    #[test]
    fn a_check_is_complete_and_never_passes_by_default() {
        let files = [
            ("data/checks/a/check.toml", ""),
            (
                "data/checks/a/check.sql",
                "case when x then 'not_met' -- else 'met'\nELSE\n 'met' end",
            ),
            ("data/checks/a/tests/fresh.met.toml", ""),
            ("data/checks/a/tests/old.not_met.toml", ""),
            ("data/checks/a/tests/none.unknown.toml", ""),
            ("data/checks/b/check.sql", "else 'unknown'"),
            ("data/checks/b/tests/x.fine.toml", ""),
            ("data/checks/b/notes.md", ""),
        ];
        expect![[r#"
            data/checks/a/check.sql:3: `else 'met'`
            data/checks/b:0: no check.toml
            data/checks/b/notes.md:0: not part of a check
            data/checks/b/tests/x.fine.toml:0: not part of a check
            data/checks/b:0: no situation for met
            data/checks/b:0: no situation for not_met
            data/checks/b:0: no situation for unknown
        "#]]
        .assert_eq(&said(checks, &files));
    }

    #[test]
    fn a_published_edition_is_frozen_and_a_draft_is_not() {
        let files = [
            ("data/editions/a/edition.toml", HEAD),
            ("data/editions/b/edition.toml", "status = \"draft\""),
        ];
        expect![["data/editions/a:0: published but not frozen\n"]].assert_eq(&said(frozen, &files));
    }

    #[test]
    fn every_change_of_a_frozen_edition_is_seen() {
        let hash = freeze::hashes(&Tree::of(&[("data/editions/a/x", HEAD)]), "a")["x"].clone();
        let list = format!(
            "[[edition]]\nid = \"a\"\nrevision = 1\n[edition.files]\n\
             \"edition.toml\" = \"{hash}\"\n\"items.toml\" = \"{hash}\"\n\"gone.toml\" = \"\"\n"
        );
        let files = [
            (freeze::PATH, list.as_str()),
            ("data/editions/a/edition.toml", HEAD),
            ("data/editions/a/items.toml", "other"),
            ("data/editions/a/new.toml", ""),
        ];
        expect![[r#"
            data/editions/a/gone.toml:0: frozen, but gone
            data/editions/a/items.toml:0: changed after it was frozen
            data/editions/a/new.toml:0: added to a frozen edition
        "#]]
        .assert_eq(&said(frozen, &files));
    }
}
