//! Which system and which machine this is: `os_version` and `system_info`.

use sonae_domain::fact::FactRows;

use super::files::FileError;
use super::machine::Machine;
use super::seen::Seen;

/// Makers leave these in the place of a serial number; two machines would look like one.
const NOT_A_SERIAL: [&str; 10] = [
    "none",
    "0",
    "not specified",
    "not applicable",
    "default string",
    "system serial number",
    "to be filled by o.e.m.",
    "to be filled by oem",
    "unknown",
    "123456789",
];

/// Records the system and the machine.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    os_version(machine, seen);
    system_info(machine, seen);
}

/// The name of the machine, as its kernel has it.
pub(super) fn hostname(machine: &Machine) -> Option<String> {
    machine
        .files
        .word("/proc/sys/kernel/hostname")
        .or_else(|| machine.files.word("/etc/hostname"))
        .filter(|name| name != "(none)")
}

/// The serial number that the maker gave the machine.
pub(super) fn serial(machine: &Machine) -> Option<String> {
    let serial = machine
        .files
        .word("/sys/class/dmi/id/product_serial")
        .or_else(|| machine.files.word("/proc/device-tree/serial-number"))?;
    let placeholder = NOT_A_SERIAL.contains(&serial.to_lowercase().as_str());
    (!placeholder).then_some(serial)
}

/// A value of `/etc/os-release`, such as `ID`.
pub(super) fn release(machine: &Machine, key: &str) -> Option<String> {
    value(&release_text(machine).ok()?, key)
}

fn release_text(machine: &Machine) -> Result<String, FileError> {
    machine
        .files
        .text("/etc/os-release")
        .or_else(|_| machine.files.text("/usr/lib/os-release"))
}

fn os_version(machine: &Machine, seen: &mut Seen) {
    let text = match release_text(machine) {
        Ok(text) => text,
        Err(error) => return seen.gap("os_version", error, "/etc/os-release"),
    };
    let platform = value(&text, "ID");
    let number = value(&text, "VERSION_ID");
    // Debian writes its point release only here: `12.11`.
    let number = match platform.as_deref() {
        Some("debian") => machine
            .files
            .word("/etc/debian_version")
            .filter(|point| part(Some(point), 0).is_some())
            .or(number),
        _ => number,
    };
    let columns = [
        "name", "version", "major", "minor", "platform", "codename", "arch",
    ];
    let mut rows = FactRows::new("os_version", &columns);
    rows.rows.push(vec![
        value(&text, "NAME").into(),
        value(&text, "VERSION")
            .or_else(|| value(&text, "VERSION_ID"))
            .into(),
        part(number.as_deref(), 0).into(),
        part(number.as_deref(), 1).into(),
        platform.into(),
        value(&text, "VERSION_CODENAME").into(),
        machine.arch.clone().into(),
    ]);
    seen.record(rows);
}

fn system_info(machine: &Machine, seen: &mut Seen) {
    let files = &machine.files;
    for file in ["product_uuid", "product_serial"] {
        let path = format!("/sys/class/dmi/id/{file}");
        match files.text(&path) {
            Err(error @ (FileError::NeedsRoot | FileError::NotReadable)) => {
                seen.gap("system_info", error, path);
            }
            Ok(_) | Err(FileError::Missing) => {}
        }
    }
    let device_tree = files.word("/proc/device-tree/model");
    if !files.exists("/sys/class/dmi/id") && device_tree.is_none() {
        seen.gap("system_info", FileError::Missing, "/sys/class/dmi/id");
    }
    let columns = [
        "hostname",
        "uuid",
        "hardware_vendor",
        "hardware_model",
        "hardware_serial",
    ];
    let mut rows = FactRows::new("system_info", &columns);
    rows.rows.push(vec![
        hostname(machine).into(),
        files
            .word("/sys/class/dmi/id/product_uuid")
            .map(|uuid| uuid.to_lowercase())
            .into(),
        files.word("/sys/class/dmi/id/sys_vendor").into(),
        files
            .word("/sys/class/dmi/id/product_name")
            .or(device_tree)
            .into(),
        serial(machine).into(),
    ]);
    seen.record(rows);
}

/// A value of a file of shell assignments, without its quotes.
fn value(text: &str, key: &str) -> Option<String> {
    let value = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
    let value = value.trim();
    let bare = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// A part of a version of numbers and dots.
fn part(version: Option<&str>, index: usize) -> Option<i64> {
    version?.split('.').nth(index)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    #[test]
    fn a_debian_server_with_its_maker() {
        let release = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n\
             VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        let fake = Fake::new()
            .file("/etc/os-release", release)
            .file("/etc/debian_version", "12.11\n")
            .file("/proc/sys/kernel/hostname", "srv-01\n")
            .file("/sys/class/dmi/id/sys_vendor", "Fujitsu\n")
            .file("/sys/class/dmi/id/product_name", "PRIMERGY TX1330\n")
            .file("/sys/class/dmi/id/product_serial", "MABC001234\n")
            .file(
                "/sys/class/dmi/id/product_uuid",
                "4C4C4544-0042-3510-8051-B4C04F4A3732\n",
            );
        check(
            fake,
            expect![[r"
            os_version: name | version | major | minor | platform | codename | arch
              Debian GNU/Linux | 12 (bookworm) | 12 | 11 | debian | bookworm | x86_64
            system_info: hostname | uuid | hardware_vendor | hardware_model | hardware_serial
              srv-01 | 4c4c4544-0042-3510-8051-b4c04f4a3732 | Fujitsu | PRIMERGY TX1330 | MABC001234
        "]],
        );
    }

    #[test]
    fn a_machine_that_tells_little() {
        let fake = Fake::new()
            .file("/usr/lib/os-release", "ID='rolling'\nNAME=Rolling\n")
            .unreadable("/sys/class/dmi/id/product_uuid")
            .file(
                "/sys/class/dmi/id/product_serial",
                "To Be Filled By O.E.M.\n",
            );
        check(
            fake,
            expect![[r"
            os_version: name | version | major | minor | platform | codename | arch
              Rolling | - | - | - | rolling | - | x86_64
            system_info: hostname | uuid | hardware_vendor | hardware_model | hardware_serial
              - | - | - | - | -
            gap system_info: not_readable /sys/class/dmi/id/product_uuid
        "]],
        );
    }
}
