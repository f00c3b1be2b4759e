//! What went wrong, as a page or as JSON: what, where, why, what to do. Logged once, here.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use sonae_domain::edition::Text;

use super::carried::Carried;
use super::page::Page;
use super::visit::Visitor;
use crate::usecase::failure::{Failure, FailureKind};

/// How long a browser or program should wait before it asks a busy service again.
const BUSY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// How long, when it has tried too often: the window in which attempts are counted.
const TOO_MANY_SECONDS: HeaderValue = HeaderValue::from_static("60");

/// Why a request got no answer.
#[derive(Debug, Clone)]
pub(crate) enum Problem {
    /// There is no such thing, or it belongs to another institution: the same for both.
    NotFound,
    /// A vendor's address opens nothing, for whichever reason: the same for all.
    LinkOver,
    /// Nobody is signed in, and a program asked.
    SignIn,
    /// The person's role does not allow it.
    NotAllowed,
    /// A status that needs no words of its own.
    Status(StatusCode),
    /// A text holds U+0000, which no form shows and PostgreSQL does not keep.
    NulCharacter,
    /// A use case failed.
    Failed(Arc<Failure>),
    /// A mistake of ours.
    Broken(String),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure.kind {
            FailureKind::NotFound => Self::NotFound,
            _ => Self::Failed(Arc::new(failure)),
        }
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// The doorkeeper finds the problem in the response and explains it to the visitor.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::LinkOver => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::Status(status) => *status,
            Self::NulCharacter => StatusCode::BAD_REQUEST,
            Self::Failed(failure) => match failure.kind {
                FailureKind::Refused | FailureKind::NeverKept => StatusCode::UNPROCESSABLE_ENTITY,
                FailureKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
                FailureKind::NotFound => StatusCode::NOT_FOUND,
                FailureKind::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
                FailureKind::Unusable => StatusCode::SERVICE_UNAVAILABLE,
                FailureKind::Unexpected => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The key of the sentence for what no use case worded.
    fn key(&self) -> &'static str {
        match self {
            Self::NulCharacter => return "problem.nul_character",
            Self::LinkOver => return "problem.link_over",
            _ => {}
        }
        match self.status() {
            StatusCode::UNAUTHORIZED => "problem.sign_in",
            StatusCode::FORBIDDEN => "problem.not_allowed",
            StatusCode::NOT_FOUND => "problem.not_found",
            StatusCode::METHOD_NOT_ALLOWED => "problem.not_found",
            StatusCode::PAYLOAD_TOO_LARGE => "problem.too_large",
            StatusCode::BAD_REQUEST
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => "problem.not_understood",
            StatusCode::TOO_MANY_REQUESTS => "problem.too_many",
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => "problem.busy",
            _ => "problem.unexpected",
        }
    }

    fn text(&self) -> Option<&Text> {
        match self {
            Self::Failed(failure) => Some(&failure.text),
            _ => None,
        }
    }

    fn log(&self) {
        match self {
            Self::Failed(failure)
                if !matches!(
                    failure.kind,
                    FailureKind::Refused | FailureKind::NeverKept | FailureKind::TooMany
                ) =>
            {
                let mut causes = Vec::new();
                let mut cause = std::error::Error::source(failure.as_ref());
                while let Some(source) = cause {
                    causes.push(source.to_string());
                    cause = source.source();
                }
                tracing::error!(causes = causes.join(": "), "{}", failure.text.en);
            }
            Self::Broken(why) => tracing::error!("{why}"),
            _ => {}
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    page: Page,
    sentence: String,
    /// It may go well another time.
    is_passing: bool,
    /// Whoever came by a vendor's address has no home here.
    has_home: bool,
    /// What was sent, to be sent once more then.
    carried: Option<&'a Carried>,
}

/// What the programming interface says about a problem.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ProblemBody {
    /// Japanese.
    pub(crate) message_ja: String,
    /// English.
    pub(crate) message_en: String,
}

/// The problem in the visitor's language, or as JSON for a program.
pub(crate) fn explained(problem: Problem, visitor: &Visitor) -> Response {
    problem.log();
    let status = problem.status();
    let mut response = match visitor.wants_json {
        true => (status, Json(body(&problem))).into_response(),
        false => page(&problem, visitor),
    };
    *response.status_mut() = status;
    let wait = match status {
        StatusCode::SERVICE_UNAVAILABLE => Some(BUSY_SECONDS),
        StatusCode::TOO_MANY_REQUESTS => Some(TOO_MANY_SECONDS),
        _ => None,
    };
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

fn body(problem: &Problem) -> ProblemBody {
    use super::words::Words;
    use sonae_domain::labels::Language;

    match problem.text() {
        Some(text) => ProblemBody {
            message_ja: text.ja.clone(),
            message_en: text.en.clone(),
        },
        None => ProblemBody {
            message_ja: Words::of(Language::Ja).get(problem.key()).to_owned(),
            message_en: Words::of(Language::En).get(problem.key()).to_owned(),
        },
    }
}

fn page(problem: &Problem, visitor: &Visitor) -> Response {
    let sentence = match problem.text() {
        Some(text) => text.get(visitor.language).to_owned(),
        None => visitor.words().get(problem.key()).to_owned(),
    };
    let is_passing = problem.status().is_server_error();
    let carried = visitor.carried.get();
    let template = ProblemPage {
        page: visitor.page("problem.title"),
        sentence,
        is_passing,
        has_home: !matches!(problem, Problem::LinkOver),
        carried: carried.filter(|carried| is_passing && carried.is_whole()),
    };
    match template.render() {
        Ok(html) => Html(html).into_response(),
        // Even our words fail: say the least there is.
        Err(_) => problem.status().into_response(),
    }
}
