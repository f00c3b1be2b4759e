//! MDS and SDS: nothing is kept before a person said so, nothing unread counts as good, the newest
//! counts, and nobody else's are there.

use sonae_domain::disclosure::{DisclosureStatement, RiskAssessment};
use sonae_domain::ids::RecordId;
use sonae_domain::ledger::RemoteMaintenance;
use sonae_domain::register::{Contract, System, Vendor};
use sonae_domain::standing::Standing;

use super::{ADMINISTRATOR, Answered, House, OPERATOR, VIEWER, Who};
use crate::usecase::checklist::WhichForm;
use crate::usecase::registers::Seen;
use crate::usecase::workspace::Workspace;

const LIST: &str = "/settings/disclosures";
const NEW: &str = "/settings/disclosures/new";
const REVIEW: &str = "/settings/disclosures/review";

/// A form that asks about passwords and patients, as they do.
const FORM: &str = "製造業者による医療情報セキュリティ開示書 Ver.5.0\n\
    製造業者名,Toto Systems,,作成日,R8.4.1\n\
    製品名称,Records,,バージョン,3.2\n\
    No,質問,はい,いいえ,対象外,備考\n\
    1,パスワードを決められますか,○,,,\n\
    2,患者番号を隠せますか,,○,,来年\n\
    3,無線を使いますか,,,○,\n";

type Fields<'a> = Vec<(&'a str, String)>;

async fn look(house: &House, form: &str, older: &str) -> Answered {
    let file: (&str, &str, &[u8]) = ("file", "mds.csv", form.as_bytes());
    let fields = [("replaces", older)];
    let sent = house.upload(OPERATOR, NEW, &fields, &[file]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    house.get(OPERATOR, sent.to()).await
}

/// The fields of a dry run as the page fills them.
fn filled(review: &Answered) -> Fields<'static> {
    let names = [
        "id",
        "upload",
        "stated_on",
        "vendor_name",
        "product",
        "product_version",
    ];
    let value = |name| (name, review.field(name).unwrap_or_default());
    let mut fields: Fields<'static> = names.into_iter().map(value).collect();
    fields.extend([
        ("kind", "mds".to_owned()),
        ("edition", "ver5".to_owned()),
        ("vendor", "new".to_owned()),
    ]);
    fields
}

fn with<'a>(fields: &Fields<'a>, name: &'a str, value: &str) -> Fields<'a> {
    let mut fields = fields.clone();
    fields.retain(|(field, _)| *field != name);
    fields.push((name, value.to_owned()));
    fields
}

async fn post(house: &House, who: Who, path: &str, fields: &Fields<'_>) -> Answered {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    house.post(who, path, &fields).await
}

/// The address of a statement that was kept.
async fn kept(house: &House, form: &str) -> String {
    let review = look(house, form, "").await;
    let said = post(house, OPERATOR, REVIEW, &filled(&review)).await;
    assert_eq!(said.status, 303, "{}", said.text());
    said.to().split('?').next().unwrap().to_owned()
}

async fn statements(house: &House) -> Vec<DisclosureStatement> {
    let workspace = house.workspace().await;
    let kept = workspace.kept::<DisclosureStatement>().await.unwrap();
    kept.into_iter().map(|kept| kept.body).collect()
}

#[tokio::test]
async fn a_statement_is_shown_before_it_is_kept_and_kept_once_on_sqlite() {
    shown_and_kept_once(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_statement_is_shown_before_it_is_kept_and_kept_once_on_postgres() {
    shown_and_kept_once(&House::on_postgres("disclosures").await).await;
}

async fn shown_and_kept_once(house: &House) {
    let review = look(house, FORM, "").await;
    assert_eq!(review.status, 200);
    for (name, value) in [
        ("stated_on", "2026-04-01"),
        ("vendor_name", "Toto Systems"),
        ("product", "Records"),
        ("product_version", "3.2"),
    ] {
        assert_eq!(review.field(name).as_deref(), Some(value), "{name}");
    }
    for shown in [
        "患者番号を隠せますか",
        "MDS（製品） Ver.5",
        "value=\"mds\" checked",
    ] {
        assert!(review.text().contains(shown), "{shown}");
    }
    assert!(statements(house).await.is_empty(), "a look keeps nothing");

    let fields = filled(&review);
    for time in ["first", "second"] {
        let said = post(house, OPERATOR, REVIEW, &fields).await;
        assert_eq!(said.status, 303, "{time}: {}", said.text());
    }
    let all = statements(house).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].risk_assessment(), RiskAssessment::Needed(vec![1]));
    let workspace = house.workspace().await;
    let vendors = workspace.kept::<Vendor>().await.unwrap();
    assert_eq!(vendors[0].body.name, "Toto Systems");
    let documents = workspace.documents().await.unwrap();
    assert_eq!(documents[0].document.title, "MDS Records 3.2");
    assert_eq!(documents[0].items[0].number, "2-③");

    let page = house
        .get(VIEWER, &format!("{LIST}/{}", documents[0].id))
        .await;
    for shown in ["メモがありません", "来年", "リスク評価が必要", "mds.csv"] {
        assert!(page.text().contains(shown), "{shown}");
    }
    let raw = format!("/evidence/{}/raw", all[0].evidence);
    assert!(page.text().contains(&raw));
    let raw = house.get(VIEWER, &raw).await;
    assert_eq!(raw.text(), FORM);
    let attached = raw.headers.get("content-disposition").unwrap();
    assert!(attached.to_str().unwrap().starts_with("attachment"));
    assert!(house.get(VIEWER, LIST).await.text().contains("Records 3.2"));
    let history = house.get(VIEWER, "/history").await;
    assert!(history.text().contains("MDS／SDS Records を保存しました"));
}

