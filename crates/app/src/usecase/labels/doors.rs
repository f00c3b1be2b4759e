//! What the doors say: signing in, the first visit, listening.

use std::io::Error;
use std::net::SocketAddr;
use std::path::Path;

use sonae_domain::edition::Text;

use super::text;

pub(crate) fn doors_failed() -> Text {
    text(
        "暗号の処理に失敗しました。もう一度お試しください。",
        "Cryptography failed. Try again.",
    )
}

pub(crate) fn wrong_login() -> Text {
    text(
        "ログイン名、パスワード、確認コードのどれかが違います。入力し直してください。忘れたときは、管理者に設定用リンクを発行してもらってください。",
        "Login name, password or code is wrong. Type them again. If you forgot them, ask an administrator for a set-up link.",
    )
}

pub(crate) fn too_many_attempts() -> Text {
    text(
        "間違いが続いたため、このログイン名を一時的に止めています。1分ほど待ってから、もう一度お試しください。",
        "Too many wrong attempts: this login name waits. Try again in about a minute.",
    )
}

pub(crate) fn already_set_up() -> Text {
    text(
        "はじめての設定は終わっています。ログインしてください。",
        "The first set-up is done. Sign in.",
    )
}

pub(crate) fn set_up_incomplete() -> Text {
    text(
        "施設の名称、氏名、ログイン名、パスワードをすべて入力してください。",
        "Fill in the institution's name, your name, a login name and a password.",
    )
}

pub(crate) fn login_taken(login: &str) -> Text {
    text(
        format!("ログイン名「{login}」はすでに使われています。別の名前にしてください。"),
        format!("The login name `{login}` is taken. Choose another."),
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
