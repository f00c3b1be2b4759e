//! Importing a ledger by its page: an upload, a dry run with the columns as a person maps them, and
//! the same once more for good, only if it would do what the person saw.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::evidence::{Finding, Severity};
use sonae_domain::ids::AccountId;
use sonae_domain::labels::Language;
use sonae_domain::ledger::{AssetRecord, FieldChange, MergeStep};
use sonae_ingest::ledger::{ColumnMapping, Field, Preview};

use super::{field_title, field_word, shown_text};
use crate::usecase::failure::Failure;
use crate::usecase::import::{ImportOptions, Imported, Recorded, SourceFile};
use crate::usecase::labels;
use crate::usecase::reader_process::{self, Outcome, Request, Task};
use crate::usecase::secrets::token_hash;
use crate::usecase::workspace::Workspace;

/// The reader of ledgers.
const LEDGER: &str = "ledger";

/// The word for a column that need not be read.
const IGNORED: &str = "ignored";

/// What a person says about a file that waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct LedgerImport {
    /// Under which it waits.
    pub(crate) token: String,
    /// The day for which it speaks.
    pub(crate) effective_on: Option<Date>,
    /// Columns as `HEADER=FIELD`, where the person says so.
    pub(crate) columns: Vec<String>,
}

/// What importing a file would do.
pub(crate) struct DryRun {
    pub(crate) file_name: String,
    /// Columns with the field that each is read as; empty where nobody knows.
    pub(crate) columns: Vec<(String, &'static str)>,
    /// Sheets in which no header row was found.
    pub(crate) sheets_not_read: Vec<String>,
    /// What would happen, or why nothing can.
    pub(crate) plan: Result<Plan, Text>,
}

/// What would happen to the ledger.
pub(crate) struct Plan {
    /// Changes when anything about the plan does.
    pub(crate) hash: String,
    /// File and day of a newer ledger that counts: this one would change nothing.
    pub(crate) newer: Option<(String, Date)>,
    /// A line each, the gravest first.
    pub(crate) lines: Vec<PlanLine>,
}

/// One thing to tell about a file.
pub(crate) struct PlanLine {
    pub(crate) kind: PlanKind,
    /// The device, or the place in the file.
    pub(crate) what: Text,
    /// What would change, or what is wrong.
    pub(crate) why: Option<Text>,
    pub(crate) changes: Vec<FieldChange>,
}

/// What happens to a row, or what was found in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PlanKind {
    /// A cell or row that was not read.
    Unread,
    /// A row that a person must decide about; it is left out.
    Conflict,
    /// Read with doubt.
    Notice,
    /// New, though there are devices of this name.
    SameName,
    New,
    Changed,
    /// A device that the file does not have; it stays in the ledger.
    NotInFile,
    Same,
}

impl PlanKind {
    /// In the order of need.
    pub(crate) const ALL: [Self; 8] = [
        Self::Unread,
        Self::Conflict,
        Self::Notice,
        Self::SameName,
        Self::New,
        Self::Changed,
        Self::NotInFile,
        Self::Same,
    ];

    /// The word in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Conflict => "conflict",
            Self::Notice => "notice",
            Self::SameName => "same_name",
            Self::New => "new",
            Self::Changed => "changed",
            Self::NotInFile => "not_in_file",
            Self::Same => "same",
        }
    }

    /// What it is called.
    pub(crate) fn title(self) -> Text {
        labels::plan_kind(self)
    }
}

impl Plan {
    fn of(imported: &Imported) -> Self {
        let mut lines = lines(imported);
        lines.sort_by_key(|line| line.kind);
        let newer = imported.newer.as_ref().map(|newer| &newer.id);
        let said = (
            &imported.merge,
            imported.effective,
            &imported.not_in_file,
            newer,
        );
        let said = serde_json::to_string(&said).unwrap_or_default();
        Self {
            hash: token_hash(&said),
            newer: imported
                .newer
                .as_ref()
                .map(|newer| (newer.file_name.clone(), newer.effective_on)),
            lines,
        }
    }

    /// The whole plan as CSV, for whoever corrects the file.
    pub(crate) fn csv(&self, language: Language) -> Vec<u8> {
        let mut csv = "\u{feff}".to_owned();
        for line in &self.lines {
            let mut why: Vec<String> = line
                .why
                .iter()
                .map(|why| why.get(language).to_owned())
                .collect();
            why.extend(line.changes.iter().map(|change| told(change, language)));
            let (kind, why) = (line.kind.title(), why.join(" / "));
            let cells = [kind.get(language), line.what.get(language), &why];
            csv.push_str(&cells.map(cell).join(","));
            csv.push_str("\r\n");
        }
        csv.into_bytes()
    }

    /// How many lines of each kind there are, those of which there are none left out.
    pub(crate) fn counts(&self) -> BTreeMap<PlanKind, usize> {
        let mut counts = BTreeMap::new();
        for line in &self.lines {
            *counts.entry(line.kind).or_insert(0) += 1;
        }
        counts
    }
}

impl Workspace {
    /// What importing a waiting file into the ledger would do. Nothing is recorded.
    ///
    /// # Errors
    /// No file waits for this person under this token, or the store fails.
    pub(crate) async fn ledger_dry_run(
        &self,
        by: &AccountId,
        asked: &LedgerImport,
    ) -> Result<DryRun, Failure> {
        let file = self.kept_upload(by, &asked.token).await?;
        let mapping = self.column_mapping(&asked.columns).await?;
        let preview = self.ledger_preview(&file, mapping.as_ref()).await.ok();
        let file_name = file.name.clone();
        let plan = match self.plan(file, asked, mapping).await {
            Ok(plan) => Ok(plan),
            Err(failure) => Err(failure.refusal()?),
        };
        Ok(DryRun {
            file_name,
            columns: preview.as_ref().map(columns).unwrap_or_default(),
            sheets_not_read: preview.map_or_else(Vec::new, |preview| preview.sheets_not_read),
            plan,
        })
    }

