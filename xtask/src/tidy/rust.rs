//! Rules for Rust files: headers, length, borders inside `app`, Japanese outside its places.
//! The length of functions and banned types are clippy's business.

use std::collections::BTreeMap;

use super::scan::{Scan, Token, scan};
use super::{Problem, Tree};

/// Longer files are hard to read once from the top; tests do not count.
const LINES_MAX: usize = 700;

/// What the surfaces of `app` must reach through a use case.
const BEHIND_USECASE: &[&str] = &[
    "sonae_ingest",
    "sonae_judge",
    "sonae_report",
    "sonae_store",
    "sqlx",
];

/// The surfaces of `app`: folder, and the modules of `crate` that it may use.
const SURFACES: &[(&str, &[&str])] = &[
    ("crates/app/src/cli/", &["usecase", "cli"]),
    ("crates/app/src/web/", &["usecase", "web"]),
];

/// What only the command line may call: it opens paths, and who sends one to a page could read any file.
const NEVER_ON_PAGES: (&str, &[&str]) = ("crates/app/src/web/", &["read_known"]);

/// Where string literals may hold Japanese: path pattern, reason.
const JAPANESE: &[(&str, &str)] = &[
    ("**/labels.rs", "the one place for words that a user reads"),
    ("**/labels/**", "the same, where one file would be too long"),
    (
        "crates/ingest/**/detect.rs",
        "recognises headings of Japanese files",
    ),
    ("crates/ingest/**/read.rs", "takes Japanese files apart"),
    (
        "crates/ingest/**/mapping.rs",
        "names of columns in Japanese ledgers",
    ),
    (
        "crates/ingest/**/words.rs",
        "how Japanese cells say yes, no, server, unknown",
    ),
    (
        "crates/ingest/src/edition_workbook/**",
        "takes the official form apart by its words",
    ),
    (
        "crates/ingest/src/answer_form/**",
        "reads what people wrote into the official form",
    ),
    (
        "crates/ingest/src/identity.rs",
        "what people write where a serial number is missing",
    ),
    (
        "crates/ingest/src/table/**",
        "how Japanese tables repeat, leave out and name patients",
    ),
    (
        "crates/ingest/src/nmap_xml/scripts.rs",
        "a word by which a secret is recognised",
    ),
    (
        "crates/ingest/src/report.rs",
        "a refusal's sentence stands beside its variant",
    ),
    ("crates/domain/src/era.rs", "the Japanese calendar"),
    (
        "crates/domain/src/lookup.rs",
        "words that people type for rows of a form",
    ),
    (
        "crates/app/src/cli/args.rs",
        "words that people type, and the help",
    ),
    (
        "crates/report/**/samples.rs",
        "filled-in samples that every template is tried with",
    ),
];

/// Every file is Rust.
pub(super) fn parses(tree: &Tree) -> Vec<Problem> {
    let broken = |(path, text)| match scan(text) {
        Ok(_) => None,
        Err((line, why)) => Some(Problem::new(path, line, why, "Make it compile")),
    };
    rust_files(tree).filter_map(broken).collect()
}

/// Every file says first what it is for.
pub(super) fn headers(tree: &Tree) -> Vec<Problem> {
    let bare = rust_files(tree).filter(|(path, text)| !is_test(path) && !text.starts_with("//!"));
    let advice = "Begin with `//!`: what it is for, and what it must not know";
    bare.map(|(path, _)| Problem::new(path, 1, "no header", advice))
        .collect()
}

/// No file is too long to be read in one go.
pub(super) fn lengths(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, scan) in scans(tree) {
        let n_lines = tree.text(path).map_or(0, |text| text.lines().count()) - scan.n_test_lines;
        if n_lines > LINES_MAX {
            let what = format!("{n_lines} lines without tests, at most {LINES_MAX}");
            problems.push(Problem::new(path, 0, what, "Split it by what it is about"));
        }
    }
    problems
}

/// `cli` and `web` reach everything through `usecase`.
pub(super) fn borders(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, scan) in scans(tree) {
        let surface = SURFACES.iter().find(|(folder, _)| path.starts_with(folder));
        let Some((_, allowed)) = surface else {
            continue;
        };
        let (pages, never) = NEVER_ON_PAGES;
        let never = if path.starts_with(pages) { never } else { &[] };
        for (line, word) in crossings(&scan, allowed, never) {
            let what = format!("`{word}` in a surface");
            let advice = "Call a use case; add one in crates/app/src/usecase if none fits";
            problems.push(Problem::new(path, line, what, advice));
        }
    }
    problems
}

/// Words that a surface may not say: crates behind the use cases, other modules of `crate`, and some
/// that are never said there.
fn crossings<'a>(scan: &'a Scan, allowed: &[&str], never: &[&str]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (at, (line, token)) in scan.tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        if BEHIND_USECASE.contains(&word.as_str()) || never.contains(&word.as_str()) {
            found.push((*line, word.as_str()));
        }
        if word == "crate" && matches!(scan.tokens.get(at + 1), Some((_, Token::Path))) {
            let modules = modules(&scan.tokens[at + 2..]);
            found.extend(
                modules
                    .into_iter()
                    .filter(|(_, word)| !allowed.contains(word)),
            );
        }
    }
    found
}

