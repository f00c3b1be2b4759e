//! How the product is called. The only place that knows its command line.

use std::path::{Path, PathBuf};

use super::measure::Call;

/// The clock of every run: a few hours after the generated collection.
const NOW: &str = "2026-11-21T09:00:00Z";

/// The built program.
pub(super) struct Sonae {
    pub(super) program: PathBuf,
}

impl Sonae {
    /// The least it can do with a data folder; makes the folder if there is none.
    pub(super) fn open(&self, data: &Path) -> Call {
        self.on(data).args(["institution", "show"])
    }

    pub(super) fn collect(&self, data: &Path, out: &Path) -> Call {
        self.on(data).args(["collect", "--out"]).path(out)
    }

    pub(super) fn import(&self, data: &Path, files: &[PathBuf]) -> Call {
        files
            .iter()
            .fold(self.on(data).args(["import"]), |call, file| call.path(file))
    }

    pub(super) fn judge(&self, data: &Path) -> Call {
        self.on(data).args(["judge", "--json"])
    }

    pub(super) fn form(&self, data: &Path, out: &Path) -> Call {
        self.on(data).args(["form", "--out"]).path(out)
    }

    pub(super) fn ledger(&self, data: &Path, out: &Path) -> Call {
        self.on(data).args(["ledger", "export", "--out"]).path(out)
    }

    pub(super) fn verify_history(&self, data: &Path) -> Call {
        self.on(data).args(["history", "verify"])
    }

    pub(super) fn answer(&self, data: &Path, item: &str) -> Call {
        self.on(data)
            .args(["answer", item, "yes", "--by", "benchmark"])
    }

    /// Which verifies what it built before it gives it out.
    pub(super) fn build_package(&self, data: &Path, out: &Path) -> Call {
        self.on(data).args(["package", "build", "--out"]).path(out)
    }

    pub(super) fn verify_package(&self, package: &Path) -> Call {
        Call::new(&self.program)
            .args(["package", "verify"])
            .path(package)
    }

    fn on(&self, data: &Path) -> Call {
        Call::new(&self.program)
            .args(["--now", NOW, "--data"])
            .path(data)
    }
}
