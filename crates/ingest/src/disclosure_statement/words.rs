//! How vendors write: headers of columns, answers and marks, and what a file says of itself.

use sonae_domain::disclosure::{DisclosureAnswer, DisclosureEdition, DisclosureKind};
use unicode_normalization::UnicodeNormalization;

use crate::labels::tables::FORMULA;
use crate::table::{Vocabulary, Words};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Number,
    Question,
    Yes,
    No,
    NotApplicable,
    Answer,
    Note,
}

const FIELDS: &Words<Field> = &[
    (
        Field::Number,
        &[
            "No",
            "番号",
            "項番",
            "項目番号",
            "質問番号",
            "設問番号",
            "通番",
        ],
    ),
    (
        Field::Question,
        &[
            "質問",
            "質問項目",
            "質問事項",
            "質問内容",
            "設問",
            "設問内容",
            "項目",
            "チェック項目",
            "確認項目",
            "開示項目",
            "開示内容",
            "内容",
            "評価項目",
        ],
    ),
    (Field::Yes, &["はい"]),
    (Field::No, &["いいえ"]),
    (Field::NotApplicable, &["対象外"]),
    (
        Field::Answer,
        &[
            "回答",
            "回答欄",
            "回答選択",
            "選択",
            "選択欄",
            "はい・いいえ・対象外",
            "はい・いいえ",
            "確認結果",
            "チェック",
            "チェック欄",
            "チェック結果",
            "結果",
        ],
    ),
    (
        Field::Note,
        &[
            "備考",
            "備考欄",
            "特記事項",
            "補足",
            "補足説明",
            "説明",
            "コメント",
        ],
    ),
];

pub(super) fn fields() -> Vocabulary<Field> {
    Vocabulary::new(FIELDS)
}

/// What stands beside a label above or below the questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    Vendor,
    Product,
    Version,
    Day,
}

const FACTS: &Words<Fact> = &[
    (
        Fact::Vendor,
        &[
            "製造業者名",
            "製造業者",
            "製造業者名称",
            "サービス事業者名",
            "サービス事業者",
            "サービス事業者名称",
            "製造業者/サービス事業者",
            "製造業者/サービス事業者名",
            "事業者名",
            "事業者名称",
            "会社名",
            "企業名",
            "法人名",
        ],
    ),
    (
        Fact::Product,
        &[
            "製品名",
            "製品名称",
            "サービス名",
            "サービス名称",
            "製品・サービス名",
            "製品/サービス名",
            "製品/サービス名称",
            "システム名",
            "システム名称",
            "商品名",
        ],
    ),
    (
        Fact::Version,
        &[
            "バージョン",
            "製品バージョン",
            "バージョン番号",
            "版数",
            "製品の版",
        ],
    ),
    (
        Fact::Day,
        &[
            "作成日",
            "作成年月日",
            "記入日",
            "開示日",
            "発行日",
            "改訂日",
            "更新日",
        ],
    ),
];

pub(super) fn facts() -> Vocabulary<Fact> {
    Vocabulary::new(FACTS)
}

/// The three answers as people write them.
const ANSWERS: [(DisclosureAnswer, &[&str]); 3] = [
    (DisclosureAnswer::Yes, &["はい", "ハイ"]),
    (DisclosureAnswer::No, &["いいえ", "イイエ"]),
    (DisclosureAnswer::NotApplicable, &["対象外"]),
];

/// Marks that say: this one.
const FILLED: &str = "■●◉☑✓✔レ☒✅◆▣v";
/// Marks that say: this one, where they are the only one. Some print them for all to choose from.
const RINGS: &str = "○◯〇◎⭕";
/// Marks that wait to be filled.
const OPEN: &str = "□☐◻▢◇";

/// The sign before an answer, or alone in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Filled,
    Ring,
    Open,
}

fn mark(c: char) -> Option<Mark> {
    match c {
        _ if FILLED.contains(c) => Some(Mark::Filled),
        _ if RINGS.contains(c) => Some(Mark::Ring),
        _ if OPEN.contains(c) => Some(Mark::Open),
        _ => None,
    }
}

