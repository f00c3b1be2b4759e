//! Statements about accounts (アカウント), logins and the time steps of TOTP.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sonae_domain::ids::AccountId;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::people::{Account, Secret};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::{instant, optional_instant};

#[derive(FromRow)]
struct Row {
    id: String,
    login: String,
    name: String,
    password_hash: Option<String>,
    totp_secret: Option<String>,
    totp_step: Option<i64>,
    language: Option<String>,
    theme: Option<String>,
    is_operator: bool,
    disabled_at: Option<i64>,
    created_at: i64,
    last_login_at: Option<i64>,
    password_changed_at: Option<i64>,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    account: &Account,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into accounts (id, login, name, password_hash, totp_secret, language, theme,
            is_operator, disabled_at, created_at, password_changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        account.id.as_str(),
        &account.login,
        &account.name,
        account.password_hash.as_ref().map(Secret::reveal),
        account.totp_secret.as_ref().map(Secret::reveal),
        account.language.as_deref(),
        account.theme.as_deref(),
        account.is_operator,
        account.disabled_at.map(Timestamp::as_millisecond),
        account.created_at.as_millisecond(),
        account.password_changed_at.map(Timestamp::as_millisecond),
    )?;
    let detail = journal::changes(&Map::new(), &fields(account));
    changed(tx, "account", &account.id, detail, by, at).await
}

pub(crate) async fn update(
    tx: &mut Tx,
    account: &Account,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(before) = find(tx, &account.id).await? else {
        return Err(StoreError::NotThere { doing: tx.doing });
    };
    let new_totp = before.totp_secret != account.totp_secret;
    execute!(
        tx,
        "update accounts set login = $2, name = $3, password_hash = $4, totp_secret = $5,
            totp_step = case when $6 then null else totp_step end, language = $7, theme = $8,
            is_operator = $9, disabled_at = $10, password_changed_at = $11
        where id = $1",
        account.id.as_str(),
        &account.login,
        &account.name,
        account.password_hash.as_ref().map(Secret::reveal),
        account.totp_secret.as_ref().map(Secret::reveal),
        new_totp,
        account.language.as_deref(),
        account.theme.as_deref(),
        account.is_operator,
        account.disabled_at.map(Timestamp::as_millisecond),
        account.password_changed_at.map(Timestamp::as_millisecond),
    )?;
    let (before_fields, fields) = (fields(&before), fields(account));
    let new_password = before.password_hash != account.password_hash;
    // When it was disabled, or got its password, may change alone.
    let other_time = before.disabled_at != account.disabled_at
        || before.password_changed_at != account.password_changed_at;
    if before_fields != fields || (other_time && !new_password && !new_totp) {
        let detail = journal::changes(&before_fields, &fields);
        changed(tx, "account", &account.id, detail, by, at).await?;
    }
    if new_password {
        changed(tx, "account.password", &account.id, json!({}), by, at).await?;
    }
    if new_totp {
        let detail = json!({ "totp": account.totp_secret.is_some() });
        changed(tx, "account.second_factor", &account.id, detail, by, at).await?;
    }
    Ok(())
}

/// What of an account the journal shows. Language and theme are nobody's business.
fn fields(account: &Account) -> Map<String, Value> {
    Map::from_iter([
        ("disabled".to_owned(), json!(account.disabled_at.is_some())),
        ("is_operator".to_owned(), json!(account.is_operator)),
        ("login".to_owned(), json!(account.login)),
        ("name".to_owned(), json!(account.name)),
    ])
}

/// Says in the journal what was done to an account or what belongs to it.
pub(crate) async fn changed(
    tx: &mut Tx,
    action: &str,
    account: &AccountId,
    detail: Value,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let event = Event {
        action,
        subject: account.as_str(),
        detail,
        judged: false,
    };
    journal::add(tx, by, at, event).await
}

/// The same for what the person did with their own account.
pub(crate) async fn changed_own(
    tx: &mut Tx,
    action: &str,
    account: &AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(Account { name, .. }) = find(tx, account).await? else {
        return Err(StoreError::NotThere { doing: tx.doing });
    };
    changed(tx, action, account, json!({}), &name, at).await
}

pub(crate) async fn find(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select id, login, name, password_hash, totp_secret, totp_step, language, theme,
            is_operator, disabled_at, created_at, last_login_at, password_changed_at
        from accounts where id = $1",
        id.as_str(),
    )?;
    row.map(Account::try_from).transpose()
}

pub(crate) async fn find_by_login(tx: &mut Tx, login: &str) -> Result<Option<Account>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select id, login, name, password_hash, totp_secret, totp_step, language, theme,
            is_operator, disabled_at, created_at, last_login_at, password_changed_at
        from accounts where login = $1",
        login,
    )?;
    row.map(Account::try_from).transpose()
}

pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<Account>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select id, login, name, password_hash, totp_secret, totp_step, language, theme,
            is_operator, disabled_at, created_at, last_login_at, password_changed_at
        from accounts order by login",
    )?;
    rows.into_iter().map(Account::try_from).collect()
}

pub(crate) async fn note_login(
    tx: &mut Tx,
    id: &AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "update accounts set last_login_at = $2 where id = $1",
        id.as_str(),
        at.as_millisecond(),
    )?;
    changed_own(tx, "login", id, at).await
}

pub(crate) async fn note_failed_login(
    tx: &mut Tx,
    id: &AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    if find(tx, id).await?.is_none() {
        return Err(StoreError::NotThere { doing: tx.doing });
    }
    // Who it was is just what nobody knows.
    changed(tx, "login.failed", id, json!({}), "", at).await
}

pub(crate) async fn use_totp_step(
    tx: &mut Tx,
    id: &AccountId,
    step: i64,
) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "update accounts set totp_step = $2
        where id = $1 and (totp_step is null or totp_step < $2)",
        id.as_str(),
        step,
    )?;
    Ok(touched == 1)
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: AccountId::new(row.id),
            login: row.login,
            name: row.name,
            password_hash: row.password_hash.map(Secret::new),
            totp_secret: row.totp_secret.map(Secret::new),
            totp_step: row.totp_step,
            language: row.language,
            theme: row.theme,
            is_operator: row.is_operator,
            disabled_at: optional_instant("accounts.disabled_at", row.disabled_at)?,
            created_at: instant("accounts.created_at", row.created_at)?,
            last_login_at: optional_instant("accounts.last_login_at", row.last_login_at)?,
            password_changed_at: optional_instant(
                "accounts.password_changed_at",
                row.password_changed_at,
            )?,
        })
    }
}
