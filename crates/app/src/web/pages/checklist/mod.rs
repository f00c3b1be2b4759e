//! The checklist: the official form as one sees it on paper, with how each item stands, and the
//! ways into it. One item a screen is in `item`, confirming many at once in `confirm`.

mod confirm;
mod item;
mod paper;
mod taken;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use sonae_domain::answer::{Answer, AnswerValue};
use sonae_domain::edition::{Audience, Edition, Form};
use sonae_domain::ids::ItemId;
use sonae_domain::labels::Language;
use sonae_domain::standing::Standing;

use crate::usecase::charts::{self, Drawn};
use crate::usecase::checklist::{Checklist, WhichForm};
use crate::usecase::workspace::Workspace;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::Visit;

use paper::{Paper, PaperRow};
use taken::{Taken, taken};

/// Nobody confirms more often in a year; a later round that is there is shown all the same.
const ROUNDS_SHOWN: u8 = 3;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/checklist", show)
        .get("/checklist/confirm", confirm::show)
        .post("/checklist/confirm", confirm::confirm)
        .get("/inspections/showing", item::showing::show)
        .post("/inspections/showing", item::showing::bring)
        .get("/checklist/{item}", item::show)
        .post("/checklist/{item}", item::answering::answer)
}

/// Which form and round a page is about, as its address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    form: Option<String>,
    edition: Option<String>,
    round: Option<u8>,
}

impl Choice {
    pub(super) fn which(&self) -> WhichForm {
        WhichForm {
            form: self.form.clone(),
            edition: self.edition.clone(),
        }
    }

    /// The form and edition meant. One that does not exist is not found.
    pub(super) fn form<'w>(
        &self,
        workspace: &'w Workspace,
    ) -> Result<(&'w Edition, &'w Form), Problem> {
        workspace.form(&self.which()).map_err(|_| Problem::NotFound)
    }

    /// Whether it is the institution's own form, up to its latest round.
    fn is_the_usual(&self) -> bool {
        self.form.is_none() && self.edition.is_none() && self.round.is_none()
    }

    /// The query of an address: `?form=vendor&round=2`, or nothing.
    pub(super) fn query(&self) -> String {
        self.query_and(&[])
    }

    /// The query with more in it.
    fn query_and(&self, more: &[(&str, &str)]) -> String {
        let round = self.round.map(|round| round.to_string());
        let own = [
            ("form", self.form.as_deref()),
            ("edition", self.edition.as_deref()),
            ("round", round.as_deref()),
        ];
        let own = own
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        let pairs: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        let query = serde_html_form::to_string(pairs).unwrap_or_default();
        match query.is_empty() {
            true => query,
            false => format!("?{query}"),
        }
    }

    fn with_round(&self, round: u8) -> Self {
        Self {
            round: Some(round),
            ..self.clone()
        }
    }
}

/// The rounds of a form that a person may choose from, and the one that the address means: the
/// latest that has an answer, where it says none.
struct Rounds {
    chosen: u8,
    last: u8,
}

impl Rounds {
    /// # Errors
    /// A round that nobody can choose.
    fn of(
        choice: &Choice,
        form: &Form,
        edition: &Edition,
        answers: &[Answer],
    ) -> Result<Self, Problem> {
        let of_form = |answer: &&Answer| {
            let item = edition.item(&answer.item);
            item.is_some_and(|item| item.form == form.id)
        };
        let rounds = answers.iter().filter(of_form).map(|answer| answer.round);
        let latest = rounds.max().unwrap_or(1);
        let last = latest.max(form.rounds).max(ROUNDS_SHOWN);
        let chosen = choice.round.unwrap_or(latest);
        match (1..=last).contains(&chosen) {
            true => Ok(Self { chosen, last }),
            false => Err(Problem::NotFound),
        }
    }
}

/// A link among several views of the same thing.
struct Tab {
    href: String,
    word: String,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "checklist.html")]
