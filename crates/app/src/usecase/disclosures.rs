//! MDS and SDS that vendors gave: read in a dry run, kept with their file, replaced by newer ones;
//! and the risks that people note on each いいえ. Whether 2-③ is met is not decided here.

mod coverage;
mod risks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use sonae_domain::disclosure::{
    DisclosureChange, DisclosureCounts, DisclosureEdition, DisclosureKind, DisclosureRisk,
    DisclosureStatement, RiskAssessment,
};
use sonae_domain::edition::Text;
use sonae_domain::evidence::{Evidence, Finding, Place, Severity};
use sonae_domain::ids::{ControlId, EvidenceId, ItemId, RecordId};
use sonae_domain::register::{Document, System, Vendor};
pub(crate) use sonae_ingest::disclosure_statement::DisclosureReading;

use super::answering::refuse_secret;
use super::basis::body_of;
use super::documents::{Content, is_id};
use super::doors::Person;
use super::failure::{Failure, FailureKind};
use super::first_visit::{day, filled, required};
use super::import::SourceFile;
use super::labels;
use super::reader_process::{self, Outcome, Request, Task};
use super::register_forms::Typed;
use super::registers::{Kept, Saved, Seen};
use super::workspace::Workspace;

pub(crate) use coverage::{Coverage, SystemStatements};
pub(crate) use risks::{TypedRisk, assessed_row};

/// The control of the rows that ask for statements.
const CONTROL: &str = "vendor-disclosure-collected";

/// Stands in the field of the vendor for one that is not in the register yet.
pub(crate) const NEW_VENDOR: &str = "new";

/// A statement as lists show it.
#[derive(Debug, Clone)]
pub(crate) struct StatementView {
    pub(crate) id: RecordId,
    pub(crate) kept: Kept<DisclosureStatement>,
    pub(crate) vendor: String,
    /// Names of the systems that it speaks about.
    pub(crate) systems: Vec<String>,
    pub(crate) counts: DisclosureCounts,
    pub(crate) assessment: RiskAssessment,
    /// Positions that need a note and have none.
    pub(crate) without_note: Vec<usize>,
    /// The newer statement that counts instead.
    pub(crate) replaced_by: Option<RecordId>,
}

/// Everything known about a statement.
pub(crate) struct StatementDetail {
    pub(crate) view: StatementView,
    pub(crate) file: Evidence,
    /// By position of the question.
    pub(crate) risks: BTreeMap<usize, Kept<DisclosureRisk>>,
    /// The statement that it replaces, and which answers differ.
    pub(crate) older: Option<(StatementView, Vec<DisclosureChange>)>,
}

/// What a dry run said about a file.
pub(crate) struct StatementRead {
    pub(crate) file_name: String,
    /// What was read, or why nothing was; then the file may be kept for people to read.
    pub(crate) outcome: Result<Box<DisclosureReading>, Text>,
}

/// What a person says about a statement, understood.
struct About {
    kind: DisclosureKind,
    edition: DisclosureEdition,
    stated_on: Option<Date>,
    vendor: RecordId,
    /// The vendor is to be added under this name.
    new_vendor: Option<String>,
    product: String,
    product_version: Option<String>,
    systems: Vec<RecordId>,
    replaces: Option<RecordId>,
    note: Option<String>,
}

impl StatementView {
    /// Product and version as one name.
    pub(crate) fn name(&self) -> String {
        name_of(&self.kept.body)
    }

    /// No newer statement takes its place.
    pub(crate) fn counts_now(&self) -> bool {
        self.replaced_by.is_none()
    }
}

