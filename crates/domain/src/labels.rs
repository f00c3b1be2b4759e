//! The words of the domain as users read them, in both languages.

use serde::{Deserialize, Serialize};

use crate::answer::{AnswerNotice, AnswerRefused, AnswerValue, InstitutionKind, VendorContract};
use crate::disclosure::{DisclosureAnswer, DisclosureEdition, DisclosureKind};
use crate::edition::{EditionStatus, Text, Verification};
use crate::era;
use crate::evidence::{DateBasis, Severity};
use crate::inspection::{AnswerMark, RemarkState};
use crate::ledger::{AssetKind, RemoteMaintenance};
use crate::people::Role;
use crate::publication::{DecisionChoice, PublicationRefused};
use crate::standing::Standing;
use crate::vendor::{AttemptRefused, Channel, RemoteDifference, RequestState};
use crate::verdict::Verdict;

/// Kinds of company that people leave out of its name, in the width that comparing makes of them.
pub(crate) const COMPANY_KINDS: [&str; 6] =
    ["株式会社", "(株)", "有限会社", "(有)", "合同会社", "(同)"];

/// A language of the product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 日本語
    #[default]
    Ja,
    /// English
    En,
}

impl Language {
    /// Takes the text of this language.
    pub fn pick<T>(self, ja: T, en: T) -> T {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

impl Text {
    /// The text in a language.
    pub fn get(&self, language: Language) -> &str {
        language.pick(&self.ja, &self.en)
    }
}

/// What a value of the domain is called on screen and paper.
pub trait Label {
    /// The word in a language.
    fn label(self, language: Language) -> &'static str;
}

impl Role {
    /// The role's name in an institution: the manual for pharmacies joins 企画管理者 and
    /// 医療情報システム安全管理責任者 to システム管理責任者 (令和7年度マニュアル, 1-①).
    pub fn title(self, kind: InstitutionKind, language: Language) -> &'static str {
        match (kind, self) {
            (InstitutionKind::Pharmacy, Self::SafetyOfficer) => {
                language.pick("システム管理責任者（安全管理）", "system manager (safety)")
            }
            (InstitutionKind::Pharmacy, Self::PlanningManager) => language.pick(
                "システム管理責任者（企画管理）",
                "system manager (planning)",
            ),
            _ => self.label(language),
        }
    }
}

macro_rules! labels {
    ($($kind:ident { $($variant:ident: $ja:literal, $en:literal;)* })*) => {$(
        impl Label for $kind {
            fn label(self, language: Language) -> &'static str {
                match self {
                    $(Self::$variant => language.pick($ja, $en),)*
                }
            }
        }
    )*};
}

