//! Contradictions, and explaining them for a time.

use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use sonae_domain::people::Role;

use super::{ADMINISTRATOR, House, OPERATOR, OURS, VIEWER, Who};

/// There is a contract, so 記入不要 is contradicted.
async fn house_with_a_contradiction() -> House {
    let house = House::on_sqlite().await;
    let fields = [("value", "not_required")];
    assert_eq!(
        house.post(OPERATOR, "/checklist/2-2", &fields).await.status,
        303
    );
    house
}

async fn lists(house: &House) -> String {
    let text = house.get(VIEWER, "/contradictions").await.text();
    let titles = [
        "いま対応が必要な矛盾 1件",
        "事情を書いたもの 1件",
        "説明の期限切れ",
    ];
    let there = titles.into_iter().filter(|title| text.contains(title));
    there.collect::<Vec<_>>().join(" | ")
}

const EXPLAINED: [(&str, &str); 3] = [
    ("text", "The vendor answers in March"),
    ("ends_on", "R9.3.31"),
    ("seen", ""),
];

#[tokio::test]
async fn a_contradiction_is_explained_and_the_explanation_taken_back() {
    let house = house_with_a_contradiction().await;
    assert_eq!(lists(&house).await, "いま対応が必要な矛盾 1件");
    for _ in ["pressed", "pressed twice"] {
        let answer = house
            .post(OPERATOR, "/contradictions/2-2/explain", &EXPLAINED)
            .await;
        assert_eq!(answer.brief(), "303 /contradictions?done=explained");
    }
    assert_eq!(lists(&house).await, "事情を書いたもの 1件");
    let item = house.get(VIEWER, "/checklist/2-2").await.text();
    assert!(item.contains("説明あり（令和9年3月31日まで）"), "{item}");
    assert!(
        item.contains("data-standing=\"contradicted\""),
        "it stays contradicted"
    );
    let theirs = house.get(Who::Foreigner, "/contradictions").await.text();
    assert!(!theirs.contains("The vendor answers"), "{theirs}");

    let stale = [("seen", "7")];
    let answer = house
        .post(OPERATOR, "/contradictions/2-2/withdraw", &stale)
        .await;
    assert_eq!(answer.brief(), "303 /contradictions?done=not_withdrawn");
    for _ in ["pressed", "pressed twice"] {
        let answer = house
            .post(OPERATOR, "/contradictions/2-2/withdraw", &[("seen", "1")])
            .await;
        assert_eq!(answer.brief(), "303 /contradictions?done=withdrawn");
    }
    assert_eq!(lists(&house).await, "いま対応が必要な矛盾 1件");
    // What was taken back can be explained anew.
    let answer = house
        .post(OPERATOR, "/contradictions/2-2/explain", &EXPLAINED)
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(lists(&house).await, "事情を書いたもの 1件");
}

#[tokio::test]
async fn an_explanation_ends_and_the_contradiction_is_open_again() {
    let house = house_with_a_contradiction().await;
    let fields = [("text", "until tonight"), ("ends_on", "2026-11-21")];
    let answer = house
        .post(OPERATOR, "/contradictions/2-2/explain", &fields)
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(lists(&house).await, "事情を書いたもの 1件");
    house.pass(SignedDuration::from_hours(12));
    // Every session is over by midnight; somebody comes in the next day.
    house.add_person("early", OURS, Role::Viewer).await;
    let request = Request::get("/contradictions")
        .header("host", "sonae.test")
        .header("cookie", "sonae_session=early");
    let answer = house.send(request.body(Body::empty()).unwrap()).await;
    let text = answer.text();
    assert!(text.contains("いま対応が必要な矛盾 1件"), "{text}");
    assert!(
        text.contains("説明の期限切れ（令和8年11月21日まで）"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_refused_stays_in_the_form_with_the_reason() {
    let house = house_with_a_contradiction().await;
    let slug = "remote-maintenance-identified";
    for (text, ends_on, field) in [
        ("", "R9.3.31", "text-error"),
        ("パスワード: hunter2", "R9.3.31", "text-error"),
        ("a good reason", "", "ends-error"),
        ("a good reason", "someday", "ends-error"),
        ("a good reason", "2026-11-20", "ends-error"),
        ("a good reason", "2027-11-22", "ends-error"),
    ] {
        let fields = [("text", text), ("ends_on", ends_on)];
        let answer = house
            .post(OPERATOR, "/contradictions/2-2/explain", &fields)
            .await;
        assert_eq!(answer.status, 422, "{text} {ends_on}");
        let page = answer.text();
        assert!(
            page.contains(&format!("id=\"{field}-{slug}\"")),
            "{text} {ends_on}\n{page}"
        );
        assert!(
            page.contains(text) && page.contains(ends_on),
            "{text} {ends_on}"
        );
    }
    let fields = [("text", "the last day possible"), ("ends_on", "2027-11-21")];
    let answer = house
        .post(OPERATOR, "/contradictions/2-2/explain", &fields)
        .await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn who_may_not_explain_changes_nothing() {
    let house = house_with_a_contradiction().await;
    for (who, path, expected) in [
        (VIEWER, "/contradictions/2-2/explain", 403),
        (VIEWER, "/contradictions/2-2/withdraw", 403),
        (Who::Stranger, "/contradictions/2-2/explain", 401),
        (OPERATOR, "/contradictions/9-9/explain", 404),
        (OPERATOR, "/contradictions/2-2/explain?form=nothing", 404),
        (OPERATOR, "/contradictions/9-9/withdraw", 404),
        (OPERATOR, "/contradictions/2-2/withdraw", 404),
        // Not contradicted: in the other institution, and another item of ours.
        (Who::Foreigner, "/contradictions/2-2/explain", 422),
        (OPERATOR, "/contradictions/2-1/explain", 422),
    ] {
        let answer = house.post(who, path, &EXPLAINED).await;
        assert_eq!(answer.status, expected, "{who:?} {path}");
    }
    assert_eq!(lists(&house).await, "いま対応が必要な矛盾 1件");
}

#[tokio::test]
async fn of_two_people_the_second_sees_both_and_chooses() {
    let house = house_with_a_contradiction().await;
    let path = "/contradictions/2-2/explain";
    house.post(OPERATOR, path, &EXPLAINED).await;
    let mine = [
        ("text", "my own reason"),
        ("ends_on", "R9.1.31"),
        ("seen", ""),
    ];
    let answer = house.post(ADMINISTRATOR, path, &mine).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("The vendor answers in March"));
    assert!(answer.text().contains("my own reason"));
    let seen = answer.field("seen").unwrap();
    let on_top = [
        ("text", "my own reason"),
        ("ends_on", "R9.1.31"),
        ("seen", &*seen),
    ];
    assert_eq!(house.post(ADMINISTRATOR, path, &on_top).await.status, 303);
    let text = house.get(VIEWER, "/contradictions").await.text();
    assert!(text.contains("my own reason"), "{text}");
}
