//! Sentences of the reader of MDS and SDS.

use sonae_domain::edition::Text;

use super::text;

pub(crate) fn no_mark() -> Text {
    text(
        "回答がありません（印も言葉もないか、選択肢がそのまま並んでいます）。原本を見てください。",
        "There is no answer: no mark and no word, or only the printed choices. Look at the original.",
    )
}

pub(crate) fn two_marks() -> Text {
    text(
        "印が2つ以上あり、どれが回答か分かりません。事業者に確かめてください。",
        "There are two marks or more. Ask the vendor which is meant.",
    )
}

pub(crate) fn not_an_answer(cell: &str) -> Text {
    text(
        format!("「{cell}」とあり、はい・いいえ・対象外のどれとも読めません。原本を見てください。"),
        format!("`{cell}` is none of the three answers. Look at the original."),
    )
}

pub(crate) fn answer_without_question() -> Text {
    text(
        "回答だけがあり、質問が見つかりません。",
        "There is an answer here, but no question.",
    )
}

pub(crate) fn no_questions() -> Text {
    text(
        "このシートには、回答欄のある質問が見つかりません。質問があるかどうか、原本を見てください。",
        "No questions with a place for answers were found on this sheet. See in the original whether there are any.",
    )
}

pub(crate) fn blank_form() -> Text {
    text(
        "このシートは回答のないもう一方の書式（MDSまたはSDS）なので、数えていません。",
        "This sheet is the other form (MDS or SDS) without any answer; it was not counted.",
    )
}

pub(crate) fn not_a_day(value: &str) -> Text {
    text(
        format!("作成日の「{value}」は日付として読めません。"),
        format!("The date of the statement, `{value}`, is not a day."),
    )
}

pub(crate) fn more_lines(n: usize) -> Text {
    text(
        format!("質問ではないと見た行が、ほかに{n}行あります。"),
        format!("Further lines that were not taken for questions: {n}."),
    )
}

pub(crate) fn no_disclosure() -> Text {
    text(
        "MDS／SDS（医療情報セキュリティ開示書）のExcelとしては読めません。表題に「開示書」「MDS」「SDS」が見つかりません。",
        "This is not read as an MDS or SDS: it names itself nowhere 開示書, MDS or SDS.",
    )
}
