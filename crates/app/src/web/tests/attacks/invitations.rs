//! The first visit, and the one-time link by which a person comes in.

use jiff::SignedDuration;
use sonae_store::AccountChange;

use super::{Sent, account, change, is_in, roles, session_of, sign_in};
use crate::web::tests::browser::{FIRST_VISIT, PASSWORD};
use crate::web::tests::people::{add, link, person};
use crate::web::tests::{ADMINISTRATOR, House, OPERATOR, VIEWER, Who};

attacks![
    a_link_twice,
    a_link_after_three_days,
    a_link_before_the_last_one,
    a_link_after_the_password_was_set,
    a_link_of_a_closed_account,
    a_link_with_a_chosen_role,
    a_link_for_another_account,
    a_link_that_is_none,
    a_link_by_a_forged_host,
    a_link_past_the_second_step,
    a_link_of_whoever_works_elsewhere,
    a_link_made_without_the_role,
    a_sheet_of_somebody_else,
    a_second_first_visit,
    a_first_visit_without_the_code,
];

const NEW: [(&str, &str); 1] = [("new_password", "yoru no ocha wa atsui 9")];

/// The link of a new colleague.
async fn invited(house: &House) -> String {
    link(&add(house, "ichiro", &["viewer"]).await)
}

/// What a link answers to a new password; it begins a session where it opens.
async fn opened(house: &House, link: &str) -> u16 {
    let said = Sent::form(link, &NEW).at(house).await;
    assert_eq!(session_of(&said).is_some(), said.status == 303, "{link}");
    said.status.as_u16()
}

async fn a_link_twice(house: House) {
    let link = invited(&house).await;
    assert_eq!(opened(&house, &link).await, 303);
    assert_eq!(opened(&house, &link).await, 422);
    assert_eq!(Sent::get(&link).at(&house).await.status, 422);
}

async fn a_link_after_three_days(house: House) {
    let link = invited(&house).await;
    house.pass(SignedDuration::from_hours(72));
    assert_eq!(opened(&house, &link).await, 422);
}

async fn a_link_before_the_last_one(house: House) {
    let made = add(&house, "ichiro", &["viewer"]).await;
    house.pass(SignedDuration::from_mins(1));
    let path = format!("{}/link", person(&made));
    let last = link(&house.post(ADMINISTRATOR, &path, &[]).await);
    assert_eq!(opened(&house, &link(&made)).await, 422);
    assert_eq!(opened(&house, &last).await, 303);
}

async fn a_link_after_the_password_was_set(house: House) {
    let path = "/settings/people/viewer/link";
    let unused = link(&house.post(ADMINISTRATOR, path, &[]).await);
    house.pass(SignedDuration::from_mins(1));
    let fields = [("password", PASSWORD), NEW[0]];
    let changed = house.post(VIEWER, "/me/password", &fields).await;
    assert_eq!(changed.status, 303);
    assert_eq!(opened(&house, &unused).await, 422);
}

async fn a_link_of_a_closed_account(house: House) {
    let link = invited(&house).await;
    change(&house, "ichiro", AccountChange::Closed(true)).await;
    assert_eq!(opened(&house, &link).await, 422);
}

async fn a_link_with_a_chosen_role(house: House) {
    let link = invited(&house).await;
    let fields = [
        NEW[0],
        ("role", "administrator"),
        ("roles", "administrator"),
        ("is_operator", "true"),
        ("login", "administrator"),
        ("institution", "theirs"),
        ("ends_on", "2099-12-31"),
    ];
    assert_eq!(Sent::form(&link, &fields).at(&house).await.status, 303);
    assert_eq!(roles(&house, "ichiro").await, "ours viewer");
    assert!(!account(&house, "ichiro").await.is_operator);
}

async fn a_link_for_another_account(house: House) {
    let link = invited(&house).await;
    for named in [
        "account=administrator",
        "login=administrator",
        "user=administrator",
    ] {
        let (path, field) = (format!("{link}?{named}"), named.split_once('=').unwrap());
        let refused = Sent::form(&path, &[("new_password", "short"), field]);
        let page = refused.at(&house).await;
        assert_eq!(page.status, 422);
        assert!(!page.text().contains("name of administrator"), "{named}");
    }
    let path = format!("{link}?account=administrator");
    let fields = [
        NEW[0],
        ("account", "administrator"),
        ("login", "administrator"),
    ];
    assert_eq!(Sent::form(&path, &fields).at(&house).await.status, 303);
    let former = sign_in("administrator", PASSWORD).at(&house).await;
    assert_eq!(former.status, 303, "theirs is as it was");
}

