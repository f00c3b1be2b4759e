//! The asset ledger (機器台帳) on paper, as a workbook and as CSV.
//! Headers and order are the ones that the ledger's reader knows, so that a file comes back whole.

mod csv;
mod print;
mod workbook;

use std::borrow::Cow;

use jiff::civil::Date;
use sonae_domain::ledger::{Asset, AssetRecord};

use crate::labels;

pub use csv::{CsvEncoding, ledger_csv, table_csv};
pub use print::{LEDGER_PDF_ROWS_MAX, ledger_pdf};
pub use workbook::ledger_xlsx;

/// The ledger of one institution.
#[derive(Debug, Clone)]
pub struct LedgerSheet<'a> {
    /// Printed on top.
    pub institution: &'a str,
    /// In the order in which they shall stand in a file; on paper they are sorted by place.
    pub assets: &'a [Asset],
    /// Printed on top: the day for which the ledger speaks.
    pub generated_on: Date,
    /// Whether it says by what devices are found on the network. Where it does not, the headers say so.
    pub network_details: bool,
}

/// Serial number, MAC and IP addresses, id in the directory; as positions in [`labels::LEDGER_HEADERS`].
const NETWORK_COLUMNS: std::ops::RangeInclusive<usize> = 8..=11;

impl<'a> LedgerSheet<'a> {
    fn headers(&self) -> [Cow<'static, str>; 20] {
        let mut headers = labels::LEDGER_HEADERS.map(Cow::Borrowed);
        if !self.network_details {
            for header in &mut headers[NETWORK_COLUMNS] {
                *header = labels::left_out(header).into();
            }
        }
        headers
    }

    /// The cells of a device, in the order of the headers.
    fn cells(&self, asset: &'a Asset) -> [Cell<'a>; 20] {
        let mut cells = cells(asset);
        if !self.network_details {
            cells[NETWORK_COLUMNS].fill(Cell::Text(""));
        }
        cells
    }
}

/// A cell of the ledger as what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell<'a> {
    Text(&'a str),
    /// Several addresses of one device.
    List(&'a std::collections::BTreeSet<String>),
    Day(Option<Date>),
}

impl Cell<'_> {
    /// As text, where there is only text: lists separated by a space, days as `2026-03-31`.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::List(texts) => texts
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" "),
            Self::Day(day) => day.map(|day| day.to_string()).unwrap_or_default(),
        }
    }
}

/// Everything about a device, in the order of [`labels::LEDGER_HEADERS`].
fn cells(asset: &Asset) -> [Cell<'_>; 20] {
    let AssetRecord {
        kind,
        name,
        location,
        usability,
        system,
        vendor,
        maker,
        model,
        serial,
        macs,
        ips,
        directory_id,
        os,
        os_version,
        remote_maintenance,
        owner,
        acquired_on,
        support_ends_on,
        note,
    } = &asset.record;
    [
        Cell::Text(labels::official(*kind)),
        Cell::Text(name),
        optional(location),
        optional(usability),
        optional(system),
        optional(vendor),
        optional(maker),
        optional(model),
        optional(serial),
        Cell::List(macs),
        Cell::List(ips),
        optional(directory_id),
        optional(os),
        optional(os_version),
        Cell::Text(labels::official(*remote_maintenance)),
        optional(owner),
        Cell::Day(*acquired_on),
        Cell::Day(*support_ends_on),
        optional(note),
        Cell::Text(asset.id.as_str()),
    ]
}

fn optional(text: &Option<String>) -> Cell<'_> {
    Cell::Text(text.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests;
