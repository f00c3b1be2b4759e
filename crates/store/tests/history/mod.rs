//! What a store promises about the past: a journal of all changes, every earlier state, and that
//! nobody's change is overwritten unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use expect_test::expect;
use jiff::Timestamp;
use sonae_domain::answer::{Answer, AnswerValue, VendorContract};
use sonae_domain::canonical::{Line, answer_hash};
use sonae_domain::ids::{AssetId, EditionId, GrantId, InstitutionId, ItemId, RecordId, TokenId};
use sonae_store::{
    AccountChange, AssetChange, EditionTexts, JournalEntry, Passkey, RecordChange, Saved, Secret,
    Store, Summary,
};

use crate::people::id_of;
use crate::{answer, asset, at, check, evidence, fill, institution, one_institution};

pub(crate) async fn the_journal_tells_what_changed(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    change_everything(&*store, &ours).await;
    let told = store.journal(&ours, None, 99).await.unwrap();
    check(
        &shown(&told),
        expect![[r#"
        1* 佐藤 institution ours {"kind":{"after":"dental_clinic","before":null},"name":{"after":"青葉診療所","before":null},"vendor_contract":{"after":"unconfirmed","before":null}}
        2 佐藤 answer a {"after":"yes","before":null,"changed":{"confirmed_on":{"after":"2026-11-20","before":null},"value":{"after":"yes","before":null}},"round":1,"target_on":null}
        3* 佐藤 evidence e-1 {"current":true,"effective_on":"2026-11-01","file_name":"結果 ①.xml","n_assets":1,"source":"nmap"}
        4 佐藤 mapping f {}
        5* 佐藤 setting k {"after":"v","before":null}
        6 佐藤 record.vendor v-1 {"changed":{"name":{"after":"青葉システム","before":null}},"removed":false,"version":1}
        7 佐藤 grant g-1 {"account":"person of ours","ends_on":null,"outsider":false,"purpose":null,"role":"safety_officer"}
        8 佐藤 token t-1 {"account":"person of ours","ends_on":"2027-03-31","name":"集計","scope":"read"}
        9* 鈴木 institution ours {"vendor_contract":{"after":"exists","before":"unconfirmed"}}
        10 佐藤 answer a {"after":"no","before":"yes","changed":{"target_on":{"after":"2027-03-31","before":null},"value":{"after":"no","before":"yes"}},"round":1,"target_on":"2027-03-31"}
        11* 佐藤 evidence e-4 {"current":false,"effective_on":"2026-10-01","file_name":"結果 ①.xml","n_assets":0,"source":"nmap"}
        12* 鈴木 asset a-1 {"name":"srv-01","retired":false,"version":2}
        13* 鈴木 setting k {"after":null,"before":"v"}
        14* 鈴木 setting mail_password {}
        15 鈴木 record.vendor v-1 {"changed":{"name":{"after":"青葉","before":"青葉システム"},"phone":{"after":"03","before":null}},"removed":true,"version":2}
        16 鈴木 grant.revoke g-1 {"account":"person of ours","role":"safety_officer"}
        17 鈴木 token.revoke t-1 {"account":"person of ours","name":"集計"}
        18 person of ours さん account.rename person of ours {"login":"person of ours","name":{"after":"佐藤","before":"person of ours さん"}}
    "#]],
    );
    let told_of_all = store.installation_journal(None, 99).await.unwrap();
    check(
        &shown(&told_of_all),
        expect![[r#"
            1 佐藤 account person of ours {"disabled":{"after":false,"before":null},"is_operator":{"after":false,"before":null},"login":{"after":"person of ours","before":null},"name":{"after":"person of ours さん","before":null}}
            2 佐藤 account.passkey person of ours {"name":"受付"}
            3 佐藤 account.recovery_codes person of ours {"n_codes":2}
            4 佐藤 account.setup_link person of ours {"ends_at":"2026-11-21T01:00:00Z"}
            5  login.failed person of ours {}
            6 person of ours さん login person of ours {}
            7 person of ours さん account.recovery_code.use person of ours {}
            8 person of ours さん account.setup_link.use person of ours {}
            9 person of ours さん account person of ours {"name":{"after":"佐藤","before":"person of ours さん"}}
            10 鈴木 account.password person of ours {}
            11 鈴木 account.second_factor person of ours {"totp":false}
            12 鈴木 account person of ours {"disabled":{"after":true,"before":false}}
            13 鈴木 account.passkey.use person of ours {"name":"受付"}
            14 鈴木 account.passkey.remove person of ours {"name":"受付"}
            15 佐藤 edition fy2027 {"revision":1}
            16 鈴木 edition.publish fy2027 {"revision":1}
            17 鈴木 backup  {"n_rows":9}
            18 佐藤 backup.take  {}
        "#]],
    );
    assert_eq!(told[0].at, at(9));

    // Complete both ways: nothing is told under another name, and every name is told.
    let actions: BTreeSet<_> = told
        .iter()
        .chain(&told_of_all)
        .map(|e| &*e.action)
        .collect();
    let mut expected = BTreeSet::from(sonae_store::ACTIONS);
    expected.insert("record.vendor");
    // Told of databases of former versions only; see `tampering`.
    expected.remove("history.begin");
    assert_eq!(actions, expected);
    parts_are_listed(&*store, &ours).await;
}

async fn parts_are_listed(store: &dyn Store, ours: &InstitutionId) {
    let numbers = |told: Vec<JournalEntry>| told.iter().map(|e| e.seq).collect::<Vec<_>>();
    let page = store.journal(ours, Some(6), 2).await.unwrap();
    assert_eq!(numbers(page), [5, 4]);
    let page = store.installation_journal(Some(3), 9).await.unwrap();
    assert_eq!(numbers(page), [2, 1]);
    let of_item = store.journal_of(ours, "a", 9).await.unwrap();
    assert_eq!(numbers(of_item), [10, 2]);
    let latest = store.journal_of(ours, "a", 1).await.unwrap();
    assert_eq!(numbers(latest), [10]);
    assert_eq!(store.generation(ours).await.unwrap(), 14);
}

/// What [`fill`] leaves out, so that each action is told once at least.
pub(crate) async fn change_everything(store: &dyn Store, ours: &InstitutionId) {
    let mut clinic = institution("ours");
    clinic.vendor_contract = VendorContract::Exists;
    store
        .update_institution(&clinic, "鈴木", at(2))
        .await
        .unwrap();
    let no = Answer {
        value: AnswerValue::No,
        target_on: Some("2027-03-31".parse().unwrap()),
        recorded_at: at(2),
        ..answer("a", 1)
    };
    store.record_answer(ours, &no).await.unwrap();
    let late = evidence("e-4", "nmap", "2026-10-01", "late");
    store.record_evidence(ours, late).await.unwrap();
    let asset = asset("a-1", "srv-01", None);
    store
        .save_assets(ours, &[asset], "鈴木", at(4))
        .await
        .unwrap();
    for (key, value) in [("k", None), ("mail_password", Some("geheim"))] {
        store
            .save_setting(ours, key, value, "鈴木", at(5))
            .await
            .unwrap();
    }
    let vendor = vendor("v-1", Some(1), r#"{"name":"青葉","phone":"03"}"#);
    let removed = RecordChange {
        removed: true,
        ..vendor
    };
    let saved = store.save_record(ours, &removed, "鈴木", at(6)).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let (grant, token) = (GrantId::new("g-1"), TokenId::new("t-1"));
    assert!(
        store
            .revoke_grant(ours, &grant, "鈴木", at(8))
            .await
            .unwrap()
    );
    assert!(
        store
            .revoke_token(ours, &token, "鈴木", at(9))
            .await
            .unwrap()
    );
    change_the_installation(store, ours).await;
}

async fn change_the_installation(store: &dyn Store, ours: &InstitutionId) {
    let id = id_of(ours);
    store.note_failed_login(&id, at(2)).await.unwrap();
    store.note_login(&id, at(3)).await.unwrap();
    assert!(store.use_recovery_code(&id, "code 1", at(3)).await.unwrap());
    let opened = store.use_setup_link("link of ours", at(4)).await.unwrap();
    assert_eq!(opened, Some(id.clone()));
    store.rename_account(&id, "佐藤", at(9)).await.unwrap();
    for change in [
        AccountChange::Password(Secret::new("other")),
        AccountChange::NoTotp,
        AccountChange::Closed(true),
    ] {
        let changed = store.change_account(&id, &change, "鈴木", at(5));
        changed.await.unwrap();
    }
    let used = Passkey {
        body: "{\"counter\":2}".to_owned(),
        last_used_at: Some(at(6)),
        ..store.passkeys(&id).await.unwrap().remove(0)
    };
    store.save_passkey(&used, "鈴木", at(6)).await.unwrap();
    let removed = store.remove_passkey(&id, "passkey of ours", "鈴木", at(6));
    assert!(removed.await.unwrap());
    let (edition, texts) = (EditionId::new("fy2027"), texts());
    store
        .record_draft_edition(&edition, &texts, "佐藤", at(7))
        .await
        .unwrap();
    store
        .publish_edition(&edition, &texts.sha256(), "鈴木", at(8))
        .await
        .unwrap();
    assert_eq!(store.last_backup().await.unwrap(), None);
    store.note_backup(9, "鈴木", at(8)).await.unwrap();
    let last = store.last_backup().await.unwrap().unwrap();
    assert_eq!((last.by.as_str(), last.at), ("鈴木", at(8)));
    assert_eq!(store.last_backup_taken().await.unwrap(), None);
    store.note_backup_taken("佐藤", at(8)).await.unwrap();
    let taken = store.last_backup_taken().await.unwrap().unwrap();
    assert_eq!((taken.by.as_str(), taken.seq > last.seq), ("佐藤", true));
    assert_eq!(store.last_backup().await.unwrap(), Some(last));
}

pub(crate) async fn what_changes_nothing_is_not_told(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    change_everything(&*store, &ours).await;
    let told = async || {
        let own = store.journal(&ours, None, 99).await.unwrap().len();
        own + store.installation_journal(None, 99).await.unwrap().len()
    };
    let before = told().await;
    let id = id_of(&ours);

    let mut clinic = institution("ours");
    clinic.vendor_contract = VendorContract::Exists;
    store.update_institution(&clinic, "x", at(9)).await.unwrap();
    let known = evidence("e-9", "nmap", "2026-11-01", "raw");
    store.record_evidence(&ours, known).await.unwrap();
    for (key, value) in [("mail_password", Some("geheim")), ("missing", None)] {
        let save = store.save_setting(&ours, key, value, "x", at(9));
        save.await.unwrap();
    }
    let save = store.save_column_mapping(&ours, "f", "{}", "x", at(9));
    save.await.unwrap();
    store.save_summary(&ours, &summary("{}", 1)).await.unwrap();
    for change in [
        AccountChange::Closed(true),
        AccountChange::NoTotp,
        AccountChange::Operator(false),
    ] {
        let changed = store.change_account(&id, &change, "x", at(9));
        changed.await.unwrap();
    }
    let again = store.use_setup_link("link of ours", at(9)).await.unwrap();
    assert_eq!(again, None);
    assert!(!store.use_recovery_code(&id, "code 1", at(9)).await.unwrap());
    let missing = store.remove_passkey(&id, "missing", "x", at(9)).await;
    assert!(!missing.unwrap());
    let (edition, texts) = (EditionId::new("fy2027"), texts());
    let draft = store.record_draft_edition(&edition, &texts, "x", at(9));
    draft.await.unwrap();
    let seen = texts.sha256();
    let published = store.publish_edition(&edition, &seen, "x", at(9)).await;
    published.unwrap();
    assert_eq!(told().await, before);
}

/// Everything is written down after each minute, and asked for again at the end.
pub(crate) async fn the_past_stays_as_it_was(address: &str) {
    let (store, ours) = one_institution(address).await;
    let clinic = Clinic { store, ours };
    let mut seen = Vec::new();
    for minute in 0..=6 {
        clinic.live(minute).await;
        seen.push((at(minute), clinic.moment(None).await));
    }
    for (at, seen) in seen {
        assert_eq!(clinic.moment(Some(at)).await, seen, "{at}");
    }
    let mut current = Vec::new();
    for evidence in clinic.store.evidence(&clinic.ours).await.unwrap() {
        let found = clinic.store.evidence_by_id(&clinic.ours, &evidence.id);
        assert_eq!(found.await.unwrap(), Some(evidence.clone()));
        if evidence.current {
            current.push(evidence.id.to_string());
        }
    }
    assert_eq!(current, ["e-7", "e-6", "e-4"]);
}

struct Clinic {
    store: Arc<dyn Store>,
    ours: InstitutionId,
}

impl Clinic {
    async fn live(&self, minute: i64) {
        match minute {
            1 => {
                self.say(1, 1, AnswerValue::No).await;
                self.import(1, "e-1", "nmap", "2026-11-02").await;
                self.keep(1, None, "{}", false).await;
            }
            2 => {
                self.import(2, "e-2", "nmap", "2026-11-01").await;
                self.own(2, false).await;
            }
            3 => {
                self.say(3, 1, AnswerValue::Yes).await;
                self.import(3, "e-3", "nmap", "2026-11-05").await;
                self.keep(3, Some(1), r#"{"name":"青葉"}"#, false).await;
            }
            4 => {
                self.import(4, "e-4", "ldif", "2026-01-01").await;
                self.own(4, true).await;
            }
            5 => {
                // Two files in one run, the same day and millisecond: the later id counts.
                self.import(5, "e-6", "kea", "2026-11-05").await;
                self.import(5, "e-5", "kea", "2026-11-05").await;
                self.keep(5, Some(2), "{}", true).await;
            }
            6 => {
                self.say(6, 2, AnswerValue::Yes).await;
                self.import(6, "e-7", "nmap", "2026-11-05").await;
                self.keep(6, Some(3), "{}", false).await;
            }
            _ => {}
        }
    }

    async fn say(&self, minute: i64, round: u8, value: AnswerValue) {
        let answer = Answer {
            value,
            recorded_at: at(minute),
            ..answer("a", round)
        };
        let record = self.store.record_answer(&self.ours, &answer);
        record.await.unwrap();
    }

    async fn import(&self, minute: i64, id: &str, source: &str, day: &str) {
        let mut new = evidence(id, source, day, id);
        new.evidence.recorded_at = at(minute);
        let record = self.store.record_evidence(&self.ours, new);
        record.await.unwrap();
    }

    async fn keep(&self, minute: i64, seen: Option<i64>, body: &str, removed: bool) {
        let vendor = RecordChange {
            removed,
            ..vendor("v-1", seen, body)
        };
        let save = self
            .store
            .save_record(&self.ours, &vendor, "佐藤", at(minute));
        assert_eq!(save.await.unwrap(), Saved::Done);
    }

    async fn own(&self, minute: i64, retired: bool) {
        let device = [AssetChange {
            retired,
            ..asset("a-7", "srv-07", None)
        }];
        let save = self
            .store
            .save_assets(&self.ours, &device, "佐藤", at(minute));
        save.await.unwrap();
    }

    /// All that depends on the moment, as text.
    async fn moment(&self, as_of: Option<Timestamp>) -> String {
        let (store, ours) = (&self.store, &self.ours);
        let facts = store.current_facts_as_of(ours, &["host"], as_of).await;
        format!(
            "{:#?}",
            (
                store.answers_as_of(ours, as_of).await.unwrap(),
                store.assets_as_of(ours, as_of).await.unwrap(),
                store.evidence_as_of(ours, as_of).await.unwrap(),
                facts.unwrap(),
                store.records_as_of(ours, "vendor", as_of).await.unwrap(),
            )
        )
    }
}

pub(crate) async fn two_people_see_each_other(address: &str) {
    let (store, ours) = one_institution(address).await;
    let said = |note: &str, minute| Answer {
        note: Some(note.to_owned()),
        recorded_at: at(minute),
        ..answer("a", 1)
    };
    let say = async |answer: &Answer, seen| store.record_answer_if(&ours, answer, seen).await;
    let (first, second) = (said("one", 1), said("two", 2));
    assert_eq!(say(&first, None).await.unwrap(), Saved::Done);
    // Sent twice, a moment later.
    assert_eq!(say(&said("one", 2), None).await.unwrap(), Saved::Same);
    let conflict = Saved::Conflict(first.clone());
    assert_eq!(say(&second, None).await.unwrap(), conflict);
    assert_eq!(say(&second, Some(at(9))).await.unwrap(), conflict);
    for other in [
        Answer {
            value: AnswerValue::No,
            ..first.clone()
        },
        Answer {
            confirmed_on: "2026-11-19".parse().unwrap(),
            ..first.clone()
        },
        Answer {
            target_on: Some("2026-11-19".parse().unwrap()),
            ..first.clone()
        },
        Answer {
            answered_by: "鈴木".to_owned(),
            ..first.clone()
        },
        Answer {
            basis: Some("other evidence".to_owned()),
            ..first.clone()
        },
    ] {
        assert_eq!(say(&other, None).await.unwrap(), conflict, "{other:?}");
    }
    assert_eq!(say(&second, Some(at(1))).await.unwrap(), Saved::Done);
    assert_eq!(store.answers(&ours).await.unwrap(), [second]);
    let basis = Answer {
        basis: Some("fingerprint".to_owned()),
        ..answer("b", 1)
    };
    assert_refused!(say(&basis, Some(at(1))).await, NotThere);
    assert_eq!(say(&basis, None).await.unwrap(), Saved::Done);
    let history = store.answer_history(&ours, &ItemId::new("b")).await;
    assert_eq!(history.unwrap(), [basis]);

    assert_eq!(
        eight_at_once(&store, &ours, "race 1", |_| None).await,
        (1, 0, 7)
    );
    let same = |_| Some("the same".to_owned());
    assert_eq!(
        eight_at_once(&store, &ours, "race 2", same).await,
        (1, 7, 0)
    );
}

/// How many were done, the same, in conflict.
async fn eight_at_once(
    store: &Arc<dyn Store>,
    ours: &InstitutionId,
    item: &str,
    note: impl Fn(i64) -> Option<String>,
) -> (usize, usize, usize) {
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..8 {
        let (store, ours) = (Arc::clone(store), ours.clone());
        let answer = Answer {
            note: note(n).or(Some(n.to_string())),
            recorded_at: at(n),
            ..answer(item, 1)
        };
        writers.spawn(async move { store.record_answer_if(&ours, &answer, None).await.unwrap() });
    }
    let mut counts = (0, 0, 0);
    for saved in writers.join_all().await {
        match saved {
            Saved::Done => counts.0 += 1,
            Saved::Same => counts.1 += 1,
            Saved::Conflict(_) => counts.2 += 1,
        }
    }
    counts
}

/// Each line is a wish, the version that the person had seen, and what came of it.
pub(crate) async fn a_device_is_not_overwritten_unseen(address: &str) {
    let (store, ours) = one_institution(address).await;
    let mut lines = Vec::new();
    for (seen, name, retired) in [
        (None, "srv-01", false),
        (None, "srv-01", false),
        (None, "srv-02", false),
        (Some(1), "srv-02", false),
        (Some(1), "srv-03", false),
        (Some(1), "srv-02", true),
        (Some(2), "srv-02", true),
    ] {
        let change = AssetChange {
            retired,
            ..asset("a-1", name, None)
        };
        let saved = store.save_asset_if(&ours, &change, seen, "佐藤", at(1));
        let became = became(saved.await.unwrap(), |theirs| theirs.version);
        lines.push(format!("{name} retired {retired}, seen {seen:?}: {became}"));
    }
    check(
        &lines.join("\n"),
        expect![[r#"
            srv-01 retired false, seen None: Done
            srv-01 retired false, seen None: Same
            srv-02 retired false, seen None: Conflict(1)
            srv-02 retired false, seen Some(1): Done
            srv-03 retired false, seen Some(1): Conflict(2)
            srv-02 retired true, seen Some(1): Conflict(2)
            srv-02 retired true, seen Some(2): Done"#]],
    );
    let history = store.asset_history(&ours, &AssetId::new("a-1")).await;
    assert_eq!(history.unwrap().len(), 3);
    let new = asset("a-2", "srv-02", None);
    let never_seen = store.save_asset_if(&ours, &new, Some(1), "x", at(1));
    assert_refused!(never_seen.await, NotThere);
}

pub(crate) async fn a_record_is_not_overwritten_unseen(address: &str) {
    let (store, ours) = one_institution(address).await;
    let save = async |change: RecordChange| store.save_record(&ours, &change, "佐藤", at(1)).await;
    let mut lines = Vec::new();
    for (seen, body, removed) in [
        (None, "{}", false),
        (None, "{}", false),
        (None, r#"{"n":1}"#, false),
        (Some(1), r#"{"n":2}"#, false),
        (Some(1), r#"{"n":2}"#, true),
        (Some(2), r#"{"n":2}"#, true),
    ] {
        let change = RecordChange {
            removed,
            ..vendor("v-1", seen, body)
        };
        let became = became(save(change).await.unwrap(), |theirs| theirs.version);
        lines.push(format!("{body} removed {removed}, seen {seen:?}: {became}"));
    }
    check(
        &lines.join("\n"),
        expect![[r#"
            {} removed false, seen None: Done
            {} removed false, seen None: Same
            {"n":1} removed false, seen None: Conflict(1)
            {"n":2} removed false, seen Some(1): Done
            {"n":2} removed true, seen Some(1): Conflict(2)
            {"n":2} removed true, seen Some(2): Done"#]],
    );
    assert_refused!(save(vendor("v-9", Some(1), "{}")).await, NotThere);
    assert_refused!(save(vendor("v-9", None, "[]")).await, Other);
    assert_refused!(save(vendor("v-9", None, "{")).await, Other);
}

/// The last of each row is what stops it, or what is there already.
pub(crate) async fn records_are_kept_together_or_not_at_all(address: &str) {
    let (store, ours) = one_institution(address).await;
    let save =
        async |changes: &[RecordChange]| store.save_records(&ours, changes, "佐藤", at(1)).await;
    let (first, second) = (vendor("v-1", None, "{}"), vendor("v-2", None, "{}"));
    let n_kept = async || {
        let lines = store.journal(&ours, None, 99).await.unwrap();
        let lines = lines.iter().filter(|line| line.action == "record.vendor");
        let records = store.records(&ours, "vendor").await.unwrap();
        (records.len(), lines.count())
    };
    let unreadable = vendor("v-3", None, "{");
    assert_refused!(
        save(&[first.clone(), second.clone(), unreadable]).await,
        Other
    );
    assert_eq!(n_kept().await, (0, 0));
    let never_seen = vendor("v-3", Some(1), "{}");
    assert_refused!(save(&[first.clone(), never_seen]).await, NotThere);
    assert_eq!(n_kept().await, (0, 0));
    let mut lines = Vec::new();
    for changes in [
        vec![first.clone(), second.clone()],
        vec![first.clone(), second.clone()],
        vec![vendor("v-4", None, "{}"), second.clone()],
        vec![vendor("v-5", None, "{}"), vendor("v-1", None, r#"{"n":1}"#)],
        Vec::new(),
    ] {
        let became = became(save(&changes).await.unwrap(), |theirs| theirs.version);
        lines.push(format!("{became}: {:?}", n_kept().await));
    }
    check(
        &lines.join("\n"),
        expect![[r#"
            Done: (2, 2)
            Same: (2, 2)
            Done: (3, 3)
            Conflict(1): (3, 3)
            Same: (3, 3)"#]],
    );
}

/// What was seen and what is sent, one after the other.
pub(crate) async fn a_setting_is_not_overwritten_unseen(address: &str) {
    let (store, ours) = one_institution(address).await;
    let conflict = |theirs: Option<&str>| Saved::Conflict(theirs.map(str::to_owned));
    for (seen, sent, expected) in [
        (Some("1"), Some("2"), conflict(None)),
        (None, Some("1"), Saved::Done),
        (None, Some("1"), Saved::Same),
        (None, Some("2"), conflict(Some("1"))),
        (None, None, conflict(Some("1"))),
        (Some("1"), Some("2"), Saved::Done),
        (Some("2"), None, Saved::Done),
        (Some("2"), None, Saved::Same),
    ] {
        let saved = store.save_setting_if(&ours, "mail", sent, seen, "佐藤", at(1));
        assert_eq!(saved.await.unwrap(), expected, "{seen:?} {sent:?}");
    }
    assert_eq!(store.settings(&ours).await.unwrap(), BTreeMap::new());
    let told = store.journal_of(&ours, "mail", 9).await.unwrap();
    assert_eq!(told.len(), 3, "what changed something");
}

pub(crate) async fn records_are_found_by_kind(address: &str) {
    let (store, ours) = one_institution(address).await;
    let system = |seen, body| RecordChange {
        kind: "system",
        ..vendor("r-1", seen, body)
    };
    let removed = RecordChange {
        removed: true,
        ..vendor("r-2", Some(1), "{}")
    };
    for change in [
        vendor("r-2", None, "{}"),
        vendor("r-3", None, "{}"),
        vendor("r-1", None, "{}"),
        system(None, "{}"),
        system(Some(1), r#"{"n":1}"#),
        removed,
    ] {
        let save = store.save_record(&ours, &change, "佐藤", at(1));
        assert_eq!(save.await.unwrap(), Saved::Done);
    }
    let vendors = store.records(&ours, "vendor").await.unwrap();
    let ids: Vec<_> = vendors.iter().map(|vendor| vendor.id.as_str()).collect();
    assert_eq!(ids, ["r-1", "r-3"]);
    let find = async |kind, id| {
        let id = RecordId::new(id);
        store.record(&ours, kind, &id).await.unwrap()
    };
    assert_eq!(find("vendor", "r-1").await.as_ref(), Some(&vendors[0]));
    assert_eq!(find("vendor", "r-2").await, None);
    assert_eq!(find("system", "r-3").await, None);
    let gone = RecordId::new("r-2");
    let history = store.record_history(&ours, "vendor", &gone).await.unwrap();
    let states: Vec<_> = history.iter().map(|v| (v.version, v.removed)).collect();
    assert_eq!(states, [(1, false), (2, true)]);
}

/// In a conflict the version of the others is shown.
fn became<T>(saved: Saved<T>, version: impl Fn(&T) -> i64) -> String {
    let shown = match saved {
        Saved::Done => Saved::Done,
        Saved::Same => Saved::Same,
        Saved::Conflict(theirs) => Saved::Conflict(version(&theirs)),
    };
    format!("{shown:?}")
}

pub(crate) async fn summaries_are_replaced(address: &str) {
    let (store, ours) = one_institution(address).await;
    for id in ["a", "z"] {
        let institution = institution(id);
        let insert = store.insert_institution(&institution, "x", at(0));
        insert.await.unwrap();
    }
    let first = InstitutionId::new("a");
    let (old, new) = (summary("old", 1), summary("new", 2));
    for (institution, summary) in [(&ours, &old), (&first, &old), (&ours, &new)] {
        store.save_summary(institution, summary).await.unwrap();
    }
    let late = summary("late", 1);
    store.save_summary(&ours, &late).await.unwrap();
    assert_eq!(
        store.summaries().await.unwrap(),
        [(first, old), (ours, new)]
    );
}

/// Whatever the journal tells, and only from the institution itself.
pub(crate) async fn a_summary_knows_that_it_is_older_than_a_change(address: &str) {
    let (store, ours) = one_institution(address).await;
    let theirs = institution("theirs");
    store.insert_institution(&theirs, "x", at(0)).await.unwrap();
    let keep = async |id: &InstitutionId| {
        let last = store.last_entry(id).await.unwrap();
        store.save_summary(id, &summary("", last)).await.unwrap();
    };
    let changed = async || store.changed_since_summary().await.unwrap();
    assert_eq!(changed().await, [], "nobody looked yet");
    keep(&theirs.id).await;
    keep(&ours).await;
    assert_eq!(changed().await, []);
    let answered = store.record_answer(&ours, &crate::answer("a", 1)).await;
    answered.unwrap();
    assert_eq!(changed().await, std::slice::from_ref(&ours));
    keep(&ours).await;
    assert_eq!(changed().await, []);
}

pub(crate) fn vendor(id: &str, seen: Option<i64>, body: &str) -> RecordChange {
    RecordChange {
        kind: "vendor",
        id: RecordId::new(id),
        seen,
        body: body.to_owned(),
        removed: false,
    }
}

pub(crate) fn summary(body: &str, last_entry: i64) -> Summary {
    Summary {
        body: body.to_owned(),
        last_entry,
        judged_on: "2026-11-21".parse().unwrap(),
        saved_at: at(1),
    }
}

fn texts() -> EditionTexts {
    EditionTexts {
        edition: "id = \"fy2027\"".to_owned(),
        items: String::new(),
        mapping: String::new(),
    }
}

/// A line an entry, the first first; a star where checks may say something else from then on.
pub(crate) fn shown(told: &[JournalEntry]) -> String {
    let line = |e: &JournalEntry| {
        let star = if e.judged { "*" } else { "" };
        format!(
            "{}{star} {} {} {} {}\n",
            e.seq, e.by, e.action, e.subject, e.detail
        )
    };
    told.iter().rev().map(line).collect()
}

/// Whoever has an answer and its line can make the hash in the tree, and needs the store no longer.
pub(crate) async fn an_answer_is_proven_by_its_line(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    change_everything(&*store, &ours).await;
    let second = Answer {
        round: 2,
        note: Some("備考".to_owned()),
        basis: Some("fingerprint".to_owned()),
        ..answer("a", 1)
    };
    store.record_answer(&ours, &second).await.unwrap();
    let leaves = store.leaf_hashes(Some(&ours)).await.unwrap();
    let lines = store.answer_lines(&ours).await.unwrap();
    let answers = store.answers(&ours).await.unwrap();
    assert_eq!((lines.len(), answers.len()), (2, 2));
    for (line, answer) in lines.iter().zip(&answers) {
        assert_eq!(
            (&line.item, line.round),
            (&answer.item, i64::from(answer.round))
        );
        let form = Line {
            institution: ours.as_str(),
            seq: line.seq,
            at: line.at,
            by: &line.by,
            action: "answer",
            subject: line.item.as_str(),
            detail: &line.detail,
            judged: false,
            rows_hash: answer_hash(&ours, answer, line.version),
        };
        assert_eq!(form.leaf_hash(), leaves[line.seq as usize - 1], "{line:?}");
    }
}
