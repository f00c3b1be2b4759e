//! The checkpoint of a history: made, taken along, and compared years later, each institution its own.

use std::io::Write;

use tempfile::NamedTempFile;

use super::{House, OPERATOR, VIEWER, Who};
use crate::usecase::checkpoints::read_known;

const PATH: &str = "/history/checkpoint";
const MADE: &str = "/history/checkpoint?done=checkpoint_made";
const VERIFY: &str = "/history/checkpoint/verify";

const STILL_HOLDS: &str = "消されたり書き換えられたりしていません";
const DIFFERS: &str = "この控えと合いません";
const WHOLE_HOLDS: &str = "件すべてが、書かれたときのままです";

/// The short code that the page shows.
async fn code(house: &House, who: Who) -> String {
    let page = house.get(who, PATH).await.text();
    let (_, rest) = page.split_once("id=\"short-code\">").expect("a checkpoint");
    rest.split_once('<').expect("a code").0.to_owned()
}

/// What comes of a code or a file: status, and which of the three sentences are said.
async fn compared(
    house: &House,
    who: Who,
    typed: &str,
    files: &[(&str, &str, &[u8])],
) -> (u16, [bool; 3]) {
    let said = house.upload(who, VERIFY, &[("code", typed)], files).await;
    let text = said.text();
    let sentences = [STILL_HOLDS, DIFFERS, WHOLE_HOLDS];
    (said.status.as_u16(), sentences.map(|it| text.contains(it)))
}

#[tokio::test]
async fn a_checkpoint_is_made_taken_along_and_compared_on_sqlite() {
    is_compared(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_checkpoint_is_made_taken_along_and_compared_on_postgres() {
    is_compared(&House::on_postgres("checkpoint").await).await;
}

async fn is_compared(house: &House) {
    let note = "/history/checkpoint/note";
    assert_eq!(house.get(VIEWER, note).await.status, 404);
    assert!(
        house
            .get(VIEWER, PATH)
            .await
            .text()
            .contains("控えはまだありません")
    );
    for _ in 0..2 {
        let made = house.post(OPERATOR, PATH, &[]).await;
        assert_eq!(made.brief(), format!("303 {MADE}"));
    }
    let first = code(house, VIEWER).await;
    let file = house.get(VIEWER, note).await.body;
    let shown = house.get(VIEWER, MADE).await.text();
    assert!(shown.contains("<svg") && shown.contains("控えを作りました"));

    let vendor = [("name", "備えシステム")];
    let added = house.post(OPERATOR, "/settings/vendors/new", &vendor).await;
    assert_eq!(added.status, 303);
    house.post(OPERATOR, PATH, &[]).await;
    assert_ne!(code(house, VIEWER).await, first, "one entry more");

    let kept: [(&str, &str, &[u8]); 1] = [("file", "note.txt", &file)];
    let nothing: [(&str, &str, &[u8]); 1] = [("file", "", b"")];
    let changed = String::from_utf8(file.to_vec()).unwrap();
    let size = first.split_once('-').unwrap().0;
    let changed = changed.replacen(&format!("\n{size}\n"), "\n1\n", 1);
    let forged: [(&str, &str, &[u8]); 1] = [("file", "x", changed.as_bytes())];
    let other = "1-0000-0000-0000-0000";
    let later = "99-0000-0000-0000-0000";
    for (typed, files, expected) in [
        ("", &nothing[..], (200, [false, false, true])),
        (first.as_str(), &nothing[..], (200, [true, false, true])),
        ("", &kept[..], (200, [true, false, true])),
        (other, &kept[..], (200, [true, true, true])),
        (later, &nothing[..], (200, [false, true, true])),
        ("x", &nothing[..], (422, [false, false, false])),
        ("", &forged[..], (200, [false, true, true])),
    ] {
        let said = compared(house, VIEWER, typed, files).await;
        assert_eq!(said, expected, "{typed} {files:?}");
    }
}

#[tokio::test]
async fn each_institution_sees_and_compares_its_own_history() {
    let house = House::on_sqlite().await;
    house.post(OPERATOR, PATH, &[]).await;
    let ours = code(&house, OPERATOR).await;
    let theirs = house.get(Who::Foreigner, PATH).await.text();
    assert!(theirs.contains("控えはまだありません"));
    let said = compared(&house, Who::Foreigner, &ours, &[]).await;
    assert_eq!(said, (200, [false, true, true]));
    let verdict = house.upload(Who::Foreigner, VERIFY, &[], &[]).await.text();
    assert!(!verdict.contains("name of ours"));
}

#[tokio::test]
async fn a_viewer_compares_and_makes_none_and_a_stranger_does_nothing() {
    let house = House::on_sqlite().await;
    assert_eq!(house.post(VIEWER, PATH, &[]).await.status, 403);
    assert!(
        !house
            .get(VIEWER, PATH)
            .await
            .text()
            .contains("今の控えを作る")
    );
    assert!(
        house
            .get(OPERATOR, PATH)
            .await
            .text()
            .contains("今の控えを作る")
    );
    assert_eq!(compared(&house, VIEWER, "", &[]).await.0, 200);
    for path in [PATH, "/history/checkpoint/note"] {
        assert_eq!(house.get(Who::Stranger, path).await.status, 303, "{path}");
    }
    assert_eq!(compared(&house, Who::Stranger, "", &[]).await.0, 401);
}

/// The command line takes paths; what is typed on a page is never one, not even of what would hold.
#[tokio::test]
async fn a_page_opens_no_file_of_this_machine() {
    let house = House::on_sqlite().await;
    house.post(OPERATOR, PATH, &[]).await;
    let note = house.get(OPERATOR, "/history/checkpoint/note").await.body;
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&note).unwrap();
    let path = file.path().to_str().unwrap();
    assert!(read_known(path).is_ok(), "the command line reads it");
    let said = compared(&house, OPERATOR, path, &[]).await;
    assert_eq!(said, (422, [false, false, false]));
    let named = [("file", path, &b"x"[..])];
    let said = compared(&house, OPERATOR, "", &named).await;
    assert_eq!(said, (422, [false, false, false]));
}
