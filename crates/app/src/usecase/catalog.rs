//! Everything that ships as data: editions, controls, checks, fact tables and the glossary.
//! Read from the binary, never from the working directory.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use sonae_domain::control::Control;
use sonae_domain::edition::{
    Edition, EditionStatus, Item, OfficialFile, OfficialFiles, SourceDocument,
};
use sonae_domain::fact::FactTable;
use sonae_domain::glossary::Glossary;
use sonae_domain::ids::{CheckId, ControlId, EditionId};
use sonae_judge::{Check, ProductSupport};

use super::collectors::{self, Collector};
use super::presets::{Prefecture, Prefectures, SystemPreset, SystemPresets};

#[derive(RustEmbed)]
#[folder = "../../data"]
#[include = "*.toml"]
#[include = "*.sql"]
#[exclude = "checks/*/tests/*"]
struct Data;

/// All shipped data, read and checked once at the start.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// By id, the oldest first.
    pub(crate) editions: BTreeMap<EditionId, Edition>,
    /// By id.
    pub(crate) controls: BTreeMap<ControlId, Control>,
    /// By id.
    pub(crate) checks: BTreeMap<CheckId, Check>,
    /// In the order of their names.
    pub(crate) tables: Vec<FactTable>,
    /// The one dictionary.
    pub(crate) glossary: Glossary,
    /// How evidence is gathered, in the order of the page.
    pub(crate) collectors: Vec<Collector>,
    /// Official files of editions that do not ship, to recognise them by.
    pub(crate) official_files: Vec<OfficialFile>,
    /// 都道府県, in the official order.
    pub(crate) prefectures: Vec<Prefecture>,
    /// Systems in common use, to choose from.
    pub(crate) systems: Vec<SystemPreset>,
    /// Facts that ship with the program: ends of support.
    pub(crate) product_support: ProductSupport,
}

/// A shipped file that cannot be read: a mistake of ours, found by the first test that starts.
#[derive(Debug, thiserror::Error)]
#[error("shipped file {file}: {why}")]
pub(crate) struct CatalogError {
    file: String,
    why: String,
}

impl Catalog {
    /// Reads all shipped data.
    ///
    /// # Errors
    /// A shipped file does not follow its format.
    pub(crate) fn load() -> Result<Self, CatalogError> {
        Ok(Self {
            editions: editions()?,
            controls: controls()?,
            checks: checks()?,
            tables: tables()?,
            glossary: parsed("glossary.toml", Glossary::from_toml)?,
            collectors: parsed("collectors.toml", collectors::from_toml)?,
            official_files: parsed("official_files.toml", |text| {
                toml::from_str::<OfficialFiles>(text)
            })?
            .files,
            prefectures: parsed("prefectures.toml", |text| {
                toml::from_str::<Prefectures>(text)
            })?
            .prefecture,
            systems: parsed("systems.toml", |text| toml::from_str::<SystemPresets>(text))?.system,
            product_support: parsed("product_support.toml", ProductSupport::from_toml)?,
        })
    }

    /// The newest edition that a person may answer.
    pub(crate) fn newest_edition(&self) -> Option<&Edition> {
        self.editions
            .values()
            .rev()
            .find(|edition| edition.head.status != EditionStatus::Draft)
    }

    /// The controls behind a row of an edition.
    pub(crate) fn controls_of(&self, edition: &Edition, item: &Item) -> Vec<&Control> {
        edition
            .controls_of(&item.id)
            .filter_map(|id| self.controls.get(id))
            .collect()
    }

    /// The official file that has these bytes, known by their hash.
    pub(crate) fn official_file(&self, document: &SourceDocument) -> Option<&OfficialFile> {
        let sha256 = document.sha256.as_ref()?;
        self.official_files
            .iter()
            .find(|file| file.sha256 == *sha256)
    }

    /// The fact table of a name.
    pub(crate) fn table(&self, name: &str) -> Option<&FactTable> {
        self.tables.iter().find(|table| table.table == name)
    }
}

/// `check.toml` and `check.sql` of a check, as they ship.
///
/// # Errors
/// There is no such check.
pub(crate) fn check_texts(id: &CheckId) -> Result<(String, String), CatalogError> {
    let file = |name: &str| text(&format!("checks/{id}/{name}"));
    Ok((file("check.toml")?, file("check.sql")?))
}

fn editions() -> Result<BTreeMap<EditionId, Edition>, CatalogError> {
    let mut editions = BTreeMap::new();
    for name in names("editions/", "/edition.toml") {
        let file = |part: &str| text(&format!("editions/{name}/{part}"));
        let edition = Edition::from_toml(
            &file("edition.toml")?,
            &file("items.toml")?,
            &file("mapping.toml")?,
        )
        .map_err(|source| error(&format!("editions/{name}"), &source))?;
        editions.insert(edition.head.id.clone(), edition);
    }
    Ok(editions)
}

fn controls() -> Result<BTreeMap<ControlId, Control>, CatalogError> {
    let mut controls = BTreeMap::new();
    for name in names("controls/", ".toml") {
        let control = parsed(&format!("controls/{name}.toml"), Control::from_toml)?;
        controls.insert(control.id.clone(), control);
    }
    Ok(controls)
}

fn checks() -> Result<BTreeMap<CheckId, Check>, CatalogError> {
    let mut checks = BTreeMap::new();
    for name in names("checks/", "/check.toml") {
        let sql = text(&format!("checks/{name}/check.sql"))?;
        let check = parsed(&format!("checks/{name}/check.toml"), |toml| {
            Check::from_texts(toml, &sql)
        })?;
        checks.insert(check.head().id.clone(), check);
    }
    Ok(checks)
}

fn tables() -> Result<Vec<FactTable>, CatalogError> {
    names("facts/", ".toml")
        .iter()
        .map(|name| parsed(&format!("facts/{name}.toml"), FactTable::from_toml))
        .collect()
}

/// What stands between a folder and an ending, for each shipped file that has both.
fn names(folder: &str, ending: &str) -> Vec<String> {
    let mut names: Vec<String> = Data::iter()
        .filter_map(|path| Some(path.strip_prefix(folder)?.strip_suffix(ending)?.to_owned()))
        .filter(|name| !name.contains('/'))
        .collect();
    names.sort_unstable();
    names
}

fn parsed<T, E: std::error::Error>(
    file: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, CatalogError> {
    parse(&text(file)?).map_err(|source| error(file, &source))
}

fn text(file: &str) -> Result<String, CatalogError> {
    let missing = || CatalogError {
        file: file.to_owned(),
        why: "not there".to_owned(),
    };
    let data = Data::get(file).ok_or_else(missing)?;
    String::from_utf8(data.data.into_owned()).map_err(|source| error(file, &source))
}

fn error(file: &str, source: &dyn std::error::Error) -> CatalogError {
    let mut why = source.to_string();
    let mut cause = source.source();
    while let Some(source) = cause {
        why.push_str(": ");
        why.push_str(&source.to_string());
        cause = source.source();
    }
    CatalogError {
        file: file.to_owned(),
        why,
    }
}
