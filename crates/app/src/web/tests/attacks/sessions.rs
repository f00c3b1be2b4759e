//! Sessions and tokens: planted, stolen, and used after their end.

use axum::http::Method;
use jiff::SignedDuration;
use sonae_domain::ids::{GrantId, InstitutionId, TokenId};
use sonae_store::AccountChange;

use super::{Sent, came_in, change, code_in, is_in, ours, session_of, show_code, sign_in};
use crate::usecase::secrets::token_hash;
use crate::web::tests::browser::PASSWORD;
use crate::web::tests::vendors::path_after;
use crate::web::tests::{House, OPERATOR, OURS, VIEWER};

attacks![
    a_session_planted_before_signing_in,
    ones_own_session_planted_with_somebody_else,
    a_session_after_signing_out,
    a_session_after_an_hour,
    a_session_after_twelve_hours,
    a_session_after_a_new_password,
    a_session_after_a_new_factor,
    a_session_of_a_closed_account,
    a_session_after_the_role_ended,
    a_session_out_of_a_stolen_database,
    a_session_of_somebody_else_to_end,
    a_session_as_a_token,
    a_token_as_a_session,
    a_token_in_an_address,
    a_token_in_another_spelling,
    a_token_out_of_a_stolen_database,
    a_token_after_it_was_taken_back,
    a_token_after_its_last_day,
    a_token_after_the_role_ended,
    a_token_that_only_reads,
    the_address_of_a_calendar_as_a_token,
    a_cookie_that_scripts_or_others_read,
    a_cookie_without_tls,
];

async fn a_session_planted_before_signing_in(house: House) {
    let victim = sign_in("viewer", PASSWORD).in_session("planted");
    let session = session_of(&victim.at(&house).await).unwrap();
    assert_ne!(session, "planted");
    assert!(is_in(&house, &session).await && !is_in(&house, "planted").await);
}

/// The attacker's own session, whole and half, does not become the victim's.
async fn ones_own_session_planted_with_somebody_else(house: House) {
    for own in ["viewer", &came_in(&house, "safety_officer").await] {
        let victim = sign_in("administrator", PASSWORD).in_session(own);
        let half = session_of(&victim.at(&house).await).unwrap();
        let code = code_in(&house, "administrator", 0);
        let whole = session_of(&show_code(&half, &code).at(&house).await).unwrap();
        let mine = Sent::get("/me").in_session(own).at(&house).await.text();
        assert!(!mine.contains("name of administrator"), "{own}");
        let whose = Sent::get("/me").in_session(&whole).at(&house).await;
        assert!(whose.text().contains("name of administrator"), "{own}");
        house.pass(SignedDuration::from_mins(1));
    }
}

async fn a_session_after_signing_out(house: House) {
    let session = came_in(&house, "viewer").await;
    let out = Sent::form("/logout", &[])
        .in_session(&session)
        .at(&house)
        .await;
    assert_eq!(session_of(&out), None, "the browser forgets it");
    assert!(!is_in(&house, &session).await, "and so do we");
}

async fn a_session_after_an_hour(house: House) {
    let session = came_in(&house, "viewer").await;
    house.pass(SignedDuration::from_mins(60));
    assert!(!is_in(&house, &session).await);
}

async fn a_session_after_twelve_hours(house: House) {
    let session = came_in(&house, "viewer").await;
    for _ in 0..14 {
        is_in(&house, &session).await;
        house.pass(SignedDuration::from_mins(52));
    }
    assert!(!is_in(&house, &session).await);
}

async fn a_session_after_a_new_password(house: House) {
    let (stolen, own) = (
        came_in(&house, "viewer").await,
        came_in(&house, "viewer").await,
    );
    let fields = [
        ("password", PASSWORD),
        ("new_password", "yoru no ocha wa atsui 9"),
    ];
    let changed = Sent::form("/me/password", &fields)
        .in_session(&own)
        .at(&house)
        .await;
    assert!(is_in(&house, &session_of(&changed).unwrap()).await);
    for former in [&stolen, &own] {
        assert!(!is_in(&house, former).await);
    }
}

