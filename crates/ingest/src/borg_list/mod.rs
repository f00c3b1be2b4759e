//! The list of a Borg repository's archives (`borg list --json`, `borg info --json`).
//!
//! Supported: Borg 1 (times without zone, read as Japan's with a notice), Borg 2 (with zone), the
//! host where the list holds it. Interrupted archives (`.checkpoint`) are no generations.
//! Unsupported: `borg list` of one archive's files, `borg check`.

mod detect;
mod read;
#[cfg(test)]
mod tests;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "borg_list",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
