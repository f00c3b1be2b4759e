//! What importing rows would do to a ledger, before anything is done.
//!
//! Rules:
//! - A row is a known device if they share a serial number, a directory id or a MAC address.
//! - Two rows of one device, a row of two devices, and a shared MAC address under different serial
//!   numbers (a docking station passed around) are conflicts; a person decides.
//! - A name alone never makes two rows one device; it is a suggestion, and the row is new.
//! - A device without any of the three is found again if the row has its name and location and
//!   says nothing that is not known of it, so that importing a file twice changes nothing. Each
//!   such device is found by one row only: three equal rows are three devices.
//! - An empty cell, an unknown kind and `unconfirmed` never erase what is known. MAC addresses are
//!   added, never taken away, because they identify; IP addresses are replaced.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{Asset, AssetField, AssetKind, AssetRecord, RemoteMaintenance};
use crate::ids::AssetId;

/// A person compares a row with this many devices of the same name, not with more.
const SUGGESTIONS_MAX: usize = 5;

/// What importing one row would do. `row` is its position among the incoming rows, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum MergeStep {
    /// A device that the ledger does not have.
    New {
        /// The row.
        row: usize,
    },
    /// A known device, of which the row says something new. [`combined`] gives the record.
    Changed {
        /// The row.
        row: usize,
        /// The device.
        asset: AssetId,
        /// Field by field.
        changes: Vec<FieldChange>,
    },
    /// A known device, of which the row says nothing new.
    Same {
        /// The row.
        row: usize,
        /// The device.
        asset: AssetId,
    },
    /// Not done before a person decides.
    Conflict {
        /// The row.
        row: usize,
        /// Other rows of the same device.
        rows: Vec<usize>,
        /// The devices it may be.
        assets: Vec<AssetId>,
        /// Why it cannot be decided here.
        why: ConflictReason,
    },
    /// New, though devices of this name exist: a person may say that it is one of them.
    SameNameOnly {
        /// The row.
        row: usize,
        /// Some devices of this name that no other row is.
        assets: Vec<AssetId>,
    },
}

/// One field that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which.
    pub field: AssetField,
    /// What is known.
    pub before: Option<String>,
    /// What would be known.
    pub after: Option<String>,
}

/// Why a row cannot be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictReason {
    /// Other incoming rows are the same device.
    RowsOfOneDevice,
    /// It identifies several devices of the ledger.
    SeveralAssets,
    /// It shares a MAC address or directory id with a device that has another serial number.
    SerialDiffers,
}

/// What importing rows would do, one step a row, in their order.
pub fn merge(existing: &[Asset], incoming: &[AssetRecord]) -> Vec<MergeStep> {
    let plan = Plan::of(existing, incoming);
    let unidentified = plan.unidentified();
    let mut claimed: BTreeSet<usize> = plan.claims.keys().copied().collect();
    claimed.extend(unidentified.values());
    (0..incoming.len())
        .map(|row| {
            match unidentified
                .get(&row)
                .and_then(|asset| existing.get(*asset))
            {
                Some(asset) => MergeStep::Same {
                    row,
                    asset: asset.id.clone(),
                },
                None => plan.step(row, &claimed),
            }
        })
        .collect()
}

/// A known record with what a row says; nothing known is erased.
pub fn combined(known: &AssetRecord, row: &AssetRecord) -> AssetRecord {
    let text = |row: &Option<String>, known: &Option<String>| row.clone().or(known.clone());
    AssetRecord {
        kind: if row.kind == AssetKind::Unknown {
            known.kind
        } else {
            row.kind
        },
        name: row.name.clone(),
        location: text(&row.location, &known.location),
        usability: text(&row.usability, &known.usability),
        system: text(&row.system, &known.system),
        vendor: text(&row.vendor, &known.vendor),
        maker: text(&row.maker, &known.maker),
        model: text(&row.model, &known.model),
        serial: text(&row.serial, &known.serial),
        macs: known.macs.union(&row.macs).cloned().collect(),
        ips: if row.ips.is_empty() {
            known.ips.clone()
        } else {
            row.ips.clone()
        },
        directory_id: text(&row.directory_id, &known.directory_id),
        os: text(&row.os, &known.os),
        os_version: text(&row.os_version, &known.os_version),
        remote_maintenance: match row.remote_maintenance {
            RemoteMaintenance::Unconfirmed => known.remote_maintenance,
            said => said,
        },
        owner: text(&row.owner, &known.owner),
        acquired_on: row.acquired_on.or(known.acquired_on),
        support_ends_on: row.support_ends_on.or(known.support_ends_on),
        note: text(&row.note, &known.note),
    }
}

