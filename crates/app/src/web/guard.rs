//! What holds for every request: headers that keep browsers from running what is not ours, no
//! change from another site, limits of size and time, and no crash that ends the service.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::Shared;
use super::door::explain;
use super::files::is_attachment;
use super::problem::Problem;

/// Only what we ship runs or loads; no page of ours stands in another's frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A form without files is a few KiB; an answer's note the largest part of it.
pub(super) const FORM_BYTES_MAX: usize = 256 * 1024;

/// The slowest page, a hospital's ledger on paper, takes 2 s; reading a file is cut at 40 s.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);

/// A year, as lists of such sites ask for.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// Puts the guards around the doors.
pub(super) fn around(router: Router<Shared>, app: &Shared) -> Router<Shared> {
    let headers = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    let csrf = CsrfLayer::new()
        .with_rejection_response(|_| Problem::Status(StatusCode::FORBIDDEN).into_response());
    let mut router = router
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(csrf)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_TIME_MAX,
        ))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn_with_state(Arc::clone(app), explain))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_shown)))
        // Pages hold an institution's weak points; nothing keeps a copy unless it says so itself.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ));
    for (name, value) in headers {
        let value = HeaderValue::from_static(value);
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    if app.secure {
        let value = HeaderValue::from_static(STRICT_TRANSPORT);
        let name = header::STRICT_TRANSPORT_SECURITY;
        router = router.layer(SetResponseHeaderLayer::overriding(name, value));
    }
    router
}

/// What is shown, not kept as a file.
fn is_shown(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !is_attachment(headers)
}

fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
