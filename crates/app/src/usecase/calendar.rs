//! The calendar of deadlines behind a secret address, for a person's calendar program.

use jiff::Timestamp;
use sonae_domain::era;
use sonae_domain::ids::TokenId;
use sonae_store::{Secret, Token, TokenScope, new_id};

use super::checklist::WhichForm;
use super::deadlines::{Deadline, DeadlineKind};
use super::doors::{Person, grants_on, is_closed};
use super::failure::Failure;
use super::installation::Installation;
use super::labels;
use super::secrets::{new_token, token_hash};
use super::workspace::{Workspace, store_failure};

/// So many days before, a calendar program reminds.
const ALARM_DAYS: [i64; 2] = [7, 0];

/// The address of a person's calendar, as far as it can still be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalendarAddress {
    pub(crate) made_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

impl Workspace {
    /// The person's address for this institution; none if they have none.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn calendar_address(
        &self,
        person: &Person,
    ) -> Result<Option<CalendarAddress>, Failure> {
        let tokens = self.calendar_tokens(person).await?;
        Ok(tokens.last().map(|token| CalendarAddress {
            made_at: token.made_at,
            last_used_at: token.last_used_at,
        }))
    }

    /// Makes a new address in place of the person's earlier one. Returns what stands in it; nobody
    /// can tell it a second time.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn make_calendar_address(&self, person: &Person) -> Result<String, Failure> {
        self.withdraw_calendar_address(person).await?;
        let secret = new_token();
        let token = Token {
            id: TokenId::new(new_id(self.now)),
            token_hash: Secret::new(token_hash(&secret)),
            account: person.account.clone(),
            name: labels::CALENDAR.to_owned(),
            scope: TokenScope::Calendar,
            made_at: self.now,
            ends_on: None,
            last_used_at: None,
            revoked_at: None,
        };
        let institution = &self.institution.id;
        let made = self.store.insert_token(institution, &token, &person.name);
        made.await.map_err(store_failure)?;
        Ok(secret)
    }

    /// Makes the person's address open nothing from now on.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn withdraw_calendar_address(&self, person: &Person) -> Result<(), Failure> {
        for token in self.calendar_tokens(person).await? {
            let institution = &self.institution.id;
            let revoked = self
                .store
                .revoke_token(institution, &token.id, &person.name, self.now);
            revoked.await.map_err(store_failure)?;
        }
        Ok(())
    }

    async fn calendar_tokens(&self, person: &Person) -> Result<Vec<Token>, Failure> {
        let tokens = self.store.tokens(&self.institution.id).await;
        let mut tokens = tokens.map_err(store_failure)?;
        tokens.retain(|token| token.account == person.account && opens_calendar(token));
        Ok(tokens)
    }

    async fn calendar(&self, address: &str) -> Result<String, Failure> {
        let checklist = self.judge(&WhichForm::default(), None).await?;
        let deadlines = self.deadlines(&checklist).await?;
        let events = deadlines.iter().map(|deadline| event(deadline, address));
        let feed = sonae_report::CalendarFeed {
            name: labels::calendar_name(&self.institution.name),
            events: events.collect(),
            generated_at: self.now,
        };
        sonae_report::calendar_ics(&feed).map_err(super::form::render_failure)
    }
}

impl Installation {
    /// The calendar behind an address, as iCalendar text; `address` is where Sonae is reached.
    /// None if it opens nothing: unknown, withdrawn, or its person may no longer come in.
    ///
    /// # Errors
    /// The store or a check fails.
    pub(crate) async fn calendar(
        self: &std::sync::Arc<Self>,
        secret: &str,
        address: &str,
    ) -> Result<Option<String>, Failure> {
        let holder = self.store.token_holder(&token_hash(secret)).await;
        let Some(holder) = holder.map_err(store_failure)? else {
            return Ok(None);
        };
        let now = self.settings.clock.now();
        let token = &holder.key;
        let has_ended = token
            .ends_on
            .is_some_and(|end| end < era::day_in_japan(now));
        let is_open = opens_calendar(token) && !has_ended && !is_closed(&holder.account);
        let grants = grants_on(holder.grants, now);
        let institution = holder
            .institution
            .filter(|of| grants.iter().any(|(id, _)| *id == of.id));
        let Some(institution) = institution.filter(|_| is_open) else {
            return Ok(None);
        };
        self.note_token_use(&institution.id, token, now).await?;
        let workspace = self.workspace(institution);
        workspace.calendar(address).await.map(Some)
    }
}

fn opens_calendar(token: &Token) -> bool {
    token.scope == TokenScope::Calendar && token.revoked_at.is_none()
}

fn event(deadline: &Deadline, address: &str) -> sonae_report::CalendarEvent {
    let alarm_days = match deadline.kind {
        DeadlineKind::Ministry => Vec::new(),
        _ => ALARM_DAYS.to_vec(),
    };
    sonae_report::CalendarEvent {
        uid: format!("{}-{}@sonae", deadline.kind.as_str(), deadline.about),
        day: deadline.on,
        title: deadline.title.ja.clone(),
        description: deadline.note.ja.clone(),
        url: format!("{address}{}", deadline.link),
        alarm_days,
    }
}
