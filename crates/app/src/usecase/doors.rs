//! Who is in: sessions and tokens, and what they open. The institution that a person works in is
//! kept in their session; nothing that a client sends chooses it. How they came in is not here.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sonae_domain::answer::Institution;
use sonae_domain::era;
use sonae_domain::ids::{AccountId, InstitutionId};
use sonae_domain::people::{Grant, Role};
use sonae_store::{Account, Session, Token, TokenScope};

use super::failure::Failure;
use super::installation::Installation;
use super::secrets::token_hash;
use super::signing_in::session_end;
use super::workspace::{Workspace, left_behind, store_failure};

/// That a session or token is in use is written down at most so often.
const SEEN_GRAIN: SignedDuration = SignedDuration::from_mins(1);

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

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenSession {
    /// Names it in a page and opens nothing.
    pub(crate) id: String,
    pub(crate) begun_at: Timestamp,
    /// To the minute.
    pub(crate) seen_at: Timestamp,
    /// The one in which the person looks at it.
    pub(crate) is_this: bool,
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
        let holder = self.store.session_holder(&hash).await;
        let Some(holder) = holder.map_err(store_failure)? else {
            return Ok(None);
        };
        let (session, account) = (&holder.key, &holder.account);
        if session.ends_at <= now || is_closed(account) {
            return Ok(None);
        }
        // Half in: the password was right, the second factor was not shown.
        if !session.second_factor && self.has_second_factor(account).await? {
            return Ok(None);
        }
        self.keep_open(session, now).await?;
        let grants = grants_on(holder.grants, now);
        let n_institutions = n_institutions(&grants);
        let chosen = holder.institution;
        let chosen = chosen.filter(|chosen| grants.iter().any(|(of, _)| *of == chosen.id));
        // Where the chosen one is gone, the person chooses: what they type next was meant for it.
        let has_chosen = session.institution.is_some();
        let institution = match (chosen, grants.first()) {
            (None, Some((only, _))) if n_institutions == 1 && !has_chosen => {
                let found = self.store.institution(only).await;
                found.map_err(store_failure)?
            }
            (chosen, _) => chosen,
        };
        let mut entry = self.entry_in(account, institution, &grants);
        entry.n_institutions = n_institutions;
        entry.must_add_second_factor =
            !session.second_factor && self.needs_second_factor(&entry, &grants).await?;
        entry.session = Some(hash);
        Ok(Some(entry))
    }

    /// What a program's token lets it do; `writes` if it is about to change something.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn entry_by_token(
        self: &Arc<Self>,
        token: &str,
        writes: bool,
    ) -> Result<Option<Entry>, Failure> {
        let now = self.settings.clock.now();
        let holder = self.store.token_holder(&token_hash(token)).await;
        let Some(holder) = holder.map_err(store_failure)? else {
            return Ok(None);
        };
        let (token, account) = (&holder.key, &holder.account);
        let Some(institution) = holder.institution else {
            return Ok(None);
        };
        if !opens(token, writes, now) || is_closed(account) {
            return Ok(None);
        }
        self.note_token_use(&institution.id, token, now).await?;
        let grants = grants_on(holder.grants, now);
        Ok(Some(self.entry_in(account, Some(institution), &grants)))
    }

    /// Notes that a token is in use, at most once a minute.
    pub(super) async fn note_token_use(
        &self,
        institution: &InstitutionId,
        token: &Token,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let is_noted = |at: Timestamp| now.duration_since(at) < SEEN_GRAIN;
        if token.last_used_at.is_some_and(is_noted) {
            return Ok(());
        }
        let noted = self.store.note_token_use(institution, &token.id, now).await;
        noted.map_err(store_failure)
    }

    /// What an account may do in an institution.
    fn entry_in(
        self: &Arc<Self>,
        account: &Account,
        institution: Option<Institution>,
        grants: &[(InstitutionId, Grant)],
    ) -> Entry {
        let id = institution.as_ref().map(|institution| &institution.id);
        let mut roles: Vec<Role> = grants
            .iter()
            .filter(|(of, _)| Some(of) == id)
            .map(|(_, grant)| grant.role)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        Entry {
            person: Person {
                account: account.id.clone(),
                name: account.name.clone(),
                login: account.login.clone(),
                is_operator: account.is_operator,
            },
            session: None,
            roles,
            workspace: institution.map(|institution| Arc::new(self.workspace(institution))),
            n_institutions: 1,
            must_add_second_factor: false,
        }
    }

    /// What an account was given and still has.
    pub(super) async fn grants_now(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Vec<(InstitutionId, Grant)>, Failure> {
        let grants = self.store.grants_of(account).await;
        Ok(grants_on(grants.map_err(store_failure)?, now))
    }

    async fn keep_open(&self, session: &Session, now: Timestamp) -> Result<(), Failure> {
        if now.duration_since(session.seen_at) < SEEN_GRAIN {
            return Ok(());
        }
        let ends_at = session_end(session.made_at, now);
        let session = session.token_hash.reveal();
        left_behind(self.store.touch_session(session, now, ends_at).await)
    }

    /// An administrator without a second factor sets one up before anything else. In one
    /// institution its own rule holds; whoever chose none, or runs them all, is asked for one as
    /// soon as any of theirs asks.
    async fn needs_second_factor(
        &self,
        entry: &Entry,
        grants: &[(InstitutionId, Grant)],
    ) -> Result<bool, Failure> {
        let is_operator = entry.person.is_operator;
        let here = match &entry.workspace {
            Some(workspace) if !is_operator => Some(&workspace.institution.id),
            _ => None,
        };
        let grants = grants.iter();
        let asking = grants.filter(|(of, _)| here.is_none_or(|here| here == of));
        self.asks_for_second_factor(is_operator, asking).await
    }

    /// Whether these grants, or running the installation, ask for a second factor. Whoever runs it
    /// and administers nothing has no institution that could let them off.
    pub(super) async fn asks_for_second_factor(
        &self,
        is_operator: bool,
        grants: impl Iterator<Item = &(InstitutionId, Grant)>,
    ) -> Result<bool, Failure> {
        let mut administers = false;
        for (institution, _) in grants.filter(|(_, grant)| grant.role == Role::Administrator) {
            administers = true;
            let settings = self.store.settings(institution).await;
            let settings = settings.map_err(store_failure)?;
            if !settings.contains_key(SECOND_FACTOR_OPTIONAL) {
                return Ok(true);
            }
        }
        Ok(is_operator && !administers)
    }

    /// Ends the session of an entry.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn sign_out(&self, entry: &Entry) -> Result<(), Failure> {
        match &entry.session {
            Some(session) => self.end_session(session).await.map(drop),
            None => Ok(()),
        }
    }

    /// The open sessions of whoever is in, the latest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn open_sessions(&self, entry: &Entry) -> Result<Vec<OpenSession>, Failure> {
        let own = self.own_open_sessions(&entry.person.account).await?;
        let this = entry.session.as_deref();
        let shown = own.iter().rev().map(|session| OpenSession {
            id: session_id(session),
            begun_at: session.made_at,
            seen_at: session.seen_at,
            is_this: this == Some(session.token_hash.reveal()),
        });
        Ok(shown.collect())
    }

    /// Ends one session of whoever is in. One that is over already, or somebody else's, is not
    /// among theirs, and nothing is done.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn sign_out_there(&self, entry: &Entry, id: &str) -> Result<(), Failure> {
        let own = self.own_open_sessions(&entry.person.account).await?;
        for session in own.iter().filter(|session| session_id(session) == id) {
            self.end_session(session.token_hash.reveal()).await?;
        }
        Ok(())
    }

    /// Those that opened the door all the way and are not over, the oldest first.
    async fn own_open_sessions(&self, account: &AccountId) -> Result<Vec<Session>, Failure> {
        let now = self.settings.clock.now();
        let Some(account) = self.open_account(account).await? else {
            return Ok(Vec::new());
        };
        let needs_factor = self.has_second_factor(&account).await?;
        let sessions = self.store.sessions_of(&account.id).await;
        let mut sessions = sessions.map_err(store_failure)?;
        sessions
            .retain(|session| now < session.ends_at && (session.second_factor || !needs_factor));
        Ok(sessions)
    }

    /// Ends all other sessions of whoever is in.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn sign_out_elsewhere(&self, entry: &Entry) -> Result<(), Failure> {
        let (account, except) = (&entry.person.account, entry.session.as_deref());
        let ended = self.store.end_sessions_of(account, except).await;
        ended.map_err(store_failure)
    }
}

