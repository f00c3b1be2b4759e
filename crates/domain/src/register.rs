//! What people keep about their institution by hand: profile, vendors, contracts, systems,
//! explanations of contradictions, documents. Each is versioned as a whole; nothing is judged here.

use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::ids::{EvidenceId, ItemId, RecordId};
use crate::ledger::RemoteMaintenance;
use crate::people::Role;

/// A kind of record, with the word under which it is stored.
pub trait Record: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync {
    /// The word in the store.
    const KIND: &'static str;
}

/// What the set-up asks about the institution beside its name and kind. There is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// 都道府県
    pub prefecture: Option<String>,
    /// 病床数
    pub n_beds: Option<u32>,
    /// Who is responsible for what; one person may hold several roles.
    pub officers: Vec<Officer>,
}

/// A person who is responsible, whether or not they have an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// What for.
    pub role: Role,
    /// 氏名
    pub name: String,
}

/// A vendor (事業者) of the institution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Vendor {
    /// As on the contract.
    pub name: String,
    /// 担当者
    pub contact: Option<String>,
    /// 電話番号
    pub phone: Option<String>,
    /// メールアドレス
    pub mail: Option<String>,
    /// 備考
    pub note: Option<String>,
}

/// A system in use (医療情報システム): 電子カルテ, レセコン, ...
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct System {
    /// As people call it.
    pub name: String,
    /// The preset it was chosen from: `receipt_computer`.
    pub preset: Option<String>,
    /// Who delivers or maintains it.
    pub vendor: Option<RecordId>,
    /// 備考
    pub note: Option<String>,
}

/// A contract with a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// With whom.
    pub vendor: RecordId,
    /// 契約名
    pub title: String,
    /// The systems that it covers.
    pub systems: Vec<RecordId>,
    /// 契約開始日
    pub begins_on: Option<Date>,
    /// 契約終了日; the last day.
    pub ends_on: Option<Date>,
    /// What the vendor maintains (保守の範囲).
    pub maintenance: Option<String>,
    /// リモートメンテナンス
    pub remote_maintenance: RemoteMaintenance,
    /// Who is responsible for updates.
    pub updates_by: Option<String>,
    /// 再委託先
    pub subcontractors: Option<String>,
    /// 備考
    pub note: Option<String>,
}

/// Why an answer stands although the evidence speaks against it, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The row explained.
    pub item: ItemId,
    /// In the person's words.
    pub text: String,
    /// The last day on which it counts.
    pub ends_on: Date,
}

/// A document as evidence: a photo, a contract, a note. No machine can tell what it proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Where its bytes are kept.
    pub evidence: EvidenceId,
    /// What it is.
    pub title: String,
    /// The rows it speaks about.
    pub items: Vec<ItemId>,
    /// The last day on which it counts; none if it does not expire.
    pub valid_until: Option<Date>,
    /// 備考
    pub note: Option<String>,
}

macro_rules! records {
    ($($kind:ident: $word:literal;)*) => {$(
        impl Record for $kind {
            const KIND: &'static str = $word;
        }
    )*};
}

records! {
    Profile: "profile";
    Vendor: "vendor";
    System: "system";
    Contract: "contract";
    Explanation: "explanation";
    Document: "document";
}
