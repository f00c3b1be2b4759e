//! The glossary: every official term and every word of ours in plain language. Anybody may read it.

use askama::Template;
use axum::response::Response;
use sonae_domain::glossary::Term;
use sonae_domain::labels::Language;
use unicode_normalization::UnicodeNormalization;

use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visitor;

pub(crate) fn open(doors: Doors) -> Doors {
    doors.get("/glossary", show)
}

#[derive(Template)]
#[template(path = "glossary.html")]
struct GlossaryPage {
    page: Page,
    groups: Vec<Group>,
}

/// The words that begin alike.
struct Group {
    initial: char,
    words: Vec<Word>,
}

struct Word {
    id: String,
    word: String,
    reading: String,
    other: String,
    plain: String,
    source: String,
}

async fn show(visitor: Visitor) -> Result<Response, Problem> {
    let language = visitor.language;
    let catalog = visitor.app.installation.catalog();
    let mut terms: Vec<&Term> = catalog.glossary.terms.iter().collect();
    terms.sort_by_key(|term| sorted_by(term, language));
    let groups = terms.chunk_by(|a, b| initial(a, language) == initial(b, language));
    let groups = groups.map(|terms| Group {
        initial: terms.first().map_or(' ', |term| initial(term, language)),
        words: terms.iter().map(|term| word(term, language)).collect(),
    });
    render(&GlossaryPage {
        page: visitor.page("glossary.title"),
        groups: groups.collect(),
    })
}

/// By reading in Japanese, without voicing marks first; by letters in English.
fn sorted_by(term: &Term, language: Language) -> (char, String) {
    let key = language.pick(&term.reading, &term.en);
    (initial(term, language), key.to_lowercase())
}

/// The first letter, without a voicing mark and in upper case.
fn initial(term: &Term, language: Language) -> char {
    let key = language.pick(&term.reading, &term.en);
    let first = key.nfd().next().unwrap_or(' ');
    first.to_uppercase().next().unwrap_or(first)
}

fn word(term: &Term, language: Language) -> Word {
    Word {
        id: term.id.to_string(),
        word: language.pick(&term.ja, &term.en).clone(),
        reading: term.reading.clone(),
        other: language.pick(&term.en, &term.ja).clone(),
        plain: term.plain.get(language).to_owned(),
        source: term.source.clone(),
    }
}
