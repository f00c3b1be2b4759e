//! The journal in sentences, and the checklist of a past day.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use sonae_domain::era;
use sonae_domain::labels::Language;
use sonae_domain::register::{Contract, Document, Explanation, Profile, Record, System, Vendor};
use sonae_domain::vendor::{VendorAnswer, VendorDraft, VendorRequest};
use sonae_store::ACTIONS;

use super::{ADMINISTRATOR, House, OPERATOR, VIEWER, Who};
use crate::usecase::answering::TypedAnswer;
use crate::usecase::checklist::WhichForm;
use crate::web::words::Words;

/// Somebody answers 2-1, so many days ago.
async fn answer(house: &House, value: &str, by: &str, days_ago: i64) {
    let mut workspace = house.workspace().await;
    workspace.now -= SignedDuration::from_hours(24 * days_ago);
    workspace.today = era::day_in_japan(workspace.now);
    let typed = TypedAnswer {
        item: "2-1".to_owned(),
        value: value.to_owned(),
        confirmed_on: None,
        target_on: None,
        note: None,
        by: Some(by.to_owned()),
        round: None,
    };
    let which = WhichForm::default();
    workspace.answer(&which, &typed).await.unwrap();
}

/// Two answers, a day apart.
async fn told() -> House {
    let house = House::on_sqlite().await;
    answer(&house, "はい", "山田", 1).await;
    answer(&house, "いいえ", "佐藤", 0).await;
    house
}

#[test]
fn every_deed_has_its_sentence_in_both_languages() {
    let kinds = [
        Profile::KIND,
        Vendor::KIND,
        System::KIND,
        Contract::KIND,
        Explanation::KIND,
        Document::KIND,
        VendorRequest::KIND,
        VendorDraft::KIND,
        VendorAnswer::KIND,
    ];
    let removed = kinds.iter().map(|kind| format!("record_{kind}_removed"));
    let records = kinds.iter().map(|kind| format!("record_{kind}"));
    let plain = ACTIONS.iter().map(|action| action.replace('.', "_"));
    let wanted: BTreeSet<String> = plain.chain(records).chain(removed).collect();
    for language in [Language::Ja, Language::En] {
        for deed in &wanted {
            let key = format!("journal.{deed}");
            assert!(Words::of(language).has(&key), "{language:?} {key}");
        }
    }
}

