//! Asking vendors (事業者) for their side of the checklist: the request, what they typed so far, what
//! they answered, and where that differs from the ledger.
//!
//! A vendor's answer is a statement; it proves nothing, and nobody but a person takes it over.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::answer::{Answer, AnswerValue, VendorContract};
use crate::ids::{AssetId, EditionId, FormId, ItemId, RecordId};
use crate::labels;
use crate::ledger::RemoteMaintenance;
use crate::register::Record;
use crate::signed::PublicKey;

/// Whether vendors are asked at all: without a contract the form 事業者確認用 need not be filled in
/// (令和7年度マニュアル, 「事業者と契約していない医療機関においては…不要です」).
pub fn asks_vendors(contract: VendorContract) -> bool {
    contract != VendorContract::None
}

/// Whether two spellings name the same company or system: width, case, blanks and the kind of company
/// (株式会社, ㈱) make no difference, for a ledger rarely has the name as the contract has it.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let (one, other) = (core_of(one), core_of(other));
    !one.is_empty() && one == other
}

fn core_of(name: &str) -> String {
    let name: String = name
        .nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let without = |name: String, kind: &&str| name.replace(kind, "");
    labels::COMPANY_KINDS.iter().fold(name, without)
}

/// How a request goes to the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// An address that opens the form once, without an account.
    Link,
    /// A covering letter with the blank form.
    Paper,
    /// The blank form as a workbook.
    Workbook,
    /// A page that needs no network and saves the answer as a file.
    File,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// 回答待ち
    Open,
    /// The answer is there; nobody took all of it over yet.
    Answered,
    /// A person took every answered row over.
    TakenOver,
    /// 取り下げ
    Withdrawn,
}

/// A request to a vendor (確認の依頼) to fill in 事業者確認用.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorRequest {
    /// Who is asked.
    pub vendor: RecordId,
    /// For which of its systems.
    pub systems: Vec<RecordId>,
    /// Whose form.
    pub edition: EditionId,
    /// Which form of it.
    pub form: FormId,
    /// 依頼日
    pub made_on: Date,
    /// Who asked.
    pub made_by: String,
    /// 回答期限
    pub due_on: Date,
    /// How it was sent.
    pub channels: Vec<Channel>,
    /// The address that opens the form; none if there never was one.
    pub link: Option<OneTimeLink>,
    /// 取り下げ
    pub withdrawn: bool,
    /// Answers that came and were not taken.
    pub refused: Vec<RefusedAttempt>,
}

/// The only trace of a one-time code: nobody can tell the code from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeLink {
    /// SHA-256 of the code, lower-case hexadecimal.
    pub code_hash: String,
    /// From then on it opens nothing.
    pub ends_at: Timestamp,
}

/// Why an answer was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptRefused {
    /// The code is past its end.
    CodeEnded,
    /// There is an answer already.
    AlreadyAnswered,
    /// The institution withdrew the request.
    Withdrawn,
    /// It answers the form of another edition.
    OtherEdition,
    /// A file that answers another request.
    OtherRequest,
    /// A file for another institution.
    OtherInstitution,
    /// A file that the page of a request did not write.
    NoAnswerFile,
    /// It was changed after it was signed.
    BadSignature,
    /// It is signed by another key than the one by which the vendor is known.
    OtherKey,
    /// The form of another vendor.
    OtherVendor,
}

/// An answer that came and was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedAttempt {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: AttemptRefused,
}

impl VendorRequest {
    /// Where it stands. An answer is handed in once; there is no state to keep beside it.
    pub fn state(&self, answer: Option<&VendorAnswer>) -> RequestState {
        match answer {
            _ if self.withdrawn => RequestState::Withdrawn,
            None => RequestState::Open,
            Some(answer) if answer.is_taken_over() => RequestState::TakenOver,
            Some(_) => RequestState::Answered,
        }
    }

    /// Why the address opens nothing at a moment.
    pub fn link_closed(&self, state: RequestState, now: Timestamp) -> Option<AttemptRefused> {
        let ended = self.link.as_ref().is_none_or(|link| link.ends_at <= now);
        state
            .closed()
            .or_else(|| ended.then_some(AttemptRefused::CodeEnded))
    }
}

impl RequestState {
    /// Why no answer can be taken any more, whichever way it comes.
    pub fn closed(self) -> Option<AttemptRefused> {
        match self {
            Self::Open => None,
            Self::Answered | Self::TakenOver => Some(AttemptRefused::AlreadyAnswered),
            Self::Withdrawn => Some(AttemptRefused::Withdrawn),
        }
    }
}

/// What a vendor typed so far, field by field as on the page; nothing of it is understood yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorDraft {
    /// By the name of the field.
    pub fields: BTreeMap<String, Vec<String>>,
    /// MDS/SDS that it sent already.
    pub documents: Vec<RecordId>,
}

