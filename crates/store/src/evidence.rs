//! Statements about evidence (証拠), its bytes, facts and findings. Only one column ever changes:
//! which piece of evidence is the current one of its source.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::evidence::{ContentHash, Evidence, Finding};
use sonae_domain::fact::FactRows;
use sonae_domain::ids::{EvidenceId, InstitutionId};
use sqlx::FromRow;

use crate::assets;
use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::packed::{self, Unpacker};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::store::{AssetChange, NewEvidence, Recorded};
use crate::values::{date, instant, number, of_word, optional_instant, until, word};

/// Evidence ready to be written.
pub(crate) struct Packed {
    evidence: Evidence,
    raw: Vec<u8>,
    facts: Vec<PackedFacts>,
    findings: Vec<u8>,
    assets: Vec<AssetChange>,
    rests_on: Option<i64>,
    recorded_by: String,
}

/// Facts as they lie in the database.
#[derive(FromRow)]
pub(crate) struct PackedFacts {
    evidence_id: String,
    ordinal: i64,
    table_name: String,
    body: Vec<u8>,
}

/// Where evidence stands among that of its source: the greatest is the current one.
#[derive(FromRow, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    effective_on: String,
    recorded_at: i64,
    id: String,
}

#[derive(FromRow)]
struct Row {
    id: String,
    source: String,
    format: String,
    collector: String,
    command: Option<String>,
    target: Option<String>,
    effective_on: String,
    effective_basis: String,
    collected_at: Option<i64>,
    recorded_at: i64,
    content_hash: String,
    n_bytes: i64,
    file_name: String,
    reader_version: i64,
    is_current: bool,
}

/// Checks the hash and packs everything, on a thread where that may take its time.
pub(crate) async fn pack(new: NewEvidence) -> Result<Packed, StoreError> {
    on_a_thread("record evidence", move || {
        let evidence = new.evidence;
        if evidence.content_hash != ContentHash::of(&new.raw)
            || usize::try_from(evidence.n_bytes) != Ok(new.raw.len())
        {
            return Err(StoreError::OtherBytes {
                evidence: evidence.id.to_string(),
            });
        }
        let failed = |error: serde_json::Error| StoreError::Other {
            doing: "record evidence",
            source: error.into(),
        };
        let mut facts = Vec::with_capacity(new.facts.len());
        for (ordinal, rows) in (0..).zip(new.facts) {
            let body = packed::pack_facts(&rows).map_err(failed)?;
            let evidence_id = evidence.id.to_string();
            facts.push(PackedFacts {
                evidence_id,
                ordinal,
                table_name: rows.table,
                body,
            });
        }
        let findings = packed::pack(&serde_json::to_vec(&new.findings).map_err(failed)?);
        let raw = packed::pack(&new.raw);
        let (assets, rests_on, recorded_by) = (new.assets, new.rests_on, new.recorded_by);
        Ok(Packed {
            evidence,
            raw,
            facts,
            findings,
            assets,
            rests_on,
            recorded_by,
        })
    })
    .await
}

pub(crate) async fn record(
    tx: &mut Tx,
    institution: &InstitutionId,
    new: &Packed,
) -> Result<Recorded, StoreError> {
    let evidence = &new.evidence;
    if let Some(known) = known(tx, institution, evidence).await? {
        return Ok(Recorded::AlreadyKnown(known));
    }
    if let Some(rests_on) = new.rests_on {
        journal::still_at(tx, institution, rests_on).await?;
    }
    let rank = Rank {
        effective_on: evidence.effective_on.to_string(),
        recorded_at: evidence.recorded_at.as_millisecond(),
        id: evidence.id.to_string(),
    };
    let current = current(tx, institution, &evidence.source).await?;
    let newer = match current {
        Some(current) if rank < current => Some(current.id),
        Some(current) => {
            replace(tx, institution, &current.id).await?;
            None
        }
        None => None,
    };
    insert(tx, institution, new, newer.is_none()).await?;
    changed(tx, new, newer.is_none()).await?;
    if let Some(newer) = newer {
        return Ok(Recorded::OlderThanCurrent(EvidenceId::new(newer)));
    }
    for change in &new.assets {
        let at = evidence.recorded_at;
        assets::insert(tx, institution, change, &new.recorded_by, at).await?;
    }
    Ok(Recorded::New)
}