#[tokio::test]
async fn the_journal_is_told_and_filtered() {
    let house = told().await;
    let check = async |query: &str, yes: bool, no: bool, grants: bool| {
        let page = house.get(VIEWER, &format!("/history?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let text = page.text();
        let shown = (
            text.contains("山田</span>"),
            text.contains("佐藤</span>"),
            text.contains("に役割を与えました"),
        );
        assert_eq!(shown, (yes, no, grants), "{query}");
    };
    check("", true, true, true).await;
    check("by=山田", true, false, false).await;
    check("topic=answers", true, true, false).await;
    check("topic=people", false, false, true).await;
    check("from=R8.11.21", false, true, true).await;
    check("until=2026-11-20", true, false, false).await;
    check(
        "topic=answers&from=2026-11-20&until=2026-11-20",
        true,
        false,
        false,
    )
    .await;
    let refused = house.get(VIEWER, "/history?from=x").await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.field("from").as_deref(), Some("x"));
}

#[tokio::test]
async fn a_long_journal_comes_in_pages_without_a_gap() {
    let house = House::on_sqlite().await;
    for n in 0..60 {
        let value = if n % 2 == 0 { "はい" } else { "いいえ" };
        answer(&house, value, &format!("p{n:02}"), 0).await;
        house.pass(SignedDuration::from_secs(60));
    }
    let first = house.get(VIEWER, "/history?topic=answers").await.text();
    assert!(first.contains("p59</span>") && first.contains("p10</span>"));
    assert!(!first.contains("p09</span>"));
    let at = first.find("before=").expect("a next page") + "before=".len();
    let before: String = first[at..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let second = house
        .get(VIEWER, &format!("/history?topic=answers&before={before}"))
        .await
        .text();
    assert!(second.contains("p09</span>") && second.contains("p00</span>"));
    assert!(!second.contains("p10</span>") && !second.contains("class=\"pager\""));
}

#[tokio::test]
async fn the_installation_is_for_those_who_run_it() {
    let house = House::on_sqlite().await;
    let path = "/history?of=installation";
    assert_eq!(house.get(ADMINISTRATOR, path).await.status, 200);
    assert_eq!(house.get(OPERATOR, path).await.status, 403);
    assert_eq!(
        house
            .get(OPERATOR, "/history/journal.csv?of=installation")
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn the_journal_is_given_out_as_a_table() {
    let house = told().await;
    let file = house
        .get(VIEWER, "/history/journal.csv?topic=answers")
        .await;
    let text = file.text();
    assert!(
        text.starts_with("\u{feff}番号,日時,誰が,何を,変更\r\n"),
        "{text}"
    );
    assert!(
        text.contains("2026-11-20T12:00:00,山田,2-① に回答しました,値: なし → はい; 確認日: なし → 令和8年11月20日\r\n"),
        "{text}"
    );
    assert!(text.contains("値: はい → いいえ"), "{text}");
    let foreign = house.get(Who::Foreigner, "/history/journal.csv").await;
    assert!(!foreign.text().contains("山田"));
}

#[tokio::test]
async fn an_answer_tells_what_changed_and_nothing_else() {
    let house = House::on_sqlite().await;
    let told = async |typed: &[(&str, &str)]| {
        let shown = house.get(OPERATOR, "/checklist/2-1").await;
        let seen = shown.field("seen").unwrap();
        let fields = [typed, &[("seen", seen.as_str())]].concat();
        let said = house.post(OPERATOR, "/checklist/2-1", &fields).await;
        assert_eq!(said.status, 303, "{}", said.text());
        house.pass(SignedDuration::from_mins(1));
        let file = house
            .get(VIEWER, "/history/journal.csv?topic=answers")
            .await;
        let text = file.text();
        let latest = text.lines().nth(1).expect("a line");
        latest
            .rsplit_once("2-① に回答しました,")
            .unwrap()
            .1
            .to_owned()
    };
    let (no, day) = (("value", "no"), ("target_on", "R9.3.31"));
    told(&[no]).await;
    assert_eq!(told(&[no, day]).await, "目標日: なし → 令和9年3月31日");
    let note = ("note", "部品待ち");
    assert_eq!(told(&[no, day, note]).await, "備考: なし → 部品待ち");
    let page = house.get(VIEWER, "/history?topic=answers").await.text();
    assert!(page.contains("備考: <ins>部品待ち</ins>"), "{page}");
    let all = told(&[("value", "yes"), ("confirmed_on", "R8.11.20")]).await;
    assert_eq!(
        all,
        "値: いいえ → はい; 目標日: 令和9年3月31日 → なし; 確認日: 令和8年11月21日 → 令和8年11月20日; 備考: 部品待ち → なし"
    );
}

#[tokio::test]
async fn a_past_day_shows_what_stood_then_beside_what_stands_now() {
    let house = told().await;
    let then = house.get(VIEWER, "/history/checklist?on=R8.11.20").await;
    assert_eq!(then.status, 200);
    let text = then.text();
    assert!(text.contains("令和8年11月20日の終わりの時点"));
    assert!(text.contains("はい 令和8年11月20日 山田"), "{text}");
    assert!(
        text.contains("<ins>いいえ 令和8年11月21日 佐藤</ins>"),
        "{text}"
    );
    assert!(text.contains("項目が1あります"), "{text}");
    for (on, status) in [
        ("", 200),
        ("2026-11-21", 422),
        ("2026-11-22", 422),
        ("x", 422),
    ] {
        let said = house
            .get(VIEWER, &format!("/history/checklist?on={on}"))
            .await;
        assert_eq!(said.status, status, "{on}");
        assert!(!said.text().contains("終わりの時点</h2>"), "{on}");
    }
}
