//! Packages of many states, none of which may be refused, and packages that somebody changed, none of which
//! may be accepted: not even by whoever holds the key, where history and facts say otherwise.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use serde_json::{Value, json};
use sonae_domain::answer::{Answer, AnswerValue};
use sonae_domain::evidence::ContentHash;
use sonae_domain::ids::{EditionId, EvidenceId, ItemId};
use sonae_domain::package::{self, About, Package, archive};
use sonae_store::{AssetChange, NewEvidence};

use super::contents::{DOCUMENTS, EVIDENCE, FACTS, FORM, HISTORY, INDEX, VERDICTS};
use super::enclosures::Enclosures;
use super::rows::RowsCompared;
use super::verify::verify;
use crate::usecase::checklist::WhichForm;
use crate::usecase::history_key::HistoryKey;
use crate::usecase::installation::{Clock, Installation, Settings};
use crate::usecase::workspace::Workspace;

/// How many of each are tried; `cargo xtask trial package` tries many more.
fn n_tries(few: usize) -> usize {
    let scale = std::env::var("SONAE_TRIAL").ok();
    few * scale.and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

/// The same sequence each time: a failure can be looked at again.
struct Dice(u64);

impl Dice {
    /// `SplitMix64`.
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % n as u64) as usize
    }
}

/// A minute passes whenever somebody looks at the clock.
pub(super) async fn workspace(data: &Path) -> Workspace {
    let minutes = AtomicI64::new(0);
    let now = move || {
        let minute = minutes.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_second(1_795_219_200 + minute * 60).unwrap()
    };
    let installation = Installation::open(Settings {
        data: data.to_owned(),
        database: None,
        clock: Clock::new(now),
        reader_program: data.to_owned(),
        mail_login: None,
    });
    let installation = Arc::new(installation.await.unwrap());
    let institution = installation.first_institution().await.unwrap();
    installation.workspace(institution)
}

/// Somebody answers a row of the own form.
async fn answer(workspace: &Workspace, nth: usize, value: AnswerValue, round: u8) {
    let (edition, form) = workspace.form(&WhichForm::default()).unwrap();
    let items: Vec<&ItemId> = edition.items_of(&form.id).map(|item| &item.id).collect();
    let answer = Answer {
        item: items[nth % items.len()].clone(),
        round,
        value,
        confirmed_on: workspace.today,
        target_on: (value == AnswerValue::No).then_some(workspace.today),
        note: nth.is_multiple_of(2).then(|| format!("note {nth}")),
        answered_by: "sato".to_owned(),
        recorded_at: workspace.installation.settings.clock.now(),
        basis: None,
    };
    workspace.record_answer(&answer).await.unwrap();
}

/// A ledger of one device comes in as a file.
async fn import_ledger(workspace: &Workspace) {
    let (day, now) = (workspace.today, workspace.installation.settings.clock.now());
    let id = "01a1fd55-7aec-7179-a2cb-f5a95b9e3032";
    let evidence = json!({
        "id": id, "source": "ledger", "format": "ledger", "collector": "ledger", "command": null,
        "target": null, "effective_on": day, "effective_basis": "stated", "collected_at": null,
        "recorded_at": now, "content_hash": ContentHash::of(b"ledger"), "n_bytes": 6,
        "file_name": "ledger.csv", "reader_version": 1, "current": true,
    });
    let asset = json!({
        "id": id,
        "record": {
            "kind": "server", "name": "EHR", "location": null, "usability": null, "system": null,
            "vendor": null, "maker": null, "model": null, "serial": null, "macs": [], "ips": [],
            "directory_id": null, "os": null, "os_version": null, "remote_maintenance": "no",
            "owner": null, "acquired_on": null, "support_ends_on": null, "note": null,
        },
    });
    let ledger = NewEvidence {
        evidence: serde_json::from_value(evidence).unwrap(),
        raw: b"ledger".to_vec(),
        facts: Vec::new(),
        findings: Vec::new(),
        assets: vec![AssetChange {
            asset: serde_json::from_value(asset).unwrap(),
            evidence: Some(EvidenceId::new(id)),
            retired: false,
        }],
        rests_on: None,
        recorded_by: "sato".to_owned(),
    };
    let (store, of) = (&workspace.store, &workspace.institution.id);
    store.record_evidence(of, ledger).await.unwrap();
}

/// A package without what is laid out for paper, which takes long and is not looked into.
async fn contents(workspace: &Workspace) -> Vec<u8> {
    let checkpoint = workspace.checkpoint().await.unwrap();
    let state = workspace.package_state(false).await.unwrap();
    let (about, files) = workspace
        .package_contents(&checkpoint, &state, &Enclosures::default())
        .await
        .unwrap();
    workspace
        .installation
        .sealed(about.clone(), &files.finish(&about).unwrap())
        .unwrap()
}

const VALUES: [AnswerValue; 3] = [AnswerValue::Yes, AnswerValue::No, AnswerValue::NotRequired];

