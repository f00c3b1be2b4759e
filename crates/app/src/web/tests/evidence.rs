//! Evidence and documents: nothing is kept before a person has seen it, nothing typed is lost, and
//! a file never opens in the name of this site.

use super::{ADMINISTRATOR, Answered, House, OPERATOR, VIEWER, Who};

const LEDGER: &[u8] =
    "機器名,種別,所在,使用可否の状態\nuketsuke-pc,端末PC,受付,使用可\n".as_bytes();

pub(super) const NMAP: &[u8] = include_bytes!("../../../../../fixtures/stories/clinic/nmap.xml");

const PICTURE: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01";

async fn send(house: &House, files: &[(&str, &str, &[u8])]) -> Answered {
    house.upload(OPERATOR, "/evidence/upload", &[], files).await
}

/// Sends one file and looks at its dry run.
async fn dry_run(house: &House, name: &str, bytes: &[u8]) -> Answered {
    let sent = send(house, &[("file", name, bytes)]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    house.get(OPERATOR, sent.to()).await
}

async fn record(house: &House, page: &Answered, effective_on: &str) -> Answered {
    let token = page.field("upload").expect("a token");
    let fields = [("upload", token.as_str()), ("effective_on", effective_on)];
    house.post(OPERATOR, "/evidence/review", &fields).await
}

async fn n_evidence(house: &House) -> usize {
    let workspace = house.workspace().await;
    workspace.evidence().await.expect("the store answers").len()
}

/// Records one file and returns its address.
pub(super) async fn recorded(
    house: &House,
    name: &str,
    bytes: &[u8],
    effective_on: &str,
) -> String {
    let page = dry_run(house, name, bytes).await;
    let done = record(house, &page, effective_on).await;
    let place = done.to().to_owned();
    let (place, notice) = place.split_once('?').expect("a notice");
    assert_eq!(notice, "done=evidence_recorded");
    place.to_owned()
}

#[tokio::test]
async fn nothing_is_recorded_before_a_person_has_seen_it() {
    let house = House::on_sqlite().await;
    let page = dry_run(&house, "nmap.xml", NMAP).await;
    assert_eq!(page.status, 200);
    for seen in ["nmap.xml", "見えた機器", "3件", "2-①", "内容の日付"] {
        assert!(page.text().contains(seen), "{seen}");
    }
    assert_eq!(
        page.field("effective_on").as_deref(),
        Some(""),
        "it has a day"
    );
    assert_eq!(n_evidence(&house).await, 0);
    let done = record(&house, &page, "").await;
    assert!(
        done.to().ends_with("?done=evidence_recorded"),
        "{}",
        done.brief()
    );
    assert_eq!(n_evidence(&house).await, 1);
    let again = record(&house, &page, "").await;
    assert_eq!(again.brief(), "303 /evidence?done=upload_settled");
    assert_eq!(n_evidence(&house).await, 1);
}

#[tokio::test]
async fn a_file_without_a_day_is_recorded_only_for_a_stated_one() {
    let house = House::on_sqlite().await;
    let page = dry_run(&house, "ledger.csv", LEDGER).await;
    let check = async |typed: &str, why: &str| {
        let said = record(&house, &page, typed).await;
        assert_eq!(said.status, 422, "{typed}");
        assert!(said.text().contains(why), "{typed}: {}", said.text());
        assert_eq!(said.field("effective_on").as_deref(), Some(typed));
        assert_eq!(n_evidence(&house).await, 0, "{typed}");
    };
    check("", "いつの情報か").await;
    check("someday", "日付として読めません").await;
    check("2026-11-22", "より後です").await;
    let done = record(&house, &page, "R8.11.1").await;
    assert_eq!(done.status, 303);
    let known = house.workspace().await.evidence().await.unwrap();
    assert_eq!(known[0].effective_on.to_string(), "2026-11-01");
}

#[tokio::test]
async fn what_cannot_be_read_says_why_and_may_be_kept_as_a_document() {
    let house = House::on_sqlite().await;
    let page = dry_run(&house, "photo.jpg", PICTURE).await;
    assert!(page.text().contains("読み取れる形式ではありません"));
    assert!(page.text().contains("/evidence/documents/new?upload="));
    assert!(
        !page.text().contains("name=\"upload\""),
        "nothing to record"
    );
    let empty = dry_run(&house, "a.csv", b"").await;
    assert!(empty.text().contains("ファイルが空です"));
    let secret = dry_run(
        &house,
        "a.ldif",
        b"dn: cn=a\nobjectClass: user\nunicodePwd:: AAAA\n",
    )
    .await;
    assert!(secret.text().contains("unicodePwd"), "{}", secret.text());
    assert!(secret.text().contains("保存しません"));
    let patients = dry_run(&house, "p.csv", "氏名,患者番号\n山田,1\n".as_bytes()).await;
    for page in [empty, secret, patients] {
        let text = page.text();
        assert!(!text.contains("/evidence/documents/new?upload="), "{text}");
    }
}

#[tokio::test]
async fn a_form_without_a_file_says_so() {
    let house = House::on_sqlite().await;
    let none = send(&house, &[]).await;
    assert_eq!(none.status, 422);
    assert!(none.text().contains("選ばれていません"));
    let file = ("file", "a.csv", LEDGER);
    let many = send(&house, &vec![file; 33]).await;
    assert_eq!(many.status, 422);
    assert!(many.text().contains("32個まで"));
}

#[tokio::test]
async fn a_file_that_is_too_large_leaves_the_others() {
    let house = House::on_sqlite().await;
    let large = vec![0; 64 * 1024 * 1024 + 1];
    let files = [
        ("file", "large.bin", &large[..]),
        ("file", "nmap.xml", NMAP),
    ];
    let page = send(&house, &files).await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("large.bin"), "{}", page.text());
    let done = record(&house, &page, "").await;
    assert!(
        done.to().ends_with("?done=evidence_recorded"),
        "{}",
        done.brief()
    );
    assert_eq!(n_evidence(&house).await, 1);
    let only = send(&house, &files[..1]).await;
    assert_eq!(only.status, 422);
    assert_eq!(only.field("upload"), None);
}

