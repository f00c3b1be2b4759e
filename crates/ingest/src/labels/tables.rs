//! Sentences of the readers of tables that people keep: ledger, roster, workbooks.

use sonae_domain::edition::Text;
use sonae_domain::ledger::AssetField;

use super::text;

/// What limits count. They stand inside sentences of both languages.
pub(crate) const BYTES: &str = "bytes";
pub(crate) const ROWS: &str = "rows";
pub(crate) const COLUMNS: &str = "columns";
pub(crate) const CELLS: &str = "cells";
pub(crate) const CELL_CHARS: &str = "characters in a cell";
pub(crate) const UNPACKED_BYTES: &str = "unpacked bytes";
pub(crate) const PARTS: &str = "parts";
pub(crate) const STRINGS: &str = "strings";
pub(crate) const SHEETS: &str = "sheets";
pub(crate) const MERGED: &str = "merged areas";

/// Stands in a cell for a formula without a stored result.
pub(crate) const FORMULA: &str = "=（計算結果なし）";

/// A column for which no field is known.
pub(crate) fn unmapped_column() -> Text {
    text(
        "この列は読んでいません。画面の「台帳の取り込み」の「列の読み方」で、読む項目か、不要かを選べます。",
        "This column was not read. The page that imports a ledger lets you choose how to read it, or that it is not needed.",
    )
}

/// A column of a list that has no use for it.
pub(crate) fn unused_column() -> Text {
    text(
        "この列は使わないため、読み取っていません。個人情報などの不要な列は、除いて書き出すことをお勧めします。",
        "This column has no use here and was not read. Better leave needless columns out of the export.",
    )
}

/// A second column for the same field.
pub(crate) fn doubled_column() -> Text {
    text(
        "同じ項目の列がほかにあるため、この列は読み取っていません。こちらを使うときは、列の対応付けで選んでください。",
        "Another column already holds this field, so this one was not read. To use it, choose it in the column mapping.",
    )
}

/// A cell under no header.
pub(crate) fn cell_without_header(cell: &str) -> Text {
    text(
        format!(
            "見出しのない列に「{cell}」とあります。読み取っていません。見出しを付けてください。"
        ),
        format!(
            "`{cell}` stands in a column without a header and was not read. Give the column a header."
        ),
    )
}

/// A sheet in which no header row was found.
pub(crate) fn sheet_without_header(n_rows: usize) -> Text {
    text(
        format!("見出し行が見つからないため、このシートの{n_rows}行は読み取っていません。"),
        format!("No header row was found, so this sheet was not read (rows: {n_rows})."),
    )
}

/// Lines above the header.
pub(crate) fn before_header(line: &str) -> Text {
    text(
        format!("見出し行より上の行です。読み取っていません:「{line}」"),
        format!("This row stands above the header and was not read: `{line}`"),
    )
}

/// The header once more, as on printed pages.
pub(crate) fn repeated_header() -> Text {
    text(
        "見出し行の繰り返しとみなし、読み飛ばしました。",
        "Taken for a repeated header and skipped.",
    )
}

/// `#N/A` and the like, or a formula without a result.
pub(crate) fn error_cell(cell: &str) -> Text {
    text(
        format!("セルの値がエラー「{cell}」です。Excelで値を直し、保存し直してください。"),
        format!("The cell holds the error `{cell}`. Correct it in Excel and save the file again."),
    )
}

/// 同上.
pub(crate) fn ditto_cell(cell: &str) -> Text {
    text(
        format!("「{cell}」は上の行の値を推測して読み取ることはしません。値を書いてください。"),
        format!("`{cell}` refers to the row above; that is not guessed. Write the value itself."),
    )
}

/// A date that is none.
pub(crate) fn not_a_date(cell: &str) -> Text {
    text(
        format!(
            "「{cell}」を日付として読み取れません。2026-03-31 または 令和8年3月31日 のように、年月日を書いてください。"
        ),
        format!("`{cell}` is no date. Write year, month and day, as in 2026-03-31."),
    )
}

/// A ledger row that counts the others.
pub(crate) fn total_row() -> Text {
    text(
        "合計の行とみて、機器として取り込んでいません。",
        "Taken for a row of totals, so it was not taken as a device.",
    )
}

/// A ledger row in which nothing names the device.
pub(crate) fn row_without_name() -> Text {
    text(
        "機器名がないため、この行は取り込んでいません。型番やシリアル番号だけの機器にも、機器名を付けてください。",
        "No device name, so this row was not taken. Give the device a name, even if it is only its model.",
    )
}

/// A ledger row with a remark only.
pub(crate) fn row_of_note(note: &str) -> Text {
    text(
        format!("備考しかない行です。機器として取り込んでいません:「{note}」"),
        format!("This row holds a note only and was not taken as a device: `{note}`"),
    )
}

/// A table without a column for the kind.
pub(crate) fn no_kind_column() -> Text {
    text(
        "種別の列がありません。すべて「種別不明」として取り込みます。サーバ・端末PC・ネットワーク機器の別を書いた列を加えてください。",
        "There is no column for the kind; all devices are taken as `unknown`. Add a column that says server, terminal or network device.",
    )
}

