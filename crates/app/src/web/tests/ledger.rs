//! The ledger's pages: for each door works, done twice, unknown, stranger, foreigner, and what was
//! typed is kept; and that what a person types never looks proven.

use jiff::SignedDuration;
use sonae_domain::ids::{AccountId, AssetId, EvidenceId};

use super::{ADMINISTRATOR, Answered, House, OPERATOR, VIEWER, Who};

/// Three devices; the second without a usable state, the third old.
const FILE: &str = "\
機器名,種別,所在,使用可否の状態,シリアル番号,MACアドレス,IPアドレス,サポート終了日
uketsuke-pc,端末PC,受付,使用可,SN-001,00:a0:de:00:00:01,192.168.10.21,2031-10-14
emr-server,サーバ,サーバ室,,SN-002,00:a0:de:00:00:02,192.168.10.9,2029/1/9
old-nas,サーバ,倉庫,使用可,SN-003,00:a0:de:00:00:03,192.168.10.100,令和2年1月14日
";

async fn dry_run(house: &House, who: Who, name: &str, file: &str) -> Answered {
    let fields = [("on", "令和8年11月20日")];
    let files = [("file", name, file.as_bytes())];
    let sent = house.upload(who, "/ledger/import", &fields, &files).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    house.get(who, sent.to()).await
}

/// The address of the report, from its form.
fn own_address(report: &Answered) -> String {
    let text = report.text();
    let at = text.find("action=\"/ledger/import/").expect("a form");
    let rest = &text[at + "action=\"".len()..];
    rest[..rest.find(['"', '?']).expect("an end")].to_owned()
}

/// Takes a ledger over as it is on 2026-11-20.
pub(super) async fn import(house: &House, file: &str) -> Answered {
    let report = dry_run(house, OPERATOR, "ledger.csv", file).await;
    let plan = report.field("plan").expect("a plan");
    let fields = [("on", "2026-11-20"), ("plan", plan.as_str())];
    house.post(OPERATOR, &own_address(&report), &fields).await
}

async fn id_of(house: &House, name: &str) -> AssetId {
    let versions = house.workspace().await.ledger().await.expect("a ledger");
    let mut found = versions
        .into_iter()
        .filter(|(asset, _)| asset.record.name == name);
    found.next().expect("it is there").0.id
}

async fn evidence_of(house: &House, name: &str) -> Option<EvidenceId> {
    let versions = house.workspace().await.ledger().await.expect("a ledger");
    let mut found = versions
        .into_iter()
        .filter(|(asset, _)| asset.record.name == name);
    found.next().expect("it is there").1
}

async fn imported() -> House {
    let house = House::on_sqlite().await;
    assert_eq!(
        import(&house, FILE).await.brief(),
        "303 /ledger?done=ledger_imported"
    );
    house
}

