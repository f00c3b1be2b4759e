//! Whether bytes look like a bundle: a ZIP whose first file is the manifest, or that lists one.

use std::io::Cursor;

use super::archive::MANIFEST;
use crate::Input;

/// Where the name stands in the header before a ZIP's first file.
const FIRST_NAME_AT: usize = 30;

pub(super) fn detect(input: &Input<'_>) -> bool {
    if !input.bytes.starts_with(b"PK\x03\x04") {
        return false;
    }
    // The collector writes the manifest first, so that a bundle that is cut off is still known.
    let first = input.bytes.get(FIRST_NAME_AT..).unwrap_or_default();
    if first.starts_with(MANIFEST.as_bytes()) {
        return true;
    }
    zip::ZipArchive::new(Cursor::new(input.bytes))
        .is_ok_and(|archive| archive.index_for_name(MANIFEST).is_some())
}
