//! Every sentence that a reader says to a user, in Japanese and English.

pub(crate) mod machine;
pub(crate) mod tables;

use sonae_domain::edition::Text;

/// Both languages of a sentence.
pub(crate) fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: en.into() }
}
