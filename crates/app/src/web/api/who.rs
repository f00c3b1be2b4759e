//! Whose token it is, and what it opens.

use axum::Json;
use serde::Serialize;
use sonae_domain::answer::{InstitutionKind, VendorContract};
use sonae_domain::people::Role;
use utoipa::ToSchema;

use super::super::problem::ProblemBody;
use super::super::routes::Doors;
use super::super::visit::Visit;

pub(super) fn open(doors: Doors) -> Doors {
    doors.get("/api/v1/me", show)
}

/// The holder of a token.
#[derive(Serialize, ToSchema)]
pub(super) struct Holder {
    /// Name of the person.
    name: String,
    /// Roles in the institution.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    institution: HeldInstitution,
}

/// The institution that a token opens.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldInstitution {
    id: String,
    name: String,
    /// `hospital`, `clinic`, `dental_clinic`, `birth_centre` or `pharmacy`.
    #[schema(value_type = String)]
    kind: InstitutionKind,
    /// `exists`, `none` or `unconfirmed`.
    #[schema(value_type = String)]
    vendor_contract: VendorContract,
}

/// Whose token it is, and what it opens.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "show_holder",
    responses(
        (status = 200, body = Holder),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "the role does not allow it", body = ProblemBody)
    )
)]
pub(super) async fn show(visit: Visit) -> Json<Holder> {
    let institution = &visit.workspace.institution;
    Json(Holder {
        name: visit.person().name.clone(),
        roles: visit.entry.roles.clone(),
        institution: HeldInstitution {
            id: institution.id.to_string(),
            name: institution.name.clone(),
            kind: institution.kind,
            vendor_contract: institution.vendor_contract,
        },
    })
}
