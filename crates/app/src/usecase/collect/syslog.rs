//! The part of `log_config` that is written into files: rsyslog and, for how long, logrotate.

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::era::day_in_japan;

use super::files::FileError;
use super::logs::{LogRow, TABLE};
use super::machine::Machine;
use super::seen::Seen;

const RSYSLOG: &str = "/etc/rsyslog.conf";
const LOGROTATE: &str = "/etc/logrotate.conf";

/// Beginnings of files that do not outlive a restart.
const VOLATILE: [&str; 3] = ["/run/", "/dev/", "/tmp/"];

/// Priorities that let a login through, which is reported at `info`.
const PRIORITIES_WITH_LOGINS: [&str; 3] = ["*", "info", "debug"];

/// The time of an entry is at the beginning of its line.
const FIRST_LINE_BYTES: u64 = 256;

/// Where rsyslog puts messages, as far as its configuration says it in the plain ways.
#[derive(Debug, Default)]
struct Destinations {
    /// Any file that outlives a restart.
    keeps: bool,
    /// Files that logins are written into.
    login_files: Vec<String>,
    /// Whether another machine is told of logins.
    forwards_logins: bool,
    forwards_to: Vec<String>,
    /// There are conditions that we do not read.
    scripted: bool,
    detail: Vec<String>,
}

/// A section of logrotate's configuration.
#[derive(Debug, Clone, Default)]
struct Rotation {
    paths: Vec<String>,
    /// A twelfth of a year is a month.
    periods_a_year: Option<i64>,
    rotate: Option<i64>,
    maxage: Option<i64>,
    /// A file may be rotated before its time because it has grown.
    by_size: bool,
}

/// Rows of rsyslog and logrotate, when they are installed.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) -> Vec<LogRow> {
    let (destinations, rsyslog_seen) = match destinations(machine, seen) {
        Ok(destinations) => (destinations, true),
        Err(FileError::Missing) => return Vec::new(),
        Err(error) => {
            seen.gap(TABLE, error, RSYSLOG);
            (Destinations::default(), false)
        }
    };
    let active = machine.files.runs("rsyslogd");
    let mut log = LogRow {
        mechanism: "rsyslog",
        active,
        ..LogRow::default()
    };
    let rotation = logrotate(machine, &destinations, seen);
    if rsyslog_seen {
        log.persistent = Some(destinations.keeps);
        let told = !destinations.login_files.is_empty() || destinations.forwards_logins;
        log.records_logins = match active {
            Some(true) if told => Some(true),
            Some(true) if destinations.scripted => None,
            Some(_) => Some(false),
            None => None,
        };
        log.retention_days = rotation
            .as_ref()
            .and_then(|rotation| rotation.retention_days);
        let hosts = destinations.forwards_to.join(", ");
        log.forwards_to = (!hosts.is_empty()).then_some(hosts);
        if let Some(file) = destinations.login_files.first() {
            match file_days(machine, file) {
                Ok((oldest, newest)) => {
                    (log.oldest_entry_on, log.newest_entry_on) = (oldest, newest);
                }
                Err(error) => seen.gap(TABLE, error, file),
            }
        }
        log.detail = destinations.detail;
    }
    [Some(log), rotation].into_iter().flatten().collect()
}

/// The days of the oldest and newest entries of a log and its rotated parts, by their times of
/// last change; the first line of the oldest may tell more.
pub(super) fn file_days(
    machine: &Machine,
    path: &str,
) -> Result<(Option<Date>, Option<Date>), FileError> {
    let (folder, name) = path.rsplit_once('/').ok_or(FileError::Missing)?;
    let mut parts: Vec<(Timestamp, String)> = Vec::new();
    for part in machine.files.names(folder)? {
        let rest = part.strip_prefix(name);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-'])) {
            let part = format!("{folder}/{part}");
            parts.push((machine.files.modified(&part)?, part));
        }
    }
    parts.sort();
    let newest = parts.last().map(|(changed, _)| day_in_japan(*changed));
    let oldest = parts.first().and_then(|(changed, part)| {
        let begun = first_entry_at(machine, part);
        // Of the only part we know its last entry, not its first.
        begun
            .or((parts.len() > 1).then_some(*changed))
            .map(day_in_japan)
    });
    Ok((oldest, newest))
}

/// The host of `@@(z9)host:514;template` without its marks.
pub(super) fn host(address: &str) -> Option<String> {
    let address = address.trim().trim_start_matches('@');
    let address = match address.strip_prefix('(') {
        Some(options) => options.split_once(')')?.1,
        None => address,
    };
    let address = address.split([';', '/', ' ']).next()?;
    let host = match address.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => address.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_owned())
}

