//! What is said about histories that hold or do not, and about checkpoints of them.

use std::path::Path;

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era;
use sonae_store::{Bad, Difference};

use super::text;

pub(crate) fn name_of_history(institution: Option<&str>) -> Text {
    match institution {
        Some(name) => text(name, name),
        None => text(
            "Sonae全体（アカウント、ログイン、年度版）",
            "the installation (accounts, logins, editions)",
        ),
    }
}

/// Which entry, and what about it.
pub(crate) fn history_bad(bad: &Bad) -> Text {
    let seq = bad.seq;
    let (ja, en) = match &bad.what {
        Difference::Missing => (
            "ありません（消されたか、番号が変わっています）".to_owned(),
            "is missing, or has another number".to_owned(),
        ),
        Difference::Line => (
            "書かれたときのままではありません".to_owned(),
            "is not as it was written".to_owned(),
        ),
        Difference::Rows => (
            "記録した内容（回答、証拠、台帳など）が、書かれたときのままではありません".to_owned(),
            "wrote rows (answers, evidence, ledger) that are not as they were written".to_owned(),
        ),
        Difference::State(word, id) => (
            format!("最後に記録した {word} {id} が、その後、履歴を残さずに変わっています"),
            format!("was the last to change {word} {id}, which was changed since without an entry"),
        ),
        Difference::Unwritten(word, id) => (
            format!("履歴のない {word} {id} があります"),
            format!("there is a {word} {id} that no entry speaks of"),
        ),
        Difference::Current => (
            "どの証拠を使うかの印が変わっています".to_owned(),
            "is about evidence whose mark of being current was changed".to_owned(),
        ),
        Difference::Tree => (
            "ここから先のどこかが、検算の値も含めて書き換えられています".to_owned(),
            "or one behind it was rewritten together with its hash".to_owned(),
        ),
        Difference::Checkpoint => (
            "ここから先のどこかが、以前の控えと違います".to_owned(),
            "or one behind it differs from an earlier checkpoint".to_owned(),
        ),
    };
    text(format!("番号 {seq}: {ja}"), format!("entry {seq} {en}"))
}

pub(crate) fn history_backwards(seq: i64) -> Text {
    text(
        format!("番号 {seq}: 前の記録より1時間以上前の日時です。時計が戻っていたかもしれません"),
        format!(
            "entry {seq} is dated an hour or more before an earlier one: the clock may have been wrong"
        ),
    )
}

pub(crate) fn history_not_signed(bad: &Bad) -> Text {
    let bad = history_bad(bad);
    text(
        format!(
            "履歴が書かれたときのままではないので、控えを作りません。{}。sonae history verify で確かめてください。",
            bad.ja
        ),
        format!(
            "No checkpoint is signed, because the history is not as it was written: {}. See `sonae history verify`.",
            bad.en
        ),
    )
}

/// On a sheet of a past day.
pub(crate) fn no_checkpoint_by(day: Date) -> Text {
    text(
        format!(
            "{}までに作られた履歴の控えはありません。",
            era::format_era(day)
        ),
        format!("No checkpoint of the history was made by {day}."),
    )
}

/// On a sheet that is printed nevertheless.
pub(crate) fn no_checkpoint_made() -> Text {
    text(
        "履歴の控えを作れませんでした。Sonaeの管理者に知らせてください。",
        "No checkpoint of the history could be made. Tell whoever runs Sonae.",
    )
}

pub(crate) fn history_key_broken(path: &Path) -> Text {
    let path = path.display();
    text(
        format!(
            "履歴の署名鍵 {path} を読めません。控えから戻すか、別の場所に移してからやり直してください（新しい鍵を作ります）。"
        ),
        format!(
            "The key of the history, {path}, cannot be read. Put it back from a copy, or move it away and try again: a new one is made."
        ),
    )
}

pub(crate) fn not_a_checkpoint(typed: &str) -> Text {
    text(
        format!("{typed}: 履歴の控え（短い番号か、署名のあるファイル）ではありません。"),
        format!("{typed}: not a checkpoint, neither a short code nor a signed file."),
    )
}

pub(crate) fn checkpoint_holds(size: u64) -> Text {
    text(
        format!("{size}件目までの履歴は、控えのとおりです"),
        format!("the history up to entry {size} is as the checkpoint says"),
    )
}

pub(crate) fn checkpoint_of_other_key(size: u64) -> Text {
    text(
        format!("{size}件目までの履歴は、控えのとおりです（署名は今の鍵のものではありません）"),
        format!(
            "the history up to entry {size} is as the checkpoint says; it was signed by another key"
        ),
    )
}

pub(crate) fn checkpoint_forged() -> Text {
    text(
        "控えの署名が合いません。控えが書き換えられています",
        "the signature does not fit: the checkpoint was changed",
    )
}

pub(crate) fn kept_checkpoint_forged(size: u64) -> Text {
    text(
        format!(
            "{size}件目で作った控えの署名が合いません。データベースの中の控えが書き換えられています"
        ),
        format!(
            "the checkpoint that was made at entry {size} was changed in the database: its signature does not fit"
        ),
    )
}

pub(crate) fn checkpoint_of_another(origin: &str) -> Text {
    text(
        format!("控えが示す履歴 {origin} は、ここにありません"),
        format!("there is no history {origin} here"),
    )
}

pub(crate) fn history_rolled_back(size: u64, n_entries: u64) -> Text {
    text(
        format!("控えには{size}件ありましたが、今は{n_entries}件です。古い状態に戻されています"),
        format!(
            "the checkpoint has {size} entries, the history {n_entries}: it was put back to an earlier state"
        ),
    )
}

pub(crate) fn history_forked(size: u64) -> Text {
    text(
        format!(
            "{size}件目までの履歴が、控えと違います。古い状態から書き直されたか、書き換えられています"
        ),
        format!(
            "the history up to entry {size} is another than the checkpoint says: rewritten, or written on from an earlier state"
        ),
    )
}

pub(crate) fn short_code_unknown(size: u64) -> Text {
    text(
        format!(
            "{size}件目の番号が、履歴と合いません。打ち間違いでも、ほかの施設の控えでもなければ、履歴が書き換えられています"
        ),
        format!(
            "entry {size} has another code: if it is neither mistyped nor of another institution, the history was rewritten"
        ),
    )
}
