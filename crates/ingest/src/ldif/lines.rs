//! LDIF text to entries: folding, comments, base64, and the words of the tool around the entries.
//! Written here because no crate reads LDIF; it knows nothing of what attributes mean, except that
//! some must never be stored.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::entry::{Attribute, Entry};
use crate::ReadError;
use crate::findings::{Findings, cell, row};
use crate::labels::machine;
use crate::limits::within;

const FORMAT: &str = super::READER.format;

/// 200,000 entries: a hundred for each of 2,000 employees; beyond this it is no hospital.
const ENTRIES_MAX: usize = 200_000;

/// Attributes that hold passwords, their hashes or keys, in lower case.
const FORBIDDEN: [&str; 32] = [
    "unicodepwd",
    "userpassword",
    "unixuserpassword",
    "dbcspwd",
    "ntpwdhistory",
    "lmpwdhistory",
    "supplementalcredentials",
    "clearpassword",
    "authpassword",
    "pwdhistory",
    "rootpw",
    "olcrootpw",
    "currentvalue",
    "priorvalue",
    "initialauthincoming",
    "initialauthoutgoing",
    "trustauthincoming",
    "trustauthoutgoing",
    "msds-managedpassword",
    "ms-mcs-admpwd",
    "mslaps-password",
    "mslaps-encryptedpassword",
    "mslaps-encryptedpasswordhistory",
    "mslaps-encrypteddsrmpassword",
    "mslaps-encrypteddsrmpasswordhistory",
    "msfve-recoverypassword",
    "msfve-keypackage",
    "sambantpassword",
    "sambalmpassword",
    "sambapasswordhistory",
    "krbprincipalkey",
    "krb5key",
];

/// How hashes begin that hide in attributes of other names.
const HASH_SCHEMES: [&str; 8] = [
    "{ssha",
    "{sha",
    "{smd5}",
    "{md5}",
    "{crypt}",
    "{argon2",
    "{pbkdf2",
    "{cleartext}",
];

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Export {
    /// In the order of the file.
    pub(super) entries: Vec<Entry>,
    /// The server's or the tool's sign that something is missing.
    pub(super) incomplete: bool,
    /// The tool, as its comments give it away.
    pub(super) tool: Option<&'static str>,
}

/// Reads the whole text.
pub(super) fn parse(text: &str, findings: &mut Findings) -> Result<Export, ReadError> {
    let mut parser = Parser {
        findings,
        export: Export::default(),
        entry: None,
        n_announced: None,
        has_result: false,
        last_line: 0,
    };
    for (number, line) in unfold(text) {
        parser.take(number, &line)?;
    }
    parser.finish()
}

/// Logical lines with the number of their first line; a leading space continues the line before.
fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(rest), Some((_, last))) if !last.is_empty() => last.push_str(rest),
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

struct Parser<'a> {
    findings: &'a mut Findings,
    export: Export,
    entry: Option<Entry>,
    n_announced: Option<usize>,
    has_result: bool,
    last_line: usize,
}

