//! What a person shows beside the password: codes of a program (TOTP) and recovery codes.
//! Passkeys are in `passkeys`.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sonae_store::{Account, AccountChange, Secret, Session};
use totp_rs::{Builder, Totp};
use unicode_normalization::UnicodeNormalization;

use super::doors::Entry;
use super::failure::Failure;
use super::installation::Installation;
use super::secrets::{new_recovery_code, recovery_code_hash};
use super::signing_in::SignedIn;
use super::workspace::store_failure;
use super::{labels, passwords};

/// As many as others give; a sheet of paper holds them.
const N_RECOVERY_CODES: usize = 10;

/// The name under which programs list their codes.
const ISSUER: &str = "Sonae";

/// A clock may be off by one step of 30 s, either way.
const SKEW_STEPS: u16 = 1;

/// What is under way in a session, between two requests.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ceremony {
    /// A secret shown and not yet confirmed, in Base32.
    Totp(String),
    /// A passkey being made, as the library keeps it.
    NewPasskey(serde_json::Value),
    /// A passkey being shown after the password.
    Passkey(serde_json::Value),
}

/// A secret to put into a program.
pub(crate) struct TotpOffer {
    /// `otpauth://...`, for the camera.
    pub(crate) url: String,
    /// To type, in groups of four.
    pub(crate) secret: String,
}

/// An authenticator was added.
pub(crate) struct Added {
    /// Shown once; none where the person has some already.
    pub(crate) recovery_codes: Vec<String>,
    pub(crate) signed_in: SignedIn,
}

/// A passkey as its owner sees it.
pub(crate) struct PasskeyOf {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// What a person has beside the password.
pub(crate) struct Factors {
    pub(crate) has_totp: bool,
    pub(crate) passkeys: Vec<PasskeyOf>,
    pub(crate) n_recovery_codes: i64,
}

impl Factors {
    pub(crate) fn is_none(&self) -> bool {
        !self.has_totp && self.passkeys.is_empty()
    }

    /// Removing one leaves none.
    pub(crate) fn has_one(&self) -> bool {
        usize::from(self.has_totp) + self.passkeys.len() == 1
    }
}

impl Installation {
    /// What the person has beside the password.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn factors(&self, entry: &Entry) -> Result<Factors, Failure> {
        let account = self.own_account(entry).await?;
        let passkeys = self.store.passkeys(&account.id).await;
        let n_codes = self.store.n_recovery_codes(&account.id).await;
        let passkeys = passkeys.map_err(store_failure)?.into_iter();
        Ok(Factors {
            has_totp: account.totp_secret.is_some(),
            passkeys: passkeys
                .map(|passkey| PasskeyOf {
                    id: passkey.credential_id,
                    name: passkey.name,
                    created_at: passkey.created_at,
                    last_used_at: passkey.last_used_at,
                })
                .collect(),
            n_recovery_codes: n_codes.map_err(store_failure)?,
        })
    }

    /// Offers a secret; the same one until it is confirmed, so that the page may be loaded again.
    ///
    /// # Errors
    /// There is one already, or the store fails.
    pub(crate) async fn offer_totp(&self, entry: &Entry) -> Result<TotpOffer, Failure> {
        let account = self.own_account(entry).await?;
        if account.totp_secret.is_some() {
            return Err(Failure::refused(labels::totp_there()));
        }
        let mut session = self.own_session(entry).await?;
        let secret = match ceremony(&session) {
            Some(Ceremony::Totp(secret)) => secret,
            _ => {
                let secret = totp_rs::Secret::generate().to_base32();
                self.keep_ceremony(&mut session, Some(&Ceremony::Totp(secret.clone())))
                    .await?;
                secret
            }
        };
        let totp = totp(&secret, &account.login)?;
        let url = totp.to_url().map_err(broken)?;
        let groups: Vec<String> = secret
            .as_bytes()
            .chunks(4)
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect();
        Ok(TotpOffer {
            url,
            secret: groups.join(" "),
        })
    }

    /// Takes the offered secret, once a code shows that it arrived.
    ///
    /// # Errors
    /// A wrong code, no offer, or the store fails.
    pub(crate) async fn confirm_totp(
        self: &Arc<Self>,
        entry: &Entry,
        typed: &str,
    ) -> Result<Added, Failure> {
        let now = self.settings.clock.now();
        let account = self.own_account(entry).await?;
        let session = self.own_session(entry).await?;
        let Some(Ceremony::Totp(secret)) = ceremony(&session) else {
            return Err(Failure::refused(labels::totp_offer_gone()));
        };
        let Some(step) = matching_step(&secret, typed, now) else {
            return Err(Failure::refused(labels::wrong_new_code()).at("code"));
        };
        let change = AccountChange::Totp(Secret::new(secret));
        self.change_own(&account, &change).await?;
        let store = &self.store;
        let used = store.use_totp_step(&account.id, step).await;
        used.map_err(store_failure)?;
        let n_codes = store.n_recovery_codes(&account.id).await;
        let recovery_codes = match n_codes.map_err(store_failure)? {
            0 => self.replace_recovery_codes(&account).await?,
            _ => Vec::new(),
        };
        let signed_in = self.begin_anew(&account.id, true, &session).await?;
        Ok(Added {
            recovery_codes,
            signed_in,
        })
    }

