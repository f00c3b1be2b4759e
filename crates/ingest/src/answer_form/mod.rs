//! The checklist form that Sonae writes as a workbook, filled in by a person and sent back.
//!
//! Supported: any sheet with a header `item_id`, columns found by their headers in any order, two
//! and more rounds (`回答（2回目）`), days with eras, and signs for はい and いいえ.
//! Not supported: forms that Sonae did not write; `edition_workbook` reads their wording. Sheets
//! without `item_id` are Sonae's own pages of evidence and are not read.

mod read;

#[cfg(test)]
mod tests;

pub(crate) use read::is_form;
pub use read::{FormAnswer, FormReading, answer_value, read};

const FORMAT: &str = "answer_form";
