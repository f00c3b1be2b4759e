//! Which rules for passwords the machine really enforces: `password_policy`. A setting counts only
//! when the module that reads it is in the path of a password change or of a login.

use std::collections::BTreeMap;

use sonae_domain::fact::{FactRows, FactValue};

use super::files::FileError;
use super::machine::Machine;
use super::os;
use super::seen::Seen;

/// The files that Debian's and Red Hat's services share, by kind of rule. Red Hat has two; the
/// weaker one counts.
const STACKS: [(&str, &str); 4] = [
    ("/etc/pam.d/common-password", "/etc/pam.d/common-auth"),
    ("/etc/pam.d/system-auth", "/etc/pam.d/system-auth"),
    ("/etc/pam.d/password-auth", "/etc/pam.d/password-auth"),
    ("/etc/pam.d/base-password", "/etc/pam.d/base-auth"),
];

/// Services that may have rules of their own beside the shared files.
const LOGIN_SERVICES: [&str; 5] = ["sshd", "login", "gdm-password", "lightdm", "sddm"];

/// Files that include each other stop somewhere.
const INCLUDES_MAX: u32 = 8;

/// Defaults from the manual pages of pwquality.conf, faillock.conf, `pam_pwhistory` and `pam_tally2`.
const PWQUALITY_MINLEN: i64 = 8;
const PWQUALITY_MINLEN_LOWEST: i64 = 6;
const FAILLOCK_DENY: i64 = 3;
const PWHISTORY_REMEMBER: i64 = 10;

/// Debian's manual page of `pam_unix` promises this; others promise nothing.
const DEBIAN_UNIX_MINLEN: i64 = 6;

/// shadow's way to write that a password never expires.
const DAYS_NEVER: i64 = 99_999;

/// Classes of characters, one bit each: digits, capitals, small letters, others.
const CREDITS: [(&str, u8); 4] = [
    ("dcredit", 1),
    ("ucredit", 2),
    ("lcredit", 4),
    ("ocredit", 8),
];

/// A line of a PAM file: who is asked, how much its answer counts, with which arguments.
#[derive(Debug, Clone)]
struct Rule {
    kind: String,
    control: String,
    module: String,
    arguments: Vec<String>,
}

/// What one stack enforces; nothing when it cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Policy {
    min_length: Option<i64>,
    complexity: Option<bool>,
    history: Option<i64>,
    lockout_attempts: Option<i64>,
}

/// Records the one policy of the machine.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    let mut detail = Vec::new();
    let max_age_days = max_age_days(machine, seen, &mut detail);
    let mut policies = Vec::new();
    for (password, auth) in STACKS {
        if machine.files.exists(password) {
            policies.push(policy(machine, password, auth, seen, &mut detail));
        }
    }
    if policies.is_empty() {
        seen.gap(
            "password_policy",
            FileError::Missing,
            "/etc/pam.d/common-password, system-auth",
        );
    }
    let policy = policies.into_iter().reduce(weaker).unwrap_or(Policy {
        min_length: None,
        complexity: None,
        history: None,
        lockout_attempts: None,
    });
    let columns = [
        "scope",
        "name",
        "min_length",
        "complexity",
        "max_age_days",
        "history",
        "lockout_attempts",
        "detail",
    ];
    let mut rows = FactRows::new("password_policy", &columns);
    rows.rows.push(vec![
        "local".into(),
        os::hostname(machine).into(),
        policy.min_length.into(),
        policy.complexity.into(),
        max_age_days.into(),
        policy.history.into(),
        policy.lockout_attempts.into(),
        if detail.is_empty() {
            FactValue::Null
        } else {
            detail.join("; ").into()
        },
    ]);
    seen.record(rows);
}

/// Of new accounts; each account may have been changed since.
fn max_age_days(machine: &Machine, seen: &mut Seen, detail: &mut Vec<String>) -> Option<i64> {
    const LOGIN_DEFS: &str = "/etc/login.defs";
    let text = match machine.files.text(LOGIN_DEFS) {
        Ok(text) => text,
        Err(error) => {
            seen.gap("password_policy", error, LOGIN_DEFS);
            return None;
        }
    };
    let value = text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next()? == "PASS_MAX_DAYS").then(|| words.next().unwrap_or_default().to_owned())
    });
    let Some(value) = value else {
        detail.push(format!("{LOGIN_DEFS}: no PASS_MAX_DAYS"));
        return Some(0);
    };
    detail.push(format!("{LOGIN_DEFS}: PASS_MAX_DAYS {value}"));
    let days: i64 = value.parse().ok()?;
    Some(if !(0..DAYS_NEVER).contains(&days) {
        0
    } else {
        days
    })
}

