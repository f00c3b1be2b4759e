//! A device as a person types it: checked field by field, saved on what the person saw, merged with
//! what somebody else saved meanwhile. What is typed proves nothing by itself.

use std::collections::{BTreeMap, BTreeSet};

use sonae_domain::edition::Text;
use sonae_domain::era;
use sonae_domain::ids::{AssetId, EvidenceId};
use sonae_domain::ledger::{Asset, AssetField, AssetKind, AssetRecord, RemoteMaintenance};
use sonae_ingest::identity;
use sonae_store::{AssetChange, AssetVersion, Saved, new_id};

use super::{field_word, of_word};
use crate::usecase::failure::Failure;
use crate::usecase::judging::reads_the_same;
use crate::usecase::labels;
use crate::usecase::workspace::{Workspace, store_failure};

/// The longest cell of a ledger that we saw has 120 characters; a note may hold some sentences.
const TEXT_CHARS_MAX: usize = 500;

/// Stands before the name of a field for which somebody chose what the other saved.
const CHOICE: &str = "choose.";

/// What a person typed about a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TypedAsset {
    texts: BTreeMap<AssetField, String>,
    /// For these fields the person takes what somebody else saved.
    theirs: BTreeSet<AssetField>,
}

/// What became of it.
pub(crate) enum AssetSaved {
    /// The ledger has it.
    Done,
    /// Some fields cannot be read, and why; nothing was changed.
    Refused(TypedAsset, BTreeMap<AssetField, Text>),
    /// Somebody else was faster; nothing was changed.
    Conflict(Box<Clash>),
}

/// Two people changed a device at the same time.
pub(crate) struct Clash {
    /// What the other made of it.
    pub(crate) theirs: AssetVersion,
    /// What this person typed, with what only the other changed.
    pub(crate) merged: TypedAsset,
    /// Changed by both: what the other has there.
    pub(crate) differing: BTreeMap<AssetField, String>,
}

impl TypedAsset {
    /// A known device, to be changed.
    pub(crate) fn of_record(record: &AssetRecord) -> Self {
        let text = |field: AssetField| Some((field, record.text_of(field)?));
        Self {
            texts: AssetField::ALL.into_iter().filter_map(text).collect(),
            theirs: BTreeSet::new(),
        }
    }

    /// The fields of a form; those that it does not have stay as they are.
    pub(crate) fn fill(&mut self, form: &[(String, String)]) {
        let field_of = |word: &str| {
            let mut fields = AssetField::ALL.into_iter();
            fields.find(|field| field_word(*field) == word)
        };
        for (name, value) in form {
            if let Some(field) = field_of(name) {
                self.texts.insert(field, value.trim().to_owned());
            } else if let Some(field) = name.strip_prefix(CHOICE).and_then(field_of)
                && value == "theirs"
            {
                self.theirs.insert(field);
            }
        }
    }

    /// What stands in a field.
    pub(crate) fn text(&self, field: AssetField) -> &str {
        self.texts.get(&field).map_or("", String::as_str)
    }

    /// The device, or what is wrong with which field.
    fn record(&self) -> Result<AssetRecord, BTreeMap<AssetField, Text>> {
        let mut wrong = BTreeMap::new();
        let mut text = |field| match self.text(field) {
            text if text.chars().count() > TEXT_CHARS_MAX => {
                wrong.insert(field, labels::text_too_long(TEXT_CHARS_MAX));
                None
            }
            text => (!text.is_empty()).then(|| text.to_owned()),
        };
        let name = text(AssetField::Name);
        let mut record = AssetRecord {
            location: text(AssetField::Location),
            usability: text(AssetField::Usability),
            system: text(AssetField::System),
            vendor: text(AssetField::Vendor),
            maker: text(AssetField::Maker),
            model: text(AssetField::Model),
            serial: text(AssetField::Serial),
            directory_id: text(AssetField::DirectoryId),
            os: text(AssetField::Os),
            os_version: text(AssetField::OsVersion),
            owner: text(AssetField::Owner),
            note: text(AssetField::Note),
            ..AssetRecord::named(name.clone().unwrap_or_default())
        };
        if name.is_none() && !wrong.contains_key(&AssetField::Name) {
            wrong.insert(AssetField::Name, labels::name_missing());
        }
        if let Some(serial) = &record.serial
            && identity::serial(serial).is_none()
        {
            wrong.insert(AssetField::Serial, labels::not_a_serial(serial));
        }
        self.read_words(&mut record);
        self.read_addresses(&mut record, &mut wrong);
        self.read_days(&mut record, &mut wrong);
        match wrong.is_empty() {
            true => Ok(record),
            false => Err(wrong),
        }
    }

