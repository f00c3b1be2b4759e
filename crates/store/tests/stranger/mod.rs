//! What a store promises between institutions: one knows nothing of the other, and cannot touch it.

use std::collections::BTreeMap;

use sonae_domain::ids::{AssetId, EvidenceId, GrantId, InstitutionId, ItemId, RecordId, TokenId};
use sonae_store::Store;

use crate::{answer, asset, at, evidence, fill, institution, one_institution, people};

/// Nor does who makes up an id, or takes one of the two scopes that are no institution.
pub(crate) async fn a_stranger_sees_nothing(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    let stranger = institution("stranger");
    let insert = store.insert_institution(&stranger, "x", at(0));
    insert.await.unwrap();
    for who in ["nobody", "*", ""] {
        let who = InstitutionId::new(who);
        sees_nothing(&*store, &who).await;
        assert_eq!(store.journal(&who, None, 9).await.unwrap(), []);
        assert_eq!(store.generation(&who).await.unwrap(), 0);
    }
    sees_nothing(&*store, &stranger.id).await;
    let own = store.journal(&stranger.id, None, 9).await.unwrap();
    assert_eq!(own.len(), 1, "that it was made");
}

async fn sees_nothing(store: &dyn Store, who: &InstitutionId) {
    let (id, item, device) = (
        EvidenceId::new("e-1"),
        ItemId::new("a"),
        AssetId::new("a-1"),
    );
    assert_eq!(store.answers(who).await.unwrap(), []);
    assert_eq!(store.answer_history(who, &item).await.unwrap(), []);
    assert_eq!(store.evidence(who).await.unwrap(), []);
    assert_eq!(store.evidence_by_id(who, &id).await.unwrap(), None);
    assert_eq!(store.raw(who, &id).await.unwrap(), None);
    assert_eq!(store.findings(who, &id).await.unwrap(), None);
    assert_eq!(store.facts_of(who, &id).await.unwrap(), None);
    assert_eq!(store.current_facts(who, &["host"]).await.unwrap(), []);
    let then = store.current_facts_as_of(who, &["host"], Some(at(9)));
    assert_eq!(then.await.unwrap(), []);
    assert_eq!(store.assets(who).await.unwrap(), []);
    assert_eq!(store.asset_history(who, &device).await.unwrap(), []);
    assert_eq!(store.column_mapping(who, "f").await.unwrap(), None);
    assert_eq!(store.settings(who).await.unwrap(), BTreeMap::new());
    let record = RecordId::new("v-1");
    assert_eq!(store.records(who, "vendor").await.unwrap(), []);
    assert_eq!(store.record(who, "vendor", &record).await.unwrap(), None);
    let history = store.record_history(who, "vendor", &record).await;
    assert_eq!(history.unwrap(), []);
    let person = people::id_of(&InstitutionId::new("ours"));
    for subject in ["a", person.as_str()] {
        assert_eq!(store.journal_of(who, subject, 9).await.unwrap(), []);
    }
    assert_eq!(store.grants(who).await.unwrap(), []);
    assert_eq!(store.tokens(who).await.unwrap(), []);
}

pub(crate) async fn a_stranger_changes_nothing(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    let stranger = institution("stranger");
    let insert = store.insert_institution(&stranger, "x", at(0));
    insert.await.unwrap();
    let (grant, token) = (GrantId::new("g-1"), TokenId::new("t-1"));
    for who in ["stranger", "nobody", "*", ""] {
        let who = InstitutionId::new(who);
        assert!(!store.revoke_grant(&who, &grant, "x", at(1)).await.unwrap());
        assert!(!store.revoke_token(&who, &token, "x", at(1)).await.unwrap());
        store.note_token_use(&who, &token, at(1)).await.unwrap();
    }
    assert_eq!(store.grants(&ours).await.unwrap()[0].revoked, None);
    let kept = &store.tokens(&ours).await.unwrap()[0];
    assert_eq!((kept.revoked_at, kept.last_used_at), (None, None));

    // The same ids and bytes are free for the stranger, and ours stay as they were.
    fill(&*store, &stranger.id).await;
    assert_eq!(store.evidence(&ours).await.unwrap().len(), 1);
    assert_eq!(store.assets(&ours).await.unwrap()[0].version, 1);
    assert_eq!(store.records(&ours, "vendor").await.unwrap()[0].version, 1);
    // Evidence of somebody else cannot be named.
    let new = evidence("e-9", "nmap", "2026-11-09", "ours only");
    store.record_evidence(&ours, new).await.unwrap();
    let foreign = [asset("a-5", "srv", Some("e-9"))];
    let save = store.save_assets(&stranger.id, &foreign, "x", at(1));
    assert_refused!(save.await, NotThere);
    let nobody = InstitutionId::new("nobody");
    let record = store.record_answer(&nobody, &answer("a", 1)).await;
    assert_refused!(record, NotThere);
}
