//! Files that travel between houses, signed by who wrote them.
//!
//! A C2SP `signed-note` of three lines and one signature: for what the file is, the key that signed it, and
//! the body. Whether anybody trusts that key is not known here.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::checkpoint::{NoteSignature, key_id, verifier_key};
use crate::signs::in_fours;

/// How the first line of every signed file begins; the purpose stands behind it. No checkpoint does so.
const FIRST_LINE: &str = "sonae-signed-file/1 ";

/// What `signed-note` calls Ed25519.
const ED25519: u8 = 1;

/// How a private key in one line begins, as Go's package `note` writes it.
const PRIVATE: &str = "PRIVATE+KEY+";

/// The name of a company with its department; more is no name.
const NAME_CHARS_MAX: usize = 100;

/// Nobody makes a second key with 120 bits the same; it is read out in half a minute.
const FINGERPRINT_BYTES: usize = 15;

/// For what a file was signed. A file that was signed for one is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A vendor answers one request of one institution.
    VendorAnswer,
    /// A vendor answers for a product and version, once for all its customers.
    VendorPublication,
    /// What an inspector found (指摘).
    InspectorRemarks,
}

impl Purpose {
    /// As it stands in the first line of a file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::VendorAnswer => "vendor-answer",
            Self::VendorPublication => "vendor-publication",
            Self::InspectorRemarks => "inspector-remarks",
        }
    }
}

/// The public half of a key under the name that its holder gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublicKey {
    name: String,
    /// Always a point of the curve.
    key: [u8; 32],
}

/// Whoever signs: a private key under a name. It has no `Debug`, so that no log ever tells it.
pub struct Signer {
    name: String,
    key: SigningKey,
}

/// A file that its signer signed, read and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFile {
    /// Who signed. That the name is true is not said.
    pub signer: PublicKey,
    /// What was signed; one line, mostly JSON.
    pub body: String,
}

/// Why a file was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// Nobody signed it: it does not even begin like a signed file.
    #[error("not a signed file")]
    NotSigned,
    /// Signed, but for something else.
    #[error("signed for another purpose")]
    OtherPurpose,
    /// It begins like a signed file, and is none: cut off, or written by another program.
    #[error("a signed file that is damaged")]
    Damaged,
    /// The text is not the one that the key signed.
    #[error("the signature does not fit")]
    BadSignature,
}

/// A name under which no key can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key's name has no blanks, no plus sign and nothing invisible")]
pub struct NotAName;

/// Not a key in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key")]
pub struct NotAKey;

/// The body stands in one line of a note; JSON can always be written so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is to be signed is not one line of text")]
pub struct NotOneLine;

/// Opens a file that was signed for a purpose.
///
/// # Errors
/// It was not, or what stands in it is not what was signed.
pub fn open(purpose: Purpose, bytes: &[u8]) -> Result<SignedFile, NotOpened> {
    if !bytes.starts_with(FIRST_LINE.as_bytes()) {
        return Err(NotOpened::NotSigned);
    }
    let note = str::from_utf8(bytes).map_err(|_| NotOpened::Damaged)?;
    let [first, signer, body, "", signature, ""] = note.split('\n').collect::<Vec<_>>()[..] else {
        return Err(NotOpened::Damaged);
    };
    if first.strip_prefix(FIRST_LINE) != Some(purpose.word()) {
        return Err(NotOpened::OtherPurpose);
    }
    let signer: PublicKey = signer.parse().map_err(|_| NotOpened::Damaged)?;
    let signature: NoteSignature = signature.parse().map_err(|_| NotOpened::Damaged)?;
    match signer.has_signed(&text_of(purpose, &signer, body), &signature) {
        true => Ok(SignedFile {
            body: body.to_owned(),
            signer,
        }),
        false => Err(NotOpened::BadSignature),
    }
}

/// Whether bytes say that they are a signed file, of whatever purpose.
pub fn is_signed(bytes: &[u8]) -> bool {
    bytes.starts_with(FIRST_LINE.as_bytes())
}

fn text_of(purpose: Purpose, signer: &PublicKey, body: &str) -> String {
    format!("{FIRST_LINE}{}\n{signer}\n{body}\n", purpose.word())
}

