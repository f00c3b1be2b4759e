//! Whether the machine takes USB storage: `usb_storage_policy`, one row a setting. No setting is
//! `allowed` only when every place where one could be was readable.

use sonae_domain::fact::{FactRows, FactValue};

use super::files::FileError;
use super::machine::Machine;
use super::seen::Seen;

const TABLE: &str = "usb_storage_policy";
const LOADED: &str = "/sys/module/usb_storage";
const USBGUARD_CONFIG: &str = "/etc/usbguard/usbguard-daemon.conf";
const USBGUARD_RULES: &str = "/etc/usbguard/rules.conf";

/// Programs that do nothing, in the place of the one that would load the driver.
const NOTHING: [&str; 2] = ["/false", "/true"];

/// A setting and what it does.
struct Setting {
    mechanism: &'static str,
    /// Nothing when it could not be read.
    state: Option<&'static str>,
    path: String,
    detail: String,
}

/// Records every setting, or that there is none.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    let gaps_before = seen.gaps.len();
    let mut settings = modprobe(machine, seen);
    settings.extend(udev(machine, seen));
    settings.extend(usbguard(machine, seen));
    let readable = seen.gaps.len() == gaps_before;
    if settings.is_empty() {
        settings.push(Setting {
            mechanism: "modprobe",
            state: readable.then_some("allowed"),
            path: "/etc/modprobe.d".to_owned(),
            detail: String::new(),
        });
    }
    let mut rows = FactRows::new(TABLE, &["mechanism", "state", "path", "detail"]);
    for setting in settings {
        let detail = Some(setting.detail).filter(|detail| !detail.is_empty());
        let row: Vec<FactValue> = vec![
            setting.mechanism.into(),
            setting.state.into(),
            setting.path.into(),
            detail.into(),
        ];
        rows.rows.push(row);
    }
    seen.record(rows);
}

fn modprobe(machine: &Machine, seen: &mut Seen) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut add = |path: &str, line: &str, state: &'static str| {
        let detail = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let path = path.to_owned();
        settings.push(Setting {
            mechanism: "modprobe",
            state: Some(state),
            path,
            detail,
        });
    };
    for (path, text) in fragments(machine, "modprobe.d", ".conf", seen) {
        for line in text.replace("\\\n", " ").lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["install", driver, program, ..] if is_storage(driver) => {
                    let nothing = NOTHING.iter().any(|name| program.ends_with(name));
                    add(&path, line, if nothing { "blocked" } else { "restricted" });
                }
                // An administrator, or a driver that needs it, can still load it.
                ["blacklist", driver, ..] if is_storage(driver) => add(&path, line, "restricted"),
                _ => {}
            }
        }
    }
    let command_line = machine.files.text("/proc/cmdline").unwrap_or_default();
    for word in command_line.split_whitespace() {
        let state = match word.split_once('=') {
            Some(("module_blacklist", drivers)) if drivers.split(',').any(is_storage) => "blocked",
            Some(("modprobe.blacklist", drivers)) if drivers.split(',').any(is_storage) => {
                "restricted"
            }
            _ => continue,
        };
        add("/proc/cmdline", word, state);
    }
    weaken(machine, &mut settings);
    settings
}

/// A setting for loading the driver does nothing while it is loaded, or when it needs no loading.
fn weaken(machine: &Machine, settings: &mut [Setting]) {
    let kernel = machine
        .files
        .word("/proc/sys/kernel/osrelease")
        .unwrap_or_default();
    let built_in = machine
        .files
        .text(&format!("/lib/modules/{kernel}/modules.builtin"))
        .is_ok_and(|text| text.lines().any(|line| line.ends_with("/usb-storage.ko")));
    let loaded = machine.files.exists(LOADED);
    for setting in settings {
        if built_in {
            setting.state = Some("allowed");
            setting
                .detail
                .push_str(" (the driver is part of the kernel)");
        } else if loaded {
            setting.state = Some("restricted");
            setting.detail.push_str(" (the driver is loaded now)");
        }
    }
}

fn is_storage(driver: &str) -> bool {
    driver == "usb-storage" || driver == "usb_storage"
}

