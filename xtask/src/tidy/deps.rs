//! Which crate may know which, and under what licences the crates of others come.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, ParseMode};
use toml::Table;

use super::{Problem, Tree};

/// Our crates, each with those of ours that it may depend on, in tests as well.
const DIRECTION: &[(&str, &[&str])] = &[
    ("sonae-domain", &[]),
    ("sonae-ingest", &["sonae-domain"]),
    ("sonae-judge", &["sonae-domain"]),
    ("sonae-report", &["sonae-domain"]),
    ("sonae-store", &["sonae-domain"]),
    (
        "sonae",
        &[
            "sonae-domain",
            "sonae-ingest",
            "sonae-judge",
            "sonae-report",
            "sonae-store",
        ],
    ),
    ("sonae-fuzz", &["sonae-domain", "sonae-ingest"]),
    ("xtask", &[]),
];

const SECTIONS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// A crate in Cargo.lock, and what it says about its licence.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    name: String,
    license: Option<String>,
}

/// The domain knows nobody, the middle knows the domain, the app knows all.
pub(super) fn direction(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts() {
        if !path.ends_with("/Cargo.toml") {
            continue;
        }
        let Ok(manifest) = text.parse::<Table>() else {
            problems.push(Problem::new(path, 0, "not a manifest", "Make it TOML"));
            continue;
        };
        problems.extend(check_manifest(path, &manifest));
    }
    problems
}

fn check_manifest(path: &str, manifest: &Table) -> Vec<Problem> {
    let name = manifest
        .get("package")
        .and_then(|p| p.get("name"))
        .and_then(|name| name.as_str());
    let name = name.unwrap_or_default();
    let Some((_, allowed)) = DIRECTION.iter().find(|(ours, _)| *ours == name) else {
        let advice = "Add it to DIRECTION in xtask/src/tidy/deps.rs with what it may know";
        return vec![Problem::new(
            path,
            0,
            format!("crate `{name}` has no place"),
            advice,
        )];
    };
    let ours = |name: &&String| DIRECTION.iter().any(|(ours, _)| ours == name);
    let wrong = dependencies(manifest)
        .filter(ours)
        .filter(|name| !allowed.contains(&name.as_str()));
    wrong
        .map(|other| {
            let advice = "Move what is shared to the domain, or join the two in crates/app";
            Problem::new(path, 0, format!("`{name}` depends on `{other}`"), advice)
        })
        .collect()
}

/// Names of all dependencies, also those of one target.
fn dependencies(manifest: &Table) -> impl Iterator<Item = &String> {
    let targets = manifest
        .get("target")
        .and_then(|t| t.as_table())
        .into_iter();
    let targets = targets.flat_map(|t| t.values().filter_map(|target| target.as_table()));
    let places = std::iter::once(manifest).chain(targets);
    let sections = places.flat_map(|place| SECTIONS.iter().filter_map(|key| place.get(*key)));
    sections
        .filter_map(|section| section.as_table())
        .flat_map(|section| section.keys())
}

/// Every crate in Cargo.lock, as cargo sees it.
pub(super) fn packages(root: &Path) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .context("starting cargo metadata")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    Ok(metadata.packages)
}

/// Every crate comes under a licence that `deny.toml` allows.
pub(super) fn licences(tree: &Tree, packages: &[Package]) -> Result<Vec<Problem>> {
    let allowed = Allowed::of(tree)?;
    let refused = packages.iter().filter(|package| !allowed.allows(package));
    let problem = |package: &Package| {
        let licence = package.license.as_deref().unwrap_or("no licence");
        let what = format!("crate `{}` comes under {licence}", package.name);
        Problem::new(
            "deny.toml",
            0,
            what,
            "Use another crate, or allow it there with the reason",
        )
    };
    Ok(refused.map(problem).collect())
}

/// The part of `deny.toml` that names licences, so that the list exists once.
#[derive(Debug, Deserialize)]
struct Allowed {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// More licences for one crate.
#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

impl Allowed {
    fn of(tree: &Tree) -> Result<Self> {
        #[derive(Deserialize)]
        struct Deny {
            licenses: Allowed,
        }
        let deny: Deny = toml::from_str(tree.text("deny.toml").context("no deny.toml")?)?;
        Ok(deny.licenses)
    }

    fn allows(&self, package: &Package) -> bool {
        let Some(licence) = &package.license else {
            return false;
        };
        let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
            return false;
        };
        let own = self
            .exceptions
            .iter()
            .filter(|exception| exception.name == package.name);
        let all: Vec<_> = self
            .allow
            .iter()
            .chain(own.flat_map(|own| &own.allow))
            .collect();
        expression.evaluate(|needed| all.contains(&&needed.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::said;
    use super::*;

    #[test]
    fn the_middle_crates_do_not_know_each_other() {
        let files = [
            (
                "crates/domain/Cargo.toml",
                "package.name = 'sonae-domain'\ndependencies.jiff = '0'",
            ),
            (
                "crates/judge/Cargo.toml",
                "package.name = 'sonae-judge'\n[dependencies]\nsonae-domain = '0'\n\
                 [dev-dependencies]\nsonae-store.workspace = true\n\
                 [target.'cfg(unix)'.dependencies]\nsonae-ingest = '0'",
            ),
            ("crates/new/Cargo.toml", "package.name = 'sonae-new'"),
        ];
        expect![[r#"
            crates/judge/Cargo.toml:0: `sonae-judge` depends on `sonae-store`
            crates/judge/Cargo.toml:0: `sonae-judge` depends on `sonae-ingest`
            crates/new/Cargo.toml:0: crate `sonae-new` has no place
        "#]]
        .assert_eq(&said(direction, &files));
    }

    #[test]
    fn licences_are_allowed_by_name() {
        let deny = "[licenses]\nallow = ['MIT', 'Apache-2.0 WITH LLVM-exception']\n\
                    exceptions = [{ crate = 'b', allow = ['ISC'] }]";
        let tree = Tree::of(&[("deny.toml", deny)]);
        let check = |name: &str, licence: Option<&str>, fits| {
            let package = Package {
                name: name.to_owned(),
                license: licence.map(str::to_owned),
            };
            assert_eq!(
                licences(&tree, &[package]).unwrap().is_empty(),
                fits,
                "{name} {licence:?}"
            );
        };
        check("a", Some("MIT"), true);
        check("a", Some("MIT/Apache-2.0"), true);
        check(
            "a",
            Some("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only"),
            true,
        );
        check("a", Some("Apache-2.0"), false);
        check("a", Some("MIT AND ISC"), false);
        check("b", Some("MIT AND ISC"), true);
        check("a", Some("GPL-3.0-only"), false);
        check("a", Some("Whatever I like"), false);
        check("a", None, false);
    }
}
