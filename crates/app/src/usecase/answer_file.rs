//! An answer that a vendor saved as a file on the page of a request file, far from any network.
//! Nothing of it is believed: it must be for this institution, this request and this form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sonae_domain::vendor::{AnswerSource, AttemptRefused};

use super::failure::Failure;
use super::labels;
use super::register_forms::Typed;
use super::vendor_answers::DRAFT_BYTES_MAX;
use super::vendor_requests::RequestView;
use super::workspace::Workspace;

/// What such a file says that it is.
const FORMAT: &str = "sonae-vendor-answer";

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

    fn read(bytes: &[u8]) -> Option<Self> {
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

impl Workspace {
    /// Files what a vendor answered in a file with its request, or sets it aside and says why.
    ///
    /// # Errors
    /// It is no such file, or for another institution, request or form; the request takes no answer;
    /// something in it must be mended; or the store fails.
    pub(crate) async fn take_answer_file(
        &self,
        view: &RequestView,
        bytes: &[u8],
        by: &str,
    ) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Err(Failure::refused(labels::answer_file_missing()).at("file"));
        }
        if bytes.len() > DRAFT_BYTES_MAX {
            return Err(Failure::refused(labels::draft_too_long()).at("file"));
        }
        let asked = AnswerFile::of(self, view);
        let read = AnswerFile::read(bytes).ok_or(AttemptRefused::NoAnswerFile);
        let read = read.and_then(|file| match file.refused(&asked) {
            None => Ok(file),
            Some(why) => Err(why),
        });
        let file = match read {
            Ok(file) => file,
            Err(why) => {
                self.note_refused(view, why, by).await?;
                return Err(Failure::refused(labels::answer_not_taken(why)).at("file"));
            }
        };
        let mut fields = file.fields;
        fields.insert("edition".to_owned(), vec![file.edition]);
        let typed = Typed::from(fields);
        let questions = self.questions(view).await?;
        let source = AnswerSource::File {
            entered_by: by.to_owned(),
        };
        let answer = self.read_answer(&questions, &typed, source, Vec::new());
        let answer = answer.map_err(|mends| {
            let first = mends.into_iter().next().map(|mend| mend.text);
            let text = labels::answer_file_to_mend(first.as_ref());
            Failure::refused(text).at("file")
        })?;
        self.hand_in(view, &typed, &answer, by).await
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
