//! Every sentence that a use case says to a user: what, where, why, and what to do.

mod answering;
mod disclosures;
mod doors;
mod evidence;
mod history;
mod inspections;
mod installation;
mod ledger;
mod moments;
mod package;
mod publishing;
mod today;
mod vendors;

use std::io::{Error, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;
use sonae_domain::evidence::{Finding, Place, Severity};
use sonae_domain::ids::EditionId;
use sonae_domain::labels::Language;
use sonae_domain::ledger::{AssetField, ConflictReason};

pub(crate) use answering::*;
pub(crate) use disclosures::*;
pub(crate) use doors::*;
pub(crate) use evidence::*;
pub(crate) use history::*;
pub(crate) use inspections::*;
pub(crate) use installation::*;
pub(crate) use ledger::*;
pub(crate) use moments::*;
pub(crate) use package::*;
pub(crate) use publishing::*;
pub(crate) use today::*;
pub(crate) use vendors::*;

/// Name of the institution until a person gives one.
pub(crate) const INSTITUTION_UNNAMED: &str = "（施設名未設定）";

fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        ja: ja.into(),
        en: en.into(),
    }
}

fn notice(text: Text) -> Finding {
    Finding {
        severity: Severity::Notice,
        place: Place::default(),
        text,
    }
}

