//! A ZIP that has one form only: files as they are, one behind the other, all times and attributes fixed.
//! The same files are the same bytes, and bytes that differ anywhere are refused, so that nothing can
//! stand beside, between or behind the files. What the files say is not known here.

use std::ops::Range;

/// More files than the largest hospital has vendors and documents.
pub const FILES_MAX: usize = 10_000;

/// 1 GiB: a medium that is handed over holds it, and no field of a ZIP needs its larger sibling.
pub const BYTES_MAX: usize = 1 << 30;

/// Ours are short; what a person called a file stands in an index, not in a path.
const PATH_CHARS_MAX: usize = 120;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";

/// Version 1.0, no flags, stored, midnight of 1 January 1980, the first day that a ZIP can say.
const FIXED: [u8; 10] = [10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];

/// Where the fields of a local header stand that are read; all others are compared.
const SIZE: Range<usize> = 18..22;
const PATH_CHARS: Range<usize> = 26..28;
const LOCAL_BYTES: usize = 30;

/// A file of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File<'a> {
    /// See [`is_path`].
    pub path: &'a str,
    /// All of it.
    pub bytes: &'a [u8],
}

/// Why bytes are no archive, or files cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// No path of ours, so that it cannot lead elsewhere on any system.
    #[error("`{0}` is no path of a package")]
    Path(String),
    /// More than any institution needs.
    #[error("more than {FILES_MAX} files or {BYTES_MAX} bytes")]
    TooLarge,
    /// Changed, cut off, written on, or packed by another program.
    #[error("the ZIP is not as it was written, at byte {at}")]
    Form {
        /// The beginning of the first part that differs.
        at: usize,
    },
}

/// Whether a path is one of ours: lower-case ASCII letters, digits, `-`, `_`, `.` and `/`; no part is
/// empty or begins with a dot.
pub fn is_path(path: &str) -> bool {
    let is_sign = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_.".contains(&c);
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_sign);
    path.len() <= PATH_CHARS_MAX && path.split('/').all(is_part)
}

/// Puts files into an archive, in this order.
///
/// # Errors
/// A path is none of ours, or there is too much.
pub fn write(files: &[File<'_>]) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = Vec::new();
    let mut directory = Directory::default();
    for file in files {
        if !is_path(file.path) {
            return Err(ArchiveError::Path(file.path.to_owned()));
        }
        let header = directory.add(file, archive.len())?;
        archive.extend_from_slice(&header);
        archive.extend_from_slice(file.bytes);
    }
    let end = directory.end(archive.len())?;
    archive.extend_from_slice(&end);
    Ok(archive)
}

/// The files of an archive, in its order.
///
/// # Errors
/// A single bit is other than [`write`] makes it, or there is too much.
pub fn read(archive: &[u8]) -> Result<Vec<File<'_>>, ArchiveError> {
    let mut files = Vec::new();
    let mut directory = Directory::default();
    let mut at = 0;
    while archive
        .get(at..)
        .is_some_and(|rest| rest.starts_with(LOCAL))
    {
        let file = file_at(archive, at).ok_or(ArchiveError::Form { at })?;
        if !is_path(file.path) {
            return Err(ArchiveError::Path(file.path.escape_debug().to_string()));
        }
        let header = directory.add(&file, at)?;
        if !archive[at..].starts_with(&header) {
            return Err(ArchiveError::Form { at });
        }
        at += header.len() + file.bytes.len();
        files.push(file);
    }
    match archive.get(at..) == Some(directory.end(at)?.as_slice()) {
        true => Ok(files),
        false => Err(ArchiveError::Form { at }),
    }
}

/// What a local header says of path and size; whether the rest of it is right is seen by making it anew.
fn file_at(archive: &[u8], at: usize) -> Option<File<'_>> {
    let rest = archive.get(at..)?;
    let size = u32::from_le_bytes(rest.get(SIZE)?.try_into().ok()?);
    let path_chars = u16::from_le_bytes(rest.get(PATH_CHARS)?.try_into().ok()?);
    let (path, rest) = rest
        .get(LOCAL_BYTES..)?
        .split_at_checked(path_chars.into())?;
    Some(File {
        path: std::str::from_utf8(path).ok()?,
        bytes: rest.get(..size as usize)?,
    })
}

/// What stands behind the files.
#[derive(Default)]
struct Directory {
    entries: Vec<u8>,
    n_files: usize,
}