fn policy(
    machine: &Machine,
    password: &str,
    auth: &str,
    seen: &mut Seen,
    detail: &mut Vec<String>,
) -> Policy {
    let mut policy = Policy {
        min_length: None,
        complexity: None,
        history: None,
        lockout_attempts: None,
    };
    match rules(machine, password, 0) {
        Ok(rules) => {
            let rules: Vec<Rule> = rules
                .into_iter()
                .filter(|rule| rule.kind == "password")
                .collect();
            quality(machine, password, &rules, &mut policy, seen, detail);
            policy.history = history(machine, password, &rules, seen, detail);
        }
        Err(error) => seen.gap("password_policy", error, password),
    }
    match rules(machine, auth, 0) {
        Ok(rules) => {
            policy.lockout_attempts = lockout(machine, auth, &rules, seen, detail);
        }
        Err(error) => seen.gap("password_policy", error, auth),
    }
    policy
}

fn quality(
    machine: &Machine,
    path: &str,
    rules: &[Rule],
    policy: &mut Policy,
    seen: &mut Seen,
    detail: &mut Vec<String>,
) {
    let unix = find(rules, "pam_unix.so");
    let debian = os::release(machine, "ID").as_deref() == Some("debian")
        || os::release(machine, "ID_LIKE").is_some_and(|like| like.contains("debian"));
    let unix_minlen = unix
        .and_then(|rule| number(rule, "minlen"))
        .or((debian && unix.is_some()).then_some(DEBIAN_UNIX_MINLEN));
    let other = rules
        .iter()
        .find(|rule| ["pam_passwdqc.so", "pam_cracklib.so"].contains(&rule.module.as_str()));
    if let Some(rule) = other {
        detail.push(format!("{path}: {} is not read", rule.module));
        return seen.gap(
            "password_policy",
            FileError::NotReadable,
            format!("{path}: {}", rule.module),
        );
    }
    let Some(pwquality) = find(rules, "pam_pwquality.so") else {
        policy.min_length = unix_minlen;
        policy.complexity = unix.map(|_| false);
        return detail.push(match unix {
            Some(rule) => format!("{path}: {}, no pam_pwquality.so", shown(rule)),
            None => format!("{path}: neither pam_unix.so nor pam_pwquality.so"),
        });
    };
    detail.push(format!("{path}: {}", shown(pwquality)));
    let Some(mut settings) = pwquality_settings(machine, seen, detail) else {
        return;
    };
    settings.extend(pwquality.arguments.iter().filter_map(|word| setting(word)));
    let value = |key: &str| {
        settings
            .get(key)
            .and_then(|value| value.parse::<i64>().ok())
    };
    if value("enforcing") == Some(0) {
        policy.min_length = unix_minlen;
        policy.complexity = Some(false);
        return;
    }
    // A positive credit lets a password be shorter by as much.
    let credit: i64 = CREDITS
        .iter()
        .map(|(key, _)| value(key).unwrap_or(0).max(0))
        .sum();
    let minlen = value("minlen").unwrap_or(PWQUALITY_MINLEN);
    let own = minlen.saturating_sub(credit).max(PWQUALITY_MINLEN_LOWEST);
    policy.min_length = Some(own.max(unix_minlen.unwrap_or(0)));
    policy.complexity = Some(mixes_all(value));
}

/// Whether every password that passes has a letter, a digit and a sign: tried on all sets of
/// classes.
fn mixes_all(value: impl Fn(&str) -> Option<i64>) -> bool {
    let needed: u8 = CREDITS
        .iter()
        .filter(|(key, _)| value(key).unwrap_or(0) < 0)
        .map(|(_, class)| class)
        .sum();
    let minclass = value("minclass").unwrap_or(0);
    (0_u8..16)
        .filter(|set| set & needed == needed && i64::from(set.count_ones()) >= minclass)
        .all(|set| set & 1 != 0 && set & 6 != 0 && set & 8 != 0)
}

