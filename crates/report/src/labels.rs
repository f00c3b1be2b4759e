//! The words of the reports: Japanese as the user reads it, English for a reader of English.
//! What stands on an official form is Japanese whatever the language; its frame is in the template.

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::edition::Audience;
use sonae_domain::era;
use sonae_domain::labels::Language;
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Coverage;

/// A language as PDF and typesetter name it.
pub(crate) fn language_code(language: Language) -> &'static str {
    language.pick("ja", "en")
}

/// The same words in both languages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    ja: &'static str,
    en: &'static str,
}

impl Label {
    pub(crate) const fn new(ja: &'static str, en: &'static str) -> Self {
        Self { ja, en }
    }

    pub(crate) fn of(self, language: Language) -> &'static str {
        language.pick(self.ja, self.en)
    }
}

pub(crate) const STATUS_TITLE: Label = Label::new(
    "確認項目ごとの状況と証拠",
    "Standing and evidence of each item",
);
pub(crate) const STATUS_OWN_PAGE: Label = Label::new(
    "この資料は Sonae が作成したもので、公式の様式の一部ではありません。状況は印刷日現在のものです。回答は人が記入したもので、Sonae が変えることはありません。",
    "This page is made by Sonae and is not part of the official form. It shows the standing on the day of printing. Answers are given by people; Sonae never changes them.",
);
pub(crate) const ITEM: Label = Label::new("チェック項目", "Item");
pub(crate) const ANSWER: Label = Label::new("回答", "Answer");
pub(crate) const STANDING: Label = Label::new("状況", "Standing");
pub(crate) const GROUNDS: Label = Label::new(
    "確認できた範囲・理由・証拠",
    "Coverage, reasons and evidence",
);
pub(crate) const COVERAGE: Label = Label::new("確認できた範囲", "Coverage");
pub(crate) const REASON: Label = Label::new("理由", "Reason");
pub(crate) const EVIDENCE: Label = Label::new("証拠", "Evidence");
pub(crate) const EVIDENCE_FILE: Label = Label::new("証拠のファイル", "Evidence file");
pub(crate) const DOCUMENTS: Label = Label::new("書類: ", "Documents: ");
pub(crate) const BETWEEN_DOCUMENTS: Label = Label::new("、", ", ");
pub(crate) const EVIDENCE_DATE: Label = Label::new("証拠の基準日", "Effective date");
pub(crate) const NO_EVIDENCE: Label = Label::new("証拠なし", "no evidence");
pub(crate) const ITEMS_ALL: Label = Label::new("全項目", "All items");
pub(crate) const NUMBER: Label = Label::new("番号", "No.");
pub(crate) const PRINTED_ON: Label = Label::new("印刷日", "Printed on");
/// Names our own pages in their footer, beside those of the official form (様式).
pub(crate) const OWN_PAGES: Label = Label::new("資料", "Annex");

/// Sheet names and headers that the reader of answer forms looks for.
pub(crate) const SHEET_FORM: &str = "様式";
pub(crate) const SHEET_STATUS: &str = "状況と証拠";
pub(crate) const SHEET_LEDGER: &str = "機器台帳";
pub(crate) const LEDGER_TITLE: &str = "機器台帳";
/// The day for which the ledger speaks.
pub(crate) const LEDGER_DAY: &str = "基準日";
pub(crate) const LEDGER_NUMBER: &str = "No.";
/// Comes with Windows 10 and later, and is the printed form's font; other programs fall back.
pub(crate) const FONT: &str = "BIZ UDゴシック";
/// Stands where a value is not known but others stand below it.
pub(crate) const GAP: &str = "－";
pub(crate) const SECTION: &str = "区分";
pub(crate) const MARKS: &str = "印";
pub(crate) const CONFIRMED_ON: &str = "確認日";
pub(crate) const TARGET_ON: &str = "目標日";
pub(crate) const NOTE: &str = "備考";
pub(crate) const ITEM_ID: &str = "item_id";
pub(crate) const ORIGINAL: &str = "現物";
pub(crate) const TO_VERIFY: &str = "要照合";

