//! Every sentence that a reader says to a user, in Japanese and English.

pub(crate) mod disclosure;
pub(crate) mod machine;
pub(crate) mod tables;

use sonae_domain::edition::Text;

/// Both languages of a sentence.
pub(crate) fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        ja: ja.into(),
        en: en.into(),
    }
}

/// What a format is called, by the name of its reader.
pub(crate) fn format_title(format: &str) -> Text {
    let (ja, en) = match format {
        "sonae_bundle" => (
            "sonae collect の収集ファイル（ZIP）",
            "bundle of `sonae collect` (ZIP)",
        ),
        "nmap_xml" => ("nmapの結果（-oX）", "nmap report (-oX)"),
        "restic_snapshots" => (
            "restic snapshots --json",
            "list of `restic snapshots --json`",
        ),
        "borg_list" => ("borg list --json", "list of `borg list --json`"),
        "kea_leases" => ("Kea DHCPの貸出（CSV）", "list of Kea DHCP leases (CSV)"),
        "isc_leases" => ("ISC DHCPの貸出（dhcpd.leases）", "list of ISC DHCP leases"),
        "dnsmasq_leases" => ("dnsmasqのDHCPの貸出", "list of dnsmasq DHCP leases"),
        "ldif" => (
            "Active Directory・Samba・OpenLDAPのLDIF",
            "LDIF export of Active Directory, Samba or OpenLDAP",
        ),
        "approved_services" => (
            "許可サービス一覧（CSV・XLSX）",
            "list of approved services (CSV, XLSX)",
        ),
        "staff_roster" => ("在職者名簿（CSV・XLSX）", "staff roster (CSV, XLSX)"),
        "ledger" => ("機器台帳（CSV・XLSX）", "asset ledger (CSV, XLSX)"),
        "restore_drills" => (
            "復旧訓練の記録（CSV・XLSX）",
            "list of restore drills (CSV, XLSX)",
        ),
        "table" => ("表（CSV・XLSX）", "table (CSV, XLSX)"),
        "answer_form" => ("記入した様式（XLSX）", "filled-in form (XLSX)"),
        "customer_answers" => ("顧客の一覧（CSV・XLSX）", "list of customers (CSV, XLSX)"),
        "disclosure_statement" => (
            "MDS／SDS（医療情報セキュリティ開示書、XLSX・CSV）",
            "MDS or SDS (security disclosure statement, XLSX, CSV)",
        ),
        "edition_workbook" => ("公式のチェックリスト（XLSX）", "official checklist (XLSX)"),
        other => (other, other),
    };
    text(ja, en)
}

/// What a limit counts, in Japanese.
pub(crate) fn counted_ja(what: &str) -> &str {
    match what {
        "archives" => "世代数",
        "bytes" => "ファイルの大きさ（バイト）",
        "cells" => "セル数",
        "characters of questions" => "質問の文字数",
        "characters in a cell" => "1セルの文字数",
        "columns" => "列数",
        "entries" => "項目数",
        "files" => "中のファイル数",
        "hosts" => "機器数",
        "merged areas" => "結合セル数",
        "nested elements" => "入れ子の深さ",
        "parts" => "内部ファイル数",
        "ports" => "ポート数",
        "questions" => "質問の数",
        "rows" => "行数",
        "sheets" => "シート数",
        "snapshots" => "世代数",
        "strings" => "文字列数",
        "unpacked bytes" => "展開後の大きさ（バイト）",
        other => other,
    }
}

/// A place of a damaged file in Japanese: `line 21` is 21行目.
pub(crate) fn place_ja(place: &str) -> String {
    match place.strip_prefix("line ") {
        Some(line) => format!("{line}行目"),
        None => format!(" {place} "),
    }
}
