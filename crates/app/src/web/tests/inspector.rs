//! What an inspector is told beside the answers: days and ends, vendors, what showed a correction, and
//! what was remarked before; and what the institution is told about the inspector's remarks.

use std::sync::Arc;

use jiff::civil::date;
use sonae_domain::evidence::ContentHash;
use sonae_domain::ids::{ItemId, RecordId};
use sonae_domain::inspection::{
    Correction, CorrectionDocument, Inspection, InspectionRemark, Stamp,
};
use sonae_domain::ledger::RemoteMaintenance;
use sonae_domain::register::{Contract, Explanation, Vendor};

use super::inspections::{Frozen, REMARK, add_document, file, frozen_last, path_after};
use super::vendors::{ANSWER, Asked};
use super::{ADMINISTRATOR, House, OPERATOR, VIEWER, Who};
use crate::usecase::registers::Seen;

/// Freezes for an inspection on a day: where the inspector reads.
async fn freeze(house: &House, inspected_on: &str) -> String {
    let fields = [
        ("authority", "備前保健所"),
        ("inspected_on", inspected_on),
        ("link", "yes"),
    ];
    let said = house.post(ADMINISTRATOR, "/inspections", &fields).await;
    path_after(&said, "http://sonae.test", "/inspect/")
}

async fn shown(house: &House, path: &str) -> String {
    let said = house.get(Who::Stranger, path).await;
    assert_eq!(said.status, 200, "{}", said.text());
    said.text()
}

async fn save_document(house: &House, fields: &[(&str, &str)], bytes: &str) {
    let file = ("file", "copy.txt", bytes.as_bytes());
    let path = "/evidence/documents/save";
    let said = house.upload(OPERATOR, path, fields, &[file]).await;
    assert_eq!(said.status, 303, "{}", said.text());
}

/// The evidence that now holds the bytes of the only document.
async fn evidence_of_document(house: &House) -> String {
    let documents = house.workspace().await.documents().await.unwrap();
    documents[0].evidence.id.to_string()
}

#[tokio::test]
async fn what_shows_a_correction_stays_what_it_was() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    frozen.remark(&REMARK).await;
    let document = add_document(house).await;
    let correct = frozen.remark_path(&frozen.path).await;
    let fields = [("text", "加えました。"), ("documents", document.as_str())];
    let said = house.post(OPERATOR, &correct, &fields).await;
    assert_eq!(said.status, 303, "{}", said.text());
    let first = evidence_of_document(house).await;
    let opened = async |evidence: &str| {
        let path = format!("{}/documents/{evidence}", frozen.link);
        house.get(Who::Stranger, &path).await
    };
    let check = async |expected: &str| {
        assert_eq!(opened(&first).await.text(), "three more");
        for page in [
            frozen.page().await.text(),
            house.get(VIEWER, &frozen.path).await.text(),
        ] {
            assert!(page.contains("追加した台帳の写し"), "{page}");
            assert!(page.contains(&format!("/{first}\"")), "{page}");
            for since in ["差し替えられました", "取り下げられました"] {
                assert_eq!(page.contains(since), since == expected, "{since}: {page}");
            }
        }
    };
    check("").await;
    let fields = [
        ("id", document.as_str()),
        ("seen", "1"),
        ("title", "別の写し"),
        ("effective_on", "2026-11-21"),
    ];
    save_document(house, &fields, "something else").await;
    check("差し替えられました").await;
    let second = evidence_of_document(house).await;
    assert_eq!(opened(&second).await.status, 404);
    let withdraw = format!("/evidence/documents/{document}/withdraw");
    let said = house.post(OPERATOR, &withdraw, &[("seen", "2")]).await;
    assert_eq!(said.status, 303, "{}", said.text());
    check("取り下げられました").await;
}