/// One line for the file and all that it changed in the ledger: that is what the person did.
async fn changed(tx: &mut Tx, new: &Packed, is_current: bool) -> Result<(), StoreError> {
    let evidence = &new.evidence;
    let event = Event {
        action: "evidence",
        subject: evidence.id.as_str(),
        detail: json!({
            "current": is_current,
            "effective_on": evidence.effective_on,
            "file_name": evidence.file_name,
            "n_assets": if is_current { new.assets.len() } else { 0 },
            "source": evidence.source,
        }),
        judged: true,
    };
    journal::add(tx, &new.recorded_by, evidence.recorded_at, event).await
}

async fn known(
    tx: &mut Tx,
    institution: &InstitutionId,
    evidence: &Evidence,
) -> Result<Option<EvidenceId>, StoreError> {
    let row = fetch_optional!(
        tx,
        (String,),
        "select id from evidence
        where institution_id = $1 and content_hash = $2 and source = $3 and format = $4
            and reader_version = $5 and effective_on = $6",
        institution.as_str(),
        &evidence.content_hash.0,
        &evidence.source,
        &evidence.format,
        i64::from(evidence.reader_version),
        evidence.effective_on.to_string(),
    )?;
    Ok(row.map(|(id,)| EvidenceId::new(id)))
}

async fn current(
    tx: &mut Tx,
    institution: &InstitutionId,
    source: &str,
) -> Result<Option<Rank>, StoreError> {
    fetch_optional!(
        tx,
        Rank,
        "select effective_on, recorded_at, id from evidence
        where institution_id = $1 and source = $2 and is_current",
        institution.as_str(),
        source,
    )
}

async fn replace(
    tx: &mut Tx,
    institution: &InstitutionId,
    evidence: &str,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "update evidence set is_current = false where institution_id = $1 and id = $2",
        institution.as_str(),
        evidence,
    )?;
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    new: &Packed,
    is_current: bool,
) -> Result<(), StoreError> {
    let evidence = &new.evidence;
    execute!(
        tx,
        "insert into blobs (institution_id, content_hash, body) values ($1, $2, $3)
        on conflict (institution_id, content_hash) do nothing",
        institution.as_str(),
        &evidence.content_hash.0,
        new.raw.as_slice(),
    )?;
    execute!(
        tx,
        "insert into evidence (institution_id, id, source, format, collector, command, target,
            effective_on, effective_basis, collected_at, recorded_at, content_hash, n_bytes,
            file_name, reader_version, is_current)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        institution.as_str(),
        evidence.id.as_str(),
        &evidence.source,
        &evidence.format,
        &evidence.collector,
        evidence.command.as_deref(),
        evidence.target.as_deref(),
        evidence.effective_on.to_string(),
        word(&evidence.effective_basis),
        evidence.collected_at.map(Timestamp::as_millisecond),
        evidence.recorded_at.as_millisecond(),
        &evidence.content_hash.0,
        evidence.n_bytes,
        &evidence.file_name,
        i64::from(evidence.reader_version),
        is_current,
    )?;
    insert_read(tx, institution, new).await
}

/// What the reader made of it.
async fn insert_read(
    tx: &mut Tx,
    institution: &InstitutionId,
    new: &Packed,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into findings (institution_id, evidence_id, body) values ($1, $2, $3)",
        institution.as_str(),
        new.evidence.id.as_str(),
        new.findings.as_slice(),
    )?;
    for facts in &new.facts {
        execute!(
            tx,
            "insert into facts (institution_id, evidence_id, ordinal, table_name, body)
            values ($1, $2, $3, $4, $5)",
            institution.as_str(),
            &facts.evidence_id,
            facts.ordinal,
            &facts.table_name,
            facts.body.as_slice(),
        )?;
    }
    Ok(())
}

pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
    as_of: Option<Timestamp>,
) -> Result<Vec<Evidence>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select id, source, format, collector, command, target, effective_on, effective_basis,
            collected_at, recorded_at, content_hash, n_bytes, file_name, reader_version, is_current
        from evidence where institution_id = $1 and recorded_at <= $2
        order by effective_on desc, recorded_at desc, id desc",
        institution.as_str(),
        until(as_of),
    )?;
    let mut sources = BTreeSet::new();
    let mut evidence = Vec::with_capacity(rows.len());
    for row in rows {
        // In this order the first of a source is the current one, whatever came after `as_of`.
        let current = sources.insert(row.source.clone());
        evidence.push(Evidence {
            current,
            ..row.try_into()?
        });
    }
    Ok(evidence)
}

