//! How evidence is gathered: `data/collectors.toml`, and this program itself, which collects on
//! other Linux machines.

use std::fs::File;

use serde::Deserialize;
use sonae_domain::edition::Text;

use super::apart::apart;
use super::failure::Failure;
use super::files;
use super::workspace::Workspace;

/// One way to gather evidence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Collector {
    /// Names its place on the page.
    pub(crate) id: String,
    /// The readers that understand what comes out.
    pub(crate) formats: Vec<String>,
    pub(crate) title: Text,
    /// Who does it: the institution itself, or which vendor.
    pub(crate) who: Text,
    pub(crate) steps: Text,
    /// What is read, and what is not.
    pub(crate) reads: Text,
    pub(crate) skips: Text,
    #[serde(default, rename = "command")]
    pub(crate) commands: Vec<Command>,
}

/// Something to copy: a command, or the path of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Command {
    /// Where it is run or lies.
    pub(crate) place: Text,
    pub(crate) text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Collectors {
    collector: Vec<Collector>,
}

/// Reads `collectors.toml`.
///
/// # Errors
/// The text is not TOML of this shape.
pub(crate) fn from_toml(text: &str) -> Result<Vec<Collector>, toml::de::Error> {
    Ok(toml::from_str::<Collectors>(text)?.collector)
}

impl Workspace {
    /// This program, for other Linux machines of the same kind.
    ///
    /// # Errors
    /// It cannot be read, for instance because it was just replaced by a newer one.
    pub(crate) async fn program(&self) -> Result<File, Failure> {
        let path = self.reader_program.clone();
        apart(async move { files::open(&path) }).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::usecase::catalog::Catalog;
    use crate::usecase::import::formats;

    #[test]
    fn every_format_has_a_way_to_it_and_every_way_a_format() {
        let collectors = Catalog::load().unwrap().collectors;
        let told: BTreeSet<&str> = collectors
            .iter()
            .flat_map(|collector| collector.formats.iter().map(String::as_str))
            .collect();
        let read: BTreeSet<&str> = formats().map(|(format, _)| format).collect();
        assert_eq!(told, read);
    }
}
