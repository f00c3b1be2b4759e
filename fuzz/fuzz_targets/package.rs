//! Inspection packages: the seal, and behind it archive and manifest, which an honest key may have sealed
//! around nonsense.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sonae_domain::package::{Package, Sealed, archive};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sealed) = Sealed::read(bytes) {
        let _ = sealed.open();
    }
    if let Ok(files) = archive::read(bytes) {
        let _ = Package::of(files);
    }
});
