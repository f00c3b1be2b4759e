//! Verifies a package with nothing but its bytes, and a key if one is held: that it is whole, who sealed
//! it, that its answers are those of the history, and that its checks say on its facts what it says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sonae_domain::answer::Answer;
use sonae_domain::checkpoint::ShortCode;
use sonae_domain::edition::Text;
use sonae_domain::evidence::ContentHash;
use sonae_domain::ids::{CheckId, EvidenceId, ItemId};
use sonae_domain::package::{About, Package, PackageError, Seal, Sealed};
use sonae_domain::signed::PublicKey;
use sonae_domain::verdict::CheckVerdict;
use sonae_judge::{Check, CheckError, JudgeError};

use super::contents::{
    Contents, DOCUMENTS, EVIDENCE, Entry, EvidenceEntry, FACTS, FORM, FormFile, HISTORY, INDEX,
    OwnSettings, REMARK_PAGE, SETTINGS, Unreadable, VERDICTS, check_path, json, text,
};
use super::rows::{RowsCompared, Verdicts, compare_rows};
use super::{PROGRAM, page, remark_page};
use crate::usecase::catalog;
use crate::usecase::judging::Grounds;

/// What a package that is to be trusted says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) about: About,
    pub(crate) signed_at: Timestamp,
    /// With which it was sealed.
    pub(crate) key: PublicKey,
    /// Of the history when the package was made; to compare with what was printed.
    pub(crate) short_code: ShortCode,
    /// Whether the key is one that the verifier holds, not only the one that came along.
    pub(crate) key_is_known: bool,
    pub(crate) n_files: usize,
    pub(crate) n_answers: usize,
    /// Those of which an entry of the history speaks; others are older than its hashes.
    pub(crate) n_proven: usize,
    /// Checks that were judged again.
    pub(crate) n_checks: usize,
    /// Checks that are not those of this program.
    pub(crate) other_checks: Vec<CheckId>,
    /// How much of the form this program could make again.
    pub(crate) rows: RowsCompared,
    /// Whether this version of the program wrote the pages, so that they could be made again.
    pub(crate) pages_compared: bool,
    /// What the institution says is not in it.
    pub(crate) missing: Vec<Text>,
}

