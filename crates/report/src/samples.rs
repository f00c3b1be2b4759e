//! Made-up sheets for tests: every standing, long notes, rare kanji, formulas, days of other years.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use sonae_domain::answer::AnswerValue;
use sonae_domain::edition::{Edition, Item, Text};
use sonae_domain::ids::{AssetId, FormId};
use sonae_domain::ledger::{Asset, AssetKind, AssetRecord, RemoteMaintenance};
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Coverage;

use crate::account_sheet::AccountSheet;
use crate::asset_labels::{AssetLabel, LabelSheet};
use crate::confirmation_sheet::ConfirmationSheet;
use crate::form::{AnswerShown, EvidenceShown, FormRow, FormSheet, ItemState, ReasonShown};
use crate::history::{HistoryRow, HistorySheet};
use crate::history_note::HistoryNote;
use crate::ledger::LedgerSheet;
use sonae_domain::labels::Language;

pub(crate) const TODAY: Date = date(2025, 12, 3);

macro_rules! edition {
    ($id:literal) => {
        Edition::from_toml(
            include_str!(concat!("../../../data/editions/", $id, "/edition.toml")),
            include_str!(concat!("../../../data/editions/", $id, "/items.toml")),
            include_str!(concat!("../../../data/editions/", $id, "/mapping.toml")),
        )
        .expect("a published edition")
    };
}

/// All editions that come with the product, for tests of the layout.
pub(crate) fn editions() -> Vec<Edition> {
    vec![edition!("fy2025"), edition!("fy2024"), edition!("fy2023")]
}

/// An edition of our own with one of everything, for golden files.
pub(crate) fn small_edition() -> Edition {
    Edition::from_toml(SMALL_EDITION, SMALL_ITEMS, "mapping = []\n").expect("a small edition")
}

/// A sheet of a form, its items answered in turn in every way there is.
pub(crate) fn filled<'a>(edition: &'a Edition, form: &'a FormId) -> FormSheet<'a> {
    FormSheet {
        edition: &edition.head,
        form: edition.form(form).expect("a form of the edition"),
        institution: "医療法人社団 備え会 髙﨑さくらクリニック",
        vendor: "",
        rows: edition
            .items_of(form)
            .enumerate()
            .map(|(i, item)| row(i, item))
            .collect(),
        blank: false,
        generated_on: TODAY,
        language: Language::Ja,
        history: Some(checkpoint()),
    }
}

/// How that sheet stands, to be signed.
pub(crate) fn confirmation<'a>(edition: &'a Edition, form: &'a FormId) -> ConfirmationSheet<'a> {
    let sheet = filled(edition, form);
    let states = sheet.rows.iter().filter_map(|row| row.state.as_ref());
    ConfirmationSheet {
        institution: sheet.institution,
        edition: sheet.edition,
        form: sheet.form,
        standings: states.map(|state| state.standing).collect(),
        history: checkpoint(),
        language: Language::Ja,
        generated_on: TODAY,
    }
}

/// What is printed about a history that holds.
pub(crate) fn checkpoint() -> HistoryNote {
    HistoryNote::Checkpoint {
        short_code: "12345-3K9D-0FMP-1WXT-ABCD".to_owned(),
        made_at: "2025-12-03T05:06:07Z".parse().expect("an instant"),
    }
}

fn row(i: usize, item: &Item) -> FormRow<'_> {
    let (answer, standing) = match i % 10 {
        0 => (Some(answer(AnswerValue::Yes, None, None)), Standing::Backed),
        1 => (
            Some(answer(AnswerValue::Yes, None, Some("台帳は事務室"))),
            Standing::Contradicted,
        ),
        2 => (
            Some(answer(AnswerValue::NotRequired, None, None)),
            Standing::Exempt,
        ),
        3 => (
            Some(answer(
                AnswerValue::No,
                Some(date(2026, 3, 31)),
                Some("業者に依頼済み"),
            )),
            Standing::Planned,
        ),
        4 => (
            Some(answer(AnswerValue::Yes, None, Some("=1+1"))),
            Standing::Declared,
        ),
        5 => (
            Some(answer(AnswerValue::No, Some(date(2025, 10, 1)), None)),
            Standing::Overdue,
        ),
        6 => (None, Standing::Unanswered),
        7 => (
            Some(answer(AnswerValue::No, None, None)),
            Standing::TargetMissing,
        ),
        8 => (
            Some(answer(AnswerValue::No, Some(date(2026, 9, 30)), None)),
            Standing::ReadyToConfirm,
        ),
        _ => (Some(early_answer()), Standing::Stale),
    };
    let state = ItemState {
        standing,
        coverage: (!i.is_multiple_of(3)).then_some(Coverage {
            n_met: 12,
            n_not_met: i % 4,
            n_unknown: 2,
            ..Coverage::default()
        }),
        reasons: reasons(i),
        documents: Vec::new(),
    };
    FormRow {
        item,
        answers: answer.into_iter().collect(),
        state: Some(state),
    }
}

