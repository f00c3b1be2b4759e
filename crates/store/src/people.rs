//! The people of an installation: accounts and what proves them, sessions, and what they were given
//! in each institution. Who may do what is decided elsewhere; hashes and secrets are made elsewhere.

use std::fmt::{self, Debug};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::Institution;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId, TokenId};
use sonae_domain::people::Grant;

use crate::error::StoreError;

/// A text that no message and no log may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A person's account (アカウント), the same in every institution of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Ours.
    pub id: AccountId,
    /// What the person types, in lower case and NFKC.
    pub login: String,
    /// What others read; stands in the journal.
    pub name: String,
    /// As a PHC string; none before the first password is set.
    pub password_hash: Option<Secret>,
    /// The secret shared with the person's TOTP program; none without one.
    pub totp_secret: Option<Secret>,
    /// The last time step in which a code was used. Only [`People::use_totp_step`] sets it, and a
    /// new secret clears it.
    pub totp_step: Option<i64>,
    /// The language chosen; none follows the browser.
    pub language: Option<String>,
    /// Light or dark; none follows the browser.
    pub theme: Option<String>,
    /// Runs the installation: sees the list of all institutions and all accounts.
    pub is_operator: bool,
    /// When the account was closed; none while it is open.
    pub disabled_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Only [`People::note_login`] sets it.
    pub last_login_at: Option<Timestamp>,
    /// When the password was last set.
    pub password_changed_at: Option<Timestamp>,
}

/// What is changed about an account. A closed one keeps its name, password and secret, so that
/// nobody comes in by what they had begun when it was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// What others read.
    Name(String),
    /// A new password, as a PHC string.
    Password(Secret),
    /// A new secret shared with the person's TOTP program.
    Totp(Secret),
    /// No TOTP program any more.
    NoTotp,
    /// Closed, and its sessions end with it; or open again.
    Closed(bool),
    /// Whether they run the installation.
    Operator(bool),
}

/// A passkey of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Whose it is.
    pub account: AccountId,
    /// The authenticator's id for it, as text.
    pub credential_id: String,
    /// What the person calls it.
    pub name: String,
    /// The public key with its counter, as JSON.
    pub body: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last opened the door.
    pub last_used_at: Option<Timestamp>,
}

/// A one-time link with which a person sets their first or a new password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupLink {
    /// Hash of what stands in the link.
    pub token_hash: Secret,
    /// Whose password it sets.
    pub account: AccountId,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// From then on it opens nothing.
    pub ends_at: Timestamp,
    /// When it was used; it opens nothing a second time.
    pub used_at: Option<Timestamp>,
}

/// A session (セッション) of a person in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Hash of what stands in the cookie.
    pub token_hash: Secret,
    /// Whose it is.
    pub account: AccountId,
    /// The institution that the person works in; none before one is chosen.
    pub institution: Option<InstitutionId>,
    /// When it began.
    pub made_at: Timestamp,
    /// When it was last used, to the grain in which it is noted.
    pub seen_at: Timestamp,
    /// From then on it is over; the caller looks at this.
    pub ends_at: Timestamp,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// A passkey or TOTP ceremony under way, as JSON.
    pub state: Option<Secret>,
}

/// How often something failed within its window: a login, an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttle {
    /// Failures since then.
    pub n_failed: i64,
    /// The first of them.
    pub since: Timestamp,
}

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Reading what its person may read.
    Read,
    /// Reading and writing what its person may.
    Write,
    /// The calendar of deadlines, and nothing else.
    Calendar,
}

/// An access token of a person for programs, for one institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Ours.
    pub id: TokenId,
    /// Hash of the token itself.
    pub token_hash: Secret,
    /// In whose name.
    pub account: AccountId,
    /// What the person calls it.
    pub name: String,
    /// What it opens.
    pub scope: TokenScope,
    /// When it was made.
    pub made_at: Timestamp,
    /// The last day on which it opens anything; none for a calendar address without end.
    pub ends_on: Option<Date>,
    /// When it was last used, to the grain in which it is noted.
    pub last_used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Who holds a session or a token, with all that decides what it opens, read at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder<K> {
    /// The session or token.
    pub key: K,
    /// Whose it is.
    pub account: Account,
    /// All grants ever given to the account, by institution, the oldest first.
    pub grants: Vec<(InstitutionId, Grant)>,
    /// The institution that the key is for; none if it is for none.
    pub institution: Option<Institution>,
}

