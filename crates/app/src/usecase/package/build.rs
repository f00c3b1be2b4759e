//! Makes a package. Whatever is written while it is made makes it begin anew, so that all of it shows
//! one state; and it is verified before it is given out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use sonae_domain::answer::Answer;
use sonae_domain::edition::{Item, Text};
use sonae_domain::ids::{CheckId, ControlId, EvidenceId, ItemId};
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::Language;
use sonae_domain::merkle::Tree;
use sonae_domain::package::{self, About};
use sonae_judge::Check;

use super::contents::{
    CHECKPOINT, Contents, DOCUMENTS, DocumentEntry, EVIDENCE, EXPLANATIONS, Entry, EvidenceEntry,
    ExplanationEntry, FACTS, FORM, FormFile, FormItem, HISTORY, INDEX, MISSING, Missing,
    OwnSettings, REMARK_PAGE, REMARKS, RemarkEntry, SETTINGS, VERDICTS, check_path,
};
use super::enclosures::{Enclosures, ORIGINALS, originals};
use super::state::State;
use super::verify::{Verified, verify};
use super::{PROGRAM, page, remark_page};
use crate::usecase::catalog;
use crate::usecase::checklist::Checklist;
use crate::usecase::checkpoints::MadeCheckpoint;
use crate::usecase::documents::DocumentView;
use crate::usecase::failure::Failure;
use crate::usecase::form::{FileKind, FormOptions};
use crate::usecase::history_key::HistoryKey;
use crate::usecase::installation::Installation;
use crate::usecase::judging::Grounds;
use crate::usecase::ledger::LedgerFormat;
use crate::usecase::workspace::{TRIES, Workspace, store_failure};
use crate::usecase::{files, labels};

/// Longer endings of file names are none.
const ENDING_CHARS_MAX: usize = 5;

/// The files of a package so far.
#[derive(Default)]
pub(super) struct Files {
    files: BTreeMap<String, Vec<u8>>,
    missing: Vec<Missing>,
}

impl Workspace {
    /// Writes a package to a file, whole or not at all, after it was read again.
    ///
    /// # Errors
    /// See [`Workspace::package`]; or the file cannot be written.
    pub(crate) async fn write_package(
        &self,
        enclosures: &Enclosures,
        out: &Path,
    ) -> Result<Verified, Failure> {
        let (bytes, verified) = self.package(enclosures).await?;
        files::write_private(out, &bytes)?;
        Ok(verified)
    }

    /// The package of the institution as it is now, and what a verifier says about it.
    ///
    /// # Errors
    /// The history is not as it was written, others write all the time, what is to be enclosed is not
    /// there, or a part cannot be made.
    pub(crate) async fn package(
        &self,
        enclosures: &Enclosures,
    ) -> Result<(Vec<u8>, Verified), Failure> {
        for _ in 0..TRIES {
            let checkpoint = self.checkpoint().await?;
            let network_details = enclosures.network_details;
            let contents = async {
                let state = self.package_state(network_details).await?;
                let contents = self.package_contents(&checkpoint, &state, enclosures);
                let (about, mut files) = contents.await?;
                self.add_form_papers(&mut files, &state.checklist).await?;
                Ok((state, about, files))
            };
            // To set thousands of devices on paper takes as long as all the rest.
            let ledger = self.ledger_papers(network_details);
            let ((state, about, mut files), ledger) = tokio::try_join!(contents, ledger)?;
            files.extend(ledger);
            let files = files.finish(&about)?;
            let last = self.store.last_entry(&self.institution.id).await;
            if u64::try_from(last.map_err(store_failure)?) != Ok(about.n_entries) {
                continue;
            }
            // Only now: what others wrote meanwhile is no difference.
            state.refuse_differing()?;
            let bytes = self.installation.sealed(about, &files)?;
            let verified = verify(&bytes, Some(&checkpoint.verifier_key)).await;
            let verified = verified.map_err(|error| {
                Failure::unexpected(labels::package_not_verified()).because(error)
            })?;
            return Ok((bytes, verified));
        }
        Err(Failure::refused(labels::package_disturbed()))
    }

