//! Why a file is refused as a whole. What is wrong in parts of a file is a finding, not an error.

use sonae_domain::edition::Text;

use crate::labels::disclosure::no_disclosure;
use crate::labels::{counted_ja, format_title, place_ja, text};

/// Why a file is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// No reader recognises it.
    #[error("no known format")]
    UnknownFormat,
    /// A reader recognises it, but it is damaged or cut off.
    #[error("{format}: damaged at {place}: {why}")]
    Damaged {
        /// Which reader.
        format: &'static str,
        /// Line, byte or part.
        place: String,
        /// In the parser's words.
        why: String,
    },
    /// It breaks a limit.
    #[error("{format}: {what} exceeds {limit}")]
    TooLarge {
        /// Which reader.
        format: &'static str,
        /// What was counted.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Text in an encoding that we do not read.
    #[error("{format}: not UTF-8, UTF-16 or CP932")]
    Encoding {
        /// Which reader.
        format: &'static str,
    },
    /// A workbook of another kind than XLSX, or an encrypted one.
    #[error("{format}: {kind} is not read, only XLSX and CSV")]
    OtherWorkbook {
        /// Which reader.
        format: &'static str,
        /// XLS, XLSB, ODS.
        kind: &'static str,
    },
    /// It holds what Sonae must not store.
    #[error("{format}: holds {what}, which is not stored")]
    Forbidden {
        /// Which reader.
        format: &'static str,
        /// Password hashes, patient columns.
        what: String,
    },
    /// A header and nothing below: an export that went wrong must not replace a real one.
    #[error("{format}: has headers, but no row")]
    NoRows {
        /// Which reader.
        format: &'static str,
    },
    /// Our own form with answers, which is no evidence.
    #[error("a form of Sonae, which is no evidence")]
    AnswerForm,
    /// A file that was sent as MDS or SDS, and is none that we read.
    #[error("no MDS or SDS")]
    NoDisclosure,
    /// A table whose headers nobody knows. They are not part of the error's name: it may be logged.
    #[error("a table of no known kind")]
    UnknownTable {
        /// As written, of the first sheet that is a table.
        headers: Vec<String>,
    },
}

/// Enough to find the column of the names; the rest is counted.
const HEADERS_SHOWN_MAX: usize = 8;

impl ReadError {
    /// Whether the bytes must not be kept as anything: there are none, or they hold secrets or
    /// patients.
    pub fn is_never_kept(&self) -> bool {
        matches!(self, Self::Empty | Self::Forbidden { .. })
    }

    /// What happened and what to do about it, for the user.
    pub fn text(&self) -> Text {
        match self {
            Self::Empty => text(
                "ファイルが空です。もう一度書き出して、大きさが0でないことを確かめてください。",
                "The file is empty. Export it again and check that its size is not 0.",
            ),
            Self::UnknownFormat => text(
                "読み取れる形式ではありません。対応する形式は、画面の「証拠の集め方」で確認できます。",
                "This is none of the formats that Sonae reads. The page on how to gather evidence lists them.",
            ),
            Self::Damaged { format, place, why } => text(
                format!(
                    "{}のファイルですが、{}で壊れているか途中で切れています（{why}）。もう一度書き出してください。",
                    format_title(format).ja,
                    place_ja(place)
                ),
                format!(
                    "This is a {}, but it is damaged or cut off at {place} ({why}). Export it again.",
                    format_title(format).en
                ),
            ),
            Self::TooLarge {
                format,
                what,
                limit,
            } => text(
                format!(
                    "{}のファイルですが、{}が上限 {limit} を超えています。範囲を分けて書き出してください。",
                    format_title(format).ja,
                    counted_ja(what)
                ),
                format!(
                    "This is a {}, but the number of {what} exceeds {limit}. Export it in parts.",
                    format_title(format).en
                ),
            ),
            Self::Encoding { .. } => text(
                "文字コードを判別できません。UTF-8、UTF-16、Shift_JIS（CP932）のいずれかで保存し直してください（EUC-JPは読みません）。",
                "The text encoding is not known. Save it as UTF-8, UTF-16 or CP932 (EUC-JP is not read).",
            ),
            Self::OtherWorkbook { kind, .. } => text(
                format!(
                    "{kind} 形式またはパスワード付きの表計算ファイルは読み取りません。パスワードを外し、「Excelブック（*.xlsx）」またはCSVで保存し直してください。"
                ),
                format!(
                    "A workbook in the form {kind}, or with a password, is not read. Remove the password and save it as XLSX or CSV."
                ),
            ),
            Self::Forbidden { format, what } => text(
                format!(
                    "{}のファイルに {what} が含まれています。Sonaeは保存しません。その列や項目を除いて書き出し直してください。",
                    format_title(format).ja
                ),
                format!(
                    "This {} holds {what}. Sonae does not store it. Export it again without.",
                    format_title(format).en
                ),
            ),
            Self::NoRows { format } => no_rows(&format_title(format)),
            Self::AnswerForm => text(
                "Sonaeの様式で、証拠ではありません。回答は画面のチェックリストに入力してください。",
                "This is a form of Sonae and no evidence. Type the answers into the checklist of the pages.",
            ),
            Self::NoDisclosure => no_disclosure(),
            Self::UnknownTable { headers } => unknown_table(headers),
        }
    }
}

fn no_rows(title: &Text) -> Text {
    text(
        format!(
            "{}ですが、見出しだけで行がありません。何も取り込まず、前のものをそのまま使います。",
            title.ja
        ),
        format!(
            "This {} has headers, but no row. Nothing was taken; what was imported before stays in use.",
            title.en
        ),
    )
}

fn unknown_table(headers: &[String]) -> Text {
    let shown = headers.get(..HEADERS_SHOWN_MAX).unwrap_or(headers);
    let (more_ja, more_en) = match headers.len() - shown.len() {
        0 => (String::new(), String::new()),
        n => (format!("、ほか{n}列"), format!(", and {n} more")),
    };
    text(
        format!(
            "表ですが、台帳・名簿などの見出しが見つかりません。見出し: {}{more_ja}。機器名の列を教えてください（画面の「台帳の取り込み」で列の読み方を選べます）。在職者名簿には氏名のほかに職員番号かアカウントの列が要ります。",
            shown.join("、")
        ),
        format!(
            "This is a table, but it has no headers of a ledger, a roster or another list. Headers: {}{more_en}. Say which column holds the names of devices (the page that imports a ledger asks for it). A staff roster needs a staff number or an account beside the name.",
            shown.join(", ")
        ),
    )
}
