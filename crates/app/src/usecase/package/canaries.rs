//! Packages of an institution whose every fact tells something that cannot be mistaken: none of it may be in
//! a package where nobody chose details of the network, in no file, however packed.

use std::io::{Cursor, Read, Write};
use std::process::{Command, Stdio};

use jiff::civil::date;
use sonae_domain::evidence::{ContentHash, DateBasis, Evidence};
use sonae_domain::fact::{ColumnKind, FactColumn, FactRows, FactTable, FactValue, Tells};
use sonae_domain::ids::{AssetId, CheckId, EvidenceId};
use sonae_domain::ledger::{Asset, AssetKind, AssetRecord};
use sonae_domain::package::archive;
use sonae_store::{AssetChange, NewEvidence};

use super::enclosures::Enclosures;
use super::trial::workspace;
use crate::usecase::workspace::Workspace;

/// What a package with details of the network holds at least once, in small letters and without blanks.
const CANARIES: [&str; 11] = [
    "machine:0ca4a4e5",
    "canary-host",
    "canary-zone",
    "canary-account",
    "canary-person",
    "canary-domain",
    "canary-serial",
    "canary-nas",
    "00:ca:4a:4e:be",
    "fd12:ca4a:4e::c0de",
    "s-1-5-21-1357911-2468024",
];

/// Other beginnings of what must not be there.
const NEVER: [&str; 2] = ["canary", "172.29.213."];

/// What a column tells of the first host, which the ledger knows, or of the second, which it does not.
fn canary(tells: Tells, n: u8) -> Option<String> {
    Some(match tells {
        Tells::Nothing | Tells::Device | Tells::Identity => return None,
        Tells::Host => format!("machine:0ca4a4e5{n:024}"),
        Tells::Hostname => format!("Canary-Host-{n}.canary-zone.example"),
        Tells::Account => format!("canary-account-{n}"),
        Tells::Person => format!("canary-person-{n}"),
        Tells::Domain => "DC=canary-domain,DC=example".to_owned(),
        Tells::Address if n == 0 => "172.29.213.197".to_owned(),
        Tells::Address => "fd12:ca4a:4e::c0de".to_owned(),
        Tells::Mac => format!("00:ca:4a:4e:be:0{n}"),
        Tells::Serial => format!("CANARY-SERIAL-{n}"),
        Tells::DirectoryId => format!("S-1-5-21-1357911-2468024-35-{}", 500 + u32::from(n)),
        Tells::Repository => "sftp:canary-nas:/backup".to_owned(),
        Tells::Text => "canary-text".to_owned(),
    })
}

/// A row of a table about a host; `kind` is that of an identity.
fn row(table: &FactTable, n: u8, kind: (&str, Tells)) -> Vec<FactValue> {
    let cell = |column: &FactColumn| match (column.tells, column.kind) {
        (Tells::Identity, _) => canary(kind.1, n).into(),
        (Tells::Nothing, ColumnKind::Integer | ColumnKind::Boolean) => 1.into(),
        (Tells::Nothing, ColumnKind::Date) => "2026-11-20".into(),
        (Tells::Nothing, ColumnKind::Instant) => "2026-11-20T00:00:00Z".into(),
        (Tells::Nothing, ColumnKind::Text) => match column.name.as_str() {
            "kind" => kind.0.into(),
            "scope" => "domain".into(),
            "table_name" => "os_version".into(),
            _ => "x".into(),
        },
        (tells, _) => canary(tells, n).into(),
    };
    table.columns.iter().map(cell).collect()
}

fn rows(table: &FactTable) -> FactRows {
    let columns: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let mut rows = FactRows::new(&table.table, &columns);
    let is_identity = |column: &FactColumn| column.tells == Tells::Identity;
    let kinds = match table.columns.iter().any(is_identity) {
        true => &[
            ("serial", Tells::Serial),
            ("mac", Tells::Mac),
            ("ip", Tells::Address),
            ("directory_id", Tells::DirectoryId),
            ("hostname", Tells::Hostname),
        ][..],
        false => &[("server", Tells::Nothing)][..],
    };
    for n in [0, 1] {
        rows.rows
            .extend(kinds.iter().map(|kind| row(table, n, *kind)));
    }
    rows
}

/// The first host, as the ledger knows it.
fn asset() -> Asset {
    let told = |tells| canary(tells, 0);
    Asset {
        id: AssetId::new("0199c0de-0000-7000-8000-0000000000aa"),
        record: AssetRecord {
            kind: AssetKind::Server,
            location: Some("server room".to_owned()),
            serial: told(Tells::Serial),
            macs: told(Tells::Mac).into_iter().collect(),
            ips: told(Tells::Address).into_iter().collect(),
            directory_id: told(Tells::DirectoryId),
            ..AssetRecord::named("ehr-of-the-ward")
        },
    }
}

/// Evidence with every fact that a reader can make.
async fn furnish(workspace: &Workspace) {
    let made = |table: &&FactTable| {
        let by = |name: &str| table.filled_by.iter().any(|filled_by| filled_by == name);
        !by("ledger") && !by("builtin")
    };
    let tables = workspace.catalog.tables.iter();
    record(workspace, tables.filter(made).map(rows).collect()).await;
}

