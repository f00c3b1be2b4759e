//! The inspection package (立入検査の提出一式): files, a manifest with their hashes, and a signed seal over
//! the manifest, in one archive of one form. See `docs/reference/package.md`.
//!
//! Keys and signing are handed in. What the files say is not known here.

pub mod archive;

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::checkpoint::NoteSignature;
use crate::ids::{EditionId, FormId, InstitutionId};
use archive::{ArchiveError, File};

/// The first file: what the others are.
pub const MANIFEST: &str = "manifest.json";

/// The second file: the signed seal.
pub const SEAL: &str = "manifest.note";

/// What the manifest calls itself.
const FORMAT: &str = "sonae-package";

/// Counts up when a program that knows the former version could not verify a package.
const VERSION: u32 = 1;

/// The first line of a seal. No checkpoint begins so, and no other signature of the same key can pass for
/// one over a package.
const SEALED: &str = "sonae-package/1";

/// What a package is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The program that wrote it.
    pub program: String,
    /// Whose it is.
    pub institution: InstitutionId,
    /// As on the form.
    pub institution_name: String,
    /// The edition of its form.
    pub edition: EditionId,
    /// Its own form.
    pub form: FormId,
    /// The day as of which everything was judged, in Japan.
    pub as_of: Date,
    /// How many entries the history had; nothing in the package is later.
    pub n_entries: u64,
    /// With which the seal and the checkpoint are verified; see [`crate::checkpoint::verifier_key`].
    pub key: String,
}

/// What a package holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    version: u32,
    /// Whose it is and when.
    pub about: About,
    /// By path.
    pub files: Vec<Listed>,
}

/// A file in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// In the archive.
    pub path: String,
    /// How long it is.
    pub n_bytes: usize,
    /// Of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Read before the rest, which may be of a shape that we do not know.
#[derive(Deserialize)]
struct Kind {
    format: String,
    version: u32,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Whose history the key signs.
    pub origin: String,
    /// The SHA-256 of the manifest, in hexadecimal digits.
    pub manifest_sha256: String,
    /// When; the only thing by which two packages of the same state differ.
    pub signed_at: Timestamp,
}

/// A package that is whole: every file is as its manifest says. Who sealed it is another question; see
/// [`Package::is_sealed_by`].
#[derive(Debug)]
pub struct Package<'a> {
    /// What it says about itself.
    pub manifest: Manifest,
    /// What was signed.
    pub seal: Seal,
    signature: NoteSignature,
    files: BTreeMap<&'a str, &'a [u8]>,
}

/// Why bytes are no package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The archive is broken.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// It does not begin with manifest and seal.
    #[error("manifest or seal is not where it belongs")]
    NoManifest,
    /// The manifest has another shape.
    #[error("the manifest cannot be read")]
    Manifest(#[source] serde_json::Error),
    /// Made by a program that knows more.
    #[error("version {0} of the format is newer than this program")]
    Newer(u32),
    /// The seal has another shape.
    #[error("the seal cannot be read")]
    Seal,
    /// The seal belongs to another manifest.
    #[error("the seal is not the one of this manifest")]
    OtherManifest,
    /// A file is missing, came in addition, stands elsewhere, or is another one.
    #[error("file `{0}` is not as the manifest says")]
    File(String),
}

/// Makes a package. The files come sorted by path; the seal is signed last.
///
/// # Errors
/// A path is none of ours, or there is too much.
pub fn pack(
    about: About,
    files: &BTreeMap<String, Vec<u8>>,
    signed_at: Timestamp,
    sign: impl FnOnce(&Seal) -> NoteSignature,
) -> Result<Vec<u8>, PackageError> {
    let listed = files.iter().map(|(path, bytes)| Listed::of(path, bytes));
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        files: listed.collect(),
        about,
    };
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(PackageError::Manifest)?;
    text.push(b'\n');
    let seal = Seal {
        origin: origin(&manifest.about.institution),
        manifest_sha256: hash(&text),
        signed_at,
    };
    let note = seal.note(&sign(&seal));
    let head = [(MANIFEST, text.as_slice()), (SEAL, note.as_bytes())];
    let rest = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let all: Vec<File<'_>> = head
        .into_iter()
        .chain(rest)
        .map(|(path, bytes)| File { path, bytes })
        .collect();
    Ok(archive::write(&all)?)
}

