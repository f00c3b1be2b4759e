//! An inspection: frozen, read by an inspector at an address, remarked on, corrected, looked at again.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::date;
use sonae_domain::evidence::ContentHash;
use sonae_domain::ids::{InstitutionId, ItemId, RecordId};
use sonae_domain::inspection::{Inspection, Recheck, Remark, RemarkFile, RemarkState};
use sonae_domain::people::Role;
use sonae_domain::signed::{Purpose, Signer};

use super::evidence::{NMAP, recorded};
use super::{ADMINISTRATOR, Answered, House, OPERATOR, OURS, VIEWER, Who};
use crate::usecase::package::Opened;

/// What an inspector types.
pub(super) const REMARK: [(&str, &str); 4] = [
    ("item", "2-1"),
    ("text", "台帳にない機器が3台あります。"),
    ("due_on", "2026-12-20"),
    ("by", "検査 一郎"),
];

/// An inspection in a house, with one answer in what was frozen.
pub(super) struct Frozen {
    pub(super) house: House,
    /// Where the inspector reads: `/inspect/...`.
    pub(super) link: String,
    /// Where the institution sees it.
    pub(super) path: String,
}

impl Frozen {
    pub(super) async fn new() -> Self {
        Self::in_house(House::on_sqlite().await).await
    }

    pub(super) async fn in_house(house: House) -> Self {
        answer(&house, "2-1", "yes").await;
        let said = house
            .post(ADMINISTRATOR, "/inspections", &typed("yes"))
            .await;
        assert_eq!(said.status, 200, "{}", said.text());
        Self {
            link: path_after(&said, "http://sonae.test", "/inspect/"),
            path: path_after(&said, "href=\"", "/inspections/"),
            house,
        }
    }

    pub(super) async fn page(&self) -> Answered {
        self.house.get(Who::Stranger, &self.link).await
    }

    pub(super) async fn remark(&self, fields: &[(&str, &str)]) -> Answered {
        let path = format!("{}/remarks", self.link);
        self.house.post(Who::Stranger, &path, fields).await
    }

    async fn states(&self) -> Vec<RemarkState> {
        let remarks = self.house.workspace().await.remarks().await.unwrap();
        remarks.iter().map(|view| view.state).collect()
    }

    /// Where the only remark is corrected, for the institution; rechecked below the link.
    pub(super) async fn remark_path(&self, base: &str) -> String {
        let remarks = self.house.workspace().await.remarks().await.unwrap();
        format!("{base}/remarks/{}", remarks[0].id)
    }

    pub(super) async fn send(&self, file: &[u8]) -> Answered {
        self.send_as(OPERATOR, file).await
    }

    async fn send_as(&self, who: Who, file: &[u8]) -> Answered {
        let path = format!("{}/file", self.path);
        let file = ("file", "remarks.sonae", file);
        self.house.upload(who, &path, &[], &[file]).await
    }

    pub(super) async fn inspection(&self) -> Inspection {
        let mut kept = self
            .house
            .workspace()
            .await
            .kept::<Inspection>()
            .await
            .unwrap();
        kept.remove(0).body
    }
}

fn typed(link: &'static str) -> [(&'static str, &'static str); 3] {
    [
        ("authority", "備前保健所"),
        ("inspected_on", "2026-11-25"),
        ("link", link),
    ]
}

pub(super) async fn answer(house: &House, item: &str, value: &str) {
    let path = format!("/checklist/{item}");
    let page = house.get(OPERATOR, &path).await;
    let field = |name| page.field(name).unwrap_or_default();
    let (seen, basis) = (field("seen"), field("basis"));
    let fields = [
        ("value", value),
        ("confirmed_on", "令和8年11月20日"),
        (
            "target_on",
            if value == "no" {
                "令和9年3月31日"
            } else {
                ""
            },
        ),
        ("note", ""),
        ("round", "1"),
        ("seen", &seen),
        ("basis", &basis),
        ("go", "stay"),
    ];
    let said = house.post(OPERATOR, &path, &fields).await;
    assert_eq!(said.status, 303, "{}", said.text());
}

