//! Recognises a list of staff by its header row.

use std::collections::BTreeSet;

use crate::Input;
use crate::table::{self, Scope, Vocabulary};

/// What a column of the roster holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    StaffId,
    Name,
    Account,
    Status,
    LeftOn,
    Department,
    Occupation,
}

/// Words in headers, the plainest of each field first.
const WORDS: [(Field, &[&str]); 7] = [
    (
        Field::StaffId,
        &[
            "職員番号",
            "職員ID",
            "職員コード",
            "職員No",
            "社員番号",
            "社員ID",
            "従業員番号",
            "スタッフ番号",
            "staff id",
            "staff number",
            "employee id",
            "employee number",
        ],
    ),
    (
        Field::Name,
        &[
            "氏名",
            "職員氏名",
            "職員名",
            "社員名",
            "従業員名",
            "名前",
            "姓名",
            "full name",
            "name",
        ],
    ),
    (
        Field::Account,
        &[
            "アカウント",
            "アカウント名",
            "ログインID",
            "ログイン名",
            "ユーザーID",
            "ユーザー名",
            "利用者ID",
            "account",
            "account name",
            "login",
            "login id",
            "user id",
            "user name",
        ],
    ),
    (
        Field::Status,
        &[
            "在職状況",
            "在職",
            "在職状態",
            "在職・退職",
            "在職/退職",
            "在籍状況",
            "在籍",
            "在籍区分",
            "在職区分",
            "勤務状況",
            "退職区分",
            "状態",
            "ステータス",
            "employed",
            "employment status",
            "status",
        ],
    ),
    (
        Field::LeftOn,
        &[
            "退職日",
            "退職年月日",
            "離職日",
            "最終勤務日",
            "left on",
            "last day",
            "leaving date",
        ],
    ),
    (
        Field::Department,
        &[
            "所属",
            "所属部署",
            "部署",
            "部署名",
            "部門",
            "所属名",
            "診療科",
            "department",
        ],
    ),
    (
        Field::Occupation,
        &[
            "職種",
            "職種名",
            "職名",
            "職務",
            "資格",
            "occupation",
            "job title",
            "profession",
        ],
    ),
];

pub(super) fn words() -> Vocabulary<Field> {
    Vocabulary::new(&WORDS)
}

/// A person and their number or account: a ledger names devices, not people.
pub(super) fn is_roster(fields: &BTreeSet<Field>) -> bool {
    let has = |field| fields.contains(&field);
    (has(Field::Name) && (has(Field::StaffId) || has(Field::Account)))
        || (has(Field::StaffId) && has(Field::Account))
}

pub(super) fn detect(input: &Input<'_>) -> bool {
    let Ok(table) = table::load(super::FORMAT, input.bytes, Scope::Head) else {
        return false;
    };
    let words = words();
    table.sheets.iter().any(|sheet| {
        let header = table::header_row(sheet, &words, is_roster).and_then(|at| sheet.rows.get(at));
        header.is_some_and(|row| {
            let mut headers = table::headers_of(row).into_iter();
            headers.all(|header| !is_of_devices(&header.text))
        })
    })
}

/// Headers of a ledger that also names the person who uses a device.
fn is_of_devices(header: &str) -> bool {
    let key = table::key(header);
    [
        "機器名",
        "コンピュータ名",
        "ホスト名",
        "シリアル番号",
        "macアドレス",
        "ipアドレス",
        "型番",
        "devicename",
        "hostname",
        "computername",
        "macaddress",
        "serialnumber",
    ]
    .iter()
    .any(|word| key == table::key(word))
}
