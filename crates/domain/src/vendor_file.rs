//! The files that an institution and a vendor hand each other: what is asked, and what is answered. The same
//! as pages for people are made elsewhere. Format: `docs/reference/vendor-files.md`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{AssetId, EditionId, FormId, InstitutionId, RecordId};
use crate::signed::{self, NotOpened, PublicKey, Purpose};
use crate::vendor::AttemptRefused;

/// What a request says that it is.
pub const REQUEST: &str = "sonae-vendor-request";

/// What an answer says that it is.
const ANSWER: &str = "sonae-vendor-answer";

/// The only way in which either was ever written.
pub const VERSION: u32 = 1;

/// A request with every device that it asks about (依頼ファイル).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFile {
    /// [`REQUEST`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Who asks.
    pub institution: InstitutionId,
    /// As its vendor knows it.
    pub institution_name: String,
    /// The request.
    pub request: RecordId,
    /// Whose form.
    pub edition: EditionId,
    /// Which form of it.
    pub form: FormId,
    /// 事業者
    pub vendor: String,
    /// システム名
    pub systems: Vec<String>,
    /// 回答期限
    pub due_on: Date,
    /// Each is asked about.
    pub devices: Vec<DeviceAsked>,
}

/// A device that the vendor may maintain from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceAsked {
    /// In the ledger of the institution.
    pub id: AssetId,
    /// 機器名
    pub name: String,
    /// 型番
    pub model: Option<String>,
}

/// What was typed, field by field as on the page of a link.
pub type Fields = BTreeMap<String, Vec<String>>;

/// An answer (回答ファイル), as a vendor's program or the page of a request file writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerFile {
    /// `sonae-vendor-answer`.
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Who asked.
    pub institution: InstitutionId,
    /// The request.
    pub request: RecordId,
    /// Whose form.
    pub edition: EditionId,
    /// Which form of it.
    pub form: FormId,
    /// What was typed.
    pub fields: Fields,
}

impl RequestFile {
    /// Reads the file; none if it is another one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let file: Self = serde_json::from_slice(bytes).ok()?;
        let is_ours = file.format == REQUEST && file.version == VERSION;
        let is_odd = file.texts().any(|text| text.contains(char::is_control));
        (is_ours && !is_odd).then_some(file)
    }

    /// What stands in it; one line each.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let ids = [self.institution.as_str(), self.request.as_str()];
        let form = [self.edition.as_str(), self.form.as_str()];
        let names = [self.institution_name.as_str(), self.vendor.as_str()];
        let systems = self.systems.iter().map(String::as_str);
        let devices = self.devices.iter().flat_map(|device| {
            let texts = [device.id.as_str(), device.name.as_str()];
            texts.into_iter().chain(device.model.as_deref())
        });
        let own = [ids, form, names].into_iter().flatten();
        own.chain(systems).chain(devices)
    }

    /// An answer to it.
    pub fn answer(&self, fields: Fields) -> AnswerFile {
        AnswerFile {
            format: ANSWER.to_owned(),
            version: VERSION,
            institution: self.institution.clone(),
            request: self.request.clone(),
            edition: self.edition.clone(),
            form: self.form.clone(),
            fields,
        }
    }
}

impl AnswerFile {
    /// An answer to a request with nothing in it.
    pub fn empty(
        institution: InstitutionId,
        request: RecordId,
        (edition, form): (EditionId, FormId),
    ) -> Self {
        Self {
            format: ANSWER.to_owned(),
            version: VERSION,
            institution,
            request,
            edition,
            form,
            fields: Fields::new(),
        }
    }

