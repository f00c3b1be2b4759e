//! Vendors are asked, answer once by a one-time address or on paper, and a person takes it over.

use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use sonae_domain::answer::VendorContract;
use sonae_domain::ids::AssetId;
use sonae_domain::ledger::{Asset, AssetRecord, RemoteMaintenance};
use sonae_domain::people::Role;
use sonae_domain::register::{Record, System, Vendor};
use sonae_domain::standing::Standing;
use sonae_domain::vendor::AnswerSource;
use sonae_store::AssetChange;

use crate::usecase::answering::TypedAnswer;
use crate::usecase::checklist::WhichForm;
use crate::usecase::register_forms::Typed;

use super::{ADMINISTRATOR, Answered, House, OPERATOR, OURS, VIEWER, Who, words_of_workbook};

pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The vendor that is asked, and its address in the settings.
pub(super) const VENDOR: &str = "青葉システム";

/// What a vendor answers at least.
pub(super) const ANSWER: [(&str, &str); 5] = [
    ("edition", "fy2025"),
    ("answered_by", "青葉 太郎"),
    ("value-1-1", "yes"),
    ("value-2-2", "no"),
    ("target-2-2", "R9.3.31"),
];

/// A vendor that is asked.
pub(super) struct Asked {
    pub(super) house: House,
    /// Of the vendor.
    pub(super) vendor: String,
    /// Where the vendor answers: `/vendor/...`.
    pub(super) link: String,
    /// Where the institution sees the request.
    pub(super) request: String,
}

impl Asked {
    /// A vendor that is asked by link, with its devices in the ledger.
    pub(super) async fn new() -> Self {
        Self::in_house(House::on_sqlite().await).await
    }

    pub(super) async fn in_house(house: House) -> Self {
        for (name, vendor, remote) in [
            ("ehr-01", VENDOR, RemoteMaintenance::Yes),
            ("ehr-02", VENDOR, RemoteMaintenance::Yes),
            ("ehr-03", "（株）青葉システム", RemoteMaintenance::No),
            ("secret-01", "若葉電子", RemoteMaintenance::Yes),
        ] {
            let record = AssetRecord {
                vendor: Some(vendor.to_owned()),
                remote_maintenance: remote,
                ..AssetRecord::named(name)
            };
            add_device(&house, record).await;
        }
        let vendor = add_vendor(&house).await;
        Self::of(house, vendor).await
    }

    /// Another request to the same vendor.
    pub(super) async fn again(self) -> Self {
        Self::of(self.house, self.vendor).await
    }

    async fn of(house: House, vendor: String) -> Self {
        let fields = [("due_on", "2026-11-30"), ("channels", "link")];
        let said = house
            .post(OPERATOR, &format!("{vendor}/request"), &fields)
            .await;
        assert_eq!(said.status, 200, "{}", said.text());
        Self {
            link: path_after(&said, "http://sonae.test", "/vendor/"),
            request: path_after(&said, "href=\"", "/settings/requests/"),
            house,
            vendor,
        }
    }

    pub(super) async fn answer(&self, go: &str, fields: &[(&str, &str)]) -> Answered {
        let mut fields = fields.to_vec();
        fields.push(("go", go));
        self.house
            .upload(Who::Stranger, &self.link, &fields, &[])
            .await
    }

    pub(super) async fn page(&self) -> String {
        self.house.get(VIEWER, &self.request).await.text()
    }
}

async fn add_device(house: &House, record: AssetRecord) {
    let workspace = house.workspace().await;
    let change = AssetChange {
        asset: Asset {
            id: AssetId::new(&record.name),
            record,
        },
        evidence: None,
        retired: false,
    };
    let store = &workspace.store;
    let institution = &workspace.institution.id;
    store
        .save_assets(institution, &[change], "test", house.now())
        .await
        .unwrap();
}