#[tokio::test]
async fn what_is_refused_keeps_everything_typed_and_the_file() {
    let house = House::on_sqlite().await;
    let good = filled(&look(&house, FORM, "").await);
    let check = async |name: &'static str, value: &str, why: &str| {
        let said = post(&house, OPERATOR, REVIEW, &with(&good, name, value)).await;
        assert_eq!(said.status, 422, "{name} {value}");
        let text = said.text();
        assert!(text.contains(why), "{name} {value}: {text}");
        assert!(text.contains("患者番号を隠せますか"), "{name}: the dry run");
        assert!(statements(&house).await.is_empty(), "{name}");
    };
    check("kind", "", "MDS（製品）かSDS").await;
    check("product", " ", "製品名・サービス名を").await;
    check("vendor", "", "事業者を入力").await;
    check("vendor", "unknown", "事業者を入力").await;
    check("vendor_name", "", "事業者を入力").await;
    check("stated_on", "2026-11-22", "より後です").await;
    check("stated_on", "x", "日付として読めません").await;
    check("systems", "unknown", "記録から外されて").await;
    check("note", "password: abc", "パスワードらしい").await;
    let gone = with(&good, "upload", "unknown");
    assert_eq!(post(&house, OPERATOR, REVIEW, &gone).await.status, 404);
    let none = house.upload(OPERATOR, NEW, &[], &[]).await;
    assert_eq!(none.status, 422);
}

#[tokio::test]
async fn a_file_that_only_people_can_read_is_kept_and_never_counts_as_good() {
    let house = House::on_sqlite().await;
    let review = look(&house, "%PDF-1.7", "").await;
    assert!(review.text().contains("質問ごとの回答は読み取れません"));
    let fields = with(&filled(&review), "product", "Scanner");
    let fields = with(&fields, "vendor_name", "Seito");
    let said = post(&house, OPERATOR, REVIEW, &fields).await;
    assert_eq!(said.status, 303, "{}", said.text());
    let all = statements(&house).await;
    assert_eq!(all[0].risk_assessment(), RiskAssessment::Unknown);
    assert!(
        house
            .get(VIEWER, said.to())
            .await
            .text()
            .contains("人の確認が必要")
    );

    let patients = "氏名,患者番号,傷病名\n山田,1,風邪\n".as_bytes();
    let file: (&str, &str, &[u8]) = ("file", "p.csv", patients);
    let refused = house.upload(OPERATOR, NEW, &[], &[file]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("患者番号"));
}

