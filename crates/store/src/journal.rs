//! Statements about the journal (履歴): who did what, when. A line is added in the transaction of the
//! change itself, to the journal of the institution that the transaction was opened for, or to that
//! of the installation, which has the empty id.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sonae_domain::canonical::{Line, RowsHash};
use sonae_domain::ids::InstitutionId;
use sonae_domain::merkle::Hash;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::heads;
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::store::JournalEntry;
use crate::tied::{self, Spoken};
use crate::values::instant;

/// What can stand as an action of a [`JournalEntry`], beside `record.` with the kind of a record.
pub const ACTIONS: [&str; 28] = [
    "account",
    "account.passkey",
    "account.passkey.remove",
    "account.passkey.use",
    "account.password",
    "account.recovery_code.use",
    "account.recovery_codes",
    "account.rename",
    "account.second_factor",
    "account.setup_link",
    "account.setup_link.use",
    "answer",
    "asset",
    BACKUP,
    BACKUP_TAKEN,
    "edition",
    "edition.publish",
    "evidence",
    "grant",
    "grant.revoke",
    BEGIN,
    "institution",
    "login",
    "login.failed",
    "mapping",
    "setting",
    "token",
    "token.revoke",
];

const BACKUP: &str = "backup";

const BACKUP_TAKEN: &str = "backup.take";

/// Speaks of what was there before lines had hashes; see `begun`.
pub(crate) const BEGIN: &str = "history.begin";

/// What happened, before it has its number.
pub(crate) struct Event<'a> {
    pub(crate) action: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) detail: Value,
    /// Whether it can change what checks say.
    pub(crate) judged: bool,
}

#[derive(FromRow)]
struct Row {
    seq: i64,
    at: i64,
    by_whom: String,
    action: String,
    subject: String,
    detail: String,
    judged: bool,
}

pub(crate) async fn add(
    tx: &mut Tx,
    by: &str,
    at: Timestamp,
    event: Event<'_>,
) -> Result<(), StoreError> {
    let scope = tx.scope.clone();
    let detail = event.detail.to_string();
    let (seq, mut tree) = heads::next(tx).await?;
    let line = Line {
        institution: &scope,
        seq,
        at: at.as_millisecond(),
        by,
        action: event.action,
        subject: event.subject,
        detail: &detail,
        judged: event.judged,
        rows_hash: rows_hash(tx, &event, seq).await?,
    };
    let leaf = line.leaf_hash();
    execute!(
        tx,
        "insert into journal (institution_id, seq, at, by_whom, action, subject, detail, judged,
            rows_hash, leaf_hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &scope,
        seq,
        line.at,
        by,
        event.action,
        event.subject,
        &detail,
        event.judged,
        &line.rows_hash[..],
        &leaf[..],
    )?;
    tree.push(leaf);
    heads::keep(tx, &tree).await
}

/// Over what the line speaks of, read back from the database: what is hashed is what is kept.
async fn rows_hash(tx: &mut Tx, event: &Event<'_>, seq: i64) -> Result<Hash, StoreError> {
    let mut rows = [RowsHash::new()];
    match tied::spoken(event.action) {
        Spoken::Rows(tables) => tied::add_rows(tx, tables, seq, &mut rows).await?,
        Spoken::State(thing) => return tied::state(tx, thing, event.subject).await,
        Spoken::Before => return before(tx, event.subject).await,
        Spoken::Nothing => {}
    }
    let [rows] = rows;
    Ok(rows.finish())
}

/// All rows of a scope that have no line, or the state of a thing as `word/id`.
async fn before(tx: &mut Tx, subject: &str) -> Result<Hash, StoreError> {
    match subject
        .split_once('/')
        .map(|(word, id)| (tied::thing(word), id))
    {
        Some((Some(thing), id)) => tied::state(tx, thing, id).await,
        _ => tied::rows_before(tx).await,
    }
}

/// The number of the last entry; 0 before the first.
pub(crate) async fn last(tx: &mut Tx, institution: &InstitutionId) -> Result<i64, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select seq from journal where institution_id = $1 order by seq desc limit 1",
        institution.as_str(),
    )?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// Refuses a change if anything was written after the entry that it rests on.
