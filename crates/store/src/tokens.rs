//! Statements about access tokens for programs. One is never changed but to be taken back, and to
//! note that it was used.

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::ids::{AccountId, InstitutionId, TokenId};
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::people::{Secret, Token};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::{instant, of_word, optional_date, optional_instant, word};

#[derive(FromRow)]
struct Row {
    institution_id: String,
    id: String,
    token_hash: String,
    account_id: String,
    name: String,
    scope: String,
    made_at: i64,
    ends_on: Option<String>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    institution: &InstitutionId,
    token: &Token,
    by: &str,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into tokens (institution_id, id, token_hash, account_id, name, scope, made_at,
            ends_on, last_used_at, revoked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        institution.as_str(),
        token.id.as_str(),
        token.token_hash.reveal(),
        token.account.as_str(),
        &token.name,
        word(&token.scope),
        token.made_at.as_millisecond(),
        token.ends_on.map(|day| day.to_string()),
        token.last_used_at.map(Timestamp::as_millisecond),
        token.revoked_at.map(Timestamp::as_millisecond),
    )?;
    let event = Event {
        action: "token",
        subject: token.id.as_str(),
        detail: json!({
            "account": token.account,
            "ends_on": token.ends_on,
            "name": token.name,
            "scope": token.scope,
        }),
        judged: false,
    };
    journal::add(tx, by, token.made_at, event).await
}

pub(crate) async fn revoke(
    tx: &mut Tx,
    institution: &InstitutionId,
    id: &TokenId,
    by: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let row = fetch_optional!(
        tx,
        (String, String),
        "update tokens set revoked_at = $3
        where institution_id = $1 and id = $2 and revoked_at is null
        returning account_id, name",
        institution.as_str(),
        id.as_str(),
        at.as_millisecond(),
    )?;
    let Some((account, name)) = row else {
        return Ok(false);
    };
    let event = Event {
        action: "token.revoke",
        subject: id.as_str(),
        detail: json!({ "account": account, "name": name }),
        judged: false,
    };
    journal::add(tx, by, at, event).await?;
    Ok(true)
}

pub(crate) async fn note_use(
    tx: &mut Tx,
    institution: &InstitutionId,
    id: &TokenId,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "update tokens set last_used_at = $3 where institution_id = $1 and id = $2",
        institution.as_str(),
        id.as_str(),
        at.as_millisecond(),
    )?;
    Ok(())
}

pub(crate) async fn list(
    tx: &mut Tx,
    institution: &InstitutionId,
) -> Result<Vec<Token>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select institution_id, id, token_hash, account_id, name, scope, made_at, ends_on,
            last_used_at, revoked_at
        from tokens where institution_id = $1 order by made_at, id",
        institution.as_str(),
    )?;
    rows.into_iter().map(Token::try_from).collect()
}

pub(crate) async fn find_by_hash(
    tx: &mut Tx,
    token_hash: &str,
) -> Result<Option<(InstitutionId, Token)>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select institution_id, id, token_hash, account_id, name, scope, made_at, ends_on,
            last_used_at, revoked_at
        from tokens where token_hash = $1",
        token_hash,
    )?;
    let Some(row) = row else { return Ok(None) };
    let institution = InstitutionId::new(&row.institution_id);
    Ok(Some((institution, row.try_into()?)))
}

impl TryFrom<Row> for Token {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: TokenId::new(row.id),
            token_hash: Secret::new(row.token_hash),
            account: AccountId::new(row.account_id),
            name: row.name,
            scope: of_word("tokens.scope", &row.scope)?,
            made_at: instant("tokens.made_at", row.made_at)?,
            ends_on: optional_date("tokens.ends_on", row.ends_on.as_deref())?,
            last_used_at: optional_instant("tokens.last_used_at", row.last_used_at)?,
            revoked_at: optional_instant("tokens.revoked_at", row.revoked_at)?,
        })
    }
}
