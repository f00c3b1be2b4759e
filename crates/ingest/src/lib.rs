//! Bytes to facts. One folder a format, each with `detect` and `read`; nothing here touches files,
//! databases or clocks, and nothing here judges.

pub mod answer_form;
mod approved_services;
mod borg_list;
pub mod customer_answers;
pub mod disclosure_statement;
mod dnsmasq_leases;
pub mod edition_workbook;
mod findings;
mod head;
mod hosts;
pub mod identity;
mod instant;
mod isc_leases;
mod kea_leases;
mod labels;
mod ldif;
mod leases;
pub mod ledger;
mod limits;
mod nmap_xml;
mod report;
mod restic_snapshots;
mod restore_drills;
mod sonae_bundle;
mod staff_roster;
mod table;
#[cfg(test)]
mod testing;
mod text;
mod unknown;

pub use report::ReadError;
use sonae_domain::edition::Text;
use sonae_domain::evidence::Reading;

/// Bytes as they came, with the name that came with them.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Shown in messages; only its ending may hint at the format.
    pub file_name: &'a str,
    /// The whole file.
    pub bytes: &'a [u8],
    /// How this institution names the columns of its ledger, if it told us before.
    pub mapping: Option<&'a ledger::ColumnMapping>,
}

/// A format that Sonae reads.
pub struct Reader {
    /// The name of its folder, kept with the evidence.
    pub format: &'static str,
    /// Changes whenever it reads something differently.
    pub version: u32,
    /// Whether these bytes look like the format; decides by content, cheaply.
    detect: fn(&Input<'_>) -> bool,
    /// Reads them.
    read: fn(&Input<'_>) -> Result<Reading, ReadError>,
}

/// All formats, the most certain to recognise first.
pub const READERS: &[Reader] = &[
    sonae_bundle::READER,
    nmap_xml::READER,
    restic_snapshots::READER,
    borg_list::READER,
    kea_leases::READER,
    isc_leases::READER,
    dnsmasq_leases::READER,
    ldif::READER,
    approved_services::READER,
    restore_drills::READER,
    staff_roster::READER,
    ledger::READER,
];

/// Which format the bytes are, or nothing.
pub fn detect(input: &Input<'_>) -> Option<&'static Reader> {
    READERS.iter().find(|reader| (reader.detect)(input))
}

/// Reads a file of any known format.
///
/// # Errors
/// An empty file, a file of no known format, or one that its reader refuses as a whole.
pub fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    if input.bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    match detect(input) {
        Some(reader) => (reader.read)(input),
        None => Err(unknown::refusal(input.bytes)),
    }
}

impl Reader {
    /// What the format is called.
    pub fn title(&self) -> Text {
        labels::format_title(self.format)
    }

    /// Reads bytes as this format, whatever they look like.
    ///
    /// # Errors
    /// The bytes are not of this format, or break a limit.
    pub fn read(&self, input: &Input<'_>) -> Result<Reading, ReadError> {
        (self.read)(input)
    }
}
