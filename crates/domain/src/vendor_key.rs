//! The key by which an institution knows a vendor: the first one seen, trusted once a person has compared
//! its fingerprint, and another one only after a person did so again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::register::Record;
use crate::signed::PublicKey;

/// The key of a vendor (事業者の鍵); the record has the vendor's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorKey {
    /// The first one that came, or the one that a person confirmed last.
    pub key: PublicKey,
    /// Who compared the fingerprint, and when; none trusts it yet.
    pub confirmed: Option<Confirmed>,
    /// Another key, with which something came that was set aside.
    pub offered: Option<PublicKey>,
}

/// That a person compared a fingerprint with the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How far a key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyTrust {
    /// A person compared its fingerprint.
    Confirmed,
    /// It is the first one that came; nobody compared it.
    Unconfirmed,
    /// The vendor is known by another one.
    Other,
}

impl VendorKey {
    /// The first key that came from a vendor.
    pub fn first(key: PublicKey) -> Self {
        Self {
            key,
            confirmed: None,
            offered: None,
        }
    }

    /// How far a key is known.
    pub fn trust(&self, key: &PublicKey) -> KeyTrust {
        match &self.confirmed {
            _ if self.key != *key => KeyTrust::Other,
            Some(_) => KeyTrust::Confirmed,
            None => KeyTrust::Unconfirmed,
        }
    }

    /// The same once a person confirmed the key of a fingerprint: the known one or the one offered. None
    /// if it is neither, since then they compared something else than what is here.
    pub fn confirm(&self, fingerprint: &str, confirmed: Confirmed) -> Option<Self> {
        let keys = [Some(&self.key), self.offered.as_ref()];
        let mut keys = keys.into_iter().flatten();
        let key = keys.find(|key| key.fingerprint() == fingerprint)?;
        Some(Self {
            key: key.clone(),
            confirmed: Some(confirmed),
            offered: self.offered.clone().filter(|offered| offered != key),
        })
    }
}

impl Record for VendorKey {
    const KIND: &'static str = "vendor_key";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::Signer;

    fn key(seed: u8) -> PublicKey {
        let signer = Signer::new("青葉システム", &[seed; 32]).unwrap();
        signer.public()
    }

    fn confirmed() -> Confirmed {
        Confirmed {
            by: "備え 花子".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_key_is_trusted_once_a_person_compared_its_fingerprint() {
        let first = VendorKey::first(key(1));
        assert_eq!(first.trust(&key(1)), KeyTrust::Unconfirmed);
        assert_eq!(first.trust(&key(2)), KeyTrust::Other);
        let known = first.confirm(&key(1).fingerprint(), confirmed()).unwrap();
        assert_eq!(known.trust(&key(1)), KeyTrust::Confirmed);
        assert_eq!(first.confirm(&key(2).fingerprint(), confirmed()), None);
    }

    #[test]
    fn another_key_takes_its_place_when_a_person_says_so() {
        let mut known = VendorKey::first(key(1));
        known.offered = Some(key(2));
        let changed = known.confirm(&key(2).fingerprint(), confirmed()).unwrap();
        assert_eq!(changed.trust(&key(2)), KeyTrust::Confirmed);
        assert_eq!(changed.trust(&key(1)), KeyTrust::Other);
        assert_eq!(changed.offered, None);
        let kept = known.confirm(&key(1).fingerprint(), confirmed()).unwrap();
        assert_eq!(kept.offered, Some(key(2)));
    }
}
