//! Tokens, codes and passwords: made at random, kept only as hashes, compared in constant time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::{labels, passwords};

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

/// Of a recovery code: 80 bits, typed by hand once in years.
const CODE_BYTES: usize = 10;

/// Signs of a recovery code; none looks like another (Crockford).
const CODE_SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Signs of a recovery code that stand together: `3k9d-0fmp-...`.
const CODE_GROUP: usize = 4;

/// A new recovery code as a person reads it.
pub(crate) fn new_recovery_code() -> String {
    let random = rand::random::<[u8; CODE_BYTES]>();
    let bits = random
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
    let bits: Vec<u8> = bits.collect();
    let mut code = String::new();
    for (at, five) in bits.chunks(5).enumerate() {
        if at > 0 && at % CODE_GROUP == 0 {
            code.push('-');
        }
        let value = five.iter().fold(0_u8, |value, bit| value << 1 | bit);
        let sign = CODE_SIGNS.get(usize::from(value)).copied();
        code.push(char::from(sign.unwrap_or(b'0')));
    }
    code
}

/// What is kept of a recovery code, whichever way it was typed.
pub(crate) fn recovery_code_hash(typed: &str) -> String {
    let plain = passwords::normalised(typed).to_lowercase();
    let signs = plain.chars().filter(char::is_ascii_alphanumeric);
    let alike = signs.map(|sign| match sign {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    token_hash(&alike.collect::<String>())
}

/// What is kept of a password, made slowly on purpose: argon2id, 19 MiB, two passes.
///
/// # Errors
/// The system gives no randomness.
pub(crate) async fn password_hash(password: String) -> Result<String, Failure> {
    let password = passwords::normalised(&password);
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
    let password = passwords::normalised(&password);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_may_be_typed_in_any_way() {
        let check = |typed: &str, same: bool| {
            let kept = recovery_code_hash("3k9d-0fmp-1wxt-abcd");
            assert_eq!(recovery_code_hash(typed) == kept, same, "{typed}");
        };
        check("3K9D 0FMP 1WXT ABCD", true);
        check("３ｋ９ｄ０ｆｍｐ１ｗｘｔａｂｃｄ", true);
        check("3k9d-ofmp-lwxt-abcd", true);
        check("3k9d-0fmp-1wxt-abce", false);
    }

    #[test]
    fn recovery_codes_have_80_bits() {
        let code = new_recovery_code();
        let groups: Vec<usize> = code.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 4, 4], "{code}");
        assert_ne!(code, new_recovery_code());
    }

    #[tokio::test]
    async fn a_password_is_the_same_in_both_widths() {
        let hash = password_hash("ｋＶ７ drossel".to_owned()).await.unwrap();
        let check = async |typed: &str, same: bool| {
            let said = is_password(typed.to_owned(), Some(hash.clone())).await;
            assert_eq!(said.unwrap(), same, "{typed}");
        };
        check("kV7 drossel", true).await;
        check("kv7 drossel", false).await;
    }
}
