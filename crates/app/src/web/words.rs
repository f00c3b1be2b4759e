//! The words of the pages: `data/words/<language>/<area>.toml`, one key in both languages.
//! A sentence may hold places as `{name}`. What a use case or the domain says is not here.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use rust_embed::RustEmbed;
use sonae_domain::labels::Language;

#[derive(RustEmbed)]
#[folder = "../../data/words"]
#[include = "*.toml"]
struct Files;

/// The sentences of one language by `area.key`.
type Sentences = BTreeMap<String, String>;

static JA: LazyLock<Sentences> = LazyLock::new(|| sentences("ja"));
static EN: LazyLock<Sentences> = LazyLock::new(|| sentences("en"));

/// The words of one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) language: Language,
}

impl Words {
    pub(crate) fn of(language: Language) -> Self {
        Self { language }
    }

    /// The sentence of a key. A key that nobody wrote is shown as a mark; a test finds it.
    pub(crate) fn get(self, key: &str) -> &'static str {
        self.all().get(key).map_or("\u{fffd}", String::as_str)
    }

    /// The sentence of a key with its places filled.
    pub(crate) fn with(self, key: &str, places: &[(&str, &dyn Display)]) -> String {
        places
            .iter()
            .fold(self.get(key).to_owned(), |sentence, (name, value)| {
                sentence.replace(&format!("{{{name}}}"), &value.to_string())
            })
    }

    /// Whether there is such a sentence.
    pub(crate) fn has(self, key: &str) -> bool {
        self.all().contains_key(key)
    }

    fn all(self) -> &'static Sentences {
        self.language.pick(&JA, &EN)
    }
}

fn sentences(language: &str) -> Sentences {
    let mut all = Sentences::new();
    for path in Files::iter() {
        let Some(area) = path
            .strip_prefix(language)
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|rest| rest.strip_suffix(".toml"))
        else {
            continue;
        };
        let Some(file) = Files::get(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&file.data);
        let of_area: BTreeMap<String, String> = toml::from_str(&text).unwrap_or_default();
        let named = of_area.into_iter();
        all.extend(named.map(|(key, sentence)| (format!("{area}.{key}"), sentence)));
    }
    all
}
