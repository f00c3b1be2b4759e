//! What a store promises, told once and held by both databases.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop where it stands"
)]

/// A call fails, and in this kind of way.
macro_rules! assert_refused {
    ($call:expr, $kind:ident) => {{
        let result = $call;
        assert!(
            matches!(result, Err(sonae_store::StoreError::$kind { .. })),
            "{result:?}"
        );
    }};
}

mod both;
mod dumps;
mod first_visit;
mod history;
mod people;
mod postgres;
mod stranger;
mod tampering;
mod trouble;
mod wall;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::{Expect, expect};
use jiff::Timestamp;
use postgres::Server;
use sonae_domain::answer::{Answer, AnswerValue, Institution, InstitutionKind, VendorContract};
use sonae_domain::edition::Text;
use sonae_domain::evidence::{ContentHash, DateBasis, Evidence, Finding, Place, Severity};
use sonae_domain::fact::{FactRows, FactValue};
use sonae_domain::ids::{AssetId, EditionId, EvidenceId, InstitutionId, ItemId};
use sonae_domain::ledger::{Asset, AssetKind, AssetRecord, RemoteMaintenance};
use sonae_store::{
    AssetChange, DraftRecorded, EditionTexts, NewEvidence, Published, Recorded, Saved, Store,
    StoreError,
};

#[tokio::test]
async fn story_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    stories(&|name| folder.path().join(name).to_str().unwrap().to_owned()).await;
}

#[tokio::test]
async fn story_on_postgres() {
    stories(&|name| Server::get().database(name)).await;
}

/// Each story has a database of its own; `place` gives its address.
async fn stories(place: &dyn Fn(&str) -> String) {
    let told = RefCell::new(Vec::new());
    let place = |name: &str| {
        let address = place(name);
        told.borrow_mut().push(address.clone());
        address
    };
    institutions_are_kept(&place("institutions")).await;
    answers_keep_their_history(&place("answers")).await;
    evidence_comes_back_whole(&place("evidence")).await;
    the_newest_evidence_counts(&place("newest")).await;
    facts_are_found_by_table(&place("facts")).await;
    the_ledger_keeps_its_versions(&place("ledger")).await;
    settings_are_replaced(&place("settings")).await;
    an_edition_is_published_once(&place("editions")).await;
    history::the_journal_tells_what_changed(&place("journal")).await;
    history::what_changes_nothing_is_not_told(&place("unchanged")).await;
    history::the_past_stays_as_it_was(&place("past")).await;
    history::an_answer_is_proven_by_its_line(&place("proven")).await;
    history::two_people_see_each_other(&place("two")).await;
    history::a_device_is_not_overwritten_unseen(&place("device")).await;
    history::a_record_is_not_overwritten_unseen(&place("record")).await;
    history::records_are_kept_together_or_not_at_all(&place("together")).await;
    history::a_setting_is_not_overwritten_unseen(&place("unseen")).await;
    history::records_are_found_by_kind(&place("kinds")).await;
    history::summaries_are_replaced(&place("summaries")).await;
    history::a_summary_knows_that_it_is_older_than_a_change(&place("changed")).await;
    first_visit::a_first_visit_is_kept_whole(&place("first")).await;
    first_visit::half_a_first_visit_is_nothing(&place("half")).await;
    first_visit::only_one_sets_up(&place("eight")).await;
    first_visit::an_institution_begins_with_its_administrator(&place("founded")).await;
    first_visit::a_member_has_an_account_and_roles_or_neither(&place("member")).await;
    people::accounts_are_kept(&place("accounts")).await;
    people::an_account_is_changed(&place("account")).await;
    people::a_closed_account_lets_nobody_in(&place("closed")).await;
    people::a_new_name_is_told_where_the_former_was_known(&place("rename")).await;
    people::passkeys_belong_to_one_account(&place("passkeys")).await;
    people::sessions_end(&place("sessions")).await;
    people::failures_are_counted(&place("failures")).await;
    people::what_opens_once_opens_once(&place("once")).await;
    people::a_new_link_ends_those_before(&place("links")).await;
    people::grants_are_given_and_taken_back(&place("grants")).await;
    people::tokens_open_one_institution(&place("tokens")).await;
    stranger::a_stranger_sees_nothing(&place("stranger")).await;
    stranger::a_stranger_changes_nothing(&place("changes")).await;
    a_failure_leaves_nothing(&place("failure")).await;
    no_writer_loses_an_answer(&place("writers")).await;
    everything_outlives_a_restart(&place("restart")).await;
    for address in told.take() {
        tampering::holds(&address).await;
    }
}

