//! One item a screen: the official question, our explanation, what the evidence says, the person's
//! answer, and everything that was ever answered.

pub(super) mod answering;
mod evidence;
mod guidance;
pub(super) mod showing;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use sonae_domain::answer::{Answer, AnswerValue, VendorContract};
use sonae_domain::edition::{Edition, Form, Item};
use sonae_domain::era;
use sonae_domain::ids::ItemId;
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::{Label, Language};
use sonae_domain::register::Document;
use sonae_domain::standing::Standing;

use super::paper::Line;
use super::{Choice, Rounds, Tab, round_tabs};
use crate::usecase::checklist::Checklist;
use crate::usecase::explaining::Explained;
use crate::usecase::workspace::Workspace;
use crate::web::page::{Page, render};
use crate::web::pages::disclosures::Covered;
use crate::web::problem::Problem;
use crate::web::values::{Badge, wire};
use crate::web::visit::Visit;

use answering::TypedForm;
use evidence::Evidence;
use guidance::Explained as Plain;

/// What the address says beside form and round.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Beside {
    /// The item that was just saved, by its id.
    saved: Option<String>,
    /// Shows all subjects of the checks.
    all: Option<String>,
}

/// An item of a form, with its neighbours.
struct Place<'w> {
    edition: &'w Edition,
    form: &'w Form,
    item: &'w Item,
    before: Option<&'w Item>,
    after: Option<&'w Item>,
    /// Counts from 1.
    position: usize,
    n_items: usize,
}

impl<'w> Place<'w> {
    /// # Errors
    /// There is no such form or item.
    fn find(visit: &'w Visit, choice: &Choice, handle: &str) -> Result<Self, Problem> {
        let workspace = &visit.workspace;
        let (edition, form) = choice.form(workspace)?;
        let item = workspace
            .item(edition, form, handle)
            .map_err(|_| Problem::NotFound)?;
        let items: Vec<&Item> = edition.items_of(&form.id).collect();
        let at = items.iter().position(|other| other.id == item.id);
        let at = at.ok_or(Problem::NotFound)?;
        let before = at.checked_sub(1);
        Ok(Self {
            edition,
            form,
            item,
            before: before.and_then(|before| items.get(before).copied()),
            after: items.get(at + 1).copied(),
            position: at + 1,
            n_items: items.len(),
        })
    }

    fn path(&self) -> String {
        path_of(self.edition, self.item)
    }

    /// A neighbour: where it is, and its number.
    fn link(&self, item: Option<&Item>, query: &str) -> Option<(String, String)> {
        let item = item?;
        let path = path_of(self.edition, item);
        Some((format!("{path}{query}"), item.number.clone()))
    }

    fn section(&self) -> &str {
        let section = self
            .form
            .sections
            .iter()
            .find(|s| s.id == self.item.section);
        section.map_or("", |section| &section.title.text)
    }
}

fn path_of(edition: &Edition, item: &Item) -> String {
    format!("/checklist/{}", edition.handle(item))
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    page: Page,
    query: String,
    path: String,
    question: Question,
    standing: Badge,
    standing_why: String,
    reason: String,
    is_contradicted: bool,
    explanation: Option<Explanation>,
    plain: Vec<Plain>,
    evidence: Evidence,
    /// For which systems there is an MDS or SDS, where the item asks for them.
    covered: Option<Covered>,
    rounds: Vec<Tab>,
    round: u8,
    choices: Vec<AnswerChoice>,
    typed: TypedForm,
    earlier: Option<Told>,
    current: Option<Told>,
    notices: Vec<&'static str>,
    refused: Option<Refused>,
    /// The last day of the fiscal year, to choose as 目標日.
    year_end: String,
    just_saved: Option<JustSaved>,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    history: Vec<Told>,
    keep: String,
    may_answer: bool,
}

/// The official question, and where it stands on the form.
struct Question {
    number: String,
    /// What is asked, in a few words of ours.
    title: String,
    section: String,
    position: usize,
    n_items: usize,
    wording: Line,
    remark: Option<String>,
    original: Option<String>,
    source: String,
    changed: Option<String>,
}

impl Question {
    fn of(place: &Place<'_>, checklist: &Checklist<'_>, language: Language) -> Self {
        let (item, head) = (place.item, &place.edition.head);
        let changed = item.changed.as_ref();
        Self {
            number: item.number.clone(),
            title: guidance::title(checklist, item, language),
            section: place.section().to_owned(),
            position: place.position,
            n_items: place.n_items,
            wording: Line::of(&item.wording),
            remark: item.remark.clone(),
            original: item.original.clone(),
            source: format!("{} {} {}", head.issuer, head.label, place.form.label),
            changed: changed.map(|text| text.get(language).to_owned()),
        }
    }
}

/// One of the three answers.
struct AnswerChoice {
    wire: String,
    word: &'static str,
    hint: &'static str,
    key: &'static str,
    is_chosen: bool,
    is_closed: bool,
}

