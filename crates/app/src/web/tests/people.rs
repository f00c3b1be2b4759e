//! People: added, invited, given roles, closed; and what an administrator of one institution must
//! not gain by it.

use jiff::SignedDuration;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::{Grant, Role};
use sonae_store::AccountChange;

use super::browser::{Browser, PASSWORD};
use super::{ADMINISTRATOR, Answered, House, OURS, THEIRS, VIEWER, Who};

/// The house with an administrator who does not run the installation.
async fn house() -> House {
    let house = House::on_sqlite().await;
    let store = &house.app.installation.store;
    let id = AccountId::new("administrator");
    let change = AccountChange::Operator(false);
    let changed = store.change_account(&id, &change, "test", house.now());
    changed.await.unwrap();
    house
}

pub(super) async fn add(house: &House, login: &str, roles: &[&str]) -> Answered {
    let mut fields = vec![("name", "Suzuki Ichiro"), ("login", login)];
    fields.extend(roles.iter().map(|role| ("role", *role)));
    let path = "/settings/people/new";
    house.post(ADMINISTRATOR, path, &fields).await
}

/// The path of the link on the page that shows it.
pub(super) fn link(page: &Answered) -> String {
    let url = page.element("link");
    url.strip_prefix("http://sonae.test").unwrap().to_owned()
}

/// The person's page, by the way back from the link.
pub(super) fn person(page: &Answered) -> String {
    let token = page.text();
    let at = token.find("/sheet?").unwrap();
    let path = token[..at].rsplit_once("action=\"").unwrap().1;
    path.to_owned()
}

/// Gives a person a role in an institution.
pub(super) async fn grant(house: &House, account: &str, institution: &str, role: Role) {
    let grant = Grant {
        id: GrantId::new(format!("{account}-{institution}")),
        account: AccountId::new(account),
        role,
        outsider: false,
        purpose: None,
        ends_on: None,
        granted_by: "test".to_owned(),
        granted_at: house.now(),
        revoked: None,
    };
    let store = &house.app.installation.store;
    let institution = InstitutionId::new(institution);
    let given = store.insert_grant(&institution, &grant).await;
    given.unwrap();
}

#[tokio::test]
async fn a_new_colleague_comes_in_by_a_link_that_works_once() {
    let house = house().await;
    let made = add(&house, "Ichiro", &["viewer"]).await;
    assert_eq!(made.status, 200);
    let link = link(&made);
    let mut ichiro = Browser::new(&house);
    assert_eq!(ichiro.get(&link).await.status, 200);
    let short = ichiro.post(&link, &[("new_password", "short")]).await;
    assert_eq!(short.status, 422);
    let done = ichiro.post(&link, &[("new_password", PASSWORD)]).await;
    assert_eq!(done.brief(), "303 /");
    assert_eq!(ichiro.get("/").await.status, 200);
    let again = ichiro.post(&link, &[("new_password", PASSWORD)]).await;
    assert_eq!(again.status, 422);
    let signed_in = Browser::new(&house).sign_in("ichiro", PASSWORD).await;
    assert_eq!(signed_in.brief(), "303 /");
}