/// The sheet's name gives the kind.
pub(crate) fn kind_from_sheet(sheet: &str) -> Text {
    text(
        format!("種別の列がないため、シート名「{sheet}」から種別を決めました。"),
        format!("There is no column for the kind; it was taken from the sheet's name `{sheet}`."),
    )
}

/// An empty kind.
pub(crate) fn kind_missing() -> Text {
    text(
        "種別が空です。「種別不明」として取り込みます。",
        "The kind is empty; taken as `unknown`.",
    )
}

/// A kind that no word gives away.
pub(crate) fn kind_unknown(cell: &str) -> Text {
    text(
        format!(
            "種別「{cell}」が分かりません。「種別不明」として取り込みます。サーバ・端末PC・ネットワーク機器・その他のいずれかで書いてください。"
        ),
        format!(
            "The kind `{cell}` is not known; taken as `unknown`. Write server, terminal, network device or other."
        ),
    )
}

/// Neither あり nor なし.
pub(crate) fn remote_unknown(cell: &str) -> Text {
    text(
        format!(
            "リモートメンテナンスの有無「{cell}」が分かりません。「未確認」として取り込みます。あり・なし・未確認のいずれかで書いてください。"
        ),
        format!(
            "`{cell}` does not say whether there is remote maintenance; taken as unconfirmed. Write yes, no or unconfirmed."
        ),
    )
}

/// Not a MAC address.
pub(crate) fn not_a_mac(cell: &str) -> Text {
    text(
        format!(
            "「{cell}」をMACアドレスとして読み取れません。00:11:22:33:44:55 のように書いてください。"
        ),
        format!("`{cell}` is no MAC address of a device. Write it as in 00:11:22:33:44:55."),
    )
}

/// Not an IP address.
pub(crate) fn not_an_ip(cell: &str) -> Text {
    text(
        format!(
            "「{cell}」をIPアドレスとして読み取れません。192.168.1.10 のように書いてください。"
        ),
        format!("`{cell}` is no IP address of a device. Write it as in 192.168.1.10."),
    )
}

/// Assigned by DHCP.
pub(crate) fn dynamic_ip(cell: &str) -> Text {
    text(
        format!("「{cell}」とあるため、IPアドレスはなしとして取り込みます。"),
        format!("`{cell}`: taken without an IP address."),
    )
}

/// A serial number that no device has.
pub(crate) fn not_a_serial(cell: &str) -> Text {
    text(
        format!("「{cell}」は機器を見分けるシリアル番号ではないため、空として取り込みます。"),
        format!("`{cell}` is no serial number that tells devices apart; taken as empty."),
    )
}

/// What a field of the ledger is called on screen.
pub(crate) fn asset_field(field: AssetField) -> Text {
    match field {
        AssetField::Kind => text("種別", "kind"),
        AssetField::Name => text("機器名", "name"),
        AssetField::Location => text("所在", "location"),
        AssetField::Usability => text("使用可否の状態", "usability"),
        AssetField::System => text("システム名", "system"),
        AssetField::Vendor => text("事業者", "vendor"),
        AssetField::Maker => text("メーカー", "maker"),
        AssetField::Model => text("型番", "model"),
        AssetField::Serial => text("シリアル番号", "serial number"),
        AssetField::Macs => text("MACアドレス", "MAC addresses"),
        AssetField::Ips => text("IPアドレス", "IP addresses"),
        AssetField::DirectoryId => text("ディレクトリID", "directory id"),
        AssetField::Os => text("OS・ファームウェア", "operating system"),
        AssetField::OsVersion => text("OSの版", "version"),
        AssetField::RemoteMaintenance => text("リモートメンテナンスの有無", "remote maintenance"),
        AssetField::Owner => text("管理者・担当者", "owner"),
        AssetField::AcquiredOn => text("取得日", "acquired on"),
        AssetField::SupportEndsOn => text("サポート終了日", "support ends on"),
        AssetField::Note => text("備考", "note"),
    }
}

/// A row of the roster in which nobody is named.
pub(crate) fn nobody_named() -> Text {
    text(
        "氏名・職員番号・アカウントのどれもないため、この行は読み取っていません。",
        "No name, staff number or account, so this row was not read.",
    )
}

/// A status that no word gives away.
pub(crate) fn status_unknown(cell: &str) -> Text {
    text(
        format!("在職の状態「{cell}」が分かりません。在職・休職・退職のいずれかで書いてください。"),
        format!("The status `{cell}` is not known. Write employed, on leave or left."),
    )
}

/// Employed, with a last day.
pub(crate) fn employed_with_last_day() -> Text {
    text(
        "在職とありますが、退職日も書かれています。どちらが正しいか確認してください。",
        "The person is employed, but has a last day. Check which is right.",
    )
}

/// One staff number, two rows.
pub(crate) fn staff_number_twice(id: &str, row: u32) -> Text {
    text(
        format!(
            "職員番号「{id}」は{row}行目にもあります。どちらも読み取りました。重複を確認してください。"
        ),
        format!(
            "The staff number `{id}` also stands in row {row}. Both were read; check for doubles."
        ),
    )
}

