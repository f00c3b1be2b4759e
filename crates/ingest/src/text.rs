//! Bytes to text: UTF-8, UTF-16 with a byte order mark, and CP932 (`Shift_JIS` of Windows).
//! A text that cannot be decoded without doubt is refused; nothing is replaced or guessed.
//!
//! Refused: EUC-JP, ISO-2022-JP, UTF-16 without a mark, binary files, damaged characters.

use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

use crate::ReadError;

/// The encoding that a text came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8 without a mark; plain ASCII counts as this.
    Utf8,
    /// UTF-8 with a byte order mark, as Excel writes it.
    Utf8Bom,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// `Shift_JIS` as Windows extends it.
    Cp932,
}

impl Encoding {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 (BOM)",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Cp932 => "Shift_JIS (CP932)",
        }
    }
}

/// A text, and the encoding that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Without byte order mark and without the end mark of old DOS programs.
    pub(crate) text: String,
    /// As found.
    pub(crate) encoding: Encoding,
}

/// Decodes a text for the reader named `format`.
///
/// # Errors
/// The encoding is not known, or the text holds characters that no text has.
pub(crate) fn decode(format: &'static str, bytes: &[u8]) -> Result<Decoded, ReadError> {
    let refused = || ReadError::Encoding { format };
    let (text, encoding) = decode_any(bytes).ok_or_else(refused)?;
    // Old DOS programs end a text with Ctrl-Z.
    let text = text
        .strip_suffix('\u{1a}')
        .map_or_else(|| text.clone(), str::to_owned);
    let Some((at, bad)) = text.char_indices().find(|(_, c)| is_unlikely(*c)) else {
        return Ok(Decoded { text, encoding });
    };
    // With a mark the encoding is beyond doubt, so it is the text that is damaged.
    if !matches!(encoding, Encoding::Utf8 | Encoding::Cp932) {
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let why = format!("control character U+{:04X}", u32::from(bad));
        return Err(ReadError::Damaged {
            format,
            place: format!("line {line}"),
            why,
        });
    }
    Err(refused())
}

fn decode_any(bytes: &[u8]) -> Option<(String, Encoding)> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return Some((
            std::str::from_utf8(rest).ok()?.to_owned(),
            Encoding::Utf8Bom,
        ));
    }
    for (mark, codec, encoding) in [
        (b"\xff\xfe", UTF_16LE, Encoding::Utf16Le),
        (b"\xfe\xff", UTF_16BE, Encoding::Utf16Be),
    ] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let (text, had_errors) = codec.decode_without_bom_handling(rest);
            return (!had_errors).then(|| (text.into_owned(), encoding));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some((text.to_owned(), Encoding::Utf8));
    }
    let (text, had_errors) = SHIFT_JIS.decode_without_bom_handling(bytes);
    (!had_errors && !is_euc_jp(bytes, &text)).then(|| (text.into_owned(), Encoding::Cp932))
}

/// Whether bytes are a Japanese text in an encoding that we refuse, rather than no text at all.
pub(crate) fn is_text_in_another_encoding(bytes: &[u8]) -> bool {
    let is_binary = |byte: &u8| *byte < 0x20 && !b"\t\n\r\x1b".contains(byte);
    if bytes.iter().any(is_binary) {
        return false;
    }
    let is_japanese_in = |codec: &'static encoding_rs::Encoding| {
        let (text, had_errors) = codec.decode_without_bom_handling(bytes);
        !had_errors && text.chars().any(is_kana_or_kanji)
    };
    // ISO-2022-JP is made of ASCII and escapes, so it decodes as UTF-8 as well.
    (bytes.contains(&0x1b) && is_japanese_in(ISO_2022_JP))
        || (decode_any(bytes).is_none() && is_japanese_in(EUC_JP))
}

fn is_kana_or_kanji(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}' | '\u{ff66}'..='\u{ff9d}')
}

