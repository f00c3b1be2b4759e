//! 今日やること, deadlines with their calendar, and the choice among institutions.

use axum::body::Body;
use axum::http::Method;
use expect_test::expect;
use jiff::civil::date;
use sonae_domain::answer::{AnswerValue, InstitutionKind};
use sonae_domain::ids::{AccountId, EvidenceId, GrantId, InstitutionId, RecordId};
use sonae_domain::ledger::RemoteMaintenance;
use sonae_domain::people::Role;
use sonae_domain::register::{Contract, Document, Explanation, Record, Vendor};
use sonae_domain::standing::Standing;
use sonae_store::{AccountChange, Summary};

use super::{ADMINISTRATOR, House, OPERATOR, OURS, THEIRS, VIEWER, Who};
use crate::usecase::answering::TypedAnswer;
use crate::usecase::checklist::WhichForm;
use crate::usecase::deadlines::Deadline;
use crate::usecase::registers::Seen;
use crate::usecase::workspace::Workspace;

/// Answers an item; `target` is empty where there is none.
async fn answer(house: &House, item: &str, value: AnswerValue, target: &str) {
    let typed = TypedAnswer {
        item: item.to_owned(),
        value: match value {
            AnswerValue::Yes => "yes",
            AnswerValue::No => "no",
            AnswerValue::NotRequired => "not_required",
        }
        .to_owned(),
        // A target that is past was set before it was.
        confirmed_on: (!target.is_empty()).then(|| "2026-10-01".to_owned()),
        target_on: (!target.is_empty()).then(|| target.to_owned()),
        note: None,
        by: Some("test".to_owned()),
        round: None,
    };
    let workspace = house.workspace().await;
    let done = workspace.answer(&WhichForm::default(), &typed).await;
    done.map(|_| ()).expect("an answer");
}

