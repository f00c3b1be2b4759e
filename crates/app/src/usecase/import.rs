//! Importing files: read under limits, shown in a dry run, recorded whole or not at all.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era;
use sonae_domain::evidence::{ContentHash, DateBasis, Evidence, Finding, Reading, Severity};
use sonae_domain::fact::{FactRows, FactTable};
use sonae_domain::ids::{AssetId, EvidenceId};
use sonae_domain::ledger::{self, Asset, AssetRecord, MergeStep};
use sonae_ingest::ledger::{ColumnMapping, Field};
pub(crate) use sonae_store::Recorded;
use sonae_store::{AssetChange, NewEvidence, new_id};

use super::failure::Failure;
use super::files;
use super::judging::{GAPS, reads_the_same};
use super::labels;
use super::reader_process::{self, Outcome, Request, Task};
use super::workspace::{TRIES, Workspace, store_failure, unless_changed};

/// Lists that people keep: an unreadable cell is null there, the rest of its row is read.
const LISTS: [&str; 2] = ["ledger", "staff_roster"];

/// A list that can only prove something: a permission that could not be read makes the verdict
/// stricter by itself. A restore drill that could not be read may be the one that failed.
const ONLY_PROVING: &str = "approved_services";

/// The format of our own collector.
const BUNDLE: &str = "sonae_bundle";

/// Under this name the columns of the ledger are remembered.
const LEDGER_MAPPING: &str = "ledger";

/// How files are imported.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportOptions {
    /// Record nothing.
    pub(crate) dry_run: bool,
    /// The day for which the files speak, where their content does not say.
    pub(crate) effective_on: Option<Date>,
    /// Refuse a file without a day of its own where nobody states one: an upload does not tell when
    /// the file was last changed.
    pub(crate) day_required: bool,
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
    /// Rows that a person must decide about, and why.
    pub(crate) conflicts: Vec<Text>,
    /// Devices of the ledger that a ledger file does not have.
    pub(crate) not_in_file: Vec<String>,
    /// Current evidence of the same source about a later day: this file changes nothing.
    pub(crate) newer: Option<Evidence>,
    /// Nothing in a dry run.
    pub(crate) recorded: Option<Recorded>,
    /// The id under which it is kept.
    pub(crate) id: EvidenceId,
    /// Things to tell about the file as a whole.
    pub(crate) findings: Vec<Finding>,
}

/// Bytes with the name and time that came with them.
#[derive(Clone)]
pub(crate) struct SourceFile {
    pub(crate) name: String,
    /// Shared with the thread that has them read.
    pub(crate) bytes: Arc<Vec<u8>>,
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
            bytes: Arc::new(bytes),
            modified_on: era::day_in_japan(modified),
        })
    }
}

impl Workspace {
    /// Imports one file of the user. `earlier` is all evidence so far, and is kept up to date, so
    /// that thousands of files need not ask for it each time.
    ///
    /// # Errors
    /// The file cannot be read or is refused, or the store fails; then nothing of it is kept.
    pub(crate) async fn import(
        &self,
        path: &Path,
        options: &ImportOptions,
        earlier: &mut Vec<Evidence>,
    ) -> Result<Imported, Failure> {
        self.import_file(SourceFile::open(path)?, options, earlier)
            .await
    }

    /// How this institution names the columns of its ledger: what was said before, and what is
    /// said now as `HEADER=FIELD`.
    ///
    /// # Errors
    /// An unknown field, or the store fails.
    pub(crate) async fn column_mapping(
        &self,
        typed: &[String],
    ) -> Result<Option<ColumnMapping>, Failure> {
        let kept = self
            .store
            .column_mapping(&self.institution.id, LEDGER_MAPPING)
            .await
            .map_err(store_failure)?;
        let mut mapping: ColumnMapping = kept
            .and_then(|kept| serde_json::from_str(&kept).ok())
            .unwrap_or_default();
        for typed in typed {
            let (header, field) = column(typed)?;
            mapping.columns.insert(header, field);
        }
        Ok((!mapping.columns.is_empty()).then_some(mapping))
    }