#[tokio::test]
async fn no_valid_package_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path()).await;
    let mut dice = Dice(1);
    for nth in 0..n_tries(20) {
        let value = VALUES[dice.below(VALUES.len())];
        answer(&workspace, dice.below(99), value, dice.below(3) as u8 + 1).await;
        let bytes = contents(&workspace).await;
        let carried = verify(&bytes, None).await.unwrap();
        assert!(!carried.key_is_known);
        let held = verify(&bytes, Some(&carried.key.to_string()))
            .await
            .unwrap();
        assert!(held.key_is_known, "package {nth}");
        assert_eq!(held.n_proven, held.n_answers);
        assert!(held.n_answers > 0 && held.n_checks > 0);
        assert_eq!(held.other_checks, []);
    }
}

#[tokio::test]
async fn one_state_gives_the_same_bytes_but_for_the_seal() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path()).await;
    answer(&workspace, 0, AnswerValue::Yes, 1).await;
    let (one, first) = workspace.package(&Enclosures::default()).await.unwrap();
    let (other, second) = workspace.package(&Enclosures::default()).await.unwrap();
    assert_ne!(first.signed_at, second.signed_at);
    let but_seal = |bytes| archive::split_comment(bytes).unwrap().0;
    assert!(but_seal(&one) == but_seal(&other));
}

/// The package again, sealed by the institution itself, of which one file says something else.
fn changed_with_the_key(
    workspace: &Workspace,
    (about, package): (About, &Package),
    path: &str,
    change: impl Fn(&mut Value),
) -> Vec<u8> {
    let mut files = package.files().clone();
    let mut contents: Value = serde_json::from_slice(&files[path]).unwrap();
    let before = contents.clone();
    change(&mut contents);
    assert_ne!(contents, before, "{path}");
    files.insert(path.to_owned(), serde_json::to_vec(&contents).unwrap());
    workspace.installation.sealed(about, &files).unwrap()
}

#[tokio::test]
async fn whoever_has_the_key_makes_no_form_that_does_not_follow() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path()).await;
    answer(&workspace, 0, AnswerValue::Yes, 1).await;
    import_ledger(&workspace).await;
    let package = Package::of(archive::read(&contents(&workspace).await).unwrap()).unwrap();
    let form: Value = serde_json::from_slice(&package.files()[FORM]).unwrap();
    let id = |nth: usize| form["items"][nth]["item"].as_str().unwrap().to_owned();
    let n_rows = form["items"].as_array().unwrap().len();
    let judged = (0..n_rows).find(|nth| form["items"][*nth]["evidence"] != json!([]));
    let judged = judged.unwrap();
    let row = |nth| format!("row {} is not as edition and verdicts give it", id(nth));
    let rows = "the form has not the rows of its edition".to_owned();
    let file = |path: &str| format!("file `{path}` is missing or cannot be read");

    let check = async |path: &str, expected: String, change: &dyn Fn(&mut Value)| {
        let about = package.manifest.about.clone();
        let changed = changed_with_the_key(&workspace, (about, &package), path, change);
        let refused = verify(&changed, None).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
    };
    let of_row = |nth: usize, key: &'static str, value: Value| {
        move |form: &mut Value| form["items"][nth][key] = value.clone()
    };
    let of_rows = |change: fn(&mut Vec<Value>)| {
        move |form: &mut Value| change(form["items"].as_array_mut().unwrap())
    };
    check(FORM, file(FORM), &of_rows(Vec::clear)).await;
    check(FORM, rows.clone(), &of_rows(|rows| drop(rows.pop()))).await;
    check(FORM, rows.clone(), &of_rows(|rows| rows.swap(0, 1))).await;
    check(FORM, row(0), &of_row(0, "number", json!("9-9"))).await;
    check(FORM, row(0), &of_row(0, "section", json!("another"))).await;
    check(FORM, row(0), &of_row(0, "wording", json!("another"))).await;
    check(FORM, row(0), &of_row(0, "remark", json!("another"))).await;
    check(FORM, row(0), &of_row(0, "original", json!("another"))).await;
    check(FORM, row(0), &of_row(0, "standing", json!("backed"))).await;
    check(FORM, row(1), &of_row(1, "standing", json!("exempt"))).await;
    check(FORM, row(judged), &of_row(judged, "verdict", json!("met"))).await;
    check(FORM, row(judged), &of_row(judged, "evidence", json!([]))).await;
    let other = "other verdicts when judged again".to_owned();
    check(FORM, other, &of_row(judged, "checks", json!([]))).await;
    check(
        FORM,
        row(0),
        &of_row(0, "checks", json!(["backup-generations"])),
    )
    .await;
    check(EVIDENCE, file(EVIDENCE), &|evidence| *evidence = json!([])).await;
    check(EVIDENCE, file(EVIDENCE), &|evidence| {
        evidence[0]["effective_on"] = json!("2026-01-01");
    })
    .await;
    check(DOCUMENTS, file(DOCUMENTS), &|documents| {
        *documents = json!([document(VERDICTS, &"0".repeat(64))]);
    })
    .await;
    // The same with the hash of the file is read; then the page says something else.
    let hash = ContentHash::of(&package.files()[VERDICTS]).0;
    check(DOCUMENTS, file(INDEX), &|documents| {
        *documents = json!([document(VERDICTS, &hash)]);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_made_again_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path()).await;
    let package = Package::of(archive::read(&contents(&workspace).await).unwrap()).unwrap();
    let accepts = async |about: About, expected: RowsCompared| {
        let changed = changed_with_the_key(&workspace, (about.clone(), &package), FORM, |form| {
            form["edition"] = json!(about.edition);
            form["items"][0]["reason"]["en"] = json!("as another version says it");
        });
        let verified = verify(&changed, None).await.unwrap();
        assert_eq!((verified.rows, verified.pages_compared), (expected, false));
    };
    let mut about = package.manifest.about.clone();
    about.program = "sonae 0.0.1".to_owned();
    accepts(about.clone(), RowsCompared::Printed).await;
    about.edition = EditionId::new("fy2099");
    accepts(about, RowsCompared::Standings).await;
}

