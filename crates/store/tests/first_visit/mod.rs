//! What a store promises about beginnings: an installation or an institution is set up whole, or not
//! at all.

use std::sync::Arc;

use expect_test::expect;
use sonae_domain::ids::{AccountId, GrantId};
use sonae_domain::people::{Grant, Role};
use sonae_store::{FirstVisit, StoreError};

use crate::people::{account, grant};
use crate::{at, check, history, institution};

pub(crate) async fn a_first_visit_is_kept_whole(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let first = first_visit();
    // It was there without a name, and evidence may have been imported for it already.
    let mut unnamed = institution("ours");
    unnamed.name = "未設定".to_owned();
    let insert = store.insert_institution(&unnamed, "sonae", at(0));
    insert.await.unwrap();
    store.set_up(&first).await.unwrap();
    let ours = &first.institution.id;
    let kept = std::slice::from_ref(&first.institution);
    assert_eq!(store.institutions().await.unwrap(), kept);
    let kept = std::slice::from_ref(&first.account);
    assert_eq!(store.accounts().await.unwrap(), kept);
    let kept = std::slice::from_ref(&first.grant);
    assert_eq!(store.grants(ours).await.unwrap(), kept);
    let mut told = history::shown(&store.installation_journal(None, 9).await.unwrap());
    told += &history::shown(&store.journal(ours, None, 9).await.unwrap());
    check(
        &told,
        expect![[r#"
        1 佐藤 account p-1 {"disabled":{"after":false,"before":null},"is_operator":{"after":false,"before":null},"login":{"after":"p-1","before":null},"name":{"after":"p-1 さん","before":null}}
        1* sonae institution ours {"kind":{"after":"dental_clinic","before":null},"name":{"after":"未設定","before":null},"vendor_contract":{"after":"unconfirmed","before":null}}
        2* 佐藤 institution ours {"name":{"after":"青葉診療所","before":"未設定"}}
        3 佐藤 record.vendor v-1 {"changed":{"name":{"after":"青葉システム","before":null}},"removed":false,"version":1}
        4 佐藤 record.vendor v-2 {"changed":{"name":{"after":"若葉システム","before":null}},"removed":false,"version":1}
        5 佐藤 grant g-1 {"account":"p-1","ends_on":null,"outsider":false,"purpose":null,"role":"administrator"}
    "#]],
    );

    // Done twice, and by somebody else.
    let mut another = first.clone();
    another.account = account("p-2");
    another.grant.account = AccountId::new("p-2");
    let before = crate::everything(&*store, ours).await;
    for again in [&first, &another] {
        assert_refused!(store.set_up(again).await, AlreadyThere);
        assert_eq!(crate::everything(&*store, ours).await, before);
    }
}

/// The last of all writes fails, or one in the middle.
pub(crate) async fn half_a_first_visit_is_nothing(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let mut no_such_person = first_visit();
    no_such_person.grant.account = AccountId::new("nobody");
    assert_refused!(store.set_up(&no_such_person).await, NotThere);
    let mut changed_meanwhile = first_visit();
    let other = history::vendor("v-1", None, r#"{"name":"別の会社"}"#);
    changed_meanwhile.records.push(other);
    assert_refused!(store.set_up(&changed_meanwhile).await, AlreadyThere);
    assert_eq!(store.accounts().await.unwrap(), []);
    assert_eq!(store.institutions().await.unwrap(), []);
    assert_eq!(store.installation_journal(None, 9).await.unwrap(), []);
    let ours = first_visit().institution.id;
    assert_eq!(store.journal(&ours, None, 9).await.unwrap(), []);
    store.set_up(&first_visit()).await.unwrap();
}

/// Eight people at eight screens.
pub(crate) async fn only_one_sets_up(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let mut visits = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = Arc::clone(&store);
        let id = format!("p-{n}");
        let mut first = first_visit();
        first.institution = institution(&format!("i-{n}"));
        first.account = account(&id);
        first.grant.account = AccountId::new(id);
        visits.spawn(async move { store.set_up(&first).await });
    }
    let done = visits.join_all().await;
    let refused = done
        .iter()
        .filter(|done| matches!(done, Err(StoreError::AlreadyThere { .. })));
    assert_eq!((refused.count(), done.len()), (7, 8), "{done:?}");
    assert_eq!(store.accounts().await.unwrap().len(), 1);
    assert_eq!(store.institutions().await.unwrap().len(), 1);
}

/// An account without a role would be seen by nobody, and its login be taken.
pub(crate) async fn a_member_has_an_account_and_roles_or_neither(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let ours = institution("ours");
    store.insert_institution(&ours, "x", at(0)).await.unwrap();
    let (person, right) = (account("p-1"), administrator("p-1"));
    let nobodys = Grant {
        id: GrantId::new("g-2"),
        ..administrator("nobody")
    };
    let add = async |grants: &[Grant]| {
        let added = store.insert_member(&ours.id, &person, grants, "x", at(0));
        added.await
    };
    assert_refused!(add(&[right.clone(), nobodys]).await, NotThere);
    assert_eq!(store.accounts().await.unwrap(), []);
    assert_eq!(store.grants(&ours.id).await.unwrap(), []);
    let right = [right];
    add(&right).await.unwrap();
    assert_eq!(store.accounts().await.unwrap().len(), 1);
    assert_eq!(store.grants(&ours.id).await.unwrap(), right);
    assert_refused!(add(&right).await, AlreadyThere);
}

pub(crate) async fn an_institution_begins_with_its_administrator(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let person = account("p-1");
    store.insert_account(&person, "x", at(0)).await.unwrap();
    let ours = institution("ours");
    let nobodys = administrator("nobody");
    let refused = store.found_institution(&ours, &nobodys).await;
    assert_refused!(refused, NotThere);
    assert_eq!(store.institutions().await.unwrap(), []);

    let given = administrator("p-1");
    store.found_institution(&ours, &given).await.unwrap();
    let again = Grant {
        id: GrantId::new("g-2"),
        ..given.clone()
    };
    let twice = store.found_institution(&ours, &again).await;
    assert_refused!(twice, AlreadyThere);
    let kept = std::slice::from_ref(&ours);
    assert_eq!(store.institutions().await.unwrap(), kept);
    assert_eq!(store.grants(&ours.id).await.unwrap(), [given]);
    let told = store.journal(&ours.id, None, 9).await.unwrap();
    check(
        &history::shown(&told),
        expect![[r#"
        1* 佐藤 institution ours {"kind":{"after":"dental_clinic","before":null},"name":{"after":"青葉診療所","before":null},"vendor_contract":{"after":"unconfirmed","before":null}}
        2 佐藤 grant g-1 {"account":"p-1","ends_on":null,"outsider":false,"purpose":null,"role":"administrator"}
    "#]],
    );
}

fn first_visit() -> FirstVisit {
    FirstVisit {
        institution: institution("ours"),
        records: vec![
            history::vendor("v-1", None, r#"{"name":"青葉システム"}"#),
            history::vendor("v-2", None, r#"{"name":"若葉システム"}"#),
        ],
        account: account("p-1"),
        grant: administrator("p-1"),
    }
}

fn administrator(id: &str) -> Grant {
    Grant {
        role: Role::Administrator,
        ..grant("g-1", &AccountId::new(id))
    }
}