    /// Remembers how the columns of the ledger are named, once a file was read that way.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn keep_column_mapping(
        &self,
        mapping: &ColumnMapping,
        by: &str,
    ) -> Result<(), Failure> {
        let json = serde_json::to_string(mapping).unwrap_or_default();
        self.store
            .save_column_mapping(&self.institution.id, LEDGER_MAPPING, &json, by, self.now)
            .await
            .map_err(store_failure)
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
        let unknown = || Failure::not_found(labels::unknown_evidence(id.as_str()));
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

    /// The raw bytes of evidence, as they came.
    ///
    /// # Errors
    /// No such evidence, or the store fails.
    pub(crate) async fn raw(&self, id: &EvidenceId) -> Result<Vec<u8>, Failure> {
        let raw = self
            .store
            .raw(&self.institution.id, id)
            .await
            .map_err(store_failure)?;
        raw.ok_or_else(|| Failure::not_found(labels::unknown_evidence(id.as_str())))
    }

    /// Writes the raw bytes of evidence back to a file.
    ///
    /// # Errors
    /// No such evidence, the store fails, or the file cannot be written.
    pub(crate) async fn write_raw(&self, id: &EvidenceId, out: &Path) -> Result<(), Failure> {
        files::write_whole(out, &self.raw(id).await?)
    }

    /// Imports one file: reads it in a child process, then records everything in one transaction.
    ///
    /// # Errors
    /// The file is refused, or the store fails; in both cases nothing of it is kept.
    pub(crate) async fn import_file(
        &self,
        file: SourceFile,
        options: &ImportOptions,
        earlier: &mut Vec<Evidence>,
    ) -> Result<Imported, Failure> {
        let mut request = Request::new(Task::Evidence, &file.name);
        request.mapping = options.mapping.clone();
        let outcome = reader_process::read(&self.reader_program, request, &file.bytes).await?;
        let Outcome::Evidence(reading) = outcome else {
            return Err(Failure::unexpected(labels::reader_not_started()));
        };
        let mut reading = *reading;
        if let Some(source) = &options.source {
            reading.source.clone_from(source);
        }
        self.check_facts(&reading)?;
        check_source(&reading, earlier)?;
        let effective = self.effective_day(&reading, &file, earlier, options)?;
        let n_facts = reading.facts.len();
        // What others write meanwhile makes us merge again, so that no device comes in twice.
        for _ in 0..TRIES {
            reading.facts.truncate(n_facts);
            let merged = self.merge_file(&file, reading, effective, options, earlier);
            match merged.await? {
                Ok(imported) => return Ok(imported),
                Err(again) => reading = *again,
            }
        }
        Err(Failure::unusable(labels::changed_meanwhile()))
    }

    /// Merges what was read into the ledger as it is, and records it unless this is a dry run. Gives
    /// the reading back if anything was written since the ledger was read.
    async fn merge_file(
        &self,
        file: &SourceFile,
        mut reading: Reading,
        effective: (Date, DateBasis),
        options: &ImportOptions,
        earlier: &mut Vec<Evidence>,
    ) -> Result<Result<Imported, Box<Reading>>, Failure> {
        let (rests_on, known) = match reading.assets.is_empty() {
            true => (None, Vec::new()),
            false => {
                let last = self.store.last_entry(&self.institution.id).await;
                (Some(last.map_err(store_failure)?), self.ledger().await?)
            }
        };
        let assets: Vec<Asset> = known.iter().map(|(asset, _)| asset.clone()).collect();
        let merge = ledger::merge(&assets, &reading.assets);
        let gaps = self.gap_facts(&reading, &merge);
        reading.facts.extend(gaps);
        let mut imported = Imported {
            file_name: file.name.clone(),
            conflicts: conflicts(&merge, &reading.assets, &assets),
            not_in_file: not_in_file(&merge, &assets),
            newer: newer(earlier, &reading.source, effective.0).cloned(),
            merge,
            findings: self.file_findings(&reading, effective, options),
            reading,
            effective,
            recorded: None,
            id: EvidenceId::new(new_id(self.now)),
        };
        if !options.dry_run {
            let changes = self.asset_changes(&imported, &known);
            let new = self.evidence_of(&imported, changes, rests_on, file, options);
            let evidence = new.evidence.clone();
            let recorded = self.store.record_evidence(&self.institution.id, new).await;
            let Some(recorded) = unless_changed(recorded)? else {
                return Ok(Err(Box::new(imported.reading)));
            };
            note_recorded(earlier, &recorded, evidence);
            imported.recorded = Some(recorded);
        }
        Ok(Ok(imported))
    }

    /// What could not be read, as facts: each check that reads such a table counts it as unknown.
    ///
    /// An unreadable cell of a list that people keep is null in its row and needs no more; an
    /// unreadable row is a device or a person that nobody would miss.
    fn gap_facts(&self, reading: &Reading, merge: &[MergeStep]) -> Option<FactRows> {
        if reading.format == ONLY_PROVING {
            return None;
        }
        let is_list = LISTS.contains(&reading.format.as_str());
        let lost = |finding: &&Finding| {
            finding.severity == Severity::Unread && !(is_list && finding.place.column.is_some())
        };
        let findings: Vec<&Finding> = reading.findings.iter().filter(lost).collect();
        let conflict = |step: &&MergeStep| matches!(step, MergeStep::Conflict { .. });
        let n_lost = findings.len() + merge.iter().filter(conflict).count();
        let seen = |rows: &&FactRows| rows.table != GAPS && !rows.rows.is_empty();
        let is_empty = !reading.facts.iter().any(|rows| seen(&rows)) && reading.assets.is_empty();
        if n_lost == 0 && !is_empty {
            return None;
        }
        // Our bundle names the file of the table that is damaged; any other name, or another
        // format, puts the whole in doubt.
        let table_of = |finding: &&Finding| {
            let file = finding.place.part.as_deref().unwrap_or_default();
            let table = file
                .strip_suffix(".jsonl")
                .and_then(|name| self.catalog.table(name));
            table.map(|table| table.table.as_str())
        };
        let damaged: Option<BTreeSet<&str>> = findings.iter().map(table_of).collect();
        let damaged = damaged.filter(|_| reading.format == BUNDLE && !is_empty);
        let in_doubt = |table: &&FactTable| {
            table.table != GAPS
                && table.filled_by.contains(&reading.format)
                && damaged
                    .as_ref()
                    .is_none_or(|names| names.contains(table.table.as_str()))
        };
        let detail = match is_empty {
            true => labels::GAP_OF_EMPTY.to_owned(),
            false => labels::gap_of_findings(n_lost),
        };
        let mut gaps = FactRows::new(GAPS, &["table_name", "code", "detail"]);
        gaps.rows = self
            .catalog
            .tables
            .iter()
            .filter(in_doubt)
            .map(|table| {
                vec![
                    table.table.as_str().into(),
                    "not_readable".into(),
                    detail.as_str().into(),
                ]
            })
            .collect();
        Some(gaps)
    }

    /// What the store keeps of a file.
    fn evidence_of(
        &self,
        imported: &Imported,
        assets: Vec<AssetChange>,
        rests_on: Option<i64>,
        file: &SourceFile,
        options: &ImportOptions,
    ) -> NewEvidence {
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
        NewEvidence {
            evidence,
            raw: file.bytes.to_vec(),
            facts: reading.facts.clone(),
            findings,
            assets,
            rests_on,
            recorded_by: options.by.clone(),
        }
    }

    /// The merge as changes of the ledger; conflicts are left for a person.
    ///
    /// A device is confirmed by this file, and as fresh as it, only if the file says where the
    /// device is and whether it may be used. A list of names and addresses confirms neither.
    fn asset_changes(
        &self,
        imported: &Imported,
        known: &[(Asset, Option<EvidenceId>)],
    ) -> Vec<AssetChange> {
        let rows = &imported.reading.assets;
        let of = |id: &AssetId| known.iter().find(|(asset, _)| asset.id == *id);
        let change = |step: &MergeStep| {
            let (row, asset, before) = match step {
                MergeStep::New { row } | MergeStep::SameNameOnly { row, .. } => {
                    let record = rows.get(*row)?.clone();
                    let id = AssetId::new(new_id(self.now));
                    (*row, Asset { id, record }, None)
                }
                MergeStep::Changed { row, asset, .. } => {
                    let (known, before) = of(asset)?;
                    let record = ledger::combined(&known.record, rows.get(*row)?);
                    let id = asset.clone();
                    (*row, Asset { id, record }, before.clone())
                }
                MergeStep::Same { row, asset } => {
                    let (known, before) = of(asset)?;
                    (*row, known.clone(), before.clone())
                }
                MergeStep::Conflict { .. } => return None,
            };
            let record = rows.get(row)?;
            let confirms = match before {
                Some(_) => confirms(record, &asset.record),
                // What a person typed is confirmed by a file that says all of it.
                None => {
                    let (id, record) = (asset.id.clone(), record.clone());
                    reads_the_same(&Asset { id, record }, &asset)
                }
            };
            let evidence = match confirms {
                true => Some(imported.id.clone()),
                false => before,
            };
            Some(AssetChange {
                asset,
                evidence,
                retired: false,
            })
        };
        imported.merge.iter().filter_map(change).collect()
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
    /// time of the file. Bytes that were here before do not become younger by being copied.
    ///
    /// A day beyond tomorrow is refused: it would stay the newest of its source until then.
    fn effective_day(
        &self,
        reading: &Reading,
        file: &SourceFile,
        earlier: &[Evidence],
        options: &ImportOptions,
    ) -> Result<(Date, DateBasis), Failure> {
        if let Some(stated) = options.effective_on.filter(|day| *day > self.today) {
            return Err(Failure::refused(labels::effective_in_future(
                stated, self.today,
            )));
        }
        let tomorrow = self.today.tomorrow().unwrap_or(self.today);
        match (
            reading.collected_at.map(era::day_in_japan),
            options.effective_on,
        ) {
            (Some(day), _) if day > tomorrow => Err(Failure::refused(
                labels::content_far_in_future(&file.name, day),
            )),
            (Some(day), _) => Ok((day, DateBasis::Content)),
            (None, Some(stated)) => Ok((stated, DateBasis::Stated)),
            (None, None) if options.day_required => {
                Err(Failure::refused(labels::day_needed(&file.name)))
            }
            (None, None) => {
                let hash = ContentHash::of(&file.bytes);
                let same = earlier
                    .iter()
                    .filter(|evidence| evidence.content_hash == hash);
                let first = same.map(|evidence| evidence.effective_on).min();
                let day = file.modified_on.min(self.today);
                Ok((
                    first.map_or(day, |first| first.min(day)),
                    DateBasis::FileTime,
                ))
            }
        }
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

/// Current evidence of a source about a later day.
fn newer<'e>(earlier: &'e [Evidence], source: &str, effective_on: Date) -> Option<&'e Evidence> {
    let of_source = |evidence: &&Evidence| evidence.current && evidence.source == source;
    let current = earlier.iter().find(of_source);
    current.filter(|evidence| evidence.effective_on > effective_on)
}

/// The formats that Sonae reads, each with a few words about it.
pub(crate) fn formats() -> impl Iterator<Item = (&'static str, Text)> {
    sonae_ingest::READERS
        .iter()
        .map(|reader| (reader.format, reader.title()))
}

fn column(typed: &str) -> Result<(String, Field), Failure> {
    let parsed = typed.rsplit_once('=').and_then(|(header, field)| {
        let field = sonae_ingest::ledger::field_of(field.trim())?;
        Some((header.trim().to_owned(), field))
    });
    parsed.ok_or_else(|| Failure::refused(labels::unknown_field(typed, labels::LEDGER_FIELDS)))
}

/// Keeps the list of evidence as the store now has it.
fn note_recorded(earlier: &mut Vec<Evidence>, recorded: &Recorded, evidence: Evidence) {
    match recorded {
        Recorded::AlreadyKnown(_) => {}
        Recorded::OlderThanCurrent(_) => earlier.push(Evidence {
            current: false,
            ..evidence
        }),
        Recorded::New => {
            let replaced = earlier
                .iter_mut()
                .filter(|known| known.source == evidence.source);
            replaced.for_each(|known| known.current = false);
            earlier.push(evidence);
        }
    }
}

/// A source has one format: a list of backups under the name of a scan would end the scan's facts.
fn check_source(reading: &Reading, earlier: &[Evidence]) -> Result<(), Failure> {
    let other = earlier.iter().find(|evidence| {
        evidence.current && evidence.source == reading.source && evidence.format != reading.format
    });
    match other {
        None => Ok(()),
        Some(other) => Err(Failure::refused(labels::source_of_other_format(
            &other.source,
            &other.format,
        ))),
    }
}

/// Which rows were not taken, which devices they may be, and what makes it so.
fn conflicts(merge: &[MergeStep], rows: &[AssetRecord], known: &[Asset]) -> Vec<Text> {
    let conflict = |step: &MergeStep| {
        let MergeStep::Conflict {
            row,
            rows: others,
            assets,
            why,
        } = step
        else {
            return None;
        };
        let record = rows.get(*row)?;
        let others = others.iter().filter_map(|other| rows.get(*other));
        let shared = others
            .clone()
            .find_map(|other| ledger::shared_identity(record, other))
            .or_else(|| {
                let assets = known.iter().filter(|asset| assets.contains(&asset.id));
                assets
                    .into_iter()
                    .find_map(|a| ledger::shared_identity(record, &a.record))
            });
        let names: Vec<&str> = others
            .map(|other| other.name.as_str())
            .chain(
                known
                    .iter()
                    .filter(|asset| assets.contains(&asset.id))
                    .map(|asset| asset.record.name.as_str()),
            )
            .collect();
        Some(labels::ledger_conflict(&record.name, &names, shared, *why))
    };
    merge.iter().filter_map(conflict).collect()
}

/// Whether a row says where a device is and whether it may be used, as far as that is known.
fn confirms(row: &AssetRecord, known: &AssetRecord) -> bool {
    let says = |said: &Option<String>, known: &Option<String>| said.is_some() || known.is_none();
    says(&row.location, &known.location) && says(&row.usability, &known.usability)
}

/// Names of devices that no row is; a ledger file that leaves them out does not retire them.
fn not_in_file(merge: &[MergeStep], known: &[Asset]) -> Vec<String> {
    if merge.is_empty() {
        return Vec::new();
    }
    let named: BTreeSet<&AssetId> = merge
        .iter()
        .flat_map(|step| match step {
            MergeStep::Changed { asset, .. } | MergeStep::Same { asset, .. } => vec![asset],
            MergeStep::Conflict { assets, .. } => assets.iter().collect(),
            MergeStep::New { .. } | MergeStep::SameNameOnly { .. } => Vec::new(),
        })
        .collect();
    let missing = known.iter().filter(|asset| !named.contains(&asset.id));
    missing.map(|asset| asset.record.name.clone()).collect()
}
