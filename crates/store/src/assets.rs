//! Statements about the ledger (機器台帳). Each change adds a row; the highest version counts.

use jiff::Timestamp;
use sonae_domain::ids::{AssetId, EvidenceId, InstitutionId};
use sonae_domain::ledger::Asset;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::sql::{Tx, execute, fetch_all};
use crate::store::{AssetChange, AssetVersion};
use crate::values::instant;

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

pub(crate) async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    changes: &[AssetChange],
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    for change in changes {
        let record =
            serde_json::to_string(&change.asset.record).map_err(|error| StoreError::Other {
                doing: tx.doing,
                source: error.into(),
            })?;
        execute!(
            tx,
            "insert into assets (institution_id, asset_id, version, evidence_id, retired, record,
                changed_by, changed_at)
            values ($1, $2,
                (select coalesce(max(version), 0) + 1 from assets
                    where institution_id = $1 and asset_id = $2),
                $3, $4, $5, $6, $7)",
            institution.as_str(),
            change.asset.id.as_str(),
            change.evidence.as_ref().map(EvidenceId::as_str),
            change.retired,
            &record,
            by,
            at.as_millisecond(),
        )?;
    }
    Ok(())
}

pub(crate) async fn latest(
    tx: &mut Tx,
    institution: &InstitutionId,
) -> Result<Vec<AssetVersion>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select asset_id, version, evidence_id, retired, record, changed_by, changed_at
        from assets
        where institution_id = $1 and not exists (
            select 1 from assets as later
            where later.institution_id = assets.institution_id
                and later.asset_id = assets.asset_id
                and later.version > assets.version)
        order by asset_id",
        institution.as_str(),
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