async fn a_link_that_is_none(house: House) {
    let link = invited(&house).await;
    for other in [
        "/welcome/x".to_owned(),
        "/welcome/%00".to_owned(),
        "/welcome/..%2fadministrator".to_owned(),
        link.to_uppercase().replace("WELCOME", "welcome"),
        link[..link.len() - 1].to_owned(),
        format!("{link}x"),
        format!("{link}%20"),
    ] {
        let said = Sent::form(&other, &NEW).at(&house).await;
        assert!(said.status.is_client_error(), "{other}: {}", said.status);
        assert_eq!(session_of(&said), None, "{other}");
    }
    assert_eq!(opened(&house, &link).await, 303);
}

/// A link leads where the administrator is, whatever else a request says.
async fn a_link_by_a_forged_host(house: House) {
    let form = Sent::form(&super::ours("/settings/people/viewer/link"), &[])
        .with("x-forwarded-host", "evil.test")
        .with("x-forwarded-proto", "https")
        .with("forwarded", "host=evil.test")
        .in_session("administrator");
    let page = form.at(&house).await;
    assert!(link(&page).starts_with("/welcome/"), "{}", page.text());
    assert!(!page.text().contains("evil.test"));
}

/// Whoever finds the link of somebody with a second factor has half of what it takes.
async fn a_link_past_the_second_step(house: House) {
    let path = "/settings/people/safety_officer/link";
    let link = link(&house.post(ADMINISTRATOR, path, &[]).await);
    let half = Sent::form(&link, &NEW).at(&house).await;
    assert_eq!(half.brief(), "303 /login/code?next=%2F");
    assert!(!is_in(&house, &session_of(&half).unwrap()).await);
}

/// The password of somebody who is more elsewhere is not for the administrator here to set.
async fn a_link_of_whoever_works_elsewhere(house: House) {
    house.add_neighbour().await;
    for act in ["link", "factors", "close", "sessions/end"] {
        let path = format!("/settings/people/foreigner/{act}");
        let said = house.post(Who::Neighbour, &path, &[]).await;
        assert_eq!(said.status, 422, "{act}: who runs all of it");
        let path = format!("/settings/people/viewer/{act}");
        let said = house.post(Who::Neighbour, &path, &[]).await;
        assert_eq!(said.status, 404, "{act}: of another institution");
    }
}

async fn a_link_made_without_the_role(house: House) {
    for who in [VIEWER, OPERATOR] {
        let path = "/settings/people/administrator/link";
        assert_eq!(house.post(who, path, &[]).await.status, 403, "{who:?}");
        let added = [("name", "x"), ("login", "x"), ("role", "administrator")];
        let said = house.post(who, "/settings/people/new", &added).await;
        assert_eq!(said.status, 403, "{who:?}");
    }
}

/// The sheet shows the link; it is drawn only for the person whose link it is.
async fn a_sheet_of_somebody_else(house: House) {
    let link = invited(&house).await;
    let token = [("token", link.trim_start_matches("/welcome/"))];
    let path = "/settings/people/viewer/sheet";
    assert_eq!(house.post(ADMINISTRATOR, path, &token).await.status, 404);
}

async fn a_second_first_visit(house: House) {
    let before = house.app.installation.store.accounts().await.unwrap();
    let said = Sent::form("/setup", &FIRST_VISIT).at(&house).await;
    assert_eq!(session_of(&said), None, "{}", said.brief());
    assert_eq!(Sent::get("/setup").at(&house).await.brief(), "303 /");
    let after = house.app.installation.store.accounts().await.unwrap();
    assert_eq!(before, after);
}

async fn a_first_visit_without_the_code(_: House) {
    let house = House::empty(None).await;
    let house = house.reached(|app| app.setup_code = Some("right".to_owned()));
    for path in ["/setup", "/setup?code=right"] {
        let said = Sent::form(path, &FIRST_VISIT).at(&house).await;
        assert_eq!((said.status.as_u16(), session_of(&said)), (422, None));
    }
    let mut fields = FIRST_VISIT.to_vec();
    fields.push(("code", "right"));
    assert_eq!(Sent::form("/setup", &fields).at(&house).await.status, 303);
}
