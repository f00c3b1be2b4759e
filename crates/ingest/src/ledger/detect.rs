//! Recognises a ledger by its header row.

use std::collections::BTreeSet;

use sonae_domain::ledger::AssetField;

use super::mapping::{self, ColumnMapping};
use crate::Input;
use crate::table::{self, Scope, Sheet};

/// Whether a sheet has the header row of a ledger. A workbook that cannot be read counts as well, so
/// that the user is told why.
pub(super) fn detect(input: &Input<'_>) -> bool {
    match table::load(super::FORMAT, input.bytes, Scope::Head) {
        Ok(table) => table
            .sheets
            .iter()
            .any(|sheet| header_row(sheet, input.mapping).is_some()),
        Err(_) => table::is_workbook(input.bytes),
    }
}

/// The position of the header row among the rows of a sheet.
pub(super) fn header_row(sheet: &Sheet, own: Option<&ColumnMapping>) -> Option<usize> {
    table::header_row(sheet, &mapping::vocabulary(own), |fields| {
        is_ledger(fields, own.is_some())
    })
}

/// A device's name, and something that lists of other things do not have beside a name.
fn is_ledger(fields: &BTreeSet<AssetField>, is_mapped: bool) -> bool {
    let of_devices = [
        AssetField::Kind,
        AssetField::Model,
        AssetField::Serial,
        AssetField::Macs,
        AssetField::Ips,
        AssetField::Os,
    ];
    let n_needed = if is_mapped { 0 } else { 1 };
    fields.contains(&AssetField::Name)
        && of_devices
            .iter()
            .filter(|field| fields.contains(field))
            .count()
            >= n_needed
}
