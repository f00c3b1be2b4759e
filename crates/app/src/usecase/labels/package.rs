//! What is said about inspection packages: those that cannot be made, and those that are not trusted.

use sonae_domain::edition::Text;
use sonae_domain::ids::CheckId;
use sonae_domain::package::PackageError;
use sonae_domain::package::archive::ArchiveError;

use super::{list, text};
use crate::usecase::package::{Unreadable, Untrusted};

/// The papers of a package beside its page, where they are there.
pub(crate) const PACKAGE_PAPERS: [(&str, &str); 4] = [
    ("form.pdf", "チェックリスト（PDF）"),
    ("form.xlsx", "チェックリスト（Excel）"),
    ("ledger.pdf", "機器台帳（PDF）"),
    ("ledger.xlsx", "機器台帳（Excel）"),
];

pub(crate) fn package_not_verified() -> Text {
    text(
        "提出一式を作りましたが、読み直して確かめることができませんでした。ファイルは保存していません。",
        "The package was made, but could not be verified when it was read again. No file was written.",
    )
}

pub(crate) fn package_disturbed() -> Text {
    text(
        "作っている間に回答や証拠が変わり続けました。入力を止めて、もう一度お試しください。",
        "Answers or evidence kept changing while the package was made. Stop the changes and try again.",
    )
}

pub(crate) fn package_too_large() -> Text {
    text(
        "提出一式が大きすぎます（1 GiB まで）。添付した資料を小さくしてください。",
        "The package is too large (1 GiB at most). Make the documents smaller.",
    )
}

/// What the reader of a package without details of the network must know of it.
pub(crate) fn network_details_replaced() -> Text {
    text(
        "ネットワークの情報（機器・アカウント・利用者・ドメインの名前、IPアドレス、MACアドレス、シリアル番号、証拠のファイル名）。判定と事実では仮の名前や番号に置き換え（同じものは同じ名前）、機器台帳では省いています",
        "details of the network (names of hosts, accounts, people and domains, IP and MAC addresses, serial numbers, names of evidence files): verdicts and facts have pseudonyms, the same for the same, and the ledger leaves them out",
    )
}

/// A package with pseudonyms would say something else than the institution sees.
pub(crate) fn package_needs_details(check: &CheckId, title: Option<&Text>) -> Text {
    let (ja, en) = title.map_or((check.as_str(), check.as_str()), |title| {
        (&title.ja, &title.en)
    });
    text(
        format!(
            "ネットワークの情報を仮の名前に置き換えると、「{ja}」の判定が変わってしまいます。ネットワークの情報をそのまま載せることを選んで（--network-details）、作り直してください。"
        ),
        format!(
            "With pseudonyms for details of the network, the check \"{en}\" would say something else. Choose to tell these details as they are (--network-details) and try again."
        ),
    )
}

pub(crate) fn ledger_not_on_paper(n_assets: usize) -> Text {
    text(
        format!("機器台帳のPDF（{n_assets}台は紙に収まりません。Excel を見てください）"),
        format!("the ledger as PDF ({n_assets} devices do not fit on paper; see the XLSX)"),
    )
}

/// What an inspector asks to see for an item, and nobody put there.
pub(crate) fn original_missing(number: &str, original: Option<&str>, control: &Text) -> Text {
    let ja = original.unwrap_or(&control.ja);
    text(
        format!("{number} の現物: {ja}"),
        format!("the original for {number}: {}", control.en),
    )
}

pub(crate) fn vendor_not_taken_over(vendor: &str) -> Text {
    text(
        format!("{vendor} の回答（届いていますが、採用していないため様式は空欄です）"),
        format!("the answer of {vendor} (arrived, not taken over; its form is blank)"),
    )
}

pub(crate) fn vendor_without_answer(vendor: &str) -> Text {
    text(
        format!("{vendor} の回答（未回答のため、様式は空欄です）"),
        format!("the answer of {vendor} (none yet; its form is blank)"),
    )
}

