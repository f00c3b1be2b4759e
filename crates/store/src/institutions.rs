//! Statements about institutions (医療機関等).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sonae_domain::answer::Institution;
use sonae_domain::ids::InstitutionId;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::{of_word, word};

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    kind: String,
    vendor_contract: String,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    institution: &Institution,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into institutions (id, name, kind, vendor_contract) values ($1, $2, $3, $4)",
        institution.id.as_str(),
        &institution.name,
        word(&institution.kind),
        word(&institution.vendor_contract),
    )?;
    changed(tx, &Map::new(), institution, by, at).await
}

pub(crate) async fn update(
    tx: &mut Tx,
    institution: &Institution,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(before) = find(tx, &institution.id).await? else {
        return Err(StoreError::NotThere { doing: tx.doing });
    };
    if before == *institution {
        return Ok(());
    }
    execute!(
        tx,
        "update institutions set name = $2, kind = $3, vendor_contract = $4 where id = $1",
        institution.id.as_str(),
        &institution.name,
        word(&institution.kind),
        word(&institution.vendor_contract),
    )?;
    changed(tx, &fields(&before), institution, by, at).await
}

async fn changed(
    tx: &mut Tx,
    before: &Map<String, Value>,
    institution: &Institution,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let event = Event {
        action: "institution",
        subject: institution.id.as_str(),
        detail: journal::changes(before, &fields(institution)),
        judged: true,
    };
    journal::add(tx, by, at, event).await
}

fn fields(institution: &Institution) -> Map<String, Value> {
    Map::from_iter([
        ("kind".to_owned(), json!(institution.kind)),
        ("name".to_owned(), json!(institution.name)),
        (
            "vendor_contract".to_owned(),
            json!(institution.vendor_contract),
        ),
    ])
}

pub(crate) async fn find(
    tx: &mut Tx,
    id: &InstitutionId,
) -> Result<Option<Institution>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select id, name, kind, vendor_contract from institutions where id = $1",
        id.as_str(),
    )?;
    row.map(Institution::try_from).transpose()
}

pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<Institution>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select id, name, kind, vendor_contract from institutions order by id",
    )?;
    rows.into_iter().map(Institution::try_from).collect()
}

impl TryFrom<Row> for Institution {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: InstitutionId::new(row.id),
            name: row.name,
            kind: of_word("institutions.kind", &row.kind)?,
            vendor_contract: of_word("institutions.vendor_contract", &row.vendor_contract)?,
        })
    }
}
