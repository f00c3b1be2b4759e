//! The official checklist as a workbook of unknown layout, to a draft of an edition that a person
//! compares with the official file and releases.
//!
//! Supported: one form a sheet; merged cells; headers in one or two rows; numbers in the text or in
//! a column of their own, in any width; sections, group headers, remarks and notes. Every row is
//! explained or listed as unexplained; nothing is guessed into an item without a trace.
//! Not supported: two forms in one sheet, an item over several rows, PDF and Word.

mod draft;
mod read;
mod wording;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use sonae_domain::edition::{EditionHead, Item};
use sonae_domain::evidence::Place;

pub use read::read;

const FORMAT: &str = "edition_workbook";

/// A draft, and how each row of the workbook was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionDraft {
    /// With status draft; every wording is to be verified.
    pub head: EditionHead,
    /// In the order of the workbook.
    pub items: Vec<Item>,
    /// What each cell was taken for.
    pub understood: Vec<Understood>,
    /// Rows with cells that were not understood.
    pub unexplained: Vec<UnexplainedRow>,
}

/// A cell that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understood {
    /// Where; the column is its letters.
    pub place: Place,
    /// As what.
    pub what: CellRole,
    /// As written.
    pub text: String,
}

/// What a cell of a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellRole {
    /// The title of the form.
    Title,
    /// Who answers, or for which year.
    Label,
    /// A line beginning with `*`, `＊`, `※` or 注.
    Note,
    /// A header of a column.
    Header,
    /// A category: `1 体制構築`.
    Section,
    /// A line above some items: `…について、以下を実施している。`
    Group,
    /// The number of an item in a column of its own.
    Number,
    /// An item.
    Item,
    /// What is printed where an answer is to be written: `はい・いいえ ( / )`.
    AnswerTemplate,
    /// A place for a name or a day: 医療機関名.
    Blank,
}

/// A row with cells that were not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnexplainedRow {
    /// Name of the sheet.
    pub sheet: String,
    /// From 1.
    pub row: u32,
    /// The cells that were not understood, as written.
    pub cells: Vec<String>,
}