/// Rules that switch a device off, unless others switch some on again.
fn udev(machine: &Machine, seen: &mut Seen) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut switches_on = false;
    for (path, text) in fragments(machine, "udev/rules.d", ".rules", seen) {
        for line in text.replace("\\\n", " ").lines() {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            if line.starts_with('#') {
                continue;
            }
            let bare = line.replace(' ', "");
            switches_on |= bare.contains("ATTR{authorized}=\"1\"");
            let switches_off = bare.contains("ATTR{authorized}=\"0\"")
                || bare.contains("ATTR{authorized_default}=\"0\"")
                || (bare.contains("RUN+=")
                    && bare.contains("authorized")
                    && line.contains("echo 0"));
            let on_storage = bare.contains("usb-storage")
                || bare.contains("bInterfaceClass}==\"08\"")
                || bare.contains("bDeviceClass}==\"08\"")
                || bare.contains(":0806");
            let hides = on_storage && bare.contains("ENV{UDISKS_IGNORE}=\"1\"");
            let every_device = bare.contains("authorized_default");
            let state = match (switches_off && (on_storage || every_device), hides) {
                (true, _) if every_device || !is_general(&bare) => "restricted",
                (true, _) => "blocked",
                (false, true) => "restricted",
                (false, false) => continue,
            };
            let state = Some(state);
            settings.push(Setting {
                mechanism: "udev",
                state,
                path: path.clone(),
                detail: line,
            });
        }
    }
    if switches_on {
        for setting in &mut settings {
            setting.state = Some("restricted");
        }
    }
    settings
}

/// Matches that speak of a kind of device. Any other, and any exception, may leave devices out.
const GENERAL_MATCHES: [&str; 9] = [
    "SUBSYSTEM",
    "SUBSYSTEMS",
    "ACTION",
    "DRIVER",
    "DRIVERS",
    "ENV{DEVTYPE}",
    "ENV{ID_USB_INTERFACES}",
    "ENV{INTERFACE}",
    "ENV{MODALIAS}",
];

/// Whether a rule, without blanks, speaks of all storage: a rule for one maker, one socket or one
/// device does not.
fn is_general(rule: &str) -> bool {
    !rule.contains("!=")
        && rule
            .split(',')
            .filter_map(|part| part.split_once("=="))
            .all(|(key, _)| {
                GENERAL_MATCHES.contains(&key)
                    || key.ends_with("{bInterfaceClass}")
                    || key.ends_with("{bDeviceClass}")
            })
}

fn usbguard(machine: &Machine, seen: &mut Seen) -> Option<Setting> {
    let setting = |state, path: &str, detail: String| {
        Some(Setting {
            mechanism: "usbguard",
            state,
            path: path.to_owned(),
            detail,
        })
    };
    let config = match machine.files.text(USBGUARD_CONFIG) {
        Ok(config) => config,
        Err(FileError::Missing) => return None,
        Err(error) => {
            seen.gap(TABLE, error, USBGUARD_CONFIG);
            return setting(None, USBGUARD_CONFIG, String::new());
        }
    };
    let rules = match machine.files.text(USBGUARD_RULES) {
        Ok(rules) => rules,
        Err(FileError::Missing) => String::new(),
        Err(error) => {
            seen.gap(TABLE, error, USBGUARD_RULES);
            return setting(None, USBGUARD_RULES, String::new());
        }
    };
    match machine.files.runs("usbguard-daemon") {
        Some(true) => {}
        Some(false) => {
            let detail = "usbguard-daemon is not running".to_owned();
            return setting(Some("allowed"), USBGUARD_CONFIG, detail);
        }
        None => {
            seen.gap(TABLE, FileError::NotReadable, "/proc");
            return setting(None, USBGUARD_CONFIG, String::new());
        }
    }
    let target = config
        .lines()
        .find_map(|line| {
            line.trim()
                .strip_prefix("ImplicitPolicyTarget")?
                .trim()
                .strip_prefix('=')
        })
        .map_or("block", str::trim);
    let detail = format!("ImplicitPolicyTarget={target}");
    let lines = || rules.lines().map(str::trim);
    // A permission that names kinds of devices, none of them storage, lets no storage in.
    let lets_storage_in = lines().any(|line| {
        line.starts_with("allow") && (!line.contains("with-interface") || line.contains(" 08:"))
    });
    let stops_storage = lines().any(|line| {
        (line.starts_with("block") || line.starts_with("reject")) && line.contains(" 08:")
    });
    let state = match (target != "allow", lets_storage_in) {
        (true, false) => "blocked",
        (true, true) => "restricted",
        (false, _) if stops_storage => "restricted",
        (false, _) => "allowed",
    };
    setting(Some(state), USBGUARD_CONFIG, detail)
}

