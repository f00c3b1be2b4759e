//! What the JSON files of a package say. Written and read by the same shapes, so that nothing stands in
//! a package which a verifier passes over.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::{Answer, Institution};
use sonae_domain::canonical::{Line, answer_hash};
use sonae_domain::checkpoint::SignedCheckpoint;
use sonae_domain::edition::{Edition, Form, Text};
use sonae_domain::evidence::{ContentHash, DateBasis};
use sonae_domain::ids::{CheckId, EditionId, EvidenceId, FormId, InstitutionId, ItemId};
use sonae_domain::inspection::InspectionRemark;
use sonae_domain::judgement::ItemStanding;
use sonae_domain::merkle::{self, Hash, Tree};
use sonae_domain::package::About;
use sonae_domain::register::Explanation;
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Verdict;
use sonae_store::AnswerLine;

pub(super) const FORM: &str = "form.json";
pub(super) const HISTORY: &str = "history.json";
pub(super) const CHECKPOINT: &str = "checkpoint.note";
pub(super) const FACTS: &str = "facts.json";
pub(super) const SETTINGS: &str = "checks/settings.json";
pub(super) const VERDICTS: &str = "verdicts.json";
pub(super) const EVIDENCE: &str = "evidence.json";
pub(super) const DOCUMENTS: &str = "documents.json";
pub(super) const EXPLANATIONS: &str = "explanations.json";
pub(super) const VENDORS: &str = "vendors.json";
pub(super) const MISSING: &str = "missing.json";
pub(super) const REMARKS: &str = "remarks.json";

/// What people open first; see [`super::page`].
pub(super) const INDEX: &str = "index.html";

/// Where an inspector writes; see [`super::remark_page`].
pub(super) const REMARK_PAGE: &str = "remarks.html";

/// The institution's own figures by check, where they are others than those of `check.toml`.
pub(super) type OwnSettings = BTreeMap<CheckId, BTreeMap<String, i64>>;

/// The own form with its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormFile {
    pub(crate) institution: Institution,
    pub(crate) edition: EditionId,
    pub(crate) form: FormId,
    /// As printed on top.
    pub(crate) title: String,
    /// How many rounds of confirmation the form has.
    pub(crate) rounds: u8,
    pub(crate) items: Vec<FormItem>,
}

/// A row of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormItem {
    pub(crate) item: ItemId,
    pub(crate) section: String,
    /// The header line above it and others.
    pub(crate) group: Option<String>,
    /// As printed.
    pub(crate) number: String,
    pub(crate) wording: String,
    pub(crate) remark: Option<String>,
    /// What an inspector looks at itself (現物).
    pub(crate) original: Option<String>,
    /// The latest of each round.
    pub(crate) answers: Vec<Answer>,
    pub(crate) verdict: Verdict,
    pub(crate) standing: Standing,
    pub(crate) reason: Text,
    pub(crate) checks: Vec<CheckId>,
    /// Behind the verdict, in `evidence.json`.
    pub(crate) evidence: Vec<EvidenceId>,
}

/// An entry of the history that wrote an answer of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    seq: i64,
    /// In milliseconds since 1970.
    at: i64,
    by: String,
    detail: String,
    pub(crate) item: ItemId,
    pub(crate) round: u8,
    version: i64,
    /// That it is in the tree of the checkpoint; hexadecimal digits.
    proof: Vec<String>,
}

/// A piece of evidence behind a verdict, or enclosed. What tells of the network, its name among it, stays
/// at home unless a person encloses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceEntry {
    pub(crate) id: EvidenceId,
    /// In the package, if it is enclosed.
    pub(crate) path: Option<String>,
    pub(crate) format: String,
    /// What the format is called.
    pub(crate) title: Text,
    pub(crate) effective_on: Date,
    pub(crate) effective_basis: DateBasis,
    pub(crate) recorded_at: Timestamp,
    pub(crate) sha256: ContentHash,
    pub(crate) n_bytes: i64,
    pub(crate) items: Vec<ItemId>,
}

/// A document that people put to items of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentEntry {
    /// In the package, if it is enclosed.
    pub(crate) path: Option<String>,
    pub(crate) title: String,
    pub(crate) file_name: String,
    pub(crate) sha256: ContentHash,
    pub(crate) effective_on: Date,
    pub(crate) valid_until: Option<Date>,
    pub(crate) note: Option<String>,
    pub(crate) items: Vec<ItemId>,
}

/// A person's explanation of a contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplanationEntry {
    pub(crate) explanation: Explanation,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

/// A vendor that was asked, with the form that stands in the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorEntry {
    pub(crate) vendor: String,
    pub(crate) systems: Vec<String>,
    pub(crate) due_on: Date,
    pub(crate) has_answered: bool,
    pub(crate) pdf: String,
    pub(crate) xlsx: String,
}

/// A remark of an inspector, with what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemarkEntry {
    /// 検査機関
    pub(crate) authority: String,
    pub(crate) inspected_on: Date,
    pub(crate) remark: InspectionRemark,
    /// What the documents that show the correction are called.
    pub(crate) documents: Vec<String>,
}

/// What belongs into a package and is not in this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    pub(crate) what: Text,
}

/// Everything in a package that people read, whoever is to show it.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) about: About,
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) form: FormFile,
    pub(crate) evidence: Vec<EvidenceEntry>,
    pub(crate) documents: Vec<DocumentEntry>,
    pub(crate) explanations: Vec<ExplanationEntry>,
    pub(crate) vendors: Vec<VendorEntry>,
    pub(crate) missing: Vec<Missing>,
    pub(crate) remarks: Vec<RemarkEntry>,
    /// Of all files.
    pub(crate) paths: BTreeSet<String>,
}