/// An answer in words.
struct Told {
    round: u8,
    value: &'static str,
    confirmed_on: String,
    target_on: Option<String>,
    note: Option<String>,
    by: String,
    at: String,
}

struct Explanation {
    text: String,
    ends_on: String,
    holds: bool,
    by: String,
}

struct Refused {
    sentence: String,
    field: Option<&'static str>,
}

/// The line on top of the next item: what was saved just now, by whom, when.
struct JustSaved {
    line: String,
    notices: Vec<&'static str>,
    kept: String,
}

impl ItemPage {
    /// Whether the sentence of a refusal belongs to a field.
    fn is_wrong(&self, field: &str) -> bool {
        let refused = self.refused.as_ref();
        refused.and_then(|refused| refused.field) == Some(field)
    }
}

pub(super) async fn show(
    visit: Visit,
    Path(handle): Path<String>,
    Query(choice): Query<Choice>,
    Query(beside): Query<Beside>,
) -> Result<Response, Problem> {
    let place = Place::find(&visit, &choice, &handle)?;
    render(&page(&visit, &choice, &beside, &place, None).await?)
}

/// What a person typed and why it was refused, to be shown again.
type Again = (TypedForm, Refused);

async fn page(
    visit: &Visit,
    choice: &Choice,
    beside: &Beside,
    place: &Place<'_>,
    again: Option<Again>,
) -> Result<ItemPage, Problem> {
    let (workspace, words) = (&visit.workspace, visit.words());
    let item = place.item;
    let answered = workspace.answered().await?;
    let rounds = Rounds::of(choice, place.form, place.edition, &answered.answers)?;
    let checklist = workspace
        .judge_answers(&choice.which(), answered, Some(rounds.chosen))
        .await?;
    let standing = checklist.standings.iter().find(|s| s.item == item.id);
    let standing = standing.ok_or(Problem::NotFound)?;
    let mut shown = workspace.documents().await?;
    let documents: Vec<Document> = shown.iter().map(|view| view.document.clone()).collect();
    shown.retain(|view| view.document.items.contains(&item.id));
    let of_round = |round: u8| {
        let mut of_item = checklist
            .answers
            .iter()
            .filter(|answer| answer.item == item.id);
        of_item.find(|answer| answer.round == round)
    };
    let current = of_round(rounds.chosen);
    let earlier = (1..rounds.chosen).rev().find_map(of_round);
    let history = workspace.answer_history(&item.id).await?;
    let (typed, refused) = match again {
        Some((typed, refused)) => (typed, Some(refused)),
        None => (
            typed_before(visit, current, &checklist, standing, &documents),
            None,
        ),
    };
    let explanation = workspace.explanations().await?.remove(&item.id);
    let query = choice.query();
    Ok(ItemPage {
        page: visit.page_named(format!("{} {}", item.number, words.get("item.title"))),
        path: place.path(),
        question: Question::of(place, &checklist, visit.language),
        standing: Badge::of(standing.standing, visit.language),
        standing_why: standing_why(visit, standing.standing),
        reason: reason(visit, &checklist, standing, item),
        is_contradicted: standing.standing == Standing::Contradicted,
        explanation: explanation.map(|explained| explanation_of(visit, explained)),
        plain: guidance::explained(visit, &checklist, item),
        evidence: Evidence::of(visit, &checklist, standing, &shown, beside.all.is_some()),
        covered: covered(visit, place).await?,
        rounds: round_tabs(visit, choice, &rounds, &place.path()),
        round: rounds.chosen,
        choices: choices(visit, item, &typed.value),
        typed,
        earlier: earlier.map(|answer| Told::of(visit, answer)),
        current: current.map(|answer| Told::of(visit, answer)),
        notices: current.map_or_else(Vec::new, |answer| notices(visit, place, answer)),
        refused,
        year_end: words.day(era::fiscal_year_days(era::fiscal_year_of(workspace.today)).1),
        just_saved: just_saved(visit, beside, place, &checklist.answers),
        before: place.link(place.before, &query),
        after: place.link(place.after, &query),
        history: history
            .iter()
            .rev()
            .map(|answer| Told::of(visit, answer))
            .collect(),
        keep: keep(visit, &item.id),
        may_answer: visit.may_change(),
        query,
    })
}

async fn covered(visit: &Visit, place: &Place<'_>) -> Result<Option<Covered>, Problem> {
    if !Workspace::asks_for_statements(place.edition, place.item) {
        return Ok(None);
    }
    let coverage = visit.workspace.statement_coverage().await?;
    Ok(Some(Covered::of(&coverage, visit)))
}

/// Under which typed but unsaved words are kept in the browser.
pub(super) fn keep(visit: &Visit, item: &ItemId) -> String {
    format!("{}/{item}", visit.workspace.institution.id)
}

