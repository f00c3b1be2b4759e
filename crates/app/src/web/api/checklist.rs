//! The checklist for programs: how items stand, and answers in a person's name.

use axum::Json;
use axum::extract::{Path, Query};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::{Answer, AnswerValue};
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::Language;
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Verdict;
use utoipa::{IntoParams, ToSchema};

use super::super::problem::{Problem, ProblemBody};
use super::super::routes::Doors;
use super::super::visit::Visit;
use super::Body;
use crate::usecase::answering::{Saved, Seen, TypedAnswer};
use crate::usecase::checklist::{Checklist, WhichForm};

pub(super) fn open(doors: Doors) -> Doors {
    doors
        .get("/api/v1/checklist", list)
        .get("/api/v1/checklist/{item}", show)
        .put("/api/v1/checklist/{item}/answer", answer)
}

/// Which form; nothing means the institution's own of the newest edition.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// `facility`, `pharmacy` or `vendor`.
    form: Option<String>,
    /// `fy2025`.
    edition: Option<String>,
}

impl From<Which> for WhichForm {
    fn from(which: Which) -> Self {
        Self {
            form: which.form,
            edition: which.edition,
        }
    }
}

/// A judged form.
#[derive(Serialize, ToSchema)]
pub(super) struct ChecklistBody {
    /// `fy2025`
    edition: String,
    /// `facility`
    form: String,
    /// The day of judgement.
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    items: Vec<ItemBody>,
}

/// How an item stands: answer and evidence side by side, never merged.
#[derive(Serialize, ToSchema)]
pub(super) struct ItemBody {
    /// Names the item within its form: `2-1`.
    handle: String,
    /// The official number.
    number: String,
    /// The official text.
    text: String,
    /// The latest answer, if anybody answered.
    answer: Option<AnswerBody>,
    /// What the evidence says: `met`, `not_met`, `conditional`, `not_applicable`, `unknown` or
    /// `stale`.
    #[schema(value_type = String)]
    verdict: Verdict,
    /// How answer and evidence stand together: `backed`, `declared`, `contradicted`, `stale`,
    /// `planned`, `ready_to_confirm`, `overdue`, `target_missing`, `exempt` or `unanswered`.
    #[schema(value_type = String)]
    standing: Standing,
    /// Why, in one sentence.
    reason_ja: String,
    /// Why, in one sentence.
    reason_en: String,
    /// How many subjects are proven, of how many in scope.
    n_met: usize,
    /// How many subjects are in scope.
    n_in_scope: usize,
}

/// What a person answered.
#[derive(Serialize, ToSchema)]
pub(super) struct AnswerBody {
    /// 1 for the first confirmation of the year.
    round: u8,
    /// `yes`, `no` or `not_required`.
    #[schema(value_type = String)]
    value: AnswerValue,
    #[schema(value_type = String, format = Date)]
    confirmed_on: Date,
    #[schema(value_type = Option<String>, format = Date)]
    target_on: Option<Date>,
    note: Option<String>,
    answered_by: String,
    /// Send it back as `seen` to change this answer and no other.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
}

/// An answer in the name of the token's person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAnswer {
    /// 1, 2 or 3.
    #[schema(example = 1)]
    round: u8,
    /// `yes`, `no` or `not_required`.
    #[schema(example = "no")]
    value: String,
    /// Today if left out.
    confirmed_on: Option<String>,
    /// Belongs to `no`.
    #[schema(example = "2027-03-31")]
    target_on: Option<String>,
    note: Option<String>,
    /// `recorded_at` of the answer that this one replaces; left out if there was none.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen: Option<Timestamp>,
}

/// All items of a form.
#[utoipa::path(
    get,
    path = "/api/v1/checklist",
    operation_id = "list_items",
    params(Which),
    responses(
        (status = 200, body = ChecklistBody),
        (status = 400, description = "a query that cannot be read", body = ProblemBody),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "the role does not allow it", body = ProblemBody),
        (status = 422, description = "no such form or edition", body = ProblemBody)
    )
)]
pub(super) async fn list(
    visit: Visit,
    Query(which): Query<Which>,
) -> Result<Json<ChecklistBody>, Problem> {
    let checklist = visit.workspace.judge(&which.into(), None).await?;
    let items = checklist.standings.iter();
    Ok(Json(ChecklistBody {
        edition: checklist.edition.head.id.to_string(),
        form: checklist.form.id.to_string(),
        as_of: checklist.as_of,
        items: items
            .filter_map(|standing| ItemBody::of(&checklist, standing))
            .collect(),
    }))
}