pub(crate) const ANSWER_HINT_TITLE: &str = "回答";
pub(crate) const ANSWER_HINT: &str =
    "はい・いいえ・記入不要 から選んでください。「いいえ」のときは目標日も記入してください。";
pub(crate) const ANSWER_REFUSED: &str = "「はい」「いいえ」「記入不要」のどれかを選んでください。";
pub(crate) const DATE_REFUSED: &str =
    "日付として読めません。例：2025/11/5 または R7.11.5 のように記入してください。";
pub(crate) const LEGEND_ORIGINAL: &str = "「現物」は、立入検査で現物を確認する項目です。";
pub(crate) const LEGEND_TO_VERIFY: &str =
    "「要照合」は、文言を公式の様式と照合できていないものです。公式の様式と見比べてください。";
pub(crate) const LEGEND_OWN: &str = "印、番号・回答・確認日を分けた列、名称の欄とこの注記は Sonae が加えたもので、公式の様式にはありません。";
pub(crate) const SUPERSEDED: &str = "この年度版より新しい年度版が公表されています。";
pub(crate) const DRAFT: &str = "下書きの年度版です。人が確かめて公開するまで、提出には使えません。";

/// A value as the official form and the ledger name it, whatever the language of our own pages.
pub(crate) fn official(value: impl sonae_domain::labels::Label) -> &'static str {
    value.label(Language::Ja)
}

/// The choices of the answer cell, in the form's order.
pub(crate) const ANSWER_CHOICES: [&str; 3] = ["はい", "いいえ", "記入不要"];

/// The field for the institution's name, which the product adds above the official table.
pub(crate) fn institution(audience: Audience) -> &'static str {
    match audience {
        // The institution hands this form to its vendor, whose own name is not ours to print.
        Audience::Facility | Audience::Vendor => "医療機関名",
        Audience::Pharmacy => "薬局名",
        Audience::Organisation => "医療機関・薬局名",
    }
}

/// The field for the name of the vendor who fills the form in.
pub(crate) const VENDOR_NAME: &str = "事業者名";

/// What stands behind the subject in a group's title: `サーバについて、以下を…`.
pub(crate) const GROUP_SUBJECT_END: &str = "について";

/// A text with another in brackets, as the language writes them.
pub(crate) fn bracketed(text: &str, inside: &str, language: Language) -> String {
    match language {
        Language::Ja => format!("{text}（{inside}）"),
        Language::En => format!("{text} ({inside})"),
    }
}

/// Header of a second confirmation; that of the first is the plain word.
pub(crate) fn round(header: &str, column: u8) -> String {
    match column {
        1 => header.to_owned(),
        _ => format!("{header}\n（{column}回目）"),
    }
}

/// All standings in the order in which a summary names them.
pub const STANDINGS: [Standing; 10] = [
    Standing::Backed,
    Standing::Declared,
    Standing::Contradicted,
    Standing::Stale,
    Standing::ReadyToConfirm,
    Standing::Planned,
    Standing::Overdue,
    Standing::TargetMissing,
    Standing::Exempt,
    Standing::Unanswered,
];

/// Symbol and tone of a standing; word, symbol and tone each tell it apart on grey paper.
pub fn standing_mark(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Backed => ("●", "good"),
        Standing::Declared => ("○", "plain"),
        Standing::Contradicted => ("×", "bad"),
        Standing::Stale => ("△", "warn"),
        Standing::ReadyToConfirm => ("▶", "good"),
        Standing::Planned => ("▷", "plain"),
        Standing::Overdue => ("■", "bad"),
        Standing::TargetMissing => ("□", "warn"),
        Standing::Exempt => ("－", "plain"),
        Standing::Unanswered => ("？", "warn"),
    }
}

