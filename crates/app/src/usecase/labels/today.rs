//! What has to be done next, and until when: tasks, deadlines, and the mail that reminds of them.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;

use super::text;

/// An item as people speak of it: official number and plain title.
pub(crate) fn item_named(number: &str, title: &Text) -> Text {
    text(
        format!("{number} {}", title.ja),
        format!("{number} {}", title.en),
    )
}

// Deadlines.

pub(crate) fn target_of(item: &Text) -> Text {
    text(
        format!("{} の目標日", item.ja),
        format!("target date of {}", item.en),
    )
}

pub(crate) fn two_factor_by(item: &Text) -> Text {
    text(
        format!("{}（令和9年度まで）", item.ja),
        format!("{} (by the end of fiscal year 2027)", item.en),
    )
}

/// `n` pieces of evidence that stop counting on one day; `file` is the first of them.
pub(crate) fn evidence_ends(file: &str, n: usize) -> Text {
    match n {
        1 => text(
            format!("証拠 {file} の有効期限"),
            format!("evidence {file} expires"),
        ),
        n => text(
            format!("証拠 {file} ほか{}件の有効期限", n - 1),
            format!("evidence {file} and {} more expire", n - 1),
        ),
    }
}

pub(crate) fn contract_ends(title: &str, vendor: Option<&str>) -> Text {
    let (ja, en) = match vendor {
        Some(vendor) => (format!("（{vendor}）"), format!(" ({vendor})")),
        None => Default::default(),
    };
    text(
        format!("契約「{title}」{ja}の終了"),
        format!("end of contract {title}{en}"),
    )
}

pub(crate) fn explanation_ends(item: &Text) -> Text {
    text(
        format!("{} の矛盾の説明の期限", item.ja),
        format!("end of the explanation of {}", item.en),
    )
}

pub(crate) fn document_ends(title: &str) -> Text {
    text(
        format!("書類「{title}」の有効期限"),
        format!("document {title} expires"),
    )
}

/// The end of support of a product on `n` devices; `device` is the first of them.
pub(crate) fn support_ends(product: &str, device: &str, n: usize) -> Text {
    let (ja, en) = match n {
        1 => (device.to_owned(), device.to_owned()),
        n => (
            format!("{device} ほか{}台", n - 1),
            format!("{device} and {} more", n - 1),
        ),
    };
    match product {
        "" => text(
            format!("サポート終了（{ja}）"),
            format!("end of support ({en})"),
        ),
        product => text(
            format!("{product} のサポート終了（{ja}）"),
            format!("end of support of {product} ({en})"),
        ),
    }
}

pub(crate) fn grant_ends(person: &str, purpose: &str) -> Text {
    text(
        format!("院外の {person} さんの利用期限（{purpose}）"),
        format!("access of {person} from outside ends ({purpose})"),
    )
}

// Tasks.

pub(crate) fn fix_contradiction(item: &Text) -> Text {
    text(
        format!("{}: 回答と証拠が食い違っています", item.ja),
        format!("{}: answer and evidence disagree", item.en),
    )
}

pub(crate) fn meet_target(item: &Text) -> Text {
    text(
        format!("{}: 目標日を過ぎています", item.ja),
        format!("{}: the target date has passed", item.en),
    )
}

pub(crate) fn set_target(item: &Text) -> Text {
    text(
        format!("{}: 目標日を決めてください", item.ja),
        format!("{}: set a target date", item.en),
    )
}

pub(crate) fn confirm(item: &Text) -> Text {
    text(
        format!("{}: 証拠がそろいました。確認できます", item.ja),
        format!("{}: the evidence is there; confirm it", item.en),
    )
}

pub(crate) fn answer_rest(n_unanswered: usize) -> Text {
    text(
        format!("まだ答えていない項目が{n_unanswered}個あります"),
        format!("{n_unanswered} items are not answered yet"),
    )
}

pub(crate) fn next_is(item: &Text) -> Text {
    text(format!("次：{}", item.ja), format!("next is {}", item.en))
}

pub(crate) fn fill_ledger() -> Text {
    text("台帳に機器がありません", "The ledger has no devices")
}

pub(crate) fn fill_ledger_why() -> Text {
    text(
        "台帳の表を読み込むか、1台ずつ登録してください。機器についての項目は、台帳がないと裏付けられません。",
        "Import a table or add devices one by one. Without a ledger nothing is proven about devices.",
    )
}

pub(crate) fn list_devices(n: usize) -> Text {
    text(
        format!("台帳にない機器が{n}台、ネットワークで見つかっています"),
        format!("{n} devices were seen that are not in the ledger"),
    )
}

pub(crate) fn list_devices_why() -> Text {
    text(
        "何の機器かを確かめ、台帳に加えるか、つながらないようにしてください。",
        "Find out what they are; add them to the ledger or disconnect them.",
    )
}

pub(crate) fn add_second_factors(n: usize) -> Text {
    text(
        format!("Sonaeの二要素認証をまだ使っていない人が{n}人います"),
        format!("{n} people use Sonae without a second factor"),
    )
}

/// Names of people, items or files, with a beginning that says what they are.
pub(crate) fn speaks_about_items(numbers: &str) -> Text {
    text(
        format!("{numbers} に関わる証拠です"),
        format!("It speaks about {numbers}."),
    )
}

pub(crate) fn nothing_more() -> Text {
    text("", "")
}

