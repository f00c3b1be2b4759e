//! The institution itself as its people describe it: name, kind, contract, profile.

use serde::Deserialize;
use sonae_domain::answer::Institution;
use sonae_domain::ids::RecordId;
use sonae_domain::people::Role;
use sonae_domain::register::{Officer, Profile};

use super::failure::Failure;
use super::first_visit::{PROFILE, beds, contract_of_word, kind_of_word, required};
use super::labels;
use super::registers::{Kept, Saved, Seen};
use super::secrets::token_hash;
use super::workspace::Workspace;

/// What the settings ask about the institution.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TypedHouse {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) contract: String,
    pub(crate) prefecture: String,
    pub(crate) beds: String,
    pub(crate) safety_officer: String,
    pub(crate) planning_manager: String,
    pub(crate) system_operator: String,
    /// Names the state that the person saw.
    pub(crate) seen: String,
}

/// The institution as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Details {
    institution: Institution,
    profile: Option<Kept<Profile>>,
}

/// What became of a change.
pub(crate) enum HouseSaved {
    /// Saved; so many answers belong to a form that the institution no longer has.
    Done { n_former: usize },
    /// Somebody else was faster; nothing was changed.
    Conflict(Details),
}

impl Details {
    /// As it would be typed.
    pub(crate) fn typed(&self) -> TypedHouse {
        let word = |value: Result<serde_json::Value, serde_json::Error>| {
            let value = value.ok();
            value
                .as_ref()
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let profile = self.profile.as_ref().map(|kept| kept.body.clone());
        let profile = profile.unwrap_or_default();
        let officer = |role| {
            let mut officers = profile.officers.iter();
            let officer = officers.find(|officer| officer.role == role);
            officer
                .map(|officer| officer.name.clone())
                .unwrap_or_default()
        };
        let mut typed = TypedHouse {
            name: self.institution.name.clone(),
            kind: word(serde_json::to_value(self.institution.kind)),
            contract: word(serde_json::to_value(self.institution.vendor_contract)),
            prefecture: profile.prefecture.clone().unwrap_or_default(),
            beds: profile
                .n_beds
                .map(|n_beds| n_beds.to_string())
                .unwrap_or_default(),
            safety_officer: officer(Role::SafetyOfficer),
            planning_manager: officer(Role::PlanningManager),
            system_operator: officer(Role::SystemOperator),
            seen: String::new(),
        };
        typed.seen = token_hash(&format!("{typed:?}"));
        typed
    }
}

impl Workspace {
    /// The institution as it stands.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn details(&self) -> Result<Details, Failure> {
        let profile = self.kept::<Profile>().await?;
        Ok(Details {
            institution: self.institution.clone(),
            profile: profile.into_iter().next(),
        })
    }

    /// Changes the institution and its profile, unless somebody else did meanwhile.
    ///
    /// # Errors
    /// Something is missing or refused, or the store fails.
    pub(crate) async fn change_house(
        &self,
        typed: &TypedHouse,
        by: &str,
    ) -> Result<HouseSaved, Failure> {
        let missing = || Failure::refused(labels::field_missing("kind")).at("kind");
        let name = required(&typed.name, "name")?;
        let kind = kind_of_word(&typed.kind).ok_or_else(missing)?;
        let profile = Profile {
            prefecture: self.installation.prefecture(&typed.prefecture)?,
            n_beds: beds(&typed.beds, kind)?,
            officers: officers(typed),
        };
        let current = self.details().await?;
        if current.typed().seen != typed.seen {
            return Ok(HouseSaved::Conflict(current));
        }
        let seen = Seen {
            id: RecordId::new(PROFILE),
            version: current.profile.as_ref().map(|kept| kept.version),
        };
        if let Saved::Conflict(_) = self.keep(&seen, &profile, by).await? {
            return Ok(HouseSaved::Conflict(self.details().await?));
        }
        let contract = contract_of_word(&typed.contract);
        let mut changed = self.installation.workspace(self.institution.clone());
        let n_former = changed
            .set_institution(Some(name), Some(kind), Some(contract), by)
            .await?;
        Ok(HouseSaved::Done { n_former })
    }
}

/// Who is responsible for what, as three fields say it.
pub(super) fn officers(typed: &TypedHouse) -> Vec<Officer> {
    let all = [
        (Role::SafetyOfficer, &typed.safety_officer),
        (Role::PlanningManager, &typed.planning_manager),
        (Role::SystemOperator, &typed.system_operator),
    ];
    let named = all.into_iter().filter(|(_, name)| !name.trim().is_empty());
    named
        .map(|(role, name)| Officer {
            role,
            name: name.trim().to_owned(),
        })
        .collect()
}
