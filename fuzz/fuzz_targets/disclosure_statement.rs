//! MDS and SDS, as a table of text and as a workbook.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sonae_ingest::disclosure_statement;

fuzz_target!(|bytes: &[u8]| {
    let _ = disclosure_statement::read(bytes, "statement.csv");
    let _ = disclosure_statement::read(bytes, "statement.xlsx");
});