// Mail.

/// Before this many days a reminder says "today", "in n days" or "n days ago".
pub(crate) fn distance(today: Date, on: Date) -> Text {
    match (on - today).get_days() {
        0 => text("今日", "today"),
        n @ 1.. => text(format!("あと{n}日"), format!("in {n} days")),
        n => text(format!("{}日過ぎています", -n), format!("{} days ago", -n)),
    }
}

pub(crate) fn mail_subject(institution: &str, n: usize) -> String {
    format!("[Sonae] {institution}: 期限のお知らせ（{n}件）")
}

pub(crate) fn mail_test_subject(institution: &str) -> String {
    format!("[Sonae] {institution}: メールの確認")
}

pub(crate) fn mail_test_body(institution: &str, address: &str) -> String {
    format!(
        "{institution} の期限のお知らせは、この宛先に届きます。\nSonaeを開く: {address}\n\nこのメールは、設定の画面の「確認のメールを送る」で送りました。\n"
    )
}

pub(crate) fn mail_head(institution: &str, today: Date) -> String {
    format!(
        "{institution} の期限のお知らせです（{}）。\n",
        format_era(today)
    )
}

pub(crate) fn mail_line(title: &Text, on: Date, today: Date, link: &str) -> String {
    let distance = distance(today, on).ja;
    format!(
        "■ {}\n   {}（{distance}）\n   {link}\n",
        title.ja,
        format_era(on)
    )
}

pub(crate) fn mail_foot(address: &str) -> String {
    format!("すべての期限: {address}/deadlines\nお知らせをやめるとき: {address}/settings/mail\n")
}

pub(crate) fn mail_host_missing() -> Text {
    text(
        "メールサーバの名前を入力してください。",
        "Type the name of the mail server.",
    )
}

pub(crate) fn mail_port_wrong(typed: &str) -> Text {
    text(
        format!("ポート番号「{typed}」は使えません。1から65535の数を入力してください。"),
        format!("`{typed}` is no port. Type a number from 1 to 65535."),
    )
}

pub(crate) fn mail_address_wrong(typed: &str) -> Text {
    text(
        format!(
            "「{typed}」はメールアドレスではありません。name@example.jp の形で入力してください。"
        ),
        format!("`{typed}` is no mail address. Type it as name@example.jp."),
    )
}

pub(crate) fn mail_recipient_missing() -> Text {
    text(
        "宛先を1つ以上入力してください。",
        "Type at least one recipient.",
    )
}

pub(crate) fn mail_web_address_wrong(typed: &str) -> Text {
    text(
        format!(
            "「{typed}」はSonaeのアドレスとして使えません。http:// か https:// で始めてください。"
        ),
        format!("`{typed}` cannot be the address of Sonae. Begin with http:// or https://."),
    )
}

pub(crate) fn mail_not_set_up() -> Text {
    text(
        "メールの設定がまだありません。先に保存してください。",
        "Mail is not set up yet. Save the settings first.",
    )
}

pub(crate) fn mail_failed(why: &str) -> Text {
    text(
        format!(
            "メールを送れませんでした（{why}）。サーバの名前、ポート、暗号化の方式、利用者名を確かめてください。パスワードは環境変数 SONAE_SMTP_PASSWORD から読みます。"
        ),
        format!(
            "The mail was not sent ({why}). Check server, port, encryption and user name. The password comes from the environment variable SONAE_SMTP_PASSWORD."
        ),
    )
}

// Institutions.

pub(crate) fn no_such_institution() -> Text {
    text("施設が見つかりません。", "No such institution.")
}

pub(crate) fn institution_name_missing() -> Text {
    text(
        "施設の名称を入力してください。",
        "Type the institution's name.",
    )
}

pub(crate) fn institution_kind_missing() -> Text {
    text(
        "施設の種類を選んでください。",
        "Choose the kind of institution.",
    )
}

// The calendar.

/// Name of the token behind a calendar's address.
pub(crate) const CALENDAR: &str = "カレンダー";

pub(crate) fn calendar_name(institution: &str) -> String {
    format!("{institution} サイバーセキュリティ対策の期限")
}

pub(crate) fn mail_password_missing() -> Text {
    text(
        "利用者名がありますが、パスワードがありません。環境変数 SONAE_SMTP_HOST（サーバの名前）、SONAE_SMTP_USER（利用者名）、SONAE_SMTP_PASSWORD に入れて、Sonaeを起動し直してください。",
        "There is a user name but no password. Put server, user name and password into the environment variables SONAE_SMTP_HOST, SONAE_SMTP_USER and SONAE_SMTP_PASSWORD and start Sonae again.",
    )
}

pub(crate) fn mail_password_elsewhere(host: &str, user: &str) -> Text {
    text(
        format!(
            "ログインしませんでした。Sonaeが持っているパスワードは、サーバ「{host}」の利用者「{user}」のものです。ほかのサーバや利用者名には送りません。"
        ),
        format!(
            "No login was tried. The password that Sonae holds is for user `{user}` of the server `{host}`, and is sent to no other server or user."
        ),
    )
}

pub(crate) fn mail_password_in_the_open() -> Text {
    text(
        "ログインしませんでした。暗号化なしでは、パスワードを送りません。暗号化の方式を選んでください。",
        "No login was tried. The password is not sent without encryption. Choose one.",
    )
}
