//! What the words in a ledger's cells mean: kinds of devices, yes and no.

use sonae_domain::ledger::{AssetKind, RemoteMaintenance};

use crate::table::{folded, key};

/// Words for kinds, in the order in which they decide: a printer on the network is a printer, and a
/// switch in the server room a switch.
const KINDS: [(AssetKind, &[&str]); 7] = [
    (
        AssetKind::Other,
        &[
            "プリンタ",
            "複合機",
            "スキャナ",
            "カメラ",
            "電話",
            "モニタ",
            "ディスプレイ",
            "無停電",
            "printer",
            "scanner",
            "camera",
            "phone",
            "monitor",
        ],
    ),
    (
        AssetKind::Terminal,
        &["スマートフォン", "iphone", "smartphone"],
    ),
    (
        AssetKind::NetworkDevice,
        &[
            "ルータ",
            "スイッチ",
            "ハブ",
            "ファイアウォール",
            "アクセスポイント",
            "router",
            "switch",
            "firewall",
            "utm",
            "accesspoint",
            "l2sw",
            "l3sw",
            "モデム",
            "modem",
            "onu",
        ],
    ),
    // A NAS serves files to others and is patched and watched as a server is.
    (
        AssetKind::Server,
        &["サーバ", "server", "nas", "ストレージ", "storage"],
    ),
    (
        AssetKind::NetworkDevice,
        &[
            "ネットワーク",
            "無線lan",
            "vpn",
            "ゲートウェイ",
            "network",
            "gateway",
            "loadbalancer",
        ],
    ),
    (
        AssetKind::Terminal,
        &[
            "端末",
            "pc",
            "パソコン",
            "ノート",
            "デスクトップ",
            "タブレット",
            "クライアント",
            "ワークステーション",
            "ipad",
            "laptop",
            "notebook",
            "desktop",
            "tablet",
            "client",
            "workstation",
            "terminal",
        ],
    ),
    (
        AssetKind::Other,
        &["その他", "周辺機器", "医療機器", "other", "ups"],
    ),
];

/// Short words that would be found inside others.
const WHOLE_KINDS: [(AssetKind, &[&str]); 5] = [
    (
        AssetKind::NetworkDevice,
        &["fw", "ap", "sw", "hub", "nw", "nw機器", "lb"],
    ),
    (AssetKind::Server, &["sv", "srv"]),
    (AssetKind::Terminal, &["nb", "dt"]),
    // How the kinds themselves are written in the product's own exports of facts.
    (AssetKind::NetworkDevice, &["network_device"]),
    (
        AssetKind::Unknown,
        &["種別不明", "不明", "kindunknown", "unknown"],
    ),
];

/// The kind that a cell names.
pub(super) fn kind(cell: &str) -> Option<AssetKind> {
    let word = folded(cell);
    let whole = WHOLE_KINDS
        .iter()
        .find(|(_, words)| words.contains(&word.as_str()));
    let part = || {
        KINDS
            .iter()
            .find(|(_, words)| words.iter().any(|part| word.contains(part)))
    };
    whole
        .map(|(kind, _)| *kind)
        .or_else(|| part().map(|(kind, _)| *kind))
}

/// あり, なし or 未確認.
pub(super) fn remote_maintenance(cell: &str) -> Option<RemoteMaintenance> {
    match folded(cell).as_str() {
        "あり" | "有り" | "有" | "○" | "〇" | "◯" | "yes" | "y" | "true" | "はい" | "する"
        | "対象" | "可" => Some(RemoteMaintenance::Yes),
        "なし" | "無し" | "無" | "×" | "✕" | "x" | "no" | "n" | "false" | "いいえ" | "しない"
        | "対象外" | "不可" => Some(RemoteMaintenance::No),
        "未確認" | "確認中" | "不明" | "unconfirmed" | "unknown" | "?" => {
            Some(RemoteMaintenance::Unconfirmed)
        }
        _ => None,
    }
}

/// Whether an address cell says that the address changes.
pub(super) fn is_dynamic(word: &str) -> bool {
    let word = folded(word);
    word.starts_with("dhcp")
        || ["自動", "自動取得", "動的", "auto", "dynamic"].contains(&word.as_str())
}

/// Whether the first cell of a row says that the row counts the others.
pub(super) fn is_total(cell: &str) -> bool {
    let words = ["合計", "計", "小計", "総計", "総数", "total"];
    words.contains(&key(cell).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_kind(cell: &str, expected: Option<AssetKind>) {
        assert_eq!(kind(cell), expected, "{cell}");
    }

    #[test]
    fn knows_kinds_by_their_words() {
        for cell in [
            "サーバ",
            "サーバー",
            "電子カルテサーバ",
            "Server",
            "ＮＡＳ",
            "PCサーバ",
            "sv",
        ] {
            check_kind(cell, Some(AssetKind::Server));
        }
        for cell in [
            "端末PC",
            "ノートＰＣ",
            "デスクトップ",
            "ﾉｰﾄﾊﾟｿｺﾝ",
            "スマートフォン",
            "terminal",
        ] {
            check_kind(cell, Some(AssetKind::Terminal));
        }
        for cell in [
            "ルータ",
            "L2スイッチ",
            "FW",
            "UTM",
            "無線AP(アクセスポイント)",
            "AP",
            "Switching Hub",
            "ネットワーク機器",
            "network_device",
            "Network Device",
            "サーバ室スイッチ",
            "ONU",
            "Wi-Fi Access Point",
        ] {
            check_kind(cell, Some(AssetKind::NetworkDevice));
        }
        for cell in [
            "プリンタ",
            "ネットワークプリンター",
            "複合機",
            "その他",
            "UPS",
            "other",
        ] {
            check_kind(cell, Some(AssetKind::Other));
        }
        for cell in ["種別不明", "Unknown"] {
            check_kind(cell, Some(AssetKind::Unknown));
        }
        for cell in ["", "電子カルテ", "A", "1"] {
            check_kind(cell, None);
        }
    }

    #[test]
    fn knows_totals() {
        for cell in ["合計", "合　計：", "【小計】", "総数", "計", "Ｔｏｔａｌ"] {
            assert!(is_total(cell), "{cell}");
        }
        for cell in ["計測器", "会計端末", "合計表示機", "total-01", ""] {
            assert!(!is_total(cell), "{cell}");
        }
    }

    #[test]
    fn knows_yes_and_no() {
        for (cells, expected) in [
            (
                ["あり", "有", "○", "Ｙｅｓ", " 有り "],
                Some(RemoteMaintenance::Yes),
            ),
            (["なし", "無", "×", "no", "x"], Some(RemoteMaintenance::No)),
            (
                ["未確認", "不明", "？", "確認中", "unconfirmed"],
                Some(RemoteMaintenance::Unconfirmed),
            ),
            (["あり？", "△", "VPN", "1", "-"], None),
        ] {
            for cell in cells {
                assert_eq!(remote_maintenance(cell), expected, "{cell}");
            }
        }
    }
}
