//! The address by which a vendor answers once: used again, too late, and for what it is not for.

use sonae_domain::vendor::VendorAnswer;

use super::{Sent, is_in, tried};
use crate::web::tests::vendors::{ANSWER, Asked, DAY, path_after};
use crate::web::tests::{House, OPERATOR, VIEWER};

attacks![
    an_address_twice,
    an_address_after_fourteen_days,
    an_address_that_was_withdrawn,
    an_address_before_the_last_one,
    an_address_of_another_institution,
    an_address_in_another_spelling,
    addresses_by_guessing,
    an_address_as_a_key,
    more_than_was_asked,
    an_answer_taken_over_by_its_vendor,
];

/// Hands an answer in; `200` says that it was taken.
async fn handed_in(asked: &Asked, link: &str, name: &str) -> u16 {
    let mut fields = ANSWER.to_vec();
    fields.retain(|(name, _)| *name != "answered_by");
    fields.extend([("answered_by", name), ("go", "hand_in")]);
    let house = &asked.house;
    let said = house
        .upload(crate::web::tests::Who::Stranger, link, &fields, &[])
        .await;
    said.status.as_u16()
}

/// Who answered.
async fn answered_by(asked: &Asked) -> Vec<String> {
    let workspace = asked.house.workspace().await;
    let kept = workspace.kept::<VendorAnswer>().await.unwrap();
    kept.into_iter()
        .map(|answer| answer.body.answered_by)
        .collect()
}

async fn an_address_twice(house: House) {
    let asked = Asked::in_house(house).await;
    assert_eq!(handed_in(&asked, &asked.link, "first").await, 200);
    assert_eq!(handed_in(&asked, &asked.link, "second").await, 404);
    assert_eq!(answered_by(&asked).await, ["first"]);
}

async fn an_address_after_fourteen_days(house: House) {
    let asked = Asked::in_house(house).await;
    asked.house.pass(DAY * 14);
    assert_eq!(handed_in(&asked, &asked.link, "late").await, 404);
    assert!(answered_by(&asked).await.is_empty());
}

async fn an_address_that_was_withdrawn(house: House) {
    let asked = Asked::in_house(house).await;
    let path = format!("{}/withdraw", asked.request);
    assert_eq!(asked.house.post(OPERATOR, &path, &[]).await.status, 303);
    assert_eq!(handed_in(&asked, &asked.link, "late").await, 404);
    assert!(answered_by(&asked).await.is_empty());
}

async fn an_address_before_the_last_one(house: House) {
    let asked = Asked::in_house(house).await;
    let path = format!("{}/link", asked.request);
    let new = asked.house.post(OPERATOR, &path, &[]).await;
    let last = path_after(&new, "http://sonae.test", "/vendor/");
    assert_eq!(handed_in(&asked, &asked.link, "found it").await, 404);
    assert_eq!(handed_in(&asked, &last, "was given it").await, 200);
}

async fn an_address_of_another_institution(house: House) {
    let asked = Asked::in_house(house).await;
    for other in [
        "theirs.",
        "unknown.",
        ".",
        "",
        "theirs.ours.",
        "ours.theirs.",
    ] {
        let link = asked
            .link
            .replace("/vendor/ours.", &format!("/vendor/{other}"));
        assert_eq!(handed_in(&asked, &link, "x").await, 404, "{other}");
    }
    assert!(answered_by(&asked).await.is_empty());
}

async fn an_address_in_another_spelling(house: House) {
    let asked = Asked::in_house(house).await;
    let link = asked.link.as_str();
    for other in [
        link[..link.len() - 1].to_owned(),
        format!("{link}x"),
        format!("{link}%20"),
        format!("{link}/"),
        link.replace("/vendor/ours.", "/vendor/OURS."),
        link.replace("/vendor/ours.", "/vendor/ours.."),
        link.replace("/vendor/", "/vendor//"),
    ] {
        assert_eq!(handed_in(&asked, &other, "x").await, 404, "{other}");
    }
    assert!(answered_by(&asked).await.is_empty());
}

/// By looking and by answering, it is one count.
async fn addresses_by_guessing(house: House) {
    let guesses = (0..33).map(|n| {
        let path = format!("/vendor/ours.{n}");
        match n % 2 {
            0 => Sent::get(&path).from("192.0.2.1"),
            _ => Sent::form(&path, &ANSWER).from("192.0.2.1"),
        }
    });
    assert_eq!(tried(&house, guesses).await, "404 x30, 429 x3");
}

/// The code opens the one page and nothing else.
async fn an_address_as_a_key(house: House) {
    let asked = Asked::in_house(house).await;
    let (house, code) = (&asked.house, asked.link.trim_start_matches("/vendor/"));
    let secret = code.rsplit('.').next().unwrap();
    for key in [code, secret] {
        assert!(!is_in(house, key).await);
        let me = Sent::get("/api/v1/me").with_token(key);
        assert_eq!(me.at(house).await.status, 401);
        for door in ["welcome", "calendar"] {
            let page = Sent::get(&format!("/{door}/{key}")).at(house).await;
            assert!(page.status.is_client_error(), "{door}: {}", page.status);
        }
    }
    for door in ["", "/letter.pdf", "/form.xlsx"] {
        let page = Sent::get(&format!("{}{door}?code={code}", asked.request));
        let said = page.at(house).await.brief();
        assert!(said.starts_with("303 /login?"), "{door}: {said}");
    }
}

/// Neither devices that it was not asked about, nor how it came, is for the vendor to say.
async fn more_than_was_asked(house: House) {
    let asked = Asked::in_house(house).await;
    let more = [
        ("source", "paper"),
        ("taken-1-1", "yes"),
        ("remote-secret-01", "no"),
        ("submitted_at", "2020-01-01"),
        ("vendor", "another"),
        ("institution", "theirs"),
    ];
    let fields = [&ANSWER[..], &more].concat();
    assert_eq!(asked.answer("hand_in", &fields).await.status, 200);
    let workspace = asked.house.workspace().await;
    let kept = workspace
        .kept::<VendorAnswer>()
        .await
        .unwrap()
        .remove(0)
        .body;
    assert!(kept.taken.is_empty());
    assert_eq!(kept.source, sonae_domain::vendor::AnswerSource::Link);
    assert_eq!(kept.submitted_at, asked.house.now());
    assert!(
        kept.remote
            .keys()
            .all(|asset| asset.as_str() != "secret-01")
    );
}

async fn an_answer_taken_over_by_its_vendor(house: House) {
    let asked = Asked::in_house(house).await;
    assert_eq!(handed_in(&asked, &asked.link, "vendor").await, 200);
    let path = super::ours(&format!("{}/accept", asked.request));
    let fields = [("item", "fy2025/vendor/officer-appointed")];
    let accept = Sent::form(&path, &fields).at(&asked.house).await;
    assert_eq!(accept.status, 401);
    assert_eq!(asked.house.post(VIEWER, &path, &fields).await.status, 403);
    let paths = ["accept", "paper", "link", "withdraw", "file"];
    for door in paths.map(|door| format!("{}/{door}", asked.link)) {
        assert_eq!(
            Sent::form(&door, &fields).at(&asked.house).await.status,
            404
        );
    }
}
