//! stub
use async_trait::async_trait;
use jiff::Timestamp;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId, TokenId};
use sonae_domain::people::Grant;

use super::Backend;
use crate::error::StoreError;
use crate::people::{Account, Passkey, People, Secret, Session, SetupLink, Throttle, Token};

#[async_trait]
impl<B: Backend> People for B {
    async fn insert_account(
        &self,
        account: &Account,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn update_account(
        &self,
        account: &Account,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        unimplemented!()
    }
    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        unimplemented!()
    }
    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        unimplemented!()
    }
    async fn note_login(&self, account: &AccountId, at: Timestamp) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn note_failed_login(
        &self,
        account: &AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn use_totp_step(&self, account: &AccountId, step: i64) -> Result<bool, StoreError> {
        unimplemented!()
    }
    async fn passkeys(&self, account: &AccountId) -> Result<Vec<Passkey>, StoreError> {
        unimplemented!()
    }
    async fn save_passkey(
        &self,
        passkey: &Passkey,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn remove_passkey(
        &self,
        account: &AccountId,
        credential_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        unimplemented!()
    }
    async fn replace_recovery_codes(
        &self,
        account: &AccountId,
        code_hashes: &[Secret],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn use_recovery_code(
        &self,
        account: &AccountId,
        code_hash: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        unimplemented!()
    }
    async fn n_recovery_codes(&self, account: &AccountId) -> Result<i64, StoreError> {
        unimplemented!()
    }
    async fn insert_setup_link(&self, link: &SetupLink) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn setup_link(&self, token_hash: &str) -> Result<Option<SetupLink>, StoreError> {
        unimplemented!()
    }
    async fn use_setup_link(
        &self,
        token_hash: &str,
        at: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        unimplemented!()
    }
    async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        unimplemented!()
    }
    async fn touch_session(
        &self,
        token_hash: &str,
        seen_at: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn save_session(&self, session: &Session) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn end_session(&self, token_hash: &str) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn end_sessions_of(
        &self,
        account: &AccountId,
        except: Option<&str>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn end_sessions_before(&self, at: Timestamp) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn note_failure(
        &self,
        key: &str,
        at: Timestamp,
        window_seconds: i64,
    ) -> Result<i64, StoreError> {
        unimplemented!()
    }
    async fn throttle(&self, key: &str) -> Result<Option<Throttle>, StoreError> {
        unimplemented!()
    }
    async fn clear_throttle(&self, key: &str) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn clear_throttles_before(&self, at: Timestamp) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn insert_grant(
        &self,
        institution: &InstitutionId,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn revoke_grant(
        &self,
        institution: &InstitutionId,
        id: &GrantId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        unimplemented!()
    }
    async fn grants(&self, institution: &InstitutionId) -> Result<Vec<Grant>, StoreError> {
        unimplemented!()
    }
    async fn grants_of(
        &self,
        account: &AccountId,
    ) -> Result<Vec<(InstitutionId, Grant)>, StoreError> {
        unimplemented!()
    }
    async fn insert_token(
        &self,
        institution: &InstitutionId,
        token: &Token,
        by: &str,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    async fn tokens(&self, institution: &InstitutionId) -> Result<Vec<Token>, StoreError> {
        unimplemented!()
    }
    async fn token_by_hash(
        &self,
        token_hash: &str,
    ) -> Result<Option<(InstitutionId, Token)>, StoreError> {
        unimplemented!()
    }
    async fn revoke_token(
        &self,
        institution: &InstitutionId,
        id: &TokenId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        unimplemented!()
    }
    async fn note_token_use(
        &self,
        institution: &InstitutionId,
        id: &TokenId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
}
