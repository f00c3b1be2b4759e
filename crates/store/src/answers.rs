//! Statements about answers (回答). Rows are added and never changed; the highest version counts.

use sonae_domain::answer::Answer;
use sonae_domain::ids::{InstitutionId, ItemId};
use sqlx::FromRow;

use crate::error::StoreError;
use crate::sql::{Tx, execute, fetch_all};
use crate::values::{date, instant, number, of_word, word};

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
}

pub(crate) async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    answer: &Answer,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into answers (institution_id, item_id, round, version, value, confirmed_on,
            target_on, note, answered_by, recorded_at)
        values ($1, $2, $3,
            (select coalesce(max(version), 0) + 1 from answers
                where institution_id = $1 and item_id = $2 and round = $3),
            $4, $5, $6, $7, $8, $9)",
        institution.as_str(),
        answer.item.as_str(),
        i64::from(answer.round),
        word(&answer.value),
        answer.confirmed_on.to_string(),
        answer.target_on.map(|day| day.to_string()),
        answer.note.as_deref(),
        &answer.answered_by,
        answer.recorded_at.as_millisecond(),
    )?;
    Ok(())
}

pub(crate) async fn latest(
    tx: &mut Tx,
    institution: &InstitutionId,
) -> Result<Vec<Answer>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select item_id, round, value, confirmed_on, target_on, note, answered_by, recorded_at
        from answers
        where institution_id = $1 and not exists (
            select 1 from answers as later
            where later.institution_id = answers.institution_id
                and later.item_id = answers.item_id
                and later.round = answers.round
                and later.version > answers.version)
        order by item_id, round",
        institution.as_str(),
    )?;
    rows.into_iter().map(Answer::try_from).collect()
}

pub(crate) async fn history(
    tx: &mut Tx,
    institution: &InstitutionId,
    item: &ItemId,
) -> Result<Vec<Answer>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select item_id, round, value, confirmed_on, target_on, note, answered_by, recorded_at
        from answers
        where institution_id = $1 and item_id = $2
        order by round, version",
        institution.as_str(),
        item.as_str(),
    )?;
    rows.into_iter().map(Answer::try_from).collect()
}

impl TryFrom<Row> for Answer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let target_on = row
            .target_on
            .map(|day| date("answers.target_on", &day))
            .transpose()?;
        Ok(Self {
            item: ItemId::new(row.item_id),
            round: number("answers.round", row.round)?,
            value: of_word("answers.value", &row.value)?,
            confirmed_on: date("answers.confirmed_on", &row.confirmed_on)?,
            target_on,
            note: row.note,
            answered_by: row.answered_by,
            recorded_at: instant("answers.recorded_at", row.recorded_at)?,
            basis: None,
        })
    }
}
