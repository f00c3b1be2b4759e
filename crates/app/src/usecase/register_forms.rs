//! Vendors, systems and contracts as a person types them: read with what was meant, refused with
//! what to mend. Whom they name must stand in the institution's own registers.

use std::collections::BTreeMap;

use sonae_domain::ids::RecordId;
use sonae_domain::ledger::RemoteMaintenance;
use sonae_domain::register::{Contract, Record, System, Vendor};

use super::failure::Failure;
use super::first_visit::{day, filled, required};
use super::labels;
use super::registers::{Kept, Saved, Seen};
use super::workspace::Workspace;

/// The fields of a form by their names; several of a name are ticked boxes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed(BTreeMap<String, Vec<String>>);

impl From<BTreeMap<String, Vec<String>>> for Typed {
    fn from(fields: BTreeMap<String, Vec<String>>) -> Self {
        Self(fields)
    }
}

impl Typed {
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in fields {
            all.entry(name).or_default().push(value);
        }
        Self(all)
    }

    /// All fields by their names.
    pub(crate) fn fields(&self) -> &BTreeMap<String, Vec<String>> {
        &self.0
    }

    /// The value of a field; empty where there is none.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// With a value in a field.
    pub(crate) fn with(self, name: &str, value: impl ToString) -> Self {
        self.set(name, value.to_string())
    }

    /// With several values in a field.
    pub(crate) fn with_all(mut self, name: &str, values: impl Iterator<Item = String>) -> Self {
        self.0.insert(name.to_owned(), values.collect());
        self
    }

    fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), vec![value.into()]);
        self
    }

    fn set_some(self, name: &str, value: Option<impl ToString>) -> Self {
        self.set(
            name,
            value.map(|value| value.to_string()).unwrap_or_default(),
        )
    }
}

/// A kind of record that a person fills in as a form.
pub(crate) trait Filled: Record {
    /// What was meant.
    ///
    /// # Errors
    /// A field is missing or cannot be read.
    fn read(typed: &Typed) -> Result<Self, Failure>;

    /// As it would be typed.
    fn typed(&self) -> Typed;

    /// What people call it.
    fn name(&self) -> &str;

    /// The vendor that it names.
    fn vendor(&self) -> Option<&RecordId> {
        None
    }

    /// The systems that it names.
    fn systems(&self) -> &[RecordId] {
        &[]
    }
}

impl Filled for Vendor {
    fn read(typed: &Typed) -> Result<Self, Failure> {
        Ok(Self {
            name: required(typed.one("name"), "name")?,
            contact: filled(typed.one("contact")),
            phone: filled(typed.one("phone")),
            mail: filled(typed.one("mail")),
            note: filled(typed.one("note")),
        })
    }

    fn typed(&self) -> Typed {
        Typed::default()
            .set("name", &self.name)
            .set_some("contact", self.contact.as_ref())
            .set_some("phone", self.phone.as_ref())
            .set_some("mail", self.mail.as_ref())
            .set_some("note", self.note.as_ref())
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Filled for System {
    fn read(typed: &Typed) -> Result<Self, Failure> {
        Ok(Self {
            name: required(typed.one("name"), "name")?,
            preset: filled(typed.one("preset")),
            vendor: filled(typed.one("vendor")).map(RecordId::new),
            note: filled(typed.one("note")),
        })
    }

    fn typed(&self) -> Typed {
        Typed::default()
            .set("name", &self.name)
            .set_some("preset", self.preset.as_ref())
            .set_some("vendor", self.vendor.as_ref())
            .set_some("note", self.note.as_ref())
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn vendor(&self) -> Option<&RecordId> {
        self.vendor.as_ref()
    }
}

impl Filled for Contract {
    fn read(typed: &Typed) -> Result<Self, Failure> {
        let contract = Self {
            vendor: RecordId::new(required(typed.one("vendor"), "vendor")?),
            title: required(typed.one("title"), "title")?,
            systems: typed.all("systems").iter().map(RecordId::new).collect(),
            begins_on: day(typed.one("begins_on"), "begins_on")?,
            ends_on: day(typed.one("ends_on"), "ends_on")?,
            maintenance: filled(typed.one("maintenance")),
            remote_maintenance: remote_of_word(typed.one("remote_maintenance")),
            updates_by: filled(typed.one("updates_by")),
            subcontractors: filled(typed.one("subcontractors")),
            note: filled(typed.one("note")),
        };
        let begins = contract.begins_on;
        match contract
            .ends_on
            .is_some_and(|end| begins.is_some_and(|begin| end < begin))
        {
            true => Err(Failure::refused(labels::contract_ends_before_begin()).at("ends_on")),
            false => Ok(contract),
        }
    }

    fn typed(&self) -> Typed {
        let mut typed = Typed::default()
            .set("vendor", self.vendor.as_str())
            .set("title", &self.title)
            .set_some("begins_on", self.begins_on)
            .set_some("ends_on", self.ends_on)
            .set_some("maintenance", self.maintenance.as_ref())
            .set("remote_maintenance", self.remote_maintenance.as_str())
            .set_some("updates_by", self.updates_by.as_ref())
            .set_some("subcontractors", self.subcontractors.as_ref())
            .set_some("note", self.note.as_ref());
        let systems = self.systems.iter().map(ToString::to_string);
        typed.0.insert("systems".to_owned(), systems.collect());
        typed
    }

    fn name(&self) -> &str {
        &self.title
    }

    fn vendor(&self) -> Option<&RecordId> {
        Some(&self.vendor)
    }

    fn systems(&self) -> &[RecordId] {
        &self.systems
    }
}

impl Workspace {
    /// Keeps what a person filled in, unless somebody was faster.
    ///
    /// # Errors
    /// It names what is not in the registers, or the store fails.
    pub(crate) async fn keep_filled<R: Filled>(
        &self,
        seen: &Seen,
        body: &R,
        by: &str,
    ) -> Result<Saved<Kept<R>>, Failure> {
        if seen.version.is_some() {
            self.kept_one::<R>(&seen.id).await?;
        }
        if let Some(vendor) = body.vendor() {
            let vendors = self.kept::<Vendor>().await?;
            if !vendors.iter().any(|known| known.id == *vendor) {
                return Err(Failure::refused(labels::field_missing("vendor")).at("vendor"));
            }
        }
        let systems = match body.systems().is_empty() {
            true => Vec::new(),
            false => self.kept::<System>().await?,
        };
        let is_known = |id: &RecordId| systems.iter().any(|known| known.id == *id);
        match body.systems().iter().all(is_known) {
            true => self.keep(seen, body, by).await,
            false => Err(Failure::refused(labels::system_gone()).at("systems")),
        }
    }
}

fn remote_of_word(word: &str) -> RemoteMaintenance {
    serde_json::from_value(serde_json::Value::from(word)).unwrap_or(RemoteMaintenance::Unconfirmed)
}
