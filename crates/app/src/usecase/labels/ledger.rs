//! What is said about the ledger and about files that wait to be imported into it.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;
use sonae_domain::evidence::Place;

use super::{list, text};
use crate::usecase::ledger::PlanKind;

pub(crate) fn upload_gone() -> Text {
    text(
        "読み込みを待っているファイルがありません。もう一度ファイルを選んでください。",
        "No file waits to be imported. Choose the file again.",
    )
}

pub(crate) fn text_too_long(n_chars_max: usize) -> Text {
    text(
        format!("{n_chars_max}文字以内にしてください。"),
        format!("At most {n_chars_max} characters."),
    )
}

pub(crate) fn name_missing() -> Text {
    text("機器名を入力してください。", "Give the device a name.")
}

pub(crate) fn not_a_serial(typed: &str) -> Text {
    text(
        format!(
            "「{typed}」はシリアル番号ではありません。分からないときは空のままにしてください。"
        ),
        format!("`{typed}` is no serial number. Leave it empty if it is not known."),
    )
}

pub(crate) fn not_a_mac(typed: &str) -> Text {
    text(
        format!(
            "「{typed}」はMACアドレスではありません。00:a0:de:12:34:56 のように入力してください。"
        ),
        format!("`{typed}` is no MAC address. Type it as 00:a0:de:12:34:56."),
    )
}

pub(crate) fn not_an_ip(typed: &str) -> Text {
    text(
        format!("「{typed}」はIPアドレスではありません。192.168.10.1 のように入力してください。"),
        format!("`{typed}` is no IP address. Type it as 192.168.10.1."),
    )
}

pub(crate) fn retire_reason_missing() -> Text {
    text(
        "廃止の理由を入力してください（例: 更新のため廃棄）。",
        "Say why it is retired, for example: replaced and disposed of.",
    )
}

/// The line in the note of a retired device.
pub(crate) fn retired_because(on: Date, reason: &str) -> String {
    format!("廃止 {}: {reason}", format_era(on))
}

pub(crate) fn changed_meanwhile() -> Text {
    text(
        "ほかの人が先に変更しました。内容を確かめて、もう一度操作してください。何も変えていません。",
        "Somebody else changed it meanwhile. Look at it and try again. Nothing was changed.",
    )
}

pub(crate) fn rendering_stopped() -> Text {
    text(
        "ファイルを作れませんでした。もう一度お試しください。",
        "The file could not be made. Try again.",
    )
}

/// The line in the note of a row that was joined to another.
pub(crate) fn joined_into(on: Date, name: &str) -> String {
    format!("統合 {}: 「{name}」と同じ機器", format_era(on))
}

pub(crate) fn ledger_day_missing() -> Text {
    text(
        "いつ現在の台帳かを入力してください。日付が分からない台帳は証拠になりません。",
        "Say for which day the ledger speaks. A ledger without a day is no evidence.",
    )
}

pub(crate) fn not_a_ledger(file: &str, format: &str) -> Text {
    text(
        format!(
            "{file}: 台帳ではなく {format} として読めました。「証拠」の画面から読み込んでください。何も保存していません。"
        ),
        format!(
            "{file}: this is no ledger but {format}. Import it on the page of evidence. Nothing was recorded."
        ),
    )
}

/// What happens to a row of a ledger that is about to be imported.
pub(crate) fn plan_kind(kind: PlanKind) -> Text {
    match kind {
        PlanKind::Unread => text("読めなかった箇所", "not read"),
        PlanKind::Conflict => text("保留（人の判断が必要）", "held back"),
        PlanKind::Notice => text("気をつける箇所", "worth a look"),
        PlanKind::SameName => text("新規（同じ名前の機器あり）", "new, with a known name"),
        PlanKind::New => text("新規", "new"),
        PlanKind::Changed => text("更新", "changed"),
        PlanKind::NotInFile => text("ファイルにない機器（台帳に残ります）", "not in the file"),
        PlanKind::Same => text("変更なし", "unchanged"),
    }
}

/// Where in a file.
pub(crate) fn place(place: &Place) -> Text {
    let parts = |row: &dyn Fn(u32) -> String| {
        let row = place.row.map(row);
        let parts = [place.part.clone(), row, place.column.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" / ")
    };
    match (&place.part, place.row, &place.column) {
        (None, None, None) => text("ファイル全体", "whole file"),
        _ => text(
            parts(&|row| format!("{row}行目")),
            parts(&|row| format!("row {row}")),
        ),
    }
}

pub(crate) fn unknown_asset(typed: &str) -> Text {
    text(
        format!("機器 {typed} は台帳にありません。`sonae ledger list` で確かめてください。"),
        format!("There is no asset {typed} in the ledger. `sonae ledger list` shows all."),
    )
}

pub(crate) fn ambiguous_asset<'a>(typed: &str, ids: impl Iterator<Item = &'a str>) -> Text {
    let ids = list(ids);
    text(
        format!("{typed} に当たる機器が複数あります。機器IDで指定してください: {ids}"),
        format!("Several devices match {typed}. Name one by its id: {ids}"),
    )
}
