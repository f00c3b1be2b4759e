//! The ledger as a whole: one device with its history, and export to files that re-import.

mod detail;
mod edit;
mod import;
mod list;
mod sheet;
mod twins;

use std::path::Path;

use serde::de::DeserializeOwned;
use sonae_domain::ids::AssetId;
use sonae_domain::labels::{Label, Language};
use sonae_domain::ledger::{Asset, AssetKind, AssetRecord, RemoteMaintenance};
use sonae_ingest::identity;
pub(crate) use sonae_report::CsvEncoding;
use sonae_report::LedgerSheet;
use sonae_store::AssetChange;
pub(crate) use sonae_store::AssetVersion;

use super::failure::Failure;
use super::files;
use super::form::render_failure;
use super::labels;
use super::reader_process::FILE_BYTES_MAX;
use super::workspace::{Workspace, store_failure};

pub(crate) use super::import::Recorded;
pub(crate) use detail::{AssetDetail, AssetVerdict};
pub(crate) use edit::{AssetSaved, Clash, TypedAsset};
pub(crate) use import::{DryRun, LedgerImport, PlanKind, PlanLine};
pub(crate) use list::{LedgerList, LedgerQuery};
pub(crate) use sonae_domain::ledger::{AssetField, FieldChange};
pub(crate) use twins::{Stranger, Twins};

impl Workspace {
    /// The device that a user means: by id or its beginning, name, serial number or address.
    ///
    /// # Errors
    /// No such device, several, or the store fails.
    pub(crate) async fn asset(&self, typed: &str) -> Result<Asset, Failure> {
        let ledger = self.ledger().await?;
        let mut found: Vec<&Asset> = ledger
            .iter()
            .map(|(asset, _)| asset)
            .filter(|asset| is_meant(asset, typed))
            .collect();
        match found[..] {
            [] => Err(Failure::refused(labels::unknown_asset(typed))),
            [asset] => Ok(asset.clone()),
            _ => {
                found.truncate(5);
                let ids = found.iter().map(|asset| asset.id.as_str());
                Err(Failure::refused(labels::ambiguous_asset(typed, ids)))
            }
        }
    }

    /// Every state of a device, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn asset_history(
        &self,
        asset: &AssetId,
    ) -> Result<Vec<AssetVersion>, Failure> {
        let institution = &self.institution.id;
        self.store
            .asset_history(institution, asset)
            .await
            .map_err(store_failure)
    }

    /// Takes a device out of the ledger. Its history stays.
    ///
    /// # Errors
    /// No such device, or the store fails.
    pub(crate) async fn retire_asset(&self, typed: &str, by: &str) -> Result<Asset, Failure> {
        let asset = self.asset(typed).await?;
        let change = AssetChange {
            asset: asset.clone(),
            evidence: None,
            retired: true,
        };
        self.store
            .save_assets(&self.institution.id, &[change], by, self.now)
            .await
            .map_err(store_failure)?;
        Ok(asset)
    }

    /// Writes the ledger as `.csv`, `.xlsx` or `.pdf`, whole or not at all. Returns the number of
    /// devices.
    ///
    /// # Errors
    /// Another ending, a character that the encoding lacks, or the file cannot be written.
    pub(crate) async fn export_ledger(
        &self,
        out: &Path,
        encoding: CsvEncoding,
    ) -> Result<usize, Failure> {
        let format = match out.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => LedgerFormat::Csv(encoding),
            Some("xlsx") => LedgerFormat::Xlsx,
            Some("pdf") => LedgerFormat::Pdf,
            _ => {
                return Err(Failure::refused(labels::unknown_output(
                    out,
                    ".csv, .xlsx, .pdf",
                )));
            }
        };
        let (bytes, n_assets) = self.ledger_file(format, true).await?;
        files::write_whole(out, &bytes)?;
        Ok(n_assets)
    }

    /// The ledger as a file, with or without what tells of the network, and the number of devices in it.
    ///
    /// # Errors
    /// A character that the encoding lacks, more devices than fit on paper, or the store fails.
    pub(crate) async fn ledger_file(
        &self,
        format: LedgerFormat,
        network_details: bool,
    ) -> Result<(Vec<u8>, usize), Failure> {
        let ledger = self.ledger().await?.into_iter();
        let assets: Vec<Asset> = ledger.map(|(asset, _)| asset).collect();
        let n_assets = assets.len();
        let (institution, today) = (self.institution.name.clone(), self.today);
        // Laying out thousands of rows takes seconds; others are served meanwhile.
        let rendered = tokio::task::spawn_blocking(move || {
            let sheet = LedgerSheet {
                institution: &institution,
                assets: &assets,
                generated_on: today,
                network_details,
            };
            match format {
                LedgerFormat::Csv(encoding) => sonae_report::ledger_csv(&sheet, encoding),
                LedgerFormat::Xlsx => sonae_report::ledger_xlsx(&sheet),
                LedgerFormat::Pdf => sonae_report::ledger_pdf(&sheet),
            }
        });
        let rendered = rendered
            .await
            .map_err(|source| Failure::unexpected(labels::rendering_stopped()).because(source))?;
        Ok((rendered.map_err(render_failure)?, n_assets))
    }
}

