//! Rules for all files: words that do not belong in a tree, sizes, folders, links.

use std::collections::BTreeSet;

use super::{Problem, Tree};

/// A word that must not stand in any file. Each is written in two parts here, so that this file
/// does not name it.
struct Banned {
    word: &'static str,
    /// Only files whose name ends so.
    ending: &'static str,
    /// Not as a part of a longer word.
    whole: bool,
    instead: &'static str,
}

const BANNED: &[Banned] = &[
    Banned::mark(concat!("TO", "DO")),
    Banned::mark(concat!("FIX", "ME")),
    Banned::rust(concat!("todo", "!("), "Finish it, or leave it out"),
    Banned::rust(concat!("unimplemented", "!("), "Finish it, or leave it out"),
    Banned::rust(concat!("#[ig", "nore"), "Mend the test or delete it"),
    Banned::rust(
        concat!("should_", "panic"),
        "Test the error that is returned",
    ),
    Banned::host(concat!("crates", ".io")),
    Banned::host(concat!("docs", ".rs/")),
    Banned::host(concat!("pypi", ".org")),
    Banned::host(concat!("npmjs", ".com")),
    Banned::host(concat!("npmjs", ".org")),
    Banned::host(concat!("proxy.golang", ".org")),
    Banned::place(concat!("../", "shared")),
    Banned::place(concat!("/work/", "shared")),
    Banned::place(concat!("/work/", "main")),
];

/// Written by cargo: it names its registry.
const NOT_WRITTEN_BY_US: &[&str] = &["Cargo.lock", "fuzz/Cargo.lock"];

/// 1 MiB: more in one file is an artefact or a dump, and stays in everyone's clone for ever.
const BYTES_MAX: usize = 1024 * 1024;

/// Fonts are embedded, and Japanese ones are large.
const FONTS: &[&str] = &[".otf", ".ttf"];

/// What may stand directly under the root. Anything else is left over from someone's own tools.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.ja.md",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "collect",
    "crates",
    "data",
    "deny.toml",
    "docs",
    "fixtures",
    "fuzz",
    "lab",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "scripts",
    "templates",
    "web",
    "xtask",
];

const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// Longer, and nobody reads it before changing something.
const ARCHITECTURE_LINES_MAX: usize = 149;

impl Banned {
    const fn mark(word: &'static str) -> Self {
        let instead = "Do it now, or write it into an issue";
        Self {
            word,
            ending: "",
            whole: true,
            instead,
        }
    }

    const fn rust(word: &'static str, instead: &'static str) -> Self {
        Self {
            word,
            ending: ".rs",
            whole: false,
            instead,
        }
    }

    const fn host(word: &'static str) -> Self {
        let instead = "Name the project, not the registry that happens to serve it";
        Self {
            word,
            ending: "",
            whole: false,
            instead,
        }
    }

    const fn place(word: &'static str) -> Self {
        let instead = "Name a path inside the tree; nobody else has this one";
        Self {
            word,
            ending: "",
            whole: false,
            instead,
        }
    }

    fn stands_in(&self, line: &str) -> bool {
        let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        line.match_indices(self.word).any(|(at, word)| {
            let before = line[..at].chars().next_back();
            let after = line[at + word.len()..].chars().next();
            !self.whole || ![before, after].into_iter().flatten().any(part_of_word)
        })
    }
}

/// No unfinished work, no switched-off tests, no names of places outside the tree.
pub(super) fn banned(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree
        .texts()
        .filter(|(path, _)| !NOT_WRITTEN_BY_US.contains(path))
    {
        for (line, number) in text.lines().zip(1..) {
            for banned in BANNED
                .iter()
                .filter(|b| path.ends_with(b.ending) && b.stands_in(line))
            {
                let what = format!("`{}`", banned.word);
                problems.push(Problem::new(path, number, what, banned.instead));
            }
        }
    }
    problems
}

/// No file is too large to live in the history.
pub(super) fn sizes(tree: &Tree) -> Vec<Problem> {
    let large = tree.files().filter(|(path, bytes)| {
        bytes.len() > BYTES_MAX && !FONTS.iter().any(|ending| path.ends_with(ending))
    });
    let advice = "Generate it, or cut it down to what the test needs";
    large
        .map(|(path, bytes)| Problem::new(path, 0, format!("{} bytes", bytes.len()), advice))
        .collect()
}

/// Everything under the root is known.
pub(super) fn top_level(tree: &Tree) -> Vec<Problem> {
    let names: BTreeSet<_> = tree
        .files()
        .filter_map(|(path, _)| path.split('/').next())
        .collect();
    let unknown = names.into_iter().filter(|name| !TOP_LEVEL.contains(name));
    let advice = "Delete it, or add it to TOP_LEVEL in xtask/src/tidy/text.rs";
    unknown
        .map(|name| Problem::new(name, 0, "not part of the tree", advice))
        .collect()
}