/// The links of the tasks on a page, in its order.
fn tasks(page: &str) -> String {
    let parts = page.split("class=\"task\" href=\"").skip(1);
    let links = parts.filter_map(|part| part.split('"').next());
    links.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_new_clinic_is_led_to_its_first_item() {
    let house = House::on_sqlite().await;
    let page = house.get(VIEWER, "/").await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert_eq!(tasks(&text), "/checklist/1-1 /ledger");
    assert!(text.contains("class=\"big-action big-action-primary\" href=\"/checklist/1-1\""));
    // Only who can do something about it is told who comes in by password alone.
    let text = house.get(ADMINISTRATOR, "/").await.text();
    assert_eq!(tasks(&text), "/checklist/1-1 /ledger /settings/people");
}

#[tokio::test]
async fn tasks_come_in_the_order_of_need() {
    let house = House::on_sqlite().await;
    answer(&house, "1-1", AnswerValue::No, "2026-12-10").await;
    answer(&house, "2-8", AnswerValue::No, "2026-10-31").await;
    answer(&house, "3-1", AnswerValue::No, "").await;
    answer(&house, "2-4", AnswerValue::NotRequired, "").await;
    let text = house.get(VIEWER, "/").await.text();
    let expected = "/checklist/2-4 /checklist/2-8 /checklist/3-1 /checklist/1-1 \
                    /checklist/2-1 /ledger";
    assert_eq!(tasks(&text), expected);
}

#[tokio::test]
async fn deadlines_stand_in_their_year_and_overdue_ones_on_top() {
    let house = House::on_sqlite().await;
    answer(&house, "1-1", AnswerValue::No, "2027-04-10").await;
    answer(&house, "2-8", AnswerValue::No, "2026-10-31").await;
    answer(&house, "3-1", AnswerValue::No, "2026-12-10").await;
    let check = async |path: &str, expected: &str| {
        let page = house.get(VIEWER, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(tasks(&page.text()), expected, "{path}");
    };
    check("/deadlines", "/checklist/2-8 /checklist/3-1").await;
    check("/deadlines?year=2025", "").await;
    check("/deadlines?year=2027", "/checklist/1-1 /checklist/2-10").await;
    // No year that nobody can mean.
    check("/deadlines?year=32767", "").await;
    assert_eq!(house.get(VIEWER, "/deadlines?year=x").await.status, 400);
}

/// Three devices: one with its system and the end of its support typed, one with a gap.
const LEDGER: &str = "\
機器名,種別,所在,使用可否の状態,OS,OSのバージョン,サポート終了日
uketsuke-pc,端末PC,受付,使用可,Windows,11,
ct-console,端末PC,検査室,使用可,CT console,5,2028-03-31
emr-server,サーバ,サーバ室,,,,
";

async fn import_ledger(house: &House) {
    let fields = [("on", "2026-11-20")];
    let files = [("file", "ledger.csv", LEDGER.as_bytes())];
    let path = "/ledger/import";
    let report = house.upload(OPERATOR, path, &fields, &files).await;
    let report = report.to().to_owned();
    let plan = house.get(OPERATOR, &report).await.field("plan").unwrap();
    let fields = [("on", "2026-11-20"), ("plan", plan.as_str())];
    let done = house.post(OPERATOR, &report, &fields).await;
    assert_eq!(done.brief(), "303 /ledger?done=ledger_imported");
}

async fn keep<R: Record>(workspace: &Workspace, id: &str, body: &R) {
    let seen = Seen {
        id: RecordId::new(id),
        version: None,
    };
    workspace.keep(&seen, body, "test").await.unwrap();
}

/// Beside each thing that ends stands one that does not, or has ended for good.
#[tokio::test]
async fn whatever_ends_is_a_deadline() {
    let house = House::on_sqlite().await;
    import_ledger(&house).await;
    answer(&house, "2-8", AnswerValue::No, "2027-01-31").await;
    answer(&house, "1-1", AnswerValue::Yes, "").await;
    let workspace = house.workspace().await;
    let vendor = Vendor {
        name: "東都システム".to_owned(),
        ..Vendor::default()
    };
    keep(&workspace, "v-1", &vendor).await;
    for (id, ends_on) in [("c-1", Some(date(2027, 3, 31))), ("c-2", None)] {
        let contract = Contract {
            vendor: RecordId::new("v-1"),
            title: format!("保守契約 {id}"),
            systems: Vec::new(),
            begins_on: None,
            ends_on,
            maintenance: None,
            remote_maintenance: RemoteMaintenance::Unconfirmed,
            updates_by: None,
            subcontractors: None,
            note: None,
        };
        keep(&workspace, id, &contract).await;
    }
    for (id, valid_until) in [("d-1", Some(date(2027, 5, 31))), ("d-2", None)] {
        let document = Document {
            evidence: EvidenceId::new("e-1"),
            title: format!("運用管理規程 {id}"),
            items: Vec::new(),
            valid_until,
            note: None,
        };
        keep(&workspace, id, &document).await;
    }
    let checklist = workspace.judge(&WhichForm::default(), None).await.unwrap();
    let item = workspace.item(checklist.edition, checklist.form, "2-1");
    let item = item.unwrap().id.clone();
    for (id, ends_on) in [("x-1", date(2026, 12, 24)), ("x-2", date(2026, 11, 20))] {
        let explanation = Explanation {
            item: item.clone(),
            text: "更新待ち".to_owned(),
            ends_on,
        };
        keep(&workspace, id, &explanation).await;
    }
    let deadlines = workspace.deadlines(&checklist).await.unwrap();
    let line = |deadline: &Deadline| {
        let (kind, title) = (deadline.kind.as_str(), &deadline.title.ja);
        format!("{} {kind} {title} {}\n", deadline.on, deadline.note.ja)
    };
    let lines: String = deadlines.iter().map(line).collect();
    expect![[r#"
        2026-12-24 explanation 2-① 機器の台帳をつける の矛盾の説明の期限 
        2027-01-31 target 2-⑧ パスワードを使い回さない の目標日 
        2027-03-31 contract 契約「保守契約 c-1」（東都システム）の終了 
        2027-05-19 evidence 証拠 ledger.csv の有効期限 2-①, 2-⑥ に関わる証拠です
        2027-05-31 document 書類「運用管理規程 d-1」の有効期限 
        2028-03-31 ministry 2-⑩ 二要素認証を入れる（令和9年度まで） 
        2028-03-31 support CT console 5 のサポート終了（ct-console） 
    "#]]
    .assert_eq(&lines);
}

/// The path of the address that a page shows.
fn calendar_path(page: &str) -> String {
    let from = page
        .find("http://sonae.test/calendar/")
        .expect("an address");
    let rest = &page[from + "http://sonae.test".len()..];
    rest[..rest.find('<').expect("its end")].to_owned()
}

#[tokio::test]
async fn a_calendar_is_read_by_whoever_knows_its_address_until_it_is_withdrawn() {
    let house = House::on_sqlite().await;
    answer(&house, "1-1", AnswerValue::No, "2026-12-10").await;
    let status = async |path: &str| house.get(Who::Stranger, path).await.status.as_u16();
    let make = async || {
        let page = house.post(VIEWER, "/deadlines/calendar", &[]).await.text();
        calendar_path(&page)
    };
    let first = make().await;
    let answered = house.get(Who::Stranger, &first).await;
    assert_eq!(
        answered.headers["content-type"],
        "text/calendar; charset=utf-8"
    );
    let text = answered.text().replace("\r\n ", "");
    assert!(text.contains("DTSTART;VALUE=DATE:20261210"), "{text}");
    assert!(
        text.contains("URL:http://sonae.test/checklist/1-1"),
        "{text}"
    );
    assert!(text.contains("name of ours"), "{text}");
    assert_eq!(status(first.trim_end_matches(".ics")).await, 200);
    // It is not shown again, and a new one takes its place.
    assert!(
        !house
            .get(VIEWER, "/deadlines")
            .await
            .text()
            .contains("sonae.test/calendar/")
    );
    let second = make().await;
    assert_eq!((status(&first).await, status(&second).await), (404, 200));
    // Another person has their own.
    house.post(OPERATOR, "/deadlines/calendar", &[]).await;
    assert_eq!(status(&second).await, 200);
    for _ in 0..2 {
        let done = house
            .post(VIEWER, "/deadlines/calendar/withdraw", &[])
            .await;
        assert_eq!(done.brief(), "303 /deadlines?done=calendar_withdrawn");
    }
    assert_eq!(status(&second).await, 404);
    assert_eq!(status("/calendar/unknown").await, 404);
}

#[tokio::test]
async fn a_calendar_ends_with_what_its_person_may() {
    let status = async |house: &House, path: &str| house.get(Who::Stranger, path).await.status;
    let store = |house: &House| house.app.installation.store.clone();

    let house = House::on_sqlite().await;
    let path = calendar_path(&house.post(VIEWER, "/deadlines/calendar", &[]).await.text());
    assert_eq!(status(&house, &path).await, 200);
    let ours = InstitutionId::new(OURS);
    let grant = GrantId::new("viewer");
    let revoked = store(&house)
        .revoke_grant(&ours, &grant, "test", house.now())
        .await;
    assert!(revoked.unwrap());
    assert_eq!(status(&house, &path).await, 404);

    let house = House::on_sqlite().await;
    let path = calendar_path(&house.post(VIEWER, "/deadlines/calendar", &[]).await.text());
    let (viewer, closed) = (AccountId::new("viewer"), AccountChange::Closed(true));
    store(&house)
        .change_account(&viewer, &closed, "test", house.now())
        .await
        .unwrap();
    assert_eq!(status(&house, &path).await, 404);
}

#[tokio::test]
async fn a_person_works_only_where_they_have_a_role() {
    let house = House::on_sqlite().await;
    let choose = async |institution: &str| {
        let fields = [("institution", institution)];
        house.post(VIEWER, "/institutions", &fields).await.brief()
    };
    assert_eq!(choose(OURS).await, "303 /");
    assert_eq!(choose(OURS).await, "303 /");
    assert_eq!(choose(THEIRS).await, "404");
    assert_eq!(choose("unknown").await, "404");
    // Who does not run the installation sees their own, and no overview.
    let text = house.get(VIEWER, "/institutions").await.text();
    assert!(text.contains("name of ours") && !text.contains("name of theirs"));
    assert!(!text.contains("/institutions/new"));
    assert_eq!(house.get(VIEWER, "/institutions/new").await.brief(), "404");
    let fields = [("name", "x"), ("kind", "clinic")];
    let answered = house.post(VIEWER, "/institutions/new", &fields).await;
    assert_eq!(answered.brief(), "404");
}

#[tokio::test]
async fn the_overview_says_how_old_it_is_and_what_is_unknown() {
    let house = House::on_sqlite().await;
    let rows = async || {
        let page = house.get(ADMINISTRATOR, "/institutions").await.text();
        let page = page.split("<tbody>").nth(1).expect("rows").to_owned();
        let rows = page.split("<tr>").skip(1);
        rows.map(|row| {
            let name = if row.contains("name of ours") {
                "ours"
            } else {
                "theirs"
            };
            let cells = ["不明", ">今日<", "今日はまだ"];
            let has = |word: &&str| row.contains(*word);
            let words: Vec<_> = cells.into_iter().filter(has).collect();
            format!("{name} {}", words.join(" "))
        })
        .collect::<Vec<_>>()
        .join(" | ")
    };
    assert_eq!(rows().await, "ours 不明 | theirs 不明");
    house.get(VIEWER, "/").await;
    // 19 items that nobody answered are no worse than not knowing.
    assert_eq!(rows().await, "theirs 不明 | ours >今日<");
    answer(&house, "2-8", AnswerValue::No, "2026-10-31").await;
    house.get(VIEWER, "/").await;
    assert_eq!(rows().await, "ours >今日< | theirs 不明");
    let store = &house.app.installation.store;
    let (id, mut summary) = store.summaries().await.unwrap().remove(0);
    summary.judged_on = summary.judged_on.yesterday().unwrap();
    store.save_summary(&id, &summary).await.unwrap();
    assert_eq!(rows().await, "ours 今日はまだ | theirs 不明");
}

/// By whatever way it changed: nobody looks at the home page in between.
#[tokio::test]
async fn the_overview_is_as_new_as_the_last_change() {
    let house = House::on_sqlite().await;
    let n_of = async |standing: Standing| {
        let installation = &house.app.installation;
        let entry = installation.entry("administrator").await.unwrap().unwrap();
        let all = installation.overview(&entry).await.unwrap().unwrap();
        let ours = all.iter().find(|one| one.institution.id.as_str() == OURS);
        ours.unwrap()
            .seen
            .as_ref()
            .map(|seen| seen.counts.n_of(standing))
    };
    assert_eq!(n_of(Standing::Unanswered).await, None);
    house.get(VIEWER, "/checklist").await;
    let all = n_of(Standing::Unanswered).await.unwrap();
    assert!(all > 10);
    let typed = [("value", "no"), ("target_on", "2027-01-31")];
    let path = "/checklist/1-1";
    assert_eq!(house.post(OPERATOR, path, &typed).await.status, 303);
    assert_eq!(n_of(Standing::Planned).await, Some(1));
    let body = Body::from(r#"{"round": 1, "value": "no", "target_on": "2027-01-31"}"#);
    let path = "/api/v1/checklist/2-8/answer";
    let kind = "application/json";
    let put = house.ask(OPERATOR, Method::PUT, path, kind, body).await;
    assert!(put.status.is_success(), "{}", put.text());
    assert_eq!(n_of(Standing::Planned).await, Some(2));
    let typed = [("value", "yes")];
    house.post(OPERATOR, "/checklist/2-1", &typed).await;
    assert_eq!(n_of(Standing::Declared).await, Some(1));
    import_ledger(&house).await;
    assert_eq!(n_of(Standing::Contradicted).await, Some(1), "a gap in it");
}

/// By a program without pages, and many at once: what is not counted yet says so.
#[tokio::test]
async fn the_overview_never_says_today_over_counts_of_before() {
    let house = House::on_sqlite().await;
    let store = &house.app.installation.store;
    house.get(VIEWER, "/").await;
    let (_, summary) = store.summaries().await.unwrap().pop().unwrap();
    for n in 0..25 {
        let id = format!("n{n:02}");
        house.add_institution(&id, InstitutionKind::Clinic).await;
        // Of before the first line of its journal.
        let before = Summary {
            last_entry: 0,
            ..summary.clone()
        };
        let kept = store.save_summary(&InstitutionId::new(id), &before).await;
        kept.unwrap();
    }
    answer(&house, "2-8", AnswerValue::No, "2026-12-31").await;
    let n_of = async |word: &str| {
        let page = house.get(ADMINISTRATOR, "/institutions").await.text();
        page.matches(word).count()
    };
    assert_eq!(n_of("変更あり・未集計").await, 6);
    assert_eq!(n_of("変更あり・未集計").await, 0);
    assert_eq!(n_of(">今日<").await, 26);
}

#[tokio::test]
async fn who_runs_the_installation_adds_institutions() {
    let house = House::on_sqlite().await;
    let add = async |name: &str, kind: &str| {
        let fields = [("name", name), ("kind", kind)];
        house
            .post(ADMINISTRATOR, "/institutions/new", &fields)
            .await
    };
    let refused = add(" ", "pharmacy").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"pharmacy\" selected"));
    let refused = add("みなみ薬局", "shop").await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.field("name").as_deref(), Some("みなみ薬局"));
    let added = add("みなみ薬局", "pharmacy").await;
    assert_eq!(added.brief(), "303 /?done=institution_added");
    // They work in it now, as its administrator, after adding a second factor where asked.
    let home = house.get(ADMINISTRATOR, "/").await.text();
    assert!(home.contains("みなみ薬局"), "{home}");
    // Nobody else got in.
    let text = house.get(VIEWER, "/institutions").await.text();
    assert!(!text.contains("みなみ薬局"));
}

#[tokio::test]
async fn many_institutions_are_searched_and_shown_in_parts() {
    let house = House::on_sqlite().await;
    for n in 0..205 {
        house
            .add_institution(&format!("n{n:03}"), InstitutionKind::Clinic)
            .await;
    }
    let check = async |path: &str, expected: usize| {
        let page = house.get(ADMINISTRATOR, path).await.text();
        assert_eq!(
            page.matches("<th scope=\"row\">").count(),
            expected,
            "{path}"
        );
    };
    check("/institutions", 200).await;
    check("/institutions?page=2", 7).await;
    check("/institutions?page=99", 7).await;
    check("/institutions?q=n10", 10).await;
    check("/institutions?q=nothing", 0).await;
}

#[tokio::test]
async fn the_pages_are_the_same_on_postgres() {
    let house = House::on_postgres("home").await;
    answer(&house, "2-8", AnswerValue::No, "2026-10-31").await;
    let text = house.get(ADMINISTRATOR, "/").await.text();
    let expected = "/checklist/2-8 /checklist/1-1 /ledger /settings/people";
    assert_eq!(tasks(&text), expected);
    let path = calendar_path(&house.post(VIEWER, "/deadlines/calendar", &[]).await.text());
    assert_eq!(house.get(Who::Stranger, &path).await.status, 200);
    let page = house.get(ADMINISTRATOR, "/institutions").await.text();
    assert!(page.contains("name of theirs"));
    assert_eq!(
        house
            .get(Who::Has(Role::SafetyOfficer), "/deadlines")
            .await
            .status,
        200
    );
}
