//! How an item stands: a person's answer and the evidence, side by side and never merged.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, AnswerValue};
use crate::verdict::Verdict;

/// What the evidence says about an item, all controls and checks together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceState {
    /// Every subject in scope is proven.
    Met,
    /// At least one subject is disproven.
    NotMet,
    /// Old evidence, nothing disproven.
    Stale,
    /// No evidence, not enough of it, or only a person can tell.
    None,
}

impl From<Verdict> for EvidenceState {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Met => Self::Met,
            Verdict::NotMet => Self::NotMet,
            Verdict::Stale => Self::Stale,
            Verdict::Unknown | Verdict::Conditional | Verdict::NotApplicable => Self::None,
        }
    }
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 裏付けあり
    Backed,
    /// 申告のみ
    Declared,
    /// 矛盾
    Contradicted,
    /// 証拠の期限切れ
    Stale,
    /// 対応予定
    Planned,
    /// 対応予定, and the evidence is met: ready to confirm (確認できます)
    ReadyToConfirm,
    /// 期限超過
    Overdue,
    /// 目標日未記入
    TargetMissing,
    /// 記入不要
    Exempt,
    /// 未回答
    Unanswered,
}

/// How an item stands on a day. `exempt` tells whether the form's rule allows 記入不要 here.
pub fn standing(
    answer: Option<&Answer>,
    evidence: EvidenceState,
    exempt: bool,
    as_of: Date,
) -> Standing {
    let Some(answer) = answer else { return Standing::Unanswered };
    match (answer.value, evidence, answer.target_on) {
        (AnswerValue::Yes, EvidenceState::Met, _) => Standing::Backed,
        (AnswerValue::Yes, EvidenceState::None, _) => Standing::Declared,
        (AnswerValue::Yes, EvidenceState::NotMet, _) => Standing::Contradicted,
        (AnswerValue::Yes, EvidenceState::Stale, _) => Standing::Stale,
        (AnswerValue::No, _, None) => Standing::TargetMissing,
        (AnswerValue::No, _, Some(target)) if target < as_of => Standing::Overdue,
        (AnswerValue::No, EvidenceState::Met, Some(_)) => Standing::ReadyToConfirm,
        (AnswerValue::No, _, Some(_)) => Standing::Planned,
        (AnswerValue::NotRequired, _, _) if exempt => Standing::Exempt,
        (AnswerValue::NotRequired, _, _) => Standing::Contradicted,
    }
}
