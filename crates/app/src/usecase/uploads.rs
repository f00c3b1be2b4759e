//! Files that came by upload: each is read in a dry run and shown, then recorded when a person says
//! so. One file that is refused does not stop the others.

use std::sync::Arc;

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::evidence::{DateBasis, Evidence};
use sonae_domain::fact::FactRows;
use sonae_domain::ids::EvidenceId;
use sonae_domain::ledger::MergeStep;

use super::apart::apart;
use super::doors::Person;
use super::evidence::ItemLink;
use super::failure::{Failure, FailureKind};
use super::history::day_or_none;
use super::import::{ImportOptions, Imported, Recorded, SourceFile};
use super::workspace::Workspace;

/// An upload, and for which day the person says that it speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChosenUpload {
    pub(crate) token: String,
    /// As typed; used only where the content carries no day.
    pub(crate) effective_on: String,
}

/// What a dry run said about an upload.
pub(crate) struct DryRun {
    pub(crate) upload: ChosenUpload,
    pub(crate) file_name: String,
    pub(crate) n_bytes: i64,
    /// Why the file is refused, or what would be recorded.
    pub(crate) outcome: Result<Box<Imported>, Text>,
    /// A refused file that may still be kept for people to read.
    pub(crate) may_be_document: bool,
    /// What its format is called, if it has one.
    pub(crate) format: Option<Text>,
    /// How many rows each table has.
    pub(crate) tables: Vec<(Text, usize)>,
    /// The rows of the own form that it speaks about.
    pub(crate) items: Vec<ItemLink>,
    /// What was wrong when the person said yes.
    pub(crate) refused: Option<Text>,
}

/// What became of uploads that a person said yes to.
#[derive(Default)]
pub(crate) struct Settled {
    /// Of each file that is kept now, or was before.
    pub(crate) ids: Vec<EvidenceId>,
    pub(crate) n_new: usize,
    pub(crate) n_known: usize,
    pub(crate) n_older: usize,
    /// Those that still wait, with the reason.
    pub(crate) waiting: Vec<(ChosenUpload, Text)>,
}

impl DryRun {
    /// What would be recorded.
    pub(crate) fn imported(&self) -> Option<&Imported> {
        self.outcome.as_deref().ok()
    }

    /// The content carries no day, so a person must say it.
    pub(crate) fn needs_day(&self) -> bool {
        let basis = self.imported().map(|imported| imported.effective.1);
        basis.is_some_and(|basis| basis != DateBasis::Content)
    }

    /// How many devices of the ledger would be new, changed, unchanged, and held for a person.
    pub(crate) fn merge_counts(&self) -> Option<[usize; 4]> {
        let steps = &self.imported()?.merge;
        let mut counts = [0; 4];
        for step in steps {
            let [new, changed, same, held] = &mut counts;
            *match step {
                MergeStep::New { .. } | MergeStep::SameNameOnly { .. } => new,
                MergeStep::Changed { .. } => changed,
                MergeStep::Same { .. } => same,
                MergeStep::Conflict { .. } => held,
            } += 1;
        }
        (!steps.is_empty()).then_some(counts)
    }
}

