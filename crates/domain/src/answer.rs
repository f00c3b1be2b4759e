//! A person's answer to an item. The program never makes or changes one.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::era;
use crate::ids::{InstitutionId, ItemId};

/// Kind of an institution (医療機関等).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionKind {
    /// 病院
    Hospital,
    /// 診療所
    Clinic,
    /// 歯科診療所
    DentalClinic,
    /// 助産所
    BirthCentre,
    /// 薬局
    Pharmacy,
}

/// Whether the institution has a contract with a vendor (事業者).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VendorContract {
    /// A person stated that there is one.
    Exists,
    /// A person stated that there is none.
    None,
    /// Nobody said.
    Unconfirmed,
}

/// An institution (医療機関等).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// Ours.
    pub id: InstitutionId,
    /// Its name as printed on the form.
    pub name: String,
    /// Decides which form it answers.
    pub kind: InstitutionKind,
    /// Decides whether 2-② and 2-③ may stay blank.
    pub vendor_contract: VendorContract,
}

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerValue {
    /// はい
    Yes,
    /// いいえ
    No,
    /// 記入不要
    NotRequired,
}

impl AnswerValue {
    /// The word in files and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotRequired => "not_required",
        }
    }
}

/// An answer (回答) of one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The row answered.
    pub item: ItemId,
    /// 1 for the first confirmation of the year.
    pub round: u8,
    /// はい, いいえ or 記入不要.
    pub value: AnswerValue,
    /// 確認日
    pub confirmed_on: Date,
    /// 目標日
    pub target_on: Option<Date>,
    /// 備考
    pub note: Option<String>,
    /// Who answered.
    pub answered_by: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Fingerprint of the evidence as the person saw it when answering; none if they saw none.
    #[serde(default)]
    pub basis: Option<String>,
}

/// Why an answer cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// 確認日 after today.
    #[error("confirmed on {confirmed_on}, which is after {today}")]
    FutureConfirmation {
        /// As given.
        confirmed_on: Date,
        /// As of.
        today: Date,
    },
    /// Rounds count from 1.
    #[error("round 0: rounds count from 1")]
    RoundZero,
    /// Nobody is named.
    #[error("no person named")]
    NoPerson,
    /// A 目標日 belongs to いいえ only.
    #[error("a target date belongs to the answer `no` only")]
    TargetWithoutNo,
    /// 確認日 so long ago that it is a slip of the hand.
    #[error("confirmed on {0}, before the edition's year and more than a year ago")]
    LongPastConfirmation(Date),
    /// 目標日 before the 確認日: it would have been past when it was set.
    #[error("target date {0} before the confirmation")]
    TargetBeforeConfirmation(Date),
    /// 目標日 so far ahead that it is a slip of the hand.
    #[error("target date {0}, more than {TARGET_YEARS_MAX} years ahead")]
    TargetFarAhead(Date),
}

/// Something to tell the person, though the answer is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerNotice {
    /// 目標日 outside the edition's fiscal year.
    TargetOutsideFiscalYear,
    /// いいえ without 目標日.
    TargetMissing,
    /// 目標日 is already past.
    TargetPast,
    /// 確認日 outside the edition's fiscal year.
    ConfirmationOutsideFiscalYear,
}

/// Ten years: longer than the life of any system on the form.
const TARGET_YEARS_MAX: i64 = 10;

impl AnswerNotice {
    /// Whether it tells of the fiscal year. Without meaning where a newer form is not at hand.
    pub fn is_about_the_year(self) -> bool {
        match self {
            Self::TargetOutsideFiscalYear | Self::ConfirmationOutsideFiscalYear => true,
            Self::TargetMissing | Self::TargetPast => false,
        }
    }
}

