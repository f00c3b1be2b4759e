//! A new edition from an official workbook: seen in a dry run, kept by one more press, and never
//! chosen twice.

use rust_xlsxwriter::Workbook;

use super::{ADMINISTRATOR, Answered, House, Who};

const KEEP: &str = "/settings/editions/keep";

/// A workbook as the Ministry makes them, with one item.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("様式").expect("a name");
    let rows = [
        "令和８年度版　医療機関におけるサイバーセキュリティ対策チェックリスト",
        "医療機関確認用",
        "|チェック項目||確認日|目標日|備考",
        "１　体制構築||（１－①）医療情報システム安全管理責任者を設置している。|はい・いいえ ( / )|( / )",
    ];
    for (row, cells) in (0..).zip(rows) {
        let filled = (0..).zip(cells.split('|'));
        for (column, cell) in filled.filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row, column, cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

async fn dry_run(house: &House) -> Answered {
    let files = [("file", "r8.xlsx", &workbook()[..])];
    house
        .upload(ADMINISTRATOR, "/settings/editions", &[], &files)
        .await
}

async fn n_drafts(house: &House) -> usize {
    let editions = house.app.installation.store.editions().await;
    editions.expect("the store answers").len()
}

#[tokio::test]
async fn a_draft_is_kept_without_choosing_the_file_again() {
    let house = House::on_sqlite().await;
    let seen = dry_run(&house).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    assert!(seen.text().contains("fy2026"), "{}", seen.text());
    assert_eq!(n_drafts(&house).await, 0, "only seen");
    let upload = seen.field("upload").expect("it waits");
    let fields = [("upload", upload.as_str())];
    let settled = "303 /settings/editions?done=upload_settled";
    let of_others = house.post(Who::Foreigner, KEEP, &fields).await;
    assert_eq!(of_others.brief(), settled, "not theirs");
    assert_eq!(n_drafts(&house).await, 0);
    let kept = house.post(ADMINISTRATOR, KEEP, &fields).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert!(kept.text().contains("下書きとして保存しました"));
    assert_eq!((n_drafts(&house).await, kept.field("upload")), (1, None));
    let twice = house.post(ADMINISTRATOR, KEEP, &fields).await;
    assert_eq!(twice.brief(), settled);
    let nothing = house.post(ADMINISTRATOR, KEEP, &[]).await;
    assert_eq!(nothing.status, 422);
}
