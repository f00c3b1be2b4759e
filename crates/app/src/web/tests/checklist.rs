//! The checklist: the form, one item a screen, confirming together.

use jiff::SignedDuration;
use sonae_domain::answer::Answer;
use sonae_domain::ids::ItemId;

use super::{ADMINISTRATOR, House, OPERATOR, VIEWER, Who};

const LEDGER: &str = "fy2025/facility/asset-ledger";

/// The answers of our institution as `item round value target note by`.
async fn answers(house: &House) -> String {
    let answers = house.workspace().await.answers().await.unwrap();
    answers.iter().map(line).collect()
}

fn line(answer: &Answer) -> String {
    let slug = answer.item.as_str().rsplit('/').next().unwrap();
    let target = answer.target_on.map(|day| day.to_string());
    format!(
        "{slug} {} {:?} {} {} {}\n",
        answer.round,
        answer.value,
        target.as_deref().unwrap_or("-"),
        answer.note.as_deref().unwrap_or("-"),
        answer.answered_by,
    )
}

async fn n_in_history(house: &House, item: &str) -> usize {
    let history = house
        .workspace()
        .await
        .answer_history(&ItemId::new(item))
        .await;
    history.unwrap().len()
}

/// What the page of an item holds, to send it back.
async fn seen(house: &House, who: Who, path: &str) -> (String, String) {
    let page = house.get(who, path).await;
    assert_eq!(page.status, 200, "{path}");
    (page.field("seen").unwrap(), page.field("basis").unwrap())
}

#[tokio::test]
async fn every_page_shows_itself_or_is_not_there() {
    let house = House::on_sqlite().await;
    let check = async |path: &str, status: u16| {
        assert_eq!(house.get(VIEWER, path).await.status, status, "{path}");
    };
    check("/checklist", 200).await;
    check("/checklist?form=vendor&edition=fy2025&round=3", 200).await;
    check("/checklist?form=pharmacy", 200).await;
    check("/checklist?edition=fy2024", 200).await;
    check("/checklist?form=nothing", 404).await;
    check("/checklist?edition=fy1999", 404).await;
    check("/checklist?round=4", 404).await;
    check("/checklist?round=0", 404).await;
    check("/checklist?round=x", 400).await;
    check("/checklist/2-1", 200).await;
    check("/checklist/2-12:server?round=2&all=1", 200).await;
    check("/checklist/2-12", 404).await;
    check("/checklist/9-9", 404).await;
    check("/checklist/2-1?form=nothing", 404).await;
    check("/checklist/confirm", 200).await;
    check("/checklist/confirm?form=nothing", 404).await;
    check("/glossary", 200).await;
}

#[tokio::test]
async fn the_form_stands_as_on_paper_with_how_each_item_stands() {
    let house = House::on_sqlite().await;
    let fields = [
        ("value", "no"),
        ("target_on", "R9.3.31"),
        ("note", "old < new"),
    ];
    house.post(OPERATOR, "/checklist/2-7", &fields).await;
    let text = house.get(VIEWER, "/checklist").await.text();
    for expected in [
        "19項目中 1項目に回答",
        "はい・<span class=\"paper-ring\">いいえ</span>",
        "令和9年<br>（3/31）",
        "old &#60; new",
        "data-standing=\"planned\"",
        "<span class=\"mark\">要照合</span>",
        "医療機関名　name of ours",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("まとめて確認"), "a viewer only looks");
}

