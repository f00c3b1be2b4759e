//! The people of an institution: accounts, their roles, and the one-time links by which they come
//! in the first time or again. Whoever administers one institution gains nothing in another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::{Grant, GrantRefused, Role};
use sonae_store::{Account, AccountChange, Secret, SetupLink, StoreError, new_id};
use unicode_normalization::UnicodeNormalization;

use super::doors::{Entry, Person};
use super::failure::Failure;
use super::first_visit::{filled, required};
use super::installation::Installation;
use super::labels;
use super::passwords::{self, Owner};
use super::secrets::{new_token, password_hash, token_hash};
use super::signing_in::{SignedIn, normalised_login};
use super::workspace::{Workspace, store_failure};

/// Long enough to hand over a sheet of paper after a weekend.
const LINK_MAX: SignedDuration = SignedDuration::from_hours(72);

/// Longer login names are mistakes.
const LOGIN_LENGTH_MAX: usize = 64;

/// A person with what they were given here.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) last_login_at: Option<Timestamp>,
    pub(crate) has_second_factor: bool,
    /// No password was ever set.
    pub(crate) is_new: bool,
    pub(crate) is_closed: bool,
    /// What holds today or later, by role.
    pub(crate) grants: Vec<Grant>,
    /// What ended by itself or was taken back, the latest first.
    pub(crate) former: Vec<Grant>,
}

/// What a person is to be given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) roles: Vec<Role>,
    /// Does not belong to the institution.
    pub(crate) outsider: bool,
    pub(crate) purpose: String,
    pub(crate) ends_on: Option<Date>,
}

/// Somebody to add.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewMember {
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) wanted: Wanted,
}

/// A one-time link just made.
pub(crate) struct Invitation {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) login: String,
    /// For the address; nobody sees it a second time.
    pub(crate) token: String,
    pub(crate) ends_at: Timestamp,
}

/// What became of a change of roles.
pub(crate) enum RolesSaved {
    Done,
    /// Somebody else changed them; nothing was changed.
    Conflict,
}

impl Member {
    /// What a person saw, to notice that somebody else changed it.
    pub(crate) fn seen(&self) -> String {
        let ids: Vec<&str> = self.grants.iter().map(|grant| grant.id.as_str()).collect();
        token_hash(&ids.join(" "))
    }
}

