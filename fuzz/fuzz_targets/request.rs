//! Requests of institutions: whatever is read can be answered, and its answer opens for it, signed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sonae_domain::signed::{Purpose, Signer};
use sonae_domain::vendor_file::{AnswerFile, Fields, RequestFile};

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = RequestFile::read(bytes) else {
        return;
    };
    let answer = asked.answer(Fields::new());
    let body = serde_json::to_string(&answer).expect("an answer");
    let signer = Signer::new("fuzz", &[7; 32]).expect("a name");
    let opened = AnswerFile::open(body.as_bytes(), &answer);
    assert_eq!(opened, Ok((answer.clone(), None)));
    let signed = signer.sign(Purpose::VendorAnswer, &body).expect("one line");
    let opened = AnswerFile::open(signed.as_bytes(), &answer);
    assert_eq!(opened.map(|(answer, _)| answer), Ok(answer));
});