/// A day in full, as a reader of the language writes it.
pub(crate) fn written(on: Date, language: Language) -> String {
    match language {
        Language::Ja => era::format_era(on),
        Language::En => on.to_string(),
    }
}

/// A moment as it was in Japan, to the minute.
pub(crate) fn written_moment(at: Timestamp, language: Language) -> String {
    let at = era::moment_in_japan(at);
    format!("{} {}", written(at.date(), language), at.strftime("%H:%M"))
}

/// How many subjects are proven, and what is with the others. No subject is never a pass.
pub(crate) fn coverage(coverage: &Coverage, language: Language) -> String {
    let n_in_scope = coverage.n_in_scope();
    let others = [
        (coverage.n_not_met, Label::new("満たさない", "not met")),
        (
            coverage.n_stale,
            Label::new("証拠が期限切れ", "out of date"),
        ),
        (coverage.n_unknown, Label::new("不明", "unknown")),
        (
            coverage.n_conditional,
            Label::new("条件つき", "conditional"),
        ),
        (
            coverage.n_not_applicable,
            Label::new("対象外", "not applicable"),
        ),
    ];
    let others = others.into_iter().filter(|(n, _)| *n > 0);
    match language {
        Language::Ja if n_in_scope == 0 => "確認できる対象がありません。".to_owned(),
        Language::En if n_in_scope == 0 => "Nothing in scope could be checked.".to_owned(),
        Language::Ja => {
            let others: String = others
                .map(|(n, label)| format!("、{}{n}件", label.ja))
                .collect();
            format!(
                "対象{n_in_scope}件のうち、満たす{}件{others}。",
                coverage.n_met
            )
        }
        Language::En => {
            let others: String = others
                .map(|(n, label)| format!(", {n} {}", label.en))
                .collect();
            format!("{} of {n_in_scope} met{others}.", coverage.n_met)
        }
    }
}

/// Headers of the ledger in their order; the words of the glossary and of the ledger's reader.
/// Our own id says nothing to a person and stands last.
pub(crate) const LEDGER_HEADERS: [&str; 20] = [
    "種別",
    "機器名",
    "所在",
    "使用可否の状態",
    "システム名",
    "事業者",
    "メーカー",
    "型番",
    "シリアル番号",
    "MACアドレス",
    "IPアドレス",
    "ディレクトリID",
    "OS",
    "OSの版",
    "リモートメンテナンス",
    "管理者",
    "取得日",
    "サポート終了日",
    "備考",
    "機器ID",
];

/// The header of a column that is empty because it was not to be handed over.
pub(crate) fn left_out(header: &str) -> String {
    format!("{header}（省略）")
}

pub(crate) const ASSET_LABELS: Label = Label::new("機器ラベル", "Device labels");

pub(crate) const HISTORY_TITLE: Label = Label::new("操作の履歴", "History");
pub(crate) const HISTORY_HEADERS: [Label; 3] = [
    Label::new("日時", "When"),
    Label::new("操作した人", "Who"),
    Label::new("内容", "What"),
];

pub(crate) const CONFIRMATION_BY_DIRECTOR: Label =
    Label::new("院長確認用紙", "Confirmation by the director");
/// Where nobody is called 院長.
pub(crate) const CONFIRMATION_BY_MANAGER: Label =
    Label::new("管理者確認用紙", "Confirmation by the manager");
pub(crate) const CONFIRMATION_FORM: Label = Label::new("様式", "Form");
pub(crate) const CONFIRMATION_DAY: Label = Label::new("状況の日", "As it stood on");
pub(crate) const CONFIRMATION_COUNTS: Label = Label::new(
    "項目の状況（項目数）",
    "How the items stand (number of items)",
);
pub(crate) const CONFIRMATION_STATEMENT: Label = Label::new(
    "上の様式の回答と、項目ごとの状況を確認しました。",
    "I have seen the answers of this form and how each item stands.",
);
pub(crate) const CONFIRMATION_FIELDS: [Label; 3] = [
    Label::new("確認した日", "Date"),
    Label::new("役職", "Position"),
    Label::new("氏名（署名）", "Name and signature"),
];
pub(crate) const CONFIRMATION_REMARKS: Label = Label::new("指示・備考", "Instructions and remarks");
pub(crate) const CHECKPOINT: Label = Label::new("履歴の控え", "Checkpoint of the history");
pub(crate) const CHECKPOINT_QR: Label = Label::new(
    "履歴の控えのQRコード",
    "QR code of the checkpoint of the history",
);