fn list<'a>(items: impl Iterator<Item = impl AsRef<str> + 'a>) -> String {
    items
        .map(|item| item.as_ref().to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}

// Reading files.

pub(crate) fn reader_not_started() -> Text {
    text(
        "ファイルを読み取る部品を起動できませんでした。もう一度実行し、続く場合は空きメモリを確かめてください。",
        "The part that reads files did not start. Try again; if it persists, check free memory.",
    )
}

pub(crate) fn reader_broke_limit(file: &str, status: Option<ExitStatus>) -> Text {
    let signal = status.and_then(|status| status.signal());
    let (ja, en) = match signal {
        // SIGABRT: an allocation failed at the memory limit.
        Some(6) => (
            "必要なメモリが上限を超えました",
            "it needs more memory than the limit",
        ),
        Some(24 | 9) => (
            "処理時間が上限を超えました",
            "it takes longer than the limit",
        ),
        _ => ("読み取りが途中で止まりました", "its reader stopped"),
    };
    text(
        format!(
            "{file}: {ja}。壊れているか、悪意のあるファイルかもしれません。何も保存していません。作り直すか、分けて読み込んでください。"
        ),
        format!(
            "{file}: {en}. It may be damaged or hostile. Nothing was recorded. Export it again, or import it in parts."
        ),
    )
}

pub(crate) fn in_file(file: &str, why: &Text) -> Text {
    text(format!("{file}: {}", why.ja), format!("{file}: {}", why.en))
}

pub(crate) fn facts_misfit(format: &str, why: &str) -> Text {
    text(
        format!(
            "{format} の読み取り結果が表の定義に合いません（{why}）。プログラムの不具合です。何も保存していません。"
        ),
        format!(
            "What {format} read does not fit its tables ({why}). This is a defect of the program. Nothing was recorded."
        ),
    )
}

pub(crate) fn cannot_read_file(path: &Path, source: &Error) -> Text {
    let path = path.display();
    let (ja, en) = match source.kind() {
        ErrorKind::NotFound => (
            "ファイルがありません。名前と場所を確かめてください。",
            "no such file. Check name and folder.",
        ),
        ErrorKind::PermissionDenied => ("読む権限がありません。", "no permission to read it."),
        _ => ("読めません。", "cannot be read."),
    };
    text(format!("{path}: {ja}"), format!("{path}: {en}"))
}

pub(crate) fn is_a_folder(path: &Path) -> Text {
    let path = path.display();
    text(
        format!("{path}: フォルダです。中のファイルを指定してください。"),
        format!("{path}: is a folder. Name the files in it."),
    )
}

pub(crate) fn file_too_large(path: &Path, n_bytes_max: u64) -> Text {
    let (path, mib) = (path.display(), n_bytes_max / (1024 * 1024));
    text(
        format!("{path}: {mib} MiBを超えています。範囲を分けて書き出してください。"),
        format!("{path}: larger than {mib} MiB. Export it in parts."),
    )
}

pub(crate) fn cannot_write_file(path: &Path, source: &Error) -> Text {
    let path = path.display();
    let (ja, en) = match source.kind() {
        ErrorKind::NotFound => (
            "保存先のフォルダがありません。",
            "the folder does not exist.",
        ),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => (
            "書き込む権限がありません。別の場所を指定してください。",
            "no permission to write there. Choose another place.",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (
            "ディスクがいっぱいです。空きを作ってからやり直してください。",
            "the disk is full. Free some space and try again.",
        ),
        _ => ("保存できません。", "cannot be written."),
    };
    text(format!("{path}: {ja}"), format!("{path}: {en}"))
}

pub(crate) fn unknown_output(path: &Path, known: &str) -> Text {
    let path = path.display();
    text(
        format!("{path}: ファイル名の終わりで形式を決めます。{known} のいずれかにしてください。"),
        format!("{path}: the ending decides the format. Use one of {known}."),
    )
}

// Days of evidence.

pub(crate) fn effective_in_future(stated: Date, today: Date) -> Text {
    text(
        format!(
            "証拠の日付 {} は今日（{}）より後です。",
            format_era(stated),
            format_era(today)
        ),
        format!("The day of the evidence, {stated}, is after today ({today})."),
    )
}

pub(crate) fn content_far_in_future(file: &str, day: Date) -> Text {
    text(
        format!(
            "{file}: 内容の日付が {} です。集めた機器の時計を直し、集め直してください。",
            format_era(day)
        ),
        format!(
            "{file}: its content is dated {day}. Set the clock of that machine and collect again."
        ),
    )
}

pub(crate) fn source_of_other_format(source: &str, format: &str) -> Text {
    text(
        format!(
            "出所 {source} は {format} の証拠に使われています。--source に別の名前を付けてください。"
        ),
        format!(
            "The source {source} holds evidence of {format}. Choose another name with --source."
        ),
    )
}

/// Why a row of a ledger was not taken.
pub(crate) fn ledger_conflict(
    name: &str,
    others: &[&str],
    shared: Option<(AssetField, String)>,
    why: ConflictReason,
) -> Text {
    let others = others.join("、");
    let (ja, en) = shared.map_or_else(Default::default, |(field, value)| {
        let field = sonae_ingest::ledger::field_text(field);
        (
            format!("{} {value}", field.ja),
            format!("{} {value}", field.en),
        )
    });
    match why {
        ConflictReason::RowsOfOneDevice => text(
            format!(
                "{name}: {ja} が同じファイルの「{others}」と同じです。正しい値に直すか、1行にまとめてください。"
            ),
            format!(
                "{name}: shares {en} with \"{others}\" of the same file. Mend the value or make them one row."
            ),
        ),
        ConflictReason::SeveralAssets => text(
            format!(
                "{name}: 台帳の複数の機器（{others}）に当たります（{ja} など）。正しい値に直してください。"
            ),
            format!(
                "{name}: matches several devices of the ledger ({others}; {en}). Mend the values."
            ),
        ),
        ConflictReason::SerialDiffers => text(
            format!(
                "{name}: {ja} は台帳の「{others}」と同じですが、シリアル番号が違います。どちらが正しいか確かめてください。"
            ),
            format!(
                "{name}: shares {en} with \"{others}\" of the ledger, but has another serial number. Find out which is right."
            ),
        ),
    }
}

pub(crate) fn content_in_future(day: Date, today: Date) -> Finding {
    notice(text(
        format!(
            "内容の日付 {} が今日（{}）より後です。時計を確かめてください。その日までは「不明」として扱います。",
            format_era(day),
            format_era(today)
        ),
        format!(
            "Its content is dated {day}, after today ({today}). Check the clocks. Until that day it counts as unknown."
        ),
    ))
}

pub(crate) fn day_from_file(day: Date) -> Finding {
    notice(text(
        format!(
            "内容に日付がないため、ファイルの更新日 {} 時点の情報として扱います。違う場合は、いつの情報かを入力してください。",
            format_era(day)
        ),
        format!(
            "Its content carries no date, so it counts as of {day}, the time of the file. State another day if it is wrong."
        ),
    ))
}

pub(crate) fn content_day_wins(day: Date) -> Finding {
    notice(text(
        format!(
            "内容に日付（{}）があるため、指定された日付は使いません。",
            format_era(day)
        ),
        format!("Its content is dated {day}; the day stated was not used."),
    ))
}

// Forms, items, answers.

pub(crate) fn unknown_edition<'a>(
    typed: Option<&str>,
    known: impl Iterator<Item = &'a str>,
) -> Text {
    let (typed, known) = (typed.unwrap_or("?"), list(known));
    text(
        format!("年度版 {typed} はありません。あるもの: {known}"),
        format!("There is no edition {typed}. Known: {known}"),
    )
}

pub(crate) fn unknown_form<'a>(
    typed: Option<&str>,
    edition: &EditionId,
    known: impl Iterator<Item = &'a str>,
) -> Text {
    let (typed, known) = (typed.unwrap_or("?"), list(known));
    text(
        format!("{edition} に様式 {typed} はありません。あるもの: {known}"),
        format!("Edition {edition} has no form {typed}. Known: {known}"),
    )
}