fn first_entry_at(machine: &Machine, path: &str) -> Option<Timestamp> {
    let bytes = machine.files.bytes(path, 0, FIRST_LINE_BYTES).ok()?;
    String::from_utf8_lossy(&bytes)
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn destinations(machine: &Machine, seen: &mut Seen) -> Result<Destinations, FileError> {
    let main = machine.files.text(RSYSLOG)?;
    let mut texts = vec![(RSYSLOG.to_owned(), main)];
    if texts[0].1.contains("/etc/rsyslog.d") {
        let names = match machine.files.names("/etc/rsyslog.d") {
            Err(FileError::Missing) => Vec::new(),
            names => names?,
        };
        for name in names.iter().filter(|name| name.ends_with(".conf")) {
            let path = format!("/etc/rsyslog.d/{name}");
            match machine.files.text(&path) {
                Ok(text) => texts.push((path, text)),
                Err(error) => seen.gap(TABLE, error, path),
            }
        }
    }
    let mut destinations = Destinations::default();
    for (path, text) in texts {
        for statement in statements(&text) {
            note(&path, &statement, &mut destinations);
        }
    }
    Ok(destinations)
}

/// Lines without comments; one with an open bracket goes on until it is closed.
fn statements(text: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.replace("\\\n", " ").lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match statements.last_mut().filter(|_| open) {
            Some(statement) => *statement = format!("{statement} {line}"),
            None => statements.push(line.to_owned()),
        }
        let statement = statements.last().map_or("", String::as_str);
        open = statement.matches('(').count() > statement.matches(')').count();
    }
    statements
}

fn note(path: &str, statement: &str, destinations: &mut Destinations) {
    let conditional = statement.starts_with("if ") || statement.starts_with(':');
    destinations.scripted |= conditional;
    let (selector, action) = match statement.find("action(") {
        Some(at) => statement.split_at(at),
        None => match statement.split_once(char::is_whitespace) {
            Some(parts) => parts,
            None => return,
        },
    };
    let (selector, action) = (selector.trim(), action.trim());
    let logins = !conditional && (selector.is_empty() || selects_logins(selector));
    if let Some(target) = forward(action) {
        destinations.forwards_logins |= logins;
        // Only the parts that decide: other parts of a statement may hold a password.
        let selector = if conditional {
            "(a condition)"
        } else {
            selector
        };
        destinations
            .detail
            .push(format!("{path}: {selector} @{target}"));
        if !destinations.forwards_to.contains(&target) {
            destinations.forwards_to.push(target);
        }
    } else if let Some(file) = file(action) {
        let volatile = VOLATILE.iter().any(|beginning| file.starts_with(beginning));
        destinations.keeps |= !volatile;
        if logins {
            destinations
                .detail
                .push(format!("{path}: {selector} {file}"));
            destinations.login_files.push(file);
        }
    }
}

fn forward(action: &str) -> Option<String> {
    if action.starts_with("action(") {
        return (attribute(action, "type")? == "omfwd").then(|| attribute(action, "target"))?;
    }
    action.starts_with('@').then(|| host(action))?
}

fn file(action: &str) -> Option<String> {
    let file = if action.starts_with("action(") {
        (attribute(action, "type")? == "omfile").then(|| attribute(action, "file"))??
    } else {
        action
            .trim_start_matches('-')
            .split(';')
            .next()?
            .trim()
            .to_owned()
    };
    file.starts_with('/').then_some(file)
}

/// `target="host"` of an action; names are read as rsyslog reads them, in any case.
fn attribute(action: &str, name: &str) -> Option<String> {
    let at = action.to_ascii_lowercase().find(&format!("{name}=\""))?;
    let value = &action[at + name.len() + 2..];
    value.split('"').next().map(str::to_owned)
}

/// Whether a selector such as `*.*;auth,authpriv.none` lets logins through: later parts win.
fn selects_logins(selector: &str) -> bool {
    let mut selected = false;
    for part in selector.split(';') {
        let Some((facilities, priority)) = part.rsplit_once('.') else {
            return false;
        };
        if facilities
            .split(',')
            .any(|name| ["*", "authpriv"].contains(&name.trim()))
        {
            selected = PRIORITIES_WITH_LOGINS.contains(&priority.trim());
        }
    }
    selected
}