/// Older records have the ids of documents alone.
#[tokio::test]
async fn a_document_of_an_older_correction_is_shown_as_it_is_now() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    frozen.remark(&REMARK).await;
    let document = add_document(house).await;
    let workspace = house.workspace().await;
    let kept = workspace
        .kept::<InspectionRemark>()
        .await
        .unwrap()
        .remove(0);
    let seen = Seen {
        id: kept.id,
        version: Some(kept.version),
    };
    let remark = InspectionRemark {
        correction: Some(Correction {
            text: "加えました。".to_owned(),
            done_on: date(2026, 11, 21),
            documents: [document.as_str(), "unknown"]
                .map(|id| CorrectionDocument::Named(RecordId::new(id)))
                .to_vec(),
            stamp: Stamp {
                by: "備え 花子".to_owned(),
                at: house.now(),
            },
        }),
        ..kept.body
    };
    workspace.keep(&seen, &remark, "test").await.unwrap();
    let page = frozen.page().await.text();
    assert_eq!(page.matches("いまの内容です").count(), 1, "{page}");
    let evidence = evidence_of_document(house).await;
    let path = format!("{}/documents/{evidence}", frozen.link);
    let bytes = house.get(Who::Stranger, &path).await.text();
    assert_eq!(bytes, "three more");
}

#[tokio::test]
async fn remarks_of_earlier_inspections_are_shown_as_they_were_frozen() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    assert!(!frozen.page().await.text().contains("前の検査の指摘"));
    frozen.remark(&REMARK).await;
    let correct = frozen.remark_path(&frozen.path).await;
    let fields = [("text", "台帳に加えました。"), ("done_on", "2026-11-21")];
    house.post(OPERATOR, &correct, &fields).await;
    let link = freeze(house, "2027-11-25").await;
    let page = shown(house, &link).await;
    for expected in [
        "前の検査の指摘と是正",
        "備前保健所（検査日 令和8年11月25日）",
        "台帳にない機器が3台あります。",
        "台帳に加えました。",
        "再確認待ち",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    // What the earlier inspector says since is not part of what was frozen.
    let recheck = frozen.remark_path(&frozen.link).await;
    let seen = frozen.page().await.field("correction").unwrap();
    let settle = [
        ("correction", seen.as_str()),
        ("settled", "yes"),
        ("by", "検査 一郎"),
    ];
    let said = house.post(Who::Stranger, &recheck, &settle).await;
    assert_eq!(said.status, 303, "{}", said.text());
    assert_eq!(shown(house, &link).await, page);
}

#[tokio::test]
async fn a_remark_without_a_day_is_something_to_do_until_it_is_corrected() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    let mut undated = REMARK.to_vec();
    undated.retain(|(name, _)| *name != "due_on");
    let check = async |expected: bool| {
        for page in ["/", "/deadlines", "/deadlines?year=2030"] {
            let text = house.get(VIEWER, page).await.text();
            let is_there = text.contains("立入検査の指摘 2-① を是正する");
            assert_eq!(is_there, expected, "{page}: {text}");
            assert_eq!(text.contains("期限なし"), expected, "{page}");
        }
    };
    check(false).await;
    frozen.remark(&undated).await;
    check(true).await;
    let correct = frozen.remark_path(&frozen.path).await;
    let fields = [("text", "加えました。")];
    house.post(OPERATOR, &correct, &fields).await;
    check(false).await;
}

#[tokio::test]
async fn days_and_ends_are_told_and_what_has_ended_too() {
    let house = House::on_sqlite().await;
    let ledger = "fy2025/facility/asset-ledger";
    for (title, until) in [("古い写し", "2026-11-20"), ("写し", "2026-11-21")] {
        let page = house.get(OPERATOR, "/evidence/documents/new").await;
        let id = page.field("id").unwrap();
        let fields = [
            ("id", id.as_str()),
            ("title", title),
            ("item", ledger),
            ("effective_on", "2026-11-19"),
            ("valid_until", until),
        ];
        save_document(&house, &fields, title).await;
    }
    let workspace = house.workspace().await;
    for (item, ends_on) in [
        (ledger, date(2026, 11, 20)),
        ("fy2025/facility/contact-chart", date(2026, 11, 21)),
    ] {
        let explanation = Explanation {
            item: ItemId::new(item),
            text: "更新を待っています。".to_owned(),
            ends_on,
        };
        let seen = workspace.new_record();
        workspace
            .keep(&seen, &explanation, "備え 花子")
            .await
            .unwrap();
    }
    let link = freeze(&house, "2026-11-25").await;
    let page = shown(&house, &link).await;
    for (expected, n) in [
        ("令和8年11月19日時点、令和8年11月21日に記録", 2),
        ("有効期限 令和8年11月20日", 1),
        ("有効期限 令和8年11月21日", 1),
        (">期限切れ<", 1),
        ("令和8年11月21日に記録、令和8年11月20日まで", 1),
        ("令和8年11月21日に記録、令和8年11月21日まで", 1),
        ("説明の期限切れ", 1),
    ] {
        assert_eq!(page.matches(expected).count(), n, "{expected}: {page}");
    }
    let package = frozen_last(&house).await;
    let code = package.contents.checkpoint.checkpoint.short_code();
    assert!(page.contains(&code.to_string()), "{page}");
    let index = std::str::from_utf8(package.file("index.html").unwrap()).unwrap();
    assert_eq!(index.matches(">期限切れ<").count(), 2, "{index}");
    let showing = house.get(VIEWER, "/inspections/showing?item=2-1").await;
    for expected in [
        "令和8年11月19日時点",
        "有効期限 令和8年11月20日",
        "有効期限 令和8年11月21日",
    ] {
        assert!(showing.text().contains(expected), "{expected}");
    }
    assert_eq!(showing.text().matches(">期限切れ<").count(), 1);
}

