//! A person names themselves anew: told for the installation, and in each institution that knew them
//! by the name before, all in one transaction. No statement of its own is here.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::ids::AccountId;

use crate::backend::ALL_INSTITUTIONS;
use crate::error::StoreError;
use crate::people::AccountChange;
use crate::sql::Tx;
use crate::{accounts, grants};

/// In a transaction that was begun for the installation.
pub(crate) async fn record(
    tx: &mut Tx,
    id: &AccountId,
    name: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let before = accounts::find(tx, id).await?;
    let before = before.ok_or(StoreError::NotThere { doing: tx.doing })?;
    if before.name == name {
        return Ok(());
    }
    let renamed = AccountChange::Name(name.to_owned());
    accounts::change(tx, id, &renamed, &before.name, at).await?;
    tx.enter(ALL_INSTITUTIONS).await?;
    let grants = grants::list_of(tx, id).await?;
    // In the order of their ids, so that two who rename themselves never wait for each other.
    let institutions: BTreeSet<_> = grants.into_iter().map(|(of, _)| of).collect();
    for institution in institutions {
        tx.enter_to_write(institution.as_str()).await?;
        let detail = json!({
            "login": before.login,
            "name": { "after": name, "before": before.name },
        });
        accounts::changed(tx, "account.rename", id, detail, &before.name, at).await?;
    }
    Ok(())
}
