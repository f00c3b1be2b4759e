//! Forms to print: every kind comes out, of now and of the past, and what is not there is refused.

use jiff::SignedDuration;
use jiff::civil::date;
use sonae_domain::era;
use sonae_report::HistoryNote;

use super::{House, OPERATOR, VIEWER, Who, evidence, ledger, words_of_workbook};
use crate::usecase::answering::TypedAnswer;
use crate::usecase::checklist::WhichForm;

/// Somebody answers 2-1, so many days ago.
async fn answer(house: &House, value: &str, days_ago: i64) {
    let mut workspace = house.workspace().await;
    workspace.now -= SignedDuration::from_hours(24 * days_ago);
    workspace.today = era::day_in_japan(workspace.now);
    let typed = TypedAnswer {
        item: "2-1".to_owned(),
        value: value.to_owned(),
        confirmed_on: None,
        target_on: None,
        note: None,
        by: Some("hanako".to_owned()),
        round: None,
    };
    workspace
        .answer(&WhichForm::default(), &typed)
        .await
        .unwrap();
}

#[tokio::test]
async fn every_kind_of_file_comes_out_under_its_name() {
    let house = House::on_sqlite().await;
    answer(&house, "はい", 1).await;
    let check = async |path: &str, begins: &[u8], name: &str| {
        let file = house.get(VIEWER, path).await;
        assert_eq!(file.status, 200, "{path}: {}", file.text());
        assert!(file.body.starts_with(begins), "{path}");
        let said = file.headers.get("content-disposition").unwrap();
        let said = said.to_str().unwrap();
        assert!(
            said.starts_with("attachment; ") && said.contains(name),
            "{path}: {said}"
        );
    };
    let own = "fy2025-facility-2026-11-21";
    check("/forms/form.pdf", b"%PDF", &format!("{own}.pdf")).await;
    check(
        "/forms/form.xlsx?content=form",
        b"PK",
        &format!("{own}.xlsx"),
    )
    .await;
    check(
        "/forms/form.pdf?content=blank",
        b"%PDF",
        "fy2025-facility-blank-2026-11-21.pdf",
    )
    .await;
    check(
        "/forms/form.xlsx?form=fy2025/vendor",
        b"PK",
        "fy2025-vendor-2026-11-21.xlsx",
    )
    .await;
    check(
        "/forms/form.xlsx?on=2026-11-20",
        b"PK",
        "fy2025-facility-2026-11-20.xlsx",
    )
    .await;
    check("/forms/ledger.pdf", b"%PDF", "ledger-2026-11-21.pdf").await;
    check(
        "/forms/confirmation.pdf",
        b"%PDF",
        "fy2025-facility-confirmation-2026-11-21.pdf",
    )
    .await;
    check(
        "/forms/confirmation.pdf?on=2026-11-20",
        b"%PDF",
        "fy2025-facility-confirmation-2026-11-20.pdf",
    )
    .await;
}

