//! Statements about the trees over the journals: the right edge of each, the checkpoints that were made
//! of it, and whose lines wait for their hashes. Why a tree is trusted is not known here.

use sonae_domain::merkle::{Edge, Hash};
use sqlx::FromRow;

use crate::error::StoreError;
use crate::history::KeptCheckpoint;
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::instant;

#[derive(FromRow)]
struct CheckpointRow {
    size: i64,
    edge: Vec<u8>,
    note: String,
    made_at: i64,
}

/// The edge of the tree of the scope; none before the first line, or if it is no edge.
pub(crate) async fn find(tx: &mut Tx) -> Result<Option<Edge>, StoreError> {
    let scope = tx.scope.clone();
    let row = fetch_optional!(
        tx,
        (i64, Vec<u8>),
        "select size, edge from heads where institution_id = $1",
        &scope,
    )?;
    Ok(row.and_then(|(size, edge)| edge_of(size, &edge)))
}

/// The number of the line that is written next, and the tree before it. Rows written before the line
/// carry the number already: their statements ask for it in the same words.
pub(crate) async fn next(tx: &mut Tx) -> Result<(i64, Edge), StoreError> {
    let scope = tx.scope.clone();
    let row = fetch_optional!(
        tx,
        (i64, Option<i64>, Option<Vec<u8>>),
        "select latest.seq + 1 as seq, size, edge
        from (select coalesce(max(seq), 0) as seq from journal where institution_id = $1) as latest
        left join heads on institution_id = $1",
        &scope,
    )?;
    let (seq, size, edge) = row.unwrap_or((1, None, None));
    let tree = size.zip(edge).and_then(|(size, edge)| edge_of(size, &edge));
    Ok((seq, tree.unwrap_or_default()))
}

pub(crate) async fn keep(tx: &mut Tx, edge: &Edge) -> Result<(), StoreError> {
    let scope = tx.scope.clone();
    execute!(
        tx,
        "insert into heads (institution_id, size, edge) values ($1, $2, $3)
        on conflict (institution_id) do update set size = excluded.size, edge = excluded.edge",
        &scope,
        size(edge),
        edge.to_bytes(),
    )?;
    Ok(())
}

/// Everything that has a history, in the scope of all institutions. One whose head was taken away is
/// there as long as the institution is.
pub(crate) async fn scopes(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(
        tx,
        (String,),
        "select institution_id from heads union select id from institutions order by 1",
    )?;
    Ok(rows.into_iter().map(|(scope,)| scope).collect())
}

pub(crate) async fn leaf_hashes(tx: &mut Tx) -> Result<Vec<Hash>, StoreError> {
    let scope = tx.scope.clone();
    let rows = fetch_all!(
        tx,
        (Option<Vec<u8>>,),
        "select leaf_hash from journal where institution_id = $1 order by seq",
        &scope,
    )?;
    let hash = |(hash,): (Option<Vec<u8>>,)| hash.and_then(|hash| hash.try_into().ok());
    let hashes: Option<Vec<Hash>> = rows.into_iter().map(hash).collect();
    hashes.ok_or(StoreError::Corrupt {
        what: "the hash of a line of the journal".to_owned(),
        source: None,
    })
}

pub(crate) async fn keep_checkpoint(
    tx: &mut Tx,
    checkpoint: &KeptCheckpoint,
) -> Result<(), StoreError> {
    let scope = tx.scope.clone();
    execute!(
        tx,
        "insert into checkpoints (institution_id, size, edge, note, made_at)
        values ($1, $2, $3, $4, $5) on conflict (institution_id, size) do nothing",
        &scope,
        size(&checkpoint.tree),
        checkpoint.tree.to_bytes(),
        &checkpoint.note,
        checkpoint.made_at.as_millisecond(),
    )?;
    Ok(())
}

/// The smallest first. One that is damaged is told by its size.
pub(crate) async fn checkpoints(
    tx: &mut Tx,
) -> Result<Vec<Result<KeptCheckpoint, i64>>, StoreError> {
    let scope = tx.scope.clone();
    let rows = fetch_all!(
        tx,
        CheckpointRow,
        "select size, edge, note, made_at from checkpoints where institution_id = $1 order by size",
        &scope,
    )?;
    rows.into_iter().map(CheckpointRow::checkpoint).collect()
}

pub(crate) async fn unhashed(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(
        tx,
        (String,),
        "select institution_id from unhashed order by institution_id",
    )?;
    Ok(rows.into_iter().map(|(scope,)| scope).collect())
}

pub(crate) async fn hashed(tx: &mut Tx, scope: &str) -> Result<(), StoreError> {
    execute!(tx, "delete from unhashed where institution_id = $1", scope)?;
    Ok(())
}

impl CheckpointRow {
    fn checkpoint(self) -> Result<Result<KeptCheckpoint, i64>, StoreError> {
        let made_at = instant("checkpoints.made_at", self.made_at)?;
        let tree = edge_of(self.size, &self.edge);
        Ok(tree.ok_or(self.size).map(|tree| KeptCheckpoint {
            tree,
            note: self.note,
            made_at,
        }))
    }
}

fn edge_of(size: i64, bytes: &[u8]) -> Option<Edge> {
    let size = u64::try_from(size).ok()?;
    Edge::from_bytes(size, bytes)
}

/// No journal comes near the end of 63 bits.
fn size(edge: &Edge) -> i64 {
    i64::try_from(edge.size()).unwrap_or(i64::MAX)
}
