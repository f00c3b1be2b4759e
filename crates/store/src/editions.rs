//! Statements about imported editions (年度版): one draft an edition, published revisions frozen.

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::evidence::ContentHash;
use sonae_domain::ids::EditionId;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::store::{DraftRecorded, EditionRevision, EditionTexts, Published};
use crate::values::instant;

#[derive(FromRow)]
struct Row {
    id: String,
    revision: i64,
    sha256: String,
    imported_by: String,
    imported_at: i64,
    published_by: Option<String>,
    published_at: Option<i64>,
}

#[derive(FromRow)]
struct TextsRow {
    edition_toml: String,
    items_toml: String,
    mapping_toml: String,
    sha256: String,
}

/// The draft and the newest published revision of one edition, with their hashes.
#[derive(Default)]
struct Newest {
    revision: i64,
    draft: Option<(i64, String)>,
    published: Option<(i64, String)>,
}

pub(crate) async fn record_draft(
    tx: &mut Tx,
    id: &EditionId,
    texts: &EditionTexts,
    by: &str,
    at: Timestamp,
) -> Result<DraftRecorded, StoreError> {
    let sha256 = texts.sha256().0;
    let newest = newest(tx, id).await?;
    if let Some((revision, published)) = newest.published
        && published == sha256
    {
        return Ok(DraftRecorded::AlreadyPublished { revision });
    }
    let revision = newest
        .draft
        .map_or(newest.revision + 1, |(revision, _)| revision);
    execute!(
        tx,
        "insert into editions (id, revision, edition_toml, items_toml, mapping_toml, sha256,
            imported_by, imported_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (id, revision) do update
        set edition_toml = excluded.edition_toml, items_toml = excluded.items_toml,
            mapping_toml = excluded.mapping_toml, sha256 = excluded.sha256,
            imported_by = excluded.imported_by, imported_at = excluded.imported_at",
        id.as_str(),
        revision,
        &texts.edition,
        &texts.items,
        &texts.mapping,
        &sha256,
        by,
        at.as_millisecond(),
    )?;
    changed(tx, "edition", id, revision, by, at).await?;
    Ok(DraftRecorded::Draft { revision })
}

pub(crate) async fn publish(
    tx: &mut Tx,
    id: &EditionId,
    sha256: &ContentHash,
    by: &str,
    at: Timestamp,
) -> Result<Published, StoreError> {
    let newest = newest(tx, id).await?;
    if newest
        .published
        .is_some_and(|(_, published)| published == sha256.0)
    {
        return Ok(Published::Already);
    }
    let Some((revision, draft)) = newest.draft else {
        return Ok(Published::Unknown);
    };
    if draft != sha256.0 {
        return Ok(Published::Changed {
            sha256: ContentHash(draft),
        });
    }
    execute!(
        tx,
        "update editions set published_by = $3, published_at = $4
        where id = $1 and revision = $2 and published_at is null",
        id.as_str(),
        revision,
        by,
        at.as_millisecond(),
    )?;
    changed(tx, "edition.publish", id, revision, by, at).await?;
    Ok(Published::Now)
}

async fn changed(
    tx: &mut Tx,
    action: &str,
    id: &EditionId,
    revision: i64,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let event = Event {
        action,
        subject: id.as_str(),
        detail: json!({ "revision": revision }),
        judged: false,
    };
    journal::add(tx, by, at, event).await
}

async fn newest(tx: &mut Tx, id: &EditionId) -> Result<Newest, StoreError> {
    let rows = fetch_all!(
        tx,
        (i64, String, Option<i64>),
        "select revision, sha256, published_at from editions where id = $1 order by revision",
        id.as_str(),
    )?;
    let mut newest = Newest::default();
    for (revision, sha256, published_at) in rows {
        newest.revision = revision;
        match published_at {
            Some(_) => newest.published = Some((revision, sha256)),
            None => newest.draft = Some((revision, sha256)),
        }
    }
    Ok(newest)
}

pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<EditionRevision>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select id, revision, sha256, imported_by, imported_at, published_by, published_at
        from editions order by id, revision",
    )?;
    rows.into_iter().map(EditionRevision::try_from).collect()
}

/// Reads as little as can be, to see whether the database answers.
pub(crate) async fn any(tx: &mut Tx) -> Result<(), StoreError> {
    fetch_optional!(tx, (i64,), "select revision from editions limit 1")?;
    Ok(())
}

pub(crate) async fn texts(
    tx: &mut Tx,
    id: &EditionId,
    revision: i64,
) -> Result<Option<EditionTexts>, StoreError> {
    let row = fetch_optional!(
        tx,
        TextsRow,
        "select edition_toml, items_toml, mapping_toml, sha256
        from editions where id = $1 and revision = $2",
        id.as_str(),
        revision,
    )?;
    let Some(row) = row else { return Ok(None) };
    let texts = EditionTexts {
        edition: row.edition_toml,
        items: row.items_toml,
        mapping: row.mapping_toml,
    };
    if texts.sha256().0 != row.sha256 {
        return Err(StoreError::Corrupt {
            what: format!("edition {id}, revision {revision}"),
            source: None,
        });
    }
    Ok(Some(texts))
}

impl TryFrom<Row> for EditionRevision {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let published = match (row.published_by, row.published_at) {
            (Some(by), Some(at)) => Some((by, instant("editions.published_at", at)?)),
            _ => None,
        };
        Ok(Self {
            id: EditionId::new(row.id),
            revision: row.revision,
            sha256: ContentHash(row.sha256),
            imported_by: row.imported_by,
            imported_at: instant("editions.imported_at", row.imported_at)?,
            published,
        })
    }
}
