//! Coming in: password, then the second factor of whoever has one. Each step counts attempts, and
//! each success begins a new session, so that no token that was seen before opens anything.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sonae_domain::ids::AccountId;
use sonae_store::{Account, Secret, Session};
use unicode_normalization::UnicodeNormalization;

use super::doors::is_closed;
use super::failure::Failure;
use super::installation::Installation;
use super::labels;
use super::people::unless_closed;
use super::second_factor::matching_step;
use super::secrets::{is_password, new_token, recovery_code_hash, token_hash};
use super::workspace::store_failure;

/// A forgotten screen at the reception is closed after an hour.
const IDLE_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Longer than any shift; then everybody signs in again.
const SESSION_MAX: SignedDuration = SignedDuration::from_hours(12);

/// Who gave a password has so long to show the second factor.
const HALF_MAX: SignedDuration = SignedDuration::from_mins(10);

/// So many attempts on an account in a minute, and it waits.
const ATTEMPTS_MAX: i64 = 10;

/// So many from one address: a whole institution may sit behind it.
const ATTEMPTS_OF_ADDRESS_MAX: i64 = 30;

/// The window of [`ATTEMPTS_MAX`] and [`ATTEMPTS_OF_ADDRESS_MAX`].
const ATTEMPT_SECONDS: i64 = 60;

/// The window of [`ATTEMPTS_MAX`] for codes: three of a million are right at any time, so that
/// guessing day and night finds one in half a year.
const CODE_ATTEMPT_SECONDS: i64 = 600;

/// What is sent to come in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) login: &'a str,
    pub(crate) password: &'a str,
    /// The network address that it comes from.
    pub(crate) address: &'a str,
}

/// A session just begun.
pub(crate) struct SignedIn {
    /// For the cookie.
    pub(crate) token: String,
    /// It opens nothing but the page for the second factor.
    pub(crate) is_half: bool,
}

/// Somebody who gave the right password and must show the second factor now.
pub(crate) struct HalfIn {
    pub(crate) account: Account,
    pub(crate) session: Session,
}

impl Installation {
    /// Lets a person in by login name and password, or half in where a second factor is missing.
    ///
    /// # Errors
    /// Wrong, too many attempts, or the store fails.
    pub(crate) async fn sign_in(&self, attempt: Attempt<'_>) -> Result<SignedIn, Failure> {
        let login = normalised_login(attempt.login);
        let key = key_of(&login);
        self.count_address(attempt.address).await?;
        self.count_attempt(&key, ATTEMPTS_MAX, ATTEMPT_SECONDS)
            .await?;
        let account = self.store.account_by_login(&login).await;
        let account = account.map_err(store_failure)?;
        let open = account.as_ref().filter(|account| !is_closed(account));
        let hash = open.and_then(|account| account.password_hash.clone());
        let hash = hash.map(|hash| hash.reveal().to_owned());
        let is_right = is_password(attempt.password.to_owned(), hash).await?;
        let Some(account) = open.filter(|_| is_right) else {
            self.note_failed(account.as_ref()).await?;
            return Err(Failure::refused(labels::wrong_login()));
        };
        self.forget_attempts(&key).await?;
        let signed_in = self.begin_session_of(account).await?;
        self.unless_replaced(account, signed_in).await
    }

    /// Comparing takes so long that the password may be another one by now; whoever replaced it
    /// ended all sessions, but not one that began afterwards.
    async fn unless_replaced(
        &self,
        before: &Account,
        signed_in: SignedIn,
    ) -> Result<SignedIn, Failure> {
        let account = self.open_account(&before.id).await?;
        if account.is_some_and(|account| account.password_hash == before.password_hash) {
            return Ok(signed_in);
        }
        self.end_session(&token_hash(&signed_in.token)).await?;
        Err(Failure::refused(labels::wrong_login()))
    }

    /// Begins a session after the first step: whole for whoever has no second factor.
    pub(super) async fn begin_session_of(&self, account: &Account) -> Result<SignedIn, Failure> {
        match self.has_second_factor(account).await? {
            true => self.begin_half_session(account).await,
            false => self.begin_session(&account.id, false).await,
        }
    }

