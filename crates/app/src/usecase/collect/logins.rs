//! When each account last logged in: `logins`, from the two old binary records and, where the
//! system has moved on, from the program of the new one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::era::day_in_japan;
use sonae_domain::fact::FactRows;

use super::accounts::{self, Account};
use super::files::FileError;
use super::machine::Machine;
use super::seen::Seen;

const LASTLOG: &str = "/var/log/lastlog";
const LASTLOG2: &str = "/var/lib/lastlog/lastlog2.db";

/// The current one and the last month's, as every distribution rotates it.
const WTMP: [&str; 2] = ["/var/log/wtmp", "/var/log/wtmp.1"];

/// 64 MiB: about 170,000 logins.
const WTMP_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A wtmp entry that says that somebody logged in.
const USER_PROCESS: i16 = 7;

/// How the C library lays its records out: with times of 8 bytes on 64-bit ARM, of 4 elsewhere.
struct Layout {
    lastlog_bytes: u64,
    time_bytes: usize,
    wtmp_bytes: usize,
    wtmp_time_at: usize,
}

const LAYOUT: Layout = if cfg!(target_arch = "aarch64") {
    Layout {
        lastlog_bytes: 296,
        time_bytes: 8,
        wtmp_bytes: 400,
        wtmp_time_at: 344,
    }
} else {
    Layout {
        lastlog_bytes: 292,
        time_bytes: 4,
        wtmp_bytes: 384,
        wtmp_time_at: 340,
    }
};

/// Records the last login of each account.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    let accounts = match accounts::list(machine) {
        Ok(accounts) => accounts,
        Err(error) => return seen.gap("logins", error, "/etc/passwd"),
    };
    let mut last: BTreeMap<&str, Date> = BTreeMap::new();
    let mut note = |username, day: Date| {
        let known = last.entry(username).or_insert(day);
        *known = day.max(*known);
    };
    // A record by account goes back to the beginning; wtmp is rotated away.
    let mut by_account = false;
    for (username, day) in lastlog(machine, &accounts, seen) {
        by_account = true;
        note(username, day);
    }
    for (username, day) in lastlog2(machine, &accounts, seen) {
        by_account = true;
        note(username, day);
    }
    let on_wtmp = wtmp(machine, seen);
    for account in &accounts {
        if let Some(day) = on_wtmp.get(&account.username) {
            note(&account.username, *day);
        }
    }
    let mut rows = FactRows::new("logins", &["username", "last_login_on", "recorded"]);
    for account in &accounts {
        let day = last.get(account.username.as_str());
        rows.rows.push(vec![
            account.username.as_str().into(),
            day.map(Date::to_string).into(),
            (by_account || day.is_some()).into(),
        ]);
    }
    seen.record(rows);
}

/// One record an account, at its number. An empty file records nobody yet, or no longer.
fn lastlog<'a>(
    machine: &Machine,
    accounts: &'a [Account],
    seen: &mut Seen,
) -> Vec<(&'a str, Date)> {
    let mut days = Vec::new();
    for account in accounts {
        let Ok(uid) = u64::try_from(account.uid) else {
            continue;
        };
        let time = LAYOUT.time_bytes as u64;
        match machine
            .files
            .bytes(LASTLOG, uid * LAYOUT.lastlog_bytes, time)
        {
            Ok(bytes) => {
                if let Some(day) = time_at(&bytes, 0) {
                    days.push((account.username.as_str(), day));
                }
            }
            Err(FileError::Missing) => break,
            Err(error) => {
                seen.gap("logins", error, LASTLOG);
                break;
            }
        }
    }
    days
}

/// `name  port  from  Fri Nov 20 09:15:01 +0900 2026`, or `**Never logged in**`.
fn lastlog2<'a>(
    machine: &Machine,
    accounts: &'a [Account],
    seen: &mut Seen,
) -> Vec<(&'a str, Date)> {
    if !machine.files.exists(LASTLOG2) {
        return Vec::new();
    }
    let text = match machine
        .run("lastlog2", &[])
        .and_then(|output| output.success())
    {
        Ok(text) => text,
        Err(error) => {
            seen.gap("logins", error, "lastlog2");
            return Vec::new();
        }
    };
    text.lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let account = accounts
                .iter()
                .find(|account| Some(&&*account.username) == words.first())?;
            let when = words.get(words.len().checked_sub(6)?..)?.join(" ");
            let at = jiff::fmt::strtime::parse("%a %b %d %H:%M:%S %z %Y", when).ok()?;
            Some((
                account.username.as_str(),
                day_in_japan(at.to_timestamp().ok()?),
            ))
        })
        .collect()
}