pub(crate) fn vendor_never_asked(vendor: &str) -> Text {
    text(
        format!("{vendor} の回答（契約がありますが、回答を依頼していません）"),
        format!("the answer of {vendor} (it has a contract and was never asked)"),
    )
}

/// Why a package is not trusted.
pub(crate) fn package_untrusted(why: &Untrusted) -> Text {
    match why {
        Untrusted::Package(error) => unpacked(error),
        Untrusted::NoKey => text(
            "署名を確かめる鍵として読めません。",
            "This is not a verifier key.",
        ),
        Untrusted::OtherKey => text(
            "お手元の鍵とは別の鍵で署名されています。",
            "It was sealed with another key than the one you hold.",
        ),
        Untrusted::Checkpoint => text(
            "履歴の控えが、この提出一式のものではありません。",
            "The checkpoint of the history does not belong to this package.",
        ),
        Untrusted::Contents(Unreadable { path, .. }) => text(
            format!("{path} がないか、読めません。"),
            format!("{path} is missing or cannot be read."),
        ),
        Untrusted::Answer { item, round } => text(
            format!("{item} の{round}回目の回答が、履歴のとおりではありません。"),
            format!("The answer to {item}, round {round}, is not the one of the history."),
        ),
        Untrusted::Check(check, _) => text(
            format!("判定の規則 {check} が読めません。"),
            format!("Check {check} cannot be read."),
        ),
        Untrusted::Judge(_) => text(
            "入っている事実から、判定し直すことができません。",
            "The facts in it cannot be judged again.",
        ),
        Untrusted::Verdicts(checks) => {
            let checks = list(checks.iter().map(CheckId::as_str));
            text(
                format!("判定し直すと結果が違います: {checks}"),
                format!("Judged again, these say something else: {checks}"),
            )
        }
        Untrusted::Rows => text(
            "チェックリストの項目が、その年度版の様式のとおりにそろっていません。",
            "The checklist has not the items that the form of its edition has.",
        ),
        Untrusted::Row(item) => text(
            format!("{item} の文言または状況が、様式と判定のとおりではありません。"),
            format!("{item} does not print or stand as its form and the verdicts give it."),
        ),
    }
}

/// Why bytes are no package, however good the key is.
fn unpacked(error: &PackageError) -> Text {
    match error {
        PackageError::Newer(version) => text(
            format!("新しい版（{version}）の形式です。新しい Sonae で確かめてください。"),
            format!(
                "Version {version} of the format is newer than this program. Verify it with a newer Sonae."
            ),
        ),
        PackageError::File(path) => text(
            format!("{path} が、目録のとおりではありません。"),
            format!("{path} is not as the manifest says."),
        ),
        PackageError::Archive(ArchiveError::TooLarge) => text(
            "提出一式としては大きすぎます（1 GiB まで）。",
            "This is too large for a package (1 GiB at most).",
        ),
        PackageError::Archive(ArchiveError::NoEnd) => text(
            "ZIP ではないか、途中で切れています。受け取り直してください。",
            "This is no ZIP, or it was cut off. Ask for the file again.",
        ),
        PackageError::NoSeal => text(
            "封印がありません。Sonae の提出一式ではないか、展開して圧縮し直したものです。",
            "It has no seal: it is no package of Sonae, or was unpacked and packed again.",
        ),
        PackageError::Changed => text(
            "封印したあとに、中身が変わっています。",
            "Something was changed after it was sealed.",
        ),
        PackageError::Signature => text("署名が合いません。", "The signature does not fit."),
        PackageError::OtherInstitution => text(
            "封印した鍵と、書かれている医療機関が違います。",
            "It was sealed by another institution than the one that it names.",
        ),
        PackageError::Archive(_) | PackageError::NoManifest | PackageError::Manifest(_) => text(
            "提出一式の形をしていません。",
            "It has not the form of a package.",
        ),
    }
}