/// What makes two records one device, as the first has it; for messages to a person.
pub fn shared_identity(a: &AssetRecord, b: &AssetRecord) -> Option<(AssetField, String)> {
    let of_b: BTreeSet<String> = identities(b)
        .map(|(field, text)| key(field, text))
        .collect();
    identities(a)
        .find(|(field, text)| of_b.contains(&key(*field, text)))
        .map(|(field, text)| (field, text.to_owned()))
}

/// What differs between two records, field by field.
pub fn changes(before: &AssetRecord, after: &AssetRecord) -> Vec<FieldChange> {
    AssetField::ALL
        .into_iter()
        .map(|field| FieldChange {
            field,
            before: before.text_of(field),
            after: after.text_of(field),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Who shares an identity with whom.
struct Plan<'a> {
    existing: &'a [Asset],
    incoming: &'a [AssetRecord],
    /// For each row, the devices that it identifies.
    matches: Vec<BTreeSet<usize>>,
    /// For each device identified, the rows.
    claims: BTreeMap<usize, BTreeSet<usize>>,
    /// For each identity, the rows.
    rows_by_key: BTreeMap<String, BTreeSet<usize>>,
    assets_by_name: BTreeMap<String, Vec<usize>>,
}

impl<'a> Plan<'a> {
    fn of(existing: &'a [Asset], incoming: &'a [AssetRecord]) -> Self {
        let mut assets_by_key: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut assets_by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (asset, known) in existing.iter().enumerate() {
            for key in keys(&known.record) {
                assets_by_key.entry(key).or_default().insert(asset);
            }
            assets_by_name
                .entry(folded(&known.record.name))
                .or_default()
                .push(asset);
        }
        let mut rows_by_key: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut claims: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut matches = Vec::with_capacity(incoming.len());
        for (row, record) in incoming.iter().enumerate() {
            let mut matched = BTreeSet::new();
            for key in keys(record) {
                matched.extend(assets_by_key.get(&key).into_iter().flatten());
                rows_by_key.entry(key).or_default().insert(row);
            }
            for asset in &matched {
                claims.entry(*asset).or_default().insert(row);
            }
            matches.push(matched);
        }
        Self {
            existing,
            incoming,
            matches,
            claims,
            rows_by_key,
            assets_by_name,
        }
    }

    /// Rows without identity that say nothing new of a device without identity: row to device.
    fn unidentified(&self) -> BTreeMap<usize, usize> {
        let mut found = BTreeMap::new();
        let mut taken = BTreeSet::new();
        // Equal records first, so that a row that says less does not take another row's device.
        for is_found in [is_equal, adds_nothing] {
            for (row, record) in self.incoming.iter().enumerate() {
                if found.contains_key(&row) || !keys(record).is_empty() {
                    continue;
                }
                let asset = self.same_name(record).find(|asset| {
                    let Some(known) = self.existing.get(*asset) else {
                        return false;
                    };
                    !taken.contains(asset)
                        && is_found(&known.record, record)
                        && keys(&known.record).is_empty()
                });
                if let Some(asset) = asset {
                    taken.insert(asset);
                    found.insert(row, asset);
                }
            }
        }
        found
    }

    fn same_name(&self, record: &AssetRecord) -> impl Iterator<Item = usize> {
        self.assets_by_name
            .get(&folded(&record.name))
            .into_iter()
            .flatten()
            .copied()
    }

    fn step(&self, row: usize, claimed: &BTreeSet<usize>) -> MergeStep {
        let (Some(record), Some(matched)) = (self.incoming.get(row), self.matches.get(row)) else {
            return MergeStep::New { row };
        };
        let rows = self.other_rows(row, record, matched);
        let conflict = |rows: &BTreeSet<usize>, why| MergeStep::Conflict {
            row,
            rows: rows.iter().copied().collect(),
            assets: self.ids(matched.iter().copied()),
            why,
        };
        if !rows.is_empty() {
            return conflict(&rows, ConflictReason::RowsOfOneDevice);
        }
        if matched.len() > 1 {
            return conflict(&rows, ConflictReason::SeveralAssets);
        }
        let Some(known) = matched.first().and_then(|asset| self.existing.get(*asset)) else {
            return self.new_row(row, record, claimed);
        };
        if let (Some(known), Some(said)) = (&known.record.serial, &record.serial)
            && folded(known) != folded(said)
        {
            return conflict(&rows, ConflictReason::SerialDiffers);
        }
        let changes = changes(&known.record, &combined(&known.record, record));
        match changes.is_empty() {
            true => MergeStep::Same {
                row,
                asset: known.id.clone(),
            },
            false => MergeStep::Changed {
                row,
                asset: known.id.clone(),
                changes,
            },
        }
    }

    fn new_row(&self, row: usize, record: &AssetRecord, claimed: &BTreeSet<usize>) -> MergeStep {
        let free = self
            .same_name(record)
            .filter(|asset| !claimed.contains(asset));
        let assets = self.ids(free.take(SUGGESTIONS_MAX));
        if assets.is_empty() {
            MergeStep::New { row }
        } else {
            MergeStep::SameNameOnly { row, assets }
        }
    }

    /// Other rows with an identity of this row, or of the device that it is.
    fn other_rows(
        &self,
        row: usize,
        record: &AssetRecord,
        matched: &BTreeSet<usize>,
    ) -> BTreeSet<usize> {
        let by_key = keys(record)
            .into_iter()
            .filter_map(|key| self.rows_by_key.get(&key));
        let by_asset = matched.iter().filter_map(|asset| self.claims.get(asset));
        by_key
            .chain(by_asset)
            .flatten()
            .copied()
            .filter(|other| *other != row)
            .collect()
    }

    fn ids(&self, assets: impl Iterator<Item = usize>) -> Vec<AssetId> {
        assets
            .filter_map(|asset| self.existing.get(asset))
            .map(|asset| asset.id.clone())
            .collect()
    }
}

/// What identifies a device, the surest first, as written.
fn identities(record: &AssetRecord) -> impl Iterator<Item = (AssetField, &str)> {
    let macs = record.macs.iter().map(|mac| (AssetField::Macs, mac));
    let serial = record.serial.iter().map(|text| (AssetField::Serial, text));
    let directory_id = record.directory_id.iter();
    serial
        .chain(directory_id.map(|text| (AssetField::DirectoryId, text)))
        .chain(macs)
        .map(|(field, text)| (field, text.as_str()))
        .filter(|(_, text)| !folded(text).is_empty())
}

/// An identity for comparison, marked by its kind.
fn key(field: AssetField, text: &str) -> String {
    format!("{field:?} {}", folded(text))
}

/// All identities of a device for comparison.
fn keys(record: &AssetRecord) -> Vec<String> {
    identities(record)
        .map(|(field, text)| key(field, text))
        .collect()
}

/// Width, case, blanks and braces do not make two identities out of one.
fn folded(text: &str) -> String {
    let is_kept = |c: &char| !c.is_whitespace() && !matches!(c, '{' | '}');
    text.nfkc()
        .filter(is_kept)
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_equal(known: &AssetRecord, row: &AssetRecord) -> bool {
    known == row
}

/// Beside the name, the location must agree: a name alone never identifies.
fn adds_nothing(known: &AssetRecord, row: &AssetRecord) -> bool {
    known.location == row.location && combined(known, row) == *known
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// `srv-01 serial=A1 mac=00:..:01,00:..:02 at=room`
    fn record(text: &str) -> AssetRecord {
        let mut words = text.split_whitespace();
        let mut record = AssetRecord::named(words.next().unwrap_or_default());
        for word in words {
            let (field, value) = word.split_once('=').expect("field=value");
            let some = Some(value.to_owned());
            match field {
                "serial" => record.serial = some,
                "dir" => record.directory_id = some,
                "mac" => record.macs = value.split(',').map(str::to_owned).collect(),
                "ip" => record.ips = value.split(',').map(str::to_owned).collect(),
                "at" => record.location = some,
                "model" => record.model = some,
                "note" => record.note = some,
                "kind" => record.kind = AssetKind::Server,
                "remote" => record.remote_maintenance = RemoteMaintenance::Yes,
                _ => panic!("{field}"),
            }
        }
        record
    }

    fn assets(rows: &str) -> Vec<Asset> {
        let rows = rows
            .split('|')
            .filter(|row| !row.trim().is_empty())
            .enumerate();
        rows.map(|(n, row)| Asset {
            id: AssetId::new(format!("a{n}")),
            record: record(row),
        })
        .collect()
    }

    fn told(step: &MergeStep) -> String {
        let names = |ids: &[AssetId]| {
            ids.iter()
                .map(AssetId::as_str)
                .collect::<Vec<_>>()
                .join(",")
        };
        match step {
            MergeStep::New { row } => format!("{row} new"),
            MergeStep::Same { row, asset } => format!("{row} same {asset}"),
            MergeStep::SameNameOnly { row, assets } => format!("{row} new, like {}", names(assets)),
            MergeStep::Conflict {
                row,
                rows,
                assets,
                why,
            } => {
                format!(
                    "{row} conflict {why:?} rows{rows:?} assets[{}]",
                    names(assets)
                )
            }
            MergeStep::Changed {
                row,
                asset,
                changes,
            } => {
                let changes: Vec<_> = changes
                    .iter()
                    .map(|c| format!("{:?} {:?}->{:?}", c.field, c.before, c.after))
                    .collect();
                format!("{row} changed {asset} {}", changes.join("; "))
            }
        }
    }

    fn check(existing: &str, incoming: &str, expected: Expect) {
        let incoming: Vec<_> = assets(incoming)
            .into_iter()
            .map(|asset| asset.record)
            .collect();
        let steps: Vec<_> = merge(&assets(existing), &incoming)
            .iter()
            .map(told)
            .collect();
        expected.assert_eq(&steps.join("\n"));
    }

    #[test]
    fn finds_devices_by_serial_directory_id_or_mac() {
        check(
            "a serial=A1 | b mac=m1,m2 | c dir={G1}",
            "x serial=ａ1 | y mac=m2,m3 | z dir=g1",
            expect![[r#"
            0 changed a0 Name Some("a")->Some("x"); Serial Some("A1")->Some("ａ1")
            1 changed a1 Name Some("b")->Some("y"); Macs Some("m1 m2")->Some("m1 m2 m3")
            2 changed a2 Name Some("c")->Some("z"); DirectoryId Some("{G1}")->Some("g1")"#]],
        );
        check("a serial=A1 at=x", "a serial=A1 at=x", expect!["0 same a0"]);
        check("", "a serial=A1 | b", expect!["0 new\n1 new"]);
    }

    #[test]
    fn never_merges_by_name_alone() {
        check("pc serial=A1", "pc serial=B2", expect!["0 new, like a0"]);
        check("pc serial=A1", "pc", expect!["0 new, like a0"]);
        check("pc at=x", "pc serial=B2 at=x", expect!["0 new, like a0"]);
        check("pc at=x", "pc", expect!["0 new, like a0"]);
        // The known device of this name is another row's.
        check(
            "pc serial=A1",
            "pc serial=A1 | pc serial=B2",
            expect!["0 same a0\n1 new"],
        );
    }

    #[test]
    fn leaves_doubtful_rows_to_a_person() {
        check(
            "",
            "a serial=A1 | b serial=A1 | c",
            expect![[r#"
            0 conflict RowsOfOneDevice rows[1] assets[]
            1 conflict RowsOfOneDevice rows[0] assets[]
            2 new"#]],
        );
        check(
            "a serial=A1 mac=m1",
            "x serial=A1 | y mac=m1",
            expect![[r#"
            0 conflict RowsOfOneDevice rows[1] assets[a0]
            1 conflict RowsOfOneDevice rows[0] assets[a0]"#]],
        );
        check(
            "a serial=A1 | b mac=m1",
            "x serial=A1 mac=m1",
            expect![[r#"
            0 conflict SeveralAssets rows[] assets[a0,a1]"#]],
        );
        check(
            "a serial=A1 mac=dock",
            "b serial=B2 mac=dock",
            expect![[r#"
            0 conflict SerialDiffers rows[] assets[a0]"#]],
        );
    }

    #[test]
    fn finds_devices_without_identity_again() {
        check(
            "mon at=x | mon at=x",
            "mon at=x | mon at=x | mon at=x",
            expect!["0 same a0\n1 same a1\n2 new"],
        );
        // The note was written in Sonae; the file is imported again.
        check("mon at=x note=n", "mon at=x", expect!["0 same a0"]);
        check(
            "mon at=x note=n | mon at=x",
            "mon at=x | mon at=x note=n",
            expect!["0 same a1\n1 same a0"],
        );
        check(
            "mon at=x model=M1",
            "mon at=x model=M2",
            expect!["0 new, like a0"],
        );
        check("mon at=x", "mon at=x note=n", expect!["0 new, like a0"]);
    }

    #[test]
    fn erases_nothing_that_is_known() {
        check(
            "a serial=A1 at=x ip=1 mac=m1 kind=s remote=y note=n",
            "a serial=A1",
            expect!["0 same a0"],
        );
        check(
            "a serial=A1 ip=1,2",
            "a serial=A1 ip=3",
            expect![[r#"0 changed a0 Ips Some("1 2")->Some("3")"#]],
        );
    }

    #[test]
    fn names_the_identity_that_two_records_share() {
        let shared = |a: &str, b: &str| shared_identity(&record(a), &record(b));
        let check = |a: &str, b: &str, field, text: &str| {
            assert_eq!(shared(a, b), Some((field, text.to_owned())), "{a} | {b}");
        };
        check("a serial=A1", "b serial=ａ1", AssetField::Serial, "A1");
        check("a dir={G1}", "b dir=g1", AssetField::DirectoryId, "{G1}");
        check("a mac=m1,m2", "b mac=m2,m3", AssetField::Macs, "m2");
        check(
            "a serial=A1 mac=m1",
            "b serial=A1 mac=m1",
            AssetField::Serial,
            "A1",
        );
        check(
            "a serial=A1 mac=m1",
            "b serial=B2 mac=m1",
            AssetField::Macs,
            "m1",
        );
        assert_eq!(shared("a serial=A1 ip=1", "a serial=B2 ip=1"), None);
        // A serial number is no directory id.
        assert_eq!(shared("a serial=X", "a dir=X"), None);
        assert_eq!(shared("a", "a"), None);
    }

    #[test]
    fn merges_thousands_of_rows_with_indexes() {
        let name = |n: usize| {
            if n.is_multiple_of(3) {
                "same".to_owned()
            } else {
                format!("pc-{n}")
            }
        };
        let existing: Vec<Asset> = (0..3_000)
            .map(|n| Asset {
                id: AssetId::new(format!("a{n}")),
                record: record(&format!("{} serial=S{n} mac=m{n} at=x", name(n))),
            })
            .collect();
        let incoming: Vec<_> = existing.iter().map(|asset| asset.record.clone()).collect();
        let steps = merge(&existing, &incoming);
        assert!(
            steps
                .iter()
                .all(|step| matches!(step, MergeStep::Same { .. }))
        );
    }
}
