//! Which updates wait, and how fresh the machine's knowledge of them is: `package_updates` and
//! `update_state`. Only what the machine already has is read; nothing is fetched or written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sonae_domain::era::day_in_japan;
use sonae_domain::fact::FactRows;

use super::machine::Machine;
use super::os;
use super::packages::{DPKG_STATUS, rpms};
use super::run::{Call, Output, PATIENT, RunError};
use super::seen::{GapCode, Seen};

const APT_LISTS: &str = "/var/lib/apt/lists";

/// Written only after the lists were fetched well. The folder of half-fetched lists also changes
/// when fetching fails, so its time says nothing.
const APT_STAMPS: [&str; 2] = [
    "/var/lib/apt/periodic/update-success-stamp",
    "/var/lib/apt/periodic/update-stamp",
];

/// The head of a release file, with origin and suite; a list of hashes follows.
const RELEASE_HEAD_BYTES: u64 = 4096;

const DNF_CACHES: [&str; 2] = ["/var/cache/dnf", "/var/cache/libdnf5"];

/// `dnf check-update` ends so when there are updates.
const DNF_UPDATES: i32 = 100;

const TIMERS: &str = "/etc/systemd/system/timers.target.wants";

/// An update that waits.
struct Update {
    name: String,
    installed: Option<String>,
    candidate: String,
    security: Option<bool>,
}

/// What a package manager knows.
#[derive(Default)]
struct Known {
    lists_updated_at: Option<Timestamp>,
    /// Nothing when it cannot tell; an empty list when nothing waits.
    updates: Option<Vec<Update>>,
    /// Whether its lists tell security updates from others.
    tells_security: bool,
    automatic: Option<bool>,
}

/// An archive whose lists apt holds.
struct Archive {
    suite: String,
    codename: String,
    has_packages: bool,
}

/// Records waiting updates and the state of the package manager.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    if machine.files.exists(DPKG_STATUS) {
        let known = apt(machine, seen);
        record("apt", known, seen);
    } else if machine.files.exists("/usr/bin/dnf") {
        let known = dnf(machine, seen);
        record("dnf", known, seen);
    } else {
        for table in ["package_updates", "update_state"] {
            seen.gap(table, GapCode::ToolMissing, "apt, dnf");
        }
    }
}

fn record(manager: &str, known: Known, seen: &mut Seen) {
    let columns = [
        "manager",
        "lists_updated_on",
        "n_pending",
        "n_security",
        "automatic",
    ];
    let mut state = FactRows::new("update_state", &columns);
    let n = |updates: usize| i64::try_from(updates).ok();
    let n_pending = known.updates.as_ref().and_then(|updates| n(updates.len()));
    let n_security = known
        .updates
        .as_ref()
        .filter(|_| known.tells_security)
        .and_then(|updates| {
            n(updates
                .iter()
                .filter(|update| update.security == Some(true))
                .count())
        });
    state.rows.push(vec![
        manager.into(),
        known
            .lists_updated_at
            .map(|at| day_in_japan(at).to_string())
            .into(),
        n_pending.into(),
        n_security.into(),
        known.automatic.into(),
    ]);
    seen.record(state);
    let Some(updates) = known.updates else { return };
    let columns = ["name", "installed_version", "candidate_version", "security"];
    let mut rows = FactRows::new("package_updates", &columns);
    for update in updates {
        rows.rows.push(vec![
            update.name.into(),
            update.installed.into(),
            update.candidate.into(),
            update.security.filter(|_| known.tells_security).into(),
        ]);
    }
    seen.record(rows);
}

fn gap(code: impl Into<GapCode>, detail: &str, seen: &mut Seen) {
    let code = code.into();
    for table in ["package_updates", "update_state"] {
        seen.gap(table, code, detail);
    }
}

fn apt(machine: &Machine, seen: &mut Seen) -> Known {
    let mut known = Known {
        automatic: apt_automatic(machine, seen),
        ..Known::default()
    };
    let names = match machine.files.names(APT_LISTS) {
        Ok(names) => names,
        Err(error) => {
            gap(error, APT_LISTS, seen);
            return known;
        }
    };
    let releases = names.iter().filter(|name| name.ends_with("Release"));
    known.lists_updated_at = releases
        .clone()
        .map(|name| format!("{APT_LISTS}/{name}"))
        .chain(APT_STAMPS.map(str::to_owned))
        .filter_map(|path| machine.files.modified(&path).ok())
        .max();
    let archives: Vec<Archive> = releases
        .filter_map(|name| archive(machine, name, &names))
        .collect();
    // Without the lists of this very system nothing seems to wait, however old it is.
    let codename = os::release(machine, "VERSION_CODENAME");
    let own = codename.as_deref().is_some_and(|own| {
        archives
            .iter()
            .any(|archive| archive.has_packages && archive.codename == own)
    });
    if !own {
        gap(
            GapCode::NotReadable,
            "/var/lib/apt/lists: no lists of this system's archive",
            seen,
        );
        return known;
    }
    let security = codename
        .map(|own| format!("{own}-security"))
        .unwrap_or_default();
    known.tells_security = archives.iter().any(|archive| {
        archive.has_packages && (archive.codename == security || archive.suite == security)
    });
    if !known.tells_security {
        gap(
            GapCode::NotReadable,
            "/var/lib/apt/lists: no lists of security updates",
            seen,
        );
    }
    known.updates = apt_updates(machine, seen);
    known
}