pub(crate) async fn still_at(
    tx: &mut Tx,
    institution: &InstitutionId,
    rests_on: i64,
) -> Result<(), StoreError> {
    match last(tx, institution).await? == rests_on {
        true => Ok(()),
        false => Err(StoreError::Changed { doing: tx.doing }),
    }
}

/// Each field of `after` that is another than in `before`, with both values.
pub(crate) fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Value {
    let names = before.keys().chain(after.keys());
    let changes: Map<_, _> = names
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| {
            let values = json!({ "after": after.get(name), "before": before.get(name) });
            (name.clone(), values)
        })
        .collect();
    Value::Object(changes)
}

/// The empty id is no institution's and must not open the journal of the installation.
pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<JournalEntry>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select seq, at, by_whom, action, subject, detail, judged from journal
        where institution_id = $1 and institution_id <> '' and seq < $2
        order by seq desc limit $3",
        institution.as_str(),
        before.unwrap_or(i64::MAX),
        i64::from(limit),
    )?;
    rows.into_iter().map(JournalEntry::try_from).collect()
}

pub(crate) async fn list_of(
    tx: &mut Tx,
    institution: &InstitutionId,
    subject: &str,
    limit: u32,
) -> Result<Vec<JournalEntry>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select seq, at, by_whom, action, subject, detail, judged from journal
        where institution_id = $1 and institution_id <> '' and subject = $2
        order by seq desc limit $3",
        institution.as_str(),
        subject,
        i64::from(limit),
    )?;
    rows.into_iter().map(JournalEntry::try_from).collect()
}

pub(crate) async fn list_of_installation(
    tx: &mut Tx,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<JournalEntry>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select seq, at, by_whom, action, subject, detail, judged from journal
        where institution_id = '' and seq < $1
        order by seq desc limit $2",
        before.unwrap_or(i64::MAX),
        i64::from(limit),
    )?;
    rows.into_iter().map(JournalEntry::try_from).collect()
}

/// Notes that a backup was made; nothing else is changed by it.
pub(crate) async fn note_backup(
    tx: &mut Tx,
    n_rows: u64,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let event = Event {
        action: BACKUP,
        subject: "",
        detail: json!({ "n_rows": n_rows }),
        judged: false,
    };
    add(tx, by, at, event).await
}

/// Notes that somebody took a backup along.
pub(crate) async fn note_backup_taken(
    tx: &mut Tx,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let event = Event {
        action: BACKUP_TAKEN,
        subject: "",
        detail: json!({}),
        judged: false,
    };
    add(tx, by, at, event).await
}

pub(crate) async fn last_backup(tx: &mut Tx) -> Result<Option<JournalEntry>, StoreError> {
    last_of_action(tx, BACKUP).await
}

pub(crate) async fn last_backup_taken(tx: &mut Tx) -> Result<Option<JournalEntry>, StoreError> {
    last_of_action(tx, BACKUP_TAKEN).await
}

/// The latest line of an action in the journal of the installation.
async fn last_of_action(tx: &mut Tx, action: &str) -> Result<Option<JournalEntry>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select seq, at, by_whom, action, subject, detail, judged from journal
        where institution_id = '' and action = $1 order by seq desc limit 1",
        action,
    )?;
    row.map(JournalEntry::try_from).transpose()
}

pub(crate) async fn generation(
    tx: &mut Tx,
    institution: &InstitutionId,
) -> Result<i64, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select seq from journal where institution_id = $1 and judged order by seq desc limit 1",
        institution.as_str(),
    )?;
    Ok(row.map_or(0, |(seq,)| seq))
}

impl TryFrom<Row> for JournalEntry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.seq,
            at: instant("journal.at", row.at)?,
            by: row.by_whom,
            action: row.action,
            subject: row.subject,
            detail: serde_json::from_str(&row.detail)
                .map_err(|error| StoreError::corrupt("journal.detail", error))?,
            judged: row.judged,
        })
    }
}
