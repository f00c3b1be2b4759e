use expect_test::{Expect, expect};

use super::read;

fn check(csv: &str, expected: Expect) {
    let reading = match read(csv.as_bytes()) {
        Ok(reading) => reading,
        Err(error) => return expected.assert_eq(&format!("refused: {error}")),
    };
    let rows = reading.rows.iter().map(|row| {
        let institution = row.institution.as_deref().unwrap_or("-");
        let said = row.said.as_ref().map_or("-".to_owned(), |said| {
            let day =
                |day: Option<jiff::civil::Date>| day.map_or("-".to_owned(), |d| d.to_string());
            let (confirmed, target) = (day(said.confirmed_on), day(said.target_on));
            let note = said.note.as_deref().unwrap_or("-");
            format!("{} {:?} {confirmed} {target} {note}", said.item, said.value)
        });
        format!("{} {institution} {said}", row.customer)
    });
    let findings = reading.findings.iter().map(|finding| {
        let row = finding.place.row.unwrap_or_default();
        format!("- {row} {}", finding.text.en)
    });
    expected.assert_eq(&rows.chain(findings).collect::<Vec<_>>().join("\n"));
}

#[test]
fn reads_customers_and_what_is_otherwise_for_them() {
    check(
        "顧客,施設番号,項目,回答,確認日,目標日,備考\n\
         備え医院,i-1,2-⑤,いいえ,R8.11.1,R9.3.31,機器の更新待ち\n\
         若葉医院,,,,,,\n",
        expect![[r#"
            備え医院 i-1 2-⑤ No 2026-11-01 2027-03-31 機器の更新待ち
            若葉医院 - -"#]],
    );
    check(
        "customer,item,answer,date,note\nSonae Clinic,2-5,yes,2026-11-01,\n",
        expect!["Sonae Clinic - 2-5 Yes 2026-11-01 - -"],
    );
}

#[test]
fn takes_no_answer_that_is_doubtful() {
    check(
        "顧客,項目,回答,確認日\n\
         ,2-⑤,はい,R8.11.1\n\
         備え医院,2-⑤,たぶん,R8.11.1\n\
         備え医院,2-⑤,,R8.11.1\n\
         備え医院,,はい,R8.11.1\n\
         備え医院,2-⑤,はい,いつか\n",
        expect![[r#"
            - 2 No customer is named, so this row was not read.
            - 3 `たぶん` is no answer. Choose はい, いいえ or 記入不要.
            - 4 Item or answer is missing, so this row was not read.
            - 5 Item or answer is missing, so this row was not read.
            - 6 `いつか` is no date. Write year, month and day, as in 2026-03-31."#]],
    );
}

#[test]
fn refuses_what_is_no_such_list() {
    check("", expect!["refused: the file is empty"]);
    check(
        "機器名,IP\nehr-01,10.0.0.1\n",
        expect!["refused: no known format"],
    );
    check(
        "顧客,項目\n",
        expect!["refused: customer_answers: has headers, but no row"],
    );
}