fn logrotate(machine: &Machine, destinations: &Destinations, seen: &mut Seen) -> Option<LogRow> {
    let main = match machine.files.text(LOGROTATE) {
        Ok(text) => text,
        Err(FileError::Missing) => return None,
        Err(error) => {
            seen.gap(TABLE, error, LOGROTATE);
            return None;
        }
    };
    let timer = "/etc/systemd/system/timers.target.wants/logrotate.timer";
    let active = machine.files.exists(timer) || machine.files.exists("/etc/cron.daily/logrotate");
    let mut log = LogRow {
        mechanism: "logrotate",
        active: Some(active),
        ..LogRow::default()
    };
    let mut global = Rotation::default();
    let mut rotations: Vec<(String, Rotation)> = Vec::new();
    read_rotations(LOGROTATE, &main, &mut global, &mut rotations);
    for name in machine.files.names("/etc/logrotate.d").unwrap_or_default() {
        let path = format!("/etc/logrotate.d/{name}");
        match machine.files.text(&path) {
            Ok(text) => read_rotations(&path, &text, &mut global.clone(), &mut rotations),
            Err(error) => seen.gap(TABLE, error, path),
        }
    }
    let login_file = destinations.login_files.first()?;
    let rotation = rotations.iter().find(|(_, rotation)| {
        rotation
            .paths
            .iter()
            .any(|pattern| matches(pattern, login_file))
    });
    match rotation {
        Some((path, rotation)) => {
            log.retention_days = rotation.retention_days().filter(|_| active);
            log.detail
                .push(format!("{path}: {}", rotation.shown(login_file)));
        }
        None => log.detail.push(format!("{login_file} is not rotated")),
    }
    Some(log)
}

impl Rotation {
    /// Days for which an entry is kept at least.
    fn retention_days(&self) -> Option<i64> {
        // Without a number nothing rotated is kept; below zero everything is.
        let rotate = self.rotate.unwrap_or(0);
        if self.by_size || rotate < 0 {
            return None;
        }
        let days = match self.periods_a_year? {
            52 => rotate.checked_mul(7)?,
            n_periods => rotate.checked_mul(365)? / n_periods,
        };
        Some(self.maxage.map_or(days, |age| days.min(age)))
    }

    fn shown(&self, file: &str) -> String {
        let period = match self.periods_a_year {
            Some(365) => "daily",
            Some(52) => "weekly",
            Some(12) => "monthly",
            Some(1) => "yearly",
            _ => "no period",
        };
        let size = if self.by_size { ", also by size" } else { "" };
        let age = self
            .maxage
            .map(|age| format!(", maxage {age}"))
            .unwrap_or_default();
        format!(
            "{file} {period}, rotate {}{age}{size}",
            self.rotate.unwrap_or(0)
        )
    }

    fn set(&mut self, directive: &str) {
        let words: Vec<&str> = directive
            .split([' ', '\t', '='])
            .filter(|w| !w.is_empty())
            .collect();
        let number = || words.get(1).and_then(|word| word.parse().ok());
        match words.first().copied() {
            Some("hourly") => self.periods_a_year = Some(365 * 24),
            Some("daily") => self.periods_a_year = Some(365),
            Some("weekly") => self.periods_a_year = Some(52),
            Some("monthly") => self.periods_a_year = Some(12),
            Some("yearly") => self.periods_a_year = Some(1),
            Some("rotate") => self.rotate = number(),
            Some("maxage") => self.maxage = number(),
            Some("size" | "maxsize") => self.by_size = true,
            _ => {}
        }
    }
}

