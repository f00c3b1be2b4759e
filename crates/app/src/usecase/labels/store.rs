//! What is said when the database fails.

use sonae_domain::edition::Text;
use sonae_store::StoreError;

use super::text;

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