/// The fragments first; the main file has the last word, as the manual page says.
fn pwquality_settings(
    machine: &Machine,
    seen: &mut Seen,
    detail: &mut Vec<String>,
) -> Option<BTreeMap<String, String>> {
    const MAIN: &str = "/etc/security/pwquality.conf";
    let folder = format!("{MAIN}.d");
    let mut paths: Vec<String> = match machine.files.names(&folder) {
        Ok(names) => names
            .iter()
            .filter(|name| name.ends_with(".conf"))
            .map(|name| format!("{folder}/{name}"))
            .collect(),
        Err(FileError::Missing) => Vec::new(),
        Err(error) => {
            seen.gap("password_policy", error, folder);
            return None;
        }
    };
    paths.push(MAIN.to_owned());
    let mut settings = BTreeMap::new();
    for path in paths {
        let found = file_settings(machine, &path, seen)?;
        if !found.is_empty() {
            let words: Vec<String> = found
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            detail.push(format!("{path}: {}", words.join(" ")));
        }
        settings.extend(found);
    }
    Some(settings)
}

/// `key = value` lines of a file of `/etc/security`; nothing when it is there but unreadable.
fn file_settings(
    machine: &Machine,
    path: &str,
    seen: &mut Seen,
) -> Option<BTreeMap<String, String>> {
    match machine.files.text(path) {
        Ok(text) => Some(
            text.lines()
                .map(|line| line.split('#').next().unwrap_or_default().trim())
                .filter(|line| !line.is_empty())
                .filter_map(|line| setting(line).or_else(|| Some((line.to_owned(), String::new()))))
                .collect(),
        ),
        Err(FileError::Missing) => Some(BTreeMap::new()),
        Err(error) => {
            seen.gap("password_policy", error, path);
            None
        }
    }
}

fn history(
    machine: &Machine,
    path: &str,
    rules: &[Rule],
    seen: &mut Seen,
    detail: &mut Vec<String>,
) -> Option<i64> {
    let unix = find(rules, "pam_unix.so");
    let by_unix = unix.and_then(|rule| number(rule, "remember")).unwrap_or(0);
    let Some(rule) = find(rules, "pam_pwhistory.so") else {
        return unix.map(|_| by_unix);
    };
    detail.push(format!("{path}: {}", shown(rule)));
    let settings = file_settings(machine, "/etc/security/pwhistory.conf", seen)?;
    let remember = number(rule, "remember")
        .or_else(|| settings.get("remember")?.parse().ok())
        .unwrap_or(PWHISTORY_REMEMBER);
    Some(remember.max(by_unix))
}

/// 0 when nothing counts failures; nothing when only some services do.
fn lockout(
    machine: &Machine,
    path: &str,
    rules: &[Rule],
    seen: &mut Seen,
    detail: &mut Vec<String>,
) -> Option<i64> {
    let auth: Vec<Rule> = rules
        .iter()
        .filter(|rule| rule.kind == "auth")
        .cloned()
        .collect();
    if let Some(rule) = find(&auth, "pam_faillock.so") {
        detail.push(format!("{path}: {}", shown(rule)));
        let settings = file_settings(machine, "/etc/security/faillock.conf", seen)?;
        let deny = number(rule, "deny").or_else(|| settings.get("deny")?.parse().ok());
        return Some(deny.unwrap_or(FAILLOCK_DENY));
    }
    if let Some(rule) = find(&auth, "pam_tally2.so") {
        detail.push(format!("{path}: {}", shown(rule)));
        return Some(number(rule, "deny").unwrap_or(0));
    }
    for service in LOGIN_SERVICES {
        let own = format!("/etc/pam.d/{service}");
        let text = machine.files.text(&own).unwrap_or_default();
        let counts = |rule: &Rule| rule.kind == "auth" && rule.module == "pam_faillock.so";
        if logical_lines(&text)
            .iter()
            .filter_map(|line| rule(line))
            .any(|rule| counts(&rule))
        {
            detail.push(format!("{own}: pam_faillock.so for this service only"));
            return None;
        }
    }
    detail.push(format!("{path}: no pam_faillock.so"));
    Some(0)
}

/// The weaker of two policies, rule by rule; what is unknown in one is unknown.
fn weaker(a: Policy, b: Policy) -> Policy {
    let lockout = |a: i64, b: i64| if a == 0 || b == 0 { 0 } else { a.max(b) };
    Policy {
        min_length: a.min_length.zip(b.min_length).map(|(a, b)| a.min(b)),
        complexity: a.complexity.zip(b.complexity).map(|(a, b)| a && b),
        history: a.history.zip(b.history).map(|(a, b)| a.min(b)),
        lockout_attempts: a
            .lockout_attempts
            .zip(b.lockout_attempts)
            .map(|(a, b)| lockout(a, b)),
    }
}

