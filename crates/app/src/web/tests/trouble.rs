//! Nothing blocks and nothing is lost: a slow reader, large files,
//! a database that is gone for a while, a full disk.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, header};
use http_body_util::BodyExt;

use jiff::SignedDuration;

use super::postgres::Server;
use super::{ADMINISTRATOR, House, OPERATOR, VIEWER, Who, reader_program, request, write};
use crate::web::routes::doors;

/// Everything of a test runs on one thread here: whoever blocks it stops everybody.
#[tokio::test]
async fn others_are_served_while_a_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::reading_with(slow_reader(folder.path())).await;
    let ledger = "\u{7a2e}\u{5225},\u{6a5f}\u{5668}\u{540d}\n\u{30b5}\u{30fc}\u{30d0},srv-01\n";
    let path = "/api/v1/evidence?file_name=ledger.csv&effective_on=2026-11-20";
    let kind = "application/octet-stream";
    let read = house.ask(OPERATOR, Method::POST, path, kind, Body::from(ledger));
    let meanwhile = async {
        while !folder.path().join("reading").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let shown = house.get(VIEWER, "/").await;
        write(&folder.path().join("go"), b"");
        shown
    };
    let (read, shown) = tokio::join!(read, meanwhile);
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert_eq!(read.status, 200, "{}", read.text());
}

/// With gzip, which browsers ask for, nobody could tell how large the file is.
#[tokio::test]
async fn a_large_file_goes_out_piece_by_piece_with_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let bytes = b"0123456789abcdef".repeat(100_000);
    write(&program, &bytes);
    let house = House::reading_with(program).await;
    let mut asked = request(
        VIEWER,
        Method::GET,
        "/evidence/collect/sonae",
        "",
        Body::empty(),
    );
    let gzip = HeaderValue::from_static("gzip");
    asked.headers_mut().insert(header::ACCEPT_ENCODING, gzip);
    let mut answer = house.respond(asked).await;
    assert_eq!(answer.headers()[header::CONTENT_LENGTH], "1600000");
    let first = answer.body_mut().frame().await.unwrap().unwrap();
    assert!(first.data_ref().unwrap().len() < bytes.len(), "all at once");
    let rest = answer.into_body().collect().await.unwrap().to_bytes();
    let whole = [&first.into_data().unwrap()[..], &rest[..]].concat();
    assert!(whole == bytes);
}

const NOTE: [(&str, &str); 3] = [("value", "yes"), ("note", "monthly < 5"), ("go", "stay")];

#[tokio::test]
async fn a_database_that_is_gone_is_told_and_nothing_typed_is_lost() {
    let server = Server::start();
    let house = House::on_server(&server).await;
    server.run("pg_ctl", &["stop", "-D", "data", "-m", "fast"]);
    let doors = doors(&house.app).unwrap();
    let shown = doors.opened().iter().filter(|(path, method)| {
        let may = doors.access().of(method, path).unwrap();
        *method == Method::GET && !may.public && !path.contains('{')
    });
    for (path, _) in shown {
        let answer = house.get(ADMINISTRATOR, path).await;
        assert_eq!(answer.status, 503, "{path}: {}", answer.text());
        assert_eq!(answer.headers[header::RETRY_AFTER], "5", "{path}");
        assert!(answer.text().contains("接続できません"), "{path}");
    }
    let once = house.post(OPERATOR, "/checklist/2-1", &NOTE).await;
    assert_eq!(once.status, 503, "{}", once.text());
    assert_eq!(once.field("note").as_deref(), Some("monthly &#60; 5"));
    let action = "action=\"/checklist/2-1?institution=ours\"";
    assert!(once.text().contains(action));
    let password = [("login", "hanako"), ("password", "geheim")];
    let sign_in = house.post(Who::Stranger, "/login", &password).await;
    assert_eq!(sign_in.status, 503, "{}", sign_in.text());
    assert!(!sign_in.text().contains("geheim"));
    assert!(sign_in.text().contains("再読み込み"), "{}", sign_in.text());

    let socket = "-k .. -c listen_addresses=";
    let start = ["start", "-w", "-D", "data", "-l", "log", "-o", socket];
    server.run("pg_ctl", &start);
    let again = house.post(OPERATOR, "/checklist/2-1", &NOTE).await;
    assert_eq!(again.status, 303, "{}", again.text());
    let shown = house.get(VIEWER, "/checklist/2-1").await;
    assert!(shown.text().contains("monthly"), "{}", shown.text());
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_half_saved() {
    let (house, store) = House::with_store().await;
    let workspace = house.workspace().await;
    let note = |n: usize| format!("{n} {}", "x".repeat(490));
    let save = async |note: &str| {
        let page = house.get(OPERATOR, "/checklist/2-1").await;
        let seen = page.field("seen").unwrap();
        let fields = [("value", "yes"), ("note", note), ("seen", &seen)];
        house.post(OPERATOR, "/checklist/2-1", &fields).await
    };
    assert_eq!(save(&note(0)).await.status, 303);
    store.limit_pages(1).await.unwrap();
    let mut n = 0;
    let full = loop {
        n += 1;
        let answer = save(&note(n)).await;
        match answer.status.as_u16() {
            303 => assert!(n < 100, "the disk does not get full"),
            _ => break answer,
        }
    };
    assert_eq!(full.status, 507, "{}", full.text());
    assert!(
        full.text().contains("ディスクがいっぱい"),
        "{}",
        full.text()
    );
    assert_eq!(full.field("note"), Some(note(n)));
    let journal = workspace.store.journal(&workspace.institution.id, None, 1);
    let before = (workspace.answers().await.unwrap(), journal.await.unwrap());
    assert_eq!(before.0[0].note, Some(note(n - 1)));

    // Whoever only looks is not refused, not even when there is something to write down.
    house.pass(SignedDuration::from_hours(1));
    for path in ["/", "/checklist", "/checklist/2-1", "/history"] {
        let answer = house.get(VIEWER, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let journal = workspace.store.journal(&workspace.institution.id, None, 1);
    let after = (workspace.answers().await.unwrap(), journal.await.unwrap());
    assert_eq!(after, before);

    store.limit_pages(1_000_000).await.unwrap();
    assert_eq!(save(&note(n)).await.status, 303);
    let answers = workspace.answers().await.unwrap();
    assert_eq!(answers[0].note, Some(note(n)));
}

/// Reads only when it is told to go on, and not at all if nobody does for 5 s.
fn slow_reader(folder: &Path) -> PathBuf {
    let script = format!(
        "#!/bin/sh\ncd '{}'; : >reading; n=0\n\
         until [ -e go ]; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done\n\
         exec '{}' \"$@\"\n",
        folder.display(),
        reader_program().display(),
    );
    let path = folder.join("slow-reader");
    write(&path, script.as_bytes());
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
    path
}