/// The map is short and names every crate.
pub(super) fn architecture(tree: &Tree) -> Vec<Problem> {
    let Some(text) = tree.text(ARCHITECTURE) else {
        return vec![Problem::new(
            ARCHITECTURE,
            0,
            "missing",
            "Draw the map of the code",
        )];
    };
    let mut problems = Vec::new();
    let n_lines = text.lines().count();
    if n_lines > ARCHITECTURE_LINES_MAX {
        let what = format!("{n_lines} lines, at most {ARCHITECTURE_LINES_MAX}");
        problems.push(Problem::new(
            ARCHITECTURE,
            0,
            what,
            "Move detail to an ADR or a header",
        ));
    }
    let crates: BTreeSet<_> = tree
        .under("crates")
        .filter_map(|(path, _)| path.split('/').next())
        .collect();
    for name in crates
        .into_iter()
        .filter(|name| !text.contains(&format!("crates/{name}")))
    {
        let what = format!("does not name crates/{name}");
        problems.push(Problem::new(
            ARCHITECTURE,
            0,
            what,
            "Say what it is for in the code map",
        ));
    }
    problems
}

/// What a Markdown file links to exists.
pub(super) fn links(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".md")) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, target) in targets(text) {
            if resolve(folder, target).is_none_or(|file| !tree.exists(&file)) {
                let what = format!("link to `{target}`, which does not exist");
                problems.push(Problem::new(path, number, what, "Mend the link"));
            }
        }
    }
    problems
}

/// Targets of links to files, with their line; code blocks are not looked at.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut in_code = false;
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') {
                found.push((number, target));
            }
        }
    }
    found
}

/// The path in the tree that a link from a folder means; nothing when it leaves the tree.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::said;
    use super::*;

    #[test]
    fn banned_words_are_named_with_their_line() {
        let (mark, off, open) = (
            concat!("TO", "DO"),
            concat!("#[ig", "nore"),
            concat!("todo", "!("),
        );
        let (host, place) = (concat!("crates", ".io"), concat!("../", "shared"));
        let marked = format!("x\n// {mark}: y\nMAS{mark}N\n");
        let rust = format!("{off} = \"z\"]\nfn f() {{ {open}) }}\n");
        let places = format!("https://{host}/x\n{place}/GUIDE.md\n");
        let files = [
            ("a.toml", marked.as_str()),
            ("b.rs", &rust),
            ("b.txt", &rust),
            ("c.md", &places),
            ("Cargo.lock", &places),
        ];
        let expected = format!(
            "a.toml:2: `{mark}`\nb.rs:1: `{off}`\nb.rs:2: `{open}`\nc.md:1: `{host}`\n\
             c.md:2: `{place}`\n"
        );
        assert_eq!(said(banned, &files), expected);
    }

    #[test]
    fn large_files_are_named_unless_fonts() {
        let large = "x".repeat(BYTES_MAX + 1);
        expect![["a.bin:0: 1048577 bytes\n"]].assert_eq(&said(
            sizes,
            &[("a.bin", &large), ("b.ttf", &large), ("c.bin", "x")],
        ));
    }

    #[test]
    fn strangers_under_the_root_are_named() {
        expect![[".editor:0: not part of the tree\n"]].assert_eq(&said(
            top_level,
            &[(".editor/x", ""), ("docs/x", ""), ("Cargo.toml", "")],
        ));
    }

    #[test]
    fn the_map_is_short_and_complete() {
        let long = format!("crates/a\n{}", "x\n".repeat(150));
        expect![[r#"
            ARCHITECTURE.md:0: 151 lines, at most 149
            ARCHITECTURE.md:0: does not name crates/b
        "#]]
        .assert_eq(&said(
            architecture,
            &[
                ("ARCHITECTURE.md", &long),
                ("crates/a/x", ""),
                ("crates/b/x", ""),
            ],
        ));
        expect![["ARCHITECTURE.md:0: missing\n"]].assert_eq(&said(architecture, &[]));
    }

    #[test]
    fn dead_links_are_named() {
        let text = "[a](../x.md) [b](y.md#part) [c](https://example.org) [d](#here)\n\
                    ```\n[e](gone.md)\n```\n[f](gone.md) ![g](../../out.png) [h](../docs/)";
        let files = [("docs/a.md", text), ("x.md", ""), ("docs/y.md", "")];
        expect![[r#"
            docs/a.md:5: link to `gone.md`, which does not exist
            docs/a.md:5: link to `../../out.png`, which does not exist
        "#]]
        .assert_eq(&said(links, &files));
    }
}