    /// Reads the file; none if it is another one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let file: Self = serde_json::from_slice(bytes).ok()?;
        (file.format == ANSWER && file.version == VERSION).then_some(file)
    }

    /// The answer of a file, and who signed it.
    ///
    /// # Errors
    /// It is no answer to what was asked, or was changed after it was signed.
    pub fn open(bytes: &[u8], asked: &Self) -> Result<(Self, Option<PublicKey>), AttemptRefused> {
        let (body, signer) = match signed::open(Purpose::VendorAnswer, bytes) {
            Ok(file) => (file.body.into_bytes(), Some(file.signer)),
            Err(NotOpened::NotSigned) => (bytes.to_vec(), None),
            Err(NotOpened::BadSignature) => return Err(AttemptRefused::BadSignature),
            Err(NotOpened::OtherPurpose | NotOpened::Damaged) => {
                return Err(AttemptRefused::NoAnswerFile);
            }
        };
        let file = Self::read(&body).ok_or(AttemptRefused::NoAnswerFile)?;
        match file.refused(asked) {
            None => Ok((file, signer)),
            Some(why) => Err(why),
        }
    }

    /// Why it is no answer to a request; the first reason that a person should hear.
    fn refused(&self, asked: &Self) -> Option<AttemptRefused> {
        if self.institution != asked.institution {
            return Some(AttemptRefused::OtherInstitution);
        }
        if self.request != asked.request {
            return Some(AttemptRefused::OtherRequest);
        }
        let is_other = self.edition != asked.edition || self.form != asked.form;
        if is_other {
            return Some(AttemptRefused::OtherEdition);
        }
        let mut texts = self.fields.iter().flat_map(|(name, values)| {
            let values = values.iter();
            values.chain([name])
        });
        texts
            .any(|text| text.contains(is_unprintable))
            .then_some(AttemptRefused::NoAnswerFile)
    }
}

/// Nobody types these; a file that holds them was not written by the page.
fn is_unprintable(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> AnswerFile {
        AnswerFile {
            format: ANSWER.to_owned(),
            version: VERSION,
            institution: InstitutionId::new("i"),
            request: RecordId::new("r"),
            edition: EditionId::new("e"),
            form: FormId::new("f"),
            fields: BTreeMap::from([("usb".to_owned(), vec!["一行\n二行".to_owned()])]),
        }
    }

    #[test]
    fn a_file_answers_one_request_of_one_institution() {
        use AttemptRefused::{NoAnswerFile, OtherEdition, OtherInstitution, OtherRequest};
        let check = |change: fn(&mut AnswerFile), expected| {
            let mut file = file();
            change(&mut file);
            assert_eq!(file.refused(&self::file()), expected, "{file:?}");
        };
        check(|_| {}, None);
        let other = Some(OtherInstitution);
        check(|file| file.institution = InstitutionId::new("x"), other);
        check(|file| file.request = RecordId::new("x"), Some(OtherRequest));
        check(
            |file| file.edition = EditionId::new("x"),
            Some(OtherEdition),
        );
        check(|file| file.form = FormId::new("x"), Some(OtherEdition));
        let named = |file: &mut AnswerFile, name: &str, value: &str| {
            let values = vec![value.to_owned()];
            file.fields.insert(name.to_owned(), values);
        };
        let mut odd = self::file();
        named(&mut odd, "usb", "\u{0}");
        assert_eq!(odd.refused(&file()), Some(NoAnswerFile));
        let mut odd = self::file();
        named(&mut odd, "us\u{1b}b", "");
        assert_eq!(odd.refused(&file()), Some(NoAnswerFile));
    }

    #[test]
    fn a_request_says_nothing_that_cannot_be_signed_in_answer_to_it() {
        let request = r#"{"format":"sonae-vendor-request","version":1,"institution":"i",
            "institution_name":"i","request":"r","edition":"e","form":"f","vendor":"v",
            "systems":["s"],"due_on":"2026-12-01","devices":[{"id":"d","name":"d","model":"m"}]}"#;
        assert!(RequestFile::read(request.as_bytes()).is_some());
        for said in ["i", "r", "e", "f", "v", "s", "d", "m"] {
            let said = format!("\"{said}\"");
            let odd = request.replace(&said, "\"\u{7f}\"");
            assert_ne!(odd, request);
            assert_eq!(RequestFile::read(odd.as_bytes()), None, "{said}");
        }
    }

    #[test]
    fn only_what_the_page_writes_is_read() {
        let check = |text: &str, is_read: bool| {
            assert_eq!(
                AnswerFile::read(text.as_bytes()).is_some(),
                is_read,
                "{text}"
            );
        };
        let good = serde_json::to_string(&file()).unwrap();
        check(&good, true);
        check(&good.replace("\"version\":1", "\"version\":2"), false);
        check(&good.replace(ANSWER, "sonae-package"), false);
        check(&good.replace("\"form\"", "\"more\":1,\"form\""), false);
        check(&good[..good.len() - 1], false);
        check("", false);
        check("PK\u{3}\u{4}", false);
    }
}
