//! What was refused of what a person typed: the sentence stands on top and at its field, and the
//! page comes back with everything that they typed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sonae_domain::labels::Language;

use super::page::render;
use super::problem::Problem;
use crate::usecase::failure::Failure;

/// A refusal, in the person's language.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) sentence: String,
    /// The field to mend, by its name.
    field: Option<&'static str>,
}

impl Refused {
    /// What a use case refused.
    ///
    /// # Errors
    /// It failed in another way.
    pub(crate) fn of(failure: Failure, language: Language) -> Result<Self, Problem> {
        let field = failure.field;
        Ok(Self {
            sentence: failure.refusal()?.get(language).to_owned(),
            field,
        })
    }

    /// A refusal of the page itself.
    pub(crate) fn said(sentence: &str) -> Self {
        Self {
            sentence: sentence.to_owned(),
            field: None,
        }
    }

    /// The link from the summary to the field; to the form where it is not one field.
    pub(crate) fn anchor(&self) -> &'static str {
        self.field.unwrap_or("main")
    }
}

/// What is wrong with a field, by its name.
pub(crate) fn at<'a>(refused: &'a Option<Refused>, field: &str) -> Option<&'a str> {
    let refused = refused.as_ref()?;
    (refused.field == Some(field)).then_some(refused.sentence.as_str())
}

/// The page once more, with what was typed.
///
/// # Errors
/// The template fails, which is a mistake of ours.
pub(crate) fn once_more(template: &impl Template) -> Result<Response, Problem> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(template)?).into_response())
}
