//! A form stays in the institution that it was shown for: in another tab, after a grant has ended,
//! and through signing in once more.

use axum::body::Body;
use axum::http::Request;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::Role;
use sonae_store::{AccountChange, Secret};

use super::browser::{Browser, PASSWORD};
use super::people::grant;
use super::words::{files, root};
use super::{ADMINISTRATOR, House, OPERATOR, OURS, THEIRS};
use crate::usecase::secrets::password_hash;

/// A form of the other institution.
const THEIR_FORM: &str = "/settings/vendors/new?institution=theirs";

const TYPED: [(&str, &str); 1] = [("name", "Toto Systems")];

/// The administrator and the operator of ours have a role in theirs, too.
async fn house() -> House {
    let house = House::on_sqlite().await;
    grant(&house, "administrator", THEIRS, Role::Administrator).await;
    grant(&house, "system_operator", THEIRS, Role::SystemOperator).await;
    house
}

/// How many vendors ours and theirs have.
async fn n_vendors(house: &House) -> (usize, usize) {
    let store = &house.app.installation.store;
    let n = async |id: &str| {
        let vendors = store.records(&InstitutionId::new(id), "vendor").await;
        vendors.unwrap().len()
    };
    (n(OURS).await, n(THEIRS).await)
}

#[test]
fn every_form_of_an_institution_says_which() {
    // What is sent once more has said it already.
    let again = ["{{ page.place }}", "{{ action }}"];
    let mut silent = Vec::new();
    for (path, text) in files(&root().join("templates/web")) {
        for tag in text.split('<').skip(1) {
            let is_form = tag.starts_with("form ") && tag.contains("method=\"post\"");
            let actions = tag.split("action=\"").skip(1);
            let actions = actions.map(|rest| rest.split("\" ").next().unwrap_or_default());
            for action in actions.filter(|_| is_form || tag.contains("formaction=")) {
                let action = action.split(['"', '>']).next().unwrap_or_default();
                let is_said = action.starts_with("{{ page.form_action(");
                if !is_said && !again.contains(&action) && !is_of_a_person(action) {
                    silent.push(format!("{path}: {action}"));
                }
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

/// Doors before any institution, those of everybody who is signed in, and a vendor's, whose code
/// names the institution.
fn is_of_a_person(action: &str) -> bool {
    let of_a_person = [
        "/login",
        "/logout",
        "/preferences",
        "/setup",
        "/welcome/",
        "/institutions",
        "/vendor/",
        // An inspector's, whose code does so too.
        "{{ path }}/remarks",
    ];
    let own = action
        .strip_prefix("/me")
        .is_some_and(|rest| !rest.starts_with("/tokens"));
    own || of_a_person.iter().any(|door| action.starts_with(door))
}

#[tokio::test]
async fn a_form_of_another_institution_changes_nothing_and_goes_on_there() {
    let house = house().await;
    let refused = house.post(ADMINISTRATOR, THEIR_FORM, &TYPED).await;
    assert_eq!(refused.status, 409);
    let text = refused.text();
    for said in ["name of ours", "name of theirs", "Toto Systems"] {
        assert!(text.contains(said), "{said}");
    }
    assert_eq!(n_vendors(&house).await, (0, 0));

    let (next, carried) = (
        refused.field("next").unwrap(),
        refused.field("carried").unwrap(),
    );
    let choice = [
        ("institution", THEIRS),
        ("next", &next),
        ("carried", &carried),
    ];
    let resumed = house.post(ADMINISTRATOR, "/institutions", &choice).await;
    assert_eq!(resumed.status, 200);
    assert!(resumed.text().contains("name of theirs"));
    assert!(resumed.text().contains(&format!("action=\"{THEIR_FORM}\"")));
    let done = house.post(ADMINISTRATOR, THEIR_FORM, &TYPED).await;
    assert_eq!(done.status, 303);
    assert_eq!(n_vendors(&house).await, (0, 1));
}

#[tokio::test]
async fn files_of_another_institution_are_not_kept() {
    let house = house().await;
    let file: (&str, &str, &[u8]) = ("file", "a.csv", b"a");
    let check = async |path: &str, status: u16| {
        let answer = house.upload(OPERATOR, path, &[], &[file]).await;
        assert_eq!(answer.status, status, "{path}");
    };
    check("/ledger/import?institution=theirs", 409).await;
    check("/ledger/import?institution=ours", 422).await;
}

#[tokio::test]
async fn a_form_that_does_not_say_its_institution_is_refused() {
    let house = house().await;
    let request = |path: &str| {
        let request = Request::post(path)
            .header("host", "sonae.test")
            .header("origin", "http://sonae.test")
            .header("cookie", "sonae_session=administrator");
        request.body(Body::empty()).unwrap()
    };
    let check = async |path: &str, status: u16| {
        assert_eq!(house.send(request(path)).await.status, status, "{path}");
    };
    check("/settings/vendors/new", 409).await;
    check("/settings/vendors/new?institution=", 409).await;
    // Through the door; what was sent is no form.
    check("/settings/vendors/new?institution=ours", 415).await;
    check("/preferences", 415).await;
}

#[tokio::test]
async fn whoever_may_no_longer_enter_chooses_and_is_not_moved() {
    let house = house().await;
    let store = &house.app.installation.store;
    let (ours, own) = (InstitutionId::new(OURS), GrantId::new("system_operator"));
    let revoked = store.revoke_grant(&ours, &own, "test", house.now()).await;
    assert!(revoked.unwrap());
    assert_eq!(house.get(OPERATOR, "/").await.brief(), "303 /institutions");
    for form in ["/settings/vendors/new?institution=ours", THEIR_FORM] {
        let refused = house.post(OPERATOR, form, &TYPED).await;
        assert_eq!(refused.status, 409, "{form}");
        let text = refused.text();
        assert!(text.contains("Toto Systems") && text.contains("name of theirs"));
        assert!(!text.contains("name of ours"), "{form}");
    }
    let choice = [("institution", THEIRS)];
    house.post(OPERATOR, "/institutions", &choice).await;
    assert_eq!(house.get(OPERATOR, "/").await.status, 200);
    assert_eq!(n_vendors(&house).await, (0, 0));
}

#[tokio::test]
async fn what_was_typed_before_signing_in_goes_on_where_it_was_meant() {
    let house = house().await;
    let store = &house.app.installation.store;
    let account = AccountId::new("system_operator");
    let hash = password_hash(PASSWORD.to_owned()).await.unwrap();
    let password = AccountChange::Password(Secret::new(hash));
    let changed = store.change_account(&account, &password, "test", house.now());
    changed.await.unwrap();

    let sign_in = async |next: &str| {
        let mut browser = Browser::new(&house);
        let asked = browser.post(next, &TYPED).await;
        assert_eq!(asked.status, 401, "{next}");
        let (next, carried) = (
            asked.field("next").unwrap(),
            asked.field("carried").unwrap(),
        );
        let fields = [
            ("login", "system_operator"),
            ("password", PASSWORD),
            ("next", &next),
            ("carried", &carried),
        ];
        let resumed = browser.post("/login", &fields).await;
        assert_eq!(resumed.status, 200, "{next}");
        assert!(resumed.text().contains("Toto Systems"), "{next}");
        (resumed.text().contains("name of theirs"), browser)
    };
    let (is_named, mut browser) = sign_in(THEIR_FORM).await;
    assert!(is_named);
    assert_eq!(browser.post(THEIR_FORM, &TYPED).await.status, 303);
    assert_eq!(n_vendors(&house).await, (0, 1));

    let lost = "/settings/vendors/new?institution=unknown";
    let (is_named, mut browser) = sign_in(lost).await;
    assert!(!is_named);
    let refused = browser.post(lost, &TYPED).await;
    assert_eq!(refused.status, 409);
    for said in ["name of ours", "name of theirs", "Toto Systems"] {
        assert!(refused.text().contains(said), "{said}");
    }
}
