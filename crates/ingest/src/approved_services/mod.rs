//! The list of services (許可サービス一覧) that a person reviewed and found necessary.
//!
//! Supported: CSV, TSV and XLSX with a header row: asset name or `*`, kind, protocol, port, service
//! name, reason, day of the review. A row without a reason or a day approves nothing.
//! Not supported: port ranges, several ports in a cell, headers in two rows, XLS and ODS.

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

const FORMAT: &str = "approved_services";
