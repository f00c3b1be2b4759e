//! Importing files: read under limits, shown in a dry run, recorded whole or not at all.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era;
use sonae_domain::evidence::{ContentHash, DateBasis, Evidence, Finding, Reading};
use sonae_domain::ids::{AssetId, EvidenceId};
use sonae_domain::ledger::{self, Asset, MergeStep};
use sonae_ingest::ledger::{ColumnMapping, Field};
pub(crate) use sonae_store::Recorded;
use sonae_store::{AssetChange, NewEvidence, new_id};

use super::failure::Failure;
use super::files;
use super::labels;
use super::reader_process::{self, Outcome, Request, Task};
use super::workspace::{Workspace, store_failure};

/// Under this name the columns of the ledger are remembered.
const LEDGER_MAPPING: &str = "ledger";

/// How files are imported.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportOptions {
    /// Record nothing.
    pub(crate) dry_run: bool,
    /// The day for which the files speak, where their content does not say.
    pub(crate) effective_on: Option<Date>,
    /// Name of the source whose older facts are replaced.
    pub(crate) source: Option<String>,
    /// Columns of a ledger as the user maps them.
    pub(crate) mapping: Option<ColumnMapping>,
    /// Who imports.
    pub(crate) by: String,
}

/// What became of one file.
#[derive(Debug)]
pub(crate) struct Imported {
    /// As it came.
    pub(crate) file_name: String,
    /// What the reader made of it.
    pub(crate) reading: Reading,
    /// The day for which it speaks and how we know.
    pub(crate) effective: (Date, DateBasis),
    /// What the ledger would do or did with its rows.
    pub(crate) merge: Vec<MergeStep>,
    /// Nothing in a dry run.
    pub(crate) recorded: Option<Recorded>,
    /// The id under which it is kept.
    pub(crate) id: EvidenceId,
    /// Things to tell about the file as a whole.
    pub(crate) findings: Vec<Finding>,
}

/// Bytes with the name and time that came with them.
pub(crate) struct SourceFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) modified_on: Date,
}

impl SourceFile {
    /// Reads a file of the user, up to the limit.
    ///
    /// # Errors
    /// Not there, not readable, a folder, too large.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let (bytes, modified) = files::read_limited(path, reader_process::FILE_BYTES_MAX)?;
        let modified = Timestamp::try_from(modified).unwrap_or(Timestamp::UNIX_EPOCH);
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            bytes,
            modified_on: era::day_in_japan(modified),
        })
    }
}

impl Workspace {
    /// Imports one file of the user.
    ///
    /// # Errors
    /// The file cannot be read or is refused, or the store fails; then nothing of it is kept.
    pub(crate) async fn import(
        &self,
        path: &Path,
        options: &ImportOptions,
    ) -> Result<Imported, Failure> {
        self.import_file(SourceFile::open(path)?, options).await
    }

    /// How this institution names the columns of its ledger: what was said before, and what is
    /// said now as `HEADER=FIELD`, which is remembered.
    ///
    /// # Errors
    /// An unknown field, or the store fails.
    pub(crate) async fn column_mapping(
        &self,
        typed: &[String],
        by: &str,
        dry_run: bool,
    ) -> Result<Option<ColumnMapping>, Failure> {
        let institution = &self.institution.id;
        let kept = self
            .store
            .column_mapping(institution, LEDGER_MAPPING)
            .await
            .map_err(store_failure)?;
        let mut mapping: ColumnMapping = kept
            .and_then(|kept| serde_json::from_str(&kept).ok())
            .unwrap_or_default();
        for typed in typed {
            let (header, field) = column(typed)?;
            mapping.columns.insert(header, field);
        }
        if !typed.is_empty() && !dry_run {
            let json = serde_json::to_string(&mapping).unwrap_or_default();
            self.store
                .save_column_mapping(institution, LEDGER_MAPPING, &json, by, self.now)
                .await
                .map_err(store_failure)?;
        }
        Ok((!mapping.columns.is_empty()).then_some(mapping))
    }

