//! A request as a file for programs: what a vendor is asked, by whom and until when. The same request as
//! a page for people is made by `web`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::labels;
use super::vendor_requests::RequestView;
use super::workspace::Workspace;

/// What such a file says that it is.
const FORMAT: &str = "sonae-vendor-request";

/// The only way in which such a file was ever written.
const VERSION: u32 = 1;

/// A request with every device that it asks about; see `docs/reference/vendor-files.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestFile {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) institution: String,
    pub(crate) institution_name: String,
    pub(crate) request: String,
    pub(crate) edition: String,
    pub(crate) form: String,
    pub(crate) vendor: String,
    pub(crate) systems: Vec<String>,
    pub(crate) due_on: Date,
    pub(crate) devices: Vec<DeviceAsked>,
}

/// A device that the vendor may maintain from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceAsked {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) model: Option<String>,
}

impl RequestFile {
    /// Reads the file; none if it is another one.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let file: Self = serde_json::from_slice(bytes).ok()?;
        (file.format == FORMAT && file.version == VERSION).then_some(file)
    }
}

impl Workspace {
    /// A request as a file.
    ///
    /// # Errors
    /// It takes no answer any more, the edition is gone, or the store fails.
    pub(crate) async fn request_file(&self, view: &RequestView) -> Result<Vec<u8>, Failure> {
        if let Some(why) = view.closed() {
            return Err(Failure::refused(labels::answer_not_taken(why)));
        }
        let devices = self.questions(view).await?.devices.into_iter();
        let file = RequestFile {
            format: FORMAT.to_owned(),
            version: VERSION,
            institution: self.institution.id.to_string(),
            institution_name: self.institution.name.clone(),
            request: view.id.to_string(),
            edition: view.request.edition.to_string(),
            form: view.request.form.to_string(),
            vendor: view.vendor.clone(),
            systems: view.systems.clone(),
            due_on: view.request.due_on,
            devices: devices
                .map(|(id, record)| DeviceAsked {
                    id: id.to_string(),
                    name: record.name,
                    model: record.model,
                })
                .collect(),
        };
        let failed = |source| Failure::unexpected(labels::record_unreadable()).because(source);
        serde_json::to_vec_pretty(&file).map_err(failed)
    }
}
