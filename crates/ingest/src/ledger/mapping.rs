//! Which column of a ledger holds what. The words are those of hand-kept ledgers and of the asset
//! products sold in Japan; the institution's own mapping wins over them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sonae_domain::ledger::AssetField;

use crate::table::{Header, Vocabulary, Words, key};

/// What a column of a ledger is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// A person said that it need not be read.
    Ignored,
    /// A field of a device.
    #[serde(untagged)]
    Asset(AssetField),
}

/// Which column holds what: header as written to field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnMapping {
    /// Headers that are not listed are not read.
    pub columns: BTreeMap<String, Field>,
}

/// The mapping that the words of the headers suggest. A field takes one column, the one with the
/// plainest name; only MAC and IP addresses may stand in several.
pub fn suggest(headers: &[String]) -> ColumnMapping {
    let words = Vocabulary::new(&WORDS);
    let mut best: BTreeMap<AssetField, (usize, &String)> = BTreeMap::new();
    let mut columns = BTreeMap::new();
    for header in headers {
        let Some((rank, field)) = words.field(header) else {
            continue;
        };
        if takes_many(field) {
            columns.insert(header.clone(), Field::Asset(field));
        } else if best.get(&field).is_none_or(|(other, _)| rank < *other) {
            best.insert(field, (rank, header));
        }
    }
    columns.extend(
        best.into_iter()
            .map(|(field, (_, header))| (header.clone(), Field::Asset(field))),
    );
    ColumnMapping { columns }
}

/// Whether a device may have several of it in several columns.
pub(super) fn takes_many(field: AssetField) -> bool {
    matches!(field, AssetField::Macs | AssetField::Ips)
}

/// The columns of one sheet by field, and those that are not read.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Columns in the sheet's order.
    pub(super) by_field: BTreeMap<AssetField, Vec<Header>>,
    /// No field is known for them.
    pub(super) unmapped: Vec<Header>,
    /// Their field has a column already.
    pub(super) doubled: Vec<Header>,
}

impl Columns {
    /// The columns of a header row, the institution's own mapping first.
    pub(super) fn of(headers: Vec<Header>, own: Option<&ColumnMapping>) -> Self {
        let mapping = effective(&headers, own);
        let mut columns = Self::default();
        for header in headers {
            match mapping.columns.get(&header.text) {
                None => columns.unmapped.push(header),
                Some(Field::Ignored) => {}
                Some(Field::Asset(field)) => {
                    let known = columns.by_field.entry(*field).or_default();
                    if known.is_empty() || takes_many(*field) {
                        known.push(header);
                    } else {
                        columns.doubled.push(header);
                    }
                }
            }
        }
        columns
    }
}

/// The suggestion for these headers, with the institution's own mapping on top.
pub(super) fn effective(headers: &[Header], own: Option<&ColumnMapping>) -> ColumnMapping {
    let own: BTreeMap<String, Field> = own
        .iter()
        .flat_map(|mapping| &mapping.columns)
        .map(|(header, field)| (key(header), *field))
        .collect();
    let mut columns = BTreeMap::new();
    let mut open = Vec::new();
    for header in headers {
        match own.get(&key(&header.text)) {
            Some(field) => {
                columns.insert(header.text.clone(), *field);
            }
            None => open.push(header.text.clone()),
        }
    }
    for (header, field) in suggest(&open).columns {
        let is_taken = columns.values().any(|taken| *taken == field);
        let may_join = matches!(field, Field::Asset(field) if takes_many(field));
        if !is_taken || may_join {
            columns.insert(header, field);
        }
    }
    ColumnMapping { columns }
}

