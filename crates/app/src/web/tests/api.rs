//! The programming interface: its description, and each operation as a program meets it.

use axum::body::Body;
use axum::http::Method;
use expect_test::expect_file;
use serde_json::{Value, json};
use sonae_domain::people::Role;
use utoipa::OpenApi;

use super::{ADMINISTRATOR, Answered, House, OPERATOR, VIEWER, Who};
use crate::web::api::Document;
use crate::web::routes::doors;

#[test]
fn the_committed_description_is_what_the_code_says() {
    let described = Document::openapi().to_pretty_json().unwrap() + "\n";
    expect_file!["../../../../../docs/reference/openapi.json"].assert_eq(&described);
}

#[tokio::test]
async fn every_operation_is_described_and_every_description_an_operation() {
    let house = House::empty(None).await;
    let doors = doors(&house.app).unwrap();
    let mut opened: Vec<String> = doors
        .opened()
        .iter()
        .filter(|(path, _)| path.starts_with("/api/"))
        .map(|(path, method)| format!("{path} {}", method.as_str().to_lowercase()))
        .collect();
    opened.sort_unstable();
    let document: Value = serde_json::from_str(&Document::openapi().to_json().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut described: Vec<String> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{path} {method}"))
        })
        .collect();
    described.sort_unstable();
    assert_eq!(opened, described);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document: Value = serde_json::from_str(&Document::openapi().to_json().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|methods| methods.as_object().unwrap().values());
    let mut names: Vec<_> = operations
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let n_operations = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), n_operations, "{names:?}");
}

#[tokio::test]
async fn a_program_answers_on_sqlite() {
    answers(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_program_answers_on_postgres() {
    answers(&House::on_postgres("api").await).await;
}

async fn answers(house: &House) {
    let first = put(
        house,
        OPERATOR,
        "1-1",
        json!({ "round": 1, "value": "yes" }),
    )
    .await;
    assert_eq!(first.status, 200, "{}", first.text());
    let shown = value(&first);
    assert_eq!(shown["standing"], "declared");
    assert_eq!(shown["answer"]["answered_by"], "name of system_operator");

    let seen = shown["answer"]["recorded_at"].clone();
    let again = put(
        house,
        OPERATOR,
        "1-1",
        json!({ "round": 1, "value": "yes" }),
    )
    .await;
    assert_eq!(again.status, 200, "the same, sent twice");
    assert_eq!(value(&again)["answer"]["recorded_at"], seen);

    let unseen = json!({ "round": 1, "value": "no", "target_on": "2027-01-31" });
    let late = put(house, ADMINISTRATOR, "1-1", unseen).await;
    assert_eq!(late.status, 409, "somebody answered meanwhile");
    assert_eq!(value(&late)["value"], "yes");

    house.pass(jiff::SignedDuration::from_secs(60));
    let known = json!({ "round": 1, "value": "no", "target_on": "2027-01-31", "seen": seen });
    let changed = put(house, ADMINISTRATOR, "1-1", known).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(value(&changed)["standing"], "planned");
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_in_both_languages() {
    let house = House::on_sqlite().await;
    let check = async |item: &str, body: Value, status: u16| {
        let answer = put(&house, OPERATOR, item, body.clone()).await;
        assert_eq!(answer.status, status, "{item} {body}: {}", answer.text());
        let said = value(&answer);
        for language in ["message_ja", "message_en"] {
            assert!(
                said[language].as_str().is_some_and(|text| text.len() > 10),
                "{said}"
            );
        }
    };
    check("9-9", json!({ "round": 1, "value": "yes" }), 404).await;
    check("1-1", json!({ "round": 0, "value": "yes" }), 422).await;
    check("1-1", json!({ "round": 1, "value": "maybe" }), 422).await;
    check("1-1", json!({ "round": 1 }), 422).await;
    check(
        "1-1",
        json!({ "round": 1, "value": "yes", "confirmed_on": "2027-01-01" }),
        422,
    )
    .await;
    check(
        "1-1",
        json!({ "round": 1, "value": "yes", "target_on": "2027-01-01" }),
        422,
    )
    .await;
    check(
        "1-1",
        json!({ "round": 1, "value": "yes", "who": "me" }),
        422,
    )
    .await;
}

#[tokio::test]
async fn a_file_is_looked_at_then_kept_then_known() {
    let house = House::on_sqlite().await;
    let ledger = "\u{7a2e}\u{5225},\u{6a5f}\u{5668}\u{540d},\u{6240}\u{5728},\u{30b7}\u{30ea}\u{30a2}\u{30eb}\u{756a}\u{53f7}\n\
                  \u{30b5}\u{30fc}\u{30d0},srv-01,\u{672c}\u{9928},SN-1001\n";
    let send = async |query: &str| {
        let path = format!("/api/v1/evidence?file_name=ledger.csv{query}");
        let answer = house
            .ask(
                OPERATOR,
                Method::POST,
                &path,
                "application/octet-stream",
                Body::from(ledger),
            )
            .await;
        (answer.status.as_u16(), value(&answer))
    };
    let (status, said) = send("").await;
    assert_eq!(status, 422, "a body does not tell its day: {said}");
    let (status, said) = send("&effective_on=2026-11-20&dry_run=true").await;
    assert_eq!(
        (status, &said["outcome"]),
        (200, &json!("dry_run")),
        "{said}"
    );
    assert_eq!(value(&house.get(VIEWER, "/api/v1/assets").await), json!([]));
    let (_, said) = send("&effective_on=2026-11-20").await;
    assert_eq!(said["outcome"], "new", "{said}");
    let (_, said) = send("&effective_on=2026-11-20").await;
    assert_eq!(said["outcome"], "already_known", "{said}");

    let assets = value(&house.get(VIEWER, "/api/v1/assets").await);
    let id = assets[0]["id"].as_str().unwrap();
    let path = format!("/api/v1/assets/{id}");
    assert_eq!(house.get(VIEWER, &path).await.status, 200);
    let evidence = assets[0]["evidence"].as_str().unwrap();
    let evidence = format!("/api/v1/evidence/{evidence}");
    assert_eq!(house.get(VIEWER, &evidence).await.status, 200);
    for path in [path, evidence] {
        let foreign = house.get(Who::Foreigner, &path).await;
        let unknown = house.get(Who::Foreigner, &format!("{path}0")).await;
        assert_eq!(
            (foreign.status.as_u16(), unknown.status.as_u16()),
            (404, 404)
        );
        assert_eq!(foreign.body, unknown.body);
    }
}

#[tokio::test]
async fn a_cookie_opens_nothing_and_a_wrong_token_nothing() {
    let house = House::on_sqlite().await;
    let check = async |name: &str, secret: &str| {
        let request = axum::http::Request::builder()
            .uri("/api/v1/me")
            .header(name, secret)
            .body(Body::empty());
        let answer = house.send(request.unwrap()).await;
        assert_eq!(answer.status, 401, "{name}: {secret}");
    };
    check("cookie", "sonae_session=viewer").await;
    check("authorization", "Bearer nobody").await;
    check("authorization", "viewer").await;
    let holder = value(&house.get(Who::Has(Role::Viewer), "/api/v1/me").await);
    assert_eq!(holder["roles"], json!(["viewer"]));
}

async fn put(house: &House, who: Who, item: &str, body: Value) -> Answered {
    let path = format!("/api/v1/checklist/{item}/answer");
    let body = Body::from(body.to_string());
    house
        .ask(who, Method::PUT, &path, "application/json", body)
        .await
}

fn value(answer: &Answered) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}", answer.text()))
}
