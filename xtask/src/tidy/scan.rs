//! Rust source as a flat list of tokens without comments, documentation and test code.
//! Knows nothing of the rules.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One token that a rule may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Literal(String),
    /// `::`
    Path,
    Comma,
    Open,
    Close,
    Other,
}

/// A file's code outside `#[cfg(test)]`.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Each with its line, counted from 1.
    pub(super) tokens: Vec<(usize, Token)>,
    /// How many lines belong to test code.
    pub(super) n_test_lines: usize,
}

/// Reads source text; `Err` says at which line it stops being Rust, and why.
pub(super) fn scan(source: &str) -> Result<Scan, (usize, String)> {
    let stream: TokenStream = source
        .parse()
        .map_err(|error: proc_macro2::LexError| (error.span().start().line, error.to_string()))?;
    let mut scan = Scan::default();
    scan.walk(stream);
    Ok(scan)
}

impl Scan {
    fn walk(&mut self, stream: TokenStream) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            let Some((attribute, next)) = attribute(&trees, at) else {
                at += self.one(&trees[at..]);
                continue;
            };
            if is_cfg_test(attribute) {
                let end = end_of_item(&trees, next);
                let last = &trees[end - 1];
                self.n_test_lines += last.span().end().line - trees[at].span().start().line + 1;
                at = end;
                continue;
            }
            if !is_documentation(attribute) {
                self.walk(attribute.stream());
            }
            at = next;
        }
    }

    /// Takes one token, or two that make `::`; says how many.
    fn one(&mut self, trees: &[TokenTree]) -> usize {
        let line = trees[0].span().start().line;
        let token = match &trees[0] {
            TokenTree::Group(group) => {
                self.tokens.push((line, Token::Open));
                self.walk(group.stream());
                self.tokens
                    .push((group.span_close().start().line, Token::Close));
                return 1;
            }
            TokenTree::Ident(word) => Token::Word(word.to_string()),
            TokenTree::Literal(literal) => Token::Literal(literal.to_string()),
            TokenTree::Punct(p) if p.as_char() == ',' => Token::Comma,
            TokenTree::Punct(_) if is(trees, 0, ':') && is(trees, 1, ':') => {
                self.tokens.push((line, Token::Path));
                return 2;
            }
            TokenTree::Punct(_) => Token::Other,
        };
        self.tokens.push((line, token));
        1
    }
}

/// The attribute that starts here, `#[..]` or `#![..]`, and the place after it.
fn attribute(trees: &[TokenTree], at: usize) -> Option<(&Group, usize)> {
    if !is(trees, at, '#') {
        return None;
    }
    let place = if is(trees, at + 1, '!') {
        at + 2
    } else {
        at + 1
    };
    match trees.get(place) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Some((group, place + 1))
        }
        _ => None,
    }
}

fn is(trees: &[TokenTree], at: usize, mark: char) -> bool {
    matches!(trees.get(at), Some(TokenTree::Punct(p)) if p.as_char() == mark)
}

fn is_cfg_test(attribute: &Group) -> bool {
    attribute.stream().to_string().replace(' ', "") == "cfg(test)"
}

fn is_documentation(attribute: &Group) -> bool {
    matches!(attribute.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc")
}

/// The place after the item that starts here: after its `;`, or after its body.
fn end_of_item(trees: &[TokenTree], start: usize) -> usize {
    let mut at = start;
    while let Some(tree) = trees.get(at) {
        at += 1;
        match tree {
            TokenTree::Punct(mark) if mark.as_char() == ';' => return at,
            TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => {
                return if is(trees, at, ';') { at + 1 } else { at };
            }
            _ => {}
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Token, scan};

    fn check(source: &str, expected: Expect) {
        let scan = scan(source).unwrap();
        let words = scan.tokens.iter().filter_map(|(line, token)| match token {
            Token::Word(text) | Token::Literal(text) => Some(format!("{line}:{text}")),
            _ => None,
        });
        let words: Vec<_> = words.collect();
        expected.assert_eq(&format!(
            "{} | {} test lines",
            words.join(" "),
            scan.n_test_lines
        ));
    }

    #[test]
    fn comments_documentation_and_tests_are_left_out() {
        check(
            "//! a\n// b\n/// c\nfn d() { \"e\" }",
            expect![[r#"4:fn 4:d 4:"e" | 0 test lines"#]],
        );
        check(
            "use a;\n#[cfg(test)]\nmod tests {\n  b!()\n}\n",
            expect!["1:use 1:a | 4 test lines"],
        );
        check(
            "#[cfg(test)]\n#[rustfmt::skip]\nuse a::{b};\nuse c;",
            expect!["4:use 4:c | 3 test lines"],
        );
        check(
            "#[cfg(test)] mod tests;\nfn a() {}",
            expect!["2:fn 2:a | 1 test lines"],
        );
        check(
            "fn a() { #[cfg(test)] b(); c }",
            expect!["1:fn 1:a 1:c | 1 test lines"],
        );
    }

    #[test]
    fn attributes_that_carry_text_stay() {
        check(
            r#"#[error("a")] struct B;"#,
            expect![[r#"1:error 1:"a" 1:struct 1:B | 0 test lines"#]],
        );
    }

    #[test]
    fn a_file_that_is_not_rust_says_where() {
        assert_eq!(scan("fn a() {}\nfn b( {").unwrap_err().0, 2);
    }
}
