//! Sentences of the readers of tools: nmap, DHCP, directories, backups, our collector.
//! Each says what was not read and, where there is something to do, what.

use sonae_domain::edition::Text;

use super::text;

/// Findings beyond the limit.
pub(crate) fn more_findings(n: usize) -> Text {
    text(
        format!(
            "このほかに{n}件の指摘があります。先に上の指摘を直してから読み込み直してください。"
        ),
        format!("Further findings: {n}. Resolve the ones above and import the file again."),
    )
}

/// A lease file without leases.
pub(crate) fn no_lease() -> Text {
    text(
        "貸出の記録が1件もありません。DHCPサーバの正しいファイルか確かめてください。",
        "There is no lease. Check that this is the file of the DHCP server in use.",
    )
}

/// A row or line that is too short.
pub(crate) fn too_few_columns(n: usize, needed: usize) -> Text {
    text(
        format!("列が{n}個しかありません（{needed}個必要）。この行は読んでいません。"),
        format!("There are only {n} columns of {needed}. This row was not read."),
    )
}

/// Columns that this version does not know.
pub(crate) fn unknown_columns(names: &str) -> Text {
    text(
        format!(
            "知らない列があります（{names}）。新しい版の出力と思われます。その列は使っていません。"
        ),
        format!(
            "There is an unknown column ({names}), perhaps of a newer version. It was not used."
        ),
    )
}

/// Something that should be a time.
pub(crate) fn not_a_time(written: &str) -> Text {
    text(
        format!("日時として読めません（{written}）。"),
        format!("This is not a time that Sonae reads ({written})."),
    )
}

/// Something that should be an IP address.
pub(crate) fn not_an_address(written: &str) -> Text {
    text(
        format!("IPアドレスとして読めません（{written}）。この行は読んでいません。"),
        format!("This is not the IP address of a device ({written}). The row was not read."),
    )
}

/// Something that should be a MAC address.
pub(crate) fn not_a_mac(written: &str) -> Text {
    text(
        format!("機器のMACアドレスとして読めません（{written}）。IPアドレスだけで記録しました。"),
        format!(
            "This is not the MAC address of a device ({written}). Only the IP address was kept."
        ),
    )
}

/// A state of a lease that this version does not know.
pub(crate) fn unknown_state(written: &str) -> Text {
    text(
        format!("貸出の状態が分かりません（{written}）。"),
        format!("The state of this lease is not known ({written})."),
    )
}

/// A lease of a whole IPv6 network.
pub(crate) fn delegated_prefix() -> Text {
    text(
        "IPv6の網の貸出で、機器ではないため記録していません。",
        "This is the delegation of an IPv6 network, not of a device, and was not recorded.",
    )
}

/// An IPv6 block of ISC's server.
pub(crate) fn isc_ipv6(kind: &str) -> Text {
    text(
        format!("IPv6の貸出（{kind}）は読み取りに対応していません。"),
        format!("IPv6 leases ({kind}) of this server are not read."),
    )
}

/// A run of nmap that was interrupted.
pub(crate) fn nmap_unfinished() -> Text {
    text(
        "nmapが最後まで終わっていません。見えていない機器があるかもしれません。もう一度実行してください。",
        "nmap did not finish. Devices may be missing. Run it again.",
    )
}

/// A run of nmap that ended with an error.
pub(crate) fn nmap_failed(message: &str) -> Text {
    text(
        format!("nmapがエラーで終わりました（{message}）。見えていない機器があるかもしれません。"),
        format!("nmap ended with an error ({message}). Devices may be missing."),
    )
}

/// An output version of nmap that was not tried.
pub(crate) fn nmap_version(version: &str) -> Text {
    text(
        format!("確認していない版のnmapの出力です（{version}）。読める部分だけを読みました。"),
        format!("This output version of nmap ({version}) was not tried. What is known was read."),
    )
}

/// A run without its time.
pub(crate) fn no_time_of_run() -> Text {
    text(
        "実行した日時が書かれていません。取り込むときに日付を指定してください。",
        "The time of the run is not given. State the date when you import the file.",
    )
}

/// Scripts of nmap whose output is not used.
pub(crate) fn host_scripts(names: &str) -> Text {
    text(
        format!("機器全体に対するスクリプトの結果は、記録に使っていません（{names}）。"),
        format!("The output of scripts for whole hosts was not used ({names})."),
    )
}

/// A host without any address.
pub(crate) fn host_without_address() -> Text {
    text(
        "アドレスのない機器です。記録していません。",
        "This host has no address of its own and was not recorded.",
    )
}

/// A scan that found nothing.
pub(crate) fn no_host_up() -> Text {
    text(
        "応答した機器がありません。範囲と接続を確かめてください。",
        "No host answered. Check the range and the connection.",
    )
}

/// A port without number.
pub(crate) fn port_without_number() -> Text {
    text(
        "ポート番号を読めません。",
        "The number of this port is not readable.",
    )
}

/// Script output that looks like a secret.
pub(crate) fn secret_dropped() -> Text {
    text(
        "パスワードらしい文字があったため、その行は記録していません。",
        "A line that looks like a password was not recorded.",
    )
}

/// A line that is none of LDIF.
pub(crate) fn ldif_line() -> Text {
    text(
        "LDIFの行として読めません。",
        "This is no line of LDIF. It was not read.",
    )
}

