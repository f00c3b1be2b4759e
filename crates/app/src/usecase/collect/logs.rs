//! Which logs the machine keeps, for how long, and where it sends them: `log_config`. Of the logs
//! themselves only the times of the first and last entries are looked at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::era::day_in_japan;
use sonae_domain::fact::FactRows;

use super::files::FileError;
use super::machine::Machine;
use super::run::{Call, Output, RunError, USUAL};
use super::seen::{GapCode, Seen};
use super::syslog;

pub(super) const TABLE: &str = "log_config";

const JOURNALD: [&str; 5] = [
    "/etc/systemd/journald.conf",
    "/run/systemd/journald.conf",
    "/usr/local/lib/systemd/journald.conf",
    "/usr/lib/systemd/journald.conf",
    "/lib/systemd/journald.conf",
];

/// Logins are reported at level `info`; a journal that stores less keeps none of them.
const LEVELS_WITH_LOGINS: [&str; 4] = ["info", "6", "debug", "7"];

/// Lengths of systemd's units of time in seconds, from systemd.time(7).
const SPANS: [(&[&str], f64); 9] = [
    (&["us", "usec", "µs"], 0.000_001),
    (&["ms", "msec"], 0.001),
    (&["", "s", "sec", "second", "seconds"], 1.0),
    (&["m", "min", "minute", "minutes"], 60.0),
    (&["h", "hr", "hour", "hours"], 3_600.0),
    (&["d", "day", "days"], 86_400.0),
    (&["w", "week", "weeks"], 604_800.0),
    (&["M", "month", "months"], 2_629_800.0),
    (&["y", "year", "years"], 31_557_600.0),
];

/// One mechanism; nothing where it cannot be told.
#[derive(Debug, Default)]
pub(super) struct LogRow {
    pub(super) mechanism: &'static str,
    pub(super) active: Option<bool>,
    pub(super) persistent: Option<bool>,
    pub(super) retention_days: Option<i64>,
    pub(super) max_size_mb: Option<i64>,
    pub(super) oldest_entry_on: Option<Date>,
    pub(super) newest_entry_on: Option<Date>,
    pub(super) records_logins: Option<bool>,
    pub(super) forwards_to: Option<String>,
    pub(super) detail: Vec<String>,
}

/// Records every mechanism that is installed.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    let gaps_before = seen.gaps.len();
    let mut mechanisms = Vec::new();
    mechanisms.extend(journald(machine, seen));
    mechanisms.extend(syslog::collect(machine, seen));
    mechanisms.extend(auditd(machine, seen));
    if machine.files.exists("/etc/syslog-ng/syslog-ng.conf") {
        seen.gap(TABLE, GapCode::NotReadable, "/etc/syslog-ng/syslog-ng.conf");
    }
    if mechanisms.is_empty() && seen.gaps.len() == gaps_before {
        return seen.gap(TABLE, GapCode::ToolMissing, "journald, rsyslog, auditd");
    }
    let columns = [
        "mechanism",
        "active",
        "persistent",
        "retention_days",
        "max_size_mb",
        "oldest_entry_on",
        "newest_entry_on",
        "records_logins",
        "forwards_to",
        "detail",
    ];
    let mut rows = FactRows::new(TABLE, &columns);
    for log in mechanisms {
        let detail = (!log.detail.is_empty()).then(|| log.detail.join("; "));
        rows.rows.push(vec![
            log.mechanism.into(),
            log.active.into(),
            log.persistent.into(),
            log.retention_days.into(),
            log.max_size_mb.into(),
            log.oldest_entry_on.map(|day| day.to_string()).into(),
            log.newest_entry_on.map(|day| day.to_string()).into(),
            log.records_logins.into(),
            log.forwards_to.into(),
            detail.into(),
        ]);
    }
    seen.record(rows);
}