    /// Gives new recovery codes in place of all earlier ones.
    ///
    /// # Errors
    /// A wrong password, nothing to recover, or the store fails.
    pub(crate) async fn new_recovery_codes(
        &self,
        entry: &Entry,
        password: &str,
    ) -> Result<Vec<String>, Failure> {
        let account = self.own_account(entry).await?;
        self.confirm_password(&account, password).await?;
        if !self.has_second_factor(&account).await? {
            return Err(Failure::refused(labels::no_second_factor()));
        }
        self.replace_recovery_codes(&account).await
    }

    async fn replace_recovery_codes(&self, account: &Account) -> Result<Vec<String>, Failure> {
        let now = self.settings.clock.now();
        let codes: Vec<String> = (0..N_RECOVERY_CODES).map(|_| new_recovery_code()).collect();
        let hashes: Vec<Secret> = codes
            .iter()
            .map(|code| Secret::new(recovery_code_hash(code)))
            .collect();
        let store = &self.store;
        let replaced = store
            .replace_recovery_codes(&account.id, &hashes, &account.name, now)
            .await;
        replaced.map_err(store_failure)?;
        Ok(codes)
    }

    /// Stops asking for codes of the program.
    ///
    /// # Errors
    /// A wrong password, one that cannot stand alone, or the store fails.
    pub(crate) async fn remove_totp(&self, entry: &Entry, password: &str) -> Result<(), Failure> {
        let account = self.own_account(entry).await?;
        self.may_remove_factor(entry, &account, password).await?;
        self.change_own(&account, &AccountChange::NoTotp).await?;
        let account = self.own_account(entry).await?;
        self.after_removal(entry, &account).await
    }

    /// Whoever has no second factor left has not shown one.
    pub(super) async fn after_removal(
        &self,
        entry: &Entry,
        account: &Account,
    ) -> Result<(), Failure> {
        if self.has_second_factor(account).await? {
            return Ok(());
        }
        let mut session = self.own_session(entry).await?;
        session.second_factor = false;
        let saved = self.store.save_session(&session).await;
        saved.map_err(store_failure)?;
        self.sign_out_elsewhere(entry).await
    }

    /// Removing a factor takes the password; the last one, a password that can stand alone, and
    /// that no institution of theirs asks for a second factor.
    pub(super) async fn may_remove_factor(
        &self,
        entry: &Entry,
        account: &Account,
        password: &str,
    ) -> Result<(), Failure> {
        self.confirm_password(account, password).await?;
        if !self.factors(entry).await?.has_one() {
            return Ok(());
        }
        let grants = self
            .grants_now(&account.id, self.settings.clock.now())
            .await?;
        let asked = self.asks_for_second_factor(account.is_operator, grants.iter());
        if asked.await? {
            return Err(Failure::refused(labels::second_factor_asked()));
        }
        let is_short = passwords::normalised(password).chars().count() < passwords::LENGTH_MIN;
        match is_short {
            true => Err(Failure::refused(labels::password_cannot_stand_alone(
                passwords::LENGTH_MIN,
            ))),
            false => Ok(()),
        }
    }

    /// The account of whoever is in.
    pub(super) async fn own_account(&self, entry: &Entry) -> Result<Account, Failure> {
        let account = self.open_account(&entry.person.account).await?;
        account.ok_or_else(|| Failure::not_found(labels::not_there()))
    }

    /// The session of whoever is in by a browser.
    pub(super) async fn own_session(&self, entry: &Entry) -> Result<Session, Failure> {
        let not_there = || Failure::not_found(labels::not_there());
        let hash = entry.session.as_ref().ok_or_else(not_there)?;
        let session = self.store.session(hash).await.map_err(store_failure)?;
        session.ok_or_else(not_there)
    }

    /// Keeps what is under way in a session, in place of what was.
    pub(super) async fn keep_ceremony(
        &self,
        session: &mut Session,
        ceremony: Option<&Ceremony>,
    ) -> Result<(), Failure> {
        let state = ceremony.map(serde_json::to_string).transpose();
        session.state = state.map_err(broken)?.map(Secret::new);
        let saved = self.store.save_session(session).await;
        saved.map_err(store_failure)
    }
}

/// What is under way in a session.
pub(super) fn ceremony(session: &Session) -> Option<Ceremony> {
    serde_json::from_str(session.state.as_ref()?.reveal()).ok()
}

/// The time step whose code was typed; none if it was no code of now.
pub(super) fn matching_step(secret: &str, typed: &str, now: Timestamp) -> Option<i64> {
    let code: String = typed.nfkc().filter(char::is_ascii_digit).collect();
    let totp = totp(secret, "").ok()?;
    let seconds = u64::try_from(now.as_second()).ok()?;
    let is_code = code.len() == usize::from(totp.digits());
    let step = is_code.then(|| totp.check(&code, seconds)).flatten()?;
    i64::try_from(step).ok()
}

fn totp(secret: &str, login: &str) -> Result<Totp, Failure> {
    let secret = totp_rs::Secret::try_from_base32(secret).map_err(broken)?;
    Builder::new()
        .with_secret(secret)
        .with_skew(SKEW_STEPS)
        .with_account_name(login)
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(broken)
}

pub(super) fn broken(source: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::unexpected(labels::doors_failed()).because(source)
}
