//! A checkpoint of a history, in the forms in which it leaves the program.
//!
//! The text of C2SP `tlog-checkpoint`, a `signed-note` around it, and a short code that a person can type.
//! Keys and signing are not known here; a verifier is handed in.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::merkle::Hash;
use crate::signs::{SIGNS, in_fours};

/// How a line of a signature begins: an em dash and a space.
const SIGNATURE: &str = "\u{2014} ";

/// What `signed-note` calls Ed25519.
const ED25519: u8 = 1;

/// Nobody finds another tree with 80 bits the same before the building is torn down.
const SHORT_BYTES: usize = 10;

/// A history at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose history it is; no spaces and no plus sign.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// Of the tree over them.
    pub root: Hash,
}

/// A checkpoint with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// In the order of the note; one at least.
    pub signatures: Vec<NoteSignature>,
}

/// A signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Of the key.
    pub name: String,
    /// See [`key_id`].
    pub key_id: [u8; 4],
    /// As the algorithm makes it.
    pub signature: Vec<u8>,
}

/// Size and the first bits of the root: `128-3K9D-0FMP-1WXT-ABCD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortCode {
    /// How many entries the history had.
    pub size: u64,
    /// How its root began.
    pub root_start: [u8; SHORT_BYTES],
}

/// Neither a signed checkpoint nor a short code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint")]
pub struct NotACheckpoint;

/// What tells keys of the same name apart.
pub fn key_id(name: &str, public_key: &[u8; 32]) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(public_key);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
    [a, b, c, d]
}

/// The public key as other programs that read signed notes take it.
pub fn verifier_key(name: &str, public_key: &[u8; 32]) -> String {
    let id = hex::encode(key_id(name, public_key));
    let key = [&[ED25519], &public_key[..]].concat();
    format!("{name}+{id}+{}", STANDARD.encode(key))
}

impl Checkpoint {
    /// What is signed.
    pub fn text(&self) -> String {
        let root = STANDARD.encode(self.root);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Its short code.
    pub fn short_code(&self) -> ShortCode {
        let mut root_start = [0; SHORT_BYTES];
        root_start.copy_from_slice(&self.root[..SHORT_BYTES]);
        ShortCode {
            size: self.size,
            root_start,
        }
    }

    /// The signed note.
    pub fn note(&self, signature: &NoteSignature) -> String {
        format!("{}\n{signature}\n", self.text())
    }
}

impl FromStr for Checkpoint {
    type Err = NotACheckpoint;

    /// Lines behind the third are for others to define, and are no part of what we know.
    fn from_str(text: &str) -> Result<Self, NotACheckpoint> {
        let mut lines = text.lines();
        let mut line = || lines.next().filter(|line| !line.is_empty());
        let (Some(origin), Some(size), Some(root)) = (line(), line(), line()) else {
            return Err(NotACheckpoint);
        };
        let root = STANDARD.decode(root).map_err(|_| NotACheckpoint)?;
        Ok(Self {
            origin: origin.to_owned(),
            size: number(size)?,
            root: root.try_into().map_err(|_| NotACheckpoint)?,
        })
    }
}

impl SignedCheckpoint {
    /// Whether a key of this id made one of the signatures, as `is_signature` finds.
    pub fn is_signed_by(
        &self,
        key_id: [u8; 4],
        is_signature: impl Fn(&[u8], &[u8]) -> bool,
    ) -> bool {
        let text = self.checkpoint.text();
        let mut of_key = self.signatures.iter().filter(|s| s.key_id == key_id);
        of_key.any(|s| {
            s.name == self.checkpoint.origin && is_signature(text.as_bytes(), &s.signature)
        })
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NotACheckpoint;

    /// What we sign has three lines; a note that says more is not ours, since its text would be
    /// another than the one that is checked.
    fn from_str(note: &str) -> Result<Self, NotACheckpoint> {
        let note = note.replace("\r\n", "\n");
        let (text, signatures) = note.split_once("\n\n").ok_or(NotACheckpoint)?;
        let checkpoint: Checkpoint = text.parse()?;
        if checkpoint.text().trim_end() != text {
            return Err(NotACheckpoint);
        }
        let signatures = signatures
            .lines()
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()?;
        match signatures.is_empty() {
            true => Err(NotACheckpoint),
            false => Ok(Self {
                checkpoint,
                signatures,
            }),
        }
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = [&self.key_id[..], &self.signature].concat();
        write!(f, "{SIGNATURE}{} {}", self.name, STANDARD.encode(signed))
    }
}

impl FromStr for NoteSignature {
    type Err = NotACheckpoint;

