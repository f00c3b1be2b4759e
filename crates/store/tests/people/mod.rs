//! What a store promises about people: accounts, what lets them in, sessions, grants and tokens.

use std::sync::Arc;

use sonae_domain::ids::{AccountId, GrantId, InstitutionId, TokenId};
use sonae_domain::people::{Grant, Role};
use sonae_store::{
    Account, AccountChange, Passkey, Secret, Session, SetupLink, Store, Throttle, Token, TokenScope,
};

use crate::{at, one_institution};

pub(crate) async fn accounts_are_kept(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let (first, second) = (account("p-1"), account("p-2"));
    let counted = Account {
        totp_step: Some(7),
        last_login_at: Some(at(7)),
        ..second.clone()
    };
    for account in [&counted, &first] {
        store.insert_account(account, "x", at(0)).await.unwrap();
    }
    let accounts = store.accounts().await.unwrap();
    assert_eq!(accounts, [first.clone(), second.clone()]);
    let found = store.account(&second.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&second));
    let found = store.account_by_login("p-2").await.unwrap();
    assert_eq!(found.as_ref(), Some(&second));
    assert_eq!(store.account_by_login("P-2").await.unwrap(), None);

    let same_login = Account {
        login: "p-1".to_owned(),
        ..account("p-3")
    };
    assert_refused!(store.insert_account(&first, "x", at(0)).await, AlreadyThere);
    assert_refused!(
        store.insert_account(&same_login, "x", at(0)).await,
        AlreadyThere
    );
    let (unknown, name) = (
        AccountId::new("p-3"),
        AccountChange::Name("佐藤".to_owned()),
    );
    assert_refused!(
        store.change_account(&unknown, &name, "x", at(0)).await,
        NotThere
    );
    assert_refused!(
        store.note_login(&AccountId::new("p-3"), at(0)).await,
        NotThere
    );
    assert_refused!(
        store.note_failed_login(&AccountId::new("p-3"), at(0)).await,
        NotThere
    );
}

/// One thing at a time: what was decided on what the account was before changes nothing else.
pub(crate) async fn an_account_is_changed(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let (first, second) = (account("p-1"), account("p-2"));
    let id = &first.id;
    for account in [&first, &second] {
        store.insert_account(account, "x", at(0)).await.unwrap();
    }
    assert!(store.use_totp_step(id, 100).await.unwrap());
    store.note_login(id, at(3)).await.unwrap();
    let mut expected = Account {
        totp_step: Some(100),
        last_login_at: Some(at(3)),
        ..first.clone()
    };
    let change = async |change: AccountChange, minute| {
        let changed = store.change_account(id, &change, "x", at(minute));
        changed.await.unwrap();
        store.account(id).await.unwrap().unwrap()
    };
    expected.name = "佐藤 花子".to_owned();
    assert_eq!(
        change(AccountChange::Name(expected.name.clone()), 4).await,
        expected
    );
    expected.is_operator = true;
    assert_eq!(change(AccountChange::Operator(true), 5).await, expected);
    expected.password_hash = Some(Secret::new("other"));
    expected.password_changed_at = Some(at(6));
    assert_eq!(
        change(AccountChange::Password(Secret::new("other")), 6).await,
        expected
    );
    let same = first.totp_secret.clone().unwrap();
    assert_eq!(change(AccountChange::Totp(same), 7).await, expected);
    expected.totp_secret = None;
    expected.totp_step = None;
    assert_eq!(change(AccountChange::NoTotp, 8).await, expected);
    expected.disabled_at = Some(at(9));
    for minute in [9, 10] {
        assert_eq!(change(AccountChange::Closed(true), minute).await, expected);
    }
    assert_eq!(store.accounts().await.unwrap(), [expected, second]);

    // A clock that ran ahead must not lock out a new secret.
    change(AccountChange::Closed(false), 11).await;
    change(AccountChange::Totp(Secret::new("one")), 12).await;
    assert!(store.use_totp_step(id, 100).await.unwrap());
    change(AccountChange::Totp(Secret::new("another")), 13).await;
    assert!(store.use_totp_step(id, 50).await.unwrap());
}

