//! What answering on a page says beside what every way of answering says; who speaks in a script.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;

use super::text;

/// How the telephone script names the caller, before anybody gave a name.
pub(crate) const SCRIPT_CALLERS: [&str; 1] = ["○○クリニック"];

/// What a clinic calls itself in a script, and what a pharmacy does.
pub(crate) const SCRIPT_OWN: (&str, &str) = ("当院", "当薬局");

/// Name of a pharmacy that has not been named.
pub(crate) const PHARMACY_UNNAMED: &str = "○○薬局";

/// Who speaks, in a telephone script.
pub(crate) const SCRIPT_PERSON: &str = "△△";

pub(crate) fn answer_missing() -> Text {
    text(
        "はい、いいえ、記入不要 のどれかを選んでください。",
        "Choose yes, no or not required.",
    )
}

pub(crate) fn answer_gone() -> Text {
    text(
        "この回の回答が見つかりません。画面を開き直してください。",
        "There is no answer of this round. Open the page again.",
    )
}

pub(crate) fn kept_unreadable(kind: &str) -> Text {
    text(
        format!("保存した記録（{kind}）を読み取れません。バックアップから戻してください。"),
        format!("A stored record ({kind}) cannot be read. Restore it from a backup."),
    )
}

pub(crate) fn note_too_long(n_chars_max: usize) -> Text {
    text(
        format!("{n_chars_max}文字までです。短くしてください。"),
        format!("At most {n_chars_max} characters. Shorten it."),
    )
}

pub(crate) fn not_contradicted() -> Text {
    text(
        "この項目は、いま矛盾していません。説明は要りません。",
        "This item is not contradicted now. It needs no explanation.",
    )
}

pub(crate) fn explanation_missing() -> Text {
    text(
        "なぜ証拠と違っていても「はい」なのか、いつ直すのかを書いてください。",
        "Write why the answer stands although the evidence differs, and when it will be mended.",
    )
}

pub(crate) fn explanation_end(today: Date, last: Date) -> Text {
    text(
        format!(
            "説明の期限は、今日（{}）から1年以内（{}まで）の日にしてください。",
            format_era(today),
            format_era(last)
        ),
        format!("An explanation ends within a year: from today ({today}) to {last}."),
    )
}
