//! The second step: half sessions, codes used again, and the proofs of others.

use jiff::SignedDuration;

use super::{RECOVERY_CODES, Sent, came_in, code_in, code_of, is_in, session_of, show_code, tried};
use crate::web::routes::doors;
use crate::web::tests::House;
use crate::web::tests::browser::PASSWORD;

attacks![
    a_half_session_at_every_door,
    a_half_session_that_takes_the_factor_away,
    a_half_session_as_a_token,
    a_half_session_after_the_second_step,
    a_half_session_after_ten_minutes,
    a_code_without_a_password,
    a_code_twice,
    a_code_of_a_former_step,
    a_code_of_long_ago,
    a_code_of_the_future,
    the_code_of_the_enrolment_once_more,
    a_code_of_somebody_else,
    what_is_no_code,
    eleven_codes_over_many_sign_ins,
    a_recovery_code_twice,
    a_recovery_code_of_somebody_else,
    a_passkey_that_nobody_asked_for,
    a_passkey_of_nobody,
];

async fn a_half_session_at_every_door(house: House) {
    let half = came_in(&house, "administrator").await;
    let all = doors(&house.app).unwrap();
    let mut open = Vec::new();
    for (path, method) in all.opened() {
        if all.access().of(method, path).unwrap().public {
            continue;
        }
        let parts = path.split('/');
        let parts = parts.map(|part| if part.starts_with('{') { "x" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        let knock = Sent::to(method.clone(), &path).with("origin", "http://sonae.test");
        let said = knock.in_session(&half).at(&house).await.brief();
        if said != "401" && !said.starts_with("303 /login?") {
            open.push(format!("{method} {path}: {said}"));
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

async fn a_half_session_that_takes_the_factor_away(house: House) {
    let half = came_in(&house, "administrator").await;
    for (path, name) in [
        ("/me/second-factor/totp/remove", "password"),
        ("/me/second-factor/codes", "password"),
        ("/me/sessions/end", "password"),
    ] {
        let form = Sent::form(path, &[(name, PASSWORD)]).in_session(&half);
        assert_eq!(form.at(&house).await.status, 401, "{path}");
    }
    let again = came_in(&house, "administrator").await;
    assert!(!is_in(&house, &again).await, "the code is still asked for");
}

async fn a_half_session_as_a_token(house: House) {
    let half = came_in(&house, "administrator").await;
    let asked = Sent::get("/api/v1/me").with_token(&half);
    assert_eq!(asked.at(&house).await.status, 401);
}

/// Whoever saw the cookie between the steps has nothing after them.
async fn a_half_session_after_the_second_step(house: House) {
    let half = came_in(&house, "administrator").await;
    let done = show_code(&half, &code_in(&house, "administrator", 0));
    let whole = session_of(&done.at(&house).await).unwrap();
    assert!(is_in(&house, &whole).await && !is_in(&house, &half).await);
    let again = show_code(&half, RECOVERY_CODES[0]).at(&house).await;
    assert_eq!(
        (again.brief().as_str(), session_of(&again)),
        ("303 /login", None)
    );
}

async fn a_half_session_after_ten_minutes(house: House) {
    let half = came_in(&house, "administrator").await;
    house.pass(SignedDuration::from_mins(10));
    let late = show_code(&half, &code_in(&house, "administrator", 0));
    assert_eq!(late.at(&house).await.brief(), "303 /login");
}

/// Without a session, with a planted one, in the session of somebody without a second factor, and
/// in one that has shown it already.
async fn a_code_without_a_password(house: House) {
    let code = code_in(&house, "administrator", 0);
    let bare = show_code("", &code).without("cookie").at(&house).await;
    assert_eq!(bare.brief(), "303 /login");
    for session in ["planted", "viewer", "administrator"] {
        let said = show_code(session, &code).at(&house).await;
        assert_eq!(said.brief(), "303 /login", "{session}");
        assert_eq!(session_of(&said), None, "{session}");
    }
}

/// Shows a code after the password; `303` lets in.
async fn shown(house: &House, login: &str, code: &str) -> u16 {
    let half = came_in(house, login).await;
    let said = show_code(&half, code).at(house).await;
    let is_let_in = match session_of(&said) {
        Some(session) => is_in(house, &session).await,
        None => false,
    };
    assert_eq!(is_let_in, said.status == 303);
    said.status.as_u16()
}

async fn a_code_twice(house: House) {
    let code = code_in(&house, "administrator", 0);
    assert_eq!(shown(&house, "administrator", &code).await, 303);
    assert_eq!(shown(&house, "administrator", &code).await, 422);
}

/// The clock of a telephone may be off by a step, but no code older than the last one counts.
async fn a_code_of_a_former_step(house: House) {
    let code = |seconds| code_in(&house, "administrator", seconds);
    assert_eq!(shown(&house, "administrator", &code(0)).await, 303);
    assert_eq!(shown(&house, "administrator", &code(-30)).await, 422);
    assert_eq!(shown(&house, "administrator", &code(30)).await, 303);
    assert_eq!(shown(&house, "administrator", &code(0)).await, 422);
}

async fn a_code_of_long_ago(house: House) {
    for seconds in [-60, -90, -86_400] {
        let code = code_in(&house, "administrator", seconds);
        assert_eq!(
            shown(&house, "administrator", &code).await,
            422,
            "{seconds}"
        );
    }
}

async fn a_code_of_the_future(house: House) {
    for seconds in [60, 90, 86_400] {
        let code = code_in(&house, "administrator", seconds);
        assert_eq!(
            shown(&house, "administrator", &code).await,
            422,
            "{seconds}"
        );
    }
}

async fn the_code_of_the_enrolment_once_more(house: House) {
    let path = "/me/second-factor/totp";
    let offer = Sent::get(path).in_session("viewer").at(&house).await;
    let code = code_of(&offer.element("secret"), house.now().as_second());
    let confirm = Sent::form(path, &[("code", &code)]).in_session("viewer");
    assert_eq!(confirm.at(&house).await.status, 200);
    assert_eq!(shown(&house, "viewer", &code).await, 422);
}

async fn a_code_of_somebody_else(house: House) {
    let code = code_in(&house, "safety_officer", 0);
    assert_eq!(shown(&house, "administrator", &code).await, 422);
    assert_eq!(shown(&house, "safety_officer", &code).await, 303);
}

async fn what_is_no_code(house: House) {
    let half = came_in(&house, "administrator").await;
    let long = "0".repeat(100_000);
    for typed in ["", " ", "null", "0", "-1", "％", "'; --", &long] {
        let said = show_code(&half, typed).at(&house).await;
        assert_eq!(said.status, 422, "{} signs", typed.len());
    }
    let none = Sent::form("/login/code", &[]).in_session(&half);
    assert_eq!(none.at(&house).await.status, 422);
}

/// Signing in anew begins no count of codes anew, nor does waiting a minute.
async fn eleven_codes_over_many_sign_ins(house: House) {
    let mut attempts = Vec::new();
    for n in 0..12 {
        if n % 4 == 0 {
            house.pass(SignedDuration::from_mins(1));
        }
        let half = came_in(&house, "administrator").await;
        attempts.push(show_code(&half, "000000"));
    }
    assert_eq!(tried(&house, attempts).await, "422 x10, 429 x2");
}

async fn a_recovery_code_twice(house: House) {
    let code = RECOVERY_CODES[0];
    assert_eq!(shown(&house, "administrator", code).await, 303);
    assert_eq!(shown(&house, "administrator", code).await, 422);
    let spelled = code.to_uppercase().replace('-', " ");
    assert_eq!(shown(&house, "administrator", &spelled).await, 422);
}

async fn a_recovery_code_of_somebody_else(house: House) {
    let code = RECOVERY_CODES[0];
    assert_eq!(shown(&house, "safety_officer", code).await, 422);
    assert_eq!(shown(&house, "administrator", code).await, 303);
}

/// A site that browsers make passkeys for, and an answer in JSON.
fn passkey(path: &str) -> Sent {
    let body = r#"{"credential": {"id": "x"}, "next": "/"}"#;
    Sent::form(path, &[])
        .with("host", "localhost:8640")
        .with("origin", "http://localhost:8640")
        .body("application/json", body)
}

/// Neither after a password nor instead of one.
async fn a_passkey_that_nobody_asked_for(house: House) {
    let half = came_in(&house, "administrator").await;
    let after = passkey("/login/code/passkey").in_session(&half);
    let instead = passkey("/login/passkey").with("cookie", "sonae_passkey=planted");
    for (attempt, status) in [
        (after, 422),
        (instead, 422),
        (passkey("/login/passkey"), 404),
        (passkey("/login/code/passkey"), 404),
    ] {
        let said = attempt.at(&house).await;
        assert_eq!((said.status.as_u16(), session_of(&said)), (status, None));
    }
}

/// What was asked is asked once, whatever is answered.
async fn a_passkey_of_nobody(house: House) {
    let asked = passkey("/login/passkey/options").at(&house).await;
    let cookie = format!("sonae_passkey={}", asked.cookie("sonae_passkey").unwrap());
    for _ in 0..2 {
        let said = passkey("/login/passkey").with("cookie", &cookie);
        let said = said.at(&house).await;
        assert_eq!((said.status.as_u16(), session_of(&said)), (422, None));
    }
}
