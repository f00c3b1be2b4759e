//! Who comes in: sessions, sign-in, the first account. The institution that a person works in is
//! kept in their session; nothing that a client sends chooses it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sonae_domain::answer::{Institution, InstitutionKind, VendorContract};
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::{Grant, Role};
use sonae_store::{Account, Secret, Session, StoreError, new_id};
use unicode_normalization::UnicodeNormalization;

use super::failure::Failure;
use super::installation::Installation;
use super::labels;
use super::secrets::{is_password, new_token, password_hash, token_hash};
use super::workspace::{Workspace, store_failure};

/// A forgotten screen at the reception is closed after an hour.
const IDLE_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Longer than any shift; then everybody signs in again.
const SESSION_MAX: SignedDuration = SignedDuration::from_hours(12);

/// That a session is in use is written down at most so often.
const SEEN_GRAIN: SignedDuration = SignedDuration::from_mins(1);

/// So many wrong passwords in a minute, and an account waits.
const FAILURES_MAX: i64 = 10;

/// The window of [`FAILURES_MAX`].
const FAILURE_SECONDS: i64 = 60;

/// Setting by which an institution lets administrators in without a second factor.
pub(crate) const SECOND_FACTOR_OPTIONAL: &str = "doors.second_factor_optional";

/// A person as pages name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) login: String,
    /// Runs the installation.
    pub(crate) is_operator: bool,
}

/// What an open session or a token lets a person do.
pub(crate) struct Entry {
    pub(crate) person: Person,
    /// Hash of the session's token; of none for a program's token.
    pub(crate) session: Option<String>,
    /// Of the institution of the session, on this day.
    pub(crate) roles: Vec<Role>,
    /// The institution of the session; none if the person has a role in none.
    pub(crate) workspace: Option<Arc<Workspace>>,
    /// How many institutions the person may choose from.
    pub(crate) n_institutions: usize,
    /// Nothing but this may be done first.
    pub(crate) must_add_second_factor: bool,
}

/// A session just begun.
pub(crate) struct SignedIn {
    /// For the cookie.
    pub(crate) token: String,
}

/// What the first visit asks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewHouse {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) person: String,
    pub(crate) login: String,
    pub(crate) password: String,
}

impl Installation {
    /// Whether nobody has an account yet.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn is_new(&self) -> Result<bool, Failure> {
        Ok(self
            .store
            .accounts()
            .await
            .map_err(store_failure)?
            .is_empty())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub(crate) async fn ping(&self) -> Result<(), Failure> {
        self.store.ping().await.map_err(store_failure)
    }

