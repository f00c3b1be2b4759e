//! Labels to stick on devices, with a code that leads to the device's page or says its id.

use jiff::civil::Date;
use sonae_domain::ids::AssetId;
use sonae_domain::labels::Language;
use sonae_report::{AssetLabel, LabelSheet, RenderError};
use sonae_store::AssetVersion;

use crate::usecase::failure::Failure;
use crate::usecase::form::render_failure;
use crate::usecase::labels;
use crate::usecase::workspace::Workspace;

/// The end of an id is random, its beginning the time: eight signs are enough to find a device by.
const SHORT_ID_CHARS: usize = 8;

impl Workspace {
    /// A sheet of labels as PDF. `address` is where a telephone reaches the pages; without one the
    /// code says the id.
    ///
    /// # Errors
    /// More devices than fit, or a mistake of ours.
    pub(crate) async fn asset_labels(
        &self,
        devices: Vec<AssetVersion>,
        address: Option<String>,
        language: Language,
    ) -> Result<Vec<u8>, Failure> {
        let (institution, today) = (self.institution.name.clone(), self.today);
        let rendered = tokio::task::spawn_blocking(move || {
            let codes: Vec<String> = devices
                .iter()
                .map(|device| code(&device.asset.id, address.as_deref()))
                .collect();
            sheet(&institution, &devices, &codes, language, today)
        });
        let rendered = rendered
            .await
            .map_err(|source| Failure::unexpected(labels::rendering_stopped()).because(source))?;
        rendered.map_err(render_failure)
    }
}

/// What the code of a device says.
fn code(id: &AssetId, address: Option<&str>) -> String {
    address.map_or_else(
        || id.to_string(),
        |address| format!("{address}/ledger/{id}"),
    )
}

fn sheet(
    institution: &str,
    devices: &[AssetVersion],
    codes: &[String],
    language: Language,
    today: Date,
) -> Result<Vec<u8>, RenderError> {
    let labels = devices.iter().zip(codes).map(|(device, code)| {
        let (id, record) = (device.asset.id.as_str(), &device.asset.record);
        let start = id.len().saturating_sub(SHORT_ID_CHARS);
        AssetLabel {
            name: &record.name,
            kind: record.kind,
            location: record.location.as_deref(),
            short_id: id.get(start..).unwrap_or(id),
            qr_text: code,
        }
    });
    sonae_report::asset_labels_pdf(&LabelSheet {
        institution,
        labels: labels.collect(),
        language,
        generated_on: today,
    })
}
