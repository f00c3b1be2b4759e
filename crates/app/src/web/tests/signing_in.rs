//! Both steps of signing in, and the attacks on them: guessing, replay, fixation, half sessions.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::Role;
use sonae_store::{AccountChange, Secret, Session};
use totp_rs::Builder;

use super::browser::{Browser, FIRST_VISIT, PASSWORD};
use super::{House, OURS, THEIRS, VIEWER, counted};
use crate::usecase::doors::SECOND_FACTOR_OPTIONAL;
use crate::usecase::secrets::token_hash;

const HANAKO: [(&str, &str); 2] = [("login", "hanako"), ("password", PASSWORD)];

/// The code that a program shows now.
fn code(house: &House, secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = u64::try_from(house.now().as_second()).unwrap();
    totp.generate(seconds).to_string()
}

/// A house set up by Hanako, who has an authenticator: her secret and recovery codes.
async fn with_authenticator(house: &House) -> (String, Vec<String>) {
    let mut hanako = Browser::new(house);
    let done = hanako.post("/setup", &FIRST_VISIT).await;
    assert_eq!(done.brief(), "303 /");
    let secret = hanako.get("/me/second-factor/totp").await.element("secret");
    let typed = code(house, &secret);
    let page = hanako
        .post("/me/second-factor/totp", &[("code", &typed)])
        .await;
    assert_eq!(page.status, 200);
    let text = page.text();
    let codes = text.split("<li><code>").skip(1);
    let codes: Vec<String> = codes
        .map(|rest| rest.split_once('<').unwrap().0.to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    house.pass(SignedDuration::from_mins(1));
    (secret, codes)
}

#[tokio::test]
async fn an_administrator_adds_a_second_factor_before_anything_else() {
    let house = House::empty(None).await;
    let mut hanako = Browser::new(&house);
    hanako.post("/setup", &FIRST_VISIT).await;
    let sent_to = hanako.get("/settings/people").await.brief();
    assert_eq!(sent_to, "303 /me/second-factor");
    let refused = hanako
        .post("/me/second-factor/totp", &[("code", "000000")])
        .await;
    assert_eq!(refused.status, 422);
    let secret = hanako.get("/me/second-factor/totp").await.element("secret");
    let typed = code(&house, &secret);
    let before = hanako.session.clone();
    hanako
        .post("/me/second-factor/totp", &[("code", &typed)])
        .await;
    assert_ne!(before, hanako.session, "the session was renewed");
    assert_eq!(hanako.get("/settings/people").await.status, 200);
    let mut stolen = Browser::with_session(&house, &before.unwrap());
    assert_eq!(
        stolen.get("/").await.brief(),
        "303 /login?next=%2F",
        "the one before opens nothing"
    );
}

#[tokio::test]
async fn the_institution_may_let_administrators_in_by_password() {
    let house = House::empty(None).await;
    let mut hanako = Browser::new(&house);
    hanako.post("/setup", &FIRST_VISIT).await;
    let store = &house.app.installation.store;
    let institution = store.institutions().await.unwrap().remove(0).id;
    let key = SECOND_FACTOR_OPTIONAL;
    let set = store.save_setting(&institution, key, Some("yes"), "test", house.now());
    set.await.unwrap();
    assert_eq!(hanako.get("/settings/people").await.status, 200);
}

#[tokio::test]
async fn a_password_alone_opens_nothing_where_there_is_a_second_factor() {
    let house = House::empty(None).await;
    let (secret, codes) = with_authenticator(&house).await;
    let mut hanako = Browser::new(&house);
    let half = hanako.post("/login", &HANAKO).await;
    assert_eq!(half.brief(), "303 /login/code?next=");
    let half = hanako.session.clone().unwrap();
    for path in ["/", "/me", "/me/second-factor", "/settings/people"] {
        let answer = hanako.get(path).await;
        assert!(answer.brief().starts_with("303 /login?"), "{path}");
    }
    let wrong = hanako.post("/login/code", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    let typed = code(&house, &secret);
    let wide: String = typed
        .chars()
        .map(|digit| char::from_u32(digit as u32 + 0xfee0).unwrap())
        .collect();
    let right = hanako
        .post("/login/code", &[("code", &wide), ("next", "/me")])
        .await;
    assert_eq!(right.brief(), "303 /me");
    assert_ne!(hanako.session.as_ref(), Some(&half));
    assert_eq!(hanako.get("/me").await.status, 200);

    let mut again = Browser::new(&house);
    again.post("/login", &HANAKO).await;
    let replayed = again.post("/login/code", &[("code", &typed)]).await;
    assert_eq!(replayed.status, 422, "a code works once");
    let by_paper = again.post("/login/code", &[("code", &codes[0])]).await;
    assert_eq!(by_paper.brief(), "303 /");
    let mut third = Browser::new(&house);
    third.post("/login", &HANAKO).await;
    let replayed = third.post("/login/code", &[("code", &codes[0])]).await;
    assert_eq!(replayed.status, 422, "a recovery code works once");
}

#[tokio::test]
async fn the_second_step_does_not_wait_for_ever() {
    let house = House::empty(None).await;
    let (secret, _) = with_authenticator(&house).await;
    let mut hanako = Browser::new(&house);
    hanako.post("/login", &HANAKO).await;
    house.pass(SignedDuration::from_mins(11));
    let typed = code(&house, &secret);
    let late = hanako.post("/login/code", &[("code", &typed)]).await;
    assert_eq!(late.brief(), "303 /login");
}

#[tokio::test]
async fn codes_cannot_be_guessed_at_speed() {
    let house = House::empty(None).await;
    with_authenticator(&house).await;
    let mut hanako = Browser::new(&house);
    let mut answers = Vec::new();
    for attempt in 0..12 {
        // Signing in anew does not begin the count anew.
        if attempt % 4 == 0 {
            hanako.post("/login", &HANAKO).await;
        }
        answers.push(hanako.post("/login/code", &[("code", "000000")]).await);
    }
    let counts = counted(answers);
    assert_eq!(counts, BTreeMap::from([(422, 10), (429, 2)]));
}

#[tokio::test]
async fn passwords_cannot_be_guessed_at_speed() {
    let house = House::empty(None).await;
    Browser::new(&house).post("/setup", &FIRST_VISIT).await;
    for login in ["hanako", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..12 {
            answers.push(Browser::new(&house).sign_in(login, "wrong").await);
        }
        let waits = answers[11].headers.get("retry-after").cloned();
        assert_eq!(waits.unwrap(), "60", "{login}");
        let counts = counted(answers);
        assert_eq!(counts, BTreeMap::from([(401, 10), (429, 2)]), "{login}");
    }
    let right = Browser::new(&house).sign_in("hanako", PASSWORD).await;
    assert_eq!(right.status, 429, "the right one waits too");
    house.pass(SignedDuration::from_secs(61));
    let right = Browser::new(&house).sign_in("ＨＡＮＡＫＯ", PASSWORD).await;
    assert_eq!(right.brief(), "303 /");
}

#[tokio::test]
async fn an_address_cannot_try_many_names() {
    let house = House::empty(None).await;
    Browser::new(&house).post("/setup", &FIRST_VISIT).await;
    let mut answers = Vec::new();
    for n in 0..33 {
        let login = format!("name{n}");
        answers.push(Browser::new(&house).sign_in(&login, "wrong").await);
    }
    assert_eq!(counted(answers), BTreeMap::from([(401, 30), (429, 3)]));
}

#[tokio::test]
async fn nobody_learns_which_names_exist() {
    let house = House::empty(None).await;
    Browser::new(&house).post("/setup", &FIRST_VISIT).await;
    let wrong = async |login: &str| {
        let answer = Browser::new(&house).sign_in(login, "wrong").await;
        (answer.status, answer.text().replace(login, "LOGIN"))
    };
    assert_eq!(wrong("hanako").await, wrong("nobody").await);
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_taken_over() {
    let house = House::empty(None).await;
    Browser::new(&house).post("/setup", &FIRST_VISIT).await;
    let mut victim = Browser::with_session(&house, "planted");
    victim.sign_in("hanako", PASSWORD).await;
    assert_ne!(victim.session.as_deref(), Some("planted"));
    let mut attacker = Browser::with_session(&house, "planted");
    assert_eq!(attacker.get("/me").await.status, 303);
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let house = House::empty(None).await;
    let answer = Browser::new(&house).post("/setup", &FIRST_VISIT).await;
    let cookie = answer.headers.get("set-cookie").unwrap().to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let value = answer.cookie("sonae_session").unwrap();
    assert_eq!(value.len(), 43, "256 bits");
    let store = &house.app.installation.store;
    assert!(
        store.session(&value).await.unwrap().is_none(),
        "a hash is kept"
    );
}

#[tokio::test]
async fn a_session_ends_idle_and_at_last() {
    let house = House::on_sqlite().await;
    assert_eq!(house.get(VIEWER, "/me").await.status, 200);
    for _ in 0..13 {
        house.pass(SignedDuration::from_mins(55));
        let answer = house.get(VIEWER, "/me").await;
        let hours = house
            .now()
            .duration_since(super::NOW.parse().unwrap())
            .as_hours();
        assert_eq!(answer.status == 200, hours < 12, "after {hours} h");
    }
    let idle = House::on_sqlite().await;
    idle.get(VIEWER, "/me").await;
    idle.pass(SignedDuration::from_mins(2));
    idle.get(VIEWER, "/me").await;
    idle.pass(SignedDuration::from_mins(61));
    assert_eq!(idle.get(VIEWER, "/me").await.status, 303);
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let house = House::empty(None).await;
    let mut here = Browser::new(&house);
    here.post("/setup", &FIRST_VISIT).await;
    let mut elsewhere = Browser::new(&house);
    elsewhere.sign_in("hanako", PASSWORD).await;
    assert_eq!(elsewhere.get("/me").await.status, 200);
    let new = "yoru no ocha wa atsui 9";
    let check = async |here: &mut Browser<'_>, former: &str, new: &str, expected: &str| {
        let fields = [("password", former), ("new_password", new)];
        assert_eq!(here.post("/me/password", &fields).await.brief(), expected);
    };
    check(&mut here, "wrong", new, "422").await;
    check(&mut here, PASSWORD, "short", "422").await;
    check(&mut here, PASSWORD, "hanako-hanako1", "422").await;
    check(&mut here, PASSWORD, new, "303 /me?done=password_changed").await;
    assert_eq!(here.get("/me").await.status, 200);
    assert_eq!(elsewhere.get("/me").await.status, 303);
    let former = Browser::new(&house).sign_in("hanako", PASSWORD).await;
    assert_eq!(former.status, 401);
    let renewed = Browser::new(&house).sign_in("hanako", new).await;
    assert_eq!(renewed.brief(), "303 /");
}

/// What the page about oneself lists: minutes since the first sign-in, the marked one with a star,
/// and the paths that end the others.
fn sessions(page: &str) -> (String, Vec<String>) {
    let rows = page.split("<tbody>").nth(1).unwrap();
    let rows = rows.split("</tbody>").next().unwrap().split("<tr>").skip(1);
    let mut shown = Vec::new();
    let mut paths = Vec::new();
    for row in rows {
        let begun = row.split("row\">").nth(1).unwrap().split('<').next();
        let minute = begun.unwrap().split_whitespace().nth(1).unwrap();
        let is_this = row.contains("class=\"badge\"");
        shown.push(format!("{minute}{}", if is_this { "*" } else { "" }));
        let path = row.split("action=\"").nth(1);
        paths.extend(path.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    (shown.join(" "), paths)
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions() {
    let house = House::empty(None).await;
    let mut here = Browser::new(&house);
    here.post("/setup", &FIRST_VISIT).await;
    let (mut ward, mut home) = (Browser::new(&house), Browser::new(&house));
    for there in [&mut ward, &mut home] {
        house.pass(SignedDuration::from_mins(10));
        there.sign_in("hanako", PASSWORD).await;
    }
    let page = here.get("/me").await;
    let (shown, paths) = sessions(&page.text());
    assert_eq!(shown, "12:20 12:10 12:00*");
    for browser in [&here, &ward, &home] {
        let token = browser.session.clone().unwrap();
        let hash = crate::usecase::secrets::token_hash(&token);
        let text = page.text();
        assert!(!text.contains(&token) && !text.contains(&hash), "a key");
    }

    // Done twice, and an id of nobody's.
    for path in [&paths[1], &paths[1], "/me/sessions/unknown/end"] {
        let ended = here.post(path, &[]).await;
        assert_eq!(ended.brief(), "303 /me?done=session_ended", "{path}");
    }
    let is_in = async |browser: &mut Browser<'_>| browser.get("/me").await.status == 200;
    assert!(!is_in(&mut ward).await && is_in(&mut home).await && is_in(&mut here).await);
    here.post("/me/sessions/end", &[]).await;
    assert!(!is_in(&mut home).await && is_in(&mut here).await);
    let (shown, paths) = sessions(&here.get("/me").await.text());
    assert_eq!((shown.as_str(), paths.len()), ("12:00*", 0));
}

#[tokio::test]
async fn half_and_ended_sessions_are_not_open() {
    let house = House::empty(None).await;
    let (secret, _) = with_authenticator(&house).await;
    let mut late = Browser::new(&house);
    late.post("/login", &HANAKO).await;
    let typed = code(&house, &secret);
    late.post("/login/code", &[("code", &typed)]).await;
    house.pass(SignedDuration::from_mins(30));
    let mut here = Browser::new(&house);
    here.post("/login", &HANAKO).await;
    let typed = code(&house, &secret);
    here.post("/login/code", &[("code", &typed)]).await;
    house.pass(SignedDuration::from_mins(31));
    Browser::new(&house).post("/login", &HANAKO).await;
    assert_eq!(sessions(&here.get("/me").await.text()).0, "12:31*");
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else() {
    let house = House::on_sqlite().await;
    let installation = &house.app.installation;
    let entry = installation.entry("viewer").await.unwrap().unwrap();
    let session = installation.open_sessions(&entry).await.unwrap().remove(0);
    let path = format!("/me/sessions/{}/end", session.id);
    for who in [super::OPERATOR, super::Who::Foreigner] {
        house.post(who, &path, &[]).await;
        assert_eq!(house.get(VIEWER, "/me").await.status, 200, "{who:?}");
    }
    house.post(VIEWER, &path, &[]).await;
    assert_eq!(house.get(VIEWER, "/me").await.status, 303);
}

#[tokio::test]
async fn removing_the_last_factor_takes_the_password() {
    let house = House::empty(None).await;
    let (secret, _) = with_authenticator(&house).await;
    let mut hanako = Browser::new(&house);
    hanako.post("/login", &HANAKO).await;
    let typed = code(&house, &secret);
    hanako.post("/login/code", &[("code", &typed)]).await;
    let path = "/me/second-factor/totp/remove";
    let asked = hanako.post(path, &[("password", PASSWORD)]).await;
    assert_eq!(asked.status, 422);
    assert!(asked.text().contains("管理者には二要素認証が必要"));
    let institution = house.app.installation.first_institution().await.unwrap().id;
    let optional = async |value| {
        let store = &house.app.installation.store;
        let key = SECOND_FACTOR_OPTIONAL;
        let set = store.save_setting(&institution, key, value, "test", house.now());
        set.await.unwrap();
    };
    optional(Some("yes")).await;
    let wrong = hanako.post(path, &[("password", "wrong")]).await;
    assert_eq!(wrong.status, 422);
    let right = hanako.post(path, &[("password", PASSWORD)]).await;
    assert_eq!(right.brief(), "303 /me/second-factor?done=factor_removed");
    assert_eq!(hanako.get("/settings/people").await.status, 200);
    optional(None).await;
    let next = hanako.get("/settings/people").await;
    assert_eq!(next.brief(), "303 /me/second-factor", "one is needed again");
}

/// Somebody who administers our institution, has a role in the other one too, and came in by
/// password alone; in the order in which things change.
#[tokio::test]
async fn whoever_runs_the_installation_does_not_by_a_password_alone() {
    let house = House::on_sqlite().await;
    let store = &house.app.installation.store;
    let (ours, theirs) = (InstitutionId::new(OURS), InstitutionId::new(THEIRS));
    let account = AccountId::new("administrator");
    let session = Session {
        token_hash: Secret::new(token_hash("password alone")),
        account: account.clone(),
        institution: None,
        made_at: house.now(),
        seen_at: house.now(),
        ends_at: house.now() + SignedDuration::from_hours(1),
        second_factor: false,
        state: None,
    };
    store.insert_session(&session).await.unwrap();
    let mut given = store.grants_of(&account).await.unwrap().remove(0).1;
    let own = given.id.clone();
    given.id = GrantId::new("there");
    given.role = Role::Viewer;
    store.insert_grant(&theirs, &given).await.unwrap();
    let check = async |expected: [&str; 2], why: &str| {
        let mut browser = Browser::with_session(&house, "password alone");
        let runs = browser.get("/institutions/new").await.brief();
        let works = browser.get("/checklist").await.brief();
        assert_eq!([runs.as_str(), works.as_str()], expected, "{why}");
    };
    let optional = async |of: &InstitutionId| {
        let key = SECOND_FACTOR_OPTIONAL;
        let set = store.save_setting(of, key, Some("yes"), "test", house.now());
        set.await.unwrap();
    };
    let asked = ["404", "303 /me/second-factor"];
    check(asked, "no institution is chosen").await;
    let mut browser = Browser::with_session(&house, "password alone");
    browser
        .post("/institutions", &[("institution", THEIRS)])
        .await;
    check(asked, "there they only look").await;
    optional(&theirs).await;
    check(asked, "it is not theirs to decide").await;
    optional(&ours).await;
    check(["200", "200"], "nobody asks").await;
    let revoked = store.revoke_grant(&ours, &own, "test", house.now());
    assert!(revoked.await.unwrap());
    check(asked, "nobody could let them off").await;
    let operator = AccountChange::Operator(false);
    let changed = store.change_account(&account, &operator, "test", house.now());
    changed.await.unwrap();
    check(["404", "200"], "they run nothing").await;
}

/// Without one that is chosen, the strictest of theirs decides.
#[tokio::test]
async fn an_administrator_of_two_institutions_is_asked_before_choosing() {
    let house = House::on_sqlite().await;
    let store = &house.app.installation.store;
    let account = AccountId::new("foreigner");
    let operator = AccountChange::Operator(false);
    let changed = store.change_account(&account, &operator, "test", house.now());
    changed.await.unwrap();
    let mut given = store.grants_of(&account).await.unwrap().remove(0).1;
    given.id = GrantId::new("here");
    let ours = InstitutionId::new(OURS);
    store.insert_grant(&ours, &given).await.unwrap();
    let mut session = store
        .session(&token_hash("foreigner"))
        .await
        .unwrap()
        .unwrap();
    let mut check = async |chosen: Option<&str>, expected: &str| {
        session.institution = chosen.map(InstitutionId::new);
        session.second_factor = false;
        store.save_session(&session).await.unwrap();
        let mut browser = Browser::with_session(&house, "foreigner");
        assert_eq!(
            browser.get("/checklist").await.brief(),
            expected,
            "{chosen:?}"
        );
    };
    let key = SECOND_FACTOR_OPTIONAL;
    let set = store.save_setting(&ours, key, Some("yes"), "test", house.now());
    set.await.unwrap();
    check(None, "303 /me/second-factor").await;
    check(Some(OURS), "200").await;
    check(Some(THEIRS), "303 /me/second-factor").await;
}

#[tokio::test]
async fn what_was_typed_goes_through_both_steps_but_for_passwords() {
    let house = House::empty(None).await;
    let (secret, _) = with_authenticator(&house).await;
    let mut hanako = Browser::new(&house);
    let lost = hanako
        .post("/me", &[("name", "New name"), ("password", "secret")])
        .await;
    assert_eq!(lost.status, 401);
    let carried = lost.field("carried").unwrap();
    assert_eq!(carried, "name=New+name");
    let fields = [HANAKO[0], HANAKO[1], ("next", "/me"), ("carried", &carried)];
    let half = hanako.post("/login", &fields).await;
    assert_eq!(half.field("carried").as_deref(), Some("name=New+name"));
    let typed = code(&house, &secret);
    let fields = [
        ("code", typed.as_str()),
        ("next", "/me"),
        ("carried", &carried),
    ];
    let resumed = hanako.post("/login/code", &fields).await;
    assert_eq!(resumed.status, 200);
    assert_eq!(resumed.field("name").as_deref(), Some("New name"));
}

#[tokio::test]
async fn passkeys_are_offered_where_browsers_make_them() {
    let house = House::on_sqlite().await;
    let mut here = Browser::with_session(&house, "viewer");
    let by_name = here.get("/me/second-factor").await;
    assert!(by_name.text().contains("data-passkey=\"register\""));
    let by_address = house.get(VIEWER, "/me/second-factor").await;
    assert!(
        !by_address.text().contains("data-passkey"),
        "http without localhost"
    );
    let unknown = house.post(VIEWER, "/me/passkeys/options", &[]).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_passkey_of_nobody_opens_nothing() {
    let house = House::on_sqlite().await;
    let mut stranger = Browser::new(&house);
    let asked = stranger.post("/login/passkey/options", &[]).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("\"userVerification\":\"required\""));
    let half = stranger.post("/login/code/passkey/options", &[]).await;
    assert_eq!(half.status, 404, "nobody gave a password");
}
