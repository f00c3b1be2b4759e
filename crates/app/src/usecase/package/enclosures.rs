//! What a person lets go along in a package beside form, ledger and indexes: the bytes of documents, and
//! of evidence, and what tells of the network.

use std::collections::BTreeSet;

use sonae_domain::edition::Edition;
use sonae_domain::evidence::Evidence;
use sonae_domain::ids::{ControlId, EvidenceId, ItemId, RecordId};

use crate::usecase::checklist::WhichForm;
use crate::usecase::documents::{self, DocumentView};
use crate::usecase::failure::Failure;
use crate::usecase::labels;
use crate::usecase::register_forms::Typed;
use crate::usecase::workspace::Workspace;

/// What inspectors want to see beside the form and the ledger, by the control that asks for it.
pub(super) const ORIGINALS: [&str; 3] = [
    "contact-chart",
    "business-continuity-plan",
    "operational-rules",
];

/// Whose bytes go along. Evidence tells of the network, so none does unless a person says which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Enclosures {
    pub(crate) documents: EnclosedDocuments,
    pub(crate) evidence: BTreeSet<EvidenceId>,
    /// Whether hosts, accounts, addresses and serial numbers are told as they are. Otherwise facts, ledger and
    /// reasons do without them; what a person wrote or enclosed stays as it is.
    pub(crate) network_details: bool,
}

/// Which of the documents about items of the form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum EnclosedDocuments {
    /// What inspectors want to see themselves (現物).
    #[default]
    Originals,
    All,
    These(BTreeSet<RecordId>),
}

/// What may be enclosed, to choose from.
pub(crate) struct Enclosable {
    /// With whether it is one of the originals; in the order of their ids.
    pub(crate) documents: Vec<(DocumentView, bool)>,
    /// The latest first.
    pub(crate) evidence: Vec<Evidence>,
}

impl Enclosures {
    /// As ticked on a page. A form that did not ask is the same as nobody having chosen.
    pub(crate) fn of(typed: &Typed) -> Self {
        if typed.one("enclose") != "chosen" {
            return Self::default();
        }
        let documents = typed.all("documents").iter().map(RecordId::new).collect();
        Self {
            documents: EnclosedDocuments::These(documents),
            evidence: typed.all("evidence").iter().map(EvidenceId::new).collect(),
            network_details: typed.one("network_details") == "yes",
        }
    }

    /// Whether the bytes of a document go along.
    pub(crate) fn has_document(&self, id: &RecordId, is_original: bool) -> bool {
        match &self.documents {
            EnclosedDocuments::Originals => is_original,
            EnclosedDocuments::All => true,
            EnclosedDocuments::These(ids) => ids.contains(id),
        }
    }
}

impl Workspace {
    /// Documents about the own form and current evidence.
    ///
    /// # Errors
    /// There is no edition, or the store fails.
    pub(crate) async fn enclosable(&self) -> Result<Enclosable, Failure> {
        let (edition, form) = self.form(&WhichForm::default())?;
        let items: BTreeSet<&ItemId> = edition.items_of(&form.id).map(|item| &item.id).collect();
        let mut documents = self.documents().await?;
        documents.retain(|view| view.document.items.iter().any(|item| items.contains(item)));
        documents.sort_by(|a, b| a.id.cmp(&b.id));
        let documents = documents.into_iter().map(|view| {
            let own = view
                .document
                .items
                .iter()
                .filter(|item| items.contains(item));
            let is_original = !originals(edition, own).is_empty();
            (view, is_original)
        });
        let mut evidence: Vec<Evidence> = self.evidence_by_id().await?.into_values().collect();
        evidence.retain(|evidence| evidence.current && evidence.format != documents::FORMAT);
        evidence.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(Enclosable {
            documents: documents.collect(),
            evidence,
        })
    }
}

impl Enclosable {
    /// Refuses what is not there, or is another institution's: a package without what somebody chose
    /// would not be noticed.
    ///
    /// # Errors
    /// One of them cannot be enclosed.
    pub(super) fn refuse_others(&self, chosen: &Enclosures) -> Result<(), Failure> {
        if let EnclosedDocuments::These(ids) = &chosen.documents {
            let known = |id: &RecordId| self.documents.iter().any(|(view, _)| view.id == *id);
            if !ids.iter().all(known) {
                return Err(documents::unknown());
            }
        }
        let known = |id: &&EvidenceId| self.evidence.iter().any(|it| it.id == **id);
        match chosen.evidence.iter().find(|id| !known(id)) {
            None => Ok(()),
            Some(id) => Err(Failure::not_found(labels::unknown_evidence(id.as_str()))),
        }
    }
}

/// Which of the originals a document about these items can be.
pub(super) fn originals<'a>(
    edition: &Edition,
    items: impl IntoIterator<Item = &'a ItemId>,
) -> BTreeSet<&'static str> {
    let controls = items.into_iter().flat_map(|item| edition.controls_of(item));
    let controls: BTreeSet<&str> = controls.map(ControlId::as_str).collect();
    let mut originals = BTreeSet::from(ORIGINALS);
    originals.retain(|original| controls.contains(original));
    originals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ticked_goes_along_and_else_the_originals() {
        let check = |fields: &str, expected: &str| {
            let fields = fields.split_whitespace();
            let fields = fields.filter_map(|field| field.split_once('='));
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let enclosures = Enclosures::of(&Typed::of(fields.collect()));
            let documents = [("chart", true), ("other", false)];
            let documents = documents.iter().filter(|(id, is_original)| {
                enclosures.has_document(&RecordId::new(*id), *is_original)
            });
            let documents = documents.map(|(id, _)| *id);
            let evidence = enclosures.evidence.iter().map(EvidenceId::as_str);
            let along: Vec<&str> = documents.chain(evidence).collect();
            assert_eq!(along.join(" "), expected);
        };
        check("", "chart");
        check("documents=other evidence=nmap", "chart");
        check("enclose=chosen", "");
        check("enclose=chosen documents=other", "other");
        check(
            "enclose=chosen documents=chart documents=other",
            "chart other",
        );
        check("enclose=chosen evidence=nmap", "nmap");
    }
}