/// Why a package is not trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Untrusted {
    /// It is not whole.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// What was handed in, or came along, is no key.
    #[error("not a verifier key")]
    NoKey,
    /// It was sealed by another one.
    #[error("sealed by another key")]
    OtherKey,
    /// The checkpoint is none, was not signed by the same key, or is of another history.
    #[error("the checkpoint does not belong to the package")]
    Checkpoint,
    /// A file does not say what such a file says.
    #[error(transparent)]
    Contents(#[from] Unreadable),
    /// The history says something else, or nothing.
    #[error("the answer to {item}, round {round}, is not the one of the history")]
    Answer { item: ItemId, round: u8 },
    /// A check cannot run.
    #[error("check {0} cannot be read")]
    Check(CheckId, #[source] CheckError),
    /// The checks do not run on the facts.
    #[error("the facts cannot be judged")]
    Judge(#[from] JudgeError),
    /// Judged again, these say something else.
    #[error("other verdicts when judged again")]
    Verdicts(Vec<CheckId>),
    /// Other rows than those of its edition.
    #[error("the form has not the rows of its edition")]
    Rows,
    /// A row prints something else than its edition, or its standing does not follow.
    #[error("row {0} is not as edition and verdicts give it")]
    Row(ItemId),
}

/// Verifies the bytes of a package; `key` is the verifier key that somebody holds.
///
/// # Errors
/// It is not to be trusted, and why.
pub(crate) async fn verify(bytes: &[u8], key: Option<&str>) -> Result<Verified, Untrusted> {
    let sealed = Sealed::read(bytes)?;
    compare_key(&sealed.seal, key)?;
    let package = sealed.open()?;
    let contents = Contents::read(&package.manifest.about, package.files())?;
    let (form, about) = (&contents.form, &contents.about);
    let said = (&form.institution.id, &form.edition, &form.form);
    // Of a form without rows the page would say that nothing is open.
    let is_other = said != (&about.institution, &about.edition, &about.form);
    if is_other || form.items.is_empty() {
        return Err(Unreadable::new(FORM).into());
    }
    compare_checkpoint(&contents, &sealed.seal)?;
    let n_proven = compare_answers(&package, &contents)?;
    let again = judge_again(&package, form).await?;
    compare_enclosed(&package, &contents, &again.grounds)?;
    let rows = compare_rows(&contents, &again.verdicts)?;
    let pages_compared = compare_pages(&package, &contents)?;
    Ok(Verified {
        signed_at: sealed.seal.signed_at,
        key: sealed.seal.key,
        short_code: contents.checkpoint.checkpoint.short_code(),
        key_is_known: key.is_some(),
        n_files: package.files().len(),
        n_answers: form.items.iter().map(|item| item.answers.len()).sum(),
        n_proven,
        n_checks: again.n_checks,
        other_checks: again.other_checks,
        rows,
        pages_compared,
        missing: contents
            .missing
            .into_iter()
            .map(|missing| missing.what)
            .collect(),
        about: contents.about,
    })
}

/// Whether the seal was made by the key that is held, if one is.
fn compare_key(seal: &Seal, held: Option<&str>) -> Result<(), Untrusted> {
    let Some(held) = held else { return Ok(()) };
    let held: PublicKey = held.trim().parse().map_err(|_| Untrusted::NoKey)?;
    match held == seal.key {
        true => Ok(()),
        false => Err(Untrusted::OtherKey),
    }
}

/// Whether the key of the seal signed the checkpoint, and it is the one that the package speaks of.
fn compare_checkpoint(contents: &Contents, seal: &Seal) -> Result<(), Untrusted> {
    let (signed, about) = (&contents.checkpoint, &contents.about);
    let (checkpoint, text) = (&signed.checkpoint, signed.checkpoint.text());
    let is_of_key = |signature| seal.key.has_signed(&text, signature);
    let said = (checkpoint.origin.as_str(), checkpoint.size);
    match said == (seal.key.name(), about.n_entries) && signed.signatures.iter().any(is_of_key) {
        true => Ok(()),
        false => Err(Untrusted::Checkpoint),
    }
}

/// Every entry must prove its answer, and no answer may have two. How many are proven.
fn compare_answers(package: &Package, contents: &Contents) -> Result<usize, Untrusted> {
    let (form, checkpoint) = (&contents.form, &contents.checkpoint.checkpoint);
    let tree = (checkpoint.size, checkpoint.root);
    let answers = form.items.iter().flat_map(|item| {
        let own = |answer: &&Answer| answer.item == item.item;
        item.answers.iter().filter(own)
    });
    let mut answers: BTreeMap<(&ItemId, u8), &Answer> = answers
        .map(|answer| ((&answer.item, answer.round), answer))
        .collect();
    let n_answers: usize = form.items.iter().map(|item| item.answers.len()).sum();
    if answers.len() != n_answers {
        return Err(Unreadable::new(FORM).into());
    }
    let entries: Vec<Entry> = json(package.files(), HISTORY)?;
    for entry in &entries {
        let answer = answers.remove(&(&entry.item, entry.round));
        if !answer.is_some_and(|answer| entry.proves(answer, &form.institution.id, tree)) {
            let (item, round) = (entry.item.clone(), entry.round);
            return Err(Untrusted::Answer { item, round });
        }
    }
    Ok(entries.len())
}

/// What came out when the checks of a package ran on its facts.
struct JudgedAgain {
    grounds: Grounds,
    verdicts: Verdicts,
    n_checks: usize,
    /// Those that this program has not.
    other_checks: Vec<CheckId>,
}

/// Runs the checks of the package on its facts.
async fn judge_again(package: &Package, form: &FormFile) -> Result<JudgedAgain, Untrusted> {
    let grounds: Grounds = json(package.files(), FACTS)?;
    let own: OwnSettings = json(package.files(), SETTINGS)?;
    let said: Vec<CheckVerdict> = json(package.files(), VERDICTS)?;
    if grounds.as_of() != package.manifest.about.as_of {
        return Err(Unreadable::new(FACTS).into());
    }
    let mut ids: Vec<&CheckId> = form.items.iter().flat_map(|item| &item.checks).collect();
    ids.sort();
    ids.dedup();
    let (mut checks, mut others) = (Vec::new(), Vec::new());
    for id in ids {
        let file = |name| text(package.files(), &check_path(id, name));
        let (toml, sql) = (file("check.toml")?, file("check.sql")?);
        let check = Check::from_texts(toml, sql);
        let check = check.map_err(|source| Untrusted::Check(id.clone(), source))?;
        if check.head().id != *id {
            return Err(Unreadable::new(&check_path(id, "check.toml")).into());
        }
        let settings = own.get(id);
        checks.push(check.with_settings(|name| settings?.get(name).copied()));
        let shipped = catalog::check_texts(id).ok();
        if shipped.is_none_or(|shipped| (shipped.0.as_str(), shipped.1.as_str()) != (toml, sql)) {
            others.push(id.clone());
        }
    }
    let n_checks = checks.len();
    let verdicts = grounds.judge(checks).await?;
    compare_verdicts(said, &verdicts)?;
    let verdicts = verdicts.into_iter();
    Ok(JudgedAgain {
        grounds,
        verdicts: verdicts
            .map(|verdict| (verdict.check.clone(), verdict))
            .collect(),
        n_checks,
        other_checks: others,
    })
}

/// Whether enclosed files have the hashes that their index names, and evidence is of the day by which it
/// was judged; all evidence that was judged by is named.
fn compare_enclosed(
    package: &Package,
    contents: &Contents,
    grounds: &Grounds,
) -> Result<(), Untrusted> {
    let has_hash = |path: &Option<String>, sha256: &ContentHash| {
        let bytes = path.as_ref().and_then(|path| package.files().get(path));
        bytes.is_none_or(|bytes| ContentHash::of(bytes) == *sha256)
    };
    let mut documents = contents.documents.iter();
    if !documents.all(|entry| has_hash(&entry.path, &entry.sha256)) {
        return Err(Unreadable::new(DOCUMENTS).into());
    }
    let mut evidence = contents.evidence.iter();
    let is_as_said = |entry: &EvidenceEntry| {
        let day = grounds.day_of(&entry.id);
        day.is_none_or(|day| day == entry.effective_on) && has_hash(&entry.path, &entry.sha256)
    };
    if !evidence.all(is_as_said) || !names_all_evidence(contents) {
        return Err(Unreadable::new(EVIDENCE).into());
    }
    Ok(())
}

fn names_all_evidence(contents: &Contents) -> bool {
    let named: BTreeSet<&EvidenceId> = contents.evidence.iter().map(|entry| &entry.id).collect();
    let mut items = contents.form.items.iter();
    named.len() == contents.evidence.len()
        && items.all(|item| item.evidence.iter().all(|id| named.contains(id)))
}

/// Both ways: a verdict that is missing differs as well.
fn compare_verdicts(said: Vec<CheckVerdict>, again: &[CheckVerdict]) -> Result<(), Untrusted> {
    let n_said = said.len();
    let mut said: BTreeMap<CheckId, CheckVerdict> = said
        .into_iter()
        .map(|verdict| (verdict.check.clone(), verdict))
        .collect();
    if said.len() != n_said {
        return Err(Unreadable::new(VERDICTS).into());
    }
    let mut differing = Vec::new();
    for verdict in again {
        if said.remove(&verdict.check).as_ref() != Some(verdict) {
            differing.push(verdict.check.clone());
        }
    }
    differing.extend(said.into_keys());
    match differing.is_empty() {
        true => Ok(()),
        false => Err(Untrusted::Verdicts(differing)),
    }
}

/// The pages must say what the files say; whether they were compared. Another version of the program may
/// say it in other words.
fn compare_pages(package: &Package, contents: &Contents) -> Result<bool, Untrusted> {
    let is_same_program = contents.about.program == PROGRAM;
    let pages = [
        (INDEX, page::render(contents)),
        (REMARK_PAGE, remark_page::render(contents)),
    ];
    for (path, anew) in pages {
        let page = text(package.files(), path)?;
        let is_same = anew.is_ok_and(|anew| anew == page);
        if is_same_program && !is_same {
            return Err(Unreadable::new(path).into());
        }
    }
    Ok(is_same_program)
}
