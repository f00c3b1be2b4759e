//! Contradictions: answer and facts side by side, with three ways out. An explanation hides nothing;
//! it says until when somebody answers for the difference.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form as Typed;
use serde::Deserialize;
use sonae_domain::era;
use sonae_domain::ids::ItemId;
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::Label;
use sonae_domain::standing::Standing;
use sonae_domain::verdict::{CheckRow, Verdict};

use super::checklist::Choice;
use crate::usecase::answering::Saved;
use crate::usecase::checklist::Checklist;
use crate::usecase::explaining::{Explained, TypedExplanation};
use crate::usecase::failure::Failure;
use crate::web::conflict::{ConflictPage, Version};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::Visit;

/// Facts shown of one item; its own page shows all.
const FACTS_MAX: usize = 3;

/// Machines shown that the ledger lacks.
const MACHINES_MAX: usize = 50;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/contradictions", show)
        .post("/contradictions/{item}/explain", explain)
        .post("/contradictions/{item}/withdraw", withdraw)
}

#[derive(Template)]
#[template(path = "contradictions.html")]
struct ContradictionsPage {
    page: Page,
    /// Nobody answers for these.
    open: Vec<Contradiction>,
    /// Somebody answers for these, until a day.
    explained: Vec<Contradiction>,
    /// The evidence is too old to say.
    stale: Vec<Contradiction>,
    machines: Vec<Fact>,
    n_more_machines: usize,
    refused: Option<Refused>,
    /// The last day for which one can explain today.
    last_end: String,
    /// The last day of the fiscal year, or of what can be explained.
    suggested_end: String,
    may_answer: bool,
}

/// An item whose answer and facts differ.
struct Contradiction {
    id: ItemId,
    /// In addresses and anchors.
    handle: String,
    anchor: String,
    query: String,
    number: String,
    title: String,
    wording: String,
    value: &'static str,
    confirmed_on: String,
    by: String,
    note: Option<String>,
    standing: Badge,
    verdict: Badge,
    facts: Vec<Fact>,
    n_more: usize,
    to_do: Vec<String>,
    explanation: Option<Told>,
    /// What the form to explain holds.
    typed: TypedExplaining,
}

/// What the evidence says about one subject.
struct Fact {
    subject: String,
    reason: String,
    file: Option<(String, String, String)>,
}

/// An explanation in words.
struct Told {
    text: String,
    ends_on: String,
    /// It counts no longer.
    is_over: bool,
    by: String,
    at: String,
    version: i64,
}

struct Refused {
    item: ItemId,
    sentence: String,
    field: Option<&'static str>,
}

/// What a person typed to explain.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct TypedExplaining {
    text: String,
    ends_on: String,
    seen: Option<String>,
}

