//! The first visit: what a new installation asks, and what it makes of the answers.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::answer::{Institution, InstitutionKind, VendorContract};
use sonae_domain::era;
use sonae_domain::ids::{AccountId, InstitutionId, RecordId};
use sonae_domain::people::Role;
use sonae_domain::register::{Officer, Profile, System, Vendor};
use sonae_store::{Account, FirstVisit, RecordChange, StoreError, new_id};

use super::failure::Failure;
use super::installation::Installation;
use super::institutions::administrator;
use super::labels;
use super::passwords::{self, Owner};
use super::people::new_account;
use super::registers::{Seen, record_change};
use super::secrets::password_hash;
use super::signing_in::SignedIn;
use super::workspace::{Workspace, store_failure};

/// The one record of kind [`Profile`].
pub(crate) const PROFILE: &str = "profile";

/// More beds than any hospital of Japan has.
const BEDS_MAX: u32 = 5_000;

/// What the first visit asks. Lists stand beside each other, as a form sends them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewHouse {
    /// What the person at the machine was shown.
    pub(crate) code: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) prefecture: String,
    pub(crate) beds: String,
    /// Ids of presets.
    pub(crate) system: Vec<String>,
    /// Names of systems that no preset has, several in a field with commas between.
    pub(crate) other_system: Vec<String>,
    pub(crate) vendor: Vec<String>,
    pub(crate) vendor_phone: Vec<String>,
    pub(crate) contract: String,
    pub(crate) safety_officer: String,
    pub(crate) planning_manager: String,
    pub(crate) system_operator: String,
    pub(crate) person: String,
    pub(crate) login: String,
    pub(crate) password: String,
}

impl Installation {
    /// Takes what the first visit said: names the institution and makes the first account, all of
    /// it or nothing.
    ///
    /// # Errors
    /// Something is missing or refused, there is an account already, or the store fails.
    pub(crate) async fn set_up(self: &Arc<Self>, typed: &NewHouse) -> Result<SignedIn, Failure> {
        let _alone = self.administrators.lock().await;
        if !self.is_new().await? {
            return Err(Failure::refused(labels::already_set_up()));
        }
        let now = self.settings.clock.now();
        let kind = kind_of_word(&typed.kind).ok_or_else(|| missing("kind"))?;
        let name = required(&typed.name, "name")?;
        let profile = self.profile_of(typed, kind)?;
        let by = required(&typed.person, "person")?;
        let account = first_account(typed, &by, &name, now)?;
        let hash = password_hash(typed.password.clone()).await?;
        let institutions = self.store.institutions().await.map_err(store_failure)?;
        let institution = Institution {
            id: match institutions.into_iter().next() {
                Some(unnamed) => unnamed.id,
                None => InstitutionId::new(new_id(now)),
            },
            name,
            kind,
            vendor_contract: contract_of_word(&typed.contract),
        };
        let account = Account {
            password_hash: Some(sonae_store::Secret::new(hash)),
            password_changed_at: Some(now),
            is_operator: true,
            ..account
        };
        let workspace = self.workspace(institution.clone());
        let first = FirstVisit {
            records: workspace.first_records(&profile, typed).await?,
            grant: administrator(&account.id, &by, now),
            institution,
            account,
        };
        match self.store.set_up(&first).await {
            // Somebody else was faster, by another process.
            Err(StoreError::AlreadyThere { .. }) => {
                return Err(Failure::refused(labels::already_set_up()));
            }
            done => done.map_err(store_failure)?,
        }
        self.begin_session(&first.account.id, false).await
    }

    fn profile_of(&self, typed: &NewHouse, kind: InstitutionKind) -> Result<Profile, Failure> {
        let officers = [
            (Role::SafetyOfficer, &typed.safety_officer),
            (Role::PlanningManager, &typed.planning_manager),
            (Role::SystemOperator, &typed.system_operator),
        ];
        let named = officers
            .into_iter()
            .filter(|(_, name)| !name.trim().is_empty());
        Ok(Profile {
            prefecture: self.prefecture(&typed.prefecture)?,
            n_beds: beds(&typed.beds, kind)?,
            officers: named
                .map(|(role, name)| Officer {
                    role,
                    name: name.trim().to_owned(),
                })
                .collect(),
        })
    }

    /// The prefecture of an id; none where nobody chose one.
    pub(super) fn prefecture(&self, typed: &str) -> Result<Option<String>, Failure> {
        if typed.is_empty() {
            return Ok(None);
        }
        let catalog = self.catalog();
        let known = catalog.prefectures.iter().find(|known| known.id == typed);
        let known = known.ok_or_else(|| missing("prefecture"))?;
        Ok(Some(known.id.clone()))
    }
}