labels! {
    Role {
        Administrator: "管理者", "administrator";
        SafetyOfficer: "医療情報システム安全管理責任者", "system safety officer";
        PlanningManager: "企画管理者", "planning manager";
        SystemOperator: "システム運用担当者", "system operator";
        Viewer: "閲覧者", "viewer";
    }
    Standing {
        Backed: "裏付けあり", "backed";
        Declared: "申告のみ", "declared only";
        Contradicted: "矛盾", "contradicted";
        Stale: "証拠の期限切れ", "stale evidence";
        Planned: "対応予定", "planned";
        ReadyToConfirm: "対応予定（確認できます）", "planned, ready to confirm";
        Overdue: "期限超過", "overdue";
        TargetMissing: "目標日未記入", "target date missing";
        Exempt: "記入不要", "exempt";
        Unanswered: "未回答", "unanswered";
    }
    Verdict {
        Met: "満たす", "met";
        NotMet: "満たさない", "not met";
        Conditional: "条件付き", "conditional";
        NotApplicable: "対象外", "not applicable";
        Unknown: "不明", "unknown";
        Stale: "期限切れ", "stale";
    }
    AnswerValue {
        Yes: "はい", "yes";
        No: "いいえ", "no";
        NotRequired: "記入不要", "not required";
    }
    AssetKind {
        Server: "サーバ", "server";
        Terminal: "端末PC", "terminal";
        NetworkDevice: "ネットワーク機器", "network device";
        Other: "その他", "other";
        Unknown: "種別不明", "kind unknown";
    }
    DisclosureKind {
        Mds: "MDS（製品）", "MDS (product)";
        Sds: "SDS（サービス）", "SDS (service)";
    }
    DisclosureEdition {
        Ver4: "Ver.4", "Ver.4";
        Ver5: "Ver.5", "Ver.5";
        Other: "そのほかの版", "another edition";
        Unknown: "版は不明", "edition unknown";
    }
    DisclosureAnswer {
        Yes: "はい", "yes";
        No: "いいえ", "no";
        NotApplicable: "対象外", "not applicable";
        Unread: "読み取れず", "not read";
    }
    RemoteMaintenance {
        Yes: "あり", "yes";
        No: "なし", "no";
        Unconfirmed: "未確認", "unconfirmed";
    }
    InstitutionKind {
        Hospital: "病院", "hospital";
        Clinic: "診療所", "clinic";
        DentalClinic: "歯科診療所", "dental clinic";
        BirthCentre: "助産所", "birth centre";
        Pharmacy: "薬局", "pharmacy";
    }
    VendorContract {
        Exists: "契約あり", "contract exists";
        None: "契約なし", "no contract";
        Unconfirmed: "未確認", "unconfirmed";
    }
    RequestState {
        Open: "回答待ち", "waiting for the answer";
        Answered: "回答あり", "answered";
        TakenOver: "採用済み", "taken over";
        Withdrawn: "取り下げ", "withdrawn";
    }
    AnswerMark {
        Bulk: "まとめて回答", "answered in one go";
        SameNote: "同じ備考", "same note";
    }
    RemarkState {
        Overdue: "期限超過", "overdue";
        Open: "未対応", "open";
        Corrected: "再確認待ち", "corrected, to be looked at again";
        Settled: "確認済み", "settled";
    }
    Channel {
        Link: "リンク", "link";
        Paper: "紙", "paper";
        Workbook: "Excel", "Excel";
        File: "ファイル", "file";
    }
    AttemptRefused {
        CodeEnded: "リンクの期限後", "after the link had ended";
        AlreadyAnswered: "回答済み", "answered already";
        Withdrawn: "取り下げ後", "after the request was withdrawn";
        OtherEdition: "別の年度版の様式", "form of another edition";
        OtherRequest: "別の依頼への回答", "answer to another request";
        OtherInstitution: "別の施設への回答", "answer to another institution";
        NoAnswerFile: "回答ファイルでないファイル", "not an answer file";
        BadSignature: "署名のあとで変わったファイル", "a file that was changed after it was signed";
        OtherKey: "登録と違う鍵の署名", "signed by another key than the known one";
        OtherVendor: "別の事業者の様式", "form of another vendor";
    }
    PublicationRefused {
        Unsigned: "署名のないファイル", "a file that is not signed";
        BadSignature: "署名のあとで変わったファイル", "a file that was changed after it was signed";
        NoPublication: "製品の回答でないファイル", "not a publication";
        TooLong: "大きすぎるファイル", "a file that is too large";
        FromTheFuture: "発行日時が先のファイル", "published in the future";
        Over: "有効期限を過ぎたファイル", "past its end";
        AlreadyTaken: "取り込み済みのファイル", "taken in before";
        Older: "取り込み済みのものより古いファイル", "older than the one that is here";
        OtherEdition: "別の年度版の様式", "form of another edition";
        OtherKey: "登録と違う鍵の署名", "signed by another key than the known one";
        ToMend: "直すところのあるファイル", "something in it must be mended";
    }
    DecisionChoice {
        Accepted: "採用", "taken over";
        Narrowed: "条件つきで採用", "taken over in part";
        Refused: "採用しない", "not taken over";
    }
    RemoteDifference {
        Denied: "台帳は「あり」、事業者は「なし」", "the ledger says yes, the vendor no";
        NotNamed: "台帳は「あり」、事業者の回答なし", "the ledger says yes, the vendor does not say";
        NotInLedger: "事業者は「あり」、台帳は「あり」でない", "the vendor says yes, the ledger does not";
    }
    EditionStatus {
        Draft: "下書き", "draft";
        InForce: "現行", "in force";
        Replaced: "旧版", "replaced";
    }
    Verification {
        Verified: "照合済み", "verified";
        Inferred: "推定・要照合", "inferred, to verify";
        ToVerify: "要照合", "to verify";
    }
    DateBasis {
        Content: "内容の日付", "date in the content";
        Stated: "申告された日付", "date as stated";
        FileTime: "ファイルの更新日", "time of the file";
    }
    Severity {
        Notice: "確認", "notice";
        Unread: "未読", "not read";
    }
    AnswerNotice {
        TargetOutsideFiscalYear: "目標日が、このチェックリストの年度の外です。", "The target date lies outside the fiscal year of this checklist.";
        TargetMissing: "目標日がまだありません。決まったら記入してください。", "There is no target date yet. Add it when it is decided.";
        TargetPast: "目標日はすでに過ぎています。", "The target date is already past.";
        ConfirmationOutsideFiscalYear: "確認日が、このチェックリストの年度の外です。", "The confirmation date lies outside the fiscal year of this checklist.";
    }
}

impl AnswerRefused {
    /// Why, and what to do, for the person who answered.
    pub fn text(&self) -> Text {
        let (ja, en) = match self {
            Self::LongPastConfirmation(day) => (
                format!(
                    "確認日 {} は1年より前です。実際に確認した日を入れてください。",
                    era::format_era(*day)
                ),
                format!(
                    "The confirmation date {day} is more than a year ago. Give the day of the confirmation."
                ),
            ),
            Self::TargetBeforeConfirmation(day) => (
                format!(
                    "目標日 {} は確認日より前です。これから対応を終える日を入れてください。",
                    era::format_era(*day)
                ),
                format!(
                    "The target date {day} is before the confirmation date. Give the day by which it will be done."
                ),
            ),
            Self::TargetFarAhead(day) => (
                format!(
                    "目標日 {} は10年より先です。年を確かめてください。",
                    era::format_era(*day)
                ),
                format!("The target date {day} is more than ten years ahead. Look at the year."),
            ),
            Self::FutureConfirmation {
                confirmed_on,
                today,
            } => (
                format!(
                    "確認日 {} は今日（{}）より後です。実際に確認した日を入れてください。",
                    era::format_era(*confirmed_on),
                    era::format_era(*today)
                ),
                format!(
                    "The confirmation date {confirmed_on} is after today ({today}). Give the day of the confirmation."
                ),
            ),
            Self::RoundZero => (
                "回は1から数えます。".to_owned(),
                "Rounds count from 1.".to_owned(),
            ),
            Self::NoPerson => (
                "誰が答えたかが必要です。--by で氏名か役割を指定してください。".to_owned(),
                "Who answered is missing. Name the person or role with --by.".to_owned(),
            ),
            Self::TargetWithoutNo => (
                "目標日は「いいえ」のときだけ記入します。".to_owned(),
                "A target date goes with the answer \"no\" only.".to_owned(),
            ),
        };
        Text { ja, en }
    }
}