/// An answer that is printed in a cell, and the mark before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Printed {
    answer: DisclosureAnswer,
    mark: Option<Mark>,
}

/// What a cell in the column of one answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellMark {
    /// Nothing, or a box to tick.
    Blank,
    /// This one.
    Set,
    /// Something else.
    Odd,
}

/// The answers that a cell prints; nothing if it says anything else.
pub(super) fn printed(cell: &str) -> Option<Vec<Printed>> {
    let text = folded(cell);
    let mut rest = text.as_str();
    let mut found = Vec::new();
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let word = ANSWERS.iter().find_map(|(answer, words)| {
            let rest = words.iter().find_map(|word| rest.strip_prefix(word))?;
            Some((*answer, rest))
        });
        if let Some((answer, after)) = word {
            found.push(Printed {
                answer,
                mark: before.take(),
            });
            rest = after;
            continue;
        }
        let is_remark = !found.is_empty() && (c == '(' || rest.starts_with("備考") || c == '※');
        if is_remark {
            break;
        }
        match mark(c) {
            Some(_) if before.is_some() => return None,
            Some(mark) => before = Some(mark),
            None if "・/|,、。:;()[]".contains(c) => {}
            None => return None,
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    (!found.is_empty() && before.is_none()).then_some(found)
}

/// The one answer that is meant, if one is.
pub(super) fn meant(printed: &[Printed]) -> Result<DisclosureAnswer, Doubt> {
    let with = |wanted: Mark| printed.iter().filter(move |one| one.mark == Some(wanted));
    let chosen: Vec<&Printed> = match with(Mark::Filled).next() {
        Some(_) => with(Mark::Filled).collect(),
        None => with(Mark::Ring).collect(),
    };
    match (&chosen[..], printed) {
        ([one], _) => Ok(one.answer),
        ([], [only]) if only.mark.is_none() => Ok(only.answer),
        ([], _) => Err(Doubt::NoMark),
        _ => Err(Doubt::TwoMarks),
    }
}

/// Why an answer cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    NoMark,
    TwoMarks,
}

/// What a cell in the column of `answer` says.
pub(super) fn cell_mark(cell: &str, answer: DisclosureAnswer) -> CellMark {
    let text = folded(cell);
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (None, _) => return CellMark::Blank,
        (Some(c), None) => match mark(c) {
            Some(Mark::Open) => return CellMark::Blank,
            Some(Mark::Filled | Mark::Ring) => return CellMark::Set,
            None if "-\u{2010}\u{2015}\u{2212}ー―".contains(c) => return CellMark::Blank,
            None => {}
        },
        _ => {}
    }
    match text.as_str() {
        "true" => return CellMark::Set,
        "false" => return CellMark::Blank,
        _ => {}
    }
    match printed(cell).as_deref() {
        Some([one]) if one.answer == answer => match one.mark {
            Some(Mark::Open) => CellMark::Blank,
            _ => CellMark::Set,
        },
        _ => CellMark::Odd,
    }
}

/// Whether a cell is meant to hold an answer: one or more of the words, nothing else.
pub(super) fn is_answer(cell: &str) -> bool {
    cell != FORMULA && printed(cell).is_some()
}

/// The longest number of a question: `MDS-12-3(a)`.
const NUMBER_CHARS_MAX: usize = 12;

/// Whether a cell is the number of a question: `1`, `1.2`, `1-2(a)`, `①`, `Q3`.
pub(super) fn is_number(cell: &str) -> bool {
    let text = folded(cell);
    let n_chars = text.chars().count();
    let is_short = (1..=NUMBER_CHARS_MAX).contains(&n_chars);
    let n_letters = text.chars().filter(|c| c.is_ascii_alphabetic()).count();
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-()_".contains(c);
    let year = text
        .get(..4)
        .is_some_and(|head| head.bytes().all(|b| b.is_ascii_digit()));
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    is_short && has_digit && !year && n_letters <= 4 && text.chars().all(fits)
}

