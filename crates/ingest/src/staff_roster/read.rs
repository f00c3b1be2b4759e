//! Rows of the roster to rows of `staff`.

use std::collections::BTreeMap;

use sonae_domain::evidence::Reading;
use sonae_domain::fact::{FactRows, FactValue};

use super::detect::{self, Field};
use crate::findings::Findings;
use crate::labels::tables as labels;
use crate::table::{self, Cells, Header, List, Row, Scope, folded};
use crate::{Input, ReadError};

const COLUMNS: [&str; 7] = [
    "staff_id",
    "name",
    "account",
    "employed",
    "left_on",
    "department",
    "occupation",
];

/// Reads every sheet that is a roster.
pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    let table = table::load(super::FORMAT, input.bytes, Scope::All)?;
    let mut findings = Findings::default();
    let lists = table::lists(&table, &detect::words(), detect::is_roster, &mut findings);
    if lists.is_empty() {
        return Err(ReadError::UnknownFormat);
    }
    let mut facts = FactRows::new("staff", &COLUMNS);
    let mut seen = BTreeMap::new();
    for list in &lists {
        refuse_forbidden(&list.headers)?;
    }
    table::refuse_no_rows(super::FORMAT, &lists)?;
    for list in &lists {
        let rows = list
            .rows
            .iter()
            .filter_map(|row| read_row(list, row, &mut seen, &mut findings));
        facts.rows.extend(rows);
    }
    Ok(Reading {
        format: super::FORMAT.to_owned(),
        reader_version: super::READER.version,
        source: super::FORMAT.to_owned(),
        collector: super::FORMAT.to_owned(),
        command: None,
        target: None,
        collected_at: None,
        facts: vec![facts],
        assets: Vec::new(),
        findings: findings.into_vec(),
    })
}

/// The bytes would be kept as evidence, so the whole file is refused.
fn refuse_forbidden(headers: &[Header]) -> Result<(), ReadError> {
    let is_individual_number = |text: &str| {
        let key = table::key(text);
        key.contains("個人番号") || key.contains(&table::key("マイナンバー"))
    };
    let forbidden = headers.iter().map(|header| &header.text).find(|text| {
        table::is_patient(text) || table::is_password(text) || is_individual_number(text)
    });
    match forbidden {
        None => Ok(()),
        Some(text) => Err(ReadError::Forbidden {
            format: super::FORMAT,
            what: format!("「{text}」"),
        }),
    }
}

/// Staff numbers and the rows they stand in.
type Seen = BTreeMap<String, u32>;

fn read_row(
    list: &List<'_, Field>,
    row: &Row,
    seen: &mut Seen,
    findings: &mut Findings,
) -> Option<Vec<FactValue>> {
    let mut cells = list.cells(row, findings)?;
    let mut text = |field| cells.text(list.header(field));
    let staff_id = text(Field::StaffId);
    let name = text(Field::Name);
    let account = text(Field::Account);
    let department = text(Field::Department);
    let occupation = text(Field::Occupation);
    if staff_id.is_none() && name.is_none() && account.is_none() {
        cells.row_unread(labels::nobody_named());
        return None;
    }
    if let (Some(id), Some(header)) = (&staff_id, list.header(Field::StaffId))
        && let Some(first) = seen.insert(id.clone(), row.number)
    {
        cells.notice(header, labels::staff_number_twice(id, first));
    }
    let left_on = cells.day(list.header(Field::LeftOn));
    let employed = employed(list, &mut cells);
    if let (Some(true), Some(_), Some(header)) = (employed, left_on, list.header(Field::LeftOn)) {
        cells.notice(header, labels::employed_with_last_day());
    }
    Some(vec![
        staff_id.into(),
        name.into(),
        account.into(),
        employed.into(),
        left_on.map(|day| day.to_string()).into(),
        department.into(),
        occupation.into(),
    ])
}

/// Whether the roster says that the person is employed. People on leave are: their accounts may
/// still be needed, which is for a person to say.
fn employed(list: &List<'_, Field>, cells: &mut Cells<'_>) -> Option<bool> {
    let header = list.header(Field::Status)?;
    let text = cells.text(Some(header))?;
    let employed = match folded(&text).as_str() {
        "在職" | "在職中" | "在籍" | "在籍中" | "現職" | "勤務" | "勤務中" | "常勤" | "非常勤"
        | "休職" | "休職中" | "休業" | "産休" | "育休" | "出向" | "employed" | "active"
        | "onleave" | "yes" | "true" | "1" | "○" | "〇" => Some(true),
        "退職" | "退職済" | "退職済み" | "離職" | "転出" | "left" | "retired" | "inactive"
        | "no" | "false" | "0" | "×" => Some(false),
        _ => None,
    };
    // `○` under 退職区分 would mean the contrary.
    let is_reversed = table::key(&header.text).starts_with("退職");
    let is_word = text.chars().count() > 1 && !text.is_ascii();
    if employed.is_none() || (is_reversed && !is_word) {
        cells.unread(header, labels::status_unknown(&text));
        return None;
    }
    employed
}
