//! The lease files of Kea's memfile store (`kea-leases4.csv`, `kea-leases6.csv`).
//!
//! Supported: columns by name, so that a newer Kea may add some; the file is a journal, so the last
//! row for an address counts and a lifetime of 0 removes it; unlimited leases; all five states.
//! Unsupported: delegated IPv6 prefixes (a notice), leases kept in a database instead of a file.

mod detect;
mod read;
#[cfg(test)]
mod tests;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "kea_leases",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
