//! What the doors say: signing in, the first visit, people, settings, listening.

use std::io::Error;
use std::net::SocketAddr;
use std::path::Path;

use sonae_domain::edition::Text;
use sonae_domain::people::GrantRefused;

use super::text;
use crate::usecase::listening::BadOrigin;

pub(crate) fn doors_failed() -> Text {
    text(
        "暗号の処理に失敗しました。もう一度お試しください。",
        "Cryptography failed. Try again.",
    )
}

pub(crate) fn wrong_login() -> Text {
    text(
        "ログイン名かパスワードが違います。入力し直してください。忘れたときは、管理者に設定用リンクを発行してもらってください。",
        "Login name or password is wrong. Type them again. If you forgot them, ask an administrator for a set-up link.",
    )
}

pub(crate) fn wrong_password() -> Text {
    text(
        "いまのパスワードが違います。入力し直してください。",
        "The current password is wrong. Type it again.",
    )
}

pub(crate) fn wrong_code() -> Text {
    text(
        "確認コードが違うか、すでに使われています。認証アプリに新しい数字が出てから入力するか、未使用の回復コードを入力してください。",
        "The code is wrong or was used before. Wait for a new one in your authenticator, or type an unused recovery code.",
    )
}

pub(crate) fn wrong_new_code() -> Text {
    text(
        "確認コードが違います。認証アプリにいま出ている6桁の数字を入力してください。合わないときは、スマートフォンの時刻が合っているか確かめてください。",
        "The code is wrong. Type the six digits that your authenticator shows now. If it stays wrong, check the clock of your telephone.",
    )
}

pub(crate) fn too_many_attempts() -> Text {
    text(
        "間違いが続いたため、しばらく受け付けません。1分ほど待ってから、もう一度お試しください（確認コードは10分ほど）。",
        "Too many attempts. Wait about a minute and try again (about ten minutes for codes).",
    )
}

pub(crate) fn password_short(length_min: usize) -> Text {
    text(
        format!("パスワードが短すぎます。{length_min}文字以上にしてください。"),
        format!("The password is too short. Use at least {length_min} characters."),
    )
}

pub(crate) fn password_long(length_max: usize) -> Text {
    text(
        format!("パスワードが長すぎます。{length_max}文字までにしてください。"),
        format!("The password is too long. Use at most {length_max} characters."),
    )
}

pub(crate) fn password_common() -> Text {
    text(
        "このパスワードは推測されやすいものです。よく使われる言葉、氏名や施設名、続き番号を避け、関係のない言葉をいくつか並べてください。",
        "This password is easily guessed. Avoid common words, names of people and institutions, and runs of digits; join several unrelated words.",
    )
}

pub(crate) fn password_cannot_stand_alone(length_min: usize) -> Text {
    text(
        format!(
            "二要素認証をすべて外すには、先にパスワードを{length_min}文字以上のものに変更してください。"
        ),
        format!(
            "Before you remove your only second factor, change to a password of at least {length_min} characters."
        ),
    )
}

pub(crate) fn second_factor_asked() -> Text {
    text(
        "管理者には二要素認証が必要なため、最後の1つは外せません。取り替えるときは、新しいものを先に追加してください。",
        "Administrators need a second factor, so the last one cannot be removed. To replace it, add the new one first.",
    )
}

pub(crate) fn totp_there() -> Text {
    text(
        "認証アプリはすでに登録されています。別の端末に移すときは、いまの登録を外してからやり直してください。",
        "An authenticator is registered already. To move to another device, remove it first.",
    )
}

pub(crate) fn totp_offer_gone() -> Text {
    text(
        "この登録は途中で切れました。画面を開き直して、新しいコードを読み取ってください。",
        "This registration was interrupted. Open the page again and scan the new code.",
    )
}

pub(crate) fn no_second_factor() -> Text {
    text(
        "回復コードは、認証アプリかパスキーを登録すると使えます。先に登録してください。",
        "Recovery codes belong to an authenticator or a passkey. Register one first.",
    )
}

pub(crate) fn passkey_refused() -> Text {
    text(
        "パスキーを確認できませんでした。もう一度お試しください。続くときは、パスワードと確認コードでログインしてください。",
        "The passkey could not be verified. Try again; if it persists, sign in with password and code.",
    )
}

