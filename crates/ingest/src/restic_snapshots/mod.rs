//! The list of a restic repository's generations (`restic snapshots --json`).
//!
//! Supported: plain and grouped lists (`--group-by`), `[]` and `null` of an empty repository.
//! Unsupported: the newest only (`--latest` looks like a full list), sizes, tags, `restic check`.
//! The output does not name the repository, so the hosts in it stand for it.

mod detect;
mod read;
#[cfg(test)]
mod tests;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "restic_snapshots",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
