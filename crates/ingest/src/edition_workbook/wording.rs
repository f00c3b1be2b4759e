//! What a text on a form is, by its wording alone. The text itself is never changed.

use unicode_normalization::UnicodeNormalization;

use crate::table::key;

/// Headers of columns.
const HEADERS: [&str; 27] = [
    "チェック項目",
    "確認項目",
    "点検項目",
    "項目",
    "チェック内容",
    "確認内容",
    "番号",
    "項番",
    "No",
    "区分",
    "分類",
    "大項目",
    "対象",
    "確認日",
    "確認結果",
    "確認",
    "回答",
    "回答欄",
    "実施状況",
    "日付",
    "目標日",
    "対応目標日",
    "実施目標日",
    "備考",
    "備考欄",
    "記入欄",
    "確認欄",
];

/// Places where a name or a day is to be written.
const BLANKS: [&str; 15] = [
    "医療機関名",
    "薬局名",
    "施設名",
    "事業者名",
    "医療機関薬局名",
    "記入者",
    "記入者名",
    "記入日",
    "確認者",
    "確認者名",
    "担当者",
    "担当者名",
    "責任者名",
    "部署名",
    "連絡先",
];

/// A section title is a few words, not a sentence.
const SECTION_CHARS_MAX: usize = 40;

pub(super) fn is_note(text: &str) -> bool {
    text.starts_with(['*', '＊', '※', '注']) || text.starts_with("（注") || text.starts_with("(注")
}

pub(super) fn is_header(text: &str) -> bool {
    let key = key(text);
    let word = key.as_str();
    rounds(text).is_some()
        || HEADERS.iter().any(|header| {
            let header = self::key(header);
            // `目標日（…）` and `確認日はいいいえ` carry a hint beside the header itself.
            word == header || (header.chars().count() > 2 && is_hinted(word, &header))
        })
}

fn is_hinted(word: &str, header: &str) -> bool {
    word.strip_prefix(header)
        .is_some_and(|rest| is_template(rest) || rest.starts_with("いいえ"))
}

/// The round that a header such as `1回目` or `確認日（2回目）` names.
pub(super) fn rounds(text: &str) -> Option<u8> {
    let key = key(text);
    let (front, rest) = key.split_once("回目")?;
    let digits = front.trim_start_matches(|c: char| !c.is_ascii_digit());
    let is_short = rest.chars().count() <= 8 && front.chars().count() <= 8;
    is_short.then(|| digits.parse().ok()).flatten()
}

/// What is printed where an answer is to be written: nothing but choices, brackets and units.
pub(super) fn is_template(text: &str) -> bool {
    let mut rest: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    for word in [
        "はい",
        "いいえ",
        "記入不要",
        "対象外",
        "令和",
        "年",
        "月",
        "日",
    ] {
        rest = rest.replace(word, "");
    }
    let is_blank = |c: char| c.is_ascii_punctuation() || "・□☐○〇◯／｜_ー―".contains(c);
    rest.chars().all(is_blank)
}

/// Whether a template asks for an answer, not only for a day.
pub(super) fn asks_for_answer(text: &str) -> bool {
    is_template(text) && text.contains("はい") && text.contains("いいえ")
}

pub(super) fn is_title(text: &str) -> bool {
    text.contains("チェックリスト") && !text.contains('。')
}

/// Who answers, for which year: short and without a sentence.
pub(super) fn is_label(text: &str) -> bool {
    let is_short = text.chars().count() <= SECTION_CHARS_MAX && !text.contains('。');
    is_short && (text.contains("確認用") || (year(text).is_some() && !text.contains("について")))
}

pub(super) fn is_blank_field(text: &str) -> bool {
    let key = key(text.trim_end_matches([':', '：']));
    BLANKS.iter().any(|blank| key == self::key(blank))
        || (text.ends_with([':', '：']) && text.chars().count() <= SECTION_CHARS_MAX)
}

pub(super) fn is_group(text: &str) -> bool {
    text.contains("以下を実施") || (text.contains("について、以下") && text.chars().count() <= 60)
}