fn journald(machine: &Machine, seen: &mut Seen) -> Option<LogRow> {
    let main = JOURNALD.iter().find(|path| machine.files.exists(path));
    let (fragments, unreadable) = machine.files.fragments("systemd/journald.conf.d", ".conf");
    if main.is_none() && fragments.is_empty() && unreadable.is_empty() {
        return None;
    }
    let active = machine.files.runs("systemd-journald");
    let mut log = LogRow {
        mechanism: "journald",
        active,
        ..LogRow::default()
    };
    let mut settings = BTreeMap::new();
    let mut whole = unreadable.is_empty();
    for (folder, error) in unreadable {
        seen.gap(TABLE, error, folder);
    }
    for path in main
        .map(|path| (*path).to_owned())
        .into_iter()
        .chain(fragments)
    {
        match machine.files.text(&path) {
            Ok(text) => settings.extend(assignments(&text)),
            // A link to /dev/null switches a fragment off.
            Err(_) if machine.files.link(&path).as_deref() == Ok("/dev/null") => {}
            Err(error) => {
                seen.gap(TABLE, error, path);
                whole = false;
            }
        }
    }
    if whole {
        journald_settings(machine, &settings, &mut log);
    }
    journal_entries(machine, seen, &mut log);
    Some(log)
}

fn journald_settings(machine: &Machine, settings: &BTreeMap<String, String>, log: &mut LogRow) {
    let value = |key: &str| settings.get(key).filter(|value| !value.is_empty());
    let storage = value("Storage").map_or("auto", String::as_str);
    log.persistent = match storage {
        "persistent" => Some(true),
        "auto" => Some(machine.files.exists("/var/log/journal")),
        "volatile" | "none" => Some(false),
        _ => None,
    };
    log.retention_days = value("MaxRetentionSec")
        .and_then(|span| days(span))
        .filter(|n| *n > 0);
    log.max_size_mb = value("SystemMaxUse").and_then(|size| megabytes(size));
    let stored = value("MaxLevelStore").is_none_or(|l| LEVELS_WITH_LOGINS.contains(&l.as_str()));
    log.records_logins = log
        .active
        .map(|active| active && storage != "none" && stored);
    log.detail.push(format!("Storage={storage}"));
    for key in ["MaxRetentionSec", "SystemMaxUse", "MaxLevelStore"] {
        if let Some(value) = value(key) {
            log.detail.push(format!("{key}={value}"));
        }
    }
    let upload = machine
        .files
        .text("/etc/systemd/journal-upload.conf")
        .unwrap_or_default();
    let url = assignments(&upload).remove("URL");
    if let Some(url) = url.filter(|_| machine.files.runs("systemd-journal-upload") == Some(true)) {
        let host = url.split_once("//").map_or(url.as_str(), |(_, host)| host);
        log.forwards_to = syslog::host(host);
    }
}

