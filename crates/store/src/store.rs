//! What can be kept and asked for. Times, ids and persons are arguments; the institution is the one
//! that the caller's session belongs to, and whatever belongs to another one is not there.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::answer::{Answer, Institution};
use sonae_domain::evidence::{ContentHash, Evidence, Finding};
use sonae_domain::fact::FactRows;
use sonae_domain::ids::{AssetId, EditionId, EvidenceId, InstitutionId, ItemId, RecordId};
use sonae_domain::ledger::Asset;
use sonae_domain::people::Grant;

use crate::dump::{Sink, Source};
use crate::error::StoreError;
use crate::history::History;
use crate::people::{Account, People};

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
    /// The journal's last entry when the ledger was read for that: [`StoreError::Changed`] if there
    /// is a later one. None where nothing was read before.
    pub rests_on: Option<i64>,
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

/// What people answered, and what a judgement beside it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The latest answer of each item and round, by item and round.
    pub answers: Vec<Answer>,
    /// See [`Store::last_entry`].
    pub last_entry: i64,
    /// See [`Store::generation`].
    pub generation: i64,
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

/// What became of a change that somebody made to what they had seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved<T> {
    /// It is recorded.
    Done,
    /// The latest state says exactly that already; nothing was changed.
    Same,
    /// Somebody else was faster; nothing was changed. This is what they made of it.
    Conflict(T),
}

/// A new state of something that people keep by hand; see [`sonae_domain::register`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// See [`sonae_domain::register::Record::KIND`].
    pub kind: &'static str,
    /// Which one.
    pub id: RecordId,
    /// The version that the person saw; none for a new one.
    pub seen: Option<i64>,
    /// JSON.
    pub body: String,
    /// Taken away; its history stays.
    pub removed: bool,
}

/// A state of something that people keep by hand, with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVersion {
    /// See [`sonae_domain::register::Record::KIND`].
    pub kind: String,
    /// Which one.
    pub id: RecordId,
    /// Counts from 1.
    pub version: i64,
    /// JSON.
    pub body: String,
    /// Taken away.
    pub removed: bool,
    /// Who changed it.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// A line of the journal: who did what, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Counts from 1 without gaps, in each institution and in the installation.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// One of [`crate::ACTIONS`], or `record.` and the kind of the record.
    pub action: String,
    /// What was acted on: the id of an item, of evidence, of an account, or the key of a setting.
    pub subject: String,
    /// What changed, as an object; never a secret.
    pub detail: serde_json::Value,
    /// Whether it can change what checks say.
    pub judged: bool,
}

/// What the overview of many institutions shows about one, so that it need not judge them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// JSON, in a form that the store does not know.
    pub body: String,
    /// See [`Store::last_entry`], as it was when this was judged.
    pub last_entry: i64,
    /// The day as of which this was judged.
    pub judged_on: Date,
    /// When.
    pub saved_at: Timestamp,
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

