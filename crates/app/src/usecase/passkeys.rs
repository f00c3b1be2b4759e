//! Passkeys: made by whoever is in, shown after the password or instead of it. The site's name must
//! be a DNS name, so that there are none where Sonae is reached by an IP address.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sonae_domain::ids::AccountId;
use sonae_store::{Account, Passkey as KeptPasskey, StoreError};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn,
    WebauthnBuilder, WebauthnError,
};

use super::doors::Entry;
use super::failure::Failure;
use super::installation::Installation;
use super::labels;
use super::second_factor::{Ceremony, broken, ceremony};
use super::secrets::{new_token, token_hash};
use super::signing_in::{HalfIn, SignedIn};
use super::workspace::store_failure;

/// Long enough to find the telephone.
const CEREMONY_MAX: SignedDuration = SignedDuration::from_mins(5);

/// So many people at most hold a passkey to the screen at the same time; beyond, the oldest of
/// them begins again.
const CEREMONIES_MAX: usize = 1_000;

/// Longer names are cut; they only tell the person's own passkeys apart.
const NAME_LENGTH_MAX: usize = 60;

/// Ceremonies of people whom nobody knows yet: there is no session to keep them in.
#[derive(Default)]
pub(crate) struct Ceremonies(Mutex<BTreeMap<String, (Timestamp, DiscoverableAuthentication)>>);

/// The site as browsers know it.
pub(crate) struct Site(Webauthn);

impl Site {
    /// The site of an origin; none where browsers make no passkeys for it.
    pub(crate) fn of_origin(origin: &str) -> Option<Self> {
        let origin = Url::parse(origin).ok()?;
        let domain = origin.domain()?;
        if origin.scheme() != "https" && domain != "localhost" {
            return None;
        }
        let builder = WebauthnBuilder::new(domain, &origin).ok()?;
        builder.rp_name("Sonae").build().ok().map(Self)
    }
}

impl Ceremonies {
    fn begin(&self, now: Timestamp, state: DiscoverableAuthentication) -> String {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (begun_at, _)| now.duration_since(*begun_at) < CEREMONY_MAX);
        if all.len() >= CEREMONIES_MAX {
            let oldest = all.iter().min_by_key(|(_, (begun_at, _))| *begun_at);
            let oldest = oldest.map(|(id, _)| id.clone());
            oldest.map(|id| all.remove(&id));
        }
        let id = new_token();
        all.insert(id.clone(), (now, state));
        id
    }

    /// Each is used once.
    fn end(&self, now: Timestamp, id: &str) -> Option<DiscoverableAuthentication> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun_at, state) = all.remove(id)?;
        (now.duration_since(begun_at) < CEREMONY_MAX).then_some(state)
    }
}