/// The names in the list, in its order.
fn names(answer: &Answered) -> String {
    let text = answer.text();
    let rows = text.split("<tr id=\"row-").skip(1);
    let name = |row: &str| {
        let start = row.find("<a href").expect("a link");
        let row = &row[start..];
        let start = row.find('>').expect("its text") + 1;
        row[start..row.find("</a>").expect("its end")].to_owned()
    };
    rows.map(name).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_empty_ledger_says_what_to_do() {
    let house = House::on_sqlite().await;
    let page = house.get(OPERATOR, "/ledger").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("/ledger/import"));
    assert!(page.text().contains("class=\"empty\""));
    let page = house.get(VIEWER, "/ledger").await;
    assert!(!page.text().contains("/ledger/import"));
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_sorted() {
    let house = imported().await;
    let check = async |query: &str, expected: &str| {
        let page = house.get(VIEWER, &format!("/ledger?{query}")).await;
        assert_eq!(names(&page), expected, "{query}");
    };
    check("", "emr-server old-nas uketsuke-pc").await;
    check("sort=name&order=desc", "uketsuke-pc old-nas emr-server").await;
    check("sort=ips", "emr-server uketsuke-pc old-nas").await;
    check("sort=usability&order=", "old-nas uketsuke-pc emr-server").await;
    check("q=ＮＡＳ", "old-nas").await;
    check("q=SN-002", "emr-server").await;
    check("q=00-A0-DE-00-00-01", "uketsuke-pc").await;
    check("q=倉庫+sn", "old-nas").await;
    check("kind=server", "emr-server old-nas").await;
    check("usability=使用可", "old-nas uketsuke-pc").await;
    check("remote=yes", "").await;
    check("remote=unconfirmed&kind=terminal", "uketsuke-pc").await;
    check("only=support_ended", "old-nas").await;
    check("only=unconfirmed", "").await;
    check("only=retired", "").await;
}

#[tokio::test]
async fn many_rows_come_in_parts() {
    let house = House::on_sqlite().await;
    let mut file = "機器名,シリアル番号\n".to_owned();
    for n in 0..450 {
        file.push_str(&format!("pc-{n:03},SN{n:04}\n"));
    }
    import(&house, &file).await;
    let check = async |query: &str, first: &str, n_rows: usize, has_more: bool| {
        let page = house.get(VIEWER, &format!("/ledger?{query}")).await;
        let names = names(&page);
        let names: Vec<&str> = names.split(' ').collect();
        let more = page.text().contains("hx-select-oob");
        assert_eq!(
            (names[0], names.len(), more),
            (first, n_rows, has_more),
            "{query}"
        );
    };
    check("", "pc-000", 200, true).await;
    check("shown=400", "pc-000", 400, true).await;
    check("shown=400&from=200", "pc-200", 200, true).await;
    check("shown=600&from=400", "pc-400", 50, false).await;
}

#[tokio::test]
async fn a_device_is_typed_in_once_even_if_sent_twice() {
    let house = House::on_sqlite().await;
    let form = house.get(OPERATOR, "/ledger/new").await;
    let id = form.field("id").expect("an id");
    let fields = [
        ("id", id.as_str()),
        ("name", "new-pc"),
        ("macs", "00-A0-DE-00-00-09"),
        ("acquired_on", "R8.3.31"),
    ];
    for _ in 0..2 {
        let done = house.post(OPERATOR, "/ledger/new", &fields).await;
        assert_eq!(done.brief(), format!("303 /ledger/{id}?done=ledger_saved"));
    }
    let ledger = house.workspace().await.ledger().await.unwrap();
    let (asset, evidence) = &ledger[0];
    assert_eq!(ledger.len(), 1);
    assert!(asset.record.macs.contains("00:a0:de:00:00:09"));
    assert_eq!(asset.record.acquired_on.unwrap().to_string(), "2026-03-31");
    assert_eq!(*evidence, None);
    let foreign = [("id", "no id of ours"), ("name", "x")];
    assert_eq!(
        house.post(OPERATOR, "/ledger/new", &foreign).await.status,
        404
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_said_at_its_field_and_stays_typed() {
    let house = imported().await;
    let id = id_of(&house, "uketsuke-pc").await;
    let fields = [
        ("seen", "1"),
        ("name", "renamed"),
        ("ips", "192.168.10.999"),
        ("support_ends_on", "someday"),
    ];
    let page = house
        .post(OPERATOR, &format!("/ledger/{id}/edit"), &fields)
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(page.field("name").as_deref(), Some("renamed"));
    assert_eq!(page.field("ips").as_deref(), Some("192.168.10.999"));
    for place in [
        "href=\"#ips\"",
        "id=\"ips-error\"",
        "id=\"support_ends_on-error\"",
    ] {
        assert!(page.text().contains(place), "{place}");
    }
    assert_eq!(id_of(&house, "uketsuke-pc").await, id);
}

#[tokio::test]
async fn what_a_person_types_never_looks_proven() {
    let check = async |field: &str, value: &str, keeps: bool| {
        let house = imported().await;
        let before = evidence_of(&house, "emr-server").await;
        assert!(before.is_some());
        let id = id_of(&house, "emr-server").await;
        let fields = [("seen", "1"), (field, value)];
        let done = house
            .post(OPERATOR, &format!("/ledger/{id}/edit"), &fields)
            .await;
        assert_eq!(done.status, 303, "{}", done.text());
        let after = evidence_of(&house, "emr-server").await;
        assert_eq!(after == before, keeps, "{field}");
        // The same file again says nothing of what was typed; then it is still not proven.
        let more = FILE.replace("192.168.10.21", "192.168.10.22");
        import(&house, &more).await;
        let after = evidence_of(&house, "emr-server").await;
        assert_eq!(after.is_some(), keeps, "{field} after an import");
    };
    check("usability", "使用可", false).await;
    check("os", "Windows Server 2022", false).await;
    check("remote_maintenance", "yes", false).await;
    check("owner", "山田", true).await;
    check("note", "重い", true).await;
}

#[tokio::test]
async fn a_file_that_says_what_was_typed_proves_it() {
    let house = imported().await;
    let id = id_of(&house, "emr-server").await;
    let fields = [("seen", "1"), ("usability", "使用可")];
    house
        .post(OPERATOR, &format!("/ledger/{id}/edit"), &fields)
        .await;
    import(&house, &FILE.replace("サーバ室,,", "サーバ室,使用可,")).await;
    assert!(evidence_of(&house, "emr-server").await.is_some());
}

#[tokio::test]
async fn the_second_of_two_people_sees_both_and_chooses() {
    let house = imported().await;
    let id = id_of(&house, "uketsuke-pc").await;
    let edit = format!("/ledger/{id}/edit");
    let theirs = [("seen", "1"), ("location", "診察室"), ("owner", "佐藤")];
    assert_eq!(house.post(ADMINISTRATOR, &edit, &theirs).await.status, 303);
    let mine = [
        ("seen", "1"),
        ("location", "待合室"),
        ("owner", ""),
        ("note", "静か"),
    ];
    let page = house.post(OPERATOR, &edit, &mine).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.field("seen").as_deref(), Some("2"));
    assert_eq!(page.field("location").as_deref(), Some("待合室"));
    assert_eq!(page.field("owner").as_deref(), Some("佐藤"));
    assert!(page.text().contains("name=\"choose.location\""));
    assert!(!page.text().contains("name=\"choose.note\""));
    let check = async |choice: &str, location: &str| {
        let seen = house.get(OPERATOR, &edit).await.field("seen").unwrap();
        let chosen = [
            ("seen", seen.as_str()),
            ("location", "待合室"),
            ("choose.location", choice),
        ];
        let done = house.post(OPERATOR, &edit, &chosen).await;
        assert_eq!(done.status, 303, "{choice}");
        let saved = house.workspace().await.asset_version(&id).await.unwrap();
        assert_eq!(saved.asset.record.location.as_deref(), Some(location));
        assert_eq!(saved.asset.record.owner.as_deref(), Some("佐藤"));
    };
    check("theirs", "診察室").await;
    check("mine", "待合室").await;
}

#[tokio::test]
async fn a_row_is_edited_in_its_place() {
    let house = imported().await;
    let id = id_of(&house, "uketsuke-pc").await;
    let quick = format!("/ledger/{id}/quick");
    let part = house.get(OPERATOR, &quick).await;
    assert!(part.text().starts_with("<tr"), "{}", part.text());
    assert_eq!(part.field("location").as_deref(), Some("受付"));
    // Without scripts the same leads to the device.
    let fields = [("seen", "1"), ("location", "診察室")];
    let done = house.post(OPERATOR, &quick, &fields).await;
    assert_eq!(done.brief(), format!("303 /ledger/{id}?done=ledger_saved"));
    let row = house.get(VIEWER, &format!("/ledger/{id}/row")).await;
    assert!(row.text().contains("診察室"));
    assert!(!row.text().contains("quick"), "a viewer changes nothing");
}

#[tokio::test]
async fn a_device_is_retired_with_a_reason_and_taken_back() {
    let house = imported().await;
    let id = id_of(&house, "old-nas").await;
    let retire = format!("/ledger/{id}/retire");
    assert_eq!(
        house
            .post(OPERATOR, &retire, &[("reason", " ")])
            .await
            .status,
        422
    );
    for _ in 0..2 {
        let done = house.post(OPERATOR, &retire, &[("reason", "廃棄")]).await;
        assert_eq!(
            done.brief(),
            format!("303 /ledger/{id}?done=ledger_retired")
        );
    }
    let saved = house.workspace().await.asset_versions(&id).await.unwrap();
    assert_eq!(saved.len(), 2, "done twice it is recorded once");
    let note = saved[1].asset.record.note.as_deref();
    assert_eq!(note, Some("廃止 令和8年11月21日: 廃棄"));
    assert_eq!(
        names(&house.get(VIEWER, "/ledger?only=retired").await),
        "old-nas"
    );
    for _ in 0..2 {
        let done = house
            .post(OPERATOR, &format!("/ledger/{id}/restore"), &[])
            .await;
        assert_eq!(done.status, 303);
    }
    assert_eq!(evidence_of(&house, "old-nas").await, None);
}

#[tokio::test]
async fn a_device_tells_where_each_field_comes_from() {
    let house = imported().await;
    let id = id_of(&house, "emr-server").await;
    let fields = [("seen", "1"), ("owner", "山田 太郎")];
    house
        .post(OPERATOR, &format!("/ledger/{id}/edit"), &fields)
        .await;
    let page = house.get(VIEWER, &format!("/ledger/{id}")).await.text();
    let after = |what: &str| page.split(what).nth(1).unwrap()[..300].to_owned();
    assert!(after("<dt>所在</dt>").contains("ledger.csv"));
    assert!(after("<dt>管理者・担当者</dt>").contains("name of system_operator"));
    assert!(page.contains("<del></del> <ins>山田 太郎</ins>"));
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_says_what_would_happen() {
    let house = imported().await;
    let file = "\
機器名,種別,所在,使用可否の状態,シリアル番号,MACアドレス,IPアドレス,サポート終了日
uketsuke-pc,端末PC,診察室,使用可,SN-001,00:a0:de:00:00:01,192.168.10.21,いつか
emr-server,サーバ,別室,使用可,,,,
old-nas,サーバ,倉庫,使用可,SN-003,00:a0:de:00:00:03,,
docked,端末PC,受付,使用可,SN-009,00:a0:de:00:00:03,,
";
    let report = dry_run(&house, OPERATOR, "next.csv", file).await;
    assert_eq!(report.status, 200);
    let text = report.text();
    for told in [
        "いつか",
        "<del>受付</del> <ins>診察室</ins>",
        "保留",
        "同じ名前の機器あり",
    ] {
        assert!(text.contains(told), "{told}");
    }
    let csv = house
        .get(
            OPERATOR,
            &format!("{}/report.csv?on=2026-11-20", own_address(&report)),
        )
        .await;
    let csv = csv.text();
    assert!(csv.starts_with('\u{feff}'), "{csv}");
    assert!(csv.contains("\"更新\",\"uketsuke-pc\""), "{csv}");
    let only = format!("{}?on=2026-11-20&show=changed", own_address(&report));
    let shown = house.get(OPERATOR, &only).await.text();
    assert!(!shown.contains("いつか</"), "only what was asked for");
    assert_eq!(house.workspace().await.evidence().await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_what_was_seen_is_imported() {
    let house = House::on_sqlite().await;
    let report = dry_run(&house, OPERATOR, "ledger.csv", FILE).await;
    let plan = report.field("plan").unwrap();
    import(&house, FILE).await;
    let address = own_address(&report);
    let fields = [("on", "2026-11-20"), ("plan", plan.as_str())];
    let page = house.post(OPERATOR, &address, &fields).await;
    assert_eq!(page.status, 409, "the ledger has changed since");
    let plan = page.field("plan").unwrap();
    let fields = [("on", "2026-11-20"), ("plan", plan.as_str())];
    let done = house.post(OPERATOR, &address, &fields).await;
    assert_eq!(done.brief(), "303 /ledger?done=ledger_known");
    assert_eq!(
        house.post(OPERATOR, &address, &fields).await.status,
        404,
        "it waits no more"
    );
}

/// As another department's older list would be: it says so before the button, not after.
#[tokio::test]
async fn an_older_ledger_says_before_that_it_changes_nothing() {
    const OLDER: &str = "より新しい台帳（ledger.csv、令和8年11月20日現在）があります";

    let house = House::on_sqlite().await;
    import(&house, FILE).await;
    let report = dry_run(&house, OPERATOR, "other.csv", &format!("{FILE}x,PC,,,\n")).await;
    assert!(!report.text().contains(OLDER), "of the same day");
    let older = format!("{}?on=2026-11-01", own_address(&report));
    let report = house.get(OPERATOR, &older).await;
    assert!(report.text().contains(OLDER), "{}", report.text());
}

#[tokio::test]
async fn a_waiting_file_is_there_for_its_person_only_and_for_a_day() {
    let house = House::on_sqlite().await;
    let report = dry_run(&house, OPERATOR, "ledger.csv", FILE).await;
    let address = format!("{}?on=2026-11-20", own_address(&report));
    let check = async |who: Who, expected: u16| {
        assert_eq!(house.get(who, &address).await.status, expected, "{who:?}");
    };
    check(OPERATOR, 200).await;
    check(ADMINISTRATOR, 404).await;
    check(Who::Foreigner, 404).await;
    check(VIEWER, 403).await;
    check(Who::Stranger, 303).await;
    let token = own_address(&report).replace("/ledger/import/", "");
    let by = AccountId::new("system_operator");
    let waits = async || {
        house
            .workspace()
            .await
            .kept_upload(&by, &token)
            .await
            .is_ok()
    };
    house.pass(SignedDuration::from_hours(24));
    assert!(waits().await);
    house.pass(SignedDuration::from_secs(1));
    assert!(!waits().await);
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_refused_with_a_way_on() {
    let house = House::on_sqlite().await;
    let check = async |name: &str, file: &str, status: u16, told: &str| {
        let page = dry_run(&house, OPERATOR, name, file).await;
        assert_eq!(page.status, status, "{name}");
        assert!(page.text().contains(told), "{name}: {}", page.text());
        assert!(!page.text().contains("name=\"plan\""), "{name}");
    };
    check("note.txt", "hello", 422, "/ledger/import").await;
    check("x.csv", "A欄,B欄\npc,受付\n", 422, "value=\"A欄=name\"").await;
    check("p.csv", "機器名,パスワード\npc,x\n", 422, "パスワード").await;
}

#[tokio::test]
async fn columns_that_nobody_knows_are_mapped_by_a_person_and_remembered() {
    let house = House::on_sqlite().await;
    let file = "A欄,B欄,C欄\npc,受付,x\n";
    let report = dry_run(&house, OPERATOR, "x.csv", file).await;
    let address = own_address(&report);
    let columns = "column=A欄%3Dname&column=B欄%3Dlocation&column=C欄%3Dignored";
    let mapped = house
        .get(OPERATOR, &format!("{address}?on=2026-11-20&{columns}"))
        .await;
    assert_eq!(mapped.status, 200, "{}", mapped.text());
    let fields = [
        ("on", "2026-11-20"),
        ("plan", &mapped.field("plan").unwrap()),
        ("column", "A欄=name"),
        ("column", "B欄=location"),
        ("column", "C欄=ignored"),
    ];
    let done = house.post(OPERATOR, &address, &fields).await;
    assert_eq!(done.brief(), "303 /ledger?done=ledger_imported");
    let again = dry_run(&house, OPERATOR, "x.csv", &file.replace("pc", "pc2")).await;
    assert_eq!(again.status, 200, "the columns are remembered");
}

#[tokio::test]
async fn a_ledger_without_a_day_is_asked_for_it_and_need_not_be_sent_again() {
    let house = House::on_sqlite().await;
    let files = [("file", "ledger.csv", FILE.as_bytes())];
    let page = house
        .upload(OPERATOR, "/ledger/import", &[("on", "soon")], &files)
        .await;
    assert_eq!(page.status, 422);
    let token = page.field("token").unwrap();
    let fields = [("on", "R8.11.20"), ("token", token.as_str())];
    let sent = house.upload(OPERATOR, "/ledger/import", &fields, &[]).await;
    assert_eq!(
        sent.brief(),
        format!("303 /ledger/import/{token}?on=2026-11-20")
    );
    let page = house
        .upload(OPERATOR, "/ledger/import", &[("on", "R8.11.20")], &[])
        .await;
    assert_eq!(page.status, 422);
}

#[tokio::test]
async fn two_rows_of_one_device_are_joined_by_a_person() {
    let house = imported().await;
    let form = house.get(OPERATOR, "/ledger/new").await;
    let id = form.field("id").unwrap();
    let fields = [
        ("id", id.as_str()),
        ("name", "UKETSUKE"),
        ("serial", "sn-001"),
        ("owner", "山田"),
    ];
    house.post(OPERATOR, "/ledger/new", &fields).await;
    let page = house.get(VIEWER, "/ledger/merge").await;
    assert!(page.text().contains("UKETSUKE"), "{}", page.text());
    assert!(!page.text().contains("kept_seen"), "a viewer joins nothing");
    let kept = id_of(&house, "uketsuke-pc").await;
    let join = async |seen: &str| {
        let fields = [
            ("kept", kept.as_str()),
            ("kept_seen", "1"),
            ("other", &id),
            ("other_seen", seen),
        ];
        house.post(OPERATOR, "/ledger/merge", &fields).await.brief()
    };
    assert_eq!(join("7").await, "422", "it is not as the person saw it");
    let before = evidence_of(&house, "uketsuke-pc").await;
    for _ in 0..2 {
        assert_eq!(
            join("1").await,
            format!("303 /ledger/{kept}?done=ledger_joined")
        );
    }
    let ledger = house.workspace().await.ledger().await.unwrap();
    assert_eq!(ledger.len(), 3);
    let (asset, evidence) = ledger.iter().find(|(asset, _)| asset.id == kept).unwrap();
    assert_eq!(asset.record.owner.as_deref(), Some("山田"));
    assert_eq!(asset.record.location.as_deref(), Some("受付"));
    assert_eq!(*evidence, before, "checks see no difference");
}

#[tokio::test]
async fn the_ledger_is_given_out_as_files() {
    let house = imported().await;
    let check = async |path: &str, kind: &str, start: &[u8]| {
        let file = house.get(VIEWER, path).await;
        assert_eq!(file.status, 200, "{path}");
        assert_eq!(file.headers["content-type"], kind, "{path}");
        let disposition = file.headers["content-disposition"].to_str().unwrap();
        assert!(
            disposition.starts_with("attachment; "),
            "{path}: {disposition}"
        );
        assert!(file.body.starts_with(start), "{path}");
    };
    check("/ledger/export.csv", "text/csv", b"\xef\xbb\xbf").await;
    check("/ledger/export.csv?encoding=cp932", "text/csv", b"\x8e\xed").await;
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    check("/ledger/export.xlsx", xlsx, b"PK").await;
    check("/ledger/export.pdf", "application/pdf", b"%PDF").await;
    check("/ledger/labels.pdf?kind=server", "application/pdf", b"%PDF").await;
    let id = id_of(&house, "old-nas").await;
    let label = format!("/ledger/labels.pdf?ids={id}");
    check(&label, "application/pdf", b"%PDF").await;
    assert_eq!(house.get(Who::Foreigner, &label).await.status, 404);
}

#[tokio::test]
async fn devices_of_others_are_as_unknown_as_those_that_are_not_there() {
    let house = imported().await;
    let id = id_of(&house, "old-nas").await;
    let unknown = "00000000-0000-7000-8000-000000000000";
    for door in ["", "/edit", "/row", "/quick"] {
        let foreign = house
            .get(Who::Foreigner, &format!("/ledger/{id}{door}"))
            .await;
        let missing = house
            .get(OPERATOR, &format!("/ledger/{unknown}{door}"))
            .await;
        assert_eq!(
            (foreign.status.as_u16(), missing.status.as_u16()),
            (404, 404),
            "{door}"
        );
    }
    for door in ["edit", "quick", "retire", "restore"] {
        let fields = [("seen", "1"), ("name", "taken"), ("reason", "x")];
        let foreign = house
            .post(Who::Foreigner, &format!("/ledger/{id}/{door}"), &fields)
            .await;
        let missing = house
            .post(OPERATOR, &format!("/ledger/{unknown}/{door}"), &fields)
            .await;
        assert_eq!(
            (foreign.status.as_u16(), missing.status.as_u16()),
            (404, 404),
            "{door}"
        );
        let viewer = house
            .post(VIEWER, &format!("/ledger/{id}/{door}"), &fields)
            .await;
        assert_eq!(viewer.status, 403, "{door}");
    }
    let fields = [
        ("kept", id.as_str()),
        ("kept_seen", "1"),
        ("other", unknown),
        ("other_seen", "1"),
    ];
    assert_eq!(
        house.post(OPERATOR, "/ledger/merge", &fields).await.status,
        404
    );
    assert_eq!(names(&house.get(Who::Foreigner, "/ledger").await), "");
}

#[tokio::test]
async fn the_ledger_works_on_postgres() {
    let house = House::on_postgres("ledger").await;
    assert_eq!(
        import(&house, FILE).await.brief(),
        "303 /ledger?done=ledger_imported"
    );
    let id = id_of(&house, "old-nas").await;
    let fields = [("seen", "1"), ("location", "受付")];
    let done = house
        .post(OPERATOR, &format!("/ledger/{id}/edit"), &fields)
        .await;
    assert_eq!(done.status, 303);
    let late = [("seen", "1"), ("location", "倉庫2")];
    assert_eq!(
        house
            .post(OPERATOR, &format!("/ledger/{id}/edit"), &late)
            .await
            .status,
        409
    );
    assert_eq!(
        house.get(VIEWER, &format!("/ledger/{id}")).await.status,
        200
    );
}
