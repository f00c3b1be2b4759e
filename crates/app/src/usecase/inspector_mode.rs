//! What an inspector does with Sonae beside verifying a package: a key, and signed remarks. It works on
//! files alone; no institution, no database and no network is known here.

use std::path::Path;

use sonae_domain::inspection::{REMARK_FILE_BYTES_MAX, RemarkFile};
use sonae_domain::signed::{self, PublicKey, Purpose};

use super::failure::Failure;
use super::installation::Settings;
use super::key_file::KeyFile;
use super::{files, labels};

/// In the data folder, unless the inspector says another file.
const KEY_FILE: &str = "inspector.key";

/// The inspector's key, in a file of its own or in the data folder; it need not be there yet.
pub(crate) fn key_file(settings: &Settings, key: Option<&Path>) -> KeyFile {
    let path = key.map_or_else(|| settings.data.join(KEY_FILE), Path::to_path_buf);
    KeyFile::at(path, labels::no_inspector_key)
}

/// Signs remarks that the page of a package saved.
///
/// # Errors
/// They are none, are signed already, or there is no key.
pub(crate) fn sign(key: &KeyFile, remarks: &Path, out: &Path) -> Result<PublicKey, Failure> {
    let (bytes, _) = files::read_limited(remarks, REMARK_FILE_BYTES_MAX as u64)?;
    if signed::is_signed(&bytes) {
        return Err(Failure::refused(labels::signed_already(remarks)));
    }
    let refused = |error| Failure::refused(labels::not_remarks(remarks)).because(error);
    let file = RemarkFile::read(&bytes).map_err(refused)?;
    let unwritten = |source| Failure::unexpected(labels::record_unreadable()).because(source);
    let body = serde_json::to_string(&file).map_err(unwritten)?;
    key.sign(Purpose::InspectorRemarks, &body, out)
}
