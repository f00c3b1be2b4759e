//! The calls about the history, each one transaction in the scope of whose history it is.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sonae_domain::ids::InstitutionId;
use sonae_domain::merkle::{Edge, Hash};

use super::{ALL_INSTITUTIONS, Backend, INSTALLATION};
use crate::error::StoreError;
use crate::history::{AnswerLine, History, KeptCheckpoint, Verified};
use crate::{answers, heads, verify};

#[async_trait]
impl<B: Backend> History for B {
    async fn histories(&self) -> Result<Vec<Option<InstitutionId>>, StoreError> {
        let mut tx = self.read(ALL_INSTITUTIONS, "list the histories").await?;
        let scopes = heads::scopes(&mut tx).await?.into_iter();
        let institutions = scopes.filter(|scope| scope != INSTALLATION);
        let institutions = institutions.map(|scope| Some(InstitutionId::new(scope)));
        Ok([None].into_iter().chain(institutions).collect())
    }

    async fn verify_history(
        &self,
        of: Option<&InstitutionId>,
        sizes: &BTreeSet<u64>,
    ) -> Result<Verified, StoreError> {
        let mut tx = self.read(scope(of), "verify a history").await?;
        verify::all(&mut tx, sizes).await
    }

    async fn verify_tail(
        &self,
        of: Option<&InstitutionId>,
        behind: &Edge,
    ) -> Result<Verified, StoreError> {
        let mut tx = self.read(scope(of), "verify the end of a history").await?;
        verify::tail(&mut tx, behind).await
    }

    async fn leaf_hashes(&self, of: Option<&InstitutionId>) -> Result<Vec<Hash>, StoreError> {
        let mut tx = self.read(scope(of), "list the hashes of a history").await?;
        heads::leaf_hashes(&mut tx).await
    }

    async fn answer_lines(&self, of: &InstitutionId) -> Result<Vec<AnswerLine>, StoreError> {
        let mut tx = self.read(of.as_str(), "list the lines of answers").await?;
        answers::lines(&mut tx).await
    }

    async fn keep_checkpoint(
        &self,
        of: Option<&InstitutionId>,
        checkpoint: &KeptCheckpoint,
    ) -> Result<(), StoreError> {
        let mut tx = self.write(scope(of), "keep a checkpoint").await?;
        heads::keep_checkpoint(&mut tx, checkpoint).await?;
        tx.commit().await
    }

    async fn checkpoints(
        &self,
        of: Option<&InstitutionId>,
    ) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let mut tx = self.read(scope(of), "list the checkpoints").await?;
        let kept = heads::checkpoints(&mut tx).await?;
        Ok(kept.into_iter().flatten().collect())
    }
}

fn scope(of: Option<&InstitutionId>) -> &str {
    of.map_or(INSTALLATION, InstitutionId::as_str)
}