/// Asked only when the system's journal is open to us: otherwise the program would speak of the
/// user's own.
fn journal_entries(machine: &Machine, seen: &mut Seen, log: &mut LogRow) {
    let open = |folder: &str| -> Result<bool, FileError> {
        let mut open = false;
        for name in machine.files.names(folder)? {
            match machine
                .files
                .bytes(&format!("{folder}/{name}/system.journal"), 0, 1)
            {
                Ok(_) => open = true,
                Err(FileError::Missing) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(open)
    };
    for folder in ["/var/log/journal", "/run/log/journal"] {
        match open(folder) {
            Ok(true) => {
                log.oldest_entry_on = journal_day(machine, seen, &[]);
                log.newest_entry_on = journal_day(machine, seen, &["--lines=1"]);
                return;
            }
            Ok(false) | Err(FileError::Missing) => {}
            Err(error) => return seen.gap(TABLE, error, folder),
        }
    }
}

fn journal_day(machine: &Machine, seen: &mut Seen, more: &[&str]) -> Option<Date> {
    // Naming one harmless field keeps the messages themselves out of the answer.
    let mut arguments = vec![
        "--quiet",
        "--no-pager",
        "--output=json",
        "--output-fields=PRIORITY",
    ];
    arguments.extend(more);
    let call = Call {
        program: "journalctl",
        arguments: &arguments,
        limit: USUAL,
        first_line_only: true,
    };
    let day = machine.commands.run(call).and_then(|output: Output| {
        let entry: serde_json::Value =
            serde_json::from_str(&output.text).map_err(|_| RunError::Failed)?;
        let micros = entry
            .get("__REALTIME_TIMESTAMP")
            .and_then(serde_json::Value::as_str);
        let at = micros.and_then(|micros| Timestamp::from_microsecond(micros.parse().ok()?).ok());
        at.map(day_in_japan).ok_or(RunError::Failed)
    });
    match day {
        Ok(day) => Some(day),
        Err(error) => {
            seen.gap(TABLE, error, "journalctl");
            None
        }
    }
}

fn auditd(machine: &Machine, seen: &mut Seen) -> Option<LogRow> {
    const CONFIG: &str = "/etc/audit/auditd.conf";
    let mut log = LogRow {
        mechanism: "auditd",
        active: machine.files.runs("auditd"),
        ..LogRow::default()
    };
    match machine.files.text(CONFIG) {
        Ok(text) => auditd_settings(&assignments(&text), &mut log),
        Err(FileError::Missing) => return None,
        Err(error) => {
            seen.gap(TABLE, error, CONFIG);
            return Some(log);
        }
    }
    let remote = machine
        .files
        .text("/etc/audit/audisp-remote.conf")
        .unwrap_or_default();
    let plugin = machine
        .files
        .text("/etc/audit/plugins.d/au-remote.conf")
        .unwrap_or_default();
    if assignments(&plugin).get("active").map(String::as_str) == Some("yes") {
        log.forwards_to = assignments(&remote).remove("remote_server");
    }
    match syslog::file_days(machine, "/var/log/audit/audit.log") {
        Ok((oldest, newest)) => (log.oldest_entry_on, log.newest_entry_on) = (oldest, newest),
        Err(FileError::Missing) => {}
        Err(error) => seen.gap(TABLE, error, "/var/log/audit"),
    }
    Some(log)
}

fn auditd_settings(settings: &BTreeMap<String, String>, log: &mut LogRow) {
    let value = |key: &str| settings.get(key).map(|value| value.to_lowercase());
    let number = |key: &str| {
        settings
            .get(key)
            .and_then(|value| value.parse::<i64>().ok())
    };
    let writes = value("write_logs").is_none_or(|value| value != "no");
    log.persistent = Some(writes);
    log.records_logins = log.active.map(|active| active && writes);
    let action = value("max_log_file_action").unwrap_or_default();
    if action == "rotate" {
        let size = number("max_log_file").zip(number("num_logs"));
        log.max_size_mb = size.and_then(|(size, n)| size.checked_mul(n));
    }
    for key in [
        "max_log_file_action",
        "max_log_file",
        "num_logs",
        "write_logs",
    ] {
        if let Some(value) = settings.get(key) {
            log.detail.push(format!("{key}={value}"));
        }
    }
}

/// `key = value` lines; sections have nothing to tell apart in these files.
fn assignments(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['#', ';', '[']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// Whole days of a span such as `1month`, `2 weeks 3d`, `7776000`.
fn days(span: &str) -> Option<i64> {
    let mut seconds = 0.0;
    let mut rest = span.trim();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        let (_, length) = SPANS
            .iter()
            .find(|(names, _)| names.contains(&&rest[..end]))?;
        seconds += number * length;
        rest = rest[end..].trim_start();
    }
    let days = (seconds / 86_400.0).floor();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole, and far below the largest integer"
    )]
    (days < 1e9).then_some(days as i64)
}