pub(crate) fn not_there() -> Text {
    text("見つかりません。", "There is no such thing.")
}

/// `--origin` is not what people type into a browser.
pub(crate) fn origin_refused(typed: &str, why: BadOrigin) -> Text {
    let (ja, en) = match why {
        BadOrigin::NotAnAddress => (
            "アドレスの形をしていません",
            "it is not the form of an address",
        ),
        BadOrigin::OtherScheme => (
            "https:// でも http:// でも始まっていません",
            "it begins with neither https:// nor http://",
        ),
        BadOrigin::TooMuch => (
            "名前と番号のほかに、パスなどが付いています",
            "there is more in it than a name and a port",
        ),
    };
    text(
        format!(
            "--origin（または SONAE_ORIGIN）の「{typed}」は使えません。{ja}。パスキーと設定用リンクに使うため、ブラウザで開くアドレスを https://sonae.example.jp のように指定してください。"
        ),
        format!(
            "--origin (or SONAE_ORIGIN) cannot be `{typed}`: {en}. Passkeys and set-up links need the address that people open in a browser; give it like https://sonae.example.jp."
        ),
    )
}

pub(crate) fn already_set_up() -> Text {
    text(
        "はじめての設定は終わっています。ログインしてください。",
        "The first set-up is done. Sign in.",
    )
}

/// What is missing in a form, by the name of its field.
pub(crate) fn field_missing(field: &str) -> Text {
    let (ja, en) = match field {
        "kind" => ("施設の種類", "the kind of institution"),
        "prefecture" => ("都道府県", "the prefecture"),
        "login" => ("ログイン名", "the login name"),
        "person" => ("氏名", "the name of the person"),
        "vendor" => ("事業者", "the vendor"),
        "title" => ("契約名", "the title of the contract"),
        "due_on" => ("回答期限", "the day by which to answer"),
        "authority" => ("検査機関", "the authority"),
        "inspected_on" => ("検査日", "the day of the inspection"),
        "text" => ("内容", "what you want to say"),
        "by" => ("氏名", "the name of the person"),
        "item" => ("項目の番号", "the number of the item"),
        _ => ("名称", "the name"),
    };
    text(
        format!("{ja}を入力してください。"),
        format!("Fill in {en}."),
    )
}

pub(crate) fn not_beds() -> Text {
    text(
        "病床数は0から5000までの数字で入力してください。病床がなければ空欄で構いません。",
        "Give the number of beds as a figure from 0 to 5000; leave it empty where there are none.",
    )
}

pub(crate) fn not_a_login() -> Text {
    text(
        "ログイン名には、文字、数字、. - _ @ だけを使い、64文字までにしてください。",
        "A login name has letters, digits and . - _ @ only, at most 64.",
    )
}

pub(crate) fn login_taken(login: &str) -> Text {
    text(
        format!("ログイン名「{login}」はすでに使われています。別の名前にしてください。"),
        format!("The login name `{login}` is taken. Choose another."),
    )
}

pub(crate) fn name_taken(name: &str) -> Text {
    text(
        format!(
            "「{name}」は、同じ施設の別の人の名前です。履歴で見分けがつくように、違う名前にしてください。"
        ),
        format!(
            "`{name}` is the name of somebody else in an institution of yours. Choose one that the history can tell apart."
        ),
    )
}

pub(crate) fn no_role() -> Text {
    text("役割を1つ以上選んでください。", "Choose at least one role.")
}

pub(crate) fn grant_refused(why: GrantRefused) -> Text {
    match why {
        GrantRefused::NoPurpose => text(
            "外部の方には、目的を入力してください。",
            "Somebody from outside needs a purpose.",
        ),
        GrantRefused::NoEnd => text(
            "外部の方には、利用の最終日を入力してください。",
            "Somebody from outside needs a last day.",
        ),
        GrantRefused::EndPast => text(
            "最終日が過ぎています。今日以降の日にしてください。",
            "The last day is past. Choose today or later.",
        ),
        GrantRefused::OutsideAdministrator => text(
            "外部の方は管理者にできません。ほかの役割を選んでください。",
            "Somebody from outside cannot be administrator. Choose another role.",
        ),
    }
}

