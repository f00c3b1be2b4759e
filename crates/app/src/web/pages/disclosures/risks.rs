//! The note on one question: risk, measure, who, when.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sonae_domain::disclosure::{DisclosureRisk, DisclosureRow};
use sonae_domain::ids::RecordId;
use sonae_domain::labels::Label;

use super::{PATH, conflict, is_refusal, show};
use crate::usecase::disclosures::{StatementDetail, TypedRisk, assessed_row};
use crate::usecase::registers::{Kept, Saved};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "disclosure_risk.html")]
struct RiskPage {
    page: Page,
    refused: Option<Refused>,
    /// The statement: where it is, its name.
    statement: (String, String),
    action: String,
    row: DisclosureRow,
    answer: (&'static str, &'static str),
    typed: TypedRisk,
    /// What somebody else noted meanwhile.
    theirs: Option<Vec<(&'static str, String)>>,
}

impl RiskPage {
    fn new(visit: &Visit, asked: &Asked, typed: TypedRisk) -> Self {
        let view = &asked.detail.view;
        Self {
            page: visit.page("disclosures.risk_title"),
            refused: None,
            statement: (format!("{PATH}/{}", view.id), view.name()),
            action: format!("{PATH}/{}/risks/{}", view.id, asked.position),
            answer: (
                show::answer_wire(asked.row.answer),
                asked.row.answer.label(visit.language),
            ),
            row: asked.row.clone(),
            typed,
            theirs: None,
        }
    }
}

/// The question that an address names.
struct Asked {
    detail: StatementDetail,
    position: usize,
    row: DisclosureRow,
}

impl Asked {
    async fn find(visit: &Visit, record: String, position: &str) -> Result<Self, Problem> {
        let position: usize = position.parse().map_err(|_| Problem::NotFound)?;
        let detail = visit.workspace.statement(&RecordId::new(record)).await?;
        let row = assessed_row(&detail.view.kept.body, position)?.clone();
        Ok(Self {
            detail,
            position,
            row,
        })
    }
}

pub(super) async fn show(
    visit: Visit,
    Path((record, position)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let asked = Asked::find(&visit, record, &position).await?;
    let typed = match asked.detail.risks.get(&asked.position) {
        Some(risk) => TypedRisk::of(risk),
        None => {
            let workspace = &visit.workspace;
            workspace
                .new_risk(&asked.detail, &asked.row, visit.person())
                .await?
        }
    };
    render(&RiskPage::new(&visit, &asked, typed))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    version: Option<String>,
    risk: String,
    measure: String,
    assessed_by: String,
    assessed_on: String,
}

pub(super) async fn save(
    visit: Visit,
    Path((record, position)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let asked = Asked::find(&visit, record, &position).await?;
    let typed = TypedRisk {
        version: sent.version.and_then(|version| version.parse().ok()),
        risk: sent.risk,
        measure: sent.measure,
        assessed_by: sent.assessed_by,
        assessed_on: sent.assessed_on,
    };
    let id = &asked.detail.view.id;
    let (workspace, person) = (&visit.workspace, visit.person());
    match workspace
        .save_risk(id, asked.position, &typed, person)
        .await
    {
        Ok(Saved::Conflict(theirs)) => {
            let typed = TypedRisk {
                version: Some(theirs.version),
                ..typed
            };
            conflict(&RiskPage {
                theirs: Some(in_words(&visit, &theirs)),
                ..RiskPage::new(&visit, &asked, typed)
            })
        }
        Ok(Saved::Done | Saved::Same) => {
            let place = format!("{PATH}/{id}?only=open&done=saved#row-{}", asked.position);
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) if is_refusal(&failure) => once_more(&RiskPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..RiskPage::new(&visit, &asked, typed)
        }),
        Err(failure) => Err(failure.into()),
    }
}

fn in_words(visit: &Visit, theirs: &Kept<DisclosureRisk>) -> Vec<(&'static str, String)> {
    let words = visit.words();
    let body = &theirs.body;
    vec![
        (words.get("disclosures.risk"), body.risk.clone()),
        (words.get("disclosures.measure"), body.measure.clone()),
        (
            words.get("disclosures.assessed_by"),
            body.assessed_by.clone(),
        ),
        (
            words.get("disclosures.assessed_on"),
            words.day(body.assessed_on),
        ),
    ]
}