/// The modules named right after `crate::`: one word, or the heads inside braces.
fn modules(tokens: &[(usize, Token)]) -> Vec<(usize, &str)> {
    if let Some((line, Token::Word(word))) = tokens.first() {
        return vec![(*line, word)];
    }
    let mut found = Vec::new();
    let mut depth = 0;
    let mut before = &Token::Other;
    for (line, token) in tokens {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            Token::Word(word) if depth == 1 && matches!(before, Token::Open | Token::Comma) => {
                found.push((*line, word.as_str()));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        before = token;
    }
    found
}

/// Japanese that a user reads stands where it can be found and read as a whole.
pub(super) fn japanese(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, scan) in scans(tree) {
        if JAPANESE.iter().any(|(pattern, _)| matches(pattern, path)) {
            continue;
        }
        let mut by_line: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (line, token) in scan.tokens {
            match token {
                Token::Literal(text) if text.chars().any(is_japanese) => {
                    by_line.entry(line).or_default().push(text);
                }
                _ => {}
            }
        }
        for (line, texts) in by_line {
            let what = format!("Japanese in logic: {}", texts.join(" "));
            let advice = "Move it to a labels.rs, to data/ or to templates/; words that are read, \
                          not said, to a words.rs";
            problems.push(Problem::new(path, line, what, advice));
        }
    }
    problems
}

/// Kana and kanji. Brackets, middle dots and circled numbers are layout, not words.
fn is_japanese(c: char) -> bool {
    let kana =
        matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}');
    let kanji = matches!(c, '\u{3005}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
    kana || kanji || matches!(c, '\u{20000}'..='\u{3ffff}')
}

/// Whether a path fits a pattern, where `**` stands for anything.
fn matches(pattern: &str, path: &str) -> bool {
    let mut pieces = pattern.split("**");
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
        last = Some(piece);
    }
    rest.is_empty() || last.is_some_and(|piece| rest.ends_with(piece))
}

fn rust_files(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.texts().filter(|(path, _)| path.ends_with(".rs"))
}

/// Every file of the product that is not wholly a test. What does not parse is another rule's.
fn scans(tree: &Tree) -> impl Iterator<Item = (&str, Scan)> {
    let files = rust_files(tree).filter(|(path, _)| !is_test(path));
    files.filter_map(|(path, text)| Some((path, scan(text).ok()?)))
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::said;
    use super::*;

    #[test]
    fn a_file_without_header_is_named() {
        let files = [
            ("a/src/x.rs", "use b;"),
            ("a/src/y.rs", "//! Y."),
            ("a/tests/z.rs", ""),
        ];
        expect![["a/src/x.rs:1: no header\n"]].assert_eq(&said(headers, &files));
    }

    #[test]
    fn a_long_file_is_named_without_its_tests() {
        let long = "use a;\n".repeat(701);
        let tests = format!("use a;\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        let files = [
            ("a/src/x.rs", long.as_str()),
            ("a/src/y.rs", tests.as_str()),
        ];
        expect![["a/src/x.rs:0: 701 lines without tests, at most 700\n"]]
            .assert_eq(&said(lengths, &files));
    }

    #[test]
    fn a_surface_uses_use_cases_only() {
        let cli = "use crate::usecase::judge;\nuse crate::cli::args;\nuse sonae_domain::ids;\n\
                   use crate::{usecase, settings::Settings};\nuse sonae_store::Store;\n\
                   // sqlx in a comment\nfn f() { crate::web::g(); sqlx::query(\"\") }";
        let known = "use crate::usecase::checkpoints::read_known;";
        let files = [
            ("crates/app/src/cli/known.rs", known),
            ("crates/app/src/web/known.rs", known),
            ("crates/app/src/cli/x.rs", cli),
            ("crates/app/src/usecase/x.rs", cli),
        ];
        expect![[r#"
            crates/app/src/cli/x.rs:4: `settings` in a surface
            crates/app/src/cli/x.rs:5: `sonae_store` in a surface
            crates/app/src/cli/x.rs:7: `web` in a surface
            crates/app/src/cli/x.rs:7: `sqlx` in a surface
            crates/app/src/web/known.rs:1: `read_known` in a surface
        "#]]
        .assert_eq(&said(borders, &files));
    }

    #[test]
    fn japanese_stays_in_its_places() {
        let text = "/// 台帳\nconst A: &str = \"台帳\"; // 台帳\nfn b() { f(\"①・\", \"ａ々\", \"ｶﾅ\") }\n\
                    #[cfg(test)]\nmod tests { const C: &str = \"台帳\"; }";
        let files = [
            ("crates/judge/src/x.rs", text),
            ("crates/ingest/src/ledger/read.rs", text),
            ("crates/judge/src/labels.rs", text),
            ("crates/ingest/src/labels/tables.rs", text),
            ("crates/judge/tests/x.rs", text),
        ];
        expect![[r#"
            crates/judge/src/x.rs:2: Japanese in logic: "台帳"
            crates/judge/src/x.rs:3: Japanese in logic: "ａ々" "ｶﾅ"
        "#]]
        .assert_eq(&said(japanese, &files));
    }

    #[test]
    fn a_file_that_is_not_rust_is_named() {
        let said = said(parses, &[("a/src/x.rs", "fn a( {")]);
        assert!(said.starts_with("a/src/x.rs:1: "), "{said}");
    }

    #[test]
    fn patterns() {
        let check = |pattern, path, fits| assert_eq!(matches(pattern, path), fits, "{path}");
        check("**/labels.rs", "a/b/labels.rs", true);
        check("**/labels.rs", "a/b/labels.rs.x", false);
        check("**/labels/**", "a/labels/b.rs", true);
        check("a/**/read.rs", "a/read/read.rs", true);
        check("a/**/read.rs", "b/a/read.rs", false);
        check("a/b.rs", "a/b.rs", true);
        check("a/b.rs", "a/b.rs/c", false);
    }
}
