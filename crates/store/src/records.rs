//! Statements about what people keep by hand. Rows are added and never changed; the highest version
//! counts. What stands in a body is not known here, except that it is an object.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sonae_domain::ids::{InstitutionId, RecordId};
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::store::{RecordChange, RecordVersion, Saved};
use crate::values::{instant, until};

#[derive(FromRow)]
struct Row {
    kind: String,
    record_id: String,
    version: i64,
    body: String,
    removed: bool,
    changed_by: String,
    changed_at: i64,
}

pub(crate) async fn save(
    tx: &mut Tx,
    institution: &InstitutionId,
    change: &RecordChange,
    by: &str,
    at: Timestamp,
) -> Result<Saved<RecordVersion>, StoreError> {
    match latest(tx, institution, change.kind, &change.id).await? {
        Some(latest) if latest.body == change.body && latest.removed == change.removed => {
            return Ok(Saved::Same);
        }
        Some(latest) if Some(latest.version) != change.seen => return Ok(Saved::Conflict(latest)),
        None if change.seen.is_some() => return Err(StoreError::NotThere { doing: tx.doing }),
        latest => insert(tx, institution, change, latest.as_ref(), by, at).await?,
    }
    Ok(Saved::Done)
}

async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    change: &RecordChange,
    before: Option<&RecordVersion>,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let version = before.map_or(1, |before| before.version + 1);
    execute!(
        tx,
        "insert into records (institution_id, kind, record_id, version, body, removed, changed_by,
            changed_at, seq)
        values ($1, $2, $3, $4, $5, $6, $7, $8,
            (select coalesce(max(seq), 0) + 1 from journal where institution_id = $1))",
        institution.as_str(),
        change.kind,
        change.id.as_str(),
        version,
        &change.body,
        change.removed,
        by,
        at.as_millisecond(),
    )?;
    let doing = tx.doing;
    let fields = |body: &str| {
        serde_json::from_str::<Map<String, Value>>(body).map_err(|error| StoreError::Other {
            doing,
            source: error.into(),
        })
    };
    let before = fields(before.map_or("{}", |before| &before.body))?;
    let event = Event {
        action: &format!("record.{}", change.kind),
        subject: change.id.as_str(),
        detail: json!({
            "changed": journal::changes(&before, &fields(&change.body)?),
            "removed": change.removed,
            "version": version,
        }),
        judged: false,
    };
    journal::add(tx, by, at, event).await
}

/// The latest state, also of one taken away.
pub(crate) async fn latest(
    tx: &mut Tx,
    institution: &InstitutionId,
    kind: &str,
    id: &RecordId,
) -> Result<Option<RecordVersion>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select kind, record_id, version, body, removed, changed_by, changed_at from records
        where institution_id = $1 and kind = $2 and record_id = $3
        order by version desc limit 1",
        institution.as_str(),
        kind,
        id.as_str(),
    )?;
    row.map(RecordVersion::try_from).transpose()
}

/// A cross join, because SQLite then looks up the latest versions alone and leaves history aside.
pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
    kind: &str,
    as_of: Option<Timestamp>,
) -> Result<Vec<RecordVersion>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "with latest as (
            select record_id, max(version) as version from records
            where institution_id = $1 and kind = $2 and changed_at <= $3
            group by record_id)
        select kind, records.record_id, records.version, body, removed, changed_by, changed_at
        from latest cross join records
        where institution_id = $1 and kind = $2 and records.record_id = latest.record_id
            and records.version = latest.version and not removed
        order by records.record_id",
        institution.as_str(),
        kind,
        until(as_of),
    )?;
    rows.into_iter().map(RecordVersion::try_from).collect()
}

pub(crate) async fn history(
    tx: &mut Tx,
    institution: &InstitutionId,
    kind: &str,
    id: &RecordId,
) -> Result<Vec<RecordVersion>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select kind, record_id, version, body, removed, changed_by, changed_at from records
        where institution_id = $1 and kind = $2 and record_id = $3
        order by version",
        institution.as_str(),
        kind,
        id.as_str(),
    )?;
    rows.into_iter().map(RecordVersion::try_from).collect()
}

impl TryFrom<Row> for RecordVersion {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            kind: row.kind,
            id: RecordId::new(row.record_id),
            version: row.version,
            body: row.body,
            removed: row.removed,
            changed_by: row.changed_by,
            changed_at: instant("records.changed_at", row.changed_at)?,
        })
    }
}
