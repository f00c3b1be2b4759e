//! Files in a ZIP and out of it again: same files, same bytes; and read within limits, by the path that
//! they have in every place of the ZIP. What they say and who vouches for them is not known here.

use std::io::{Cursor, Read, Write};
use std::ops::Range;

use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// More files than the largest hospital has vendors and documents.
pub const FILES_MAX: usize = 10_000;

/// 1 GiB, packed and unpacked: a medium that is handed over holds it, and so does a computer's memory.
pub const BYTES_MAX: usize = 1 << 30;

/// Ours are short; what a person called a file stands in an index, not in a path.
const PATH_CHARS_MAX: usize = 120;

/// Rights of an unpacked file: its owner writes, all read.
const MODE: u32 = 0o644;

/// With which the end record begins.
const END: &[u8; 4] = b"PK\x05\x06";

/// The end record without the comment, which is all that follows it.
const END_BYTES: usize = 22;

/// Where its numbers stand.
const N_FILES: Range<usize> = 10..12;
const DIRECTORY_BYTES: Range<usize> = 12..16;
const DIRECTORY_START: Range<usize> = 16..20;
const COMMENT_BYTES: Range<usize> = 20..22;

/// Its length is kept in two bytes.
const COMMENT_BYTES_MAX: usize = u16::MAX as usize;

/// A path and what stands there.
pub type File = (String, Vec<u8>);

/// Why bytes are no archive, or files cannot become one.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No path of ours, so that it cannot lead elsewhere on any system.
    #[error("`{0}` is no path of a package")]
    Path(String),
    /// More than any institution needs.
    #[error("more than {FILES_MAX} files or {BYTES_MAX} bytes")]
    TooLarge,
    /// It does not end as a ZIP ends: another kind of file, or cut off.
    #[error("not a ZIP, or cut off")]
    NoEnd,
    /// Something stands before, between or behind the files, or twice.
    #[error("the ZIP holds more than its files")]
    More,
    /// No ZIP as others write it.
    #[error("the ZIP cannot be read or written")]
    Zip(#[from] ZipError),
}

/// Whether a path is one of ours: lower-case ASCII letters, digits, `-`, `_`, `.` and `/`; no part is
/// empty or begins with a dot.
pub fn is_path(path: &str) -> bool {
    let is_sign = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_.".contains(&c);
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_sign);
    path.len() <= PATH_CHARS_MAX && path.split('/').all(is_part)
}

/// Packs files in this order, and puts a comment behind them.
///
/// # Errors
/// A path is none of ours or stands twice, or there is too much.
pub fn write<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    comment: &str,
) -> Result<Vec<u8>, ArchiveError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(MODE);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let (mut n_files, mut n_bytes) = (0, 0);
    for (path, bytes) in files {
        if !is_path(path) {
            return Err(ArchiveError::Path(path.to_owned()));
        }
        n_files += 1;
        n_bytes += bytes.len();
        if n_files > FILES_MAX || n_bytes > BYTES_MAX {
            return Err(ArchiveError::TooLarge);
        }
        zip.start_file(path, options)?;
        zip.write_all(bytes).map_err(ZipError::from)?;
    }
    zip.set_comment(comment)?;
    Ok(zip.finish()?.into_inner())
}