impl<'a> Package<'a> {
    /// Reads a package and compares every file with the manifest, and the manifest with the seal.
    ///
    /// # Errors
    /// Anything is not as [`pack`] makes it.
    pub fn read(bytes: &'a [u8]) -> Result<Self, PackageError> {
        let files = archive::read(bytes)?;
        let [manifest, note, files @ ..] = files.as_slice() else {
            return Err(PackageError::NoManifest);
        };
        if (manifest.path, note.path) != (MANIFEST, SEAL) {
            return Err(PackageError::NoManifest);
        }
        let (seal, signature) = read_note(note.bytes).ok_or(PackageError::Seal)?;
        let hash = hash(manifest.bytes);
        let manifest = read_manifest(manifest.bytes)?;
        if (&seal.manifest_sha256, &seal.origin) != (&hash, &origin(&manifest.about.institution)) {
            return Err(PackageError::OtherManifest);
        }
        compare(&manifest.files, files)?;
        Ok(Self {
            manifest,
            seal,
            signature,
            files: files.iter().map(|file| (file.path, file.bytes)).collect(),
        })
    }

    /// Whether a key of this id made the seal, as `is_signature` finds.
    pub fn is_sealed_by(
        &self,
        key_id: [u8; 4],
        is_signature: impl FnOnce(&[u8], &[u8]) -> bool,
    ) -> bool {
        let (text, signature) = (self.seal.text(), &self.signature);
        signature.name == self.seal.origin
            && signature.key_id == key_id
            && is_signature(text.as_bytes(), &signature.signature)
    }

    /// A file.
    pub fn file(&self, path: &str) -> Option<&'a [u8]> {
        self.files.get(path).copied()
    }

    /// All paths but those of manifest and seal, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.files.keys().copied()
    }
}

/// Whose history the key signs: the name of the key, as in a checkpoint.
pub fn origin(institution: &InstitutionId) -> String {
    format!("sonae/{institution}")
}

impl Listed {
    fn of(path: &str, bytes: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            n_bytes: bytes.len(),
            sha256: hash(bytes),
        }
    }
}

impl Seal {
    /// What is signed.
    pub fn text(&self) -> String {
        let Self {
            origin,
            manifest_sha256,
            signed_at,
        } = self;
        format!("{SEALED}\n{origin}\n{manifest_sha256}\n{signed_at}\n")
    }

    fn note(&self, signature: &NoteSignature) -> String {
        format!("{}\n{signature}", self.text())
    }
}

impl FromStr for Seal {
    type Err = PackageError;

    fn from_str(text: &str) -> Result<Self, PackageError> {
        let mut lines = text.lines();
        let mut line = || lines.next().ok_or(PackageError::Seal);
        if line()? != SEALED {
            return Err(PackageError::Seal);
        }
        let seal = Self {
            origin: line()?.to_owned(),
            manifest_sha256: line()?.to_owned(),
            signed_at: line()?.parse().map_err(|_| PackageError::Seal)?,
        };
        // An instant can be written in many ways, and lines may follow.
        let is_the_same = seal.text() == text;
        is_the_same.then_some(seal).ok_or(PackageError::Seal)
    }
}

/// One seal with one signature, written as we write it.
fn read_note(bytes: &[u8]) -> Option<(Seal, NoteSignature)> {
    let note = std::str::from_utf8(bytes).ok()?;
    let (_, signature) = note.split_once("\n\n")?;
    let seal: Seal = note.get(..note.len() - signature.len() - 1)?.parse().ok()?;
    let signature: NoteSignature = signature.strip_suffix('\n')?.parse().ok()?;
    (seal.note(&signature) == note).then_some((seal, signature))
}

