//! Output of nmap's port scripts as a short text without what looks like a secret.

use crate::identity;

/// Enough for a certificate's subject, issuer and dates; the raw report keeps the rest.
const DETAIL_CHARS_MAX: usize = 500;

/// Scripts whose only output is secrets that they found.
const SECRET_SCRIPTS: [&str; 5] = [
    "brute",
    "default-accounts",
    "empty-password",
    "hash",
    "creds",
];

/// Words of lines that tell a secret.
const SECRET_WORDS: [&str; 10] = [
    "passw",
    "pwd",
    "パスワード",
    "passphrase",
    "credential",
    "community",
    "secret",
    "private key",
    "login:",
    "authorization",
];

/// What is left of the scripts' output, and whether a secret was dropped.
pub(super) struct Detail {
    /// `None` when nothing is left.
    pub(super) text: Option<String>,
    /// Whether something was dropped for looking like a secret.
    pub(super) dropped: bool,
}

/// Whether output certainly holds a secret: a script that looks for them found some, or an address
/// carries a password.
pub(super) fn tells_secret(name: &str, output: &str) -> bool {
    let found = SECRET_SCRIPTS.iter().any(|part| name.contains(part)) && !output.trim().is_empty();
    found || output.lines().any(identity::has_password)
}

/// Joins the output of scripts, given as name and output.
pub(super) fn detail(scripts: &[(String, String)]) -> Detail {
    let mut lines = Vec::new();
    let mut dropped = false;
    for (name, output) in scripts {
        let (secret, plain): (Vec<&str>, Vec<&str>) = output
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .partition(|l| is_secret(l));
        dropped |= !secret.is_empty();
        if !plain.is_empty() {
            lines.push(format!("{name}: {}", plain.join("\n")));
        }
    }
    let text = shorten(&lines.join("\n"));
    Detail {
        text: (!text.is_empty()).then_some(text),
        dropped,
    }
}

fn is_secret(line: &str) -> bool {
    let line = line.to_lowercase();
    SECRET_WORDS.iter().any(|word| line.contains(word))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= DETAIL_CHARS_MAX {
        return text.to_owned();
    }
    text.chars()
        .take(DETAIL_CHARS_MAX - 1)
        .chain(['…'])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, output: &str, expected: &str, dropped: bool) {
        let detail = detail(&[(name.to_owned(), output.to_owned())]);
        assert_eq!(detail.text.unwrap_or_default(), expected);
        assert_eq!(detail.dropped, dropped, "{output}");
    }

    #[test]
    fn keeps_what_is_no_secret() {
        check(
            "http-title",
            "\n  Site\n  Login page\n",
            "http-title: Site\nLogin page",
            false,
        );
        check(
            "ssl-cert",
            "Public Key type: rsa",
            "ssl-cert: Public Key type: rsa",
            false,
        );
        check(
            "http-title",
            "see http://ehr:8080/a@b",
            "http-title: see http://ehr:8080/a@b",
            false,
        );
    }

    #[test]
    fn drops_what_looks_like_a_secret() {
        check("x", "a\nAdmin Password: abc\nb", "x: a\nb", true);
        check("x", "初期パスワードは 0000", "", true);
    }

    #[test]
    fn knows_what_certainly_is_a_secret() {
        for (name, output, expected) in [
            ("snmp-brute", "hospital - Valid", true),
            ("snmp-brute", " ", false),
            ("http-title", "ftp://u:p@nas/", true),
            ("http-title", "http://ehr:8080/a@b", false),
            ("http-title", "Login page", false),
        ] {
            assert_eq!(tells_secret(name, output), expected, "{name} {output}");
        }
    }

    #[test]
    fn shortens() {
        let detail = detail(&[("x".to_owned(), "あ".repeat(600))]);
        let text = detail.text.unwrap_or_default();
        assert_eq!(text.chars().count(), DETAIL_CHARS_MAX);
        assert!(text.ends_with('…'));
    }
}
