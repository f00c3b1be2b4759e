//! The sentence behind a verdict. The words are data of the check; nothing is decided here.

use jiff::civil::Date;
use serde_json::Value;
use sonae_domain::era;
use sonae_domain::labels::Language;
use sonae_domain::verdict::{CheckHead, Reason};

/// Of `2026-11-18`, as facts write a day.
const DAY_LEN: usize = 10;

/// The sentence of a reason, `{name}` replaced by its arguments; a day is written as the language
/// writes it.
///
/// An argument that the facts did not give becomes `?`; an unknown code is shown as it is, so that
/// an old stored verdict stays readable after its check changed.
pub fn check_reason(head: &CheckHead, reason: &Reason, language: Language) -> String {
    let Some(sentence) = head.reasons.get(&reason.code) else {
        return reason.code.clone();
    };
    let mut said = String::new();
    let mut rest = sentence.get(language);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else {
            break;
        };
        said.push_str(before);
        said.push_str(&shown(reason.args.get(name), language));
        rest = behind;
    }
    said.push_str(rest);
    said
}

fn shown(value: Option<&Value>, language: Language) -> String {
    match value {
        None | Some(Value::Null) => "?".to_owned(),
        Some(Value::String(text)) => match (text.parse::<Date>(), language) {
            (Ok(day), Language::Ja) if text.len() == DAY_LEN => era::format_era(day),
            _ => text.clone(),
        },
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const HEAD: &str = r#"
id = "x"
title = { ja = "x", en = "x" }
explanation = { ja = "x", en = "x" }
reads = []
valid_days = 30
source = "x"

[reasons]
old = { ja = "{name}は{days}日前のものです。", en = "{name} is {days} days old." }
"#;

    fn check(reason: &str, language: Language, expected: Expect) {
        let head: CheckHead = toml::from_str(HEAD).expect("a head");
        let reason: Reason = serde_json::from_str(reason).expect("a reason");
        expected.assert_eq(&check_reason(&head, &reason, language));
    }

    #[test]
    fn arguments_fill_the_sentence() {
        let full = r#"{"code": "old", "name": "srv-01", "days": 12}"#;
        check(full, Language::Ja, expect!["srv-01は12日前のものです。"]);
        check(full, Language::En, expect!["srv-01 is 12 days old."]);
    }

    #[test]
    fn a_day_is_written_as_the_language_writes_it() {
        let day = r#"{"code": "old", "name": "2026-11-18", "days": 3}"#;
        check(
            day,
            Language::Ja,
            expect!["令和8年11月18日は3日前のものです。"],
        );
        check(day, Language::En, expect!["2026-11-18 is 3 days old."]);
        let moment = r#"{"code": "old", "name": "2026-11-18T09:00", "days": 3}"#;
        check(
            moment,
            Language::Ja,
            expect!["2026-11-18T09:00は3日前のものです。"],
        );
    }

    #[test]
    fn gaps_are_shown() {
        check(
            r#"{"code": "old", "name": null}"#,
            Language::En,
            expect!["? is ? days old."],
        );
        check(r#"{"code": "gone", "a": 1}"#, Language::En, expect!["gone"]);
    }
}