    /// Imports a waiting file into the ledger, if that does what the person saw in the dry run; none
    /// if it would do something else by now. The columns are remembered, and the file waits no more.
    ///
    /// # Errors
    /// No file waits for this person under this token, it is refused, or the store fails.
    pub(crate) async fn import_ledger(
        &self,
        (account, name): (&AccountId, &str),
        asked: &LedgerImport,
        seen: &str,
    ) -> Result<Option<Recorded>, Failure> {
        let mapping = self.column_mapping(&asked.columns).await?;
        let file = self.kept_upload(account, &asked.token).await?;
        let plan = self.plan(file.clone(), asked, mapping.clone()).await?;
        if plan.hash != seen {
            return Ok(None);
        }
        let options = ImportOptions {
            by: name.to_owned(),
            ..options(asked, mapping.clone())
        };
        let mut earlier = self.evidence().await?;
        let done = self.import_file(file, &options, &mut earlier).await?;
        if let Some(mapping) = mapping.filter(|_| !asked.columns.is_empty()) {
            self.keep_column_mapping(&mapping, name).await?;
        }
        self.drop_upload(account, &asked.token).await?;
        Ok(done.recorded)
    }

    async fn plan(
        &self,
        file: SourceFile,
        asked: &LedgerImport,
        mapping: Option<ColumnMapping>,
    ) -> Result<Plan, Failure> {
        if asked.effective_on.is_none() {
            return Err(Failure::refused(labels::ledger_day_missing()));
        }
        let options = ImportOptions {
            dry_run: true,
            ..options(asked, mapping)
        };
        let mut earlier = self.evidence().await?;
        let imported = self.import_file(file, &options, &mut earlier).await?;
        match imported.reading.format == LEDGER {
            true => Ok(Plan::of(&imported)),
            false => Err(Failure::refused(labels::not_a_ledger(
                &imported.file_name,
                &imported.reading.format,
            ))),
        }
    }

    /// The columns of a file that may be a ledger.
    async fn ledger_preview(
        &self,
        file: &SourceFile,
        mapping: Option<&ColumnMapping>,
    ) -> Result<Preview, Failure> {
        let mut request = Request::new(Task::LedgerPreview, &file.name);
        request.mapping = mapping.cloned();
        match reader_process::read(&self.reader_program, request, &file.bytes).await? {
            Outcome::LedgerPreview(preview) => Ok(*preview),
            _ => Err(Failure::unexpected(labels::reader_not_started())),
        }
    }
}

fn options(asked: &LedgerImport, mapping: Option<ColumnMapping>) -> ImportOptions {
    ImportOptions {
        effective_on: asked.effective_on,
        mapping,
        ..ImportOptions::default()
    }
}

/// Each column with the word of the field that it is read as.
fn columns(preview: &Preview) -> Vec<(String, &'static str)> {
    let word = |header: &String| match preview.mapping.columns.get(header) {
        Some(Field::Asset(field)) => field_word(*field),
        Some(Field::Ignored) => IGNORED,
        None => "",
    };
    let headers = preview.headers.iter();
    headers
        .map(|header| (header.clone(), word(header)))
        .collect()
}

fn lines(imported: &Imported) -> Vec<PlanLine> {
    let rows = &imported.reading.assets;
    let mut conflicts = imported.conflicts.iter();
    let steps = imported
        .merge
        .iter()
        .map(|step| of_step(step, rows, &mut conflicts));
    let findings = imported.findings.iter().chain(&imported.reading.findings);
    let missing = imported.not_in_file.iter().map(|name| PlanLine {
        kind: PlanKind::NotInFile,
        what: labels::unnamed(name),
        why: None,
        changes: Vec::new(),
    });
    steps
        .chain(findings.map(of_finding))
        .chain(missing)
        .collect()
}

fn of_finding(finding: &Finding) -> PlanLine {
    PlanLine {
        kind: match finding.severity {
            Severity::Unread => PlanKind::Unread,
            Severity::Notice => PlanKind::Notice,
        },
        what: labels::place(&finding.place),
        why: Some(finding.text.clone()),
        changes: Vec::new(),
    }
}

fn of_step<'a>(
    step: &MergeStep,
    rows: &[AssetRecord],
    conflicts: &mut impl Iterator<Item = &'a Text>,
) -> PlanLine {
    let (kind, row) = match step {
        MergeStep::New { row } => (PlanKind::New, row),
        MergeStep::Changed { row, .. } => (PlanKind::Changed, row),
        MergeStep::Same { row, .. } => (PlanKind::Same, row),
        MergeStep::SameNameOnly { row, .. } => (PlanKind::SameName, row),
        MergeStep::Conflict { row, .. } => (PlanKind::Conflict, row),
    };
    let name = rows.get(*row).map_or("", |record| record.name.as_str());
    PlanLine {
        kind,
        what: labels::unnamed(name),
        why: match kind {
            PlanKind::Conflict => conflicts.next().cloned(),
            _ => None,
        },
        changes: match step {
            MergeStep::Changed { changes, .. } => changes.clone(),
            _ => Vec::new(),
        },
    }
}

fn told(change: &FieldChange, language: Language) -> String {
    let text = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        shown_text(change.field, text, language)
    };
    let title = field_title(change.field, language);
    format!(
        "{title}: {} \u{2192} {}",
        text(&change.before),
        text(&change.after)
    )
}

/// A cell of CSV that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
