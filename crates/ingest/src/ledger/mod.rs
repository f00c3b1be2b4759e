//! The ledger (機器台帳) that an institution keeps by hand or exports from an asset product.
//!
//! Supported: CSV, TSV and XLSX; several sheets; title lines above the header; headers in Japanese
//! or English, or as the institution's own mapping names them; several MAC and IP addresses in a
//! cell or in several columns; days with eras. Rows of totals (合計) are no devices.
//! Not supported: headers in two rows, devices in columns, XLS and ODS. Numbers of assets (資産番号)
//! have no field and are not read: in the note they would replace what another file said there. Columns about patients and
//! passwords are refused with the whole file.

mod detect;
mod mapping;
mod preview;
mod read;
mod words;

#[cfg(test)]
mod tests;

pub use mapping::{ColumnMapping, Field, field_of, suggest};
pub use preview::{Preview, preview};
use sonae_domain::edition::Text;
use sonae_domain::ledger::AssetField;

pub use crate::text::Encoding;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: FORMAT,
    version: 2,
    detect: detect::detect,
    read: read::read,
};

const FORMAT: &str = "ledger";

/// What a field of the ledger is called on screen.
pub fn field_text(field: AssetField) -> Text {
    crate::labels::tables::asset_field(field)
}