/// The number of a section such as `1 体制構築`, `２．…` or `【3 …】`.
pub(super) fn section(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let text = text.trim_start_matches(['【', '[', '第']).trim_start();
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(n_digits)?;
    let rest = rest.trim_start_matches(['.', ':', '、', '章', '】']).trim();
    let is_title = (1..=2).contains(&n_digits)
        && rest.chars().count() >= 2
        && text.chars().count() <= SECTION_CHARS_MAX
        && !rest.contains('。')
        && rest.starts_with(|c: char| c.is_alphabetic() && !"年月日回".contains(c));
    is_title.then(|| digits.to_owned())
}

/// A number such as `2-①`, `(2-①)`, `2(1)`, `２－⑫` or `①` at the front or end of a text, as
/// printed but without brackets around it, and the rest of the text.
pub(super) fn number(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    if let Some(n_bytes) = number_length(text) {
        let (number, rest) = text.split_at_checked(n_bytes)?;
        return Some((
            unbracketed(number),
            rest.trim_start_matches(['.', '．', '、', ' ', '　', '\n']),
        ));
    }
    let (start, _) = text
        .char_indices()
        .rev()
        .find(|(_, c)| matches!(c, '(' | '（' | '['))?;
    // `(2(1))` ends with a bracket inside a bracket.
    let inner = text.get(..start).unwrap_or_default().trim_end();
    let starts = [start, inner.rfind(['(', '（']).unwrap_or(start)];
    starts.into_iter().find_map(|start| {
        let (rest, number) = text.split_at_checked(start)?;
        let is_whole = number_length(number) == Some(number.len()) && number.chars().count() > 3;
        is_whole.then(|| (unbracketed(number), rest.trim_end()))
    })
}

/// Brackets around the whole number, not those of `2(1)`.
fn unbracketed(number: &str) -> &str {
    let number = number.trim();
    match number.chars().next() {
        Some('(' | '（' | '[' | '［' | '【') => {
            let inner = number.trim_start_matches(['(', '（', '[', '［', '【']);
            let n_open = inner.matches(['(', '（']).count();
            let n_close = inner.matches([')', '）', ']', '］', '】']).count();
            match n_close > n_open {
                true => inner
                    .strip_suffix([')', '）', ']', '］', '】'])
                    .unwrap_or(inner),
                false => inner,
            }
        }
        _ => number,
    }
    .trim()
}

/// How many bytes of the front are an item's number.
fn number_length(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    let mut skip = |accepts: fn(char) -> bool, at_most: usize| {
        let mut n = 0;
        while n < at_most && chars.next_if(|(_, c)| accepts(*c)).is_some() {
            n += 1;
        }
        (n, chars.peek().map_or(text.len(), |(at, _)| *at))
    };
    let (n_open, _) = skip(|c| "(（[［【".contains(c), 1);
    let (n_major, _) = skip(is_digit, 2);
    skip(char::is_whitespace, 1);
    let (n_dashes, _) = skip(|c| "-－‐−ー–―".contains(c), 1);
    skip(char::is_whitespace, 1);
    let (n_circled, mut end) = skip(is_circled, 1);
    let mut has_minor = n_circled == 1;
    if !has_minor && n_dashes == 1 && n_major > 0 {
        let (n_minor, at) = skip(is_digit, 2);
        (has_minor, end) = (n_minor > 0, at);
    }
    if !has_minor && n_dashes == 0 && n_major > 0 {
        let (n_inner, _) = skip(|c| "(（".contains(c), 1);
        let (n_minor, _) = skip(is_digit, 2);
        let (n_closing, at) = skip(|c| ")）".contains(c), 1);
        (has_minor, end) = (n_inner + n_minor.min(1) + n_closing == 3, at);
    }
    if n_open == 1 {
        let (n_closing, at) = skip(|c| ")）]］】".contains(c), 1);
        (has_minor, end) = (has_minor && n_closing == 1, at);
    }
    has_minor.then_some(end)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// ① to ⑳, ㉑ to ㊿, ⑴ to ⒇.
fn is_circled(c: char) -> bool {
    ('①'..='⒇').contains(&c) || ('㉑'..='㉟').contains(&c) || ('㊱'..='㊿').contains(&c)
}

/// The fiscal year and its label as written: 令和８年度版. A month alone gives the year it lies in.
pub(super) fn year(text: &str) -> Option<Year> {
    let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    for (era, first) in [("令和", 2018), ("平成", 1988), ("", 0)] {
        for (at, _) in plain.match_indices(if era.is_empty() { "20" } else { era }) {
            let rest = plain.get(at + era.len()..).unwrap_or_default();
            let Some((number, after)) = leading_number(rest) else {
                continue;
            };
            let Some(after) = after.strip_prefix('年') else {
                continue;
            };
            let year = first + number;
            if let Some(after) = after.strip_prefix('度') {
                let is_edition = after.starts_with('版');
                return Some(Year {
                    year,
                    is_edition,
                    is_fiscal: true,
                });
            }
            if let Some((month @ 1..=12, after)) = leading_number(after)
                && after.starts_with('月')
            {
                let year = if month >= 4 { year } else { year - 1 };
                return Some(Year {
                    year,
                    is_edition: false,
                    is_fiscal: false,
                });
            }
        }
    }
    None
}

/// A year found on a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Year {
    /// First calendar year of the fiscal year.
    pub(super) year: i16,
    /// Written as 年度版.
    pub(super) is_edition: bool,
    /// Written as 年度.
    pub(super) is_fiscal: bool,
}

