//! `cargo xtask freeze`: the hash of each file of each published edition. What an inspector saw
//! last year must be the same text next year. Knows nothing of what the files say but their status.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::tidy::Tree;

pub(crate) const EDITIONS: &str = "data/editions";
pub(crate) const PATH: &str = "data/editions/frozen.toml";

const HEADER: &str = "\
# SHA-256 of each file of each published edition, compared by `cargo xtask tidy`.
# Written by `cargo xtask freeze EDITION`. An erratum is a new revision: add `--revision`.

";

/// `frozen.toml`
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Frozen {
    #[serde(rename = "edition", default)]
    pub(crate) editions: Vec<FrozenEdition>,
}

/// One edition as it was published.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrozenEdition {
    pub(crate) id: String,
    /// 1 as first published.
    pub(crate) revision: u32,
    /// Hexadecimal SHA-256 by file name.
    pub(crate) files: BTreeMap<String, String>,
}

/// The only key of `edition.toml` that matters here.
#[derive(Deserialize)]
struct Head {
    status: String,
}

impl Frozen {
    /// What is frozen now; nothing when there is no list yet.
    pub(crate) fn of(tree: &Tree) -> Result<Self> {
        let Some(text) = tree.text(PATH) else {
            return Ok(Self::default());
        };
        toml::from_str(text).context("not a list of frozen editions")
    }

    pub(crate) fn edition(&self, id: &str) -> Option<&FrozenEdition> {
        self.editions.iter().find(|edition| edition.id == id)
    }

    /// Adds an edition, or its next revision when that is allowed. Says what it did.
    fn add(&mut self, tree: &Tree, id: &str, new_revision: bool) -> Result<String> {
        let files = hashes(tree, id);
        if !files.contains_key("edition.toml") {
            bail!("{EDITIONS}/{id} holds no edition.toml");
        }
        if !published(tree).contains(&id.to_owned()) {
            bail!("{id} is a draft; only published editions are frozen");
        }
        let Some(old) = self.editions.iter_mut().find(|edition| edition.id == id) else {
            self.editions.push(FrozenEdition {
                id: id.to_owned(),
                revision: 1,
                files,
            });
            self.editions.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok(format!("{id}: frozen"));
        };
        if old.files == files {
            return Ok(format!("{id}: unchanged"));
        }
        if !new_revision {
            bail!("{id} differs from what is frozen; undo that, or publish an erratum: --revision");
        }
        old.files = files;
        old.revision += 1;
        Ok(format!("{id}: frozen as revision {}", old.revision))
    }
}

/// Editions that a person has released: every status but `draft`.
pub(crate) fn published(tree: &Tree) -> Vec<String> {
    let heads = tree.under(EDITIONS).filter_map(|(path, bytes)| {
        let id = path.strip_suffix("/edition.toml")?;
        // A head that cannot be read is not known to be a draft.
        let head = std::str::from_utf8(bytes)
            .ok()
            .and_then(|t| toml::from_str::<Head>(t).ok());
        head.is_none_or(|head| head.status != "draft")
            .then(|| id.to_owned())
    });
    heads.collect()
}

/// Hexadecimal SHA-256 of each file of an edition, by name.
pub(crate) fn hashes(tree: &Tree, id: &str) -> BTreeMap<String, String> {
    let files = tree.under(&format!("{EDITIONS}/{id}")).collect::<Vec<_>>();
    let hash = |(name, bytes): (&str, &[u8])| (name.to_owned(), hex::encode(Sha256::digest(bytes)));
    files.into_iter().map(hash).collect()
}

/// Freezes editions on disk; nothing is written unless all can be.
pub(crate) fn freeze(root: &Path, ids: &[String], new_revision: bool) -> Result<Vec<String>> {
    let tree = Tree::load(root)?;
    let mut frozen = Frozen::of(&tree)?;
    let done = ids
        .iter()
        .map(|id| frozen.add(&tree, id, new_revision))
        .collect::<Result<_>>()?;
    let text = format!("{HEADER}{}", toml::to_string(&frozen)?);
    std::fs::write(root.join(PATH), text).with_context(|| format!("writing {PATH}"))?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(frozen: &mut Frozen, head: &str, new_revision: bool) -> String {
        let tree = Tree::of(&[("data/editions/a/edition.toml", head)]);
        match frozen.add(&tree, "a", new_revision) {
            Ok(done) => done,
            Err(refused) => format!("refused: {refused}"),
        }
    }

    #[test]
    fn a_frozen_edition_changes_by_revision_only() {
        let mut frozen = Frozen::default();
        let steps = [
            (
                "status = 'draft'",
                false,
                "refused: a is a draft; only published editions are frozen",
            ),
            ("status = 'in_force'", false, "a: frozen"),
            ("status = 'in_force'", true, "a: unchanged"),
            ("status = 'replaced'", true, "a: frozen as revision 2"),
        ];
        for (head, new_revision, expected) in steps {
            assert_eq!(add(&mut frozen, head, new_revision), expected);
        }
        let refused = add(&mut frozen, "status = 'in_force'", false);
        assert!(
            refused.starts_with("refused: a differs from what is frozen"),
            "{refused}"
        );
        assert_eq!(frozen.editions[0].revision, 2);
    }

    #[test]
    fn an_unknown_edition_is_refused() {
        let refused = Frozen::default()
            .add(&Tree::of(&[]), "b", false)
            .unwrap_err();
        assert_eq!(refused.to_string(), "data/editions/b holds no edition.toml");
    }

    #[test]
    fn hashes_are_sha256() {
        let hashes = hashes(&Tree::of(&[("data/editions/a/x", "abc")]), "a");
        assert_eq!(
            hashes["x"],
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_list_is_read_as_it_is_written() {
        let mut frozen = Frozen::default();
        add(&mut frozen, "status = 'in_force'", false);
        let text = format!("{HEADER}{}", toml::to_string(&frozen).unwrap());
        let again = Frozen::of(&Tree::of(&[(PATH, &text)])).unwrap();
        assert_eq!(again.edition("a").unwrap().files, frozen.editions[0].files);
    }
}