fn archive(machine: &Machine, name: &str, names: &[String]) -> Option<Archive> {
    let prefix = name
        .strip_suffix("InRelease")
        .or_else(|| name.strip_suffix("Release"))?;
    let head = machine
        .files
        .bytes(&format!("{APT_LISTS}/{name}"), 0, RELEASE_HEAD_BYTES)
        .ok()?;
    let head = String::from_utf8_lossy(&head);
    let value = |key: &str| {
        let value = head
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
    };
    let is_index = |other: &String| other.starts_with(prefix) && other.contains("_Packages");
    Some(Archive {
        suite: value("Suite"),
        codename: value("Codename"),
        has_packages: names.iter().any(is_index),
    })
}

/// The listing also names updates that are held back, which a simulated upgrade would not.
fn apt_updates(machine: &Machine, seen: &mut Seen) -> Option<Vec<Update>> {
    // Without these two settings apt would write its cache.
    let arguments = [
        "list",
        "--upgradable",
        "-o",
        "Dir::Cache::pkgcache=",
        "-o",
        "Dir::Cache::srcpkgcache=",
    ];
    match patiently(machine, "apt", &arguments).and_then(Output::success) {
        Ok(text) => {
            let lines = text
                .lines()
                .filter(|line| !line.is_empty() && !line.starts_with("Listing..."));
            let updates: Option<Vec<Update>> = lines.map(apt_update).collect();
            if updates.is_none() {
                gap(GapCode::NotReadable, "apt list --upgradable", seen);
            }
            updates
        }
        Err(error) => {
            gap(error, "apt list --upgradable", seen);
            None
        }
    }
}

/// `openssl/stable-security 3.0.16-1~deb12u1 amd64 [upgradable from: 3.0.15-1~deb12u1]`.
fn apt_update(line: &str) -> Option<Update> {
    let (name, rest) = line.split_once('/')?;
    let (suites, rest) = rest.split_once(' ')?;
    let (candidate, rest) = rest.split_once(' ')?;
    let (_, installed) = rest.split_once("[upgradable from: ")?;
    Some(Update {
        name: name.to_owned(),
        installed: Some(installed.trim_end_matches(']').to_owned()),
        candidate: candidate.to_owned(),
        security: Some(suites.split(',').any(|suite| suite.ends_with("-security"))),
    })
}

/// Needs the program, the settings, and something that starts it every day.
fn apt_automatic(machine: &Machine, seen: &mut Seen) -> Option<bool> {
    if !machine.files.exists("/usr/bin/unattended-upgrade") {
        return Some(false);
    }
    let output = machine.run("apt-config", &["dump", "APT::Periodic"]);
    let text = match output.and_then(Output::success) {
        Ok(text) => text,
        Err(error) => {
            seen.gap("update_state", error, "apt-config dump APT::Periodic");
            return None;
        }
    };
    let value = |key: &str| {
        text.lines()
            .find_map(|line| {
                line.strip_prefix("APT::Periodic::")?
                    .strip_prefix(key)?
                    .strip_prefix(' ')
            })
            .map(|value| value.trim_matches(['"', ';']))
    };
    let on = |key: &str| value(key).is_some_and(|value| !value.is_empty() && value != "0");
    // With systemd the daily job steps back and leaves the work to the timer.
    let started = if machine.files.exists("/run/systemd/system") {
        timer_on(machine, "apt-daily-upgrade")
    } else {
        machine.files.exists("/etc/cron.daily/apt-compat")
    };
    let off = value("Enable") == Some("0");
    Some(on("Unattended-Upgrade") && on("Update-Package-Lists") && started && !off)
}

