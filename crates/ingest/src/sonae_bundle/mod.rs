//! The bundle of our own collector: a ZIP of `manifest.json` and one `<table>.jsonl` a fact table.
//!
//! Supported: version 1; each row is a JSON object with the columns of `data/facts/<table>.toml`
//! except `host`, values as JSON or, as osquery prints them, as text. Every file must have the hash
//! and the number of rows that the manifest says.
//! Unsupported: encrypted bundles, tables and columns of newer collectors (a notice each).
//! Refused as a whole: bundles with password hashes.

mod archive;
mod detect;
mod manifest;
mod read;
mod rows;
mod secrets;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "sonae_bundle",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