    /// Who holds the session with this token, and what they may do now.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn entry(self: &Arc<Self>, token: &str) -> Result<Option<Entry>, Failure> {
        let now = self.settings.clock.now();
        let hash = token_hash(token);
        let session = self.store.session(&hash).await.map_err(store_failure)?;
        let Some(session) = session.filter(|session| now < session.ends_at) else {
            return Ok(None);
        };
        let Some(account) = self.open_account(&session.account).await? else {
            return Ok(None);
        };
        self.keep_open(&session, now).await?;
        let grants = self.grants_now(&account.id, now).await?;
        let n_institutions = n_institutions(&grants);
        let chosen = session.institution.as_ref();
        let chosen = chosen.filter(|chosen| grants.iter().any(|(of, _)| of == *chosen));
        let institution = match (chosen, n_institutions) {
            (Some(chosen), _) => Some(chosen.clone()),
            (None, 1) => grants.first().map(|(of, _)| of.clone()),
            (None, _) => None,
        };
        let mut entry = self.entry_in(&account, institution, &grants).await?;
        entry.n_institutions = n_institutions;
        entry.must_add_second_factor =
            !session.second_factor && self.needs_second_factor(&entry).await?;
        entry.session = Some(hash);
        Ok(Some(entry))
    }

    /// What a program's token lets it do; `writes` if it is about to change something.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn entry_by_token(
        self: &Arc<Self>,
        _token: &str,
        _writes: bool,
    ) -> Result<Option<Entry>, Failure> {
        Ok(None)
    }

    /// What an account may do in an institution.
    async fn entry_in(
        self: &Arc<Self>,
        account: &Account,
        institution: Option<InstitutionId>,
        grants: &[(InstitutionId, Grant)],
    ) -> Result<Entry, Failure> {
        let mut roles: Vec<Role> = grants
            .iter()
            .filter(|(of, _)| Some(of) == institution.as_ref())
            .map(|(_, grant)| grant.role)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        let workspace = match institution {
            Some(id) => {
                let found = self.store.institution(&id).await.map_err(store_failure)?;
                found.map(|institution| Arc::new(self.workspace(institution)))
            }
            None => None,
        };
        Ok(Entry {
            person: Person {
                account: account.id.clone(),
                name: account.name.clone(),
                login: account.login.clone(),
                is_operator: account.is_operator,
            },
            session: None,
            roles,
            workspace,
            n_institutions: 1,
            must_add_second_factor: false,
        })
    }

    pub(super) async fn open_account(&self, id: &AccountId) -> Result<Option<Account>, Failure> {
        let account = self.store.account(id).await.map_err(store_failure)?;
        Ok(account.filter(|account| account.disabled_at.is_none()))
    }

    pub(super) async fn grants_now(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Vec<(InstitutionId, Grant)>, Failure> {
        let today = sonae_domain::era::day_in_japan(now);
        let mut grants = self.store.grants_of(account).await.map_err(store_failure)?;
        grants.retain(|(_, grant)| grant.holds(today));
        Ok(grants)
    }

    async fn keep_open(&self, session: &Session, now: Timestamp) -> Result<(), Failure> {
        if now.duration_since(session.seen_at) < SEEN_GRAIN {
            return Ok(());
        }
        let ends_at = session_end(session.made_at, now);
        self.store
            .touch_session(session.token_hash.reveal(), now, ends_at)
            .await
            .map_err(store_failure)
    }

    /// An administrator without a second factor sets one up before anything else.
    async fn needs_second_factor(&self, entry: &Entry) -> Result<bool, Failure> {
        let Some(workspace) = &entry.workspace else {
            return Ok(false);
        };
        if !entry.roles.contains(&Role::Administrator) {
            return Ok(false);
        }
        let settings = self.store.settings(&workspace.institution.id).await;
        let settings = settings.map_err(store_failure)?;
        Ok(!settings.contains_key(SECOND_FACTOR_OPTIONAL))
    }

    /// Begins a session for an account that has proven itself.
    async fn begin_session(
        &self,
        account: &Account,
        second_factor: bool,
    ) -> Result<SignedIn, Failure> {
        let now = self.settings.clock.now();
        let token = new_token();
        let session = Session {
            token_hash: Secret::new(token_hash(&token)),
            account: account.id.clone(),
            institution: None,
            made_at: now,
            seen_at: now,
            ends_at: session_end(now, now),
            second_factor,
            state: None,
        };
        self.store
            .insert_session(&session)
            .await
            .map_err(store_failure)?;
        self.store
            .note_login(&account.id, now)
            .await
            .map_err(store_failure)?;
        Ok(SignedIn { token })
    }

    /// Lets a person in by login name and password.
    ///
    /// # Errors
    /// Wrong, too many attempts, or the store fails.
    pub(crate) async fn sign_in(
        &self,
        login: &str,
        password: &str,
        _code: &str,
    ) -> Result<SignedIn, Failure> {
        let now = self.settings.clock.now();
        let login = normalised_login(login);
        let key = format!("login:{login}");
        let failed = self
            .store
            .note_failure(&key, now, FAILURE_SECONDS)
            .await
            .map_err(store_failure)?;
        if failed > FAILURES_MAX {
            return Err(Failure::refused(labels::too_many_attempts()));
        }
        let account = self.store.account_by_login(&login).await;
        let account = account.map_err(store_failure)?;
        let account = account.filter(|account| account.disabled_at.is_none());
        let hash = account
            .as_ref()
            .and_then(|account| account.password_hash.clone());
        let hash = hash.map(|hash| hash.reveal().to_owned());
        match (is_password(password.to_owned(), hash).await?, account) {
            (true, Some(account)) => {
                self.store
                    .clear_throttle(&key)
                    .await
                    .map_err(store_failure)?;
                self.begin_session(&account, false).await
            }
            _ => Err(Failure::refused(labels::wrong_login())),
        }
    }

    /// Ends the session of an entry.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn sign_out(&self, entry: &Entry) -> Result<(), Failure> {
        match &entry.session {
            Some(session) => self.store.end_session(session).await.map_err(store_failure),
            None => Ok(()),
        }
    }

    /// Takes what the first visit said: names the institution and makes the first account.
    ///
    /// # Errors
    /// Something is missing, there is an account already, or the store fails.
    pub(crate) async fn set_up(&self, typed: &NewHouse) -> Result<SignedIn, Failure> {
        if !self.is_new().await? {
            return Err(Failure::refused(labels::already_set_up()));
        }
        let missing = [&typed.name, &typed.person, &typed.login, &typed.password];
        if missing.iter().any(|text| text.trim().is_empty()) {
            return Err(Failure::refused(labels::set_up_incomplete()));
        }
        let now = self.settings.clock.now();
        let by = typed.person.trim();
        let hash = password_hash(typed.password.clone()).await?;
        let institution = self.first_institution().await?;
        let named = Institution {
            id: institution.id.clone(),
            name: typed.name.trim().to_owned(),
            kind: kind_of_word(&typed.kind).unwrap_or(institution.kind),
            vendor_contract: VendorContract::Unconfirmed,
        };
        self.store
            .update_institution(&named, by, now)
            .await
            .map_err(store_failure)?;
        let account = Account {
            id: AccountId::new(new_id(now)),
            login: normalised_login(&typed.login),
            name: by.to_owned(),
            password_hash: Some(Secret::new(hash)),
            totp_secret: None,
            totp_step: None,
            language: None,
            theme: None,
            is_operator: true,
            disabled_at: None,
            created_at: now,
            last_login_at: None,
            password_changed_at: Some(now),
        };
        self.insert_account(&account, by, now).await?;
        let grant = Grant {
            id: GrantId::new(new_id(now)),
            account: account.id.clone(),
            role: Role::Administrator,
            outsider: false,
            purpose: None,
            ends_on: None,
            granted_by: by.to_owned(),
            granted_at: now,
            revoked: None,
        };
        self.store
            .insert_grant(&named.id, &grant)
            .await
            .map_err(store_failure)?;
        self.begin_session(&account, false).await
    }

    async fn insert_account(
        &self,
        account: &Account,
        by: &str,
        at: Timestamp,
    ) -> Result<(), Failure> {
        match self.store.insert_account(account, by, at).await {
            Err(StoreError::AlreadyThere { .. }) => {
                Err(Failure::refused(labels::login_taken(&account.login)))
            }
            done => done.map_err(store_failure),
        }
    }
}

fn n_institutions(grants: &[(InstitutionId, Grant)]) -> usize {
    let mut institutions: Vec<_> = grants.iter().map(|(of, _)| of).collect();
    institutions.sort_unstable();
    institutions.dedup();
    institutions.len()
}

fn session_end(made_at: Timestamp, now: Timestamp) -> Timestamp {
    let idle = now.saturating_add(IDLE_MAX).unwrap_or(now);
    let at_most = made_at.saturating_add(SESSION_MAX).unwrap_or(now);
    idle.min(at_most)
}

/// A login name as it is kept: width and case do not matter.
pub(crate) fn normalised_login(typed: &str) -> String {
    typed.trim().nfkc().collect::<String>().to_lowercase()
}

/// The kind of institution with this word.
pub(crate) fn kind_of_word(word: &str) -> Option<InstitutionKind> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}