impl Installation {
    /// Asks the browser of whoever is in to make a passkey.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn begin_passkey(&self, site: &Site, entry: &Entry) -> Result<Value, Failure> {
        let account = self.own_account(entry).await?;
        let user = Uuid::parse_str(account.id.as_str()).map_err(broken)?;
        let known = self.passkeys_of(&account.id).await?;
        let known = known.iter().map(|passkey| passkey.cred_id().clone());
        let (options, state) = site
            .0
            .start_passkey_registration(user, &account.login, &account.name, Some(known.collect()))
            .map_err(broken)?;
        let mut session = self.own_session(entry).await?;
        let state = serde_json::to_value(state).map_err(broken)?;
        self.keep_ceremony(&mut session, Some(&Ceremony::NewPasskey(state)))
            .await?;
        let mut options = serde_json::to_value(options).map_err(broken)?;
        // One that the device lists by itself opens the door without a login name.
        if let Some(choice) = options.pointer_mut("/publicKey/authenticatorSelection") {
            choice["residentKey"] = json!("preferred");
        }
        Ok(options)
    }

    /// Keeps the passkey that the browser made.
    ///
    /// # Errors
    /// It does not fit what was asked, or the store fails.
    pub(crate) async fn finish_passkey(
        self: &Arc<Self>,
        site: &Site,
        entry: &Entry,
        name: &str,
        made: Value,
    ) -> Result<SignedIn, Failure> {
        let now = self.settings.clock.now();
        let account = self.own_account(entry).await?;
        let mut session = self.own_session(entry).await?;
        let Some(Ceremony::NewPasskey(state)) = ceremony(&session) else {
            return Err(Failure::refused(labels::passkey_refused()));
        };
        self.keep_ceremony(&mut session, None).await?;
        let state: PasskeyRegistration = serde_json::from_value(state).map_err(broken)?;
        let made: RegisterPublicKeyCredential = understood(made)?;
        let passkey = site.0.finish_passkey_registration(&made, &state);
        let passkey = passkey.map_err(not_taken)?;
        let name: String = name.trim().chars().take(NAME_LENGTH_MAX).collect();
        let kept = KeptPasskey {
            account: account.id.clone(),
            credential_id: credential_id(passkey.cred_id()),
            name,
            body: serde_json::to_string(&passkey).map_err(broken)?,
            created_at: now,
            last_used_at: None,
        };
        match self.store.save_passkey(&kept, &account.name, now).await {
            Err(StoreError::AlreadyThere { .. }) => {
                return Err(Failure::refused(labels::passkey_refused()));
            }
            done => done.map_err(store_failure)?,
        }
        self.begin_anew(&account.id, true, &session).await
    }

    /// Removes a passkey of whoever is in.
    ///
    /// # Errors
    /// No such passkey, a wrong password, one that cannot stand alone, or the store fails.
    pub(crate) async fn remove_passkey(
        &self,
        entry: &Entry,
        id: &str,
        password: &str,
    ) -> Result<(), Failure> {
        let account = self.own_account(entry).await?;
        self.may_remove_factor(entry, &account, password).await?;
        let (now, by) = (self.settings.clock.now(), &account.name);
        let removed = self.store.remove_passkey(&account.id, id, by, now).await;
        match removed.map_err(store_failure)? {
            true => self.after_removal(entry, &account).await,
            false => Err(Failure::not_found(labels::not_there())),
        }
    }

    /// Asks the browser for a passkey of whoever gave the password.
    ///
    /// # Errors
    /// They have none, or the store fails.
    pub(crate) async fn ask_passkey(&self, site: &Site, half: &HalfIn) -> Result<Value, Failure> {
        let passkeys = self.passkeys_of(&half.account.id).await?;
        let asked = site.0.start_passkey_authentication(&passkeys);
        let (options, state) = asked.map_err(not_taken)?;
        let mut session = half.session.clone();
        let state = serde_json::to_value(state).map_err(broken)?;
        self.keep_ceremony(&mut session, Some(&Ceremony::Passkey(state)))
            .await?;
        serde_json::to_value(options).map_err(broken)
    }

    /// Lets in whoever shows the passkey that was asked for after the password.
    ///
    /// # Errors
    /// It does not fit what was asked, or the store fails.
    pub(crate) async fn show_passkey(
        &self,
        site: &Site,
        half: &HalfIn,
        shown: Value,
    ) -> Result<SignedIn, Failure> {
        let mut session = half.session.clone();
        let Some(Ceremony::Passkey(state)) = ceremony(&session) else {
            return Err(Failure::refused(labels::passkey_refused()));
        };
        self.keep_ceremony(&mut session, None).await?;
        let state: PasskeyAuthentication = serde_json::from_value(state).map_err(broken)?;
        let shown: PublicKeyCredential = understood(shown)?;
        let result = site.0.finish_passkey_authentication(&shown, &state);
        let result = result.map_err(not_taken)?;
        self.note_use(&half.account, &result).await?;
        self.become_whole(half).await
    }

    /// Asks the browser for any passkey for this site. Returns what it is asked, and the id under
    /// which the answer is expected.
    ///
    /// # Errors
    /// Too many attempts, or the store fails.
    pub(crate) async fn ask_any_passkey(
        &self,
        site: &Site,
        address: &str,
    ) -> Result<(Value, String), Failure> {
        self.count_address(address).await?;
        let asked = site.0.start_discoverable_authentication();
        let (options, state) = asked.map_err(broken)?;
        let now = self.settings.clock.now();
        let id = self.ceremonies.begin(now, state);
        let mut options = serde_json::to_value(options).map_err(broken)?;
        // The person pressed a button: the browser shows its own choice at once.
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        Ok((options, id))
    }

    /// Lets in whoever shows a passkey of theirs. The device verified them, so that it counts for
    /// both factors.
    ///
    /// # Errors
    /// It does not fit what was asked, nobody has it, or the store fails.
    pub(crate) async fn show_any_passkey(
        &self,
        site: &Site,
        id: &str,
        shown: Value,
    ) -> Result<SignedIn, Failure> {
        let refused = || Failure::refused(labels::passkey_refused());
        let now = self.settings.clock.now();
        let state = self.ceremonies.end(now, id).ok_or_else(refused)?;
        let shown: PublicKeyCredential = understood(shown)?;
        let whose = site.0.identify_discoverable_authentication(&shown);
        let (user, credential) = whose.map_err(not_taken)?;
        let account = AccountId::new(user.to_string());
        let account = self.open_account(&account).await?.ok_or_else(refused)?;
        let theirs = self.passkeys_of(&account.id).await?;
        let mut theirs = theirs.iter();
        let is_it = |key: &&Passkey| key.cred_id().as_ref() as &[u8] == credential;
        let key = DiscoverableKey::from(theirs.find(is_it).ok_or_else(refused)?);
        let result = site
            .0
            .finish_discoverable_authentication_v2(&shown, state, &key)
            .map_err(not_taken)?;
        self.note_use(&account, &result).await?;
        self.begin_session(&account.id, true).await
    }

    async fn passkeys_of(&self, account: &AccountId) -> Result<Vec<Passkey>, Failure> {
        let kept = self.store.passkeys(account).await.map_err(store_failure)?;
        kept.iter()
            .map(|kept| serde_json::from_str(&kept.body).map_err(broken))
            .collect()
    }

    /// Keeps the counter, by which a copied passkey is noticed.
    async fn note_use(
        &self,
        account: &Account,
        result: &webauthn_rs::prelude::AuthenticationResult,
    ) -> Result<(), Failure> {
        let now = self.settings.clock.now();
        let used = credential_id(result.cred_id());
        let kept = self.store.passkeys(&account.id).await;
        let kept = kept.map_err(store_failure)?.into_iter();
        for mut kept in kept.filter(|kept| kept.credential_id == used) {
            let mut passkey: Passkey = serde_json::from_str(&kept.body).map_err(broken)?;
            passkey.update_credential(result);
            kept.body = serde_json::to_string(&passkey).map_err(broken)?;
            kept.last_used_at = Some(now);
            let saved = self.store.save_passkey(&kept, &account.name, now).await;
            saved.map_err(store_failure)?;
        }
        Ok(())
    }
}