impl ContradictionsPage {
    /// The lists in the order of need, each with the key of its title.
    fn lists(&self) -> [(&'static str, &[Contradiction]); 3] {
        [
            ("contradictions.open", &self.open),
            ("contradictions.explained", &self.explained),
            ("contradictions.stale", &self.stale),
        ]
    }

    fn n_machines(&self) -> usize {
        self.machines.len() + self.n_more_machines
    }

    fn is_stale(&self, item: &Contradiction) -> bool {
        self.stale.iter().any(|stale| stale.id == item.id)
    }

    fn refused_at(&self, item: &ItemId) -> Option<&Refused> {
        self.refused
            .as_ref()
            .filter(|refused| refused.item == *item)
    }

    fn is_wrong(&self, item: &ItemId, field: &str) -> bool {
        let refused = self.refused_at(item);
        refused.and_then(|refused| refused.field) == Some(field)
    }
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    render(&page(&visit, None).await?)
}

async fn page(
    visit: &Visit,
    again: Option<(TypedExplaining, Refused)>,
) -> Result<ContradictionsPage, Problem> {
    let (workspace, words) = (&visit.workspace, visit.words());
    let checklists = workspace.answered_checklists().await?;
    let mut explanations = workspace.explanations().await?;
    let (mut open, mut explained, mut stale) = (Vec::new(), Vec::new(), Vec::new());
    for checklist in &checklists {
        for standing in &checklist.standings {
            let explanation = explanations.remove(&standing.item);
            let holds = explanation
                .as_ref()
                .is_some_and(|e| e.holds(workspace.today));
            let list = match (standing.standing, holds) {
                (Standing::Contradicted, false) => &mut open,
                (Standing::Contradicted, true) => &mut explained,
                (Standing::Stale, _) => &mut stale,
                _ => continue,
            };
            list.extend(contradiction(visit, checklist, standing, explanation));
        }
    }
    let (typed, refused) = again.unzip();
    if let (Some(typed), Some(refused)) = (typed, &refused) {
        let mut all = open.iter_mut().chain(&mut explained);
        if let Some(of) = all.find(|of| of.id == refused.item) {
            of.typed = typed;
        }
    }
    let machines: BTreeMap<String, Fact> = checklists
        .iter()
        .flat_map(|checklist| {
            let rows = checklist.unledgered();
            rows.map(|(check, row)| fact(visit, checklist, check, row))
        })
        .map(|fact| (fact.subject.clone(), fact))
        .collect();
    let last = workspace.explaining_last();
    let year_end = era::fiscal_year_days(era::fiscal_year_of(workspace.today)).1;
    Ok(ContradictionsPage {
        page: visit.page("contradictions.title"),
        open,
        explained,
        stale,
        n_more_machines: machines.len().saturating_sub(MACHINES_MAX),
        machines: machines.into_values().take(MACHINES_MAX).collect(),
        refused,
        last_end: words.day(last),
        suggested_end: words.day(year_end.min(last)),
        may_answer: visit.may_change(),
    })
}

fn contradiction(
    visit: &Visit,
    checklist: &Checklist<'_>,
    standing: &ItemStanding,
    explanation: Option<Explained>,
) -> Option<Contradiction> {
    let (words, language) = (visit.words(), visit.language);
    let item = checklist.item(standing)?;
    let answer = standing.answer.as_ref()?;
    let controls = checklist.controls(&item.id);
    let title = controls
        .first()
        .map_or("", |control| control.title.get(language));
    let (facts, n_more) = facts(visit, checklist, standing);
    let handle = checklist.edition.handle(item);
    let told = explanation.map(|explained| told(visit, explained));
    Some(Contradiction {
        anchor: item.slug().to_owned(),
        query: format!(
            "?form={}&edition={}",
            checklist.form.id, checklist.edition.head.id
        ),
        number: item.number.clone(),
        title: title.to_owned(),
        wording: item.wording.text.clone(),
        value: answer.value.label(language),
        confirmed_on: words.day(answer.confirmed_on),
        by: answer.answered_by.clone(),
        note: answer.note.clone(),
        standing: Badge::of(standing.standing, language),
        verdict: Badge::of(standing.verdict, language),
        facts,
        n_more,
        to_do: controls
            .iter()
            .flat_map(|control| language.pick(&control.ja, &control.en).look_at.clone())
            .collect(),
        typed: told.as_ref().map(TypedExplaining::of).unwrap_or_default(),
        explanation: told,
        id: item.id.clone(),
        handle,
    })
}

/// What decided: the worst subjects of the check that decided, or the sentence of the rule.
fn facts(visit: &Visit, checklist: &Checklist<'_>, standing: &ItemStanding) -> (Vec<Fact>, usize) {
    let decided = standing.decided_by.as_ref();
    let said = decided.and_then(|check| checklist.judged.verdicts.get(check));
    let grave = |row: &&CheckRow| matches!(row.verdict, Verdict::NotMet | Verdict::Stale);
    let rows = said.map_or(&[][..], |said| &said.rows);
    let rows: Vec<&CheckRow> = rows.iter().filter(grave).collect();
    let of_row = |row: &&CheckRow| Some(fact(visit, checklist, decided?, row));
    let facts: Vec<Fact> = rows.iter().take(FACTS_MAX).filter_map(of_row).collect();
    if facts.is_empty() {
        let by_rule = Fact {
            subject: String::new(),
            reason: checklist.reason(standing, visit.language),
            file: None,
        };
        return (vec![by_rule], 0);
    }
    (facts, rows.len().saturating_sub(FACTS_MAX))
}

fn fact(
    visit: &Visit,
    checklist: &Checklist<'_>,
    check: &sonae_domain::ids::CheckId,
    row: &CheckRow,
) -> Fact {
    let evidence = row.evidence_id.as_ref();
    let evidence = evidence.and_then(|id| checklist.judged.evidence.get(id));
    Fact {
        subject: checklist.subject_name(&row.subject).to_owned(),
        reason: checklist.row_reason(check, row, visit.language),
        file: evidence.map(|evidence| {
            let day = visit.words().day(evidence.effective_on);
            (
                format!("/evidence/{}", evidence.id),
                evidence.file_name.clone(),
                day,
            )
        }),
    }
}

fn told(visit: &Visit, explained: Explained) -> Told {
    Told {
        is_over: !explained.holds(visit.workspace.today),
        ends_on: visit.words().day(explained.explanation.ends_on),
        text: explained.explanation.text,
        by: explained.by,
        at: visit.words().moment(explained.at),
        version: explained.version,
    }
}

impl TypedExplaining {
    fn of(told: &Told) -> Self {
        Self {
            text: told.text.clone(),
            ends_on: told.ends_on.clone(),
            seen: Some(told.version.to_string()),
        }
    }

