//! Remarks of an inspector: whatever is read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sonae_domain::inspection::RemarkFile;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = RemarkFile::read(bytes) {
        let written = file.write().expect("a file that was read");
        let again = RemarkFile::read(&written).expect("a file that was written");
        assert_eq!(file, again);
    }
});
