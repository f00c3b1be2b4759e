//! Documents as evidence: a photo, a contract, a note. A person says what they are and which items
//! they speak about; they bring no facts, so they never prove an item by themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::evidence::{ContentHash, DateBasis, Evidence};
use sonae_domain::ids::{EvidenceId, ItemId, RecordId};
use sonae_domain::register::{Document, Record};
pub(crate) use sonae_store::Saved;
use sonae_store::{NewEvidence, RecordChange, RecordVersion, Recorded, new_id};

use super::answering::{day, refuse_secret};
use super::basis::body_of;
use super::checklist::WhichForm;
use super::doors::Person;
use super::evidence::ItemLink;
use super::failure::{Failure, FailureKind};
use super::import::SourceFile;
use super::labels;
use super::reader_process::{self, Request, Task};
use super::workspace::{Workspace, store_failure};

/// The format under which their bytes are kept; no reader has it.
pub(crate) const FORMAT: &str = "document";

/// Ours are UUIDs.
const ID_CHARS: usize = 36;

/// What a person typed about a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TypedDocument {
    /// Made with the empty form, so that a form sent twice is one document.
    pub(crate) id: String,
    /// The version that the person saw; none for a new one.
    pub(crate) seen: Option<i64>,
    /// Where the file waits; none keeps the file that is there.
    pub(crate) upload: Option<String>,
    pub(crate) title: String,
    /// Ids of rows.
    pub(crate) items: Vec<String>,
    pub(crate) effective_on: String,
    pub(crate) valid_until: String,
    pub(crate) note: String,
}

/// A document with what is known about its bytes.
#[derive(Debug, Clone)]
pub(crate) struct DocumentView {
    pub(crate) id: RecordId,
    pub(crate) version: i64,
    pub(crate) document: Document,
    pub(crate) evidence: Evidence,
    /// The rows of the own form that it speaks about.
    pub(crate) items: Vec<ItemLink>,
    /// Its last day is past.
    pub(crate) is_expired: bool,
    pub(crate) changed_by: String,
    pub(crate) changed_at: Timestamp,
}

/// A document's bytes and what they were called.
pub(super) struct Content {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Workspace {
    /// All documents at the moment that is shown, those about the latest day first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn documents(&self) -> Result<Vec<DocumentView>, Failure> {
        let (institution, kind) = (&self.institution.id, Document::KIND);
        let versions = self
            .store
            .records_as_of(institution, kind, self.as_of)
            .await;
        let evidence = self.evidence_by_id().await?;
        let mut documents = Vec::new();
        for version in versions.map_err(store_failure)? {
            let document = body_of::<Document>(&version)?;
            if let Some(evidence) = evidence.get(&document.evidence) {
                documents.push(self.document_view(version, document, evidence.clone()));
            }
        }
        documents.sort_by(|a, b| {
            let days = (b.evidence.effective_on).cmp(&a.evidence.effective_on);
            days.then_with(|| a.document.title.cmp(&b.document.title))
        });
        Ok(documents)
    }

