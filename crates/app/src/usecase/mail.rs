//! Reminders by mail, for institutions that set it up; without that nothing is ever sent. The
//! password of the mail server is not kept: it comes from the environment, and is told to no other
//! server than the one named there.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Span;
use jiff::civil::Date;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};

use super::checklist::WhichForm;
use super::deadlines::Deadline;
use super::failure::Failure;
use super::installation::{Installation, Secret};
use super::labels;
use super::registers::Saved;
use super::secrets::token_hash;
use super::workspace::{Workspace, store_failure};

/// Setting with everything about mail, as JSON, so that it is never half-saved.
const MAIL: &str = "mail";

/// Setting with the last day on which a reminder was sent.
const REMINDED_ON: &str = "mail.reminded_on";

/// Who stands in the journal for what the reminder notes.
const BY: &str = "sonae";

/// So many days before a deadline a reminder is sent, and once after it: a month to act, a week to
/// finish, the last evening, the day itself.
const REMIND_DAYS: [i32; 5] = [30, 7, 1, 0, -7];

/// A mail server that does not answer by then will not.
const SEND_TIME_MAX: Duration = Duration::from_secs(20);

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encryption {
    /// TLS from the first byte, mostly port 465.
    Tls,
    /// TLS after a greeting, mostly port 587; refused without it.
    #[default]
    Starttls,
    /// None: only for a server in the same house.
    None,
}

impl Encryption {
    /// The word in forms.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }
}

/// How an institution sends mail, as typed and as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MailSettings {
    pub(crate) host: String,
    pub(crate) port: String,
    pub(crate) encryption: Encryption,
    /// Empty for a server that lets this machine send without a login.
    pub(crate) user: String,
    pub(crate) from: String,
    /// One or more, separated by commas or lines.
    pub(crate) to: String,
    /// Where the recipients reach Sonae: `https://sonae.example.jp`.
    pub(crate) web_address: String,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: "587".to_owned(),
            encryption: Encryption::default(),
            user: String::new(),
            from: String::new(),
            to: String::new(),
            web_address: String::new(),
        }
    }
}

/// The login that the environment holds. Every institution chooses its mail server, so that the
/// password is bound to the one server and user that it is for.
#[derive(Debug, Clone)]
pub(crate) struct MailLogin {
    pub(crate) host: String,
    pub(crate) user: String,
    pub(crate) password: Secret,
}

/// What became of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reminded {
    /// The institution did not set up mail.
    NotSetUp,
    /// One was sent today already.
    AlreadyToday,
    /// There is nothing to remind of today.
    NothingDue,
    /// One was sent, about so many deadlines.
    Sent(usize),
}

/// Settings that can be sent with.
struct Sender {
    port: u16,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl MailSettings {
    /// Names a state, so that a change of it is noticed; empty where mail is not set up.
    pub(crate) fn seen(kept: Option<&Self>) -> String {
        let name = |kept: &Self| token_hash(&format!("{kept:?}"));
        kept.map(name).unwrap_or_default()
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// Something is missing, no address or no port.
    fn sender(&self) -> Result<Sender, Failure> {
        if self.host.trim().is_empty() {
            return Err(Failure::refused(labels::mail_host_missing()));
        }
        let port = self.port.trim().parse().ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| Failure::refused(labels::mail_port_wrong(&self.port)))?;
        let to: Vec<Mailbox> = self
            .to
            .split([',', '\n'])
            .filter(|part| !part.trim().is_empty())
            .map(mailbox)
            .collect::<Result<_, Failure>>()?;
        if to.is_empty() {
            return Err(Failure::refused(labels::mail_recipient_missing()));
        }
        let address = self.web_address.as_str();
        if !address.starts_with("http://") && !address.starts_with("https://") {
            return Err(Failure::refused(labels::mail_web_address_wrong(address)));
        }
        let from = mailbox(&self.from)?;
        Ok(Sender { port, from, to })
    }

    /// What the mail server is told to let us in; nothing where it takes no login.
    ///
    /// # Errors
    /// The environment holds no login, one for another server or user, or the way there is open.
    fn credentials(&self, login: Option<&MailLogin>) -> Result<Option<Credentials>, Failure> {
        let (host, user) = (self.host.trim(), self.user.trim());
        if user.is_empty() {
            return Ok(None);
        }
        let login = login.ok_or_else(|| Failure::refused(labels::mail_password_missing()))?;
        if !login.host.eq_ignore_ascii_case(host) || login.user != user {
            return Err(Failure::refused(labels::mail_password_elsewhere(
                &login.host,
                &login.user,
            )));
        }
        if self.encryption == Encryption::None && !is_this_machine(host) {
            return Err(Failure::refused(labels::mail_password_in_the_open()));
        }
        let password = login.password.reveal().to_owned();
        Ok(Some(Credentials::new(user.to_owned(), password)))
    }

    /// The address of a page of Sonae.
    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.web_address.trim_end_matches('/'))
    }
}

fn mailbox(typed: &str) -> Result<Mailbox, Failure> {
    let typed = typed.trim();
    let wrong = |source| Failure::refused(labels::mail_address_wrong(typed)).because(source);
    typed.parse().map_err(wrong)
}

