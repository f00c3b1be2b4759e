//! The asset ledger for programs.

use axum::Json;
use axum::extract::Path;
use serde::Serialize;
use sonae_domain::ledger::{Asset, AssetRecord};
use utoipa::ToSchema;

use super::super::problem::{Problem, ProblemBody};
use super::super::routes::Doors;
use super::super::visit::Visit;

pub(super) fn open(doors: Doors) -> Doors {
    doors
        .get("/api/v1/assets", list)
        .get("/api/v1/assets/{asset}", show)
}

/// A device of the ledger.
#[derive(Serialize, ToSchema)]
pub(super) struct AssetBody {
    id: String,
    /// The evidence that last confirmed it; none if a person typed it.
    evidence: Option<String>,
    /// The fields that are known; see the columns of the ledger.
    #[schema(value_type = serde_json::Value)]
    record: AssetRecord,
}

/// All devices that are not retired.
#[utoipa::path(
    get,
    path = "/api/v1/assets",
    operation_id = "list_assets",
    responses(
        (status = 200, body = Vec<AssetBody>),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "the role does not allow it", body = ProblemBody)
    )
)]
pub(super) async fn list(visit: Visit) -> Result<Json<Vec<AssetBody>>, Problem> {
    let ledger = visit.workspace.ledger().await?;
    Ok(Json(ledger.into_iter().map(body).collect()))
}

/// One device.
#[utoipa::path(
    get,
    path = "/api/v1/assets/{asset}",
    operation_id = "show_asset",
    params(("asset" = String, Path, description = "the device's id")),
    responses(
        (status = 200, body = AssetBody),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "the role does not allow it", body = ProblemBody),
        (status = 404, description = "no such device", body = ProblemBody)
    )
)]
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Json<AssetBody>, Problem> {
    let ledger = visit.workspace.ledger().await?;
    let found = ledger
        .into_iter()
        .find(|(asset, _)| asset.id.as_str() == id);
    found.map(body).map(Json).ok_or(Problem::NotFound)
}

fn body((asset, evidence): (Asset, Option<sonae_domain::ids::EvidenceId>)) -> AssetBody {
    AssetBody {
        id: asset.id.to_string(),
        evidence: evidence.map(|evidence| evidence.to_string()),
        record: asset.record,
    }
}
