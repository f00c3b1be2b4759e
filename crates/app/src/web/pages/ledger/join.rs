//! What may be one device, and machines that were seen but stand in no row: a person decides.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sonae_domain::ids::AssetId;
use sonae_domain::ledger::{AssetField, AssetRecord};

use super::may_change;
use crate::usecase::ledger::{Stranger, Twins, field_title, shown};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

/// Nobody decides about more in one sitting; the rest comes when these are done.
const SHOWN_MAX: usize = 50;

pub(super) fn open(doors: Doors) -> Doors {
    doors.get("/ledger/merge", show).post("/ledger/merge", join)
}

#[derive(Template)]
#[template(path = "ledger/merge.html")]
struct MergePage {
    page: Page,
    twins: Vec<Twins>,
    n_twins: usize,
    strangers: Vec<Stranger>,
    n_strangers: usize,
    may_change: bool,
    refused: Option<String>,
}

impl MergePage {
    /// Each field of which one of the two knows something: name, what each says.
    fn fields(&self, twins: &Twins) -> Vec<(String, String, String)> {
        let language = self.page.words.language;
        let (a, b) = (&twins.a.asset.record, &twins.b.asset.record);
        let text = |record: &AssetRecord, field| shown(record, field, language);
        let both = |field: AssetField| {
            let (a, b) = (text(a, field), text(b, field));
            (a.is_some() || b.is_some()).then(|| {
                let title = field_title(field, language);
                (title, a.unwrap_or_default(), b.unwrap_or_default())
            })
        };
        AssetField::ALL.into_iter().filter_map(both).collect()
    }

    fn shared(&self, twins: &Twins) -> String {
        let (field, text) = &twins.shared;
        format!("{} {text}", field_title(*field, self.page.words.language))
    }

    fn text(&self, stranger: &Stranger, field: AssetField) -> String {
        shown(&stranger.record, field, self.page.words.language).unwrap_or_default()
    }

    fn name(&self, stranger: &Stranger) -> String {
        match stranger.record.name.as_str() {
            "" => stranger.host.clone(),
            name => name.to_owned(),
        }
    }

    fn add(&self, stranger: &Stranger) -> String {
        let host = serde_html_form::to_string([("host", &stranger.host)]);
        format!("/ledger/new?{}", host.unwrap_or_default())
    }
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    page(&visit, None).await
}

async fn page(visit: &Visit, refused: Option<String>) -> Result<Response, Problem> {
    let mut twins = visit.workspace.twins().await?;
    let mut strangers = visit.workspace.strangers().await?;
    let (n_twins, n_strangers) = (twins.len(), strangers.len());
    twins.truncate(SHOWN_MAX);
    strangers.truncate(SHOWN_MAX);
    render(&MergePage {
        page: visit.page("ledger.merge_title"),
        twins,
        n_twins,
        strangers,
        n_strangers,
        may_change: may_change(visit),
        refused,
    })
}

#[derive(Deserialize)]
struct Joined {
    kept: String,
    kept_seen: i64,
    other: String,
    other_seen: i64,
}

async fn join(visit: Visit, Form(typed): Form<Joined>) -> Result<Response, Problem> {
    let (kept, other) = (AssetId::new(typed.kept), AssetId::new(typed.other));
    let by = &visit.person().name;
    let (kept_row, other_row) = ((&kept, typed.kept_seen), (&other, typed.other_seen));
    let done = visit.workspace.join_assets(kept_row, other_row, by).await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/ledger/{kept}?done=ledger_joined")).into_response()),
        Err(failure) => {
            let why = failure.refusal()?.get(visit.language).to_owned();
            let page = page(&visit, Some(why)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
