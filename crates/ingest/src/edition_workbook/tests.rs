use expect_test::{Expect, expect};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use sonae_domain::edition::{Item, Verification};

use super::{EditionDraft, read};

/// The draft in lines: forms, sections, groups, items, then rows that were not understood.
fn told(draft: &EditionDraft) -> String {
    let head = &draft.head;
    let mut lines = vec![format!("{} {} {:?}", head.id, head.label, head.status)];
    for form in &head.forms {
        lines.push(format!(
            "form {} {:?} {} rounds={} note={} title={}",
            form.id, form.audience, form.label, form.rounds, form.has_note_column, form.title.text
        ));
        lines.extend(
            form.notes
                .iter()
                .map(|note| format!("  note {}", note.text)),
        );
        lines.extend(
            form.sections
                .iter()
                .map(|s| format!("  section {} {}", s.id, s.title.text)),
        );
        lines.extend(
            form.groups
                .iter()
                .map(|g| format!("  group {} {}", g.id, g.title.text)),
        );
    }
    lines.extend(draft.items.iter().map(|item| {
        let group = item.group.as_deref().unwrap_or("-");
        let remark = item.remark.as_deref().unwrap_or("-");
        let place = item.wording.source.rsplit(' ').next().unwrap_or_default();
        format!(
            "{} §{} {group} [{}] {} / {remark} @{place}",
            item.id, item.section, item.number, item.wording.text
        )
    }));
    lines.extend(
        draft
            .unexplained
            .iter()
            .map(|row| format!("? {}:{} {:?}", row.sheet, row.row, row.cells)),
    );
    lines.join("\n")
}

/// Every draft holds together, says where each wording stands, and explains every cell.
fn hold_together(draft: &EditionDraft) {
    let mut ids: Vec<_> = draft.items.iter().map(|item| item.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), draft.items.len());
    for item in &draft.items {
        let form = draft
            .head
            .forms
            .iter()
            .find(|form| form.id == item.form)
            .unwrap();
        assert!(
            form.sections
                .iter()
                .any(|section| section.id == item.section)
        );
        assert!(
            item.group
                .iter()
                .all(|id| form.groups.iter().any(|group| group.id == *id))
        );
        assert!(
            item.id
                .as_str()
                .starts_with(&format!("{}/{}/", draft.head.id, form.id))
        );
        assert_eq!(item.wording.verification, Verification::ToVerify);
        assert!(item.wording.source.starts_with("form.xlsx, "));
    }
}

fn draft(book: &mut Workbook, previous: &[Item]) -> EditionDraft {
    let draft = read(&book.save_to_buffer().unwrap(), "form.xlsx", previous).unwrap();
    hold_together(&draft);
    draft
}

fn check(book: &mut Workbook, expected: Expect) {
    expected.assert_eq(&told(&draft(book, &[])));
}

/// One text a row, cells between bars; `ASK` is what is printed where an answer is to be written.
fn fill(sheet: &mut Worksheet, rows: &[&str]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..)
            .zip(cells.split('|'))
            .filter(|(_, cell)| !cell.is_empty())
        {
            sheet
                .write(row, column, cell.replace("ASK", "はい・いいえ ( / )"))
                .unwrap();
        }
    }
}

fn merge(sheet: &mut Worksheet, from: (u32, u16), to: (u32, u16), text: &str) {
    sheet
        .merge_range(from.0, from.1, to.0, to.1, text, &Format::new())
        .unwrap();
}

/// Sections merged at the left, groups merged over columns, full-width numbers in the text.
fn merged_form() -> Workbook {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("様式").unwrap();
    fill(
        sheet,
        &[
            "",
            "",
            "*立入検査時、本チェックリストを確認します。",
            "＊「いいえ」の場合、令和８年度中の対応目標日を記入してください。",
            "医療機関・薬局名：||||記入日|令和　年　月　日",
            "|チェック項目||確認日|目標日|備考",
            "||（１－①）医療情報システム安全管理責任者を設置している。|ASK|( / )",
            "||||",
            "||（２－①）サーバ、端末PC、ネットワーク機器の台帳管理を行っている。|ASK|( / )",
            "||（２－②）リモートメンテナンスの有無を確認した。\n※事業者と契約していない場合には、記入不要|ASK|( / )",
            "||||",
            "||（２－⑫）不要なサービスを停止している。|ASK|( / )",
            "※ 詳細はマニュアルを参照してください。",
        ],
    );
    merge(
        sheet,
        (0, 0),
        (0, 5),
        "令和８年度版　医療機関・薬局におけるサイバーセキュリティ対策チェックリスト",
    );
    merge(sheet, (1, 0), (1, 5), "医療機関・薬局確認用");
    merge(
        sheet,
        (7, 1),
        (7, 5),
        "医療情報システム全般について、以下を実施している。",
    );
    merge(
        sheet,
        (10, 1),
        (10, 5),
        "サーバについて、以下を実施している。",
    );
    sheet.write(6, 0, "１　体制構築").unwrap();
    merge(sheet, (7, 0), (11, 0), "２　医療情報システムの管理・運用");
    book
}

