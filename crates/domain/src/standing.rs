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
    let Some(answer) = answer else {
        return Standing::Unanswered;
    };
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;
    use crate::ids::ItemId;

    const TODAY: Date = date(2026, 2, 1);

    fn answer(value: AnswerValue, target_on: Option<Date>) -> Answer {
        Answer {
            item: ItemId::new("fy2025/facility/asset-ledger"),
            round: 1,
            value,
            confirmed_on: date(2026, 1, 15),
            target_on,
            note: None,
            answered_by: "院長".to_owned(),
            recorded_at: Timestamp::UNIX_EPOCH,
            basis: None,
        }
    }

    /// One line: the answer, then the standing for evidence met, not met, stale, none.
    fn check(answer: Option<&Answer>, exempt: bool, expected: [Standing; 4]) {
        let states = [
            EvidenceState::Met,
            EvidenceState::NotMet,
            EvidenceState::Stale,
            EvidenceState::None,
        ];
        for (state, expected) in states.into_iter().zip(expected) {
            let got = standing(answer, state, exempt, TODAY);
            assert_eq!(
                got,
                expected,
                "{:?}, {state:?}",
                answer.map(|a| (a.value, a.target_on))
            );
        }
    }

    #[test]
    fn every_combination_of_answer_and_evidence() {
        use Standing::*;
        let yes = answer(AnswerValue::Yes, None);
        let no = answer(AnswerValue::No, None);
        let no_ahead = answer(AnswerValue::No, Some(date(2026, 3, 31)));
        let no_today = answer(AnswerValue::No, Some(TODAY));
        let no_past = answer(AnswerValue::No, Some(date(2026, 1, 31)));
        let not_required = answer(AnswerValue::NotRequired, None);
        for exempt in [false, true] {
            //                             met             not met       stale      none
            check(
                None,
                exempt,
                [Unanswered, Unanswered, Unanswered, Unanswered],
            );
            check(Some(&yes), exempt, [Backed, Contradicted, Stale, Declared]);
            check(
                Some(&no_ahead),
                exempt,
                [ReadyToConfirm, Planned, Planned, Planned],
            );
            check(
                Some(&no_today),
                exempt,
                [ReadyToConfirm, Planned, Planned, Planned],
            );
            check(Some(&no_past), exempt, [Overdue; 4]);
            check(Some(&no), exempt, [TargetMissing; 4]);
        }
        check(Some(&not_required), true, [Exempt; 4]);
        check(Some(&not_required), false, [Contradicted; 4]);
    }

    #[test]
    fn only_met_is_met() {
        for (verdict, state) in [
            (Verdict::Met, EvidenceState::Met),
            (Verdict::NotMet, EvidenceState::NotMet),
            (Verdict::Stale, EvidenceState::Stale),
            (Verdict::Unknown, EvidenceState::None),
            (Verdict::Conditional, EvidenceState::None),
            (Verdict::NotApplicable, EvidenceState::None),
        ] {
            assert_eq!(EvidenceState::from(verdict), state);
        }
    }
}
