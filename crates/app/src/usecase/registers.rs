//! What people keep by hand about their institution, each kind in its own register: read, changed
//! by whoever saw the latest version, taken away.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sonae_domain::disclosure::DisclosureStatement;
use sonae_domain::ids::RecordId;
use sonae_domain::register::{Contract, Record, System, Vendor};
use sonae_domain::vendor::VendorRequest;
pub(crate) use sonae_store::Saved;
use sonae_store::{RecordChange, RecordVersion, new_id};

use super::basis::body_of;
use super::failure::Failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

/// A record as it stands, with its origin.
#[derive(Debug, Clone)]
pub(crate) struct Kept<R> {
    pub(crate) id: RecordId,
    /// Counts from 1.
    pub(crate) version: i64,
    pub(crate) body: R,
    pub(crate) changed_by: String,
    pub(crate) changed_at: Timestamp,
}

/// Which record a person changes, and the version that they saw.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) id: RecordId,
    /// None for a new one.
    pub(crate) version: Option<i64>,
}

impl Workspace {
    /// The records of a kind.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn kept<R: Record>(&self) -> Result<Vec<Kept<R>>, Failure> {
        let institution = &self.institution.id;
        let records = self.store.records_as_of(institution, R::KIND, self.as_of);
        let records = records.await.map_err(store_failure)?;
        records.iter().map(understood).collect()
    }

    /// What the records of a kind say, by id.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn kept_by_id<R: Record>(&self) -> Result<BTreeMap<RecordId, R>, Failure> {
        let kept = self.kept::<R>().await?.into_iter();
        Ok(kept.map(|kept| (kept.id, kept.body)).collect())
    }

    /// One record.
    ///
    /// # Errors
    /// There is none of this id, or the store fails.
    pub(crate) async fn kept_one<R: Record>(&self, id: &RecordId) -> Result<Kept<R>, Failure> {
        let institution = &self.institution.id;
        let record = self.store.record(institution, R::KIND, id).await;
        match record.map_err(store_failure)? {
            Some(record) => understood(&record),
            None => Err(Failure::not_found(labels::not_there())),
        }
    }

    /// Every version of a record, the latest first.
    ///
    /// # Errors
    /// There never was one of this id, or the store fails.
    pub(crate) async fn kept_history<R: Record>(
        &self,
        id: &RecordId,
    ) -> Result<Vec<Kept<R>>, Failure> {
        let institution = &self.institution.id;
        let history = self.store.record_history(institution, R::KIND, id).await;
        let history = history.map_err(store_failure)?;
        if history.is_empty() {
            return Err(Failure::not_found(labels::not_there()));
        }
        history.iter().rev().map(understood).collect()
    }

    /// The id of a record that is about to be made.
    pub(crate) fn new_record(&self) -> Seen {
        Seen {
            id: RecordId::new(new_id(self.now)),
            version: None,
        }
    }

    /// Keeps a new state of a record, unless somebody was faster.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn keep<R: Record>(
        &self,
        seen: &Seen,
        body: &R,
        by: &str,
    ) -> Result<Saved<Kept<R>>, Failure> {
        self.change(seen, body, false, by).await
    }

    /// Takes a record away, unless somebody changed it meanwhile. Its history stays.
    ///
    /// # Errors
    /// There is none of this id, or the store fails.
    pub(crate) async fn take_away<R: Record>(
        &self,
        seen: &Seen,
        by: &str,
    ) -> Result<Saved<Kept<R>>, Failure> {
        let current = self.kept_one::<R>(&seen.id).await?;
        self.change(seen, &current.body, true, by).await
    }

    async fn change<R: Record>(
        &self,
        seen: &Seen,
        body: &R,
        removed: bool,
        by: &str,
    ) -> Result<Saved<Kept<R>>, Failure> {
        let change = record_change(seen, body, removed)?;
        self.keep_all(&[change], by).await
    }

    /// Keeps new states of records of a kind, all or none; the first about which somebody was faster
    /// is the conflict.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn keep_all<R: Record>(
        &self,
        changes: &[RecordChange],
        by: &str,
    ) -> Result<Saved<Kept<R>>, Failure> {
        let institution = &self.institution.id;
        let saved = self
            .store
            .save_records(institution, changes, by, self.now)
            .await;
        Ok(match saved.map_err(store_failure)? {
            Saved::Done => Saved::Done,
            Saved::Same => Saved::Same,
            Saved::Conflict(theirs) => Saved::Conflict(understood(&theirs)?),
        })
    }

    /// Takes a vendor away that nothing refers to.
    ///
    /// # Errors
    /// A system, contract, statement, request or publication names it, there is none of this id, or the store
    /// fails.
    pub(crate) async fn take_vendor_away(
        &self,
        seen: &Seen,
        by: &str,
    ) -> Result<Saved<Kept<Vendor>>, Failure> {
        let systems = self.kept::<System>().await?;
        let contracts = self.kept::<Contract>().await?;
        let requests = self.kept::<VendorRequest>().await?;
        let statements = self.kept::<DisclosureStatement>().await?;
        let named = systems
            .iter()
            .any(|system| system.body.vendor.as_ref() == Some(&seen.id))
            || contracts
                .iter()
                .any(|contract| contract.body.vendor == seen.id)
            || requests
                .iter()
                .any(|request| request.body.vendor == seen.id)
            || statements
                .iter()
                .any(|statement| statement.body.vendor == seen.id)
            || !self.publications_of(&seen.id).await?.is_empty();
        match named {
            true => Err(Failure::refused(labels::vendor_in_use())),
            false => self.take_away(seen, by).await,
        }
    }
}

/// A new state of a record as the store keeps it.
///
/// # Errors
/// It cannot be written down.
pub(super) fn record_change<R: Record>(
    seen: &Seen,
    body: &R,
    removed: bool,
) -> Result<RecordChange, Failure> {
    let body = serde_json::to_string(body);
    let failed = |source| Failure::unexpected(labels::record_unreadable()).because(source);
    Ok(RecordChange {
        kind: R::KIND,
        id: seen.id.clone(),
        seen: seen.version,
        body: body.map_err(failed)?,
        removed,
    })
}

fn understood<R: Record>(record: &RecordVersion) -> Result<Kept<R>, Failure> {
    Ok(Kept {
        id: record.id.clone(),
        version: record.version,
        body: body_of(record)?,
        changed_by: record.changed_by.clone(),
        changed_at: record.changed_at,
    })
}
