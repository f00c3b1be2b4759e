//! What people keep by hand about an institution, as its types.

use sonae_domain::ids::RecordId;
use sonae_domain::register::Record;

use super::failure::Failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

impl Workspace {
    /// All records of a kind, by id.
    ///
    /// # Errors
    /// The store fails, or what it keeps is no such record.
    pub(crate) async fn kept<T: Record>(&self) -> Result<Vec<(RecordId, T)>, Failure> {
        let versions = self
            .store
            .records(&self.institution.id, T::KIND)
            .await
            .map_err(store_failure)?;
        let record = |version: sonae_store::RecordVersion| {
            let record = serde_json::from_str(&version.body).map_err(|source| {
                Failure::unusable(labels::record_unreadable(T::KIND)).because(source)
            })?;
            Ok((version.id, record))
        };
        versions.into_iter().map(record).collect()
    }
}