/// How an answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// The vendor typed it at the address it was sent.
    Link,
    /// Somebody of the institution took it from a file that the vendor sent back.
    File {
        /// Who took it.
        entered_by: String,
        /// Whose key signed it; none signed what came from the page of a request alone.
        #[serde(default)]
        signed_by: Option<PublicKey>,
    },
    /// Somebody of the institution took it from a filled-in workbook.
    Workbook {
        /// Who took it.
        entered_by: String,
    },
    /// Somebody of the institution typed it from a returned paper.
    Paper {
        /// Who typed it.
        entered_by: String,
    },
}

/// What a vendor answered (事業者の回答). Unless it is signed, nothing proves who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorAnswer {
    /// How it came.
    pub source: AnswerSource,
    /// 回答者, on the vendor's side.
    pub answered_by: String,
    /// 確認日
    pub confirmed_on: Date,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// Each row of the form.
    pub lines: BTreeMap<ItemId, VendorLine>,
    /// Device by device whether the vendor maintains it from outside (2-②).
    pub remote: BTreeMap<AssetId, RemoteStatement>,
    /// Devices maintained from outside that the vendor was not asked about.
    pub other_devices: Option<String>,
    /// What the system can do to restrict USB media (2-⑨).
    pub usb: Option<String>,
    /// What the vendor does about passwords that it manages (2-⑦, 2-⑧).
    pub passwords: Option<String>,
    /// MDS/SDS, and the scan of a returned paper.
    pub documents: Vec<RecordId>,
    /// Rows that a person of the institution took over.
    pub taken: BTreeMap<ItemId, Taken>,
}

/// A row as the vendor answered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorLine {
    /// はい, いいえ, or 記入不要 where the form has it.
    pub value: AnswerValue,
    /// 確認日 of this row, where it has one of its own.
    #[serde(default)]
    pub confirmed_on: Option<Date>,
    /// 目標日
    pub target_on: Option<Date>,
    /// 備考
    pub note: Option<String>,
}

/// What a vendor says about one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteStatement {
    /// あり, なし or 不明.
    pub remote: RemoteMaintenance,
    /// By which way it comes in.
    pub how: Option<String>,
}

/// That a person took a row over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl VendorAnswer {
    /// A row as an answer of the vendor's form; who answered is the vendor's person.
    pub fn answer(&self, item: &ItemId) -> Option<Answer> {
        let line = self.lines.get(item)?;
        Some(Answer {
            item: item.clone(),
            round: 1,
            value: line.value,
            confirmed_on: line.confirmed_on.unwrap_or(self.confirmed_on),
            target_on: line.target_on,
            note: line.note.clone(),
            answered_by: self.answered_by.clone(),
            recorded_at: self.submitted_at,
            basis: None,
        })
    }

    /// Whose key signed it.
    pub fn signed_by(&self) -> Option<&PublicKey> {
        match &self.source {
            AnswerSource::File { signed_by, .. } => signed_by.as_ref(),
            AnswerSource::Link | AnswerSource::Workbook { .. } | AnswerSource::Paper { .. } => None,
        }
    }

    /// Whether every answered row was taken over.
    pub fn is_taken_over(&self) -> bool {
        self.lines.keys().all(|item| self.taken.contains_key(item))
    }
}

/// How ledger and vendor differ about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteDifference {
    /// The ledger says あり, the vendor なし.
    Denied,
    /// The ledger says あり, the vendor nothing or 不明.
    NotNamed,
    /// The vendor says あり, the ledger does not.
    NotInLedger,
}

/// Where the ledger and a vendor's answer differ on remote maintenance (2-②), in the ledger's order.
pub fn remote_differences<'a>(
    ledger: impl IntoIterator<Item = (&'a AssetId, RemoteMaintenance)>,
    answer: &VendorAnswer,
) -> Vec<(&'a AssetId, RemoteDifference)> {
    let differs = |(id, ledger): (&'a AssetId, RemoteMaintenance)| {
        use RemoteMaintenance::{No, Unconfirmed, Yes};
        let said = answer.remote.get(id).map(|said| said.remote);
        let difference = match (ledger, said) {
            (Yes, Some(No)) => RemoteDifference::Denied,
            (Yes, None | Some(Unconfirmed)) => RemoteDifference::NotNamed,
            (No | Unconfirmed, Some(Yes)) => RemoteDifference::NotInLedger,
            (Yes, Some(Yes)) | (No | Unconfirmed, None | Some(No | Unconfirmed)) => return None,
        };
        Some((id, difference))
    };
    ledger.into_iter().filter_map(differs).collect()
}

impl Record for VendorRequest {
    const KIND: &'static str = "vendor_request";
}

impl Record for VendorDraft {
    const KIND: &'static str = "vendor_draft";
}

