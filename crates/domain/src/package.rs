//! The inspection package (立入検査の提出一式): files and a manifest with their hashes in a ZIP, whose comment is
//! a signed seal over all bytes before it. See `docs/reference/package.md`.
//!
//! Whether anybody trusts the key of a seal is not known here, nor what the files say.

pub mod archive;

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::checkpoint::NoteSignature;
use crate::ids::{EditionId, FormId, InstitutionId};
use crate::signed::PublicKey;
use archive::{ArchiveError, File};

/// The first file: what the others are.
pub const MANIFEST: &str = "manifest.json";

/// What the manifest calls itself.
const FORMAT: &str = "sonae-package";

/// Counts up when a program that knows the former version could not verify a package.
const VERSION: u32 = 1;

/// The first line of a seal. No checkpoint begins so, and no other signature of the same key can pass for
/// one over a package.
const SEALED: &str = "sonae-package/1";

/// A signature of Ed25519, the only one that keys of a history make.
const SIGNATURE_BYTES: usize = 64;

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
    /// Whether it names hosts, accounts, addresses and serial numbers as they are.
    pub network_details: bool,
    /// How many entries the history had; nothing in the package is later.
    pub n_entries: u64,
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
    /// With which the seal and the checkpoint are verified. Its name says whose history it signs.
    pub key: PublicKey,
    /// Of all bytes of the ZIP before its comment, in hexadecimal digits.
    pub sha256: String,
    /// When; the only thing by which two packages of the same state differ.
    pub signed_at: Timestamp,
}

/// Bytes that are as they were sealed. Whose the key is, remains to be asked.
#[derive(Debug)]
pub struct Sealed<'a> {
    /// With which key and when.
    pub seal: Seal,
    bytes: &'a [u8],
}

/// The files of a package, each as its manifest says.
#[derive(Debug)]
pub struct Package {
    /// What it says about itself.
    pub manifest: Manifest,
    files: BTreeMap<String, Vec<u8>>,
}

/// Why bytes are no package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// No ZIP, or one that holds too much or strange things.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A ZIP, but its comment is no seal of ours.
    #[error("it has no seal")]
    NoSeal,
    /// Something was changed after it was sealed.
    #[error("the bytes are not those that were sealed")]
    Changed,
    /// The seal was not made by the key that it names.
    #[error("the signature of the seal does not fit")]
    Signature,
    /// It does not begin with a manifest.
    #[error("there is no manifest where it belongs")]
    NoManifest,
    /// The manifest has another shape.
    #[error("the manifest cannot be read")]
    Manifest(#[source] serde_json::Error),
    /// Made by a program that knows more.
    #[error("version {0} of the format is newer than this program")]
    Newer(u32),
    /// Sealed by the key of another institution.
    #[error("the seal is not that of the institution")]
    OtherInstitution,
    /// A file is missing, came in addition, stands elsewhere, or is another one.
    #[error("file `{0}` is not as the manifest says")]
    File(String),
}

/// Makes a package. The files come sorted by path; `sign` makes a note with the key of the institution, whose
/// public part is `key`.
///
/// # Errors
/// A path is none of ours, there is too much, or `key` does not belong to `sign`.
pub fn pack(
    about: About,
    files: &BTreeMap<String, Vec<u8>>,
    key: PublicKey,
    signed_at: Timestamp,
    sign: impl FnOnce(&str) -> NoteSignature,
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
    let files = files.iter();
    let files = files.map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let files = [(MANIFEST, text.as_slice())].into_iter().chain(files);

    // The length of the seal is in the bytes that it seals, so a blank one comes first.
    let mut seal = Seal {
        key,
        sha256: hash(b""),
        signed_at,
    };
    let blank = seal.blank_note();
    let mut bytes = archive::write(files, &blank)?;
    bytes.truncate(bytes.len() - blank.len());
    seal.sha256 = hash(&bytes);
    let signature = sign(&seal.text());
    if !seal.key.has_signed(&seal.text(), &signature) {
        return Err(PackageError::Signature);
    }
    bytes.extend_from_slice(seal.note(&signature).as_bytes());
    Ok(bytes)
}

impl<'a> Sealed<'a> {
    /// Finds the seal at the end of the bytes and compares it with them, before anything in them is
    /// unpacked.
    ///
    /// # Errors
    /// There is no seal, the bytes are others, or its signature is not one of the key that it names.
    pub fn read(bytes: &'a [u8]) -> Result<Self, PackageError> {
        let (before, comment) = archive::split_comment(bytes)?;
        let (seal, signature) = read_note(comment).ok_or(PackageError::NoSeal)?;
        if seal.sha256 != hash(before) {
            return Err(PackageError::Changed);
        }
        match seal.key.has_signed(&seal.text(), &signature) {
            true => Ok(Self { seal, bytes }),
            false => Err(PackageError::Signature),
        }
    }

