//! What a vendor publishes once for all its customers is taken in signed, decided item by item, and says
//! nothing about other customers.

use sonae_domain::ids::ItemId;
use sonae_domain::publication::KeptPublication;
use sonae_domain::register::Record;
use sonae_domain::signed::{Purpose, Signer};

use super::vendors::{Asked, VENDOR};
use super::{Answered, House, OPERATOR, VIEWER, Who};

/// 2026-11-21 03:00 is now.
const PUBLISHED: &str = "2026-11-20T00:00:00Z";

fn signer(seed: u8) -> Signer {
    Signer::new("青葉システム", &[seed; 32]).unwrap()
}

/// A publication as a file, with something else in the place of what stands there.
fn published(change: (&str, &str)) -> String {
    let line = |item: &str, value: &str, note: &str| {
        format!(
            "\"fy2025/vendor/{item}\":{{\"value\":\"{value}\",\"confirmed_on\":\"2026-11-10\",\
             \"target_on\":null,\"note\":\"{note}\"}}"
        )
    };
    let all = [
        line("officer-appointed", "yes", "専任"),
        line("access-rights", "yes", "標準機能"),
        line("access-logs", "yes", "180日"),
    ];
    let own = line("access-logs", "no", "旧型のため");
    let others = line("access-logs", "no", "ほかの病院の事情");
    format!(
        "{{\"format\":\"sonae-vendor-publication\",\"version\":1,\"product\":\"青葉カルテ\",\
         \"product_version\":\"5.1\",\"edition\":\"fy2025\",\"form\":\"vendor\",\
         \"answered_by\":\"青葉 太郎\",\"published_at\":\"{PUBLISHED}\",\"ends_on\":\"2027-03-31\",\
         \"lines\":{{{}}},\"customers\":[\
         {{\"customer\":\"若葉病院\",\"institution\":\"theirs\",\"lines\":{{{others}}}}},\
         {{\"customer\":\"何か\",\"institution\":\"ours\",\"lines\":{{{own}}}}}]}}",
        all.join(",")
    )
    .replace(change.0, change.1)
}

fn file(seed: u8, change: (&str, &str)) -> Vec<u8> {
    let body = published(change);
    let file = signer(seed).sign(Purpose::VendorPublication, &body);
    file.unwrap().into_bytes()
}

/// The same product, published a moment before now.
fn newer(change: (&str, &str)) -> Vec<u8> {
    let body = published(change)
        .replace(PUBLISHED, "2026-11-21T00:00:00Z")
        .replace("5.1", "5.2");
    let file = signer(1).sign(Purpose::VendorPublication, &body);
    file.unwrap().into_bytes()
}

async fn take(asked: &Asked, who: Who, file: &[u8]) -> Answered {
    let path = format!("{}/publications", asked.vendor);
    let file = [("file", "product.sonae", file)];
    asked.house.upload(who, &path, &[], &file).await
}

async fn confirm(asked: &Asked, seed: u8) -> Answered {
    let path = format!("{}/key", asked.vendor);
    let fingerprint = signer(seed).public().fingerprint();
    let fields = [("fingerprint", fingerprint.as_str())];
    asked.house.post(OPERATOR, &path, &fields).await
}

/// The page of a publication that was just taken in.
async fn page_of(asked: &Asked, taken: &Answered) -> (String, String) {
    assert_eq!(taken.status, 303, "{}", taken.text());
    let path = taken.to().split('?').next().unwrap().to_owned();
    let page = asked.house.get(VIEWER, &path).await.text();
    (path, page)
}

fn assert_said(said: &Answered, why: &str) {
    assert_eq!(said.status, 422, "{why}");
    assert!(said.text().contains(why), "{why}: {}", said.text());
}

async fn kept(asked: &Asked) -> KeptPublication {
    let workspace = asked.house.workspace().await;
    let kept = workspace.kept::<KeptPublication>().await.unwrap();
    kept.into_iter().next().unwrap().body
}