    /// All evidence, the newest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn evidence(&self) -> Result<Vec<Evidence>, Failure> {
        self.store
            .evidence(&self.institution.id)
            .await
            .map_err(store_failure)
    }

    /// One piece of evidence, and what its reader found.
    ///
    /// # Errors
    /// No such evidence, or the store fails.
    pub(crate) async fn evidence_record(
        &self,
        id: &EvidenceId,
    ) -> Result<(Evidence, Vec<Finding>), Failure> {
        let institution = &self.institution.id;
        let unknown = || Failure::refused(labels::unknown_evidence(id.as_str()));
        let evidence = self
            .store
            .evidence_by_id(institution, id)
            .await
            .map_err(store_failure)?;
        let findings = self
            .store
            .findings(institution, id)
            .await
            .map_err(store_failure)?;
        Ok((evidence.ok_or_else(unknown)?, findings.unwrap_or_default()))
    }

    /// Writes the raw bytes of evidence back to a file.
    ///
    /// # Errors
    /// No such evidence, the store fails, or the file cannot be written.
    pub(crate) async fn write_raw(&self, id: &EvidenceId, out: &Path) -> Result<(), Failure> {
        let raw = self
            .store
            .raw(&self.institution.id, id)
            .await
            .map_err(store_failure)?;
        let unknown = || Failure::refused(labels::unknown_evidence(id.as_str()));
        files::write_whole(out, &raw.ok_or_else(unknown)?)
    }

    /// Imports one file: reads it in a child process, then records everything in one transaction.
    ///
    /// # Errors
    /// The file is refused, or the store fails; in both cases nothing of it is kept.
    pub(crate) async fn import_file(
        &self,
        file: SourceFile,
        options: &ImportOptions,
    ) -> Result<Imported, Failure> {
        let mut request = Request::new(Task::Evidence, &file.name);
        request.mapping = options.mapping.clone();
        let outcome = reader_process::read(&self.reader_program, &request, &file.bytes)?;
        let Outcome::Evidence(reading) = outcome else {
            return Err(Failure::unexpected(labels::reader_not_started()));
        };
        let mut reading = *reading;
        if let Some(source) = &options.source {
            reading.source.clone_from(source);
        }
        self.check_facts(&reading)?;
        let effective = self.effective_day(&reading, &file, options)?;
        let known: Vec<Asset> = match reading.assets.is_empty() {
            true => Vec::new(),
            false => self
                .ledger()
                .await?
                .into_iter()
                .map(|(asset, _)| asset)
                .collect(),
        };
        let mut imported = Imported {
            file_name: file.name.clone(),
            merge: ledger::merge(&known, &reading.assets),
            findings: self.file_findings(&reading, effective, options),
            reading,
            effective,
            recorded: None,
            id: EvidenceId::new(new_id(self.now)),
        };
        if !options.dry_run {
            let assets = self.asset_changes(&imported, &known);
            imported.recorded = Some(self.record(&imported, assets, file, options).await?);
        }
        Ok(imported)
    }

    async fn record(
        &self,
        imported: &Imported,
        assets: Vec<AssetChange>,
        file: SourceFile,
        options: &ImportOptions,
    ) -> Result<Recorded, Failure> {
        let reading = &imported.reading;
        let (effective_on, effective_basis) = imported.effective;
        let evidence = Evidence {
            id: imported.id.clone(),
            source: reading.source.clone(),
            format: reading.format.clone(),
            collector: reading.collector.clone(),
            command: reading.command.clone(),
            target: reading.target.clone(),
            effective_on,
            effective_basis,
            collected_at: reading.collected_at,
            recorded_at: self.now,
            content_hash: ContentHash::of(&file.bytes),
            n_bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
            file_name: file.name.clone(),
            reader_version: reading.reader_version,
            current: true,
        };
        let findings: Vec<Finding> = reading
            .findings
            .iter()
            .chain(&imported.findings)
            .cloned()
            .collect();
        self.record_evidence(NewEvidence {
            evidence,
            raw: file.bytes,
            facts: reading.facts.clone(),
            findings,
            assets,
            recorded_by: options.by.clone(),
        })
        .await
    }

    /// The merge as changes of the ledger. Rows that say the same again are confirmed, so that the
    /// ledger's evidence is as fresh as the file; conflicts are left for a person.
    fn asset_changes(&self, imported: &Imported, known: &[Asset]) -> Vec<AssetChange> {
        let rows = &imported.reading.assets;
        let known = |id: &AssetId| known.iter().find(|asset| asset.id == *id);
        let new = |row: usize| {
            let record = rows.get(row)?.clone();
            Some(Asset {
                id: AssetId::new(new_id(self.now)),
                record,
            })
        };
        let asset = |step: &MergeStep| match step {
            MergeStep::New { row } | MergeStep::SameNameOnly { row, .. } => new(*row),
            MergeStep::Changed { row, asset, .. } => {
                let known = known(asset)?;
                let record = ledger::combined(&known.record, rows.get(*row)?);
                Some(Asset {
                    id: asset.clone(),
                    record,
                })
            }
            MergeStep::Same { asset, .. } => known(asset).cloned(),
            MergeStep::Conflict { .. } => None,
        };
        imported
            .merge
            .iter()
            .filter_map(asset)
            .map(|asset| AssetChange {
                asset,
                evidence: Some(imported.id.clone()),
                retired: false,
            })
            .collect()
    }

    /// Facts must fit the tables that checks read; anything else is a mistake of a reader.
    fn check_facts(&self, reading: &Reading) -> Result<(), Failure> {
        let misfit = reading
            .facts
            .iter()
            .find_map(|rows| match self.catalog.table(&rows.table) {
                None => Some(format!("no table {}", rows.table)),
                Some(table) => rows.misfit(table),
            });
        match misfit {
            None => Ok(()),
            Some(why) => Err(Failure::unexpected(labels::facts_misfit(
                &reading.format,
                &why,
            ))),
        }
    }

    /// The day for which a file speaks: what it says itself, else what the person says, else the
    /// time of the file. A stated day in the future is refused; a future day in the content is
    /// kept as it is, and the domain counts it as unknown.
    fn effective_day(
        &self,
        reading: &Reading,
        file: &SourceFile,
        options: &ImportOptions,
    ) -> Result<(Date, DateBasis), Failure> {
        if let Some(stated) = options.effective_on.filter(|day| *day > self.today) {
            return Err(Failure::refused(labels::effective_in_future(
                stated, self.today,
            )));
        }
        Ok(match (reading.collected_at, options.effective_on) {
            (Some(at), _) => (era::day_in_japan(at), DateBasis::Content),
            (None, Some(stated)) => (stated, DateBasis::Stated),
            (None, None) => (file.modified_on.min(self.today), DateBasis::FileTime),
        })
    }

    fn file_findings(
        &self,
        reading: &Reading,
        (effective_on, basis): (Date, DateBasis),
        options: &ImportOptions,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        if effective_on > self.today {
            findings.push(labels::content_in_future(effective_on, self.today));
        }
        if basis == DateBasis::FileTime && !reading.facts.is_empty() {
            findings.push(labels::day_from_file(effective_on));
        }
        if basis == DateBasis::Content && options.effective_on.is_some_and(|d| d != effective_on) {
            findings.push(labels::content_day_wins(effective_on));
        }
        findings
    }
}

/// The formats that Sonae reads, each with a few words about it.
pub(crate) fn formats() -> impl Iterator<Item = (&'static str, Text)> {
    sonae_ingest::READERS
        .iter()
        .map(|reader| (reader.format, reader.title()))
}

fn column(typed: &str) -> Result<(String, Field), Failure> {
    let parsed = typed.rsplit_once('=').and_then(|(header, field)| {
        let field = serde_json::from_value(field.trim().into()).ok()?;
        Some((header.trim().to_owned(), field))
    });
    parsed.ok_or_else(|| Failure::refused(labels::unknown_field(typed, labels::LEDGER_FIELDS)))
}
