//! What a vendor does with Sonae: its key, its signed answers, its publications and its customers' forms.
//! It works on files alone; no institution, no database and no network is known here.

mod customers;
mod publishing;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::era;
use sonae_domain::signed::{self, PublicKey, Purpose};
use sonae_domain::vendor::{AttemptRefused, is_same_name};
use sonae_domain::vendor_file::{AnswerFile, Fields, RequestFile};

use super::catalog::Catalog;
use super::failure::Failure;
use super::filled_form::{self, FilledForm};
use super::import::SourceFile;
use super::installation::Settings;
use super::key_file::KeyFile;
use super::{files, labels};

pub(crate) use publishing::NewPublication;

/// In the data folder, unless the vendor says another file.
const KEY_FILE: &str = "vendor.key";

/// A request with 500 devices is 100 KiB, an answer to it 250 KiB.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Everything that a vendor's command needs.
pub(crate) struct VendorMode {
    catalog: Catalog,
    reader_program: PathBuf,
    key_file: KeyFile,
    now: Timestamp,
    today: Date,
}

impl VendorMode {
    /// With a key file of its own or the one in the data folder; it need not be there yet.
    ///
    /// # Errors
    /// The shipped data cannot be read.
    pub(crate) fn open(settings: &Settings, key: Option<&Path>) -> Result<Self, Failure> {
        let catalog = Catalog::load()
            .map_err(|source| Failure::unexpected(labels::catalog_broken()).because(source))?;
        let in_data = || settings.data.join(KEY_FILE);
        let now = settings.clock.now();
        Ok(Self {
            catalog,
            reader_program: settings.reader_program.clone(),
            key_file: KeyFile::at(
                key.map_or_else(in_data, Path::to_path_buf),
                labels::no_vendor_key,
            ),
            now,
            today: era::day_in_japan(now),
        })
    }

    /// The vendor's key.
    pub(crate) fn key_file(&self) -> &KeyFile {
        &self.key_file
    }

    /// Answers a request with a filled-in form, and signs it.
    ///
    /// # Errors
    /// The request or the form cannot be read, they do not belong together, or there is no key.
    pub(crate) async fn answer(
        &self,
        request: &Path,
        form: &Path,
        by: &str,
        out: &Path,
    ) -> Result<PublicKey, Failure> {
        let (bytes, _) = files::read_limited(request, FILE_BYTES_MAX)?;
        let asked = RequestFile::read(&bytes);
        let asked = asked.ok_or_else(|| Failure::refused(labels::not_a_request(request)))?;
        let form = self.form(form).await?;
        let fields = self.fields(&asked, &form, by)?;
        let answer = asked.answer(fields);
        self.write_signed(&answer, out)
    }

    /// Signs an answer that the page of a request saved.
    ///
    /// # Errors
    /// It is no such answer, is signed already, or there is no key.
    pub(crate) fn sign(&self, answer: &Path, out: &Path) -> Result<PublicKey, Failure> {
        let (bytes, _) = files::read_limited(answer, FILE_BYTES_MAX)?;
        if signed::is_signed(&bytes) {
            return Err(Failure::refused(labels::signed_already(answer)));
        }
        let read = AnswerFile::read(&bytes);
        let read = read.ok_or_else(|| Failure::refused(labels::not_an_answer_file(answer)))?;
        self.write_signed(&read, out)
    }

    async fn form(&self, path: &Path) -> Result<FilledForm, Failure> {
        let file = SourceFile::open(path)?;
        filled_form::read(&self.reader_program, &self.catalog, &file, self.today).await
    }

    fn fields(&self, asked: &RequestFile, form: &FilledForm, by: &str) -> Result<Fields, Failure> {
        let is_other = |name: &String| !is_same_name(name, &asked.vendor);
        if form.vendor.as_ref().is_some_and(is_other) {
            let why = AttemptRefused::OtherVendor;
            return Err(Failure::refused(labels::answer_not_taken(why)));
        }
        let other = || Failure::refused(labels::form_of_another_edition(asked.edition.as_str()));
        if form.edition != asked.edition || form.form != asked.form {
            return Err(other());
        }
        let edition = self.catalog.editions.get(&form.edition);
        let mut fields = form.fields(edition.ok_or_else(other)?);
        let mut days = form.lines.values().filter_map(|line| line.confirmed_on);
        let first = days.next().unwrap_or(self.today);
        let latest = days.fold(first, Date::max);
        fields.insert("confirmed_on".to_owned(), vec![latest.to_string()]);
        fields.insert("answered_by".to_owned(), vec![by.to_owned()]);
        Ok(fields)
    }

    fn write_signed(&self, answer: &AnswerFile, out: &Path) -> Result<PublicKey, Failure> {
        let unwritten = |source| Failure::unexpected(labels::record_unreadable()).because(source);
        let body = serde_json::to_string(answer).map_err(unwritten)?;
        self.key_file.sign(Purpose::VendorAnswer, &body, out)
    }
}