/// Words in headers, the plainest of each field first. Signs, blanks, width and case do not count.
pub(super) const WORDS: [(AssetField, &[&str]); 19] = [
    (
        AssetField::Kind,
        &[
            "種別",
            "機器種別",
            "機器の種別",
            "種類",
            "機器の種類",
            "機器種類",
            "機器区分",
            "区分",
            "分類",
            "機器分類",
            "資産種別",
            "資産区分",
            "端末種別",
            "kind",
            "device type",
            "type",
            "category",
            "asset type",
        ],
    ),
    (
        AssetField::Name,
        &[
            "機器名",
            "機器名称",
            "コンピュータ名",
            "ホスト名",
            "PC名",
            "端末名",
            "端末名称",
            "装置名",
            "装置名称",
            "マシン名",
            "デバイス名",
            "サーバ名",
            "資産名",
            "資産名称",
            "名称",
            "品名",
            "機械の名前",
            "機器の名前",
            "name",
            "device name",
            "computer name",
            "host name",
            "asset name",
            "display name",
            "machine name",
        ],
    ),
    (
        AssetField::Location,
        &[
            "所在",
            "設置場所",
            "所在地",
            "設置部署",
            "設置部門",
            "設置部屋",
            "使用場所",
            "利用場所",
            "保管場所",
            "設置先",
            "場所",
            "部屋",
            "使用部署",
            "利用部署",
            "所属部署",
            "部署",
            "部署名",
            "部門",
            "location",
            "place",
            "room",
            "site",
            "department",
        ],
    ),
    (
        AssetField::Usability,
        &[
            "使用可否の状態",
            "使用可否",
            "利用可否",
            "使用状況",
            "利用状況",
            "使用状態",
            "稼働状況",
            "稼働状態",
            "運用状況",
            "状態",
            "ステータス",
            "usability",
            "status",
            "state",
        ],
    ),
    (
        AssetField::System,
        &[
            "システム名",
            "システム",
            "システム名称",
            "所属システム",
            "利用システム",
            "対象システム",
            "医療情報システム",
            "system",
            "system name",
        ],
    ),
    (
        AssetField::Vendor,
        &[
            "事業者",
            "事業者名",
            "保守事業者",
            "保守業者",
            "保守会社",
            "保守ベンダー",
            "ベンダー",
            "ベンダー名",
            "納入業者",
            "納入事業者",
            "販売店",
            "購入先",
            "委託先",
            "保守委託先",
            "vendor",
            "supplier",
        ],
    ),
    (
        AssetField::Maker,
        &[
            "メーカー",
            "メーカー名",
            "製造元",
            "製造業者",
            "製造会社",
            "製造者",
            "maker",
            "manufacturer",
            "brand",
        ],
    ),
    (
        AssetField::Model,
        &[
            "型番",
            "型式",
            "モデル",
            "モデル名",
            "機種",
            "機種名",
            "製品名",
            "製品型番",
            "品番",
            "型名",
            "形式",
            "モデル番号",
            "model",
            "model number",
            "model name",
            "product",
            "product name",
        ],
    ),
    (
        AssetField::Serial,
        &[
            "シリアル番号",
            "シリアルNo",
            "シリアルナンバー",
            "シリアル",
            "製造番号",
            "製造No",
            "製番",
            "機番",
            "S/N",
            "serial number",
            "serial no",
            "serial",
        ],
    ),
    (
        AssetField::Macs,
        &[
            "MACアドレス",
            "MAC",
            "物理アドレス",
            "有線MACアドレス",
            "無線MACアドレス",
            "LAN MACアドレス",
            "Wi-Fi MACアドレス",
            "MAC address",
            "MAC addresses",
            "MAC addr",
            "physical address",
        ],
    ),
    (
        AssetField::Ips,
        &[
            "IPアドレス",
            "IP",
            "IPv4アドレス",
            "IPv6アドレス",
            "IP address",
            "IP addresses",
            "IP addr",
            "IPv4",
            "IPv6",
        ],
    ),
    (
        AssetField::DirectoryId,
        &[
            "ディレクトリID",
            "objectGUID",
            "objectSid",
            "SID",
            "directory id",
        ],
    ),
    (
        AssetField::Os,
        &[
            "OS",
            "OS名",
            "OS名称",
            "OS種別",
            "OSの種類",
            "OS・ファームウェア",
            "OS/ファームウェア",
            "オペレーティングシステム",
            "基本ソフト",
            "ファームウェア",
            "operating system",
            "OS name",
            "firmware",
        ],
    ),
    (
        AssetField::OsVersion,
        &[
            "OSバージョン",
            "OSのバージョン",
            "OSの版",
            "バージョン",
            "版",
            "ファームウェアバージョン",
            "OSビルド",
            "ビルド番号",
            "OS version",
            "version",
            "firmware version",
            "OS build",
        ],
    ),
    (
        AssetField::RemoteMaintenance,
        &[
            "リモートメンテナンス",
            "リモートメンテナンスの有無",
            "リモートメンテナンス有無",
            "リモート保守",
            "リモート保守の有無",
            "リモート保守有無",
            "リモートメンテ",
            "遠隔保守",
            "遠隔保守の有無",
            "遠隔保守有無",
            "remote maintenance",
        ],
    ),
    (
        AssetField::Owner,
        &[
            "管理者・担当者",
            "管理者",
            "担当者",
            "管理責任者",
            "責任者",
            "管理担当者",
            "管理者名",
            "担当者名",
            "担当",
            "管理担当",
            "使用者",
            "使用者名",
            "利用者",
            "利用者名",
            "ユーザー名",
            "ユーザー",
            "owner",
            "administrator",
            "assigned to",
            "user name",
            "user",
        ],
    ),
    (
        AssetField::AcquiredOn,
        &[
            "取得日",
            "取得年月日",
            "購入日",
            "購入年月日",
            "導入日",
            "導入年月日",
            "納品日",
            "納入日",
            "設置日",
            "設置年月日",
            "acquired",
            "acquired on",
            "purchase date",
            "purchased on",
            "install date",
        ],
    ),
    (
        AssetField::SupportEndsOn,
        &[
            "サポート終了日",
            "サポート期限",
            "サポート終了",
            "サポート終了年月日",
            "サポート期限日",
            "OSサポート終了日",
            "OSサポート期限",
            "保守期限",
            "保守期限日",
            "保守期間終了",
            "保守期間終了日",
            "EOS",
            "EOL",
            "EOSL",
            "support ends on",
            "support end",
            "support ends",
            "end of support",
            "end of life",
        ],
    ),
    (
        AssetField::Note,
        &[
            "備考",
            "備考欄",
            "メモ",
            "摘要",
            "コメント",
            "特記事項",
            "note",
            "notes",
            "remarks",
            "remark",
            "comment",
            "comments",
            "memo",
        ],
    ),
];

