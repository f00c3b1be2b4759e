//! Answers of vendors: one that opens is for what was asked, and one for another request does not open.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sonae_domain::ids::{EditionId, FormId, InstitutionId, RecordId};
use sonae_domain::vendor_file::AnswerFile;

fuzz_target!(|bytes: &[u8]| {
    let asked = |request: &str| {
        let form = (EditionId::new("fy2025"), FormId::new("vendor"));
        AnswerFile::empty(InstitutionId::new("i"), RecordId::new(request), form)
    };
    let opened = AnswerFile::open(bytes, &asked("r"));
    if let Ok((answer, _)) = opened {
        assert_eq!(answer.request.as_str(), "r");
        assert!(AnswerFile::open(bytes, &asked("another")).is_err());
    }
});
