//! The beginning of a file as text, for deciding its format. Not for reading: it may end anywhere.

use encoding_rs::Encoding;

/// 4 KiB hold the first lines of every format.
const HEAD_BYTES: usize = 4096;

/// The first characters; bytes that are no text become replacement characters.
pub(crate) fn head(bytes: &[u8]) -> String {
    let bytes = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0.into_owned(),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}