/// Sections of one file; what stands outside them holds for all that follow.
fn read_rotations(
    path: &str,
    text: &str,
    global: &mut Rotation,
    rotations: &mut Vec<(String, Rotation)>,
) {
    let mut section: Option<Rotation> = None;
    let mut paths: Vec<String> = Vec::new();
    let mut in_script = false;
    for line in text.lines().map(str::trim) {
        if in_script {
            in_script = line != "endscript";
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(rotation) = &mut section {
            match line {
                "}" => rotations.extend(section.take().map(|done| (path.to_owned(), done))),
                _ if line.ends_with("rotate") || line.ends_with("action") => in_script = true,
                _ => rotation.set(line),
            }
            continue;
        }
        let names = line.trim_end_matches('{');
        if line.starts_with(['/', '"', '{']) {
            paths.extend(
                names
                    .split_whitespace()
                    .map(|name| name.trim_matches('"').to_owned()),
            );
        } else {
            global.set(line);
        }
        if line.ends_with('{') {
            let paths = std::mem::take(&mut paths);
            section = Some(Rotation {
                paths,
                ..global.clone()
            });
        }
    }
}

/// Whether a pattern with `*` and `?` names a file.
fn matches(pattern: &str, name: &str) -> bool {
    match (pattern.chars().next(), name.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            matches(&pattern[1..], name)
                || name
                    .chars()
                    .next()
                    .is_some_and(|c| c != '/' && matches(pattern, &name[c.len_utf8()..]))
        }
        (Some(p), Some(n)) if p == n || (p == '?' && n != '/') => {
            matches(&pattern[p.len_utf8()..], &name[n.len_utf8()..])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::logs;
    use super::super::testing::{Fake, check_part};
    use super::{host, selects_logins};

    fn check(fake: Fake, expected: Expect) {
        check_part(logs::collect, fake, expected);
    }

    const MAIN: &str = "$IncludeConfig /etc/rsyslog.d/*.conf\n*.*;auth,authpriv.none\t-/var/log/syslog\n\
        auth,authpriv.*\t\t/var/log/auth.log\n";
    const ROTATE: &str = "/var/log/syslog\n/var/log/*.log\n{\n\trotate 52\n\tweekly\n\tpostrotate\n\
        \t\trotate 1\n\tendscript\n}\n";

    fn running() -> Fake {
        Fake::new()
            .file("/proc/1/comm", "systemd\n")
            .file("/proc/40/comm", "rsyslogd\n")
    }

    #[test]
    fn logins_in_a_file_that_is_rotated() {
        let fake = running()
            .file("/etc/rsyslog.conf", MAIN)
            .file("/etc/rsyslog.d/60.conf", "*.* action(type=\"omfwd\"\n  Target=\"logs.example.jp\" port=\"514\")\n*.* :ommysql:db,logs,user,secret\n")
            .file("/etc/logrotate.conf", "weekly\nrotate 4\ninclude /etc/logrotate.d\n")
            .file("/etc/logrotate.d/rsyslog", ROTATE)
            .file("/etc/cron.daily/logrotate", "")
            .file("/var/log/auth.log", "2026-11-15T00:00:01.000001+09:00 srv-01 sshd: x\n")
            .changed("/var/log/auth.log", 1_795_204_800)
            .file("/var/log/auth.log.1", "Nov  1 00:00:01 srv-01 sshd: x\n")
            .changed("/var/log/auth.log.1", 1_794_700_000)
            .file("/var/log/auth.log.2.gz", "")
            .changed("/var/log/auth.log.2.gz", 1_794_100_000);
        check(
            fake,
            expect![[r#"
            log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
              rsyslog | 1 | 1 | 364 | - | 2026-11-08 | 2026-11-21 | 1 | logs.example.jp | /etc/rsyslog.conf: auth,authpriv.* /var/log/auth.log; /etc/rsyslog.d/60.conf: *.* @logs.example.jp
              logrotate | 1 | - | 364 | - | - | - | - | - | /etc/logrotate.d/rsyslog: /var/log/auth.log weekly, rotate 52
        "#]],
        );
    }

    #[test]
    fn a_size_limit_makes_the_retention_unknown() {
        let fake = running()
            .file("/etc/rsyslog.conf", MAIN)
            .file(
                "/etc/logrotate.conf",
                "monthly\nrotate 12\n/var/log/auth.log {\n maxsize 10M\n}\n",
            )
            .file("/etc/cron.daily/logrotate", "")
            .file("/var/log/auth.log", "2026-11-15T00:00:01+09:00 x\n")
            .changed("/var/log/auth.log", 1_795_204_800);
        check(
            fake,
            expect![[r#"
            log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
              rsyslog | 1 | 1 | - | - | 2026-11-15 | 2026-11-21 | 1 | - | /etc/rsyslog.conf: auth,authpriv.* /var/log/auth.log
              logrotate | 1 | - | - | - | - | - | - | - | /etc/logrotate.conf: /var/log/auth.log monthly, rotate 12, also by size
        "#]],
        );
    }

    #[test]
    fn conditions_are_not_read_and_silence_is_not_a_record() {
        let script = "if $programname == 'sshd' then /var/log/sshd.log\n";
        check(
            running().file("/etc/rsyslog.conf", script),
            expect![[r#"
                log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
                  rsyslog | 1 | 0 | - | - | - | - | - | - | -
            "#]],
        );
        check(
            running().file("/etc/rsyslog.conf", "mail.* /var/log/mail.log\n"),
            expect![[r#"
                log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
                  rsyslog | 1 | 1 | - | - | - | - | 0 | - | -
            "#]],
        );
        check(
            running().unreadable("/etc/rsyslog.conf"),
            expect![[r#"
            log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
              rsyslog | 1 | - | - | - | - | - | - | - | -
            gap log_config: not_readable /etc/rsyslog.conf
        "#]],
        );
    }

    #[test]
    fn hosts_and_selectors() {
        let hosts = [
            "@@(z9)logs.example.jp:514;RSYSLOG_Form",
            "@192.168.10.3",
            "@@[fd00::3]:514",
            "@",
        ];
        expect![[r#"[Some("logs.example.jp"), Some("192.168.10.3"), Some("fd00::3"), None]"#]]
            .assert_eq(&format!("{:?}", hosts.map(host)));
        let selectors = [
            "*.*",
            "authpriv.*",
            "*.info;mail.none",
            "*.warn",
            "auth.*",
            "*.*;authpriv.none",
        ];
        expect!["[true, true, true, false, false, false]"]
            .assert_eq(&format!("{:?}", selectors.map(selects_logins)));
    }
}
