//! What people keep by hand about an institution, as its types.

use sonae_domain::ids::RecordId;
use sonae_domain::register::Record;
use sonae_store::RecordVersion;

use super::basis::body_of;
use super::failure::Failure;
use super::workspace::{Workspace, store_failure};

impl Workspace {
    /// All records of a kind, by id.
    ///
    /// # Errors
    /// The store fails, or what it keeps is no such record.
    pub(crate) async fn kept<T: Record>(&self) -> Result<Vec<(RecordId, T)>, Failure> {
        let versions = self
            .store
            .records_as_of(&self.institution.id, T::KIND, self.as_of)
            .await
            .map_err(store_failure)?;
        let record = |version: RecordVersion| Ok((version.id.clone(), body_of(&version)?));
        versions.into_iter().map(record).collect()
    }
}
