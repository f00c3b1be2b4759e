//! Rows of the list to customers with their answers. An answer that is doubtful in any cell is not read.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::AnswerValue;
use sonae_domain::evidence::{Finding, Place};

use crate::ReadError;
use crate::answer_form::answer_value;
use crate::findings::Findings;
use crate::labels::tables as labels;
use crate::table::{self, List, Row, Scope, Vocabulary};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerAnswer {
    /// 顧客の名称
    pub customer: String,
    /// The number of its institution, as its requests say.
    pub institution: Option<String>,
    /// What is otherwise for it; none where the row names the customer only.
    pub said: Option<Said>,
    /// So that whoever refuses the row can say where it stands.
    pub place: Place,
}

/// What is otherwise for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// As typed: `2-⑤` or the id of the row.
    pub item: String,
    /// はい, いいえ or 記入不要.
    pub value: AnswerValue,
    /// 確認日
    pub confirmed_on: Option<Date>,
    /// 目標日
    pub target_on: Option<Date>,
    /// 備考
    pub note: Option<String>,
}

/// A list that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerReading {
    /// In the order of the rows.
    pub rows: Vec<CustomerAnswer>,
    /// What could not be read, and why.
    pub findings: Vec<Finding>,
}

/// What a column of the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Customer,
    Institution,
    Item,
    Answer,
    ConfirmedOn,
    TargetOn,
    Note,
}

/// Words in headers, the plainest of each field first.
const WORDS: [(Field, &[&str]); 7] = [
    (
        Field::Customer,
        &["顧客", "顧客名", "施設名", "医療機関名", "customer"],
    ),
    (Field::Institution, &["施設番号", "institution"]),
    (Field::Item, &["項目", "番号", "item"]),
    (Field::Answer, &["回答", "answer"]),
    (
        Field::ConfirmedOn,
        &["確認日", "日付", "date", "confirmed on"],
    ),
    (Field::TargetOn, &["目標日", "target", "target on"]),
    (Field::Note, &["備考", "note"]),
];

/// Reads every sheet that is such a list.
///
/// # Errors
/// No such list, damaged, or beyond a limit.
pub fn read(bytes: &[u8]) -> Result<CustomerReading, ReadError> {
    let table = table::load(super::FORMAT, bytes, Scope::All)?;
    let mut findings = Findings::default();
    let is_list = |fields: &BTreeSet<Field>| fields.contains(&Field::Customer);
    let lists = table::lists(&table, &Vocabulary::new(&WORDS), is_list, &mut findings);
    if lists.is_empty() {
        return Err(ReadError::UnknownFormat);
    }
    table::refuse_no_rows(super::FORMAT, &lists)?;
    let mut rows = Vec::new();
    for list in &lists {
        let read = list.rows.iter();
        rows.extend(read.filter_map(|row| read_row(list, row, &mut findings)));
    }
    Ok(CustomerReading {
        rows,
        findings: findings.into_vec(),
    })
}

/// A customer, or nothing after a finding that says why.
fn read_row(list: &List<'_, Field>, row: &Row, findings: &mut Findings) -> Option<CustomerAnswer> {
    let cells = &mut list.cells(row, findings)?;
    let Some(customer) = cells.text(list.header(Field::Customer)) else {
        cells.row_unread(labels::customer_missing());
        return None;
    };
    let institution = cells.text(list.header(Field::Institution));
    let item = cells.text(list.header(Field::Item));
    let answer = cells.text(list.header(Field::Answer));
    let confirmed_on = day(cells, list.header(Field::ConfirmedOn))?;
    let target_on = day(cells, list.header(Field::TargetOn))?;
    let note = cells.text(list.header(Field::Note));
    let said = match (item, answer) {
        (None, None) => None,
        (Some(item), Some(answer)) => {
            let Some(value) = answer_value(&answer) else {
                cells.row_unread(labels::not_an_answer(&answer));
                return None;
            };
            Some(Said {
                item,
                value,
                confirmed_on,
                target_on,
                note,
            })
        }
        (None, Some(_)) | (Some(_), None) => {
            cells.row_unread(labels::item_or_answer_missing());
            return None;
        }
    };
    Some(CustomerAnswer {
        customer,
        institution,
        said,
        place: list.sheet.place(Some(row.number), None),
    })
}

/// A day or none; nothing if there is something else, which is then a finding.
fn day(cells: &mut table::Cells<'_>, header: Option<&table::Header>) -> Option<Option<Date>> {
    let is_filled = cells.text(header).is_some();
    match cells.day(header) {
        None if is_filled => None,
        day => Some(day),
    }
}