pub(crate) async fn find(
    tx: &mut Tx,
    institution: &InstitutionId,
    evidence: &EvidenceId,
) -> Result<Option<Evidence>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select id, source, format, collector, command, target, effective_on, effective_basis,
            collected_at, recorded_at, content_hash, n_bytes, file_name, reader_version, is_current
        from evidence where institution_id = $1 and id = $2",
        institution.as_str(),
        evidence.as_str(),
    )?;
    row.map(Evidence::try_from).transpose()
}

pub(crate) async fn raw(
    tx: &mut Tx,
    institution: &InstitutionId,
    evidence: &EvidenceId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = fetch_optional!(
        tx,
        (String, Vec<u8>),
        "select evidence.content_hash, blobs.body
        from evidence join blobs
            on blobs.institution_id = evidence.institution_id
            and blobs.content_hash = evidence.content_hash
        where evidence.institution_id = $1 and evidence.id = $2",
        institution.as_str(),
        evidence.as_str(),
    )?;
    let Some((hash, body)) = row else {
        return Ok(None);
    };
    let what = format!("the bytes of evidence {evidence}");
    let raw = on_a_thread(tx.doing, move || {
        let mut unpacker = Unpacker::new();
        let raw = match unpacker.unpack(&body) {
            Ok(raw) => raw,
            Err(damaged) => return Err(StoreError::corrupt(what, damaged)),
        };
        if ContentHash::of(raw).0 != hash {
            return Err(StoreError::Corrupt { what, source: None });
        }
        Ok(raw.to_vec())
    })
    .await?;
    Ok(Some(raw))
}

pub(crate) async fn findings(
    tx: &mut Tx,
    institution: &InstitutionId,
    evidence: &EvidenceId,
) -> Result<Option<Vec<Finding>>, StoreError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        "select body from findings where institution_id = $1 and evidence_id = $2",
        institution.as_str(),
        evidence.as_str(),
    )?;
    let Some((body,)) = row else { return Ok(None) };
    let what = || format!("the findings of evidence {evidence}");
    let mut unpacker = Unpacker::new();
    let json = unpacker
        .unpack(&body)
        .map_err(|damaged| StoreError::corrupt(what(), damaged))?;
    let findings =
        serde_json::from_slice(json).map_err(|error| StoreError::corrupt(what(), error))?;
    Ok(Some(findings))
}

pub(crate) async fn facts_of(
    tx: &mut Tx,
    institution: &InstitutionId,
    evidence: &EvidenceId,
) -> Result<Option<Vec<FactRows>>, StoreError> {
    if find(tx, institution, evidence).await?.is_none() {
        return Ok(None);
    }
    let packed = fetch_all!(
        tx,
        PackedFacts,
        "select evidence_id, ordinal, table_name, body
        from facts where institution_id = $1 and evidence_id = $2 order by ordinal",
        institution.as_str(),
        evidence.as_str(),
    )?;
    let facts = unpack(packed).await?;
    Ok(Some(facts.into_iter().map(|(_, rows)| rows).collect()))
}

/// The packed facts of some tables, by table and evidence.
pub(crate) async fn current_facts(
    tx: &mut Tx,
    institution: &InstitutionId,
    tables: &[&str],
    as_of: Option<Timestamp>,
) -> Result<Vec<PackedFacts>, StoreError> {
    let mut tables = tables.to_vec();
    tables.sort_unstable();
    tables.dedup();
    let mut packed = Vec::new();
    // Lists cannot be bound on both databases, so eight names at a time; an empty name is no table.
    for names in tables.chunks(8) {
        let mut eight = [""; 8];
        eight[..names.len()].copy_from_slice(names);
        packed.append(&mut match as_of {
            None => facts_now(tx, institution, eight).await?,
            Some(as_of) => facts_then(tx, institution, eight, as_of).await?,
        });
    }
    // Here and not in SQL: a database would carry the bodies through its sort.
    packed.sort_unstable_by(|a, b| a.place().cmp(&b.place()));
    Ok(packed)
}