pub(crate) fn unknown_item(typed: &str, known: impl Iterator<Item = String>) -> Text {
    let known = list(known);
    text(
        format!("項目 {typed} はこの様式にありません。あるもの: {known}"),
        format!("There is no item {typed} on this form. Known: {known}"),
    )
}

pub(crate) fn ambiguous_item(typed: &str, known: impl Iterator<Item = String>) -> Text {
    let known = list(known);
    text(
        format!("{typed} は様式に複数あります。どれかを指定してください: {known}"),
        format!("{typed} stands more than once on the form. Name one: {known}"),
    )
}

pub(crate) fn unknown_answer(typed: &str) -> Text {
    text(
        format!("回答「{typed}」は分かりません。はい、いいえ、記入不要 のいずれかです。"),
        format!("The answer \"{typed}\" is not understood. Use yes, no or not-required."),
    )
}

pub(crate) fn not_a_day(typed: &str) -> Text {
    text(
        format!(
            "「{typed}」は日付として読めません。2026-03-31、令和8年3月31日、R8.3.31 のように書いてください。"
        ),
        format!("\"{typed}\" is not a day. Write it like 2026-03-31 or R8.3.31."),
    )
}

pub(crate) fn form_item_unknown(item: &str) -> Text {
    text(
        format!("項目 {item} はどの年度版にもありません。この行の回答は取り込んでいません。"),
        format!("No edition has the item {item}. The answer of this row was not taken."),
    )
}

pub(crate) fn form_day_missing(number: &str) -> Text {
    text(
        format!(
            "{number}: 確認日がないため、この行の回答は取り込んでいません。確認した日を記入してください。"
        ),
        format!(
            "{number}: no confirmation date, so the answer of this row was not taken. Fill in the day."
        ),
    )
}

pub(crate) fn form_answer_refused(number: &str, why: &Text) -> Text {
    text(
        format!("{number}: {}この行の回答は取り込んでいません。", why.ja),
        format!("{number}: {} The answer of this row was not taken.", why.en),
    )
}

pub(crate) fn unread_at(place: Place, text: Text) -> Finding {
    Finding {
        severity: Severity::Unread,
        place,
        text,
    }
}

/// Words after which a password stands, after NFKC and in lower case.
pub(crate) const SECRET_WORDS: [&str; 6] =
    ["password", "passwd", "pass", "パスワード", "暗証番号", "pw"];

/// Signs between such a word and the password.
pub(crate) const SECRET_SIGNS: [char; 3] = [':', '=', 'は'];

pub(crate) fn note_with_secret() -> Text {
    text(
        "備考にパスワードらしい文字があります。Sonaeはパスワードを保存しません。消してからもう一度入力してください。",
        "The note seems to hold a password. Sonae does not store passwords. Remove it and answer again.",
    )
}

// Judging.

pub(crate) fn judge_failed() -> Text {
    text(
        "判定できませんでした。プログラムの不具合です。回答と証拠はそのまま残っています。",
        "Judging failed. This is a defect of the program. Answers and evidence are as they were.",
    )
}

pub(crate) fn shipped_data_broken(why: &str) -> Text {
    text(
        format!("同梱のデータを読めません（{why}）。プログラムを入れ直してください。"),
        format!(
            "The data shipped with the program cannot be read ({why}). Install the program again."
        ),
    )
}