/// Whoever had the account may no longer come in.
pub(super) fn is_closed(account: &Account) -> bool {
    account.disabled_at.is_some()
}

/// The grants that hold at an instant.
pub(super) fn grants_on(
    mut grants: Vec<(InstitutionId, Grant)>,
    now: Timestamp,
) -> Vec<(InstitutionId, Grant)> {
    let today = era::day_in_japan(now);
    grants.retain(|(_, grant)| grant.holds(today));
    grants
}

/// From the hash that is kept, and no way leads back to that.
fn session_id(session: &Session) -> String {
    token_hash(&format!("session {}", session.token_hash.reveal()))
}

fn n_institutions(grants: &[(InstitutionId, Grant)]) -> usize {
    let mut institutions: Vec<_> = grants.iter().map(|(of, _)| of).collect();
    institutions.sort_unstable();
    institutions.dedup();
    institutions.len()
}

/// Whether a token opens anything, and what is asked of it.
fn opens(token: &Token, writes: bool, now: Timestamp) -> bool {
    let today = era::day_in_japan(now);
    let is_valid = token.revoked_at.is_none() && token.ends_on.is_none_or(|end| today <= end);
    let fits = match token.scope {
        TokenScope::Write => true,
        TokenScope::Read => !writes,
        TokenScope::Calendar => false,
    };
    is_valid && fits
}
