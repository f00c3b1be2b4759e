//! Guessing: passwords, codes of the first visit, and which names there are.

use sonae_store::AccountChange;

use super::{MINUTE, Sent, came_in, change, ours, sign_in, summed, tried};
use crate::usecase::secrets::token_hash;
use crate::web::tests::House;
use crate::web::tests::browser::{FIRST_VISIT, PASSWORD};

attacks![
    eleven_passwords_in_a_minute,
    a_burst_at_the_edge_of_a_minute,
    one_name_in_many_spellings,
    one_name_from_many_addresses,
    many_names_from_one_address,
    many_addresses_of_one_ipv6_network,
    ones_own_password_in_between,
    a_forged_proxy_without_any,
    a_forged_proxy_before_ours,
    other_headers_that_name_an_address,
    passwords_of_whoever_is_in,
    codes_of_the_first_visit,
    which_names_there_are,
    which_names_wait,
    a_name_as_long_as_a_book,
];

fn guess(login: &str) -> Sent {
    sign_in(login, "wrong")
}

async fn eleven_passwords_in_a_minute(house: House) {
    let guesses = (0..12).map(|_| guess("viewer"));
    assert_eq!(tried(&house, guesses).await, "401 x10, 429 x2");
    let right = [sign_in("viewer", PASSWORD)];
    assert_eq!(tried(&house, right).await, "429 x1", "the right one waits");
    house.pass(MINUTE);
    let right = [sign_in("viewer", PASSWORD)];
    assert_eq!(tried(&house, right).await, "303 x1", "not for ever");
}

async fn a_burst_at_the_edge_of_a_minute(house: House) {
    assert_eq!(tried(&house, [guess("viewer")]).await, "401 x1");
    house.pass(MINUTE - MINUTE / 60);
    let before = (0..9).map(|_| guess("viewer"));
    assert_eq!(tried(&house, before).await, "401 x9");
    house.pass(MINUTE / 30);
    let after = (0..10).map(|_| guess("viewer"));
    assert_eq!(
        tried(&house, after).await,
        "429 x10",
        "nine were just tried"
    );
}

async fn one_name_in_many_spellings(house: House) {
    let spellings = [
        "viewer",
        "VIEWER",
        "Viewer",
        " viewer ",
        "ｖｉｅｗｅｒ",
        "ＶＩＥＷＥＲ",
    ];
    let guesses = spellings.iter().cycle().take(12).map(|login| guess(login));
    assert_eq!(tried(&house, guesses).await, "401 x10, 429 x2");
}

async fn one_name_from_many_addresses(house: House) {
    let guesses = (0..12).map(|n| guess("viewer").from(&format!("192.0.2.{n}")));
    assert_eq!(tried(&house, guesses).await, "401 x10, 429 x2");
}

async fn many_names_from_one_address(house: House) {
    let guesses = (0..33).map(|n| guess(&format!("name{n}")).from("192.0.2.1"));
    assert_eq!(tried(&house, guesses).await, "401 x30, 429 x3");
    let neighbour = [guess("viewer").from("192.0.2.2")];
    assert_eq!(tried(&house, neighbour).await, "401 x1");
}

async fn many_addresses_of_one_ipv6_network(house: House) {
    let from = |n: usize| format!("2001:db8:1:2:{n:x}::{n:x}");
    let guesses = (0..33).map(|n| guess(&format!("name{n}")).from(&from(n)));
    assert_eq!(tried(&house, guesses).await, "401 x30, 429 x3");
}

/// Coming in oneself begins no count of others anew.
async fn ones_own_password_in_between(house: House) {
    let mut answers = Vec::new();
    for n in 0..33 {
        let attempt = match n % 3 {
            0 => sign_in("viewer", PASSWORD),
            _ => guess(&format!("name{n}")),
        };
        answers.push(attempt.at(&house).await);
    }
    assert_eq!(summed(&answers), "303 x10, 401 x20, 429 x3");
}

