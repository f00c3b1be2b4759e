//! Recognises a list of approved services by its header row.

use std::collections::BTreeSet;

use crate::Input;
use crate::table::{self, Scope, Vocabulary};

/// What a column of the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    AssetName,
    Kind,
    Protocol,
    Port,
    Service,
    Reason,
    ApprovedOn,
}

/// Words in headers, the plainest of each field first.
const WORDS: [(Field, &[&str]); 7] = [
    (
        Field::AssetName,
        &[
            "機器名",
            "機器名称",
            "対象機器",
            "ホスト名",
            "コンピュータ名",
            "asset name",
            "asset",
            "host name",
        ],
    ),
    (Field::Kind, &["種別", "機器種別", "機器の種別", "kind"]),
    (Field::Protocol, &["プロトコル", "protocol"]),
    (
        Field::Port,
        &["ポート", "ポート番号", "port", "port number"],
    ),
    (
        Field::Service,
        &[
            "サービス名",
            "サービス",
            "プログラム名",
            "ソフトウェア名",
            "service",
            "service name",
            "program",
        ],
    ),
    (
        Field::Reason,
        &["理由", "必要な理由", "許可理由", "用途", "reason"],
    ),
    (
        Field::ApprovedOn,
        &["確認日", "許可日", "承認日", "approved on", "reviewed on"],
    ),
];

pub(super) fn words() -> Vocabulary<Field> {
    Vocabulary::new(&WORDS)
}

/// A service or port with its reason or day: a ledger has neither.
pub(super) fn is_approvals(fields: &BTreeSet<Field>) -> bool {
    let has = |field| fields.contains(&field);
    has(Field::AssetName)
        && (has(Field::Port) || has(Field::Service))
        && (has(Field::Reason) || has(Field::ApprovedOn))
}

pub(super) fn detect(input: &Input<'_>) -> bool {
    let words = words();
    table::load(super::FORMAT, input.bytes, Scope::Head).is_ok_and(|table| {
        table
            .sheets
            .iter()
            .any(|sheet| table::header_row(sheet, &words, is_approvals).is_some())
    })
}