impl Directory {
    /// Takes up a file and makes its local header.
    fn add(&mut self, file: &File<'_>, at: usize) -> Result<Vec<u8>, ArchiveError> {
        self.n_files += 1;
        if self.n_files > FILES_MAX {
            return Err(ArchiveError::TooLarge);
        }
        let (size, offset) = (limited(file.bytes.len())?, limited(at)?);
        let mut about = FIXED.to_vec();
        about.extend(crc32(file.bytes).to_le_bytes());
        about.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
        about.extend(
            u16::try_from(file.path.len())
                .unwrap_or(u16::MAX)
                .to_le_bytes(),
        );
        about.extend([0, 0]);
        let path = file.path.as_bytes();
        // Made by version 1.0 on DOS; no comment, first disk, no attributes.
        self.entries
            .extend([&CENTRAL[..], &[10, 0], &about[..], &[0; 10]].concat());
        self.entries.extend(offset.to_le_bytes());
        self.entries.extend(path);
        Ok([&LOCAL[..], &about[..], path].concat())
    }

    /// All entries and the end of the archive.
    fn end(mut self, at: usize) -> Result<Vec<u8>, ArchiveError> {
        let (size, offset) = (limited(self.entries.len())?, limited(at)?);
        let n_files = u16::try_from(self.n_files)
            .unwrap_or(u16::MAX)
            .to_le_bytes();
        self.entries
            .extend([&END[..], &[0; 4], &n_files, &n_files].concat());
        self.entries
            .extend([size.to_le_bytes(), offset.to_le_bytes()].concat());
        self.entries.extend([0, 0]);
        Ok(self.entries)
    }
}

fn limited(n_bytes: usize) -> Result<u32, ArchiveError> {
    let number = u32::try_from(n_bytes).ok().filter(|_| n_bytes <= BYTES_MAX);
    number.ok_or(ArchiveError::TooLarge)
}

/// As ZIP wants it; it is no protection, the manifest is.
fn crc32(bytes: &[u8]) -> u32 {
    let mixed = |crc: u32, byte: &u8| CRC_OF[usize::from(crc as u8 ^ byte)] ^ crc >> 8;
    !bytes.iter().fold(u32::MAX, mixed)
}

const CRC_OF: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [File<'static>; 3] = [
        File {
            path: "manifest.json",
            bytes: b"{}",
        },
        File {
            path: "a/b-1.txt",
            bytes: b"",
        },
        File {
            path: "a/c.bin",
            bytes: b"PK\x03\x04PK\x05\x06",
        },
    ];

    #[test]
    fn what_was_written_is_read() {
        let archive = write(&FILES).unwrap();
        assert_eq!(read(&archive).unwrap(), FILES);
        assert_eq!(read(&write(&[]).unwrap()).unwrap(), []);
    }

    /// The value that every description of it gives.
    #[test]
    fn the_sum_is_the_one_of_zip() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    /// Bits of contents change the sum in the header; all others stand in what is compared.
    #[test]
    fn every_bit_counts() {
        let archive = write(&FILES).unwrap();
        for bit in 0..archive.len() * 8 {
            let mut changed = archive.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn nothing_may_be_cut_off_or_added() {
        let archive = write(&FILES).unwrap();
        for n_bytes in 0..archive.len() {
            assert!(read(&archive[..n_bytes]).is_err(), "{n_bytes} bytes");
            let doubled = [&archive[..n_bytes], b"\0", &archive[n_bytes..]].concat();
            assert!(read(&doubled).is_err(), "at {n_bytes}");
        }
        assert!(read(&[&archive[..], b"\n"].concat()).is_err());
        assert!(read(&[&archive[..], &archive].concat()).is_err());
    }

    #[test]
    fn a_path_leads_nowhere_else() {
        let check = |path: &str, is_ours: bool| {
            assert_eq!(is_path(path), is_ours, "{path:?}");
            assert_eq!(write(&[File { path, bytes: b"" }]).is_ok(), is_ours);
        };
        check("form.pdf", true);
        check("checks/dormant-accounts/check.sql", true);
        check("", false);
        check("/etc/passwd", false);
        check("../a", false);
        check("a/../b", false);
        check("a/./b", false);
        check("a//b", false);
        check("a/", false);
        check("a\\b", false);
        check("c:a", false);
        check("A", false);
        check("表.pdf", false);
        check("a\0b", false);
        check(&"a".repeat(PATH_CHARS_MAX), true);
        check(&"a".repeat(PATH_CHARS_MAX + 1), false);
    }

    #[test]
    fn too_much_is_refused() {
        let many = vec![FILES[1]; FILES_MAX];
        assert!(write(&many).is_ok());
        let more = vec![FILES[1]; FILES_MAX + 1];
        assert_eq!(write(&more), Err(ArchiveError::TooLarge));
        assert_eq!(limited(BYTES_MAX), Ok(1 << 30));
        assert_eq!(limited(BYTES_MAX + 1), Err(ArchiveError::TooLarge));
    }
}