fn wtmp(machine: &Machine, seen: &mut Seen) -> BTreeMap<String, Date> {
    let mut days: BTreeMap<String, Date> = BTreeMap::new();
    for path in WTMP {
        let bytes = match machine.files.bytes(path, 0, WTMP_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(FileError::Missing) => continue,
            Err(error) => {
                seen.gap("logins", error, path);
                continue;
            }
        };
        for entry in bytes.chunks_exact(LAYOUT.wtmp_bytes) {
            if i16::from_ne_bytes([entry[0], entry[1]]) != USER_PROCESS {
                continue;
            }
            let name = entry[44..76]
                .split(|byte| *byte == 0)
                .next()
                .unwrap_or_default();
            if let Some(day) = time_at(entry, LAYOUT.wtmp_time_at) {
                let known = days
                    .entry(String::from_utf8_lossy(name).into_owned())
                    .or_insert(day);
                *known = day.max(*known);
            }
        }
    }
    days
}

/// The day of a time in seconds since 1970; nothing when it was never set.
fn time_at(bytes: &[u8], at: usize) -> Option<Date> {
    let bytes = bytes.get(at..at + LAYOUT.time_bytes)?;
    let seconds = match bytes.try_into() {
        Ok(long) => i64::from_ne_bytes(long),
        // Unsigned, as the C library reads it: such times go on until 2106.
        Err(_) => i64::from(u32::from_ne_bytes(bytes.try_into().ok()?)),
    };
    if seconds == 0 {
        return None;
    }
    Timestamp::from_second(seconds).ok().map(day_in_japan)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};
    use super::LAYOUT;

    fn check(fake: Fake, expected: Expect) {
        let passwd = "root:x:0:0::/root:/bin/sh\nsato:x:2:2::/home/sato:/bin/sh\n";
        check_part(super::collect, fake.file("/etc/passwd", passwd), expected);
    }

    /// 2026-11-20 20:00 in UTC: the next day in Japan.
    const EVENING: i64 = 1_795_204_800;

    fn time(seconds: i64) -> Vec<u8> {
        seconds.to_le_bytes()[..LAYOUT.time_bytes].to_vec()
    }

    fn login(name: &str, kind: u8, seconds: i64) -> Vec<u8> {
        let mut entry = vec![0; LAYOUT.wtmp_bytes];
        entry[0] = kind;
        entry[44..44 + name.len()].copy_from_slice(name.as_bytes());
        entry[LAYOUT.wtmp_time_at..][..LAYOUT.time_bytes].copy_from_slice(&time(seconds));
        entry
    }

    fn lastlog_of_uid_2(seconds: i64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(LAYOUT.lastlog_bytes).unwrap() * 2];
        bytes.extend(time(seconds));
        bytes
    }

    #[test]
    fn a_machine_that_records_nobody_says_so() {
        check(
            Fake::new(),
            expect![[r#"
            logins: username | last_login_on | recorded
              root | - | 0
              sato | - | 0
        "#]],
        );
        check(
            Fake::new()
                .file("/var/log/lastlog", "")
                .file("/var/log/wtmp", ""),
            expect![[r#"
                logins: username | last_login_on | recorded
                  root | - | 0
                  sato | - | 0
            "#]],
        );
    }

    #[test]
    fn the_record_by_account_also_tells_who_never_came() {
        let fake = Fake::new().bytes("/var/log/lastlog", &lastlog_of_uid_2(EVENING));
        check(
            fake,
            expect![[r#"
            logins: username | last_login_on | recorded
              root | - | 1
              sato | 2026-11-21 | 1
        "#]],
        );
    }

    #[test]
    fn a_rotated_record_does_not_tell_who_never_came() {
        let mut wtmp = login("sato", 7, EVENING);
        wtmp.extend(login("root", 8, EVENING));
        wtmp.extend(login("sato", 7, EVENING - 86_400));
        check(
            Fake::new().bytes("/var/log/wtmp.1", &wtmp),
            expect![[r#"
                logins: username | last_login_on | recorded
                  root | - | 0
                  sato | 2026-11-21 | 1
            "#]],
        );
    }

    #[test]
    fn the_new_record_needs_its_program() {
        let answer = "Username         Port     From             Latest\n\
             root                                       **Never logged in**\n\
             sato             pts/0    192.168.10.7     Fri Nov 20 09:15:01 +0900 2026\n";
        let fake = Fake::new().file("/var/lib/lastlog/lastlog2.db", "");
        check(
            fake.program("lastlog2", 0, answer),
            expect![[r#"
            logins: username | last_login_on | recorded
              root | - | 1
              sato | 2026-11-20 | 1
        "#]],
        );
        let fake = Fake::new().file("/var/lib/lastlog/lastlog2.db", "");
        check(
            fake,
            expect![[r#"
            logins: username | last_login_on | recorded
              root | - | 0
              sato | - | 0
            gap logins: tool_missing lastlog2
        "#]],
        );
    }
}
