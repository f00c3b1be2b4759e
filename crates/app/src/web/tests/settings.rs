//! The first visit, the settings of an institution, and tokens for programs.

use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use sonae_domain::answer::{InstitutionKind, VendorContract};
use sonae_domain::register::{Profile, System, Vendor};

use super::browser::{Browser, FIRST_VISIT, PASSWORD};
use super::{ADMINISTRATOR, House, VIEWER, Who};
use crate::usecase::registers::Kept;

const OFFICER: Who = Who::Has(sonae_domain::people::Role::SafetyOfficer);

/// The first visit with one field typed otherwise.
fn first_visit<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = FIRST_VISIT.into();
    for field in fields.iter_mut().filter(|field| field.0 == name) {
        field.1 = value;
    }
    fields
}

#[tokio::test]
async fn the_first_visit_names_everything_once() {
    let house = House::empty(None).await;
    let mut hanako = Browser::new(&house);
    let page = hanako.get("/").await;
    assert_eq!(page.brief(), "303 /setup");
    assert_eq!(hanako.post("/setup", &FIRST_VISIT).await.brief(), "303 /");
    let installation = &house.app.installation;
    let institutions = installation.store.institutions().await.unwrap();
    let [institution] = &institutions[..] else {
        panic!("{institutions:?}");
    };
    assert_eq!(institution.name, "Sonae clinic");
    assert_eq!(institution.kind, InstitutionKind::Clinic);
    assert_eq!(institution.vendor_contract, VendorContract::Exists);
    let workspace = installation.workspace(institution.clone());
    let profile = workspace.kept::<Profile>().await.unwrap().remove(0).body;
    assert_eq!(profile.n_beds, Some(19));
    assert_eq!(profile.prefecture.as_deref(), Some("tokyo"));
    assert_eq!(profile.officers.len(), 1);
    let names = |systems: Vec<Kept<System>>| -> Vec<Option<String>> {
        systems.into_iter().map(|kept| kept.body.preset).collect()
    };
    let systems = names(workspace.kept::<System>().await.unwrap());
    let presets: Vec<&str> = systems.iter().flatten().map(String::as_str).collect();
    assert_eq!(systems.len(), 4);
    assert_eq!(presets, ["receipt_computer", "medical_record"]);
    let vendors = workspace.kept::<Vendor>().await.unwrap();
    assert_eq!(vendors[0].body.phone.as_deref(), Some("03-0000-0000"));

    let twice = Browser::new(&house).post("/setup", &FIRST_VISIT).await;
    assert_eq!(twice.status, 422, "nobody becomes the first a second time");
    assert_eq!(Browser::new(&house).get("/setup").await.brief(), "303 /");
}

#[tokio::test]
async fn a_refused_first_visit_keeps_what_was_typed() {
    let house = House::empty(None).await;
    let check = async |name: &str, value: &str| {
        let fields = first_visit(name, value);
        let page = Browser::new(&house).post("/setup", &fields).await;
        assert_eq!(page.status, 422, "{name}");
        let text = page.text();
        assert!(text.contains("value=\"Toto Systems\""), "{name}");
        assert!(text.contains("value=\"medical_record\" checked"), "{name}");
        assert!(!text.contains(PASSWORD), "{name}");
    };
    check("kind", "castle").await;
    check("name", " ").await;
    check("prefecture", "atlantis").await;
    check("beds", "many").await;
    check("beds", "5001").await;
    check("person", "").await;
    check("login", "ha na").await;
    check("password", "password12345").await;
    check("password", "Sonae clinic!").await;
    assert!(house.app.installation.is_new().await.unwrap());
}

#[tokio::test]
async fn of_two_first_visits_one_counts() {
    let house = House::empty(None).await;
    let (mut a, mut b) = (Browser::new(&house), Browser::new(&house));
    let other = first_visit("login", "taro");
    let (a, b) = tokio::join!(a.post("/setup", &FIRST_VISIT), b.post("/setup", &other));
    let mut said = [a.status.as_u16(), b.status.as_u16()];
    said.sort_unstable();
    assert_eq!(said, [303, 422]);
}