#[tokio::test]
async fn each_vendor_is_told_with_what_came_of_asking() {
    let asked = Asked::new().await;
    let house = &asked.house;
    let workspace = house.workspace().await;
    // One whose contract is over need not be asked.
    for (name, ends_on) in [("若葉電子", None), ("枯葉電子", Some(date(2026, 11, 20)))] {
        let vendor = workspace.new_record();
        let body = Vendor {
            name: name.to_owned(),
            ..Vendor::default()
        };
        workspace.keep(&vendor, &body, "test").await.unwrap();
        let contract = Contract {
            vendor: vendor.id,
            title: "保守契約".to_owned(),
            systems: Vec::new(),
            begins_on: None,
            ends_on,
            maintenance: None,
            remote_maintenance: RemoteMaintenance::Unconfirmed,
            updates_by: None,
            subcontractors: None,
            note: None,
        };
        let seen = workspace.new_record();
        workspace.keep(&seen, &contract, "test").await.unwrap();
    }
    let check = async |state: &str| {
        let link = freeze(house, "2026-11-25").await;
        let page = shown(house, &link).await;
        for expected in ["青葉システム", "令和7年度", state, "未依頼（契約あり）"]
        {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        let missing = "若葉電子 の回答（契約がありますが、回答を依頼していません）";
        assert!(page.contains(missing), "{page}");
        assert!(!page.contains("枯葉電子"), "{page}");
    };
    check(">未回答<").await;
    asked.answer("hand_in", &ANSWER).await;
    check(">届いたが未採用<").await;
    let accept = format!("{}/accept", asked.request);
    let items = [("item", "fy2025/vendor/officer-appointed")];
    let said = house.post(OPERATOR, &accept, &items).await;
    assert_eq!(said.status, 303, "{}", said.text());
    check(">回答あり<").await;
}

#[tokio::test]
async fn a_file_that_names_another_authority_is_taken_and_told() {
    let frozen = Frozen::new().await;
    let inspection = frozen.inspection().await;
    let bytes = file(&inspection, |file| file.authority = "備中保健所".to_owned());
    let said = frozen.send(&bytes).await;
    assert_eq!(said.status, 303, "{}", said.text());
    for page in [
        frozen.house.get(VIEWER, &frozen.path).await.text(),
        frozen.page().await.text(),
    ] {
        let told = "ファイルの検査機関：備中保健所";
        assert!(page.contains(told), "{page}");
    }
}

#[tokio::test]
async fn a_former_package_that_cannot_be_read_is_told() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    let workspace = house.workspace().await;
    let kept = workspace.kept::<Inspection>().await.unwrap().remove(0);
    let damaged = Inspection {
        package_hash: ContentHash::of(b"other bytes"),
        ..kept.body
    };
    let seen = Seen {
        id: kept.id,
        version: Some(kept.version),
    };
    workspace.keep(&seen, &damaged, "test").await.unwrap();
    let link = freeze(house, "2027-11-25").await;
    let page = shown(house, &link).await;
    let told = "前回の検査（令和8年11月25日）で固定した一式を読めない";
    assert!(page.contains(told), "{page}");
    assert!(page.contains("2-①"), "{page}");
}

#[tokio::test]
async fn what_was_frozen_is_unpacked_once() {
    let frozen = Frozen::new().await;
    let first = frozen_last(&frozen.house).await;
    let second = frozen_last(&frozen.house).await;
    assert!(Arc::ptr_eq(&first, &second));
}