impl Parser<'_> {
    fn take(&mut self, number: usize, line: &str) -> Result<(), ReadError> {
        self.last_line = number;
        if line.trim().is_empty() {
            return self.end_entry();
        }
        if let Some(comment) = line.strip_prefix('#') {
            self.take_comment(comment.trim());
            return Ok(());
        }
        let Some((description, rest)) = line.split_once(':') else {
            self.findings.unread(row(number), machine::ldif_line());
            return Ok(());
        };
        // `member;range=0-1499`: what stands behind the semicolon are options.
        let mut parts = description.split(';');
        let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_part = parts.any(|option| option.starts_with("range=") && !option.ends_with("-*"));
        let value = self.value(number, description, rest);
        let is_part = is_part || value.is_none();
        // Without a value the attribute still counts as there: what it says is then not known.
        let value = value.unwrap_or_default();
        refuse_secret(description, &name, &value, number)?;
        let written = description.to_owned();
        self.take_value(Attribute {
            name,
            written,
            value,
            line: number,
            is_part,
        })
    }

    fn take_comment(&mut self, comment: &str) {
        if comment == "extended LDIF" {
            self.export.tool = Some("ldapsearch");
        }
        let announced = comment.strip_prefix("numEntries:").or_else(|| {
            comment
                .strip_prefix("returned")
                .and_then(|c| c.strip_suffix("records"))
        });
        if let Some(n) = announced.and_then(|n| n.trim().parse().ok()) {
            // A paged search announces each page; the largest number is what we must have at least.
            self.n_announced = self.n_announced.max(Some(n));
        }
    }

    fn value(&mut self, number: usize, name: &str, rest: &str) -> Option<Vec<u8>> {
        if rest.starts_with('<') {
            self.findings
                .unread(cell(number, name), machine::ldif_url());
            return None;
        }
        let Some(encoded) = rest.strip_prefix(':') else {
            return Some(rest.strip_prefix(' ').unwrap_or(rest).as_bytes().to_vec());
        };
        let decoded = STANDARD.decode(encoded.trim()).ok();
        if decoded.is_none() {
            self.findings
                .unread(cell(number, name), machine::not_base64());
        }
        decoded
    }

    fn take_value(&mut self, attribute: Attribute) -> Result<(), ReadError> {
        match (attribute.name.as_str(), &mut self.entry) {
            ("dn", _) => {
                self.end_entry()?;
                let dn = String::from_utf8_lossy(&attribute.value).into_owned();
                self.entry = Some(Entry::new(dn, attribute.line));
            }
            ("changetype", Some(_)) if attribute.value != b"add" => {
                self.findings
                    .unread(row(attribute.line), machine::ldif_change());
                self.entry = None;
            }
            ("changetype", Some(_)) => self.export.tool = Some("ldifde"),
            (_, Some(entry)) => entry.attributes.push(attribute),
            ("version", None) if attribute.value != b"1" => {
                let version = String::from_utf8_lossy(&attribute.value).into_owned();
                return Err(damaged(
                    attribute.line,
                    &format!("LDIF version {version}, not 1"),
                ));
            }
            ("result", None) => self.take_result(&attribute),
            _ => {}
        }
        Ok(())
    }

    /// `result: 0 Success`, or why the server stopped.
    fn take_result(&mut self, result: &Attribute) {
        self.has_result = true;
        let text = String::from_utf8_lossy(&result.value);
        if text.split_whitespace().next() != Some("0") {
            self.export.incomplete = true;
            self.findings
                .unread(row(result.line), machine::ldif_stopped(&text));
        }
    }

    fn end_entry(&mut self) -> Result<(), ReadError> {
        self.export.entries.extend(self.entry.take());
        within(FORMAT, "entries", self.export.entries.len(), ENTRIES_MAX)
    }

    fn finish(mut self) -> Result<Export, ReadError> {
        self.end_entry()?;
        if self.export.tool == Some("ldapsearch") && !self.has_result {
            return Err(damaged(self.last_line, "cut off before the result line"));
        }
        let n = self.export.entries.len();
        if let Some(announced) = self.n_announced.filter(|announced| *announced > n) {
            self.export.incomplete = true;
            self.findings
                .unread(row(self.last_line), machine::ldif_missing(announced, n));
        }
        Ok(self.export)
    }
}

fn refuse_secret(written: &str, name: &str, value: &[u8], line: usize) -> Result<(), ReadError> {
    let begin = value.get(..12).unwrap_or(value).to_ascii_lowercase();
    let is_hash = HASH_SCHEMES
        .iter()
        .any(|scheme| begin.starts_with(scheme.as_bytes()));
    if is_hash || FORBIDDEN.contains(&name) {
        return Err(ReadError::Forbidden {
            format: FORMAT,
            what: format!("{written} (line {line})"),
        });
    }
    Ok(())
}

fn damaged(line: usize, why: &str) -> ReadError {
    ReadError::Damaged {
        format: FORMAT,
        place: format!("line {line}"),
        why: why.to_owned(),
    }
}
