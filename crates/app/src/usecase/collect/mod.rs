//! What a Linux machine tells about itself, read without changing anything, without a network and
//! in seconds. Root is not needed: what cannot be seen is written down as a gap.
//! It knows nothing about checks, editions or the store.

mod accounts;
pub(crate) mod bundle;
mod files;
mod logins;
mod logs;
mod machine;
mod network;
mod os;
mod packages;
mod password;
mod run;
mod seen;
mod services;
mod syslog;
#[cfg(test)]
mod testing;
mod updates;
mod usb;

use std::path::Path;
use std::thread;

use jiff::Timestamp;
use sonae_domain::evidence::ContentHash;
use sonae_domain::fact::FactRows;

use self::files::FileError;
use self::machine::Machine;
use self::seen::{GapCode, Seen};

pub(crate) use self::bundle::bundle;
pub(crate) use self::seen::Gap;

/// Half of a hash: enough to tell machines apart, short enough to read aloud in parts.
const KEY_DIGITS: usize = 32;

/// Length of a machine id as systemd writes it.
const MACHINE_ID_DIGITS: usize = 32;

/// What one machine told about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Collection {
    /// Its name; empty when it has none.
    pub(crate) hostname: String,
    /// `machine:` and a hash: the same at every collection, and not the machine's secret id.
    pub(crate) host_key: String,
    /// The maker's number, where it may be seen.
    pub(crate) serial: Option<String>,
    /// Whether the administrator collected.
    pub(crate) as_root: bool,
    /// When it was collected.
    pub(crate) collected_at: Timestamp,
    /// A table is here when it could be looked at, even if nothing was in it; without the column
    /// `host`, which the reader adds.
    pub(crate) tables: Vec<FactRows>,
    /// What could not be seen; written into the bundle as the table `collection_gaps`.
    pub(crate) gaps: Vec<Gap>,
}

/// A part of the collector, with the tables that it fills.
struct Part {
    tables: &'static [&'static str],
    collect: fn(&Machine, &mut Seen),
}

/// In the order of the bundle.
const PARTS: [Part; 10] = [
    Part {
        tables: &["os_version", "system_info"],
        collect: os::collect,
    },
    Part {
        tables: &["users", "groups", "user_groups", "shadow"],
        collect: accounts::collect,
    },
    Part {
        tables: &["logins"],
        collect: logins::collect,
    },
    Part {
        tables: &["password_policy"],
        collect: password::collect,
    },
    Part {
        tables: &["usb_storage_policy"],
        collect: usb::collect,
    },
    Part {
        tables: &["services", "listening_ports"],
        collect: services::collect,
    },
    Part {
        tables: &["deb_packages"],
        collect: packages::collect,
    },
    Part {
        tables: &["update_state", "package_updates"],
        collect: updates::collect,
    },
    Part {
        tables: &["log_config"],
        collect: logs::collect,
    },
    Part {
        tables: &[
            "interface_details",
            "interface_addresses",
            "routes",
            "arp_cache",
        ],
        collect: network::collect,
    },
];

/// Collects from the machine whose files are at `root`.
pub(crate) fn collect(root: &Path, now: Timestamp) -> Collection {
    from_machine(&Machine::at(root), now)
}

fn from_machine(machine: &Machine, now: Timestamp) -> Collection {
    let mut all = Seen::default();
    let host_key = host_key(machine, &mut all);
    for seen in run_parts(machine) {
        all.tables.extend(seen.tables);
        all.gaps.extend(seen.gaps);
    }
    Collection {
        hostname: os::hostname(machine).unwrap_or_default(),
        host_key,
        serial: os::serial(machine),
        as_root: machine.as_root,
        collected_at: now,
        tables: all.tables,
        gaps: all.gaps,
    }
}

/// Side by side, because most of the time is spent waiting for programs. A part that stops over
/// something unheard-of costs its own tables, not the collection.
fn run_parts(machine: &Machine) -> Vec<Seen> {
    thread::scope(|scope| {
        let running = PARTS.map(|part| {
            let tables = part.tables;
            let handle = scope.spawn(move || {
                let mut seen = Seen::default();
                (part.collect)(machine, &mut seen);
                seen
            });
            (tables, handle)
        });
        running
            .into_iter()
            .map(|(tables, handle)| {
                handle.join().unwrap_or_else(|_| {
                    let mut seen = Seen::default();
                    for table in tables {
                        seen.gap(table, GapCode::NotReadable, "the collector stopped here");
                    }
                    seen
                })
            })
            .collect()
    })
}