async fn institutions_are_kept(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let mut clinic = institution("i-1");
    store
        .insert_institution(&clinic, "佐藤", at(0))
        .await
        .unwrap();
    let twice = store.insert_institution(&clinic, "佐藤", at(0)).await;
    assert!(
        matches!(twice, Err(StoreError::AlreadyThere { .. })),
        "{twice:?}"
    );
    clinic.vendor_contract = VendorContract::Exists;
    store
        .update_institution(&clinic, "佐藤", at(0))
        .await
        .unwrap();
    store
        .insert_institution(&institution("i-2"), "佐藤", at(0))
        .await
        .unwrap();
    assert_eq!(
        store.institution(&clinic.id).await.unwrap(),
        Some(clinic.clone())
    );
    assert_eq!(
        store.institution(&InstitutionId::new("*")).await.unwrap(),
        None
    );
    assert_eq!(
        store.institutions().await.unwrap(),
        [clinic, institution("i-2")]
    );
    let unknown = store
        .update_institution(&institution("i-3"), "佐藤", at(0))
        .await;
    assert!(
        matches!(unknown, Err(StoreError::NotThere { .. })),
        "{unknown:?}"
    );
    let everybody = store
        .insert_institution(&institution("*"), "佐藤", at(0))
        .await;
    assert!(everybody.is_err());
}

async fn answers_keep_their_history(address: &str) {
    let (store, ours) = one_institution(address).await;
    let no = Answer {
        value: AnswerValue::No,
        target_on: Some("2026-03-31".parse().unwrap()),
        ..answer("a", 1)
    };
    let yes = Answer {
        note: Some("院長確認".to_owned()),
        ..answer("a", 1)
    };
    let second_round = answer("a", 2);
    store
        .record_answers(&ours, &[no.clone(), answer("b", 1)])
        .await
        .unwrap();
    store.record_answer(&ours, &yes).await.unwrap();
    store.record_answer(&ours, &second_round).await.unwrap();
    assert_eq!(
        store.answers(&ours).await.unwrap(),
        [yes.clone(), second_round.clone(), answer("b", 1)]
    );
    let history = store
        .answer_history(&ours, &ItemId::new("a"))
        .await
        .unwrap();
    assert_eq!(history, [no, yes, second_round]);
    assert_eq!(
        store
            .answer_history(&ours, &ItemId::new("c"))
            .await
            .unwrap(),
        []
    );
}

async fn evidence_comes_back_whole(address: &str) {
    let (store, ours) = one_institution(address).await;
    let new = evidence("e-1", "nmap:192.168.10.0/24", "2026-11-01", "<nmaprun/>");
    let id = new.evidence.id.clone();
    assert_eq!(
        store.record_evidence(&ours, new.clone()).await.unwrap(),
        Recorded::New
    );

    let expected = Evidence {
        current: true,
        ..new.evidence.clone()
    };
    assert_eq!(
        store.evidence_by_id(&ours, &id).await.unwrap(),
        Some(expected.clone())
    );
    assert_eq!(store.evidence(&ours).await.unwrap(), [expected]);
    assert_eq!(store.raw(&ours, &id).await.unwrap(), Some(new.raw.clone()));
    assert_eq!(
        store.findings(&ours, &id).await.unwrap(),
        Some(new.findings.clone())
    );
    assert_eq!(
        store.facts_of(&ours, &id).await.unwrap(),
        Some(new.facts.clone())
    );
    assert_eq!(store.assets(&ours).await.unwrap()[0].evidence, Some(id));

    let other_bytes = NewEvidence {
        raw: b"<nmaprun>".to_vec(),
        ..new
    };
    let refused = store.record_evidence(&ours, other_bytes).await;
    assert!(
        matches!(refused, Err(StoreError::OtherBytes { .. })),
        "{refused:?}"
    );
}

