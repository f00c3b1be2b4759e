//! Statements about answers (回答). Rows are added and never changed; the highest version counts.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sonae_domain::answer::Answer;
use sonae_domain::ids::{InstitutionId, ItemId};
use sqlx::FromRow;

use crate::error::StoreError;
use crate::history::AnswerLine;
use crate::journal::{self, Event};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::store::Saved;
use crate::values::{date, instant, number, of_word, optional_date, until, word};

#[derive(FromRow)]
struct Row {
    item_id: String,
    round: i64,
    value: String,
    confirmed_on: String,
    target_on: Option<String>,
    note: Option<String>,
    answered_by: String,
    recorded_at: i64,
    basis: Option<String>,
}

#[derive(FromRow)]
struct LineRow {
    seq: i64,
    at: i64,
    by_whom: String,
    detail: String,
    item_id: String,
    round: i64,
    version: i64,
}

pub(crate) async fn record(
    tx: &mut Tx,
    institution: &InstitutionId,
    answer: &Answer,
) -> Result<(), StoreError> {
    let latest = latest_of(tx, institution, answer).await?;
    insert(tx, institution, answer, latest.as_ref()).await
}

pub(crate) async fn record_if(
    tx: &mut Tx,
    institution: &InstitutionId,
    answer: &Answer,
    seen: Option<Timestamp>,
) -> Result<Saved<Answer>, StoreError> {
    let seen = seen.map(Timestamp::as_millisecond);
    match latest_of(tx, institution, answer).await? {
        Some(latest) if says_the_same(&latest, answer) => return Ok(Saved::Same),
        Some(latest) if Some(latest.recorded_at.as_millisecond()) != seen => {
            return Ok(Saved::Conflict(latest));
        }
        None if seen.is_some() => return Err(StoreError::NotThere { doing: tx.doing }),
        latest => insert(tx, institution, answer, latest.as_ref()).await?,
    }
    Ok(Saved::Done)
}

/// All but when it was recorded.
fn says_the_same(a: &Answer, b: &Answer) -> bool {
    let recorded_at = a.recorded_at;
    *a == Answer {
        recorded_at,
        ..b.clone()
    }
}

async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    answer: &Answer,
    before: Option<&Answer>,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into answers (institution_id, item_id, round, version, value, confirmed_on,
            target_on, note, answered_by, recorded_at, basis, seq)
        values ($1, $2, $3,
            (select coalesce(max(version), 0) + 1 from answers
                where institution_id = $1 and item_id = $2 and round = $3),
            $4, $5, $6, $7, $8, $9, $10,
            (select coalesce(max(seq), 0) + 1 from journal where institution_id = $1))",
        institution.as_str(),
        answer.item.as_str(),
        i64::from(answer.round),
        word(&answer.value),
        answer.confirmed_on.to_string(),
        answer.target_on.map(|day| day.to_string()),
        answer.note.as_deref(),
        &answer.answered_by,
        answer.recorded_at.as_millisecond(),
        answer.basis.as_deref(),
    )?;
    let event = Event {
        action: "answer",
        subject: answer.item.as_str(),
        detail: json!({
            "after": answer.value,
            "before": before.map(|before| before.value),
            "changed": journal::changes(&before.map(said).unwrap_or_default(), &said(answer)),
            "round": answer.round,
            "target_on": answer.target_on,
        }),
        judged: false,
    };
    journal::add(tx, &answer.answered_by, answer.recorded_at, event).await
}

/// What a person says with an answer.
fn said(answer: &Answer) -> Map<String, Value> {
    let fields = [
        ("confirmed_on", json!(answer.confirmed_on)),
        ("note", json!(answer.note)),
        ("target_on", json!(answer.target_on)),
        ("value", json!(answer.value)),
    ];
    let said = fields.into_iter().filter(|(_, value)| !value.is_null());
    said.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The latest answer to the same item in the same round.
async fn latest_of(
    tx: &mut Tx,
    institution: &InstitutionId,
    answer: &Answer,
) -> Result<Option<Answer>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select item_id, round, value, confirmed_on, target_on, note, answered_by, recorded_at,
            basis
        from answers
        where institution_id = $1 and item_id = $2 and round = $3
        order by version desc limit 1",
        institution.as_str(),
        answer.item.as_str(),
        i64::from(answer.round),
    )?;
    row.map(Answer::try_from).transpose()
}

/// A cross join, because SQLite then looks up the latest versions alone and leaves history aside.
pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
    as_of: Option<Timestamp>,
) -> Result<Vec<Answer>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "with latest as (
            select item_id, round, max(version) as version from answers
            where institution_id = $1 and recorded_at <= $2
            group by item_id, round)
        select answers.item_id, answers.round, value, confirmed_on, target_on, note, answered_by,
            recorded_at, basis
        from latest cross join answers
        where institution_id = $1 and answers.item_id = latest.item_id
            and answers.round = latest.round and answers.version = latest.version
        order by answers.item_id, answers.round",
        institution.as_str(),
        until(as_of),
    )?;
    rows.into_iter().map(Answer::try_from).collect()
}

/// In the scope of their institution; what has no line was there before lines had hashes.
pub(crate) async fn lines(tx: &mut Tx) -> Result<Vec<AnswerLine>, StoreError> {
    let scope = tx.scope.clone();
    let rows = fetch_all!(
        tx,
        LineRow,
        "with latest as (
            select item_id, round, max(version) as version from answers
            where institution_id = $1
            group by item_id, round)
        select journal.seq, at, by_whom, detail, answers.item_id, answers.round, answers.version
        from latest cross join answers cross join journal
        where answers.institution_id = $1 and answers.item_id = latest.item_id
            and answers.round = latest.round and answers.version = latest.version
            and journal.institution_id = $1 and journal.seq = answers.seq
        order by journal.seq",
        &scope,
    )?;
    Ok(rows.into_iter().map(AnswerLine::from).collect())
}

pub(crate) async fn history(
    tx: &mut Tx,
    institution: &InstitutionId,
    item: &ItemId,
) -> Result<Vec<Answer>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select item_id, round, value, confirmed_on, target_on, note, answered_by, recorded_at,
            basis
        from answers
        where institution_id = $1 and item_id = $2
        order by round, version",
        institution.as_str(),
        item.as_str(),
    )?;
    rows.into_iter().map(Answer::try_from).collect()
}

impl From<LineRow> for AnswerLine {
    fn from(row: LineRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            by: row.by_whom,
            detail: row.detail,
            item: ItemId::new(row.item_id),
            round: row.round,
            version: row.version,
        }
    }
}

impl TryFrom<Row> for Answer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            item: ItemId::new(row.item_id),
            round: number("answers.round", row.round)?,
            value: of_word("answers.value", &row.value)?,
            confirmed_on: date("answers.confirmed_on", &row.confirmed_on)?,
            target_on: optional_date("answers.target_on", row.target_on.as_deref())?,
            note: row.note,
            answered_by: row.answered_by,
            recorded_at: instant("answers.recorded_at", row.recorded_at)?,
            basis: row.basis,
        })
    }
}