impl Signer {
    /// A key under a name, from 32 bytes of chance.
    ///
    /// # Errors
    /// No key can have the name.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NotAName> {
        Ok(Self {
            name: checked_name(name)?,
            key: SigningKey::from_bytes(seed),
        })
    }

    /// What others check its files with.
    pub fn public(&self) -> PublicKey {
        PublicKey {
            name: self.name.clone(),
            key: self.key.verifying_key().to_bytes(),
        }
    }

    /// Signs a body for a purpose: the whole file.
    ///
    /// # Errors
    /// The body is not one line.
    pub fn sign(&self, purpose: Purpose, body: &str) -> Result<String, NotOneLine> {
        if body.is_empty() || body.contains(char::is_control) {
            return Err(NotOneLine);
        }
        let signer = self.public();
        let text = text_of(purpose, &signer, body);
        let signature = NoteSignature {
            key_id: signer.id(),
            signature: self.key.sign(text.as_bytes()).to_vec(),
            name: signer.name,
        };
        Ok(format!("{text}\n{signature}\n"))
    }

    /// The private key in one line, to be kept where nobody else reads.
    pub fn private_key(&self) -> String {
        let id = hex::encode(self.public().id());
        let key = [&[ED25519], &self.key.to_bytes()[..]].concat();
        format!("{PRIVATE}{}+{id}+{}", self.name, STANDARD.encode(key))
    }
}

impl FromStr for Signer {
    type Err = NotAKey;

    fn from_str(line: &str) -> Result<Self, NotAKey> {
        let (name, id, seed) = parts(line.strip_prefix(PRIVATE).ok_or(NotAKey)?)?;
        let signer = Self::new(name, &seed).map_err(|_| NotAKey)?;
        match hex::encode(signer.public().id()) == id {
            true => Ok(signer),
            false => Err(NotAKey),
        }
    }
}

impl PublicKey {
    /// The name that its holder gave it. Whoever trusts the key has compared the fingerprint, not the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What both sides read to each other before one trusts the other: six groups of four signs.
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key);
        let hash: [u8; 32] = hash.finalize().into();
        in_fours(&hash[..FINGERPRINT_BYTES])
    }

    fn id(&self) -> [u8; 4] {
        key_id(&self.name, &self.key)
    }

    /// Whether a signature of a note is this key's, over this text.
    pub fn has_signed(&self, text: &str, by: &NoteSignature) -> bool {
        let key = VerifyingKey::from_bytes(&self.key);
        let signature = Signature::from_slice(&by.signature);
        let (Ok(key), Ok(signature)) = (key, signature) else {
            return false;
        };
        by.name == self.name
            && by.key_id == self.id()
            && key.verify_strict(text.as_bytes(), &signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&verifier_key(&self.name, &self.key))
    }
}

impl FromStr for PublicKey {
    type Err = NotAKey;

    fn from_str(line: &str) -> Result<Self, NotAKey> {
        let (name, _, key) = parts(line)?;
        let key = Self {
            name: checked_name(name).map_err(|_| NotAKey)?,
            key: VerifyingKey::from_bytes(&key)
                .map_err(|_| NotAKey)?
                .to_bytes(),
        };
        // There is one way to write a key, so that two keys are the same when their lines are.
        match key.to_string() == line {
            true => Ok(key),
            false => Err(NotAKey),
        }
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for PublicKey {
    type Error = NotAKey;

    fn try_from(line: String) -> Result<Self, NotAKey> {
        line.parse()
    }
}

/// Name, id and 32 bytes of a key in one line.
fn parts(line: &str) -> Result<(&str, &str, [u8; 32]), NotAKey> {
    let mut parts = line.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NotAKey);
    };
    let key = STANDARD.decode(key).map_err(|_| NotAKey)?;
    match key.split_first() {
        Some((&ED25519, key)) => Ok((name, id, key.try_into().map_err(|_| NotAKey)?)),
        _ => Err(NotAKey),
    }
}

fn checked_name(name: &str) -> Result<String, NotAName> {
    let is_odd = |c: char| c == '+' || c.is_whitespace() || is_unseen(c);
    match name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(is_odd) {
        true => Err(NotAName),
        false => Ok(name.to_owned()),
    }
}

