//! The one form in which rows and lines are hashed, as `docs/reference/history.md` tells it. No two
//! different contents have the same form. No SQL here.

use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::ids::InstitutionId;
use crate::merkle::{self, Hash};

/// Ends a row; no value begins so.
const END: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// A line of the journal, as it is hashed into the tree.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Whose journal it stands in; the empty text is the installation's.
    pub institution: &'a str,
    /// Its number.
    pub seq: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub by: &'a str,
    /// What was done.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// JSON as it is kept.
    pub detail: &'a str,
    /// Whether it can change what checks say.
    pub judged: bool,
    /// Over the rows that it speaks of.
    pub rows_hash: Hash,
}

impl Line<'_> {
    /// Its hash in the tree.
    pub fn leaf_hash(&self) -> Hash {
        let mut form = Vec::with_capacity(512);
        write_text(&mut form, "sonae line 1");
        write_text(&mut form, self.institution);
        write_integer(&mut form, self.seq);
        write_integer(&mut form, self.at);
        for text in [self.by, self.action, self.subject, self.detail] {
            write_text(&mut form, text);
        }
        write_integer(&mut form, self.judged.into());
        write_bytes(&mut form, &self.rows_hash);
        merkle::leaf_hash(&form)
    }
}

/// Hashes rows as they come.
#[derive(Debug, Clone)]
pub struct RowsHash {
    hash: Sha256,
}

impl RowsHash {
    /// Before the first row.
    #[expect(
        clippy::new_without_default,
        reason = "a hash of no rows is no default of anything"
    )]
    pub fn new() -> Self {
        let mut form = Vec::new();
        write_text(&mut form, "sonae rows 1");
        Self {
            hash: Sha256::new_with_prefix(form),
        }
    }

    /// A row begins.
    pub fn begin(&mut self, table: &str) {
        self.write(|form| write_text(form, table));
    }

    /// A value of it. One that is null is left out, so that a column added later changes nothing.
    pub fn integer(&mut self, column: &str, value: i64) {
        self.write(|form| {
            write_text(form, column);
            write_integer(form, value);
        });
    }

    /// A value of it.
    pub fn text(&mut self, column: &str, value: &str) {
        self.write(|form| {
            write_text(form, column);
            write_text(form, value);
        });
    }

    /// A value of it.
    pub fn bytes(&mut self, column: &str, value: &[u8]) {
        self.write(|form| {
            write_text(form, column);
            write_head(form, BYTES, value.len());
        });
        self.hash.update(value);
    }

    /// The row ends.
    pub fn end(&mut self) {
        self.hash.update([END]);
    }

    /// The hash of the rows so far.
    pub fn finish(self) -> Hash {
        self.hash.finalize().into()
    }

    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut form = Vec::with_capacity(64);
        write(&mut form);
        self.hash.update(form);
    }
}

/// The hash of what a line about an answer speaks of: the row of the answer, as the store keeps it.
/// `version` counts the answers to the same item in the same round.
pub fn answer_hash(institution: &InstitutionId, answer: &Answer, version: i64) -> Hash {
    let mut rows = RowsHash::new();
    rows.begin("answers");
    rows.text("answered_by", &answer.answered_by);
    if let Some(basis) = &answer.basis {
        rows.text("basis", basis);
    }
    rows.text("confirmed_on", &answer.confirmed_on.to_string());
    rows.text("institution_id", institution.as_str());
    rows.text("item_id", answer.item.as_str());
    if let Some(note) = &answer.note {
        rows.text("note", note);
    }
    rows.integer("recorded_at", answer.recorded_at.as_millisecond());
    rows.integer("round", answer.round.into());
    if let Some(day) = answer.target_on {
        rows.text("target_on", &day.to_string());
    }
    rows.text("value", answer.value.as_str());
    rows.integer("version", version);
    rows.end();
    rows.finish()
}

fn write_integer(form: &mut Vec<u8>, value: i64) {
    form.push(INTEGER);
    form.extend_from_slice(&value.to_be_bytes());
}

fn write_text(form: &mut Vec<u8>, value: &str) {
    write_head(form, TEXT, value.len());
    form.extend_from_slice(value.as_bytes());
}

fn write_bytes(form: &mut Vec<u8>, value: &[u8]) {
    write_head(form, BYTES, value.len());
    form.extend_from_slice(value);
}

fn write_head(form: &mut Vec<u8>, kind: u8, n_bytes: usize) {
    form.push(kind);
    form.extend_from_slice(&(n_bytes as u64).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line<'static> {
        Line {
            institution: "ours",
            seq: 2,
            at: 1_795_219_200_000,
            by: "佐藤",
            action: "answer",
            subject: "a",
            detail: "{}",
            judged: true,
            rows_hash: [7; 32],
        }
    }

    /// As the reference says it, byte by byte.
    #[test]
    fn a_line_has_the_form_of_the_reference() {
        let text = |text: &str| {
            let length = (text.len() as u64).to_be_bytes();
            [&[2], &length[..], text.as_bytes()].concat()
        };
        let integer = |integer: i64| [&[1], &integer.to_be_bytes()[..]].concat();
        let mut form = [text("sonae line 1"), text("ours"), integer(2)].concat();
        form.extend(integer(1_795_219_200_000));
        form.extend(["佐藤", "answer", "a", "{}"].map(text).concat());
        form.extend(integer(1));
        form.extend([&[3, 0, 0, 0, 0, 0, 0, 0, 32], &[7; 32][..]].concat());
        assert_eq!(line().leaf_hash(), merkle::leaf_hash(&form));
    }

    #[test]
    fn every_field_counts() {
        let changes: [fn(&mut Line<'_>); 9] = [
            |line| line.institution = "theirs",
            |line| line.seq = 3,
            |line| line.at += 1,
            |line| line.by = "鈴木",
            |line| line.action = "asset",
            |line| line.subject = "b",
            |line| line.detail = "[]",
            |line| line.judged = false,
            |line| line.rows_hash[31] ^= 1,
        ];
        for change in changes {
            let mut changed = line();
            change(&mut changed);
            assert_ne!(changed.leaf_hash(), line().leaf_hash());
        }
    }

    #[test]
    fn rows_that_differ_have_other_hashes() {
        let hash = |write: fn(&mut RowsHash)| {
            let mut rows = RowsHash::new();
            write(&mut rows);
            rows.finish()
        };
        let all = [
            hash(|_| ()),
            hash(|rows| rows.begin("t")),
            hash(|rows| {
                rows.begin("t");
                rows.end();
            }),
            hash(|rows| {
                rows.begin("t");
                rows.text("a", "bc");
                rows.end();
            }),
            hash(|rows| {
                rows.begin("t");
                rows.text("ab", "c");
                rows.end();
            }),
            hash(|rows| {
                rows.begin("t");
                rows.bytes("a", b"bc");
                rows.end();
            }),
            hash(|rows| {
                rows.begin("t");
                rows.integer("a", 1);
                rows.end();
            }),
        ];
        let different: std::collections::BTreeSet<_> = all.into_iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
