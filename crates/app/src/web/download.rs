//! Files that leave: always saved, never shown, so that no upload runs in the name of this site.

use std::fmt::Write;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A browser that shows it all the same may run nothing in it.
const SANDBOX: &str = "sandbox; default-src 'none'";

/// A file under a name. The kind is what we made it; bytes of strangers are `OCTETS`.
pub(crate) fn attachment(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}", percent_encoded(name));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(SANDBOX),
    );
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Bytes that nobody looks into.
pub(crate) const OCTETS: &str = "application/octet-stream";

/// A sheet of paper.
pub(crate) const PDF: &str = "application/pdf";

/// A workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A table as text.
pub(crate) const CSV: &str = "text/csv; charset=utf-8";

/// Everything but letters, digits, `-`, `.` and `_` (RFC 8187); no folder survives.
fn percent_encoded(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_header() {
        let check = |name: &str, expected: &str| assert_eq!(percent_encoded(name), expected);
        check("ad.ldif", "ad.ldif");
        check("台帳.csv", "%E5%8F%B0%E5%B8%B3.csv");
        check("a\"; x=\r\ny", "a%22%3B%20x%3D%0D%0Ay");
        check("../../etc/passwd", "passwd");
        check("C:\\a.exe", "a.exe");
    }
}
