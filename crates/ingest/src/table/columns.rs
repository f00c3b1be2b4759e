//! Headers: comparing them as people write them, and finding the row they stand in.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::{HEAD_ROWS_MAX, Row, Sheet};

/// The words for each field of a reader, the best word of a field first.
pub(crate) type Words<F> = [(F, &'static [&'static str])];

/// Words by their key.
pub(crate) struct Vocabulary<F> {
    /// Key to rank among the words of its field, and field.
    by_key: BTreeMap<String, (usize, F)>,
}

/// A header cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// From 0.
    pub(crate) column: usize,
    /// As written, in one line.
    pub(crate) text: String,
}

impl<F: Copy + Ord> Vocabulary<F> {
    /// Prepares words.
    pub(crate) fn new(words: &Words<F>) -> Self {
        let mut by_key = BTreeMap::new();
        for (field, words) in words {
            for (rank, word) in words.iter().enumerate() {
                by_key.entry(key(word)).or_insert((rank, *field));
            }
        }
        Self { by_key }
    }

    /// The field that a header names, and how well: 0 is best.
    pub(crate) fn field(&self, header: &str) -> Option<(usize, F)> {
        let whole = key(header);
        let header: String = header.nfkc().collect();
        let before_bracket = key(header
            .split(['(', '[', '【', '〔'])
            .next()
            .unwrap_or_default());
        let without_number = whole.trim_end_matches(|c: char| c.is_ascii_digit());
        [whole.as_str(), &before_bracket, without_number]
            .into_iter()
            .find_map(|key| self.by_key.get(key))
            .copied()
    }

    /// The same with words of which the institution told us; they win.
    pub(crate) fn with(mut self, words: impl IntoIterator<Item = (String, F)>) -> Self {
        self.by_key.extend(
            words
                .into_iter()
                .map(|(word, field)| (key(&word), (0, field))),
        );
        self
    }

    /// The fields that the filled cells of a row name.
    fn fields<'a>(&self, cells: impl Iterator<Item = (usize, &'a str)>) -> BTreeSet<F> {
        cells
            .filter_map(|(_, text)| self.field(text))
            .map(|(_, field)| field)
            .collect()
    }
}

/// The header row of a sheet, as a position in its rows: the one among the first rows that names
/// the most fields, if they are enough.
pub(crate) fn header_row<F: Copy + Ord>(
    sheet: &Sheet,
    words: &Vocabulary<F>,
    is_enough: impl Fn(&BTreeSet<F>) -> bool,
) -> Option<usize> {
    let mut best = None;
    let mut n_best = 0;
    for (position, row) in sheet.rows.iter().take(HEAD_ROWS_MAX).enumerate() {
        let fields = words.fields(row.filled());
        if fields.len() > n_best && is_enough(&fields) {
            (best, n_best) = (Some(position), fields.len());
        }
    }
    best
}

/// The first row with the most cells: the best guess for headers that nobody knows.
pub(crate) fn widest_row(sheet: &Sheet) -> Option<usize> {
    let widths = sheet
        .rows
        .iter()
        .take(HEAD_ROWS_MAX)
        .map(|row| row.filled().count());
    let widest = widths.clone().max()?;
    widths.clone().position(|width| width == widest)
}

/// The filled cells of a header row.
pub(crate) fn headers_of(row: &Row) -> Vec<Header> {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    row.filled()
        .map(|(column, text)| Header {
            column,
            text: one_line(text),
        })
        .collect()
}

/// What is compared of a header or a word: without width, case, blanks, signs and long vowel marks,
/// so that `ＭＡＣ アドレス` is `macアドレス` and サーバー is サーバ.
pub(crate) fn key(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace() && !is_sign(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_sign(c: char) -> bool {
    matches!(
        c,
        'ー' | '・' | '‐' | '－' | '―' | '、' | '。' | '「' | '」' | '【' | '】' | '■' | '※'
    ) || c.is_ascii_punctuation()
}

/// Whether a header tells of patients, whose data Sonae must not store.
pub(crate) fn is_patient(header: &str) -> bool {
    let key = key(header);
    [
        "患者",
        "カルテ番号",
        "カルテno",
        "診察券",
        "保険証",
        "被保険者",
        "病名",
        "patientid",
        "patientname",
    ]
    .iter()
    .any(|word| key.contains(&self::key(word)))
}

/// Whether a header is a birthday, which no list of ours needs.
pub(crate) fn is_birthday(header: &str) -> bool {
    key(header).contains("生年月日")
}

/// Whether a header tells of passwords themselves, not of rules about them.
pub(crate) fn is_password(header: &str) -> bool {
    let key = key(header);
    let holds = |words: &[&str]| words.iter().any(|word| key.contains(&self::key(word)));
    holds(&[
        "パスワード",
        "暗証番号",
        "password",
        "passwd",
        "passphrase",
        "合言葉",
    ]) && !holds(&[
        "変更日",
        "変更周期",
        "変更頻度",
        "最終変更",
        "期限",
        "期間",
        "ポリシー",
        "有無",
        "桁",
        "方針",
        "policy",
        "expire",
        "changed",
        "length",
    ])
}