fn dnf(machine: &Machine, seen: &mut Seen) -> Known {
    let lists_updated_at = DNF_CACHES
        .iter()
        .flat_map(|cache| {
            let repositories = machine.files.names(cache).unwrap_or_default();
            repositories
                .into_iter()
                .map(move |name| format!("{cache}/{name}/repodata/repomd.xml"))
        })
        .filter_map(|path| machine.files.modified(&path).ok())
        .max();
    let automatic = Some(dnf_automatic(machine));
    let mut known = Known {
        lists_updated_at,
        automatic,
        ..Known::default()
    };
    if lists_updated_at.is_none() {
        gap(GapCode::NotReadable, "/var/cache/dnf: no lists", seen);
        return known;
    }
    let output = patiently(machine, "dnf", &["-C", "-q", "check-update"]);
    let text = match output {
        Ok(Output {
            code: Some(0 | DNF_UPDATES),
            text,
        }) => text,
        // Other users have a cache of their own, which is usually empty.
        Ok(_) if !machine.as_root => {
            gap(GapCode::NeedsRoot, "dnf -C check-update", seen);
            return known;
        }
        Ok(_) => {
            gap(RunError::Failed, "dnf -C check-update", seen);
            return known;
        }
        Err(error) => {
            gap(error, "dnf -C check-update", seen);
            return known;
        }
    };
    let advisories = patiently(machine, "dnf", &["-C", "-q", "updateinfo", "list"])
        .and_then(Output::success)
        .unwrap_or_default();
    let updates = dnf_updates(machine, &text, &advisories);
    // Some distributions publish no advisories: then no update seems to be a security update.
    known.tells_security = updates.is_empty() || !advisories.trim().is_empty();
    known.updates = Some(updates);
    known
}

/// Three words an update, `bash.x86_64  5.2.26-4.el10  baseos`, on one line or on two.
fn dnf_updates(machine: &Machine, text: &str, advisories: &str) -> Vec<Update> {
    let installed: BTreeMap<String, String> = rpms(machine, "%{NAME}.%{ARCH} %{EVR}\\n")
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect();
    let listed = text.split("Obsoleting").next().unwrap_or_default();
    let words: Vec<&str> = listed.split_whitespace().collect();
    words
        .chunks_exact(3)
        .map(|update| {
            let (name, arch) = update[0].rsplit_once('.').unwrap_or((update[0], ""));
            let version = update[1]
                .split_once(':')
                .map_or(update[1], |(_, rest)| rest);
            let package = format!("{name}-{version}.{arch}");
            let security = advisories.lines().any(|line| {
                let advised = line.split_whitespace().any(|word| word == package);
                advised && (line.contains("Sec.") || line.contains(" security "))
            });
            Update {
                name: name.to_owned(),
                installed: installed.get(update[0]).cloned(),
                candidate: update[1].to_owned(),
                security: Some(security),
            }
        })
        .collect()
}

fn dnf_automatic(machine: &Machine) -> bool {
    let wanted = |timer: &str| timer_on(machine, timer);
    let applies = machine
        .files
        .text("/etc/dnf/automatic.conf")
        .is_ok_and(|text| {
            text.lines().any(|line| {
                line.split_once('=').is_some_and(|(key, value)| {
                    let value = value.trim().to_lowercase();
                    key.trim() == "apply_updates" && ["yes", "true", "1"].contains(&value.as_str())
                })
            })
        });
    wanted("dnf-automatic-install")
        || applies && (wanted("dnf-automatic") || wanted("dnf5-automatic"))
}

/// Enabled, and not switched off by a link to nowhere.
fn timer_on(machine: &Machine, timer: &str) -> bool {
    let own = machine
        .files
        .link(&format!("/etc/systemd/system/{timer}.timer"));
    machine.files.exists(&format!("{TIMERS}/{timer}.timer")) && own.as_deref() != Ok("/dev/null")
}