/// Whether bytes that decode as CP932 are EUC-JP in truth.
///
/// Two-byte CP932 mostly begins below 0xA0, where EUC-JP has nothing; so only text in half-width
/// katakana decodes as both, and such text in CP932 has no other signs beside the letters.
fn is_euc_jp(bytes: &[u8], as_cp932: &str) -> bool {
    let (_, had_errors) = EUC_JP.decode_without_bom_handling(bytes);
    !had_errors
        && !as_cp932
            .chars()
            .all(|c| c.is_ascii() || ('\u{ff66}'..='\u{ff9f}').contains(&c))
}

/// Characters that stand in no table a person keeps: they tell of a wrong encoding or a binary file.
fn is_unlikely(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\u{fffd}' | '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let got = match decode("ledger", bytes) {
            Ok(decoded) => format!("{}: {}", decoded.encoding.name(), decoded.text),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected, "{bytes:x?}");
    }

    fn utf16(text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.iter()
            .copied()
            .chain(text.encode_utf16().flat_map(bytes))
            .collect()
    }

    fn cp932(text: &str) -> Vec<u8> {
        SHIFT_JIS.encode(text).0.into_owned()
    }

    fn euc(text: &str) -> Vec<u8> {
        EUC_JP.encode(text).0.into_owned()
    }

    #[test]
    fn says_which_encoding() {
        check("機器名,サーバ".as_bytes(), "UTF-8: 機器名,サーバ");
        check(b"name,pc-01", "UTF-8: name,pc-01");
        check("\u{feff}機器名".as_bytes(), "UTF-8 (BOM): 機器名");
        check(
            &utf16("機器名\t髙橋", b"\xff\xfe", u16::to_le_bytes),
            "UTF-16LE: 機器名\t髙橋",
        );
        check(
            &utf16("機器名", b"\xfe\xff", u16::to_be_bytes),
            "UTF-16BE: 機器名",
        );
        check(
            &cp932("機器名,①㈱髙﨑～－"),
            "Shift_JIS (CP932): 機器名,①㈱髙﨑～－",
        );
        check(&cp932("ｻｰﾊﾞ,1"), "Shift_JIS (CP932): ｻｰﾊﾞ,1");
        check(&cp932("ｻｰﾊﾞ･端末,1"), "Shift_JIS (CP932): ｻｰﾊﾞ･端末,1");
        check(b"name\r\npc-01\r\n\x1a", "UTF-8: name\r\npc-01\r\n");
    }

    #[test]
    fn tells_texts_that_it_refuses_from_other_bytes() {
        for bytes in [&euc("機器名,種別")[..], b"\x1b$B5!4oL>\x1b(B"] {
            assert!(is_text_in_another_encoding(bytes), "{bytes:x?}");
        }
        for bytes in [
            b"\xff\xd8\xff\xe1\x20\x10Exif\xa1\xa1",
            "機器名".as_bytes(),
            "é,è".as_bytes(),
            &cp932("機器名"),
            b"\x1b[31mred\x1b[0m",
            b"\xa9\xa9",
            b"\x81",
            b"",
        ] {
            assert!(!is_text_in_another_encoding(bytes), "{bytes:x?}");
        }
    }

    #[test]
    fn refuses_what_is_not_certain() {
        let refused = "ledger: not UTF-8, UTF-16 or CP932";
        check(&euc("機器名,種別"), refused);
        check(&euc("台帳"), refused);
        check(&euc("コンピュータ名,メモリ\r\n受付ノート,8\r\n"), refused);
        check(b"\x1b$B5!4oL>\x1b(B", refused);
        check(&utf16("name", b"", u16::to_le_bytes), refused);
        check(b"name\0\0\0", refused);
        check("機器\u{fffd}名".as_bytes(), refused);
        check(b"\xff\xfea", refused);
        check(b"\xef\xbb\xbf\xff", refused);
        check(b"\x81", refused);
        check(
            &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0],
            refused,
        );
        check(
            b"\xef\xbb\xbfname\npc\x00-01",
            "ledger: damaged at line 2: control character U+0000",
        );
    }
}
