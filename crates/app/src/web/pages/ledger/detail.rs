//! One device: every field with its origin, what evidence saw of it, what checks say, its history.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use jiff::Timestamp;
use serde::Deserialize;
use sonae_domain::edition::Text;
use sonae_domain::era;
use sonae_domain::evidence::Evidence;
use sonae_domain::ids::AssetId;
use sonae_domain::labels::Label;
use sonae_domain::verdict::Verdict;

use super::{day, may_change};
use crate::usecase::ledger::{AssetDetail, AssetField, FieldChange, field_title, shown_text};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
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
    fn day(&self, evidence: &Evidence) -> String {
        day(evidence.effective_on, self.page.words.language)
    }

    /// Day and time in Japan.
    fn at(&self, at: &Timestamp) -> String {
        let moment = era::moment_in_japan(*at);
        let on = day(moment.date(), self.page.words.language);
        format!("{on} {:02}:{:02}", moment.hour(), moment.minute())
    }

    fn verdict(&self, verdict: &Verdict) -> &'static str {
        verdict.label(self.page.words.language)
    }

    /// The verdict as styles know it.
    fn verdict_word(&self, verdict: &Verdict) -> String {
        let word = serde_json::to_value(verdict).unwrap_or_default();
        word.as_str().unwrap_or_default().to_owned()
    }

    fn word<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.page.words.language)
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
