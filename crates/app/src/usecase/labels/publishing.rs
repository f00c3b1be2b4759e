//! What is said about the keys, files and publications of vendors, on both sides.

use std::path::Path;

use sonae_domain::edition::Text;
use sonae_domain::publication::PublicationRefused;
use sonae_domain::vendor::AttemptRefused;

use super::text;

// At the vendor's.

pub(crate) fn not_a_key_name(name: &str) -> Text {
    text(
        format!(
            "「{name}」は鍵の名前に使えません。空白、＋の半角、見えない文字を除き、100文字までにしてください。空白の代わりに _ が使えます。"
        ),
        format!(
            "`{name}` cannot be the name of a key: no blanks, no plus sign, nothing invisible, at most 100 characters. Use _ for a blank."
        ),
    )
}

pub(crate) fn key_is_there(path: &Path) -> Text {
    text(
        format!(
            "鍵はすでに {} にあります。作り直すと、ファイルを受け取る施設はもう一度指紋を確かめなければなりません。本当に作り直すときは、先にその鍵を別の場所へ移してください。",
            path.display()
        ),
        format!(
            "There is a key already: {}. With a new one whoever gets your files has to compare the fingerprint again. Move the old one away first if you mean it.",
            path.display()
        ),
    )
}

pub(crate) fn no_vendor_key(path: &Path) -> Text {
    text(
        format!(
            "署名に使う鍵が {} にありません。先に sonae vendor key --name 会社名 で作ってください。",
            path.display()
        ),
        format!(
            "There is no key to sign with at {}. Make one first: sonae vendor key --name COMPANY",
            path.display()
        ),
    )
}

pub(crate) fn key_broken(path: &Path) -> Text {
    text(
        format!("{} は鍵として読めません。", path.display()),
        format!("{} is not a key.", path.display()),
    )
}

pub(crate) fn catalog_broken() -> Text {
    text(
        "Sonaeに入っている年度版のデータを読めません。",
        "The editions that ship with Sonae cannot be read.",
    )
}

pub(crate) fn not_a_request(path: &Path) -> Text {
    text(
        format!(
            "{} は依頼ファイル（.sonae）として読めません。施設の「依頼ファイルを保存（.sonae）」で作られたファイルを使ってください。",
            path.display()
        ),
        format!(
            "{} is not a request (.sonae) that an institution saved for programs.",
            path.display()
        ),
    )
}

pub(crate) fn not_an_answer_file(path: &Path) -> Text {
    text(
        format!(
            "{} は、依頼ファイルの画面で保存した回答ファイルとして読めません。",
            path.display()
        ),
        format!(
            "{} is no answer that the page of a request saved.",
            path.display()
        ),
    )
}

pub(crate) fn signed_already(path: &Path) -> Text {
    text(
        format!("{} にはすでに署名があります。", path.display()),
        format!("{} is signed already.", path.display()),
    )
}

pub(crate) fn not_one_line() -> Text {
    text(
        "署名できない文字が入っています。改行や制御文字を除いてください。",
        "It holds characters that cannot be signed. Take line breaks and control characters out.",
    )
}

pub(crate) fn form_of_another_edition(asked: &str) -> Text {
    text(
        format!("別の年度版の様式です。求められているのは {asked} の「事業者確認用」です。"),
        format!("This is the form of another edition; the vendor form of {asked} is wanted."),
    )
}

pub(crate) fn said_twice() -> Text {
    text(
        "同じ顧客の同じ項目が二度あります。",
        "The same item of the same customer stands here twice.",
    )
}

pub(crate) fn publication_unnamed() -> Text {
    text(
        "製品名、版、回答者の氏名は空にできません。",
        "Product, version and the name of the person cannot be empty.",
    )
}

pub(crate) fn publication_would_be_over(typed: &str) -> Text {
    text(
        format!("有効期限「{typed}」は、今日か、それより後の日にしてください。"),
        format!("`{typed}` is no day from today on by which it could end."),
    )
}

// At the institution's.

/// Why a publication cannot be taken.
pub(crate) fn publication_not_taken(why: PublicationRefused) -> Text {
    use PublicationRefused::{
        AlreadyTaken, BadSignature, FromTheFuture, NoPublication, Older, OtherEdition, OtherKey,
        Over, ToMend, TooLong, Unsigned,
    };
    let (ja, en) = match why {
        Unsigned => (
            "署名のないファイルです。製品の回答は署名されたものだけを取り込みます。事業者に確かめてください。",
            "The file is not signed. Only signed publications are taken in. Ask the vendor.",
        ),
        BadSignature => (
            "署名のあとで内容が変わっています。取り込んでいません。事業者に知らせ、もう一度送ってもらってください。",
            "The file was changed after it was signed and was not taken in. Tell the vendor, and ask for it again.",
        ),
        NoPublication => (
            "製品の回答のファイル（.sonae）として読めません。途中で切れているか、別の種類のファイルです。",
            "This is no publication of a vendor (.sonae): it is cut off, or another kind of file.",
        ),
        TooLong => return publication_too_long(),
        FromTheFuture => (
            "発行日時が今より後です。この端末か事業者の時計が違っています。取り込んでいません。",
            "It was published in the future: the clock here or at the vendor's is wrong. It was not taken in.",
        ),
        Over => (
            "有効期限が過ぎた製品の回答です。事業者に新しいものを求めてください。",
            "The publication is past its end. Ask the vendor for a newer one.",
        ),
        AlreadyTaken => (
            "このファイルはすでに取り込まれています。",
            "This file was taken in before.",
        ),
        Older => (
            "これより新しい回答がすでに取り込まれています。古いファイルは取り込みません。",
            "A newer publication of this product is here already; the older file was not taken in.",
        ),
        OtherEdition => (
            "別の年度版の様式への回答です。取り込んでいません。事業者に、今の年度版の回答を求めてください。",
            "It answers the form of another edition and was not taken in. Ask the vendor for the edition of now.",
        ),
        OtherKey => return super::answer_not_taken(AttemptRefused::OtherKey),
        ToMend => (
            "直すところがあり、取り込んでいません。",
            "Something in it must be mended, so it was not taken in.",
        ),
    };
    text(ja, en)
}

/// Also said to a vendor who is about to publish it.
pub(crate) fn publication_too_long() -> Text {
    text(
        "製品の回答のファイルが大きすぎます（4 MiBまで）。",
        "The publication is too large (at most 4 MiB).",
    )
}

pub(crate) fn key_not_confirmed() -> Text {
    text(
        "事業者の鍵の指紋をまだ確かめていません。先に事業者と指紋を読み合わせてください。",
        "Nobody compared the fingerprint of the vendor's key yet. Do that first.",
    )
}

pub(crate) fn decision_without_note() -> Text {
    text(
        "条件つきで採用するときは条件を、採用しないときは理由を書いてください。",
        "Say to what it is narrowed, or why it is refused.",
    )
}
