//! Keys of vendors as an institution knows them: the first one is kept when it comes, another one is set
//! aside, and none is trusted before a person has compared its fingerprint with the vendor.

use sonae_domain::ids::RecordId;
use sonae_domain::signed::PublicKey;
use sonae_domain::vendor::AttemptRefused;
use sonae_domain::vendor_key::{Confirmed, KeyTrust, VendorKey};

use super::failure::Failure;
use super::labels;
use super::registers::{Kept, Seen};
use super::vendor_requests::unchanged_meanwhile;
use super::workspace::Workspace;

impl Workspace {
    /// The key by which a vendor is known, if anything signed ever came from it.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn vendor_key(
        &self,
        vendor: &RecordId,
    ) -> Result<Option<Kept<VendorKey>>, Failure> {
        let mut keys = self.kept::<VendorKey>().await?.into_iter();
        Ok(keys.find(|key| key.id == *vendor))
    }

    /// Meets the key that signed something: keeps the first one, and sets another one aside.
    ///
    /// # Errors
    /// Somebody was faster, or the store fails.
    pub(super) async fn meet_key(
        &self,
        vendor: &RecordId,
        key: &PublicKey,
        by: &str,
    ) -> Result<Option<AttemptRefused>, Failure> {
        let Some(known) = self.vendor_key(vendor).await? else {
            let seen = seen(vendor, None);
            let saved = self.keep(&seen, &VendorKey::first(key.clone()), by).await?;
            return unchanged_meanwhile(saved).map(|()| None);
        };
        if known.body.trust(key) != KeyTrust::Other {
            return Ok(None);
        }
        let offered = VendorKey {
            offered: Some(key.clone()),
            ..known.body
        };
        let seen = seen(vendor, Some(known.version));
        unchanged_meanwhile(self.keep(&seen, &offered, by).await?)?;
        Ok(Some(AttemptRefused::OtherKey))
    }

    /// Trusts a key, as a person says who compared its fingerprint with the vendor.
    ///
    /// # Errors
    /// No key of this fingerprint came from the vendor, somebody was faster, or the store fails.
    pub(crate) async fn confirm_key(
        &self,
        vendor: &RecordId,
        fingerprint: &str,
        by: &str,
    ) -> Result<(), Failure> {
        let not_there = || Failure::not_found(labels::not_there());
        let known = self.vendor_key(vendor).await?.ok_or_else(not_there)?;
        let confirmed = Confirmed {
            by: by.to_owned(),
            at: self.now,
        };
        let trusted = known.body.confirm(fingerprint, confirmed);
        let trusted = trusted.ok_or_else(|| Failure::refused(labels::key_gone()))?;
        let seen = seen(vendor, Some(known.version));
        unchanged_meanwhile(self.keep(&seen, &trusted, by).await?)
    }
}

fn seen(vendor: &RecordId, version: Option<i64>) -> Seen {
    Seen {
        id: vendor.clone(),
        version,
    }
}
