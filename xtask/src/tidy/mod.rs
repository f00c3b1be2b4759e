//! Rules that the compiler and clippy cannot hold. Each is a function from the tree to problems;
//! all problems are collected, and each says what to do instead.

mod data;
mod deps;
mod rust;
mod scan;
mod text;
mod tree;

use std::fmt;
use std::path::Path;

use anyhow::Result;

pub(crate) use tree::Tree;

/// Something that has to change, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    path: String,
    /// 0 when the whole file is meant.
    line: usize,
    what: String,
    instead: String,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
            instead: instead.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            what,
            instead,
        } = self;
        match line {
            0 => write!(f, "{path}: {what}. {instead}."),
            _ => write!(f, "{path}:{line}: {what}. {instead}."),
        }
    }
}

/// Every rule that needs only the files.
const RULES: &[fn(&Tree) -> Vec<Problem>] = &[
    deps::direction,
    rust::parses,
    rust::headers,
    rust::lengths,
    rust::borders,
    rust::japanese,
    data::checks,
    data::frozen,
    text::banned,
    text::sizes,
    text::top_level,
    text::architecture,
    text::links,
];

/// Everything untidy under `root`.
pub(crate) fn problems(root: &Path) -> Result<Vec<Problem>> {
    let tree = Tree::load(root)?;
    let mut problems: Vec<_> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    problems.extend(deps::licences(&tree, &deps::packages(root)?)?);
    problems.sort();
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::{Problem, Tree, problems};

    /// What a rule says about a small tree, a line a problem, without the advice.
    pub(super) fn said(rule: fn(&Tree) -> Vec<Problem>, files: &[(&str, &str)]) -> String {
        let lines = rule(&Tree::of(files));
        lines
            .iter()
            .map(|p| format!("{}:{}: {}\n", p.path, p.line, p.what))
            .collect()
    }

    #[test]
    fn this_tree_is_tidy() {
        let problems = problems(crate::root()).unwrap();
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(
            lines.is_empty(),
            "{} problems\n{}",
            lines.len(),
            lines.join("\n")
        );
    }
}