/// What the first visit to a new installation makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstVisit {
    /// In place of the one of this id, if it is there.
    pub institution: Institution,
    /// What the institution told about itself.
    pub records: Vec<RecordChange>,
    /// The first one.
    pub account: Account,
    /// Its role in the institution.
    pub grant: Grant,
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
/// error, or its future was dropped, nothing of it is there. What it changed stands in the journal,
/// written in the same transaction; what did not change anything does not stand there.
///
/// An `as_of` of none asks for the present.
#[async_trait]
pub trait Store: People + History {
    /// Adds an institution; [`StoreError::AlreadyThere`] if its id is taken.
    async fn insert_institution(
        &self,
        institution: &Institution,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Adds an institution with the grant of whoever is to administer it, both or none;
    /// [`StoreError::AlreadyThere`] if its id is taken.
    async fn found_institution(
        &self,
        institution: &Institution,
        grant: &Grant,
    ) -> Result<(), StoreError>;

    /// Keeps all that the first visit makes, or nothing; [`StoreError::AlreadyThere`] if somebody
    /// has an account, or a record was changed meanwhile. The journal names whoever gives the grant.
    async fn set_up(&self, first: &FirstVisit) -> Result<(), StoreError>;

    /// Changes an institution; [`StoreError::NotThere`] if there is none with its id.
    async fn update_institution(
        &self,
        institution: &Institution,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

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

    /// Adds an answer if the latest of its item and round is still the one that the person saw,
    /// known by when it was recorded; none if they saw none.
    ///
    /// An answer sent twice is [`Saved::Same`] the second time.
    async fn record_answer_if(
        &self,
        institution: &InstitutionId,
        answer: &Answer,
        seen: Option<Timestamp>,
    ) -> Result<Saved<Answer>, StoreError>;

    /// Adds answers, all or none, that rest on what was there at an entry of the journal;
    /// [`StoreError::Changed`] if there is a later one.
    async fn record_answers_after(
        &self,
        institution: &InstitutionId,
        answers: &[Answer],
        rests_on: i64,
    ) -> Result<(), StoreError>;

    /// The latest answer of each item and round, by item and round.
    async fn answers(&self, institution: &InstitutionId) -> Result<Vec<Answer>, StoreError> {
        self.answers_as_of(institution, None).await
    }

    /// The answers that were the latest at a moment.
    async fn answers_as_of(
        &self,
        institution: &InstitutionId,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<Answer>, StoreError> {
        let answered = self.answered_as_of(institution, as_of).await?;
        Ok(answered.answers)
    }

    /// The same, with the present generation of what checks see, read at one moment.
    async fn answered_as_of(
        &self,
        institution: &InstitutionId,
        as_of: Option<Timestamp>,
    ) -> Result<Answered, StoreError>;

    /// Every answer ever given to an item, by round, the oldest first.
    async fn answer_history(
        &self,
        institution: &InstitutionId,
        item: &ItemId,
    ) -> Result<Vec<Answer>, StoreError>;

    /// Records evidence with facts, findings and changes of the ledger, in one transaction.
    ///
    /// It becomes the current one of its source unless the current one has a later effective day,
    /// or the same day and was recorded later; the later id decides within a millisecond.
    async fn record_evidence(
        &self,
        institution: &InstitutionId,
        new: NewEvidence,
    ) -> Result<Recorded, StoreError>;

    /// All evidence, the latest effective day first, then the latest recorded.
    async fn evidence(&self, institution: &InstitutionId) -> Result<Vec<Evidence>, StoreError> {
        self.evidence_as_of(institution, None).await
    }

    /// The evidence that was there at a moment, with what was current then.
    async fn evidence_as_of(
        &self,
        institution: &InstitutionId,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<Evidence>, StoreError>;

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
    ) -> Result<Vec<(EvidenceId, FactRows)>, StoreError> {
        self.current_facts_as_of(institution, tables, None).await
    }

    /// The facts that counted at a moment.
    async fn current_facts_as_of(
        &self,
        institution: &InstitutionId,
        tables: &[&str],
        as_of: Option<Timestamp>,
    ) -> Result<Vec<(EvidenceId, FactRows)>, StoreError>;

    /// Adds new states of devices to the ledger, all or none.
    async fn save_assets(
        &self,
        institution: &InstitutionId,
        changes: &[AssetChange],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The same where the changes rest on what was there at an entry of the journal;
    /// [`StoreError::Changed`] if there is a later one.
    async fn save_assets_after(
        &self,
        institution: &InstitutionId,
        changes: &[AssetChange],
        rests_on: i64,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Adds a new state of a device if the latest version is still the one that the person saw;
    /// none for a new device.
    async fn save_asset_if(
        &self,
        institution: &InstitutionId,
        change: &AssetChange,
        seen: Option<i64>,
        by: &str,
        at: Timestamp,
    ) -> Result<Saved<AssetVersion>, StoreError>;

    /// The latest state of every device, by id. Retired ones are there too, marked.
    async fn assets(&self, institution: &InstitutionId) -> Result<Vec<AssetVersion>, StoreError> {
        self.assets_as_of(institution, None).await
    }

    /// The states of devices that were the latest at a moment.
    async fn assets_as_of(
        &self,
        institution: &InstitutionId,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<AssetVersion>, StoreError>;

    /// Every state of a device, the oldest first.
    async fn asset_history(
        &self,
        institution: &InstitutionId,
        asset: &AssetId,
    ) -> Result<Vec<AssetVersion>, StoreError>;

    /// Adds new states of records, all or none, if the latest version of each is still the one that
    /// the person saw; the first that is not is the [`Saved::Conflict`].
    async fn save_records(
        &self,
        institution: &InstitutionId,
        changes: &[RecordChange],
        by: &str,
        at: Timestamp,
    ) -> Result<Saved<RecordVersion>, StoreError>;

    /// Adds a new state of one record.
    async fn save_record(
        &self,
        institution: &InstitutionId,
        change: &RecordChange,
        by: &str,
        at: Timestamp,
    ) -> Result<Saved<RecordVersion>, StoreError> {
        self.save_records(institution, std::slice::from_ref(change), by, at)
            .await
    }

    /// The latest state of every record of a kind, by id, without those taken away.
    async fn records(
        &self,
        institution: &InstitutionId,
        kind: &str,
    ) -> Result<Vec<RecordVersion>, StoreError> {
        self.records_as_of(institution, kind, None).await
    }

    /// The records of a kind as they were at a moment.
    async fn records_as_of(
        &self,
        institution: &InstitutionId,
        kind: &str,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<RecordVersion>, StoreError>;

    /// The latest state of one record; none if it was taken away.
    async fn record(
        &self,
        institution: &InstitutionId,
        kind: &str,
        id: &RecordId,
    ) -> Result<Option<RecordVersion>, StoreError>;

    /// Every state of a record, the oldest first.
    async fn record_history(
        &self,
        institution: &InstitutionId,
        kind: &str,
        id: &RecordId,
    ) -> Result<Vec<RecordVersion>, StoreError>;

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
    ///
    /// The journal shows the values, but not those of a key that ends in `password` or `secret`.
    async fn save_setting(
        &self,
        institution: &InstitutionId,
        key: &str,
        value: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps a setting if its value is still the one that the person saw; none if there was none.
    ///
    /// The value that is there already is [`Saved::Same`].
    async fn save_setting_if(
        &self,
        institution: &InstitutionId,
        key: &str,
        value: Option<&str>,
        seen: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<Saved<Option<String>>, StoreError>;

    /// All settings.
    async fn settings(
        &self,
        institution: &InstitutionId,
    ) -> Result<BTreeMap<String, String>, StoreError>;

    /// The journal of an institution before a number, the latest first.
    async fn journal(
        &self,
        institution: &InstitutionId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// What the journal says about one thing, the latest first.
    async fn journal_of(
        &self,
        institution: &InstitutionId,
        subject: &str,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// The journal of the installation: accounts, logins, editions, backups.
    async fn installation_journal(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// The number of the journal's last entry; 0 before the first.
    async fn last_entry(&self, institution: &InstitutionId) -> Result<i64, StoreError>;

    /// The number of the latest entry that can change what checks say; 0 before the first.
    async fn generation(&self, institution: &InstitutionId) -> Result<i64, StoreError>;

    /// Keeps the summary of an institution in place of the one before, unless that knows more of the
    /// journal.
    async fn save_summary(
        &self,
        institution: &InstitutionId,
        summary: &Summary,
    ) -> Result<(), StoreError>;

    /// The summaries of all institutions that have one, by id, for those who run the installation.
    async fn summaries(&self) -> Result<Vec<(InstitutionId, Summary)>, StoreError>;

    /// The institutions whose journal goes on after their summary, the oldest summary first.
    async fn changed_since_summary(&self) -> Result<Vec<InstitutionId>, StoreError>;

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

    /// Hands everything that is kept to a sink, as it is at one moment, while others go on writing.
    ///
    /// Sessions, set-up links and counters of failed logins are left behind: an old dump must not
    /// let anybody in again.
    async fn dump(&self, sink: &mut dyn Sink) -> Result<(), StoreError>;

    /// Notes in the journal of the installation that a dump of so many rows was kept as a backup.
    async fn note_backup(&self, n_rows: u64, by: &str, at: Timestamp) -> Result<(), StoreError>;

    /// The line of the journal about the latest backup.
    async fn last_backup(&self) -> Result<Option<JournalEntry>, StoreError>;

    /// Notes in the journal of the installation that somebody took the latest backup along.
    async fn note_backup_taken(&self, by: &str, at: Timestamp) -> Result<(), StoreError>;

    /// The line of the journal about who took a backup along last.
    async fn last_backup_taken(&self) -> Result<Option<JournalEntry>, StoreError>;

    /// Fills the database with a dump, all or nothing; [`StoreError::NotEmpty`] if it holds anything.
    ///
    /// What is there then is handed to `written`; it is kept only if that accepts it to the end.
    async fn load(&self, source: &mut dyn Source, written: &mut dyn Sink)
    -> Result<(), StoreError>;

    /// Asks whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Ends all connections; later calls fail.
    async fn close(&self);
}