    /// Unpacks the files and compares each with the manifest, and the manifest with the seal.
    ///
    /// # Errors
    /// Anything is not as [`pack`] makes it.
    pub fn open(&self) -> Result<Package, PackageError> {
        let package = Package::of(archive::read(self.bytes)?)?;
        match self.seal.key.name() == origin(&package.manifest.about.institution) {
            true => Ok(package),
            false => Err(PackageError::OtherInstitution),
        }
    }
}

impl Package {
    /// The package that an archive holds, whoever sealed it or not.
    ///
    /// # Errors
    /// There is no manifest, or a file is not as it says.
    pub fn of(files: Vec<File>) -> Result<Self, PackageError> {
        let mut files = files.into_iter();
        let manifest = files.next().filter(|(path, _)| path == MANIFEST);
        let (_, manifest) = manifest.ok_or(PackageError::NoManifest)?;
        let manifest = read_manifest(&manifest)?;
        let files: Vec<File> = files.collect();
        compare(&manifest.files, &files)?;
        Ok(Self {
            manifest,
            files: files.into_iter().collect(),
        })
    }

    /// A file.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All but the manifest, by path.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The same, to keep.
    pub fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        self.files
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
    fn text(&self) -> String {
        let Self {
            key,
            sha256,
            signed_at,
        } = self;
        format!("{SEALED}\n{key}\n{sha256}\n{signed_at}\n")
    }

    fn note(&self, signature: &NoteSignature) -> String {
        format!("{}\n{signature}\n", self.text())
    }

    /// As long as the note will be.
    fn blank_note(&self) -> String {
        self.note(&NoteSignature {
            name: self.key.name().to_owned(),
            key_id: [0; 4],
            signature: vec![0; SIGNATURE_BYTES],
        })
    }
}

impl FromStr for Seal {
    type Err = PackageError;