fn answer(value: AnswerValue, target_on: Option<Date>, note: Option<&str>) -> AnswerShown {
    AnswerShown {
        round: 1,
        value,
        confirmed_on: date(2025, 11, 5),
        target_on,
        note: note.map(str::to_owned),
    }
}

fn early_answer() -> AnswerShown {
    AnswerShown {
        confirmed_on: date(2025, 3, 28),
        ..answer(AnswerValue::Yes, None, None)
    }
}

fn reasons(i: usize) -> Vec<ReasonShown> {
    let text = |ja: &str, en: &str| Text {
        ja: ja.to_owned(),
        en: en.to_owned(),
    };
    let proven = ReasonShown {
        text: text(
            "PC-012 の最後の更新は令和7年6月1日で、90日を過ぎています。",
            "PC-012 was last updated on 2025-06-01, more than 90 days ago.",
        ),
        evidence: Some(EvidenceShown {
            file_name: "更新の記録 2025-11.xml".to_owned(),
            effective_on: date(2025, 11, 30),
        }),
    };
    let unproven = ReasonShown {
        text: text(
            "この項目は人が確認します。",
            "A person has to confirm this item.",
        ),
        evidence: None,
    };
    match i % 3 {
        0 => vec![unproven],
        1 => vec![proven.clone(), proven],
        _ => vec![proven],
    }
}

/// Devices with all columns, with few, and with what does harm in a spreadsheet.
pub(crate) fn assets() -> Vec<Asset> {
    let full = AssetRecord {
        kind: AssetKind::Server,
        name: "電子カルテサーバ".to_owned(),
        location: Some("2階 サーバ室".to_owned()),
        usability: Some("使用中".to_owned()),
        system: Some("電子カルテ".to_owned()),
        vendor: Some("髙橋システム㈱".to_owned()),
        maker: Some("備前電機".to_owned()),
        model: Some("BZ-3000".to_owned()),
        serial: Some("SN0001234".to_owned()),
        macs: BTreeSet::from([
            "00:00:5e:00:53:01".to_owned(),
            "00:00:5e:00:53:02".to_owned(),
        ]),
        ips: BTreeSet::from(["192.0.2.10".to_owned()]),
        directory_id: Some("S-1-5-21-1-2-3-1104".to_owned()),
        os: Some("Windows Server 2022".to_owned()),
        os_version: Some("21H2".to_owned()),
        remote_maintenance: RemoteMaintenance::Yes,
        owner: Some("情報係 﨑山".to_owned()),
        acquired_on: Some(date(2022, 4, 1)),
        support_ends_on: Some(date(2031, 10, 14)),
        note: Some("保守は平日のみ".to_owned()),
    };
    let bare = |kind, name: &str| AssetRecord {
        kind,
        name: name.to_owned(),
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
    };
    let harmful = AssetRecord {
        owner: Some("+81-3-0000-0000".to_owned()),
        serial: Some("-".to_owned()),
        note: Some("=HYPERLINK(\"http://example.invalid\")".to_owned()),
        ..bare(AssetKind::Terminal, "＝受付PC")
    };
    let router = AssetRecord {
        model: Some("RT-1".to_owned()),
        ..bare(AssetKind::NetworkDevice, "ルータ①")
    };
    (1..)
        .zip([full, harmful, router])
        .map(|(i, record)| Asset {
            id: AssetId::new(format!("A-{i:04}")),
            record,
        })
        .collect()
}

/// The ledger of those devices.
pub(crate) fn ledger(assets: &[Asset]) -> LedgerSheet<'_> {
    LedgerSheet {
        institution: "備え医院",
        assets,
        generated_on: TODAY,
        network_details: true,
    }
}

/// Labels for devices: with all that there is, with names that hardly fit.
pub(crate) fn labels(assets: &[Asset]) -> LabelSheet<'_> {
    let of_asset = assets.iter().map(|asset| AssetLabel {
        name: &asset.record.name,
        kind: asset.record.kind,
        location: asset.record.location.as_deref(),
        short_id: asset.id.as_str(),
        qr_text: "https://sonae.example.jp/assets/0199f0c2-7a31-7c44-9d0e-3b6f1d2a4e55",
    });
    let made_up = [
        (
            "超音波画像診断装置（循環器内科外来・第2診察室・予備機）",
            Some("2階 循環器内科外来 第2診察室"),
            "備え医院 台帳 A-0101",
        ),
        (
            "DESKTOP-7F3K9Q2\\RADIOLOGY-WORKSTATION-NORTH",
            Some("B棟1階"),
            "A-0102",
        ),
        (
            "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
            None,
            "A-0103",
        ),
        (LONG, Some(LONG), "A-0104"),
        (
            "Ultrasonographic Cardiovascular Examination Workstation Interventional Radiology Department Reserve Equipment",
            Some("Interventional Radiology Department, Examination Room 2"),
            "A-0105",
        ),
    ];
    let of_made_up = made_up
        .into_iter()
        .map(|(name, location, qr_text)| AssetLabel {
            name,
            kind: AssetKind::Other,
            location,
            short_id: "A-0101",
            qr_text,
        });
    LabelSheet {
        institution: "医療法人社団 備え会 髙﨑さくらクリニック",
        labels: of_asset.chain(of_made_up).collect(),
        language: Language::Ja,
        generated_on: TODAY,
    }
}

