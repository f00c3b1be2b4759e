//! What a package says about each row of its form, gathered from its files as every page of it shows
//! them. How that is put into words is not known here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use sonae_domain::answer::Answer;
use sonae_domain::ids::ItemId;
use sonae_domain::inspection::{AnswerMark, answer_marks};

use super::contents::{Contents, DocumentEntry, EvidenceEntry, ExplanationEntry, FormItem};

/// A row of the form with everything about it.
#[derive(Debug)]
pub(crate) struct RowRead<'a> {
    pub(crate) item: &'a FormItem,
    /// By round.
    pub(crate) answers: Vec<AnswerRead<'a>>,
    /// Behind its verdict.
    pub(crate) evidence: Vec<&'a EvidenceEntry>,
    pub(crate) documents: Vec<&'a DocumentEntry>,
    /// Those that have ended too.
    pub(crate) explanations: Vec<&'a ExplanationEntry>,
}

/// An answer, with what an inspector may ask about.
#[derive(Debug)]
pub(crate) struct AnswerRead<'a> {
    pub(crate) answer: &'a Answer,
    pub(crate) marks: BTreeSet<AnswerMark>,
}

/// Of the answers to rows, by round.
type Marks<'a> = BTreeMap<(&'a ItemId, u8), BTreeSet<AnswerMark>>;

impl Contents {
    /// The rows of the form in their order.
    pub(crate) fn rows(&self) -> Vec<RowRead<'_>> {
        let items = &self.form.items;
        let marks = answer_marks(items.iter().flat_map(|item| &item.answers));
        items.iter().map(|item| self.row(item, &marks)).collect()
    }

    fn row<'a>(&'a self, item: &'a FormItem, marks: &Marks<'a>) -> RowRead<'a> {
        let read = |answer: &'a Answer| AnswerRead {
            answer,
            marks: marks
                .get(&(&answer.item, answer.round))
                .cloned()
                .unwrap_or_default(),
        };
        let mut answers: Vec<AnswerRead<'_>> = item.answers.iter().map(read).collect();
        answers.sort_by_key(|read| read.answer.round);
        let (evidence, documents) = (self.evidence.iter(), self.documents.iter());
        let explanations = self.explanations.iter();
        RowRead {
            item,
            answers,
            evidence: evidence
                .filter(|entry| item.evidence.contains(&entry.id))
                .collect(),
            documents: documents
                .filter(|entry| entry.items.contains(&item.item))
                .collect(),
            explanations: explanations
                .filter(|entry| entry.explanation.item == item.item)
                .collect(),
        }
    }
}

impl DocumentEntry {
    /// Whether its last day was past on a day.
    pub(crate) fn is_over(&self, on: Date) -> bool {
        self.valid_until.is_some_and(|last| last < on)
    }
}

impl ExplanationEntry {
    /// Whether it still counted on a day.
    pub(crate) fn holds(&self, on: Date) -> bool {
        on <= self.explanation.ends_on
    }
}
