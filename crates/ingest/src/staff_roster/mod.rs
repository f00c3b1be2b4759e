//! The list of staff (在職者名簿) that the office keeps, to find accounts of people who left.
//!
//! Supported: CSV, TSV and XLSX with a header row: name or staff number, account, status, last day,
//! department, occupation. A person who is not said to be employed or gone is neither.
//! Not supported: headers in two rows, XLS and ODS. Columns with passwords, patients or the
//! individual number (個人番号) are refused with the whole file.

mod detect;
mod read;

#[cfg(test)]
mod tests;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: FORMAT,
    version: 1,
    detect: detect::detect,
    read: read::read,
};

const FORMAT: &str = "staff_roster";
