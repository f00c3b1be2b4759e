//! Statements about grants: the roles that people have in institutions. One is never changed but to
//! be taken back.

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::Grant;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::{instant, of_word, optional_date, word};

#[derive(FromRow)]
struct Row {
    institution_id: String,
    id: String,
    account_id: String,
    role: String,
    outsider: bool,
    purpose: Option<String>,
    ends_on: Option<String>,
    granted_by: String,
    granted_at: i64,
    revoked_by: Option<String>,
    revoked_at: Option<i64>,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    grant: &Grant,
) -> Result<(), StoreError> {
    let revoked = grant.revoked.as_ref();
    execute!(
        tx,
        "insert into grants (institution_id, id, account_id, role, outsider, purpose, ends_on,
            granted_by, granted_at, revoked_by, revoked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        institution.as_str(),
        grant.id.as_str(),
        grant.account.as_str(),
        word(&grant.role),
        grant.outsider,
        grant.purpose.as_deref(),
        grant.ends_on.map(|day| day.to_string()),
        &grant.granted_by,
        grant.granted_at.as_millisecond(),
        revoked.map(|(by, _)| by.as_str()),
        revoked.map(|(_, at)| at.as_millisecond()),
    )?;
    let event = Event {
        action: "grant",
        subject: grant.id.as_str(),
        detail: json!({
            "account": grant.account,
            "ends_on": grant.ends_on,
            "outsider": grant.outsider,
            "purpose": grant.purpose,
            "role": grant.role,
        }),
        judged: false,
    };
    journal::add(tx, &grant.granted_by, grant.granted_at, event).await
}

pub(crate) async fn revoke(
    tx: &mut Tx,
    institution: &InstitutionId,
    id: &GrantId,
    by: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let row = fetch_optional!(
        tx,
        (String, String),
        "update grants set revoked_by = $3, revoked_at = $4
        where institution_id = $1 and id = $2 and revoked_at is null
        returning account_id, role",
        institution.as_str(),
        id.as_str(),
        by,
        at.as_millisecond(),
    )?;
    let Some((account, role)) = row else {
        return Ok(false);
    };
    let event = Event {
        action: "grant.revoke",
        subject: id.as_str(),
        detail: json!({ "account": account, "role": role }),
        judged: false,
    };
    journal::add(tx, by, at, event).await?;
    Ok(true)
}

pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
) -> Result<Vec<Grant>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select institution_id, id, account_id, role, outsider, purpose, ends_on, granted_by,
            granted_at, revoked_by, revoked_at
        from grants where institution_id = $1 order by granted_at, id",
        institution.as_str(),
    )?;
    rows.into_iter().map(Grant::try_from).collect()
}

pub(crate) async fn list_of(
    tx: &mut Tx,
    account: &AccountId,
) -> Result<Vec<(InstitutionId, Grant)>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select institution_id, id, account_id, role, outsider, purpose, ends_on, granted_by,
            granted_at, revoked_by, revoked_at
        from grants where account_id = $1 order by institution_id, granted_at, id",
        account.as_str(),
    )?;
    let of_institution = |row: Row| {
        let institution = InstitutionId::new(&row.institution_id);
        Ok((institution, Grant::try_from(row)?))
    };
    rows.into_iter().map(of_institution).collect()
}

impl TryFrom<Row> for Grant {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let revoked = match (row.revoked_by, row.revoked_at) {
            (Some(by), Some(at)) => Some((by, instant("grants.revoked_at", at)?)),
            _ => None,
        };
        Ok(Self {
            id: GrantId::new(row.id),
            account: AccountId::new(row.account_id),
            role: of_word("grants.role", &row.role)?,
            outsider: row.outsider,
            purpose: row.purpose,
            ends_on: optional_date("grants.ends_on", row.ends_on.as_deref())?,
            granted_by: row.granted_by,
            granted_at: instant("grants.granted_at", row.granted_at)?,
            revoked,
        })
    }
}
