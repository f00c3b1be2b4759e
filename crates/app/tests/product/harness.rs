//! Runs the program on a data folder of its own, at a fixed instant, and shows what it said.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// 2026-11-21 12:00 in Japan.
pub(crate) const NOW: &str = "2026-11-21T03:00:00Z";

/// The program with a data folder and a working folder of its own.
pub(crate) struct Sonae {
    folder: TempDir,
    database: Option<String>,
    now: String,
}

/// What the program said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Sonae {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            folder,
            database: None,
            now: NOW.to_owned(),
        }
    }

    pub(crate) fn on_database(address: &str) -> Self {
        Self {
            database: Some(address.to_owned()),
            ..Self::new()
        }
    }

    /// The same installation at another instant.
    pub(crate) fn at(&mut self, now: &str) {
        self.now = now.to_owned();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the data folder and returns its path as text.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        write(&path, bytes.as_ref());
        path.to_string_lossy().into_owned()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sonae"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.folder.path())
            .arg("--data")
            .arg(self.path("data"))
            .args(["--now", &self.now])
            .args(args)
            .stdin(Stdio::null());
        if let Some(address) = &self.database {
            command.args(["--database", address]);
        }
        command
    }

    /// Runs the program inside another one that changes its surroundings.
    pub(crate) fn run_in(&self, around: &[&str], args: &[&str]) -> Said {
        let inner = self.command(args);
        let (program, around_args) = around.split_first().expect("a program");
        let mut command = Command::new(program);
        command
            .args(around_args)
            .arg(inner.get_program())
            .args(inner.get_args())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        self.said(command.output().expect("the surrounding program runs"))
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.said(self.command(args).output().expect("the program runs"))
    }

    /// Runs what must succeed, and returns what it said.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}\n{}\n{}", said.out, said.err);
        said.out
    }

    /// What a successful run prints, with its ids.
    pub(crate) fn run_raw(&self, args: &[&str]) -> String {
        let output = self.command(args).output().expect("the program runs");
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn said(&self, output: Output) -> Said {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("UTF-8");
            without_ids(&text.replace(&folder, "FOLDER"))
        };
        Said {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Said {
    /// Exit code, standard output and standard error in one text.
    pub(crate) fn all(&self) -> String {
        let lines = |text: &str| {
            text.lines()
                .map(|line| format!("{}\n", line.trim_end()))
                .collect::<String>()
        };
        format!(
            "exit {}\n{}{}",
            self.code,
            lines(&self.out),
            lines(&self.err)
        )
    }
}

/// Ids differ from run to run; what is between does not.
fn without_ids(text: &str) -> String {
    let is_id = |at: usize| {
        text.get(at..at + 36).is_some_and(|id| {
            id.bytes().enumerate().all(|(i, byte)| match i {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
        })
    };
    let mut out = String::new();
    let mut skip_to = 0;
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        if is_id(at) {
            out.push_str("ID");
            skip_to = at + 36;
        } else {
            out.push(c);
        }
    }
    out
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests make files for the program to read"
)]
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("a writable temporary folder");
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests look at files that the program wrote"
)]
pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of `fixtures/`.
pub(crate) fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name)
        .to_string_lossy()
        .into_owned()
}