/// What a checkpoint on paper is for, in one sentence.
pub(crate) const CHECKPOINT_USE: Label = Label::new(
    "この番号をSonaeの「履歴」の画面に入れると、この時刻までの記録が後から消されたり書き換えられたりしていないかを確かめられます。",
    "Typed into the page History of Sonae, this code shows whether anything recorded until this time was deleted or rewritten since.",
);

/// The history does not hold; `what` names the entry.
pub(crate) fn history_changed(what: &str, language: Language) -> String {
    match language {
        Language::Ja => format!(
            "×　記録の履歴が、書かれたときのままではありません。{what}。Sonaeの「履歴」の画面で確かめてください。"
        ),
        Language::En => format!(
            "× The history of the records is not as it was written: {what}. See the page History of Sonae."
        ),
    }
}

/// Stands between the names of systems.
pub(crate) const BETWEEN_SYSTEMS: &str = "、";
pub(crate) const LETTER_TITLE: &str = "「事業者確認用」ご記入のお願い";
pub(crate) const LETTER_TEXT: [&str; 3] = [
    "平素より当施設の医療情報システムの運用にご協力いただき、ありがとうございます。",
    "当施設では、厚生労働省の「医療機関等におけるサイバーセキュリティ対策チェックリスト」に基づく確認を行っています。つきましては、同封の様式と別紙に貴社の対策の状況をご記入のうえ、下記の期限までにご返送くださいますようお願いいたします。",
    "「いいえ」の項目には、対応の目標日をご記入ください。医療情報セキュリティ開示書（MDS/SDS）をお持ちの場合は、あわせてお送りください。パスワードは記入しないでください。",
];
pub(crate) const LETTER_SYSTEMS: &str = "対象のシステム";
pub(crate) const LETTER_DUE: &str = "ご回答の期限";
pub(crate) const LETTER_REQUEST: &str = "依頼番号";
pub(crate) const LETTER_QR: &str = "依頼番号のQRコード";
pub(crate) const LETTER_QR_NOTE: &str = "QRコードは、返送された様式を当施設で整理するためのものです。この用紙も様式と一緒にご返送ください。";

/// A company as a letter addresses it.
pub(crate) fn letter_to(vendor: &str) -> String {
    format!("{vendor} 御中")
}

/// What lies behind the letter.
pub(crate) fn letter_enclosed(edition: &str, form: &str) -> String {
    format!("同封：{edition} {form}、別紙（リモートメンテナンスほか）")
}

pub(crate) const ANNEX_TITLE: &str = "別紙　リモートメンテナンスほか";
pub(crate) const ANNEX_TEXT: &str = "次の機器を、外部から遠隔で保守しているかどうかに丸を付け、「あり」のときは接続の方法（VPN、専用線など）をご記入ください。載っていない機器は、空いた行にお書きください。";
pub(crate) const ANNEX_HEADERS: [&str; 4] = ["機器", "型番", "遠隔での保守", "接続の方法"];
pub(crate) const ANNEX_CHOICES: &str = "あり・なし・不明";
pub(crate) const ANNEX_AREAS: [&str; 3] = [
    "USB等の接続制限（2-⑨）：接続を制限しているか、システムにその機能があるか",
    "貴社が管理するパスワード（2-⑦・2-⑧）：桁数、使い回しの禁止など。パスワードそのものは書かないでください",
    "ご記入者の所属・氏名、記入日",
];

