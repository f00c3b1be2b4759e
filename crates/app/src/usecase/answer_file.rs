//! An answer that comes back as a file: saved on the page of a request file far from any network, signed
//! by the vendor's key or not, or a filled-in workbook. Nothing of it is believed: it must be for this
//! institution, this request and this form.

use std::sync::Arc;

use sonae_domain::signed::PublicKey;
use sonae_domain::vendor::{AnswerSource, AttemptRefused, is_same_name};
use sonae_domain::vendor_file::{AnswerFile, Fields};

use super::failure::Failure;
use super::filled_form;
use super::import::SourceFile;
use super::labels;
use super::register_forms::Typed;
use super::vendor_answers::DRAFT_BYTES_MAX;
use super::vendor_requests::RequestView;
use super::workspace::Workspace;

/// How a workbook begins: it is a ZIP archive.
const WORKBOOK: &[u8] = b"PK\x03\x04";

/// A file as it came back.
pub(crate) struct Returned {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// 回答者, as somebody says who takes a workbook in: it has no place for a name.
    pub(crate) answered_by: String,
}

/// What a file says in answer to a request.
struct Said {
    fields: Fields,
    signed_by: Option<PublicKey>,
    is_workbook: bool,
}

impl Workspace {
    /// An answer to a request with nothing in it.
    pub(crate) fn empty_answer(&self, view: &RequestView) -> AnswerFile {
        let form = (view.request.edition.clone(), view.request.form.clone());
        AnswerFile::empty(self.institution.id.clone(), view.id.clone(), form)
    }

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
        let (file, signed_by) = match AnswerFile::open(bytes, &self.empty_answer(view)) {
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
