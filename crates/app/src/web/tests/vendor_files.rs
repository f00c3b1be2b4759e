//! What vendors send back as files: signed by a key that a person compares, or as a filled-in workbook.
//! Whatever does not fit is set aside, and the request says why.

use sonae_domain::edition::Edition;
use sonae_domain::signed::{Purpose, Signer};
use sonae_report::{AnswerShown, FormRow, FormSheet};

use super::vendors::{Asked, VENDOR, answer_file};
use super::{Answered, House, OPERATOR, VIEWER, Who};
use crate::usecase::checklist::WhichForm;

fn signer(seed: u8) -> Signer {
    Signer::new("青葉システム", &[seed; 32]).unwrap()
}

/// The answer of a vendor to a request, signed.
fn signed(asked: &Asked, signer: &Signer, change: (&str, &str)) -> Vec<u8> {
    let body = answer_file(&asked.request, change);
    let file = signer.sign(Purpose::VendorAnswer, &body);
    file.unwrap().into_bytes()
}

async fn send(asked: &Asked, name: &str, file: &[u8]) -> Answered {
    let path = format!("{}/file", asked.request);
    let fields = [("answered_by", "青葉 太郎")];
    let file = (name, name, file);
    asked.house.upload(OPERATOR, &path, &fields, &[file]).await
}

async fn confirm(asked: &Asked, who: Who, fingerprint: &str) -> Answered {
    let path = format!("{}/key", asked.request);
    let fields = [("fingerprint", fingerprint)];
    asked.house.post(who, &path, &fields).await
}

fn assert_said(said: &Answered, why: &str) {
    assert_eq!(said.status, 422, "{why}");
    assert!(said.text().contains(why), "{why}: {}", said.text());
}