/// A value that stands elsewhere.
pub(crate) fn ldif_url() -> Text {
    text(
        "値が別のファイルにあります。値を含めて書き出し直してください。",
        "The value stands in another file. Export again with values.",
    )
}

/// A value that is no base64.
pub(crate) fn not_base64() -> Text {
    text(
        "base64として読めません。",
        "This is not base64. The value was not read.",
    )
}

/// A change instead of an entry.
pub(crate) fn ldif_change() -> Text {
    text(
        "登録内容ではなく変更の記録です。読んでいません。",
        "This is a change, not an entry, and was not read.",
    )
}

/// A search that the server stopped.
pub(crate) fn ldif_stopped(result: &str) -> Text {
    text(
        format!(
            "サーバが途中で打ち切っています（{result}）。書き出しは不完全です。件数の上限を外すか、ページに分けて書き出し直してください。"
        ),
        format!(
            "The server stopped early ({result}). The export is incomplete. Export again without size limit or in pages."
        ),
    )
}

/// Fewer entries than announced.
pub(crate) fn ldif_missing(announced: usize, n: usize) -> Text {
    text(
        format!("{announced}件あるはずですが{n}件しかありません。書き出しは不完全です。"),
        format!(
            "The tool announced entries: {announced}, the file holds: {n}. The export is incomplete."
        ),
    )
}

/// An attribute that is not what it should be.
pub(crate) fn unreadable_attribute(written: &str) -> Text {
    text(
        format!("値を読めません（{written}）。不明として扱います。"),
        format!("The value is not readable ({written}). It counts as unknown."),
    )
}

/// An export without entries.
pub(crate) fn no_entry() -> Text {
    text(
        "登録が1件もありません。検索の条件を確かめてください。",
        "There is no entry. Check the search.",
    )
}

/// Password policies that are not read.
pub(crate) fn password_settings(dn: &str) -> Text {
    text(
        format!(
            "個別のパスワード規則（{dn}）は読み取りに対応していません。領域全体の規則だけを読みました。"
        ),
        format!("The separate password policy {dn} was not read; only the one of the domain was."),
    )
}

/// An account whose class was not exported.
pub(crate) fn no_object_class() -> Text {
    text(
        "objectClassがないため、利用者か機器か分かりません。objectClassを含めて書き出してください。",
        "Without objectClass it is not known whether this is a user. Export objectClass, too.",
    )
}

/// An export that cannot tell who logs on.
pub(crate) fn no_last_logon() -> Text {
    text(
        "最終ログオン日（lastLogonTimestamp）がありません。使われていないアカウントは判定できません。",
        "There is no lastLogonTimestamp. Accounts out of use cannot be told.",
    )
}

/// A person without account name.
pub(crate) fn account_without_name() -> Text {
    text(
        "アカウント名がありません。読んでいません。",
        "This account has no name and was not read.",
    )
}

/// A computer without id.
pub(crate) fn computer_without_id() -> Text {
    text(
        "objectSidもobjectGUIDもないため、この機器は記録していません。",
        "This computer has neither objectSid nor objectGUID and was not recorded.",
    )
}

/// Computers that are disabled in the directory.
pub(crate) fn disabled_computers(n: usize) -> Text {
    text(
        format!("無効にされたコンピュータ{n}台は、使われている機器に含めていません。"),
        format!("Disabled computers ({n}) were not counted as devices in use."),
    )
}

/// A repository without generations.
pub(crate) fn no_generation() -> Text {
    text(
        "バックアップの世代が1つもありません。",
        "There is no backup generation.",
    )
}

/// An element of the list that is no generation.
pub(crate) fn not_a_generation(why: &serde_json::Error) -> Text {
    text(
        format!("世代として読めません（{why}）。"),
        format!("This is not a generation ({why}). It was not read."),
    )
}

/// A generation that was interrupted.
pub(crate) fn interrupted_generation(name: &str) -> Text {
    text(
        format!("途中で中断されたバックアップ（{name}）です。世代に数えていません。"),
        format!("The backup {name} was interrupted and does not count as a generation."),
    )
}

/// Times without zone.
pub(crate) fn times_without_zone() -> Text {
    text(
        "時刻に時差の情報がないため、日本時間として読みました。",
        "The times have no zone. They were read as time in Japan.",
    )
}

/// A collector without full rights.
pub(crate) fn not_as_root() -> Text {
    text(
        "管理者権限なしで収集されています。見えなかった項目は「不明」になります。",
        "This was collected without administrator rights. What was not visible is unknown.",
    )
}

/// A table that this version does not know.
pub(crate) fn unknown_table(table: &str) -> Text {
    text(
        format!("知らない表（{table}）です。新しい版の収集と思われます。読んでいません。"),
        format!("The table {table} is unknown, perhaps of a newer collector. It was not read."),
    )
}

/// A file that the manifest does not name.
pub(crate) fn file_not_in_manifest() -> Text {
    text(
        "目録にないファイルです。読んでいません。",
        "The manifest does not name this file. It was not read.",
    )
}

/// A line of a bundle that is no row.
pub(crate) fn not_a_row() -> Text {
    text(
        "行として読めません。",
        "This line is not a row. It was not read.",
    )
}

/// Values of a column that do not fit it.
pub(crate) fn unreadable_values(first: &str, n: usize) -> Text {
    text(
        format!("列の型に合わない値が{n}件あります（最初は {first}）。不明として扱います。"),
        format!(
            "Values that do not fit the column: {n} (the first is {first}). They count as unknown."
        ),
    )
}