/// Accounts and what belongs to them. What is done to them stands in the journal of the installation;
/// grants and tokens stand in that of their institution.
#[async_trait]
pub trait People: Debug + Send + Sync {
    /// Adds an account; [`StoreError::AlreadyThere`] if its login is taken.
    async fn insert_account(
        &self,
        account: &Account,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The same with what the account may do in an institution, all or nothing.
    async fn insert_member(
        &self,
        institution: &InstitutionId,
        account: &Account,
        grants: &[Grant],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Changes one thing about an account and leaves the rest as it is; [`StoreError::NotThere`]
    /// if it is closed and the change is one that only whoever may come in makes.
    async fn change_account(
        &self,
        account: &AccountId,
        change: &AccountChange,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Names a person anew. Every institution in which they ever had a role tells it in its own
    /// journal, under the name that it knew them by; [`StoreError::NotThere`] if there is no account.
    async fn rename_account(
        &self,
        account: &AccountId,
        name: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The account with this id.
    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError>;

    /// The account with this login, which must be normalised.
    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError>;

    /// All accounts by login.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// The person came in.
    async fn note_login(&self, account: &AccountId, at: Timestamp) -> Result<(), StoreError>;

    /// Somebody failed to come in as this person.
    async fn note_failed_login(&self, account: &AccountId, at: Timestamp)
    -> Result<(), StoreError>;

    /// Uses up a time step of TOTP; false if it or a later one was used before.
    async fn use_totp_step(&self, account: &AccountId, step: i64) -> Result<bool, StoreError>;

    /// The passkeys of an account, the oldest first.
    async fn passkeys(&self, account: &AccountId) -> Result<Vec<Passkey>, StoreError>;

    /// Adds a passkey, or keeps what its use changed; [`StoreError::AlreadyThere`] if another
    /// account has it.
    async fn save_passkey(
        &self,
        passkey: &Passkey,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes a passkey; false if the account has none of this id.
    async fn remove_passkey(
        &self,
        account: &AccountId,
        credential_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Puts new recovery codes in place of all earlier ones.
    async fn replace_recovery_codes(
        &self,
        account: &AccountId,
        code_hashes: &[Secret],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Uses up a recovery code; false if there is none with this hash or it was used before.
    async fn use_recovery_code(
        &self,
        account: &AccountId,
        code_hash: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// How many recovery codes of an account are unused.
    async fn n_recovery_codes(&self, account: &AccountId) -> Result<i64, StoreError>;

    /// Adds a set-up link; unused ones that the account had before open nothing from then on.
    async fn insert_setup_link(&self, link: &SetupLink) -> Result<(), StoreError>;

    /// A set-up link, whether or not it still opens anything.
    async fn setup_link(&self, token_hash: &str) -> Result<Option<SetupLink>, StoreError>;

    /// Uses up a set-up link; none if there is none, it was used before, or it has ended.
    async fn use_setup_link(
        &self,
        token_hash: &str,
        at: Timestamp,
    ) -> Result<Option<AccountId>, StoreError>;

    /// Begins a session; [`StoreError::NotThere`] if the account is closed.
    async fn insert_session(&self, session: &Session) -> Result<(), StoreError>;

    /// A session, whether or not it is over.
    async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError>;

    /// Who holds a session, whether or not it is over.
    async fn session_holder(&self, token_hash: &str)
    -> Result<Option<Holder<Session>>, StoreError>;

    /// The sessions of an account, whether or not they are over, the oldest first.
    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<Session>, StoreError>;

    /// Notes that a session is in use, and until when it goes on.
    async fn touch_session(
        &self,
        token_hash: &str,
        seen_at: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps institution, second factor and ceremony of a session that is there.
    async fn save_session(&self, session: &Session) -> Result<(), StoreError>;

    /// Ends a session; false if there was none.
    async fn end_session(&self, token_hash: &str) -> Result<bool, StoreError>;

    /// Ends all sessions of an account, but for one.
    async fn end_sessions_of(
        &self,
        account: &AccountId,
        except: Option<&str>,
    ) -> Result<(), StoreError>;

    /// Forgets the sessions that were over before a moment.
    async fn end_sessions_before(&self, at: Timestamp) -> Result<(), StoreError>;

    /// Counts a failure and says how many there are; the count begins anew when the window is over.
    /// The first `n_sliding` each move the window to where they are, so that no span of its length
    /// holds more; those beyond do not, so that it ends.
    async fn note_failure(
        &self,
        key: &str,
        at: Timestamp,
        window_seconds: i64,
        n_sliding: i64,
    ) -> Result<i64, StoreError>;

    /// The failures counted under a key; the caller looks at the window.
    async fn throttle(&self, key: &str) -> Result<Option<Throttle>, StoreError>;

    /// Forgets the failures under a key.
    async fn clear_throttle(&self, key: &str) -> Result<(), StoreError>;

    /// Forgets the failures under all keys whose count began before a moment.
    async fn clear_throttles_before(&self, at: Timestamp) -> Result<(), StoreError>;

    /// Gives a person a role in an institution.
    async fn insert_grant(
        &self,
        institution: &InstitutionId,
        grant: &Grant,
    ) -> Result<(), StoreError>;

    /// Takes a grant back; false if there is none of this id or it was taken back before.
    async fn revoke_grant(
        &self,
        institution: &InstitutionId,
        id: &GrantId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// All grants ever given in an institution, the oldest first.
    async fn grants(&self, institution: &InstitutionId) -> Result<Vec<Grant>, StoreError>;

    /// All grants ever given to an account, by institution, the oldest first.
    async fn grants_of(
        &self,
        account: &AccountId,
    ) -> Result<Vec<(InstitutionId, Grant)>, StoreError>;

    /// Adds a token.
    async fn insert_token(
        &self,
        institution: &InstitutionId,
        token: &Token,
        by: &str,
    ) -> Result<(), StoreError>;

    /// All tokens ever made for an institution, the oldest first.
    async fn tokens(&self, institution: &InstitutionId) -> Result<Vec<Token>, StoreError>;

    /// Who holds the token with this hash, whether or not it still opens anything.
    async fn token_holder(&self, token_hash: &str) -> Result<Option<Holder<Token>>, StoreError>;

    /// Takes a token back; false if there is none of this id or it was taken back before.
    async fn revoke_token(
        &self,
        institution: &InstitutionId,
        id: &TokenId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Notes that a token was used.
    async fn note_token_use(
        &self,
        institution: &InstitutionId,
        id: &TokenId,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}

impl Secret {
    /// Wraps a text that must not be shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
