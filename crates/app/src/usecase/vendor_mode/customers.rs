//! Customers of a vendor, each once, with what is otherwise for them.

use std::collections::BTreeMap;
use std::path::Path;

use sonae_domain::edition::{Edition, Text};
use sonae_domain::evidence::{Finding, Severity};
use sonae_domain::ids::{InstitutionId, ItemId};
use sonae_domain::lookup;
use sonae_domain::publication::CustomerLines;
use sonae_domain::vendor::VendorLine;
use sonae_ingest::customer_answers::{CustomerReading, Said};

use super::VendorMode;
use crate::usecase::failure::Failure;
use crate::usecase::filled_form::{FilledForm, check_line};
use crate::usecase::import::SourceFile;
use crate::usecase::labels;
use crate::usecase::reader_process::{self, Outcome, Request, Task};

impl VendorMode {
    /// The customers of a list in its order. One row that cannot be taken makes the whole list refused:
    /// an answer must not go to a customer for whom it is not true.
    ///
    /// # Errors
    /// It is no such list, or something in it must be mended.
    pub(super) async fn customers(
        &self,
        path: &Path,
        form: &FilledForm,
    ) -> Result<Vec<CustomerLines>, Failure> {
        let file = SourceFile::open(path)?;
        let request = Request::new(Task::Customers, &file.name);
        let outcome = reader_process::read(&self.reader_program, request, &file.bytes).await?;
        let Outcome::Customers(reading) = outcome else {
            return Err(Failure::unexpected(labels::reader_not_started()));
        };
        let refused = |text: Text| Failure::refused(labels::in_file(&file.name, &text));
        self.understood(reading, form).map_err(refused)
    }

    fn understood(
        &self,
        reading: CustomerReading,
        form: &FilledForm,
    ) -> Result<Vec<CustomerLines>, Text> {
        let unread = |finding: &&Finding| finding.severity == Severity::Unread;
        if let Some(finding) = reading.findings.iter().find(unread) {
            return Err(labels::at_place(&finding.place, &finding.text));
        }
        let edition = self.catalog.editions.get(&form.edition);
        let edition = edition.ok_or_else(labels::not_the_vendor_form)?;
        let mut customers: Vec<CustomerLines> = Vec::new();
        let mut known = BTreeMap::new();
        for row in reading.rows {
            let institution = row.institution.map(InstitutionId::new);
            let who = (row.customer.clone(), institution.clone());
            let at = *known.entry(who).or_insert_with(|| {
                customers.push(CustomerLines {
                    customer: row.customer,
                    institution,
                    lines: BTreeMap::new(),
                });
                customers.len() - 1
            });
            let (Some(said), Some(customer)) = (row.said, customers.get_mut(at)) else {
                continue;
            };
            let line = self.line(edition, form, said);
            let (item, line) = line.map_err(|text| labels::at_place(&row.place, &text))?;
            if customer.lines.insert(item, line).is_some() {
                return Err(labels::at_place(&row.place, &labels::said_twice()));
            }
        }
        Ok(customers)
    }

    fn line(
        &self,
        edition: &Edition,
        form: &FilledForm,
        said: Said,
    ) -> Result<(ItemId, VendorLine), Text> {
        let unknown = |_| labels::form_item_unknown(&said.item);
        let item = lookup::find(edition, &form.form, &said.item).map_err(unknown)?;
        let confirmed_on = said.confirmed_on.ok_or_else(labels::day_missing)?;
        let line = VendorLine {
            value: said.value,
            confirmed_on: Some(confirmed_on),
            target_on: said.target_on,
            note: said.note,
        };
        check_line(edition, &item.id, &line, confirmed_on, self.today)?;
        Ok((item.id.clone(), line))
    }
}
