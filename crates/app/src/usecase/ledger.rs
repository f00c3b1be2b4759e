//! The ledger as a whole: one device with its history, and export to files that re-import.

use std::path::Path;

use sonae_domain::ids::AssetId;
use sonae_domain::labels::{Label, Language};
use sonae_domain::ledger::{Asset, AssetField, AssetRecord};
use sonae_ingest::identity;
pub(crate) use sonae_report::CsvEncoding;
use sonae_report::LedgerSheet;
use sonae_store::{AssetChange, AssetVersion};

use super::failure::Failure;
use super::files;
use super::form::render_failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

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
        let assets: Vec<Asset> = self
            .ledger()
            .await?
            .into_iter()
            .map(|(asset, _)| asset)
            .collect();
        let sheet = LedgerSheet {
            institution: &self.institution.name,
            assets: &assets,
            generated_on: self.today,
        };
        let bytes = match out.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => sonae_report::ledger_csv(&sheet, encoding),
            Some("xlsx") => sonae_report::ledger_xlsx(&sheet),
            Some("pdf") => sonae_report::ledger_pdf(&sheet),
            _ => {
                return Err(Failure::refused(labels::unknown_output(
                    out,
                    ".csv, .xlsx, .pdf",
                )));
            }
        };
        files::write_whole(out, &bytes.map_err(render_failure)?)?;
        Ok(assets.len())
    }
}

/// The fields of a device that are known, with their names.
pub(crate) fn fields(
    record: &AssetRecord,
    language: Language,
) -> impl Iterator<Item = (String, String)> + '_ {
    AssetField::ALL.into_iter().filter_map(move |field| {
        let value = match field {
            AssetField::Kind => record.kind.label(language).to_owned(),
            AssetField::RemoteMaintenance => record.remote_maintenance.label(language).to_owned(),
            _ => record.text_of(field)?,
        };
        let name = sonae_ingest::ledger::field_text(field);
        Some((name.get(language).to_owned(), value))
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