    /// The items about which there is a document.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn items_with_documents(&self) -> Result<BTreeSet<ItemId>, Failure> {
        let documents = self.document_records().await?;
        let items = documents.into_iter().flat_map(|document| document.items);
        Ok(items.collect())
    }

    /// One document.
    ///
    /// # Errors
    /// There is none, or the store fails.
    pub(crate) async fn document(&self, id: &RecordId) -> Result<DocumentView, Failure> {
        let version = self.document_version(id).await?.ok_or_else(unknown)?;
        let document = body_of::<Document>(&version)?;
        let (evidence, _) = self.evidence_record(&document.evidence).await?;
        Ok(self.document_view(version, document, evidence))
    }

    /// The document whose bytes a piece of evidence holds.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn document_of(
        &self,
        evidence: &EvidenceId,
    ) -> Result<Option<DocumentView>, Failure> {
        let mut documents = self.documents().await?.into_iter();
        Ok(documents.find(|view| view.document.evidence == *evidence))
    }

    /// An empty form for a document.
    pub(crate) fn new_document(&self) -> TypedDocument {
        TypedDocument {
            id: new_id(self.now),
            effective_on: self.today.to_string(),
            ..TypedDocument::default()
        }
    }

    /// The rows that a document may speak about: those of the own form, by id.
    ///
    /// # Errors
    /// There is no edition.
    pub(crate) fn items_for_documents(&self) -> Result<Vec<(ItemId, ItemLink)>, Failure> {
        let (edition, form) = self.form(&WhichForm::default())?;
        let items = edition.items_of(&form.id);
        Ok(items
            .map(|item| (item.id.clone(), Self::item_link(edition, item)))
            .collect())
    }

    /// Keeps a document: its bytes as evidence first, then what the person says about them. If the
    /// second fails the bytes are there without being named anywhere, and sending again uses them.
    ///
    /// # Errors
    /// Something is missing or cannot be true, the file is no longer there, or the store fails.
    pub(crate) async fn save_document(
        &self,
        typed: &TypedDocument,
        by: &Person,
    ) -> Result<Saved<DocumentView>, Failure> {
        let id = RecordId::new(typed.id.as_str());
        let before = match self.document_version(&id).await? {
            Some(version) => Some((body_of::<Document>(&version)?, version)),
            None if typed.seen.is_some() || !is_id(&typed.id) => return Err(unknown()),
            None => None,
        };
        let (effective_on, valid_until) = self.document_days(typed)?;
        let items = self.document_items(typed, before.as_ref().map(|(before, _)| before))?;
        let upload = match self.document_upload(typed, by).await {
            // Sent twice: the first time took the file.
            Err(failure)
                if failure.kind == FailureKind::NotFound
                    && typed.seen.is_none()
                    && before.is_some() =>
            {
                return Ok(Saved::Same);
            }
            upload => upload?,
        };
        let before = before.map(|(before, _)| before.evidence);
        let evidence = match (upload, before) {
            (None, None) => return Err(Failure::refused(labels::document_without_file())),
            (None, Some(kept)) => self.dated(&id, kept, effective_on, &by.name).await?,
            (Some(file), _) => {
                self.refuse_never_kept(&file).await?;
                let content = Content {
                    name: file.name,
                    bytes: Arc::unwrap_or_clone(file.bytes),
                };
                self.keep_content(&id, content, effective_on, &by.name)
                    .await?
            }
        };
        let document = Document {
            evidence,
            title: typed.title.trim().to_owned(),
            items,
            valid_until,
            note: Some(typed.note.trim().to_owned()).filter(|note| !note.is_empty()),
        };
        let saved = self
            .change_document(&id, typed.seen, &document, false, by)
            .await?;
        if let (Saved::Done | Saved::Same, Some(token)) = (&saved, &typed.upload) {
            self.drop_upload(&by.account, token).await?;
        }
        Ok(saved)
    }

    /// What documents are called, each with the address of its page; those taken away are left out.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn documents_named(
        &self,
        ids: &[RecordId],
    ) -> Result<Vec<(String, String)>, Failure> {
        let documents = self.kept_by_id::<Document>().await?;
        let named = ids.iter().filter_map(|id| {
            let title = documents.get(id)?.title.clone();
            Some((format!("/evidence/documents/{id}"), title))
        });
        Ok(named.collect())
    }

    /// What the file of a document is called, and its bytes.
    ///
    /// # Errors
    /// There is none, or the store fails.
    pub(crate) async fn document_content(
        &self,
        id: &RecordId,
    ) -> Result<(String, Vec<u8>), Failure> {
        let view = self.document(id).await?;
        let bytes = self.raw(&view.document.evidence).await?;
        Ok((view.evidence.file_name, bytes))
    }

    /// Keeps a file that somebody without an account sent, as a document about today.
    ///
    /// # Errors
    /// It holds what is never kept, or the store fails.
    pub(super) async fn keep_sent(
        &self,
        title: String,
        items: Vec<ItemId>,
        file: SourceFile,
        by: &str,
    ) -> Result<RecordId, Failure> {
        self.refuse_never_kept(&file).await?;
        let seen = self.new_record();
        let content = Content {
            name: file.name,
            bytes: Arc::unwrap_or_clone(file.bytes),
        };
        let document = Document {
            evidence: self.keep_content(&seen.id, content, self.today, by).await?,
            title,
            items,
            valid_until: None,
            note: None,
        };
        self.keep(&seen, &document, by).await?;
        Ok(seen.id)
    }

    /// Takes a document away. Its bytes and its history stay.
    ///
    /// # Errors
    /// There is none, or the store fails.
    pub(crate) async fn withdraw_document(
        &self,
        id: &RecordId,
        seen: i64,
        by: &Person,
    ) -> Result<Saved<DocumentView>, Failure> {
        let version = self.document_version(id).await?.ok_or_else(unknown)?;
        let document = body_of::<Document>(&version)?;
        self.change_document(id, Some(seen), &document, true, by)
            .await
    }

    pub(super) async fn change_document(
        &self,
        id: &RecordId,
        seen: Option<i64>,
        document: &Document,
        removed: bool,
        by: &Person,
    ) -> Result<Saved<DocumentView>, Failure> {
        let change = RecordChange {
            kind: Document::KIND,
            id: id.clone(),
            seen,
            body: serde_json::to_string(document).map_err(|source| {
                Failure::unexpected(labels::document_unreadable()).because(source)
            })?,
            removed,
        };
        let saved = self
            .store
            .save_record(&self.institution.id, &change, &by.name, self.now)
            .await;
        Ok(match saved.map_err(store_failure)? {
            Saved::Done => Saved::Done,
            Saved::Same => Saved::Same,
            Saved::Conflict(_) => Saved::Conflict(self.document(id).await?),
        })
    }

    pub(super) async fn document_version(
        &self,
        id: &RecordId,
    ) -> Result<Option<RecordVersion>, Failure> {
        self.store
            .record(&self.institution.id, Document::KIND, id)
            .await
            .map_err(store_failure)
    }

    fn document_view(
        &self,
        version: RecordVersion,
        document: Document,
        evidence: Evidence,
    ) -> DocumentView {
        let rows = self.items_for_documents().unwrap_or_default();
        let items = rows
            .into_iter()
            .filter(|(id, _)| document.items.contains(id));
        DocumentView {
            items: items.map(|(_, link)| link).collect(),
            is_expired: document.valid_until.is_some_and(|day| day < self.today),
            id: version.id,
            version: version.version,
            document,
            evidence,
            changed_by: version.changed_by,
            changed_at: version.changed_at,
        }
    }

    /// The day for which the document speaks, and its last day.
    fn document_days(&self, typed: &TypedDocument) -> Result<(Date, Option<Date>), Failure> {
        if typed.title.trim().is_empty() {
            return Err(Failure::refused(labels::document_without_title()));
        }
        refuse_secret(Some(&typed.title))?;
        refuse_secret(Some(&typed.note))?;
        let effective_on = day(typed.effective_on.trim())?;
        if effective_on > self.today {
            let why = labels::document_in_future(effective_on, self.today);
            return Err(Failure::refused(why));
        }
        let valid_until = match typed.valid_until.trim() {
            "" => None,
            typed => Some(day(typed)?),
        };
        match valid_until.filter(|end| *end < effective_on) {
            Some(end) => Err(Failure::refused(labels::document_ends_before(
                effective_on,
                end,
            ))),
            None => Ok((effective_on, valid_until)),
        }
    }

    /// The rows chosen, and those of other forms that the document spoke about before.
    fn document_items(
        &self,
        typed: &TypedDocument,
        before: Option<&Document>,
    ) -> Result<Vec<ItemId>, Failure> {
        let own = self.items_for_documents()?;
        let is_own = |id: &ItemId| own.iter().any(|(own, _)| own == id);
        let chosen: Vec<ItemId> = typed
            .items
            .iter()
            .map(|id| ItemId::new(id.as_str()))
            .collect();
        if !chosen.iter().all(is_own) {
            return Err(unknown());
        }
        let before = before.into_iter().flat_map(|before| &before.items);
        let elsewhere = before.filter(|id| !is_own(id)).cloned();
        Ok(chosen.into_iter().chain(elsewhere).collect())
    }

    async fn document_upload(
        &self,
        typed: &TypedDocument,
        by: &Person,
    ) -> Result<Option<SourceFile>, Failure> {
        match &typed.upload {
            None => Ok(None),
            Some(token) => self.kept_upload(&by.account, token).await.map(Some),
        }
    }

    /// A reader would refuse the file for what it holds, so it is no document either.
    pub(super) async fn refuse_never_kept(&self, file: &SourceFile) -> Result<(), Failure> {
        let request = Request::new(Task::Evidence, &file.name);
        match reader_process::read(&self.reader_program, request, &file.bytes).await {
            Err(failure) if failure.kind == FailureKind::NeverKept => {
                match self.asks_of_secrets(file).await? {
                    true => Ok(()),
                    false => Err(failure),
                }
            }
            // A photo is no evidence that a reader knows; people look at it.
            Err(failure) => failure.refusal().map(drop),
            Ok(_) => Ok(()),
        }
    }

    /// The same bytes, for another day if the person says so.
    pub(super) async fn dated(
        &self,
        id: &RecordId,
        kept: EvidenceId,
        effective_on: Date,
        by: &str,
    ) -> Result<EvidenceId, Failure> {
        let (evidence, _) = self.evidence_record(&kept).await?;
        if evidence.effective_on == effective_on {
            return Ok(kept);
        }
        let content = Content {
            bytes: self.raw(&kept).await?,
            name: evidence.file_name,
        };
        self.keep_content(id, content, effective_on, by).await
    }

    pub(super) async fn keep_content(
        &self,
        id: &RecordId,
        content: Content,
        effective_on: Date,
        by: &str,
    ) -> Result<EvidenceId, Failure> {
        let evidence = Evidence {
            id: EvidenceId::new(new_id(self.now)),
            source: format!("{FORMAT}:{id}"),
            format: FORMAT.to_owned(),
            collector: by.to_owned(),
            command: None,
            target: None,
            effective_on,
            effective_basis: DateBasis::Stated,
            collected_at: None,
            recorded_at: self.now,
            content_hash: ContentHash::of(&content.bytes),
            n_bytes: i64::try_from(content.bytes.len()).unwrap_or(i64::MAX),
            file_name: content.name,
            reader_version: 1,
            current: true,
        };
        let new_id = evidence.id.clone();
        let recorded = self
            .record_evidence(NewEvidence {
                evidence,
                raw: content.bytes,
                facts: Vec::new(),
                findings: Vec::new(),
                assets: Vec::new(),
                rests_on: None,
                recorded_by: by.to_owned(),
            })
            .await?;
        Ok(match recorded {
            Recorded::AlreadyKnown(known) => known,
            Recorded::New | Recorded::OlderThanCurrent(_) => new_id,
        })
    }
}

impl DocumentView {
    /// What the form shows when the document is changed.
    pub(crate) fn typed(&self) -> TypedDocument {
        TypedDocument {
            id: self.id.to_string(),
            seen: Some(self.version),
            upload: None,
            title: self.document.title.clone(),
            items: self
                .document
                .items
                .iter()
                .map(ToString::to_string)
                .collect(),
            effective_on: self.evidence.effective_on.to_string(),
            valid_until: self
                .document
                .valid_until
                .map(|day| day.to_string())
                .unwrap_or_default(),
            note: self.document.note.clone().unwrap_or_default(),
        }
    }
}

/// Whether a text can be an id that we made.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == ID_CHARS && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// There is no such document.
pub(super) fn unknown() -> Failure {
    Failure::not_found(labels::document_unknown())
}
