//! What an answer was based on: a fingerprint of everything that the evidence said about an item.
//! An answer whose fingerprint is still the same may be confirmed without looking again.

use serde::Serialize;
use sonae_domain::evidence::ContentHash;
use sonae_domain::ids::{CheckId, EvidenceId, ItemId, Subject};
use sonae_domain::judgement::ItemStanding;
use sonae_domain::register::{Document, Record};
use sonae_domain::verdict::{CheckVerdict, Verdict};
use sonae_store::RecordVersion;

use super::checklist::Checklist;
use super::failure::Failure;
use super::judged::Judged;
use super::labels;
use super::workspace::{Workspace, store_failure};

/// The parts in the order in which they are hashed.
#[derive(Serialize)]
struct Parts<'a> {
    item: &'a ItemId,
    checks: Vec<(&'a CheckId, Vec<Row<'a>>)>,
    /// Of the documents that people put to the item.
    documents: Vec<&'a str>,
}

/// Subject, verdict, and the evidence behind it by its content: collected again with the same
/// content it is the same.
type Row<'a> = (&'a Subject, Verdict, Option<&'a str>);

impl Workspace {
    /// The documents that people put to items.
    ///
    /// # Errors
    /// The store fails, or what it keeps is no document.
    pub(crate) async fn document_records(&self) -> Result<Vec<Document>, Failure> {
        let kept = self
            .store
            .records_as_of(&self.institution.id, Document::KIND, self.as_of)
            .await
            .map_err(store_failure)?;
        kept.iter().map(body_of).collect()
    }
}

/// What a record says.
///
/// # Errors
/// It is no such record.
pub(super) fn body_of<R: Record>(version: &RecordVersion) -> Result<R, Failure> {
    serde_json::from_str(&version.body)
        .map_err(|source| Failure::unusable(labels::kept_unreadable(R::KIND)).because(source))
}

impl Checklist<'_> {
    /// The fingerprint of what the evidence says about an item now.
    pub(crate) fn basis(&self, standing: &ItemStanding, documents: &[Document]) -> String {
        let judged = &self.judged;
        let checks = standing.checks.iter().map(|id| {
            let rows = judged.verdicts.get(id);
            (id, rows.map_or_else(Vec::new, |said| rows_of(said, judged)))
        });
        let mut documents: Vec<&str> = documents
            .iter()
            .filter(|document| document.items.contains(&standing.item))
            .filter(|document| document.valid_until.is_none_or(|last| self.as_of <= last))
            .map(|document| content(judged, &document.evidence))
            .collect();
        documents.sort_unstable();
        let parts = Parts {
            item: &standing.item,
            checks: checks.collect(),
            documents,
        };
        let text = serde_json::to_vec(&parts).unwrap_or_default();
        ContentHash::of(&text).0
    }
}

fn rows_of<'a>(said: &'a CheckVerdict, judged: &'a Judged) -> Vec<Row<'a>> {
    let row = |row: &'a sonae_domain::verdict::CheckRow| {
        let evidence = row.evidence_id.as_ref().map(|id| content(judged, id));
        (&row.subject, row.verdict, evidence)
    };
    let mut rows: Vec<Row<'a>> = said.rows.iter().map(row).collect();
    rows.sort_unstable();
    rows
}

/// Hash of the evidence's bytes; what ships with the program is known by its id.
fn content<'a>(judged: &'a Judged, id: &'a EvidenceId) -> &'a str {
    judged
        .evidence
        .get(id)
        .map_or(id.as_str(), |evidence| &evidence.content_hash.0)
}