/// A cross join, because SQLite then begins with the current evidence and leaves history aside.
async fn facts_now(
    tx: &mut Tx,
    institution: &InstitutionId,
    tables: [&str; 8],
) -> Result<Vec<PackedFacts>, StoreError> {
    let [a, b, c, d, e, f, g, h] = tables;
    fetch_all!(
        tx,
        PackedFacts,
        "select facts.evidence_id, facts.ordinal, facts.table_name, facts.body
        from evidence cross join facts
        where evidence.institution_id = $1 and evidence.is_current
            and facts.institution_id = evidence.institution_id
            and facts.evidence_id = evidence.id
            and facts.table_name in ($2, $3, $4, $5, $6, $7, $8, $9)",
        institution.as_str(),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
    )
}

/// The same with what was current then; see [`Rank`].
async fn facts_then(
    tx: &mut Tx,
    institution: &InstitutionId,
    tables: [&str; 8],
    as_of: Timestamp,
) -> Result<Vec<PackedFacts>, StoreError> {
    let [a, b, c, d, e, f, g, h] = tables;
    fetch_all!(
        tx,
        PackedFacts,
        "select facts.evidence_id, facts.ordinal, facts.table_name, facts.body
        from evidence cross join facts
        where evidence.institution_id = $1 and evidence.recorded_at <= $10
            and not exists (
                select 1 from evidence as later
                where later.institution_id = evidence.institution_id
                    and later.source = evidence.source
                    and later.recorded_at <= $10
                    and (later.effective_on, later.recorded_at, later.id)
                        > (evidence.effective_on, evidence.recorded_at, evidence.id))
            and facts.institution_id = evidence.institution_id
            and facts.evidence_id = evidence.id
            and facts.table_name in ($2, $3, $4, $5, $6, $7, $8, $9)",
        institution.as_str(),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        as_of.as_millisecond(),
    )
}

/// Unpacks facts on all cores, keeping their order.
pub(crate) async fn unpack(
    packed: Vec<PackedFacts>,
) -> Result<Vec<(EvidenceId, FactRows)>, StoreError> {
    /// Below this a thread costs more than it saves.
    const N_PART_MIN: usize = 64;

    let n_cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let n_part = packed.len().div_ceil(n_cores).max(N_PART_MIN);
    let mut rest = packed;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let after = rest.split_off(rest.len().min(n_part));
        let part = std::mem::replace(&mut rest, after);
        parts.push(tokio::task::spawn_blocking(move || unpack_part(part)));
    }
    let mut facts = Vec::new();
    for part in parts {
        facts.append(&mut joined("unpack facts", part.await)?);
    }
    Ok(facts)
}

fn unpack_part(part: Vec<PackedFacts>) -> Result<Vec<(EvidenceId, FactRows)>, StoreError> {
    let mut unpacker = Unpacker::new();
    let mut facts = Vec::with_capacity(part.len());
    for PackedFacts {
        evidence_id,
        table_name,
        body,
        ..
    } in part
    {
        let rows = unpacker.facts(table_name, &body).map_err(|damaged| {
            StoreError::corrupt(format!("a fact table of evidence {evidence_id}"), damaged)
        })?;
        facts.push((EvidenceId::new(evidence_id), rows));
    }
    Ok(facts)
}

async fn on_a_thread<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    joined(doing, tokio::task::spawn_blocking(work).await)
}

fn joined<T>(
    doing: &'static str,
    done: Result<Result<T, StoreError>, tokio::task::JoinError>,
) -> Result<T, StoreError> {
    done.map_err(|error| StoreError::Other {
        doing,
        source: error.into(),
    })?
}

impl PackedFacts {
    fn place(&self) -> (&str, &str, i64) {
        (&self.table_name, &self.evidence_id, self.ordinal)
    }
}

impl TryFrom<Row> for Evidence {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: EvidenceId::new(row.id),
            source: row.source,
            format: row.format,
            collector: row.collector,
            command: row.command,
            target: row.target,
            effective_on: date("evidence.effective_on", &row.effective_on)?,
            effective_basis: of_word("evidence.effective_basis", &row.effective_basis)?,
            collected_at: optional_instant("evidence.collected_at", row.collected_at)?,
            recorded_at: instant("evidence.recorded_at", row.recorded_at)?,
            content_hash: ContentHash(row.content_hash),
            n_bytes: row.n_bytes,
            file_name: row.file_name,
            reader_version: number("evidence.reader_version", row.reader_version)?,
            current: row.is_current,
        })
    }
}