/// Whose sheet it is, for who has it without the letter.
pub(crate) fn annex_subject(institution: &str, vendor: &str, request: &str) -> String {
    format!("{institution}　／　{vendor}　／　依頼番号 {request}")
}

pub(crate) const ACCOUNT_TITLE: Label =
    Label::new("アカウントの設定のご案内", "Setting up your account");
pub(crate) const LOGIN_NAME: Label = Label::new("ログイン名", "Login name");
pub(crate) const VALID_UNTIL: Label = Label::new("有効期限", "Valid until");
pub(crate) const ACCOUNT_URL: Label = Label::new("設定用のアドレス", "Address for the set-up");
pub(crate) const ACCOUNT_QR: Label = Label::new(
    "設定用のアドレスのQRコード",
    "QR code of the address for the set-up",
);
pub(crate) const ACCOUNT_STEPS_TITLE: Label = Label::new("手順", "What to do");
pub(crate) const ACCOUNT_STEPS: [Label; 3] = [
    Label::new(
        "院内のネットワークにつないだパソコンかスマートフォンで、QRコードを読み取るか、アドレスを入力します。",
        "On a computer or telephone in the institution's network, scan the QR code or type the address.",
    ),
    Label::new(
        "画面の案内にそって、自分のパスワードを決めます。ほかで使っているパスワードは使わないでください。",
        "Follow the screen and choose a password of your own, one that you use nowhere else.",
    ),
    Label::new(
        "次からは、ログイン名と自分のパスワードでログインします。",
        "From then on, log in with your login name and your password.",
    ),
];
pub(crate) const ACCOUNT_ONLY_HERE: Label = Label::new(
    "このアドレスは、Sonaeを動かしているパソコンでしか開けません。他の端末から使うには、--listen を付けて起動します（設定の手引き「ほかの端末からも使う」）。",
    "This address opens only on the computer that runs Sonae. To use it from other devices, start Sonae with --listen (guide: from other devices).",
);
pub(crate) const ACCOUNT_WARNINGS: [Label; 3] = [
    Label::new(
        "アドレスが使えるのは一度だけです。有効期限を過ぎたときは、管理者に作り直しを頼んでください。",
        "The address works once. If it is no longer valid, ask your administrator for a new one.",
    ),
    Label::new(
        "この紙にパスワードは書かれていません。書き込まないでください。",
        "There is no password on this page. Do not write one on it.",
    ),
    Label::new(
        "この紙を他の人に渡さないでください。設定が終わったら、シュレッダーなどで廃棄してください。",
        "Do not give this page to anybody else. Shred it when you are done.",
    ),
];

/// A person's name as one writes it on a letter.
pub(crate) fn addressed(name: &str, language: Language) -> String {
    match language {
        Language::Ja => format!("{name}　様"),
        Language::En => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn standings_differ_in_word_and_symbol() {
        let words: BTreeSet<_> = STANDINGS.iter().map(|s| official(*s)).collect();
        let symbols: BTreeSet<_> = STANDINGS.iter().map(|s| standing_mark(*s).0).collect();
        assert_eq!(
            (words.len(), symbols.len()),
            (STANDINGS.len(), STANDINGS.len())
        );
    }

    #[test]
    fn coverage_is_a_sentence() {
        let check = |c: Coverage, ja: &str, en: &str| {
            assert_eq!(coverage(&c, Language::Ja), ja);
            assert_eq!(coverage(&c, Language::En), en);
        };
        check(
            Coverage {
                n_met: 412,
                n_stale: 61,
                n_unknown: 57,
                ..Coverage::default()
            },
            "対象530件のうち、満たす412件、証拠が期限切れ61件、不明57件。",
            "412 of 530 met, 61 out of date, 57 unknown.",
        );
        check(
            Coverage {
                n_not_applicable: 3,
                ..Coverage::default()
            },
            "確認できる対象がありません。",
            "Nothing in scope could be checked.",
        );
    }
}