#[tokio::test]
async fn the_institution_is_changed_by_whoever_saw_it() {
    let house = House::on_sqlite().await;
    let path = "/settings/institution";
    let seen = house.get(OFFICER, path).await.field("seen").unwrap();
    let fields = |name: &'static str| {
        vec![
            ("seen", seen.clone()),
            ("name", name.to_owned()),
            ("kind", "clinic".to_owned()),
            ("contract", "none".to_owned()),
            ("beds", "１２".to_owned()),
        ]
    };
    let send = async |fields: Vec<(&str, String)>| {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        house.post(OFFICER, path, &fields).await
    };
    let done = send(fields("First")).await;
    assert_eq!(done.brief(), "303 /settings/institution?done=saved");
    let late = send(fields("Second")).await;
    assert_eq!(late.status, 422);
    assert!(late.text().contains("First"), "theirs");
    assert_eq!(late.field("name").as_deref(), Some("Second"), "yours");
    let mut on_top = fields("Second");
    on_top[0].1 = late.field("seen").unwrap();
    assert_eq!(send(on_top).await.status, 303);
    assert_eq!(house.workspace().await.institution.name, "Second");
}

#[tokio::test]
async fn a_vendor_is_added_changed_and_taken_away() {
    let house = House::on_sqlite().await;
    let list = "/settings/vendors";
    let new = "/settings/vendors/new";
    let added = house.post(OFFICER, new, &[("name", "Toto")]).await;
    assert_eq!(added.brief(), "303 /settings/vendors?done=saved");
    let missing = house.post(OFFICER, new, &[("phone", "03")]).await;
    assert_eq!(missing.status, 422);
    assert_eq!(missing.field("phone").as_deref(), Some("03"));
    let vendors = house.workspace().await.kept::<Vendor>().await.unwrap();
    let one = format!("{list}/{}", vendors[0].id);
    let change = async |version: &str, name: &str| {
        let fields = [("version", version), ("name", name)];
        house.post(OFFICER, &one, &fields).await
    };
    assert_eq!(change("1", "Toto Systems").await.status, 303);
    let late = change("1", "Seito").await;
    assert_eq!(late.status, 422, "somebody else was faster");
    assert!(late.text().contains("Toto Systems"), "theirs");
    assert_eq!(late.field("name").as_deref(), Some("Seito"), "yours");
    assert_eq!(
        change(&late.field("version").unwrap(), "Seito")
            .await
            .status,
        303
    );
    assert_eq!(house.get(Who::Foreigner, &one).await.status, 404);
    let foreign = house.post(Who::Foreigner, &one, &[("version", "3"), ("name", "x")]);
    assert_eq!(foreign.await.status, 404);
    assert_eq!(house.post(VIEWER, &one, &[("name", "x")]).await.status, 403);

    let id = vendors[0].id.to_string();
    let system = [("name", "Records"), ("vendor", id.as_str())];
    let named = house.post(OFFICER, "/settings/systems/new", &system).await;
    assert_eq!(named.status, 303);
    let remove = format!("{one}/remove");
    let in_use = house.post(OFFICER, &remove, &[("version", "3")]).await;
    assert_eq!(in_use.status, 422, "a system names it");
    let systems = house.workspace().await.kept::<System>().await.unwrap();
    let gone = format!("/settings/systems/{}/remove", systems[0].id);
    let gone = house.post(OFFICER, &gone, &[("version", "1")]).await;
    assert_eq!(gone.brief(), "303 /settings/systems?done=removed");
    let removed = house.post(OFFICER, &remove, &[("version", "3")]).await;
    assert_eq!(removed.brief(), "303 /settings/vendors?done=removed");
    assert_eq!(house.get(OFFICER, &one).await.status, 404);
}

#[tokio::test]
async fn nothing_of_another_institution_is_named() {
    let house = House::on_sqlite().await;
    let theirs = house.post(
        Who::Foreigner,
        "/settings/vendors/new",
        &[("name", "Theirs")],
    );
    assert_eq!(theirs.await.status, 303);
    let store = &house.app.installation.store;
    let id = sonae_domain::ids::InstitutionId::new(super::THEIRS);
    let vendor = store.records(&id, "vendor").await.unwrap().remove(0);
    let fields = [("name", "Records"), ("vendor", vendor.id.as_str())];
    let system = house.post(OFFICER, "/settings/systems/new", &fields).await;
    assert_eq!(system.status, 422);
    let fields = [("title", "Care"), ("vendor", vendor.id.as_str())];
    let contract = house
        .post(OFFICER, "/settings/contracts/new", &fields)
        .await;
    assert_eq!(contract.status, 422);
}