/// Everything before the comment, and the comment. The end record is the last thing before it, and the
/// directory of the files stands right before that.
///
/// # Errors
/// It does not end so, or there is too much.
pub fn split_comment(bytes: &[u8]) -> Result<(&[u8], &[u8]), ArchiveError> {
    if bytes.len() > BYTES_MAX {
        return Err(ArchiveError::TooLarge);
    }
    let from = bytes.len().saturating_sub(END_BYTES + COMMENT_BYTES_MAX);
    let mut fours = bytes[from..].windows(END.len());
    let at = from
        + fours
            .rposition(|four| four == END)
            .ok_or(ArchiveError::NoEnd)?;
    let end = bytes.get(at..at + END_BYTES).ok_or(ArchiveError::NoEnd)?;
    let (before, comment) = bytes.split_at(at + END_BYTES);
    let number = |field: Range<usize>| {
        let bytes = end[field].iter().rev();
        bytes.fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    if number(COMMENT_BYTES) != comment.len() {
        return Err(ArchiveError::NoEnd);
    }
    // Also keeps out what larger archives have there.
    if number(DIRECTORY_START) + number(DIRECTORY_BYTES) != at {
        return Err(ArchiveError::More);
    }
    match number(N_FILES) > FILES_MAX {
        true => Err(ArchiveError::TooLarge),
        false => Ok((before, comment)),
    }
}

/// Unpacks all files, in their order. They stand one behind the other, and nothing stands between.
///
/// # Errors
/// It is no such archive, or there is too much in it, however small it is packed.
pub fn read(bytes: &[u8]) -> Result<Vec<File>, ArchiveError> {
    read_within(bytes, BYTES_MAX)
}

fn read_within(bytes: &[u8], n_bytes_max: usize) -> Result<Vec<File>, ArchiveError> {
    split_comment(bytes)?;
    let from_start = Config {
        archive_offset: ArchiveOffset::Known(0),
    };
    let mut zip = ZipArchive::with_config(from_start, Cursor::new(bytes))?;
    zip.validate_header_consistency()?;
    let (mut files, mut end, mut n_left) = (Vec::new(), 0, n_bytes_max);
    for nth in 0..zip.len() {
        let file = zip.by_index(nth)?;
        let path = file.name()?.into_owned();
        if !is_path(&path) {
            return Err(ArchiveError::Path(path));
        }
        if file.header_start() != end {
            return Err(ArchiveError::More);
        }
        end = file.data_start().unwrap_or(end) + file.compressed_size();
        let mut bytes = Vec::new();
        let read = file.take(n_left as u64 + 1).read_to_end(&mut bytes);
        read.map_err(ZipError::from)?;
        n_left = n_left
            .checked_sub(bytes.len())
            .ok_or(ArchiveError::TooLarge)?;
        files.push((path, bytes));
    }
    match end == zip.central_directory_start() {
        true => Ok(files),
        false => Err(ArchiveError::More),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &[u8]); 2] = [("a.json", b"{}"), ("b/1.pdf", b"%PDF %PDF %PDF %PDF")];

    fn archive(comment: &str) -> Vec<u8> {
        write(FILES, comment).unwrap()
    }

    fn check(archive: &[u8], expected: &str) {
        let read = read(archive).map(|files| files.into_iter().map(|(path, _)| path).collect());
        let read = read.unwrap_or_else(|error: ArchiveError| vec![error.to_string()]);
        assert_eq!(read.join(", "), expected);
    }

    /// Another byte somewhere, and the numbers at these places greater by one.
    fn with_byte(archive: &[u8], at: usize, numbers: [usize; 2]) -> Vec<u8> {
        let mut archive = archive.to_vec();
        for number in numbers {
            archive[number] += 1;
        }
        archive.insert(at, b'x');
        archive
    }

    /// Where the last of these begins.
    fn last(archive: &[u8], signature: &[u8; 4]) -> usize {
        archive
            .windows(4)
            .rposition(|four| four == signature)
            .unwrap()
    }

    #[test]
    fn what_was_written_is_read() {
        let archive = archive("note");
        assert_eq!(archive, self::archive("note"), "the same bytes each time");
        let files = read(&archive).unwrap();
        assert!(
            files
                .iter()
                .map(|(p, b)| (p.as_str(), b.as_slice()))
                .eq(FILES)
        );
        let (before, comment) = split_comment(&archive).unwrap();
        assert_eq!((before.len() + 4, comment), (archive.len(), &b"note"[..]));
        check(&write([], "").unwrap(), "");
    }

    #[test]
    fn no_path_leads_elsewhere() {
        let check = |path: &str, expected: bool| {
            assert_eq!(is_path(path), expected, "{path}");
            assert_eq!(write([(path, &b""[..])], "").is_ok(), expected, "{path}");
        };
        check("form.json", true);
        check("checks/backup-1_2/check.sql", true);
        for path in [
            "", "/a", "a/", "a//b", "../a", "a/..", ".a", "a\\b", "c:a", "A", "院", "a b",
        ] {
            check(path, false);
        }
        check(&"a".repeat(PATH_CHARS_MAX), true);
        check(&"a".repeat(PATH_CHARS_MAX + 1), false);
    }

    #[test]
    fn nothing_stands_before_between_or_behind() {
        let more = "the ZIP holds more than its files";
        let no_end = "not a ZIP, or cut off";
        let archive = archive("note");
        check(&archive, "a.json, b/1.pdf");
        check(&[b"x", &archive[..]].concat(), more);
        check(&[&archive[..], b"x"].concat(), no_end);
        check(&archive[..archive.len() - 1], no_end);
        check(&archive[..archive.len() / 2], no_end);
        check(b"", no_end);
        check(b"%PDF-1.7", no_end);
        check(&[&archive[..], &archive[..]].concat(), more);
        let (local, central) = (last(&archive, b"PK\x03\x04"), last(&archive, b"PK\x01\x02"));
        let (first, end) = (central - 52, last(&archive, END));
        let directory = end + DIRECTORY_START.start;
        check(&with_byte(&archive, first, [directory, directory]), more);
        let (_, start) = (local, central + 42);
        check(&with_byte(&archive, local, [start, directory]), more);
    }

    #[test]
    fn a_path_is_the_same_everywhere_and_there_once() {
        let archive = write([("a.json", &b"{}"[..]), ("b.json", b"[]")], "").unwrap();
        let places = archive.windows(6).enumerate();
        let places: Vec<usize> = places
            .filter(|(_, six)| six == b"b.json")
            .map(|(at, _)| at)
            .collect();
        assert_eq!(places.len(), 2, "its header and the directory");
        for renamed in [&places[..1], &places[1..], &places] {
            let mut archive = archive.clone();
            renamed.iter().for_each(|at| archive[*at] = b'a');
            check(&archive, "the ZIP cannot be read or written");
        }
        assert!(write([("a", &b""[..]), ("a", b"")], "").is_err());
    }

    #[test]
    fn no_more_than_fits_is_read_or_written() {
        let n_bytes = FILES.iter().map(|(_, bytes)| bytes.len()).sum();
        let archive = archive("");
        assert!(read_within(&archive, n_bytes).is_ok());
        let more = read_within(&archive, n_bytes - 1);
        assert!(matches!(more, Err(ArchiveError::TooLarge)), "{more:?}");
        let paths: Vec<String> = (0..=FILES_MAX).map(|nth| nth.to_string()).collect();
        let files = paths.iter().map(|path| (path.as_str(), &b""[..]));
        let more = write(files, "");
        assert!(matches!(more, Err(ArchiveError::TooLarge)), "{more:?}");
    }
}
