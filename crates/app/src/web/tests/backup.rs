//! The backup of an installation: whoever runs it makes one and takes it along, nobody else.

use axum::http::header;
use jiff::SignedDuration;
use sonae_domain::ids::AccountId;
use sonae_store::AccountChange;

use super::{ADMINISTRATOR, House, OPERATOR, VIEWER, write};
use crate::usecase::backup::verify;

#[tokio::test]
async fn a_backup_is_made_taken_along_and_noted_on_sqlite() {
    is_made(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_backup_is_made_taken_along_and_noted_on_postgres() {
    is_made(&House::on_postgres("backup").await).await;
}

async fn is_made(house: &House) {
    let page = house.get(ADMINISTRATOR, "/settings/backup").await;
    assert!(page.text().contains("まだ一度も"), "{}", page.text());
    let nothing = house.get(ADMINISTRATOR, "/settings/backup/file").await;
    assert_eq!(nothing.status, 404);

    let made = house.post(ADMINISTRATOR, "/settings/backup", &[]).await;
    assert_eq!(made.brief(), "303 /settings/backup?done=backup_made");
    let page = house.get(ADMINISTRATOR, made.to()).await.text();
    for seen in [
        "令和8年11月21日 12:00 name of administrator",
        "href=\"/settings/backup/file\"",
    ] {
        assert!(page.contains(seen), "{seen}\n{page}");
    }

    let lines = async || {
        let page = house.get(ADMINISTRATOR, "/settings/backup").await.text();
        let after = |label: &str| {
            let rest = page.split_once(label).expect("a line").1;
            let said = rest
                .split_once("<dd>")
                .and_then(|(_, rest)| rest.split_once("</dd>"));
            said.expect("a value").0.to_owned()
        };
        let is_warned = page.contains("まだ保存（ダウンロード）されていません");
        (
            after("控えを作ったとき"),
            after("ダウンロード）したとき"),
            is_warned,
        )
    };
    let made_at = "令和8年11月21日 12:00 name of administrator".to_owned();
    let never = "まだ一度もありません".to_owned();
    assert_eq!(lines().await, (made_at.clone(), never, true));
    house.pass(SignedDuration::from_mins(5));
    let file = house.get(ADMINISTRATOR, "/settings/backup/file").await;
    let taken_at = "令和8年11月21日 12:05 name of administrator".to_owned();
    assert_eq!(lines().await, (made_at, taken_at, false));
    let head = |name| file.headers[name].to_str().unwrap();
    assert_eq!(head(header::CONTENT_TYPE), "application/zip");
    assert!(head(header::CONTENT_DISPOSITION).contains("sonae-2026-11-21-1200.zip"));
    let taken = tempfile::NamedTempFile::new().unwrap();
    write(taken.path(), &file.body);
    let contents = verify(taken.path()).unwrap();
    assert_eq!(contents.n_institutions, 2);

    let store = &house.app.installation.store;
    let line = store.last_backup().await.unwrap().unwrap();
    assert_eq!(line.by, "name of administrator");
    assert_eq!(line.detail["n_rows"], contents.n_rows);

    house.pass(SignedDuration::from_hours(24));
    let installation = &house.app.installation;
    assert!(installation.waiting_backup().await.unwrap().is_none());
    assert!(!installation.settings.data.join("backup.zip").exists());
}

#[tokio::test]
async fn only_whoever_runs_the_installation_makes_or_takes_one() {
    let house = House::on_sqlite().await;
    let made = house.post(ADMINISTRATOR, "/settings/backup", &[]).await;
    assert_eq!(made.status, 303);
    let store = &house.app.installation.store;
    let account = AccountId::new("administrator");
    let change = AccountChange::Operator(false);
    let changed = store.change_account(&account, &change, "test", house.now());
    changed.await.unwrap();
    for who in [ADMINISTRATOR, OPERATOR, VIEWER] {
        let made = house.post(who, "/settings/backup", &[]).await;
        let taken = house.get(who, "/settings/backup/file").await;
        assert_eq!((made.status.as_u16(), taken.status.as_u16()), (403, 403));
        let page = house.get(who, "/settings/backup").await.text();
        assert!(!page.contains("/settings/backup/file"), "{who:?}");
        assert!(page.contains("Sonae全体を管理する人"), "{who:?}");
    }
}

/// The first press is still at work: the second says so and makes no other.
#[tokio::test]
async fn two_presses_make_one() {
    let house = House::on_sqlite().await;
    let (first, second) = tokio::join!(
        house.post(ADMINISTRATOR, "/settings/backup", &[]),
        house.post(ADMINISTRATOR, "/settings/backup", &[]),
    );
    let mut said = [first.status.as_u16(), second.status.as_u16()];
    said.sort_unstable();
    assert_eq!(said, [303, 422]);
    let lines = house.app.installation.store.installation_journal(None, 99);
    let lines = lines.await.unwrap();
    let backups = lines.iter().filter(|line| line.action == "backup");
    assert_eq!(backups.count(), 1);
}
