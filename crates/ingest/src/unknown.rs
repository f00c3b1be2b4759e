//! Why a file of no known format is refused, with as much help as its bytes allow.

use crate::report::ReadError;
use crate::table::{self, HEAD_ROWS_MAX, Origin, Scope, Sheet, Table};
use crate::{answer_form, text};

/// What the bytes are, if they are no evidence.
pub(crate) fn refusal(bytes: &[u8]) -> ReadError {
    if text::is_text_in_another_encoding(bytes) {
        return ReadError::Encoding { format: "text" };
    }
    let Ok(table) = table::load("table", bytes, Scope::Head) else {
        return ReadError::UnknownFormat;
    };
    if answer_form::is_form(&table) {
        return ReadError::AnswerForm;
    }
    match headers(&table) {
        Some(headers) => match headers.iter().find(|header| is_never_kept(header)) {
            Some(header) => ReadError::Forbidden {
                format: "table",
                what: format!("「{header}」"),
            },
            None => ReadError::UnknownTable { headers },
        },
        None => ReadError::UnknownFormat,
    }
}

/// The headers of the first sheet that is a table: at least two columns, in most rows of a text.
fn headers(table: &Table) -> Option<Vec<String>> {
    let is_text = matches!(table.origin, Origin::Text { .. });
    let is_table = |sheet: &&Sheet| !is_text || (!is_markup(sheet) && is_mostly_wide(sheet));
    table.sheets.iter().filter(is_table).find_map(|sheet| {
        let row = sheet.rows.get(table::widest_row(sheet)?)?;
        let headers = table::headers_of(row).into_iter();
        let headers: Vec<String> = headers.map(|header| header.text).collect();
        (headers.len() >= 2).then_some(headers)
    })
}

/// Whoever keeps it as a document would keep patients or passwords with it.
fn is_never_kept(header: &str) -> bool {
    table::is_patient(header) || table::is_birthday(header) || table::is_password(header)
}

/// JSON and XML have commas too.
fn is_markup(sheet: &Sheet) -> bool {
    let mut cells = sheet.rows.iter().flat_map(|row| row.filled());
    cells
        .next()
        .is_some_and(|(_, text)| text.starts_with(['{', '[', '<']))
}

/// Prose has a comma here and there.
fn is_mostly_wide(sheet: &Sheet) -> bool {
    let rows = sheet.rows.iter().take(HEAD_ROWS_MAX);
    let n_wide = rows
        .clone()
        .filter(|row| row.filled().nth(1).is_some())
        .count();
    n_wide * 2 >= rows.count()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use rust_xlsxwriter::Workbook;

    use crate::{Input, ReadError};

    fn check(bytes: &[u8], expected: Expect) {
        let input = Input {
            file_name: "file",
            bytes,
            mapping: None,
        };
        let refused = crate::read(&input).expect_err("no known format");
        expected.assert_eq(&refused.text().ja);
    }

    fn workbook(header: &[&str]) -> Vec<u8> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "題名").unwrap();
        sheet.write_row(1, 0, header.iter().copied()).unwrap();
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn tells_tables_by_their_headers() {
        check(
            "品目,置き場\nPC,受付\n".as_bytes(),
            expect![
                "表ですが、台帳・名簿などの見出しが見つかりません。見出し: 品目、置き場。機器名の列を教えてください（画面の「台帳の取り込み」で列の読み方を選べます）。在職者名簿には氏名のほかに職員番号かアカウントの列が要ります。"
            ],
        );
        check(
            "a\tb\tc\td\te\tf\tg\th\ti\tj\n1\t2\n".as_bytes(),
            expect![
                "表ですが、台帳・名簿などの見出しが見つかりません。見出し: a、b、c、d、e、f、g、h、ほか2列。機器名の列を教えてください（画面の「台帳の取り込み」で列の読み方を選べます）。在職者名簿には氏名のほかに職員番号かアカウントの列が要ります。"
            ],
        );
        check(
            &workbook(&["氏名", "住所"]),
            expect![
                "表ですが、台帳・名簿などの見出しが見つかりません。見出し: 氏名、住所。機器名の列を教えてください（画面の「台帳の取り込み」で列の読み方を選べます）。在職者名簿には氏名のほかに職員番号かアカウントの列が要ります。"
            ],
        );
    }

    #[test]
    fn refuses_patients_and_passwords_before_it_asks_for_columns() {
        for header in ["患者番号", "生年月日", "傷病名", "診察券番号", "パスワード"]
        {
            for bytes in [
                format!("氏名,{header}\n山田,1\n").into_bytes(),
                workbook(&["氏名", header]),
            ] {
                let input = Input {
                    file_name: "file",
                    bytes: &bytes,
                    mapping: None,
                };
                let refused = crate::read(&input).expect_err("no known format");
                assert!(refused.is_never_kept(), "{header}: {refused}");
                assert!(refused.text().ja.contains(header), "{header}");
            }
        }
    }

    #[test]
    fn tells_our_own_form() {
        check(
            &workbook(&["回答", "確認日", "item_id"]),
            expect![
                "Sonaeの様式で、証拠ではありません。回答は画面のチェックリストに入力してください。"
            ],
        );
    }

    #[test]
    fn tells_texts_in_other_encodings() {
        let euc = encoding_rs::EUC_JP.encode("機器名,種別\n").0.into_owned();
        check(
            &euc,
            expect![
                "文字コードを判別できません。UTF-8、UTF-16、Shift_JIS（CP932）のいずれかで保存し直してください（EUC-JPは読みません）。"
            ],
        );
        check(
            b"\x1b$B5!4oL>\x1b(B,1\n",
            expect![
                "文字コードを判別できません。UTF-8、UTF-16、Shift_JIS（CP932）のいずれかで保存し直してください（EUC-JPは読みません）。"
            ],
        );
    }

    #[test]
    fn knows_no_more_of_anything_else() {
        for bytes in [
            &b"\xff\xd8\xff\xe1\x20\x10Exif\xff\xdb\x84\x41\xa1"[..],
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01",
            b"{\"a\": 1, \"b\": 2}\n",
            b"<a b=\"1,2\"/>",
            b"one\ntwo\nthree, four\n",
            b"PK\x03\x04",
            b"\x81",
            &workbook(&["題名だけ"]),
        ] {
            let input = Input {
                file_name: "file",
                bytes,
                mapping: None,
            };
            assert_eq!(crate::read(&input), Err(ReadError::UnknownFormat));
        }
    }
}
