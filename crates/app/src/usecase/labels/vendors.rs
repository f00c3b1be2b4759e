//! What is said about requests to vendors and their answers.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;
use sonae_domain::evidence::Place;
use sonae_domain::vendor::AttemptRefused;

use super::text;

pub(crate) fn vendors_not_asked() -> Text {
    text(
        "事業者との契約がない施設と登録されているため、事業者への確認は要りません。契約があるときは、先に「設定」の「施設」で「契約あり」にしてください。",
        "The institution has no contract with a vendor, so no vendor needs to be asked. If there is one, say so in the settings of the institution first.",
    )
}

pub(crate) fn no_vendor_form(edition: &str) -> Text {
    text(
        format!("{edition}には事業者確認用の様式がありません。"),
        format!("{edition} has no form for vendors."),
    )
}

pub(crate) fn due_before_today() -> Text {
    text(
        "回答期限には、今日か、それより後の日を入れてください。",
        "Choose today or a later day by which the vendor should answer.",
    )
}

pub(crate) fn channel_missing() -> Text {
    text(
        "送り方を一つ以上選んでください。",
        "Choose at least one way to send it.",
    )
}

pub(crate) fn request_changed() -> Text {
    text(
        "ほかの人か事業者が先に変更したため、何も変えていません。いまの内容を確かめてから、もう一度操作してください。",
        "Somebody else or the vendor changed this first, so nothing was done. Look at it as it is now and try again.",
    )
}

/// Why an answer cannot be taken.
pub(crate) fn answer_not_taken(why: AttemptRefused) -> Text {
    let (ja, en) = match why {
        AttemptRefused::CodeEnded => (
            "リンクの期限が過ぎているため、回答を受け付けられません。新しいリンクを作ってください。",
            "The link has ended. Make a new one.",
        ),
        AttemptRefused::AlreadyAnswered => (
            "この依頼にはすでに回答があります。回答は変えていません。直すには、新しく依頼してください。",
            "This request is answered already; the answer was not changed. Make a new request to have it corrected.",
        ),
        AttemptRefused::Withdrawn => (
            "この依頼は取り下げられているため、回答を受け付けられません。",
            "This request was withdrawn and takes no answer.",
        ),
        AttemptRefused::OtherEdition => (
            "別の年度版の様式の回答です。依頼した年度版の様式で答えてもらってください。",
            "This answers the form of another edition. Have the form of the requested edition filled in.",
        ),
        AttemptRefused::OtherRequest => (
            "別の依頼への回答ファイルです。取り込んでいません。ファイルを確かめて、その依頼の画面で取り込んでください。",
            "This file answers another request and was not taken. Take it in at the request that it answers.",
        ),
        AttemptRefused::OtherInstitution => (
            "別の施設への回答ファイルです。取り込んでいません。事業者に知らせ、この施設への回答を送ってもらってください。",
            "This file is for another institution and was not taken. Tell the vendor, and ask for the one for you.",
        ),
        AttemptRefused::NoAnswerFile => (
            "依頼ファイルの画面で保存した回答ファイル（.sonae）として読めません。取り込んでいません。事業者に保存し直してもらってください。",
            "This is no answer that the request file saved (.sonae), or it is damaged. It was not taken. Have the vendor save it again.",
        ),
        AttemptRefused::BadSignature => (
            "署名のあとで内容が変わっています。取り込んでいません。事業者に知らせ、署名したファイルをもう一度送ってもらってください。",
            "The file was changed after it was signed and was not taken. Tell the vendor, and ask for the signed file again.",
        ),
        AttemptRefused::OtherKey => (
            "これまでと違う鍵で署名されています。取り込まずに脇に置きました。新しい鍵の指紋を事業者に電話で確かめ、合っていればこの画面で鍵を確認してから、もう一度取り込んでください。",
            "Another key signed this than before, so it was set aside. Compare the fingerprint of the new key with the vendor by telephone; if it is the same, confirm the key on this page and take the file in again.",
        ),
        AttemptRefused::OtherVendor => (
            "別の事業者の様式です。取り込んでいません。事業者名を確かめ、その事業者への依頼の画面で取り込んでください。",
            "This is the form of another vendor and was not taken. Take it in at the request to that vendor.",
        ),
    };
    text(ja, en)
}