/// The machine id is confidential, so only a hash of it leaves the machine. Without one the name
/// has to do, and a renamed machine looks like another.
fn host_key(machine: &Machine, seen: &mut Seen) -> String {
    const MACHINE_ID: &str = "/etc/machine-id";
    let id = machine.files.word(MACHINE_ID).filter(|id| {
        id.len() == MACHINE_ID_DIGITS && id.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    let secret = id.unwrap_or_else(|| {
        seen.gap("system_info", FileError::NotReadable, MACHINE_ID);
        format!("hostname:{}", os::hostname(machine).unwrap_or_default())
    });
    let hash = ContentHash::of(format!("sonae:{secret}").as_bytes()).0;
    format!(
        "machine:{}",
        hash.chars().take(KEY_DIGITS).collect::<String>()
    )
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tables that must be filled are files"
)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use expect_test::{Expect, expect};
    use jiff::Timestamp;
    use sonae_domain::fact::{FactTable, FactValue};

    use super::testing::Fake;
    use super::{Collection, PARTS, bundle, collect, from_machine};

    /// Tables that the reader of a bundle derives from its manifest and the other tables.
    const DERIVED: [&str; 3] = ["hosts", "host_identities", "collection_gaps"];

    fn collected(fake: &Fake) -> Collection {
        from_machine(&fake.machine(), Timestamp::UNIX_EPOCH)
    }

    /// Enough of a machine for every table to have a row.
    fn complete() -> Fake {
        let tcp = "head\n0: 00000000:0016 00000000:0000 0A 0:0 00:0 0 0 0 1 1 0\n";
        let route = "head\neth0 00000000 010AA8C0 0003 0 0 100 00000000 0 0 0\n";
        let systemctl = "Id=a.service\nDescription=A\nSubState=running\nUnitFileState=static\n";
        Fake::new()
            .file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
            .file("/etc/hostname", "srv-01\n")
            .file(
                "/etc/os-release",
                "NAME=Debian\nID=debian\nVERSION_CODENAME=bookworm\n",
            )
            .file("/sys/class/dmi/id/product_serial", "MABC001234\n")
            .file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
            .file("/etc/group", "root:x:0:\n")
            .file(
                "/etc/shadow",
                "root:$y$j9T$secretsalt$secrethash:20000:0:99999:7:::\n",
            )
            .file("/etc/login.defs", "PASS_MAX_DAYS 90\n")
            .file(
                "/etc/pam.d/common-password",
                "password required pam_unix.so\n",
            )
            .file("/etc/pam.d/common-auth", "auth required pam_unix.so\n")
            .file("/run/systemd/system/inside", "")
            .program("systemctl show", 0, systemctl)
            .file("/proc/net/tcp", tcp)
            .file("/proc/net/route", route)
            .file(
                "/proc/net/arp",
                "head\n192.168.10.1 0x1 0x2 00:1a:2b:3c:4d:5e * eth0\n",
            )
            .file("/sys/class/net/eth0/mtu", "1500\n")
            .address("eth0", "192.168.10.5", "255.255.255.0")
            .file(
                "/var/lib/dpkg/status",
                "Package: a\nStatus: install ok installed\nVersion: 1\n",
            )
            .file(
                "/var/lib/apt/lists/d_dists_bookworm_InRelease",
                "Codename: bookworm\n",
            )
            .file(
                "/var/lib/apt/lists/d_dists_bookworm_main_binary-amd64_Packages",
                "",
            )
            .program("apt list", 0, "a/stable 2 all [upgradable from: 1]\n")
            .file("/etc/systemd/journald.conf", "[Journal]\n")
    }

    #[test]
    fn every_table_and_column_that_names_the_bundle_is_filled() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/facts");
        let mut expected = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let table = FactTable::from_toml(&text).unwrap();
            if table.filled_by.iter().any(|by| by == "sonae_bundle") {
                expected.insert(table.table.clone(), table);
            }
        }
        expected.retain(|table, _| !DERIVED.contains(&table.as_str()));
        let collection = collected(&complete());
        let names: BTreeSet<&String> = collection.tables.iter().map(|rows| &rows.table).collect();
        assert_eq!(names, expected.keys().collect());
        let in_parts = PARTS.iter().flat_map(|part| part.tables);
        assert_eq!(
            names,
            in_parts
                .map(|t| (*t).to_owned())
                .collect::<Vec<_>>()
                .iter()
                .collect()
        );
        for rows in &collection.tables {
            let table = &expected[&rows.table];
            assert_eq!(rows.misfit(table), None);
            assert!(!rows.rows.is_empty(), "{}: no row", rows.table);
            let columns: BTreeSet<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
            let filled: BTreeSet<&str> = rows
                .columns
                .iter()
                .map(String::as_str)
                .chain(["host"])
                .collect();
            assert_eq!(filled, columns, "{}", rows.table);
        }
    }

    #[test]
    fn a_machine_that_shows_nothing_has_a_gap_for_every_table() {
        let collection = collect(tempfile::tempdir().unwrap().path(), Timestamp::UNIX_EPOCH);
        for table in PARTS.iter().flat_map(|part| part.tables) {
            let gap = collection.gaps.iter().any(|gap| gap.table == *table);
            // Nothing forbids USB storage, and that could be seen.
            assert!(gap || *table == "usb_storage_policy", "{table}: no gap");
        }
        for rows in &collection.tables {
            for row in &rows.rows {
                assert!(
                    !row.contains(&FactValue::Integer(0)),
                    "{}: {row:?}",
                    rows.table
                );
            }
        }
    }

    #[test]
    fn no_hash_and_no_machine_id_leaves_the_machine() {
        let collection = collected(&complete());
        let shown = format!("{collection:?}");
        for secret in ["secretsalt", "secrethash", "0123456789abcdef"] {
            assert!(!shown.contains(secret), "{secret}");
        }
        assert!(bundle(&collection, "sonae 0.1.0").is_ok());
    }

    fn check_key(fake: &Fake, expected: Expect) {
        let collection = collected(fake);
        let gap = collection
            .gaps
            .iter()
            .any(|gap| gap.detail == "/etc/machine-id");
        expected.assert_eq(&format!("{} gap={gap}", collection.host_key));
    }

    #[test]
    fn the_key_is_a_hash_of_the_machine_id_or_of_the_name() {
        check_key(
            &complete(),
            expect!["machine:5c9a6716abf7566ec6a53afb2987aae3 gap=false"],
        );
        check_key(
            &complete().file("/etc/machine-id", "uninitialized\n"),
            expect!["machine:378529e5214d80b7b6466830804e6e55 gap=true"],
        );
        check_key(
            &complete().file("/etc/machine-id", ""),
            expect!["machine:378529e5214d80b7b6466830804e6e55 gap=true"],
        );
    }
}