#[tokio::test]
async fn a_key_is_trusted_after_a_person_compared_it_on_sqlite() {
    a_key_is_trusted_after_a_person_compared_it(House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_key_is_trusted_after_a_person_compared_it_on_postgres() {
    a_key_is_trusted_after_a_person_compared_it(House::on_postgres("vendor_keys").await).await;
}

async fn a_key_is_trusted_after_a_person_compared_it(house: House) {
    let asked = Asked::in_house(house).await;
    assert!(!asked.page().await.contains("指紋"));
    let taken = send(
        &asked,
        "answer.sonae",
        &signed(&asked, &signer(1), ("", "")),
    )
    .await;
    let done = format!("303 {}?done=request_answered", asked.request);
    assert_eq!(taken.brief(), done, "{}", taken.text());
    let fingerprint = signer(1).public().fingerprint();
    let page = asked.page().await;
    for shown in [
        &fingerprint,
        "署名あり・鍵は未確認",
        "まだ読み合わせていません",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert_said(
        &confirm(&asked, OPERATOR, "ABCD").await,
        "確認した指紋の鍵は",
    );
    assert_eq!(confirm(&asked, VIEWER, &fingerprint).await.status, 403);
    let foreign = confirm(&asked, Who::Foreigner, &fingerprint).await;
    assert_eq!(foreign.status, 404);
    for _ in 0..2 {
        let said = confirm(&asked, OPERATOR, &fingerprint).await.brief();
        assert_eq!(said, format!("303 {}?done=key_confirmed", asked.request));
    }
    let page = asked.page().await;
    for shown in [
        "署名あり</span>",
        "読み合わせ済み",
        "name of system_operator",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let journal = asked.house.get(VIEWER, "/history").await.text();
    assert!(journal.contains("事業者の鍵を保存しました"));
}

#[tokio::test]
async fn without_a_key_there_is_none_to_confirm() {
    let asked = Asked::new().await;
    assert_eq!(confirm(&asked, OPERATOR, "ABCD").await.status, 404);
}

#[tokio::test]
async fn another_key_is_set_aside_until_a_person_compared_it() {
    let first = Asked::new().await;
    let (known, new) = (signer(1), signer(2));
    send(&first, "answer.sonae", &signed(&first, &known, ("", ""))).await;
    confirm(&first, OPERATOR, &known.public().fingerprint()).await;
    let second = first.again().await;
    let file = signed(&second, &new, ("", ""));
    assert_said(
        &send(&second, "answer.sonae", &file).await,
        "これまでと違う鍵",
    );
    let page = second.page().await;
    for shown in [
        "登録と違う鍵の署名",
        "なりすましの疑い",
        "回答待ち",
        &new.public().fingerprint(),
        &known.public().fingerprint(),
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    confirm(&second, OPERATOR, &new.public().fingerprint()).await;
    assert_eq!(send(&second, "answer.sonae", &file).await.status, 303);
    let page = second.page().await;
    assert!(page.contains("署名あり</span>") && !page.contains("なりすまし"));
    let third = second.again().await;
    let unsigned = answer_file(&third.request, ("", ""));
    send(&third, "answer.sonae", unsigned.as_bytes()).await;
    let page = third.page().await;
    assert!(page.contains("署名なし") && page.contains("ほかのファイルに署名しています"));
}

#[tokio::test]
async fn a_signed_file_is_filed_with_its_request_or_set_aside() {
    let asked = Asked::new().await;
    let check = async |file: Vec<u8>, why: &str| {
        assert_said(&send(&asked, "answer.sonae", &file).await, why);
        let page = asked.page().await;
        assert!(page.contains("回答待ち") && !page.contains("指紋"), "{why}");
    };
    let key = signer(1);
    let good = signed(&asked, &key, ("", ""));
    let text = String::from_utf8(good.clone()).unwrap();
    check(text.replace("太郎", "次郎").into_bytes(), "署名のあとで").await;
    check(good[..good.len() - 20].to_vec(), "読めません").await;
    check(good[20..].to_vec(), "読めません").await;
    let published = key.sign(Purpose::VendorPublication, "{}").unwrap();
    check(published.into_bytes(), "読めません").await;
    check(
        signed(&asked, &key, ("\"ours\"", "\"theirs\"")),
        "別の施設への",
    )
    .await;
    check(
        signed(&asked, &key, ("\"request\":\"", "\"request\":\"x")),
        "別の依頼への",
    )
    .await;
    check(signed(&asked, &key, ("fy2025", "fy2024")), "別の年度版の").await;
    let long = "長".repeat(90_000);
    check(signed(&asked, &key, ("太郎", &long)), "長すぎます").await;
    assert_eq!(send(&asked, "answer.sonae", &good).await.status, 303);
    assert_said(
        &send(&asked, "answer.sonae", &good).await,
        "すでに回答があります",
    );
    let other = signed(&asked, &signer(2), ("", ""));
    assert_said(
        &send(&asked, "answer.sonae", &other).await,
        "すでに回答があります",
    );
    assert!(!asked.page().await.contains("なりすまし"));
}

/// An answer in a workbook: the item, and what stands beside it.
async fn workbook(asked: &Asked, form: &str, vendor: &str, day: &str) -> Vec<u8> {
    let workspace = asked.house.workspace().await;
    let which = WhichForm {
        form: Some(form.to_owned()),
        edition: Some("fy2025".to_owned()),
    };
    let (edition, form) = workspace.form(&which).unwrap();
    sonae_report::form_xlsx(&FormSheet {
        edition: &edition.head,
        form,
        institution: "name of ours",
        vendor,
        rows: rows(edition, form.id.as_str(), day),
        blank: false,
        generated_on: workspace.today,
        history: None,
        language: sonae_domain::labels::Language::Ja,
    })
    .unwrap()
}

fn rows<'a>(edition: &'a Edition, form: &str, day: &str) -> Vec<FormRow<'a>> {
    use sonae_domain::answer::AnswerValue::{No, Yes};
    let items = edition
        .items
        .iter()
        .filter(|item| item.form.as_str() == form);
    let answered = items.zip([Yes, No]).map(|(item, value)| FormRow {
        item,
        answers: vec![AnswerShown {
            round: 1,
            value,
            confirmed_on: day.parse().unwrap(),
            target_on: None,
            note: Some("様式の備考".to_owned()),
        }],
        state: None,
    });
    answered.collect()
}

#[tokio::test]
async fn a_filled_in_workbook_is_an_answer_like_the_others() {
    let asked = Asked::new().await;
    let check = async |form: &str, vendor: &str, day: &str, why: &str| {
        let book = workbook(&asked, form, vendor, day).await;
        assert_said(&send(&asked, "form.xlsx", &book).await, why);
        assert!(asked.page().await.contains("回答待ち"), "{why}");
    };
    check("facility", VENDOR, "2026-11-10", "「事業者確認用」ではない").await;
    check("vendor", "若葉電子", "2026-11-10", "別の事業者の様式").await;
    check("vendor", VENDOR, "2026-11-22", "より後です").await;
    assert_said(&send(&asked, "form.xlsx", b"PK\x03\x04").await, "form.xlsx");
    let book = workbook(&asked, "vendor", "㈱青葉システム", "2026-11-10").await;
    let path = format!("{}/file", asked.request);
    let file = [("f", "f.xlsx", &book[..])];
    let nobody = asked.house.upload(OPERATOR, &path, &[], &file).await;
    assert_said(&nobody, "氏名");
    let taken = send(&asked, "form.xlsx", &book).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    let page = asked.page().await;
    for shown in [
        "署名なし",
        "Excelから name of system_operator が取り込み",
        "様式の備考",
        "令和8年11月10日",
        "青葉 太郎",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert_said(
        &send(&asked, "form.xlsx", &book).await,
        "すでに回答があります",
    );
    let item = ("item", "fy2025/vendor/officer-appointed");
    let accept = format!("{}/accept", asked.request);
    let said = asked.house.post(OPERATOR, &accept, &[item]).await;
    assert_eq!(said.status, 303);
    let checklist = asked.house.get(VIEWER, "/checklist?form=vendor").await;
    assert!(checklist.text().contains("様式の備考"));
}

#[tokio::test]
async fn a_request_is_a_file_for_programs() {
    let asked = Asked::new().await;
    let path = format!("{}/request.sonae", asked.request);
    let file = asked.house.get(VIEWER, &path).await;
    let text = file.text();
    for shown in [
        "sonae-vendor-request",
        VENDOR,
        "name of ours",
        "ehr-01",
        "\"fy2025\"",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("secret-01"));
    assert_eq!(asked.house.get(Who::Foreigner, &path).await.status, 404);
    let book = workbook(&asked, "vendor", VENDOR, "2026-11-10").await;
    send(&asked, "form.xlsx", &book).await;
    let closed = asked.house.get(VIEWER, &path).await;
    assert_eq!(closed.brief(), format!("303 {}", asked.request));
}