/// Whoever was about to come in when the account was closed stays outside, also when it opens again.
pub(crate) async fn a_closed_account_lets_nobody_in(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let person = account("p-1");
    store.insert_account(&person, "x", at(0)).await.unwrap();
    let begun = session("a", &person.id);
    store.insert_session(&begun).await.unwrap();
    let change = async |change: AccountChange| {
        let changed = store.change_account(&person.id, &change, "x", at(1));
        changed.await
    };
    change(AccountChange::Closed(true)).await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), None);
    assert_refused!(store.insert_session(&begun).await, NotThere);
    for own in [
        AccountChange::Name("佐藤 花子".to_owned()),
        AccountChange::Password(Secret::new("other")),
        AccountChange::Totp(Secret::new("other")),
    ] {
        assert_refused!(change(own).await, NotThere);
    }
    change(AccountChange::NoTotp).await.unwrap();
    let expected = Account {
        disabled_at: Some(at(1)),
        totp_secret: None,
        ..person.clone()
    };
    assert_eq!(store.accounts().await.unwrap(), [expected]);
    change(AccountChange::Closed(false)).await.unwrap();
    store.insert_session(&begun).await.unwrap();
}

/// Every institution that knew a person by the name before tells it, and no other.
pub(crate) async fn a_new_name_is_told_where_the_former_was_known(address: &str) {
    let (store, ours) = one_institution(address).await;
    for id in ["theirs", "others"] {
        let other = crate::institution(id);
        store.insert_institution(&other, "x", at(0)).await.unwrap();
    }
    let person = account("p-1");
    store.insert_account(&person, "x", at(0)).await.unwrap();
    let theirs = InstitutionId::new("theirs");
    for (of, id) in [(&ours, "g-1"), (&ours, "g-2"), (&theirs, "g-3")] {
        let given = store.insert_grant(of, &grant(id, &person.id)).await;
        given.unwrap();
    }
    let missing = AccountId::new("p-9");
    assert_refused!(store.rename_account(&missing, "花", at(2)).await, NotThere);
    for _ in 0..2 {
        let renamed = store.rename_account(&person.id, "花", at(2)).await;
        renamed.unwrap();
    }
    let found = store.account(&person.id).await.unwrap().unwrap();
    assert_eq!(found.name, "花");
    for (id, n) in [("ours", 1), ("theirs", 1), ("others", 0)] {
        let told = store.journal(&InstitutionId::new(id), None, 99).await;
        let mut told = told.unwrap();
        told.retain(|entry| entry.action == "account.rename");
        assert_eq!(told.len(), n, "{id}");
        for entry in told {
            assert_eq!(entry.by, "p-1 さん");
            assert_eq!(entry.detail["login"], "p-1");
            assert_eq!(entry.detail["name"]["after"], "花");
        }
    }
}

pub(crate) async fn passkeys_belong_to_one_account(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    let other = account("p-1");
    store.insert_account(&other, "x", at(0)).await.unwrap();
    let id = id_of(&ours);
    let passkey = store.passkeys(&id).await.unwrap().remove(0);
    let used = Passkey {
        name: "診察室".to_owned(),
        body: "{\"counter\":2}".to_owned(),
        last_used_at: Some(at(5)),
        ..passkey.clone()
    };
    store.save_passkey(&used, "x", at(5)).await.unwrap();
    let expected = std::slice::from_ref(&used);
    assert_eq!(store.passkeys(&id).await.unwrap(), expected);
    assert_eq!(store.passkeys(&other.id).await.unwrap(), []);

    let stolen = Passkey {
        account: other.id.clone(),
        ..passkey
    };
    assert_refused!(store.save_passkey(&stolen, "x", at(5)).await, AlreadyThere);
    let remove = async |account| {
        let removed = store.remove_passkey(account, &used.credential_id, "x", at(6));
        removed.await.unwrap()
    };
    assert!(!remove(&other.id).await);
    assert!(remove(&id).await);
    assert!(!remove(&id).await);
    assert_eq!(store.passkeys(&id).await.unwrap(), []);
}

