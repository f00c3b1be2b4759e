//! Evidence: bytes of a tool with source, dates and hash, and what a reader made of them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::edition::Text;
use crate::fact::FactRows;
use crate::ids::EvidenceId;
use crate::ledger::AssetRecord;

/// The SHA-256 of evidence bytes, lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(pub String);

impl ContentHash {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }
}

/// How we know the day for which evidence speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateBasis {
    /// The tool wrote it into its output.
    Content,
    /// The person who imported it said so.
    Stated,
    /// The time of the file's last change; the output itself carries no date.
    FileTime,
}

/// A record of evidence (証拠).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Ours.
    pub id: EvidenceId,
    /// Facts of a newer piece with the same source replace the older ones: `nmap:192.168.10.0/24`.
    pub source: String,
    /// The reader that understood it: `nmap_xml`.
    pub format: String,
    /// What produced it, with version if known: `nmap 7.93`.
    pub collector: String,
    /// The command as the tool recorded it, if it did.
    pub command: Option<String>,
    /// What it speaks about: a network, a host, a directory.
    pub target: Option<String>,
    /// The day for which it speaks, in Japan.
    pub effective_on: Date,
    /// How we know that day.
    pub effective_basis: DateBasis,
    /// When the tool ran, if it says so.
    pub collected_at: Option<Timestamp>,
    /// When it reached us.
    pub recorded_at: Timestamp,
    /// Of the raw bytes.
    pub content_hash: ContentHash,
    /// Size of the raw bytes.
    pub n_bytes: i64,
    /// The file's name as it came, shown only.
    pub file_name: String,
    /// Version of the reader that made the facts.
    pub reader_version: u32,
    /// Whether its facts are the ones that count for its source.
    pub current: bool,
}

/// What a reader made of bytes: facts, and everything that it could not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The reader: `nmap_xml`.
    pub format: String,
    /// Changes whenever the reader reads something differently.
    pub reader_version: u32,
    /// See [`Evidence::source`].
    pub source: String,
    /// See [`Evidence::collector`].
    pub collector: String,
    /// See [`Evidence::command`].
    pub command: Option<String>,
    /// See [`Evidence::target`].
    pub target: Option<String>,
    /// When the tool ran, if the bytes say so.
    pub collected_at: Option<Timestamp>,
    /// Rows by table.
    pub facts: Vec<FactRows>,
    /// Rows of a ledger, for merging.
    pub assets: Vec<AssetRecord>,
    /// What could not be read, or was read with doubt.
    pub findings: Vec<Finding>,
}

/// Something in a file that a person should know about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What and why, and what to do.
    pub text: Text,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Read, worth a look.
    Notice,
    /// This cell or row was not read; the rest was.
    Unread,
}

/// A place in a file. Rows count from 1 as the user's program shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Name of the sheet or of the file inside an archive.
    pub part: Option<String>,
    /// Row or line.
    pub row: Option<u32>,
    /// Header of the column, or name of the attribute.
    pub column: Option<String>,
}
