//! Tokens, codes and passwords: made at random, kept only as hashes, compared in constant time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::labels;

/// 256 random bits: nobody guesses one.
const TOKEN_BYTES: usize = 32;

/// A new token as it goes into a cookie or a link.
pub(crate) fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; TOKEN_BYTES]>())
}

/// What is kept of a token. A token is random, so that a fast hash is enough.
pub(crate) fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What is kept of a password, made slowly on purpose: argon2id, 19 MiB, two passes.
///
/// # Errors
/// The system gives no randomness.
pub(crate) async fn password_hash(password: String) -> Result<String, Failure> {
    slowly(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string())
            .map_err(|source| Failure::unexpected(labels::doors_failed()).because(source))
    })
    .await?
}

/// Whether a password has this hash. Without a hash it takes as long and is wrong, so that nobody
/// learns by the time which login names exist.
///
/// # Errors
/// The thread that computes it fails.
pub(crate) async fn is_password(password: String, hash: Option<String>) -> Result<bool, Failure> {
    slowly(move || {
        let known = hash
            .as_deref()
            .and_then(|hash| PasswordHash::new(hash).ok());
        match known {
            Some(known) => Argon2::default()
                .verify_password(password.as_bytes(), &known)
                .is_ok(),
            None => {
                let _same_work = Argon2::default().hash_password(password.as_bytes());
                false
            }
        }
    })
    .await
}

/// Runs what takes long beside the threads that serve.
async fn slowly<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|source| Failure::unexpected(labels::doors_failed()).because(source))
}