pub(crate) async fn sessions_end(address: &str) {
    let (store, ours) = one_institution(address).await;
    let (person, other) = (account("p-1"), account("p-2"));
    for account in [&person, &other] {
        store.insert_account(account, "x", at(0)).await.unwrap();
    }
    for (token, account, ends_at) in [
        ("a", &person, at(60)),
        ("b", &person, at(70)),
        ("c", &person, at(80)),
        ("d", &other, at(60)),
    ] {
        let session = Session {
            ends_at,
            ..session(token, &account.id)
        };
        store.insert_session(&session).await.unwrap();
    }
    let given = grant("g-1", &person.id);
    store.insert_grant(&ours, &given).await.unwrap();
    store.touch_session("a", at(5), at(65)).await.unwrap();
    let chosen = Session {
        institution: Some(ours.clone()),
        second_factor: true,
        state: Some(Secret::new("{}")),
        ..session("a", &person.id)
    };
    store.save_session(&chosen).await.unwrap();
    let expected = Session {
        seen_at: at(5),
        ends_at: at(65),
        ..chosen
    };
    assert_eq!(store.session("a").await.unwrap().as_ref(), Some(&expected));
    let holder = store.session_holder("a").await.unwrap().unwrap();
    assert_eq!(holder.key, expected);
    assert_eq!(holder.account, person);
    assert_eq!(holder.grants, [(ours.clone(), given)]);
    assert_eq!(holder.institution.map(|of| of.id), Some(ours));
    assert_eq!(store.session_holder("none").await.unwrap(), None);
    let untouched = session("d", &other.id);
    assert_eq!(store.session("d").await.unwrap(), Some(untouched.clone()));
    assert_eq!(store.sessions_of(&other.id).await.unwrap(), [untouched]);
    let theirs = store.sessions_of(&person.id).await.unwrap();
    let ends = theirs.iter().map(|session| session.ends_at);
    assert_eq!(ends.collect::<Vec<_>>(), [at(65), at(70), at(80)]);

    store.end_sessions_before(at(60)).await.unwrap();
    assert_eq!(sessions_left(&*store).await, "abc");
    assert!(store.end_session("b").await.unwrap());
    assert!(!store.end_session("b").await.unwrap(), "it is over");
    assert_eq!(sessions_left(&*store).await, "ac");
    let end = store.end_sessions_of(&person.id, Some("c")).await;
    end.unwrap();
    assert_eq!(sessions_left(&*store).await, "c");
    store.end_sessions_of(&other.id, None).await.unwrap();
    assert_eq!(sessions_left(&*store).await, "c");
    store.end_sessions_of(&person.id, None).await.unwrap();
    assert_eq!(sessions_left(&*store).await, "");

    // It ended while the person was at it, and does not begin again.
    store.touch_session("c", at(90), at(99)).await.unwrap();
    assert_refused!(
        store.save_session(&session("c", &person.id)).await,
        NotThere
    );
    assert_eq!(sessions_left(&*store).await, "");
}

async fn sessions_left(store: &dyn Store) -> String {
    let mut left = String::new();
    for token in ["a", "b", "c", "d"] {
        if store.session(token).await.unwrap().is_some() {
            left.push_str(token);
        }
    }
    left
}

/// Ten minutes are the window.
pub(crate) async fn failures_are_counted(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let fail = async |minute| {
        let counted = store.note_failure("sato", at(minute), 600, 0).await;
        counted.unwrap()
    };
    store.note_failure("suzuki", at(50), 600, 0).await.unwrap();
    assert_eq!(fail(0).await, 1);
    assert_eq!(fail(5).await, 2);
    assert_eq!(fail(9).await, 3);
    let counted = Throttle {
        n_failed: 3,
        since: at(0),
    };
    assert_eq!(store.throttle("sato").await.unwrap(), Some(counted));
    assert_eq!(fail(10).await, 1);
    assert_eq!(fail(19).await, 2);
    assert_eq!(fail(21).await, 1);
    store.clear_throttles_before(at(21)).await.unwrap();
    assert_eq!(fail(22).await, 2);
    store.clear_throttles_before(at(22)).await.unwrap();
    assert_eq!(fail(22).await, 1);
    store.clear_throttle("sato").await.unwrap();
    assert_eq!(store.throttle("sato").await.unwrap(), None);
    let others = store.throttle("suzuki").await.unwrap();
    assert_eq!(others.map(|others| others.n_failed), Some(1));
    the_first_move_the_window(&*store).await;
}