    fn read_words(&self, record: &mut AssetRecord) {
        record.kind = of_word(self.text(AssetField::Kind)).unwrap_or(AssetKind::Unknown);
        record.remote_maintenance = of_word(self.text(AssetField::RemoteMaintenance))
            .unwrap_or(RemoteMaintenance::Unconfirmed);
    }

    fn read_addresses(&self, record: &mut AssetRecord, wrong: &mut BTreeMap<AssetField, Text>) {
        let is_gap = |c: char| c.is_whitespace() || ",;\u{3001}\u{ff0c}".contains(c);
        let words = |field| {
            self.text(field)
                .split(is_gap)
                .filter(|word| !word.is_empty())
        };
        for word in words(AssetField::Macs) {
            match identity::mac(word) {
                Some(mac) => _ = record.macs.insert(mac),
                None => _ = wrong.insert(AssetField::Macs, labels::not_a_mac(word)),
            }
        }
        for word in words(AssetField::Ips) {
            match identity::ip(word) {
                Some(ip) => _ = record.ips.insert(ip),
                None => _ = wrong.insert(AssetField::Ips, labels::not_an_ip(word)),
            }
        }
    }

    fn read_days(&self, record: &mut AssetRecord, wrong: &mut BTreeMap<AssetField, Text>) {
        let mut day = |field| match (self.text(field), era::parse_day(self.text(field))) {
            ("", _) => None,
            (_, Some(day)) => Some(day),
            (text, None) => {
                wrong.insert(field, labels::not_a_day(text));
                None
            }
        };
        record.acquired_on = day(AssetField::AcquiredOn);
        record.support_ends_on = day(AssetField::SupportEndsOn);
    }
}

impl Workspace {
    /// Every state of a device, the oldest first; at least one.
    ///
    /// # Errors
    /// There is no such device here, or the store fails.
    pub(crate) async fn asset_versions(&self, id: &AssetId) -> Result<Vec<AssetVersion>, Failure> {
        let versions = self.asset_history(id).await?;
        match versions.is_empty() {
            true => Err(Failure::not_found(labels::unknown_asset(id.as_str()))),
            false => Ok(versions),
        }
    }

    /// The latest state of a device.
    ///
    /// # Errors
    /// There is no such device here, or the store fails.
    pub(crate) async fn asset_version(&self, id: &AssetId) -> Result<AssetVersion, Failure> {
        let latest = self.asset_versions(id).await?.pop();
        latest.ok_or_else(|| Failure::not_found(labels::unknown_asset(id.as_str())))
    }

    /// The id of a device about to be typed in. It travels with the form, so that a form sent twice
    /// makes one device.
    pub(crate) fn new_asset_id(&self) -> AssetId {
        AssetId::new(new_id(self.now))
    }

    /// Adds a device that a person typed.
    ///
    /// # Errors
    /// The id is none of ours, or the store fails.
    pub(crate) async fn add_asset(
        &self,
        id: AssetId,
        typed: &TypedAsset,
        by: &str,
    ) -> Result<AssetSaved, Failure> {
        let record = match typed.record() {
            Ok(record) => record,
            Err(wrong) => return Ok(AssetSaved::Refused(typed.clone(), wrong)),
        };
        if !is_id(&id) {
            return Err(Failure::not_found(labels::unknown_asset(id.as_str())));
        }
        let change = AssetChange {
            asset: Asset { id, record },
            evidence: None,
            retired: false,
        };
        Ok(match self.save_asset(&change, None, by).await? {
            None => AssetSaved::Done,
            Some(theirs) => {
                let base = TypedAsset::of_record(&theirs.asset.record);
                clash(typed, &base, theirs)
            }
        })
    }

    /// Changes a device on top of the version that the person saw.
    ///
    /// # Errors
    /// There is no such device here, or the store fails.
    pub(crate) async fn change_asset(
        &self,
        id: &AssetId,
        form: &[(String, String)],
        seen: i64,
        by: &str,
    ) -> Result<AssetSaved, Failure> {
        let versions = self.asset_versions(id).await?;
        let base = versions.iter().find(|version| version.version == seen);
        let (Some(base), Some(current)) = (base, versions.last()) else {
            return Err(Failure::not_found(labels::unknown_asset(id.as_str())));
        };
        let base = TypedAsset::of_record(&base.asset.record);
        let mut typed = base.clone();
        typed.fill(form);
        if current.version == seen {
            let chosen = std::mem::take(&mut typed.theirs);
            let theirs = chosen
                .into_iter()
                .map(|field| (field, base.text(field).to_owned()));
            typed.texts.extend(theirs);
        }
        let record = match typed.record() {
            Ok(record) => record,
            Err(wrong) => return Ok(AssetSaved::Refused(typed, wrong)),
        };
        let asset = Asset {
            id: id.clone(),
            record,
        };
        let change = AssetChange {
            evidence: evidence_after(current, &asset),
            retired: current.retired,
            asset,
        };
        Ok(match self.save_asset(&change, Some(seen), by).await? {
            None => AssetSaved::Done,
            Some(theirs) => clash(&typed, &base, theirs),
        })
    }

