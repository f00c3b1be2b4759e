//! Statements about sessions (セッション) and about failures counted against guessing. Times are
//! kept, not judged: whether a session is over or a door stays shut is decided elsewhere.

use jiff::Timestamp;
use sonae_domain::ids::{AccountId, InstitutionId};
use sqlx::FromRow;

use crate::error::StoreError;
use crate::people::{Secret, Session, Throttle};
use crate::sql::{Tx, execute, fetch_all, fetch_optional};
use crate::values::instant;

#[derive(FromRow)]
struct Row {
    token_hash: String,
    account_id: String,
    institution_id: Option<String>,
    made_at: i64,
    seen_at: i64,
    ends_at: i64,
    second_factor: bool,
    state: Option<String>,
}

pub(crate) async fn insert(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    let touched = execute!(
        tx,
        "insert into sessions (token_hash, account_id, institution_id, made_at, seen_at, ends_at,
            second_factor, state)
        select $1, id, $3, $4, $5, $6, $7, $8
        from accounts where id = $2 and disabled_at is null",
        session.token_hash.reveal(),
        session.account.as_str(),
        session.institution.as_ref().map(InstitutionId::as_str),
        session.made_at.as_millisecond(),
        session.seen_at.as_millisecond(),
        session.ends_at.as_millisecond(),
        session.second_factor,
        session.state.as_ref().map(Secret::reveal),
    )?;
    if touched == 0 {
        return Err(StoreError::NotThere { doing: tx.doing });
    }
    Ok(())
}

pub(crate) async fn find(tx: &mut Tx, token_hash: &str) -> Result<Option<Session>, StoreError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select token_hash, account_id, institution_id, made_at, seen_at, ends_at, second_factor,
            state
        from sessions where token_hash = $1",
        token_hash,
    )?;
    row.map(Session::try_from).transpose()
}

pub(crate) async fn list_of(tx: &mut Tx, account: &AccountId) -> Result<Vec<Session>, StoreError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select token_hash, account_id, institution_id, made_at, seen_at, ends_at, second_factor,
            state
        from sessions where account_id = $1 order by made_at, token_hash",
        account.as_str(),
    )?;
    rows.into_iter().map(Session::try_from).collect()
}

pub(crate) async fn touch(
    tx: &mut Tx,
    token_hash: &str,
    seen_at: Timestamp,
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "update sessions set seen_at = $2, ends_at = $3 where token_hash = $1",
        token_hash,
        seen_at.as_millisecond(),
        ends_at.as_millisecond(),
    )?;
    Ok(())
}

pub(crate) async fn save(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    let touched = execute!(
        tx,
        "update sessions set institution_id = $2, second_factor = $3, state = $4
        where token_hash = $1",
        session.token_hash.reveal(),
        session.institution.as_ref().map(InstitutionId::as_str),
        session.second_factor,
        session.state.as_ref().map(Secret::reveal),
    )?;
    if touched == 0 {
        return Err(StoreError::NotThere { doing: tx.doing });
    }
    Ok(())
}

pub(crate) async fn end(tx: &mut Tx, token_hash: &str) -> Result<bool, StoreError> {
    let ended = execute!(tx, "delete from sessions where token_hash = $1", token_hash,)?;
    Ok(ended == 1)
}

pub(crate) async fn end_of(
    tx: &mut Tx,
    account: &AccountId,
    except: Option<&str>,
) -> Result<(), StoreError> {
    // No token has an empty hash.
    execute!(
        tx,
        "delete from sessions where account_id = $1 and token_hash <> $2",
        account.as_str(),
        except.unwrap_or_default(),
    )?;
    Ok(())
}

pub(crate) async fn end_before(tx: &mut Tx, at: Timestamp) -> Result<(), StoreError> {
    execute!(
        tx,
        "delete from sessions where ends_at <= $1",
        at.as_millisecond(),
    )?;
    Ok(())
}

pub(crate) async fn note_failure(
    tx: &mut Tx,
    key: &str,
    at: Timestamp,
    window_seconds: i64,
    n_sliding: i64,
) -> Result<i64, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "insert into throttles (key, n_failed, since) values ($1, 1, $2)
        on conflict (key) do update
        set n_failed = case when throttles.since <= $3 then 1 else throttles.n_failed + 1 end,
            since = case when throttles.since <= $3 or throttles.n_failed < $4
                then excluded.since else throttles.since end
        returning n_failed",
        key,
        at.as_millisecond(),
        at.as_millisecond() - 1000 * window_seconds,
        n_sliding,
    )?;
    Ok(row.map_or(0, |(n_failed,)| n_failed))
}

pub(crate) async fn throttle(tx: &mut Tx, key: &str) -> Result<Option<Throttle>, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64, i64),
        "select n_failed, since from throttles where key = $1",
        key,
    )?;
    let Some((n_failed, since)) = row else {
        return Ok(None);
    };
    let since = instant("throttles.since", since)?;
    Ok(Some(Throttle { n_failed, since }))
}

pub(crate) async fn clear_throttle(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    execute!(tx, "delete from throttles where key = $1", key)?;
    Ok(())
}

pub(crate) async fn clear_throttles_before(tx: &mut Tx, at: Timestamp) -> Result<(), StoreError> {
    execute!(
        tx,
        "delete from throttles where since < $1",
        at.as_millisecond(),
    )?;
    Ok(())
}

impl TryFrom<Row> for Session {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            token_hash: Secret::new(row.token_hash),
            account: AccountId::new(row.account_id),
            institution: row.institution_id.map(InstitutionId::new),
            made_at: instant("sessions.made_at", row.made_at)?,
            seen_at: instant("sessions.seen_at", row.seen_at)?,
            ends_at: instant("sessions.ends_at", row.ends_at)?,
            second_factor: row.second_factor,
            state: row.state.map(Secret::new),
        })
    }
}