impl Workspace {
    /// Everybody who has or had a role here, by login.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn members(&self) -> Result<Vec<Member>, Failure> {
        let grants = self.store.grants(&self.institution.id).await;
        let mut by_account: BTreeMap<AccountId, Vec<Grant>> = BTreeMap::new();
        for grant in grants.map_err(store_failure)? {
            by_account
                .entry(grant.account.clone())
                .or_default()
                .push(grant);
        }
        let mut members = Vec::new();
        for (account, grants) in by_account {
            let account = self.store.account(&account).await.map_err(store_failure)?;
            let Some(account) = account else { continue };
            members.push(self.member_of(&account, grants).await?);
        }
        members.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(members)
    }

    /// One of them.
    ///
    /// # Errors
    /// There is nobody of this id here, or the store fails.
    pub(crate) async fn member(&self, account: &AccountId) -> Result<Member, Failure> {
        let grants = self.store.grants(&self.institution.id).await;
        let mut grants = grants.map_err(store_failure)?;
        grants.retain(|grant| grant.account == *account);
        let account = match grants.is_empty() {
            true => None,
            false => self.store.account(account).await.map_err(store_failure)?,
        };
        match account {
            Some(account) => self.member_of(&account, grants).await,
            None => Err(Failure::not_found(labels::not_there())),
        }
    }

    async fn member_of(&self, account: &Account, grants: Vec<Grant>) -> Result<Member, Failure> {
        let (mut grants, mut former): (Vec<Grant>, Vec<Grant>) = grants
            .into_iter()
            .partition(|grant| grant.holds(self.today));
        grants.sort_by_key(|grant| grant.role);
        former.reverse();
        Ok(Member {
            account: account.id.clone(),
            name: account.name.clone(),
            login: account.login.clone(),
            last_login_at: account.last_login_at,
            has_second_factor: self.installation.has_second_factor(account).await?,
            is_new: account.password_hash.is_none(),
            is_closed: account.disabled_at.is_some(),
            grants,
            former,
        })
    }

    /// Adds a person and makes the link by which they come in.
    ///
    /// # Errors
    /// Something is missing, the login is taken, or the store fails.
    pub(crate) async fn add_member(
        &self,
        new: &NewMember,
        by: &Person,
    ) -> Result<Invitation, Failure> {
        let name = required(&new.name, "name")?;
        let id = AccountId::new(new_id(self.now));
        let account = new_account(id, &name, &new.login, self.now)?;
        let grants = self.grants_of_wish(&account.id, &new.wanted, by)?;
        let (institution, by_name) = (&self.institution.id, by.name.as_str());
        let added = self
            .store
            .insert_member(institution, &account, &grants, by_name, self.now)
            .await;
        added.map_err(|error| match error {
            StoreError::AlreadyThere { .. } => {
                Failure::refused(labels::login_taken(&account.login)).at("login")
            }
            error => store_failure(error),
        })?;
        self.invite(&account, by).await
    }

    fn grants_of_wish(
        &self,
        account: &AccountId,
        wanted: &Wanted,
        by: &Person,
    ) -> Result<Vec<Grant>, Failure> {
        if wanted.roles.is_empty() {
            return Err(Failure::refused(labels::no_role()).at("role"));
        }
        let grant = |role: Role| Grant {
            id: GrantId::new(new_id(self.now)),
            account: account.clone(),
            role,
            outsider: wanted.outsider,
            purpose: filled(&wanted.purpose),
            ends_on: wanted.ends_on,
            granted_by: by.name.clone(),
            granted_at: self.now,
            revoked: None,
        };
        let checked = |grant: Grant| {
            let said = grant.check(self.today);
            said.map_err(grant_refused).map(|()| grant)
        };
        wanted
            .roles
            .iter()
            .map(|role| checked(grant(*role)))
            .collect()
    }

    /// Gives a person these roles and takes back the others, unless somebody else changed them.
    ///
    /// # Errors
    /// Nobody of this id, a grant that must not be given, nobody left who administers, or the
    /// store fails.
    pub(crate) async fn set_roles(
        &self,
        account: &AccountId,
        seen: &str,
        wanted: &Wanted,
        by: &Person,
    ) -> Result<RolesSaved, Failure> {
        let _alone = self.installation.administrators.lock().await;
        let member = self.member(account).await?;
        if member.seen() != seen {
            return Ok(RolesSaved::Conflict);
        }
        let wished = match wanted.roles.is_empty() {
            true => Vec::new(),
            false => self.grants_of_wish(account, wanted, by)?,
        };
        let lasts = |grant: &Grant| grant.role == Role::Administrator && grant.ends_on.is_none();
        if !wished.iter().any(lasts) {
            self.leave_an_administrator(&member, by).await?;
        }
        let same = |a: &Grant, b: &Grant| {
            (a.role, a.outsider, &a.purpose, a.ends_on)
                == (b.role, b.outsider, &b.purpose, b.ends_on)
        };
        let has = |wish: &Grant| member.grants.iter().any(|grant| same(grant, wish));
        let is_wished = |grant: &Grant| wished.iter().any(|wish| same(wish, grant));
        for grant in wished.iter().filter(|wish| !has(wish)) {
            let given = self.store.insert_grant(&self.institution.id, grant);
            given.await.map_err(store_failure)?;
        }
        for grant in member.grants.iter().filter(|grant| !is_wished(grant)) {
            let (institution, id) = (&self.institution.id, &grant.id);
            let revoked = self.store.revoke_grant(institution, id, &by.name, self.now);
            revoked.await.map_err(store_failure)?;
        }
        Ok(RolesSaved::Done)
    }

    /// Sees to it that an institution never loses its last administrator. Somebody who never came
    /// in counts for nobody, because their link may be lost.
    async fn leave_an_administrator(&self, leaving: &Member, by: &Person) -> Result<(), Failure> {
        let lasts = |grant: &Grant| grant.role == Role::Administrator && grant.ends_on.is_none();
        let administers = |member: &Member| {
            let came_in = !member.is_new || member.account == by.account;
            came_in && !member.is_closed && member.grants.iter().any(lasts)
        };
        if !administers(leaving) {
            return Ok(());
        }
        let members = self.members().await?;
        let mut others = members
            .iter()
            .filter(|member| member.account != leaving.account);
        match others.any(administers) {
            true => Ok(()),
            false => Err(Failure::refused(labels::last_administrator()).at("role")),
        }
    }

    /// Makes a new one-time link for a person who forgot their password or never had one.
    ///
    /// # Errors
    /// Nobody of this id here, somebody who also belongs elsewhere, or the store fails.
    pub(crate) async fn invite_again(
        &self,
        account: &AccountId,
        by: &Person,
    ) -> Result<Invitation, Failure> {
        let account = self.account_in_hand(account, by).await?;
        if account.disabled_at.is_some() {
            return Err(Failure::refused(labels::account_closed()));
        }
        self.invite(&account, by).await
    }

    async fn invite(&self, account: &Account, by: &Person) -> Result<Invitation, Failure> {
        let token = new_token();
        let ends_at = self.now.saturating_add(LINK_MAX).unwrap_or(self.now);
        let link = SetupLink {
            token_hash: Secret::new(token_hash(&token)),
            account: account.id.clone(),
            made_by: by.name.clone(),
            made_at: self.now,
            ends_at,
            used_at: None,
        };
        let made = self.store.insert_setup_link(&link).await;
        made.map_err(store_failure)?;
        Ok(Invitation {
            account: account.id.clone(),
            name: account.name.clone(),
            login: account.login.clone(),
            token,
            ends_at,
        })
    }

    /// Closes or opens an account; a closed one loses its sessions at once.
    ///
    /// # Errors
    /// Nobody of this id here, somebody who also belongs elsewhere, the last administrator, or the
    /// store fails.
    pub(crate) async fn set_closed(
        &self,
        account: &AccountId,
        is_closed: bool,
        by: &Person,
    ) -> Result<(), Failure> {
        let _alone = self.installation.administrators.lock().await;
        let account = self.account_in_hand(account, by).await?;
        if is_closed {
            let member = self.member(&account.id).await?;
            self.leave_an_administrator(&member, by).await?;
        }
        let change = AccountChange::Closed(is_closed);
        let store = &self.store;
        let changed = store.change_account(&account.id, &change, &by.name, self.now);
        changed.await.map_err(store_failure)
    }

    /// Ends all sessions of a person, whose telephone or laptop was lost, and takes their tokens
    /// back; of whoever does it to themselves, all other sessions.
    ///
    /// # Errors
    /// Nobody of this id here, somebody who also belongs elsewhere, or the store fails.
    pub(crate) async fn end_sessions(
        &self,
        account: &AccountId,
        by: &Entry,
    ) -> Result<(), Failure> {
        let account = self.account_in_hand(account, &by.person).await?;
        let own = by.session.as_deref();
        let except = own.filter(|_| account.id == by.person.account);
        let ended = self.store.end_sessions_of(&account.id, except).await;
        ended.map_err(store_failure)?;
        let (id, by) = (&account.id, &by.person.name);
        self.installation.take_all_tokens_back(id, by).await
    }

    /// Takes away the second factors of a person who lost their telephone, and their tokens.
    ///
    /// # Errors
    /// Nobody of this id here, somebody who also belongs elsewhere, or the store fails.
    pub(crate) async fn remove_factors(
        &self,
        account: &AccountId,
        by: &Person,
    ) -> Result<(), Failure> {
        let account = self.account_in_hand(account, by).await?;
        let store = &self.store;
        for passkey in store.passkeys(&account.id).await.map_err(store_failure)? {
            let id = &passkey.credential_id;
            let removed = store.remove_passkey(&account.id, id, &by.name, self.now);
            removed.await.map_err(store_failure)?;
        }
        let change = AccountChange::NoTotp;
        let changed = store.change_account(&account.id, &change, &by.name, self.now);
        changed.await.map_err(store_failure)?;
        let codes = store.replace_recovery_codes(&account.id, &[], &by.name, self.now);
        codes.await.map_err(store_failure)?;
        let ended = store.end_sessions_of(&account.id, None).await;
        ended.map_err(store_failure)?;
        let (id, by) = (&account.id, &by.name);
        self.installation.take_all_tokens_back(id, by).await
    }

    /// The account of a member whom the person may act for: whoever can set its password can do
    /// what it can do, so that must be nothing that the person cannot do already.
    async fn account_in_hand(&self, id: &AccountId, by: &Person) -> Result<Account, Failure> {
        self.member(id).await?;
        let account = self.store.account(id).await.map_err(store_failure)?;
        let account = account.ok_or_else(|| Failure::not_found(labels::not_there()))?;
        if by.is_operator {
            return Ok(account);
        }
        let theirs = self.store.grants_of(id).await.map_err(store_failure)?;
        let own = self
            .store
            .grants_of(&by.account)
            .await
            .map_err(store_failure)?;
        let administers = |institution: &InstitutionId| {
            own.iter().any(|(of, grant)| {
                of == institution && grant.role == Role::Administrator && grant.holds(self.today)
            })
        };
        let mut holding = theirs.iter().filter(|(_, grant)| grant.holds(self.today));
        match !account.is_operator && holding.all(|(of, _)| administers(of)) {
            true => Ok(account),
            false => Err(Failure::refused(labels::belongs_elsewhere())),
        }
    }
}

