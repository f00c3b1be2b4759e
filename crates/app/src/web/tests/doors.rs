//! Coming in and going out.

use super::{House, VIEWER, Who};

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
}
