//! What can be kept and asked for. Times, ids and persons are arguments; the institution is the one
//! that the caller's session belongs to, and whatever belongs to another one is not there.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use sonae_domain::answer::{Answer, Institution};
use sonae_domain::evidence::{ContentHash, Evidence, Finding};
use sonae_domain::fact::FactRows;
use sonae_domain::ids::{AssetId, EditionId, EvidenceId, InstitutionId, ItemId};
use sonae_domain::ledger::Asset;

use crate::error::StoreError;

/// Evidence with everything that a reader made of it; recorded whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// `current` is decided by the store and ignored here.
    pub evidence: Evidence,
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// Rows by table.
    pub facts: Vec<FactRows>,
    /// What could not be read, or was read with doubt.
    pub findings: Vec<Finding>,
    /// What it changes in the ledger, if it becomes current.
    pub assets: Vec<AssetChange>,
    /// Who imported it; stands beside the changes of the ledger.
    pub recorded_by: String,
}

/// What became of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Its facts count for its source from now on.
    New,
    /// The same bytes, read the same way, for the same source and day are there under this id.
    /// Nothing was changed.
    AlreadyKnown(EvidenceId),
    /// Kept as history; the facts of this newer one still count, and the ledger was not changed.
    OlderThanCurrent(EvidenceId),
}

/// A new state of a device in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetChange {
    /// The device and what is known about it now.
    pub asset: Asset,
    /// The evidence that says so; none if a person typed it.
    pub evidence: Option<EvidenceId>,
    /// No longer in use.
    pub retired: bool,
}

/// A state of a device, with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetVersion {
    /// The device as it was then.
    pub asset: Asset,
    /// Counts from 1.
    pub version: i64,
    /// The evidence that said so; none if a person typed it.
    pub evidence: Option<EvidenceId>,
    /// No longer in use.
    pub retired: bool,
    /// Who changed it.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// The three files of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionTexts {
    /// `edition.toml`
    pub edition: String,
    /// `items.toml`
    pub items: String,
    /// `mapping.toml`
    pub mapping: String,
}

/// An imported edition, without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionRevision {
    /// `fy2027`
    pub id: EditionId,
    /// Counts from 1; an erratum is a new revision.
    pub revision: i64,
    /// See [`EditionTexts::sha256`].
    pub sha256: ContentHash,
    /// Who imported it.
    pub imported_by: String,
    /// When.
    pub imported_at: Timestamp,
    /// Who published it and when; none as long as it is a draft.
    pub published: Option<(String, Timestamp)>,
}

/// What became of an imported edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftRecorded {
    /// It is the draft now, in place of an earlier draft of the same edition.
    Draft {
        /// Its revision.
        revision: i64,
    },
    /// The newest published revision has exactly these texts; nothing was changed.
    AlreadyPublished {
        /// Its revision.
        revision: i64,
    },
}

/// What became of the wish to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// It is published and frozen.
    Now,
    /// It was before; nothing was changed.
    Already,
    /// The draft is no longer the one that the person saw.
    Changed {
        /// Of the draft that is there now.
        sha256: ContentHash,
    },
    /// There is no such revision.
    Unknown,
}

impl EditionTexts {
    /// The hash of the three hashes, in a form that `sha256sum` can retrace.
    pub fn sha256(&self) -> ContentHash {
        let files = [
            ("edition.toml", &self.edition),
            ("items.toml", &self.items),
            ("mapping.toml", &self.mapping),
        ];
        let manifest: String = files
            .iter()
            .map(|(name, text)| format!("{}  {name}\n", ContentHash::of(text.as_bytes()).0))
            .collect();
        ContentHash::of(manifest.as_bytes())
    }
}