/// The field that a person names: by its identifier (`support_ends_on`, `ignored`) or by a word that
/// stands in headers (サポート終了日).
pub fn field_of(typed: &str) -> Option<Field> {
    let typed = typed.trim();
    if let Ok(field) = serde_json::from_value(typed.into()) {
        return Some(field);
    }
    let is_ignored = IGNORED.iter().any(|word| key(word) == key(typed));
    if is_ignored {
        return Some(Field::Ignored);
    }
    let (_, field) = vocabulary(None).field(typed)?;
    Some(Field::Asset(field))
}

/// How a person says that a column need not be read.
const IGNORED: [&str; 3] = ["読まない", "無視", "ignored"];

/// The words as a vocabulary, with the institution's own headers.
pub(super) fn vocabulary(own: Option<&ColumnMapping>) -> Vocabulary<AssetField> {
    let words: &Words<AssetField> = &WORDS;
    let own = own
        .iter()
        .flat_map(|mapping| &mapping.columns)
        .filter_map(|(header, field)| match field {
            Field::Asset(field) => Some((header.clone(), *field)),
            Field::Ignored => None,
        });
    Vocabulary::new(words).with(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_one_field() {
        let words = vocabulary(None);
        for (field, list) in WORDS {
            for word in list {
                assert_eq!(
                    words.field(word).map(|(_, field)| field),
                    Some(field),
                    "{word}"
                );
            }
        }
    }

    #[test]
    fn takes_a_field_by_its_identifier_or_its_word() {
        for field in AssetField::ALL {
            let identifier = serde_json::to_value(field).unwrap();
            let identifier = identifier.as_str().unwrap();
            let title = super::super::field_text(field).ja;
            for typed in [identifier, &format!(" {identifier} "), &title] {
                assert_eq!(field_of(typed), Some(Field::Asset(field)), "{typed}");
            }
        }
        for typed in ["読まない", "ignored", "無視"] {
            assert_eq!(field_of(typed), Some(Field::Ignored), "{typed}");
        }
        for typed in ["", "資産番号", "課金コード", "support"] {
            assert_eq!(field_of(typed), None, "{typed}");
        }
    }
}
