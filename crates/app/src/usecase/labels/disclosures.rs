//! What is said about MDS and SDS and the risks that people note on them.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;

use super::text;

pub(crate) fn statement_kind_missing() -> Text {
    text(
        "MDS（製品）かSDS（サービス）かを選んでください。開示書の表題に書かれています。",
        "Choose MDS (product) or SDS (service). The title of the statement says which.",
    )
}

pub(crate) fn statement_product_missing() -> Text {
    text(
        "製品名・サービス名を入力してください。",
        "Give the name of the product or service.",
    )
}

pub(crate) fn statement_in_future(day: Date, today: Date) -> Text {
    text(
        format!(
            "作成日 {} は今日（{}）より後です。開示書に書かれた日を確かめてください。",
            format_era(day),
            format_era(today)
        ),
        format!("The date {day} is after today ({today}). See what the statement says."),
    )
}

pub(crate) fn statement_replaced_already() -> Text {
    text(
        "選んだ開示書には、もう新しい版があります。いちばん新しい版を選んでください。",
        "The chosen statement has a newer version already. Choose the newest.",
    )
}

pub(crate) fn statement_without_file() -> Text {
    text(
        "開示書のファイルを選んでください。",
        "Choose the file of the statement.",
    )
}

pub(crate) fn rows_not_read(why: &Text) -> Text {
    text(
        format!("質問ごとの回答は読み取れていません。{}", why.ja),
        format!("The answers to its questions were not read. {}", why.en),
    )
}

pub(crate) fn risk_field_missing(field: &str) -> Text {
    let (ja, en) = match field {
        "risk" => ("起こりうること", "what may happen"),
        "measure" => ("補う方法", "what is done about it"),
        "assessed_on" => ("評価した日", "the day of the assessment"),
        _ => ("評価した人", "who assessed it"),
    };
    text(
        format!("{ja}を入力してください。"),
        format!("Fill in {en}."),
    )
}

pub(crate) fn assessed_in_future(day: Date, today: Date) -> Text {
    text(
        format!(
            "評価した日 {} は今日（{}）より後です。",
            format_era(day),
            format_era(today)
        ),
        format!("The day {day} is after today ({today})."),
    )
}
