//! Signed files: what was signed opens as it was, for its purpose alone; anything else does not open.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sonae_domain::signed::{Purpose, Signer, open};

const PURPOSES: [Purpose; 3] = [
    Purpose::VendorAnswer,
    Purpose::VendorPublication,
    Purpose::InspectorRemarks,
];

fuzz_target!(|bytes: &[u8]| {
    let opened = PURPOSES
        .into_iter()
        .filter(|purpose| open(*purpose, bytes).is_ok());
    assert!(opened.count() <= 1, "signed for two purposes at once");
    let signer = Signer::new("fuzz", &[7; 32]).expect("a name");
    let Ok(body) = str::from_utf8(bytes) else {
        return;
    };
    let Ok(signed) = signer.sign(Purpose::InspectorRemarks, body) else {
        return;
    };
    let file = open(Purpose::InspectorRemarks, signed.as_bytes()).expect("a file that was signed");
    assert_eq!(file.body, body);
    assert!(open(Purpose::VendorAnswer, signed.as_bytes()).is_err());
});
