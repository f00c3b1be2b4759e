//! The page on which an inspector writes remarks without a network (`remarks.html`), and saves them as a
//! file for the institution; see `docs/reference/remarks.md`.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sonae_domain::era;
use sonae_domain::ids::RecordId;
use sonae_domain::inspection::{RemarkFile, RemarkState};
use sonae_domain::labels::{Label, Language};

use super::contents::{Contents, RemarkEntry};
use super::page::STYLE;
use crate::usecase::failure::Failure;
use crate::usecase::labels;

/// What the page does; it has no words of its own.
const SCRIPT: &str = include_str!("../../../../../templates/web/package_remarks.js");

#[derive(Template)]
#[template(path = "package_remarks.html")]
struct RemarkPage<'a> {
    contents: &'a Contents,
    policy: String,
    style: &'static str,
    script: &'static str,
    short_code: String,
    /// The file without remarks, which the page fills.
    file: String,
    /// Id, number and wording of each row.
    rows: Vec<Choice<'a>>,
    /// Made at inspections before.
    earlier: Vec<Earlier<'a>>,
}

/// A row that a remark can be about.
struct Choice<'a> {
    id: &'a str,
    number: &'a str,
    wording: &'a str,
}

/// A remark that was made before, with what was done about it.
struct Earlier<'a> {
    id: &'a RecordId,
    number: Option<&'a str>,
    entry: &'a RemarkEntry,
    inspected_on: String,
    state: &'static str,
    done_on: Option<String>,
    /// When the correction was recorded; empty where there is none.
    correction_at: String,
    may_settle: bool,
}

/// The page of a package with these contents.
///
/// # Errors
/// The page cannot be written.
pub(super) fn render(contents: &Contents) -> Result<String, Failure> {
    let failed = || Failure::unexpected(labels::package_not_verified());
    let root = hex::encode(contents.checkpoint.checkpoint.root);
    // Who inspects is typed on the page.
    let file = RemarkFile::new(contents.about.institution.clone(), root, String::new());
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let items = contents.form.items.iter();
    let page = RemarkPage {
        contents,
        policy: format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
             form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        ),
        style: STYLE,
        script: SCRIPT,
        short_code: contents.checkpoint.checkpoint.short_code().to_string(),
        file: in_html(&file).map_err(|source| failed().because(source))?,
        rows: items
            .map(|item| Choice {
                id: item.item.as_str(),
                number: &item.number,
                wording: &item.wording,
            })
            .collect(),
        earlier: contents
            .remarks
            .iter()
            .map(|entry| earlier(contents, entry))
            .collect(),
    };
    page.render().map_err(|source| failed().because(source))
}

/// JSON that can stand in a page: no sign of it begins markup.
fn in_html(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

fn earlier<'a>(contents: &'a Contents, entry: &'a RemarkEntry) -> Earlier<'a> {
    let said = &entry.remark.said;
    let mut items = contents.form.items.iter();
    let item = items.find(|item| Some(&item.item) == said.item.as_ref());
    let state = entry.remark.state(contents.about.as_of);
    let correction = entry.remark.correction.as_ref();
    Earlier {
        id: &said.id,
        number: item.map(|item| item.number.as_str()),
        entry,
        inspected_on: era::format_era(entry.inspected_on),
        state: state.label(Language::Ja),
        correction_at: correction
            .map(|it| it.stamp.at.to_string())
            .unwrap_or_default(),
        done_on: correction.map(|correction| era::format_era(correction.done_on)),
        may_settle: state != RemarkState::Settled,
    }
}
