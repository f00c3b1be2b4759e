//! Files of a bundle as bytes, under limits. Nothing is written anywhere; names are only compared.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use crate::ReadError;
use crate::limits::within;

const FORMAT: &str = super::READER.format;

/// The file that says what the others are.
pub(super) const MANIFEST: &str = "manifest.json";

/// 32 MiB: a machine with 5,000 packages makes 0.2 MB; even ten years of logins stay far below.
const BUNDLE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A manifest and a file a table; twice the tables that exist.
const FILES_MAX: usize = 64;

/// 64 MiB: a table of 500,000 short rows; a file that unpacks to more is a trap.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// 128 MiB: what the reading process can hold beside the rows that it makes.
const TOTAL_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// All files of a bundle by name.
pub(super) fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, ReadError> {
    within(FORMAT, "bytes", bytes.len(), BUNDLE_BYTES_MAX)?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| damaged("ZIP", &error.to_string()))?;
    within(FORMAT, "files", archive.len(), FILES_MAX)?;
    let mut files = BTreeMap::new();
    let mut left = TOTAL_BYTES_MAX;
    for index in 0..archive.len() {
        let place = format!("file {}", index + 1);
        let file = archive
            .by_index(index)
            .map_err(|error| damaged(&place, &error.to_string()))?;
        let name = file
            .name()
            .map_err(|error| damaged(&place, &error.to_string()))?
            .into_owned();
        let limit = FILE_BYTES_MAX.min(left);
        let mut content = Vec::new();
        // The sizes that the archive states may be lies, so the limit is on what comes out.
        let n = file
            .take(limit + 1)
            .read_to_end(&mut content)
            .map_err(|error| damaged(&name, &error.to_string()))?;
        left = limit_left(left, limit, n)?;
        files.insert(name, content);
    }
    Ok(files)
}

fn limit_left(left: u64, limit: u64, n: usize) -> Result<u64, ReadError> {
    let n = u64::try_from(n).unwrap_or(u64::MAX);
    if n > limit {
        return Err(ReadError::TooLarge {
            format: FORMAT,
            what: "unpacked bytes",
            limit,
        });
    }
    Ok(left - n)
}

/// A bundle that is damaged at a file.
pub(super) fn damaged(place: &str, why: &str) -> ReadError {
    ReadError::Damaged {
        format: FORMAT,
        place: place.to_owned(),
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_comes_out_of_all_files() {
        assert_eq!(limit_left(10, 10, 4), Ok(6));
        assert_eq!(limit_left(6, 6, 6), Ok(0));
        assert!(limit_left(6, 6, 7).is_err());
    }
}
