//! Answering once: one signed file for all customers of a product, and a form for each of them.

use std::io::{Cursor, Write};
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;
use sonae_domain::era;
use sonae_domain::labels::Language;
use sonae_domain::publication::{
    CustomerLines, FORMAT, PUBLICATION_BYTES_MAX, Publication, VERSION,
};
use sonae_domain::signed::{PublicKey, Purpose};
use sonae_domain::vendor::VendorLine;
use sonae_report::{AnswerShown, FormRow, FormSheet};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::VendorMode;
use crate::usecase::failure::Failure;
use crate::usecase::filled_form::FilledForm;
use crate::usecase::form::render_failure;
use crate::usecase::{files, labels};

/// What a vendor publishes.
pub(crate) struct NewPublication<'a> {
    pub(crate) product: &'a str,
    pub(crate) product_version: &'a str,
    /// The form with the answers for all.
    pub(crate) answers: &'a Path,
    /// Where it is otherwise for a customer.
    pub(crate) customers: Option<&'a Path>,
    /// 回答者
    pub(crate) by: &'a str,
    /// As typed; a year from now where nothing is.
    pub(crate) ends_on: Option<&'a str>,
}

/// What was published.
pub(crate) struct Published {
    pub(crate) key: PublicKey,
    pub(crate) n_items: usize,
    /// For whom something is otherwise.
    pub(crate) n_customers: usize,
    pub(crate) ends_on: Date,
}

impl VendorMode {
    /// Publishes answers for a version of a product in one signed file.
    ///
    /// # Errors
    /// The form or the list cannot be taken, the file would be too large, or there is no key.
    pub(crate) async fn publish(
        &self,
        new: &NewPublication<'_>,
        out: &Path,
    ) -> Result<Published, Failure> {
        let form = self.form(new.answers).await?;
        let mut customers = match new.customers {
            Some(path) => self.customers(path, &form).await?,
            None => Vec::new(),
        };
        // Customers for whom nothing is otherwise need not be named to all the others.
        customers.retain(|customer| !customer.lines.is_empty());
        let publication = Publication {
            format: FORMAT.to_owned(),
            version: VERSION,
            product: named(new.product)?,
            product_version: named(new.product_version)?,
            edition: form.edition,
            form: form.form,
            answered_by: named(new.by)?,
            published_at: self.now,
            ends_on: self.ends_on(new.ends_on)?,
            lines: form.lines,
            customers,
        };
        let unwritten = |source| Failure::unexpected(labels::record_unreadable()).because(source);
        let body = serde_json::to_string(&publication).map_err(unwritten)?;
        if body.len() > PUBLICATION_BYTES_MAX {
            return Err(Failure::refused(labels::publication_too_long()));
        }
        Ok(Published {
            key: self.key_file.sign(Purpose::VendorPublication, &body, out)?,
            n_items: publication.lines.len(),
            n_customers: publication.customers.len(),
            ends_on: publication.ends_on,
        })
    }

    /// Writes a filled-in form for each customer into a folder, or into one ZIP archive.
    ///
    /// # Errors
    /// The form or the list cannot be taken, or a file cannot be written.
    pub(crate) async fn export(
        &self,
        answers: &Path,
        customers: &Path,
        out: &Path,
    ) -> Result<usize, Failure> {
        let form = self.form(answers).await?;
        let customers = self.customers(customers, &form).await?;
        let sheets = customers.iter().enumerate().map(|(nth, customer)| {
            let name = format!("{:03}_{}.xlsx", nth + 1, as_file_name(&customer.customer));
            Ok((name, self.sheet(&form, customer)?))
        });
        match out.extension().is_some_and(|ending| ending == "zip") {
            true => files::write_whole(out, &zipped(sheets)?)?,
            false => {
                files::folder(out)?;
                for sheet in sheets {
                    let (name, bytes) = sheet?;
                    files::write_whole(&out.join(name), &bytes)?;
                }
            }
        }
        Ok(customers.len())
    }

    fn ends_on(&self, typed: Option<&str>) -> Result<Date, Failure> {
        let Some(typed) = typed else {
            return Ok(self.today.saturating_add(1.year()));
        };
        let day = era::parse_day(typed).filter(|day| *day >= self.today);
        day.ok_or_else(|| Failure::refused(labels::publication_would_be_over(typed)))
    }

    fn sheet(&self, form: &FilledForm, customer: &CustomerLines) -> Result<Vec<u8>, Failure> {
        let none = || Failure::refused(labels::not_the_vendor_form());
        let edition = self.catalog.editions.get(&form.edition).ok_or_else(none)?;
        let own_key = self.key_file.public().map(|key| key.name().to_owned());
        let vendor = form.vendor.clone().or(own_key.ok());
        let rows = edition.items_of(&form.form).map(|item| {
            let own = customer.lines.get(&item.id);
            let line = own.or_else(|| form.lines.get(&item.id));
            FormRow {
                item,
                answers: line.and_then(shown).into_iter().collect(),
                state: None,
            }
        });
        let sheet = FormSheet {
            edition: &edition.head,
            form: edition.form(&form.form).ok_or_else(none)?,
            institution: &customer.customer,
            vendor: vendor.as_deref().unwrap_or_default(),
            rows: rows.collect(),
            blank: false,
            generated_on: self.today,
            history: None,
            language: Language::Ja,
        };
        sonae_report::form_xlsx(&sheet).map_err(render_failure)
    }
}

fn shown(line: &VendorLine) -> Option<AnswerShown> {
    Some(AnswerShown {
        round: 1,
        value: line.value,
        confirmed_on: line.confirmed_on?,
        target_on: line.target_on,
        note: line.note.clone(),
    })
}

/// A name without which nobody knows what is published.
fn named(typed: &str) -> Result<String, Failure> {
    match typed.trim() {
        "" => Err(Failure::refused(labels::publication_unnamed())),
        typed => Ok(typed.to_owned()),
    }
}

/// The name of a customer without what means something to a file system.
fn as_file_name(customer: &str) -> String {
    let is_odd = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    customer.replace(is_odd, "_")
}

fn zipped(
    sheets: impl Iterator<Item = Result<(String, Vec<u8>), Failure>>,
) -> Result<Vec<u8>, Failure> {
    let failed =
        |source: std::io::Error| Failure::unexpected(labels::form_not_rendered()).because(source);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // A workbook is an archive already; to compress it again gains nothing.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for sheet in sheets {
        let (name, bytes) = sheet?;
        let started = zip.start_file(name, options);
        started.map_err(|error| failed(error.into()))?;
        zip.write_all(&bytes).map_err(failed)?;
    }
    let archive = zip.finish().map_err(|error| failed(error.into()))?;
    Ok(archive.into_inner())
}
