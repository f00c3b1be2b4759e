//! The vendors of an institution in a package: who was asked and answered, and who has a contract and was
//! never asked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use sonae_domain::ids::{EditionId, RecordId};
use sonae_domain::register::{Contract, System, Vendor};
use sonae_domain::vendor::asks_vendors;

use super::build::Files;
use super::contents::{AnswerState, Missing, RequestEntry, VENDORS, VendorEntry};
use crate::usecase::failure::Failure;
use crate::usecase::form::FileKind;
use crate::usecase::labels;
use crate::usecase::vendor_requests::RequestView;
use crate::usecase::workspace::Workspace;

impl Workspace {
    /// Each vendor with the form that it was asked for; what is missing is named.
    pub(super) async fn add_vendors(&self, files: &mut Files) -> Result<(), Failure> {
        let mut requests = self.vendor_requests().await?;
        requests.retain(|view| !view.request.withdrawn);
        requests.sort_by(|a, b| a.id.cmp(&b.id));
        let mut entries = Vec::new();
        for (nth, view) in requests.iter().enumerate() {
            let path = |ending: &str| format!("vendors/{}.{ending}", nth + 1);
            let (pdf, xlsx) = (path("pdf"), path("xlsx"));
            files.add(&pdf, self.vendor_form_file(view, FileKind::Pdf).await?);
            files.add(&xlsx, self.vendor_form_file(view, FileKind::Xlsx).await?);
            entries.push(VendorEntry {
                vendor: view.vendor.clone(),
                systems: view.systems.clone(),
                request: Some(RequestEntry {
                    edition: view.request.edition.clone(),
                    edition_label: self.label_of(&view.request.edition),
                    due_on: view.request.due_on,
                    state: state(view),
                    pdf,
                    xlsx,
                }),
            });
        }
        let asked = requests.iter().map(|view| &view.request.vendor).collect();
        entries.extend(self.never_asked(&asked).await?);
        files.missing(entries.iter().filter_map(missing));
        files.json(VENDORS, &entries)
    }

    fn label_of(&self, edition: &EditionId) -> String {
        let known = self.catalog.editions.get(edition);
        known.map_or_else(|| edition.to_string(), |known| known.head.label.clone())
    }

    /// Vendors whose contract is in force, with its systems; none where no vendor is asked.
    async fn never_asked(&self, asked: &BTreeSet<&RecordId>) -> Result<Vec<VendorEntry>, Failure> {
        if !asks_vendors(self.institution.vendor_contract) {
            return Ok(Vec::new());
        }
        let mut systems: BTreeMap<RecordId, BTreeSet<RecordId>> = BTreeMap::new();
        for contract in self.kept_by_id::<Contract>().await?.into_values() {
            if is_in_force(&contract, self.today) && !asked.contains(&contract.vendor) {
                let covered = systems.entry(contract.vendor).or_default();
                covered.extend(contract.systems);
            }
        }
        let vendors = self.kept_by_id::<Vendor>().await?;
        let names = self.kept_by_id::<System>().await?;
        let entry = |(vendor, systems): (RecordId, BTreeSet<RecordId>)| {
            let systems = systems.iter().filter_map(|id| names.get(id));
            Some(VendorEntry {
                vendor: vendors.get(&vendor)?.name.clone(),
                systems: systems.map(|system| system.name.clone()).collect(),
                request: None,
            })
        };
        Ok(systems.into_iter().filter_map(entry).collect())
    }
}

fn is_in_force(contract: &Contract, on: Date) -> bool {
    contract.begins_on.is_none_or(|first| first <= on)
        && contract.ends_on.is_none_or(|last| on <= last)
}

/// What nobody took over stands on no form.
fn state(view: &RequestView) -> AnswerState {
    match &view.answer {
        None => AnswerState::NotAnswered,
        Some(answer) if answer.body.taken.is_empty() => AnswerState::NotTakenOver,
        Some(_) => AnswerState::Answered,
    }
}

fn missing(entry: &VendorEntry) -> Option<Missing> {
    let what = match entry.request.as_ref().map(|request| request.state) {
        Some(AnswerState::Answered) => return None,
        Some(AnswerState::NotTakenOver) => labels::vendor_not_taken_over(&entry.vendor),
        Some(AnswerState::NotAnswered) => labels::vendor_without_answer(&entry.vendor),
        None => labels::vendor_never_asked(&entry.vendor),
    };
    Some(Missing { what })
}