/// Whole mebibytes of a size such as `500M`, `1.5G`, `1073741824`; nothing for a share of the disk.
fn megabytes(size: &str) -> Option<i64> {
    let size = size.trim().trim_end_matches('B');
    let (number, bytes) = match size.chars().last()? {
        'K' => (&size[..size.len() - 1], 1_024.0),
        'M' => (&size[..size.len() - 1], 1_048_576.0),
        'G' => (&size[..size.len() - 1], 1_073_741_824.0),
        'T' => (&size[..size.len() - 1], 1_099_511_627_776.0),
        _ => (size, 1.0),
    };
    let megabytes = (number.trim().parse::<f64>().ok()? * bytes / 1_048_576.0).floor();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole, and far below the largest integer"
    )]
    (0.0..1e12).contains(&megabytes).then_some(megabytes as i64)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};
    use super::{days, megabytes};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    fn booted() -> Fake {
        Fake::new()
            .file("/proc/1/comm", "systemd\n")
            .file("/proc/20/comm", "systemd-journal\n")
    }

    #[test]
    fn a_journal_with_limits() {
        let fake = booted()
            .file(
                "/etc/systemd/journald.conf",
                "[Journal]\n#Storage=none\nSystemMaxUse=1G\n",
            )
            .file(
                "/etc/systemd/journald.conf.d/90.conf",
                "[Journal]\nMaxRetentionSec=1year\n",
            )
            .file("/var/log/journal/abc/system.journal", "x")
            .program(
                "journalctl --quiet --no-pager --output=json --output-fields=PRIORITY --lines=1",
                0,
                "{\"__REALTIME_TIMESTAMP\":\"1795204800000000\"}\n",
            )
            .program(
                "journalctl --quiet --no-pager --output=json --output-fields=PRIORITY",
                0,
                "{\"__REALTIME_TIMESTAMP\":\"1763668800000000\"}\n",
            );
        check(
            fake,
            expect![[r#"
                log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
                  journald | 1 | 1 | 365 | 1024 | 2025-11-21 | 2026-11-21 | 1 | - | Storage=auto; MaxRetentionSec=1year; SystemMaxUse=1G
            "#]],
        );
    }

    #[test]
    fn a_journal_that_keeps_nothing_or_is_closed() {
        let config = "/usr/lib/systemd/journald.conf";
        check(
            booted().file(config, "[Journal]\nStorage=none\n"),
            expect![[r#"
                log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
                  journald | 1 | 0 | - | - | - | - | 0 | - | Storage=none
            "#]],
        );
        check(
            booted().file(config, "Storage=volatile\nMaxLevelStore=notice\n"),
            expect![[r#"
                log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
                  journald | 1 | 0 | - | - | - | - | 0 | - | Storage=volatile; MaxLevelStore=notice
            "#]],
        );
        let closed = booted()
            .file(config, "")
            .unreadable("/var/log/journal/abc/system.journal");
        check(
            closed,
            expect![[r#"
            log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
              journald | 1 | 1 | - | - | - | - | 1 | - | Storage=auto
            gap log_config: not_readable /var/log/journal
        "#]],
        );
        check(
            booted().unreadable(config),
            expect![[r#"
            log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
              journald | 1 | - | - | - | - | - | - | - | -
            gap log_config: not_readable /usr/lib/systemd/journald.conf
        "#]],
        );
    }

    #[test]
    fn the_audit_log() {
        let config = "log_file = /var/log/audit/audit.log\nmax_log_file = 8\nnum_logs = 5\n\
            max_log_file_action = ROTATE\n";
        let fake = booted()
            .file("/proc/30/comm", "auditd\n")
            .file("/etc/audit/auditd.conf", config)
            .file("/etc/audit/plugins.d/au-remote.conf", "active = yes\n")
            .file(
                "/etc/audit/audisp-remote.conf",
                "remote_server = logs.example.jp\n",
            );
        check(
            fake,
            expect![[r#"
            log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
              auditd | 1 | 1 | - | 40 | - | - | 1 | logs.example.jp | max_log_file_action=ROTATE; max_log_file=8; num_logs=5
        "#]],
        );
        check(
            Fake::new()
                .by_plain_user()
                .unreadable("/etc/audit/auditd.conf"),
            expect![[r#"
                log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
                  auditd | - | - | - | - | - | - | - | - | -
                gap log_config: not_readable /etc/audit/auditd.conf
            "#]],
        );
    }

    #[test]
    fn a_machine_without_logs_we_know() {
        check(
            Fake::new(),
            expect![[r#"
            gap log_config: tool_missing journald, rsyslog, auditd
        "#]],
        );
        check(
            Fake::new().file("/etc/syslog-ng/syslog-ng.conf", ""),
            expect![[r#"
                log_config: mechanism | active | persistent | retention_days | max_size_mb | oldest_entry_on | newest_entry_on | records_logins | forwards_to | detail
                gap log_config: not_readable /etc/syslog-ng/syslog-ng.conf
            "#]],
        );
    }

    #[test]
    fn spans_and_sizes() {
        let spans = [
            "1month",
            "2 weeks 3d",
            "7776000",
            "1y",
            "36h",
            "0",
            "infinity",
        ];
        let sizes = ["500M", "1.5G", "1073741824", "10%", "4KB"];
        expect!["[Some(30), Some(17), Some(90), Some(365), Some(1), Some(0), None]"]
            .assert_eq(&format!("{:?}", spans.map(days)));
        expect!["[Some(500), Some(1536), Some(1024), None, Some(0)]"]
            .assert_eq(&format!("{:?}", sizes.map(megabytes)));
    }
}