/// An approval without a field that it cannot do without.
pub(crate) fn approval_lacks(ja: &str, en: &str) -> Text {
    text(
        format!("{ja}がないため、許可として扱いません。{ja}を書いてください。"),
        format!("No {en}, so this does not count as an approval. Write the {en}."),
    )
}

/// A kind that approvals do not know.
pub(crate) fn approval_kind_unknown(cell: &str) -> Text {
    text(
        format!(
            "種別「{cell}」が分からないため、許可として扱いません。サーバ、端末PC、または空にしてください。"
        ),
        format!(
            "The kind `{cell}` is not known, so this does not count as an approval. Write server or terminal, or leave it empty."
        ),
    )
}

/// Neither TCP nor UDP.
pub(crate) fn protocol_unknown(cell: &str) -> Text {
    text(
        format!(
            "プロトコル「{cell}」が分からないため、許可として扱いません。TCPかUDPで書いてください。"
        ),
        format!(
            "The protocol `{cell}` is not known, so this does not count as an approval. Write TCP or UDP."
        ),
    )
}

/// Not one port.
pub(crate) fn not_a_port(cell: &str) -> Text {
    text(
        format!(
            "「{cell}」をポート番号として読み取れないため、許可として扱いません。1～65535の番号を1行に1つ書いてください。"
        ),
        format!(
            "`{cell}` is no port, so this does not count as an approval. Write one number from 1 to 65535 a row."
        ),
    )
}

/// One item, two rows.
pub(crate) fn item_twice(id: &str) -> Text {
    text(
        format!(
            "項目「{id}」は上の行にもあります。この行は読み取っていません。行を複写していないか確認してください。"
        ),
        format!(
            "The item `{id}` also stands in a row above; this row was not read. Check for copied rows."
        ),
    )
}

/// Neither はい nor いいえ.
pub(crate) fn not_an_answer(cell: &str) -> Text {
    text(
        format!("回答「{cell}」が分かりません。はい・いいえ・記入不要のいずれかを選んでください。"),
        format!("`{cell}` is no answer. Choose はい, いいえ or 記入不要."),
    )
}

/// A day, and nothing confirmed on it.
pub(crate) fn customer_missing() -> Text {
    text(
        "顧客の名称がないため、この行は読み取りませんでした。",
        "No customer is named, so this row was not read.",
    )
}

pub(crate) fn item_or_answer_missing() -> Text {
    text(
        "項目と回答のどちらかがないため、この行は読み取りませんでした。",
        "Item or answer is missing, so this row was not read.",
    )
}

pub(crate) fn day_without_answer() -> Text {
    text(
        "確認日がありますが回答が空です。回答を選んでください。",
        "There is a day of confirmation, but no answer. Choose one.",
    )
}

/// What a doubtful cell means for the answer beside it; with the round, if the form has several.
pub(crate) fn answer_not_taken(why: &Text, round: Option<u8>) -> Text {
    let (of_ja, of_en) = match round {
        None => (String::new(), String::new()),
        Some(round) => (format!("（{round}回目）"), format!(" of round {round}")),
    };
    text(
        format!("{}この行の回答{of_ja}は取り込んでいません。", why.ja),
        format!("{} The answer{of_en} in this row was not taken.", why.en),
    )
}

/// A target or a note without an answer.
pub(crate) fn remark_without_answer() -> Text {
    text(
        "目標日か備考がありますが、取り込める回答がないため、読み取っていません。",
        "There is a target day or a note, but no answer to take, so neither was read.",
    )
}

/// An answer in a row that Sonae did not write.
pub(crate) fn answer_without_item() -> Text {
    text(
        "項目の行ではないところに回答が書かれています。読み取っていません。",
        "There is an answer in a row that is no item. It was not read.",
    )
}

/// Who issues the checklist (厚生労働省).
pub(crate) const MINISTRY: &str = "厚生労働省";

/// What a user must know of a draft.
pub(crate) fn draft_remark(file_name: &str) -> Text {
    text(
        format!(
            "「{file_name}」から読み取った下書きです。公式のファイルと1行ずつ照合してから公開してください。"
        ),
        format!(
            "A draft read from `{file_name}`. Compare it with the official file row by row before you publish it."
        ),
    )
}

/// A row of a drill without something that a record needs.
pub(crate) fn drill_lacks(ja: &str, en: &str) -> Text {
    text(
        format!("{ja}がないため、復旧訓練の記録として数えません。{ja}を書いてください。"),
        format!("No {en}, so this does not count as a drill. Write the {en}."),
    )
}

/// A result that is neither success nor failure.
pub(crate) fn drill_result_unknown(cell: &str) -> Text {
    text(
        format!("結果「{cell}」は成功か失敗か分かりません。成功 または 失敗 と書いてください。"),
        format!("The result `{cell}` tells neither success nor failure. Write 成功 or 失敗."),
    )
}