/// The database of an installation. Instants are kept to the millisecond.
///
/// When a writing call has returned `Ok`, what it wrote is on the disk; when it has returned an
/// error, or its future was dropped, nothing of it is there.
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// Adds an institution; [`StoreError::AlreadyThere`] if its id is taken.
    async fn insert_institution(&self, institution: &Institution) -> Result<(), StoreError>;

    /// Changes an institution; [`StoreError::NotThere`] if there is none with its id.
    async fn update_institution(&self, institution: &Institution) -> Result<(), StoreError>;

    /// The institution with this id.
    async fn institution(&self, id: &InstitutionId) -> Result<Option<Institution>, StoreError>;

    /// All institutions of the installation by id, for those who run it.
    async fn institutions(&self) -> Result<Vec<Institution>, StoreError>;

    /// Adds answers to the history, all or none.
    async fn record_answers(
        &self,
        institution: &InstitutionId,
        answers: &[Answer],
    ) -> Result<(), StoreError>;

    /// Adds one answer to the history.
    async fn record_answer(
        &self,
        institution: &InstitutionId,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        self.record_answers(institution, std::slice::from_ref(answer))
            .await
    }

    /// The latest answer of each item and round, by item and round.
    async fn answers(&self, institution: &InstitutionId) -> Result<Vec<Answer>, StoreError>;

    /// Every answer ever given to an item, by round, the oldest first.
    async fn answer_history(
        &self,
        institution: &InstitutionId,
        item: &ItemId,
    ) -> Result<Vec<Answer>, StoreError>;

    /// Records evidence with facts, findings and changes of the ledger, in one transaction.
    ///
    /// It becomes the current one of its source unless the current one has a later effective day,
    /// or the same day and was recorded later.
    async fn record_evidence(
        &self,
        institution: &InstitutionId,
        new: NewEvidence,
    ) -> Result<Recorded, StoreError>;

    /// All evidence, the latest effective day first, then the latest recorded.
    async fn evidence(&self, institution: &InstitutionId) -> Result<Vec<Evidence>, StoreError>;

    /// One piece of evidence.
    async fn evidence_by_id(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Evidence>, StoreError>;

    /// Its bytes as they came; [`StoreError::Corrupt`] if they no longer have their hash.
    async fn raw(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// What its reader found; none if there is no such evidence.
    async fn findings(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Vec<Finding>>, StoreError>;

    /// Its facts in their first order; none if there is no such evidence.
    async fn facts_of(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Vec<FactRows>>, StoreError>;

    /// The facts that count now, of these tables, by table and evidence.
    async fn current_facts(
        &self,
        institution: &InstitutionId,
        tables: &[&str],
    ) -> Result<Vec<(EvidenceId, FactRows)>, StoreError>;

    /// Adds new states of devices to the ledger, all or none.
    async fn save_assets(
        &self,
        institution: &InstitutionId,
        changes: &[AssetChange],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The latest state of every device, by id. Retired ones are there too, marked.
    async fn assets(&self, institution: &InstitutionId) -> Result<Vec<AssetVersion>, StoreError>;

    /// Every state of a device, the oldest first.
    async fn asset_history(
        &self,
        institution: &InstitutionId,
        asset: &AssetId,
    ) -> Result<Vec<AssetVersion>, StoreError>;

    /// Keeps how an institution names the columns of a file with this header.
    async fn save_column_mapping(
        &self,
        institution: &InstitutionId,
        fingerprint: &str,
        mapping: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The mapping kept for a header.
    async fn column_mapping(
        &self,
        institution: &InstitutionId,
        fingerprint: &str,
    ) -> Result<Option<String>, StoreError>;

    /// Keeps a setting; without a value the setting is removed.
    async fn save_setting(
        &self,
        institution: &InstitutionId,
        key: &str,
        value: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// All settings.
    async fn settings(
        &self,
        institution: &InstitutionId,
    ) -> Result<BTreeMap<String, String>, StoreError>;

    /// Keeps an imported edition as the draft of its id. Editions belong to the installation.
    async fn record_draft_edition(
        &self,
        id: &EditionId,
        texts: &EditionTexts,
        by: &str,
        at: Timestamp,
    ) -> Result<DraftRecorded, StoreError>;

    /// Publishes the draft that the person saw, known by its hash. There is no way back.
    async fn publish_edition(
        &self,
        id: &EditionId,
        sha256: &ContentHash,
        by: &str,
        at: Timestamp,
    ) -> Result<Published, StoreError>;

    /// All imported editions by id and revision.
    async fn editions(&self) -> Result<Vec<EditionRevision>, StoreError>;

    /// The texts of a revision; [`StoreError::Corrupt`] if they no longer have their hash.
    async fn edition_texts(
        &self,
        id: &EditionId,
        revision: i64,
    ) -> Result<Option<EditionTexts>, StoreError>;

    /// Ends all connections; later calls fail.
    async fn close(&self);
}
