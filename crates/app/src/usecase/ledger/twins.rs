//! What may be one device: rows of the ledger that share an identity, and machines that were seen but
//! stand in no row. Nothing is joined before a person says so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use sonae_domain::evidence::Evidence;
use sonae_domain::fact::{FactRows, FactValue};
use sonae_domain::ids::{AssetId, EvidenceId};
use sonae_domain::ledger::{
    self, Asset, AssetField, AssetKind, AssetRecord, ConflictReason, MergeStep,
};
use sonae_ingest::identity;
use sonae_store::{AssetChange, AssetVersion};

use super::edit::{TypedAsset, evidence_after};
use super::of_word;
use crate::usecase::failure::Failure;
use crate::usecase::labels;
use crate::usecase::workspace::{Workspace, store_failure, unless_changed};

/// Two rows of the ledger that may be one device.
pub(crate) struct Twins {
    pub(crate) a: AssetVersion,
    pub(crate) b: AssetVersion,
    /// What they share.
    pub(crate) shared: (AssetField, String),
}

/// A machine that was seen and stands in no row.
#[derive(Debug, Clone)]
pub(crate) struct Stranger {
    /// As evidence names it.
    pub(crate) host: String,
    /// What is known of it.
    pub(crate) record: AssetRecord,
    /// The latest that saw it.
    pub(crate) evidence: Evidence,
}

impl Stranger {
    pub(crate) fn seen_on(&self) -> Date {
        self.evidence.effective_on
    }
}

impl Workspace {
    /// Pairs of rows in use that share a serial number, a directory id or a MAC address.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn twins(&self) -> Result<Vec<Twins>, Failure> {
        let versions = self.store.assets(&self.institution.id).await;
        let versions: Vec<AssetVersion> = versions
            .map_err(store_failure)?
            .into_iter()
            .filter(|version| !version.retired)
            .collect();
        let records: Vec<AssetRecord> = versions
            .iter()
            .map(|version| version.asset.record.clone())
            .collect();
        // As if the ledger were imported into an empty one: rows of one device are conflicts.
        let twins = ledger::merge(&[], &records).into_iter().flat_map(|step| {
            let MergeStep::Conflict {
                row,
                rows,
                why: ConflictReason::RowsOfOneDevice,
                ..
            } = step
            else {
                return Vec::new();
            };
            let later = rows.into_iter().filter(|other| *other > row);
            later.map(|other| (row, other)).collect()
        });
        let pair = |(a, b): (usize, usize)| {
            let (a, b) = (versions.get(a)?, versions.get(b)?);
            Some(Twins {
                shared: ledger::shared_identity(&a.asset.record, &b.asset.record)?,
                a: a.clone(),
                b: b.clone(),
            })
        };
        Ok(twins.filter_map(pair).collect())
    }

    /// Joins two rows: one keeps its fields and takes what only the other knows; the other is
    /// retired. Both must be as the person saw them. Done twice it changes nothing.
    ///
    /// # Errors
    /// There is no such device here, one was changed meanwhile, or the store fails.
    pub(crate) async fn join_assets(
        &self,
        (kept, kept_seen): (&AssetId, i64),
        (other, other_seen): (&AssetId, i64),
        by: &str,
    ) -> Result<(), Failure> {
        let institution = &self.institution.id;
        let rests_on = self.store.last_entry(institution).await;
        let rests_on = rests_on.map_err(store_failure)?;
        let (kept, other) = (
            self.asset_version(kept).await?,
            self.asset_version(other).await?,
        );
        if other.retired {
            return Ok(());
        }
        let is_one = kept.asset.id == other.asset.id;
        if is_one || kept.version != kept_seen || other.version != other_seen {
            return Err(Failure::refused(labels::changed_meanwhile()));
        }
        let asset = Asset {
            id: kept.asset.id.clone(),
            record: ledger::combined(&other.asset.record, &kept.asset.record),
        };
        let mut gone = other.asset.clone();
        let line = labels::joined_into(self.today, &asset.record.name);
        let note = gone.record.note.iter().chain([&line]);
        gone.record.note = Some(note.cloned().collect::<Vec<_>>().join("\n"));
        let changes = [
            AssetChange {
                evidence: evidence_after(&kept, &asset),
                asset,
                retired: kept.retired,
            },
            AssetChange {
                asset: gone,
                evidence: None,
                retired: true,
            },
        ];
        let saved = self
            .store
            .save_assets_after(institution, &changes, rests_on, by, self.now);
        unless_changed(saved.await)?.ok_or_else(|| Failure::refused(labels::changed_meanwhile()))
    }

    /// Machines that current evidence saw with a serial number, a MAC address or a directory id, and
    /// that no row in use has. The latest seen come first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn strangers(&self) -> Result<Vec<Stranger>, Failure> {
        let facts = self
            .store
            .current_facts(&self.institution.id, &["hosts", "host_identities"])
            .await
            .map_err(store_failure)?;
        let evidence = self.evidence_by_id().await?;
        let ledger = self.ledger().await?;
        let known: BTreeSet<(AssetField, String)> = ledger
            .iter()
            .flat_map(|(asset, _)| identities(&asset.record))
            .collect();
        let mut strangers: BTreeMap<String, Stranger> = BTreeMap::new();
        for (host, (record, id)) in seen_hosts(&facts, &evidence) {
            let identities: Vec<_> = identities(&record).collect();
            let Some(evidence) = evidence.get(&id) else {
                continue;
            };
            if identities.is_empty() || identities.iter().any(|identity| known.contains(identity)) {
                continue;
            }
            let stranger = Stranger {
                host: host.clone(),
                record,
                evidence: evidence.clone(),
            };
            strangers.insert(host, stranger);
        }
        let mut strangers = one_each(strangers.into_values());
        strangers.sort_by(|a, b| {
            let newest = b.seen_on().cmp(&a.seen_on());
            newest.then_with(|| a.record.name.cmp(&b.record.name))
        });
        Ok(strangers)
    }

    /// What is known of a seen machine, for the form of a new device.
    ///
    /// # Errors
    /// No such machine was seen here, or the store fails.
    pub(crate) async fn typed_stranger(&self, host: &str) -> Result<TypedAsset, Failure> {
        let strangers = self.strangers().await?;
        let found = strangers.iter().find(|stranger| stranger.host == host);
        let found = found.ok_or_else(|| Failure::not_found(labels::unknown_asset(host)))?;
        Ok(TypedAsset::of_record(&found.record))
    }
}