#[tokio::test]
async fn a_figure_of_a_check_is_set_and_taken_back() {
    let house = House::on_sqlite().await;
    let key = "check.backup-generations.generations_min";
    let check = async |value: &str, expected: u16, own: Option<i64>| {
        let fields = [("key", key), ("value", value)];
        let answer = house.post(OFFICER, "/settings/thresholds", &fields).await;
        assert_eq!(answer.status, expected, "{value}");
        let all = house.workspace().await.thresholds().await.unwrap();
        let set = all.iter().find(|threshold| threshold.key == key).unwrap();
        assert_eq!(set.own, own, "{value}");
    };
    check("５", 303, Some(5)).await;
    check("0", 422, Some(5)).await;
    check("many", 422, Some(5)).await;
    check("", 303, None).await;
    check("3", 303, None).await;
    let fields = [("key", "check.unknown.days"), ("value", "5")];
    let unknown = house.post(OFFICER, "/settings/thresholds", &fields).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn every_figure_has_a_name_in_both_languages() {
    let house = House::on_sqlite().await;
    for threshold in house.workspace().await.thresholds().await.unwrap() {
        let key = format!("threshold.{}", threshold.name);
        let page = house.get(VIEWER, "/settings/thresholds").await;
        assert!(!page.text().contains('\u{fffd}'), "{key}");
    }
}

#[tokio::test]
async fn editions_are_imported_by_whoever_runs_the_installation() {
    let house = House::on_sqlite().await;
    let path = "/settings/editions";
    let nothing = house.upload(ADMINISTRATOR, path, &[], &[]).await;
    assert_eq!(nothing.status, 422);
    let file = [("file", "form.xlsx", &b"no workbook"[..])];
    let broken = house.upload(ADMINISTRATOR, path, &[], &file).await;
    assert_eq!(broken.status, 422);
    let unknown = [("edition", "fy2099")];
    let publish = "/settings/editions/publish";
    let nothing = house.post(ADMINISTRATOR, publish, &unknown).await;
    assert_eq!(nothing.status, 422);
}

#[tokio::test]
async fn a_token_reads_or_writes_until_it_ends() {
    let house = House::on_sqlite().await;
    let make = async |fields: &[(&str, &str)]| house.post(VIEWER, "/me/tokens", fields).await;
    let named = ("name", "import");
    assert_eq!(make(&[named]).await.status, 422, "without an end");
    let far = make(&[named, ("ends_on", "2028-01-01")]).await;
    assert_eq!(far.status, 422, "more than a year");
    let end = ("ends_on", "2026-11-22");
    let read = make(&[named, end]).await.element("token");
    let write = make(&[named, end, ("scope", "write")])
        .await
        .element("token");
    let entry = async |token: &str, writes: bool| {
        let installation = &house.app.installation;
        let entry = installation.entry_by_token(token, writes).await.unwrap();
        entry.is_some()
    };
    assert!(entry(&read, false).await);
    assert!(!entry(&read, true).await);
    assert!(entry(&write, true).await);
    assert!(!entry("sonae_unknown", false).await);
    house.pass(SignedDuration::from_hours(48));
    assert!(!entry(&read, false).await, "over");
}

#[tokio::test]
async fn a_token_is_no_key_for_pages_and_goes_back() {
    let house = House::on_sqlite().await;
    let fields = [("name", "import"), ("ends_on", "2026-12-31")];
    let token = house
        .post(VIEWER, "/me/tokens", &fields)
        .await
        .element("token");
    let request = Request::builder()
        .uri("/me")
        .header("host", "sonae.test")
        .header("authorization", format!("Bearer {token}"));
    let page = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.brief(), "303 /login?next=%2Fme");
    let mut as_cookie = Browser::with_session(&house, &token);
    assert_eq!(as_cookie.get("/me").await.status, 303);

    let workspace = house.workspace().await;
    let tokens = workspace.store.tokens(&workspace.institution.id).await;
    let mut tokens = tokens.unwrap().into_iter();
    let id = tokens.find(|token| token.name == "import").unwrap().id;
    let path = format!("/me/tokens/{id}/revoke");
    let others = house.post(ADMINISTRATOR, &path, &[]).await;
    assert_eq!(others.status, 404, "not theirs");
    assert_eq!(house.post(VIEWER, &path, &[]).await.status, 303);
    let installation = &house.app.installation;
    assert!(
        installation
            .entry_by_token(&token, false)
            .await
            .unwrap()
            .is_none()
    );
}