/// The first path on a page that begins so, right after some text.
pub(super) fn path_after(said: &Answered, before: &str, begin: &str) -> String {
    let text = said.text();
    let at = text.find(&format!("{before}{begin}")).expect("it is there");
    let rest = &text[at + before.len()..];
    rest[..rest.find(['"', '<']).expect("an end")].to_owned()
}

#[tokio::test]
async fn the_inspector_sees_what_was_frozen_and_nothing_later_on_sqlite() {
    sees_what_was_frozen(House::on_sqlite().await).await;
}

#[tokio::test]
async fn the_inspector_sees_what_was_frozen_and_nothing_later_on_postgres() {
    sees_what_was_frozen(House::on_postgres("inspections").await).await;
}

async fn sees_what_was_frozen(house: House) {
    let frozen = Frozen::in_house(house).await;
    let house = &frozen.house;
    let before = frozen.page().await;
    assert_eq!(before.status, 200, "{}", before.text());
    for shown in ["name of ours", "備前保健所", "2-①", "はい", "申告のみ"] {
        assert!(before.text().contains(shown), "{shown}");
    }
    let zip = format!("{}/package.zip", frozen.link);
    let bytes = house.get(Who::Stranger, &zip).await.body;
    assert_eq!(
        ContentHash::of(&bytes),
        frozen.inspection().await.package_hash
    );
    answer(house, "2-1", "no").await;
    answer(house, "2-5", "yes").await;
    assert_eq!(frozen.page().await.text(), before.text());
    assert_eq!(house.get(Who::Stranger, &zip).await.body, bytes);
    // The institution hands out the same bytes.
    let own = format!("{}/package.zip", frozen.path);
    assert_eq!(house.get(VIEWER, &own).await.body, bytes);
}

#[tokio::test]
async fn an_address_taken_back_opens_nothing_and_a_new_one_shows_the_same() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    let doors = ["", "/package.zip", "/files/form.pdf"];
    let opens = async |link: &str, status: u16| {
        for door in doors {
            let path = format!("{link}{door}");
            assert_eq!(
                house.get(Who::Stranger, &path).await.status,
                status,
                "{path}"
            );
        }
    };
    opens(&frozen.link, 200).await;
    let close = format!("{}/close", frozen.path);
    for _ in ["pressed", "pressed twice"] {
        let said = house.post(ADMINISTRATOR, &close, &[]).await;
        assert_eq!(
            said.brief(),
            format!("303 {}?done=inspection_closed", frozen.path)
        );
    }
    opens(&frozen.link, 404).await;
    assert_eq!(frozen.remark(&REMARK).await.status, 404);
    answer(house, "2-5", "yes").await;
    let open = format!("{}/open", frozen.path);
    let said = house.post(ADMINISTRATOR, &open, &[]).await;
    let again = path_after(&said, "http://sonae.test", "/inspect/");
    opens(&frozen.link, 404).await;
    opens(&again, 200).await;
    house.pass(SignedDuration::from_hours(14 * 24));
    opens(&again, 404).await;
}

