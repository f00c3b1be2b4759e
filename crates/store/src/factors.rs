//! Statements about what lets a person in beside the password: passkeys, recovery codes, set-up
//! links. A code and a link open once; whether they fit is asked and noted in one statement.

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::ids::AccountId;
use sqlx::FromRow;

use crate::accounts::{changed, changed_own};
use crate::error::StoreError;
use crate::people::{Passkey, Secret, SetupLink};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::{instant, optional_instant};

#[derive(FromRow)]
struct PasskeyRow {
    account_id: String,
    credential_id: String,
    name: String,
    body: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

#[derive(FromRow)]
struct LinkRow {
    token_hash: String,
    account_id: String,
    made_by: String,
    made_at: i64,
    ends_at: i64,
    used_at: Option<i64>,
}

pub(crate) async fn save_passkey(
    tx: &mut Tx,
    passkey: &Passkey,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let known = passkeys(tx, &passkey.account).await?;
    let mut known = known
        .iter()
        .filter(|known| known.credential_id == passkey.credential_id);
    if let Some(known) = known.next() {
        return update_passkey(tx, known, passkey, by, at).await;
    }
    execute!(
        tx,
        "insert into passkeys (credential_id, account_id, name, body, created_at, last_used_at)
        values ($1, $2, $3, $4, $5, $6)",
        &passkey.credential_id,
        passkey.account.as_str(),
        &passkey.name,
        &passkey.body,
        passkey.created_at.as_millisecond(),
        passkey.last_used_at.map(Timestamp::as_millisecond),
    )?;
    let detail = json!({ "name": passkey.name });
    changed(tx, "account.passkey", &passkey.account, detail, by, at).await
}

/// A passkey that counts how often it was used says something else each time; one that does not is
/// told once.
async fn update_passkey(
    tx: &mut Tx,
    before: &Passkey,
    passkey: &Passkey,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "update passkeys set name = $3, body = $4, last_used_at = $5
        where credential_id = $1 and account_id = $2",
        &passkey.credential_id,
        passkey.account.as_str(),
        &passkey.name,
        &passkey.body,
        passkey.last_used_at.map(Timestamp::as_millisecond),
    )?;
    if (&before.name, &before.body) == (&passkey.name, &passkey.body) {
        return Ok(());
    }
    let detail = json!({ "name": passkey.name });
    changed(tx, "account.passkey.use", &passkey.account, detail, by, at).await
}

pub(crate) async fn remove_passkey(
    tx: &mut Tx,
    account: &AccountId,
    credential_id: &str,
    by: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let removed = fetch_optional!(
        tx,
        (String,),
        "delete from passkeys where account_id = $1 and credential_id = $2 returning name",
        account.as_str(),
        credential_id,
    )?;
    let Some((name,)) = removed else {
        return Ok(false);
    };
    let detail = json!({ "name": name });
    changed(tx, "account.passkey.remove", account, detail, by, at).await?;
    Ok(true)
}

pub(crate) async fn passkeys(tx: &mut Tx, account: &AccountId) -> Result<Vec<Passkey>, StoreError> {
    let rows = fetch_all!(
        tx,
        PasskeyRow,
        "select account_id, credential_id, name, body, created_at, last_used_at
        from passkeys where account_id = $1 order by created_at, credential_id",
        account.as_str(),
    )?;
    rows.into_iter().map(Passkey::try_from).collect()
}

pub(crate) async fn replace_codes(
    tx: &mut Tx,
    account: &AccountId,
    code_hashes: &[Secret],
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "delete from recovery_codes where account_id = $1",
        account.as_str(),
    )?;
    for code_hash in code_hashes {
        execute!(
            tx,
            "insert into recovery_codes (account_id, code_hash) values ($1, $2)",
            account.as_str(),
            code_hash.reveal(),
        )?;
    }
    let detail = json!({ "n_codes": code_hashes.len() });
    changed(tx, "account.recovery_codes", account, detail, by, at).await
}

pub(crate) async fn use_code(
    tx: &mut Tx,
    account: &AccountId,
    code_hash: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "update recovery_codes set used_at = $3
        where account_id = $1 and code_hash = $2 and used_at is null",
        account.as_str(),
        code_hash,
        at.as_millisecond(),
    )?;
    if touched == 0 {
        return Ok(false);
    }
    changed_own(tx, "account.recovery_code.use", account, at).await?;
    Ok(true)
}

pub(crate) async fn n_codes(tx: &mut Tx, account: &AccountId) -> Result<i64, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) as n_codes from recovery_codes
        where account_id = $1 and used_at is null",
        account.as_str(),
    )?;
    Ok(row.map_or(0, |(n_codes,)| n_codes))
}

pub(crate) async fn insert_link(tx: &mut Tx, link: &SetupLink) -> Result<(), StoreError> {
    // Whoever asks for a new link may have lost the one before.
    execute!(
        tx,
        "update setup_links set ends_at = $2
        where account_id = $1 and used_at is null and ends_at > $2",
        link.account.as_str(),
        link.made_at.as_millisecond(),
    )?;
    execute!(
        tx,
        "insert into setup_links (token_hash, account_id, made_by, made_at, ends_at, used_at)
        values ($1, $2, $3, $4, $5, $6)",
        link.token_hash.reveal(),
        link.account.as_str(),
        &link.made_by,
        link.made_at.as_millisecond(),
        link.ends_at.as_millisecond(),
        link.used_at.map(Timestamp::as_millisecond),
    )?;
    let (by, at) = (&link.made_by, link.made_at);
    let detail = json!({ "ends_at": link.ends_at });
    changed(tx, "account.setup_link", &link.account, detail, by, at).await
}

pub(crate) async fn find_link(
    tx: &mut Tx,
    token_hash: &str,
) -> Result<Option<SetupLink>, StoreError> {
    let row = fetch_optional!(
        tx,
        LinkRow,
        "select token_hash, account_id, made_by, made_at, ends_at, used_at
        from setup_links where token_hash = $1",
        token_hash,
    )?;
    row.map(SetupLink::try_from).transpose()
}

pub(crate) async fn use_link(
    tx: &mut Tx,
    token_hash: &str,
    at: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let row = fetch_optional!(
        tx,
        (String,),
        "update setup_links set used_at = $2
        where token_hash = $1 and used_at is null and ends_at > $2
        returning account_id",
        token_hash,
        at.as_millisecond(),
    )?;
    let Some((account,)) = row else {
        return Ok(None);
    };
    let account = AccountId::new(account);
    changed_own(tx, "account.setup_link.use", &account, at).await?;
    Ok(Some(account))
}

impl TryFrom<PasskeyRow> for Passkey {
    type Error = StoreError;

    fn try_from(row: PasskeyRow) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId::new(row.account_id),
            credential_id: row.credential_id,
            name: row.name,
            body: row.body,
            created_at: instant("passkeys.created_at", row.created_at)?,
            last_used_at: optional_instant("passkeys.last_used_at", row.last_used_at)?,
        })
    }
}

impl TryFrom<LinkRow> for SetupLink {
    type Error = StoreError;

    fn try_from(row: LinkRow) -> Result<Self, StoreError> {
        Ok(Self {
            token_hash: Secret::new(row.token_hash),
            account: AccountId::new(row.account_id),
            made_by: row.made_by,
            made_at: instant("setup_links.made_at", row.made_at)?,
            ends_at: instant("setup_links.ends_at", row.ends_at)?,
            used_at: optional_instant("setup_links.used_at", row.used_at)?,
        })
    }
}
