//! One device: every field with its origin, what evidence saw of it, what checks say, its history.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sonae_domain::ids::AssetId;

use super::may_change;
use crate::usecase::ledger::{
    AssetDetail, AssetField, AssetVerdict, FieldChange, field_title, shown_text,
};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::Visit;

pub(super) fn open(doors: Doors) -> Doors {
    doors
        .get("/ledger/{asset}", show)
        .post("/ledger/{asset}/retire", retire)
        .post("/ledger/{asset}/restore", restore)
}

#[derive(Template)]
#[template(path = "ledger/detail.html")]
struct DetailPage {
    page: Page,
    detail: AssetDetail,
    may_change: bool,
    /// What a person typed as reason, and why it was not taken.
    reason: String,
    refused: Option<String>,
}

impl DetailPage {
    fn badge(&self, said: &AssetVerdict) -> Badge {
        Badge::of(said.verdict, self.page.words.language)
    }

    fn title(&self, field: &AssetField) -> String {
        field_title(*field, self.page.words.language)
    }

    fn text(&self, field: &AssetField, text: &str) -> String {
        shown_text(*field, text, self.page.words.language)
    }

    fn before(&self, change: &FieldChange) -> String {
        self.text(&change.field, change.before.as_deref().unwrap_or_default())
    }

    fn after(&self, change: &FieldChange) -> String {
        self.text(&change.field, change.after.as_deref().unwrap_or_default())
    }
}

async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&visit, &AssetId::new(id), String::new(), None).await
}

async fn page(
    visit: &Visit,
    id: &AssetId,
    reason: String,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let detail = visit.workspace.asset_detail(id, visit.language).await?;
    render(&DetailPage {
        page: visit.page_named(detail.current.asset.record.name.clone()),
        may_change: may_change(visit),
        detail,
        reason,
        refused,
    })
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

async fn retire(
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<Reason>,
) -> Result<Response, Problem> {
    let id = AssetId::new(id);
    let by = &visit.person().name;
    let done = visit.workspace.set_retired(&id, true, &typed.reason, by);
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/ledger/{id}?done=ledger_retired")).into_response()),
        Err(failure) => {
            let why = failure.refusal()?.get(visit.language).to_owned();
            let page = page(&visit, &id, typed.reason, Some(why)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn restore(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = AssetId::new(id);
    let by = &visit.person().name;
    visit.workspace.set_retired(&id, false, "", by).await?;
    Ok(Redirect::to(&format!("/ledger/{id}?done=ledger_restored")).into_response())
}