#[tokio::test]
async fn a_remark_is_corrected_and_looked_at_again() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    let said = frozen.remark(&REMARK).await;
    assert_eq!(said.status, 303, "{}", said.text());
    assert_eq!(frozen.states().await, [RemarkState::Open]);
    let page = house.get(VIEWER, &frozen.path).await.text();
    for shown in [
        "台帳にない機器が3台",
        "検査 一郎",
        "令和8年12月20日",
        "リンクから検査者が記入",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let deadlines = house.get(VIEWER, "/deadlines").await.text();
    assert!(
        deadlines.contains("立入検査の指摘 2-① を是正する"),
        "{deadlines}"
    );
    let document = add_document(house).await;
    let correct = frozen.remark_path(&frozen.path).await;
    let fields = [
        ("text", "3台を台帳に加えました。"),
        ("done_on", "2026-11-21"),
        ("documents", document.as_str()),
    ];
    let evidence = house.workspace().await.documents().await.unwrap();
    let file = format!("{}/documents/{}", frozen.link, evidence[0].evidence.id);
    assert_eq!(house.get(Who::Stranger, &file).await.status, 404);
    let said = house.post(OPERATOR, &correct, &fields).await;
    assert_eq!(said.status, 303, "{}", said.text());
    assert_eq!(frozen.states().await, [RemarkState::Corrected]);
    assert_eq!(house.get(Who::Stranger, &file).await.status, 200);
    let recheck = frozen.remark_path(&frozen.link).await;
    let seen = frozen.page().await.field("correction").unwrap();
    let not_yet = [
        ("correction", seen.as_str()),
        ("settled", "no"),
        ("note", "1台が残っています。"),
        ("by", "検査 一郎"),
    ];
    house.post(Who::Stranger, &recheck, &not_yet).await;
    assert_eq!(frozen.states().await, [RemarkState::Open]);
    house.pass(SignedDuration::from_secs(60));
    house.post(OPERATOR, &correct, &fields).await;
    assert_eq!(frozen.states().await, [RemarkState::Corrected]);
    house.pass(SignedDuration::from_secs(60));
    let settle = async |seen: &str| {
        let fields = [
            ("correction", seen),
            ("settled", "yes"),
            ("by", "検査 一郎"),
        ];
        house.post(Who::Stranger, &recheck, &fields).await
    };
    // A correction that the inspector never saw is not settled.
    assert_eq!(settle(&seen).await.status, 422);
    assert_eq!(frozen.states().await, [RemarkState::Corrected]);
    settle(&frozen.page().await.field("correction").unwrap()).await;
    assert_eq!(frozen.states().await, [RemarkState::Settled]);
    // Only the inspector could settle it, and nothing is corrected after that.
    assert_eq!(house.post(OPERATOR, &correct, &fields).await.status, 422);
    assert_eq!(frozen.states().await, [RemarkState::Settled]);
}

/// Its id.
pub(super) async fn add_document(house: &House) -> String {
    let page = house.get(OPERATOR, "/evidence/documents/new").await;
    let id = page.field("id").unwrap();
    let fields = [
        ("id", id.as_str()),
        ("title", "追加した台帳の写し"),
        ("effective_on", "2026-11-21"),
    ];
    let file = ("file", "copy.txt", "three more".as_bytes());
    let said = house
        .upload(OPERATOR, "/evidence/documents/save", &fields, &[file])
        .await;
    assert_eq!(said.status, 303, "{}", said.text());
    id
}

#[tokio::test]
async fn what_an_inspector_types_wrongly_comes_back() {
    let frozen = Frozen::new().await;
    let check = async |field: &str, value: &str, expected: &str| {
        let mut fields = REMARK.to_vec();
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let said = frozen.remark(&fields).await;
        assert_eq!(said.status, 422, "{field}={value}");
        assert!(
            said.text().contains(expected),
            "{field}={value}: {}",
            said.text()
        );
        assert!(said.text().contains("検査 一郎") || field == "by");
    };
    check("item", "9-9", "項目 9-9 はこの様式にありません").await;
    check("text", " ", "内容を入力してください").await;
    check("due_on", "いつか", "「いつか」は日付として読めません").await;
    check("by", "", "氏名を入力してください").await;
    check("text", &"長".repeat(2_001), "2000文字以内").await;
    assert_eq!(frozen.states().await, []);
}

/// A file as the inspector's page saves it.
pub(super) fn file(inspection: &Inspection, change: impl FnOnce(&mut RemarkFile)) -> Vec<u8> {
    let mut file = RemarkFile::new(
        InstitutionId::new(OURS),
        inspection.root.clone(),
        "備前保健所".to_owned(),
    );
    file.remarks.push(Remark {
        id: RecordId::new("0199c0de-0000-7000-8000-000000000001"),
        item: Some(ItemId::new("fy2025/facility/asset-ledger")),
        text: "台帳にない機器が3台あります。".to_owned(),
        due_on: Some(date(2026, 12, 20)),
        by: "検査 一郎".to_owned(),
        at: "2026-11-25T04:00:00Z".parse().unwrap(),
    });
    change(&mut file);
    file.write().unwrap()
}