#[tokio::test]
async fn a_risk_is_noted_and_of_two_people_the_second_sees_both() {
    let house = House::on_sqlite().await;
    let place = kept(&house, FORM).await;
    let note = format!("{place}/risks/1");
    let page = house.get(OPERATOR, &note).await;
    assert_eq!(page.field("assessed_on").as_deref(), Some("2026-11-21"));
    let typed = |risk: &str| -> Fields<'static> {
        vec![
            ("risk", risk.to_owned()),
            ("measure", "a screen filter".to_owned()),
            ("assessed_by", "Hanako".to_owned()),
            ("assessed_on", "2026-11-20".to_owned()),
        ]
    };
    let missing = post(
        &house,
        OPERATOR,
        &note,
        &with(&typed("seen"), "measure", " "),
    )
    .await;
    assert_eq!(missing.status, 422);
    assert!(missing.text().contains("補う方法を入力"));
    let future = with(&typed("seen"), "assessed_on", "2026-11-22");
    assert_eq!(post(&house, OPERATOR, &note, &future).await.status, 422);
    for time in ["first", "second"] {
        let said = post(&house, OPERATOR, &note, &typed("seen by others")).await;
        let to = format!("303 {place}?only=open&done=saved#row-1");
        assert_eq!(said.brief(), to, "{time}");
    }
    let late = post(&house, ADMINISTRATOR, &note, &typed("mine")).await;
    assert_eq!(late.status, 409, "somebody else was faster");
    assert!(late.text().contains("seen by others") && late.text().contains("mine"));
    let on_top = with(&typed("mine"), "version", &late.field("version").unwrap());
    assert_eq!(
        post(&house, ADMINISTRATOR, &note, &on_top).await.status,
        303
    );
    let shown = house
        .get(VIEWER, &format!("{place}?only=open"))
        .await
        .text();
    assert!(shown.contains("mine") && shown.contains("a screen filter"));
    assert!(!shown.contains("メモがありません"));
    assert!(!shown.contains("無線を使いますか"), "only what is open");
    for position in ["0", "2", "7", "x"] {
        let path = format!("{place}/risks/{position}");
        assert_eq!(house.get(OPERATOR, &path).await.status, 404, "{position}");
        let sent = post(&house, OPERATOR, &path, &typed("x")).await;
        assert_eq!(sent.status, 404, "{position}");
    }
}

#[tokio::test]
async fn a_newer_statement_counts_instead_and_shows_what_changed() {
    let house = House::on_sqlite().await;
    let place = kept(&house, FORM).await;
    let id = place.rsplit('/').next().unwrap();
    let better = FORM
        .replace("3.2", "4.0")
        .replace("ますか,,○,,来年", "ますか,○,,,");
    let review = look(&house, &better, id).await;
    assert!(review.text().contains(&format!("value=\"{id}\" selected")));
    let vendors = house.workspace().await.kept::<Vendor>().await.unwrap();
    let vendor = vendors[0].id.to_string();
    let fields = with(&with(&filled(&review), "replaces", id), "vendor", &vendor);
    let newer = post(&house, OPERATOR, REVIEW, &fields).await;
    assert_eq!(newer.status, 303, "{}", newer.text());
    let page = house.get(VIEWER, newer.to()).await.text();
    assert!(page.contains("いいえ → はい"), "{page}");
    assert!(page.contains("評価は不要"));
    let old = house.get(VIEWER, &place).await.text();
    assert!(old.contains("新しい版があるため"));
    assert_eq!(statements(&house).await.len(), 2, "both are kept");

    let again = look(&house, &better.replace("4.0", "5.0"), "").await;
    let fields = with(&with(&filled(&again), "replaces", id), "vendor", &vendor);
    let refused = post(&house, OPERATOR, REVIEW, &fields).await;
    assert_eq!(refused.status, 422, "it has a newer one already");
    let fields = with(&fields, "replaces", "unknown");
    assert_eq!(post(&house, OPERATOR, REVIEW, &fields).await.status, 404);
}

#[tokio::test]
async fn a_statement_is_changed_by_one_person_at_a_time_and_taken_away() {
    let house = House::on_sqlite().await;
    let place = kept(&house, FORM).await;
    let (edit, remove) = (format!("{place}/edit"), format!("{place}/remove"));
    let vendor = house.workspace().await.kept::<Vendor>().await.unwrap()[0]
        .id
        .to_string();
    let typed = |product: &str, version: &str| -> Fields<'static> {
        vec![
            ("version", version.to_owned()),
            ("kind", "sds".to_owned()),
            ("vendor", vendor.clone()),
            ("product", product.to_owned()),
            ("stated_on", "2026-05-01".to_owned()),
        ]
    };
    let first = post(&house, ADMINISTRATOR, &edit, &typed("theirs", "1")).await;
    assert_eq!(first.status, 303, "{}", first.text());
    let second = post(&house, OPERATOR, &edit, &typed("mine", "1")).await;
    assert_eq!(second.status, 409);
    assert!(second.text().contains("theirs"));
    assert_eq!(second.field("product").as_deref(), Some("mine"));
    let on_top = post(&house, OPERATOR, &edit, &typed("mine", "2")).await;
    assert_eq!(on_top.status, 303);
    let empty = post(&house, OPERATOR, &edit, &typed(" ", "3")).await;
    assert_eq!(empty.status, 422);
    let all = statements(&house).await;
    assert_eq!((all[0].product.as_str(), all[0].rows.len()), ("mine", 3));
    let documents = house.workspace().await.documents().await.unwrap();
    assert_eq!(documents[0].document.title, "SDS mine");

    let remove_vendor = format!("/settings/vendors/{vendor}/remove");
    let in_use = post(
        &house,
        OPERATOR,
        &remove_vendor,
        &vec![("version", "1".to_owned())],
    )
    .await;
    assert_eq!(in_use.status, 422, "a statement names it");

    for path in [&place, &edit, &format!("{place}/risks/1")] {
        assert_eq!(house.get(Who::Foreigner, path).await.status, 404, "{path}");
        assert_eq!(house.get(Who::Stranger, path).await.status, 303, "{path}");
    }
    let foreign = post(&house, Who::Foreigner, &edit, &typed("x", "3")).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(house.get(VIEWER, &edit).await.status, 403);
    let seen = |version: &str| vec![("version", version.to_owned())];
    assert_eq!(
        post(&house, Who::Foreigner, &remove, &seen("3"))
            .await
            .status,
        404
    );
    assert_eq!(
        post(&house, OPERATOR, &remove, &seen("1")).await.status,
        409
    );
    let gone = post(&house, OPERATOR, &remove, &seen("3")).await;
    assert_eq!(gone.brief(), format!("303 {LIST}?done=removed"));
    assert_eq!(house.get(VIEWER, &place).await.status, 404);
    let workspace = house.workspace().await;
    assert!(workspace.documents().await.unwrap().is_empty());
}

