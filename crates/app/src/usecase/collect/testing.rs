//! A made-up machine for the tests of the parts: files in a temporary folder, canned programs.
#![expect(
    clippy::disallowed_methods,
    reason = "tests build the machine that is read"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, SystemTime};

use sonae_domain::fact::{FactRows, FactValue};
use tempfile::TempDir;

use super::files::Files;
use super::machine::{InterfaceAddress, Machine};
use super::run::{Call, Commands, Output, RunError};
use super::seen::Seen;

/// A machine under construction.
pub(super) struct Fake {
    folder: TempDir,
    programs: Canned,
    as_root: bool,
    addresses: Option<Vec<InterfaceAddress>>,
}

/// What programs answer, by the beginning of the command line.
#[derive(Debug, Clone, Default)]
struct Canned(BTreeMap<String, Result<Output, RunError>>);

impl Commands for Canned {
    fn run(&self, call: Call<'_>) -> Result<Output, RunError> {
        let line = format!("{} {}", call.program, call.arguments.join(" "));
        // The longest beginning is the last in order.
        let known = self
            .0
            .iter()
            .rev()
            .find(|(beginning, _)| line.starts_with(beginning.as_str()));
        let output = known.map_or(Err(RunError::Missing), |(_, answer)| answer.clone())?;
        if !call.first_line_only {
            return Ok(output);
        }
        let first = output.text.lines().next().unwrap_or_default().to_owned();
        Ok(Output {
            code: None,
            text: first,
        })
    }
}

impl Fake {
    /// An empty machine, looked at by its administrator.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            programs: Canned::default(),
            as_root: true,
            addresses: Some(Vec::new()),
        }
    }

    pub(super) fn by_plain_user(mut self) -> Self {
        self.as_root = false;
        self
    }

    pub(super) fn file(self, path: &str, text: &str) -> Self {
        self.bytes(path, text.as_bytes())
    }

    pub(super) fn bytes(self, path: &str, bytes: &[u8]) -> Self {
        let place = self.folder.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
        self
    }

    /// Nobody can read it: opening a folder as a file fails for every user.
    pub(super) fn unreadable(self, path: &str) -> Self {
        self.file(&format!("{path}/inside"), "")
    }

    pub(super) fn link(self, path: &str, target: &str) -> Self {
        let place = self.folder.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, place).unwrap();
        self
    }

    /// Sets when a file was last changed, in seconds since 1970.
    pub(super) fn changed(self, path: &str, seconds: u64) -> Self {
        let place = self.folder.path().join(path.trim_start_matches('/'));
        let file = fs::File::open(place).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .unwrap();
        self
    }

    pub(super) fn program(mut self, beginning: &str, code: i32, text: &str) -> Self {
        let output = Output {
            code: Some(code),
            text: text.to_owned(),
        };
        self.programs.0.insert(beginning.to_owned(), Ok(output));
        self
    }

    pub(super) fn failing(mut self, beginning: &str, error: RunError) -> Self {
        self.programs.0.insert(beginning.to_owned(), Err(error));
        self
    }

    pub(super) fn address(mut self, interface: &str, address: &str, mask: &str) -> Self {
        let address = InterfaceAddress {
            interface: interface.to_owned(),
            address: address.parse().unwrap(),
            mask: Some(mask.parse().unwrap()),
        };
        self.addresses.get_or_insert_default().push(address);
        self
    }

    pub(super) fn machine(&self) -> Machine {
        Machine {
            files: Files::new(self.folder.path(), self.as_root),
            commands: Box::new(self.programs.clone()),
            as_root: self.as_root,
            arch: Some("x86_64".to_owned()),
            addresses: self.addresses.clone(),
        }
    }
}

/// Runs one part on a made-up machine and compares everything that it saw.
pub(super) fn check_part(part: fn(&Machine, &mut Seen), fake: Fake, expected: expect_test::Expect) {
    let mut seen = Seen::default();
    part(&fake.machine(), &mut seen);
    expected.assert_eq(&shown(&seen));
}

/// Tables and gaps as a person reads them; `-` is null.
pub(super) fn shown(seen: &Seen) -> String {
    let mut text = String::new();
    for table in &seen.tables {
        show(table, &mut text);
    }
    for gap in &seen.gaps {
        writeln!(
            text,
            "gap {}: {} {}",
            gap.table,
            gap.code.as_str(),
            gap.detail
        )
        .unwrap();
    }
    text
}

fn show(table: &FactRows, text: &mut String) {
    writeln!(text, "{}: {}", table.table, table.columns.join(" | ")).unwrap();
    for row in &table.rows {
        let cells: Vec<String> = row
            .iter()
            .map(|value| match value {
                FactValue::Null => "-".to_owned(),
                FactValue::Integer(number) => number.to_string(),
                FactValue::Text(words) if words.is_empty() => "\"\"".to_owned(),
                FactValue::Text(words) => words.clone(),
            })
            .collect();
        writeln!(text, "  {}", cells.join(" | ")).unwrap();
    }
}