/// One item of a form.
#[utoipa::path(
    get,
    path = "/api/v1/checklist/{item}",
    operation_id = "show_item",
    params(("item" = String, Path, description = "the item's handle", example = "2-1"), Which),
    responses(
        (status = 200, body = ItemBody),
        (status = 400, description = "a query that cannot be read", body = ProblemBody),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "the role does not allow it", body = ProblemBody),
        (status = 404, description = "no such item", body = ProblemBody),
        (status = 422, description = "no such form or edition", body = ProblemBody)
    )
)]
pub(super) async fn show(
    visit: Visit,
    Path(item): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<ItemBody>, Problem> {
    let checklist = visit.workspace.judge(&which.into(), None).await?;
    let shown = item_body(&checklist, &item)?;
    Ok(Json(shown))
}

/// Answers an item. An answer that somebody gave meanwhile is not replaced.
#[utoipa::path(
    put,
    path = "/api/v1/checklist/{item}/answer",
    operation_id = "answer_item",
    params(("item" = String, Path, description = "the item's handle", example = "2-1"), Which),
    request_body = NewAnswer,
    responses(
        (status = 200, description = "saved, or the same was saved before", body = ItemBody),
        (status = 400, description = "a query that cannot be read", body = ProblemBody),
        (status = 401, description = "no valid token", body = ProblemBody),
        (status = 403, description = "role or token does not allow it", body = ProblemBody),
        (status = 404, description = "no such item", body = ProblemBody),
        (status = 409, description = "somebody answered meanwhile: their answer", body = AnswerBody),
        (status = 422, description = "an answer that cannot be taken", body = ProblemBody)
    )
)]
pub(super) async fn answer(
    visit: Visit,
    Path(item): Path<String>,
    Query(which): Query<Which>,
    Body(new): Body<NewAnswer>,
) -> Result<Result<Json<ItemBody>, Conflict>, Problem> {
    let which = which.into();
    let (edition, form) = visit.workspace.form(&which)?;
    let found = visit.workspace.item(edition, form, &item);
    let handle = edition.handle(found.map_err(|_| Problem::NotFound)?);
    let typed = TypedAnswer {
        item: handle.clone(),
        value: new.value,
        confirmed_on: new.confirmed_on,
        target_on: new.target_on,
        note: new.note,
        by: Some(visit.person().name.clone()),
        round: Some(new.round),
    };
    let seen = Seen {
        answer: new.seen,
        basis: None,
    };
    match visit
        .workspace
        .answer_as_seen(&which, &typed, &seen)
        .await?
    {
        Saved::Conflict(theirs) => Ok(Err(Conflict(theirs))),
        Saved::Done | Saved::Same => {
            let checklist = visit.workspace.judge(&which, None).await?;
            Ok(Ok(Json(item_body(&checklist, &handle)?)))
        }
    }
}

/// Somebody was faster.
pub(super) struct Conflict(Answer);

impl axum::response::IntoResponse for Conflict {
    fn into_response(self) -> axum::response::Response {
        let theirs = Json(AnswerBody::from(&self.0));
        (axum::http::StatusCode::CONFLICT, theirs).into_response()
    }
}

fn item_body(checklist: &Checklist<'_>, item: &str) -> Result<ItemBody, Problem> {
    let mut bodies = checklist
        .standings
        .iter()
        .filter_map(|standing| ItemBody::of(checklist, standing));
    bodies
        .find(|body| body.handle == item)
        .ok_or(Problem::NotFound)
}

impl ItemBody {
    fn of(checklist: &Checklist<'_>, standing: &ItemStanding) -> Option<Self> {
        let item = checklist.item(standing)?;
        Some(Self {
            handle: checklist.edition.handle(item),
            number: item.number.clone(),
            text: item.wording.text.clone(),
            answer: standing.answer.as_ref().map(AnswerBody::from),
            verdict: standing.verdict,
            standing: standing.standing,
            reason_ja: checklist.reason(standing, Language::Ja),
            reason_en: checklist.reason(standing, Language::En),
            n_met: standing.coverage.n_met,
            n_in_scope: standing.coverage.n_in_scope(),
        })
    }
}

impl From<&Answer> for AnswerBody {
    fn from(answer: &Answer) -> Self {
        Self {
            round: answer.round,
            value: answer.value,
            confirmed_on: answer.confirmed_on,
            target_on: answer.target_on,
            note: answer.note.clone(),
            answered_by: answer.answered_by.clone(),
            recorded_at: answer.recorded_at,
        }
    }
}