/// The id as it stands in the store and in addresses of pages.
fn credential_id(id: &[u8]) -> String {
    token_hash(&hex::encode(id))
}

fn understood<T: serde::de::DeserializeOwned>(sent: Value) -> Result<T, Failure> {
    serde_json::from_value(sent)
        .map_err(|source| Failure::refused(labels::passkey_refused()).because(source))
}

fn not_taken(source: WebauthnError) -> Failure {
    Failure::refused(labels::passkey_refused()).because(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_a_safe_way() {
        let check = |origin: &str, expected: bool| {
            assert_eq!(Site::of_origin(origin).is_some(), expected, "{origin}");
        };
        check("https://sonae.example.jp", true);
        check("http://localhost:8640", true);
        check("http://sonae.example.jp", false);
        check("http://127.0.0.1:8640", false);
        check("https://192.168.1.10", false);
        check("sonae.example.jp", false);
    }

    #[test]
    fn a_ceremony_ends_once_and_in_time() {
        let site = Site::of_origin("http://localhost:8640").unwrap();
        let begin = |all: &Ceremonies, at: Timestamp| {
            let (_, state) = site.0.start_discoverable_authentication().unwrap();
            all.begin(at, state)
        };
        let now: Timestamp = "2026-11-21T03:00:00Z".parse().unwrap();
        let all = Ceremonies::default();
        let id = begin(&all, now);
        assert!(all.end(now, &id).is_some());
        assert!(all.end(now, &id).is_none());
        let late = begin(&all, now);
        assert!(all.end(now + CEREMONY_MAX, &late).is_none());
        let first = begin(&all, now);
        for _ in 0..CEREMONIES_MAX {
            begin(&all, now + SignedDuration::from_secs(1));
        }
        assert!(all.end(now, &first).is_none());
    }
}
