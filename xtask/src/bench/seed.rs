//! An installation of many institutions, written as SQL for either database: each has answers to
//! every item of the current form, and the first a person with a token and a session. The only place
//! that knows the program's tables.

use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The edition whose items are answered.
const EDITION: &str = "fy2025";

/// Stands in the cookie and, for programs, in the header. Kept only as a hash.
pub(super) const TOKEN: &str = "bench";

/// 2026-11-21 12:00 in Japan, in milliseconds.
const NOW_MS: i64 = 1_795_230_000_000;

/// Half a day, so that the session outlives the run.
const SESSION_MS: i64 = 12 * 3_600_000;

/// Which database the statements are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Sqlite,
    Postgres,
}

impl Side {
    /// A truth value.
    fn truth(self, is: bool) -> &'static str {
        match (self, is) {
            (Self::Sqlite, true) => "1",
            (Self::Sqlite, false) => "0",
            (Self::Postgres, true) => "true",
            (Self::Postgres, false) => "false",
        }
    }
}

/// The items of the form for hospitals and clinics.
pub(super) fn items(root: &Path) -> Result<Vec<String>> {
    let path = root.join("data/editions").join(EDITION).join("items.toml");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let table: toml::Table = toml::from_str(&text)?;
    let items = table.get("item").and_then(toml::Value::as_array);
    let ids = items
        .into_iter()
        .flatten()
        .filter(|item| item.get("form").and_then(toml::Value::as_str) == Some("facility"))
        .filter_map(|item| item.get("id")?.as_str().map(str::to_owned));
    Ok(ids.collect())
}

/// Statements that make so many institutions with so many answers in all.
pub(super) fn sql(side: Side, items: &[String], n_institutions: usize, n_answers: usize) -> String {
    let mut sql = String::from("begin;\n");
    let mut left = n_answers;
    for n in 0..n_institutions {
        let id = institution(n);
        if side == Side::Postgres {
            sql += &format!("select set_config('app.institution', '{id}', true);\n");
        }
        sql += &format!(
            "insert into institutions (id, name, kind, vendor_contract) \
             values ('{id}', 'Institution {n}', 'clinic', 'exists');\n"
        );
        for item in items.iter().take(left) {
            sql += &format!(
                "insert into answers (institution_id, item_id, round, version, value, \
                 confirmed_on, answered_by, recorded_at) values \
                 ('{id}', '{item}', 1, 1, 'yes', '2026-06-01', 'bench', {NOW_MS});\n"
            );
        }
        left = left.saturating_sub(items.len());
        let counts = r#"{"unanswered":19}"#;
        sql += &format!(
            "insert into summaries (institution_id, body, last_entry, judged_on, saved_at) \
             values ('{id}', '{counts}', 1, '2026-11-20', {NOW_MS});\n"
        );
    }
    sql += &person(side);
    // The planner of PostgreSQL knows its tables only after that; a server does it by itself in time.
    sql += "commit;\n";
    if side == Side::Postgres {
        // It warns of the server's own tables otherwise.
        sql += "set client_min_messages = error;\n";
    }
    sql += "analyze;\n";
    sql
}

/// The id of an institution.
fn institution(n: usize) -> String {
    format!("bench-{n:06}")
}

/// One person in the first institution, with a session and a token.
fn person(side: Side) -> String {
    let (yes, no) = (side.truth(true), side.truth(false));
    let hash = hex::encode(Sha256::digest(TOKEN));
    let first = institution(0);
    let scope = |institution: &str| match side {
        Side::Sqlite => String::new(),
        Side::Postgres => format!("select set_config('app.institution', '{institution}', true);\n"),
    };
    let (installation, institution) = (scope(""), scope(&first));
    format!(
        "{installation}insert into accounts (id, login, name, is_operator, created_at) \
         values ('bench', 'bench', 'Bench', {yes}, {NOW_MS});\n\
         {institution}insert into grants (institution_id, id, account_id, role, outsider, granted_by, \
         granted_at) values ('{first}', 'bench', 'bench', 'safety_officer', {no}, 'bench', {NOW_MS});\n\
         insert into tokens (institution_id, id, token_hash, account_id, name, scope, made_at) \
         values ('{first}', 'bench', '{hash}', 'bench', 'bench', 'write', {NOW_MS});\n\
         {installation}insert into sessions (token_hash, account_id, institution_id, made_at, seen_at, ends_at, \
         second_factor) values ('{hash}', 'bench', '{first}', {NOW_MS}, {NOW_MS}, {}, {yes});\n",
        NOW_MS + SESSION_MS
    )
}