fn understood(kept: Option<&str>) -> Result<Option<MailSettings>, Failure> {
    let settings = kept.map(serde_json::from_str).transpose();
    settings.map_err(|source| Failure::unusable(labels::kept_unreadable(MAIL)).because(source))
}

impl Workspace {
    /// How this institution sends mail; none if it does not.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn mail_settings(&self) -> Result<Option<MailSettings>, Failure> {
        understood(self.kept_mail().await?.as_deref())
    }

    /// Keeps how this institution sends mail, unless somebody else changed it after the person saw
    /// it; see [`MailSettings::seen`]. Then this is what they made of it.
    ///
    /// # Errors
    /// What was typed cannot be sent with, or the store fails.
    pub(crate) async fn save_mail_settings(
        &self,
        typed: &MailSettings,
        seen: &str,
        by: &str,
    ) -> Result<Saved<Option<MailSettings>>, Failure> {
        typed.sender()?;
        let current = self.kept_mail().await?;
        let theirs = understood(current.as_deref())?;
        if theirs.as_ref() != Some(typed) && MailSettings::seen(theirs.as_ref()) != seen {
            return Ok(Saved::Conflict(theirs));
        }
        let kept = serde_json::to_string(typed)
            .map_err(|source| Failure::unexpected(labels::kept_unreadable(MAIL)).because(source))?;
        let (id, kept, current) = (&self.institution.id, Some(&*kept), current.as_deref());
        let saved = self
            .store
            .save_setting_if(id, MAIL, kept, current, by, self.now);
        Ok(match saved.await.map_err(store_failure)? {
            Saved::Done => Saved::Done,
            Saved::Same => Saved::Same,
            Saved::Conflict(theirs) => Saved::Conflict(understood(theirs.as_deref())?),
        })
    }

    async fn kept_mail(&self) -> Result<Option<String>, Failure> {
        let settings = self.store.settings(&self.institution.id).await;
        Ok(settings.map_err(store_failure)?.remove(MAIL))
    }

    /// From now on this institution sends no mail.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn stop_mail(&self, by: &str) -> Result<(), Failure> {
        self.save_mail(MAIL, None, by).await
    }

    async fn save_mail(&self, key: &str, value: Option<&str>, by: &str) -> Result<(), Failure> {
        let institution = &self.institution.id;
        let saved = self
            .store
            .save_setting(institution, key, value, by, self.now);
        saved.await.map_err(store_failure)
    }

    /// Sends a mail that only shows that mail arrives.
    ///
    /// # Errors
    /// Mail is not set up, or the mail server does not take it.
    pub(crate) async fn send_test_mail(&self) -> Result<(), Failure> {
        let settings = self.mail_settings().await?;
        let settings = settings.ok_or_else(|| Failure::refused(labels::mail_not_set_up()))?;
        let name = &self.institution.name;
        let subject = labels::mail_test_subject(name);
        let body = labels::mail_test_body(name, &settings.page("/"));
        self.send(&settings, subject, body).await
    }

    /// Sends what there is to remind of today, at most once a day.
    ///
    /// # Errors
    /// The store or a check fails, or the mail server does not take the mail.
    pub(crate) async fn remind(&self) -> Result<Reminded, Failure> {
        let Some(settings) = self.mail_settings().await? else {
            return Ok(Reminded::NotSetUp);
        };
        let kept = self.store.settings(&self.institution.id).await;
        let kept = kept.map_err(store_failure)?;
        let last: Option<Date> = kept.get(REMINDED_ON).and_then(|day| day.parse().ok());
        if last.is_some_and(|last| last >= self.today) {
            return Ok(Reminded::AlreadyToday);
        }
        let checklist = self.judge(&WhichForm::default(), None).await?;
        let mut deadlines = self.deadlines(&checklist).await?;
        deadlines.retain(|deadline| is_due(deadline.on, last, self.today));
        if deadlines.is_empty() {
            return Ok(Reminded::NothingDue);
        }
        let subject = labels::mail_subject(&self.institution.name, deadlines.len());
        let body = self.reminder(&settings, &deadlines);
        self.send(&settings, subject, body).await?;
        let today = self.today.to_string();
        self.save_mail(REMINDED_ON, Some(&today), BY).await?;
        Ok(Reminded::Sent(deadlines.len()))
    }

    fn reminder(&self, settings: &MailSettings, deadlines: &[Deadline]) -> String {
        let line = |deadline: &Deadline| {
            let link = settings.page(&deadline.link);
            labels::mail_line(&deadline.title, deadline.on, self.today, &link)
        };
        let mut parts = vec![labels::mail_head(&self.institution.name, self.today)];
        parts.extend(deadlines.iter().map(line));
        parts.push(labels::mail_foot(&settings.page("")));
        parts.join("\n")
    }

    async fn send(
        &self,
        settings: &MailSettings,
        subject: String,
        body: String,
    ) -> Result<(), Failure> {
        let sender = settings.sender()?;
        let mut message = Message::builder()
            .from(sender.from)
            .subject(subject)
            .date(SystemTime::from(self.now))
            .header(ContentType::TEXT_PLAIN);
        for to in sender.to {
            message = message.to(to);
        }
        let message = message.body(body).map_err(not_sent)?;
        let server = self.mail_server(settings, sender.port)?;
        server.send(message).await.map_err(not_sent)?;
        Ok(())
    }

    fn mail_server(
        &self,
        settings: &MailSettings,
        port: u16,
    ) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
        type Server = AsyncSmtpTransport<Tokio1Executor>;

        let host = settings.host.trim();
        let server = match settings.encryption {
            Encryption::Tls => Server::relay(host).map_err(not_sent)?,
            Encryption::Starttls => Server::starttls_relay(host).map_err(not_sent)?,
            Encryption::None => Server::builder_dangerous(host),
        };
        let server = server.port(port).timeout(Some(SEND_TIME_MAX));
        let login = self.installation.settings.mail_login.as_ref();
        Ok(match settings.credentials(login)? {
            Some(credentials) => server.credentials(credentials).build(),
            None => server.build(),
        })
    }

    /// Why no login is tried with these settings; none if one is, or none is needed.
    pub(crate) fn mail_login_refused(&self, settings: &MailSettings) -> Option<Failure> {
        let login = self.installation.settings.mail_login.as_ref();
        settings.credentials(login).err()
    }
}