#[test]
fn reads_merged_cells_and_full_width_numbers() {
    check(
        &mut merged_form(),
        expect![[r#"
        fy2026 令和8年度版 Draft
        form organisation Organisation 医療機関・薬局確認用 rounds=1 note=true title=令和８年度版　医療機関・薬局におけるサイバーセキュリティ対策チェックリスト
          note *立入検査時、本チェックリストを確認します。
          note ＊「いいえ」の場合、令和８年度中の対応目標日を記入してください。
          note ※ 詳細はマニュアルを参照してください。
          section 1 １　体制構築
          section 2 ２　医療情報システムの管理・運用
          group general 医療情報システム全般について、以下を実施している。
          group server サーバについて、以下を実施している。
        fy2026/organisation/row-1 §1 - [１－①] 医療情報システム安全管理責任者を設置している。 / - @C7
        fy2026/organisation/row-2 §2 general [２－①] サーバ、端末PC、ネットワーク機器の台帳管理を行っている。 / - @C9
        fy2026/organisation/row-3 §2 general [２－②] リモートメンテナンスの有無を確認した。 / ※事業者と契約していない場合には、記入不要 @C10
        fy2026/organisation/row-4 §2 server [２－⑫] 不要なサービスを停止している。 / - @C12"#]],
    );
    let draft = draft(&mut merged_form(), &[]);
    let titles: Vec<_> = draft
        .understood
        .iter()
        .take(3)
        .map(|u| format!("{:?} {:?}", u.place, u.what))
        .collect();
    expect![[r#"
        Place { part: Some("様式"), row: Some(1), column: Some("A") } Title
        Place { part: Some("様式"), row: Some(2), column: Some("A") } Label
        Place { part: Some("様式"), row: Some(3), column: Some("A") } Note"#]]
    .assert_eq(&titles.join("\n"));
}

#[test]
fn reads_headers_in_two_rows_and_numbers_in_their_own_column() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("医療機関確認用").unwrap();
    fill(
        sheet,
        &[
            "令和8年度版 医療機関におけるサイバーセキュリティ対策チェックリスト",
            "区分|番号|チェック項目|1回目||2回目||備考",
            "|||確認日|目標日|確認日|目標日|",
            "||医療情報システムを導入、運用している。|はい・いいえ",
            "1|体制構築",
            "|1(1)|責任者を設置している。|はい・いいえ|（　／　）|はい・いいえ|（　／　）",
            "2 管理・運用|2(1)|台帳管理を行っている。|はい・いいえ|（　／　）",
            "注 記入日を忘れないこと",
            "|2(2)|パッチを適用している。※最新のもの|はい・いいえ|（　／　）",
            "区分|番号|チェック項目|1回目||2回目||備考",
            "3 インシデント発生に備えた対応|3-1|BCPを策定している。（既存のものでもよい）|はい・いいえ",
        ],
    );
    check(
        &mut book,
        expect![[r#"
        fy2026 令和8年度版 Draft
        form facility Facility 医療機関確認用 rounds=2 note=true title=令和8年度版 医療機関におけるサイバーセキュリティ対策チェックリスト
          note 注 記入日を忘れないこと
          section 0 
          section 1 1 体制構築
          section 2 2 管理・運用
          section 3 3 インシデント発生に備えた対応
        fy2026/facility/row-1 §0 - [] 医療情報システムを導入、運用している。 / - @C4
        fy2026/facility/row-2 §1 - [1(1)] 責任者を設置している。 / - @C6
        fy2026/facility/row-3 §2 - [2(1)] 台帳管理を行っている。 / - @C7
        fy2026/facility/row-4 §2 - [2(2)] パッチを適用している。 / ※最新のもの @C9
        fy2026/facility/row-5 §3 - [3-1] BCPを策定している。（既存のものでもよい） / - @C11"#]],
    );
}

#[test]
fn reads_two_forms_and_groups_merged_over_their_items() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("薬局確認用").unwrap();
    fill(
        sheet,
        &[
            "薬局におけるサイバーセキュリティ対策チェックリスト（令和8年6月）",
            "2 管理・運用",
            "||アクセスログを管理している。(2-⑪)|ASK",
            "||不要なサービスを停止している。(2-⑫)|ASK",
            "|端末PCについて、以下を実施している。|不要なサービスを停止している。(2-⑫)|ASK",
            "||規程を定めている。(4-①)|ASK",
        ],
    );
    merge(
        sheet,
        (2, 1),
        (3, 1),
        "サーバについて、以下を実施している。",
    );
    let vendor = book.add_worksheet().set_name("事業者確認用").unwrap();
    fill(
        vendor,
        &[
            "サーバー等を提供する事業者におけるチェックリスト",
            "事業者名：",
            "1 体制構築",
            "||①|管理責任者を設置している。|ASK",
        ],
    );
    check(
        &mut book,
        expect![[r#"
            fy2026 令和8年度版 Draft
            form pharmacy Pharmacy 薬局確認用 rounds=1 note=false title=薬局におけるサイバーセキュリティ対策チェックリスト（令和8年6月）
              section 2 2 管理・運用
              group server サーバについて、以下を実施している。
              group terminal 端末PCについて、以下を実施している。
            form vendor Vendor 事業者確認用 rounds=1 note=false title=サーバー等を提供する事業者におけるチェックリスト
              section 1 1 体制構築
            fy2026/pharmacy/row-1 §2 server [2-⑪] アクセスログを管理している。 / - @C3
            fy2026/pharmacy/row-2 §2 server [2-⑫] 不要なサービスを停止している。 / - @C4
            fy2026/pharmacy/row-3 §2 terminal [2-⑫] 不要なサービスを停止している。 / - @C5
            fy2026/pharmacy/row-4 §2 - [4-①] 規程を定めている。 / - @C6
            fy2026/vendor/row-1 §1 - [①] 管理責任者を設置している。 / - @D4"#]],
    );
}

#[test]
fn lists_rows_that_it_cannot_explain() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("様式").unwrap();
    fill(
        sheet,
        &[
            "令和8年度版 医療機関・薬局におけるサイバーセキュリティ対策チェックリスト",
            "1 体制構築",
            "|1-①|責任者を設置している。|ASK|ここに印",
            "この行は何でしょう。",
            "42",
            "|1-②||ASK",
        ],
    );
    let guide = book.add_worksheet().set_name("記入要領").unwrap();
    fill(guide, &["この様式は毎年見直します。"]);
    check(
        &mut book,
        expect![[r#"
            fy2026 令和8年度版 Draft
            form organisation Organisation 医療機関・薬局確認用 rounds=1 note=false title=令和8年度版 医療機関・薬局におけるサイバーセキュリティ対策チェックリスト
              section 1 1 体制構築
            fy2026/organisation/row-1 §1 - [1-①] 責任者を設置している。 / - @C3
            ? 様式:3 ["ここに印"]
            ? 様式:4 ["この行は何でしょう。"]
            ? 様式:5 ["42"]
            ? 様式:6 ["1-②"]
            ? 記入要領:1 ["この様式は毎年見直します。"]"#]],
    );
}

#[test]
fn takes_over_the_slugs_of_rows_with_the_same_wording() {
    let mut last_year = draft(&mut merged_form(), &[]).items;
    let slugs = [
        "officer-appointed",
        "asset-ledger",
        "remote-maintenance",
        "services-stopped",
    ];
    for (item, slug) in last_year.iter_mut().zip(slugs) {
        item.id = sonae_domain::ids::ItemId::new(format!("fy2025/facility/{slug}"));
        item.form = sonae_domain::ids::FormId::new("facility");
    }
    last_year.truncate(3);
    let ids: Vec<_> = draft(&mut merged_form(), &last_year)
        .items
        .into_iter()
        .map(|i| i.id.to_string())
        .collect();
    expect![[r#"
        fy2026/organisation/officer-appointed
        fy2026/organisation/asset-ledger
        fy2026/organisation/remote-maintenance
        fy2026/organisation/row-4"#]]
    .assert_eq(&ids.join("\n"));
}

#[test]
fn refuses_what_is_no_checklist() {
    let refused = |book: &mut Workbook| {
        let bytes = book.save_to_buffer().unwrap();
        read(&bytes, "form.xlsx", &[])
            .map(|draft| told(&draft))
            .unwrap_err()
            .to_string()
    };
    let mut book = Workbook::new();
    book.add_worksheet();
    expect!["no known format"].assert_eq(&refused(&mut book));
    let mut book = Workbook::new();
    fill(book.add_worksheet(), &["機器名|型番", "pc-01|A1"]);
    expect!["no known format"].assert_eq(&refused(&mut book));
    let mut book = Workbook::new();
    fill(book.add_worksheet(), &["1-①|責任者を設置している。|ASK"]);
    expect!["edition_workbook: damaged at Sheet1: no fiscal year such as 令和8年度版"]
        .assert_eq(&refused(&mut book));
    assert!(read(b"", "form.xlsx", &[]).is_err());
    assert!(read(b"PK\x03\x04 cut", "form.xlsx", &[]).is_err());
}
