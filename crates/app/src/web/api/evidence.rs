//! Evidence for programs: what is held, and new files, as a collector on a schedule sends them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::evidence::{Evidence, Finding, Severity};
use utoipa::{IntoParams, ToSchema};

use super::super::problem::{Problem, ProblemBody};
use super::super::routes::Doors;
use super::super::visit::Visit;
use crate::usecase::answering::day;
use crate::usecase::import::{ImportOptions, Recorded, SourceFile};
use crate::usecase::reader_process::FILE_BYTES_MAX;

pub(super) fn open(doors: Doors) -> Doors {
    let n_bytes_max = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
    doors
        .get("/api/v1/evidence", list)
        .upload("/api/v1/evidence", n_bytes_max, import)
        .get("/api/v1/evidence/{evidence}", show)
}

/// A piece of evidence.
#[derive(Serialize, ToSchema)]
pub(super) struct EvidenceBody {
    id: String,
    /// A newer piece with the same source replaces the facts of this one.
    source: String,
    /// The reader that understood it.
    format: String,
    file_name: String,
    /// The day for which it speaks.
    #[schema(value_type = String, format = Date)]
    effective_on: Date,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    /// SHA-256 of the file.
    sha256: String,
    n_bytes: i64,
    /// Whether its facts are the ones that count for its source.
    current: bool,
}

/// How a file is taken.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Taking {
    /// Name of the file; decides nothing but what people see.
    file_name: String,
    /// The day for which it speaks, where its content does not say.
    effective_on: Option<String>,
    /// Name of the source whose older facts it replaces.
    source: Option<String>,
    /// Say what would be read, and keep nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What became of a file.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportedBody {
    /// Under which id it is kept; none in a dry run.
    id: Option<String>,
    /// `new`, `already_known`, `older_than_current` or `dry_run`.
    outcome: &'static str,
    /// The reader that understood it.
    format: String,
    #[schema(value_type = String, format = Date)]
    effective_on: Date,
    /// Number of rows by table.
    n_rows: std::collections::BTreeMap<String, usize>,
    findings: Vec<FindingBody>,
}

/// Something in a file that a person should know about.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingBody {
    /// It was not read; otherwise read, and worth a look.
    unread: bool,
    part: Option<String>,
    row: Option<u32>,
    column: Option<String>,
    message_ja: String,
    message_en: String,
}

/// All evidence, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/evidence",
    operation_id = "list_evidence",
    responses(
        (status = 200, body = Vec<EvidenceBody>),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "the role does not allow it", body = ProblemBody)
    )
)]
pub(super) async fn list(visit: Visit) -> Result<Json<Vec<EvidenceBody>>, Problem> {
    let evidence = visit.workspace.evidence().await?;
    Ok(Json(evidence.into_iter().map(EvidenceBody::from).collect()))
}

/// One piece of evidence.
#[utoipa::path(
    get,
    path = "/api/v1/evidence/{evidence}",
    operation_id = "show_evidence",
    params(("evidence" = String, Path, description = "its id")),
    responses(
        (status = 200, body = EvidenceBody),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "the role does not allow it", body = ProblemBody),
        (status = 404, description = "no such evidence", body = ProblemBody)
    )
)]
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Json<EvidenceBody>, Problem> {
    let evidence = visit.workspace.evidence().await?;
    let found = evidence
        .into_iter()
        .find(|evidence| evidence.id.as_str() == id);
    found
        .map(|evidence| Json(EvidenceBody::from(evidence)))
        .ok_or(Problem::NotFound)
}

/// Takes a file as evidence: the body is the file as it is.
#[utoipa::path(
    post,
    path = "/api/v1/evidence",
    operation_id = "import_evidence",
    params(Taking),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = ImportedBody),
        (status = 400, description = "a query that cannot be read", body = ProblemBody),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "role or token does not allow it", body = ProblemBody),
        (status = 413, description = "the file is too large", body = ProblemBody),
        (status = 422, description = "nobody can read the file, or it may not be kept", body = ProblemBody)
    )
)]
pub(super) async fn import(
    visit: Visit,
    Query(taking): Query<Taking>,
    bytes: Bytes,
) -> Result<Json<ImportedBody>, Problem> {
    let workspace = &visit.workspace;
    let file = SourceFile {
        name: taking.file_name,
        bytes: bytes.to_vec(),
        modified_on: workspace.today,
    };
    let options = ImportOptions {
        dry_run: taking.dry_run,
        effective_on: taking.effective_on.as_deref().map(day).transpose()?,
        source: taking.source,
        // A body does not tell when the file was last changed.
        day_required: true,
        mapping: workspace.column_mapping(&[]).await?,
        by: visit.person().name.clone(),
    };
    let mut earlier = workspace.evidence().await?;
    let imported = workspace.import_file(file, &options, &mut earlier).await?;
    let (outcome, id) = match imported.recorded {
        None => ("dry_run", None),
        Some(Recorded::New) => ("new", Some(imported.id.to_string())),
        Some(Recorded::AlreadyKnown(id)) => ("already_known", Some(id.to_string())),
        Some(Recorded::OlderThanCurrent(_)) => {
            ("older_than_current", Some(imported.id.to_string()))
        }
    };
    let tables = imported.reading.facts.iter();
    let findings = imported.reading.findings.iter().chain(&imported.findings);
    Ok(Json(ImportedBody {
        id,
        outcome,
        n_rows: tables
            .map(|rows| (rows.table.clone(), rows.rows.len()))
            .collect(),
        findings: findings.map(FindingBody::from).collect(),
        effective_on: imported.effective.0,
        format: imported.reading.format,
    }))
}

impl From<Evidence> for EvidenceBody {
    fn from(evidence: Evidence) -> Self {
        Self {
            id: evidence.id.to_string(),
            source: evidence.source,
            format: evidence.format,
            file_name: evidence.file_name,
            effective_on: evidence.effective_on,
            recorded_at: evidence.recorded_at,
            sha256: evidence.content_hash.0,
            n_bytes: evidence.n_bytes,
            current: evidence.current,
        }
    }
}

impl From<&Finding> for FindingBody {
    fn from(finding: &Finding) -> Self {
        Self {
            unread: finding.severity == Severity::Unread,
            part: finding.place.part.clone(),
            row: finding.place.row,
            column: finding.place.column.clone(),
            message_ja: finding.text.ja.clone(),
            message_en: finding.text.en.clone(),
        }
    }
}
