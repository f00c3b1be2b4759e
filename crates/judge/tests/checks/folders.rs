//! The data of the product, read from the working tree.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sonae_domain::control::Control;
use sonae_domain::fact::FactTable;
use sonae_judge::Check;

use crate::situation::Situation;

/// One folder of `data/checks/`.
pub(crate) struct Folder {
    pub(crate) id: String,
    path: PathBuf,
}

/// `data/`.
pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

/// Every check, in the order of their ids.
pub(crate) fn all() -> Vec<Folder> {
    let folders = entries(&data().join("checks")).into_iter();
    folders
        .map(|path| Folder {
            id: name(&path),
            path,
        })
        .collect()
}

/// Every fact table.
pub(crate) fn tables() -> &'static [FactTable] {
    static TABLES: LazyLock<Vec<FactTable>> = LazyLock::new(|| {
        let files = entries(&data().join("facts")).into_iter();
        files
            .map(|path| FactTable::from_toml(&text(&path)).expect("a fact table"))
            .collect()
    });
    &TABLES
}

/// Every control.
pub(crate) fn controls() -> Vec<Control> {
    let files = entries(&data().join("controls")).into_iter();
    files
        .map(|path| Control::from_toml(&text(&path)).expect("a control"))
        .collect()
}

impl Folder {
    pub(crate) fn check(&self) -> Check {
        let toml = text(&self.path.join("check.toml"));
        let sql = text(&self.path.join("check.sql"));
        Check::from_texts(&toml, &sql).unwrap_or_else(|error| {
            panic!("{}: {}", self.id, crate::report(&error));
        })
    }

    pub(crate) fn situations(&self) -> Vec<Situation> {
        let files = entries(&self.path.join("tests")).into_iter();
        files
            .map(|path| {
                let name = name(&path);
                let parts: Vec<&str> = name.split('.').collect();
                let [_, verdict, "toml"] = parts[..] else {
                    panic!("{}: {name}", self.id)
                };
                Situation::read(&format!("{}/{name}", self.id), verdict, &text(&path))
            })
            .collect()
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests read the data that the product embeds"
)]
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}