pub(crate) fn answer_file_missing() -> Text {
    text("ファイルを選んでください。", "Choose the file.")
}

/// The fingerprint that a person confirmed is of no key that is here.
pub(crate) fn key_gone() -> Text {
    text(
        "確認した指紋の鍵は、この事業者から届いていません。いま表示されている指紋を、もう一度確かめてください。",
        "No key of this fingerprint came from the vendor. Compare the fingerprint that is shown now once more.",
    )
}

/// Somebody whose name is not asked yet.
pub(crate) const SOMEBODY: &str = "-";

pub(crate) fn not_the_vendor_form() -> Text {
    text(
        "「事業者確認用」ではない様式です。",
        "This is not the form for vendors.",
    )
}

/// Of an answer in a form.
pub(crate) fn day_missing() -> Text {
    text("確認日がありません。", "It has no day of confirmation.")
}

/// Where in a file something must be mended.
pub(crate) fn at_place(place: &Place, why: &Text) -> Text {
    let row = place.row.unwrap_or_default();
    let column = place.column.as_deref().unwrap_or_default();
    let (ja, en) = (format!("{row}行目 {column}"), format!("row {row} {column}"));
    text(
        format!("{}：{}", ja.trim_end(), why.ja),
        format!("{}: {}", en.trim_end(), why.en),
    )
}

/// An answer that came as a file can only be mended by whoever wrote it.
pub(crate) fn answer_file_to_mend(what: Option<&Text>) -> Text {
    let (ja, en) = what.map_or(("", ""), |what| (what.ja.as_str(), what.en.as_str()));
    text(
        format!(
            "回答ファイルに直すところがあり、取り込んでいません。{ja}事業者に直して保存し直してもらってください。"
        ),
        format!(
            "The answer file was not taken, for something in it must be mended. {en} Have the vendor mend it and save it again."
        ),
    )
}

pub(crate) fn nothing_answered() -> Text {
    text(
        "項目が一つも答えられていません。",
        "Not a single item is answered.",
    )
}

pub(crate) fn answered_by_missing() -> Text {
    text(
        "回答した人の氏名を入力してください。",
        "Give the name of the person who answers.",
    )
}

pub(crate) fn too_many_drafts() -> Text {
    text(
        "下書きの保存が多すぎます。このまま確認に進み、回答を提出してください。",
        "Too many drafts were saved. Go on to the review and hand the answer in.",
    )
}

pub(crate) fn draft_too_long() -> Text {
    text(
        "入力が長すぎます。短くするか、書類として送ってください。",
        "This is too long. Shorten it, or send it as a file.",
    )
}

pub(crate) fn too_many_documents(n_max: usize) -> Text {
    text(
        format!("ファイルは{n_max}個まで送れます。"),
        format!("At most {n_max} files can be sent."),
    )
}

pub(crate) fn nothing_chosen() -> Text {
    text(
        "採用する項目を選んでください。",
        "Choose the items to take over.",
    )
}

/// What a document is called that a vendor sent.
pub(crate) fn vendor_document(vendor: &str, file: &str) -> String {
    format!("{file}（{vendor}）")
}

/// Whom the journal names for what came by a link; nothing proves who it was.
pub(crate) fn by_link(vendor: &str) -> String {
    format!("{vendor}（リンク）")
}

// Deadlines.

pub(crate) fn answer_due(vendor: &str) -> Text {
    text(
        format!("{vendor} の回答（事業者確認用）"),
        format!("answer of {vendor} (vendor form)"),
    )
}

pub(crate) fn answer_to_take_over(vendor: &str) -> Text {
    text(
        format!("{vendor} の回答の確認と採用"),
        format!("look at the answer of {vendor} and take it over"),
    )
}

pub(crate) fn asked_on(day: Date) -> Text {
    text(
        format!("{}に依頼", format_era(day)),
        format!("asked on {day}"),
    )
}
