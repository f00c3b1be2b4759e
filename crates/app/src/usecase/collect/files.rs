//! The machine's files, below a root so that tests can build a small machine in a folder.
//! Read only; nothing else in the collector opens a file.
#![expect(clippy::disallowed_methods, reason = "the collector reads the machine")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// 64 MiB: the package database of a full desktop is about 10 MiB; nothing else comes near.
const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Where system configuration lives, the strongest first, as systemd, udev and kmod read it.
const CONFIG_ROOTS: [&str; 5] = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"];

/// The files of one machine. Paths are absolute as on that machine.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    as_root: bool,
}

/// Why a file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileError {
    /// There is none.
    Missing,
    /// It is there, but not for this user.
    NeedsRoot,
    /// It is there, but reading failed.
    NotReadable,
}

impl Files {
    pub(super) fn new(root: &Path, as_root: bool) -> Self {
        Self {
            root: root.to_owned(),
            as_root,
        }
    }

    /// A whole text file. Bytes that are not UTF-8 are replaced: one bad name loses one name.
    pub(super) fn text(&self, path: &str) -> Result<String, FileError> {
        let bytes = self.bytes(path, 0, TEXT_BYTES_MAX)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A whole text file without the white space around it; nothing if it is empty or unreadable.
    pub(super) fn word(&self, path: &str) -> Option<String> {
        let text = self.text(path).ok()?;
        let word = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// At most `n_bytes` from `offset`; fewer when the file ends before.
    pub(super) fn bytes(
        &self,
        path: &str,
        offset: u64,
        n_bytes: u64,
    ) -> Result<Vec<u8>, FileError> {
        let place = self.place(path);
        let kind = fs::metadata(&place).map_err(|e| self.error(&e))?;
        // Opening a pipe would wait for its writer.
        if !kind.is_file() {
            return Err(FileError::NotReadable);
        }
        let mut file = fs::File::open(&place).map_err(|e| self.error(&e))?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset))
                .map_err(|e| self.error(&e))?;
        }
        let mut bytes = Vec::new();
        file.take(n_bytes)
            .read_to_end(&mut bytes)
            .map_err(|e| self.error(&e))?;
        Ok(bytes)
    }

    /// Names in a folder, sorted.
    pub(super) fn names(&self, folder: &str) -> Result<Vec<String>, FileError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.place(folder)).map_err(|e| self.error(&e))? {
            let entry = entry.map_err(|e| self.error(&e))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Where a symbolic link points.
    pub(super) fn link(&self, path: &str) -> Result<String, FileError> {
        let target = fs::read_link(self.place(path)).map_err(|e| self.error(&e))?;
        Ok(target.to_string_lossy().into_owned())
    }

    /// When a file was last changed.
    pub(super) fn modified(&self, path: &str) -> Result<Timestamp, FileError> {
        let changed = fs::metadata(self.place(path))
            .and_then(|file| file.modified())
            .map_err(|e| self.error(&e))?;
        Timestamp::try_from(changed).map_err(|_| FileError::NotReadable)
    }

    /// Whether there is something of this name, also a link that leads nowhere.
    pub(super) fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.place(path)).is_ok()
    }

    /// Configuration fragments that count: `<config root>/<folder>/*<ending>` by name, where a
    /// file hides those of the same name in weaker places. Folders that cannot be listed are
    /// reported beside them.
    pub(super) fn fragments(
        &self,
        folder: &str,
        ending: &str,
    ) -> (Vec<String>, Vec<(String, FileError)>) {
        let mut by_name: BTreeMap<String, String> = BTreeMap::new();
        let mut unreadable = Vec::new();
        for root in CONFIG_ROOTS {
            let folder = format!("{root}/{folder}");
            match self.names(&folder) {
                Ok(names) => {
                    for name in names.into_iter().filter(|name| name.ends_with(ending)) {
                        let path = format!("{folder}/{name}");
                        by_name.entry(name).or_insert(path);
                    }
                }
                Err(FileError::Missing) => {}
                Err(error) => unreadable.push((folder, error)),
            }
        }
        (by_name.into_values().collect(), unreadable)
    }

    /// Whether a program runs, by the name of its process (its first 15 letters, as the kernel
    /// keeps them). Not known where other users' processes are hidden.
    pub(super) fn runs(&self, program: &str) -> Option<bool> {
        let name: String = program.chars().take(15).collect();
        let programs: BTreeSet<String> = self
            .process_ids()
            .into_iter()
            .filter_map(|pid| self.word(&format!("/proc/{pid}/comm")))
            .collect();
        if programs.contains(&name) {
            return Some(true);
        }
        self.exists("/proc/1/comm").then_some(false)
    }

    /// Ids of the visible processes, in order.
    pub(super) fn process_ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self
            .names("/proc")
            .unwrap_or_default()
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect();
        ids.sort_unstable();
        ids
    }

    fn place(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn error(&self, error: &std::io::Error) -> FileError {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => FileError::Missing,
            ErrorKind::PermissionDenied if !self.as_root => FileError::NeedsRoot,
            _ => FileError::NotReadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Fake;
    use super::FileError;

    #[test]
    fn a_fragment_hides_those_of_the_same_name_in_weaker_places() {
        let fake = Fake::new()
            .file("/etc/modprobe.d/b.conf", "")
            .file("/usr/lib/modprobe.d/a.conf", "")
            .file("/usr/lib/modprobe.d/b.conf", "")
            .file("/usr/lib/modprobe.d/README", "");
        let (paths, unreadable) = fake.machine().files.fragments("modprobe.d", ".conf");
        assert_eq!(
            paths,
            ["/usr/lib/modprobe.d/a.conf", "/etc/modprobe.d/b.conf"]
        );
        assert!(unreadable.is_empty());
    }

    #[test]
    fn a_folder_is_not_text_and_a_missing_file_is_missing() {
        let fake = Fake::new().file("/etc/passwd/inside", "");
        let machine = fake.machine();
        assert_eq!(
            machine.files.text("/etc/passwd"),
            Err(FileError::NotReadable)
        );
        assert_eq!(machine.files.text("/etc/group"), Err(FileError::Missing));
    }
}