    /// The version that the page showed.
    ///
    /// # Errors
    /// No page of ours says so.
    fn seen(&self) -> Result<Option<i64>, Problem> {
        match self.seen.as_deref().unwrap_or_default() {
            "" => Ok(None),
            typed => {
                let seen = typed.parse().map(Some);
                seen.map_err(|_| Problem::Status(StatusCode::BAD_REQUEST))
            }
        }
    }
}

/// The item that an address means.
fn item_of(visit: &Visit, choice: &Choice, handle: &str) -> Result<ItemId, Problem> {
    let (edition, form) = choice.form(&visit.workspace)?;
    let item = visit.workspace.item(edition, form, handle);
    item.map(|item| item.id.clone())
        .map_err(|_| Problem::NotFound)
}

async fn explain(
    visit: Visit,
    Path(handle): Path<String>,
    Query(choice): Query<Choice>,
    Typed(typed): Typed<TypedExplaining>,
) -> Result<Response, Problem> {
    let item = item_of(&visit, &choice, &handle)?;
    let said = TypedExplanation {
        text: typed.text.clone(),
        ends_on: typed.ends_on.clone(),
        seen: typed.seen()?,
    };
    let (by, which) = (&visit.person().name, choice.which());
    match visit.workspace.explain(&which, &item, &said, by).await {
        Ok(Saved::Done | Saved::Same) => Ok(done("explained")),
        Ok(Saved::Conflict(theirs)) => conflict(&visit, &choice, &handle, typed, theirs),
        Err(failure) => refused(&visit, item, typed, failure).await,
    }
}

fn done(key: &str) -> Response {
    Redirect::to(&format!("/contradictions?done={key}")).into_response()
}

async fn refused(
    visit: &Visit,
    item: ItemId,
    typed: TypedExplaining,
    failure: Failure,
) -> Result<Response, Problem> {
    let field = failure.field;
    let sentence = failure.refusal()?.get(visit.language).to_owned();
    let refused = Refused {
        item,
        sentence,
        field,
    };
    let page = page(visit, Some((typed, refused))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
}

/// Somebody else explained it first, or otherwise.
fn conflict(
    visit: &Visit,
    choice: &Choice,
    handle: &str,
    typed: TypedExplaining,
    theirs: Explained,
) -> Result<Response, Problem> {
    let words = visit.words();
    let labels =
        ["contradictions.text", "contradictions.ends_on"].map(|key| words.get(key).to_owned());
    let version = theirs.version.to_string();
    let told = told(visit, theirs);
    let page = ConflictPage {
        page: visit.page("conflict.title"),
        what: words.with("contradictions.of_item", &[("number", &handle)]),
        theirs: Version {
            by: told.by,
            at: Some(told.at),
            values: labels
                .iter()
                .cloned()
                .zip([told.text, told.ends_on])
                .collect(),
        },
        yours: Version {
            by: visit.person().name.clone(),
            at: None,
            values: labels
                .iter()
                .cloned()
                .zip([typed.text.clone(), typed.ends_on.clone()])
                .collect(),
        },
        keep: "/contradictions".to_owned(),
        action: format!("/contradictions/{handle}/explain{}", choice.query()),
        fields: vec![
            ("text", typed.text),
            ("ends_on", typed.ends_on),
            ("seen", version),
        ],
    };
    Ok((StatusCode::CONFLICT, render(&page)?).into_response())
}

async fn withdraw(
    visit: Visit,
    Path(handle): Path<String>,
    Query(choice): Query<Choice>,
    Typed(typed): Typed<TypedExplaining>,
) -> Result<Response, Problem> {
    let item = item_of(&visit, &choice, &handle)?;
    let by = &visit.person().name;
    let seen = typed.seen()?;
    match visit
        .workspace
        .withdraw_explanation(&item, seen, by)
        .await?
    {
        Saved::Done | Saved::Same => Ok(done("withdrawn")),
        // They wrote it anew meanwhile: the list shows what stands now.
        Saved::Conflict(_) => Ok(done("not_withdrawn")),
    }
}
