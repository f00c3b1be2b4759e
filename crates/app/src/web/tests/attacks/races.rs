//! Two requests at the same moment, of which one at most may be taken. Each runs once each time;
//! `cargo xtask trial login` runs them many times.

use std::time::Duration;

use sonae_domain::people::Role;
use sonae_domain::vendor::VendorAnswer;

use super::{
    RECOVERY_CODES, Sent, account, at_once, came_in, code_in, is_in, ours, roles, session_of,
    show_code, sign_in, summed,
};
use crate::web::tests::browser::{FIRST_VISIT, PASSWORD};
use crate::web::tests::people::{add, grant, link};
use crate::web::tests::vendors::{ANSWER, Asked};
use crate::web::tests::{ADMINISTRATOR, Answered, House, OURS};

attacks![
    thirty_passwords_at_once,
    thirty_codes_at_once,
    one_code_in_two_sessions,
    one_recovery_code_in_two_sessions,
    two_proofs_in_one_session,
    one_link_in_two_hands,
    two_first_visits,
    two_administrators_against_each_other,
    one_vendor_twice,
    the_former_password_while_a_new_one_is_set,
    the_second_step_while_a_link_is_used,
    a_second_factor_while_the_owner_signs_out,
    signing_in_while_the_account_is_closed,
];

/// Another password than everybody's.
const NEW: &str = "yoru no ocha wa atsui 9";

async fn thirty_passwords_at_once(house: House) {
    let guesses = (0..30).map(|n| sign_in("viewer", "wrong").from(&format!("192.0.2.{n}")));
    let said = at_once(&house, guesses).await;
    assert_eq!(summed(&said), "401 x10, 429 x20");
}

async fn thirty_codes_at_once(house: House) {
    let half = came_in(&house, "administrator").await;
    let guess = |n| show_code(&half, "000000").from(&format!("192.0.2.{n}"));
    let said = at_once(&house, (0..30).map(guess)).await;
    assert_eq!(summed(&said), "422 x10, 429 x20");
}

/// How many of them are in now.
async fn n_in(house: &House, answers: &[Answered]) -> usize {
    let mut n_in = 0;
    for session in answers.iter().filter_map(session_of) {
        n_in += usize::from(is_in(house, &session).await);
    }
    n_in
}

async fn one_proof_in_two_sessions(house: &House, proof: &str) {
    let (a, b) = (
        came_in(house, "administrator").await,
        came_in(house, "administrator").await,
    );
    let said = at_once(house, [show_code(&a, proof), show_code(&b, proof)]).await;
    assert_eq!(n_in(house, &said).await, 1, "{}", summed(&said));
}

async fn one_code_in_two_sessions(house: House) {
    one_proof_in_two_sessions(&house, &code_in(&house, "administrator", 0)).await;
}

async fn one_recovery_code_in_two_sessions(house: House) {
    one_proof_in_two_sessions(&house, RECOVERY_CODES[0]).await;
}

/// A half session becomes one whole session, whatever is shown in it.
async fn two_proofs_in_one_session(house: House) {
    let half = came_in(&house, "administrator").await;
    let proofs = RECOVERY_CODES.map(|code| show_code(&half, code));
    let said = at_once(&house, proofs).await;
    assert_eq!(n_in(&house, &said).await, 1, "{}", summed(&said));
}

async fn one_link_in_two_hands(house: House) {
    let link = link(&add(&house, "ichiro", &["viewer"]).await);
    let passwords = [NEW, "hiru no pan wa katai 8"];
    let hands = passwords.map(|password| Sent::form(&link, &[("new_password", password)]));
    let said = at_once(&house, hands).await;
    assert_eq!(n_in(&house, &said).await, 1, "{}", summed(&said));
    let opens = passwords.map(|password| sign_in("ichiro", password));
    let said = at_once(&house, opens).await;
    assert_eq!(summed(&said), "303 x1, 401 x1");
}

async fn two_first_visits(_: House) {
    let house = House::empty(None).await;
    let visits = [("login", "hanako"), ("login", "ichiro")].map(|login| {
        let others = FIRST_VISIT.iter().filter(|(name, _)| *name != "login");
        let fields: Vec<_> = others.chain([&login]).copied().collect();
        Sent::form("/setup", &fields)
    });
    let said = at_once(&house, visits).await;
    assert_eq!(
        said.iter().filter_map(session_of).count(),
        1,
        "{}",
        summed(&said)
    );
    let accounts = house.app.installation.store.accounts().await.unwrap();
    assert_eq!(accounts.len(), 1);
}