impl Workspace {
    /// Reads uploads without recording anything. Those that are gone are left out.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn dry_runs(
        self: &Arc<Self>,
        uploads: &[ChosenUpload],
        by: &Person,
    ) -> Result<Vec<DryRun>, Failure> {
        let mut earlier = self.evidence().await?;
        let mut runs = Vec::new();
        for upload in uploads {
            let Some(file) = self.waiting(upload, by).await? else {
                continue;
            };
            let file_name = file.name.clone();
            let n_bytes = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
            let options = self.upload_options(None, by).await?;
            let options = ImportOptions {
                dry_run: true,
                ..options
            };
            let (read, known) = self.import_apart(file, options, earlier).await?;
            earlier = known;
            let kind = read.as_ref().err().map(|failure| failure.kind);
            let outcome = match read {
                Ok(imported) => Ok(Box::new(imported)),
                Err(failure) => Err(failure.refusal()?),
            };
            let reading = outcome.as_ref().ok().map(|imported| &imported.reading);
            runs.push(DryRun {
                upload: upload.clone(),
                file_name,
                n_bytes,
                format: reading.map(|reading| self.format_title(&reading.format)),
                tables: reading.map_or_else(Vec::new, |reading| self.row_counts(&reading.facts)),
                items: reading.map_or_else(Vec::new, |it| self.items_of_format(&it.format)),
                outcome,
                may_be_document: kind == Some(FailureKind::Refused),
                refused: None,
            });
        }
        Ok(runs)
    }

    /// Records uploads. What is refused waits on, so that the person can put it right; what was
    /// recorded before by the same press of a button is passed over.
    ///
    /// # Errors
    /// The store fails; files recorded until then stay recorded.
    pub(crate) async fn record_uploads(
        self: &Arc<Self>,
        uploads: &[ChosenUpload],
        by: &Person,
    ) -> Result<Settled, Failure> {
        let mut earlier = self.evidence().await?;
        let mut settled = Settled::default();
        for upload in uploads {
            let Some(file) = self.waiting(upload, by).await? else {
                continue;
            };
            let stated = match day_or_none(&upload.effective_on) {
                Ok(stated) => stated,
                Err(failure) => {
                    settled.wait(upload, failure)?;
                    continue;
                }
            };
            let options = self.upload_options(stated, by).await?;
            let options = ImportOptions {
                day_required: true,
                ..options
            };
            let (done, known) = self.import_apart(file, options, earlier).await?;
            earlier = known;
            match done {
                Ok(imported) => {
                    settled.count(&imported);
                    self.drop_upload(&by.account, &upload.token).await?;
                }
                Err(failure) => settled.wait(upload, failure)?,
            }
        }
        Ok(settled)
    }

    fn row_counts(&self, facts: &[FactRows]) -> Vec<(Text, usize)> {
        let filled = facts.iter().filter(|rows| !rows.rows.is_empty());
        filled
            .map(|rows| (self.table_title(&rows.table), rows.rows.len()))
            .collect()
    }

    async fn upload_options(
        &self,
        effective_on: Option<Date>,
        by: &Person,
    ) -> Result<ImportOptions, Failure> {
        Ok(ImportOptions {
            effective_on,
            mapping: self.column_mapping(&[]).await?,
            by: by.name.clone(),
            ..ImportOptions::default()
        })
    }

    /// The file of an upload, as long as it waits.
    async fn waiting(
        &self,
        upload: &ChosenUpload,
        by: &Person,
    ) -> Result<Option<SourceFile>, Failure> {
        match self.kept_upload(&by.account, &upload.token).await {
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            file => file.map(Some),
        }
    }

    /// Imports on a thread of its own: a reader may take seconds, and others are served meanwhile.
    async fn import_apart(
        self: &Arc<Self>,
        file: SourceFile,
        options: ImportOptions,
        mut earlier: Vec<Evidence>,
    ) -> Result<(Result<Imported, Failure>, Vec<Evidence>), Failure> {
        let workspace = Arc::clone(self);
        apart(async move {
            let done = workspace.import_file(file, &options, &mut earlier).await;
            Ok((done, earlier))
        })
        .await
    }
}

impl Settled {
    fn wait(&mut self, upload: &ChosenUpload, failure: Failure) -> Result<(), Failure> {
        self.waiting.push((upload.clone(), failure.refusal()?));
        Ok(())
    }

    fn count(&mut self, imported: &Imported) {
        let id = match &imported.recorded {
            Some(Recorded::AlreadyKnown(known)) => {
                self.n_known += 1;
                known
            }
            Some(Recorded::OlderThanCurrent(_)) => {
                self.n_older += 1;
                &imported.id
            }
            Some(Recorded::New) | None => {
                self.n_new += 1;
                &imported.id
            }
        };
        self.ids.push(id.clone());
    }
}
