//! Who is in: sessions and tokens, and what they open. The institution that a person works in is
//! kept in their session; nothing that a client sends chooses it. How they came in is not here.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
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
        // Half in: the password was right, the second factor was not shown.
        if !session.second_factor && self.has_second_factor(&account).await? {
            return Ok(None);
        }
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
        token: &str,
        writes: bool,
    ) -> Result<Option<Entry>, Failure> {
        let now = self.settings.clock.now();
        let found = self.store.token_by_hash(&token_hash(token)).await;
        let found = found.map_err(store_failure)?;
        let Some((institution, token)) = found.filter(|(_, token)| opens(token, writes, now))
        else {
            return Ok(None);
        };
        let Some(account) = self.open_account(&token.account).await? else {
            return Ok(None);
        };
        self.note_token_use(&institution, &token, now).await?;
        let grants = self.grants_now(&account.id, now).await?;
        self.entry_in(&account, Some(institution), &grants)
            .await
            .map(Some)
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
        let session = session.token_hash.reveal();
        left_behind(self.store.touch_session(session, now, ends_at).await)
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

fn n_institutions(grants: &[(InstitutionId, Grant)]) -> usize {
    let mut institutions: Vec<_> = grants.iter().map(|(of, _)| of).collect();
    institutions.sort_unstable();
    institutions.dedup();
    institutions.len()
}

/// Whether a token opens anything, and what is asked of it.
fn opens(token: &Token, writes: bool, now: Timestamp) -> bool {
    let today = sonae_domain::era::day_in_japan(now);
    let is_valid = token.revoked_at.is_none() && token.ends_on.is_none_or(|end| today <= end);
    let fits = match token.scope {
        TokenScope::Write => true,
        TokenScope::Read => !writes,
        TokenScope::Calendar => false,
    };
    is_valid && fits
}