async fn a_session_after_a_new_factor(house: House) {
    let (stolen, own) = (
        came_in(&house, "viewer").await,
        came_in(&house, "viewer").await,
    );
    let path = "/me/second-factor/totp";
    let offer = Sent::get(path).in_session(&own).at(&house).await;
    let code = super::code_of(&offer.element("secret"), house.now().as_second());
    let confirm = Sent::form(path, &[("code", &code)]).in_session(&own);
    let added = session_of(&confirm.at(&house).await).unwrap();
    assert!(is_in(&house, &added).await);
    assert!(!is_in(&house, &stolen).await && !is_in(&house, &own).await);
}

/// Opening the account again does not open the session again.
async fn a_session_of_a_closed_account(house: House) {
    for is_closed in [true, false] {
        change(&house, "viewer", AccountChange::Closed(is_closed)).await;
        assert!(!is_in(&house, "viewer").await, "{is_closed}");
    }
}

async fn end_role(house: &House, login: &str) {
    let (ours, grant) = (InstitutionId::new(OURS), GrantId::new(login));
    let store = &house.app.installation.store;
    let revoked = store.revoke_grant(&ours, &grant, "test", house.now());
    assert!(revoked.await.unwrap());
}

async fn a_session_after_the_role_ended(house: House) {
    assert_eq!(house.get(VIEWER, "/checklist").await.status, 200);
    end_role(&house, "viewer").await;
    let said = house.get(VIEWER, "/checklist").await;
    assert_eq!(said.brief(), "303 /institutions");
}

/// Only hashes are kept, and a hash opens nothing.
async fn a_session_out_of_a_stolen_database(house: House) {
    let hash = token_hash("viewer");
    let store = &house.app.installation.store;
    assert!(store.session(&hash).await.unwrap().is_some());
    assert!(!is_in(&house, &hash).await);
}

async fn a_session_of_somebody_else_to_end(house: House) {
    let installation = &house.app.installation;
    let entry = installation.entry("viewer").await.unwrap().unwrap();
    let id = installation
        .open_sessions(&entry)
        .await
        .unwrap()
        .remove(0)
        .id;
    for id in [id, token_hash("viewer"), "viewer".to_owned()] {
        let path = format!("/me/sessions/{id}/end");
        house.post(OPERATOR, &path, &[]).await;
        assert!(is_in(&house, "viewer").await, "{id}");
    }
}

async fn me_by(house: &House, token: &str) -> u16 {
    let asked = Sent::get("/api/v1/me").with_token(token);
    asked.at(house).await.status.as_u16()
}

async fn a_session_as_a_token(house: House) {
    let session = came_in(&house, "viewer").await;
    assert_eq!(me_by(&house, &session).await, 401);
    let by_cookie = Sent::get("/api/v1/me").in_session(&session);
    assert_eq!(by_cookie.at(&house).await.status, 401);
}

/// A token as its owner makes it.
async fn token(house: &House, scope: &str) -> String {
    let fields = [
        ("name", "a program"),
        ("scope", scope),
        ("ends_on", "2026-12-31"),
    ];
    let made = house.post(OPERATOR, "/me/tokens", &fields).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.element("token")
}

async fn a_token_as_a_session(house: House) {
    let token = token(&house, "write").await;
    assert_eq!(me_by(&house, &token).await, 200);
    assert!(!is_in(&house, &token).await);
    let page = Sent::get("/me").with_token(&token).at(&house).await;
    assert!(page.brief().starts_with("303 /login?"), "a page by a token");
}

/// Addresses end up in logs and histories.
async fn a_token_in_an_address(house: House) {
    let token = token(&house, "write").await;
    for name in ["token", "access_token", "authorization", "api_key"] {
        let asked = Sent::get(&format!("/api/v1/me?{name}={token}"));
        assert_eq!(asked.at(&house).await.status, 401, "{name}");
    }
}

