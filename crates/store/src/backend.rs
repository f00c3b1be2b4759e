//! The store's calls, each one transaction, over whichever database can begin one.

mod history;
mod people;

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use sonae_domain::answer::{Answer, Institution};
use sonae_domain::evidence::{ContentHash, Evidence, Finding};
use sonae_domain::fact::FactRows;
use sonae_domain::ids::{AssetId, EditionId, EvidenceId, InstitutionId, ItemId, RecordId};
use sonae_domain::people::Grant;

use crate::dump::{Sink, Source};
use crate::error::StoreError;
use crate::sql::Tx;
use crate::store::{
    Answered, AssetChange, AssetVersion, DraftRecorded, EditionRevision, EditionTexts, FirstVisit,
    JournalEntry, NewEvidence, Published, RecordChange, RecordVersion, Recorded, Saved, Store,
    Summary,
};
use crate::{
    answers, assets, dump, editions, evidence, first_visit, grants, institutions, journal, records,
    settings, summaries,
};

/// The scope of what belongs to the installation: people, editions. No institution has this id.
pub(crate) const INSTALLATION: &str = "";

/// The scope of what is asked across institutions and only read: the institutions themselves, their
/// summaries, and which of them a person or a token may enter. No institution has this id.
pub(crate) const ALL_INSTITUTIONS: &str = "*";

/// A database that can begin a transaction for one institution.
#[async_trait]
pub(crate) trait Backend: Debug + Send + Sync {
    /// All reads of one transaction see the same moment.
    async fn read(&self, scope: &str, doing: &'static str) -> Result<Tx, StoreError>;

    /// Writers of the same scope take turns.
    async fn write(&self, scope: &str, doing: &'static str) -> Result<Tx, StoreError>;

    /// Reads for long without keeping a writer from writing, and holds one row at a time.
    async fn read_all(&self, doing: &'static str) -> Result<Tx, StoreError>;

    /// Ends all connections.
    async fn disconnect(&self);
}

#[async_trait]
impl<B: Backend> Store for B {
    async fn insert_institution(
        &self,
        institution: &Institution,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .write(institution.id.as_str(), "insert an institution")
            .await?;
        institutions::insert(&mut tx, institution, by, at).await?;
        tx.commit().await
    }

    async fn found_institution(
        &self,
        institution: &Institution,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        let (id, by, at) = (&institution.id, &grant.granted_by, grant.granted_at);
        let mut tx = self.write(id.as_str(), "found an institution").await?;
        institutions::insert(&mut tx, institution, by, at).await?;
        grants::insert(&mut tx, id, grant).await?;
        tx.commit().await
    }

    async fn set_up(&self, first: &FirstVisit) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "set up").await?;
        first_visit::record(&mut tx, first).await?;
        tx.commit().await
    }

    async fn update_institution(
        &self,
        institution: &Institution,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .write(institution.id.as_str(), "update an institution")
            .await?;
        institutions::update(&mut tx, institution, by, at).await?;
        tx.commit().await
    }

    async fn institution(&self, id: &InstitutionId) -> Result<Option<Institution>, StoreError> {
        let mut tx = self.read(id.as_str(), "find an institution").await?;
        institutions::find(&mut tx, id).await
    }

    async fn institutions(&self) -> Result<Vec<Institution>, StoreError> {
        let mut tx = self.read(ALL_INSTITUTIONS, "list the institutions").await?;
        institutions::list(&mut tx).await
    }

    async fn record_answers(
        &self,
        institution: &InstitutionId,
        answers: &[Answer],
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "record answers").await?;
        for answer in answers {
            answers::record(&mut tx, institution, answer).await?;
        }
        tx.commit().await
    }