impl Installation {
    /// Whose link it is, as long as it opens anything.
    ///
    /// # Errors
    /// Unknown, used, superseded or too old, or the store fails.
    pub(crate) async fn invited(&self, token: &str) -> Result<Account, Failure> {
        let gone = || Failure::refused(labels::link_gone());
        let now = self.settings.clock.now();
        let link = self.store.setup_link(&token_hash(token)).await;
        let link = link.map_err(store_failure)?.ok_or_else(gone)?;
        let account = self.open_account(&link.account).await?.ok_or_else(gone)?;
        let is_open = link.used_at.is_none() && now < link.ends_at;
        // A password set after the link was made: the person is in, by another link or otherwise.
        let is_needed = account
            .password_changed_at
            .is_none_or(|at| at <= link.made_at);
        match is_open && is_needed {
            true => Ok(account),
            false => Err(gone()),
        }
    }

    /// Whose link it is and until when, for whoever hands it over.
    ///
    /// # Errors
    /// It opens nothing, or the store fails.
    pub(crate) async fn link_of(&self, token: &str) -> Result<(AccountId, Timestamp), Failure> {
        let account = self.invited(token).await?;
        let link = self.store.setup_link(&token_hash(token)).await;
        let link = link.map_err(store_failure)?;
        let link = link.ok_or_else(|| Failure::not_found(labels::not_there()))?;
        Ok((account.id, link.ends_at))
    }