/// Configuration that counts, with its text; what cannot be read becomes a gap.
fn fragments(
    machine: &Machine,
    folder: &str,
    ending: &str,
    seen: &mut Seen,
) -> Vec<(String, String)> {
    let (paths, unreadable) = machine.files.fragments(folder, ending);
    for (folder, error) in unreadable {
        seen.gap(TABLE, error, folder);
    }
    let mut texts = Vec::new();
    for path in paths {
        match machine.files.text(&path) {
            Ok(text) => texts.push((path, text)),
            // A link to nowhere, or to /dev/null, switches a fragment of the system off.
            Err(FileError::Missing) => {}
            Err(_) if machine.files.link(&path).as_deref() == Ok("/dev/null") => {}
            Err(error) => seen.gap(TABLE, error, path),
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    #[test]
    fn rules_for_some_devices_are_not_rules_for_storage() {
        for (rule, expected) in [
            (
                r#"ACTION=="add",SUBSYSTEMS=="usb",DRIVERS=="usb-storage",ATTR{authorized}="0""#,
                true,
            ),
            (
                r#"SUBSYSTEM=="usb",ATTR{bInterfaceClass}=="08",ATTR{authorized}="0""#,
                true,
            ),
            (
                r#"DRIVERS=="usb-storage",ATTRS{idVendor}=="0781",ATTR{authorized}="0""#,
                false,
            ),
            (
                r#"DRIVERS=="usb-storage",ATTRS{product}=="x",ATTR{authorized}="0""#,
                false,
            ),
            (
                r#"DRIVERS=="usb-storage",KERNELS=="1-2",ATTR{authorized}="0""#,
                false,
            ),
            (
                r#"DRIVERS=="usb-storage",ATTRS{serial}!="42",ATTR{authorized}="0""#,
                false,
            ),
        ] {
            assert_eq!(super::is_general(rule), expected, "{rule}");
        }
    }

    #[test]
    fn no_setting_is_allowed_only_when_all_was_readable() {
        check(
            Fake::new().file("/usr/lib/modprobe.d/x.conf", "blacklist pcspkr\n"),
            expect![[r#"
                usb_storage_policy: mechanism | state | path | detail
                  modprobe | allowed | /etc/modprobe.d | -
            "#]],
        );
        check(
            Fake::new().unreadable("/etc/modprobe.d/x.conf"),
            expect![[r#"
                usb_storage_policy: mechanism | state | path | detail
                  modprobe | - | /etc/modprobe.d | -
                gap usb_storage_policy: not_readable /etc/modprobe.d/x.conf
            "#]],
        );
    }

    #[test]
    fn a_driver_that_is_never_loaded() {
        let blocked = || {
            Fake::new().file(
                "/etc/modprobe.d/usb.conf",
                "install usb-storage  /bin/true\n",
            )
        };
        check(
            blocked(),
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              modprobe | blocked | /etc/modprobe.d/usb.conf | install usb-storage /bin/true
        "#]],
        );
        check(
            blocked().file("/sys/module/usb_storage/refcnt", "0"),
            expect![[r#"
                usb_storage_policy: mechanism | state | path | detail
                  modprobe | restricted | /etc/modprobe.d/usb.conf | install usb-storage /bin/true (the driver is loaded now)
            "#]],
        );
        let built_in = blocked()
            .file("/proc/sys/kernel/osrelease", "6.1.0\n")
            .file(
                "/lib/modules/6.1.0/modules.builtin",
                "kernel/drivers/usb/storage/usb-storage.ko\n",
            );
        check(
            built_in,
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              modprobe | allowed | /etc/modprobe.d/usb.conf | install usb-storage /bin/true (the driver is part of the kernel)
        "#]],
        );
        let by_kernel = Fake::new().file(
            "/proc/cmdline",
            "quiet module_blacklist=floppy,usb_storage\n",
        );
        check(
            by_kernel,
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              modprobe | blocked | /proc/cmdline | module_blacklist=floppy,usb_storage
        "#]],
        );
    }

    #[test]
    fn a_blacklist_alone_is_a_restriction() {
        let fake = Fake::new().file(
            "/etc/modprobe.d/usb.conf",
            "# install usb-storage /bin/true\nblacklist usb_storage\n",
        );
        check(
            fake,
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              modprobe | restricted | /etc/modprobe.d/usb.conf | blacklist usb_storage
        "#]],
        );
    }

    #[test]
    fn rules_of_udev() {
        let off = "SUBSYSTEM==\"usb\", ATTR{bInterfaceClass}==\"08\", ATTR{authorized}=\"0\"\n";
        check(
            Fake::new().file("/etc/udev/rules.d/99-usb.rules", off),
            expect![[r#"
                usb_storage_policy: mechanism | state | path | detail
                  udev | blocked | /etc/udev/rules.d/99-usb.rules | SUBSYSTEM=="usb", ATTR{bInterfaceClass}=="08", ATTR{authorized}="0"
            "#]],
        );
        let some_on = "ATTR{serial}==\"A1\", ATTR{authorized}=\"1\"\n";
        let fake = Fake::new()
            .file("/etc/udev/rules.d/99-usb.rules", off)
            .file("/etc/udev/rules.d/99-usb2.rules", some_on);
        check(
            fake,
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              udev | restricted | /etc/udev/rules.d/99-usb.rules | SUBSYSTEM=="usb", ATTR{bInterfaceClass}=="08", ATTR{authorized}="0"
        "#]],
        );
        let masked = Fake::new().link("/etc/udev/rules.d/80.rules", "/dev/null");
        check(
            masked,
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              modprobe | allowed | /etc/modprobe.d | -
        "#]],
        );
    }

    #[test]
    fn usbguard_counts_while_it_runs() {
        let usbguard = |rules: &str| {
            Fake::new()
                .file(
                    "/etc/usbguard/usbguard-daemon.conf",
                    "ImplicitPolicyTarget=block\n",
                )
                .file("/etc/usbguard/rules.conf", rules)
                .file("/proc/1/comm", "systemd\n")
        };
        let running = |rules: &str| usbguard(rules).file("/proc/300/comm", "usbguard-daemon\n");
        let keyboard = "allow id 046d:c31c with-interface one-of { 03:01:01 03:00:00 }\n";
        check(
            usbguard(keyboard),
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              usbguard | allowed | /etc/usbguard/usbguard-daemon.conf | usbguard-daemon is not running
        "#]],
        );
        check(
            running(keyboard),
            expect![[r#"
            usb_storage_policy: mechanism | state | path | detail
              usbguard | blocked | /etc/usbguard/usbguard-daemon.conf | ImplicitPolicyTarget=block
        "#]],
        );
        check(
            running("allow id 0781:5583 serial \"4C53\"\n"),
            expect![[r#"
                usb_storage_policy: mechanism | state | path | detail
                  usbguard | restricted | /etc/usbguard/usbguard-daemon.conf | ImplicitPolicyTarget=block
            "#]],
        );
        check(
            Fake::new()
                .by_plain_user()
                .unreadable("/etc/usbguard/usbguard-daemon.conf"),
            expect![[r#"
                usb_storage_policy: mechanism | state | path | detail
                  usbguard | - | /etc/usbguard/usbguard-daemon.conf | -
                gap usb_storage_policy: not_readable /etc/usbguard/usbguard-daemon.conf
            "#]],
        );
    }
}
