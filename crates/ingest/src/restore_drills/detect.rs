//! Recognises a list of restore drills by its header row.

use std::collections::BTreeSet;

use crate::Input;
use crate::table::{self, Scope, Vocabulary};

/// What a column of the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Repository,
    DrilledOn,
    Result,
    Person,
    Detail,
}

/// Words in headers, the plainest of each field first.
const WORDS: [(Field, &[&str]); 5] = [
    (
        Field::Repository,
        &[
            "保存先",
            "バックアップ",
            "バックアップ名",
            "復旧元",
            "repository",
            "backup",
        ],
    ),
    (
        Field::DrilledOn,
        &["実施日", "訓練日", "復旧訓練日", "drilled on", "drill date"],
    ),
    (
        Field::Result,
        &["結果", "復旧結果", "成否", "復旧できた", "result"],
    ),
    (
        Field::Person,
        &["実施者", "担当者", "確認者", "person", "done by"],
    ),
    (
        Field::Detail,
        &["内容", "復旧した内容", "確認方法", "備考", "detail"],
    ),
];

pub(super) fn words() -> Vocabulary<Field> {
    Vocabulary::new(&WORDS)
}

/// A backup with the day and the result of a drill.
pub(super) fn is_drills(fields: &BTreeSet<Field>) -> bool {
    [Field::Repository, Field::DrilledOn, Field::Result]
        .iter()
        .all(|field| fields.contains(field))
}

pub(super) fn detect(input: &Input<'_>) -> bool {
    let words = words();
    table::load(super::FORMAT, input.bytes, Scope::Head).is_ok_and(|table| {
        table
            .sheets
            .iter()
            .any(|sheet| table::header_row(sheet, &words, is_drills).is_some())
    })
}