    /// Who stands between the two steps with this token.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn half_in(&self, token: &str) -> Result<Option<HalfIn>, Failure> {
        let session = self.store.session(&token_hash(token)).await;
        let now = self.settings.clock.now();
        let session = session.map_err(store_failure)?;
        let Some(session) = session.filter(|session| now < session.ends_at) else {
            return Ok(None);
        };
        let Some(account) = self.open_account(&session.account).await? else {
            return Ok(None);
        };
        let is_half = !session.second_factor && self.has_second_factor(&account).await?;
        Ok(is_half.then_some(HalfIn { account, session }))
    }

    /// Lets a person in by the code of their program, or by a recovery code.
    ///
    /// # Errors
    /// Wrong, used before, too many attempts, or the store fails.
    pub(crate) async fn show_code(
        &self,
        half: &HalfIn,
        typed: &str,
        address: &str,
    ) -> Result<SignedIn, Failure> {
        let account = &half.account;
        let key = format!("code:{}", account.id);
        self.count_address(address).await?;
        self.count_attempt(&key, ATTEMPTS_MAX, CODE_ATTEMPT_SECONDS)
            .await?;
        if !self.is_code(account, typed).await? {
            self.note_failed(Some(account)).await?;
            return Err(Failure::refused(labels::wrong_code()).at("code"));
        }
        self.forget_attempts(&key).await?;
        self.become_whole(half).await
    }

    /// The second step is done: a new session in place of the half one.
    pub(super) async fn become_whole(&self, half: &HalfIn) -> Result<SignedIn, Failure> {
        let signed_in = self.begin_session(&half.account.id, true).await?;
        self.in_place_of(&half.session, signed_in).await
    }

    /// Ends the former session. One that was ended meanwhile, or went on in another already, has no
    /// place to give.
    async fn in_place_of(
        &self,
        former: &Session,
        signed_in: SignedIn,
    ) -> Result<SignedIn, Failure> {
        if self.end_session(former.token_hash.reveal()).await? {
            return Ok(signed_in);
        }
        self.end_session(&token_hash(&signed_in.token)).await?;
        Err(Failure::refused(labels::session_over()))
    }

    /// Ends the session with this hash; says whether there was one.
    pub(super) async fn end_session(&self, hash: &str) -> Result<bool, Failure> {
        self.store.end_session(hash).await.map_err(store_failure)
    }

    async fn is_code(&self, account: &Account, typed: &str) -> Result<bool, Failure> {
        let now = self.settings.clock.now();
        let secret = account.totp_secret.as_ref();
        let step = secret.and_then(|secret| matching_step(secret.reveal(), typed, now));
        let used = match step {
            Some(step) => self.store.use_totp_step(&account.id, step).await,
            None => {
                let hash = recovery_code_hash(typed);
                self.store.use_recovery_code(&account.id, &hash, now).await
            }
        };
        used.map_err(store_failure)
    }

    /// Whether an account has anything beside its password.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn has_second_factor(&self, account: &Account) -> Result<bool, Failure> {
        if account.totp_secret.is_some() {
            return Ok(true);
        }
        let passkeys = self.store.passkeys(&account.id).await;
        Ok(!passkeys.map_err(store_failure)?.is_empty())
    }

    /// Begins a session for an account that has proven itself.
    pub(super) async fn begin_session(
        &self,
        account: &AccountId,
        second_factor: bool,
    ) -> Result<SignedIn, Failure> {
        let now = self.settings.clock.now();
        let ends_at = session_end(now, now);
        let token = self.insert_session(account, second_factor, ends_at).await?;
        let store = &self.store;
        store
            .note_login(account, now)
            .await
            .map_err(store_failure)?;
        store
            .end_sessions_before(now)
            .await
            .map_err(store_failure)?;
        Ok(SignedIn {
            token,
            is_half: false,
        })
    }

    async fn begin_half_session(&self, account: &Account) -> Result<SignedIn, Failure> {
        let now = self.settings.clock.now();
        let ends_at = now.saturating_add(HALF_MAX).unwrap_or(now);
        let token = self.insert_session(&account.id, false, ends_at).await?;
        Ok(SignedIn {
            token,
            is_half: true,
        })
    }

    async fn insert_session(
        &self,
        account: &AccountId,
        second_factor: bool,
        ends_at: Timestamp,
    ) -> Result<String, Failure> {
        let now = self.settings.clock.now();
        let token = new_token();
        let session = Session {
            token_hash: Secret::new(token_hash(&token)),
            account: account.clone(),
            institution: None,
            made_at: now,
            seen_at: now,
            ends_at,
            second_factor,
            state: None,
        };
        let begun = self.store.insert_session(&session).await;
        begun.map_err(unless_closed)?;
        Ok(token)
    }

    /// Counts an attempt from an address.
    ///
    /// # Errors
    /// There were too many, or the store fails.
    pub(crate) async fn count_address(&self, address: &str) -> Result<(), Failure> {
        let key = format!("address:{address}");
        // By the minute: in the morning a whole institution signs in without a pause.
        self.count(&key, ATTEMPTS_OF_ADDRESS_MAX, ATTEMPT_SECONDS, 0)
            .await
    }

    /// Checks the password of somebody who is in, before what only they may do.
    ///
    /// # Errors
    /// Wrong, too many attempts, or the store fails.
    pub(super) async fn confirm_password(
        &self,
        account: &Account,
        password: &str,
    ) -> Result<(), Failure> {
        let key = key_of(&account.login);
        self.count_attempt(&key, ATTEMPTS_MAX, ATTEMPT_SECONDS)
            .await?;
        let hash = account.password_hash.as_ref();
        let hash = hash.map(|hash| hash.reveal().to_owned());
        match is_password(password.to_owned(), hash).await? {
            true => self.forget_attempts(&key).await,
            false => Err(Failure::refused(labels::wrong_password()).at("password")),
        }
    }

    /// In no span of so many seconds are there more attempts on an account than these.
    async fn count_attempt(&self, key: &str, n_max: i64, seconds: i64) -> Result<(), Failure> {
        self.count(key, n_max, seconds, n_max).await
    }

    async fn count(
        &self,
        key: &str,
        n_max: i64,
        seconds: i64,
        n_sliding: i64,
    ) -> Result<(), Failure> {
        let now = self.settings.clock.now();
        let counted = self.store.note_failure(key, now, seconds, n_sliding).await;
        match counted.map_err(store_failure)? > n_max {
            true => Err(Failure::too_many(labels::too_many_attempts())),
            false => Ok(()),
        }
    }

    async fn forget_attempts(&self, key: &str) -> Result<(), Failure> {
        let now = self.settings.clock.now();
        let window = SignedDuration::from_secs(CODE_ATTEMPT_SECONDS);
        let before = now.saturating_sub(window).unwrap_or(now);
        let store = &self.store;
        store.clear_throttle(key).await.map_err(store_failure)?;
        let cleaned = store.clear_throttles_before(before).await;
        cleaned.map_err(store_failure)
    }

    async fn note_failed(&self, account: Option<&Account>) -> Result<(), Failure> {
        let Some(account) = account else {
            return Ok(());
        };
        let now = self.settings.clock.now();
        let noted = self.store.note_failed_login(&account.id, now).await;
        noted.map_err(store_failure)
    }

    /// An account that is there and not closed.
    pub(super) async fn open_account(&self, id: &AccountId) -> Result<Option<Account>, Failure> {
        let account = self.store.account(id).await.map_err(store_failure)?;
        Ok(account.filter(|account| !is_closed(account)))
    }

    /// Whoever is in goes on in a new session; all others of theirs end.
    pub(super) async fn begin_anew(
        self: &Arc<Self>,
        account: &AccountId,
        second_factor: bool,
        former: &Session,
    ) -> Result<SignedIn, Failure> {
        let now = self.settings.clock.now();
        let ends_at = session_end(former.made_at, now);
        let token = self.insert_session(account, second_factor, ends_at).await?;
        let hash = token_hash(&token);
        if let Some(mut session) = self.store.session(&hash).await.map_err(store_failure)? {
            session.institution.clone_from(&former.institution);
            let kept = self.store.save_session(&session).await;
            kept.map_err(store_failure)?;
        }
        let signed_in = SignedIn {
            token,
            is_half: false,
        };
        let signed_in = self.in_place_of(former, signed_in).await?;
        let ended = self.store.end_sessions_of(account, Some(&hash)).await;
        ended.map_err(store_failure)?;
        Ok(signed_in)
    }
}

/// Under which attempts on a login name are counted: an index has no room for whatever somebody
/// types, and nobody should read there a password typed into the wrong field.
fn key_of(login: &str) -> String {
    format!("login:{}", token_hash(login))
}

/// When a session ends that goes on now.
pub(super) fn session_end(made_at: Timestamp, now: Timestamp) -> Timestamp {
    let idle = now.saturating_add(IDLE_MAX).unwrap_or(now);
    let at_most = made_at.saturating_add(SESSION_MAX).unwrap_or(now);
    idle.min(at_most)
}

/// A login name as it is kept: width and case do not matter.
pub(crate) fn normalised_login(typed: &str) -> String {
    typed.trim().nfkc().collect::<String>().to_lowercase()
}
