//! What a person sent when it could not be kept: shown to them, and sent once more with one press.
//! Passwords are never in it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};

use super::guard::FORM_BYTES_MAX;
use super::problem::Problem;

/// The fields of a form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Carried {
    pub(crate) fields: Vec<(String, String)>,
    /// A password was among them, so that the form cannot be sent again without its page.
    lacks_password: bool,
}

impl Carried {
    /// What was typed, but for passwords: they are shown to nobody and typed again.
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut fields: Vec<(String, String)> =
            serde_html_form::from_bytes(body).unwrap_or_default();
        let n_fields = fields.len();
        fields.retain(|(name, _)| !name.contains("password"));
        Self {
            lacks_password: fields.len() < n_fields,
            fields,
        }
    }

    /// Takes the fields of a form and hands the request on; none where it is no plain form.
    ///
    /// # Errors
    /// The form is too large, broke off, or holds U+0000.
    pub(crate) async fn from_request(request: Request) -> Result<(Option<Self>, Request), Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_form = kind.is_some_and(|kind| {
            let form = b"application/x-www-form-urlencoded";
            kind.as_bytes().starts_with(form)
        });
        if request.method() != Method::POST || !is_form {
            return Ok((None, request));
        }
        let (head, body) = request.into_parts();
        let bytes = to_bytes(body, FORM_BYTES_MAX).await;
        let bytes = bytes.map_err(|_| Problem::Status(StatusCode::PAYLOAD_TOO_LARGE))?;
        if encodes_nul(&bytes) {
            return Err(Problem::NulCharacter);
        }
        let carried = Self::of(&bytes);
        Ok((Some(carried), Request::from_parts(head, Body::from(bytes))))
    }

    /// As one field of the sign-in form.
    pub(crate) fn encoded(&self) -> String {
        serde_html_form::to_string(&self.fields).unwrap_or_default()
    }

    /// Nothing is missing that the form needs.
    pub(crate) fn is_whole(&self) -> bool {
        !self.fields.is_empty() && !self.lacks_password
    }
}

/// Whether a form or an address says U+0000 in its own way, or as it is.
pub(super) fn encodes_nul(encoded: &[u8]) -> bool {
    encoded.contains(&0) || encoded.windows(3).any(|sign| sign == b"%00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_seen_however_it_is_written() {
        for (encoded, expected) in [
            ("note=a%00b", true),
            ("note=a\0b", true),
            ("%00=a", true),
            ("note=a%2500b", false),
            ("note=a%01b", false),
        ] {
            assert_eq!(encodes_nul(encoded.as_bytes()), expected, "{encoded}");
        }
    }

    #[test]
    fn passwords_are_left_out_and_missed() {
        let check = |body: &str, encoded: &str, is_whole: bool| {
            let carried = Carried::of(body.as_bytes());
            assert_eq!(carried.encoded(), encoded, "{body}");
            assert_eq!(carried.is_whole(), is_whole, "{body}");
        };
        check("note=a+b&seen=1", "note=a+b&seen=1", true);
        check("login=hanako&password=x", "login=hanako", false);
        check("new_password=x", "", false);
        check("", "", false);
    }
}