    /// All but what is laid out for paper.
    pub(super) async fn package_contents(
        &self,
        checkpoint: &MadeCheckpoint,
        State {
            checklist, grounds, ..
        }: &State<'_>,
        enclosures: &Enclosures,
    ) -> Result<(About, Files), Failure> {
        let enclosable = self.enclosable().await?;
        enclosable.refuse_others(enclosures)?;
        let mut files = Files::default();
        files.add(CHECKPOINT, checkpoint.note.clone().into_bytes());
        self.add_form(&mut files, checklist)?;
        self.add_history(&mut files, checklist).await?;
        self.add_grounds(&mut files, checklist, grounds).await?;
        self.add_evidence(&mut files, checklist, &enclosures.evidence)
            .await?;
        self.add_documents(&mut files, checklist, enclosable.documents, enclosures)
            .await?;
        self.add_vendors(&mut files).await?;
        let explanations = self.explanations().await?.into_values();
        let explanations = explanations.filter(|explained| !explained.withdrawn);
        let explanations = explanations.map(|explained| ExplanationEntry {
            explanation: explained.explanation,
            by: explained.by,
            at: explained.at,
        });
        files.json(REMARKS, &self.remark_entries().await?)?;
        files.json(EXPLANATIONS, &explanations.collect::<Vec<_>>())?;
        if !enclosures.network_details {
            files.missing.push(Missing {
                what: labels::network_details_replaced(),
            });
        }
        let about = About {
            program: PROGRAM.to_owned(),
            institution: self.institution.id.clone(),
            institution_name: self.institution.name.clone(),
            edition: checklist.edition.head.id.clone(),
            form: checklist.form.id.clone(),
            as_of: self.today,
            network_details: enclosures.network_details,
            n_entries: checkpoint.checkpoint.size,
        };
        Ok((about, files))
    }

    /// The remarks of all inspections, with what was done about them.
    async fn remark_entries(&self) -> Result<Vec<RemarkEntry>, Failure> {
        let mut entries = Vec::new();
        for view in self.inspections().await? {
            for remark in view.remarks {
                let documents = remark.documents.into_iter();
                entries.push(RemarkEntry {
                    authority: view.inspection.authority.clone(),
                    inspected_on: view.inspection.inspected_on,
                    documents: documents.map(|it| it.title).collect(),
                    remark: remark.remark,
                });
            }
        }
        Ok(entries)
    }

    fn add_form(&self, files: &mut Files, checklist: &Checklist<'_>) -> Result<(), Failure> {
        let rows = checklist.standings.iter();
        let items = rows.filter_map(|standing| form_item(checklist, standing));
        files.json(
            FORM,
            &FormFile {
                institution: self.institution.clone(),
                edition: checklist.edition.head.id.clone(),
                form: checklist.form.id.clone(),
                title: checklist.form.title.text.clone(),
                rounds: checklist.form.rounds,
                items: items.collect(),
            },
        )
    }

    /// An answer that was there before the history had hashes has no entry.
    async fn add_history(
        &self,
        files: &mut Files,
        checklist: &Checklist<'_>,
    ) -> Result<(), Failure> {
        let of = &self.institution.id;
        let lines = self.store.answer_lines(of).await.map_err(store_failure)?;
        let leaves = self.store.leaf_hashes(Some(of)).await;
        let tree = Tree::of(leaves.map_err(store_failure)?);
        let of_form = |answer: &&Answer| is_of_form(checklist, &answer.item);
        let entry = |answer: &Answer| {
            let mut entries = lines
                .iter()
                .filter_map(|line| Entry::of(line, answer, &tree));
            entries.next()
        };
        let answers = checklist.answers.iter().filter(of_form);
        files.json(HISTORY, &answers.filter_map(entry).collect::<Vec<_>>())
    }

    /// Facts, checks and what they said, so that others can judge again.
    async fn add_grounds(
        &self,
        files: &mut Files,
        checklist: &Checklist<'_>,
        grounds: &Grounds,
    ) -> Result<(), Failure> {
        let checks = self.checks_of(checklist.edition, checklist.form);
        let mut own = OwnSettings::new();
        for check in self.with_thresholds(checks.clone()).await? {
            let settings = &check.head().settings;
            let shipped = checks
                .iter()
                .find(|other| other.head().id == check.head().id);
            if shipped.is_some_and(|shipped| shipped.head().settings != *settings) {
                own.insert(check.head().id.clone(), settings.clone());
            }
        }
        for id in checks.iter().map(|check: &Check| &check.head().id) {
            let texts = catalog::check_texts(id);
            let (toml, sql) = texts.map_err(|error| {
                Failure::unexpected(labels::shipped_data_broken(&error.to_string()))
            })?;
            files.add(&check_path(id, "check.toml"), toml.into_bytes());
            files.add(&check_path(id, "check.sql"), sql.into_bytes());
        }
        files.json(FACTS, grounds)?;
        files.json(SETTINGS, &own)?;
        let verdicts: Vec<_> = checklist.judged.verdicts.values().collect();
        files.json(VERDICTS, &verdicts)
    }