/// The rules of a file with those of the files that it includes.
fn rules(machine: &Machine, path: &str, depth: u32) -> Result<Vec<Rule>, FileError> {
    let text = machine.files.text(path)?;
    let mut all = Vec::new();
    for line in logical_lines(&text) {
        let included = line
            .strip_prefix("@include")
            .map(|name| (None, name.trim().to_owned()));
        let rule = rule(&line);
        let included = included.or_else(|| {
            let rule = rule.as_ref()?;
            let includes = ["include", "substack"].contains(&rule.control.as_str());
            includes.then(|| (Some(rule.kind.clone()), rule.module.clone()))
        });
        match (included, rule) {
            (Some((kind, name)), _) if depth < INCLUDES_MAX => {
                let name = if name.starts_with('/') {
                    name
                } else {
                    format!("/etc/pam.d/{name}")
                };
                let inner = rules(machine, &name, depth + 1)?;
                all.extend(
                    inner
                        .into_iter()
                        .filter(|r| kind.as_ref().is_none_or(|k| r.kind == *k)),
                );
            }
            (Some(_), _) => return Err(FileError::NotReadable),
            (None, Some(rule)) => all.push(rule),
            (None, None) => {}
        }
    }
    Ok(all)
}

/// Lines without comments, where a backslash joins a line to the next.
fn logical_lines(text: &str) -> Vec<String> {
    text.replace("\\\n", " ")
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// `password [success=1 default=ignore] pam_unix.so obscure yescrypt`.
fn rule(line: &str) -> Option<Rule> {
    let (kind, rest) = line.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let (control, rest) = match rest.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => rest.split_once(char::is_whitespace)?,
    };
    let mut words = rest.split_whitespace();
    let module = words.next()?;
    let named = module.starts_with('/') && module.ends_with(".so");
    let module = if named {
        module.rsplit('/').next()?
    } else {
        module
    };
    Some(Rule {
        kind: kind.trim_start_matches('-').to_lowercase(),
        control: control.to_lowercase(),
        module: module.to_owned(),
        arguments: words.map(str::to_owned).collect(),
    })
}

/// The first rule of a module whose answer counts.
fn find<'a>(rules: &'a [Rule], module: &str) -> Option<&'a Rule> {
    rules
        .iter()
        .find(|rule| rule.module == module && rule.control != "optional")
}