pub(crate) fn form_not_rendered() -> Text {
    text(
        "様式を作れませんでした。プログラムの不具合です。回答と証拠はそのまま残っています。",
        "The form could not be rendered. This is a defect of the program. Answers and evidence are as they were.",
    )
}

pub(crate) fn no_evidence(language: Language) -> &'static str {
    language.pick("証拠がまだありません。", "No evidence yet.")
}

pub(crate) fn person_judges(language: Language, why: &str) -> String {
    match language {
        Language::Ja => format!("人が確認する項目です。{why}"),
        Language::En => format!("A person confirms this. {why}"),
    }
}

/// Why 記入不要 does not stand: the rule is for institutions without a contract, or not for this row.
pub(crate) fn not_exempt(language: Language, by_rule: bool) -> &'static str {
    match by_rule {
        true => language.pick(
            "記入不要は、事業者と契約がない施設だけです。契約がないなら `sonae institution set --vendor-contract none` で登録してください",
            "only an institution without a vendor contract may leave it blank; if there is none, say so with `sonae institution set --vendor-contract none`",
        ),
        false => language.pick(
            "この項目は記入不要にできません",
            "this row may not be left blank",
        ),
    }
}

pub(crate) fn worst_of(language: Language, subject: &str, sentence: &str, n_more: usize) -> String {
    match (language, n_more) {
        (Language::Ja, 0) => format!("{subject}: {sentence}"),
        (Language::Ja, n) => format!("{subject}: {sentence}（ほか{n}件）"),
        (Language::En, 0) => format!("{subject}: {sentence}"),
        (Language::En, n) => format!("{subject}: {sentence} (and {n} more)"),
    }
}

pub(crate) fn incomplete(language: Language, title: &str, detail: &str) -> String {
    match (language, detail) {
        (Language::Ja, "") => format!("「{title}」の一部が見えていません。"),
        (Language::En, "") => format!("part of \"{title}\" could not be seen"),
        (Language::Ja, _) => format!("「{title}」の一部が見えていません（{detail}）。"),
        (Language::En, _) => format!("part of \"{title}\" could not be seen ({detail})"),
    }
}

/// What a gap says of a file that could only be read in part.
pub(crate) fn gap_of_findings(n_findings: usize) -> String {
    format!("読めなかったもの {n_findings} 件")
}

pub(crate) fn no_ledger(language: Language) -> &'static str {
    language.pick(
        "まだ1台も載っていません。",
        "No device is in the ledger yet.",
    )
}

/// Whom a verdict speaks of when there is no ledger at all.
pub(crate) const LEDGER_SUBJECT: &str = "台帳 (ledger)";

/// What a gap says of a file without any rows.
pub(crate) const GAP_OF_EMPTY: &str = "内容が0件";

pub(crate) fn stale_reason(language: Language, sentence: &str, valid_days: i32) -> String {
    match language {
        Language::Ja => format!("証拠が{valid_days}日より古くなりました（当時: {sentence}）"),
        Language::En => format!("evidence older than {valid_days} days (then: {sentence})"),
    }
}

pub(crate) fn still_not_met(language: Language, sentence: &str, valid_days: i32) -> String {
    match language {
        Language::Ja => format!(
            "{sentence}（{valid_days}日より前の証拠です。直したことが新しい証拠で確かめられるまで残ります）"
        ),
        Language::En => format!(
            "{sentence} (evidence older than {valid_days} days; it stays until newer evidence shows that it was mended)"
        ),
    }
}

pub(crate) fn only_written(language: Language, sentence: &str) -> String {
    match language {
        Language::Ja => format!("台帳に手で書かれただけで、裏付ける証拠がありません（{sentence}）"),
        Language::En => {
            format!("only written into the ledger by hand, without evidence ({sentence})")
        }
    }
}

// Ledger, evidence, editions.

pub(crate) fn unknown_field(typed: &str, known: &str) -> Text {
    text(
        format!("--map {typed}: 「見出し=項目」の形で書いてください。項目: {known}"),
        format!("--map {typed}: write HEADER=FIELD. Fields: {known}"),
    )
}