    /// The index names all documents of the form, whether their bytes are in the package or not.
    async fn add_documents(
        &self,
        files: &mut Files,
        checklist: &Checklist<'_>,
        documents: Vec<(DocumentView, bool)>,
        enclosures: &Enclosures,
    ) -> Result<(), Failure> {
        let mut entries = Vec::new();
        let (mut missing, mut n_enclosed) = (BTreeSet::from(ORIGINALS), 0);
        for (view, is_original) in documents {
            let items = view.document.items.iter().cloned();
            let items: Vec<ItemId> = items.filter(|item| is_of_form(checklist, item)).collect();
            let mut path = None;
            if enclosures.has_document(&view.id, is_original) {
                let originals = originals(checklist.edition, &items);
                missing.retain(|control| !originals.contains(control));
                n_enclosed += 1;
                let folder = match is_original {
                    true => "originals",
                    false => "documents",
                };
                let ending = ending(&view.evidence.file_name);
                let path = path.insert(format!("{folder}/{n_enclosed}.{ending}"));
                files.add(path, self.raw(&view.document.evidence).await?);
            }
            entries.push(document_entry(view, path, items));
        }
        let missing = missing.into_iter().map(ControlId::new);
        let missing = missing.filter_map(|control| self.missing_original(checklist, &control));
        files.missing.extend(missing);
        files.json(DOCUMENTS, &entries)
    }

    /// As the form calls it, if it asks for it.
    fn missing_original(&self, checklist: &Checklist<'_>, of: &ControlId) -> Option<Missing> {
        let items = checklist.standings.iter();
        let mut items = items.filter_map(|standing| checklist.item(standing));
        let asking = |item: &&Item| checklist.edition.controls_of(&item.id).any(|id| id == of);
        let (item, control) = (items.find(asking)?, self.catalog.controls.get(of)?);
        Some(Missing {
            what: labels::original_missing(&item.number, item.original.as_deref(), &control.title),
        })
    }

    /// The index names the evidence behind the verdicts of the form, and what is enclosed, by id.
    async fn add_evidence(
        &self,
        files: &mut Files,
        checklist: &Checklist<'_>,
        enclosed: &BTreeSet<EvidenceId>,
    ) -> Result<(), Failure> {
        let unused = enclosed.iter().map(|id| (id.clone(), Vec::new()));
        let mut items: BTreeMap<EvidenceId, Vec<ItemId>> = unused.collect();
        for standing in &checklist.standings {
            for id in evidence_behind(checklist, &standing.checks) {
                items.entry(id).or_default().push(standing.item.clone());
            }
        }
        let (mut entries, mut n_enclosed) = (Vec::new(), 0);
        for (id, items) in items {
            let Some(evidence) = checklist.judged.evidence.get(&id) else {
                continue;
            };
            let mut path = None;
            if enclosed.contains(&id) {
                n_enclosed += 1;
                let ending = ending(&evidence.file_name);
                let path = path.insert(format!("evidence/{n_enclosed}.{ending}"));
                files.add(path, self.raw(&id).await?);
            }
            entries.push(EvidenceEntry {
                id,
                path,
                title: self.format_title(&evidence.format),
                format: evidence.format.clone(),
                effective_on: evidence.effective_on,
                effective_basis: evidence.effective_basis,
                recorded_at: evidence.recorded_at,
                sha256: evidence.content_hash.clone(),
                n_bytes: evidence.n_bytes,
                items,
            });
        }
        files.json(EVIDENCE, &entries)
    }

    async fn add_form_papers(
        &self,
        files: &mut Files,
        checklist: &Checklist<'_>,
    ) -> Result<(), Failure> {
        let options = FormOptions::default();
        for (path, kind) in [("form.pdf", FileKind::Pdf), ("form.xlsx", FileKind::Xlsx)] {
            let form = self.judged_form_file(checklist, &options, kind);
            files.add(path, form.await?);
        }
        Ok(())
    }