/// The first two, at minutes 0 and 9; the window then ends at minute 19.
async fn the_first_move_the_window(store: &dyn Store) {
    let mut counts = Vec::new();
    for minute in [0, 9, 11, 18, 19] {
        let counted = store.note_failure("tanaka", at(minute), 600, 2).await;
        counts.push(counted.unwrap());
    }
    assert_eq!(counts, [1, 2, 3, 4, 1]);
}

/// What lets a person in once: a code of this time step, a recovery code, a link in this minute.
#[derive(Debug, Clone, Copy)]
enum Key {
    Step(i64),
    Code(&'static str),
    Link(&'static str, i64),
}

/// Eight try each key at once, and then once more.
pub(crate) async fn what_opens_once_opens_once(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    let id = id_of(&ours);
    let other = account("p-1");
    store.insert_account(&other, "x", at(0)).await.unwrap();
    let code = [Secret::new("code 1")];
    let replace = store.replace_recovery_codes(&other.id, &code, "x", at(0));
    replace.await.unwrap();
    for (key, expected) in [
        (Key::Step(100), 1),
        (Key::Step(99), 0),
        (Key::Step(101), 1),
        (Key::Code("code 1"), 1),
        (Key::Code("code 3"), 0),
        (Key::Link("link of ours", 60), 0),
        (Key::Link("link of ours", 59), 1),
        (Key::Link("no link", 59), 0),
    ] {
        assert_eq!(n_opened(&store, &id, key).await, expected, "{key:?}");
    }
    assert_eq!(store.n_recovery_codes(&id).await.unwrap(), 1);
    let used = SetupLink {
        used_at: Some(at(59)),
        ..setup_link("link of ours", &id)
    };
    assert_eq!(store.setup_link("link of ours").await.unwrap(), Some(used));

    let new = [Secret::new("code 3"), Secret::new("code 4")];
    let replace = store.replace_recovery_codes(&id, &new, "x", at(4));
    replace.await.unwrap();
    assert_eq!(n_opened(&store, &id, Key::Code("code 2")).await, 0);
    assert_eq!(n_opened(&store, &id, Key::Code("code 3")).await, 1);
    assert_eq!(n_opened(&store, &other.id, Key::Code("code 4")).await, 0);
    assert_eq!(n_opened(&store, &other.id, Key::Code("code 1")).await, 1);
    assert_eq!(n_opened(&store, &other.id, Key::Step(1)).await, 1);
}

async fn n_opened(store: &Arc<dyn Store>, id: &AccountId, key: Key) -> usize {
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..8 {
        attempts.spawn(opens(Arc::clone(store), id.clone(), key));
    }
    let mut opened = attempts.join_all().await;
    opened.push(opens(Arc::clone(store), id.clone(), key).await);
    opened.into_iter().filter(|opened| *opened).count()
}

async fn opens(store: Arc<dyn Store>, id: AccountId, key: Key) -> bool {
    match key {
        Key::Step(step) => store.use_totp_step(&id, step).await.unwrap(),
        Key::Code(code) => store.use_recovery_code(&id, code, at(3)).await.unwrap(),
        Key::Link(link, minute) => {
            let opened = store.use_setup_link(link, at(minute)).await.unwrap();
            opened == Some(id)
        }
    }
}

/// The first was used, the second is still open, and so is that of somebody else.
pub(crate) async fn a_new_link_ends_those_before(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let (person, other) = (account("p-1"), account("p-2"));
    for account in [&person, &other] {
        store.insert_account(account, "x", at(0)).await.unwrap();
    }
    let insert = async |token: &str, account: &Account, minute: i64| {
        let link = SetupLink {
            made_at: at(minute),
            ..setup_link(token, &account.id)
        };
        store.insert_setup_link(&link).await.unwrap();
    };
    insert("used", &person, 1).await;
    let used = store.use_setup_link("used", at(2)).await.unwrap();
    assert_eq!(used, Some(person.id.clone()));
    insert("older", &person, 3).await;
    insert("another's", &other, 3).await;
    insert("newest", &person, 4).await;
    for (token, expected) in [
        ("used", (Some(at(2)), at(60))),
        ("older", (None, at(4))),
        ("another's", (None, at(60))),
        ("newest", (None, at(60))),
    ] {
        let link = store.setup_link(token).await.unwrap().unwrap();
        assert_eq!((link.used_at, link.ends_at), expected, "{token}");
    }
    assert_eq!(store.use_setup_link("older", at(4)).await.unwrap(), None);
}

pub(crate) async fn grants_are_given_and_taken_back(address: &str) {
    let (store, ours) = one_institution(address).await;
    let theirs = crate::institution("theirs");
    store.insert_institution(&theirs, "x", at(0)).await.unwrap();
    let theirs = theirs.id;
    let (person, other) = (account("p-1"), account("p-2"));
    for account in [&person, &other] {
        store.insert_account(account, "x", at(0)).await.unwrap();
    }
    let visitor = Grant {
        role: Role::SystemOperator,
        outsider: true,
        purpose: Some("保守".to_owned()),
        ends_on: Some("2027-03-31".parse().unwrap()),
        granted_at: at(2),
        ..grant("g-2", &person.id)
    };
    let (first, elsewhere) = (grant("g-1", &person.id), grant("g-1", &person.id));
    let anothers = Grant {
        granted_at: at(3),
        ..grant("g-0", &other.id)
    };
    for (institution, grant) in [
        (&ours, &visitor),
        (&ours, &first),
        (&theirs, &elsewhere),
        (&ours, &anothers),
    ] {
        store.insert_grant(institution, grant).await.unwrap();
    }
    let all = [first.clone(), visitor.clone(), anothers];
    assert_eq!(store.grants(&ours).await.unwrap(), all);

    let revoke = async |id| {
        let id = GrantId::new(id);
        store.revoke_grant(&ours, &id, "鈴木", at(5)).await.unwrap()
    };
    assert!(revoke("g-1").await);
    assert!(!revoke("g-1").await);
    assert!(!revoke("g-9").await);
    let revoked = Grant {
        revoked: Some(("鈴木".to_owned(), at(5))),
        ..first
    };
    assert_eq!(
        store.grants_of(&person.id).await.unwrap(),
        [
            (ours.clone(), revoked),
            (ours.clone(), visitor),
            (theirs, elsewhere)
        ]
    );
    assert_eq!(store.grants_of(&AccountId::new("")).await.unwrap(), []);
    let nobody = grant("g-3", &AccountId::new("nobody"));
    assert_refused!(store.insert_grant(&ours, &nobody).await, NotThere);
}

pub(crate) async fn tokens_open_one_institution(address: &str) {
    let (store, ours) = one_institution(address).await;
    let person = account("p-1");
    store.insert_account(&person, "x", at(0)).await.unwrap();
    let reading = token("t-2", "hash 2", &person.id);
    let calendar = Token {
        scope: TokenScope::Calendar,
        ends_on: None,
        made_at: at(2),
        ..token("t-1", "hash 1", &person.id)
    };
    for token in [&calendar, &reading] {
        store.insert_token(&ours, token, "x").await.unwrap();
    }
    let all = [reading.clone(), calendar.clone()];
    assert_eq!(store.tokens(&ours).await.unwrap(), all);
    let twice = token("t-3", "hash 1", &person.id);
    assert_refused!(store.insert_token(&ours, &twice, "x").await, AlreadyThere);

    store
        .note_token_use(&ours, &calendar.id, at(4))
        .await
        .unwrap();
    let revoke = async |id| {
        let revoked = store.revoke_token(&ours, id, "x", at(5));
        revoked.await.unwrap()
    };
    assert!(revoke(&calendar.id).await);
    assert!(!revoke(&calendar.id).await);
    let expected = Token {
        last_used_at: Some(at(4)),
        revoked_at: Some(at(5)),
        ..calendar
    };
    let found = async |hash| {
        let holder = store.token_holder(hash).await.unwrap()?;
        let institution = holder.institution.map(|institution| institution.id);
        assert_eq!(institution.as_ref(), Some(&ours), "of {hash}");
        assert_eq!(holder.account.id, person.id, "of {hash}");
        Some(holder.key)
    };
    assert_eq!(found("hash 1").await, Some(expected));
    assert_eq!(found("hash 2").await, Some(reading));
    assert_eq!(found("hash 3").await, None);
}

#[test]
fn no_secret_is_shown() {
    let id = AccountId::new("p-1");
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        account("p-1"),
        setup_link("geheim", &id),
        Session {
            state: Some(Secret::new("geheim")),
            ..session("geheim", &id)
        },
        token("t-1", "geheim", &id),
    );
    assert!(!shown.contains("geheim"), "{shown}");
    assert_eq!(Secret::new("geheim").reveal(), "geheim");
}

/// A person with something in each table about people, in one institution.
pub(crate) async fn fill(store: &dyn Store, ours: &InstitutionId) {
    let id = id_of(ours);
    let person = account(id.as_str());
    store.insert_account(&person, "佐藤", at(0)).await.unwrap();
    let passkey = Passkey {
        account: id.clone(),
        credential_id: format!("passkey of {ours}"),
        name: "受付".to_owned(),
        body: "{}".to_owned(),
        created_at: at(1),
        last_used_at: None,
    };
    store.save_passkey(&passkey, "佐藤", at(1)).await.unwrap();
    let codes = [Secret::new("code 1"), Secret::new("code 2")];
    let replaced = store.replace_recovery_codes(&id, &codes, "佐藤", at(1));
    replaced.await.unwrap();
    let link = setup_link(&format!("link of {ours}"), &id);
    store.insert_setup_link(&link).await.unwrap();
    let session = session(&format!("session of {ours}"), &id);
    store.insert_session(&session).await.unwrap();
    let key = format!("address {ours}");
    store.note_failure(&key, at(1), 60, 0).await.unwrap();
    store.insert_grant(ours, &grant("g-1", &id)).await.unwrap();
    let token = token("t-1", &format!("token of {ours}"), &id);
    store.insert_token(ours, &token, "佐藤").await.unwrap();
}

/// The person that [`fill`] makes.
pub(crate) fn id_of(institution: &InstitutionId) -> AccountId {
    AccountId::new(format!("person of {institution}"))
}

pub(crate) fn account(id: &str) -> Account {
    Account {
        id: AccountId::new(id),
        login: id.to_owned(),
        name: format!("{id} さん"),
        password_hash: Some(Secret::new("$argon2id$geheim")),
        totp_secret: Some(Secret::new("geheim")),
        totp_step: None,
        language: None,
        theme: None,
        is_operator: false,
        disabled_at: None,
        created_at: at(0),
        last_login_at: None,
        password_changed_at: Some(at(0)),
    }
}

fn setup_link(token: &str, account: &AccountId) -> SetupLink {
    SetupLink {
        token_hash: Secret::new(token),
        account: account.clone(),
        made_by: "佐藤".to_owned(),
        made_at: at(1),
        ends_at: at(60),
        used_at: None,
    }
}

fn session(token: &str, account: &AccountId) -> Session {
    Session {
        token_hash: Secret::new(token),
        account: account.clone(),
        institution: None,
        made_at: at(1),
        seen_at: at(1),
        ends_at: at(60),
        second_factor: false,
        state: None,
    }
}

pub(crate) fn grant(id: &str, account: &AccountId) -> Grant {
    Grant {
        id: GrantId::new(id),
        account: account.clone(),
        role: Role::SafetyOfficer,
        outsider: false,
        purpose: None,
        ends_on: None,
        granted_by: "佐藤".to_owned(),
        granted_at: at(1),
        revoked: None,
    }
}

fn token(id: &str, hash: &str, account: &AccountId) -> Token {
    Token {
        id: TokenId::new(id),
        token_hash: Secret::new(hash),
        account: account.clone(),
        name: "集計".to_owned(),
        scope: TokenScope::Read,
        made_at: at(1),
        ends_on: Some("2027-03-31".parse().unwrap()),
        last_used_at: None,
        revoked_at: None,
    }
}
