//! Other sites that a person looks at while signed in here: what they make the browser send.

use axum::http::Method;

use super::{Sent, account, is_in, session_of, sign_in};
use crate::web::tests::House;
use crate::web::tests::browser::PASSWORD;

attacks![
    a_form_of_another_site,
    a_form_of_a_site_next_door,
    a_form_of_another_port,
    a_form_of_a_name_like_ours,
    a_form_of_a_frame_without_a_name,
    a_form_that_does_not_say_from_where,
    a_form_that_the_browser_calls_foreign,
    a_form_in_another_kind_of_text,
    a_form_with_the_name_in_other_headers,
    signing_in_from_another_site,
    signing_out_from_another_site,
    signing_out_by_a_picture,
    the_interface_by_a_cookie,
    the_interface_asked_by_a_script,
    our_pages_in_a_frame,
];

const EVIL: &str = "https://evil.test";

/// A form that gives the viewer another name.
fn rename() -> Sent {
    Sent::form("/me", &[("name", "evil")]).in_session("viewer")
}

async fn is_refused(house: &House, form: Sent) {
    let said = form.at(house).await;
    assert_eq!((said.status.as_u16(), session_of(&said)), (403, None));
    assert_eq!(account(house, "viewer").await.name, "name of viewer");
}

async fn a_form_of_another_site(house: House) {
    is_refused(&house, rename().with("origin", EVIL)).await;
    let with_host = rename()
        .with("origin", EVIL)
        .with("x-forwarded-host", "evil.test");
    is_refused(&house, with_host).await;
    assert_eq!(rename().at(&house).await.status, 303, "our own is taken");
}

async fn a_form_of_a_site_next_door(house: House) {
    is_refused(&house, rename().with("origin", "http://next.sonae.test")).await;
    is_refused(&house, rename().with("sec-fetch-site", "same-site")).await;
}

async fn a_form_of_another_port(house: House) {
    is_refused(&house, rename().with("origin", "http://sonae.test:8080")).await;
}

async fn a_form_of_a_name_like_ours(house: House) {
    for origin in [
        "http://sonae.test.evil.test",
        "http://evil-sonae.test",
        "http://evil.test/http://sonae.test",
        "http://sonae.test@evil.test",
        "http://sonae.tes",
    ] {
        is_refused(&house, rename().with("origin", origin)).await;
    }
}

async fn a_form_of_a_frame_without_a_name(house: House) {
    is_refused(&house, rename().with("origin", "null")).await;
}

/// No browser of today sends one.
async fn a_form_that_does_not_say_from_where(house: House) {
    is_refused(&house, rename().without("origin")).await;
    let referred = rename()
        .without("origin")
        .with("referer", "http://sonae.test/me");
    is_refused(&house, referred).await;
    let emptied = rename().with("origin", "").with("sec-fetch-site", "");
    is_refused(&house, emptied).await;
}

async fn a_form_that_the_browser_calls_foreign(house: House) {
    for site in ["cross-site", "same-site", "elsewhere"] {
        is_refused(&house, rename().with("sec-fetch-site", site)).await;
    }
}

/// What a page may send elsewhere without asking first.
async fn a_form_in_another_kind_of_text(house: House) {
    for kind in ["text/plain", "application/json", "application/x-unknown"] {
        let body = r#"{"name": "evil", "x": "name=evil"}"#;
        is_refused(&house, rename().with("origin", EVIL).body(kind, body)).await;
        let own = rename().body(kind, body).at(&house).await;
        assert_eq!(own.status, 415, "{kind}");
    }
}

async fn a_form_with_the_name_in_other_headers(house: House) {
    for name in [
        "x-requested-with",
        "x-csrf-token",
        "x-origin",
        "x-forwarded-proto",
    ] {
        let form = rename()
            .with("origin", EVIL)
            .with(name, "http://sonae.test");
        is_refused(&house, form).await;
    }
}

/// The victim would work in the attacker's name and leave there what they type.
async fn signing_in_from_another_site(house: House) {
    let form = sign_in("viewer", PASSWORD).with("origin", EVIL);
    let said = form.at(&house).await;
    assert_eq!((said.status.as_u16(), session_of(&said)), (403, None));
}

async fn signing_out_from_another_site(house: House) {
    for path in ["/logout", "/me/sessions/end"] {
        let form = Sent::form(path, &[]).with("origin", EVIL);
        is_refused(&house, form.in_session("viewer")).await;
        assert!(is_in(&house, "viewer").await, "{path}");
    }
}

async fn signing_out_by_a_picture(house: House) {
    for path in [
        "/logout",
        "/me/sessions/end",
        "/me/second-factor/totp/remove",
    ] {
        let picture = Sent::get(path).with("sec-fetch-site", "cross-site");
        let said = picture.in_session("viewer").at(&house).await;
        assert_eq!(said.status, 405, "{path}");
        assert!(is_in(&house, "viewer").await, "{path}");
    }
}

async fn the_interface_by_a_cookie(house: House) {
    for kind in ["text/plain", "application/json"] {
        let answer = Sent::to(Method::PUT, "/api/v1/checklist/1-1/answer")
            .with("origin", "http://sonae.test")
            .body(kind, r#"{"round": 1, "value": "yes"}"#)
            .in_session("system_operator");
        assert_eq!(answer.at(&house).await.status, 401, "{kind}");
    }
}

/// A browser that asks whether it may is not told so.
async fn the_interface_asked_by_a_script(house: House) {
    for (method, path) in [
        (Method::OPTIONS, "/api/v1/me"),
        (Method::GET, "/api/v1/me"),
        (Method::OPTIONS, "/me"),
        (Method::GET, "/me"),
    ] {
        let asked = Sent::to(method, path)
            .with("origin", EVIL)
            .with("access-control-request-method", "PUT")
            .with("access-control-request-headers", "authorization")
            .in_session("viewer");
        let said = asked.at(&house).await;
        let names = said.headers.keys().map(ToString::to_string);
        let allows = names.filter(|name| name.starts_with("access-control-"));
        assert_eq!(allows.count(), 0, "{path}");
    }
}

async fn our_pages_in_a_frame(house: House) {
    for path in ["/login", "/me", "/settings/people", "/no/such/page"] {
        let page = Sent::get(path).in_session("administrator").at(&house).await;
        let said = |name: &str| page.headers[name].to_str().unwrap().to_owned();
        assert_eq!(said("x-frame-options"), "DENY", "{path}");
        let policy = said("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    }
}
