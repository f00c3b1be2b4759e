//! Passwords and their hashes, which no bundle may hold: a collector that sends them is broken.

use serde_json::{Map, Value};

/// Columns that hold a password or its hash, in lower case.
const COLUMNS: [&str; 10] = [
    "password",
    "passwd",
    "pwd",
    "hash",
    "hash_alg",
    "password_hash",
    "passwd_hash",
    "sp_pwdp",
    "secret",
    "nt_hash",
];

/// Names of methods of crypt(5) that do not begin with a digit.
const METHODS: [&str; 7] = ["y", "gy", "md5", "sha1", "argon2i", "argon2d", "argon2id"];

/// The column of a row that holds a password or its hash, if there is one.
pub(super) fn column(row: &Map<String, Value>) -> Option<&str> {
    row.iter().find_map(|(name, value)| {
        let lower = name.to_ascii_lowercase();
        let is_named = COLUMNS.contains(&lower.as_str()) || lower.ends_with("_hash");
        (is_named || holds_hash(&value.to_string())).then_some(name.as_str())
    })
}

/// Whether a text holds a hash as crypt(5) writes it: `$6$salt$hash`, `$y$...`, `$2b$...`.
pub(super) fn holds_hash(text: &str) -> bool {
    text.split('$')
        .zip(text.split('$').skip(1))
        .skip(1)
        .any(|(id, after)| {
            let is_known = id.starts_with(|c: char| c.is_ascii_digit()) || METHODS.contains(&id);
            let is_id = id.len() <= 8 && id.bytes().all(|b| b.is_ascii_alphanumeric());
            // The shell's `$1$2` is no hash; the shortest salt or parameter that is used has two signs.
            let begin: Vec<char> = after.chars().take(2).collect();
            is_known && is_id && begin.len() == 2 && begin.iter().all(|c| is_hash_sign(*c))
        })
}

fn is_hash_sign(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '=' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &str, expected: Option<&str>) {
        let row: Map<String, Value> = serde_json::from_str(row).unwrap();
        assert_eq!(column(&row), expected);
    }

    #[test]
    fn finds_passwords_and_hashes() {
        check(r#"{"username":"a","password":"x"}"#, Some("password"));
        check(r#"{"NT_Hash":null}"#, Some("NT_Hash"));
        check(r#"{"description":"$6$ab$cdef"}"#, Some("description"));
        check(r#"{"detail":"root:$y$j9T$ab$cd:1"}"#, Some("detail"));
        check(r#"{"a":[{"b":"x\n$2b$12$abc"}]}"#, Some("a"));
    }

    #[test]
    fn leaves_the_state_of_passwords() {
        check(
            r#"{"password_status":"active","last_change":"19000"}"#,
            None,
        );
        check(r#"{"detail":"costs $5 or $HOME/$1, $1$2, $a$bcd"}"#, None);
    }
}
