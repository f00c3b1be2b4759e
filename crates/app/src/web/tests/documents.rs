//! Documents: kept with the items that they speak about, changed by one person at a time, and never
//! a proof by themselves.

use jiff::SignedDuration;
use jiff::civil::date;
use sonae_domain::standing::Standing;

use super::{ADMINISTRATOR, Answered, House, OPERATOR, VIEWER, Who};
use crate::usecase::checklist::WhichForm;
use crate::usecase::form::{FormOptions, judged_rows};

const PICTURE: (&str, &str, &[u8]) = ("file", "keiyaku.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF");

type Fields<'a> = Vec<(&'a str, &'a str)>;

async fn new_id(house: &House) -> String {
    let page = house.get(OPERATOR, "/evidence/documents/new").await;
    page.field("id").expect("an id")
}

fn fields<'a>(id: &'a str, title: &'a str) -> Fields<'a> {
    vec![
        ("id", id),
        ("title", title),
        ("effective_on", "R8.4.1"),
        ("valid_until", ""),
    ]
}

fn with<'a>(fields: &Fields<'a>, name: &'a str, value: &'a str) -> Fields<'a> {
    let mut fields = fields.clone();
    fields.retain(|(field, _)| *field != name);
    fields.push((name, value));
    fields
}

async fn save(
    house: &House,
    who: Who,
    fields: &Fields<'_>,
    files: &[(&str, &str, &[u8])],
) -> Answered {
    house
        .upload(who, "/evidence/documents/save", fields, files)
        .await
}

/// The address of a saved document.
async fn saved(house: &House) -> String {
    let id = new_id(house).await;
    let said = save(house, OPERATOR, &fields(&id, "contract"), &[PICTURE]).await;
    assert_eq!(said.status, 303, "{}", said.text());
    format!("/evidence/documents/{id}")
}

async fn an_item(house: &House) -> String {
    let workspace = house.workspace().await;
    let rows = workspace.items_for_documents().unwrap();
    rows[2].0.to_string()
}

#[tokio::test]
async fn a_document_is_kept_once_however_often_it_is_sent() {
    let house = House::on_sqlite().await;
    let (id, item) = (new_id(&house).await, an_item(&house).await);
    let fields = with(&fields(&id, "保守契約書"), "item", &item);
    let place = format!("303 /evidence/documents/{id}?done=document_saved");
    for time in ["first", "second"] {
        let said = save(&house, OPERATOR, &fields, &[PICTURE]).await;
        assert_eq!(said.brief(), place, "{time}: {}", said.text());
    }
    let documents = house.workspace().await.documents().await.unwrap();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].version, 1);
    let page = house
        .get(VIEWER, &format!("/evidence/documents/{id}"))
        .await
        .text();
    for shown in [
        "保守契約書",
        "keiyaku.jpg",
        "2-②",
        "令和8年4月1日",
        "name of system_operator",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(
        house
            .get(VIEWER, "/evidence")
            .await
            .text()
            .contains("保守契約書")
    );
}

#[tokio::test]
async fn what_is_refused_keeps_everything_typed_and_the_file() {
    let house = House::on_sqlite().await;
    let id = new_id(&house).await;
    let good = fields(&id, "contract");
    let check = async |name, value, why: &str| {
        let said = save(&house, OPERATOR, &with(&good, name, value), &[PICTURE]).await;
        assert_eq!(said.status, 422, "{name} {value}");
        assert!(said.text().contains(why), "{name} {value}: {}", said.text());
        assert!(said.text().contains("keiyaku.jpg"), "{name} {value}");
        said
    };
    check("title", " ", "書類の名前").await;
    check("title", "password: abc", "パスワード").await;
    check("effective_on", "2026-11-22", "より後です").await;
    check("effective_on", "x", "日付として読めません").await;
    let refused = check("valid_until", "R8.3.31", "より前です").await;
    assert_eq!(refused.field("title").as_deref(), Some("contract"));
    assert_eq!(refused.field("valid_until").as_deref(), Some("R8.3.31"));
    let token = refused.field("upload").expect("the file waits");
    let said = save(&house, OPERATOR, &with(&good, "upload", &token), &[]).await;
    assert_eq!(said.status, 303, "{}", said.text());
    let other = new_id(&house).await;
    let none = save(&house, OPERATOR, &fields(&other, "another"), &[]).await;
    assert_eq!(none.status, 422);
    assert!(none.text().contains("ファイルを選んでください"));
}

