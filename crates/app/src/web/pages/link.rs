//! The page of an address that opens without an account, shown once to whoever made it.

use askama::Template;
use jiff::Timestamp;

use crate::usecase::printing::qr;
use crate::web::page::Page;
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What the address is for, in words.
pub(super) struct LinkWords {
    /// Path and title of the list that it belongs to.
    pub(super) list: (&'static str, &'static str),
    /// Who is to get it.
    pub(super) name: String,
    pub(super) title: &'static str,
    pub(super) lead: String,
    /// Of the picture.
    pub(super) qr: &'static str,
    /// What whoever knows it can do.
    pub(super) text: &'static str,
    /// Leads on to what it opens.
    pub(super) back: &'static str,
}

#[derive(Template)]
#[template(path = "link.html")]
pub(super) struct LinkPage {
    page: Page,
    words: LinkWords,
    /// What it opens, for the institution.
    path: String,
    url: String,
    qr: String,
    ends_at: String,
}

impl LinkPage {
    pub(super) fn of(
        visit: &Visit,
        words: LinkWords,
        path: String,
        (url, ends_at): (String, Timestamp),
    ) -> Result<Self, Problem> {
        Ok(Self {
            page: visit.page_named(words.title),
            qr: qr("link", words.qr, &url)?,
            ends_at: visit.words().moment(ends_at),
            words,
            path,
            url,
        })
    }
}
