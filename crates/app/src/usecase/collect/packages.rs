//! What software is installed: `deb_packages`, also on machines whose packages are RPMs.

use sonae_domain::fact::FactRows;

use super::machine::Machine;
use super::run::{Call, PATIENT};
use super::seen::Seen;

pub(super) const DPKG_STATUS: &str = "/var/lib/dpkg/status";

/// An installed package.
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    arch: Option<String>,
    status: String,
}

/// Records the installed packages.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    let packages = if machine.files.exists(DPKG_STATUS) {
        match machine.files.text(DPKG_STATUS) {
            Ok(text) => text.split("\n\n").filter_map(deb).collect(),
            Err(error) => return seen.gap("deb_packages", error, DPKG_STATUS),
        }
    } else {
        match rpms(machine, "%{NAME}\\t%{EVR}\\t%{SOURCERPM}\\t%{ARCH}\\n") {
            Ok(text) => text.lines().filter_map(rpm).collect(),
            Err(error) => return seen.gap("deb_packages", error, "dpkg, rpm"),
        }
    };
    record(packages, seen);
}

/// What the RPM database says about each installed package, in a form of our choice.
pub(super) fn rpms(machine: &Machine, form: &str) -> Result<String, super::run::RunError> {
    let arguments = ["-qa", "--qf", form];
    let call = Call {
        program: "rpm",
        arguments: &arguments,
        limit: PATIENT,
        first_line_only: false,
    };
    machine.commands.run(call)?.success()
}

fn record(mut packages: Vec<Package>, seen: &mut Seen) {
    packages.sort_by(|a, b| (&a.name, &a.version, &a.arch).cmp(&(&b.name, &b.version, &b.arch)));
    let columns = ["name", "version", "source", "arch", "status"];
    let mut rows = FactRows::new("deb_packages", &columns);
    for package in packages {
        rows.rows.push(vec![
            package.name.into(),
            package.version.into(),
            package.source.into(),
            package.arch.into(),
            package.status.into(),
        ]);
    }
    seen.record(rows);
}

/// A stanza of dpkg's database; nothing when only its configuration is left.
fn deb(stanza: &str) -> Option<Package> {
    let value = |key: &str| {
        stanza
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
            .map(str::trim)
    };
    let name = value("Package")?;
    let status = value("Status")?;
    if status.ends_with("not-installed") || status.ends_with("config-files") {
        return None;
    }
    // `Source: glibc (2.36-9)`; without the line the source has the package's name.
    let source = value("Source").and_then(|source| source.split_whitespace().next());
    Some(Package {
        name: name.to_owned(),
        version: value("Version")?.to_owned(),
        source: Some(source.unwrap_or(name).to_owned()),
        arch: value("Architecture").map(str::to_owned),
        status: status.to_owned(),
    })
}

/// `bash  5.2.26-3.el10  bash-5.2.26-3.el10.src.rpm  x86_64`.
fn rpm(line: &str) -> Option<Package> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, version, source, arch] = fields[..] else {
        return None;
    };
    // A source file is named `<name>-<version>-<release>.src.rpm`.
    let source = source.rsplitn(3, '-').nth(2);
    Some(Package {
        name: name.to_owned(),
        version: version.to_owned(),
        source: source.map(str::to_owned),
        arch: (arch != "(none)").then(|| arch.to_owned()),
        status: "installed".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    #[test]
    fn packages_of_both_kinds() {
        let status = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n\
            Source: glibc (2.36-9)\nVersion: 2.36-9+deb12u10\nDescription: GNU C Library\n more\n\n\
            Package: old\nStatus: deinstall ok config-files\nVersion: 1\n\n\
            Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2\n";
        check(
            Fake::new().file("/var/lib/dpkg/status", status),
            expect![[r#"
                deb_packages: name | version | source | arch | status
                  bash | 5.2.15-2 | bash | amd64 | install ok installed
                  libc6 | 2.36-9+deb12u10 | glibc | amd64 | install ok installed
            "#]],
        );
        let answer = "openssl\t1:3.2.2-16.el10\topenssl-3.2.2-16.el10.src.rpm\tx86_64\n\
            gpg-pubkey\t8d8b756f-62e7fcb7\t(none)\t(none)\n";
        check(
            Fake::new().program("rpm -qa", 0, answer),
            expect![[r#"
            deb_packages: name | version | source | arch | status
              gpg-pubkey | 8d8b756f-62e7fcb7 | - | - | installed
              openssl | 1:3.2.2-16.el10 | openssl | x86_64 | installed
        "#]],
        );
        check(
            Fake::new(),
            expect![[r#"
            gap deb_packages: tool_missing dpkg, rpm
        "#]],
        );
    }
}