async fn two_administrators_against_each_other(house: House) {
    grant(&house, "viewer", OURS, Role::Administrator).await;
    let mut against = Vec::new();
    for (login, by) in [("administrator", "viewer"), ("viewer", "administrator")] {
        let path = format!("/settings/people/{login}");
        let page = house.get(ADMINISTRATOR, &path).await;
        let seen = page.field("seen").unwrap();
        let fields = [("seen", seen.as_str()), ("role", "viewer")];
        against.push(Sent::form(&ours(&format!("{path}/roles")), &fields).in_session(by));
    }
    let said = at_once(&house, against).await;
    let both = [
        roles(&house, "administrator").await,
        roles(&house, "viewer").await,
    ];
    let n_left = both
        .iter()
        .filter(|roles| roles.contains("administrator"))
        .count();
    assert_eq!(n_left, 1, "{}", summed(&said));
}

async fn one_vendor_twice(house: House) {
    let asked = Asked::in_house(house).await;
    let part = |(name, value): &(&str, &str)| {
        format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let hand_in = |name: &'static str| {
        let fields = [&ANSWER[..], &[("note-1-1", name), ("go", "hand_in")]].concat();
        let body: String = fields.iter().map(part).collect();
        let form = Sent::form(&asked.link, &[]);
        form.body(
            "multipart/form-data; boundary=XX",
            &format!("{body}--XX--\r\n"),
        )
    };
    let said = at_once(&asked.house, [hand_in("first"), hand_in("second")]).await;
    let n_taken = said.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(n_taken, 1, "{}", summed(&said));
    let workspace = asked.house.workspace().await;
    let kept = workspace.kept::<VendorAnswer>().await.unwrap();
    assert_eq!(kept.len(), 1);
}

/// Hashing takes long enough for somebody else to get in between: these come one after the other
/// while it is done.
async fn meanwhile(house: &House, main: Sent, attempts: Vec<Sent>) -> (Answered, Vec<Answered>) {
    let attempts = attempts.into_iter().zip(0_u32..);
    let between = async {
        let mut said = Vec::new();
        for (attempt, n) in attempts {
            tokio::time::sleep(Duration::from_millis(10) * n.min(1)).await;
            said.extend(at_once(house, [attempt]).await);
        }
        said
    };
    tokio::join!(main.at(house), between)
}

/// Whoever knows the former password is out, even if it was compared before it was replaced.
async fn the_former_password_while_a_new_one_is_set(house: House) {
    let own = came_in(&house, "viewer").await;
    let fields = [("password", PASSWORD), ("new_password", NEW)];
    let change = Sent::form("/me/password", &fields).in_session(&own);
    let former = (0..8).map(|_| sign_in("viewer", PASSWORD)).collect();
    let (changed, said) = meanwhile(&house, change, former).await;
    assert_eq!(changed.status, 303);
    assert_eq!(n_in(&house, &said).await, 0, "{}", summed(&said));
    assert_eq!(n_in(&house, &[changed]).await, 1);
}

/// The link ends all sessions, and half ones do not become whole behind its back.
async fn the_second_step_while_a_link_is_used(house: House) {
    let path = "/settings/people/safety_officer/link";
    let link = link(&house.post(ADMINISTRATOR, path, &[]).await);
    let half = came_in(&house, "safety_officer").await;
    let code = code_in(&house, "safety_officer", 0);
    let (renewed, said) = meanwhile(
        &house,
        Sent::form(&link, &[("new_password", NEW)]),
        vec![show_code(&half, &code)],
    )
    .await;
    assert_eq!(renewed.status, 303);
    assert_eq!(n_in(&house, &said).await, 0, "{}", summed(&said));
}

/// A stolen session does not make itself a new one while its owner ends it.
async fn a_second_factor_while_the_owner_signs_out(house: House) {
    let (own, stolen) = (
        came_in(&house, "viewer").await,
        came_in(&house, "viewer").await,
    );
    let path = "/me/second-factor/totp";
    let offer = Sent::get(path).in_session(&stolen).at(&house).await;
    let code = super::code_of(&offer.element("secret"), house.now().as_second());
    let (end, add) = (
        Sent::form("/me/sessions/end", &[]).in_session(&own),
        Sent::form(path, &[("code", &code)]).in_session(&stolen),
    );
    let said = at_once(&house, [add, end]).await;
    let is_ended = said
        .iter()
        .any(|answer| answer.to().contains("sessions_ended"));
    let n_in = n_in(&house, &said).await;
    assert!(!is_ended || n_in == 0, "{}", summed(&said));
}

async fn signing_in_while_the_account_is_closed(house: House) {
    let close = Sent::form(&ours("/settings/people/viewer/close"), &[]);
    let close = close.in_session("administrator");
    let attempts = (0..4).map(|_| sign_in("viewer", PASSWORD));
    let said = at_once(&house, attempts.chain([close])).await;
    assert!(account(&house, "viewer").await.disabled_at.is_some());
    assert_eq!(n_in(&house, &said).await, 0, "{}", summed(&said));
}
