//! A signing key in a file of its own: made once for its owner's eyes alone, used to sign files that go to
//! other houses.

use std::path::{Path, PathBuf};

use sonae_domain::edition::Text;
use sonae_domain::signed::{PublicKey, Purpose, Signer};

use super::failure::Failure;
use super::{files, labels};

/// A key in one line is under 500 bytes with the longest name.
const KEY_BYTES_MAX: u64 = 4096;

/// Where a key is, or is to be.
pub(crate) struct KeyFile {
    path: PathBuf,
    /// What to do when there is none.
    missing: fn(&Path) -> Text,
}

impl KeyFile {
    pub(crate) fn at(path: PathBuf, missing: fn(&Path) -> Text) -> Self {
        Self { path, missing }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The public key, for its fingerprint.
    ///
    /// # Errors
    /// There is none, or what lies there is none.
    pub(crate) fn public(&self) -> Result<PublicKey, Failure> {
        Ok(self.signer()?.public())
    }

    /// Makes the key.
    ///
    /// # Errors
    /// The name cannot be a key's, there is a key already, or the file cannot be written.
    pub(crate) fn make(&self, name: &str) -> Result<PublicKey, Failure> {
        let refused = |source| Failure::refused(labels::not_a_key_name(name)).because(source);
        let signer = Signer::new(name, &rand::random()).map_err(refused)?;
        let line = format!("{}\n", signer.private_key());
        match files::write_new_private(&self.path, line.as_bytes())? {
            true => Ok(signer.public()),
            false => Err(Failure::refused(labels::key_is_there(&self.path))),
        }
    }

    /// Writes a body to a file, signed for a purpose.
    ///
    /// # Errors
    /// There is no key, the body is not one line, or the file cannot be written.
    pub(crate) fn sign(
        &self,
        purpose: Purpose,
        body: &str,
        out: &Path,
    ) -> Result<PublicKey, Failure> {
        let signer = self.signer()?;
        let odd = |source| Failure::refused(labels::not_one_line()).because(source);
        let file = signer.sign(purpose, body).map_err(odd)?;
        files::write_whole(out, file.as_bytes())?;
        Ok(signer.public())
    }

    fn signer(&self) -> Result<Signer, Failure> {
        if !self.path.exists() {
            return Err(Failure::refused((self.missing)(&self.path)));
        }
        let (bytes, _) = files::read_limited(&self.path, KEY_BYTES_MAX)?;
        let line = String::from_utf8(bytes).ok();
        let signer = line.and_then(|line| line.trim_end().parse().ok());
        signer.ok_or_else(|| Failure::refused(labels::key_broken(&self.path)))
    }
}