const LONG: &str = "放射線部門の検査予約と画像参照と会計連携を受け持つ端末のうち、夜間と休日に当直室から使うもので、二〇二五年の春に更新したもの。保守は平日のみで、連絡先は台帳を見ること。";

/// A page for a new colleague.
pub(crate) fn account() -> AccountSheet<'static> {
    AccountSheet {
        institution: "医療法人社団 備え会 髙﨑さくらクリニック",
        person: "髙橋 花子",
        login_name: "hanako.takahashi",
        url: "https://sonae.example.jp:8443/setup/Zk3p-Yv7Qb1xT9dLw0sHfJ6uNcR4aEmG8iKoP2tVyXz",
        only_here: false,
        valid_until: "2025-12-10T08:00:00Z".parse().expect("an instant"),
        language: Language::Ja,
        generated_on: TODAY,
    }
}

/// Things that were done, one of them described at length.
pub(crate) fn history_rows() -> Vec<HistoryRow> {
    let row = |at: &str, who: &str, what: &str| HistoryRow {
        at: at.parse().expect("an instant"),
        who: who.to_owned(),
        what: what.to_owned(),
    };
    vec![
        row(
            "2025-12-03T05:06:07Z",
            "髙橋 花子",
            "2-⑦ に「いいえ」と回答しました（目標日 令和8年3月31日）。",
        ),
        row(
            "2025-12-02T15:30:00Z",
            "事務長",
            "証拠「端末一覧.csv」を取り込みました。台帳の3台が変わり、受付の2台はどの機器か分からなかったため、取り込みの結果の画面で確かめるまで保留になっています。",
        ),
        row("2025-12-02T14:59:59Z", "#panic(\"x\") *A*", "=1+1"),
    ]
}

/// The history of those.
pub(crate) fn history(rows: &[HistoryRow]) -> HistorySheet<'_> {
    HistorySheet {
        institution: "備え医院",
        rows,
        language: Language::Ja,
        generated_on: TODAY,
    }
}

/// The parts of a workbook that we decide on, one element a line.
pub(crate) fn workbook_text(bytes: &[u8]) -> String {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    for part in [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",
    ] {
        let Ok(mut file) = archive.by_name(part) else {
            continue;
        };
        let mut xml = String::new();
        file.read_to_string(&mut xml).expect("XML in UTF-8");
        text.push_str(&format!("=== {part}\n{}\n", xml.replace("><", ">\n<")));
    }
    let mut strings = String::new();
    let mut file = archive.by_name("xl/sharedStrings.xml").expect("strings");
    file.read_to_string(&mut strings).expect("XML in UTF-8");
    text.push_str("=== xl/sharedStrings.xml\n");
    for (i, string) in strings.split("<si>").skip(1).enumerate() {
        text.push_str(&format!("{i} {}\n", string.trim_end_matches("</si>")));
    }
    text
}

const SMALL_EDITION: &str = r#"
id = "fy2025"
label = "令和7年度版"
issuer = "見本"
fiscal_year = 2025
status = "draft"
source = []
remark = { ja = "見本", en = "Sample" }

[[form]]
id = "sample"
audience = "facility"
label = "見本確認用"
title = { text = "令和7年度版 見本のチェックリスト", verification = "verified", source = "-" }
note = [{ text = "*見本の注記です。", verification = "to_verify", source = "-" }]
rounds = 2
has_note_column = true
section = [
    { id = "1", title = { text = "1 体制", verification = "verified", source = "-" } },
    { id = "2", title = { text = "2 管理", verification = "inferred", source = "-" } },
]
group = [{ id = "s", title = { text = "サーバについて", verification = "verified", source = "-" } }]
"#;

const SMALL_ITEMS: &str = r#"
[[item]]
id = "fy2025/sample/officer"
form = "sample"
section = "1"
number = "1-①"
wording = { text = "責任者がいる。", verification = "verified", source = "-" }

[[item]]
id = "fy2025/sample/ledger"
form = "sample"
section = "2"
number = "2-①"
original = "台帳"
remark = "※見本の注"
wording = { text = "台帳がある。", verification = "to_verify", source = "-" }

[[item]]
id = "fy2025/sample/logs"
form = "sample"
section = "2"
group = "s"
number = "2-②"
exempt_without_vendor = true
wording = { text = "記録がある。", verification = "verified", source = "-" }
"#;