    /// Takes a device out of the ledger, or back into it. The reason stands in its note; its history
    /// stays. Done twice it changes nothing.
    ///
    /// # Errors
    /// There is no such device here, nobody said why, or the store fails.
    pub(crate) async fn set_retired(
        &self,
        id: &AssetId,
        retired: bool,
        reason: &str,
        by: &str,
    ) -> Result<(), Failure> {
        let current = self.asset_version(id).await?;
        if current.retired == retired {
            return Ok(());
        }
        if retired && reason.trim().is_empty() {
            return Err(Failure::refused(labels::retire_reason_missing()));
        }
        let mut asset = current.asset.clone();
        if retired {
            let reason: String = reason.trim().chars().take(TEXT_CHARS_MAX).collect();
            let line = labels::retired_because(self.today, &reason);
            let note = asset.record.note.iter().chain([&line]);
            asset.record.note = Some(note.cloned().collect::<Vec<_>>().join("\n"));
        }
        let change = AssetChange {
            asset,
            evidence: None,
            retired,
        };
        match self.save_asset(&change, Some(current.version), by).await? {
            None => Ok(()),
            Some(_) => Err(Failure::refused(labels::changed_meanwhile())),
        }
    }

    /// Saves a state; some if somebody else was faster.
    async fn save_asset(
        &self,
        change: &AssetChange,
        seen: Option<i64>,
        by: &str,
    ) -> Result<Option<AssetVersion>, Failure> {
        let institution = &self.institution.id;
        let saved = self
            .store
            .save_asset_if(institution, change, seen, by, self.now)
            .await
            .map_err(store_failure)?;
        Ok(match saved {
            Saved::Done | Saved::Same => None,
            Saved::Conflict(theirs) => Some(theirs),
        })
    }
}

/// Which evidence stands behind a device after a person changed it: the same, if checks see no
/// difference; else none, because what a person typed must not look proven.
pub(super) fn evidence_after(before: &AssetVersion, after: &Asset) -> Option<EvidenceId> {
    let evidence = before.evidence.clone();
    evidence.filter(|_| reads_the_same(&before.asset, after))
}

/// What both made of a device: what only one of them changed is merged, the rest a person chooses.
fn clash(typed: &TypedAsset, base: &TypedAsset, theirs: AssetVersion) -> AssetSaved {
    let others = TypedAsset::of_record(&theirs.asset.record);
    let mut merged = typed.clone();
    let mut differing = BTreeMap::new();
    for field in AssetField::ALL {
        let (yours, other, was) = (typed.text(field), others.text(field), base.text(field));
        if yours == was {
            merged.texts.insert(field, other.to_owned());
        } else if other != was && other != yours {
            differing.insert(field, other.to_owned());
        }
    }
    AssetSaved::Conflict(Box::new(Clash {
        theirs,
        merged,
        differing,
    }))
}

/// Ids of ours are UUIDs; anything else was not made by a form of ours.
fn is_id(id: &AssetId) -> bool {
    let is_sign = |c: char| c.is_ascii_hexdigit() || c == '-';
    id.as_str().len() == 36 && id.as_str().chars().all(is_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &str)]) -> TypedAsset {
        let mut typed = TypedAsset::default();
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        typed.fill(&fields.iter().map(own).collect::<Vec<_>>());
        typed
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let check = |field: &str, value: &str, expected: Option<AssetField>| {
            let said = typed(&[("name", "pc"), (field, value)]).record();
            let wrong = said.err().and_then(|wrong| wrong.into_keys().next());
            assert_eq!(wrong, expected, "{field}={value}");
        };
        check("name", " ", Some(AssetField::Name));
        check("location", &"x".repeat(501), Some(AssetField::Location));
        check("location", &"x".repeat(500), None);
        check("serial", "N/A", Some(AssetField::Serial));
        check("serial", "JPA12345", None);
        check("macs", "00-A0-DE-AA-00-01, 00:a0:de:aa:00:02", None);
        check("macs", "00-A0-DE-AA-00-01 x", Some(AssetField::Macs));
        check("ips", "192.168.10.1\u{3001}2001:db8::1", None);
        check("ips", "192.168.10.256", Some(AssetField::Ips));
        check("acquired_on", "R8.3.31", None);
        check("acquired_on", "", None);
        check("acquired_on", "26/3/31", Some(AssetField::AcquiredOn));
        check(
            "support_ends_on",
            "2026-02-30",
            Some(AssetField::SupportEndsOn),
        );
    }
}
