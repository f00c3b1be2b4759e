//! The calls about people, each one transaction: on accounts in the scope of the installation, on
//! grants and tokens in that of their institution.

use async_trait::async_trait;
use jiff::Timestamp;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId, TokenId};
use sonae_domain::people::Grant;

use super::{ALL_INSTITUTIONS, Backend, INSTALLATION};
use crate::error::StoreError;
use crate::people::{
    Account, AccountChange, Holder, Passkey, People, Secret, Session, SetupLink, Throttle, Token,
};
use crate::sql::Tx;
use crate::{accounts, factors, grants, institutions, renaming, sessions, tokens};

#[async_trait]
impl<B: Backend> People for B {
    async fn insert_account(
        &self,
        account: &Account,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "insert an account").await?;
        accounts::insert(&mut tx, account, by, at).await?;
        tx.commit().await
    }

    async fn insert_member(
        &self,
        institution: &InstitutionId,
        account: &Account,
        grants: &[Grant],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "insert a member").await?;
        accounts::insert(&mut tx, account, by, at).await?;
        tx.enter_to_write(institution.as_str()).await?;
        for grant in grants {
            grants::insert(&mut tx, institution, grant).await?;
        }
        tx.commit().await
    }

    async fn change_account(
        &self,
        account: &AccountId,
        change: &AccountChange,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "change an account").await?;
        accounts::change(&mut tx, account, change, by, at).await?;
        tx.commit().await
    }

    async fn rename_account(
        &self,
        account: &AccountId,
        name: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "rename a person").await?;
        renaming::record(&mut tx, account, name, at).await?;
        tx.commit().await
    }

    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let mut tx = self.read(INSTALLATION, "find an account").await?;
        accounts::find(&mut tx, id).await
    }

    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let mut tx = self.read(INSTALLATION, "find an account by login").await?;
        accounts::find_by_login(&mut tx, login).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut tx = self.read(INSTALLATION, "list the accounts").await?;
        accounts::list(&mut tx).await
    }

    async fn note_login(&self, account: &AccountId, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "note a login").await?;
        accounts::note_login(&mut tx, account, at).await?;
        tx.commit().await
    }

    async fn note_failed_login(
        &self,
        account: &AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "note a failed login").await?;
        accounts::note_failed_login(&mut tx, account, at).await?;
        tx.commit().await
    }

    async fn use_totp_step(&self, account: &AccountId, step: i64) -> Result<bool, StoreError> {
        let mut tx = self.write(INSTALLATION, "use a time step").await?;
        let done = accounts::use_totp_step(&mut tx, account, step).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn passkeys(&self, account: &AccountId) -> Result<Vec<Passkey>, StoreError> {
        let mut tx = self.read(INSTALLATION, "list the passkeys").await?;
        factors::passkeys(&mut tx, account).await
    }

    async fn save_passkey(
        &self,
        passkey: &Passkey,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "save a passkey").await?;
        factors::save_passkey(&mut tx, passkey, by, at).await?;
        tx.commit().await
    }

    async fn remove_passkey(
        &self,
        account: &AccountId,
        credential_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write(INSTALLATION, "remove a passkey").await?;
        let done = factors::remove_passkey(&mut tx, account, credential_id, by, at).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn replace_recovery_codes(
        &self,
        account: &AccountId,
        code_hashes: &[Secret],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .write(INSTALLATION, "replace the recovery codes")
            .await?;
        factors::replace_codes(&mut tx, account, code_hashes, by, at).await?;
        tx.commit().await
    }

    async fn use_recovery_code(
        &self,
        account: &AccountId,
        code_hash: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write(INSTALLATION, "use a recovery code").await?;
        let done = factors::use_code(&mut tx, account, code_hash, at).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn n_recovery_codes(&self, account: &AccountId) -> Result<i64, StoreError> {
        let mut tx = self.read(INSTALLATION, "count the recovery codes").await?;
        factors::n_codes(&mut tx, account).await
    }

    async fn insert_setup_link(&self, link: &SetupLink) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "insert a set-up link").await?;
        factors::insert_link(&mut tx, link).await?;
        tx.commit().await
    }

    async fn setup_link(&self, token_hash: &str) -> Result<Option<SetupLink>, StoreError> {
        let mut tx = self.read(INSTALLATION, "find a set-up link").await?;
        factors::find_link(&mut tx, token_hash).await
    }

    async fn use_setup_link(
        &self,
        token_hash: &str,
        at: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let mut tx = self.write(INSTALLATION, "use a set-up link").await?;
        let done = factors::use_link(&mut tx, token_hash, at).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "begin a session").await?;
        sessions::insert(&mut tx, session).await?;
        tx.commit().await
    }

    async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        let mut tx = self.read(INSTALLATION, "find a session").await?;
        sessions::find(&mut tx, token_hash).await
    }

    async fn session_holder(
        &self,
        token_hash: &str,
    ) -> Result<Option<Holder<Session>>, StoreError> {
        let mut tx = self
            .read(INSTALLATION, "find the holder of a session")
            .await?;
        let Some(session) = sessions::find(&mut tx, token_hash).await? else {
            return Ok(None);
        };
        let (account, institution) = (session.account.clone(), session.institution.clone());
        holder(&mut tx, session, &account, institution.as_ref()).await
    }

    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<Session>, StoreError> {
        let mut tx = self
            .read(INSTALLATION, "list the sessions of an account")
            .await?;
        sessions::list_of(&mut tx, account).await
    }

    async fn touch_session(
        &self,
        token_hash: &str,
        seen_at: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "touch a session").await?;
        sessions::touch(&mut tx, token_hash, seen_at, ends_at).await?;
        tx.commit().await
    }

    async fn save_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "save a session").await?;
        sessions::save(&mut tx, session).await?;
        tx.commit().await
    }

    async fn end_session(&self, token_hash: &str) -> Result<bool, StoreError> {
        let mut tx = self.write(INSTALLATION, "end a session").await?;
        let done = sessions::end(&mut tx, token_hash).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn end_sessions_of(
        &self,
        account: &AccountId,
        except: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .write(INSTALLATION, "end the sessions of an account")
            .await?;
        sessions::end_of(&mut tx, account, except).await?;
        tx.commit().await
    }

    async fn end_sessions_before(&self, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "forget sessions").await?;
        sessions::end_before(&mut tx, at).await?;
        tx.commit().await
    }

    async fn note_failure(
        &self,
        key: &str,
        at: Timestamp,
        window_seconds: i64,
        n_sliding: i64,
    ) -> Result<i64, StoreError> {
        let mut tx = self.write(INSTALLATION, "count a failure").await?;
        let done = sessions::note_failure(&mut tx, key, at, window_seconds, n_sliding).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn throttle(&self, key: &str) -> Result<Option<Throttle>, StoreError> {
        let mut tx = self.read(INSTALLATION, "find a throttle").await?;
        sessions::throttle(&mut tx, key).await
    }

    async fn clear_throttle(&self, key: &str) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "clear a throttle").await?;
        sessions::clear_throttle(&mut tx, key).await?;
        tx.commit().await
    }

    async fn clear_throttles_before(&self, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "forget throttles").await?;
        sessions::clear_throttles_before(&mut tx, at).await?;
        tx.commit().await
    }

    async fn insert_grant(
        &self,
        institution: &InstitutionId,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "insert a grant").await?;
        grants::insert(&mut tx, institution, grant).await?;
        tx.commit().await
    }

    async fn revoke_grant(
        &self,
        institution: &InstitutionId,
        id: &GrantId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write(institution.as_str(), "revoke a grant").await?;
        let done = grants::revoke(&mut tx, institution, id, by, at).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn grants(&self, institution: &InstitutionId) -> Result<Vec<Grant>, StoreError> {
        let mut tx = self.read(institution.as_str(), "list the grants").await?;
        grants::list(&mut tx, institution).await
    }

    async fn grants_of(
        &self,
        account: &AccountId,
    ) -> Result<Vec<(InstitutionId, Grant)>, StoreError> {
        let mut tx = self
            .read(ALL_INSTITUTIONS, "list the grants of an account")
            .await?;
        grants::list_of(&mut tx, account).await
    }

    async fn insert_token(
        &self,
        institution: &InstitutionId,
        token: &Token,
        by: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "insert a token").await?;
        tokens::insert(&mut tx, institution, token, by).await?;
        tx.commit().await
    }

    async fn tokens(&self, institution: &InstitutionId) -> Result<Vec<Token>, StoreError> {
        let mut tx = self.read(institution.as_str(), "list the tokens").await?;
        tokens::list(&mut tx, institution).await
    }

    async fn token_holder(&self, token_hash: &str) -> Result<Option<Holder<Token>>, StoreError> {
        let mut tx = self
            .read(ALL_INSTITUTIONS, "find the holder of a token")
            .await?;
        let Some((institution, token)) = tokens::find_by_hash(&mut tx, token_hash).await? else {
            return Ok(None);
        };
        tx.enter(INSTALLATION).await?;
        let account = token.account.clone();
        holder(&mut tx, token, &account, Some(&institution)).await
    }

    async fn revoke_token(
        &self,
        institution: &InstitutionId,
        id: &TokenId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write(institution.as_str(), "revoke a token").await?;
        let done = tokens::revoke(&mut tx, institution, id, by, at).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn note_token_use(
        &self,
        institution: &InstitutionId,
        id: &TokenId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .write(institution.as_str(), "note the use of a token")
            .await?;
        tokens::note_use(&mut tx, institution, id, at).await?;
        tx.commit().await
    }
}

/// What belongs to a session or token. The transaction is in the scope of the installation.
async fn holder<K>(
    tx: &mut Tx,
    key: K,
    account: &AccountId,
    institution: Option<&InstitutionId>,
) -> Result<Option<Holder<K>>, StoreError> {
    let Some(account) = accounts::find(tx, account).await? else {
        return Ok(None);
    };
    tx.enter(ALL_INSTITUTIONS).await?;
    let grants = grants::list_of(tx, &account.id).await?;
    let institution = match institution {
        Some(id) => institutions::find(tx, id).await?,
        None => None,
    };
    Ok(Some(Holder {
        key,
        account,
        grants,
        institution,
    }))
}