#[tokio::test]
async fn what_must_not_be_stored_is_no_document_either() {
    let house = House::on_sqlite().await;
    let id = new_id(&house).await;
    let check = async |name: &str, bytes: &[u8], why: &str| {
        let files = [("file", name, bytes)];
        let said = save(&house, OPERATOR, &fields(&id, "list"), &files).await;
        assert_eq!(said.status, 422, "{name}");
        assert!(said.text().contains(why), "{name}: {}", said.text());
        assert!(
            house
                .workspace()
                .await
                .documents()
                .await
                .unwrap()
                .is_empty()
        );
    };
    check("empty.pdf", b"", "ファイルが空です").await;
    let secret = b"dn: cn=a\nobjectClass: user\nunicodePwd:: AAAA\n";
    check("a.ldif", secret, "unicodePwd").await;
    let patients = "氏名,患者番号,傷病名\n山田,1,風邪\n".as_bytes();
    check("p.csv", patients, "患者番号").await;
    let said = save(&house, OPERATOR, &fields(&id, "list"), &[PICTURE]).await;
    assert_eq!(said.status, 303, "a photo is kept: {}", said.text());
}

#[tokio::test]
async fn of_two_people_the_second_sees_both_and_chooses() {
    let house = House::on_sqlite().await;
    let place = saved(&house).await;
    let id = place.rsplit('/').next().unwrap();
    let change = |title| with(&fields(id, title), "seen", "1");
    let first = save(&house, ADMINISTRATOR, &change("theirs"), &[]).await;
    assert_eq!(first.status, 303, "{}", first.text());
    let second = save(&house, OPERATOR, &change("mine"), &[]).await;
    assert_eq!(second.status, 409);
    assert!(second.text().contains("theirs") && second.text().contains("mine"));
    assert_eq!(second.field("seen").as_deref(), Some("2"));
    let on_top = save(&house, OPERATOR, &with(&change("mine"), "seen", "2"), &[]).await;
    assert_eq!(on_top.status, 303);
    assert!(house.get(VIEWER, &place).await.text().contains("mine"));
}

#[tokio::test]
async fn another_day_keeps_the_file_and_another_file_replaces_it() {
    let house = House::on_sqlite().await;
    let place = saved(&house).await;
    let id = place.rsplit('/').next().unwrap();
    let fields = with(&fields(id, "contract"), "seen", "1");
    let fields = with(&fields, "effective_on", "2026-05-01");
    save(&house, OPERATOR, &fields, &[]).await;
    let page = house.get(VIEWER, &place).await.text();
    assert!(
        page.contains("令和8年5月1日") && page.contains("keiyaku.jpg"),
        "{page}"
    );
    let fields = with(&fields, "seen", "2");
    save(
        &house,
        OPERATOR,
        &fields,
        &[("file", "new.pdf", b"%PDF-1.7")],
    )
    .await;
    assert!(house.get(VIEWER, &place).await.text().contains("new.pdf"));
}

#[tokio::test]
async fn a_document_that_is_withdrawn_or_foreign_is_not_there() {
    let house = House::on_sqlite().await;
    let place = saved(&house).await;
    let edit = format!("{place}/edit");
    for path in [&place, &edit] {
        assert_eq!(house.get(Who::Foreigner, path).await.status, 404, "{path}");
        assert_eq!(house.get(Who::Stranger, path).await.status, 303, "{path}");
    }
    assert_eq!(house.get(VIEWER, &edit).await.status, 403);
    let withdraw = format!("{place}/withdraw");
    let seen = [("seen", "1")];
    assert_eq!(
        house.post(Who::Foreigner, &withdraw, &seen).await.status,
        404
    );
    let stale = house.post(OPERATOR, &withdraw, &[("seen", "7")]).await;
    assert_eq!(stale.status, 409);
    let done = house.post(OPERATOR, &withdraw, &seen).await;
    assert_eq!(done.brief(), "303 /evidence?done=document_withdrawn");
    assert_eq!(house.post(OPERATOR, &withdraw, &seen).await.status, 404);
    assert_eq!(house.get(VIEWER, &place).await.status, 404);
}

