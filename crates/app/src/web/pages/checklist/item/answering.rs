//! Taking an answer: what was typed, what was seen, and where to go on. What is refused and what
//! somebody else changed meanwhile comes back with everything that was typed.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form as Typed;
use jiff::Timestamp;
use serde::Deserialize;
use sonae_domain::answer::{Answer, AnswerValue};
use sonae_domain::era;
use sonae_domain::labels::Label;

use super::{Beside, Choice, Place, Refused, Rounds, Told, page, path_of};
use crate::usecase::answering::{Saved, Seen, TypedAnswer};
use crate::usecase::failure::Failure;
use crate::web::conflict::{ConflictPage, Version};
use crate::web::page::render;
use crate::web::problem::Problem;
use crate::web::values::wire;
use crate::web::visit::Visit;

/// What a person typed, as the page shows it again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct TypedForm {
    pub(super) value: String,
    pub(super) confirmed_on: String,
    pub(super) target_on: String,
    pub(super) note: String,
    pub(super) round: Option<u8>,
    /// When the answer that they saw was recorded, in milliseconds.
    pub(super) seen: String,
    /// Of the evidence that they saw.
    pub(super) basis: String,
    /// Where to go on: `next` and `stay` save; `before` and `after` save what was changed.
    pub(super) go: String,
}

pub(in super::super) async fn answer(
    visit: Visit,
    Path(handle): Path<String>,
    Query(choice): Query<Choice>,
    Typed(typed): Typed<TypedForm>,
) -> Result<Response, Problem> {
    let choice = match typed.round {
        Some(round) => choice.with_round(round),
        None => choice,
    };
    let place = Place::find(&visit, &choice, &handle)?;
    let answers = visit.workspace.answers().await?;
    let rounds = Rounds::of(&choice, place.form, place.edition, &answers)?;
    let seen = typed.seen()?;
    if typed.only_passes() && !typed.differs(&visit, &place, rounds.chosen, &seen).await? {
        return Ok(Redirect::to(&typed.target(&choice, &place, &[])).into_response());
    }
    let answer = typed.answer(&visit, &place, rounds.chosen);
    let saved = visit
        .workspace
        .answer_as_seen(&choice.which(), &answer, &seen)
        .await;
    match saved {
        Ok(Saved::Done | Saved::Same) => Ok(go_on(&choice, &place, &typed)),
        Ok(Saved::Conflict(theirs)) => conflict(&visit, &choice, &place, &typed, &theirs),
        Err(failure) => refused(&visit, &choice, &place, typed, failure).await,
    }
}

impl TypedForm {
    /// 目標日 belongs to いいえ; the page asks for it only then.
    fn answer(&self, visit: &Visit, place: &Place<'_>, round: u8) -> TypedAnswer {
        let filled = |typed: &str| Some(typed.trim().to_owned()).filter(|t| !t.is_empty());
        let is_no = self.value == wire(AnswerValue::No);
        TypedAnswer {
            item: place.item.id.as_str().to_owned(),
            value: self.value.clone(),
            confirmed_on: filled(&self.confirmed_on),
            target_on: filled(&self.target_on).filter(|_| is_no),
            note: filled(&self.note),
            by: Some(visit.person().name.clone()),
            round: Some(round),
        }
    }

    /// Whether the person pressed 前の項目 or 次の項目, which saves only what was changed.
    fn only_passes(&self) -> bool {
        matches!(self.go.as_str(), "before" | "after")
    }

    /// Whether it says anything else than the answer that the page showed. 確認日 stands on today
    /// by itself, so today is no change.
    ///
    /// # Errors
    /// The store fails.
    async fn differs(
        &self,
        visit: &Visit,
        place: &Place<'_>,
        round: u8,
        seen: &Seen,
    ) -> Result<bool, Problem> {
        let workspace = &visit.workspace;
        let history = workspace.answer_history(&place.item.id).await?;
        let shown = history
            .iter()
            .rev()
            .find(|answer| answer.round == round && Some(answer.recorded_at) == seen.answer);
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let days = |text: &str| said(text).map(|text| era::parse_day(&text));
        let confirmed = shown.map_or(workspace.today, |answer| answer.confirmed_on);
        let is_confirmed_anew = days(&self.confirmed_on)
            .is_some_and(|day| day != Some(workspace.today) && day != Some(confirmed));
        let target = shown.and_then(|answer| answer.target_on);
        let is_no = self.value == wire(AnswerValue::No);
        let note = shown.and_then(|answer| answer.note.as_deref());
        // Browsers end lines in their own way.
        let is_same_note = note
            .unwrap_or_default()
            .trim()
            .lines()
            .eq(self.note.trim().lines());
        Ok(
            self.value != shown.map_or_else(String::new, |answer| wire(answer.value))
                || (is_no && days(&self.target_on) != target.map(Some))
                || is_confirmed_anew
                || !is_same_note,
        )
    }

