//! The key with which an installation signs checkpoints of its histories: an Ed25519 key in a file of its
//! own beside the database. It is in no database and in no backup, so that whoever takes one of them
//! cannot sign. What is signed is not known here.

use std::path::Path;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sonae_domain::checkpoint::{self, NoteSignature, SignedCheckpoint};

use super::failure::Failure;
use super::{files, labels};

/// In the data folder, also of an installation whose database is on a server.
const FILE: &str = "history.key";

/// A PEM file with 32 bytes of key is 120 bytes.
const BYTES_MAX: u64 = 4096;

/// Who signed a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signer {
    This,
    /// By a key that is not at hand.
    Another,
    /// It says that this key did, but the text is another than the one that was signed.
    Nobody,
}

/// The key of an installation.
pub(super) struct HistoryKey(SigningKey);

impl HistoryKey {
    /// Reads the key, or makes it if there is none yet.
    ///
    /// # Errors
    /// The data folder cannot be used, or what lies there is no key.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        if !path.exists() {
            make(&path)?;
        }
        read(&path)
    }

    /// Reads the key; none if none was made yet.
    ///
    /// # Errors
    /// What lies there cannot be read or is no key.
    pub(super) fn find(folder: &Path) -> Result<Option<Self>, Failure> {
        let path = folder.join(FILE);
        path.exists().then(|| read(&path)).transpose()
    }

    /// Signs the text of a note under a name.
    pub(super) fn sign(&self, name: &str, text: &str) -> NoteSignature {
        NoteSignature {
            name: name.to_owned(),
            key_id: checkpoint::key_id(name, self.public().as_bytes()),
            signature: self.0.sign(text.as_bytes()).to_vec(),
        }
    }

    /// With which others check what it signed under a name.
    pub(super) fn verifier_key(&self, name: &str) -> String {
        checkpoint::verifier_key(name, self.public().as_bytes())
    }

    /// Whether it signed this, as far as that can be said.
    pub(super) fn has_signed(&self, signed: &SignedCheckpoint) -> Signer {
        let name = &signed.checkpoint.origin;
        let id = checkpoint::key_id(name, self.public().as_bytes());
        if signed.signatures.iter().all(|other| other.key_id != id) {
            return Signer::Another;
        }
        match signed.is_signed_by(id, |text, signature| self.fits(text, signature)) {
            true => Signer::This,
            false => Signer::Nobody,
        }
    }

    fn fits(&self, text: &[u8], signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.public().verify_strict(text, &signature).is_ok())
    }

    fn public(&self) -> VerifyingKey {
        self.0.verifying_key()
    }
}

fn read(path: &Path) -> Result<HistoryKey, Failure> {
    let (pem, _) = files::read_limited(path, BYTES_MAX)?;
    let broken = || Failure::unusable(labels::history_key_broken(path));
    let pem = String::from_utf8(pem).map_err(|_| broken())?;
    let key = SigningKey::from_pkcs8_pem(&pem);
    key.map(HistoryKey)
        .map_err(|source| broken().because(source))
}

/// Two may do it at the same time: the first one's key stays.
fn make(path: &Path) -> Result<(), Failure> {
    let key = SigningKey::from_bytes(&rand::random());
    let pem = key
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|source| Failure::unexpected(labels::history_key_broken(path)).because(source))?;
    files::write_new_private(path, pem.as_bytes()).map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let opened = [(); 8].map(|()| scope.spawn(|| HistoryKey::open(&data).unwrap()));
            opened
                .into_iter()
                .map(|key| key.join().unwrap().verifier_key("sonae/x"))
                .collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        let mode = data.join(FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_no_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        files::write_private(&folder.path().join(FILE), b"not a key").unwrap();
        assert!(HistoryKey::open(folder.path()).is_err());
    }

    #[test]
    fn only_what_was_signed_is_signed() {
        let folder = tempfile::tempdir().unwrap();
        let key = HistoryKey::open(folder.path()).unwrap();
        let signature = key.sign("sonae/x", "text").signature;
        let check = |text: &[u8], signature: &[u8], signed: bool| {
            assert_eq!(key.fits(text, signature), signed);
        };
        check(b"text", &signature, true);
        check(b"Text", &signature, false);
        check(b"text", &signature[1..], false);
        check(b"text", &[0; 64], false);
    }

    /// The example of Go's package `note`, by the same steps.
    #[test]
    fn a_note_of_another_program_is_verified() {
        let key = STANDARD
            .decode("pc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .ok();
        assert_eq!(key, None, "the algorithm stands before the key");
        let key = STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap();
        let key = VerifyingKey::from_bytes(key[1..].try_into().unwrap()).unwrap();
        let text = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
        let signed = STANDARD
            .decode(
                "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
            )
            .unwrap();
        let signature = Signature::from_slice(&signed[4..]).unwrap();
        key.verify_strict(text.as_bytes(), &signature).unwrap();
    }
}
