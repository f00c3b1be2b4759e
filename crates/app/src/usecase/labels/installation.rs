//! What is said about the data folder and the database, their backup and their restore.

use std::io::{Error, ErrorKind};
use std::path::Path;

use sonae_domain::edition::Text;
use sonae_store::StoreError;

use super::text;

pub(crate) fn no_data_folder() -> Text {
    text(
        "データの保存先を決められません。--data DIR で指定してください。",
        "The data folder cannot be decided. Name it with --data DIR.",
    )
}

pub(crate) fn data_folder_unusable(path: &Path, source: &Error) -> Text {
    let path = path.display();
    let (ja, en) = match source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => (
            "書き込めません。権限を確かめるか、--data で別の場所を指定してください。",
            "is not writable. Check its permissions or choose another place with --data.",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (
            "ディスクがいっぱいです。空きを作ってからやり直してください。",
            "the disk is full. Free some space and try again.",
        ),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            ("フォルダではありません。", "is not a folder.")
        }
        _ => ("使えません。", "cannot be used."),
    };
    text(
        format!("データの保存先 {path}: {ja}"),
        format!("Data folder {path}: {en}"),
    )
}

pub(crate) fn data_folder_busy(path: &Path) -> Text {
    let path = path.display();
    text(
        format!(
            "データの保存先 {path} は、別のsonaeが使っています。終わるのを待つか、--data で別の場所を指定してください。"
        ),
        format!(
            "Data folder {path} is used by another sonae. Wait until it ends, or choose another place with --data."
        ),
    )
}

pub(crate) fn data_folder_in_use(path: &Path) -> Text {
    let path = path.display();
    text(
        format!(
            "データの保存先 {path} は使用中です。画面（sonae serve）など、動いているsonaeをすべて終わらせてからやり直してください。何も変更していません。"
        ),
        format!(
            "Data folder {path} is in use. Stop the server and every other sonae, then try again. Nothing was changed."
        ),
    )
}

pub(crate) fn store_failed(error: &StoreError) -> Text {
    let (ja, en) = match error {
        StoreError::Busy { .. } => (
            "ほかの処理が使用中です。少し待ってやり直してください。",
            "is busy. Wait a little and try again.",
        ),
        StoreError::DiskFull { .. } => (
            "ディスクがいっぱいです。空きを作ってからやり直してください。途中のものは保存していません。",
            "the disk is full. Free some space and try again. Nothing was half-written.",
        ),
        StoreError::ReadOnly { .. } => (
            "書き込めません。権限を確かめるか、--data で別の場所を指定してください。",
            "is read-only. Check its permissions or choose another place with --data.",
        ),
        StoreError::Corrupt { .. } => (
            "壊れています。バックアップから戻してください。",
            "is damaged. Restore it from a backup.",
        ),
        StoreError::NewerSchema { .. } => (
            "新しい版のSonaeで作られています。同じか新しい版を使ってください。",
            "was made by a newer Sonae. Use the same or a newer version.",
        ),
        StoreError::Unavailable { .. } => (
            "接続できません。データベースが動いているか、接続先を確かめてください。",
            "cannot be reached. Check that the database runs and its address.",
        ),
        _ => ("予期しないエラーが起きました。", "failed unexpectedly."),
    };
    text(format!("データベース: {ja}"), format!("The database {en}"))
}

// Backup and restore.

pub(crate) fn backup_exists(path: &Path) -> Text {
    let path = path.display();
    text(
        format!("{path}: すでにあります。上書きはしません。別の名前を指定してください。"),
        format!("{path}: is there already and is not overwritten. Choose another name."),
    )
}

pub(crate) fn backup_being_made() -> Text {
    text(
        "いま控えを取っています。終わるまで少し待ってから、このページを開き直してください。",
        "A backup is being made. Wait a little, then open this page again.",
    )
}

pub(crate) fn nothing_to_back_up() -> Text {
    text(
        "バックアップするデータがありません。--data や --database の場所が正しいか確かめてください。",
        "There is nothing to back up. See whether --data or --database names the right place.",
    )
}

pub(crate) fn backup_file_failed(path: &Path, source: &Error) -> Text {
    let path = path.display();
    let (ja, en) = match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => (
            "保存先がいっぱいです。空きを作るか、別の場所を指定してください。",
            "there is no room. Free some space, or choose another place.",
        ),
        _ => (
            "読み書きに失敗しました。保存先の機器を確かめてください。",
            "reading or writing failed. Check the device it is on.",
        ),
    };
    text(format!("{path}: {ja}"), format!("{path}: {en}"))
}

pub(crate) fn backup_damaged(path: &Path) -> Text {
    let path = path.display();
    text(
        format!(
            "{path}: バックアップとして使えません。壊れているか、途中で切れているか、別の種類のファイルです。別のバックアップを使ってください。何も変更していません。"
        ),
        format!(
            "{path}: not usable as a backup: damaged, cut off, or a file of another kind. Use another backup. Nothing was changed."
        ),
    )
}

pub(crate) fn backup_is_newer(path: &Path) -> Text {
    let path = path.display();
    text(
        format!(
            "{path}: 新しい版のSonaeで作られたバックアップです。同じか新しい版で戻してください。何も変更していません。"
        ),
        format!(
            "{path}: a newer Sonae made this backup. Restore it with the same or a newer version. Nothing was changed."
        ),
    )
}

pub(crate) fn replace_needed(folder: &Path) -> Text {
    let folder = folder.display();
    text(
        format!(
            "データの保存先 {folder} には、すでにデータがあります。入れ替えるなら --replace を付けてください（今のデータは名前を変えて残します）。"
        ),
        format!(
            "Data folder {folder} holds data. Add --replace to put the backup in their place; they are kept under another name."
        ),
    )
}

pub(crate) fn database_not_empty() -> Text {
    text(
        "接続先のデータベースには、すでにデータがあります。新しい空のデータベースを作り、そこへ戻してください。何も変更していません。",
        "The database holds data. Make a new and empty one and restore into it. Nothing was changed.",
    )
}
