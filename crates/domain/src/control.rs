//! Controls: what an item asks for, whichever edition asks, and how it is explained to people.

use serde::{Deserialize, Serialize};

use crate::edition::Text;
use crate::ids::{CheckId, ControlId, TermId};

/// `data/controls/<id>.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The file's name without ending.
    pub id: ControlId,
    /// A few words.
    pub title: Text,
    /// Machine or person.
    pub judged_by: JudgedBy,
    /// The checks whose verdicts together judge it. Empty when a person judges.
    #[serde(default)]
    pub checks: Vec<CheckId>,
    /// Why no machine can tell; present exactly when a person judges.
    pub person_reason: Option<Text>,
    /// Words of the glossary that the explanation uses.
    #[serde(default)]
    pub terms: Vec<TermId>,
    /// For readers of Japanese.
    pub ja: Guidance,
    /// For readers of English.
    pub en: Guidance,
}

/// Who can tell whether a control holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgedBy {
    /// Facts and checks.
    Checks,
    /// Only a person, with documents.
    Person,
}

/// One control explained to a clinic manager without knowledge of computers, in our own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guidance {
    /// What is asked, in one or two sentences.
    pub what: String,
    /// Why: one incident or reason in a sentence.
    pub why: String,
    /// What to look at, step by step.
    pub look_at: Vec<String>,
    /// What counts as evidence.
    pub evidence: Vec<String>,
    /// What the inspector (立入検査) sees or asks.
    pub inspector: String,
    /// What to say to the vendor on the telephone, word for word.
    pub vendor_script: String,
}

impl Control {
    /// Reads one control file.
    ///
    /// # Errors
    /// The text is not TOML of this shape.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