    async fn record_answers_after(
        &self,
        institution: &InstitutionId,
        answers: &[Answer],
        rests_on: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "record answers").await?;
        journal::still_at(&mut tx, institution, rests_on).await?;
        for answer in answers {
            answers::record(&mut tx, institution, answer).await?;
        }
        tx.commit().await
    }

    async fn record_answer_if(
        &self,
        institution: &InstitutionId,
        answer: &Answer,
        seen: Option<Timestamp>,
    ) -> Result<Saved<Answer>, StoreError> {
        let mut tx = self.write(institution.as_str(), "record an answer").await?;
        let saved = answers::record_if(&mut tx, institution, answer, seen).await?;
        tx.commit().await?;
        Ok(saved)
    }

    async fn answered_as_of(
        &self,
        institution: &InstitutionId,
        as_of: Option<Timestamp>,
    ) -> Result<Answered, StoreError> {
        let mut tx = self.read(institution.as_str(), "list the answers").await?;
        Ok(Answered {
            answers: answers::list(&mut tx, institution, as_of).await?,
            last_entry: journal::last(&mut tx, institution).await?,
            generation: journal::generation(&mut tx, institution).await?,
        })
    }

    async fn answer_history(
        &self,
        institution: &InstitutionId,
        item: &ItemId,
    ) -> Result<Vec<Answer>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "list the answers to an item")
            .await?;
        answers::history(&mut tx, institution, item).await
    }

    async fn record_evidence(
        &self,
        institution: &InstitutionId,
        new: NewEvidence,
    ) -> Result<Recorded, StoreError> {
        // Packed before the transaction begins, so that no other writer waits for it.
        let packed = evidence::pack(new).await?;
        let mut tx = self.write(institution.as_str(), "record evidence").await?;
        let recorded = evidence::record(&mut tx, institution, &packed).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    async fn evidence_as_of(
        &self,
        institution: &InstitutionId,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<Evidence>, StoreError> {
        let mut tx = self.read(institution.as_str(), "list the evidence").await?;
        evidence::list(&mut tx, institution, as_of).await
    }

    async fn evidence_by_id(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Evidence>, StoreError> {
        let mut tx = self.read(institution.as_str(), "find evidence").await?;
        evidence::find(&mut tx, institution, evidence).await
    }

    async fn raw(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "fetch the bytes of evidence")
            .await?;
        evidence::raw(&mut tx, institution, evidence).await
    }

    async fn findings(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Vec<Finding>>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "fetch the findings of evidence")
            .await?;
        evidence::findings(&mut tx, institution, evidence).await
    }

    async fn facts_of(
        &self,
        institution: &InstitutionId,
        evidence: &EvidenceId,
    ) -> Result<Option<Vec<FactRows>>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "fetch the facts of evidence")
            .await?;
        evidence::facts_of(&mut tx, institution, evidence).await
    }

    async fn current_facts_as_of(
        &self,
        institution: &InstitutionId,
        tables: &[&str],
        as_of: Option<Timestamp>,
    ) -> Result<Vec<(EvidenceId, FactRows)>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "fetch the current facts")
            .await?;
        let packed = evidence::current_facts(&mut tx, institution, tables, as_of).await?;
        drop(tx);
        evidence::unpack(packed).await
    }

    async fn save_assets(
        &self,
        institution: &InstitutionId,
        changes: &[AssetChange],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "save assets").await?;
        assets::save(&mut tx, institution, changes, by, at).await?;
        tx.commit().await
    }

    async fn save_assets_after(
        &self,
        institution: &InstitutionId,
        changes: &[AssetChange],
        rests_on: i64,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "save assets").await?;
        journal::still_at(&mut tx, institution, rests_on).await?;
        assets::save(&mut tx, institution, changes, by, at).await?;
        tx.commit().await
    }

    async fn save_asset_if(
        &self,
        institution: &InstitutionId,
        change: &AssetChange,
        seen: Option<i64>,
        by: &str,
        at: Timestamp,
    ) -> Result<Saved<AssetVersion>, StoreError> {
        let mut tx = self.write(institution.as_str(), "save an asset").await?;
        let saved = assets::save_if(&mut tx, institution, change, seen, by, at).await?;
        tx.commit().await?;
        Ok(saved)
    }

    async fn assets_as_of(
        &self,
        institution: &InstitutionId,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<AssetVersion>, StoreError> {
        let mut tx = self.read(institution.as_str(), "list the assets").await?;
        assets::list(&mut tx, institution, as_of).await
    }

    async fn asset_history(
        &self,
        institution: &InstitutionId,
        asset: &AssetId,
    ) -> Result<Vec<AssetVersion>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "list the states of an asset")
            .await?;
        assets::history(&mut tx, institution, asset).await
    }

    async fn save_records(
        &self,
        institution: &InstitutionId,
        changes: &[RecordChange],
        by: &str,
        at: Timestamp,
    ) -> Result<Saved<RecordVersion>, StoreError> {
        let mut tx = self.write(institution.as_str(), "save records").await?;
        let mut all = Saved::Same;
        for change in changes {
            match records::save(&mut tx, institution, change, by, at).await? {
                Saved::Done => all = Saved::Done,
                Saved::Same => {}
                // Without a commit nothing of those before it is kept.
                conflict @ Saved::Conflict(_) => return Ok(conflict),
            }
        }
        tx.commit().await?;
        Ok(all)
    }

    async fn records_as_of(
        &self,
        institution: &InstitutionId,
        kind: &str,
        as_of: Option<Timestamp>,
    ) -> Result<Vec<RecordVersion>, StoreError> {
        let mut tx = self.read(institution.as_str(), "list the records").await?;
        records::list(&mut tx, institution, kind, as_of).await
    }

    async fn record(
        &self,
        institution: &InstitutionId,
        kind: &str,
        id: &RecordId,
    ) -> Result<Option<RecordVersion>, StoreError> {
        let mut tx = self.read(institution.as_str(), "find a record").await?;
        let latest = records::latest(&mut tx, institution, kind, id).await?;
        Ok(latest.filter(|record| !record.removed))
    }

    async fn record_history(
        &self,
        institution: &InstitutionId,
        kind: &str,
        id: &RecordId,
    ) -> Result<Vec<RecordVersion>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "list the states of a record")
            .await?;
        records::history(&mut tx, institution, kind, id).await
    }

    async fn save_column_mapping(
        &self,
        institution: &InstitutionId,
        fingerprint: &str,
        mapping: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .write(institution.as_str(), "save a column mapping")
            .await?;
        settings::save_mapping(&mut tx, institution, fingerprint, mapping, by, at).await?;
        tx.commit().await
    }

    async fn column_mapping(
        &self,
        institution: &InstitutionId,
        fingerprint: &str,
    ) -> Result<Option<String>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "find a column mapping")
            .await?;
        settings::mapping(&mut tx, institution, fingerprint).await
    }

    async fn save_setting(
        &self,
        institution: &InstitutionId,
        key: &str,
        value: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "save a setting").await?;
        settings::save(&mut tx, institution, key, value, by, at).await?;
        tx.commit().await
    }

    async fn save_setting_if(
        &self,
        institution: &InstitutionId,
        key: &str,
        value: Option<&str>,
        seen: Option<&str>,
        by: &str,
        at: Timestamp,
    ) -> Result<Saved<Option<String>>, StoreError> {
        let mut tx = self.write(institution.as_str(), "save a setting").await?;
        let current = settings::find(&mut tx, institution, key).await?;
        if current.as_deref() == value {
            return Ok(Saved::Same);
        }
        if current.as_deref() != seen {
            return Ok(Saved::Conflict(current));
        }
        settings::save(&mut tx, institution, key, value, by, at).await?;
        tx.commit().await?;
        Ok(Saved::Done)
    }

    async fn settings(
        &self,
        institution: &InstitutionId,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let mut tx = self.read(institution.as_str(), "list the settings").await?;
        settings::list(&mut tx, institution).await
    }

    async fn journal(
        &self,
        institution: &InstitutionId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let mut tx = self.read(institution.as_str(), "read the journal").await?;
        journal::list(&mut tx, institution, before, limit).await
    }

    async fn journal_of(
        &self,
        institution: &InstitutionId,
        subject: &str,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "read the journal of a thing")
            .await?;
        journal::list_of(&mut tx, institution, subject, limit).await
    }

    async fn installation_journal(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let mut tx = self.read(INSTALLATION, "read the journal").await?;
        journal::list_of_installation(&mut tx, before, limit).await
    }

    async fn last_entry(&self, institution: &InstitutionId) -> Result<i64, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "read the last entry")
            .await?;
        journal::last(&mut tx, institution).await
    }

    async fn generation(&self, institution: &InstitutionId) -> Result<i64, StoreError> {
        let mut tx = self
            .read(institution.as_str(), "read the generation")
            .await?;
        journal::generation(&mut tx, institution).await
    }

    async fn save_summary(
        &self,
        institution: &InstitutionId,
        summary: &Summary,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(institution.as_str(), "save a summary").await?;
        summaries::save(&mut tx, institution, summary).await?;
        tx.commit().await
    }

    async fn summaries(&self) -> Result<Vec<(InstitutionId, Summary)>, StoreError> {
        let mut tx = self.read(ALL_INSTITUTIONS, "list the summaries").await?;
        summaries::list(&mut tx).await
    }

    async fn changed_since_summary(&self) -> Result<Vec<InstitutionId>, StoreError> {
        let doing = "list what changed since its summary";
        let mut tx = self.read(ALL_INSTITUTIONS, doing).await?;
        summaries::changed(&mut tx).await
    }

    async fn record_draft_edition(
        &self,
        id: &EditionId,
        texts: &EditionTexts,
        by: &str,
        at: Timestamp,
    ) -> Result<DraftRecorded, StoreError> {
        let mut tx = self.write(INSTALLATION, "record a draft edition").await?;
        let recorded = editions::record_draft(&mut tx, id, texts, by, at).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    async fn publish_edition(
        &self,
        id: &EditionId,
        sha256: &ContentHash,
        by: &str,
        at: Timestamp,
    ) -> Result<Published, StoreError> {
        let mut tx = self.write(INSTALLATION, "publish an edition").await?;
        let published = editions::publish(&mut tx, id, sha256, by, at).await?;
        tx.commit().await?;
        Ok(published)
    }

    async fn editions(&self) -> Result<Vec<EditionRevision>, StoreError> {
        let mut tx = self.read(INSTALLATION, "list the editions").await?;
        editions::list(&mut tx).await
    }

    async fn edition_texts(
        &self,
        id: &EditionId,
        revision: i64,
    ) -> Result<Option<EditionTexts>, StoreError> {
        let mut tx = self.read(INSTALLATION, "fetch an edition").await?;
        editions::texts(&mut tx, id, revision).await
    }

    async fn dump(&self, sink: &mut dyn Sink) -> Result<(), StoreError> {
        let mut tx = self.read_all("dump the database").await?;
        dump::dump(&mut tx, sink).await
    }

    async fn note_backup(&self, n_rows: u64, by: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "note a backup").await?;
        journal::note_backup(&mut tx, n_rows, by, at).await?;
        tx.commit().await
    }

    async fn last_backup(&self) -> Result<Option<JournalEntry>, StoreError> {
        let mut tx = self.read(INSTALLATION, "find the latest backup").await?;
        journal::last_backup(&mut tx).await
    }

    async fn note_backup_taken(&self, by: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self
            .write(INSTALLATION, "note a backup taken along")
            .await?;
        journal::note_backup_taken(&mut tx, by, at).await?;
        tx.commit().await
    }

    async fn last_backup_taken(&self) -> Result<Option<JournalEntry>, StoreError> {
        let mut tx = self.read(INSTALLATION, "find who took a backup").await?;
        journal::last_backup_taken(&mut tx).await
    }

    async fn load(
        &self,
        source: &mut dyn Source,
        written: &mut dyn Sink,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(INSTALLATION, "load a dump").await?;
        dump::load(&mut tx, source, written).await?;
        tx.commit().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.read(INSTALLATION, "reach the database").await?;
        editions::any(&mut tx).await
    }

    async fn close(&self) {
        self.disconnect().await;
    }
}
