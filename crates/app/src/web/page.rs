//! The frame that every page has: title, menu, who is signed in, language and theme, a notice.

use std::fmt::Display;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use sonae_domain::answer::Institution;
use sonae_domain::era;
use sonae_domain::labels::Language;

use super::addressed::addressed;
use super::assets;
use super::problem::Problem;
use super::visit::Visitor;
use super::words::Words;
use crate::usecase::workspace::Workspace;

/// How pages look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme with this word; what the system prefers for any other.
    pub(crate) fn of_word(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// The menu: path, key of its word, icon.
const MENU: [(&str, &str, &str); 9] = [
    ("/", "menu.home", "today"),
    ("/checklist", "menu.checklist", "checklist"),
    ("/ledger", "menu.ledger", "ledger"),
    ("/evidence", "menu.evidence", "evidence"),
    ("/contradictions", "menu.contradictions", "contradictions"),
    ("/deadlines", "menu.deadlines", "deadlines"),
    ("/forms", "menu.forms", "forms"),
    ("/history", "menu.history", "history"),
    ("/settings", "menu.settings", "settings"),
];

/// An entry of the menu.
pub(crate) struct MenuEntry {
    pub(crate) path: &'static str,
    pub(crate) word: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) is_here: bool,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) words: Words,
    pub(crate) title: String,
    pub(crate) theme: Theme,
    /// Path and query, to come back to after language or theme was changed.
    pub(crate) place: String,
    /// The institution that it shows, where there is one.
    pub(crate) institution: Option<Institution>,
    /// The addresses shown open on this machine only.
    pub(crate) is_only_here: bool,
    /// What to do when the form of this year is not at hand.
    pub(crate) missing_edition: Option<String>,
    /// Name of the person, where somebody is signed in.
    pub(crate) person: Option<String>,
    /// May look at more than one institution.
    pub(crate) has_institutions: bool,
    /// What was just done, by the key that the redirect carried.
    pub(crate) notice: Option<&'static str>,
}

impl Page {
    pub(crate) fn new(visitor: &Visitor, title: String) -> Self {
        let entry = visitor.entry();
        let workspace = entry.and_then(|entry| entry.workspace.as_ref());
        Self {
            words: visitor.words(),
            title,
            theme: visitor.theme,
            place: visitor.place.clone(),
            institution: workspace.map(|workspace| workspace.institution.clone()),
            is_only_here: visitor.is_only_here(),
            missing_edition: workspace.and_then(|it| missing_edition(it, visitor.words())),
            person: entry.map(|entry| entry.person.name.clone()),
            has_institutions: entry
                .is_some_and(|entry| entry.n_institutions > 1 || entry.person.is_operator),
            notice: notice(visitor),
        }
    }

    /// Where a form of this page is sent, and for which institution it was shown. Each form of an
    /// institution asks for its action here.
    pub(crate) fn form_action(&self, path: impl Display) -> String {
        let path = path.to_string();
        match &self.institution {
            Some(institution) => addressed(&path, &institution.id),
            None => path,
        }
    }

    /// Under which what is typed in a form of this page is kept in the browser until it is saved: the
    /// same form of another institution is another one.
    pub(crate) fn draft(&self, form: impl Display) -> String {
        match &self.institution {
            Some(institution) => format!("{}/{form}", institution.id),
            None => form.to_string(),
        }
    }

    /// A word by its key.
    pub(crate) fn w(&self, key: &str) -> &'static str {
        self.words.get(key)
    }

    /// The language in the word that `lang` takes.
    pub(crate) fn lang(&self) -> &'static str {
        self.words.language.pick("ja", "en")
    }

    pub(crate) fn is_japanese(&self) -> bool {
        self.words.language == Language::Ja
    }

    /// Where a file of ours is served.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// The theme that the switch leads to.
    pub(crate) fn other_theme(&self) -> Theme {
        match self.theme {
            Theme::Dark => Theme::Light,
            Theme::Auto | Theme::Light => Theme::Dark,
        }
    }

    /// What the switch says.
    pub(crate) fn other_theme_word(&self) -> &'static str {
        match self.other_theme() {
            Theme::Dark => self.w("frame.theme_dark"),
            Theme::Auto | Theme::Light => self.w("frame.theme_light"),
        }
    }

    /// The menu, with the entry of this page marked.
    pub(crate) fn menu(&self) -> Vec<MenuEntry> {
        let here = self.place.split('?').next().unwrap_or_default();
        let is_below = |path: &str| {
            here.strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let entry = |(path, key, icon): &(&'static str, &str, &'static str)| MenuEntry {
            path,
            word: self.w(key),
            icon,
            is_here: here == *path || (*path != "/" && is_below(path)),
        };
        MENU.iter().map(entry).collect()
    }
}

fn missing_edition(workspace: &Workspace, words: Words) -> Option<String> {
    let year = workspace.missing_year()?;
    let name = match words.language {
        Language::Ja => era::format_fiscal_year(year),
        Language::En => format!("FY{year}"),
    };
    let key = match workspace.is_published(year) {
        true => "frame.edition_published",
        false => "frame.edition_missing",
    };
    Some(words.with(key, &[("year", &name)]))
}

/// After a change the browser is sent on with `?done=KEY`; only keys that we wrote are shown.
fn notice(visitor: &Visitor) -> Option<&'static str> {
    let query = visitor.place.split_once('?')?.1;
    let key = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("done="))?;
    let key = format!("done.{key}");
    visitor.words().has(&key).then(|| visitor.words().get(&key))
}

/// Renders a template as a page.
///
/// # Errors
/// The template fails, which is a mistake of ours.
pub(crate) fn render(template: &impl Template) -> Result<Response, Problem> {
    Ok(Html(template.render()?).into_response())
}