#[tokio::test]
async fn a_link_ends_after_three_days_and_when_another_was_made() {
    let house = house().await;
    let made = add(&house, "ichiro", &["viewer"]).await;
    let (first, person) = (link(&made), person(&made));
    house.pass(SignedDuration::from_hours(1));
    let second = house
        .post(ADMINISTRATOR, &format!("{person}/link"), &[])
        .await;
    let second = link(&second);
    let mut ichiro = Browser::new(&house);
    let old = ichiro.get(&first).await;
    assert_eq!(old.status, 422, "somebody who found the first one");
    let new = ichiro.post(&second, &[("new_password", PASSWORD)]).await;
    assert_eq!(new.brief(), "303 /");
    let made = add(&house, "jiro", &["viewer"]).await;
    house.pass(SignedDuration::from_hours(73));
    let late = Browser::new(&house).get(&link(&made)).await;
    assert_eq!(late.status, 422);
    let unknown = Browser::new(&house).get("/welcome/unknown").await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn a_link_ends_when_the_password_was_set_without_it() {
    let house = house().await;
    let made = add(&house, "ichiro", &["viewer"]).await;
    let mut ichiro = Browser::new(&house);
    let path = link(&made);
    ichiro.post(&path, &[("new_password", PASSWORD)]).await;
    let path = format!("{}/link", person(&made));
    let unused = link(&house.post(ADMINISTRATOR, &path, &[]).await);
    house.pass(SignedDuration::from_mins(1));
    assert_eq!(Browser::new(&house).get(&unused).await.status, 200);
    let new = "yoru no ocha wa atsui 9";
    let fields = [("password", PASSWORD), ("new_password", new)];
    let changed = ichiro.post("/me/password", &fields).await;
    assert_eq!(changed.status, 303);
    assert_eq!(Browser::new(&house).get(&unused).await.status, 422);
}

#[tokio::test]
async fn addresses_of_this_machine_say_that_they_open_nowhere_else() {
    let house = house().await;
    let path = person(&add(&house, "ichiro", &["viewer"]).await);
    for (host, expected) in [("127.0.0.1:8640", true), ("sonae.test", false)] {
        for (method, path) in [
            ("POST", format!("{path}/link?institution={OURS}")),
            ("GET", "/deadlines".to_owned()),
        ] {
            let request = axum::http::Request::builder()
                .method(method)
                .uri(&path)
                .header("host", host)
                .header("origin", format!("http://{host}"))
                .header("cookie", "sonae_session=administrator");
            let page = house
                .send(request.body(axum::body::Body::empty()).unwrap())
                .await;
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            let is_told = page.text().contains("このパソコンでしか開けません");
            assert_eq!(is_told, expected, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn the_sheet_is_for_the_person_of_the_link() {
    let house = house().await;
    let made = add(&house, "ichiro", &["viewer"]).await;
    let link = link(&made);
    let token = link.strip_prefix("/welcome/").unwrap();
    let check = async |path: String, expected: u16| {
        let answer = house.post(ADMINISTRATOR, &path, &[("token", token)]).await;
        assert_eq!(answer.status, expected, "{path}");
        answer
    };
    let sheet = check(format!("{}/sheet", person(&made)), 200).await;
    assert!(sheet.body.starts_with(b"%PDF"));
    check("/settings/people/viewer/sheet".to_owned(), 404).await;
    check("/settings/people/foreigner/sheet".to_owned(), 404).await;
}

#[tokio::test]
async fn what_is_missing_is_said_and_what_was_typed_stays() {
    let house = house().await;
    let check = async |fields: &[(&str, &str)], said: &str| {
        let mut all = vec![("name", "Suzuki Ichiro")];
        if !fields.iter().any(|(name, _)| *name == "login") {
            all.push(("login", "ichiro"));
        }
        all.extend_from_slice(fields);
        let page = house
            .post(ADMINISTRATOR, "/settings/people/new", &all)
            .await;
        assert_eq!(page.status, 422, "{said}");
        assert_eq!(
            page.field("name").as_deref(),
            Some("Suzuki Ichiro"),
            "{said}"
        );
        assert!(page.text().contains(said), "{said}");
    };
    check(&[], "役割を1つ以上").await;
    check(&[("role", "viewer"), ("login", "viewer")], "すでに使われて").await;
    let outsider = [("role", "viewer"), ("outsider", "yes")];
    check(&outsider, "目的を入力").await;
    let purpose = [outsider[0], outsider[1], ("purpose", "repair")];
    check(&purpose, "最終日を入力").await;
    let past = [
        purpose[0],
        purpose[1],
        purpose[2],
        ("ends_on", "2026-11-20"),
    ];
    check(&past, "最終日が過ぎ").await;
    let admin = [("role", "administrator"), outsider[1], purpose[2]];
    check(&admin, "管理者にできません").await;
}

#[tokio::test]
async fn an_outsider_is_out_after_the_last_day() {
    let house = house().await;
    let fields = [
        ("name", "Vendor"),
        ("login", "vendor"),
        ("role", "viewer"),
        ("outsider", "yes"),
        ("purpose", "repair"),
        ("ends_on", "2026-11-22"),
    ];
    let made = house
        .post(ADMINISTRATOR, "/settings/people/new", &fields)
        .await;
    let mut vendor = Browser::new(&house);
    vendor
        .post(&link(&made), &[("new_password", PASSWORD)])
        .await;
    assert_eq!(vendor.get("/").await.status, 200);
    house.pass(SignedDuration::from_hours(40));
    vendor.sign_in("vendor", PASSWORD).await;
    assert_eq!(vendor.get("/").await.brief(), "303 /institutions");
}

#[tokio::test]
async fn roles_are_changed_by_whoever_saw_them() {
    let house = house().await;
    let page = house.get(ADMINISTRATOR, "/settings/people/viewer").await;
    let seen = page.field("seen").unwrap();
    let path = "/settings/people/viewer/roles";
    let fields = [("seen", seen.as_str()), ("role", "planning_manager")];
    let done = house.post(ADMINISTRATOR, path, &fields).await;
    assert_eq!(done.brief(), "303 /settings/people/viewer?done=roles_saved");
    let late = house.post(ADMINISTRATOR, path, &fields).await;
    assert_eq!(late.status, 422, "somebody else was faster");
    let member = house
        .workspace()
        .await
        .member(&AccountId::new("viewer"))
        .await;
    let member = member.unwrap();
    let roles: Vec<Role> = member.grants.iter().map(|grant| grant.role).collect();
    assert_eq!(roles, [Role::PlanningManager]);
    assert_eq!(member.former.len(), 1, "what was taken back is remembered");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let house = house().await;
    let path = "/settings/people/administrator";
    let seen = house.get(ADMINISTRATOR, path).await.field("seen").unwrap();
    let fields = [("seen", seen.as_str()), ("role", "viewer")];
    let roles = format!("{path}/roles");
    let refused = house.post(ADMINISTRATOR, &roles, &fields).await;
    assert_eq!(refused.status, 422);
    let refused = house
        .post(ADMINISTRATOR, &format!("{path}/close"), &[])
        .await;
    assert_eq!(refused.status, 422);
    add(&house, "ichiro", &["administrator"]).await;
    let refused = house.post(ADMINISTRATOR, &roles, &fields).await;
    assert_eq!(refused.status, 422, "the other one never came in");
}

#[tokio::test]
async fn a_closed_account_is_out_at_once() {
    let house = house().await;
    let viewer = Who::Has(Role::Viewer);
    assert_eq!(house.get(viewer, "/me").await.status, 200);
    let closed = house
        .post(ADMINISTRATOR, "/settings/people/viewer/close", &[])
        .await;
    assert_eq!(
        closed.brief(),
        "303 /settings/people/viewer?done=account_closed"
    );
    assert_eq!(house.get(viewer, "/me").await.status, 303);
    let opened = house
        .post(ADMINISTRATOR, "/settings/people/viewer/open", &[])
        .await;
    assert_eq!(
        opened.brief(),
        "303 /settings/people/viewer?done=account_opened"
    );
}

#[tokio::test]
async fn an_administrator_signs_a_person_out_everywhere() {
    let house = house().await;
    let viewer = Who::Has(Role::Viewer);
    for _ in 0..2 {
        let path = "/settings/people/viewer/sessions/end";
        let done = house.post(ADMINISTRATOR, path, &[]).await;
        let to = "303 /settings/people/viewer?done=person_signed_out";
        assert_eq!(done.brief(), to);
        assert_eq!(house.get(viewer, "/me").await.status, 303);
    }
    let path = "/settings/people/administrator/sessions/end";
    house.post(ADMINISTRATOR, path, &[]).await;
    assert_eq!(
        house.get(ADMINISTRATOR, "/me").await.status,
        200,
        "but for this one"
    );
}

#[tokio::test]
async fn an_administrator_cannot_become_somebody_of_another_institution() {
    let house = house().await;
    // Of theirs alone: as unknown as nobody.
    let look = async |id: &str| {
        let answer = house
            .get(ADMINISTRATOR, &format!("/settings/people/{id}"))
            .await;
        (answer.status, answer.text().replace(id, "ID"))
    };
    let nobody = look("unknown").await;
    assert_eq!(nobody.0, 404);
    assert_eq!(look("foreigner").await, nobody);
    for act in ["roles", "link", "factors", "sessions/end", "close", "open"] {
        let path = format!("/settings/people/foreigner/{act}");
        assert_eq!(
            house.post(ADMINISTRATOR, &path, &[]).await.status,
            404,
            "{act}"
        );
    }
    // Of both: their password and factors are not ours to take, their role here is.
    grant(&house, "viewer", THEIRS, Role::Administrator).await;
    for act in ["link", "factors", "sessions/end", "close"] {
        let path = format!("/settings/people/viewer/{act}");
        assert_eq!(
            house.post(ADMINISTRATOR, &path, &[]).await.status,
            422,
            "{act}"
        );
    }
    let page = house.get(ADMINISTRATOR, "/settings/people/viewer").await;
    let seen = page.field("seen").unwrap();
    let path = "/settings/people/viewer/roles";
    let done = house.post(ADMINISTRATOR, path, &[("seen", &seen)]).await;
    assert_eq!(done.status, 303);
}

#[tokio::test]
async fn an_administrator_cannot_become_whoever_runs_the_installation() {
    let house = house().await;
    grant(&house, "foreigner", OURS, Role::Viewer).await;
    let store = &house.app.installation.store;
    let id = AccountId::new("foreigner");
    assert!(store.account(&id).await.unwrap().unwrap().is_operator);
    let theirs = InstitutionId::new(THEIRS);
    let own = GrantId::new("foreigner");
    let revoked = store.revoke_grant(&theirs, &own, "test", house.now());
    assert!(revoked.await.unwrap());
    for act in ["link", "factors", "sessions/end", "close"] {
        let path = format!("/settings/people/foreigner/{act}");
        assert_eq!(
            house.post(ADMINISTRATOR, &path, &[]).await.status,
            422,
            "{act}"
        );
    }
}

/// The viewer's token and the address of their calendar.
async fn calendar_of_viewer(house: &House) -> String {
    let made = house.post(VIEWER, "/deadlines/calendar", &[]).await.text();
    let (_, path) = made.split_once("http://sonae.test/calendar/").unwrap();
    format!("/calendar/{}", path.split_once('<').unwrap().0)
}

/// What the viewer's token and the calendar's address are answered.
async fn opened(house: &House, calendar: &str) -> [u16; 2] {
    let token = house.get(VIEWER, "/api/v1/checklist").await.status;
    let calendar = house.get(Who::Stranger, calendar).await.status;
    [token.as_u16(), calendar.as_u16()]
}

#[tokio::test]
async fn tokens_end_with_whatever_else_opened_the_account() {
    for act in ["factors", "sessions/end", "link"] {
        let house = house().await;
        let calendar = calendar_of_viewer(&house).await;
        assert_eq!(opened(&house, &calendar).await, [200, 200]);
        let path = format!("/settings/people/viewer/{act}");
        let done = house.post(ADMINISTRATOR, &path, &[]).await;
        if act == "link" {
            assert_eq!(opened(&house, &calendar).await, [200, 200], "not used yet");
            let new = [("new_password", PASSWORD)];
            Browser::new(&house).post(&link(&done), &new).await;
        }
        assert_eq!(opened(&house, &calendar).await, [401, 404], "{act}");
        let page = house.get(ADMINISTRATOR, "/settings/people/viewer").await;
        assert!(!page.text().contains("/revoke\""), "{act}");
    }
}

#[tokio::test]
async fn an_administrator_sees_tokens_and_takes_them_back() {
    let house = house().await;
    let calendar = calendar_of_viewer(&house).await;
    let path = "/settings/people/viewer";
    let rows = async || {
        let page = house.get(ADMINISTRATOR, path).await.text();
        let before = format!("{path}/tokens/");
        let ids = page.split(&before).skip(1);
        ids.map(|rest| rest.split_once('/').unwrap().0.to_owned())
            .collect::<Vec<_>>()
    };
    let ids = rows().await;
    let [calendar_id, token_id] = ids.as_slice() else {
        panic!("{ids:?}");
    };
    assert_eq!(token_id, "viewer");
    let revoke = async |account: &str, id: &str| {
        let path = format!("/settings/people/{account}/tokens/{id}/revoke");
        house.post(ADMINISTRATOR, &path, &[]).await.brief()
    };
    assert_eq!(revoke("viewer", "unknown").await, "404");
    assert_eq!(revoke("viewer", "administrator").await, "404", "another's");
    assert_eq!(revoke("foreigner", "foreigner").await, "404");
    let done = format!("303 {path}?done=token_revoked");
    assert_eq!(revoke("viewer", token_id).await, done);
    assert_eq!(revoke("viewer", token_id).await, "404", "twice");
    assert_eq!(opened(&house, &calendar).await, [401, 200]);
    assert_eq!(revoke("viewer", calendar_id).await, done);
    assert_eq!(opened(&house, &calendar).await, [401, 404]);
    assert_eq!(rows().await, Vec::<String>::new());
}

/// Hashing a password takes so long that an administrator closes the account meanwhile.
#[tokio::test]
async fn a_password_that_was_being_set_does_not_open_a_closed_account() {
    let house = house().await;
    let made = add(&house, "ichiro", &["viewer"]).await;
    let (link, person) = (link(&made), person(&made));
    let mut ichiro = Browser::new(&house);
    let new = [("new_password", PASSWORD)];
    let close = format!("{person}/close");
    let (_, closed) = tokio::join!(
        ichiro.post(&link, &new),
        house.post(ADMINISTRATOR, &close, &[])
    );
    assert_eq!(closed.status, 303);
    assert_eq!(ichiro.get("/me").await.brief(), "303 /login?next=%2Fme");
    let signed_in = Browser::new(&house).sign_in("ichiro", PASSWORD).await;
    assert_eq!(signed_in.status, 401);
}

#[tokio::test]
async fn nobody_takes_the_name_of_a_colleague() {
    let house = house().await;
    let check = async |name: &str, status: u16| {
        let answer = house.post(VIEWER, "/me", &[("name", name)]).await;
        assert_eq!(answer.status, status, "{name}");
        answer
    };
    let taken = check("Ｎａｍｅ　of Safety_officer", 422).await;
    assert_eq!(
        taken.field("name").as_deref(),
        Some("Ｎａｍｅ　of Safety_officer")
    );
    check("", 422).await;
    check("name of viewer", 303).await;
    // Of another institution, where nobody mistakes the one for the other.
    check("name of foreigner", 303).await;
    // Whoever left stands in the history by that name.
    let (ours, left) = (InstitutionId::new(OURS), GrantId::new("safety_officer"));
    let store = &house.app.installation.store;
    let revoked = store.revoke_grant(&ours, &left, "test", house.now());
    assert!(revoked.await.unwrap());
    check("name of safety_officer", 422).await;
}

#[tokio::test]
async fn a_new_name_stands_in_the_history_with_the_login() {
    let house = house().await;
    let renamed = house.post(VIEWER, "/me", &[("name", "Hana")]).await;
    assert_eq!(renamed.status, 303);
    let text = house.get(VIEWER, "/history").await.text();
    for said in [
        "Hana (viewer)",
        "<del>name of viewer</del> <ins>Hana</ins>",
        "<span class=\"small soft\">name of viewer</span>",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let theirs = house.get(Who::Foreigner, "/history").await.text();
    assert!(!theirs.contains("Hana"));
}