/// A form with a file: the file's limit, and 64 KiB for the fields around it.
pub(crate) const UPLOAD_BYTES_MAX: usize = FILE_BYTES_MAX as usize + 64 * 1024;

/// As what the ledger is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LedgerFormat {
    Csv(CsvEncoding),
    Xlsx,
    Pdf,
}

/// The word by which forms and addresses name a field: `support_ends_on`.
pub(crate) fn field_word(field: AssetField) -> &'static str {
    match field {
        AssetField::Kind => "kind",
        AssetField::Name => "name",
        AssetField::Location => "location",
        AssetField::Usability => "usability",
        AssetField::System => "system",
        AssetField::Vendor => "vendor",
        AssetField::Maker => "maker",
        AssetField::Model => "model",
        AssetField::Serial => "serial",
        AssetField::Macs => "macs",
        AssetField::Ips => "ips",
        AssetField::DirectoryId => "directory_id",
        AssetField::Os => "os",
        AssetField::OsVersion => "os_version",
        AssetField::RemoteMaintenance => "remote_maintenance",
        AssetField::Owner => "owner",
        AssetField::AcquiredOn => "acquired_on",
        AssetField::SupportEndsOn => "support_ends_on",
        AssetField::Note => "note",
    }
}

/// What a field is called.
pub(crate) fn field_title(field: AssetField, language: Language) -> String {
    sonae_ingest::ledger::field_text(field)
        .get(language)
        .to_owned()
}

/// A field as people read it; none where nothing is known.
pub(crate) fn shown(record: &AssetRecord, field: AssetField, language: Language) -> Option<String> {
    Some(shown_text(field, &record.text_of(field)?, language))
}

/// The text of a field as people read it.
pub(crate) fn shown_text(field: AssetField, text: &str, language: Language) -> String {
    let label = match field {
        AssetField::Kind => of_word::<AssetKind>(text).map(|kind| kind.label(language)),
        AssetField::RemoteMaintenance => {
            of_word::<RemoteMaintenance>(text).map(|said| said.label(language))
        }
        _ => None,
    };
    label.unwrap_or(text).to_owned()
}

/// The value that a word stands for in facts and forms.
pub(crate) fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

/// The fields of a device that are known, with their names.
pub(crate) fn fields(
    record: &AssetRecord,
    language: Language,
) -> impl Iterator<Item = (String, String)> + '_ {
    let fields = AssetField::ALL.into_iter();
    fields.filter_map(move |field| {
        let value = shown(record, field, language)?;
        Some((field_title(field, language), value))
    })
}

/// Shorter beginnings of ids belong to many devices.
const ID_CHARS_MIN: usize = 8;

fn is_meant(asset: &Asset, typed: &str) -> bool {
    let (id, record) = (asset.id.as_str(), &asset.record);
    let address = identity::mac(typed).or_else(|| identity::ip(typed));
    let has_address = address
        .is_some_and(|address| record.macs.contains(&address) || record.ips.contains(&address));
    id == typed
        || (typed.len() >= ID_CHARS_MIN && id.starts_with(typed))
        || record.name == typed
        || record.serial.as_deref() == Some(typed)
        || has_address
}
