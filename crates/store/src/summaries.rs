//! Statements about summaries: what the overview of many institutions shows about each. They can be
//! made anew at any time, so that no history of them is kept.

use sonae_domain::ids::InstitutionId;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::sql::{Tx, execute, fetch_all};
use crate::store::Summary;
use crate::values::{date, instant};

#[derive(FromRow)]
struct Row {
    institution_id: String,
    body: String,
    last_entry: i64,
    judged_on: String,
    saved_at: i64,
}

pub(crate) async fn save(
    tx: &mut Tx,
    institution: &InstitutionId,
    summary: &Summary,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into summaries
            (institution_id, body, last_entry, newest_entry, judged_on, saved_at)
        values ($1, $2, $3,
            (select coalesce(max(seq), 0) from journal where institution_id = $1), $4, $5)
        on conflict (institution_id) do update
        set body = excluded.body, last_entry = excluded.last_entry,
            judged_on = excluded.judged_on, saved_at = excluded.saved_at
        where summaries.last_entry <= excluded.last_entry",
        institution.as_str(),
        &summary.body,
        summary.last_entry,
        summary.judged_on.to_string(),
        summary.saved_at.as_millisecond(),
    )?;
    Ok(())
}

pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<(InstitutionId, Summary)>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select institution_id, body, last_entry, judged_on, saved_at
        from summaries order by institution_id",
    )?;
    rows.into_iter().map(Row::summary).collect()
}

pub(crate) async fn changed(tx: &mut Tx) -> Result<Vec<InstitutionId>, StoreError> {
    let rows = fetch_all!(
        tx,
        (String,),
        "select institution_id from summaries where last_entry < newest_entry
        order by saved_at, institution_id",
    )?;
    Ok(rows
        .into_iter()
        .map(|(id,)| InstitutionId::new(id))
        .collect())
}

impl Row {
    fn summary(self) -> Result<(InstitutionId, Summary), StoreError> {
        let summary = Summary {
            body: self.body,
            last_entry: self.last_entry,
            judged_on: date("summaries.judged_on", &self.judged_on)?,
            saved_at: instant("summaries.saved_at", self.saved_at)?,
        };
        Ok((InstitutionId::new(self.institution_id), summary))
    }
}
