//! The description of the programming interface, OpenAPI 3.1, made from the code.

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::super::problem::ProblemBody;
use super::super::routes::Doors;
use super::{checklist, evidence, ledger, who};

/// Every operation. A test compares them with the routes, both ways.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sonae",
        description = "The MHLW cybersecurity checklist with proof. A person answers; the program \
                       proves or contradicts. Days are days in Japan, written 2026-11-21.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        show,
        who::show,
        checklist::list,
        checklist::show,
        checklist::answer,
        ledger::list,
        ledger::show,
        evidence::list,
        evidence::show,
        evidence::import
    ),
    components(schemas(ProblemBody)),
    modifiers(&Token),
    security(("token" = []))
)]
pub(crate) struct Document;

/// A token made on the page of one's own account.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

pub(super) fn open(doors: Doors) -> Doors {
    doors.get("/api/v1/openapi.json", show)
}

/// This description.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "describe",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value))
)]
async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