#[tokio::test]
async fn a_file_of_remarks_is_taken_whole_once_or_not_at_all() {
    let frozen = Frozen::new().await;
    let inspection = frozen.inspection().await;
    let check = async |bytes: &[u8], expected: &str, n: usize| {
        let said = frozen.send(bytes).await;
        assert!(
            said.brief().contains(expected) || said.text().contains(expected),
            "{expected}: {}",
            said.text()
        );
        assert_eq!(frozen.states().await.len(), n, "{expected}");
    };
    check(b"", "指摘のファイル（.sonae）として読めません", 0).await;
    let foreign = file(&inspection, |file| {
        file.institution = InstitutionId::new("theirs")
    });
    check(&foreign, "別の施設への指摘", 0).await;
    let other = file(&inspection, |file| file.root = "00".repeat(32));
    check(&other, "別の検査の一式への指摘", 0).await;
    let unknown = file(&inspection, |file| {
        let mut second = file.remarks[0].clone();
        second.id = RecordId::new("0199c0de-0000-7000-8000-000000000002");
        second.item = Some(ItemId::new("fy2024/facility/asset-ledger"));
        file.remarks.push(second);
    });
    check(&unknown, "固定した様式にない項目", 0).await;
    let good = file(&inspection, |_| {});
    check(&good, "done=remarks_taken", 1).await;
    check(&good, "done=remarks_taken", 1).await;
    let reworded = file(&inspection, |file| {
        file.remarks[0].text = "台帳は良好です。".to_owned()
    });
    check(&reworded, "同じ指摘が別の内容で", 1).await;
    let recheck = |settled: bool, day: u8| Recheck {
        correction: None,
        settled,
        note: None,
        by: "検査 一郎".to_owned(),
        at: format!("2026-12-{day}T04:00:00Z").parse().unwrap(),
    };
    let of_nothing = file(&inspection, |file| {
        file.rechecks
            .insert(RecordId::new("unknown"), recheck(true, 25));
    });
    check(&of_nothing, "この検査にない指摘への再確認", 1).await;
    let rechecked = |settled: bool, day: u8| {
        file(&inspection, |file| {
            let id = file.remarks[0].id.clone();
            file.rechecks.insert(id, recheck(settled, day));
        })
    };
    for (settled, day, expected) in [
        (true, 25, RemarkState::Settled),
        (false, 26, RemarkState::Open),
        // An old file says nothing new.
        (true, 25, RemarkState::Open),
        (true, 27, RemarkState::Settled),
    ] {
        check(&rechecked(settled, day), "done=remarks_taken", 1).await;
        assert_eq!(frozen.states().await, [expected], "{settled} {day}");
    }
}

#[tokio::test]
async fn a_signed_file_says_whose_key_signed_it() {
    let frozen = Frozen::new().await;
    let body = String::from_utf8(file(&frozen.inspection().await, |_| {})).unwrap();
    let signer = Signer::new("備前保健所", &[7; 32]).unwrap();
    let signed = signer.sign(Purpose::InspectorRemarks, &body).unwrap();
    let check = async |bytes: String, expected: &str| {
        let said = frozen.send(bytes.as_bytes()).await;
        assert!(
            said.text().contains(expected),
            "{expected}: {}",
            said.text()
        );
        assert_eq!(frozen.states().await, [], "{expected}");
    };
    let answer = signer.sign(Purpose::VendorAnswer, &body).unwrap();
    check(answer, "別の用途で署名").await;
    check(signed.replace("3台", "0台"), "署名が内容と合いません").await;
    check(signed[..signed.len() - 9].to_owned(), "壊れています").await;
    let said = frozen.send(signed.as_bytes()).await;
    assert_eq!(said.status, 303, "{}", said.text());
    let page = frozen.house.get(VIEWER, &frozen.path).await.text();
    assert!(page.contains(&signer.public().fingerprint()), "{page}");
    // What was signed is settled by nobody without the key.
    let settled = file(&frozen.inspection().await, |file| {
        let id = file.remarks[0].id.clone();
        let recheck = Recheck {
            correction: None,
            settled: true,
            note: None,
            by: "検査 一郎".to_owned(),
            at: "2026-12-25T04:00:00Z".parse().unwrap(),
        };
        file.rechecks.insert(id, recheck);
    });
    let said = frozen.send(&settled).await;
    assert!(
        said.text().contains("同じ鍵の署名がありません"),
        "{}",
        said.text()
    );
    assert_eq!(frozen.states().await, [RemarkState::Open]);
}