fn number(rule: &Rule, key: &str) -> Option<i64> {
    rule.arguments
        .iter()
        .find_map(|word| word.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
}

fn setting(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=')?;
    Some((key.trim().to_owned(), value.trim().to_owned()))
}

fn shown(rule: &Rule) -> String {
    let mut words = vec![rule.module.as_str()];
    words.extend(rule.arguments.iter().map(String::as_str));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    const UNIX: &str = "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n";
    const PWQUALITY: &str = "password requisite pam_pwquality.so retry=3\n";

    fn debian(password: &str, auth: &str) -> Fake {
        Fake::new()
            .file("/etc/os-release", "ID=debian\n")
            .file(
                "/etc/login.defs",
                "#PASS_MAX_DAYS 1\nPASS_MAX_DAYS\t99999\nPASS_MIN_LEN 5\n",
            )
            .file("/etc/pam.d/common-password", password)
            .file("/etc/pam.d/common-auth", auth)
    }

    #[test]
    fn a_setting_that_no_module_reads_does_not_count() {
        let fake =
            debian(UNIX, "").file("/etc/security/pwquality.conf", "minlen = 16\nminclass=4\n");
        check(
            fake,
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 6 | 0 | 0 | 0 | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_unix.so obscure yescrypt, no pam_pwquality.so; /etc/pam.d/common-auth: no pam_faillock.so
        "#]],
        );
        let optional = "password optional pam_pwquality.so minlen=16\n";
        check(
            debian(&format!("{optional}{UNIX}"), ""),
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 6 | 0 | 0 | 0 | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_unix.so obscure yescrypt, no pam_pwquality.so; /etc/pam.d/common-auth: no pam_faillock.so
        "#]],
        );
    }

    #[test]
    fn pwquality_counts_when_it_is_loaded() {
        let fake = debian(
            &format!("{PWQUALITY}{UNIX}"),
            "auth required pam_faillock.so preauth\n",
        )
        .file(
            "/etc/security/pwquality.conf",
            "# minlen = 9\nminlen = 13\ndcredit = -1\nucredit=-1\n",
        )
        .file(
            "/etc/security/pwquality.conf.d/10.conf",
            "minlen = 99\nocredit = -1\n",
        )
        .file("/etc/security/faillock.conf", "deny = 10\nsilent\n");
        check(
            fake,
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 13 | 1 | 0 | 0 | 10 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_pwquality.so retry=3; /etc/security/pwquality.conf.d/10.conf: minlen=99 ocredit=-1; /etc/security/pwquality.conf: dcredit=-1 minlen=13 ucredit=-1; /etc/pam.d/common-auth: pam_faillock.so preauth
        "#]],
        );
        let off = "password requisite pam_pwquality.so enforcing=0 minclass=4\n";
        check(
            debian(&format!("{off}{UNIX}"), ""),
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 6 | 0 | 0 | 0 | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_pwquality.so enforcing=0 minclass=4; /etc/pam.d/common-auth: no pam_faillock.so
        "#]],
        );
    }

    #[test]
    fn three_of_four_classes_may_leave_the_signs_out() {
        let with = |arguments: &str| {
            debian(
                &format!("password requisite pam_pwquality.so {arguments}\n{UNIX}"),
                "",
            )
        };
        check(
            with("minclass=3 minlen=12 dcredit=2"),
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 10 | 0 | 0 | 0 | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_pwquality.so minclass=3 minlen=12 dcredit=2; /etc/pam.d/common-auth: no pam_faillock.so
        "#]],
        );
        check(
            with("minclass=3 dcredit=-1 ocredit=-1"),
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 8 | 1 | 0 | 0 | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_pwquality.so minclass=3 dcredit=-1 ocredit=-1; /etc/pam.d/common-auth: no pam_faillock.so
        "#]],
        );
        check(
            with("minclass=4"),
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 8 | 1 | 0 | 0 | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_pwquality.so minclass=4; /etc/pam.d/common-auth: no pam_faillock.so
        "#]],
        );
    }

    #[test]
    fn the_weaker_of_two_stacks_counts() {
        let fake = Fake::new()
            .file("/etc/login.defs", "PASS_MAX_DAYS 90\n")
            .file("/etc/pam.d/system-auth", "auth include faillock-local\npassword requisite \\\n pam_pwquality.so minlen=12\npassword required pam_pwhistory.so remember=5\npassword sufficient pam_unix.so\n")
            .file("/etc/pam.d/faillock-local", "auth required /lib64/security/pam_faillock.so deny=5\n")
            .file("/etc/pam.d/password-auth", "auth required pam_unix.so\npassword requisite pam_pwquality.so\npassword sufficient pam_unix.so remember=3\n");
        check(
            fake,
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 8 | 0 | 90 | 3 | 0 | /etc/login.defs: PASS_MAX_DAYS 90; /etc/pam.d/system-auth: pam_pwquality.so minlen=12; /etc/pam.d/system-auth: pam_pwhistory.so remember=5; /etc/pam.d/system-auth: pam_faillock.so deny=5; /etc/pam.d/password-auth: pam_pwquality.so; /etc/pam.d/password-auth: no pam_faillock.so
        "#]],
        );
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        check(
            Fake::new(),
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | - | - | - | - | - | -
            gap password_policy: not_readable /etc/login.defs
            gap password_policy: not_readable /etc/pam.d/common-password, system-auth
        "#]],
        );
        let fake =
            debian(&format!("{PWQUALITY}{UNIX}"), "").unreadable("/etc/security/pwquality.conf");
        check(
            fake,
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | - | - | 0 | 0 | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_pwquality.so retry=3; /etc/pam.d/common-auth: no pam_faillock.so
            gap password_policy: not_readable /etc/security/pwquality.conf
        "#]],
        );
        check(
            debian(
                "password required pam_passwdqc.so min=disabled,24,11,8,7\n",
                "",
            ),
            expect![[r#"
                password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
                  local | - | - | - | 0 | - | 0 | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_passwdqc.so is not read; /etc/pam.d/common-auth: no pam_faillock.so
                gap password_policy: not_readable /etc/pam.d/common-password: pam_passwdqc.so
            "#]],
        );
        let fake =
            debian(UNIX, "").file("/etc/pam.d/sshd", "auth required pam_faillock.so deny=5\n");
        check(
            fake,
            expect![[r#"
            password_policy: scope | name | min_length | complexity | max_age_days | history | lockout_attempts | detail
              local | - | 6 | 0 | 0 | 0 | - | /etc/login.defs: PASS_MAX_DAYS 99999; /etc/pam.d/common-password: pam_unix.so obscure yescrypt, no pam_pwquality.so; /etc/pam.d/sshd: pam_faillock.so for this service only
        "#]],
        );
    }
}
