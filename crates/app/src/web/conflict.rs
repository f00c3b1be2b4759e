//! Two people changed the same thing: both versions side by side, and the person chooses.

use askama::Template;

use super::page::Page;

/// Both versions, with what is sent to save the person's own on top.
#[derive(Template)]
#[template(path = "conflict.html")]
pub(crate) struct ConflictPage {
    pub(crate) page: Page,
    /// What both changed.
    pub(crate) what: String,
    pub(crate) theirs: Version,
    pub(crate) yours: Version,
    /// Where it is shown as the other person left it.
    pub(crate) keep: String,
    /// Where the person's own version is sent, with these fields.
    pub(crate) action: String,
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// One version: who, when, and what by label.
pub(crate) struct Version {
    pub(crate) by: String,
    pub(crate) at: Option<String>,
    pub(crate) values: Vec<(String, String)>,
}
