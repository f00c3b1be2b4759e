//! Who may do what in an institution: roles, and grants that give them to a person for a time.
//! How a person proves who they are is not known here.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, GrantId};

/// What a person is in an institution, in the words of the guideline
/// (医療情報システムの安全管理に関するガイドライン, 企画管理編).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 管理者: manages the accounts and settings of the institution in Sonae.
    Administrator,
    /// 医療情報システム安全管理責任者
    SafetyOfficer,
    /// 企画管理者
    PlanningManager,
    /// システム運用担当者
    SystemOperator,
    /// 閲覧者: reads only.
    Viewer,
}

impl Role {
    /// From the widest to the narrowest.
    pub const ALL: [Self; 5] = [
        Self::Administrator,
        Self::SafetyOfficer,
        Self::PlanningManager,
        Self::SystemOperator,
        Self::Viewer,
    ];

    /// The word in files and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::SafetyOfficer => "safety_officer",
            Self::PlanningManager => "planning_manager",
            Self::SystemOperator => "system_operator",
            Self::Viewer => "viewer",
        }
    }

    /// The role with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// A role of a person in an institution. An outsider's has a purpose and an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Ours.
    pub id: GrantId,
    /// Who has it.
    pub account: AccountId,
    /// What they are.
    pub role: Role,
    /// Does not belong to the institution: a vendor, a consultant.
    pub outsider: bool,
    /// What for; an outsider must have one.
    pub purpose: Option<String>,
    /// The last day on which it holds; an outsider must have one.
    pub ends_on: Option<Date>,
    /// Who gave it.
    pub granted_by: String,
    /// When.
    pub granted_at: Timestamp,
    /// Who took it back, and when.
    pub revoked: Option<(String, Timestamp)>,
}

/// Why a grant cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefused {
    /// An outsider without a purpose.
    #[error("an outsider's grant needs a purpose")]
    NoPurpose,
    /// An outsider without an end.
    #[error("an outsider's grant needs a last day")]
    NoEnd,
    /// The end is before today.
    #[error("the last day is past")]
    EndPast,
    /// An outsider as administrator.
    #[error("an outsider cannot be administrator")]
    OutsideAdministrator,
}

impl Grant {
    /// Refuses what must not be given.
    ///
    /// # Errors
    /// An outsider without purpose or end or as administrator; an end before today.
    pub fn check(&self, today: Date) -> Result<(), GrantRefused> {
        if self.ends_on.is_some_and(|end| end < today) {
            return Err(GrantRefused::EndPast);
        }
        if !self.outsider {
            return Ok(());
        }
        if self.role == Role::Administrator {
            return Err(GrantRefused::OutsideAdministrator);
        }
        if self
            .purpose
            .as_deref()
            .unwrap_or_default()
            .trim()
            .is_empty()
        {
            return Err(GrantRefused::NoPurpose);
        }
        match self.ends_on {
            None => Err(GrantRefused::NoEnd),
            Some(_) => Ok(()),
        }
    }

    /// Whether it holds on a day.
    pub fn holds(&self, today: Date) -> bool {
        self.revoked.is_none() && self.ends_on.is_none_or(|end| today <= end)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 21);

    fn grant(role: Role, outsider: bool, purpose: &str, ends_on: Option<Date>) -> Grant {
        Grant {
            id: GrantId::new("g"),
            account: AccountId::new("a"),
            role,
            outsider,
            purpose: Some(purpose.to_owned()),
            ends_on,
            granted_by: "x".to_owned(),
            granted_at: Timestamp::UNIX_EPOCH,
            revoked: None,
        }
    }

    #[test]
    fn an_outsider_has_a_purpose_and_an_end() {
        let check = |role, outsider, purpose, ends_on, expected| {
            let said = grant(role, outsider, purpose, ends_on).check(TODAY);
            assert_eq!(
                said, expected,
                "{role:?} {outsider} {purpose:?} {ends_on:?}"
            );
        };
        let later = Some(date(2026, 12, 1));
        check(Role::Viewer, false, "", None, Ok(()));
        check(Role::Viewer, true, "audit", later, Ok(()));
        check(Role::Viewer, true, "audit", Some(TODAY), Ok(()));
        check(Role::Viewer, true, " ", later, Err(GrantRefused::NoPurpose));
        check(Role::Viewer, true, "audit", None, Err(GrantRefused::NoEnd));
        let past = Some(date(2026, 11, 20));
        check(Role::Viewer, false, "", past, Err(GrantRefused::EndPast));
        let refused = Err(GrantRefused::OutsideAdministrator);
        check(Role::Administrator, true, "audit", later, refused);
    }

    #[test]
    fn a_grant_holds_to_its_last_day() {
        let ending = grant(Role::Viewer, true, "audit", Some(TODAY));
        assert!(ending.holds(TODAY));
        assert!(!ending.holds(date(2026, 11, 22)));
        let mut revoked = grant(Role::Viewer, false, "", None);
        revoked.revoked = Some(("x".to_owned(), Timestamp::UNIX_EPOCH));
        assert!(!revoked.holds(TODAY));
    }
}
