//! An answer that comes back as a file: saved on the page of a request file far from any network, signed
//! by the vendor's key or not, or a filled-in workbook. Nothing of it is believed: it must be for this
//! institution, this request and this form.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sonae_domain::signed::{self, NotOpened, PublicKey, Purpose};
use sonae_domain::vendor::{AnswerSource, AttemptRefused, is_same_name};

use super::failure::Failure;
use super::filled_form;
use super::import::SourceFile;
use super::labels;
use super::register_forms::Typed;
use super::request_file::RequestFile;
use super::vendor_answers::DRAFT_BYTES_MAX;
use super::vendor_requests::RequestView;
use super::workspace::Workspace;

/// What such a file says that it is.
const FORMAT: &str = "sonae-vendor-answer";

/// How a workbook begins: it is a ZIP archive.
const WORKBOOK: &[u8] = b"PK\x03\x04";

/// The only way in which such a file was ever written.
const VERSION: u32 = 1;

/// The file as the page writes it (`web/js/request-file.js`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerFile {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) institution: String,
    pub(crate) request: String,
    pub(crate) edition: String,
    pub(crate) form: String,
    /// What was typed, field by field as on the page of a link.
    pub(crate) fields: BTreeMap<String, Vec<String>>,
}

/// A file as it came back.
pub(crate) struct Returned {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// 回答者, as somebody says who takes a workbook in: it has no place for a name.
    pub(crate) answered_by: String,
}

/// What a file says in answer to a request.
struct Said {
    fields: BTreeMap<String, Vec<String>>,
    signed_by: Option<PublicKey>,
    is_workbook: bool,
}

impl AnswerFile {
    /// An answer to a request with nothing in it.
    pub(crate) fn of(workspace: &Workspace, view: &RequestView) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            institution: workspace.institution.id.to_string(),
            request: view.id.to_string(),
            edition: view.request.edition.to_string(),
            form: view.request.form.to_string(),
            fields: BTreeMap::new(),
        }
    }

    /// An answer to a request that came as a file.
    pub(crate) fn to(asked: &RequestFile, fields: BTreeMap<String, Vec<String>>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            institution: asked.institution.clone(),
            request: asked.request.clone(),
            edition: asked.edition.clone(),
            form: asked.form.clone(),
            fields,
        }
    }

    /// Reads the file; none if it is another one.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let file: Self = serde_json::from_slice(bytes).ok()?;
        (file.format == FORMAT && file.version == VERSION).then_some(file)
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

/// The answer of a file and who signed it, or why it is none.
fn opened(
    bytes: &[u8],
    asked: &AnswerFile,
) -> Result<(AnswerFile, Option<PublicKey>), AttemptRefused> {
    let (body, signer) = match signed::open(Purpose::VendorAnswer, bytes) {
        Ok(file) => (file.body.into_bytes(), Some(file.signer)),
        Err(NotOpened::NotSigned) => (bytes.to_vec(), None),
        Err(NotOpened::BadSignature) => return Err(AttemptRefused::BadSignature),
        Err(NotOpened::OtherPurpose | NotOpened::Damaged) => {
            return Err(AttemptRefused::NoAnswerFile);
        }
    };
    let file = AnswerFile::read(&body).ok_or(AttemptRefused::NoAnswerFile)?;
    match file.refused(asked) {
        None => Ok((file, signer)),
        Some(why) => Err(why),
    }
}

