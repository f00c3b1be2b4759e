//! The ledger as a whole: one device with its history, and export to files that re-import.

use std::path::Path;

use sonae_domain::ledger::Asset;
pub(crate) use sonae_report::CsvEncoding;
use sonae_report::LedgerSheet;
use sonae_store::AssetVersion;

use super::failure::Failure;
use super::files;
use super::form::render_failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

impl Workspace {
    /// Every state of the device with this id or name, the oldest first.
    ///
    /// # Errors
    /// No such device, or the store fails.
    pub(crate) async fn asset_history(&self, typed: &str) -> Result<Vec<AssetVersion>, Failure> {
        let ledger = self.ledger().await?;
        let found = ledger
            .iter()
            .find(|(asset, _)| asset.id.as_str() == typed)
            .or_else(|| ledger.iter().find(|(asset, _)| asset.record.name == typed))
            .ok_or_else(|| Failure::refused(labels::unknown_asset(typed)))?;
        self.store
            .asset_history(&self.institution.id, &found.0.id)
            .await
            .map_err(store_failure)
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
