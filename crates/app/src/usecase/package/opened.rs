//! A package as an inspector reads it: what it says, and its files by path.

use std::collections::BTreeMap;

use sonae_domain::package::{PackageError, Sealed};

use super::contents::Contents;
use crate::usecase::failure::Failure;
use crate::usecase::labels;

/// A package that was read. Whether it may be trusted was asked before it was kept.
pub(crate) struct Opened {
    pub(crate) contents: Contents,
    files: BTreeMap<String, Vec<u8>>,
}

impl Opened {
    /// # Errors
    /// The bytes are no package, or not of a shape that we know.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let unreadable = || Failure::unusable(labels::frozen_unreadable());
        let failed = |error: PackageError| unreadable().because(error);
        let package = Sealed::read(bytes).map_err(failed)?;
        let package = package.open().map_err(failed)?;
        let files = package.files();
        let contents = Contents::read(&package.manifest.about, files);
        Ok(Self {
            contents: contents.map_err(|error| unreadable().because(error))?,
            files: files.clone(),
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
}
