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
pub(super) struct Body<T>(pub(super) T);

impl<T: serde::de::DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, app).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::BytesRejection(_)) => {
                Err(Problem::Status(StatusCode::PAYLOAD_TOO_LARGE))
            }
            Err(_) => Err(Problem::Status(StatusCode::UNPROCESSABLE_ENTITY)),
        }
    }
}