impl Record for VendorAnswer {
    const KIND: &'static str = "vendor_answer";
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn request(withdrawn: bool, link_ends_at: Option<i64>) -> VendorRequest {
        let link = |second| OneTimeLink {
            code_hash: String::new(),
            ends_at: Timestamp::from_second(second).unwrap(),
        };
        VendorRequest {
            vendor: RecordId::new("v"),
            systems: Vec::new(),
            edition: EditionId::new("fy2025"),
            form: FormId::new("vendor"),
            made_on: date(2026, 11, 1),
            made_by: "備え 花子".to_owned(),
            due_on: date(2026, 11, 20),
            channels: Vec::new(),
            link: link_ends_at.map(link),
            withdrawn,
            refused: Vec::new(),
        }
    }

    fn answer(remote: &[(&str, RemoteMaintenance)]) -> VendorAnswer {
        let remote = remote.iter().map(|(id, remote)| {
            let said = RemoteStatement {
                remote: *remote,
                how: None,
            };
            (AssetId::new(*id), said)
        });
        VendorAnswer {
            source: AnswerSource::Link,
            answered_by: "青葉 太郎".to_owned(),
            confirmed_on: date(2026, 11, 10),
            submitted_at: NOW,
            lines: BTreeMap::new(),
            remote: remote.collect(),
            other_devices: None,
            usb: None,
            passwords: None,
            documents: Vec::new(),
            taken: BTreeMap::new(),
        }
    }

    #[test]
    fn a_request_stands_as_its_answer_does() {
        let open = request(false, None);
        assert_eq!(open.state(None), RequestState::Open);
        let mut answered = answer(&[]);
        let item = ItemId::new("fy2025/vendor/access-rights");
        let line = VendorLine {
            value: AnswerValue::Yes,
            confirmed_on: None,
            target_on: None,
            note: None,
        };
        answered.lines.insert(item.clone(), line);
        assert_eq!(open.state(Some(&answered)), RequestState::Answered);
        let taken = Taken {
            by: "備え 花子".to_owned(),
            at: NOW,
        };
        answered.taken.insert(item, taken);
        assert_eq!(open.state(Some(&answered)), RequestState::TakenOver);
        let withdrawn = request(true, None);
        assert_eq!(withdrawn.state(None), RequestState::Withdrawn);
        assert_eq!(withdrawn.state(Some(&answered)), RequestState::Withdrawn);
    }

    #[test]
    fn an_address_opens_an_open_request_until_its_end() {
        use AttemptRefused::{AlreadyAnswered, CodeEnded, Withdrawn};
        let check = |state, ends_at, expected: Option<AttemptRefused>| {
            let request = request(false, ends_at);
            assert_eq!(request.link_closed(state, NOW), expected);
        };
        check(RequestState::Open, Some(1), None);
        check(RequestState::Open, Some(0), Some(CodeEnded));
        check(RequestState::Open, None, Some(CodeEnded));
        check(RequestState::Answered, Some(1), Some(AlreadyAnswered));
        check(RequestState::TakenOver, Some(1), Some(AlreadyAnswered));
        check(RequestState::Withdrawn, Some(1), Some(Withdrawn));
        // A paper may come back after the address has ended.
        assert_eq!(RequestState::Open.closed(), None);
    }

    #[test]
    fn ledger_and_vendor_are_compared_device_by_device() {
        use RemoteDifference::{Denied, NotInLedger, NotNamed};
        use RemoteMaintenance::{No, Unconfirmed, Yes};
        let id = AssetId::new("a");
        let check = |ledger, said: Option<RemoteMaintenance>, expected: Option<_>| {
            let said: Vec<_> = said.into_iter().map(|said| ("a", said)).collect();
            let found = remote_differences([(&id, ledger)], &answer(&said));
            let expected: Vec<_> = expected.into_iter().map(|found| (&id, found)).collect();
            assert_eq!(found, expected, "{ledger:?} {said:?}");
        };
        check(Yes, Some(Yes), None);
        check(Yes, Some(No), Some(Denied));
        check(Yes, Some(Unconfirmed), Some(NotNamed));
        check(Yes, None, Some(NotNamed));
        for ledger in [No, Unconfirmed] {
            check(ledger, Some(Yes), Some(NotInLedger));
            check(ledger, Some(No), None);
            check(ledger, None, None);
        }
    }

    #[test]
    fn a_name_is_known_however_it_is_spelt() {
        let check = |one, other, expected| {
            assert_eq!(is_same_name(one, other), expected, "{one} {other}");
        };
        check("備えシステム株式会社", "備えシステム", true);
        check("㈱備えシステム", "株式会社 備えシステム", true);
        check("（有）アオバ", "有限会社ｱｵﾊﾞ", true);
        check("ABC Soft", "ａｂｃ ｓｏｆｔ", true);
        check("備えシステム", "備えシステムズ", false);
        check("株式会社", "有限会社", false);
        check("", "", false);
    }

    #[test]
    fn without_a_contract_nobody_is_asked() {
        assert!(asks_vendors(VendorContract::Exists));
        assert!(asks_vendors(VendorContract::Unconfirmed));
        assert!(!asks_vendors(VendorContract::None));
    }
}
