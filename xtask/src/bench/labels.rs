//! Japanese words of the generated ledger, as a hospital would write them.

/// Column names, in the order of [`super::hospital::ledger`].
pub(super) const HEADERS: [&str; 13] = [
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
    "OS",
    "備考",
];

pub(super) const KINDS: [&str; 3] = ["端末PC", "サーバ", "ネットワーク機器"];

/// ①, ㈱ and 髙 exist in CP932 but not in JIS X 0208: real ledgers hold them.
pub(super) const PLACES: [&str; 4] = ["本館①ナースステーション", "外来受付", "検査室", "医局"];
pub(super) const VENDORS: [&str; 3] = ["㈱髙﨑システム", "みほん電機株式会社", "例示ネット"];
pub(super) const SYSTEMS: [&str; 3] = ["電子カルテ", "医事会計", "画像管理"];
pub(super) const USABLE: &str = "使用可";
pub(super) const NOTE: &str = "令和7年度更新予定";