async fn a_token_in_another_spelling(house: House) {
    let token = token(&house, "write").await;
    for value in [
        token.clone(),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("Bearer {}", token.to_uppercase()),
        format!("Bearer {}", &token[..token.len() - 1]),
        "Bearer ".to_owned(),
        "Bearer null".to_owned(),
    ] {
        let asked = Sent::get("/api/v1/me").with("authorization", &value);
        assert_eq!(asked.at(&house).await.status, 401, "{value}");
    }
}

async fn a_token_out_of_a_stolen_database(house: House) {
    let token = token(&house, "write").await;
    assert_eq!(me_by(&house, &token_hash(&token)).await, 401);
}

async fn a_token_after_it_was_taken_back(house: House) {
    assert_eq!(me_by(&house, "viewer").await, 200);
    let (ours, id) = (InstitutionId::new(OURS), TokenId::new("viewer"));
    let path = format!("/me/tokens/{id}/revoke");
    assert_eq!(house.post(VIEWER, &path, &[]).await.status, 303, "{ours}");
    assert_eq!(me_by(&house, "viewer").await, 401);
}

async fn a_token_after_its_last_day(house: House) {
    let token = token(&house, "read").await;
    house.pass(SignedDuration::from_hours(24 * 40));
    assert_eq!(me_by(&house, &token).await, 200);
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(me_by(&house, &token).await, 401);
}

async fn a_token_after_the_role_ended(house: House) {
    let token = token(&house, "write").await;
    end_role(&house, "system_operator").await;
    let asked = Sent::get("/api/v1/checklist").with_token(&token);
    assert_eq!(asked.at(&house).await.status, 403);
}

async fn a_token_that_only_reads(house: House) {
    for (scope, status) in [("read", 401), ("", 401), ("write", 200)] {
        let token = token(&house, scope).await;
        let answer = Sent::to(Method::PUT, "/api/v1/checklist/1-1/answer")
            .body("application/json", r#"{"round": 1, "value": "yes"}"#)
            .with_token(&token);
        assert_eq!(answer.at(&house).await.status, status, "{scope}");
    }
}

/// It stands in calendar programs, so that it shows deadlines and nothing else.
async fn the_address_of_a_calendar_as_a_token(house: House) {
    let made = house.post(VIEWER, "/deadlines/calendar", &[]).await;
    let page = match made.status.as_u16() {
        303 => house.get(VIEWER, "/deadlines").await,
        _ => made,
    };
    let path = path_after(&page, "http://sonae.test", "/calendar/");
    assert_eq!(Sent::get(&path).at(&house).await.status, 200);
    let secret = path
        .trim_start_matches("/calendar/")
        .trim_end_matches(".ics");
    assert_eq!(me_by(&house, secret).await, 401);
    assert!(!is_in(&house, secret).await);
}

/// The cookie that signing in sets.
async fn cookie(house: &House) -> String {
    let answer = sign_in("viewer", PASSWORD).at(house).await;
    let cookie = answer.headers.get("set-cookie").unwrap();
    cookie.to_str().unwrap().to_owned()
}

async fn a_cookie_that_scripts_or_others_read(house: House) {
    let cookie = cookie(&house).await;
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    for part in ["Domain", "Max-Age", "Expires", "Secure"] {
        assert!(!cookie.contains(part), "{part}: {cookie}");
    }
    let bits_256 = cookie.split(['=', ';']).nth(1).unwrap();
    assert_eq!(bits_256.len(), 43);
}

async fn a_cookie_without_tls(house: House) {
    let house = house.reached(|app| app.secure = true);
    assert!(cookie(&house).await.contains("; Secure"));
    let page = Sent::get("/login").at(&house).await;
    assert!(page.headers.contains_key("strict-transport-security"));
    let preferences = Sent::form(&ours("/preferences"), &[("language", "en"), ("place", "/")]);
    let said = preferences.at(&house).await;
    let cookie = said.headers.get("set-cookie").unwrap();
    assert!(cookie.to_str().unwrap().contains("; Secure"));
}
