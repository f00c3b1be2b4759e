//! Editions: compared, read from official workbooks, kept as drafts and published by a person.

use std::path::PathBuf;

use sonae_domain::edition::{Edition, EditionHead, Item, ItemFile, Mapping, MappingFile, Relation};
use sonae_domain::era;
use sonae_domain::ids::{AccountId, EditionId, ItemId};
pub(crate) use sonae_ingest::edition_workbook::{CellRole, EditionDraft, Understood};
use sonae_store::{DraftRecorded, EditionTexts, Published};

use super::failure::Failure;
use super::import::SourceFile;
use super::labels;
use super::reader_process::{self, Outcome, Request, Task};
use super::workspace::{Workspace, store_failure};

/// How one row differs between two editions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RowChange<'a> {
    /// Only in the newer one.
    Added(&'a Item),
    /// Only in the older one.
    Removed(&'a Item),
    /// In both, with another number, wording or remark.
    Changed { before: &'a Item, after: &'a Item },
    /// In both, word for word.
    Same(&'a Item),
}

/// A draft that was kept.
pub(crate) struct DraftKept {
    /// Counts from 1.
    pub(crate) revision: i64,
    /// Rows whose wording no earlier edition has; only a person can tell about them.
    pub(crate) n_unmapped: usize,
}

impl Workspace {
    /// This fiscal year, when no edition of it is held: the form in use is last year's.
    pub(crate) fn missing_year(&self) -> Option<i16> {
        let year = era::fiscal_year_of(self.today);
        let held = self.catalog.newest_edition()?.head.fiscal_year;
        (held < year).then_some(year)
    }

    /// Whether we know that the edition of a year was published.
    pub(crate) fn is_published(&self, year: i16) -> bool {
        let edition = EditionId::new(format!("fy{year}"));
        let mut files = self.catalog.official_files.iter();
        files.any(|file| file.edition == edition)
    }

    /// Editions of which there is a draft.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn drafts(&self) -> Result<Vec<EditionId>, Failure> {
        let revisions = self.store.editions().await.map_err(store_failure)?;
        let drafts = revisions
            .into_iter()
            .filter(|revision| revision.published.is_none());
        Ok(drafts.map(|revision| revision.id).collect())
    }

    /// The edition of an id, shipped or published.
    ///
    /// # Errors
    /// No such edition.
    pub(crate) fn edition(&self, id: &str) -> Result<&Edition, Failure> {
        self.catalog
            .editions
            .get(&EditionId::new(id))
            .ok_or_else(|| {
                let known = self.catalog.editions.keys().map(EditionId::as_str);
                Failure::refused(labels::unknown_edition(Some(id), known))
            })
    }

    /// Reads the official workbooks of one edition together. Nothing is kept.
    ///
    /// # Errors
    /// A file is no such workbook.
    pub(crate) async fn read_edition(&self, paths: &[PathBuf]) -> Result<EditionDraft, Failure> {
        let files: Result<Vec<_>, _> = paths.iter().map(|path| SourceFile::open(path)).collect();
        self.read_edition_files(&files?).await
    }

    /// The same, of files that are at hand already.
    ///
    /// # Errors
    /// A file is no such workbook, or there is none.
    pub(crate) async fn read_edition_files(
        &self,
        files: &[SourceFile],
    ) -> Result<EditionDraft, Failure> {
        let mut whole: Option<EditionDraft> = None;
        for file in files {
            let mut request = Request::new(Task::Edition, &file.name);
            request.earlier_items = self.earlier_items();
            let outcome = reader_process::read(&self.reader_program, request, &file.bytes).await?;
            let Outcome::Edition(draft) = outcome else {
                return Err(Failure::unexpected(labels::reader_not_started()));
            };
            match &mut whole {
                None => whole = Some(*draft),
                Some(whole) if whole.head.id == draft.head.id => {
                    whole.head.forms.extend(draft.head.forms);
                    whole.head.sources.extend(draft.head.sources);
                    whole.items.extend(draft.items);
                    whole.understood.extend(draft.understood);
                    whole.unexplained.extend(draft.unexplained);
                }
                Some(whole) => {
                    return Err(Failure::refused(labels::other_edition(
                        &file.name,
                        draft.head.id.as_str(),
                        whole.head.id.as_str(),
                    )));
                }
            }
        }
        whole.ok_or_else(|| Failure::refused(labels::no_edition_file()).at("file"))
    }

    /// The same, of uploads that wait for a person's yes.
    ///
    /// # Errors
    /// One of them no longer waits, is no such workbook, or there is none.
    pub(crate) async fn read_waiting_edition(
        &self,
        by: &AccountId,
        uploads: &[String],
    ) -> Result<EditionDraft, Failure> {
        let mut files = Vec::new();
        for upload in uploads {
            files.push(self.kept_upload(by, upload).await?);
        }
        self.read_edition_files(&files).await
    }

    /// Keeps a draft. A row that nobody explained, or rows that do not fit together, refuse it.
    ///
    /// # Errors
    /// The draft is not complete, the edition ships with the program, or the store fails.
    pub(crate) async fn keep_draft(
        &self,
        draft: &EditionDraft,
        by: &str,
    ) -> Result<DraftKept, Failure> {
        if !draft.unexplained.is_empty() {
            return Err(Failure::refused(labels::draft_unexplained(
                draft.unexplained.len(),
            )));
        }
        let id = &draft.head.id;
        let is_own = |revision: &sonae_store::EditionRevision| revision.id == *id;
        let own = self
            .store
            .editions()
            .await
            .map_err(store_failure)?
            .iter()
            .any(is_own);
        if self.catalog.editions.contains_key(id) && !own {
            return Err(Failure::refused(labels::edition_is_shipped(id.as_str())));
        }
        let mappings = self.carried_mappings(&draft.items);
        let n_unmapped = draft.items.len().saturating_sub(mappings.len());
        let texts = texts(&draft.head, &draft.items, mappings)?;
        let recorded = self
            .store
            .record_draft_edition(id, &texts, by, self.now)
            .await
            .map_err(store_failure)?;
        match recorded {
            DraftRecorded::Draft { revision } => Ok(DraftKept {
                revision,
                n_unmapped,
            }),
            DraftRecorded::AlreadyPublished { .. } => {
                Err(Failure::refused(labels::edition_is_published(id.as_str())))
            }
        }
    }

    /// Publishes the draft of an edition; it is frozen from then on.
    ///
    /// # Errors
    /// There is no draft, it changed meanwhile, or the store fails.
    pub(crate) async fn publish_edition(&self, id: &str, by: &str) -> Result<(), Failure> {
        let id = EditionId::new(id);
        let drafts = self.store.editions().await.map_err(store_failure)?;
        let draft = drafts
            .iter()
            .find(|revision| revision.id == id && revision.published.is_none())
            .ok_or_else(|| Failure::refused(labels::nothing_to_publish(id.as_str())))?;
        let published = self
            .store
            .publish_edition(&id, &draft.sha256, by, self.now)
            .await
            .map_err(store_failure)?;
        match published {
            Published::Now => Ok(()),
            Published::Already => Err(Failure::refused(labels::edition_is_published(id.as_str()))),
            Published::Changed { .. } | Published::Unknown => {
                Err(Failure::refused(labels::nothing_to_publish(id.as_str())))
            }
        }
    }

    /// Rows of all known editions, the newest first, so that unchanged rows keep their names.
    fn earlier_items(&self) -> Vec<Item> {
        self.catalog
            .editions
            .values()
            .rev()
            .flat_map(|edition| edition.items.clone())
            .collect()
    }

    /// The controls that rows of the same name had before. Only the wording decides: a row whose
    /// words changed has a new name, and a person maps it.
    fn carried_mappings(&self, items: &[Item]) -> Vec<Mapping> {
        items
            .iter()
            .filter_map(|item| {
                let control = self.catalog.editions.values().rev().find_map(|edition| {
                    let same = edition.items.iter().find(|earlier| {
                        earlier.slug() == item.slug() && same_words(earlier, item)
                    })?;
                    edition.controls_of(&same.id).next()
                })?;
                Some(Mapping {
                    item: item.id.clone(),
                    control: control.clone(),
                    relation: Relation::Answers,
                })
            })
            .collect()
    }
}

fn same_words(a: &Item, b: &Item) -> bool {
    a.wording.text == b.wording.text
}

fn texts(
    head: &EditionHead,
    items: &[Item],
    mappings: Vec<Mapping>,
) -> Result<EditionTexts, Failure> {
    let failed = |source: toml::ser::Error| {
        Failure::unexpected(labels::draft_inconsistent(&source.to_string())).because(source)
    };
    let texts = EditionTexts {
        edition: toml::to_string(head).map_err(failed)?,
        items: toml::to_string(&ItemFile {
            items: items.to_vec(),
        })
        .map_err(failed)?,
        mapping: toml::to_string(&MappingFile { mappings }).map_err(failed)?,
    };
    Edition::from_toml(&texts.edition, &texts.items, &texts.mapping).map_err(|source| {
        Failure::refused(labels::draft_inconsistent(&source.to_string())).because(source)
    })?;
    Ok(texts)
}

/// Compares two editions form by form, row by row. Rows belong together by their stable names.
pub(crate) fn diff<'a>(from: &'a Edition, to: &'a Edition) -> Vec<RowChange<'a>> {
    let key = |edition: &Edition, id: &ItemId| -> Option<String> {
        id.as_str()
            .strip_prefix(&format!("{}/", edition.head.id))
            .map(str::to_owned)
    };
    let find = |edition: &'a Edition, wanted: &Option<String>| {
        edition
            .items
            .iter()
            .find(|item| key(edition, &item.id) == *wanted)
    };
    let mut changes = Vec::new();
    for item in &to.items {
        changes.push(match find(from, &key(to, &item.id)) {
            None => RowChange::Added(item),
            Some(before) if same(before, item) => RowChange::Same(item),
            Some(before) => RowChange::Changed {
                before,
                after: item,
            },
        });
    }
    let removed = from
        .items
        .iter()
        .filter(|item| find(to, &key(from, &item.id)).is_none());
    changes.extend(removed.map(RowChange::Removed));
    changes
}

fn same(a: &Item, b: &Item) -> bool {
    (&a.number, &a.wording.text, &a.remark) == (&b.number, &b.wording.text, &b.remark)
}