    async fn ledger_papers(&self, network_details: bool) -> Result<Files, Failure> {
        let mut files = Files::default();
        let ledger = |format| self.ledger_file(format, network_details);
        let (xlsx, n_assets) = ledger(LedgerFormat::Xlsx).await?;
        files.add("ledger.xlsx", xlsx);
        if n_assets > sonae_report::LEDGER_PDF_ROWS_MAX {
            files.missing.push(Missing {
                what: labels::ledger_not_on_paper(n_assets),
            });
        } else {
            files.add("ledger.pdf", ledger(LedgerFormat::Pdf).await?.0);
        }
        Ok(files)
    }
}

impl Installation {
    /// Packs files and seals them.
    pub(super) fn sealed(
        &self,
        about: About,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Vec<u8>, Failure> {
        let key = HistoryKey::open(&self.settings.data)?;
        let name = package::origin(&about.institution);
        let now = self.settings.clock.now();
        let public = key.verifier_key(&name).parse();
        let public = public.map_err(|source| {
            Failure::unexpected(labels::package_not_verified()).because(source)
        })?;
        let packed = package::pack(about, files, public, now, |text| key.sign(&name, text));
        packed.map_err(|source| Failure::refused(labels::package_too_large()).because(source))
    }
}

impl Files {
    fn extend(&mut self, others: Self) {
        self.files.extend(others.files);
        self.missing.extend(others.missing);
    }

    /// All of them, with the list of those that are missing and the page to read it all.
    pub(super) fn finish(mut self, about: &About) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let missing = std::mem::take(&mut self.missing);
        self.json(MISSING, &missing)?;
        let failed = |source| Failure::unexpected(labels::package_not_verified()).because(source);
        let contents = Contents::read(about, &self.files).map_err(failed)?;
        self.add(INDEX, page::render(&contents)?.into_bytes());
        self.add(REMARK_PAGE, remark_page::render(&contents)?.into_bytes());
        Ok(self.files)
    }

    pub(super) fn add(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), bytes);
    }

    pub(super) fn missing(&mut self, missing: impl IntoIterator<Item = Missing>) {
        self.missing.extend(missing);
    }

    pub(super) fn json(&mut self, path: &str, contents: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_vec(contents);
        let text = text.map_err(|source| {
            Failure::unexpected(labels::package_not_verified()).because(source)
        })?;
        self.add(path, [&text[..], b"\n"].concat());
        Ok(())
    }
}

fn is_of_form(checklist: &Checklist<'_>, item: &ItemId) -> bool {
    let mut standings = checklist.standings.iter();
    standings.any(|standing| standing.item == *item)
}

fn form_item(checklist: &Checklist<'_>, standing: &ItemStanding) -> Option<FormItem> {
    let answers = checklist.answers.iter();
    let answers = answers.filter(|answer| answer.item == standing.item);
    let evidence = evidence_behind(checklist, &standing.checks);
    let reason = Text {
        ja: checklist.reason(standing, Language::Ja),
        en: checklist.reason(standing, Language::En),
    };
    Some(FormItem {
        answers: answers.cloned().collect(),
        evidence: evidence.into_iter().collect(),
        ..FormItem::of(checklist.edition, checklist.form, standing, reason)?
    })
}

fn evidence_behind(checklist: &Checklist<'_>, checks: &[CheckId]) -> BTreeSet<EvidenceId> {
    let verdicts = checks
        .iter()
        .filter_map(|id| checklist.judged.verdicts.get(id));
    let rows = verdicts.flat_map(|verdict| &verdict.rows);
    let known = &checklist.judged.evidence;
    let ids = rows.filter_map(|row| row.evidence_id.clone());
    ids.filter(|id| known.contains_key(id)).collect()
}

fn document_entry(view: DocumentView, path: Option<String>, items: Vec<ItemId>) -> DocumentEntry {
    DocumentEntry {
        path,
        title: view.document.title,
        file_name: view.evidence.file_name,
        sha256: view.evidence.content_hash,
        effective_on: view.evidence.effective_on,
        recorded_at: view.evidence.recorded_at,
        valid_until: view.document.valid_until,
        note: view.document.note,
        items,
    }
}

/// What a file name ends in, if that can stand in a path.
pub(super) fn ending(file_name: &str) -> String {
    let ending = file_name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    let is_plain = !ending.is_empty()
        && ending.len() <= ENDING_CHARS_MAX
        && ending.bytes().all(|c| c.is_ascii_alphanumeric());
    match is_plain {
        true => ending,
        false => "bin".to_owned(),
    }
}