/// An entry of the index of documents, as if the file at a path were one.
fn document(path: &str, sha256: &str) -> Value {
    json!({
        "path": path, "title": "BCP", "file_name": "bcp.pdf", "sha256": sha256,
        "effective_on": "2026-11-21", "recorded_at": "2026-11-21T03:00:00Z",
        "valid_until": null, "note": null, "items": [],
    })
}

#[tokio::test]
async fn no_changed_package_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path()).await;
    for (nth, value) in VALUES.into_iter().enumerate() {
        answer(&workspace, nth, value, 1).await;
    }
    let bytes = contents(&workspace).await;
    let key = verify(&bytes, None).await.unwrap().key.to_string();
    let mut dice = Dice(2);
    for nth in 0..n_tries(60) {
        let changed = match nth % 3 {
            0 => changed_bytes(&bytes, &mut dice),
            1 => changed_files(&bytes, &mut dice),
            _ => changed_contents(&workspace, &bytes, &mut dice, folder.path()),
        };
        assert_ne!(changed, bytes);
        let verified = verify(&changed, Some(&key)).await;
        assert!(verified.is_err(), "package {nth}: {verified:?}");
    }
}

/// Something happened to the file, whatever is in it.
fn changed_bytes(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = dice.below(bytes.len());
    match dice.below(4) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes.truncate(at),
        2 => bytes.insert(at, dice.below(256) as u8),
        _ => drop(bytes.remove(at)),
    }
    bytes
}

/// Somebody packed other files, with a seal that they had.
fn changed_files(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let (_, note) = archive::split_comment(bytes).unwrap();
    let mut files = archive::read(bytes).unwrap();
    let (at, other) = (dice.below(files.len()), dice.below(files.len() - 1));
    match dice.below(5) {
        0 => files[at].1.push(b' '),
        1 => drop(files.remove(at)),
        2 => files.insert(at, ("more.txt".to_owned(), Vec::new())),
        3 => files.swap(at, if other < at { other } else { other + 1 }),
        _ => files[at].0.push('x'),
    }
    let files = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    archive::write(files, std::str::from_utf8(note).unwrap()).unwrap()
}

/// Somebody made all hashes anew: without the key, or with it, but against what history and facts say.
fn changed_contents(
    workspace: &Workspace,
    bytes: &[u8],
    dice: &mut Dice,
    folder: &Path,
) -> Vec<u8> {
    let package = Package::of(archive::read(bytes).unwrap()).unwrap();
    let about = package.manifest.about.clone();
    let change = |path: &str, change: &dyn Fn(&mut Value)| {
        changed_with_the_key(workspace, (about.clone(), &package), path, change)
    };
    let nth = dice.below(3);
    match dice.below(9) {
        0 => sealed_by_a_stranger(workspace, about, package.files(), folder),
        1 => change(FORM, &|form| {
            form["items"][nth]["answers"][0]["note"] = json!("another note")
        }),
        2 => change(FORM, &|form| {
            form["items"][nth]["answers"][0]["confirmed_on"] = json!("2026-01-01");
        }),
        3 => change(FORM, &|form| {
            form["items"][nth]["standing"] = json!("backed")
        }),
        4 => change(HISTORY, &|entries| entries[nth]["by"] = json!("suzuki")),
        5 => change(HISTORY, &|entries| {
            entries[nth]["proof"][0] = json!("00".repeat(32))
        }),
        6 => change(VERDICTS, &|verdicts| {
            verdicts[nth]["verdict"] = json!("met")
        }),
        7 => change(FACTS, &|facts| facts["as_of"] = json!("2026-01-01")),
        _ => {
            let n_entries = about.n_entries - 1;
            let about = About { n_entries, ..about };
            workspace
                .installation
                .sealed(about, package.files())
                .unwrap()
        }
    }
}

fn sealed_by_a_stranger(
    workspace: &Workspace,
    about: About,
    files: &BTreeMap<String, Vec<u8>>,
    folder: &Path,
) -> Vec<u8> {
    let stranger = HistoryKey::open(&folder.join("stranger")).unwrap();
    let name = package::origin(&about.institution);
    let now = workspace.installation.settings.clock.now();
    let public = stranger.verifier_key(&name).parse().unwrap();
    let packed = package::pack(about, files, public, now, |text| stranger.sign(&name, text));
    packed.unwrap()
}
