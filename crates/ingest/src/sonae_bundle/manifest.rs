//! `manifest.json`: who collected what, when, on which machine, and the hash of every file.

use jiff::Timestamp;
use serde::Deserialize;

use super::archive::{MANIFEST, damaged};
use crate::ReadError;

/// The version of the bundle that this reader reads.
const VERSION: u64 = 1;

/// What every version begins with.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

/// The manifest of version 1. Keys added later without a new version are passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    /// `sonae 0.1.0`.
    pub(super) collector: String,
    /// When the collector began.
    pub(super) collected_at: Timestamp,
    /// The machine.
    pub(super) host: Machine,
    /// The files.
    pub(super) tables: Vec<Table>,
    /// Whether the collector ran as administrator and could see everything.
    pub(super) as_root: bool,
}

/// The machine that was looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Machine {
    /// `machine:` and 32 hexadecimal digits.
    pub(super) key: String,
    /// As the machine calls itself.
    pub(super) hostname: Option<String>,
    /// As the firmware says.
    pub(super) serial: Option<String>,
}

/// One file of rows.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    /// A table of `data/facts/`.
    pub(super) table: String,
    /// Its file in the bundle.
    pub(super) file: String,
    /// How many rows the collector wrote.
    pub(super) n_rows: usize,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub(super) sha256: String,
}

/// Reads the manifest and refuses one of another version.
pub(super) fn parse(bytes: &[u8]) -> Result<Manifest, ReadError> {
    let refused = |error: serde_json::Error| damaged(MANIFEST, &error.to_string());
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Head = serde_json::from_slice(bytes).map_err(refused)?;
    if head.format != "sonae-bundle" {
        return Err(damaged(MANIFEST, "not the manifest of a Sonae bundle"));
    }
    if head.version != VERSION {
        let why = format!(
            "bundle version {}; this Sonae reads version {VERSION}",
            head.version
        );
        return Err(damaged(MANIFEST, &why));
    }
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(refused)?;
    if !is_machine_key(&manifest.host.key) {
        return Err(damaged(
            MANIFEST,
            "host.key is not `machine:` and 32 hexadecimal digits",
        ));
    }
    Ok(manifest)
}

fn is_machine_key(key: &str) -> bool {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    // An image that was copied before its first start has the id of zeros on every machine.
    key.strip_prefix("machine:").is_some_and(|id| {
        id.len() == 32 && id.bytes().all(is_digit) && id.bytes().any(|digit| digit != b'0')
    })
}