#[tokio::test]
async fn uploads_are_found_by_the_person_who_sent_them_only() {
    let house = House::on_sqlite().await;
    let sent = send(&house, &[("file", "nmap.xml", NMAP)]).await;
    let place = sent.to();
    let check = async |who: Who, status: u16| {
        assert_eq!(house.get(who, place).await.status, status, "{who:?}");
    };
    check(OPERATOR, 200).await;
    check(ADMINISTRATOR, 404).await;
    check(Who::Foreigner, 404).await;
    check(VIEWER, 403).await;
    check(Who::Stranger, 303).await;
    let token = place.split_once("upload=").unwrap().1;
    let fields = [("upload", token)];
    let dropped = house.post(OPERATOR, "/evidence/review/drop", &fields).await;
    assert_eq!(dropped.brief(), "303 /evidence?done=upload_dropped");
    check(OPERATOR, 404).await;
}

#[tokio::test]
async fn everything_known_about_a_piece_is_shown_to_its_institution() {
    let house = House::on_sqlite().await;
    let place = recorded(&house, "nmap.xml", NMAP, "").await;
    let page = house.get(VIEWER, &place).await;
    for shown in [
        "nmap.xml",
        "nmap:192.168.10.0/24",
        "SHA-256",
        "見えた機器",
        "name of system_operator",
    ] {
        let is_there = page.text().contains(shown);
        assert_eq!(is_there, shown != "name of system_operator", "{shown}");
    }
    let list = house.get(VIEWER, "/evidence").await.text();
    assert!(list.contains(&place) && list.contains("1日前"), "{list}");
    assert!(
        !house
            .get(VIEWER, "/evidence?q=absent")
            .await
            .text()
            .contains(&place)
    );
    assert!(
        house
            .get(VIEWER, "/evidence?q=NMAP")
            .await
            .text()
            .contains(&place)
    );
    for path in [place.clone(), format!("{place}/raw")] {
        let foreign = house.get(Who::Foreigner, &path).await;
        let unknown = house.get(Who::Foreigner, "/evidence/unknown").await;
        assert_eq!(
            (foreign.status, unknown.status),
            (404.try_into().unwrap(), 404.try_into().unwrap())
        );
        assert_eq!(house.get(Who::Stranger, &path).await.status, 303);
    }
}

#[tokio::test]
async fn the_file_comes_back_as_it_was_and_never_opens() {
    let house = House::on_sqlite().await;
    let place = recorded(&house, "台帳 \"1\".csv", LEDGER, "2026-11-20").await;
    let raw = house.get(VIEWER, &format!("{place}/raw")).await;
    assert_eq!(&raw.body[..], LEDGER);
    let header = |name: &str| raw.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-disposition").starts_with("attachment; "));
    assert!(header("content-security-policy").starts_with("sandbox"));
}

#[tokio::test]
async fn newer_evidence_of_the_same_source_replaces_and_older_becomes_history() {
    let house = House::on_sqlite().await;
    let newer = [LEDGER, "emr,サーバ,サーバ室,使用可\n".as_bytes()].concat();
    let first = recorded(&house, "ledger.csv", LEDGER, "2026-11-10").await;
    recorded(&house, "ledger.csv", &newer, "2026-11-20").await;
    let page = house.get(VIEWER, &first).await.text();
    assert!(page.contains("判定に使っていません"), "{page}");
    let check = async |bytes: &[u8], on: &str, done: &str| {
        let page = dry_run(&house, "ledger.csv", bytes).await;
        let said = record(&house, &page, on).await;
        assert!(said.to().ends_with(done), "{}", said.brief());
    };
    check(&newer, "2026-11-20", "?done=evidence_known").await;
    let other = [&newer[..], "nas,サーバ,倉庫,使用可\n".as_bytes()].concat();
    check(&other, "2026-11-01", "?done=evidence_older").await;
}

#[tokio::test]
async fn the_ways_to_evidence_are_told_with_their_commands() {
    let house = House::on_sqlite().await;
    let page = house.get(VIEWER, "/evidence/collect").await.text();
    for told in [
        "nmap -sn -oX",
        "restic snapshots --json",
        "Windows",
        "sonae collect",
    ] {
        assert!(page.contains(told), "{told}");
    }
}
