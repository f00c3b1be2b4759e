//! A request as a file for programs: what a vendor is asked, by whom and until when. The same request as
//! a page for people is made by `web`.

use sonae_domain::vendor_file::{DeviceAsked, REQUEST, RequestFile, VERSION};

use super::failure::Failure;
use super::labels;
use super::vendor_requests::RequestView;
use super::workspace::Workspace;

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
            format: REQUEST.to_owned(),
            version: VERSION,
            institution: self.institution.id.clone(),
            institution_name: self.institution.name.clone(),
            request: view.id.clone(),
            edition: view.request.edition.clone(),
            form: view.request.form.clone(),
            vendor: view.vendor.clone(),
            systems: view.systems.clone(),
            due_on: view.request.due_on,
            devices: devices
                .map(|(id, record)| DeviceAsked {
                    id,
                    name: record.name,
                    model: record.model,
                })
                .collect(),
        };
        let failed = |source| Failure::unexpected(labels::record_unreadable()).because(source);
        serde_json::to_vec_pretty(&file).map_err(failed)
    }
}
