//! The list that a vendor keeps of its customers, and where its answer is otherwise for one of them.
//!
//! Supported: CSV, TSV and XLSX with a header row: customer, and where needed the number of its
//! institution, item, answer, day, target day, note. A row without an item names a customer only.
//! Not supported: headers in two rows, XLS and ODS.

mod read;

#[cfg(test)]
mod tests;

pub use read::{CustomerAnswer, CustomerReading, Said, read};

const FORMAT: &str = "customer_answers";