/// A machine that several tools saw stands in the list once, with all that they know.
fn one_each(seen: impl Iterator<Item = Stranger>) -> Vec<Stranger> {
    let mut by_identity: BTreeMap<(AssetField, String), usize> = BTreeMap::new();
    let mut found: Vec<Stranger> = Vec::new();
    for stranger in seen {
        let keys: Vec<_> = identities(&stranger.record).collect();
        let at = keys.iter().find_map(|key| by_identity.get(key)).copied();
        match at.and_then(|at| found.get_mut(at)) {
            Some(same) => {
                same.record = ledger::combined(&stranger.record, &same.record);
                if same.seen_on() < stranger.seen_on() {
                    same.evidence = stranger.evidence;
                }
            }
            None => found.push(stranger),
        }
        let at = at.unwrap_or(found.len() - 1);
        by_identity.extend(keys.into_iter().map(|key| (key, at)));
    }
    found
}

fn identities(record: &AssetRecord) -> impl Iterator<Item = (AssetField, String)> + use<> {
    let serial = record.serial.as_deref().and_then(identity::serial);
    let macs: Vec<_> = record.macs.iter().cloned().collect();
    let serial = serial.map(|serial| (AssetField::Serial, serial));
    let directory_id = record.directory_id.clone();
    let directory_id = directory_id.map(|id| (AssetField::DirectoryId, id));
    let macs = macs.into_iter().map(|mac| (AssetField::Macs, mac));
    serial.into_iter().chain(directory_id).chain(macs)
}

/// Each seen host as a record, with the latest evidence that saw it.
fn seen_hosts(
    facts: &[(EvidenceId, FactRows)],
    evidence: &BTreeMap<EvidenceId, Evidence>,
) -> BTreeMap<String, (AssetRecord, EvidenceId)> {
    let day = |id: &EvidenceId| evidence.get(id).map(|evidence| evidence.effective_on);
    let mut seen: BTreeMap<String, (AssetRecord, EvidenceId)> = BTreeMap::new();
    for (id, rows) in facts {
        for row in &rows.rows {
            let text = |column: &str| {
                let at = rows.columns.iter().position(|name| name == column)?;
                match row.get(at)? {
                    FactValue::Text(text) => Some(text.clone()),
                    FactValue::Null | FactValue::Integer(_) => None,
                }
            };
            let Some(host) = text("host") else { continue };
            let unnamed = || (AssetRecord::named(""), id.clone());
            let (record, latest) = seen.entry(host).or_insert_with(unnamed);
            if day(latest) < day(id) {
                *latest = id.clone();
            }
            match rows.table.as_str() {
                "hosts" => {
                    record.name = text("hostname").unwrap_or_default();
                    record.maker = text("vendor");
                    let kind = text("kind").and_then(|word| of_word(&word));
                    record.kind = kind.unwrap_or(AssetKind::Unknown);
                }
                _ => identify(record, text("kind").as_deref(), text("value")),
            }
        }
    }
    seen
}

fn identify(record: &mut AssetRecord, kind: Option<&str>, value: Option<String>) {
    let Some(value) = value else { return };
    match kind {
        Some("serial") => record.serial = Some(value),
        Some("directory_id") => record.directory_id = Some(value),
        Some("mac") => _ = record.macs.insert(value),
        Some("ip") => _ = record.ips.insert(value),
        _ => {}
    }
}
