//! What the JSON files of a package say. Written and read by the same shapes, so that nothing stands in
//! a package which a verifier passes over.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::{Answer, Institution};
use sonae_domain::canonical::{Line, answer_hash};
use sonae_domain::edition::Text;
use sonae_domain::evidence::{ContentHash, DateBasis};
use sonae_domain::ids::{CheckId, EditionId, EvidenceId, FormId, InstitutionId, ItemId};
use sonae_domain::merkle::{self, Hash};
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

/// The institution's own figures by check, where they are others than those of `check.toml`.
pub(super) type OwnSettings = BTreeMap<CheckId, BTreeMap<String, i64>>;

/// The own form with its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormFile {
    pub(super) institution: Institution,
    pub(super) edition: EditionId,
    pub(super) form: FormId,
    pub(super) items: Vec<FormItem>,
}

/// A row of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormItem {
    pub(super) item: ItemId,
    /// As printed.
    pub(super) number: String,
    pub(super) wording: String,
    /// The latest of each round.
    pub(super) answers: Vec<Answer>,
    pub(super) verdict: Verdict,
    pub(super) standing: Standing,
    pub(super) reason: Text,
    pub(super) checks: Vec<CheckId>,
    /// Behind the verdict, in `evidence.json`.
    pub(super) evidence: Vec<EvidenceId>,
}

/// An entry of the history that wrote an answer of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    seq: i64,
    /// In milliseconds since 1970.
    at: i64,
    by: String,
    detail: String,
    pub(super) item: ItemId,
    pub(super) round: u8,
    version: i64,
    /// That it is in the tree of the checkpoint; hexadecimal digits.
    proof: Vec<String>,
}

/// A piece of evidence behind a verdict. What tells of the network, its name among it, stays at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvidenceEntry {
    pub(super) id: EvidenceId,
    pub(super) format: String,
    pub(super) effective_on: Date,
    pub(super) effective_basis: DateBasis,
    pub(super) recorded_at: Timestamp,
    pub(super) sha256: ContentHash,
    pub(super) n_bytes: i64,
    pub(super) items: Vec<ItemId>,
}

/// A document that people put to items of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentEntry {
    /// In the package, if it is one of the originals.
    pub(super) path: Option<String>,
    pub(super) title: String,
    pub(super) file_name: String,
    pub(super) sha256: ContentHash,
    pub(super) effective_on: Date,
    pub(super) valid_until: Option<Date>,
    pub(super) note: Option<String>,
    pub(super) items: Vec<ItemId>,
}

/// A person's explanation of a contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplanationEntry {
    pub(super) explanation: Explanation,
    pub(super) by: String,
    pub(super) at: Timestamp,
}

/// A vendor that was asked, with the form that stands in the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorEntry {
    pub(super) vendor: String,
    pub(super) systems: Vec<String>,
    pub(super) due_on: Date,
    pub(super) has_answered: bool,
    pub(super) pdf: String,
    pub(super) xlsx: String,
}

/// What belongs into a package and is not in this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Missing {
    pub(super) what: Text,
}

impl Entry {
    /// The entry of a line, if it speaks of this answer.
    pub(super) fn of(line: &AnswerLine, answer: &Answer, leaves: &[Hash]) -> Option<Self> {
        if line.item != answer.item || line.round != i64::from(answer.round) {
            return None;
        }
        let at = usize::try_from(line.seq.checked_sub(1)?).ok()?;
        let proof = merkle::inclusion_proof(leaves, at).into_iter();
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