/// The form as the answer of the round fills it; 確認日 is today, because whoever presses the button
/// confirms today.
fn typed_before(
    visit: &Visit,
    current: Option<&Answer>,
    checklist: &Checklist<'_>,
    standing: &ItemStanding,
    documents: &[Document],
) -> TypedForm {
    let words = visit.words();
    let target = current.and_then(|answer| answer.target_on);
    TypedForm {
        value: current.map(|answer| wire(answer.value)).unwrap_or_default(),
        confirmed_on: words.day(visit.workspace.today),
        target_on: target.map(|day| words.day(day)).unwrap_or_default(),
        note: current
            .and_then(|answer| answer.note.clone())
            .unwrap_or_default(),
        round: None,
        seen: current
            .map(|a| a.recorded_at.as_millisecond().to_string())
            .unwrap_or_default(),
        basis: checklist.basis(standing, documents),
        go: String::new(),
    }
}

impl Told {
    fn of(visit: &Visit, answer: &Answer) -> Self {
        let words = visit.words();
        Self {
            round: answer.round,
            value: answer.value.label(visit.language),
            confirmed_on: words.day(answer.confirmed_on),
            target_on: answer.target_on.map(|day| words.day(day)),
            note: answer.note.clone(),
            by: answer.answered_by.clone(),
            at: words.moment(answer.recorded_at),
        }
    }
}

fn explanation_of(visit: &Visit, explained: Explained) -> Explanation {
    Explanation {
        holds: explained.holds(visit.workspace.today),
        ends_on: visit.words().day(explained.explanation.ends_on),
        text: explained.explanation.text,
        by: explained.by,
    }
}

/// What the standing means, in a sentence.
fn standing_why(visit: &Visit, standing: Standing) -> String {
    let key = format!("standing.{}", wire(standing));
    visit.words().get(&key).to_owned()
}

/// Why the evidence says what it says, or why 記入不要 does not stand.
fn reason(
    visit: &Visit,
    checklist: &Checklist<'_>,
    standing: &ItemStanding,
    item: &Item,
) -> String {
    let value = standing.answer.as_ref().map(|answer| answer.value);
    let words = visit.words();
    match (value, standing.standing, item.exempt_without_vendor) {
        (Some(AnswerValue::NotRequired), Standing::Contradicted, true) => {
            words.get("item.exempt_by_rule").to_owned()
        }
        (Some(AnswerValue::NotRequired), Standing::Contradicted, false) => {
            words.get("item.exempt_never").to_owned()
        }
        _ => checklist.reason(standing, visit.language),
    }
}

fn choices(visit: &Visit, item: &Item, chosen: &str) -> Vec<AnswerChoice> {
    let words = visit.words();
    let contract = visit.workspace.institution.vendor_contract;
    let exempt = match (item.exempt_without_vendor, contract) {
        (false, _) => "item.exempt_never",
        (true, VendorContract::None) => "item.exempt_allowed",
        (true, VendorContract::Exists) => "item.exempt_has_contract",
        (true, VendorContract::Unconfirmed) => "item.exempt_open",
    };
    let choice = |value: AnswerValue, hint: &str, key, is_closed: bool| {
        let wire = wire(value);
        let is_chosen = wire == chosen;
        AnswerChoice {
            word: value.label(visit.language),
            hint: words.get(hint),
            key,
            is_closed: is_closed && !is_chosen,
            is_chosen,
            wire,
        }
    };
    vec![
        choice(AnswerValue::Yes, "item.yes_hint", "h", false),
        choice(AnswerValue::No, "item.no_hint", "i", false),
        choice(
            AnswerValue::NotRequired,
            exempt,
            "k",
            !item.exempt_without_vendor,
        ),
    ]
}

/// What a person should know about an answer that was taken.
fn notices(visit: &Visit, place: &Place<'_>, answer: &Answer) -> Vec<&'static str> {
    let notices = visit.workspace.answer_notices(place.edition, answer);
    let notices = notices.unwrap_or_default().into_iter();
    notices.map(|notice| notice.label(visit.language)).collect()
}

fn just_saved(
    visit: &Visit,
    beside: &Beside,
    place: &Place<'_>,
    answers: &[Answer],
) -> Option<JustSaved> {
    let saved = beside.saved.as_deref()?;
    let of_item = answers
        .iter()
        .filter(|answer| answer.item.as_str() == saved);
    let answer = of_item.max_by_key(|answer| answer.recorded_at)?;
    let item = place.edition.item(&answer.item)?;
    let words = visit.words();
    let line = words.with(
        "item.just_saved",
        &[
            ("number", &item.number),
            ("value", &answer.value.label(visit.language)),
            ("by", &answer.answered_by),
            ("at", &words.time(answer.recorded_at)),
        ],
    );
    Some(JustSaved {
        line,
        notices: notices(visit, place, answer),
        kept: keep(visit, &answer.item),
    })
}
