//! The inspection package: made of one state of an institution, read again before it is called done, and
//! verified without a database. The format is that of `docs/reference/package.md`.

mod build;
#[cfg(test)]
mod canaries;
pub(crate) mod contents;
mod enclosures;
mod opened;
mod page;
mod reading;
mod remark_page;
mod rows;
mod state;
#[cfg(test)]
mod trial;
mod vendors;
mod verify;

use std::path::Path;

use sonae_domain::edition::Text;
use sonae_domain::package::archive;

use super::failure::Failure;
use super::{files, labels};

pub(crate) use contents::Unreadable;
pub(crate) use enclosures::{EnclosedDocuments, Enclosures};
pub(crate) use opened::{KeptByHash, Opened};
pub(crate) use reading::RowRead;
pub(crate) use rows::RowsCompared;
pub(crate) use verify::{Untrusted, Verified};

/// Who wrote a package.
const PROGRAM: &str = concat!("sonae ", env!("CARGO_PKG_VERSION"));

/// What was found out about a file that somebody handed over.
pub(crate) enum Finding {
    /// It may be trusted.
    Trusted(Box<Verified>),
    /// Why not.
    Untrusted(Text),
}

/// Verifies a file; `key` is the verifier key that somebody holds.
///
/// # Errors
/// The file cannot be read.
pub(crate) async fn verify_file(path: &Path, key: Option<&str>) -> Result<Finding, Failure> {
    let (bytes, _) = files::read_limited(path, archive::BYTES_MAX as u64)?;
    Ok(match verify::verify(&bytes, key).await {
        Ok(verified) => Finding::Trusted(Box::new(verified)),
        Err(error) => {
            tracing::debug!("{error:?}");
            Finding::Untrusted(labels::package_untrusted(&error))
        }
    })
}
