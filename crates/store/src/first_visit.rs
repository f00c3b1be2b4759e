//! The first visit: the one call that writes for the installation and for an institution in
//! the same transaction, so that nobody ever finds half a set-up. No statement of its own is here.

use crate::error::StoreError;
use crate::sql::Tx;
use crate::store::{FirstVisit, Saved};
use crate::{accounts, grants, institutions, records};

/// In a transaction that was begun for the installation.
pub(crate) async fn record(tx: &mut Tx, first: &FirstVisit) -> Result<(), StoreError> {
    let already = StoreError::AlreadyThere { doing: tx.doing };
    if !accounts::list(tx).await?.is_empty() {
        return Err(already);
    }
    let (institution, grant) = (&first.institution, &first.grant);
    let (by, at) = (&grant.granted_by, grant.granted_at);
    accounts::insert(tx, &first.account, by, at).await?;
    tx.enter_to_write(institution.id.as_str()).await?;
    match institutions::find(tx, &institution.id).await? {
        Some(_) => institutions::update(tx, institution, by, at).await?,
        None => institutions::insert(tx, institution, by, at).await?,
    }
    for change in &first.records {
        let saved = records::save(tx, &institution.id, change, by, at).await?;
        if matches!(saved, Saved::Conflict(_)) {
            return Err(already);
        }
    }
    grants::insert(tx, &institution.id, grant).await
}
