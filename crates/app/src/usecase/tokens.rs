//! Access tokens of a person for programs: made, listed, taken back, by the person or by whoever
//! administers. What they open is decided in `doors`.

use std::collections::BTreeSet;

use jiff::civil::Date;
use sonae_domain::ids::{AccountId, TokenId};
use sonae_store::{Secret, Token, TokenScope, new_id};

use super::doors::Person;
use super::failure::Failure;
use super::first_visit::required;
use super::installation::Installation;
use super::labels;
use super::secrets::{new_token, token_hash};
use super::workspace::{Workspace, store_failure};

/// A token is renewed at least once a year.
const DAYS_MAX: i64 = 366;

/// By this beginning, people and scanners of leaked secrets recognise a token.
const PREFIX: &str = "sonae_";

/// A token to make.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewToken {
    pub(crate) name: String,
    /// It may change something.
    pub(crate) writes: bool,
    /// The last day on which it opens anything.
    pub(crate) ends_on: Option<Date>,
}

/// A token as its owner and administrators see it.
#[derive(Debug, Clone)]
pub(crate) struct TokenOf {
    pub(crate) id: TokenId,
    pub(crate) name: String,
    pub(crate) writes: bool,
    /// It stands in the address of a calendar.
    pub(crate) is_calendar: bool,
    pub(crate) made_at: jiff::Timestamp,
    pub(crate) ends_on: Option<Date>,
    pub(crate) last_used_at: Option<jiff::Timestamp>,
    /// Its last day is over.
    pub(crate) is_over: bool,
}

impl Workspace {
    /// The tokens of a person for this institution that were not taken back, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn own_tokens(&self, person: &Person) -> Result<Vec<TokenOf>, Failure> {
        let mut tokens = self.tokens_of(&person.account).await?;
        tokens.retain(|token| !token.is_calendar);
        Ok(tokens)
    }

    /// The same with the address of their calendar, for whoever administers.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn tokens_of(&self, account: &AccountId) -> Result<Vec<TokenOf>, Failure> {
        let tokens = self.store.tokens(&self.institution.id).await;
        let tokens = tokens.map_err(store_failure)?.into_iter();
        let own = tokens.filter(|token| token.account == *account && token.revoked_at.is_none());
        Ok(own
            .map(|token| TokenOf {
                is_over: token.ends_on.is_some_and(|end| end < self.today),
                id: token.id,
                name: token.name,
                writes: token.scope == TokenScope::Write,
                is_calendar: token.scope == TokenScope::Calendar,
                made_at: token.made_at,
                ends_on: token.ends_on,
                last_used_at: token.last_used_at,
            })
            .collect())
    }

    /// Makes a token. What is returned is shown once.
    ///
    /// # Errors
    /// No name, no end or one too far away, or the store fails.
    pub(crate) async fn make_token(
        &self,
        new: &NewToken,
        person: &Person,
    ) -> Result<String, Failure> {
        let name = required(&new.name, "name")?;
        let latest = self.today.saturating_add(jiff::Span::new().days(DAYS_MAX));
        let ends_on = new
            .ends_on
            .filter(|end| (self.today..=latest).contains(end));
        let ends_on = ends_on.ok_or_else(|| Failure::refused(labels::token_end()).at("ends_on"))?;
        let secret = format!("{PREFIX}{}", new_token());
        let token = Token {
            id: TokenId::new(new_id(self.now)),
            token_hash: Secret::new(token_hash(&secret)),
            account: person.account.clone(),
            name,
            scope: match new.writes {
                true => TokenScope::Write,
                false => TokenScope::Read,
            },
            made_at: self.now,
            ends_on: Some(ends_on),
            last_used_at: None,
            revoked_at: None,
        };
        let institution = &self.institution.id;
        let made = self
            .store
            .insert_token(institution, &token, &person.name)
            .await;
        made.map_err(store_failure)?;
        Ok(secret)
    }

    /// Takes a token of the person back.
    ///
    /// # Errors
    /// They have none of this id, or the store fails.
    pub(crate) async fn take_token_back(
        &self,
        id: &TokenId,
        person: &Person,
    ) -> Result<(), Failure> {
        let own = self.own_tokens(person).await?;
        self.revoke_one_of(&own, id, &person.name).await
    }

    /// Takes a token of a member back, or the address of their calendar.
    ///
    /// # Errors
    /// They are nobody here or have none of this id, or the store fails.
    pub(crate) async fn take_member_token_back(
        &self,
        account: &AccountId,
        id: &TokenId,
        by: &Person,
    ) -> Result<(), Failure> {
        let member = self.member(account).await?;
        let tokens = self.tokens_of(&member.account).await?;
        self.revoke_one_of(&tokens, id, &by.name).await
    }

    async fn revoke_one_of(
        &self,
        tokens: &[TokenOf],
        id: &TokenId,
        by: &str,
    ) -> Result<(), Failure> {
        let not_there = || Failure::not_found(labels::not_there());
        let mut tokens = tokens.iter();
        tokens.find(|token| token.id == *id).ok_or_else(not_there)?;
        let institution = &self.institution.id;
        let revoked = self.store.revoke_token(institution, id, by, self.now);
        match revoked.await.map_err(store_failure)? {
            true => Ok(()),
            false => Err(not_there()),
        }
    }
}

impl Installation {
    /// Takes back every token of an account, addresses of calendars too, in all institutions: a
    /// person whose device or password was lost does not know who made which.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn take_all_tokens_back(
        &self,
        account: &AccountId,
        by: &str,
    ) -> Result<(), Failure> {
        let now = self.settings.clock.now();
        let given = self.store.grants_of(account).await.map_err(store_failure)?;
        let institutions: BTreeSet<_> = given.into_iter().map(|(of, _)| of).collect();
        for institution in institutions {
            let tokens = self.store.tokens(&institution).await;
            let tokens = tokens.map_err(store_failure)?.into_iter();
            let is_open = |token: &Token| token.account == *account && token.revoked_at.is_none();
            for token in tokens.filter(is_open) {
                let revoked = self.store.revoke_token(&institution, &token.id, by, now);
                revoked.await.map_err(store_failure)?;
            }
        }
        Ok(())
    }
}
