//! Publications of vendors: as they come, and what an honest key may have signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sonae_domain::ids::InstitutionId;
use sonae_domain::publication::Publication;
use sonae_domain::signed::{Purpose, Signer};

fuzz_target!(|bytes: &[u8]| {
    let _ = Publication::open(bytes);
    let signer = Signer::new("fuzz", &[7; 32]).expect("a name");
    let body = str::from_utf8(bytes).ok();
    let signed = body.and_then(|body| signer.sign(Purpose::VendorPublication, body).ok());
    if let Some(Ok((publication, _))) = signed.map(|signed| Publication::open(signed.as_bytes())) {
        let lines = publication.lines_for(&InstitutionId::new("i"), "fuzz");
        assert!(lines.len() >= publication.lines.len());
    }
});