    fn from_str(line: &str) -> Result<Self, NotACheckpoint> {
        let rest = line.strip_prefix(SIGNATURE).ok_or(NotACheckpoint)?;
        let (name, signed) = rest.split_once(' ').ok_or(NotACheckpoint)?;
        let signed = STANDARD.decode(signed).map_err(|_| NotACheckpoint)?;
        let (key_id, signature) = signed.split_first_chunk().ok_or(NotACheckpoint)?;
        Ok(Self {
            name: name.to_owned(),
            key_id: *key_id,
            signature: signature.to_vec(),
        })
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.size, in_fours(&self.root_start))
    }
}

impl FromStr for ShortCode {
    type Err = NotACheckpoint;

    /// Whichever width and case it was typed in.
    fn from_str(typed: &str) -> Result<Self, NotACheckpoint> {
        let plain: String = typed.nfkc().collect::<String>().to_uppercase();
        let (size, signs) = plain.trim().split_once(['-', ' ']).ok_or(NotACheckpoint)?;
        let mut bits = 0_u128;
        let mut n_signs = 0;
        for sign in signs.chars().filter(|sign| !matches!(sign, '-' | ' ')) {
            let meant = match sign {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = SIGNS.iter().position(|sign| char::from(*sign) == meant);
            bits = bits << 5 | value.ok_or(NotACheckpoint)? as u128;
            n_signs += 1;
        }
        if n_signs != SHORT_BYTES * 8 / 5 {
            return Err(NotACheckpoint);
        }
        let mut root_start = [0; SHORT_BYTES];
        root_start.copy_from_slice(&bits.to_be_bytes()[16 - SHORT_BYTES..]);
        Ok(Self {
            size: number(size)?,
            root_start,
        })
    }
}

/// Digits only, none in front that means nothing.
fn number(digits: &str) -> Result<u64, NotACheckpoint> {
    let plain = digits == "0" || !digits.starts_with(['0', '+']);
    let number = digits.parse().ok().filter(|_| plain);
    number.ok_or(NotACheckpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "sonae/0199".to_owned(),
            size: 128,
            root: std::array::from_fn(|n| n as u8 * 8 + 1),
        }
    }

    const NOTE: &str = "sonae/0199\n128\nAQkRGSEpMTlBSVFZYWlxeYGJkZmhqbG5wcnR2eHp8fk=\n\n\
                        \u{2014} sonae/0199 AQIDBAkJ\n";

    #[test]
    fn a_note_is_written_and_read() {
        let signature = NoteSignature {
            name: "sonae/0199".to_owned(),
            key_id: [1, 2, 3, 4],
            signature: vec![9, 9],
        };
        assert_eq!(checkpoint().note(&signature), NOTE);
        let read: SignedCheckpoint = NOTE.parse().unwrap();
        assert_eq!(read.checkpoint, checkpoint());
        let by = |id, good| {
            read.is_signed_by(id, |text, _| good && text == checkpoint().text().as_bytes())
        };
        assert!(by([1, 2, 3, 4], true));
        assert!(!by([1, 2, 3, 4], false));
        assert!(!by([1, 2, 3, 5], true));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let check = |from: &str, to: &str, is_read: bool| {
            let note = NOTE.replacen(from, to, 1);
            assert_eq!(note.parse::<SignedCheckpoint>().is_ok(), is_read, "{note}");
        };
        check("", "", true);
        check("\n", "\r\n", true);
        check("128", "0128", false);
        check("128", "-1", false);
        check("AQkR", "AQk", false);
        check("\n\n", "\nmore\n\n", false);
        check("\u{2014}", "-", false);
        check("AQIDBAkJ", "AQ==", false);
        assert_eq!("".parse::<SignedCheckpoint>(), Err(NotACheckpoint));
        let all = NOTE.replace('\n', "\r\n");
        assert!(
            all.parse::<SignedCheckpoint>().is_ok(),
            "a file from Windows"
        );
    }

    #[test]
    fn a_short_code_may_be_typed_in_any_way() {
        let code = checkpoint().short_code();
        assert_eq!(code.to_string(), "128-044H-2691-54RK-JGA9");
        let check = |typed: &str, same: bool| {
            assert_eq!(typed.parse() == Ok(code.clone()), same, "{typed}");
        };
        check("128-044H-2691-54RK-JGA9", true);
        check(" 128 o44h2691 54rkjga9 ", true);
        check("１２８－０４４Ｈ－２６９１－５４ＲＫ－ＪＧＡ９", true);
        check("129-044H-2691-54RK-JGA9", false);
        check("128-044H-2691-54RK-JGAX", false);
        check("128-044H-2691-54RK-JGA", false);
        check("128-044H-2691-54RK-JGA9-0", false);
        check("128-044H-2691-54RK-JGAU", false);
        check("044H-2691-54RK-JGA9", false);
        check("128", false);
    }

    /// The key of the example in Go's package `note`.
    #[test]
    fn a_key_has_the_id_that_others_give_it() {
        let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let (_, key) = known.rsplit_once('+').unwrap();
        let key = STANDARD.decode(key).unwrap();
        let (_, key) = key.split_first_chunk::<1>().unwrap();
        assert_eq!(verifier_key("PeterNeumann", key.try_into().unwrap()), known);
    }
}
