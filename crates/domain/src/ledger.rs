//! The asset ledger (機器台帳): its rows, and how rows from two sources become one device.
//! Two rows are one device only by serial, MAC or directory id, never by name alone.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::AssetId;

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
