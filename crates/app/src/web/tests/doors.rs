//! Coming in and going out, and what no door takes.

use axum::body::Body;
use axum::http::Method;

use super::{House, OPERATOR, VIEWER, Who};

#[tokio::test]
async fn a_stranger_is_asked_who_they_are_and_led_back() {
    let house = House::on_sqlite().await;
    let check = async |path: &str, expected: &str| {
        assert_eq!(
            house.get(Who::Stranger, path).await.brief(),
            expected,
            "{path}"
        );
    };
    check("/", "303 /login?next=%2F").await;
    check("/login", "200").await;
    check("/setup", "303 /").await;
}

#[tokio::test]
async fn what_was_typed_while_the_session_ended_is_carried_through() {
    let house = House::on_sqlite().await;
    let answer = house
        .post(Who::Stranger, "/logout", &[("note", "a long note & more")])
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.field("next").as_deref(), Some("/logout"));
    let carried = answer.field("carried").unwrap();
    assert_eq!(carried.replace("&#38;", "&"), "note=a+long+note+%26+more");
}

#[tokio::test]
async fn the_preferences_lead_back_to_a_page_of_ours_only() {
    let house = House::on_sqlite().await;
    let check = async |place: &str, expected: &str| {
        let fields = [("language", "en"), ("place", place)];
        let answer = house.post(VIEWER, "/preferences", &fields).await;
        assert_eq!(answer.brief(), format!("303 {expected}"), "{place}");
    };
    check("/checklist?round=2", "/checklist?round=2").await;
    check("//elsewhere.test", "/").await;
    check("https://elsewhere.test", "/").await;
    check("/\\elsewhere.test", "/").await;
    check("/\r\nset-cookie: a=b", "/").await;
    check("/\u{1}", "/").await;
    check("/\u{7f}", "/").await;
}

#[tokio::test]
async fn a_text_that_cannot_be_kept_is_refused_on_sqlite() {
    refuses_nul(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_text_that_cannot_be_kept_is_refused_on_postgres() {
    refuses_nul(&House::on_postgres("nul").await).await;
}

/// On PostgreSQL such a text would look like a database that is gone for a while.
async fn refuses_nul(house: &House) {
    let answer = "/api/v1/checklist/1-1/answer";
    let note = r#"{"value": "yes", "note": "a\u0000"}"#;
    let put = Body::from(note);
    let json = "application/json";
    for refused in [
        house.post(VIEWER, "/me", &[("name", "a\0b")]).await,
        house
            .post(Who::Stranger, "/login", &[("login", "\0")])
            .await,
        house.get(VIEWER, "/checklist/%00").await,
        house.get(VIEWER, "/ledger?q=%00").await,
        house
            .upload(OPERATOR, "/evidence/upload", &[("note", "\0")], &[])
            .await,
        house.ask(OPERATOR, Method::PUT, answer, json, put).await,
    ] {
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains("U+0000"), "{}", refused.text());
    }
    let harmless = house.post(VIEWER, "/me", &[("name", "100%00")]).await;
    assert_eq!(harmless.brief(), "303 /me?done=saved");
}
