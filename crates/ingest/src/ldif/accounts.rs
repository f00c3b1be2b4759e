//! Entries of people to rows of `directory_accounts`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sonae_domain::fact::{FactRows, FactValue};

use super::entry::{Entry, Kind};
use super::memberships::Memberships;
use crate::findings::{Findings, row, whole};
use crate::instant;
use crate::labels::machine;

/// Bits of `userAccountControl` (MS-ADTS 2.2.16).
const DISABLED: i64 = 0x2;
const LOCKED_OUT: i64 = 0x10;
const PASSWORD_NOT_REQUIRED: i64 = 0x20;
const PASSWORD_NEVER_EXPIRES: i64 = 0x1_0000;
const SMARTCARD_REQUIRED: i64 = 0x4_0000;

/// Attributes that say when an account last logged on, whichever controller it used.
const LOGON_EVERYWHERE: [&str; 2] = ["lastlogontimestamp", "authtimestamp"];

/// `pwdAccountLockedTime` of an account that only an administrator can unlock.
const LOCKED_FOR_GOOD: &str = "000001010000Z";

const COLUMNS: [&str; 16] = [
    "domain",
    "account",
    "directory_id",
    "name",
    "enabled",
    "locked",
    "last_logon_on",
    "last_logon_known",
    "password_set_on",
    "password_never_expires",
    "password_not_required",
    "smartcard_required",
    "created_on",
    "expires_on",
    "privileged",
    "employee_id",
];

/// The rows of all people.
pub(super) fn rows(
    entries: &[(Kind, Entry)],
    memberships: &Memberships,
    findings: &mut Findings,
) -> FactRows {
    let mut rows = FactRows::new("directory_accounts", &COLUMNS);
    let is_account = |kind: &Kind| matches!(kind, Kind::User | Kind::Person);
    let people: Vec<_> = entries
        .iter()
        .filter(|(kind, _)| is_account(kind))
        .collect();
    let says_logon = |entry: &Entry| {
        LOGON_EVERYWHERE
            .iter()
            .any(|attribute| entry.has(attribute))
    };
    let domains: BTreeSet<String> = people
        .iter()
        .filter(|(_, entry)| says_logon(entry))
        .map(|(_, entry)| entry.domain())
        .collect();
    if domains.is_empty() && !people.is_empty() {
        findings.notice(whole(), machine::no_last_logon());
    }
    for (kind, entry) in people {
        let name = if *kind == Kind::User {
            "samaccountname"
        } else {
            "uid"
        };
        let Some(account) = entry.text(name) else {
            findings.unread(row(entry.line), machine::account_without_name());
            continue;
        };
        let mut person = Person { entry, findings };
        rows.rows
            .push(person.row(account, domains.contains(&entry.domain()), memberships));
    }
    rows
}

struct Person<'a> {
    entry: &'a Entry,
    findings: &'a mut Findings,
}

/// Days as facts hold them.
fn day(instant: Option<Timestamp>) -> FactValue {
    instant
        .map(|instant| instant::day_in_japan(instant).to_string())
        .into()
}

impl Person<'_> {
    fn row(&mut self, account: &str, domain_says: bool, groups: &Memberships) -> Vec<FactValue> {
        let entry = self.entry;
        let control = entry.integer("useraccountcontrol", self.findings);
        let bit = |bit: i64| FactValue::from(control.map(|bits| bits & bit != 0));
        let (last_logon, is_readable) = self.last_logon();
        let primary = entry.integer("primarygroupid", self.findings);
        let known = is_readable.then_some(domain_says);
        let text = |name: &'static str| entry.text(name).map(str::to_owned);
        let id = entry
            .sid()
            .or_else(|| entry.guid())
            .unwrap_or_else(|| entry.dn.clone());
        vec![
            entry.domain().into(),
            account.into(),
            id.into(),
            text("displayname").or_else(|| text("cn")).into(),
            self.enabled(control).into(),
            self.locked(control).into(),
            day(last_logon),
            known.into(),
            self.password_set_on(),
            bit(PASSWORD_NEVER_EXPIRES),
            bit(PASSWORD_NOT_REQUIRED),
            bit(SMARTCARD_REQUIRED),
            self.created_on(),
            day(entry.filetime("accountexpires", self.findings)),
            groups.is_privileged(entry, primary).into(),
            text("employeeid").or_else(|| text("employeenumber")).into(),
        ]
    }

    fn enabled(&self, control: Option<i64>) -> Option<bool> {
        let by_lock = || match self.entry.text("nsaccountlock")? {
            "TRUE" | "true" => Some(false),
            "FALSE" | "false" => Some(true),
            _ => None,
        };
        control.map(|bits| bits & DISABLED == 0).or_else(by_lock)
    }

    /// The stored bit is never cleared into a statement: Active Directory keeps it in a computed
    /// attribute, and in `lockoutTime`, whose 0 is certain and whose date may be over.
    fn locked(&mut self, control: Option<i64>) -> Option<bool> {
        let computed = self
            .entry
            .integer("msds-user-account-control-computed", self.findings);
        let stored = control.filter(|bits| bits & LOCKED_OUT != 0);
        if let Some(bits) = computed.or(stored) {
            return Some(bits & LOCKED_OUT != 0);
        }
        if self.entry.text("pwdaccountlockedtime") == Some(LOCKED_FOR_GOOD) {
            return Some(true);
        }
        let since = self.entry.integer("lockouttime", self.findings)?;
        (since == 0).then_some(false)
    }

    /// The latest logon, and whether all attributes that speak of it could be read.
    fn last_logon(&mut self) -> (Option<Timestamp>, bool) {
        let mut latest = None;
        let mut is_readable = true;
        for name in ["lastlogontimestamp", "lastlogon"] {
            let ticks = self.entry.integer(name, self.findings);
            is_readable &= ticks.is_some() || !self.entry.has(name);
            latest = latest.max(ticks.and_then(instant::from_filetime));
        }
        if let Some(written) = self.entry.text("authtimestamp") {
            let instant = instant::from_generalized(written);
            is_readable &= instant.is_some();
            latest = latest.max(instant);
        }
        (latest, is_readable)
    }

    fn password_set_on(&mut self) -> FactValue {
        match self.entry.filetime("pwdlastset", self.findings) {
            Some(instant) => day(Some(instant)),
            None => self
                .entry
                .day("pwdchangedtime", self.findings)
                .map(|d| d.to_string())
                .into(),
        }
    }

    fn created_on(&mut self) -> FactValue {
        let created = self.entry.day("whencreated", self.findings);
        let created = created.or_else(|| self.entry.day("createtimestamp", self.findings));
        created.map(|day| day.to_string()).into()
    }
}
