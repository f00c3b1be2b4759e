//! The programming interface, `/api/v1`: the same use cases and the same access table as the pages,
//! for programs that hold a token. Types that go over the wire are made here.

mod checklist;
mod document;
mod evidence;
mod ledger;
mod who;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Json, Request};
use axum::http::StatusCode;
use serde_json::Value;

#[cfg(test)]
pub(super) use document::Document;

use super::Shared;
use super::problem::Problem;
use super::routes::Doors;

pub(super) fn open(doors: Doors) -> Doors {
    let doors = document::open(doors);
    let doors = who::open(doors);
    let doors = checklist::open(doors);
    let doors = ledger::open(doors);
    evidence::open(doors)
}

/// A body in JSON; anything else is refused in our words.
pub(in crate::web) struct Body<T>(pub(in crate::web) T);

impl<T: serde::de::DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        match Json::<Value>::from_request(request, app).await {
            Ok(Json(body)) if holds_nul(&body) => Err(Problem::NulCharacter),
            Ok(Json(body)) => match serde_json::from_value(body) {
                Ok(body) => Ok(Self(body)),
                Err(_) => Err(Problem::Status(StatusCode::UNPROCESSABLE_ENTITY)),
            },
            Err(JsonRejection::BytesRejection(_)) => {
                Err(Problem::Status(StatusCode::PAYLOAD_TOO_LARGE))
            }
            Err(_) => Err(Problem::Status(StatusCode::UNPROCESSABLE_ENTITY)),
        }
    }
}

/// Names of fields are ours; only what they hold reaches the store.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.values().any(holds_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