fn read_manifest(bytes: &[u8]) -> Result<Manifest, PackageError> {
    let kind: Kind = serde_json::from_slice(bytes).map_err(PackageError::Manifest)?;
    if kind.format != FORMAT {
        return Err(PackageError::NoManifest);
    }
    if kind.version > VERSION {
        return Err(PackageError::Newer(kind.version));
    }
    serde_json::from_slice(bytes).map_err(PackageError::Manifest)
}

/// Both ways: what is listed is there, and what is there is listed, once and in order.
fn compare(listed: &[Listed], files: &[File<'_>]) -> Result<(), PackageError> {
    let not_so = |path: &str| Err(PackageError::File(path.to_owned()));
    let out_of_order = listed.windows(2).find(|two| two[0].path >= two[1].path);
    if let Some(two) = out_of_order {
        return not_so(&two[1].path);
    }
    for (listed, file) in listed.iter().zip(files) {
        if *listed != Listed::of(file.path, file.bytes) {
            return not_so(&listed.path);
        }
    }
    match (listed.get(files.len()), files.get(listed.len())) {
        (Some(missing), _) => not_so(&missing.path),
        (None, Some(more)) => not_so(more.path),
        (None, None) => Ok(()),
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            program: "sonae 9".to_owned(),
            institution: InstitutionId::new("ours"),
            institution_name: "備前クリニック".to_owned(),
            edition: EditionId::new("fy2026"),
            form: FormId::new("facility"),
            as_of: jiff::civil::date(2026, 11, 21),
            n_entries: 3,
            key: "sonae/ours+01020304+AQ==".to_owned(),
        }
    }

    fn files() -> BTreeMap<String, Vec<u8>> {
        let files = [("form.json", "{}"), ("originals/1.pdf", "%PDF")];
        files
            .map(|(path, text)| (path.to_owned(), text.into()))
            .into()
    }

    /// In place of a signature, the text itself backwards.
    fn sign(seal: &Seal) -> NoteSignature {
        NoteSignature {
            name: seal.origin.clone(),
            key_id: [1, 2, 3, 4],
            signature: seal.text().bytes().rev().collect(),
        }
    }

    fn fits(text: &[u8], signature: &[u8]) -> bool {
        text.iter().rev().eq(signature)
    }

    fn package() -> Vec<u8> {
        pack(about(), &files(), Timestamp::UNIX_EPOCH, sign).unwrap()
    }

    /// The same package, with files that somebody changed in the archive.
    fn check(change: impl FnOnce(&mut Vec<(String, Vec<u8>)>), expected: Result<(), &str>) {
        let package = package();
        let files = archive::read(&package).unwrap().into_iter();
        let mut files: Vec<_> = files
            .map(|file| (file.path.to_owned(), file.bytes.to_vec()))
            .collect();
        change(&mut files);
        let files: Vec<_> = files
            .iter()
            .map(|(path, bytes)| File { path, bytes })
            .collect();
        let archive = archive::write(&files).unwrap();
        let read = Package::read(&archive);
        let read = read.map(drop).map_err(|error| error.to_string());
        assert_eq!(read, expected.map_err(str::to_owned));
    }

    fn replace(file: &mut (String, Vec<u8>), from: &str, to: &str) {
        let text = String::from_utf8(file.1.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        file.1 = text.replacen(from, to, 1).into();
    }

    #[test]
    fn what_was_packed_is_read() {
        let bytes = package();
        let package = Package::read(&bytes).unwrap();
        assert_eq!(package.manifest.about, about());
        assert_eq!(package.file("form.json"), Some(&b"{}"[..]));
        assert_eq!(package.file("form.pdf"), None);
        assert_eq!(
            package.paths().collect::<Vec<_>>(),
            ["form.json", "originals/1.pdf"]
        );
        assert!(package.is_sealed_by([1, 2, 3, 4], fits));
        assert!(!package.is_sealed_by([1, 2, 3, 5], fits));
        assert!(!package.is_sealed_by([1, 2, 3, 4], |_, _| false));
    }

    #[test]
    fn only_the_instant_of_signing_differs() {
        let at = |second| {
            let at = Timestamp::from_second(second).unwrap();
            pack(about(), &files(), at, sign).unwrap()
        };
        assert_eq!(at(5), at(5));
        let (one, other) = (at(5), at(6));
        let rest = |bytes: &[u8]| {
            let files = archive::read(bytes).unwrap().into_iter();
            let files = files.filter(|file| file.path != SEAL);
            files
                .map(|file| (file.path.to_owned(), file.bytes.to_vec()))
                .collect::<Vec<_>>()
        };
        assert_eq!(rest(&one), rest(&other));
        assert_ne!(one, other);
    }

    #[test]
    fn what_differs_from_the_manifest_is_named() {
        let not_so = |path: &str| format!("file `{path}` is not as the manifest says");
        let (form, original) = (not_so("form.json"), not_so("originals/1.pdf"));
        let more = ("z.txt".to_owned(), Vec::new());
        check(|_| (), Ok(()));
        check(|files| files[2].1.push(b' '), Err(&form));
        check(|files| files[2].0 = "fork.json".to_owned(), Err(&form));
        check(|files| drop(files.pop()), Err(&original));
        check(|files| drop(files.remove(2)), Err(&form));
        check(|files| files.swap(2, 3), Err(&form));
        check(|files| files.push(files[3].clone()), Err(&original));
        check(|files| files.push(more), Err(&not_so("z.txt")));
    }

    #[test]
    fn manifest_and_seal_belong_together() {
        let (seal, other) = (
            "the seal cannot be read",
            "the seal is not the one of this manifest",
        );
        let nowhere = "manifest or seal is not where it belongs";
        check(
            |files| replace(&mut files[0], "2026-11-21", "2026-11-20"),
            Err(other),
        );
        check(
            |files| replace(&mut files[0], "\"ours", "\"their"),
            Err(other),
        );
        check(
            |files| replace(&mut files[1], "sonae/ours", "sonae/their"),
            Err(other),
        );
        check(
            |files| replace(&mut files[1], "package/1", "package/2"),
            Err(seal),
        );
        check(
            |files| replace(&mut files[1], "00:00Z", "00:00.0Z"),
            Err(seal),
        );
        check(
            |files| replace(&mut files[1], "\n\n", "\nmore\n\n"),
            Err(seal),
        );
        check(|files| files[1].1.push(b'\n'), Err(seal));
        check(|files| files[1].1.extend_from_within(..), Err(seal));
        check(|files| files.swap(0, 1), Err(nowhere));
        check(|files| files.truncate(1), Err(nowhere));
        check(Vec::clear, Err(nowhere));
    }

    #[test]
    fn a_manifest_is_ours_and_known() {
        let check = |from: &str, to: &str, expected: &str| {
            let manifest = Manifest {
                format: FORMAT.to_owned(),
                version: VERSION,
                about: about(),
                files: Vec::new(),
            };
            let text = serde_json::to_string(&manifest)
                .unwrap()
                .replacen(from, to, 1);
            let read = read_manifest(text.as_bytes());
            assert_eq!(
                read.map_or_else(|error| error.to_string(), |_| "read".into()),
                expected
            );
        };
        check("", "", "read");
        check(
            "sonae-package",
            "sonae-backup",
            "manifest or seal is not where it belongs",
        );
        check(
            ":1,",
            ":2,",
            "version 2 of the format is newer than this program",
        );
        check(
            "\"program\"",
            "\"more\":1,\"program\"",
            "the manifest cannot be read",
        );
        check("{", "", "the manifest cannot be read");
    }
}