/// With these a name looks like another one on a page.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new("青葉システム", &[7; 32]).unwrap()
    }

    fn file() -> String {
        let signed = signer().sign(Purpose::VendorAnswer, r#"{"n":1}"#);
        signed.unwrap()
    }

    #[test]
    fn what_was_signed_is_opened() {
        let opened = open(Purpose::VendorAnswer, file().as_bytes()).unwrap();
        assert_eq!(opened.body, r#"{"n":1}"#);
        assert_eq!(opened.signer, signer().public());
        assert!(is_signed(file().as_bytes()));
        assert!(!is_signed(b"{}"));
    }

    #[test]
    fn what_was_not_signed_so_is_refused() {
        use NotOpened::{BadSignature, Damaged, NotSigned, OtherPurpose};
        let check = |from: &str, to: &str, why| {
            let file = file().replacen(from, to, 1);
            assert_eq!(
                open(Purpose::VendorAnswer, file.as_bytes()),
                Err(why),
                "{file}"
            );
        };
        check("{\"n\":1}", "{\"n\":2}", BadSignature);
        check("{\"n\":1}", "", BadSignature);
        check("{\"n\":1}", "{\"n\":1}\n", Damaged);
        check("{\"n\":1}", "{\"n\":1}\r", BadSignature);
        check("vendor-answer", "vendor-publication", OtherPurpose);
        check("vendor-answer", "", OtherPurpose);
        check("sonae-signed-file/1", "sonae-signed-file/2", NotSigned);
        check("\u{2014}", "-", Damaged);
        check("青葉", "若葉", Damaged);
        check("\u{2014} 青葉", "\u{2014} 若葉", BadSignature);
        let other = Signer::new("青葉システム", &[8; 32]).unwrap().public();
        check(
            &signer().public().to_string(),
            &other.to_string(),
            BadSignature,
        );
        let twice = format!("{}{}\n", file(), file().lines().last().unwrap());
        check(&file(), &twice, Damaged);
        check(&file(), "", NotSigned);
    }

    /// Whatever is cut off or changed in one place, nothing is opened.
    #[test]
    fn no_cut_and_no_flipped_bit_is_opened() {
        let file = file().into_bytes();
        for n in 0..file.len() {
            let cut = &file[..n];
            assert!(open(Purpose::VendorAnswer, cut).is_err(), "cut at {n}");
            let mut flipped = file.clone();
            flipped[n] ^= 1 << (n % 8);
            let opened = open(Purpose::VendorAnswer, &flipped);
            assert!(opened.is_err(), "byte {n}");
        }
    }

    #[test]
    fn no_purpose_is_taken_for_another() {
        use Purpose::{InspectorRemarks, VendorAnswer, VendorPublication};
        for signed in [VendorAnswer, VendorPublication, InspectorRemarks] {
            let file = signer().sign(signed, "{}").unwrap();
            for wanted in [VendorAnswer, VendorPublication, InspectorRemarks] {
                let opened = open(wanted, file.as_bytes());
                assert_eq!(opened.is_ok(), signed == wanted, "{signed:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn a_body_is_one_line() {
        for body in ["", "a\nb", "a\n", "\u{0}", "a\u{85}"] {
            let signed = signer().sign(Purpose::VendorAnswer, body);
            assert_eq!(signed, Err(NotOneLine), "{body:?}");
        }
    }

    #[test]
    fn a_key_is_written_and_read() {
        let public = signer().public();
        assert_eq!(public.to_string().parse(), Ok(public.clone()));
        let read: Signer = signer().private_key().parse().unwrap();
        assert_eq!(read.private_key(), signer().private_key());
        let json = serde_json::to_string(&public).unwrap();
        assert_eq!(serde_json::from_str::<PublicKey>(&json).unwrap(), public);
        let check = |from: &str, to: &str| {
            let public = public.to_string().replacen(from, to, 1);
            assert_eq!(public.parse::<PublicKey>(), Err(NotAKey), "{public}");
            let private = signer().private_key().replacen(from, to, 1);
            assert!(private.parse::<Signer>().is_err(), "{private}");
        };
        check("青葉", "若葉");
        check("青葉", "青 葉");
        check("+", "");
        check("+A", "+B");
        check("A", "");
    }

    #[test]
    fn a_fingerprint_tells_keys_and_names_apart() {
        let check = |name, seed: u8, expected| {
            let signer = Signer::new(name, &[seed; 32]).unwrap();
            assert_eq!(signer.public().fingerprint(), expected, "{name} {seed}");
        };
        check("青葉システム", 7, "P0D0-81VQ-1K26-PHTP-QREF-DY2H");
        check("青葉システム", 8, "CHH1-CH4Z-X20P-5S4G-VQ7K-JGRG");
        check("青葉", 7, "81QV-16S9-VS6F-GEVY-WEH2-B9NA");
    }

    #[test]
    fn a_name_is_what_it_looks_like() {
        let check = |name: &str, good: bool| {
            assert_eq!(checked_name(name).is_ok(), good, "{name:?}");
        };
        check("青葉システム株式会社", true);
        check("Aoba_Systems", true);
        check("", false);
        check("Aoba Systems", false);
        check("青葉　システム", false);
        check("Aoba+", false);
        check("青葉\u{202e}", false);
        check("青\u{200b}葉", false);
        check("青葉\n", false);
        check(&"あ".repeat(100), true);
        check(&"あ".repeat(101), false);
    }
}
