//! A package as an inspector reads it: what it says, and its files by path. Those opened last are kept,
//! for what was frozen never changes. Who may read one is not known here: that is asked each time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sonae_domain::evidence::ContentHash;
use sonae_domain::package::{PackageError, Sealed};

use super::contents::Contents;
use crate::usecase::failure::Failure;
use crate::usecase::labels;

/// Unpacked, a clinic's package has 2 MiB and a hospital's some ten, with originals some tens more.
const KEPT_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A package that was read. Whether it may be trusted was asked before it was kept.
pub(crate) struct Opened {
    pub(crate) contents: Contents,
    files: BTreeMap<String, Vec<u8>>,
}

/// Things by the hash of the bytes that they were read from, the one asked for last at the end.
#[derive(Debug)]
pub(crate) struct KeptByHash<T> {
    kept: Mutex<Vec<Kept<T>>>,
}

#[derive(Debug)]
struct Kept<T> {
    hash: ContentHash,
    n_bytes: usize,
    thing: Arc<T>,
}

impl Opened {
    /// # Errors
    /// The bytes are no package, or not of a shape that we know.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let unreadable = || Failure::unusable(labels::frozen_unreadable());
        let failed = |error: PackageError| unreadable().because(error);
        let package = Sealed::read(bytes).map_err(failed)?;
        let package = package.open().map_err(failed)?;
        let contents = Contents::read(&package.manifest.about, package.files());
        Ok(Self {
            contents: contents.map_err(|error| unreadable().because(error))?,
            files: package.into_files(),
        })
    }

    /// The bytes of a file.
    pub(crate) fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Root of the history in its checkpoint, hexadecimal: what remarks name it by.
    pub(crate) fn root(&self) -> String {
        hex::encode(self.contents.checkpoint.checkpoint.root)
    }

    /// Of all its files.
    pub(crate) fn n_bytes(&self) -> usize {
        self.files.values().map(Vec::len).sum()
    }
}

impl<T> Default for KeptByHash<T> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<T> KeptByHash<T> {
    /// The thing, if it is still here.
    pub(crate) fn get(&self, hash: &ContentHash) -> Option<Arc<T>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|kept| kept.hash == *hash)?;
        kept[at..].rotate_left(1);
        kept.last().map(|kept| Arc::clone(&kept.thing))
    }

    /// Keeps a thing; those that nobody asked for longest go where all are too large.
    pub(crate) fn keep(&self, hash: ContentHash, n_bytes: usize, thing: &Arc<T>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.hash != hash);
        kept.push(Kept {
            hash,
            n_bytes,
            thing: Arc::clone(thing),
        });
        while kept.iter().map(|kept| kept.n_bytes).sum::<usize>() > KEPT_BYTES_MAX {
            kept.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_longest_goes_first() {
        const THIRD: usize = KEPT_BYTES_MAX / 3;
        let kept = KeptByHash::default();
        let hash = |name: &str| ContentHash::of(name.as_bytes());
        let keep = |name: &str, n_bytes| kept.keep(hash(name), n_bytes, &Arc::new(name.to_owned()));
        // Asks for them, so that the last is the one asked for last.
        let check = |names: &str, expected: &str| {
            let names = names.split(' ');
            let found: Vec<String> = names
                .filter_map(|name| kept.get(&hash(name)))
                .map(|name| name.to_string())
                .collect();
            assert_eq!(found.join(" "), expected);
        };
        check("a", "");
        keep("a", THIRD);
        keep("b", THIRD);
        keep("c", THIRD);
        check("a b c", "a b c");
        keep("d", THIRD);
        check("a b c d", "b c d");
        check("c b", "c b");
        keep("e", THIRD);
        check("d c b e", "c b e");
        keep("b", THIRD);
        check("b c e", "b c e");
        keep("huge", KEPT_BYTES_MAX + 1);
        check("b c e huge", "");
    }
}