impl Workspace {
    /// Profile, vendors and systems, as they are to be kept.
    async fn first_records(
        &self,
        profile: &Profile,
        typed: &NewHouse,
    ) -> Result<Vec<RecordChange>, Failure> {
        let before = self.kept::<Profile>().await?;
        let seen = Seen {
            id: RecordId::new(PROFILE),
            version: before.first().map(|profile| profile.version),
        };
        let mut records = vec![record_change(&seen, profile, false)?];
        for vendor in vendors(typed) {
            records.push(record_change(&self.new_record(), &vendor, false)?);
        }
        for system in self.systems(typed) {
            records.push(record_change(&self.new_record(), &system, false)?);
        }
        Ok(records)
    }

    /// The chosen presets, then what else was named.
    fn systems(&self, typed: &NewHouse) -> Vec<System> {
        let chosen = self.catalog.systems.iter();
        let chosen = chosen.filter(|preset| typed.system.contains(&preset.id));
        let presets = chosen.map(|preset| System {
            name: preset.name.ja.clone(),
            preset: Some(preset.id.clone()),
            ..System::default()
        });
        let others = typed.other_system.iter();
        let others = others.flat_map(|names| names.split(['\u{3001}', '\u{ff0c}', ',', '\n']));
        let others = others.filter_map(filled).map(|name| System {
            name,
            ..System::default()
        });
        presets.chain(others).collect()
    }
}

fn vendors(typed: &NewHouse) -> Vec<Vendor> {
    let phones = typed.vendor_phone.iter().map(String::as_str);
    let vendors = typed.vendor.iter().zip(phones.chain(std::iter::repeat("")));
    let named = vendors.filter(|(name, _)| !name.trim().is_empty());
    let vendor = |(name, phone): (&String, &str)| Vendor {
        name: name.trim().to_owned(),
        phone: filled(phone),
        ..Vendor::default()
    };
    named.map(vendor).collect()
}

fn first_account(
    typed: &NewHouse,
    by: &str,
    institution: &str,
    now: jiff::Timestamp,
) -> Result<Account, Failure> {
    let account = new_account(AccountId::new(new_id(now)), by, &typed.login, now)?;
    let owner = Owner {
        names: &[&account.login, by, institution],
        has_second_factor: false,
    };
    let checked = passwords::check(&typed.password, owner);
    checked.map_err(|why| Failure::refused(why).at("password"))?;
    Ok(account)
}

/// What was typed, without spaces around it.
///
/// # Errors
/// Nothing was typed.
pub(crate) fn required(typed: &str, field: &'static str) -> Result<String, Failure> {
    filled(typed).ok_or_else(|| missing(field))
}

/// What was typed, without spaces around it; none where that leaves nothing.
pub(crate) fn filled(typed: &str) -> Option<String> {
    let plain = typed.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// A day as typed; none where nothing was.
///
/// # Errors
/// It is no day.
pub(crate) fn day(typed: &str, field: &'static str) -> Result<Option<Date>, Failure> {
    match filled(typed) {
        None => Ok(None),
        Some(typed) => match era::parse_day(&typed) {
            Some(day) => Ok(Some(day)),
            None => Err(Failure::refused(labels::not_a_day(&typed)).at(field)),
        },
    }
}

fn missing(field: &'static str) -> Failure {
    Failure::refused(labels::field_missing(field)).at(field)
}

/// Beds as typed, in either width; only hospitals and clinics have any.
pub(super) fn beds(typed: &str, kind: InstitutionKind) -> Result<Option<u32>, Failure> {
    let plain = passwords::normalised(typed.trim());
    let has_beds = !matches!(
        kind,
        InstitutionKind::Pharmacy | InstitutionKind::DentalClinic
    );
    if plain.is_empty() || !has_beds {
        return Ok(None);
    }
    let n_beds: Option<u32> = plain.parse().ok();
    match n_beds.filter(|n_beds| *n_beds <= BEDS_MAX) {
        Some(n_beds) => Ok(Some(n_beds)),
        None => Err(Failure::refused(labels::not_beds()).at("beds")),
    }
}

/// The kind of institution with this word.
pub(crate) fn kind_of_word(word: &str) -> Option<InstitutionKind> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

/// Whether there is a contract; nobody said, for any other word.
pub(crate) fn contract_of_word(word: &str) -> VendorContract {
    serde_json::from_value(serde_json::Value::from(word)).unwrap_or(VendorContract::Unconfirmed)
}
