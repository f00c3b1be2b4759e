//! Words, texts, braces and semicolons of ISC's configuration language. Knows no statement.
//! No crate reads it; the language is this small.

/// One word of the language, and the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Counted from 1.
    pub(super) line: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Without quotes.
    Word(String),
    /// In quotes, escapes resolved.
    Quoted(String),
    /// `{`
    Open,
    /// `}`
    Close,
    /// `;`
    End,
}

/// Splits a text into tokens; `Err` is the line of a text that is never closed.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, usize> {
    let mut found = Vec::new();
    let mut chars = text.chars().peekable();
    let mut line = 1;
    while let Some(c) = chars.next() {
        let kind = match c {
            '\n' => {
                line += 1;
                continue;
            }
            c if c.is_whitespace() => continue,
            '#' => {
                while chars.next_if(|c| *c != '\n').is_some() {}
                continue;
            }
            '{' => Kind::Open,
            '}' => Kind::Close,
            ';' => Kind::End,
            '"' => Kind::Quoted(quoted(&mut chars).ok_or(line)?),
            first => {
                let mut word = String::from(first);
                while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !"{};\"".contains(*c)) {
                    word.push(c);
                }
                Kind::Word(word)
            }
        };
        found.push(Token { kind, line });
    }
    Ok(found)
}

/// The rest of a quoted text. Octal escapes stand for bytes of any encoding, so they are kept.
fn quoted(chars: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\n' => return None,
            '\\' => match chars.next()? {
                c @ ('"' | '\\') => text.push(c),
                c => text.extend(['\\', c]),
            },
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let got = match tokens(text) {
            Ok(tokens) => format!(
                "{:?}",
                tokens.into_iter().map(|t| t.kind).collect::<Vec<_>>()
            ),
            Err(line) => format!("open text at line {line}"),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn splits_as_the_server_does() {
        check(
            "ends never; # why; {",
            r#"[Word("ends"), Word("never"), End]"#,
        );
        check(
            r#"uid "\001}a\"b";"#,
            r#"[Word("uid"), Quoted("\\001}a\"b"), End]"#,
        );
        check(
            "lease a{x;}",
            r#"[Word("lease"), Word("a"), Open, Word("x"), End, Close]"#,
        );
        check("\nuid \"abc\n;", "open text at line 2");
    }
}