/// The number before a question in the same cell, as in `1.2 …`, and the question.
pub(super) fn leading_number(cell: &str) -> Option<(&str, &str)> {
    let is_circled = |c: char| ('①'..='⑳').contains(&c);
    let is_part = |c: char| {
        c.nfkc()
            .all(|c| c.is_ascii_alphanumeric() || ".-()_".contains(c))
    };
    let end = match cell.chars().next()? {
        first if is_circled(first) => first.len_utf8(),
        _ => cell.find(|c| !is_part(c) || is_circled(c))?,
    };
    let (number, rest) = cell.split_at(end);
    let is_apart = number.ends_with(['.', '．', ')', '）']) || number.starts_with(is_circled);
    let question = rest.trim_start_matches([' ', '\u{3000}', '\n', '、', '：', ':']);
    let number = number.trim_end_matches(['.', '．']);
    let is_split = is_apart || question.len() < rest.len();
    (is_split && is_number(number) && !question.is_empty()).then_some((number, question))
}

/// Whether a text names this kind of form at all.
pub(super) fn names_the_form(text: &str) -> bool {
    let text = upper(text);
    text.contains("開示書") || has_word(&text, "MDS") || has_word(&text, "SDS")
}

/// Whether a text says that it is about an MDS, an SDS; a title of both says neither.
pub(super) fn kinds(text: &str) -> Vec<DisclosureKind> {
    let mut text = upper(text);
    for both in [
        "MDS/SDS",
        "SDS/MDS",
        "MDS・SDS",
        "製造業者/サービス事業者による",
        "製造業者・サービス事業者による",
    ] {
        text = text.replace(both, "");
    }
    let mut kinds = Vec::new();
    if text.contains("製造業者による") || has_word(&text, "MDS") {
        kinds.push(DisclosureKind::Mds);
    }
    if text.contains("サービス事業者による") || has_word(&text, "SDS") {
        kinds.push(DisclosureKind::Sds);
    }
    kinds
}

/// The edition of the form that a text names. A product has versions too, and so has the guideline:
/// only what follows the name of the form counts.
pub(super) fn edition(text: &str) -> Option<DisclosureEdition> {
    let text = upper(text);
    if text.contains("20-005") {
        return Some(DisclosureEdition::Ver4);
    }
    if text.contains("24-005") {
        return Some(DisclosureEdition::Ver5);
    }
    let after = ["開示書", "MDS", "SDS"].iter();
    let after = after
        .filter_map(|name| text.rfind(name).map(|at| at + name.len()))
        .max()?;
    let rest = text.get(after..)?.split("ガイドライン").next()?;
    let rest = rest.split_once("VER")?.1;
    let rest = rest.strip_prefix("SION").unwrap_or(rest);
    let digits = rest.trim_start_matches(['.', ' ', '\u{3000}']);
    let n_digits = digits.bytes().take_while(u8::is_ascii_digit).count();
    match digits.get(..n_digits)? {
        "" => None,
        "4" => Some(DisclosureEdition::Ver4),
        "5" => Some(DisclosureEdition::Ver5),
        _ => Some(DisclosureEdition::Other),
    }
}

fn upper(text: &str) -> String {
    text.nfkc().flat_map(char::to_uppercase).collect()
}

/// Without width, case, blanks and what emoji carry unseen.
fn folded(cell: &str) -> String {
    cell.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && *c != '\u{fe0f}' && *c != '\u{fe0e}')
        .collect()
}

/// A word that is not part of a longer one: MDS2 is another form.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|after| after.chars().next());
        !joins(before) && !joins(after)
    })
}

/// A label and the value that may stand behind a colon in the same cell.
pub(super) fn label_and_value(cell: &str) -> (&str, Option<&str>) {
    match cell.split_once(['：', ':']) {
        Some((label, value)) => (label, Some(value.trim()).filter(|value| !value.is_empty())),
        None => (cell, None),
    }
}
