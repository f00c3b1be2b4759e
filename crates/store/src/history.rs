//! What can be asked of the history that nobody changes unnoticed: whether it holds, its tree, its
//! checkpoints. `None` in place of an institution means the journal of the installation.
//! Keys and signatures are not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use sonae_domain::ids::{InstitutionId, ItemId};
use sonae_domain::merkle::{Edge, Hash};

use crate::error::StoreError;

/// What a history says about itself, made anew from lines and rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The tree over all lines as they are now.
    pub tree: Edge,
    /// The first that is not as it was written; none if all is.
    pub first_bad: Option<Bad>,
    /// Roots at the sizes that were asked for and that the history has reached.
    pub roots: BTreeMap<u64, Hash>,
    /// The first line that is dated an hour or more before an earlier one. A clock that was wrong does
    /// that, too, so it is told and proves nothing.
    pub backwards: Option<i64>,
}

/// Where a history is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// The number of the line; that behind the last, for what no line speaks of.
    pub seq: i64,
    /// What is not as it was.
    pub what: Difference,
}

/// What is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// There is no line of this number.
    Missing,
    /// The line says something else, or stood elsewhere.
    Line,
    /// The rows that it added are others, fewer or more.
    Rows,
    /// What it was the latest to change was changed after it: the word of a thing and its id.
    State(&'static str, String),
    /// No line speaks of this: the word of a thing, or a table, and an id.
    Unwritten(&'static str, String),
    /// Another piece of evidence counts than should.
    Current,
    /// Lines and hashes agree, but not with the tree that was kept: both were changed, from here on.
    Tree,
    /// The same for a checkpoint that was kept.
    Checkpoint,
}

/// A checkpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// The tree as it was.
    pub tree: Edge,
    /// The signed note.
    pub note: String,
    /// When.
    pub made_at: Timestamp,
}

/// The line that wrote an answer which counts, with all that is hashed of it but the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerLine {
    /// Its number.
    pub seq: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub by: String,
    /// JSON as it is kept.
    pub detail: String,
    /// The row answered.
    pub item: ItemId,
    /// Of the confirmation.
    pub round: i64,
    /// Counts the answers to the item in the round.
    pub version: i64,
}

/// The histories of an installation: one of each institution, and its own.
#[async_trait]
pub trait History: Debug + Send + Sync {
    /// Whose histories there are, the installation's first.
    async fn histories(&self) -> Result<Vec<Option<InstitutionId>>, StoreError>;

    /// Makes all of a history anew and compares, and says its roots at these sizes.
    async fn verify_history(
        &self,
        of: Option<&InstitutionId>,
        sizes: &BTreeSet<u64>,
    ) -> Result<Verified, StoreError>;

    /// The same for what came after this tree, which is that of a checkpoint that the caller trusts, or
    /// empty: enough to make the next.
    async fn verify_tail(
        &self,
        of: Option<&InstitutionId>,
        behind: &Edge,
    ) -> Result<Verified, StoreError>;

    /// The hashes of all lines, as they are kept: for proofs.
    async fn leaf_hashes(&self, of: Option<&InstitutionId>) -> Result<Vec<Hash>, StoreError>;

    /// The lines of the latest answer of each item and round, in their order. An answer from before
    /// lines had hashes has none.
    async fn answer_lines(&self, of: &InstitutionId) -> Result<Vec<AnswerLine>, StoreError>;

    /// Keeps a checkpoint; one of the same size stays as it is.
    async fn keep_checkpoint(
        &self,
        of: Option<&InstitutionId>,
        checkpoint: &KeptCheckpoint,
    ) -> Result<(), StoreError>;

    /// The checkpoints that were made, the smallest first.
    async fn checkpoints(
        &self,
        of: Option<&InstitutionId>,
    ) -> Result<Vec<KeptCheckpoint>, StoreError>;
}