/// Systems of a vendor.
async fn systems(workspace: &Workspace, vendor: &RecordId) -> Vec<RecordId> {
    let mut ids = Vec::new();
    for name in ["Charts", "Billing", "Unbound"] {
        let seen = workspace.new_record();
        let system = System {
            name: name.to_owned(),
            vendor: Some(vendor.clone()),
            ..System::default()
        };
        workspace.keep(&seen, &system, "test").await.unwrap();
        ids.push(seen.id);
    }
    ids
}

fn care(vendor: &RecordId, systems: &[RecordId]) -> Contract {
    Contract {
        vendor: vendor.clone(),
        title: "Care".to_owned(),
        systems: systems.to_vec(),
        begins_on: None,
        ends_on: None,
        maintenance: None,
        remote_maintenance: RemoteMaintenance::Unconfirmed,
        updates_by: None,
        subcontractors: None,
        note: None,
    }
}

/// The statement, about these systems.
async fn assign(workspace: &Workspace, systems: &[RecordId]) {
    let kept = workspace.kept::<DisclosureStatement>().await.unwrap();
    let statement = DisclosureStatement {
        systems: systems.to_vec(),
        ..kept[0].body.clone()
    };
    let seen = Seen {
        id: kept[0].id.clone(),
        version: Some(kept[0].version),
    };
    workspace.keep(&seen, &statement, "test").await.unwrap();
}

#[tokio::test]
async fn the_item_says_which_systems_have_a_statement() {
    let house = House::on_sqlite().await;
    let item = async || house.get(VIEWER, "/checklist/2-3").await.text();
    assert!(item().await.contains("システムの記録がないため"));
    kept(&house, FORM).await;
    let workspace = house.workspace().await;
    let vendor = workspace.kept::<Vendor>().await.unwrap().remove(0).id;
    let systems = systems(&workspace, &vendor).await;
    let no_contract = "契約の記録があるシステムがありません";
    assert!(item().await.contains(no_contract));

    let contract = care(&vendor, &systems[..2]);
    let seen = workspace.new_record();
    workspace.keep(&seen, &contract, "test").await.unwrap();
    let shown = item().await;
    assert!(shown.contains("2システムのうち、0システム"), "{shown}");
    assert!(shown.contains("結び付いていない開示書が1件"));

    assign(&workspace, &systems[..1]).await;
    let shown = item().await;
    for said in [
        "2システムのうち、1システム",
        "Records 3.2",
        "MDS Ver.5 令和8年4月1日",
    ] {
        assert!(shown.contains(said), "{said}");
    }
    let n = |words: &str| shown.matches(words).count();
    assert_eq!(n("開示書なし"), 2, "Billing and Unbound");
    assert_eq!(n("有効な契約の記録がありません"), 1, "Unbound");

    let over = Contract {
        ends_on: Some("2026-11-20".parse().unwrap()),
        ..contract
    };
    let seen = Seen {
        version: Some(1),
        ..seen
    };
    workspace.keep(&seen, &over, "test").await.unwrap();
    assert!(item().await.contains(no_contract));
}

#[tokio::test]
async fn a_statement_proves_nothing_by_itself() {
    let house = House::on_sqlite().await;
    let standings = async || {
        let workspace = house.workspace().await;
        let checklist = workspace.judge(&WhichForm::default(), None).await.unwrap();
        let standings = checklist.standings.iter();
        let standings = standings.map(|item| item.standing);
        standings.collect::<Vec<Standing>>()
    };
    let before = standings().await;
    kept(&house, FORM).await;
    assert_eq!(standings().await, before);
}
