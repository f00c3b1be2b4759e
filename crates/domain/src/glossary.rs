//! The one dictionary: one Japanese term, one English word, and an explanation for lay readers.

use serde::{Deserialize, Serialize};

use crate::edition::Text;
use crate::ids::TermId;

/// `data/glossary.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glossary {
    /// Ordered by id.
    #[serde(rename = "term")]
    pub terms: Vec<Term>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Lower-case English with hyphens.
    pub id: TermId,
    /// The official Japanese term.
    pub ja: String,
    /// In hiragana, for readers and for sorting.
    pub reading: String,
    /// The English word used in the code and in English texts.
    pub en: String,
    /// Where the term or its translation comes from.
    pub source: String,
    /// What it means, for a reader without knowledge of computers.
    pub plain: Text,
    /// What a programmer must know: scope, false friends.
    pub note: Option<String>,
    /// Words that we do not use for it.
    #[serde(default)]
    pub not: Vec<String>,
}

impl Glossary {
    /// Reads the glossary.
    ///
    /// # Errors
    /// The text is not TOML of this shape.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The term with this id.
    pub fn term(&self, id: &TermId) -> Option<&Term> {
        self.terms.iter().find(|term| term.id == *id)
    }
}