/// Its address in the settings.
async fn add_vendor(house: &House) -> String {
    let fields = [("name", VENDOR)];
    let added = house.post(OPERATOR, "/settings/vendors/new", &fields).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let workspace = house.workspace().await;
    let vendors = workspace.kept::<Vendor>().await.unwrap();
    format!("/settings/vendors/{}", vendors[0].id)
}

/// Every session is over after a day; somebody comes in.
async fn come_in(house: &House) {
    house.add_person("later", OURS, Role::SystemOperator).await;
}

/// What a page shows to whoever came in.
async fn later(house: &House, path: &str) -> String {
    let request = Request::get(path)
        .header("host", "sonae.test")
        .header("cookie", "sonae_session=later");
    let request = request.body(Body::empty()).unwrap();
    house.send(request).await.text()
}

/// The first path on a page that begins so, right after some text.
pub(super) fn path_after(said: &Answered, before: &str, begin: &str) -> String {
    let text = said.text();
    let at = text.find(&format!("{before}{begin}")).expect("it is there");
    let rest = &text[at + before.len()..];
    let is_end = |c: char| c == '"' || c == '<';
    rest[..rest.find(is_end).expect("an end")].to_owned()
}

#[tokio::test]
async fn the_vendor_sees_its_request_and_nothing_else() {
    let asked = Asked::new().await;
    let page = asked.house.get(Who::Stranger, &asked.link).await.text();
    for shown in ["name of ours", VENDOR, "ehr-01", "ehr-03", "2-②", "要照合"] {
        assert!(page.contains(shown), "{shown}");
    }
    for hidden in ["secret-01", "若葉電子", "/ledger", "name of viewer"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn devices_are_the_vendors_and_those_of_its_systems_that_name_nobody() {
    let house = House::on_sqlite().await;
    let vendor = add_vendor(&house).await;
    let system = [("name", "電子カルテ")];
    let added = house.post(OPERATOR, "/settings/systems/new", &system).await;
    assert_eq!(added.status, 303, "{}", added.text());
    for (name, vendor, system) in [
        ("of-the-vendor", Some("㈱青葉システム"), None),
        ("of-nobody", None, Some("電子 カルテ")),
        ("of-another", Some("若葉電子"), Some("電子カルテ")),
        ("of-no-system", None, Some("医事会計")),
    ] {
        let record = AssetRecord {
            vendor: vendor.map(str::to_owned),
            system: system.map(str::to_owned),
            ..AssetRecord::named(name)
        };
        add_device(&house, record).await;
    }
    let systems = house.workspace().await.kept::<System>().await.unwrap();
    let fields = [
        ("due_on", "2026-11-30"),
        ("channels", "paper"),
        ("systems", systems[0].id.as_str()),
    ];
    let made = house
        .post(OPERATOR, &format!("{vendor}/request"), &fields)
        .await;
    let page = house.get(VIEWER, made.to()).await.text();
    for (name, is_asked) in [
        ("of-the-vendor", true),
        ("of-nobody", true),
        ("of-another", false),
        ("of-no-system", false),
    ] {
        assert_eq!(page.contains(name), is_asked, "{name}");
    }
}

#[tokio::test]
async fn nobody_else_reaches_a_request_on_sqlite() {
    nobody_else_reaches(House::on_sqlite().await).await;
}

#[tokio::test]
async fn nobody_else_reaches_a_request_on_postgres() {
    nobody_else_reaches(House::on_postgres("vendors").await).await;
}

/// What is there and belongs to another institution looks like what is not there.
async fn nobody_else_reaches(house: House) {
    let asked = Asked::in_house(house).await;
    let house = &asked.house;
    let unknown = "/settings/requests/unknown";
    for door in [
        "",
        "/letter.pdf",
        "/form.pdf",
        "/form.xlsx",
        "/request.html",
        "/paper",
    ] {
        let path = format!("{}{door}", asked.request);
        assert_eq!(house.get(Who::Foreigner, &path).await.status, 404, "{path}");
        assert_eq!(house.get(OPERATOR, &path).await.status, 200, "{path}");
        let path = format!("{unknown}{door}");
        assert_eq!(house.get(OPERATOR, &path).await.status, 404, "{path}");
    }
    let mut fields = ANSWER.to_vec();
    fields.push(("item", "fy2025/vendor/officer-appointed"));
    for door in ["/accept", "/paper", "/link", "/withdraw"] {
        for (who, request) in [
            (Who::Foreigner, asked.request.as_str()),
            (OPERATOR, unknown),
        ] {
            let path = format!("{request}{door}");
            let said = house.post(who, &path, &fields).await;
            assert_eq!(said.status, 404, "{who:?} {path}");
        }
    }
    for (who, vendor) in [
        (Who::Foreigner, asked.vendor.as_str()),
        (OPERATOR, "/settings/vendors/x"),
    ] {
        let path = format!("{vendor}/request");
        assert_eq!(house.get(who, &path).await.status, 404, "{who:?} {path}");
        let fields = [("due_on", "2026-11-30"), ("channels", "link")];
        assert_eq!(house.post(who, &path, &fields).await.status, 404);
    }
    for (who, request) in [
        (Who::Foreigner, asked.request.as_str()),
        (OPERATOR, unknown),
    ] {
        let said = send_file(house, who, request, "{}").await;
        assert_eq!(said.status, 404, "{who:?} {request}");
    }
    let list = house.get(Who::Foreigner, "/settings/requests").await;
    assert!(!list.text().contains(VENDOR));
    assert!(asked.page().await.contains("回答待ち"));
    only_the_first_counts(&asked).await;
}

/// Two pages are open at once; the answer that comes second is refused and noted.
async fn only_the_first_counts(asked: &Asked) {
    let code = asked.link.trim_start_matches("/vendor/");
    let installation = &asked.house.app.installation;
    let first = installation.vendor_visit(code, "test").await.unwrap();
    let second = installation.vendor_visit(code, "test").await.unwrap();
    for (visit, name, is_taken) in [(first, "青葉 太郎", true), (second, "青葉 次郎", false)]
    {
        let mut fields = ANSWER;
        fields[1].1 = name;
        let typed = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let typed = Typed::of(typed.into());
        let questions = visit.workspace.questions(&visit.view).await.unwrap();
        let workspace = &visit.workspace;
        let read = workspace.read_answer(&questions, &typed, AnswerSource::Link, Vec::new());
        let done = visit.hand_in(&typed, &read.unwrap()).await;
        assert_eq!(done.is_ok(), is_taken, "{name}");
    }
    let page = asked.page().await;
    assert!(page.contains("青葉 太郎") && !page.contains("青葉 次郎"));
    assert!(page.contains("回答済み"));
}

#[tokio::test]
async fn only_the_hash_of_the_code_is_kept() {
    let asked = Asked::new().await;
    let secret = asked.link.rsplit('.').next().unwrap();
    let workspace = asked.house.workspace().await;
    let institution = &workspace.institution.id;
    let kind = sonae_domain::vendor::VendorRequest::KIND;
    let kept = workspace.store.records(institution, kind).await.unwrap();
    let journal = workspace
        .store
        .journal(institution, None, 99)
        .await
        .unwrap();
    assert!(kept[0].body.contains("code_hash"));
    assert!(!kept[0].body.contains(secret));
    assert!(!format!("{journal:?}").contains(secret));
    assert!(!asked.page().await.contains(secret));
}

#[tokio::test]
async fn unknown_ended_used_and_withdrawn_addresses_look_the_same() {
    let unknown = |asked: &Asked| asked.link.replace("/vendor/ours.", "/vendor/ours.x");
    let lost = async |asked: &Asked, link: &str| {
        let said = asked.house.get(Who::Stranger, link).await;
        assert_eq!(said.status, 404, "{link}");
        let text = said.text();
        assert!(text.contains("依頼元の施設に新しいリンクを"), "{text}");
        // The place is in the page, to come back to after the language was changed.
        text.replace(link, "")
    };
    let asked = Asked::new().await;
    let expected = lost(&asked, &unknown(&asked)).await;
    assert_eq!(lost(&asked, "/vendor/nowhere.x").await, expected);
    assert_eq!(lost(&asked, "/vendor/x").await, expected);

    let ended = Asked::new().await;
    assert!(!ended.page().await.contains("リンクの期限が切れています"));
    ended.house.pass(DAY * 14);
    assert_eq!(lost(&ended, &ended.link).await, expected);
    come_in(&ended.house).await;
    let page = later(&ended.house, &ended.request).await;
    assert!(page.contains("リンクの期限が切れています"), "{page}");
    assert!(page.contains("リンクの期限後"));

    let used = Asked::new().await;
    assert_eq!(used.answer("hand_in", &ANSWER).await.status, 200);
    assert_eq!(lost(&used, &used.link).await, expected);

    let withdrawn = Asked::new().await;
    let path = format!("{}/withdraw", withdrawn.request);
    let said = withdrawn.house.post(OPERATOR, &path, &[]).await;
    assert_eq!(
        said.brief(),
        "303 /settings/requests?done=request_withdrawn"
    );
    assert_eq!(lost(&withdrawn, &withdrawn.link).await, expected);

    let renewed = Asked::new().await;
    let path = format!("{}/link", renewed.request);
    let new = renewed.house.post(OPERATOR, &path, &[]).await;
    assert_eq!(lost(&renewed, &renewed.link).await, expected);
    let link = path_after(&new, "http://sonae.test", "/vendor/");
    let opened = renewed.house.get(Who::Stranger, &link).await;
    assert_eq!(opened.status, 200);
}

#[tokio::test]
async fn an_address_opens_until_its_last_moment() {
    let asked = Asked::new().await;
    asked.house.pass(DAY * 14 - SignedDuration::from_secs(1));
    let opened = asked.house.get(Who::Stranger, &asked.link).await;
    assert_eq!(opened.status, 200);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let house = House::on_sqlite().await;
    for _ in 0..30 {
        assert_eq!(house.get(Who::Stranger, "/vendor/ours.x").await.status, 404);
    }
    assert_eq!(house.get(Who::Stranger, "/vendor/ours.x").await.status, 429);
}

#[tokio::test]
async fn what_a_vendor_typed_is_there_when_it_comes_back() {
    let asked = Asked::new().await;
    let half = [
        ("edition", "fy2025"),
        ("usb", "制限できます"),
        ("target-2-2", "来年"),
    ];
    let saved = asked.answer("save", &half).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    let back = asked.house.get(Who::Stranger, &asked.link).await;
    assert!(back.text().contains("制限できます"));
    assert_eq!(back.field("target-2-2").as_deref(), Some("来年"));
    assert!(asked.page().await.contains("回答待ち"));
}

#[tokio::test]
async fn what_cannot_be_taken_is_said_at_its_field_and_kept() {
    let asked = Asked::new().await;
    let check = async |change: (&str, &str), field: &str, why: &str| {
        let mut fields = ANSWER.to_vec();
        fields.retain(|(name, _)| *name != change.0);
        fields.push(change);
        let said = asked.answer("review", &fields).await;
        let text = said.text();
        assert_eq!(said.status, 422, "{change:?}");
        assert!(text.contains(&format!("href=\"#{field}\"")), "{change:?}");
        assert!(text.contains(why), "{change:?}: {text}");
        assert!(
            text.contains("青葉 太郎") || field == "answered_by",
            "{change:?}"
        );
    };
    check(("answered_by", " "), "answered_by", "氏名").await;
    check(("confirmed_on", "2026-11-22"), "value-1-1", "より後です").await;
    check(("target-1-1", "R9.3.31"), "value-1-1", "目標日").await;
    check(("target-2-2", "いつか"), "target-2-2", "日付として").await;
    check(("note-2-2", "password: abc"), "main", "パスワード").await;
    let long = "あ".repeat(90_000);
    check(("usb", &long), "main", "長すぎます").await;
    check(("usb", &long[..3 * 501]), "usb", "500").await;
    let nothing = asked.answer("review", &ANSWER[..2]).await;
    assert!(nothing.text().contains("一つも答えられていません"));
}

#[tokio::test]
async fn an_answer_is_reviewed_handed_in_once_and_printed() {
    let asked = Asked::new().await;
    let review = asked.answer("review", &ANSWER).await.text();
    for shown in ["提出は一度だけ", "青葉 太郎", "答えていない項目が"] {
        assert!(review.contains(shown), "{shown}");
    }
    assert!(asked.page().await.contains("回答待ち"));
    let done = asked.answer("hand_in", &ANSWER).await;
    assert_eq!(done.status, 200);
    for shown in [
        "回答を提出しました",
        "電子署名は付きません",
        "令和9年3月31日",
    ] {
        assert!(done.text().contains(shown), "{shown}");
    }
    assert_eq!(asked.answer("hand_in", &ANSWER).await.status, 404);
    let page = asked.page().await;
    for shown in ["回答あり", "署名なし", "リンクから事業者が入力", "回答済み"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    let journal = asked.house.get(VIEWER, "/history").await.text();
    assert!(journal.contains("青葉システム（リンク）"));
    assert!(journal.contains("事業者の回答を保存しました"));
}

#[tokio::test]
async fn an_answer_to_another_edition_is_refused_and_noted() {
    let asked = Asked::new().await;
    let mut fields = ANSWER;
    fields[0].1 = "fy2024";
    let said = asked.answer("hand_in", &fields).await;
    assert_eq!(said.status, 422);
    assert!(said.text().contains("別の年度版の様式の回答です"));
    assert!(asked.page().await.contains("別の年度版の様式"));
}

#[tokio::test]
async fn ledger_and_answer_are_compared() {
    let asked = Asked::new().await;
    let mut fields = ANSWER.to_vec();
    fields.extend([
        ("remote-ehr-01", "no"),
        ("remote-ehr-03", "yes"),
        ("how-ehr-03", "VPN"),
        // Not asked about: nothing is said about it.
        ("remote-secret-01", "no"),
    ]);
    asked.answer("hand_in", &fields).await;
    let page = asked.page().await;
    for shown in [
        "href=\"/ledger/ehr-01\"",
        "ehr-01</strong><span class=\"small\">台帳は「あり」、事業者は「なし」",
        "ehr-02</strong><span class=\"small\">台帳は「あり」、事業者の回答なし",
        "ehr-03</strong><span class=\"small\">事業者は「あり」、台帳は「あり」でない",
        "あり VPN",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("secret-01"));
}

#[tokio::test]
async fn files_of_a_vendor_are_documents_of_the_institution() {
    let asked = Asked::new().await;
    let file = ("file", "mds.pdf", &b"%PDF-1.4\n"[..]);
    let mut fields = ANSWER.to_vec();
    fields.push(("go", "save"));
    let house = &asked.house;
    let saved = house
        .upload(Who::Stranger, &asked.link, &fields, &[file])
        .await;
    assert!(saved.text().contains("mds.pdf"), "{}", saved.text());
    asked.answer("hand_in", &ANSWER).await;
    assert!(asked.page().await.contains("mds.pdf（青葉システム）"));
    let many = vec![file; 11];
    let another = Asked::new().await;
    let said = another
        .house
        .upload(Who::Stranger, &another.link, &fields, &many)
        .await;
    assert_eq!(said.status, 422);
}

#[tokio::test]
async fn a_person_takes_rows_over_and_their_own_answers_stay() {
    let asked = Asked::new().await;
    asked.answer("hand_in", &ANSWER).await;
    let accept = format!("{}/accept", asked.request);
    let take = async |who, items: &[&str]| {
        let fields: Vec<_> = items.iter().map(|item| ("item", *item)).collect();
        asked.house.post(who, &accept, &fields).await.brief()
    };
    let officer = "fy2025/vendor/officer-appointed";
    let remote = "fy2025/vendor/remote-maintenance";
    assert_eq!(take(OPERATOR, &[]).await, "422");
    assert_eq!(
        take(OPERATOR, &["fy2025/vendor/access-rights"]).await,
        "404"
    );
    assert_eq!(take(Who::Foreigner, &[officer]).await, "404");
    assert_eq!(take(VIEWER, &[officer]).await, "403");
    let done = format!("303 {}?done=request_taken", asked.request);
    let form = format!("{}/form.xlsx", asked.request);
    let printed = async || {
        let form = asked.house.get(VIEWER, &form).await;
        assert_eq!(form.status, 200, "{}", form.text());
        words_of_workbook(&form.body)
    };
    let checkpoint = async || {
        let workspace = asked.house.workspace().await;
        workspace.latest_checkpoint().await.unwrap()
    };
    printed().await;
    assert_eq!(checkpoint().await, None, "a blank form rests on nothing");
    assert_eq!(take(OPERATOR, &[officer]).await, done);
    let page = asked.page().await;
    assert!(page.contains("申告のみ") && page.contains("回答あり"));
    assert_eq!(take(ADMINISTRATOR, &[remote]).await, done);
    let words = printed().await;
    let code = checkpoint().await.unwrap().short_code.to_string();
    assert!(words.contains(&code), "{words}");
    let page = asked.page().await;
    assert!(page.contains(&format!("{}/form.pdf", asked.request)));
    assert!(page.contains("対応予定") && page.contains("採用済み"));
    assert!(page.contains("name of system_operator"));
    let answers = asked.house.workspace().await.answers().await.unwrap();
    assert!(answers.is_empty());
}

#[tokio::test]
async fn a_letter_with_the_blank_form_can_be_printed() {
    let asked = Asked::new().await;
    let letter = asked
        .house
        .get(VIEWER, &format!("{}/letter.pdf", asked.request))
        .await;
    assert!(letter.body.starts_with(b"%PDF-"), "{}", letter.text());
    let page = asked.page().await;
    let form = "/forms/form.xlsx?form=fy2025/vendor&content=blank";
    assert!(page.contains(form));
    assert_eq!(asked.house.get(VIEWER, form).await.status, 200);
}

#[tokio::test]
async fn a_returned_paper_is_typed_once() {
    let asked = Asked::new().await;
    let path = format!("{}/paper", asked.request);
    let shown = asked.house.get(OPERATOR, &path).await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    let mut other = ANSWER;
    other[0].1 = "fy2024";
    let said = asked.house.post(OPERATOR, &path, &other).await;
    assert_eq!(said.status, 422);
    assert!(said.text().contains("別の年度版"));
    let mut scan = ANSWER.to_vec();
    scan.push(("documents", "nowhere"));
    assert_eq!(asked.house.post(OPERATOR, &path, &scan).await.status, 404);
    let said = asked.house.post(OPERATOR, &path, &ANSWER).await;
    let done = format!("303 {}?done=request_answered", asked.request);
    assert_eq!(said.brief(), done, "{}", said.text());
    let page = asked.page().await;
    assert!(page.contains("紙から name of system_operator が入力"));
    let shown = asked.house.get(OPERATOR, &path).await;
    assert_eq!(shown.brief(), format!("303 {}", asked.request));
    let twice = asked.house.post(OPERATOR, &path, &ANSWER).await;
    assert_eq!(twice.status, 422);
    assert!(twice.text().contains("すでに回答があります"));
    // The address opens nothing any more.
    assert_eq!(asked.answer("hand_in", &ANSWER).await.status, 404);
}

#[tokio::test]
async fn an_overdue_request_stands_in_the_list_among_the_tasks_and_the_deadlines() {
    let asked = Asked::new().await;
    let places = ["/", "/deadlines", "/settings/requests"];
    let due = asked.house.get(VIEWER, "/settings/requests").await.text();
    assert!(!due.contains("data-standing=\"overdue\""));
    asked.house.pass(DAY * 10);
    come_in(&asked.house).await;
    for place in places {
        let page = later(&asked.house, place).await;
        assert!(page.contains(VENDOR), "{place}: {page}");
        assert!(page.contains(&asked.request), "{place}");
    }
    let list = later(&asked.house, "/settings/requests").await;
    assert!(list.contains("data-standing=\"overdue\""));
    asked.answer("hand_in", &ANSWER).await;
    let home = later(&asked.house, "/").await;
    assert!(home.contains("回答の確認と採用"), "{home}");
}

#[tokio::test]
async fn without_a_contract_nobody_is_asked() {
    let asked = Asked::new().await;
    let mut workspace = asked.house.workspace().await;
    let none = Some(VendorContract::None);
    workspace
        .set_institution(None, None, none, "test")
        .await
        .unwrap();
    let path = format!("{}/request", asked.vendor);
    let fields = [("due_on", "2026-11-30"), ("channels", "link")];
    let said = asked.house.post(OPERATOR, &path, &fields).await;
    assert_eq!(said.status, 422);
    let list = asked.house.get(VIEWER, "/settings/requests").await.text();
    assert!(list.contains("依頼は要りません"));
    let deadlines = asked.house.get(VIEWER, "/deadlines").await.text();
    assert!(!deadlines.contains(VENDOR));
    assert_eq!(asked.answer("hand_in", &ANSWER).await.status, 404);
    let form = WhichForm {
        form: Some("vendor".to_owned()),
        ..WhichForm::default()
    };
    let not_required = TypedAnswer {
        item: "1-1".to_owned(),
        value: "記入不要".to_owned(),
        confirmed_on: None,
        target_on: None,
        note: None,
        by: Some("test".to_owned()),
        round: None,
    };
    workspace.answer(&form, &not_required).await.unwrap();
    let checklist = workspace.judge(&form, None).await.unwrap();
    assert_eq!(checklist.standings[0].standing, Standing::Exempt);
}

#[tokio::test]
async fn a_request_needs_a_day_and_a_way() {
    let house = House::on_sqlite().await;
    let path = format!("{}/request", add_vendor(&house).await);
    let check = async |fields: &[(&str, &str)], why: &str| {
        let said = house.post(OPERATOR, &path, fields).await;
        assert_eq!(said.status, 422, "{fields:?}");
        assert!(said.text().contains(why), "{fields:?}: {}", said.text());
    };
    check(&[("channels", "link")], "回答期限").await;
    check(&[("channels", "link"), ("due_on", "2026-11-20")], "今日か").await;
    check(&[("due_on", "2026-11-21")], "送り方").await;
    let system = [
        ("due_on", "2026-11-21"),
        ("channels", "paper"),
        ("systems", "x"),
    ];
    check(&system, "システム").await;
    let made = house
        .post(
            OPERATOR,
            &path,
            &[("due_on", "2026-11-21"), ("channels", "paper")],
        )
        .await;
    assert!(made.to().ends_with("?done=request_made"), "{}", made.text());
    let vendor = path.trim_end_matches("/request");
    let version = [("version", "1")];
    let removed = house
        .post(OPERATOR, &format!("{vendor}/remove"), &version)
        .await;
    assert_eq!(removed.status, 422);
}

/// Sends an answer file to a request.
async fn send_file(house: &House, who: Who, request: &str, file: &str) -> Answered {
    let path = format!("{request}/file");
    let file = ("file", "answer.sonae", file.as_bytes());
    house.upload(who, &path, &[], &[file]).await
}

/// What the page of a request file saves.
pub(super) fn answer_file(request: &str, change: (&str, &str)) -> String {
    let fields = ANSWER[1..].iter();
    let fields = fields.map(|(name, value)| format!("\"{name}\":[\"{value}\"]"));
    let fields: Vec<_> = fields.collect();
    let id = request.replace("/settings/requests/", "");
    let file = format!(
        "{{\"format\":\"sonae-vendor-answer\",\"version\":1,\"institution\":\"ours\",\
         \"request\":\"{id}\",\"edition\":\"fy2025\",\"form\":\"vendor\",\
         \"fields\":{{{}}}}}",
        fields.join(",")
    );
    file.replace(change.0, change.1)
}

#[tokio::test]
async fn a_request_is_a_page_that_needs_no_network() {
    let asked = Asked::new().await;
    let path = format!("{}/request.html", asked.request);
    let page = asked.house.get(VIEWER, &path).await;
    let told = page.headers["content-disposition"].to_str().unwrap();
    assert!(told.contains("attachment"), "{told}");
    let text = page.text();
    let id = asked.request.replace("/settings/requests/", "");
    for shown in [
        VENDOR,
        "ehr-01",
        "要照合",
        &id,
        "default-src &#39;none&#39;",
        "<style>",
    ] {
        assert!(text.contains(shown), "{shown}");
    }
    for hidden in ["src=", "href=\"/", "url(", "secret-01", "name of viewer"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    asked.answer("hand_in", &ANSWER).await;
    let closed = asked.house.get(VIEWER, &path).await;
    assert_eq!(closed.brief(), format!("303 {}", asked.request));
}

#[tokio::test]
async fn an_answer_file_is_filed_with_its_request_or_set_aside() {
    let asked = Asked::new().await;
    let check = async |change: (&str, &str), why: &str| {
        let file = answer_file(&asked.request, change);
        let said = send_file(&asked.house, OPERATOR, &asked.request, &file).await;
        assert_eq!(said.status, 422, "{change:?}");
        assert!(said.text().contains(why), "{change:?}: {}", said.text());
        assert!(asked.page().await.contains("回答待ち"), "{change:?}");
    };
    check(("\"ours\"", "\"theirs\""), "別の施設への").await;
    check(("\"request\":\"", "\"request\":\"x"), "別の依頼への").await;
    check(("fy2025", "fy2024"), "別の年度版の").await;
    check(("vendor\",", "facility\","), "別の年度版の").await;
    check(("sonae-vendor-answer", "x"), "読めません").await;
    check(("太郎", "\\u0000"), "読めません").await;
    check(("青葉 太郎", " "), "氏名").await;
    check(("太郎", "password: abc"), "パスワード").await;
    check(("太郎", &"長".repeat(90_000)), "長すぎます").await;
    let said = send_file(&asked.house, OPERATOR, &asked.request, "").await;
    assert!(said.text().contains("ファイルを選んでください"));
    let page = asked.page().await;
    for noted in ["別の施設への回答", "別の依頼への回答", "別の年度版の様式"]
    {
        assert!(page.contains(noted), "{noted}");
    }

    let file = answer_file(&asked.request, ("", ""));
    let taken = send_file(&asked.house, OPERATOR, &asked.request, &file).await;
    let done = format!("303 {}?done=request_answered", asked.request);
    assert_eq!(taken.brief(), done, "{}", taken.text());
    let page = asked.page().await;
    for shown in [
        "署名なし",
        "回答ファイルから name of system_operator",
        "青葉 太郎",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let twice = send_file(&asked.house, OPERATOR, &asked.request, &file).await;
    assert_eq!(twice.status, 422);
    assert!(twice.text().contains("すでに回答があります"));
}
