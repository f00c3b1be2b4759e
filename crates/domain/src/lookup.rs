//! Finding the row that a person means: `2-⑤`, `2-5`, `２－⑤`, `2-12:server`, or its id.
//! Official numbers are labels: where two rows share one, the person is asked which.

use unicode_normalization::UnicodeNormalization;

use crate::edition::{Edition, Item};
use crate::ids::FormId;

/// Why no single row was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupError<'a> {
    /// No row of the form is called so.
    Unknown,
    /// Several rows share the number.
    Ambiguous(Vec<&'a Item>),
}

impl Item {
    /// The last part of the id: `unneeded-services-server`.
    pub fn slug(&self) -> &str {
        self.id.as_str().rsplit('/').next().unwrap_or_default()
    }
}

impl Edition {
    /// What to type for a row: `2-5`, or `2-12:server` where the number stands twice on the form.
    pub fn handle(&self, item: &Item) -> String {
        let number = number_key(&item.number);
        let shared = self
            .items_of(&item.form)
            .filter(|other| number_key(&other.number) == number)
            .count()
            > 1;
        match &item.group {
            Some(group) if shared => format!("{number}:{group}"),
            _ => number,
        }
    }
}

/// Finds a row of a form by number, number and group, slug or id.
///
/// # Errors
/// No such row, or several with this number.
pub fn find<'a>(
    edition: &'a Edition,
    form: &'a FormId,
    typed: &str,
) -> Result<&'a Item, LookupError<'a>> {
    let (number, group) = number_and_group(typed);
    let found: Vec<&Item> = edition
        .items_of(form)
        .filter(|item| {
            item.id.as_str() == typed
                || item.slug() == typed
                || (number_key(&item.number) == number
                    && group.is_none_or(|group| item.group.as_deref() == Some(group)))
        })
        .collect();
    match found[..] {
        [] => Err(LookupError::Unknown),
        [item] => Ok(item),
        _ => Err(LookupError::Ambiguous(found)),
    }
}

/// Words of people for the groups of rows that share a number, after NFKC and in lower case.
const GROUP_WORDS: [(&str, &[&str]); 3] = [
    ("server", &["server", "サーバ", "サーバー"]),
    ("terminal", &["terminal", "端末pc", "端末", "pc"]),
    ("network", &["network", "ネットワーク機器", "ネットワーク"]),
];

/// `2-12:server`, `2-12サーバ` and `2-⑫：端末PC` are a number and a group.
fn number_and_group(typed: &str) -> (String, Option<&'static str>) {
    let typed: String = typed.nfkc().collect::<String>().trim().to_lowercase();
    for (group, words) in GROUP_WORDS {
        for word in words {
            if let Some(number) = typed.strip_suffix(word) {
                return (number_key(number), Some(group));
            }
        }
    }
    (number_key(&typed), None)
}

/// The number in one spelling: `2-⑫`, `２－12`, `2-(12)` and `2 (12)` are all `2-12`.
pub fn number_key(number: &str) -> String {
    let mut key = String::new();
    for c in number.nfkc() {
        match c {
            '0'..='9' => key.push(c),
            c if c.is_ascii_alphabetic() => key.push(c.to_ascii_lowercase()),
            // Every other sign, also the many hyphens of Japanese keyboards, only separates.
            _ if key.is_empty() || key.ends_with('-') => {}
            _ => key.push('-'),
        }
    }
    key.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_many_names() {
        for (typed, expected) in [
            ("2-12:server", ("2-12", Some("server"))),
            ("2-12サーバ", ("2-12", Some("server"))),
            ("2-⑫：端末PC", ("2-12", Some("terminal"))),
            ("2-⑫端末", ("2-12", Some("terminal"))),
            ("2-12", ("2-12", None)),
        ] {
            let (number, group) = number_and_group(typed);
            assert_eq!((number.as_str(), group), expected, "{typed}");
        }
    }

    #[test]
    fn numbers_have_one_spelling() {
        for (typed, key) in [
            ("2-⑫", "2-12"),
            ("２－⑫", "2-12"),
            ("2-12", "2-12"),
            ("2-(12)", "2-12"),
            ("2 (3)", "2-3"),
            ("2ー⑤", "2-5"),
            ("(2-①)", "2-1"),
            ("", ""),
        ] {
            assert_eq!(number_key(typed), key, "{typed}");
        }
    }
}