    /// Where the person goes on: the item before or behind, or this one; behind the last the form.
    fn target(&self, choice: &Choice, place: &Place<'_>, said: &[(&str, &str)]) -> String {
        let item = match self.go.as_str() {
            "next" | "after" => place.after,
            "before" => place.before,
            _ => Some(place.item),
        };
        let path = item.map_or_else(
            || "/checklist".to_owned(),
            |item| path_of(place.edition, item),
        );
        format!("{path}{}", choice.query_and(said))
    }

    /// What the page showed when it was filled in.
    ///
    /// # Errors
    /// No page of ours says so.
    fn seen(&self) -> Result<Seen, Problem> {
        let answer = match self.seen.as_str() {
            "" => None,
            typed => {
                let instant = typed.parse().ok().map(Timestamp::from_millisecond);
                let instant = instant.and_then(Result::ok);
                Some(instant.ok_or(Problem::Status(StatusCode::BAD_REQUEST))?)
            }
        };
        let is_hash = self.basis.len() == 64 && self.basis.bytes().all(|b| b.is_ascii_hexdigit());
        Ok(Seen {
            answer,
            basis: is_hash.then(|| self.basis.clone()),
        })
    }
}

/// On, with a word about what was saved.
fn go_on(choice: &Choice, place: &Place<'_>, typed: &TypedForm) -> Response {
    let is_last = matches!(typed.go.as_str(), "next" | "after") && place.after.is_none();
    let saved = ("saved", place.item.id.as_str());
    let said = match is_last {
        true => &[("done", "saved"), saved][..],
        false => &[saved],
    };
    Redirect::to(&typed.target(choice, place, said)).into_response()
}

async fn refused(
    visit: &Visit,
    choice: &Choice,
    place: &Place<'_>,
    typed: TypedForm,
    failure: Failure,
) -> Result<Response, Problem> {
    let field = failure.field;
    let sentence = failure.refusal()?.get(visit.language).to_owned();
    let again = (typed, Refused { sentence, field });
    let page = page(visit, choice, &Beside::default(), place, Some(again)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
}

/// Somebody else was faster: both answers, to choose from.
fn conflict(
    visit: &Visit,
    choice: &Choice,
    place: &Place<'_>,
    typed: &TypedForm,
    theirs: &Answer,
) -> Result<Response, Problem> {
    let words = visit.words();
    let told = Told::of(visit, theirs);
    let yours = [
        ("value", value_word(visit, &typed.value)),
        ("confirmed_on", typed.confirmed_on.clone()),
        ("target_on", typed.target_on.clone()),
        ("note", typed.note.clone()),
    ];
    let theirs_values = [
        told.value.to_owned(),
        told.confirmed_on,
        told.target_on.unwrap_or_default(),
        told.note.unwrap_or_default(),
    ];
    let labels = [
        "item.answer",
        "item.confirmed_on",
        "item.target_on",
        "item.note",
    ];
    let labels = labels.map(|key| words.get(key).to_owned());
    let round = choice.round.unwrap_or(1).to_string();
    let seen = theirs.recorded_at.as_millisecond().to_string();
    let hidden = [
        ("value", typed.value.clone()),
        ("confirmed_on", typed.confirmed_on.clone()),
        ("target_on", typed.target_on.clone()),
        ("note", typed.note.clone()),
        ("round", round),
        ("seen", seen),
        ("basis", typed.basis.clone()),
        ("go", typed.go.clone()),
    ];
    let here = format!("{}{}", place.path(), choice.query());
    let page = ConflictPage {
        page: visit.page("conflict.title"),
        what: format!("{} {}", place.item.number, place.item.wording.text),
        theirs: Version {
            by: told.by,
            at: Some(told.at),
            values: labels.iter().cloned().zip(theirs_values).collect(),
        },
        yours: Version {
            by: visit.person().name.clone(),
            at: None,
            values: labels
                .iter()
                .cloned()
                .zip(yours.map(|(_, value)| value))
                .collect(),
        },
        keep: here.clone(),
        action: here,
        fields: hidden.to_vec(),
    };
    Ok((StatusCode::CONFLICT, render(&page)?).into_response())
}

fn value_word(visit: &Visit, typed: &str) -> String {
    let values = [AnswerValue::Yes, AnswerValue::No, AnswerValue::NotRequired];
    let value = values.into_iter().find(|value| wire(value) == typed);
    value.map_or_else(String::new, |value| value.label(visit.language).to_owned())
}