impl Answer {
    /// Refuses what cannot be true; everything else is the person's to say.
    ///
    /// # Errors
    /// A confirmation in the future or long past, round 0, nobody named, a target date without いいえ,
    /// before the confirmation or far ahead.
    pub fn check(&self, today: Date, fiscal_year: i16) -> Result<Vec<AnswerNotice>, AnswerRefused> {
        if self.confirmed_on > today {
            return Err(AnswerRefused::FutureConfirmation {
                confirmed_on: self.confirmed_on,
                today,
            });
        }
        if self.round == 0 {
            return Err(AnswerRefused::RoundZero);
        }
        if self.answered_by.trim().is_empty() {
            return Err(AnswerRefused::NoPerson);
        }
        if self.target_on.is_some() && self.value != AnswerValue::No {
            return Err(AnswerRefused::TargetWithoutNo);
        }
        self.check_range(today, fiscal_year)?;
        Ok(self.notices(today, fiscal_year))
    }

    /// Days that can only be slips of the hand, such as another era or a year too many.
    fn check_range(&self, today: Date, fiscal_year: i16) -> Result<(), AnswerRefused> {
        let first = era::fiscal_year_days(fiscal_year).0;
        if self.confirmed_on < first.min(today.saturating_sub(1.year())) {
            return Err(AnswerRefused::LongPastConfirmation(self.confirmed_on));
        }
        match self.target_on {
            Some(target) if target < self.confirmed_on => {
                Err(AnswerRefused::TargetBeforeConfirmation(target))
            }
            Some(target) if target > today.saturating_add(TARGET_YEARS_MAX.years()) => {
                Err(AnswerRefused::TargetFarAhead(target))
            }
            _ => Ok(()),
        }
    }

    fn notices(&self, today: Date, fiscal_year: i16) -> Vec<AnswerNotice> {
        let mut notices = Vec::new();
        if era::fiscal_year_of(self.confirmed_on) != fiscal_year {
            notices.push(AnswerNotice::ConfirmationOutsideFiscalYear);
        }
        match self.target_on {
            None if self.value == AnswerValue::No => notices.push(AnswerNotice::TargetMissing),
            None => {}
            Some(target) => {
                if target < today {
                    notices.push(AnswerNotice::TargetPast);
                }
                if era::fiscal_year_of(target) != fiscal_year {
                    notices.push(AnswerNotice::TargetOutsideFiscalYear);
                }
            }
        }
        notices
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 21);

    fn answer() -> Answer {
        Answer {
            item: ItemId::new("fy2025/facility/a"),
            round: 1,
            value: AnswerValue::No,
            confirmed_on: TODAY,
            target_on: None,
            note: None,
            answered_by: "a".to_owned(),
            recorded_at: Timestamp::UNIX_EPOCH,
            basis: None,
        }
    }

    /// What is said of いいえ, confirmed and aimed at on these days.
    fn check(confirmed_on: Date, target_on: Date) -> String {
        let answer = Answer {
            confirmed_on,
            target_on: Some(target_on),
            ..answer()
        };
        match answer.check(TODAY, 2025) {
            Ok(notices) => format!("{notices:?}"),
            Err(refused) => refused.to_string(),
        }
    }

    #[test]
    fn slips_of_the_hand_are_refused() {
        let soon = date(2027, 3, 31);
        for (confirmed_on, target_on, refused) in [
            (date(2025, 4, 1), soon, ""),
            (date(2025, 3, 31), soon, "confirmed on 2025-03-31"),
            (TODAY, TODAY, ""),
            (TODAY, date(2026, 11, 20), "before the confirmation"),
            (date(2026, 1, 1), date(2026, 1, 31), ""),
            (TODAY, date(2036, 11, 21), ""),
            (TODAY, date(2036, 11, 22), "more than 10 years ahead"),
            (TODAY, date(2126, 3, 31), "more than 10 years ahead"),
        ] {
            let said = check(confirmed_on, target_on);
            let is_taken = said.starts_with('[');
            assert_eq!(is_taken, refused.is_empty(), "{said}");
            assert!(said.contains(refused), "{said}");
        }
    }
}
