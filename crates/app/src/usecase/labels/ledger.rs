//! What is said about the ledger and about files that wait to be imported into it.

use sonae_domain::edition::Text;

use super::text;

pub(crate) fn upload_gone() -> Text {
    text(
        "読み込みを待っているファイルがありません。もう一度ファイルを選んでください。",
        "No file waits to be imported. Choose the file again.",
    )
}
