//! 立入検査の画面: somebody names an item across the table, its number is typed, and everything about
//! it stands on the screen. What was shown is written down.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sonae_domain::edition::Item;
use sonae_domain::ids::ItemId;
use sonae_domain::judgement::ItemStanding;

use super::super::paper::Line;
use super::evidence::Evidence;
use super::{Told, reason, standing_why};
use crate::usecase::checklist::{Checklist, WhichForm};
use crate::usecase::documents::DocumentView;
use crate::usecase::failure::Failure;
use crate::usecase::first_visit::required;
use crate::usecase::workspace::Workspace;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::values::Badge;
use crate::web::visit::Visit;

/// Which item is on the screen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::pages::checklist) struct Asked {
    item: Option<String>,
}

/// The number as somebody typed it.
#[derive(Debug, Deserialize)]
pub(in crate::web::pages::checklist) struct Typed {
    item: String,
}

/// An item with everything that an inspector asks about it.
struct OnScreen {
    number: String,
    wording: Line,
    remark: Option<String>,
    original: Option<String>,
    standing: Badge,
    standing_why: String,
    reason: String,
    answer: Option<Told>,
    evidence: Evidence,
    originals: Vec<Original>,
    /// The ledger itself is what is asked to be seen.
    is_ledger: bool,
    explanation: Option<String>,
}

/// A document to be looked at itself.
struct Original {
    /// Where it is shown in full.
    href: String,
    title: String,
    /// For which day it speaks.
    day: String,
    /// Its last day.
    until: Option<String>,
    is_over: bool,
}

/// A row in the list beside: where it is put on the screen, and how it stands.
struct Entry {
    handle: String,
    number: String,
    /// The official wording, behind its group header where the number names several rows.
    text: String,
    is_here: bool,
    /// 確認日, or a mark that there is none.
    confirmed_on: String,
    standing: Badge,
}

#[derive(Template)]
#[template(path = "showing.html")]
struct ShowingPage {
    page: Page,
    refused: Option<Refused>,
    typed: String,
    on_screen: Option<OnScreen>,
    entries: Vec<Entry>,
    n_open: usize,
    before: Option<String>,
    after: Option<String>,
    /// Time, number, and who.
    shown: Vec<(String, String, String)>,
    may_change: bool,
}

/// The control whose original is the ledger.
const LEDGER: &str = "asset-ledger";

impl ShowingPage {
    async fn of(visit: &Visit, item: Option<&ItemId>, typed: String) -> Result<Self, Problem> {
        let (workspace, words) = (&visit.workspace, visit.words());
        let checklist = workspace.judge(&WhichForm::default(), None).await?;
        let rows: Vec<(&Item, &ItemStanding)> = checklist
            .standings
            .iter()
            .filter_map(|standing| Some((checklist.item(standing)?, standing)))
            .collect();
        let here = rows.iter().position(|(row, _)| Some(&row.id) == item);
        let handle = |at: usize| rows.get(at).map(|(item, _)| checklist.edition.handle(item));
        let on_screen = match here.and_then(|here| rows.get(here)) {
            None => None,
            Some((item, standing)) => Some(on_screen(visit, &checklist, item, standing).await?),
        };
        let entries = rows.iter().map(|(item, standing)| Entry {
            handle: checklist.edition.handle(item),
            number: item.number.clone(),
            text: Workspace::item_link(checklist.edition, item).text,
            is_here: Some(*item) == here.and_then(|here| rows.get(here)).map(|(item, _)| *item),
            confirmed_on: match &standing.answer {
                Some(answer) => words.day(answer.confirmed_on),
                None => words.get("showing.no_answer").to_owned(),
            },
            standing: Badge::of(standing.standing, visit.language),
        });
        let shown = workspace.shown_today().await?.into_iter();
        Ok(Self {
            page: visit.page("showing.title"),
            refused: None,
            typed,
            on_screen,
            entries: entries.collect(),
            n_open: rows.iter().filter(|(_, it)| it.answer.is_none()).count(),
            before: here.and_then(|here| handle(here.checked_sub(1)?)),
            after: here.and_then(|here| handle(here + 1)),
            shown: shown
                .map(|shown| {
                    (
                        words.time(shown.stamp.at),
                        shown.item.number,
                        shown.stamp.by,
                    )
                })
                .collect(),
            may_change: visit.may_change(),
        })
    }
}

async fn on_screen(
    visit: &Visit,
    checklist: &Checklist<'_>,
    item: &Item,
    standing: &ItemStanding,
) -> Result<OnScreen, Problem> {
    let mut documents: Vec<DocumentView> = visit.workspace.documents().await?;
    documents.retain(|view| view.document.items.contains(&item.id));
    let words = visit.words();
    let original = |view: &DocumentView| Original {
        href: format!("/evidence/documents/{}/original", view.id),
        title: view.document.title.clone(),
        day: words.day(view.evidence.effective_on),
        until: view.document.valid_until.map(|day| words.day(day)),
        is_over: view.is_expired,
    };
    let explained = visit.workspace.explanations().await?.remove(&item.id);
    let explained = explained.filter(|explained| explained.holds(visit.workspace.today));
    let mut controls = checklist.edition.controls_of(&item.id);
    Ok(OnScreen {
        number: item.number.clone(),
        wording: Line::of(&item.wording),
        remark: item.remark.clone(),
        original: item.original.clone(),
        standing: Badge::of(standing.standing, visit.language),
        standing_why: standing_why(visit, standing.standing),
        reason: reason(visit, checklist, standing, item),
        answer: standing
            .answer
            .as_ref()
            .map(|answer| Told::of(visit, answer)),
        evidence: Evidence::of(visit, checklist, standing, &documents, false),
        originals: documents.iter().map(original).collect(),
        is_ledger: controls.any(|control| control.as_str() == LEDGER),
        explanation: explained.map(|explained| explained.explanation.text),
    })
}

/// The row that was meant by a number.
fn find(visit: &Visit, typed: &str) -> Result<ItemId, Failure> {
    let workspace = &visit.workspace;
    let (edition, form) = workspace.form(&WhichForm::default())?;
    let item = workspace.item(edition, form, &required(typed, "item")?);
    Ok(item.map_err(|failure| failure.at("item"))?.id.clone())
}

pub(in crate::web::pages::checklist) async fn show(
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let item = match &asked.item {
        None => None,
        Some(typed) => Some(find(&visit, typed).map_err(|_| Problem::NotFound)?),
    };
    render(&ShowingPage::of(&visit, item.as_ref(), String::new()).await?)
}

/// Brings an item to the screen, and writes down that it was.
pub(in crate::web::pages::checklist) async fn bring(
    visit: Visit,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    match find(&visit, &typed.item) {
        Ok(item) => {
            let workspace = &visit.workspace;
            workspace.note_shown(&item, &visit.person().name).await?;
            let (edition, form) = workspace.form(&WhichForm::default())?;
            let mut items = edition.items_of(&form.id);
            let item = items.find(|row| row.id == item).ok_or(Problem::NotFound)?;
            let place = format!("/inspections/showing?item={}", edition.handle(item));
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => once_more(&ShowingPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..ShowingPage::of(&visit, None, typed.item).await?
        }),
    }
}
