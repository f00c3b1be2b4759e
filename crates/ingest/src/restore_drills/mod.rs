//! The list of restore drills (復旧訓練の記録): who restored what, when, and whether the data came back.
//!
//! Supported: CSV, TSV and XLSX with a header row: repository or `*`, day, result, person, what was
//! restored. A row without a day or a person is no record of a drill.
//! Not supported: headers in two rows, XLS and ODS.

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

const FORMAT: &str = "restore_drills";