/// A file of a package is not there, or does not say what such a file says.
#[derive(Debug, thiserror::Error)]
#[error("file `{path}` is missing or cannot be read")]
pub(crate) struct Unreadable {
    pub(crate) path: String,
    #[source]
    source: Option<serde_json::Error>,
}

impl Unreadable {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            source: None,
        }
    }
}

impl Contents {
    /// Reads the indexes and looks whether all files that they name are there.
    ///
    /// # Errors
    /// One is not, or cannot be read.
    pub(super) fn read(
        about: &About,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Self, Unreadable> {
        let contents = Self {
            about: about.clone(),
            checkpoint: text(files, CHECKPOINT)?
                .parse()
                .map_err(|_| Unreadable::new(CHECKPOINT))?,
            form: json(files, FORM)?,
            evidence: json(files, EVIDENCE)?,
            documents: json(files, DOCUMENTS)?,
            explanations: json(files, EXPLANATIONS)?,
            vendors: json(files, VENDORS)?,
            missing: json(files, MISSING)?,
            remarks: json(files, REMARKS)?,
            paths: files.keys().cloned().collect(),
        };
        let mut named = contents.named();
        let missing = named.find(|path| !files.contains_key(*path));
        let missing = missing.map(Unreadable::new);
        drop(named);
        missing.map_or(Ok(contents), Err)
    }

    /// The files that its indexes name.
    fn named(&self) -> impl Iterator<Item = &str> {
        let documents = self.documents.iter();
        let documents = documents.filter_map(|entry| entry.path.as_deref());
        let evidence = self.evidence.iter();
        let evidence = evidence.filter_map(|entry| entry.path.as_deref());
        let forms = self.vendors.iter();
        let forms = forms.flat_map(|entry| [entry.pdf.as_str(), entry.xlsx.as_str()]);
        documents.chain(evidence).chain(forms)
    }
}

/// A file of text.
///
/// # Errors
/// It is not there, or no text.
pub(super) fn text<'a>(
    files: &'a BTreeMap<String, Vec<u8>>,
    path: &str,
) -> Result<&'a str, Unreadable> {
    let bytes = files.get(path).map(|bytes| std::str::from_utf8(bytes));
    bytes
        .and_then(Result::ok)
        .ok_or_else(|| Unreadable::new(path))
}

/// A file of JSON.
///
/// # Errors
/// It is not there, or of another shape.
pub(super) fn json<T: DeserializeOwned>(
    files: &BTreeMap<String, Vec<u8>>,
    path: &str,
) -> Result<T, Unreadable> {
    serde_json::from_str(text(files, path)?).map_err(|source| Unreadable {
        path: path.to_owned(),
        source: Some(source),
    })
}

impl FormItem {
    /// The row as its edition prints it and as it stands; without answers and evidence.
    pub(super) fn of(
        edition: &Edition,
        form: &Form,
        standing: &ItemStanding,
        reason: Text,
    ) -> Option<Self> {
        let item = edition.item(&standing.item)?;
        let mut sections = form.sections.iter();
        let section = sections.find(|section| section.id == item.section)?;
        let mut groups = form.groups.iter();
        let group = groups.find(|group| item.group.as_ref() == Some(&group.id));
        Some(Self {
            item: item.id.clone(),
            section: section.title.text.clone(),
            group: group.map(|group| group.title.text.clone()),
            number: item.number.clone(),
            wording: item.wording.text.clone(),
            remark: item.remark.clone(),
            original: item.original.clone(),
            answers: Vec::new(),
            verdict: standing.verdict,
            standing: standing.standing,
            reason,
            checks: standing.checks.clone(),
            evidence: Vec::new(),
        })
    }
}

impl Entry {
    /// The entry of a line, if it speaks of this answer.
    pub(super) fn of(line: &AnswerLine, answer: &Answer, tree: &Tree) -> Option<Self> {
        if line.item != answer.item || line.round != i64::from(answer.round) {
            return None;
        }
        let at = usize::try_from(line.seq.checked_sub(1)?).ok()?;
        let proof = tree.inclusion_proof(at).into_iter();
        Some(Self {
            seq: line.seq,
            at: line.at,
            by: line.by.clone(),
            detail: line.detail.clone(),
            item: line.item.clone(),
            round: answer.round,
            version: line.version,
            proof: proof.map(hex::encode).collect(),
        })
    }

    /// Whether it is in the tree, and wrote this answer as it is.
    pub(super) fn proves(
        &self,
        answer: &Answer,
        institution: &InstitutionId,
        (size, root): (u64, Hash),
    ) -> bool {
        let line = Line {
            institution: institution.as_str(),
            seq: self.seq,
            at: self.at,
            by: &self.by,
            action: "answer",
            subject: answer.item.as_str(),
            detail: &self.detail,
            judged: false,
            rows_hash: answer_hash(institution, answer, self.version),
        };
        let hash = |digits: &String| -> Option<Hash> { hex::decode(digits).ok()?.try_into().ok() };
        let proof: Option<Vec<Hash>> = self.proof.iter().map(hash).collect();
        let at = self
            .seq
            .checked_sub(1)
            .and_then(|at| u64::try_from(at).ok());
        let (Some(proof), Some(at)) = (proof, at) else {
            return false;
        };
        merkle::is_included(&proof, line.leaf_hash(), at, size, root)
    }
}

/// Where the file of a check stands.
pub(super) fn check_path(check: &CheckId, name: &str) -> String {
    format!("checks/{check}/{name}")
}
