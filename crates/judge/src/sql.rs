//! Looks at the SQL of a check before SQLite does: one SELECT, named parameters, no clock of its own.
//! Knows words and strings, not grammar; what it lets pass is still refused by a read-only database.

use std::collections::BTreeSet;

use thiserror::Error;

/// One SELECT, with its parameters in the order in which they are bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Select {
    /// `:name` is replaced by `?1`, because sqlx binds by position only.
    pub(crate) text: String,
    /// Names without colon.
    pub(crate) parameters: Vec<String>,
    /// Every name, keyword and sign in it, in lower case.
    pub(crate) words: BTreeSet<String>,
}

/// Why an SQL text is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SqlError {
    /// Begins with something else.
    #[error("not a SELECT (a WITH before it is allowed)")]
    NotSelect,
    /// There is something behind a semicolon.
    #[error("more than one statement")]
    SeveralStatements,
    /// A quotation or comment has no end.
    #[error("`{0}` is not closed")]
    NotClosed(&'static str),
    /// `?`, `@name` or `$name`.
    #[error("parameters are written `:name`, not `{0}`")]
    OtherParameter(char),
    /// The clock, chance, or the inside of SQLite.
    #[error("`{0}` is not for checks; the day is `:as_of`")]
    Forbidden(String),
    /// What is not named must not pass.
    #[error("`else 'met'` lets pass what no line names")]
    ElseMet,
}

/// The clock, chance and extensions: the same facts must give the same verdict.
const FORBIDDEN: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "load_extension",
    "random",
    "randomblob",
];

/// Beginnings of names that show the inside of SQLite.
const FORBIDDEN_PREFIXES: &[&str] = &["pragma_", "sqlite_"];

impl Select {
    /// Reads the text of `check.sql`.
    pub(crate) fn parse(text: &str) -> Result<Self, SqlError> {
        let mut select = Self {
            text: String::new(),
            parameters: Vec::new(),
            words: BTreeSet::new(),
        };
        let mut last = String::new();
        let mut rest = text;
        let mut ended = false;
        while let Some(first) = rest.chars().next() {
            let (token, after) = rest.split_at(token_length(rest, first)?);
            rest = after;
            let blank = first.is_whitespace() || token.starts_with("--") || token.starts_with("/*");
            match first {
                _ if blank => {}
                _ if ended => return Err(SqlError::SeveralStatements),
                ';' => {
                    ended = true;
                    continue;
                }
                '?' | '@' | '$' => return Err(SqlError::OtherParameter(first)),
                ':' => {
                    select.parameter(token);
                    continue;
                }
                _ => {
                    last = allowed(token, &last)?;
                    let begins = matches!(last.as_str(), "select" | "with");
                    if select.words.is_empty() && !begins {
                        return Err(SqlError::NotSelect);
                    }
                    select.words.insert(bare(&last).to_owned());
                }
            }
            select.text.push_str(token);
        }
        if select.words.is_empty() {
            return Err(SqlError::NotSelect);
        }
        Ok(select)
    }

    fn parameter(&mut self, token: &str) {
        let name = token.trim_start_matches(':');
        let known = self
            .parameters
            .iter()
            .position(|parameter| parameter == name);
        let at = known.unwrap_or_else(|| {
            self.parameters.push(name.to_owned());
            self.parameters.len() - 1
        });
        self.text.push_str(&format!("?{}", at + 1));
    }
}

fn allowed(token: &str, before: &str) -> Result<String, SqlError> {
    let word = token.to_ascii_lowercase();
    if word == "'met'" && before == "else" {
        return Err(SqlError::ElseMet);
    }
    let name = bare(&word);
    let forbidden = FORBIDDEN.contains(&name)
        || FORBIDDEN_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
        || word == "'now'";
    if forbidden {
        Err(SqlError::Forbidden(token.to_owned()))
    } else {
        Ok(word)
    }
}

/// A name without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '`', '[', ']'])
}

fn token_length(rest: &str, first: char) -> Result<usize, SqlError> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let run = |text: &str, inside: fn(char) -> bool| {
        text.find(|c: char| !inside(c)).unwrap_or(text.len())
    };
    match first {
        '-' if rest.starts_with("--") => Ok(rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => rest
            .find("*/")
            .map(|at| at + 2)
            .ok_or(SqlError::NotClosed("/*")),
        '\'' => quoted(rest, '\'', "'"),
        '"' => quoted(rest, '"', "\""),
        '`' => quoted(rest, '`', "`"),
        '[' => rest
            .find(']')
            .map(|at| at + 1)
            .ok_or(SqlError::NotClosed("[")),
        ':' => Ok(1 + run(&rest[1..], is_name)),
        c if is_name(c) => Ok(run(rest, is_name)),
        c => Ok(c.len_utf8()),
    }
}

/// A doubled mark inside a quotation begins the next token at once, which is harmless here.
fn quoted(rest: &str, mark: char, name: &'static str) -> Result<usize, SqlError> {
    rest[1..]
        .find(mark)
        .map(|at| at + 2)
        .ok_or(SqlError::NotClosed(name))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(sql: &str, expected: Expect) {
        let said = match Select::parse(sql) {
            Ok(select) => format!("{} <- {}", select.text, select.parameters.join(", ")),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn parameters_are_numbered() {
        check(
            "select :as_of, :days_max, :as_of;",
            expect!["select ?1, ?2, ?1 <- as_of, days_max"],
        );
        check(
            "select ':as_of' -- :x\n, 'it''s :y'",
            expect![[r#"
            select ':as_of' -- :x
            , 'it''s :y' <- "#]],
        );
        check(
            "select ?",
            expect!["parameters are written `:name`, not `?`"],
        );
    }

    #[test]
    fn only_one_select() {
        check(
            "/* why */ WITH a AS (SELECT 1) SELECT * FROM a ; -- end",
            expect!["/* why */ WITH a AS (SELECT 1) SELECT * FROM a  -- end <- "],
        );
        check(
            "attach 'x' as y",
            expect!["not a SELECT (a WITH before it is allowed)"],
        );
        check("", expect!["not a SELECT (a WITH before it is allowed)"]);
        check("select 1; drop table a", expect!["more than one statement"]);
        check("select 'a", expect!["`'` is not closed"]);
        check("select 1 /* a", expect!["`/*` is not closed"]);
    }

    #[test]
    fn no_clock_no_chance_no_inside() {
        check(
            "select date('now')",
            expect!["`'now'` is not for checks; the day is `:as_of`"],
        );
        check(
            "select random()",
            expect!["`random` is not for checks; the day is `:as_of`"],
        );
        check(
            "select * from \"sqlite_schema\"",
            expect![[r#"`"sqlite_schema"` is not for checks; the day is `:as_of`"#]],
        );
        check(
            "select * from pragma_table_list",
            expect!["`pragma_table_list` is not for checks; the day is `:as_of`"],
        );
    }

    #[test]
    fn what_is_not_named_does_not_pass() {
        check(
            "select case when 1 then 'met' else 'unknown' end",
            expect!["select case when 1 then 'met' else 'unknown' end <- "],
        );
        check(
            "select case when 0 then 'unknown' ELSE\n 'met' end",
            expect!["`else 'met'` lets pass what no line names"],
        );
    }
}