#[tokio::test]
async fn what_will_be_printed_is_shown_before() {
    let house = House::on_sqlite().await;
    answer(&house, "はい", 1).await;
    answer(&house, "いいえ", 0).await;
    let check = async |query: &str, yes: bool, no: bool, standing: bool| {
        let page = house.get(VIEWER, &format!("/forms?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let text = page.text();
        let said = |word: &str| text.contains(&format!("<strong>{word}</strong>"));
        let shown = (
            said("はい"),
            said("いいえ"),
            text.contains("data-standing="),
        );
        assert_eq!(shown, (yes, no, standing), "{query}");
    };
    check("", false, true, true).await;
    check("on=2026-11-20", true, false, true).await;
    check("content=form", false, true, false).await;
    check("content=blank", false, false, false).await;
    check("on=2026-11-19", false, false, true).await;
    let marked = house.get(VIEWER, "/forms").await;
    assert!(marked.text().contains("要照合"));
}

#[tokio::test]
async fn a_form_or_day_that_is_not_there_is_refused() {
    let house = House::on_sqlite().await;
    for query in [
        "on=2026-11-21",
        "on=2027-01-01",
        "on=x",
        "form=fy1999/facility",
        "form=fy2025/none",
    ] {
        for page in [
            "/forms",
            "/forms/form.pdf",
            "/forms/form.xlsx",
            "/forms/confirmation.pdf",
        ] {
            let said = house.get(OPERATOR, &format!("{page}?{query}")).await;
            assert_eq!(said.status, 422, "{page} {query}");
        }
    }
    assert_eq!(
        house.get(Who::Stranger, "/forms/form.pdf").await.status,
        303
    );
}

#[tokio::test]
async fn a_form_carries_the_checkpoint_of_its_day() {
    let house = House::on_sqlite().await;
    answer(&house, "はい", 1).await;
    let of_today = async || house.workspace().await.history_note().await;
    let of_day = async |day| {
        let then = house.workspace().await.as_of(day).unwrap();
        then.history_note().await
    };
    let (yesterday, today) = (date(2026, 11, 20), date(2026, 11, 21));
    assert!(matches!(of_day(yesterday).await, HistoryNote::Missing(_)));
    let kept = async || house.workspace().await.latest_checkpoint().await.unwrap();
    assert_eq!(kept().await, None, "a form of the past makes none");
    for path in ["/forms/form.pdf?content=blank", "/forms"] {
        assert_eq!(house.get(VIEWER, path).await.status, 200);
        assert_eq!(kept().await, None, "{path}");
    }
    let form = async |path| house.get(VIEWER, path).await.body;
    let first = form("/forms/form.xlsx").await;
    let again = form("/forms/form.xlsx").await;
    assert!(first == again, "nothing was written in between");
    let printed = kept().await.expect("the form made one");
    let noted = of_today().await;
    let HistoryNote::Checkpoint { short_code, .. } = &noted else {
        panic!("{noted:?}");
    };
    assert_eq!(*short_code, printed.short_code.to_string());
    assert!(words_of_workbook(&first).contains(short_code));
    house.pass(SignedDuration::from_hours(24));
    answer(&house, "いいえ", 0).await;
    assert_ne!(of_today().await, noted);
    assert_eq!(of_day(today).await, noted, "what was signed by then");
    assert!(matches!(of_day(yesterday).await, HistoryNote::Missing(_)));
}

/// What was recorded later does not reach a day that is over, even if it speaks about that day.
#[tokio::test]
async fn a_form_of_a_past_day_is_the_same_byte_for_byte_whatever_came_later() {
    let house = House::on_sqlite().await;
    let day = SignedDuration::from_hours(24);
    house.pass(-day);
    let ledger = "機器名,種別,IPアドレス\nuketsuke-pc,端末PC,192.168.10.21\nnas,サーバ,\n";
    ledger::import(&house, ledger).await;
    let nmap = include_str!("../../../../../fixtures/stories/clinic/nmap.xml");
    evidence::recorded(&house, "nmap.xml", nmap.as_bytes(), "").await;
    answer(&house, "はい", 0).await;
    let of_then = house.workspace().await.checkpoint().await.unwrap();
    house.pass(day);

    let file = async |name: &str, query: &str| {
        let file = house.get(VIEWER, &format!("/forms/{name}?{query}")).await;
        assert_eq!(file.status, 200, "{name} {query}");
        file.body
    };
    let past = async |name: &str| file(name, "on=2026-11-20").await;
    let pages = async || [past("form.pdf").await, past("confirmation.pdf").await];
    let (pages_then, then) = (pages().await, past("form.xlsx").await);
    let words = words_of_workbook(&then);
    assert!(words.contains(&of_then.short_code.to_string()), "{words}");

    let mut now = file("form.xlsx", "").await;
    for change in ["answer", "ledger", "evidence"] {
        match change {
            "answer" => answer(&house, "いいえ", 0).await,
            "ledger" => drop(ledger::import(&house, &ledger.replace("nas", "old-nas")).await),
            _ => {
                let later = nmap.replace("192.168.10.101", "192.168.10.99");
                drop(evidence::recorded(&house, "nmap.xml", later.as_bytes(), "").await);
            }
        }
        // Makes a checkpoint of today.
        let before = std::mem::replace(&mut now, file("form.xlsx", "").await);
        assert!(before != now, "{change} shows today");
        assert!(past("form.xlsx").await == then, "{change}");
    }
    assert!(pages().await == pages_then);
}