impl Workspace {
    /// Files what a vendor answered in a file with its request, or sets it aside and says why.
    ///
    /// # Errors
    /// It is no such file, or for another institution, request or form; another key signed it than the one
    /// that is known; the request takes no answer; something in it must be mended; or the store fails.
    pub(crate) async fn take_answer_file(
        &self,
        view: &RequestView,
        returned: Returned,
        by: &str,
    ) -> Result<(), Failure> {
        if returned.bytes.is_empty() {
            return Err(Failure::refused(labels::answer_file_missing()).at("file"));
        }
        let said = match returned.bytes.starts_with(WORKBOOK) {
            true => self.said_in_workbook(view, returned).await?,
            false => self.said_in_file(view, &returned.bytes, by).await?,
        };
        let said = match said {
            Ok(said) => said,
            Err(why) => {
                // What met the key may have changed the request meanwhile; it is noted all the same.
                self.note_refused(view, why, by).await?;
                return Err(Failure::refused(labels::answer_not_taken(why)).at("file"));
            }
        };
        let entered_by = by.to_owned();
        let source = match said.is_workbook {
            true => AnswerSource::Workbook { entered_by },
            false => AnswerSource::File {
                entered_by,
                signed_by: said.signed_by,
            },
        };
        let mut fields = said.fields;
        let edition = view.request.edition.to_string();
        fields.insert("edition".to_owned(), vec![edition]);
        let typed = Typed::from(fields);
        let questions = self.questions(view).await?;
        let answer = self.read_answer(&questions, &typed, source, Vec::new());
        let answer = answer.map_err(|mends| {
            let first = mends.into_iter().next().map(|mend| mend.text);
            let text = labels::answer_file_to_mend(first.as_ref());
            Failure::refused(text).at("file")
        })?;
        self.hand_in(view, &typed, &answer, by).await
    }

    async fn said_in_file(
        &self,
        view: &RequestView,
        bytes: &[u8],
        by: &str,
    ) -> Result<Result<Said, AttemptRefused>, Failure> {
        if bytes.len() > DRAFT_BYTES_MAX {
            return Err(Failure::refused(labels::draft_too_long()).at("file"));
        }
        let (file, signed_by) = match opened(bytes, &AnswerFile::of(self, view)) {
            Ok(opened) => opened,
            Err(why) => return Ok(Err(why)),
        };
        // A key that comes with what is refused anyway is not met.
        if let (Some(key), None) = (&signed_by, view.closed())
            && let Some(why) = self.meet_key(&view.request.vendor, key, by).await?
        {
            return Ok(Err(why));
        }
        Ok(Ok(Said {
            fields: file.fields,
            signed_by,
            is_workbook: false,
        }))
    }

    async fn said_in_workbook(
        &self,
        view: &RequestView,
        returned: Returned,
    ) -> Result<Result<Said, AttemptRefused>, Failure> {
        let file = SourceFile {
            name: returned.name,
            bytes: Arc::new(returned.bytes),
            modified_on: self.today,
        };
        let read = filled_form::read(&self.reader_program, &self.catalog, &file, self.today);
        let form = read.await.map_err(|failure| failure.at("file"))?;
        let is_other = |name: &String| !is_same_name(name, &view.vendor);
        if form.vendor.as_ref().is_some_and(is_other) {
            return Ok(Err(AttemptRefused::OtherVendor));
        }
        if form.edition != view.request.edition || form.form != view.request.form {
            return Ok(Err(AttemptRefused::OtherEdition));
        }
        let (edition, _) = self.form(&view.which_form())?;
        let mut fields = form.fields(edition);
        fields.insert("answered_by".to_owned(), vec![returned.answered_by]);
        Ok(Ok(Said {
            fields,
            signed_by: None,
            is_workbook: true,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> AnswerFile {
        AnswerFile {
            format: FORMAT.to_owned(),
            version: VERSION,
            institution: "i".to_owned(),
            request: "r".to_owned(),
            edition: "e".to_owned(),
            form: "f".to_owned(),
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
        check(|file| file.institution.push('x'), Some(OtherInstitution));
        check(|file| file.request.push('x'), Some(OtherRequest));
        check(|file| file.edition.push('x'), Some(OtherEdition));
        check(|file| file.form.push('x'), Some(OtherEdition));
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
        check(&good.replace(FORMAT, "sonae-package"), false);
        check(&good.replace("\"form\"", "\"more\":1,\"form\""), false);
        check(&good[..good.len() - 1], false);
        check("", false);
        check("PK\u{3}\u{4}", false);
    }
}
