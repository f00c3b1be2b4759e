//! What is said about evidence, documents and uploads.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;

use super::text;

pub(crate) fn document_format() -> Text {
    text("書類（人が判断）", "document (a person judges)")
}

pub(crate) fn document_unknown() -> Text {
    text("その書類はありません。", "There is no such document.")
}

pub(crate) fn document_unreadable() -> Text {
    text(
        "書類の記録を読み書きできませんでした。プログラムの不具合です。",
        "The record of a document could not be read or written. This is a defect of the program.",
    )
}

pub(crate) fn document_without_file() -> Text {
    text(
        "ファイルを選んでください。写真、PDF、Word、どの形式でもかまいません。",
        "Choose a file. A photo, PDF, Word: any will do.",
    )
}

pub(crate) fn document_without_title() -> Text {
    text(
        "書類の名前を入力してください（例: 電子カルテ保守契約書）。",
        "Give the document a title, such as `maintenance contract`.",
    )
}

pub(crate) fn document_in_future(day: Date, today: Date) -> Text {
    text(
        format!(
            "基準日 {} は今日（{}）より後です。書類の内容が正しかった日を入れてください。",
            format_era(day),
            format_era(today)
        ),
        format!("The day {day} is after today ({today}). Give a day on which the document held."),
    )
}

pub(crate) fn document_ends_before(from: Date, end: Date) -> Text {
    text(
        format!(
            "有効期限 {} が基準日 {} より前です。どちらかを直してください。",
            format_era(end),
            format_era(from)
        ),
        format!(
            "It ends on {end}, before the day for which it speaks, {from}. Correct one of them."
        ),
    )
}

pub(crate) fn day_needed(file: &str) -> Text {
    text(
        format!("{file}: いつの情報かを入力してください。内容に日付がない形式です。"),
        format!("{file}: say for which day it speaks. Its content carries no date."),
    )
}

pub(crate) fn work_ended() -> Text {
    text(
        "処理が途中で終わりました。もう一度お試しください。何も保存していません。",
        "The work ended before its time. Try again. Nothing was saved.",
    )
}

pub(crate) fn unknown_evidence(typed: &str) -> Text {
    text(
        format!("証拠 {typed} はありません。`sonae evidence list` で確かめてください。"),
        format!("There is no evidence {typed}. `sonae evidence list` shows all."),
    )
}
