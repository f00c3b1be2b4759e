//! The asset ledger (機器台帳): its rows, and how rows from two sources become one device.
//! Two rows are one device only by serial, MAC or directory id, never by name alone.

mod merge;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::AssetId;

pub use self::merge::{
    ConflictReason, FieldChange, MergeStep, changes, combined, merge, shared_identity,
};

/// Kind of a device as the checklist divides them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// サーバ
    Server,
    /// 端末PC
    Terminal,
    /// ネットワーク機器
    NetworkDevice,
    /// その他
    Other,
    /// Nobody said, or nobody could read it: it may be a server, and stays in scope.
    Unknown,
}

/// Whether a device is maintained from outside (リモートメンテナンス).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteMaintenance {
    /// あり
    Yes,
    /// なし
    No,
    /// 未確認
    Unconfirmed,
}

/// What a ledger says about one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRecord {
    /// サーバ, 端末PC, ネットワーク機器, その他.
    pub kind: AssetKind,
    /// 機器名
    pub name: String,
    /// 所在
    pub location: Option<String>,
    /// 使用可否の状態, in the institution's words.
    pub usability: Option<String>,
    /// The system it belongs to (システム名).
    pub system: Option<String>,
    /// 事業者
    pub vendor: Option<String>,
    /// メーカー
    pub maker: Option<String>,
    /// 型番
    pub model: Option<String>,
    /// シリアル番号, as written on the device.
    pub serial: Option<String>,
    /// Lower-case with colons.
    pub macs: BTreeSet<String>,
    /// IP addresses in their canonical form.
    pub ips: BTreeSet<String>,
    /// Id in the directory (objectGUID or SID), if known.
    pub directory_id: Option<String>,
    /// Name of the operating system or firmware.
    pub os: Option<String>,
    /// Its version.
    pub os_version: Option<String>,
    /// リモートメンテナンスの有無
    pub remote_maintenance: RemoteMaintenance,
    /// 管理者・担当者
    pub owner: Option<String>,
    /// 取得日
    pub acquired_on: Option<Date>,
    /// サポート終了日
    pub support_ends_on: Option<Date>,
    /// 備考
    pub note: Option<String>,
}

/// A device in the institution's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Ours; printed on labels.
    pub id: AssetId,
    /// What is known now.
    pub record: AssetRecord,
}

/// A field of [`AssetRecord`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetField {
    /// See [`AssetRecord::kind`].
    Kind,
    /// See [`AssetRecord::name`].
    Name,
    /// See [`AssetRecord::location`].
    Location,
    /// See [`AssetRecord::usability`].
    Usability,
    /// See [`AssetRecord::system`].
    System,
    /// See [`AssetRecord::vendor`].
    Vendor,
    /// See [`AssetRecord::maker`].
    Maker,
    /// See [`AssetRecord::model`].
    Model,
    /// See [`AssetRecord::serial`].
    Serial,
    /// See [`AssetRecord::macs`].
    Macs,
    /// See [`AssetRecord::ips`].
    Ips,
    /// See [`AssetRecord::directory_id`].
    DirectoryId,
    /// See [`AssetRecord::os`].
    Os,
    /// See [`AssetRecord::os_version`].
    OsVersion,
    /// See [`AssetRecord::remote_maintenance`].
    RemoteMaintenance,
    /// See [`AssetRecord::owner`].
    Owner,
    /// See [`AssetRecord::acquired_on`].
    AcquiredOn,
    /// See [`AssetRecord::support_ends_on`].
    SupportEndsOn,
    /// See [`AssetRecord::note`].
    Note,
}

impl AssetField {
    /// All fields in the order of the record.
    pub const ALL: [Self; 19] = [
        Self::Kind,
        Self::Name,
        Self::Location,
        Self::Usability,
        Self::System,
        Self::Vendor,
        Self::Maker,
        Self::Model,
        Self::Serial,
        Self::Macs,
        Self::Ips,
        Self::DirectoryId,
        Self::Os,
        Self::OsVersion,
        Self::RemoteMaintenance,
        Self::Owner,
        Self::AcquiredOn,
        Self::SupportEndsOn,
        Self::Note,
    ];
}

impl AssetKind {
    /// As in facts: `server`, `terminal`, `network_device`, `other`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Terminal => "terminal",
            Self::NetworkDevice => "network_device",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

impl RemoteMaintenance {
    /// As in facts: `yes`, `no`, `unconfirmed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

impl AssetRecord {
    /// A device of which nothing is known but its name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            kind: AssetKind::Unknown,
            name: name.into(),
            location: None,
            usability: None,
            system: None,
            vendor: None,
            maker: None,
            model: None,
            serial: None,
            macs: BTreeSet::new(),
            ips: BTreeSet::new(),
            directory_id: None,
            os: None,
            os_version: None,
            remote_maintenance: RemoteMaintenance::Unconfirmed,
            owner: None,
            acquired_on: None,
            support_ends_on: None,
            note: None,
        }
    }

    /// A field as text: sets joined by blanks, days as `YYYY-MM-DD`, nothing as `None`.
    pub fn text_of(&self, field: AssetField) -> Option<String> {
        let joined = |set: &BTreeSet<String>| {
            (!set.is_empty()).then(|| set.iter().cloned().collect::<Vec<_>>().join(" "))
        };
        match field {
            AssetField::Kind => Some(self.kind.as_str().to_owned()),
            AssetField::Name => Some(self.name.clone()),
            AssetField::Location => self.location.clone(),
            AssetField::Usability => self.usability.clone(),
            AssetField::System => self.system.clone(),
            AssetField::Vendor => self.vendor.clone(),
            AssetField::Maker => self.maker.clone(),
            AssetField::Model => self.model.clone(),
            AssetField::Serial => self.serial.clone(),
            AssetField::Macs => joined(&self.macs),
            AssetField::Ips => joined(&self.ips),
            AssetField::DirectoryId => self.directory_id.clone(),
            AssetField::Os => self.os.clone(),
            AssetField::OsVersion => self.os_version.clone(),
            AssetField::RemoteMaintenance => Some(self.remote_maintenance.as_str().to_owned()),
            AssetField::Owner => self.owner.clone(),
            AssetField::AcquiredOn => self.acquired_on.map(|day| day.to_string()),
            AssetField::SupportEndsOn => self.support_ends_on.map(|day| day.to_string()),
            AssetField::Note => self.note.clone(),
        }
    }
}
