//! Statements about accounts (アカウント), logins and the time steps of TOTP.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sonae_domain::ids::AccountId;
use sqlx::FromRow;

use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::people::{Account, AccountChange, Secret};
use crate::sessions;
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

/// Writes what changes and nothing else: whoever thought for a while, as hashing a password takes,
/// must not write back what the account was before.
pub(crate) async fn change(
    tx: &mut Tx,
    id: &AccountId,
    change: &AccountChange,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let not_there = StoreError::NotThere { doing: tx.doing };
    let Some(before) = find(tx, id).await? else {
        return Err(not_there);
    };
    if write(tx, &before, change, at).await? == 0 {
        return Err(not_there);
    }
    let Some(after) = find(tx, id).await? else {
        return Err(not_there);
    };
    let (before_fields, after_fields) = (fields(&before), fields(&after));
    if before_fields != after_fields {
        let detail = journal::changes(&before_fields, &after_fields);
        changed(tx, "account", id, detail, by, at).await?;
    }
    if before.password_hash != after.password_hash {
        changed(tx, "account.password", id, json!({}), by, at).await?;
    }
    if before.totp_secret != after.totp_secret {
        let detail = json!({ "totp": after.totp_secret.is_some() });
        changed(tx, "account.second_factor", id, detail, by, at).await?;
    }
    Ok(())
}

/// How many accounts it touched: none where the account is closed and the change is one that only
/// whoever may come in makes.
async fn write(
    tx: &mut Tx,
    account: &Account,
    change: &AccountChange,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let id = account.id.as_str();
    match change {
        AccountChange::Name(name) => execute!(
            tx,
            "update accounts set name = $2 where id = $1 and disabled_at is null",
            id,
            name,
        ),
        AccountChange::Password(hash) => execute!(
            tx,
            "update accounts set password_hash = $2, password_changed_at = $3
            where id = $1 and disabled_at is null",
            id,
            hash.reveal(),
            at.as_millisecond(),
        ),
        // A clock that ran ahead must not lock out a new secret.
        AccountChange::Totp(secret) => execute!(
            tx,
            "update accounts set totp_secret = $2,
                totp_step = case when totp_secret = $2 then totp_step end
            where id = $1 and disabled_at is null",
            id,
            secret.reveal(),
        ),
        AccountChange::NoTotp => execute!(
            tx,
            "update accounts set totp_secret = null, totp_step = null where id = $1",
            id,
        ),
        AccountChange::Closed(is_closed) => {
            let since = is_closed.then(|| account.disabled_at.unwrap_or(at));
            if *is_closed {
                sessions::end_of(tx, &account.id, None).await?;
            }
            execute!(
                tx,
                "update accounts set disabled_at = $2 where id = $1",
                id,
                since.map(Timestamp::as_millisecond),
            )
        }
        AccountChange::Operator(is_operator) => execute!(
            tx,
            "update accounts set is_operator = $2 where id = $1",
            id,
            *is_operator,
        ),
    }
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