#[tokio::test]
async fn a_typed_number_brings_an_item_to_the_screen_and_is_written_down() {
    let house = House::on_sqlite().await;
    answer(&house, "2-5", "yes").await;
    let path = "/inspections/showing";
    for typed in ["2-5", "２－⑤", "2-⑤"] {
        let said = house.post(OPERATOR, path, &[("item", typed)]).await;
        assert_eq!(said.brief(), format!("303 {path}?item=2-5"), "{typed}");
    }
    let page = house.get(VIEWER, &format!("{path}?item=2-5")).await.text();
    for shown in [
        "2-⑤",
        "はい",
        "name of system_operator",
        "令和8年11月20日",
        "申告のみ",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert_eq!(page.matches("<strong lang=\"ja\">2-⑤</strong>").count(), 3);
    for (typed, expected) in [
        ("9-9", "項目 9-9 はこの様式にありません"),
        ("2-12", "2-12 は様式に複数あります"),
        ("", "項目の番号を入力してください"),
    ] {
        let said = house.post(OPERATOR, path, &[("item", typed)]).await;
        assert_eq!(said.status, 422, "{typed}");
        assert!(said.text().contains(expected), "{typed}: {}", said.text());
    }
    let shown = house.workspace().await.shown_today().await.unwrap();
    assert_eq!(shown.len(), 3);
    assert_eq!(
        house.get(VIEWER, &format!("{path}?item=9-9")).await.status,
        404
    );
}

#[tokio::test]
async fn nobody_else_reaches_an_inspection_on_sqlite() {
    nobody_else_reaches(House::on_sqlite().await).await;
}

#[tokio::test]
async fn nobody_else_reaches_an_inspection_on_postgres() {
    nobody_else_reaches(House::on_postgres("inspections_reach").await).await;
}

/// What is there and belongs to another institution looks like what is not there.
async fn nobody_else_reaches(house: House) {
    let frozen = Frozen::in_house(house).await;
    frozen.remark(&REMARK).await;
    let house = &frozen.house;
    for door in ["", "/package.zip"] {
        for (who, path, status) in [
            (Who::Foreigner, &frozen.path, 404),
            (VIEWER, &"/inspections/unknown".to_owned(), 404),
            (VIEWER, &frozen.path, 200),
        ] {
            let path = format!("{path}{door}");
            assert_eq!(house.get(who, &path).await.status, status, "{who:?} {path}");
        }
    }
    let remark = frozen.remark_path(&frozen.path).await;
    let doors = ["/open", "/close", "/remarks"].map(|door| format!("{}{door}", frozen.path));
    for path in doors.iter().chain([&remark]) {
        let said = house.post(Who::Foreigner, path, &REMARK).await;
        assert_eq!(said.status, 404, "{path}");
    }
    let bytes = file(&frozen.inspection().await, |_| {});
    let sent = frozen.send_as(Who::Foreigner, &bytes).await;
    assert_eq!(sent.status, 404, "{}", sent.text());
    for role in [Role::Viewer, Role::SystemOperator] {
        let close = format!("{}/close", frozen.path);
        assert_eq!(house.post(Who::Has(role), &close, &[]).await.status, 403);
    }
    assert_eq!(frozen.page().await.status, 200);
    for code in ["unknown", "ours.unknown", "theirs.unknown"] {
        let path = format!("/inspect/{code}");
        assert_eq!(house.get(Who::Stranger, &path).await.status, 404, "{code}");
    }
    for path in ["/files/../form.pdf", "/files/unknown", "/documents/unknown"] {
        let path = format!("{}{path}", frozen.link);
        assert_eq!(house.get(Who::Stranger, &path).await.status, 404, "{path}");
    }
}

/// A document about an item of the form: its id.
async fn document_about(house: &House, item: &str) -> String {
    let page = house.get(OPERATOR, "/evidence/documents/new").await;
    let id = page.field("id").unwrap();
    let item = format!("fy2025/facility/{item}");
    let fields = [
        ("id", id.as_str()),
        ("title", "書類"),
        ("item", item.as_str()),
        ("effective_on", "2026-11-20"),
    ];
    let file = ("file", "document.txt", item.as_bytes());
    let said = house
        .upload(OPERATOR, "/evidence/documents/save", &fields, &[file])
        .await;
    assert_eq!(said.status, 303, "{}", said.text());
    id
}

/// What was frozen last.
pub(super) async fn frozen_last(house: &House) -> Arc<Opened> {
    let workspace = house.workspace().await;
    let views = workspace.inspections().await.unwrap();
    workspace.frozen(&views[0]).await.unwrap()
}

#[tokio::test]
async fn what_was_ticked_goes_along_and_nothing_else() {
    let house = House::on_sqlite().await;
    let chart = &document_about(&house, "contact-chart").await;
    let other = &document_about(&house, "asset-ledger").await;
    let nmap = recorded(&house, "nmap.xml", NMAP, "2026-11-20").await;
    let nmap = nmap.trim_start_matches("/evidence/");
    let page = house.get(ADMINISTRATOR, "/inspections").await.text();
    for (id, ticked) in [(chart, " checked>"), (other, ">"), (&nmap.to_owned(), ">")] {
        assert!(page.contains(&format!("value=\"{id}\"{ticked}")), "{page}");
    }
    let chosen = ("enclose", "chosen");
    let check = async |fields: &[(&str, &str)], expected: &str| {
        house.pass(SignedDuration::from_secs(60));
        let fields = [&typed("no")[..], fields].concat();
        let said = house.post(ADMINISTRATOR, "/inspections", &fields).await;
        assert_eq!(said.status, 303, "{}", said.text());
        let package = frozen_last(&house).await;
        let mut folders = package
            .contents
            .paths
            .iter()
            .filter_map(|path| path.split_once('/'));
        let mut enclosed: Vec<&str> = folders.by_ref().map(|(folder, _)| folder).collect();
        enclosed.retain(|folder| !["checks", "vendors"].contains(folder));
        assert_eq!(enclosed.join(" "), expected, "{fields:?}");
    };
    check(&[], "originals").await;
    let these = [chosen, ("documents", other), ("evidence", nmap)];
    check(&these, "documents evidence").await;
    let package = frozen_last(&house).await;
    assert_eq!(package.file("evidence/1.xml"), Some(NMAP));
    let index = std::str::from_utf8(package.file("index.html").unwrap()).unwrap();
    assert!(index.contains("href=\"evidence/1.xml\""), "{index}");
}

/// The address of a device of the scan stands in the facts as it is, or not at all.
#[tokio::test]
async fn the_network_is_told_when_that_was_ticked() {
    let house = House::on_sqlite().await;
    recorded(&house, "nmap.xml", NMAP, "2026-11-20").await;
    let page = house.get(ADMINISTRATOR, "/inspections").await.text();
    let tick = "name=\"network_details\" value=\"yes\"";
    assert!(page.contains(&format!("{tick}>")), "{page}");
    let ticked = ("network_details", "yes");
    for (fields, is_told) in [
        (&[][..], false),
        (&[ticked], false),
        (&[("enclose", "chosen")], false),
        (&[("enclose", "chosen"), ticked], true),
    ] {
        house.pass(SignedDuration::from_secs(60));
        let fields = [&typed("no")[..], fields].concat();
        let said = house.post(ADMINISTRATOR, "/inspections", &fields).await;
        assert_eq!(said.status, 303, "{}", said.text());
        let package = frozen_last(&house).await;
        let facts = std::str::from_utf8(package.file("facts.json").unwrap()).unwrap();
        assert_eq!(facts.contains("192.168.10."), is_told, "{fields:?}");
        assert_eq!(package.contents.about.network_details, is_told);
    }
    let fields = [("authority", ""), ("enclose", "chosen"), ticked];
    let again = house.post(ADMINISTRATOR, "/inspections", &fields).await;
    assert!(again.text().contains(&format!("{tick} checked")), "kept");
}

#[tokio::test]
async fn an_inspector_opens_the_evidence_that_goes_along() {
    let house = House::on_sqlite().await;
    let nmap = recorded(&house, "nmap.xml", NMAP, "2026-11-20").await;
    let nmap = nmap.trim_start_matches("/evidence/");
    let fields = [("enclose", "chosen"), ("evidence", nmap)];
    let fields = [&typed("yes")[..], &fields].concat();
    let said = house.post(ADMINISTRATOR, "/inspections", &fields).await;
    let link = path_after(&said, "http://sonae.test", "/inspect/");
    let file = format!("{link}/files/evidence/1.xml");
    let page = house.get(Who::Stranger, &link).await.text();
    assert!(page.contains(&format!("href=\"{file}\"")), "{page}");
    assert_eq!(house.get(Who::Stranger, &file).await.body, NMAP);
}

/// A package without what somebody chose would not be noticed.
#[tokio::test]
async fn what_is_not_there_cannot_go_along() {
    let house = House::on_sqlite().await;
    let document = document_about(&house, "contact-chart").await;
    let workspace = house.workspace().await;
    let documents = workspace.documents().await.unwrap();
    let bytes_of_document = documents[0].document.evidence.as_str();
    for unknown in [
        ("documents", "unknown"),
        ("evidence", "unknown"),
        ("evidence", document.as_str()),
        ("evidence", bytes_of_document),
    ] {
        let fields = [&typed("no")[..], &[("enclose", "chosen"), unknown]].concat();
        let said = house.post(ADMINISTRATOR, "/inspections", &fields).await;
        assert_eq!(said.status, 404, "{unknown:?}");
    }
    assert!(workspace.inspections().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_next_inspector_is_told_what_changed() {
    let frozen = Frozen::new().await;
    let house = &frozen.house;
    assert!(
        frozen
            .page()
            .await
            .text()
            .contains("前回の検査はありません")
    );
    house.pass(SignedDuration::from_secs(60));
    answer(house, "2-1", "no").await;
    let next = [
        ("authority", "備前保健所"),
        ("inspected_on", "2027-11-25"),
        ("link", "yes"),
    ];
    let said = house.post(ADMINISTRATOR, "/inspections", &next).await;
    let link = path_after(&said, "http://sonae.test", "/inspect/");
    let page = house.get(Who::Stranger, &link).await.text();
    assert!(
        page.contains("から 1項目の回答か状況が変わりました"),
        "{page}"
    );
    assert!(
        page.contains("はい [申告のみ] → いいえ 令和9年3月31日 [対応予定]"),
        "{page}"
    );
}

#[tokio::test]
async fn what_is_missing_to_freeze_is_said() {
    let house = House::on_sqlite().await;
    for (field, expected) in [
        ("authority", "検査機関を入力してください"),
        ("inspected_on", "検査日を入力してください"),
    ] {
        let mut fields = typed("no").to_vec();
        fields.retain(|(name, _)| *name != field);
        let said = house.post(ADMINISTRATOR, "/inspections", &fields).await;
        assert_eq!(said.status, 422, "{field}");
        assert!(said.text().contains(expected), "{field}");
    }
    let said = house
        .post(ADMINISTRATOR, "/inspections", &typed("no"))
        .await;
    assert!(
        said.brief().ends_with("?done=inspection_frozen"),
        "{}",
        said.brief()
    );
    let path = said.to().replace("?done=inspection_frozen", "");
    let page = house.get(VIEWER, &path).await.text();
    assert!(page.contains("作っていません"), "{page}");
}