impl Installation {
    /// Sends the reminders of all institutions; one that fails does not keep the others from theirs.
    ///
    /// # Errors
    /// The store does not list the institutions.
    pub(crate) async fn remind_all(
        self: &Arc<Self>,
    ) -> Result<Vec<(String, Result<Reminded, Failure>)>, Failure> {
        let mut all = Vec::new();
        for institution in self.store.institutions().await.map_err(store_failure)? {
            let name = institution.name.clone();
            all.push((name, self.workspace(institution).remind().await));
        }
        Ok(all)
    }
}

/// Whether what is sent there does not leave this machine.
fn is_this_machine(host: &str) -> bool {
    let is_loopback = |address: IpAddr| address.is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

/// Whether one of a deadline's days to remind lies after the last reminder, today at the latest:
/// a day on which nothing ran is made up for.
fn is_due(on: Date, last: Option<Date>, today: Date) -> bool {
    REMIND_DAYS.iter().any(|days| {
        let remind_on = on.saturating_sub(Span::new().days(*days));
        remind_on <= today && last.is_none_or(|last| last < remind_on)
    })
}

fn not_sent(source: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::refused(labels::mail_failed(&source.to_string())).because(source)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_password_goes_to_its_own_server_and_user_and_never_in_the_open() {
        let check = |ours: (&str, &str), encryption: Encryption, typed: (&str, &str), said| {
            let login = MailLogin {
                host: ours.0.to_owned(),
                user: ours.1.to_owned(),
                password: Secret::new("geheim".to_owned()),
            };
            let settings = MailSettings {
                host: typed.0.to_owned(),
                user: typed.1.to_owned(),
                encryption,
                ..MailSettings::default()
            };
            let credentials = settings.credentials(Some(&login));
            let tells = credentials.map(|told| told.is_some()).ok();
            assert_eq!(tells, said, "{typed:?} {encryption:?}");
        };
        let mail = ("mail.example", "sonae");
        check(mail, Encryption::Tls, mail, Some(true));
        check(mail, Encryption::Starttls, mail, Some(true));
        check(mail, Encryption::Tls, ("MAIL.example", "sonae"), Some(true));
        check(mail, Encryption::Tls, ("evil.example", ""), Some(false));
        check(mail, Encryption::Tls, ("evil.example", "sonae"), None);
        check(mail, Encryption::Tls, ("mail.example", "else"), None);
        check(mail, Encryption::None, mail, None);
        for here in ["localhost", "127.0.0.1", "::1"] {
            check(
                (here, "sonae"),
                Encryption::None,
                (here, "sonae"),
                Some(true),
            );
        }
        check(
            ("10.0.0.2", "sonae"),
            Encryption::None,
            ("10.0.0.2", "sonae"),
            None,
        );
    }

    #[test]
    fn a_reminder_comes_on_its_days_and_makes_up_for_days_without_one() {
        let check = |on: &str, last: &str, expected: bool| {
            let today = date(2026, 11, 21);
            let due = is_due(on.parse().unwrap(), last.parse().ok(), today);
            assert_eq!(due, expected, "{on} last {last}");
        };
        let yesterday = "2026-11-20";
        check("2026-12-21", yesterday, true);
        check("2026-12-20", yesterday, false);
        check("2026-12-22", yesterday, false);
        check("2026-11-28", yesterday, true);
        check("2026-11-22", yesterday, true);
        check("2026-11-21", yesterday, true);
        check("2026-11-20", yesterday, false);
        check("2026-11-14", yesterday, true);
        check("2026-11-13", yesterday, false);
        // Nothing ran for two days.
        check("2026-12-20", "2026-11-18", true);
        // The first reminder names everything that is near or over.
        check("2026-12-20", "-", true);
        check("2026-10-01", "-", true);
        check("2026-12-22", "-", false);
    }
}