/// Evidence is recorded line by line: id, source, effective day, bytes. Then: what came of it, and
/// in the last line what counts.
async fn the_newest_evidence_counts(address: &str) {
    let (store, ours) = one_institution(address).await;
    let mut lines = Vec::new();
    for (id, source, day, raw) in [
        ("e-1", "nmap", "2026-11-02", "old"),
        ("e-2", "nmap", "2026-11-02", "old"),
        ("e-3", "nmap", "2026-11-05", "new"),
        ("e-4", "nmap", "2026-11-01", "late"),
        ("e-5", "nmap", "2026-11-05", "same day, recorded later"),
        ("e-6", "nmap", "2026-11-09", "old"),
        ("e-7", "ldif", "2026-01-01", "old"),
        ("e-9", "kea", "2026-11-05", "recorded later"),
        ("e-8", "kea", "2026-11-05", "recorded earlier"),
        ("e-10", "nmap", "2026-10-01", "old"),
    ] {
        let recorded = store
            .record_evidence(&ours, evidence(id, source, day, raw))
            .await
            .unwrap();
        lines.push(format!("{id} {recorded:?}"));
    }
    let evidence = store.evidence(&ours).await.unwrap();
    let current: Vec<_> = evidence
        .iter()
        .filter(|e| e.current)
        .map(|e| e.id.as_str())
        .collect();
    lines.push(format!(
        "{} kept, current {}",
        evidence.len(),
        current.join(" ")
    ));
    let facts = store.current_facts(&ours, &["host"]).await.unwrap();
    let from: Vec<_> = facts.iter().map(|(id, _)| id.as_str()).collect();
    lines.push(format!("facts from {}", from.join(" ")));
    let ledger = store
        .asset_history(&ours, &AssetId::new("a-1"))
        .await
        .unwrap();
    let from: Vec<_> = ledger
        .iter()
        .flat_map(|v| &v.evidence)
        .map(|e| e.as_str())
        .collect();
    lines.push(format!("ledger changed by {}", from.join(" ")));
    check(
        &lines.join("\n"),
        expect![[r#"
            e-1 New
            e-2 AlreadyKnown(EvidenceId("e-1"))
            e-3 New
            e-4 OlderThanCurrent(EvidenceId("e-3"))
            e-5 New
            e-6 New
            e-7 New
            e-9 New
            e-8 OlderThanCurrent(EvidenceId("e-9"))
            e-10 OlderThanCurrent(EvidenceId("e-6"))
            9 kept, current e-6 e-9 e-7
            facts from e-6 e-7 e-9
            ledger changed by e-1 e-3 e-5 e-6 e-7 e-9"#]],
    );
}

async fn facts_are_found_by_table(address: &str) {
    let (store, ours) = one_institution(address).await;
    let tables = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let mut new = evidence("e-1", "bundle", "2026-11-01", "x");
    new.facts = tables
        .iter()
        .map(|table| FactRows::new(table, &["n"]))
        .collect();
    // A bundle of several machines may fill a table more than once.
    new.facts.push(FactRows {
        rows: vec![vec![FactValue::Integer(2)]],
        ..new.facts[0].clone()
    });
    store.record_evidence(&ours, new).await.unwrap();
    let found = async |tables: &[&str]| {
        let facts = store.current_facts(&ours, tables).await.unwrap();
        facts
            .iter()
            .map(|(_, f)| format!("{}{} ", f.table, f.rows.len()))
            .collect::<String>()
    };
    assert_eq!(found(&["b", "a", "a"]).await, "a0 a1 b0 ");
    assert_eq!(found(&tables).await, "a0 a1 b0 c0 d0 e0 f0 g0 h0 i0 j0 ");
    assert_eq!(found(&["", "A", "a' or 1=1", "%"]).await, "");
    assert_eq!(found(&[]).await, "");
}

async fn the_ledger_keeps_its_versions(address: &str) {
    let (store, ours) = one_institution(address).await;
    let first = [asset("a-2", "srv-02", None), asset("a-1", "srv-01", None)];
    store
        .save_assets(&ours, &first, "佐藤", at(1))
        .await
        .unwrap();
    let retired = AssetChange {
        retired: true,
        ..asset("a-1", "srv-01", None)
    };
    store
        .save_assets(&ours, &[retired], "鈴木", at(2))
        .await
        .unwrap();
    let shown = |versions: Vec<sonae_store::AssetVersion>| {
        let line = |v: &sonae_store::AssetVersion| {
            let state = if v.retired { "retired" } else { "in use" };
            let name = &v.asset.record.name;
            format!(
                "{} v{} {name} {state}, {}\n",
                v.asset.id, v.version, v.changed_by
            )
        };
        versions.iter().map(line).collect::<String>()
    };
    check(
        &shown(store.assets(&ours).await.unwrap()),
        expect![[r#"
            a-1 v2 srv-01 retired, 鈴木
            a-2 v1 srv-02 in use, 佐藤
        "#]],
    );
    let history = store
        .asset_history(&ours, &AssetId::new("a-1"))
        .await
        .unwrap();
    assert_eq!(history[0].asset, first[1].asset);
    assert_eq!(history[0].changed_at, at(1));
    check(
        &shown(history),
        expect![[r#"
            a-1 v1 srv-01 in use, 佐藤
            a-1 v2 srv-01 retired, 鈴木
        "#]],
    );
}

async fn settings_are_replaced(address: &str) {
    let (store, ours) = one_institution(address).await;
    for (key, value) in [
        ("dormant_days", Some("90")),
        ("dormant_days", Some("60")),
        ("x", Some("1")),
        ("x", None),
    ] {
        store
            .save_setting(&ours, key, value, "佐藤", at(1))
            .await
            .unwrap();
    }
    let expected = BTreeMap::from([("dormant_days".to_owned(), "60".to_owned())]);
    assert_eq!(store.settings(&ours).await.unwrap(), expected);
    store
        .save_column_mapping(&ours, "f", "{}", "佐藤", at(1))
        .await
        .unwrap();
    store
        .save_column_mapping(&ours, "f", "{\"name\":2}", "佐藤", at(2))
        .await
        .unwrap();
    let mapping = store.column_mapping(&ours, "f").await.unwrap();
    assert_eq!(mapping.as_deref(), Some("{\"name\":2}"));
    assert_eq!(store.column_mapping(&ours, "g").await.unwrap(), None);
}

async fn an_edition_is_published_once(address: &str) {
    let store = sonae_store::open(address).await.unwrap();
    let id = EditionId::new("fy2027");
    let texts = |items: &str| EditionTexts {
        edition: "id = \"fy2027\"".to_owned(),
        items: items.to_owned(),
        mapping: String::new(),
    };
    let (seen, other) = (texts("1"), texts("2"));
    let unknown = store
        .publish_edition(&id, &seen.sha256(), "佐藤", at(1))
        .await
        .unwrap();
    assert_eq!(unknown, Published::Unknown);

    let draft = async |texts| {
        store
            .record_draft_edition(&id, texts, "佐藤", at(1))
            .await
            .unwrap()
    };
    assert_eq!(draft(&seen).await, DraftRecorded::Draft { revision: 1 });
    assert_eq!(draft(&other).await, DraftRecorded::Draft { revision: 1 });
    let publish = async |texts: &EditionTexts| {
        store
            .publish_edition(&id, &texts.sha256(), "鈴木", at(2))
            .await
            .unwrap()
    };
    assert_eq!(
        publish(&seen).await,
        Published::Changed {
            sha256: other.sha256()
        }
    );
    assert_eq!(publish(&other).await, Published::Now);
    assert_eq!(publish(&other).await, Published::Already);

    assert_eq!(
        draft(&other).await,
        DraftRecorded::AlreadyPublished { revision: 1 }
    );
    assert_eq!(draft(&seen).await, DraftRecorded::Draft { revision: 2 });
    assert_eq!(store.edition_texts(&id, 1).await.unwrap(), Some(other));
    assert_eq!(store.edition_texts(&id, 2).await.unwrap(), Some(seen));
    assert_eq!(store.edition_texts(&id, 3).await.unwrap(), None);
    let editions = store.editions().await.unwrap();
    assert_eq!(editions[0].published, Some(("鈴木".to_owned(), at(2))));
    assert_eq!(editions[1].published, None);
}

async fn a_failure_leaves_nothing(address: &str) {
    let (store, ours) = one_institution(address).await;
    let before = evidence("e-1", "nmap", "2026-11-01", "before");
    store.record_evidence(&ours, before).await.unwrap();
    let generation = store.generation(&ours).await.unwrap();
    let mut new = evidence("e-2", "nmap", "2026-11-02", "after");
    new.assets
        .push(asset("a-7", "srv-07", Some("no such evidence")));
    let refused = store.record_evidence(&ours, new).await;
    assert!(
        matches!(refused, Err(StoreError::NotThere { .. })),
        "{refused:?}"
    );
    let evidence = store.evidence(&ours).await.unwrap();
    assert_eq!(evidence.len(), 1);
    assert!(evidence[0].current);
    let facts = store.current_facts(&ours, &["host"]).await.unwrap();
    assert_eq!(facts.len(), 1);
    assert_eq!(
        store
            .asset_history(&ours, &AssetId::new("a-1"))
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(store.assets(&ours).await.unwrap().len(), 1);
    assert_eq!(store.generation(&ours).await.unwrap(), generation);
}

async fn no_writer_loses_an_answer(address: &str) {
    let (store, ours) = one_institution(address).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let (store, ours) = (Arc::clone(&store), ours.clone());
        writers.spawn(async move {
            for n in 0..50 {
                // All writers answer the same five items.
                let item = format!("item-{}", n % 5);
                let note = Some(format!("{writer} {n}"));
                let answer = Answer {
                    note,
                    ..answer(&item, 1)
                };
                store.record_answer(&ours, &answer).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let mut notes = Vec::new();
    for item in 0..5 {
        let item = ItemId::new(format!("item-{item}"));
        notes.extend(
            store
                .answer_history(&ours, &item)
                .await
                .unwrap()
                .into_iter()
                .map(|a| a.note),
        );
    }
    notes.sort();
    notes.dedup();
    assert_eq!(notes.len(), 400);
    let journal = store.journal(&ours, None, 1000).await.unwrap();
    let seqs: Vec<_> = journal.iter().rev().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (1..=401).collect::<Vec<_>>());
    assert_eq!(store.answers(&ours).await.unwrap().len(), 5);
}

async fn everything_outlives_a_restart(address: &str) {
    let (store, ours) = one_institution(address).await;
    fill(&*store, &ours).await;
    let before = everything(&*store, &ours).await;
    store.close().await;
    assert!(store.answers(&ours).await.is_err());
    assert!(store.ping().await.is_err());
    drop(store);
    let store = sonae_store::open(address).await.unwrap();
    store.ping().await.unwrap();
    assert_eq!(everything(&*store, &ours).await, before);
}

/// Something in each table.
async fn fill(store: &dyn Store, ours: &InstitutionId) {
    store.record_answer(ours, &answer("a", 1)).await.unwrap();
    let new = evidence("e-1", "nmap", "2026-11-01", "raw");
    assert_eq!(
        store.record_evidence(ours, new).await.unwrap(),
        Recorded::New
    );
    store
        .save_column_mapping(ours, "f", "{}", "佐藤", at(1))
        .await
        .unwrap();
    store
        .save_setting(ours, "k", Some("v"), "佐藤", at(1))
        .await
        .unwrap();
    let vendor = history::vendor("v-1", None, r#"{"name":"青葉システム"}"#);
    let saved = store.save_record(ours, &vendor, "佐藤", at(1)).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let summary = history::summary("{}", 1);
    store.save_summary(ours, &summary).await.unwrap();
    people::fill(store, ours).await;
    tampering::keep_checkpoint(store, ours).await;
}

async fn everything(store: &dyn Store, ours: &InstitutionId) -> Vec<String> {
    let (id, person) = (EvidenceId::new("e-1"), people::id_of(ours));
    macro_rules! shown {
        ($($method:ident($($arg:expr),*);)*) => {
            vec![$(format!("{:?}", store.$method($($arg),*).await.unwrap())),*]
        };
    }
    shown! {
        institutions();
        answers(ours);
        evidence(ours);
        raw(ours, &id);
        findings(ours, &id);
        current_facts(ours, &["host"]);
        assets(ours);
        records(ours, "vendor");
        column_mapping(ours, "f");
        settings(ours);
        journal(ours, None, 99);
        installation_journal(None, 99);
        generation(ours);
        summaries();
        accounts();
        passkeys(&person);
        n_recovery_codes(&person);
        setup_link("link of ours");
        session("session of ours");
        throttle("address ours");
        grants(ours);
        tokens(ours);
    }
}

fn check(shown: &str, expected: Expect) {
    expected.assert_eq(shown);
}

async fn one_institution(address: &str) -> (Arc<dyn Store>, InstitutionId) {
    let store = sonae_store::open(address).await.unwrap();
    store
        .insert_institution(&institution("ours"), "佐藤", at(0))
        .await
        .unwrap();
    (store, InstitutionId::new("ours"))
}

fn institution(id: &str) -> Institution {
    Institution {
        id: InstitutionId::new(id),
        name: "青葉診療所".to_owned(),
        kind: InstitutionKind::DentalClinic,
        vendor_contract: VendorContract::Unconfirmed,
    }
}

fn answer(item: &str, round: u8) -> Answer {
    Answer {
        item: ItemId::new(item),
        round,
        value: AnswerValue::Yes,
        confirmed_on: "2026-11-20".parse().unwrap(),
        target_on: None,
        note: None,
        answered_by: "佐藤".to_owned(),
        recorded_at: at(0),
        basis: None,
    }
}

/// Later ids are recorded later.
fn evidence(id: &str, source: &str, day: &str, raw: &str) -> NewEvidence {
    let n: i64 = id.trim_start_matches("e-").parse().unwrap();
    NewEvidence {
        evidence: Evidence {
            id: EvidenceId::new(id),
            source: source.to_owned(),
            format: "nmap_xml".to_owned(),
            collector: "nmap 7.93".to_owned(),
            command: Some("nmap -sn 192.168.10.0/24".to_owned()),
            target: None,
            effective_on: day.parse().unwrap(),
            effective_basis: DateBasis::Content,
            collected_at: Some(at(n)),
            recorded_at: at(n),
            content_hash: ContentHash::of(raw.as_bytes()),
            n_bytes: i64::try_from(raw.len()).unwrap(),
            file_name: "結果 ①.xml".to_owned(),
            reader_version: 1,
            current: false,
        },
        raw: raw.as_bytes().to_vec(),
        facts: vec![FactRows {
            table: "host".to_owned(),
            columns: vec!["name".to_owned(), "port".to_owned(), "seen".to_owned()],
            rows: vec![vec![
                "srv-01".into(),
                FactValue::Integer(443),
                FactValue::Null,
            ]],
        }],
        findings: vec![Finding {
            severity: Severity::Unread,
            place: Place {
                part: None,
                row: Some(3),
                column: Some("取得日".to_owned()),
            },
            text: Text {
                ja: "日付ではありません".to_owned(),
                en: "not a date".to_owned(),
            },
        }],
        assets: vec![asset("a-1", "srv-01", Some(id))],
        rests_on: None,
        recorded_by: "佐藤".to_owned(),
    }
}

fn asset(id: &str, name: &str, evidence: Option<&str>) -> AssetChange {
    let record = AssetRecord {
        kind: AssetKind::Server,
        name: name.to_owned(),
        location: Some("サーバ室".to_owned()),
        usability: None,
        system: Some("電子カルテ".to_owned()),
        vendor: None,
        maker: None,
        model: None,
        serial: Some("SN-1".to_owned()),
        macs: ["00:11:22:33:44:55".to_owned()].into(),
        ips: ["192.168.10.5".to_owned()].into(),
        directory_id: None,
        os: None,
        os_version: None,
        remote_maintenance: RemoteMaintenance::Unconfirmed,
        owner: None,
        acquired_on: Some("2020-04-01".parse().unwrap()),
        support_ends_on: None,
        note: None,
    };
    AssetChange {
        asset: Asset {
            id: AssetId::new(id),
            record,
        },
        evidence: evidence.map(EvidenceId::new),
        retired: false,
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_219_200 + 60 * minute).unwrap()
}