    /// Takes the password of whoever brought a one-time link, and lets them in; half in, where
    /// they have a second factor to show. What opened the account before opens it no longer.
    ///
    /// # Errors
    /// The link opens nothing, the password is refused, too many attempts, or the store fails.
    pub(crate) async fn welcome(
        &self,
        token: &str,
        password: &str,
        address: &str,
    ) -> Result<SignedIn, Failure> {
        self.count_address(address).await?;
        let account = self.invited(token).await?;
        let hash = self.hash_of_new(&account, password).await?;
        let now = self.settings.clock.now();
        let used = self.store.use_setup_link(&token_hash(token), now).await;
        let used = used.map_err(store_failure)?;
        if used.as_ref() != Some(&account.id) {
            return Err(Failure::refused(labels::link_gone()));
        }
        self.save_password(&account, hash).await?;
        let ended = self.store.end_sessions_of(&account.id, None).await;
        ended.map_err(store_failure)?;
        self.take_all_tokens_back(&account.id, &account.name)
            .await?;
        self.begin_session_of(&account).await
    }

    /// Changes the password of whoever is in; their other sessions end.
    ///
    /// # Errors
    /// The old one is wrong, the new one refused, too many attempts, or the store fails.
    pub(crate) async fn change_password(
        self: &Arc<Self>,
        entry: &Entry,
        former: &str,
        new: &str,
    ) -> Result<SignedIn, Failure> {
        let account = self.own_account(entry).await?;
        let session = self.own_session(entry).await?;
        self.confirm_password(&account, former).await?;
        let hash = self.hash_of_new(&account, new).await?;
        self.save_password(&account, hash).await?;
        self.begin_anew(&account.id, session.second_factor, &session)
            .await
    }