    fn from_str(text: &str) -> Result<Self, PackageError> {
        let mut lines = text.lines();
        let mut line = || lines.next().ok_or(PackageError::NoSeal);
        if line()? != SEALED {
            return Err(PackageError::NoSeal);
        }
        let seal = Self {
            key: line()?.parse().map_err(|_| PackageError::NoSeal)?,
            sha256: line()?.to_owned(),
            signed_at: line()?.parse().map_err(|_| PackageError::NoSeal)?,
        };
        // An instant can be written in many ways, and lines may follow.
        let is_the_same = seal.text() == text;
        is_the_same.then_some(seal).ok_or(PackageError::NoSeal)
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
fn compare(listed: &[Listed], files: &[File]) -> Result<(), PackageError> {
    let not_so = |path: &str| Err(PackageError::File(path.to_owned()));
    let out_of_order = listed.windows(2).find(|two| two[0].path >= two[1].path);
    if let Some(two) = out_of_order {
        return not_so(&two[1].path);
    }
    for (listed, file) in listed.iter().zip(files) {
        if *listed != Listed::of(&file.0, &file.1) {
            return not_so(&listed.path);
        }
    }
    match (listed.get(files.len()), files.get(listed.len())) {
        (Some(missing), _) => not_so(&missing.path),
        (None, Some(more)) => not_so(&more.0),
        (None, None) => Ok(()),
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;
    use crate::checkpoint;

    fn about() -> About {
        About {
            program: "sonae 9".to_owned(),
            institution: InstitutionId::new("ours"),
            institution_name: "備前クリニック".to_owned(),
            edition: EditionId::new("fy2026"),
            form: FormId::new("facility"),
            as_of: jiff::civil::date(2026, 11, 21),
            network_details: false,
            n_entries: 3,
        }
    }

    fn files() -> BTreeMap<String, Vec<u8>> {
        let files = [("form.json", "{}"), ("originals/1.pdf", "%PDF")];
        files
            .map(|(path, text)| (path.to_owned(), text.into()))
            .into()
    }

    /// The key of a history under a name, and what it signs.
    fn key(name: &str) -> (PublicKey, impl Fn(&str) -> NoteSignature) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key();
        let line = checkpoint::verifier_key(name, public.as_bytes());
        let name = name.to_owned();
        let sign = move |text: &str| NoteSignature {
            key_id: checkpoint::key_id(&name, public.as_bytes()),
            signature: key.sign(text.as_bytes()).to_vec(),
            name: name.clone(),
        };
        (line.parse().unwrap(), sign)
    }

    fn package_at(signed_at: Timestamp) -> Vec<u8> {
        let (public, sign) = key("sonae/ours");
        pack(about(), &files(), public, signed_at, sign).unwrap()
    }

    fn package() -> Vec<u8> {
        package_at(Timestamp::UNIX_EPOCH)
    }

    fn said(bytes: &[u8]) -> String {
        let opened = Sealed::read(bytes).and_then(|sealed| sealed.open());
        opened.map_or_else(|error| error.to_string(), |_| "opened".to_owned())
    }

    #[test]
    fn what_was_packed_is_read() {
        let bytes = package();
        let sealed = Sealed::read(&bytes).unwrap();
        assert_eq!(sealed.seal.signed_at, Timestamp::UNIX_EPOCH);
        let package = sealed.open().unwrap();
        assert_eq!(package.manifest.about, about());
        assert_eq!(package.file("form.json"), Some(&b"{}"[..]));
        assert_eq!(package.file("form.pdf"), None);
        assert_eq!(*package.files(), files());
    }

    #[test]
    fn only_its_own_key_seals() {
        let ((public, _), (_, sign)) = (key("sonae/ours"), key("sonae/them"));
        let packed = pack(about(), &files(), public, Timestamp::UNIX_EPOCH, sign);
        assert!(matches!(packed, Err(PackageError::Signature)));
    }

    #[test]
    fn only_the_seal_tells_when() {
        let at = |second| package_at(Timestamp::from_second(second).unwrap());
        let (one, other) = (at(5), at(6));
        assert_eq!(one, at(5));
        assert_ne!(one, other);
        let before = |bytes| archive::split_comment(bytes).unwrap().0;
        assert_eq!(before(&one), before(&other));
    }

    /// Whatever a reader of ZIPs makes of it.
    #[test]
    fn every_byte_counts() {
        let package = package();
        for at in 0..package.len() {
            let mut changed = package.clone();
            changed[at] ^= 1 << (at % 8);
            assert_ne!(said(&changed), "opened", "byte {at}");
            assert_ne!(said(&package[..at]), "opened", "cut off at {at}");
            assert_ne!(said(&package[at + 1..]), "opened", "begun at {at}");
            let mut more = package.clone();
            more.insert(at, b'0');
            assert_ne!(said(&more), "opened", "a byte more at {at}");
        }
    }

    #[test]
    fn the_seal_has_one_form_and_one_key() {
        let check = |from: &str, to: &str, expected: &str| {
            let package = package();
            let (before, note) = archive::split_comment(&package).unwrap();
            let note = std::str::from_utf8(note).unwrap();
            let changed = note.replacen(from, to, 1);
            let mut bytes = [before, changed.as_bytes()].concat();
            let length = before.len() - 2;
            bytes[length..][..2].copy_from_slice(&(changed.len() as u16).to_le_bytes());
            assert_eq!(said(&bytes), expected, "{changed}");
        };
        let none = "it has no seal";
        let signature = "the signature of the seal does not fit";
        check("", "", "opened");
        check("package/1", "package/2", none);
        check("00:00Z", "00:00.0Z", none);
        check("00:00Z", "00:01Z", signature);
        check("\n\n", "\nmore\n\n", none);
        check("\n\n", "\n", none);
        check("\u{2014} sonae/ours", "\u{2014} sonae/them", signature);
        check("sonae/ours+", "sonae/them+", none);
        check("\u{2014}", "\u{2014} sonae/ours AQIDBAkJ\n\u{2014}", none);
    }

    type Files<'a> = Vec<(&'a str, Vec<u8>)>;

    /// Whoever has a key can seal what [`pack`] does not make.
    fn sealed_anew(files: &[(&str, Vec<u8>)], name: &str) -> Vec<u8> {
        let files = || files.iter().map(|(path, bytes)| (*path, bytes.as_slice()));
        let (public, sign) = key(name);
        let mut seal = Seal {
            key: public,
            sha256: hash(b""),
            signed_at: Timestamp::UNIX_EPOCH,
        };
        let blank = seal.blank_note();
        let bytes = archive::write(files(), &blank).unwrap();
        let (before, _) = archive::split_comment(&bytes).unwrap();
        seal.sha256 = hash(before);
        let note = seal.note(&sign(&seal.text()));
        [before, note.as_bytes()].concat()
    }

    #[test]
    fn what_differs_from_the_manifest_is_named() {
        let bytes = package();
        let check = |change: &dyn Fn(&mut Files<'_>), name: &str, expected: &str| {
            let files = archive::read(&bytes).unwrap();
            let mut files: Vec<_> = files
                .iter()
                .map(|(path, bytes)| (path.as_str(), bytes.clone()))
                .collect();
            change(&mut files);
            assert_eq!(said(&sealed_anew(&files, name)), expected);
        };
        let ours = "sonae/ours";
        let not_so = |path: &str| format!("file `{path}` is not as the manifest says");
        let (form, original) = (not_so("form.json"), not_so("originals/1.pdf"));
        let nowhere = "there is no manifest where it belongs";
        check(&|_| (), ours, "opened");
        check(
            &|_| (),
            "sonae/them",
            "the seal is not that of the institution",
        );
        check(&|files| files[1].1.push(b' '), ours, &form);
        check(&|files| files[1].0 = "fork.json", ours, &form);
        check(&|files| drop(files.pop()), ours, &original);
        check(&|files| drop(files.remove(1)), ours, &form);
        check(&|files| files.swap(1, 2), ours, &form);
        check(
            &|files| files.push(("z.txt", Vec::new())),
            ours,
            &not_so("z.txt"),
        );
        check(&|files| files.swap(0, 1), ours, nowhere);
        check(&|files| files.clear(), ours, nowhere);
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
            "there is no manifest where it belongs",
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