/// Evidence with some facts, and a device in the ledger.
async fn record(workspace: &Workspace, facts: Vec<FactRows>) {
    let raw = b"canary".to_vec();
    let evidence = EvidenceId::new("0199c0de-0000-7000-8000-0000000000ee");
    let told = "canary".to_owned();
    let new = NewEvidence {
        evidence: Evidence {
            id: evidence.clone(),
            source: told.clone(),
            format: "sonae_bundle".to_owned(),
            collector: told.clone(),
            command: Some(told.clone()),
            target: Some(told),
            effective_on: date(2026, 11, 20),
            effective_basis: DateBasis::Content,
            collected_at: None,
            recorded_at: workspace.now,
            content_hash: ContentHash::of(&raw),
            n_bytes: 6,
            file_name: "canary-file.zip".to_owned(),
            reader_version: 1,
            current: true,
        },
        raw,
        facts,
        findings: Vec::new(),
        assets: vec![AssetChange {
            asset: asset(),
            evidence: Some(evidence),
            retired: false,
        }],
        rests_on: None,
        recorded_by: "sato".to_owned(),
    };
    workspace.record_evidence(new).await.unwrap();
}

/// Everything that can be read in a file, in small letters and without blanks.
fn text(path: &str, bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if path.ends_with(".xlsx") {
        let mut book = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        for at in 0..book.len() {
            let mut part = Vec::new();
            book.by_index(at).unwrap().read_to_end(&mut part).unwrap();
            text.push_str(&String::from_utf8_lossy(&part));
        }
    }
    if path.ends_with(".pdf") {
        text.push_str(&printed(bytes));
    }
    let words = text.split_whitespace();
    words.collect::<String>().to_lowercase()
}

/// The text of a PDF.
fn printed(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("scripts/setup.sh installs it");
    let mut stdin = reader.stdin.take().unwrap();
    stdin.write_all(pdf).unwrap();
    drop(stdin);
    String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap()
}

/// The files of a package as text, by path.
async fn unpacked(workspace: &Workspace, network_details: bool) -> Vec<(String, String)> {
    let enclosures = Enclosures {
        network_details,
        ..Enclosures::default()
    };
    let (bytes, verified) = workspace.package(&enclosures).await.unwrap();
    assert_eq!(verified.about.network_details, network_details);
    let told = verified
        .missing
        .iter()
        .any(|missing| missing.en.contains("pseudonyms"));
    assert_eq!(told, !network_details);
    let files = archive::read(&bytes).unwrap().into_iter();
    files
        .map(|(path, bytes)| (path.clone(), text(&path, &bytes)))
        .collect()
}

/// Where a text stands.
fn places<'a>(files: &'a [(String, String)], canary: &str) -> Vec<&'a str> {
    let has = |(_, text): &&(String, String)| text.contains(canary);
    files
        .iter()
        .filter(has)
        .map(|(path, _)| path.as_str())
        .collect()
}

#[tokio::test]
async fn nothing_tells_of_the_network_unless_somebody_chose_it() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path()).await;
    furnish(&workspace).await;
    let with = unpacked(&workspace, true).await;
    let without = unpacked(&workspace, false).await;
    for canary in CANARIES {
        assert!(
            !places(&with, canary).is_empty(),
            "{canary}: nobody told it"
        );
    }
    for paper in [
        "form.pdf",
        "form.xlsx",
        "ledger.pdf",
        "ledger.xlsx",
        "index.html",
        "verdicts.json",
    ] {
        assert!(
            places(&with, "canary").contains(&paper),
            "{paper}: looked into in vain"
        );
    }
    for canary in CANARIES.into_iter().chain(NEVER) {
        assert_eq!(places(&without, canary), Vec::<&str>::new(), "{canary}");
    }
    for paper in ["form.pdf", "ledger.pdf", "ledger.xlsx"] {
        assert!(
            places(&without, "ehr-of-the-ward").contains(&paper),
            "{paper}"
        );
    }
}

/// A pseudonym of four letters has sixteen spellings: of a name with seventeen, two become one.
#[tokio::test]
async fn a_package_that_would_say_something_else_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path()).await;
    let mut backups = FactRows::new("backups", &["repository", "source_host", "taken_at"]);
    for nth in 0..17 {
        let letter = |(at, c): (usize, char)| match nth >> at & 1 {
            0 => c,
            _ => c.to_ascii_uppercase(),
        };
        let name: String = "archive".chars().enumerate().map(letter).collect();
        let taken_at = "2026-11-20T00:00:00Z";
        backups
            .rows
            .push(vec!["nas".into(), name.into(), taken_at.into()]);
    }
    record(&workspace, vec![backups]).await;
    let refused = workspace.package(&Enclosures::default()).await.unwrap_err();
    assert!(refused.text.en.contains("--network-details"), "{refused:?}");
    let title = &workspace.catalog.checks[&CheckId::new("backup-generations")]
        .head()
        .title;
    assert!(refused.text.ja.contains(&title.ja), "{refused:?}");
    unpacked(&workspace, true).await;
}
