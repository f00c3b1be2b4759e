//! Nothing blocks and nothing is lost: a slow reader, large files.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, header};
use http_body_util::BodyExt;

use super::{House, OPERATOR, VIEWER, reader_program, request};

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
        std::fs::write(folder.path().join("go"), "").unwrap();
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
    std::fs::write(&program, &bytes).unwrap();
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
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
    path
}
