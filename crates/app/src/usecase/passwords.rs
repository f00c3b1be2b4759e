//! Which passwords are taken: long enough, and not made of what everybody would try first. Checked
//! when one is set, never when one is typed to come in; how they are kept is in `secrets`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sonae_domain::edition::Text;
use unicode_normalization::UnicodeNormalization;

use super::labels;

/// The guideline's figure for a password that stands alone
/// (医療情報システムの安全管理に関するガイドライン 第6.0版, システム運用編 14.1).
pub(crate) const LENGTH_MIN: usize = 13;

/// The same place: enough where a second factor is asked for too.
pub(crate) const LENGTH_MIN_WITH_SECOND_FACTOR: usize = 8;

/// Longer than any sentence that somebody types; hashing must not become an attack.
pub(crate) const LENGTH_MAX: usize = 128;

/// A word shorter than this proves nothing when it is found in a password.
const WORD_LENGTH_MIN: usize = 4;

/// Names of people and institutions may be short: 備え診療所.
const NAME_LENGTH_MIN: usize = 3;

/// Three words together are a phrase that nobody guesses; one or two with a few letters are not.
const WORDS_MAX: usize = 2;

/// So many letters beside the words that everybody knows, and it is no longer one of them.
const OWN_LETTERS_MIN: usize = 4;

/// Words that passwords are made of, ours: see the head of the tests for what they catch.
static COMMON: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../../../data/common_passwords.txt")
        .lines()
        .collect()
});

/// Whose password it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    /// Login name, name, names of institutions: words that others know.
    pub(crate) names: &'a [&'a str],
    pub(crate) has_second_factor: bool,
}

/// Refuses a password that is short, endless, or easily guessed.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(crate) fn check(password: &str, owner: Owner<'_>) -> Result<(), Text> {
    let plain = normalised(password);
    let length = plain.chars().count();
    let length_min = match owner.has_second_factor {
        true => LENGTH_MIN_WITH_SECOND_FACTOR,
        false => LENGTH_MIN,
    };
    if length < length_min {
        return Err(labels::password_short(length_min));
    }
    if length > LENGTH_MAX {
        return Err(labels::password_long(LENGTH_MAX));
    }
    match is_guessable(&plain.to_lowercase(), owner.names) {
        true => Err(labels::password_common()),
        false => Ok(()),
    }
}

/// A password as it is hashed: full-width and half-width letters are the same.
pub(crate) fn normalised(password: &str) -> String {
    password.nfkc().collect()
}

fn is_guessable(plain: &str, names: &[&str]) -> bool {
    let letters: Vec<char> = plain.chars().collect();
    let names: BTreeSet<String> = names
        .iter()
        .flat_map(|name| words_of_name(name))
        .filter(|name| name.chars().count() >= NAME_LENGTH_MIN)
        .collect();
    is_run(&letters) || is_known_words(&letters, &names)
}

/// `Yamada Hanako` is known whole, without its spaces, and by its parts.
fn words_of_name(name: &str) -> Vec<String> {
    let name = normalised(name).to_lowercase();
    let parts = name.split(|c: char| !c.is_alphanumeric());
    let mut words: Vec<String> = parts.map(str::to_owned).collect();
    words.push(name.split_whitespace().collect());
    words.push(name);
    words
}

/// `1234567890123`, `aaaaaaaaaaaaa`: each letter follows from the one before.
fn is_run(letters: &[char]) -> bool {
    let follows = |pair: &[char]| match pair {
        [a, b] => (*a as u32).abs_diff(*b as u32) <= 1,
        _ => false,
    };
    let n_following = letters.windows(2).filter(|pair| follows(pair)).count();
    n_following + OWN_LETTERS_MIN > letters.len()
}

/// Hardly more than one or two words that everybody knows, with digits and signs around them.
fn is_known_words(letters: &[char], names: &BTreeSet<String>) -> bool {
    let (mut at, mut n_words) = (0, 0);
    let mut own = BTreeSet::new();
    while let Some(letter) = letters.get(at) {
        match known_word_at(letters, at, names) {
            Some(length) => {
                n_words += 1;
                at += length;
            }
            None => {
                if letter.is_alphabetic() {
                    own.insert(*letter);
                }
                at += 1;
            }
        }
    }
    n_words <= WORDS_MAX && own.len() < OWN_LETTERS_MIN
}

/// The length of the longest known word that begins here.
fn known_word_at(letters: &[char], at: usize, names: &BTreeSet<String>) -> Option<usize> {
    let rest = letters.get(at..)?;
    (NAME_LENGTH_MIN..=rest.len()).rev().find(|length| {
        let word: String = rest.iter().take(*length).collect();
        let is_common = *length >= WORD_LENGTH_MIN && COMMON.contains(word.as_str());
        is_common || names.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(password: &str, has_second_factor: bool, expected: Expect) {
        let owner = Owner {
            names: &["hanako.yamada", "山田 花子", "備え診療所"],
            has_second_factor,
        };
        let said = super::check(password, owner).map_err(|text| text.en);
        expected.assert_eq(&said.err().unwrap_or_default());
    }

    #[test]
    fn a_password_is_long_enough_for_what_else_is_asked() {
        let short = expect!["The password is too short. Use at least 13 characters."];
        check("kV7-drossel!", false, short);
        check("kV7-drossel!x", false, expect![""]);
        check("kV7-drop", true, expect![""]);
        let short = expect!["The password is too short. Use at least 8 characters."];
        check("kV7-dro", true, short);
        let long = expect!["The password is too long. Use at most 128 characters."];
        check(&"kV7-drossel!x".repeat(10), false, long);
    }

    #[test]
    fn what_everybody_would_try_is_refused() {
        for password in [
            "password123456",
            "PASSWORD!!2026!!",
            "ｐａｓｓｗｏｒｄ１２３４５６",
            "Sakura2026!!!",
            "sakurasakura1",
            "p@ssw0rd-p@ssw0rd",
            "tokyo-hospital-1",
            "1234567890123",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijklm",
            "qwertyuiopasdfghjkl",
            "0312345678-090",
            "hanako.yamada1",
            "山田花子山田花子2026!",
            "備え診療所2026!!!!",
            "abababababababab",
        ] {
            let owner = Owner {
                names: &["hanako.yamada", "山田 花子", "備え診療所"],
                has_second_factor: false,
            };
            assert!(super::check(password, owner).is_err(), "{password}");
        }
    }

    #[test]
    fn a_phrase_of_ordinary_words_is_taken() {
        for password in [
            "sakura tokyo ramen neko",
            "correct horse battery",
            "朝のコーヒーは砂糖なしで飲む",
            "xK9-vurmt-24-qe",
        ] {
            check(password, false, expect![""]);
        }
    }
}