pub(crate) fn last_administrator() -> Text {
    text(
        "管理者が1人もいなくなるため、変更できません。先に、ログインしたことのあるほかの方を期限のない管理者にしてください。",
        "Nobody would be left to administer. First make somebody else, who has signed in before, administrator without end.",
    )
}

pub(crate) fn belongs_elsewhere() -> Text {
    text(
        "この方はほかの施設にも属しているため、この施設の管理者だけでは変更できません。Sonae全体の運用者に頼んでください。この施設での役割は変更できます。",
        "This person also belongs to another institution, so its administrators alone cannot do this. Ask whoever runs Sonae. You can still change their roles here.",
    )
}

pub(crate) fn account_closed() -> Text {
    text(
        "このアカウントは停止中です。先に再開してください。",
        "This account is closed. Open it first.",
    )
}

pub(crate) fn closed_meanwhile() -> Text {
    text(
        "このアカウントは停止されました。施設の管理者に確かめてください。",
        "This account was closed. Ask an administrator of the institution.",
    )
}

pub(crate) fn session_over() -> Text {
    text(
        "このログインは、その間に終わりました。もう一度ログインしてください。",
        "You were signed out meanwhile. Sign in again.",
    )
}

pub(crate) fn link_gone() -> Text {
    text(
        "このリンクは、すでに使われたか、期限が切れたか、正しくありません。管理者に新しいリンクを発行してもらってください。",
        "This link was used, has expired, or is wrong. Ask an administrator for a new one.",
    )
}

pub(crate) fn token_end() -> Text {
    text(
        "最終日を、今日から1年以内の日にしてください。",
        "Choose a last day from today to a year from now.",
    )
}

pub(crate) fn system_gone() -> Text {
    text(
        "選んだシステムは記録から外されています。選び直してください。",
        "A chosen system is no longer kept. Choose again.",
    )
}

pub(crate) fn no_edition_file() -> Text {
    text(
        "厚生労働省のチェックリストのExcelファイルを選んでください。",
        "Choose the Excel file of the Ministry's checklist.",
    )
}

pub(crate) fn vendor_in_use() -> Text {
    text(
        "この事業者は、システム、契約、MDS／SDSか依頼に記録されています。先にシステム、契約、MDS／SDSを変更してください。依頼したことのある事業者は、記録のため外せません。",
        "A system, contract, MDS/SDS or request names this vendor. Change systems, contracts and MDS/SDS first; a vendor that was asked stays on record.",
    )
}

pub(crate) fn not_drawn() -> Text {
    text(
        "印刷用の図を作れませんでした。もう一度お試しください。",
        "The drawing could not be made. Try again.",
    )
}

pub(crate) fn record_unreadable() -> Text {
    text(
        "保存された内容を読み取れません。管理者に、バックアップからの復元を相談してください。",
        "What was kept cannot be read. Ask an administrator to restore a backup.",
    )
}

pub(crate) fn threshold_out_of_range(min: i64, max: i64) -> Text {
    text(
        format!("{min}から{max}までの数字にしてください。空欄にすると、もとの値に戻ります。"),
        format!("Give a figure from {min} to {max}; leave it empty for the original one."),
    )
}

pub(crate) fn contract_ends_before_begin() -> Text {
    text(
        "契約終了日が開始日より前です。日付を確かめてください。",
        "The contract ends before it begins. Check the dates.",
    )
}

pub(crate) fn cannot_listen(address: &SocketAddr, source: &Error) -> Text {
    text(
        format!(
            "{address} で待ち受けできません（{source}）。ほかのプログラムが使っていないか確かめるか、--listen で別の番号を指定してください。"
        ),
        format!(
            "Cannot listen on {address} ({source}). See whether another program uses it, or choose another with --listen."
        ),
    )
}

pub(crate) fn serving_failed(source: &Error) -> Text {
    text(
        format!("ページを提供できなくなりました（{source}）。もう一度起動してください。"),
        format!("Serving failed ({source}). Start again."),
    )
}

pub(crate) fn bad_certificate(path: &Path) -> Text {
    let path = path.display();
    text(
        format!(
            "{path}: 証明書と秘密鍵の組として使えません。PEM形式で、組になっているものを --certificate と --key に指定してください。"
        ),
        format!(
            "{path}: not usable as a certificate with its key. Give a matching pair in PEM to --certificate and --key."
        ),
    )
}