async fn a_forged_proxy_without_any(house: House) {
    let guesses = (0..33).map(|n| {
        guess(&format!("name{n}"))
            .from("192.0.2.1")
            .with("x-forwarded-for", &format!("198.51.100.{n}"))
    });
    assert_eq!(tried(&house, guesses).await, "401 x30, 429 x3");
}

/// The proxy writes what it saw behind what it was told.
async fn a_forged_proxy_before_ours(house: House) {
    let house = house.reached(|app| app.behind_proxy = true);
    let guesses = (0..33).map(|n| {
        guess(&format!("name{n}"))
            .from("127.0.0.1")
            .with("x-forwarded-for", &format!("198.51.100.{n}, 192.0.2.1"))
    });
    assert_eq!(tried(&house, guesses).await, "401 x30, 429 x3");
}

async fn other_headers_that_name_an_address(house: House) {
    let house = house.reached(|app| app.behind_proxy = true);
    let guesses = (0..33).map(|n| {
        let forged = format!("198.51.100.{n}");
        guess(&format!("name{n}"))
            .with("x-forwarded-for", "192.0.2.1")
            .with("x-real-ip", &forged)
            .with("forwarded", &format!("for={forged}"))
            .with("client-ip", &forged)
    });
    assert_eq!(tried(&house, guesses).await, "401 x30, 429 x3");
}

/// Somebody at an open screen looks for the password, which is worth more than the screen.
async fn passwords_of_whoever_is_in(house: House) {
    let fields = [
        ("password", "wrong"),
        ("new_password", "yoru no ocha wa atsui 9"),
    ];
    for path in ["/me/password", "/me/second-factor/codes"] {
        let session = came_in(&house, "viewer").await;
        let guesses = (0..12).map(|_| Sent::form(path, &fields).in_session(&session));
        assert_eq!(tried(&house, guesses).await, "422 x10, 429 x2", "{path}");
        house.pass(MINUTE);
    }
}

async fn codes_of_the_first_visit(_: House) {
    let house = House::empty(None).await;
    let house = house.reached(|app| app.setup_code = Some("right".to_owned()));
    let guesses = (0..33).map(|n| {
        let mut fields = FIRST_VISIT.to_vec();
        let code = n.to_string();
        fields.push(("code", &code));
        Sent::form("/setup", &fields)
    });
    assert_eq!(tried(&house, guesses).await, "422 x30, 429 x3");
    assert!(house.app.installation.is_new().await.unwrap());
}

/// Nobody, somebody, whoever left and whoever never came in look the same.
async fn which_names_there_are(house: House) {
    change(&house, "system_operator", AccountChange::Closed(true)).await;
    let said = async |login: &str| {
        let answer = guess(login).at(&house).await;
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        (answer.status, answer.text().replace(login, "LOGIN"), names)
    };
    let nobody = said("nobody").await;
    for login in [
        "viewer",
        "administrator",
        "system_operator",
        "planning_manager",
    ] {
        assert_eq!(said(login).await, nobody, "{login}");
    }
    let closed = sign_in("system_operator", PASSWORD).at(&house).await;
    assert_eq!(closed.status, 401);
}

async fn which_names_wait(house: House) {
    for login in ["nobody", "viewer", "planning_manager"] {
        let guesses = (0..11).map(|_| guess(login));
        assert_eq!(tried(&house, guesses).await, "401 x10, 429 x1", "{login}");
        house.pass(MINUTE);
    }
}

/// What is counted stands in an index, and an index has no room for a book.
async fn a_name_as_long_as_a_book(house: House) {
    let book: String = (0..3_000)
        .map(|page| token_hash(&page.to_string()))
        .collect();
    assert_eq!(tried(&house, [guess(&book)]).await, "401 x1");
    let path = ours("/me/tokens");
    let own = Sent::form(&path, &[("name", &book)]).in_session("viewer");
    assert!(!own.at(&house).await.status.is_server_error());
}