struct ChecklistPage {
    page: Page,
    query: String,
    label: String,
    /// What a reader must know about this edition.
    remark: String,
    forms: Vec<Tab>,
    editions: Vec<Tab>,
    rounds: Vec<Tab>,
    n_answered: usize,
    n_items: usize,
    /// Where the guided mode begins: path and number of the first item without an answer.
    next: Option<(String, String)>,
    figures: Vec<(Badge, usize)>,
    sections: Drawn,
    paper: Paper,
    /// What was taken over from vendors; none on a form that no vendor fills in.
    taken: Option<Vec<Taken>>,
    may_answer: bool,
    /// The draft that the browser may forget, because it was saved just now.
    kept: Option<String>,
}

/// The item that was just saved, by its id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Beside {
    saved: Option<ItemId>,
}

async fn show(
    visit: Visit,
    Query(choice): Query<Choice>,
    Query(beside): Query<Beside>,
) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let (edition, form) = choice.form(workspace)?;
    let answered = workspace.answered().await?;
    let rounds = Rounds::of(&choice, form, edition, &answered.answers)?;
    let checklist = workspace
        .judge_answers(&choice.which(), answered, Some(rounds.chosen))
        .await?;
    if choice.is_the_usual() {
        workspace.keep_summary(&checklist).await?;
    }
    let sheet = workspace.official_sheet(&checklist, rounds.chosen);
    let n_answered = checklist
        .standings
        .iter()
        .filter(|s| s.answer.is_some())
        .count();
    let documents = workspace.items_with_documents().await?;
    let query = choice.query();
    render(&ChecklistPage {
        page: visit.page("checklist.title"),
        label: format!("{} {}", edition.head.label, form.label),
        remark: edition.head.remark.get(visit.language).to_owned(),
        forms: forms(&choice, edition, form),
        editions: editions(&visit, edition),
        rounds: round_tabs(&visit, &choice, &rounds, "/checklist"),
        n_answered,
        n_items: checklist.standings.len(),
        next: next(&checklist, &query),
        figures: figures(&checklist, visit.language),
        sections: charts::standings(&checklist, visit.language)?,
        paper: Paper::of(&sheet, &checklist, &documents, &query, visit.language),
        taken: taken(&visit, edition, form).await?,
        may_answer: visit.may_change(),
        kept: beside.saved.map(|id| item::keep(&visit, &id)),
        query,
    })
}

fn forms(choice: &Choice, edition: &Edition, here: &Form) -> Vec<Tab> {
    let tab = |form: &Form| {
        let choice = Choice {
            form: Some(form.id.as_str().to_owned()),
            round: None,
            ..choice.clone()
        };
        Tab {
            href: format!("/checklist{}", choice.query()),
            word: form.label.clone(),
            is_here: form.id == here.id,
        }
    };
    edition.head.forms.iter().map(tab).collect()
}

fn editions(visit: &Visit, here: &Edition) -> Vec<Tab> {
    let tab = |edition: &Edition| {
        let choice = Choice {
            edition: Some(edition.head.id.as_str().to_owned()),
            ..Choice::default()
        };
        Tab {
            href: format!("/checklist{}", choice.query()),
            word: edition.head.label.clone(),
            is_here: edition.head.id == here.head.id,
        }
    };
    visit
        .workspace
        .catalog
        .editions
        .values()
        .rev()
        .map(tab)
        .collect()
}

fn round_tabs(visit: &Visit, choice: &Choice, rounds: &Rounds, path: &str) -> Vec<Tab> {
    let tab = |round: u8| Tab {
        href: format!("{path}{}", choice.with_round(round).query()),
        word: visit.words().with("checklist.round_n", &[("n", &round)]),
        is_here: round == rounds.chosen,
    };
    (1..=rounds.last).map(tab).collect()
}

/// The first item without an answer.
fn next(checklist: &Checklist<'_>, query: &str) -> Option<(String, String)> {
    let unanswered = checklist.standings.iter().find(|s| s.answer.is_none())?;
    let item = checklist.item(unanswered)?;
    let handle = checklist.edition.handle(item);
    Some((format!("/checklist/{handle}{query}"), item.number.clone()))
}

/// How many items stand how.
fn figures(checklist: &Checklist<'_>, language: Language) -> Vec<(Badge, usize)> {
    let mut counts: BTreeMap<Standing, usize> = BTreeMap::new();
    for standing in &checklist.standings {
        *counts.entry(standing.standing).or_default() += 1;
    }
    let counts = counts.into_iter();
    counts
        .map(|(standing, n)| (Badge::of(standing, language), n))
        .collect()
}
