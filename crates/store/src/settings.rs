//! Statements about what an institution has set: thresholds, and how its ledger names columns.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::ids::InstitutionId;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};

/// The values of keys that end so do not reach the journal.
const SECRET_ENDINGS: [&str; 2] = ["password", "secret"];

pub(crate) async fn save(
    tx: &mut Tx,
    institution: &InstitutionId,
    key: &str,
    value: Option<&str>,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let before = find(tx, institution, key).await?;
    if before.as_deref() == value {
        return Ok(());
    }
    match value {
        Some(value) => write(tx, institution, key, value, by, at).await?,
        None => remove(tx, institution, key).await?,
    }
    let secret = SECRET_ENDINGS.iter().any(|ending| key.ends_with(ending));
    let event = Event {
        action: "setting",
        subject: key,
        detail: match secret {
            true => json!({}),
            false => json!({ "after": value, "before": before }),
        },
        judged: true,
    };
    journal::add(tx, by, at, event).await
}

async fn write(
    tx: &mut Tx,
    institution: &InstitutionId,
    key: &str,
    value: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into settings (institution_id, key, value, saved_by, saved_at)
        values ($1, $2, $3, $4, $5)
        on conflict (institution_id, key) do update
        set value = excluded.value, saved_by = excluded.saved_by, saved_at = excluded.saved_at",
        institution.as_str(),
        key,
        value,
        by,
        at.as_millisecond(),
    )?;
    Ok(())
}

async fn remove(tx: &mut Tx, institution: &InstitutionId, key: &str) -> Result<(), StoreError> {
    execute!(
        tx,
        "delete from settings where institution_id = $1 and key = $2",
        institution.as_str(),
        key,
    )?;
    Ok(())
}

pub(crate) async fn find(
    tx: &mut Tx,
    institution: &InstitutionId,
    key: &str,
) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(
        tx,
        (String,),
        "select value from settings where institution_id = $1 and key = $2",
        institution.as_str(),
        key,
    )?;
    Ok(row.map(|(value,)| value))
}

pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
) -> Result<BTreeMap<String, String>, StoreError> {
    let rows = fetch_all!(
        tx,
        (String, String),
        "select key, value from settings where institution_id = $1 order by key",
        institution.as_str(),
    )?;
    Ok(rows.into_iter().collect())
}

pub(crate) async fn save_mapping(
    tx: &mut Tx,
    institution: &InstitutionId,
    fingerprint: &str,
    mapping: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    if self::mapping(tx, institution, fingerprint)
        .await?
        .as_deref()
        == Some(mapping)
    {
        return Ok(());
    }
    execute!(
        tx,
        "insert into column_mappings (institution_id, fingerprint, mapping, saved_by, saved_at)
        values ($1, $2, $3, $4, $5)
        on conflict (institution_id, fingerprint) do update
        set mapping = excluded.mapping, saved_by = excluded.saved_by, saved_at = excluded.saved_at",
        institution.as_str(),
        fingerprint,
        mapping,
        by,
        at.as_millisecond(),
    )?;
    let event = Event {
        action: "mapping",
        subject: fingerprint,
        detail: json!({}),
        judged: false,
    };
    journal::add(tx, by, at, event).await
}

pub(crate) async fn mapping(
    tx: &mut Tx,
    institution: &InstitutionId,
    fingerprint: &str,
) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(
        tx,
        (String,),
        "select mapping from column_mappings where institution_id = $1 and fingerprint = $2",
        institution.as_str(),
        fingerprint,
    )?;
    Ok(row.map(|(mapping,)| mapping))
}
