//! Forms to print: every kind comes out, of now and of the past, and what is not there is refused.

use jiff::SignedDuration;
use sonae_domain::era;

use super::{House, OPERATOR, VIEWER, Who};
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
        for page in ["/forms", "/forms/form.pdf", "/forms/form.xlsx"] {
            let said = house.get(OPERATOR, &format!("{page}?{query}")).await;
            assert_eq!(said.status, 422, "{page} {query}");
        }
    }
    assert_eq!(
        house.get(Who::Stranger, "/forms/form.pdf").await.status,
        303
    );
}
