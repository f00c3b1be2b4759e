//! What is said about on-site inspections and remarks.

use std::path::Path;

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;
use sonae_domain::inspection::RemarkFileError;
use sonae_domain::signed::{NotOpened, PublicKey};

use super::text;

pub(crate) fn inspection_changed() -> Text {
    text(
        "ほかの人が先に変更したため、何も変えていません。いまの内容を確かめてから、もう一度操作してください。",
        "Somebody else changed this first, so nothing was done. Look at it as it is now and try again.",
    )
}

/// Who an inspector is in the history.
pub(crate) fn by_inspector(authority: &str, name: &str) -> String {
    format!("{authority} {name}（立入検査）")
}

pub(crate) fn frozen_unreadable() -> Text {
    text(
        "検査用に固定した一式を読めません。バックアップから戻すか、新しく固定してください。",
        "What was frozen for the inspection cannot be read. Restore it from a backup, or freeze anew.",
    )
}

// Remarks.

pub(crate) fn remark_file(error: &RemarkFileError) -> Text {
    match error {
        RemarkFileError::TooLarge => text(
            "ファイルが大きすぎます（1 MBまで）。指摘のファイルか確かめてください。取り込んでいません。",
            "The file is too large (1 MB at most). Make sure that it holds remarks. It was not taken.",
        ),
        RemarkFileError::NoRemarks => text(
            "指摘のファイル（.sonae）として読めません。取り込んでいません。検査者に保存し直してもらってください。",
            "This is no file of remarks (.sonae), or it is damaged. It was not taken. Have the inspector save it again.",
        ),
        RemarkFileError::Newer(version) => text(
            format!(
                "より新しいSonaeが書いたファイルです（形式 {version}）。Sonaeを更新してから取り込んでください。"
            ),
            format!(
                "A newer program wrote this file (format {version}). Update Sonae, then take it in."
            ),
        ),
        RemarkFileError::BadRemark => text(
            "空か長すぎるか、読めない文字のある指摘がファイルにあります。取り込んでいません。検査者に直してもらってください。",
            "A remark in the file is empty, too long or not plain text. It was not taken. Have the inspector mend it.",
        ),
    }
}

pub(crate) fn remarks_not_opened(error: NotOpened) -> Text {
    match error {
        NotOpened::OtherPurpose => text(
            "別の用途で署名されたファイルです。指摘としては取り込めません。検査者に確かめてください。",
            "This file was signed for something else; it holds no remarks. Ask the inspector.",
        ),
        NotOpened::NotSigned | NotOpened::Damaged => text(
            "署名付きの指摘のファイルが壊れています。取り込んでいません。もう一度送ってもらってください。",
            "The signed file of remarks is damaged. It was not taken. Have it sent again.",
        ),
        NotOpened::BadSignature => text(
            "署名が内容と合いません。途中で書き換えられたおそれがあります。取り込んでいません。検査者に確かめてください。",
            "The signature does not fit: somebody may have changed the file on its way. It was not taken. Ask the inspector.",
        ),
    }
}

/// Who signed, by the name that they gave the key and its fingerprint.
pub(crate) fn signed_as(signer: &PublicKey) -> String {
    format!("{} {}", signer.name(), signer.fingerprint())
}

pub(crate) fn remarks_of_other_institution() -> Text {
    text(
        "別の施設への指摘のファイルです。取り込んでいません。検査者に知らせてください。",
        "These remarks are for another institution. They were not taken. Tell the inspector.",
    )
}

pub(crate) fn remarks_of_other_package() -> Text {
    text(
        "別の検査の一式への指摘です。取り込んでいません。ファイルを確かめて、その検査の画面で取り込んでください。",
        "These remarks are on another package. They were not taken. Take them in at the inspection that they belong to.",
    )
}

pub(crate) fn remark_in_other_words() -> Text {
    text(
        "同じ指摘が別の内容で届いています。前の内容を残し、ファイルは取り込んでいません。検査者に確かめてください。",
        "A remark that is here already came again in other words. The former stays and the file was not taken. Ask the inspector.",
    )
}

pub(crate) fn remark_on_unknown_item() -> Text {
    text(
        "固定した様式にない項目への指摘があります。取り込んでいません。年度版を検査者に確かめてください。",
        "A remark is about an item that the frozen form does not have. Nothing was taken. Ask the inspector which edition was meant.",
    )
}

pub(crate) fn recheck_of_nothing() -> Text {
    text(
        "この検査にない指摘への再確認です。取り込んでいません。先に、その指摘のファイルを取り込んでください。",
        "This rechecks a remark that the inspection does not have. Nothing was taken. Take in the file with the remark first.",
    )
}

pub(crate) fn recheck_by_another() -> Text {
    text(
        "署名付きの指摘への再確認に、同じ鍵の署名がありません。取り込んでいません。検査者に署名してもらってください。",
        "The remark was signed, and this recheck is not signed by the same key. Nothing was taken. Have the inspector sign it.",
    )
}

pub(crate) fn recheck_of_other_correction() -> Text {
    text(
        "再確認された是正は、いまの是正と違います（あとから書き直されています）。取り込んでいません。いまの是正を検査者に確かめてもらってください。",
        "The correction that was rechecked is not the present one; it was written anew since. Nothing was taken. Have the inspector look at the present one.",
    )
}

pub(crate) fn too_many_remarks(n_max: usize) -> Text {
    text(
        format!("一つの検査に残せる指摘は{n_max}件までです。"),
        format!("An inspection can have {n_max} remarks at most."),
    )
}

pub(crate) fn remark_settled() -> Text {
    text(
        "検査者が確認済みとした指摘です。是正の記録は変えていません。",
        "The inspector has settled this remark. The correction was not changed.",
    )
}

pub(crate) fn corrected_in_future(day: Date, today: Date) -> Text {
    text(
        format!(
            "是正日 {} は今日（{}）より後です。是正した日を入れてください。",
            format_era(day),
            format_era(today)
        ),
        format!(
            "The day of the correction {day} is after today ({today}). Give the day on which it was done."
        ),
    )
}

pub(crate) fn words_too_long(n_chars_max: usize) -> Text {
    text(
        format!("{n_chars_max}文字以内で書いてください。"),
        format!("Write {n_chars_max} characters at most."),
    )
}

pub(crate) fn no_inspector_key(path: &Path) -> Text {
    text(
        format!(
            "署名に使う鍵が {} にありません。先に sonae inspector key --name 検査機関名 で作ってください。",
            path.display()
        ),
        format!(
            "There is no key to sign with at {}. Make one first: sonae inspector key --name AUTHORITY",
            path.display()
        ),
    )
}

pub(crate) fn not_remarks(path: &Path) -> Text {
    text(
        format!(
            "{} は、指摘を書く画面で保存したファイルとして読めません。",
            path.display()
        ),
        format!(
            "{} holds no remarks that the page of a package saved.",
            path.display()
        ),
    )
}

// Deadlines.

pub(crate) fn remark_to_correct(number: Option<&str>) -> Text {
    let about = number.unwrap_or_default();
    text(
        format!("立入検査の指摘 {about} を是正する").replace("  ", " "),
        format!("Correct the inspector's remark {about}")
            .trim_end()
            .to_owned(),
    )
}

/// A person's words, the same in both languages.
pub(crate) fn as_written(words: &str) -> Text {
    text(words, words)
}