impl Workspace {
    /// All statements: those that count first, then those replaced; by name.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn statements(&self) -> Result<Vec<StatementView>, Failure> {
        let kept = self.kept::<DisclosureStatement>().await?;
        let vendors = self.kept_by_id::<Vendor>().await?;
        let systems = self.kept_by_id::<System>().await?;
        let noted: BTreeSet<(RecordId, usize)> = self
            .kept::<DisclosureRisk>()
            .await?
            .into_iter()
            .map(|risk| (risk.body.statement, risk.body.position))
            .collect();
        let newer: BTreeMap<RecordId, RecordId> = kept
            .iter()
            .filter_map(|kept| Some((kept.body.replaces.clone()?, kept.id.clone())))
            .collect();
        let view = |kept: Kept<DisclosureStatement>| {
            let assessment = kept.body.risk_assessment();
            let needed = match &assessment {
                RiskAssessment::Needed(positions) => positions.clone(),
                _ => Vec::new(),
            };
            let is_open = |at: &usize| !noted.contains(&(kept.id.clone(), *at));
            let named = kept.body.systems.iter();
            StatementView {
                id: kept.id.clone(),
                vendor: vendors
                    .get(&kept.body.vendor)
                    .map_or_else(String::new, |vendor| vendor.name.clone()),
                systems: named
                    .filter_map(|id| Some(systems.get(id)?.name.clone()))
                    .collect(),
                counts: kept.body.counts(),
                without_note: needed.into_iter().filter(is_open).collect(),
                replaced_by: newer.get(&kept.id).cloned(),
                assessment,
                kept,
            }
        };
        let mut views: Vec<StatementView> = kept.into_iter().map(view).collect();
        views.sort_by_key(|view| (view.replaced_by.is_some(), view.name(), view.id.clone()));
        Ok(views)
    }

    /// One statement with its risks and what changed since the one before.
    ///
    /// # Errors
    /// There is none of this id, or the store fails.
    pub(crate) async fn statement(&self, id: &RecordId) -> Result<StatementDetail, Failure> {
        let mut all = self.statements().await?;
        let at = all.iter().position(|view| view.id == *id);
        let view = all.remove(at.ok_or_else(not_there)?);
        let body = &view.kept.body;
        let older = all
            .into_iter()
            .find(|other| Some(&other.id) == body.replaces.as_ref());
        let older = older.map(|older| {
            let changes = body.changes_since(&older.kept.body);
            (older, changes)
        });
        let (file, _) = self.evidence_record(&body.evidence).await?;
        Ok(StatementDetail {
            risks: self.risks_of(id).await?,
            file,
            older,
            view,
        })
    }

    /// Reads an upload that waits. Nothing is kept.
    ///
    /// # Errors
    /// It no longer waits, must not be kept as anything, or the reader does not start.
    pub(crate) async fn read_statement(
        &self,
        upload: &str,
        by: &Person,
    ) -> Result<StatementRead, Failure> {
        let file = self.kept_upload(&by.account, upload).await?;
        let outcome = match self.read_disclosure(&file).await {
            Ok(reading) => Ok(reading),
            Err(failure) if failure.kind == FailureKind::NeverKept => return Err(failure),
            Err(failure) => {
                self.refuse_never_kept(&file).await?;
                Err(failure.refusal()?)
            }
        };
        Ok(StatementRead {
            file_name: file.name,
            outcome,
        })
    }

    /// The form as a file fills it, and the statement that it replaces.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn new_statement(
        &self,
        read: &StatementRead,
        replaces: Option<&StatementView>,
    ) -> Result<Typed, Failure> {
        let empty = DisclosureReading::default();
        let reading = read.outcome.as_deref().unwrap_or(&empty);
        let before = replaces.map(|view| &view.kept.body);
        let vendors = self.kept::<Vendor>().await?;
        let known = |name: &String| {
            let same = vendors
                .iter()
                .find(|vendor| vendor.body.name.trim() == name);
            same.map_or(NEW_VENDOR.to_owned(), |vendor| vendor.id.to_string())
        };
        let vendor = match (before, &reading.vendor) {
            (Some(before), _) => before.vendor.to_string(),
            (None, name) => name.as_ref().map(known).unwrap_or_default(),
        };
        let vendor_name = reading.vendor.clone().filter(|_| vendor == NEW_VENDOR);
        let kind = reading.kind.or(before.map(|before| before.kind));
        let product = reading.product.clone();
        let product = product.or(before.map(|before| before.product.clone()));
        let systems = before.map_or(&[][..], |before| &before.systems);
        Ok(Typed::default()
            .with("id", self.new_record().id)
            .with("kind", kind.map(kind_word).unwrap_or_default())
            .with("edition", edition_word(reading.edition))
            .with(
                "stated_on",
                reading
                    .stated_on
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
            )
            .with("vendor", vendor)
            .with("vendor_name", vendor_name.unwrap_or_default())
            .with("product", product.unwrap_or_default())
            .with(
                "product_version",
                reading.product_version.clone().unwrap_or_default(),
            )
            .with_all("systems", systems.iter().map(ToString::to_string))
            .with(
                "replaces",
                replaces.map(|view| view.id.to_string()).unwrap_or_default(),
            ))
    }

    /// Keeps a statement: its file first, then the record, then the document that lists it with the
    /// item. Sent twice, or again after a failure in between, it is one.
    ///
    /// # Errors
    /// Something is missing or cannot be true, the file is no longer there, or the store fails.
    pub(crate) async fn keep_statement(
        &self,
        typed: &Typed,
        by: &Person,
    ) -> Result<RecordId, Failure> {
        let id = RecordId::new(typed.one("id"));
        if !is_id(typed.one("id")) {
            return Err(not_there());
        }
        let upload = required(typed.one("upload"), "file")
            .map_err(|_| Failure::refused(labels::statement_without_file()).at("file"))?;
        let about = self.about(typed, &id).await?;
        let file = match self.kept_upload(&by.account, &upload).await {
            // Sent twice: the first time took the file.
            Err(failure) if failure.kind == FailureKind::NotFound => {
                self.kept_one::<DisclosureStatement>(&id)
                    .await
                    .map_err(|_| failure)?;
                return Ok(id);
            }
            file => file?,
        };
        let reading = match self.read_statement(&upload, by).await?.outcome {
            Ok(reading) => *reading,
            Err(why) => DisclosureReading {
                findings: vec![Finding {
                    severity: Severity::Unread,
                    place: Place::default(),
                    text: labels::rows_not_read(&why),
                }],
                ..DisclosureReading::default()
            },
        };
        let content = Content {
            name: file.name,
            bytes: Arc::unwrap_or_clone(file.bytes),
        };
        let effective_on = about.stated_on.unwrap_or(self.today);
        let evidence = self
            .keep_content(&id, content, effective_on, &by.name)
            .await?;
        self.add_vendor(&about, by).await?;
        let statement = about.statement(evidence, reading.rows, reading.findings);
        let seen = Seen {
            id: id.clone(),
            version: None,
        };
        self.keep(&seen, &statement, &by.name).await?;
        self.keep_as_document(&id, &statement, false, by).await?;
        self.drop_upload(&by.account, &upload).await?;
        Ok(id)
    }

    /// Changes what people said about a statement. Its file and what was read in it stay.
    ///
    /// # Errors
    /// Something is missing or cannot be true, there is none of this id, or the store fails.
    pub(crate) async fn change_statement(
        &self,
        seen: &Seen,
        typed: &Typed,
        by: &Person,
    ) -> Result<Saved<Kept<DisclosureStatement>>, Failure> {
        let before = self.kept_one::<DisclosureStatement>(&seen.id).await?;
        if seen.version != Some(before.version) {
            return Ok(Saved::Conflict(before));
        }
        let about = self.about(typed, &seen.id).await?;
        let before = before.body;
        let effective_on = about.stated_on.or(before.stated_on).unwrap_or(self.today);
        let evidence = match about.stated_on {
            Some(_) => {
                self.dated(&seen.id, before.evidence, effective_on, &by.name)
                    .await?
            }
            None => before.evidence,
        };
        self.add_vendor(&about, by).await?;
        let statement = about.statement(evidence, before.rows, before.findings);
        let saved = self.keep(seen, &statement, &by.name).await?;
        if matches!(saved, Saved::Done) {
            self.keep_as_document(&seen.id, &statement, false, by)
                .await?;
        }
        Ok(saved)
    }

    /// Takes a statement away, and its document. The file and the history stay.
    ///
    /// # Errors
    /// There is none of this id, or the store fails.
    pub(crate) async fn remove_statement(
        &self,
        seen: &Seen,
        by: &Person,
    ) -> Result<Saved<Kept<DisclosureStatement>>, Failure> {
        let statement = self.kept_one::<DisclosureStatement>(&seen.id).await?.body;
        let saved = self.take_away(seen, &by.name).await?;
        if matches!(saved, Saved::Done) {
            self.keep_as_document(&seen.id, &statement, true, by)
                .await?;
        }
        Ok(saved)
    }

    /// Whether a file that speaks of passwords or patients only asks about them, as an MDS does.
    pub(super) async fn asks_of_secrets(&self, file: &SourceFile) -> Result<bool, Failure> {
        match self.read_disclosure(file).await {
            Ok(reading) => Ok(!reading.rows.is_empty()),
            Err(failure) => failure.refusal().map(|_| false),
        }
    }

    async fn read_disclosure(&self, file: &SourceFile) -> Result<Box<DisclosureReading>, Failure> {
        let request = Request::new(Task::Disclosure, &file.name);
        match reader_process::read(&self.reader_program, request, &file.bytes).await? {
            Outcome::Disclosure(reading) => Ok(reading),
            _ => Err(Failure::unexpected(labels::reader_not_started())),
        }
    }

    /// What a person typed, checked against the registers.
    async fn about(&self, typed: &Typed, id: &RecordId) -> Result<About, Failure> {
        let kind = word_kind(typed.one("kind"));
        let kind =
            kind.ok_or_else(|| Failure::refused(labels::statement_kind_missing()).at("kind"))?;
        let stated_on = day(typed.one("stated_on"), "stated_on")?;
        if let Some(day) = stated_on.filter(|day| *day > self.today) {
            let why = labels::statement_in_future(day, self.today);
            return Err(Failure::refused(why).at("stated_on"));
        }
        let missing = || Failure::refused(labels::statement_product_missing()).at("product");
        let product = filled(typed.one("product")).ok_or_else(missing)?;
        let note = filled(typed.one("note"));
        refuse_secret(note.as_deref()).map_err(|failure| failure.at("note"))?;
        let (vendor, new_vendor) = self.vendor_of(typed, id).await?;
        let systems: Vec<RecordId> = typed.all("systems").iter().map(RecordId::new).collect();
        let known = self.kept_by_id::<System>().await?;
        if !systems.iter().all(|system| known.contains_key(system)) {
            return Err(Failure::refused(labels::system_gone()).at("systems"));
        }
        let replaces = filled(typed.one("replaces")).map(RecordId::new);
        if let Some(older) = &replaces {
            let all = self.statements().await?;
            let older = all.iter().find(|view| view.id == *older && view.id != *id);
            let newer = older.ok_or_else(not_there)?.replaced_by.as_ref();
            if newer.is_some_and(|newer| newer != id) {
                let why = labels::statement_replaced_already();
                return Err(Failure::refused(why).at("replaces"));
            }
        }
        Ok(About {
            kind,
            edition: word_edition(typed.one("edition")),
            stated_on,
            vendor,
            new_vendor,
            product,
            product_version: filled(typed.one("product_version")),
            systems,
            replaces,
            note,
        })
    }

    /// The vendor chosen, or the name of one to add under the statement's own id.
    async fn vendor_of(
        &self,
        typed: &Typed,
        id: &RecordId,
    ) -> Result<(RecordId, Option<String>), Failure> {
        let missing = || Failure::refused(labels::field_missing("vendor")).at("vendor");
        let chosen = required(typed.one("vendor"), "vendor")?;
        if chosen == NEW_VENDOR {
            let name = filled(typed.one("vendor_name")).ok_or_else(missing)?;
            return Ok((id.clone(), Some(name)));
        }
        let vendor = RecordId::new(chosen);
        match self.kept_by_id::<Vendor>().await?.contains_key(&vendor) {
            true => Ok((vendor, None)),
            false => Err(missing()),
        }
    }

    async fn add_vendor(&self, about: &About, by: &Person) -> Result<(), Failure> {
        let Some(name) = &about.new_vendor else {
            return Ok(());
        };
        let seen = Seen {
            id: about.vendor.clone(),
            version: None,
        };
        let vendor = Vendor {
            name: name.clone(),
            ..Vendor::default()
        };
        // Added before by the same form: whatever it is called by now.
        self.keep(&seen, &vendor, &by.name).await.map(drop)
    }

    /// Lists the file with the documents of the items that ask for it.
    async fn keep_as_document(
        &self,
        id: &RecordId,
        statement: &DisclosureStatement,
        removed: bool,
        by: &Person,
    ) -> Result<(), Failure> {
        let before = self.document_version(id).await?;
        if removed && before.is_none() {
            return Ok(());
        }
        let kept = before.as_ref().map(body_of::<Document>).transpose()?;
        let document = Document {
            evidence: statement.evidence.clone(),
            title: format!("{} {}", statement.kind.as_str(), name_of(statement)),
            items: match &kept {
                Some(kept) => kept.items.clone(),
                None => self.items_asking(),
            },
            valid_until: kept.as_ref().and_then(|kept| kept.valid_until),
            note: kept.and_then(|kept| kept.note),
        };
        let seen = before.map(|before| before.version);
        self.change_document(id, seen, &document, removed, by)
            .await
            .map(drop)
    }

    /// The rows of the own form that ask for statements.
    fn items_asking(&self) -> Vec<ItemId> {
        let Ok((edition, form)) = self.form(&super::checklist::WhichForm::default()) else {
            return Vec::new();
        };
        let control = ControlId::new(CONTROL);
        let asks = |item: &ItemId| edition.controls_of(item).any(|id| *id == control);
        let items = edition.items_of(&form.id).map(|item| item.id.clone());
        items.filter(asks).collect()
    }
}