#[tokio::test]
async fn a_person_answers_item_by_item_on_sqlite() {
    a_person_answers(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn a_person_answers_item_by_item_on_postgres() {
    a_person_answers(&House::on_postgres("checklist").await).await;
}

async fn a_person_answers(house: &House) {
    let (seen_before, basis) = seen(house, OPERATOR, "/checklist/2-1").await;
    assert_eq!(seen_before, "");
    let fields = [
        ("value", "yes"),
        ("confirmed_on", "令和8年11月20日"),
        ("target_on", "left over from an earlier no"),
        ("note", "monthly"),
        ("round", "1"),
        ("seen", ""),
        ("basis", &basis),
        ("go", "next"),
    ];
    for _ in ["pressed", "pressed twice"] {
        let answer = house.post(OPERATOR, "/checklist/2-1", &fields).await;
        let next = "303 /checklist/2-2?round=1&saved=fy2025%2Ffacility%2Fasset-ledger";
        assert_eq!(answer.brief(), next);
        house.pass(SignedDuration::from_mins(1));
    }
    assert_eq!(
        answers(house).await,
        "asset-ledger 1 Yes - monthly name of system_operator\n"
    );
    assert_eq!(n_in_history(house, LEDGER).await, 1);
    let next = house.get(
        OPERATOR,
        "/checklist/2-2?saved=fy2025%2Ffacility%2Fasset-ledger",
    );
    let next = next.await.text();
    let saved = "保存しました。2-① はい　name of system_operator 12:00";
    assert!(next.contains(saved), "{next}");
    assert!(
        next.contains("data-kept=\"ours/fy2025/facility/asset-ledger\""),
        "{next}"
    );
    let kept = house.workspace().await.answers().await.unwrap();
    assert_eq!(kept[0].basis.as_deref(), Some(basis.as_str()));

    // The other institution sees nothing of it, and its answer is its own.
    let theirs = house.get(Who::Foreigner, "/checklist/2-1").await;
    assert!(!theirs.text().contains("monthly"), "{}", theirs.text());
    let fields = [("value", "no"), ("go", "stay")];
    let answer = house.post(Who::Foreigner, "/checklist/2-1", &fields).await;
    assert_eq!(answer.status, 303);
    assert_eq!(n_in_history(house, LEDGER).await, 1);
}

#[tokio::test]
async fn who_may_not_answer_changes_nothing() {
    let house = House::on_sqlite().await;
    let fields = [("value", "yes")];
    for (who, path, expected) in [
        (VIEWER, "/checklist/2-1", 403),
        (Who::Stranger, "/checklist/2-1", 401),
        (OPERATOR, "/checklist/9-9", 404),
        (OPERATOR, "/checklist/2-1?form=nothing", 404),
        (OPERATOR, "/checklist/2-1?round=9", 404),
        (VIEWER, "/checklist/confirm", 403),
        (Who::Stranger, "/checklist/confirm", 401),
    ] {
        let answer = house.post(who, path, &fields).await;
        assert_eq!(answer.status, expected, "{who:?} {path}");
    }
    assert_eq!(answers(&house).await, "");
}

#[tokio::test]
async fn what_is_refused_stays_on_the_page_with_the_reason() {
    let house = House::on_sqlite().await;
    let long = "あ".repeat(501);
    for (field, typed, id) in [
        ("value", "", "value-error"),
        ("value", "maybe", "value-error"),
        ("confirmed_on", "R8.11.22", "confirmed-error"),
        ("confirmed_on", "tomorrow", "confirmed-error"),
        ("target_on", "someday", "target-error"),
        ("target_on", "R8.10.31", "target-error"),
        ("target_on", "R19.3.31", "target-error"),
        ("confirmed_on", "R7.3.31", "confirmed-error"),
        ("note", "パスワードは hunter2", "note-error"),
        ("note", long.as_str(), "note-error"),
    ] {
        let mut fields = vec![
            ("value", "no"),
            ("confirmed_on", "R8.11.1"),
            ("target_on", "R9.3.31"),
            ("note", "typed with care"),
        ];
        fields
            .iter_mut()
            .filter(|(name, _)| *name == field)
            .for_each(|f| f.1 = typed);
        let answer = house.post(OPERATOR, "/checklist/2-1", &fields).await;
        assert_eq!(answer.status, 422, "{field} {typed}");
        let text = answer.text();
        assert!(text.contains("error-summary"), "{field} {typed}");
        assert!(text.contains(&format!("id=\"{id}\"")), "{field} {typed}");
        for (name, typed) in fields {
            let is_there = match name {
                "value" if typed == "no" => text.contains("value=\"no\" data-key=\"i\" checked"),
                "value" => true,
                _ => text.contains(typed),
            };
            assert!(is_there, "{name}={typed} after {field}");
        }
    }
    assert_eq!(answers(&house).await, "");
}

#[tokio::test]
async fn the_missing_form_of_the_year_is_told_once_and_no_answer_is_blamed_for_it() {
    let house = House::on_sqlite().await;
    let fields = [("value", "no"), ("target_on", "令和9年3月31日")];
    house.post(OPERATOR, "/checklist/2-1", &fields).await;
    let item = house.get(OPERATOR, "/checklist/2-1").await.text();
    assert!(!item.contains("年度の外"), "{item}");
    for path in ["/", "/checklist", "/forms"] {
        let page = house.get(VIEWER, path).await.text();
        let told = "令和8年度版が公表されています。公式のExcelを取り込んでください。";
        assert_eq!(page.matches(told).count(), 1, "{path}: {page}");
        assert!(page.contains("href=\"/settings/editions\""), "{path}");
    }
    // Of an older form one could know.
    let older = "/checklist/1-1?edition=fy2024";
    house.post(OPERATOR, older, &[("value", "yes")]).await;
    let item = house.get(OPERATOR, older).await.text();
    assert!(
        item.contains("確認日が、このチェックリストの年度の外です"),
        "{item}"
    );
}

#[tokio::test]
async fn going_on_to_a_neighbour_saves_what_was_changed() {
    let house = House::on_sqlite().await;
    let shown = house.get(OPERATOR, "/checklist/2-1").await.text();
    for go in ["before", "after"] {
        let button = format!("form=\"answer\" name=\"go\" value=\"{go}\"");
        assert!(shown.contains(&button), "{shown}");
    }
    let pass = async |fields: &[(&str, &str)], expected: &str, n: usize| {
        let page = house.get(OPERATOR, "/checklist/2-1").await;
        let (seen, today) = (page.field("seen").unwrap(), "令和8年11月21日");
        let own = [("seen", seen.as_str()), ("confirmed_on", today)];
        let is_said = |name: &str| fields.iter().any(|(said, _)| *said == name);
        let own = own.into_iter().filter(|(name, _)| !is_said(name));
        let fields: Vec<_> = fields.iter().copied().chain(own).collect();
        let said = house.post(OPERATOR, "/checklist/2-1", &fields).await;
        let brief = said.brief();
        assert_eq!(brief.split('=').next(), Some(expected), "{fields:?}");
        assert_eq!(n_in_history(&house, LEDGER).await, n, "{fields:?}");
        house.pass(SignedDuration::from_mins(1));
    };
    let (after, before) = (("go", "after"), ("go", "before"));
    let (yes, no) = (("value", "yes"), ("value", "no"));
    let target = |day| ("target_on", day);
    let (next, saved) = ("303 /checklist/2-2", "303 /checklist/2-2?saved");
    let (previous, saved_previous) = ("303 /checklist/1-1", "303 /checklist/1-1?saved");
    pass(&[after], next, 0).await;
    pass(&[after, ("note", "no answer yet")], "422", 0).await;
    pass(&[after, yes, ("note", "a\r\nb")], saved, 1).await;
    pass(&[after, yes, ("note", "a\nb")], next, 1).await;
    pass(&[before, no], saved_previous, 2).await;
    pass(&[before, no, target("R9.3.31")], saved_previous, 3).await;
    pass(&[before, no, target("令和9年3月31日")], previous, 3).await;
    pass(&[before, no, target("someday")], "422", 3).await;
    let earlier = ("confirmed_on", "R8.11.1");
    pass(&[after, no, target("R9.3.31"), earlier], saved, 4).await;
}

#[tokio::test]
async fn whoever_changed_nothing_passes_what_somebody_else_answered_meanwhile() {
    let house = House::on_sqlite().await;
    house
        .post(ADMINISTRATOR, "/checklist/2-1", &[("value", "yes")])
        .await;
    let nothing = [("value", ""), ("seen", ""), ("go", "after")];
    let said = house.post(OPERATOR, "/checklist/2-1", &nothing).await;
    assert_eq!(said.brief(), "303 /checklist/2-2");
    let other = [("value", "no"), ("seen", ""), ("go", "after")];
    let said = house.post(OPERATOR, "/checklist/2-1", &other).await;
    assert_eq!(said.status, 409);
}

#[tokio::test]
async fn drafts_in_the_browser_are_told_where_one_looks_and_forgotten_when_saved() {
    let house = House::on_sqlite().await;
    for path in ["/", "/checklist"] {
        let page = house.get(OPERATOR, path).await.text();
        assert!(page.contains("data-drafts=\"ours\" hidden"), "{path}");
    }
    let item = house.get(OPERATOR, "/checklist/2-1").await.text();
    assert!(item.contains("data-keep=\"ours/fy2025/facility/asset-ledger\" data-draft=\"2-①\""));
    let saved = "/checklist?done=saved&saved=fy2025%2Ffacility%2Fasset-ledger";
    let page = house.get(OPERATOR, saved).await.text();
    assert!(
        page.contains("data-kept=\"ours/fy2025/facility/asset-ledger\""),
        "{page}"
    );
}

#[tokio::test]
async fn of_two_people_the_second_sees_both_and_chooses() {
    let house = House::on_sqlite().await;
    let path = "/checklist/2-1";
    let (_, basis) = seen(&house, ADMINISTRATOR, path).await;
    house
        .post(OPERATOR, path, &[("value", "no"), ("note", "theirs")])
        .await;
    let mine = [
        ("value", "yes"),
        ("note", "mine"),
        ("basis", &basis),
        ("seen", ""),
    ];
    let answer = house.post(ADMINISTRATOR, path, &mine).await;
    assert_eq!(answer.status, 409);
    let text = answer.text();
    for expected in [
        "theirs",
        "mine",
        "name of system_operator",
        "name of administrator",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert_eq!(n_in_history(&house, LEDGER).await, 1);

    let seen = answer.field("seen").unwrap();
    let on_top = [
        ("value", "yes"),
        ("note", "mine"),
        ("basis", &basis),
        ("seen", &seen),
    ];
    house.pass(SignedDuration::from_mins(1));
    assert_eq!(house.post(ADMINISTRATOR, path, &on_top).await.status, 303);
    assert_eq!(
        answers(&house).await,
        "asset-ledger 1 Yes - mine name of administrator\n"
    );
    assert_eq!(n_in_history(&house, LEDGER).await, 2);

    for (seen, status) in [("no number", 400), ("99999999999999999999", 400)] {
        let fields = [("value", "yes"), ("seen", seen)];
        assert_eq!(
            house.post(OPERATOR, path, &fields).await.status,
            status,
            "{seen}"
        );
    }
    // Nobody answered in round 3, so nobody can have seen that answer.
    let fields = [("value", "yes"), ("seen", "1"), ("round", "3")];
    assert_eq!(house.post(OPERATOR, path, &fields).await.status, 404);
}

/// Answers はい with the evidence in view.
async fn answer_yes(house: &House, handle: &str) {
    let path = format!("/checklist/{handle}");
    let (seen, basis) = seen(house, OPERATOR, &path).await;
    let fields = [
        ("value", "yes"),
        ("seen", &*seen),
        ("basis", &*basis),
        ("confirmed_on", "R8.11.1"),
    ];
    assert_eq!(
        house.post(OPERATOR, &path, &fields).await.status,
        303,
        "{handle}"
    );
}

/// The values of the tick boxes.
async fn ticks(house: &House, path: &str) -> Vec<String> {
    let text = house.get(OPERATOR, path).await.text();
    let boxes = text.split("name=\"item\" value=\"").skip(1);
    boxes
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn only_what_is_unchanged_is_confirmed_together() {
    let house = House::on_sqlite().await;
    answer_yes(&house, "1-1").await;
    answer_yes(&house, "2-1").await;
    // With other evidence in view than there is now, without any, and not with はい.
    let other = "0".repeat(64);
    house
        .post(
            OPERATOR,
            "/checklist/3-1",
            &[("value", "yes"), ("basis", &other)],
        )
        .await;
    house
        .post(OPERATOR, "/checklist/2-4", &[("value", "yes")])
        .await;
    house
        .post(OPERATOR, "/checklist/2-8", &[("value", "no")])
        .await;
    let path = "/checklist/confirm?round=2";
    let ready = ticks(&house, path).await;
    assert_eq!(ready.len(), 2, "{ready:?}");
    let text = house.get(OPERATOR, path).await.text();
    for expected in [
        "1つずつ確認する項目 17件",
        "前回の後で証拠が変わりました。",
        "証拠を見ながら答えた記録がありません。",
        "「はい」ではありません。",
        "まだ回答がありません。",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }

    house.pass(SignedDuration::from_mins(1));
    let fields: Vec<(&str, &str)> = ready.iter().map(|value| ("item", value.as_str())).collect();
    for _ in ["pressed", "pressed twice"] {
        let answer = house.post(OPERATOR, path, &fields).await;
        assert_eq!(answer.brief(), "303 /checklist?round=2&done=confirmed");
    }
    let kept = answers(&house).await;
    assert!(kept.contains("officer-appointed 2 Yes"), "{kept}");
    assert!(kept.contains("asset-ledger 2 Yes"), "{kept}");
    assert_eq!(n_in_history(&house, LEDGER).await, 2);
    assert_eq!(ticks(&house, path).await.len(), 0, "confirmed today");

    for (fields, status) in [
        (vec![], 422),
        (vec![("item", "no number")], 400),
        (vec![("item", "1 fy2025/facility/asset-ledger")], 422),
        (vec![("item", "1 fy2025/facility/no-such-item")], 422),
    ] {
        let answer = house
            .post(OPERATOR, "/checklist/confirm?round=3", &fields)
            .await;
        assert_eq!(answer.status, status, "{fields:?}");
    }
}

#[tokio::test]
async fn what_somebody_changed_meanwhile_is_not_confirmed_and_neither_is_the_rest() {
    let house = House::on_sqlite().await;
    answer_yes(&house, "1-1").await;
    answer_yes(&house, "2-1").await;
    let path = "/checklist/confirm?round=2";
    let ready = ticks(&house, path).await;
    house.pass(SignedDuration::from_mins(1));
    let (seen, _) = seen(&house, OPERATOR, "/checklist/2-1").await;
    house
        .post(
            OPERATOR,
            "/checklist/2-1",
            &[("value", "no"), ("seen", &*seen)],
        )
        .await;
    let fields: Vec<(&str, &str)> = ready.iter().map(|value| ("item", value.as_str())).collect();
    let answer = house.post(OPERATOR, path, &fields).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text().contains("1件が、見ている間に変わりました"),
        "{}",
        answer.text()
    );
    assert!(
        answer.text().contains(&format!("{}\" checked", ready[0])),
        "ticks stay"
    );
    assert!(!answers(&house).await.contains(" 2 Yes"));
}
