//! Confirming many items at once, each with its last answer; and why the others must be looked at.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form as Typed;
use jiff::Timestamp;
use serde::Deserialize;
use sonae_domain::ids::ItemId;
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::Label;
use sonae_domain::register::Document;

use super::{Choice, Rounds, Tab, round_tabs};
use crate::usecase::checklist::Checklist;
use crate::usecase::confirming::{Obstacle, Ticked};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::values::Badge;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    page: Page,
    query: String,
    rounds: Vec<Tab>,
    round: u8,
    ready: Vec<Ready>,
    others: Vec<Other>,
    refused: Option<String>,
    may_answer: bool,
}

/// An item that can be confirmed, with the answer to confirm.
struct Ready {
    /// Item and answer as one value of a tick box.
    ticked: String,
    is_ticked: bool,
    row: Row,
    value: &'static str,
    confirmed_on: String,
    by: String,
    note: Option<String>,
}

/// An item that must be looked at.
struct Other {
    row: Row,
    why: &'static str,
}

struct Row {
    href: String,
    number: String,
    wording: String,
    standing: Badge,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TypedTicks {
    round: Option<u8>,
    item: Vec<String>,
}

pub(super) async fn show(visit: Visit, Query(choice): Query<Choice>) -> Result<Response, Problem> {
    render(&page(&visit, &choice, &[], None).await?)
}

async fn page(
    visit: &Visit,
    choice: &Choice,
    ticked: &[String],
    refused: Option<String>,
) -> Result<ConfirmPage, Problem> {
    let workspace = &visit.workspace;
    let (edition, form) = choice.form(workspace)?;
    let answered = workspace.answered().await?;
    let rounds = Rounds::of(choice, form, edition, &answered.answers)?;
    let checklist = workspace
        .judge_answers(&choice.which(), answered, Some(rounds.chosen))
        .await?;
    let documents = workspace.document_records().await?;
    let query = choice.query();
    let (mut ready, mut others) = (Vec::new(), Vec::new());
    for standing in &checklist.standings {
        let Some(row) = row(visit, &checklist, standing, &query) else {
            continue;
        };
        match obstacle(visit, &checklist, standing, &documents, rounds.chosen) {
            Some(why) => others.push(Other { row, why }),
            None => ready.extend(ready_of(visit, standing, row, ticked)),
        }
    }
    Ok(ConfirmPage {
        page: visit.page("confirm.title"),
        query,
        rounds: round_tabs(visit, choice, &rounds, "/checklist/confirm"),
        round: rounds.chosen,
        ready,
        others,
        refused,
        may_answer: visit.may_change(),
    })
}

fn row(
    visit: &Visit,
    checklist: &Checklist<'_>,
    standing: &ItemStanding,
    query: &str,
) -> Option<Row> {
    let item = checklist.item(standing)?;
    Some(Row {
        href: format!("/checklist/{}{query}", checklist.edition.handle(item)),
        number: item.number.clone(),
        wording: item.wording.text.clone(),
        standing: Badge::of(standing.standing, visit.language),
    })
}

/// Why an item must be looked at, in words.
fn obstacle(
    visit: &Visit,
    checklist: &Checklist<'_>,
    standing: &ItemStanding,
    documents: &[Document],
    round: u8,
) -> Option<&'static str> {
    let key = match checklist.obstacle(standing, documents, round)? {
        Obstacle::Unanswered => "confirm.unanswered",
        Obstacle::NotYes => "confirm.not_yes",
        Obstacle::Contradicted => "confirm.contradicted",
        Obstacle::Stale => "confirm.stale",
        Obstacle::NoBasis => "confirm.no_basis",
        Obstacle::Changed => "confirm.changed",
        Obstacle::Done => "confirm.already",
    };
    Some(visit.words().get(key))
}

fn ready_of(visit: &Visit, standing: &ItemStanding, row: Row, ticked: &[String]) -> Option<Ready> {
    let answer = standing.answer.as_ref()?;
    let seen = answer.recorded_at.as_millisecond();
    let value = format!("{seen} {}", standing.item);
    Some(Ready {
        is_ticked: ticked.contains(&value),
        ticked: value,
        row,
        value: answer.value.label(visit.language),
        confirmed_on: visit.words().day(answer.confirmed_on),
        by: answer.answered_by.clone(),
        note: answer.note.clone(),
    })
}

pub(super) async fn confirm(
    visit: Visit,
    Query(choice): Query<Choice>,
    Typed(typed): Typed<TypedTicks>,
) -> Result<Response, Problem> {
    let choice = match typed.round {
        Some(round) => choice.with_round(round),
        None => choice,
    };
    let workspace = &visit.workspace;
    let (edition, form) = choice.form(workspace)?;
    let rounds = Rounds::of(&choice, form, edition, &workspace.answers().await?)?;
    let ticked: Option<Vec<Ticked>> = typed.item.iter().map(|value| ticked(value)).collect();
    let ticked = ticked.ok_or(Problem::Status(StatusCode::BAD_REQUEST))?;
    let words = visit.words();
    let refused = match ticked.is_empty() {
        true => words.get("confirm.none_ticked").to_owned(),
        false => {
            let (by, which) = (&visit.person().name, choice.which());
            match workspace
                .confirm(&which, rounds.chosen, &ticked, by)
                .await?
            {
                0 => {
                    let query = choice.query_and(&[("done", "confirmed")]);
                    return Ok(Redirect::to(&format!("/checklist{query}")).into_response());
                }
                n => words.with("confirm.n_changed", &[("n", &n)]),
            }
        }
    };
    let page = page(&visit, &choice, &typed.item, Some(refused)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
}

/// The value of a tick box: when the answer was recorded, and the item.
fn ticked(value: &str) -> Option<Ticked> {
    let (seen, item) = value.split_once(' ')?;
    Some(Ticked {
        item: ItemId::new(item),
        seen: Timestamp::from_millisecond(seen.parse().ok()?).ok()?,
    })
}