impl About {
    fn statement(
        self,
        evidence: EvidenceId,
        rows: Vec<sonae_domain::disclosure::DisclosureRow>,
        findings: Vec<Finding>,
    ) -> DisclosureStatement {
        DisclosureStatement {
            kind: self.kind,
            edition: self.edition,
            stated_on: self.stated_on,
            vendor: self.vendor,
            product: self.product,
            product_version: self.product_version,
            systems: self.systems,
            replaces: self.replaces,
            evidence,
            rows,
            findings,
            note: self.note,
        }
    }
}

/// What the form shows when a statement is changed.
pub(crate) fn typed_of(statement: &DisclosureStatement) -> Typed {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = statement.stated_on.map(|day| day.to_string());
    let replaces = statement.replaces.as_ref().map(ToString::to_string);
    Typed::default()
        .with("kind", kind_word(statement.kind))
        .with("edition", edition_word(statement.edition))
        .with("stated_on", day.unwrap_or_default())
        .with("vendor", &statement.vendor)
        .with("product", &statement.product)
        .with("product_version", text(&statement.product_version))
        .with_all("systems", statement.systems.iter().map(ToString::to_string))
        .with("replaces", replaces.unwrap_or_default())
        .with("note", text(&statement.note))
}

fn name_of(statement: &DisclosureStatement) -> String {
    match &statement.product_version {
        Some(version) => format!("{} {version}", statement.product),
        None => statement.product.clone(),
    }
}

fn kind_word(kind: DisclosureKind) -> &'static str {
    match kind {
        DisclosureKind::Mds => "mds",
        DisclosureKind::Sds => "sds",
    }
}

fn word_kind(word: &str) -> Option<DisclosureKind> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

fn edition_word(edition: DisclosureEdition) -> &'static str {
    match edition {
        DisclosureEdition::Ver4 => "ver4",
        DisclosureEdition::Ver5 => "ver5",
        DisclosureEdition::Other => "other",
        DisclosureEdition::Unknown => "unknown",
    }
}

fn word_edition(word: &str) -> DisclosureEdition {
    serde_json::from_value(serde_json::Value::from(word)).unwrap_or_default()
}

fn not_there() -> Failure {
    Failure::not_found(labels::not_there())
}
