//! Everything known about one device, and where each thing comes from. Nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sonae_domain::edition::Text;
use sonae_domain::evidence::Evidence;
use sonae_domain::fact::{FactRows, FactTable, FactValue};
use sonae_domain::ids::{AssetId, EvidenceId, Subject};
use sonae_domain::labels::Language;
use sonae_domain::ledger::{self, Asset, AssetField, AssetRecord, FieldChange};
use sonae_domain::verdict::Verdict;
use sonae_ingest::identity;
use sonae_store::AssetVersion;

use crate::usecase::checklist::WhichForm;
use crate::usecase::failure::Failure;
use crate::usecase::workspace::{Workspace, store_failure};

/// Enough to recognise a device by; the evidence itself has the rest.
const ROWS_SHOWN_MAX: usize = 20;

/// What makes a seen machine a device of the ledger.
type Identity = (&'static str, String);

/// A device with everything known about it.
pub(crate) struct AssetDetail {
    pub(crate) current: AssetVersion,
    /// Stands behind the device as it is now.
    pub(crate) evidence: Option<Evidence>,
    /// Each known field with its origin.
    pub(crate) fields: Vec<FieldOrigin>,
    /// Its history, the latest first.
    pub(crate) story: Vec<VersionStory>,
    /// Other devices in use that share a serial number, MAC address or directory id with it.
    pub(crate) twins: Vec<(Asset, AssetField, String)>,
    /// What checks say about it, the gravest first.
    pub(crate) verdicts: Vec<AssetVerdict>,
    /// Evidence in which it was seen.
    pub(crate) seen: Vec<SeenFacts>,
}

/// Who last said what stands in a field.
pub(crate) struct FieldOrigin {
    pub(crate) field: AssetField,
    pub(crate) text: String,
    /// None where a person typed it.
    pub(crate) evidence: Option<Evidence>,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

/// One state of a device, told by what is different from the state before.
pub(crate) struct VersionStory {
    pub(crate) version: AssetVersion,
    pub(crate) evidence: Option<Evidence>,
    pub(crate) changes: Vec<FieldChange>,
    /// Taken out of the ledger, or back into it.
    pub(crate) retired: Option<bool>,
}

/// What a check says about the device.
pub(crate) struct AssetVerdict {
    pub(crate) check: Text,
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    pub(crate) evidence: Option<Evidence>,
}

/// What one piece of evidence saw of the device.
pub(crate) struct SeenFacts {
    pub(crate) evidence: Evidence,
    pub(crate) tables: Vec<SeenTable>,
}

/// Rows of one table about the device.
pub(crate) struct SeenTable {
    pub(crate) title: Text,
    pub(crate) columns: Vec<Text>,
    /// The first [`ROWS_SHOWN_MAX`]; what was not seen is empty.
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) n_rows: usize,
}

impl Workspace {
    /// Everything known about a device.
    ///
    /// # Errors
    /// There is no such device here, or the store or a check fails.
    pub(crate) async fn asset_detail(
        &self,
        id: &AssetId,
        language: Language,
    ) -> Result<AssetDetail, Failure> {
        let versions = self.asset_versions(id).await?;
        let current = self.asset_version(id).await?;
        let evidence = self.evidence_by_id().await?;
        let of = |id: &Option<EvidenceId>| id.as_ref().and_then(|id| evidence.get(id)).cloned();
        Ok(AssetDetail {
            evidence: of(&current.evidence),
            fields: origins(&versions, &of),
            story: story(&versions, &of),
            twins: self.twins_of(&current.asset).await?,
            verdicts: self.verdicts_about(id, &evidence, language).await?,
            seen: self.seen_facts(&current.asset.record, &evidence).await?,
            current,
        })
    }

    async fn twins_of(&self, asset: &Asset) -> Result<Vec<(Asset, AssetField, String)>, Failure> {
        let others = self.ledger().await?.into_iter().map(|(other, _)| other);
        let others = others.filter(|other| other.id != asset.id);
        let twin = |other: Asset| {
            let (field, text) = ledger::shared_identity(&asset.record, &other.record)?;
            Some((other, field, text))
        };
        Ok(others.filter_map(twin).collect())
    }

    async fn verdicts_about(
        &self,
        id: &AssetId,
        evidence: &BTreeMap<EvidenceId, Evidence>,
        language: Language,
    ) -> Result<Vec<AssetVerdict>, Failure> {
        let checklist = self.judge(&WhichForm::default(), None).await?;
        let subject = Subject::new(id.as_str());
        let mut found = Vec::new();
        for (check, said) in &checklist.judged.verdicts {
            let Some(head) = checklist.check(check) else {
                continue;
            };
            let rows = said.rows.iter().filter(|row| row.subject == subject);
            found.extend(rows.map(|row| {
                AssetVerdict {
                    check: head.title.clone(),
                    verdict: row.verdict,
                    reason: checklist.row_reason(check, row, language),
                    evidence: row
                        .evidence_id
                        .as_ref()
                        .and_then(|id| evidence.get(id))
                        .cloned(),
                }
            }));
        }
        found.sort_by_key(|verdict| std::cmp::Reverse(verdict.verdict));
        Ok(found)
    }

    /// What current evidence saw of the machine with these identities.
    async fn seen_facts(
        &self,
        record: &AssetRecord,
        evidence: &BTreeMap<EvidenceId, Evidence>,
    ) -> Result<Vec<SeenFacts>, Failure> {
        let institution = &self.institution.id;
        let facts = self
            .store
            .current_facts_as_of(institution, &["host_identities"], self.as_of)
            .await
            .map_err(store_failure)?;
        let identities = identities(record);
        let mut seen = Vec::new();
        for (id, hosts) in hosts_with(&facts, &identities) {
            let facts = self.store.facts_of(institution, &id).await;
            let facts = facts.map_err(store_failure)?.unwrap_or_default();
            let about = |rows: &FactRows| {
                let table = self.catalog.table(&rows.table)?;
                rows_about(rows, table, &hosts)
            };
            let Some(evidence) = evidence.get(&id) else {
                continue;
            };
            seen.push(SeenFacts {
                evidence: evidence.clone(),
                tables: facts.iter().filter_map(about).collect(),
            });
        }
        Ok(seen)
    }
}

/// Each known field with the state in which it got its value.
fn origins(
    versions: &[AssetVersion],
    of: &impl Fn(&Option<EvidenceId>) -> Option<Evidence>,
) -> Vec<FieldOrigin> {
    let origin = |field: AssetField| {
        let (last, rest) = versions.split_last()?;
        let text = last.asset.record.text_of(field)?;
        let says_so =
            |version: &&AssetVersion| version.asset.record.text_of(field).as_ref() == Some(&text);
        // Backwards to the first state of the last row of states that say so.
        let earlier = rest.iter().rev().take_while(says_so).count();
        let at = rest.len() - earlier;
        let version = versions.get(at)?;
        Some(FieldOrigin {
            field,
            text,
            evidence: of(&said_by_evidence(versions, at)),
            by: version.changed_by.clone(),
            at: version.changed_at,
        })
    };
    AssetField::ALL.into_iter().filter_map(origin).collect()
}

/// The evidence that brought a state. Evidence that stood behind the state before brought nothing
/// new: then a person or a program did.
fn said_by_evidence(versions: &[AssetVersion], at: usize) -> Option<EvidenceId> {
    let evidence = versions.get(at)?.evidence.clone()?;
    let before = at.checked_sub(1).and_then(|before| versions.get(before));
    let stood_before = before.is_some_and(|before| before.evidence.as_ref() == Some(&evidence));
    (!stood_before).then_some(evidence)
}

fn story(
    versions: &[AssetVersion],
    of: &impl Fn(&Option<EvidenceId>) -> Option<Evidence>,
) -> Vec<VersionStory> {
    let nothing = AssetRecord::named("");
    let told = |(at, version): (usize, &AssetVersion)| {
        let before = at.checked_sub(1).and_then(|before| versions.get(before));
        let known = before.map_or(&nothing, |before| &before.asset.record);
        let was_retired = before.is_some_and(|before| before.retired);
        VersionStory {
            evidence: of(&said_by_evidence(versions, at)),
            changes: ledger::changes(known, &version.asset.record),
            retired: (version.retired != was_retired).then_some(version.retired),
            version: version.clone(),
        }
    };
    versions.iter().enumerate().map(told).rev().collect()
}

/// As facts spell them.
fn identities(record: &AssetRecord) -> BTreeSet<Identity> {
    let serial = record.serial.as_deref().and_then(identity::serial);
    let macs = record.macs.iter().map(|mac| ("mac", mac.clone()));
    let single = [
        ("serial", serial),
        ("directory_id", record.directory_id.clone()),
    ];
    let single = single.into_iter();
    let single = single.filter_map(|(kind, value)| Some((kind, value?)));
    single.chain(macs).collect()
}

/// The hosts that have one of these identities, by the evidence that saw them.
fn hosts_with(
    facts: &[(EvidenceId, FactRows)],
    identities: &BTreeSet<Identity>,
) -> BTreeMap<EvidenceId, BTreeSet<String>> {
    let mut found: BTreeMap<EvidenceId, BTreeSet<String>> = BTreeMap::new();
    for (id, rows) in facts {
        let cells = rows.cells("kind").zip(rows.cells("value"));
        for (host, (kind, value)) in rows.cells("host").zip(cells) {
            let (FactValue::Text(host), FactValue::Text(kind), FactValue::Text(value)) =
                (host, kind, value)
            else {
                continue;
            };
            let is_ours = identities
                .iter()
                .any(|(known, text)| known == kind && text == value);
            if is_ours {
                found.entry(id.clone()).or_default().insert(host.clone());
            }
        }
    }
    found
}

/// The rows of a table that are about some hosts, without the column that names them.
fn rows_about(rows: &FactRows, table: &FactTable, hosts: &BTreeSet<String>) -> Option<SeenTable> {
    let at = rows.columns.iter().position(|column| column == "host")?;
    let is_about = |row: &&Vec<FactValue>| matches!(row.get(at), Some(FactValue::Text(host)) if hosts.contains(host));
    let n_rows = rows.rows.iter().filter(is_about).count();
    let title = |name: &String| {
        let column = table.columns.iter().find(|column| column.name == *name);
        Text {
            ja: column.map_or(name, |column| &column.ja).clone(),
            en: name.clone(),
        }
    };
    let others = |row: &Vec<FactValue>| {
        let cells = row.iter().enumerate().filter(|(cell, _)| *cell != at);
        cells.map(|(_, cell)| text_of(cell)).collect()
    };
    (n_rows > 0).then(|| SeenTable {
        title: table.title.clone(),
        columns: rows
            .columns
            .iter()
            .filter(|name| *name != "host")
            .map(title)
            .collect(),
        rows: rows
            .rows
            .iter()
            .filter(is_about)
            .take(ROWS_SHOWN_MAX)
            .map(others)
            .collect(),
        n_rows,
    })
}

fn text_of(value: &FactValue) -> String {
    match value {
        FactValue::Null => String::new(),
        FactValue::Integer(number) => number.to_string(),
        FactValue::Text(text) => text.clone(),
    }
}