pub(crate) fn draft_unexplained(n_rows: usize) -> Text {
    text(
        format!(
            "説明できない行が {n_rows} 行あるため、下書きとして保存しません。一覧の行を確かめ、様式の読み違いがないか見てください。"
        ),
        format!("{n_rows} rows are not explained, so no draft is kept. Look at the rows listed."),
    )
}

pub(crate) fn draft_inconsistent(why: &str) -> Text {
    text(
        format!("読み取った様式に矛盾があります（{why}）。下書きとして保存しません。"),
        format!("The form as read does not fit together ({why}). No draft is kept."),
    )
}

pub(crate) fn edition_is_shipped(edition: &str) -> Text {
    text(
        format!("年度版 {edition} は同梱されており、変更できません。"),
        format!("Edition {edition} ships with the program and cannot be changed."),
    )
}

pub(crate) fn edition_is_published(edition: &str) -> Text {
    text(
        format!("年度版 {edition} はすでに公開され、変更できません。"),
        format!("Edition {edition} is already published and cannot be changed."),
    )
}

pub(crate) fn published_remark(edition: &EditionId) -> Text {
    text(
        format!(
            "年度版 {edition} は、公式のファイルから読み込み、人が公開したものです。文言は公式の様式と見比べてください（要照合）。"
        ),
        format!(
            "Edition {edition} was read from the official file and published by a person. Compare its wording with the official form."
        ),
    )
}

pub(crate) fn nothing_to_publish(edition: &str) -> Text {
    text(
        format!(
            "年度版 {edition} の下書きはありません。先に `sonae edition import FILE --save` を実行してください。"
        ),
        format!(
            "There is no draft of edition {edition}. Run `sonae edition import FILE --save` first."
        ),
    )
}

// Data folder and database.

/// A name for what has none but its key.
pub(crate) fn unnamed(key: &str) -> Text {
    text(key, key)
}

/// Something that the collector could not see.
pub(crate) fn gap(table: &Text, detail: &str, code: &str) -> Text {
    let (ja, en) = match code {
        "needs_root" => ("管理者権限が必要", "needs administrator rights"),
        "tool_missing" => (
            "調べるプログラムがない",
            "the program that would tell is missing",
        ),
        "timed_out" => ("時間内に答えがない", "no answer in time"),
        _ => ("読めない", "not readable"),
    };
    text(
        format!("{}: {ja}（{detail}）", table.ja),
        format!("{}: {en} ({detail})", table.en),
    )
}

pub(crate) fn bundle_failed() -> Text {
    text(
        "収集した情報をまとめられませんでした。プログラムの不具合です。",
        "What was collected could not be packed. This is a defect of the program.",
    )
}

pub(crate) fn not_in_cp932(places: &[sonae_report::Unencodable]) -> Text {
    let first: Vec<String> = places
        .iter()
        .take(5)
        .map(|place| format!("{} {} {}", place.row, place.column, place.character))
        .collect();
    let (n, first) = (places.len(), first.join(", "));
    text(
        format!(
            "Shift_JIS（CP932）にない文字が {n} か所あります（行・列・文字: {first}）。--encoding utf8 で書き出すか、文字を直してください。何も書き出していません。"
        ),
        format!(
            "{n} cells hold characters that CP932 lacks (row, column, character: {first}). Export with --encoding utf8, or change them. Nothing was written."
        ),
    )
}

pub(crate) fn too_many_rows(n_rows: usize, n_rows_max: usize) -> Text {
    text(
        format!(
            "{n_rows} 行あり、PDFの上限 {n_rows_max} 行を超えます。.xlsx か .csv で書き出してください。"
        ),
        format!(
            "{n_rows} rows are more than the {n_rows_max} that fit a PDF. Export as .xlsx or .csv."
        ),
    )
}

pub(crate) fn other_edition(file: &str, found: &str, expected: &str) -> Text {
    text(
        format!("{file}: 年度版 {found} の様式です。{expected} とは別に読み込んでください。"),
        format!("{file}: belongs to edition {found}. Import it apart from {expected}."),
    )
}

/// The fields of the ledger as `--map` takes them.
pub(crate) const LEDGER_FIELDS: &str = "kind, name, location, usability, system, vendor, maker, model, serial, macs, ips, directory_id, os, os_version, remote_maintenance, owner, acquired_on, support_ends_on, note, ignored";
