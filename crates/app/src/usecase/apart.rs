//! Work that would hold up everybody else: done on a thread of its own. A thread of the server only
//! ever waits, for the database or for such work. What the work is, is not known here.

use std::future::Future;

use tokio::runtime::Handle;

use super::failure::Failure;
use super::labels;

/// Runs heavy work on a thread of its own, so that other visitors need not wait for it.
///
/// # Errors
/// The work fails, or ended before its time.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let runtime = Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work)).await;
    done.map_err(|source| Failure::unexpected(labels::work_ended()).because(source))?
}
