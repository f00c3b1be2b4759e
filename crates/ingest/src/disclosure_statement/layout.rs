//! Where in a sheet the numbers, questions, answers and remarks stand: by its headers, or by what
//! its cells hold where there are none.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::words::{self, Field};
use crate::table::{Area, Row, Sheet, Vocabulary};

/// So many answers below each other are a column of answers, not a remark.
const ANSWERS_MIN: usize = 3;

/// The columns of a part of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// A number may stand in any of them.
    pub(super) number: Option<RangeInclusive<usize>>,
    /// The question and what is indented below it.
    pub(super) question: RangeInclusive<usize>,
    pub(super) answers: Answers,
    pub(super) note: Option<usize>,
}

/// How answers are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answers {
    /// A mark in the column of はい, いいえ or 対象外.
    Marks {
        yes: usize,
        no: usize,
        not_applicable: Option<usize>,
    },
    /// As a word, in one cell or several.
    Words(RangeInclusive<usize>),
}

impl Answers {
    /// All columns with answers.
    pub(super) fn columns(&self) -> RangeInclusive<usize> {
        match self {
            Self::Words(columns) => columns.clone(),
            Self::Marks {
                yes,
                no,
                not_applicable,
            } => {
                let all = [*yes, *no, not_applicable.unwrap_or(*no)];
                let first = all.iter().min().copied().unwrap_or(*yes);
                first..=all.iter().max().copied().unwrap_or(*no)
            }
        }
    }
}

/// Headers of columns, as far as they are known; those of a second row come on top.
#[derive(Debug, Clone, Default)]
pub(super) struct Headers {
    columns: BTreeMap<Field, RangeInclusive<usize>>,
    /// Every column that has a header, known or not.
    named: Vec<usize>,
}

impl Headers {
    /// Takes a row in, if it is one of headers.
    pub(super) fn take(&mut self, row: &Row, sheet: &Sheet, fields: &Vocabulary<Field>) -> bool {
        let mut found: BTreeMap<Field, RangeInclusive<usize>> = BTreeMap::new();
        for (column, text) in row.filled() {
            if let Some((_, field)) = fields.field(text) {
                found
                    .entry(field)
                    .or_insert_with(|| width(sheet, row.number, column));
            }
        }
        let has = |field: Field| found.contains_key(&field);
        let has_marks = has(Field::Yes) && has(Field::No);
        let has_words = has(Field::Answer) && (has(Field::Question) || has(Field::Number));
        // A line of a paper form: its number, and the three words to choose from.
        let is_question = row.filled().any(|(_, text)| words::is_number(text));
        if is_question || !(has_marks || has_words) {
            return false;
        }
        match has_marks {
            true => drop(self.columns.remove(&Field::Answer)),
            false => self
                .columns
                .retain(|field, _| !matches!(field, Field::Yes | Field::No | Field::NotApplicable)),
        }
        self.named.extend(row.filled().map(|(column, _)| column));
        self.columns.extend(found);
        if has_marks {
            self.columns.remove(&Field::Answer);
        }
        true
    }

    pub(super) fn layout(&self) -> Option<Layout> {
        let of = |field: Field| self.columns.get(&field);
        let first = |field: Field| of(field).map(|columns| *columns.start());
        let answers = match (first(Field::Yes), first(Field::No), of(Field::Answer)) {
            (Some(yes), Some(no), _) => Answers::Marks {
                yes,
                no,
                not_applicable: first(Field::NotApplicable),
            },
            (_, _, Some(columns)) => Answers::Words(columns.clone()),
            _ => return None,
        };
        let number = of(Field::Number).cloned();
        let question = self.question(number.as_ref(), &answers);
        Some(Layout {
            number,
            question,
            answers,
            note: first(Field::Note),
        })
    }

    /// From the header of the question, or behind the number, to the next header.
    fn question(
        &self,
        number: Option<&RangeInclusive<usize>>,
        answers: &Answers,
    ) -> RangeInclusive<usize> {
        let named = self.columns.get(&Field::Question);
        let behind = number.map_or(0, |number| number.end() + 1);
        let first = named.map_or(behind, |columns| *columns.start());
        let next = self
            .named
            .iter()
            .copied()
            .chain([*answers.columns().start()]);
        let next = next.filter(|column| *column > first).min();
        let last = next.map_or(first, |next| next - 1);
        first..=last.max(named.map_or(first, |columns| *columns.end()))
    }
}

/// The columns of a sheet without headers, where answers stand below each other.
pub(super) fn by_content(sheet: &Sheet) -> Option<Layout> {
    let mut n_answers: BTreeMap<usize, usize> = BTreeMap::new();
    for (column, text) in sheet.rows.iter().flat_map(Row::filled) {
        if words::is_answer(text) {
            *n_answers.entry(column).or_default() += 1;
        }
    }
    n_answers.retain(|_, n| *n >= ANSWERS_MIN);
    let (first, _) = n_answers.first_key_value()?;
    let (last, _) = n_answers.last_key_value()?;
    let (first, last) = (*first, *last);
    let answered = || {
        let is_answered = |row: &&Row| (first..=last).any(|at| words::is_answer(row.cell(at)));
        sheet.rows.iter().filter(is_answered)
    };
    let n_numbers = |column: &usize| {
        let numbers = answered().filter(|row| words::is_number(row.cell(*column)));
        numbers.count()
    };
    let number = (0..first).find(|column| n_numbers(column) * 2 >= answered().count());
    let is_note = |column: &usize| answered().any(|row| !row.cell(*column).is_empty());
    let behind = number.map_or(0, |column| column + 1);
    (behind < first).then(|| Layout {
        number: number.map(|column| column..=column),
        question: behind..=first - 1,
        answers: Answers::Words(first..=last),
        note: (last + 1..last + 4).find(is_note),
    })
}

/// The columns over which a cell is merged.
fn width(sheet: &Sheet, row: u32, column: usize) -> RangeInclusive<usize> {
    let mut areas = sheet.merged.iter();
    let area =
        areas.find(|area| area.rows.0 <= row && row <= area.rows.1 && area.columns.0 == column);
    area.map_or(column..=column, |area| column..=area.columns.1)
}

/// The merged area that covers a cell, its first cell or another.
pub(super) fn area(sheet: &Sheet, row: u32, column: usize) -> Option<&Area> {
    sheet.merged.iter().find(|area| {
        let is_in_rows = (area.rows.0..=area.rows.1).contains(&row);
        is_in_rows && (area.columns.0..=area.columns.1).contains(&column)
    })
}
