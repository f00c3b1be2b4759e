//! How pages show days, times, sizes and places in files.

use std::fmt::Display;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::evidence::Place;

use super::page::Page;

impl Page {
    /// A day as people write it.
    pub(crate) fn day(&self, day: &Date) -> String {
        self.words.day(*day)
    }

    /// An instant by the clocks of Japan, to the minute.
    pub(crate) fn moment(&self, at: &Timestamp) -> String {
        self.words.moment(*at)
    }

    /// A sentence with one number in the place `{n}`.
    pub(crate) fn n(&self, key: &str, n: impl Display) -> String {
        self.words.with(key, &[("n", &n)])
    }

    /// What the domain or a use case says, in the language of the page.
    pub(crate) fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.words.language)
    }

    /// A size in the unit that leaves few digits.
    pub(crate) fn size(&self, n_bytes: &i64) -> String {
        const KIB: i64 = 1024;
        const MIB: i64 = 1024 * KIB;
        match *n_bytes {
            n if n >= MIB => format!("{}.{} MB", n / MIB, n % MIB * 10 / MIB),
            n if n >= KIB => format!("{} KB", n / KIB),
            n => format!("{n} B"),
        }
    }

    /// Where in a file: sheet, row, column.
    pub(crate) fn place(&self, place: &Place) -> String {
        let row = place.row.map(|row| self.n("evidence.row", row));
        let parts = [place.part.clone(), row, place.column.clone()];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join(" ")
    }
}
