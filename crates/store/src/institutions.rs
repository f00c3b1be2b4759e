//! Statements about institutions (医療機関等).

use sonae_domain::answer::Institution;
use sonae_domain::ids::InstitutionId;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::{of_word, word};

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    kind: String,
    vendor_contract: String,
}

pub(crate) async fn insert(tx: &mut Tx, institution: &Institution) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into institutions (id, name, kind, vendor_contract) values ($1, $2, $3, $4)",
        institution.id.as_str(),
        &institution.name,
        word(&institution.kind),
        word(&institution.vendor_contract),
    )?;
    Ok(())
}

pub(crate) async fn update(tx: &mut Tx, institution: &Institution) -> Result<(), StoreError> {
    let touched = execute!(
        tx,
        "update institutions set name = $2, kind = $3, vendor_contract = $4 where id = $1",
        institution.id.as_str(),
        &institution.name,
        word(&institution.kind),
        word(&institution.vendor_contract),
    )?;
    if touched == 0 {
        return Err(StoreError::NotThere { doing: tx.doing });
    }
    Ok(())
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
