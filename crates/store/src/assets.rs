//! Statements about the ledger (機器台帳). Each change adds a row; the highest version counts.

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::ids::{AssetId, EvidenceId, InstitutionId};
use sonae_domain::ledger::Asset;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::sql::{Tx, fetch_all, fetch_optional};
use crate::store::{AssetChange, AssetVersion, Saved};
use crate::values::{instant, until};

#[derive(FromRow)]
struct Row {
    asset_id: String,
    version: i64,
    evidence_id: Option<String>,
    retired: bool,
    record: String,
    changed_by: String,
    changed_at: i64,
}

/// Adds states and says so in the journal.
pub(crate) async fn save(
    tx: &mut Tx,
    institution: &InstitutionId,
    changes: &[AssetChange],
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    for change in changes {
        let version = insert(tx, institution, change, by, at).await?;
        let event = Event {
            action: "asset",
            subject: change.asset.id.as_str(),
            detail: json!({
                "name": change.asset.record.name,
                "retired": change.retired,
                "version": version,
            }),
            judged: true,
        };
        journal::add(tx, by, at, event).await?;
    }
    Ok(())
}

pub(crate) async fn save_if(
    tx: &mut Tx,
    institution: &InstitutionId,
    change: &AssetChange,
    seen: Option<i64>,
    by: &str,
    at: Timestamp,
) -> Result<Saved<AssetVersion>, StoreError> {
    match latest_of(tx, institution, &change.asset.id).await? {
        Some(latest) if latest.asset == change.asset && latest.retired == change.retired => {
            return Ok(Saved::Same);
        }
        Some(latest) if Some(latest.version) != seen => return Ok(Saved::Conflict(latest)),
        None if seen.is_some() => return Err(StoreError::NotThere { doing: tx.doing }),
        _ => save(tx, institution, std::slice::from_ref(change), by, at).await?,
    }
    Ok(Saved::Done)
}

/// Adds a state and says which version it is.
pub(crate) async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    change: &AssetChange,
    by: &str,
    at: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let record =
        serde_json::to_string(&change.asset.record).map_err(|error| StoreError::Other {
            doing: tx.doing,
            source: error.into(),
        })?;
    let row = fetch_optional!(
        tx,
        (i64,),
        "insert into assets (institution_id, asset_id, version, evidence_id, retired, record,
            changed_by, changed_at, seq)
        values ($1, $2,
            (select coalesce(max(version), 0) + 1 from assets
                where institution_id = $1 and asset_id = $2),
            $3, $4, $5, $6, $7,
            (select coalesce(max(seq), 0) + 1 from journal where institution_id = $1))
        returning version",
        institution.as_str(),
        change.asset.id.as_str(),
        change.evidence.as_ref().map(EvidenceId::as_str),
        change.retired,
        &record,
        by,
        at.as_millisecond(),
    )?;
    Ok(row.map(|(version,)| version))
}

async fn latest_of(
    tx: &mut Tx,
    institution: &InstitutionId,
    asset: &AssetId,
) -> Result<Option<AssetVersion>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select asset_id, version, evidence_id, retired, record, changed_by, changed_at
        from assets
        where institution_id = $1 and asset_id = $2
        order by version desc limit 1",
        institution.as_str(),
        asset.as_str(),
    )?;
    row.map(AssetVersion::try_from).transpose()
}

/// A cross join, because SQLite then looks up the latest versions alone and leaves history aside.
pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
    as_of: Option<Timestamp>,
) -> Result<Vec<AssetVersion>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "with latest as (
            select asset_id, max(version) as version from assets
            where institution_id = $1 and changed_at <= $2
            group by asset_id)
        select assets.asset_id, assets.version, evidence_id, retired, record, changed_by, changed_at
        from latest cross join assets
        where institution_id = $1 and assets.asset_id = latest.asset_id
            and assets.version = latest.version
        order by assets.asset_id",
        institution.as_str(),
        until(as_of),
    )?;
    rows.into_iter().map(AssetVersion::try_from).collect()
}

pub(crate) async fn history(
    tx: &mut Tx,
    institution: &InstitutionId,
    asset: &AssetId,
) -> Result<Vec<AssetVersion>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select asset_id, version, evidence_id, retired, record, changed_by, changed_at
        from assets
        where institution_id = $1 and asset_id = $2
        order by version",
        institution.as_str(),
        asset.as_str(),
    )?;
    rows.into_iter().map(AssetVersion::try_from).collect()
}

impl TryFrom<Row> for AssetVersion {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let record = serde_json::from_str(&row.record)
            .map_err(|error| StoreError::corrupt(format!("asset {}", row.asset_id), error))?;
        Ok(Self {
            asset: Asset {
                id: AssetId::new(row.asset_id),
                record,
            },
            version: row.version,
            evidence: row.evidence_id.map(EvidenceId::new),
            retired: row.retired,
            changed_by: row.changed_by,
            changed_at: instant("assets.changed_at", row.changed_at)?,
        })
    }
}