#[tokio::test]
async fn a_past_day_names_documents_as_they_were() {
    let house = House::on_sqlite().await;
    let day = SignedDuration::from_hours(24);
    let titles_then = async || {
        let then = house.workspace().await.as_of(date(2026, 11, 20)).unwrap();
        let documents = then.documents().await.unwrap().into_iter();
        let titles: Vec<String> = documents.map(|view| view.document.title).collect();
        titles.join(" ")
    };
    house.pass(-day);
    let place = saved(&house).await;
    let id = place.rsplit_once('/').unwrap().1;
    house.pass(day);
    assert_eq!(titles_then().await, "contract");
    let renamed = with(&fields(id, "renamed"), "seen", "1");
    let said = save(&house, OPERATOR, &renamed, &[]).await;
    assert_eq!(said.status, 303, "{}", said.text());
    assert_eq!(titles_then().await, "contract", "renamed since");
    let withdraw = format!("{place}/withdraw");
    house.post(OPERATOR, &withdraw, &[("seen", "2")]).await;
    assert_eq!(house.get(VIEWER, &place).await.status, 404);
    assert_eq!(titles_then().await, "contract", "withdrawn since");
}

#[tokio::test]
async fn an_expired_document_says_so() {
    let house = House::on_sqlite().await;
    let id = new_id(&house).await;
    let check = async |until: &str, seen: &str, expired: bool| {
        let fields = with(&fields(&id, "contract"), "valid_until", until);
        let fields = with(&fields, "seen", seen);
        let said = save(&house, OPERATOR, &fields, &[PICTURE]).await;
        assert_eq!(said.status, 303, "{}", said.text());
        let page = house
            .get(VIEWER, &format!("/evidence/documents/{id}"))
            .await;
        assert_eq!(page.text().contains("期限切れ"), expired, "{until}");
    };
    check("2026-11-20", "", true).await;
    check("2026-11-21", "1", false).await;
}

#[tokio::test]
async fn a_document_proves_nothing_by_itself() {
    let house = House::on_sqlite().await;
    let (id, item) = (new_id(&house).await, an_item(&house).await);
    let standings = async || {
        let workspace = house.workspace().await;
        let checklist = workspace.judge(&WhichForm::default(), None).await.unwrap();
        let standings = checklist.standings.iter();
        standings
            .map(|item| item.standing)
            .collect::<Vec<Standing>>()
    };
    let before = standings().await;
    save(
        &house,
        OPERATOR,
        &with(&fields(&id, "a"), "item", &item),
        &[PICTURE],
    )
    .await;
    assert_eq!(standings().await, before);
    let other = new_id(&house).await;
    let unknown = with(&fields(&other, "a"), "item", "fy2025/facility/none");
    let said = save(&house, OPERATOR, &unknown, &[PICTURE]).await;
    assert_eq!(said.status, 404, "no such row");
}

#[tokio::test]
async fn a_document_is_named_on_the_checklist_and_where_a_form_names_no_evidence() {
    let house = House::on_sqlite().await;
    let (id, item) = (new_id(&house).await, an_item(&house).await);
    let shown = async || {
        let checklist = house.get(VIEWER, "/checklist").await.text();
        let workspace = house.workspace().await;
        let documents = workspace.documents().await.unwrap();
        let checklist_of = workspace.judge(&WhichForm::default(), None).await.unwrap();
        let options = FormOptions::default();
        let rows = judged_rows(&checklist_of, &documents, &options);
        let states = rows.iter().filter_map(|row| row.state.as_ref());
        let titles: Vec<String> = states
            .flat_map(|state| &state.documents)
            .map(|document| format!("{} {}", document.title, document.effective_on))
            .collect();
        (checklist.matches("書類あり").count(), titles)
    };
    assert_eq!(shown().await, (0, vec![]));
    let fields = with(&fields(&id, "保守契約書"), "item", &item);
    save(&house, OPERATOR, &fields, &[PICTURE]).await;
    assert_eq!(shown().await, (1, vec!["保守契約書 2026-04-01".to_owned()]));
    for path in ["/forms/form.xlsx", "/forms/form.pdf"] {
        assert_eq!(house.get(VIEWER, path).await.status, 200, "{path}");
    }
}