    async fn hash_of_new(&self, account: &Account, password: &str) -> Result<String, Failure> {
        let mut names = vec![account.login.clone(), account.name.clone()];
        let grants = self.store.grants_of(&account.id).await;
        for (institution, _) in grants.map_err(store_failure)? {
            let institution = self.store.institution(&institution).await;
            let institution = institution.map_err(store_failure)?;
            names.extend(institution.map(|institution| institution.name));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let owner = Owner {
            names: &names,
            has_second_factor: self.has_second_factor(account).await?,
        };
        let checked = passwords::check(password, owner);
        checked.map_err(|why| Failure::refused(why).at("new_password"))?;
        password_hash(password.to_owned()).await
    }

    async fn save_password(&self, account: &Account, hash: String) -> Result<(), Failure> {
        let change = AccountChange::Password(Secret::new(hash));
        self.change_own(account, &change).await
    }

    /// What a person changes about their own account, unless it was closed meanwhile.
    ///
    /// # Errors
    /// It was, or the store fails.
    pub(super) async fn change_own(
        &self,
        account: &Account,
        change: &AccountChange,
    ) -> Result<(), Failure> {
        let (id, by) = (&account.id, &account.name);
        let now = self.settings.clock.now();
        let changed = self.store.change_account(id, change, by, now).await;
        changed.map_err(unless_closed)
    }

    /// Changes how the person is named, which each of their institutions tells in its journal.
    ///
    /// # Errors
    /// No name, one by which an institution of theirs knows somebody else, or the store fails.
    pub(crate) async fn rename(&self, entry: &Entry, name: &str) -> Result<(), Failure> {
        let account = self.own_account(entry).await?;
        let name = required(name, "name")?;
        if self.is_name_of_another(&account.id, &name).await? {
            return Err(Failure::refused(labels::name_taken(&name)).at("name"));
        }
        let now = self.settings.clock.now();
        let renamed = self.store.rename_account(&account.id, &name, now).await;
        renamed.map_err(unless_closed)
    }

    /// Whether somebody else who has or had a role in an institution of this person reads the same.
    async fn is_name_of_another(&self, id: &AccountId, name: &str) -> Result<bool, Failure> {
        let mut others = BTreeSet::new();
        for (institution, _) in self.store.grants_of(id).await.map_err(store_failure)? {
            let grants = self.store.grants(&institution).await;
            let members = grants.map_err(store_failure)?.into_iter();
            others.extend(members.map(|grant| grant.account));
        }
        others.remove(id);
        let accounts = self.store.accounts().await.map_err(store_failure)?;
        let mut others = accounts.iter().filter(|one| others.contains(&one.id));
        Ok(others.any(|other| as_read(&other.name) == as_read(name)))
    }
}

/// The account was there a moment ago: one that is gone was closed.
pub(super) fn unless_closed(error: StoreError) -> Failure {
    match error {
        StoreError::NotThere { .. } => Failure::refused(labels::closed_meanwhile()).because(error),
        error => store_failure(error),
    }
}

/// What of a name tells people apart: neither the width of its signs nor spaces do.
fn as_read(name: &str) -> String {
    let signs = name.nfkc().filter(|sign| !sign.is_whitespace());
    signs.collect::<String>().to_lowercase()
}

/// An account without a password.
///
/// # Errors
/// The login name cannot be one.
pub(super) fn new_account(
    id: AccountId,
    name: &str,
    login: &str,
    now: Timestamp,
) -> Result<Account, Failure> {
    let login = normalised_login(&required(login, "login")?);
    let is_sign = |sign: char| sign.is_alphanumeric() || ".-_@".contains(sign);
    if login.chars().count() > LOGIN_LENGTH_MAX || !login.chars().all(is_sign) {
        return Err(Failure::refused(labels::not_a_login()).at("login"));
    }
    Ok(Account {
        id,
        login,
        name: name.to_owned(),
        password_hash: None,
        totp_secret: None,
        totp_step: None,
        language: None,
        theme: None,
        is_operator: false,
        disabled_at: None,
        created_at: now,
        last_login_at: None,
        password_changed_at: None,
    })
}

fn grant_refused(why: GrantRefused) -> Failure {
    let field = match why {
        GrantRefused::NoPurpose => "purpose",
        GrantRefused::NoEnd | GrantRefused::EndPast => "ends_on",
        GrantRefused::OutsideAdministrator => "role",
    };
    Failure::refused(labels::grant_refused(why)).at(field)
}
