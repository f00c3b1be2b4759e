//! Rows of the list to rows of `restore_drills`. A result that cannot be told is not a success.

use sonae_domain::evidence::Reading;
use sonae_domain::fact::{FactRows, FactValue};

use super::detect::{self, Field};
use crate::findings::Findings;
use crate::labels::tables as labels;
use crate::table::{self, Cells, List, Row, Scope, folded};
use crate::{Input, ReadError};

const COLUMNS: [&str; 5] = ["repository", "drilled_on", "succeeded", "person", "detail"];

/// Reads every sheet that is such a list.
pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    let table = table::load(super::FORMAT, input.bytes, Scope::All)?;
    let mut findings = Findings::default();
    let lists = table::lists(&table, &detect::words(), detect::is_drills, &mut findings);
    if lists.is_empty() {
        return Err(ReadError::UnknownFormat);
    }
    table::refuse_no_rows(super::FORMAT, &lists)?;
    let mut facts = FactRows::new(super::FORMAT, &COLUMNS);
    for list in &lists {
        let rows = list
            .rows
            .iter()
            .filter_map(|row| read_row(list, row, &mut findings));
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

/// A drill, or nothing after a finding that says why.
fn read_row(list: &List<'_, Field>, row: &Row, findings: &mut Findings) -> Option<Vec<FactValue>> {
    let cells = &mut list.cells(row, findings)?;
    let repository = needed(cells, list, Field::Repository, ("保存先", "repository"))?;
    needed(
        cells,
        list,
        Field::DrilledOn,
        ("実施日", "day of the drill"),
    )?;
    let drilled_on = cells.day(list.header(Field::DrilledOn))?;
    let person = needed(cells, list, Field::Person, ("実施者", "person who did it"))?;
    let all = matches!(
        folded(&repository).as_str(),
        "*" | "全て" | "すべて" | "全部"
    );
    Some(vec![
        if all { "*".to_owned() } else { repository }.into(),
        drilled_on.to_string().into(),
        succeeded(cells, list).into(),
        person.into(),
        cells.text(list.header(Field::Detail)).into(),
    ])
}

/// A text without which a row is no record of a drill.
fn needed(
    cells: &mut Cells<'_>,
    list: &List<'_, Field>,
    field: Field,
    (ja, en): (&str, &str),
) -> Option<String> {
    let text = cells.text(list.header(field));
    if text.is_none() {
        cells.row_unread(labels::drill_lacks(ja, en));
    }
    text
}

fn succeeded(cells: &mut Cells<'_>, list: &List<'_, Field>) -> Option<bool> {
    let header = list.header(Field::Result);
    let (text, header) = cells.text(header).zip(header)?;
    match folded(&text).as_str() {
        "成功" | "復旧できた" | "できた" | "○" | "〇" | "良" | "ok" | "はい" | "yes" => {
            Some(true)
        }
        "失敗" | "復旧できず" | "できず" | "×" | "不可" | "ng" | "いいえ" | "no" => {
            Some(false)
        }
        _ => {
            cells.unread(header, labels::drill_result_unknown(&text));
            None
        }
    }
}
