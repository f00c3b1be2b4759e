//! MDS and SDS as vendors fill them in: questions with はい, いいえ or 対象外 and a remark.
//!
//! Supported: XLSX and CSV; answers as marks in columns of their own, as a word in one column, or as
//! printed words of which one is marked; headers that repeat, stand in two rows or are missing;
//! merged cells; several sheets; any width. The wording is the vendor's own, none is known here.
//! Not supported: answers by colour, by a drawn circle or by striking out; PDF and Word.

mod layout;
mod read;
mod words;

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::disclosure::{DisclosureEdition, DisclosureKind, DisclosureRow};
use sonae_domain::evidence::{Finding, Place};

pub use read::read;

const FORMAT: &str = "disclosure_statement";

/// The official forms have some hundred questions; beyond this it is another file.
const QUESTIONS_MAX: usize = 2_000;

/// What a file says, as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureReading {
    /// Where the file says so itself.
    pub kind: Option<DisclosureKind>,
    /// Where the file says so itself.
    pub edition: DisclosureEdition,
    /// 作成日
    pub stated_on: Option<Date>,
    /// Name of the vendor.
    pub vendor: Option<String>,
    /// 製品名・サービス名
    pub product: Option<String>,
    /// バージョン
    pub product_version: Option<String>,
    /// In the order of the file.
    pub rows: Vec<DisclosureRow>,
    /// Lines among the questions that were taken for headings or remarks.
    pub passed_over: Vec<PassedOver>,
    /// What else was not read, or read with doubt.
    pub findings: Vec<Finding>,
}

/// A line that was not taken for a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Sheet and row.
    pub place: Place,
    /// As written.
    pub text: String,
}