fn patiently(machine: &Machine, program: &str, arguments: &[&str]) -> Result<Output, RunError> {
    machine.commands.run(Call {
        program,
        arguments,
        limit: PATIENT,
        first_line_only: false,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    /// 2026-11-18 at noon in Japan.
    const FETCHED: u64 = 1_794_970_800;

    fn debian() -> Fake {
        Fake::new()
            .file("/var/lib/dpkg/status", "")
            .file("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n")
    }

    fn with_archive(fake: Fake, name: &str, suite: &str, codename: &str) -> Fake {
        let release = format!("/var/lib/apt/lists/{name}_InRelease");
        fake.file(
            &release,
            &format!("Origin: Debian\nSuite: {suite}\nCodename: {codename}\n"),
        )
        .changed(&release, FETCHED)
        .file(
            &format!("/var/lib/apt/lists/{name}_main_binary-amd64_Packages.lz4"),
            "",
        )
    }

    const LISTING: &str = "Listing...\n\
        openssl/stable-security 3.0.16-1 amd64 [upgradable from: 3.0.15-1]\n\
        tzdata/stable,stable-updates 2026c-0 all [upgradable from: 2026a-0]\n";

    #[test]
    fn updates_of_a_debian_machine() {
        let fake = with_archive(debian(), "deb_dists_bookworm", "stable", "bookworm");
        let fake = with_archive(
            fake,
            "sec_dists_bookworm-security",
            "stable-security",
            "bookworm-security",
        );
        let fake = fake
            .file("/usr/bin/unattended-upgrade", "")
            .file("/etc/cron.daily/apt-compat", "")
            .program(
                "apt-config dump APT::Periodic",
                0,
                "APT::Periodic \"\";\nAPT::Periodic::Update-Package-Lists \"1\";\n\
                 APT::Periodic::Unattended-Upgrade \"1\";\n",
            );
        check(
            fake.program("apt list --upgradable", 0, LISTING),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  apt | 2026-11-18 | 2 | 1 | 1
                package_updates: name | installed_version | candidate_version | security
                  openssl | 3.0.15-1 | 3.0.16-1 | 1
                  tzdata | 2026a-0 | 2026c-0 | 0
            "#]],
        );
    }

    #[test]
    fn without_a_security_archive_nothing_is_known_about_security() {
        let fake = with_archive(debian(), "deb_dists_bookworm", "stable", "bookworm");
        check(
            fake.program("apt list --upgradable", 0, LISTING),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  apt | 2026-11-18 | 2 | - | 0
                package_updates: name | installed_version | candidate_version | security
                  openssl | 3.0.15-1 | 3.0.16-1 | -
                  tzdata | 2026a-0 | 2026c-0 | -
                gap package_updates: not_readable /var/lib/apt/lists: no lists of security updates
                gap update_state: not_readable /var/lib/apt/lists: no lists of security updates
            "#]],
        );
    }

    #[test]
    fn without_the_systems_own_lists_nothing_is_known() {
        check(
            debian().program("apt list", 0, "Listing...\n"),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  apt | - | - | - | 0
                gap package_updates: not_readable /var/lib/apt/lists
                gap update_state: not_readable /var/lib/apt/lists
            "#]],
        );
        let fake = with_archive(debian(), "other_dists_nodistro", "nodistro", "nodistro");
        check(
            fake.program("apt list", 0, "Listing...\n"),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  apt | 2026-11-18 | - | - | 0
                gap package_updates: not_readable /var/lib/apt/lists: no lists of this system's archive
                gap update_state: not_readable /var/lib/apt/lists: no lists of this system's archive
            "#]],
        );
    }

    #[test]
    fn a_listing_of_another_form_is_not_nothing() {
        let fake = with_archive(debian(), "deb_dists_bookworm", "stable", "bookworm");
        check(
            fake.program("apt list", 0, "openssl 3.0.16-1 (upgrade)\n"),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  apt | 2026-11-18 | - | - | 0
                gap package_updates: not_readable /var/lib/apt/lists: no lists of security updates
                gap update_state: not_readable /var/lib/apt/lists: no lists of security updates
                gap package_updates: not_readable apt list --upgradable
                gap update_state: not_readable apt list --upgradable
            "#]],
        );
    }

    #[test]
    fn updates_of_a_machine_with_rpms() {
        let repomd = "/var/cache/dnf/baseos-0123/repodata/repomd.xml";
        let fake = || {
            Fake::new()
                .file("/usr/bin/dnf", "")
                .file(repomd, "")
                .changed(repomd, FETCHED)
        };
        let listing = "\nopenssl.x86_64   1:3.2.2-17.el10   baseos\n\
            a-very-long-name.noarch\n      2.0-1.el10    appstream\nObsoleting Packages\nx y z\n";
        check(
            fake()
                .program("dnf -C -q check-update", 100, listing)
                .program(
                    "dnf -C -q updateinfo",
                    0,
                    "RHSA-1 Important/Sec. openssl-3.2.2-17.el10.x86_64\n",
                )
                .program("rpm -qa", 0, "openssl.x86_64 1:3.2.2-16.el10\n"),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  dnf | 2026-11-18 | 2 | 1 | 0
                package_updates: name | installed_version | candidate_version | security
                  openssl | 1:3.2.2-16.el10 | 1:3.2.2-17.el10 | 1
                  a-very-long-name | - | 2.0-1.el10 | 0
            "#]],
        );
        check(
            fake().program("dnf -C -q check-update", 0, ""),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  dnf | 2026-11-18 | 0 | 0 | 0
                package_updates: name | installed_version | candidate_version | security
            "#]],
        );
        check(
            fake()
                .by_plain_user()
                .program("dnf -C -q check-update", 1, ""),
            expect![[r#"
                update_state: manager | lists_updated_on | n_pending | n_security | automatic
                  dnf | 2026-11-18 | - | - | 0
                gap package_updates: needs_root dnf -C check-update
                gap update_state: needs_root dnf -C check-update
            "#]],
        );
        check(
            Fake::new(),
            expect![[r#"
            gap package_updates: tool_missing apt, dnf
            gap update_state: tool_missing apt, dnf
        "#]],
        );
    }
}