#[tokio::test]
async fn a_publication_is_decided_item_by_item_on_sqlite() {
    a_publication_is_decided_item_by_item(House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_publication_is_decided_item_by_item_on_postgres() {
    a_publication_is_decided_item_by_item(House::on_postgres("publications").await).await;
}

async fn a_publication_is_decided_item_by_item(house: House) {
    let asked = Asked::in_house(house).await;
    let taken = take(&asked, OPERATOR, &file(1, ("", ""))).await;
    let (path, page) = page_of(&asked, &taken).await;
    for shown in [
        "青葉カルテ 5.1",
        "標準機能",
        "旧型のため",
        "この施設向け",
        "読み合わせて",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let accept = [("choice-1-1", "accepted"), ("version", "1")];
    let decide = async |fields: &[(&str, &str)]| asked.house.post(OPERATOR, &path, fields).await;
    assert_said(&decide(&accept).await, "まだ確かめていません");
    assert_eq!(confirm(&asked, 1).await.status, 303);
    assert_said(&decide(&[("version", "1")]).await, "選んでください");
    let narrow = [("choice-2-4", "narrowed"), ("version", "1")];
    assert_said(&decide(&narrow).await, "条件を");
    let secret = [
        ("choice-2-4", "refused"),
        ("reason-2-4", "password: abc"),
        ("version", "1"),
    ];
    assert_said(&decide(&secret).await, "パスワード");
    let all = [
        ("choice-1-1", "accepted"),
        ("choice-2-4", "narrowed"),
        ("reason-2-4", "外来のみ"),
        ("choice-2-11", "refused"),
        ("reason-2-11", "実機と違う"),
        ("version", "1"),
    ];
    let done = format!("303 {path}?done=publication_decided");
    assert_eq!(decide(&all).await.brief(), done);
    assert_eq!(decide(&all).await.brief(), done);
    let late = [
        ("choice-1-1", "refused"),
        ("reason-1-1", "遅れて"),
        ("version", "1"),
    ];
    assert_said(&decide(&late).await, "先に変更した");
    let page = asked.house.get(VIEWER, &path).await.text();
    for shown in [
        "条件つきで採用 外来のみ",
        "採用しない 実機と違う",
        "name of system_operator",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let checklist = asked.house.get(VIEWER, "/checklist?form=vendor").await;
    let checklist = checklist.text();
    for shown in ["青葉システム 青葉カルテ", "標準機能\n外来のみ", &path] {
        assert!(checklist.contains(shown), "{shown}: {checklist}");
    }
    assert!(!checklist.contains("旧型のため"), "it was refused");
    let journal = asked.house.get(VIEWER, "/history").await.text();
    assert!(journal.contains("製品の回答を保存しました"));
    let version = [("version", "1")];
    let removed = format!("{}/remove", asked.vendor);
    assert_eq!(
        asked.house.post(OPERATOR, &removed, &version).await.status,
        422
    );
    what_changed_is_open_again(&asked).await;
}

async fn what_changed_is_open_again(asked: &Asked) {
    let taken = take(asked, OPERATOR, &newer(("標準機能", "追加機能"))).await;
    let (_, page) = page_of(asked, &taken).await;
    for shown in ["青葉カルテ 5.2", "前の版（5.1）", "前の版：はい 標準機能"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let kept = kept(asked).await;
    let open: Vec<_> = kept.open().map(ItemId::as_str).collect();
    assert_eq!(open, ["fy2025/vendor/access-rights"]);
    assert_said(
        &take(asked, OPERATOR, &file(1, ("", ""))).await,
        "新しい回答が",
    );
    let again = newer(("標準機能", "追加機能"));
    assert_said(&take(asked, OPERATOR, &again).await, "すでに取り込まれて");
}

#[tokio::test]
async fn what_is_said_for_another_customer_is_neither_shown_nor_kept() {
    let asked = Asked::new().await;
    let taken = take(&asked, OPERATOR, &file(1, ("", ""))).await;
    let (_, page) = page_of(&asked, &taken).await;
    let workspace = asked.house.workspace().await;
    let id = &workspace.institution.id;
    let records = workspace.store.records(id, KeptPublication::KIND).await;
    let journal = workspace.store.journal(id, None, 99).await;
    let everything = format!("{page} {:?} {:?}", records.unwrap(), journal.unwrap());
    assert!(everything.contains("旧型のため"));
    for hidden in ["ほかの病院の事情", "若葉病院"] {
        assert!(!everything.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn a_publication_that_does_not_fit_is_refused() {
    let asked = Asked::new().await;
    let check = async |file: &[u8], why: &str| {
        assert_said(&take(&asked, OPERATOR, file).await, why);
        let list = format!("{}/publications", asked.vendor);
        let page = asked.house.get(VIEWER, &list).await.text();
        assert!(
            page.contains("まだありません") && !page.contains("指紋"),
            "{why}"
        );
    };
    let good = file(1, ("", ""));
    check(b"", "ファイルを選んで").await;
    check(&good[..good.len() - 9], "読めません").await;
    check(published(("", "")).as_bytes(), "署名のない").await;
    let text = String::from_utf8(good.clone()).unwrap();
    check(text.replace("専任", "兼任").as_bytes(), "署名のあとで").await;
    let answer = signer(1).sign(Purpose::VendorAnswer, &published(("", "")));
    check(answer.unwrap().as_bytes(), "読めません").await;
    check(&file(1, ("\"version\":1", "\"version\":2")), "読めません").await;
    check(&file(1, ("青葉カルテ", " ")), "読めません").await;
    check(&file(1, ("2027-03-31", "2026-11-20")), "有効期限が過ぎ").await;
    check(&file(1, (PUBLISHED, "2026-11-22T00:00:00Z")), "今より後").await;
    check(
        &file(1, ("\"edition\":\"fy2025\"", "\"edition\":\"fy2024\"")),
        "別の年度版",
    )
    .await;
    check(
        &file(1, ("vendor/access-rights", "vendor/nowhere")),
        "nowhere",
    )
    .await;
    check(&file(1, ("2026-11-10", "2026-12-10")), "より後です").await;
    check(&file(1, ("標準機能", "password: abc")), "パスワード").await;
    check(&vec![b'x'; 4 * 1024 * 1024 + 1], "大きすぎます").await;
    assert_eq!(take(&asked, OPERATOR, &good).await.status, 303);
    assert_said(&take(&asked, OPERATOR, &good).await, "すでに取り込まれて");
    let other = file(2, (PUBLISHED, "2026-11-21T00:00:00Z"));
    assert_said(&take(&asked, OPERATOR, &other).await, "これまでと違う鍵");
    let list = format!("{}/publications", asked.vendor);
    let page = asked.house.get(VIEWER, &list).await.text();
    assert!(page.contains("なりすましの疑い"));
    for noted in [
        "署名のないファイル",
        "発行日時が先のファイル",
        "直すところのあるファイル",
    ] {
        assert!(page.contains(noted), "{noted}");
    }
    let journal = asked.house.get(VIEWER, "/history").await.text();
    assert!(journal.contains("受け付けなかった製品の回答"));
    assert!(page.contains(&signer(2).public().fingerprint()));
}

#[tokio::test]
async fn nobody_else_reaches_a_publication() {
    let asked = Asked::new().await;
    let house = &asked.house;
    let taken = take(&asked, OPERATOR, &file(1, ("", ""))).await;
    let (path, _) = page_of(&asked, &taken).await;
    let list = format!("{}/publications", asked.vendor);
    for path in [&path, &list] {
        assert_eq!(house.get(VIEWER, path).await.status, 200, "{path}");
        assert_eq!(house.get(Who::Foreigner, path).await.status, 404, "{path}");
    }
    for unknown in [
        "/settings/publications/x",
        "/settings/vendors/x/publications",
    ] {
        assert_eq!(house.get(OPERATOR, unknown).await.status, 404, "{unknown}");
    }
    let good = file(1, ("", ""));
    assert_eq!(take(&asked, Who::Foreigner, &good).await.status, 404);
    assert_eq!(take(&asked, VIEWER, &good).await.status, 403);
    let fields = [("choice-1-1", "accepted"), ("version", "1")];
    for (who, status) in [(Who::Foreigner, 404), (VIEWER, 403)] {
        assert_eq!(house.post(who, &path, &fields).await.status, status);
    }
    let key = format!("{}/key", asked.vendor);
    let fields = [("fingerprint", "x")];
    assert_eq!(house.post(Who::Foreigner, &key, &fields).await.status, 404);
    assert!(
        house
            .get(OPERATOR, &asked.vendor)
            .await
            .text()
            .contains(&list)
    );
    assert!(house.get(VIEWER, &list).await.text().contains(VENDOR));
}