fn leading_number(text: &str) -> Option<(i16, &str)> {
    if let Some(rest) = text.strip_prefix('元') {
        return Some((1, rest));
    }
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(n_digits)?;
    (1..=4)
        .contains(&n_digits)
        .then(|| digits.parse().ok())
        .flatten()
        .map(|n| (n, rest))
}

/// What is compared of two wordings: width and blanks do not count.
pub(super) fn wording_key(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_number(text: &str, expected: Option<(&str, &str)>) {
        assert_eq!(number(text), expected, "{text}");
    }

    #[test]
    fn finds_numbers_in_every_style() {
        check_number("2-①", Some(("2-①", "")));
        check_number(
            "（2-①）台帳管理を行っている。",
            Some(("2-①", "台帳管理を行っている。")),
        );
        check_number("(2-①) 台帳", Some(("2-①", "台帳")));
        check_number("２－⑫　停止している。", Some(("２－⑫", "停止している。")));
        check_number("2(1)", Some(("2(1)", "")));
        check_number("2 (10) 台帳", Some(("2 (10)", "台帳")));
        check_number("２（１）台帳", Some(("２（１）", "台帳")));
        check_number("1-2", Some(("1-2", "")));
        check_number("①台帳", Some(("①", "台帳")));
        check_number(
            "台帳管理を行っている。（2-①）",
            Some(("2-①", "台帳管理を行っている。")),
        );
        for text in [
            "1 体制構築",
            "台帳（サーバ）",
            "2027年度",
            "( / )",
            "1",
            "",
            "3つの項目",
            "(1) 注",
        ] {
            check_number(text, None);
        }
    }

    #[test]
    fn tells_texts_apart() {
        for text in [
            "はい・いいえ",
            "はい・いいえ ( / )",
            "（　／　）",
            "( / )",
            "□はい　□いいえ",
            "令和　年　月　日",
        ] {
            assert!(is_template(text), "{text}");
        }
        assert!(!is_template("はい、実施している"));
        for text in [
            "チェック項目",
            "確認日",
            "１回目",
            "目標日（月日）",
            "確認日（2回目）",
            "備 考",
        ] {
            assert!(is_header(text), "{text}");
        }
        assert!(!is_header("項目を満たすこと"));
        for (text, expected) in [
            ("1 体制構築", Some("1")),
            ("２　医療情報システムの管理・運用", Some("2")),
            ("【3 インシデント発生に備えた対応】", Some("3")),
            ("4. 規程類の整備", Some("4")),
            ("1", None),
            ("2027年度", None),
            ("1 年に1回確認している。", None),
        ] {
            assert_eq!(section(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn finds_the_fiscal_year() {
        for (text, expected) in [
            ("令和８年度版 医療機関・薬局における…", Some((2026, true))),
            ("令和8年度中にすべての項目で", Some((2026, false))),
            ("令和8年6月", Some((2026, false))),
            ("令和9年3月", Some((2026, false))),
            ("2026年度版", Some((2026, true))),
            ("令和元年度", Some((2019, false))),
            ("チェックリスト", None),
        ] {
            assert_eq!(
                year(text).map(|year| (year.year, year.is_edition)),
                expected,
                "{text}"
            );
        }
    }
}
