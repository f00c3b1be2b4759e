//! Files that come in with a form, and files that go out. A file never opens inside a page: it is
//! an attachment of the kind that we say, and the guards forbid browsers to guess another.

use std::fs::File;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum_extra::body::AsyncReadBody;

use super::Shared;
use super::problem::Problem;

/// A file as the browser sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentFile {
    /// The file's own name, shown only.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// A form with files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upload {
    /// Those that somebody chose, in their order.
    pub(crate) files: Vec<SentFile>,
    fields: Vec<(String, String)>,
}

impl Upload {
    /// The value of a field; empty where there is none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.all(field).next().unwrap_or_default()
    }

    /// All fields that are no files, by name and value in their order.
    pub(crate) fn into_parts(self) -> (Vec<(String, String)>, Vec<SentFile>) {
        (self.fields, self.files)
    }

    /// Everything sent under a name: ticked boxes.
    pub(crate) fn all(&self, field: &str) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().filter(move |(name, _)| name == field);
        fields.map(|(_, value)| value.as_str())
    }

    async fn take(&mut self, field: Field<'_>) -> Result<(), MultipartError> {
        let Some(name) = field.file_name().map(str::to_owned) else {
            let name = field.name().unwrap_or_default().to_owned();
            self.fields.push((name, field.text().await?));
            return Ok(());
        };
        let bytes = field.bytes().await?.to_vec();
        // Browsers send a field in which nobody chose a file as a file without a name.
        if !name.is_empty() {
            self.files.push(SentFile { name, bytes });
        }
        Ok(())
    }
}

impl FromRequest<Shared> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let refused = |error: MultipartError| Problem::Status(error.status());
        let multipart = Multipart::from_request(request, app).await;
        let mut multipart = multipart.map_err(|error| Problem::Status(error.status()))?;
        let mut upload = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(refused)? {
            upload.take(field).await.map_err(refused)?;
        }
        let names = upload.files.iter().map(|file| &file.name);
        let typed = upload.fields.iter().flat_map(|(name, value)| [name, value]);
        if names.chain(typed).any(|text| text.contains('\0')) {
            return Err(Problem::NulCharacter);
        }
        Ok(upload)
    }
}

/// A file for the browser to keep under a name.
pub(crate) fn attachment(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    (attached(name, kind), bytes).into_response()
}

/// Kinds that a browser shows by itself, by how their bytes begin. Neither runs anything of ours.
const SHOWN: [(&[u8], &str); 3] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
];

/// A file on a page of its own, as large as the screen, where it is paper or a picture; to keep
/// otherwise. Whatever its name says, the kind is that of its bytes.
pub(crate) fn opened_in_full(name: &str, bytes: Vec<u8>) -> Response {
    let mut shown = SHOWN.iter().filter(|(begin, _)| bytes.starts_with(begin));
    let Some((_, kind)) = shown.next() else {
        return attachment(name, "application/octet-stream", bytes);
    };
    let alone = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; \
         frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(alone),
        ),
    ];
    (headers, bytes).into_response()
}

/// The same, from the disk piece by piece: a file that is too large for the memory.
pub(crate) fn streamed(name: &str, kind: &'static str, file: File) -> Response {
    let n_bytes = file.metadata().map(|about| about.len());
    let body = AsyncReadBody::new(tokio::fs::File::from_std(file));
    let mut response = (attached(name, kind), body).into_response();
    // Browsers then show how far they are, and notice when the rest is missing.
    if let Ok(n_bytes) = n_bytes {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, n_bytes.into());
    }
    response
}

/// It has a size and goes into a file; what it holds is mostly packed already.
pub(crate) fn is_attachment(headers: &HeaderMap) -> bool {
    headers.contains_key(header::CONTENT_DISPOSITION)
}

fn attached(name: &str, kind: &'static str) -> [(HeaderName, HeaderValue); 2] {
    let disposition = HeaderValue::from_str(&disposition(name));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
    ]
}

/// RFC 6266: the name in UTF-8 for browsers, and an ASCII one for what does not know of it.
fn disposition(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let plain: String = name.chars().filter(|c| is_plain(*c)).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match is_plain(char::from(byte)) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_survives_every_header() {
        let check = |name: &str, expected: &str| {
            let said = disposition(name);
            assert_eq!(said, format!("attachment; filename={expected}"));
        };
        check("a.csv", "\"a.csv\"; filename*=UTF-8''a.csv");
        check("a\r\n\"b", "\"ab\"; filename*=UTF-8''a%0D%0A%22b");
        check("\u{e9}.csv", "\".csv\"; filename*=UTF-8''%C3%A9.csv");
    }
}
