//! From nothing to a judged, printed checklist about this machine. A second run updates.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use sonae_domain::edition::Text;
use sonae_domain::era;
use sonae_domain::evidence::{ContentHash, Finding, Reading};
use sonae_domain::fact::FactRows;
use sonae_domain::ids::{AssetId, EvidenceId};
use sonae_domain::ledger::{self, Asset, AssetKind, AssetRecord, MergeStep, RemoteMaintenance};
use sonae_ingest::identity;
use sonae_store::{AssetChange, Recorded, new_id};

use super::catalog::Catalog;
use super::checklist::{Checklist, WhichForm};
use super::collect::{self, Collection, Gap};
use super::failure::Failure;
use super::files;
use super::form::FormOptions;
use super::import::{ImportOptions, SourceFile};
use super::labels;
use super::reader_process::FILE_BYTES_MAX;
use super::workspace::{Workspace, load_catalog, store_failure};

/// Who stands in the history for what quickstart records.
const BY: &str = "quickstart";

/// Setting that holds the hash of the workbook as we last wrote it.
const WRITTEN_XLSX: &str = "quickstart.xlsx_sha256";

/// The format of our own collector.
const BUNDLE: &str = "sonae_bundle";

/// Units that run only where somebody sits in front of a screen.
const DESKTOP_UNITS: [&str; 5] = [
    "gdm.service",
    "gdm3.service",
    "lightdm.service",
    "sddm.service",
    "display-manager.service",
];

/// What quickstart did.
pub(crate) struct QuickstartDone<'a> {
    /// Of this machine.
    pub(crate) hostname: String,
    /// What the collector could not see, as `table: detail`.
    pub(crate) gaps: Vec<Text>,
    /// Whether it ran with administrator rights.
    pub(crate) as_root: bool,
    /// What the reader of the bundle found.
    pub(crate) findings: Vec<Finding>,
    /// Whether the machine was new in the ledger.
    pub(crate) asset_is_new: bool,
    /// The judged form.
    pub(crate) checklist: Checklist<'a>,
    /// What was written.
    pub(crate) files: Vec<PathBuf>,
    /// A workbook that somebody filled in, which was left alone.
    pub(crate) kept: Option<PathBuf>,
}

/// A collection written to a file.
pub(crate) struct CollectionWritten {
    pub(crate) path: PathBuf,
    /// Tables with their numbers of rows.
    pub(crate) tables: Vec<(String, usize)>,
    /// What the collector could not see, as `table: detail`.
    pub(crate) gaps: Vec<Text>,
    /// Whether it ran with administrator rights.
    pub(crate) as_root: bool,
}

/// Collects this machine into a file; needs no installation.
///
/// # Errors
/// The bundle cannot be packed or written.
pub(crate) fn write_collection(
    collector: &str,
    out: Option<&Path>,
    now: Timestamp,
) -> Result<CollectionWritten, Failure> {
    let collection = collect_here(now);
    let bytes = collect_bundle(&collection, collector)?;
    let day = era::day_in_japan(now);
    let path = out.map_or_else(
        || PathBuf::from(format!("{}-{day}.sonae.zip", collection.hostname)),
        Path::to_path_buf,
    );
    files::write_whole(&path, &bytes)?;
    let tables = collection
        .tables
        .iter()
        .map(|rows| (rows.table.clone(), rows.rows.len()));
    Ok(CollectionWritten {
        path,
        tables: tables.collect(),
        gaps: gaps(&collection, &load_catalog()?),
        as_root: collection.as_root,
    })
}

impl Workspace {
    /// Collects this machine, records it as evidence and ledger row, judges, writes the form.
    ///
    /// # Errors
    /// The machine cannot be collected, the store fails, or the form cannot be written.
    pub(crate) async fn quickstart(
        &self,
        collector: &str,
        out: &Path,
        options: &FormOptions,
    ) -> Result<QuickstartDone<'_>, Failure> {
        files::writable_folder(out)?;
        let collection = collect_here(self.now);
        let bytes = collect_bundle(&collection, collector)?;
        let file = SourceFile {
            name: format!("{}.sonae.zip", collection.hostname),
            bytes: Arc::new(bytes),
            modified_on: self.today,
        };
        let import = ImportOptions {
            by: BY.to_owned(),
            ..ImportOptions::default()
        };
        let imported = self
            .import_file(file, &import, &mut self.evidence().await?)
            .await?;
        let evidence = match &imported.recorded {
            Some(Recorded::AlreadyKnown(id)) => id.clone(),
            _ => imported.id.clone(),
        };
        let (asset, before) = self.own_asset(&collection, &imported.reading).await?;
        let asset_is_new = before.is_none();
        let change = AssetChange {
            asset,
            evidence: self.confirming(before, evidence).await?,
            retired: false,
        };
        self.store
            .save_assets(&self.institution.id, &[change], BY, self.now)
            .await
            .map_err(store_failure)?;
        let checklist = self.judge(&WhichForm::default(), None).await?;
        let (files, kept) = self.write_forms(&checklist, options, out).await?;
        Ok(QuickstartDone {
            hostname: collection.hostname.clone(),
            gaps: gaps(&collection, &self.catalog),
            as_root: collection.as_root,
            findings: imported.reading.findings,
            asset_is_new,
            checklist,
            files,
            kept,
        })
    }

    /// Which evidence stands behind the machine's ledger row. What people wrote into a ledger is
    /// not confirmed by a collection, which knows neither place nor state of use; what they typed
    /// in Sonae stays without evidence. `before` is none for a machine new in the ledger.
    async fn confirming(
        &self,
        before: Option<Option<EvidenceId>>,
        bundle: EvidenceId,
    ) -> Result<Option<EvidenceId>, Failure> {
        let before = match before {
            None => return Ok(Some(bundle)),
            Some(None) => return Ok(None),
            Some(Some(before)) => before,
        };
        let by_people = self
            .evidence_by_id()
            .await?
            .get(&before)
            .is_some_and(|evidence| evidence.format != BUNDLE);
        Ok(Some(if by_people { before } else { bundle }))
    }

    /// Writes the forms. A workbook that somebody filled in since the last run is left alone; the
    /// new one gets the day in its name.
    async fn write_forms(
        &self,
        checklist: &Checklist<'_>,
        options: &FormOptions,
        out: &Path,
    ) -> Result<(Vec<PathBuf>, Option<PathBuf>), Failure> {
        let institution = &self.institution.id;
        let settings = self
            .store
            .settings(institution)
            .await
            .map_err(store_failure)?;
        let usual = out.join("checklist.xlsx");
        let there = files::read_limited(&usual, FILE_BYTES_MAX).ok();
        let is_ours = |(bytes, _): &(Vec<u8>, SystemTime)| {
            settings.get(WRITTEN_XLSX) == Some(&ContentHash::of(bytes).0)
        };
        let kept = there.filter(|there| !is_ours(there)).map(|_| usual.clone());
        let xlsx = match kept {
            None => usual,
            Some(_) => out.join(format!("checklist-{}.xlsx", self.today)),
        };
        let written = vec![out.join("checklist.pdf"), xlsx.clone()];
        let history = self.history_note().await;
        for file in &written {
            self.write_judged_form(checklist, &history, options, file)?;
        }
        let (bytes, _) = files::read_limited(&xlsx, FILE_BYTES_MAX)?;
        if kept.is_none() {
            let hash = ContentHash::of(&bytes).0;
            self.store
                .save_setting(institution, WRITTEN_XLSX, Some(&hash), BY, self.now)
                .await
                .map_err(store_failure)?;
        }
        Ok((written, kept))
    }

    /// The ledger row of this machine: a new one, or the known one with what machines know better
    /// than people (system, addresses), and its evidence so far. What a person wrote stays.
    async fn own_asset(
        &self,
        collection: &Collection,
        reading: &Reading,
    ) -> Result<(Asset, Option<Option<EvidenceId>>), Failure> {
        let seen = asset_record(collection, reading);
        let ledger = self.ledger().await?;
        let known: Vec<Asset> = ledger.iter().map(|(asset, _)| asset.clone()).collect();
        let step = ledger::merge(&known, std::slice::from_ref(&seen))
            .into_iter()
            .next();
        let found = match &step {
            Some(MergeStep::Same { asset, .. } | MergeStep::Changed { asset, .. }) => {
                ledger.into_iter().find(|(known, _)| known.id == *asset)
            }
            _ => None,
        };
        Ok(match found {
            None => (
                Asset {
                    id: AssetId::new(new_id(self.now)),
                    record: seen,
                },
                None,
            ),
            Some((mut asset, evidence)) => {
                asset.record.macs.extend(seen.macs);
                asset.record.ips = seen.ips;
                asset.record.os = seen.os;
                asset.record.os_version = seen.os_version;
                (asset, Some(evidence))
            }
        })
    }
}

/// A machine without a name still needs one in the ledger.
fn collect_here(now: Timestamp) -> Collection {
    let mut collection = collect::collect(Path::new("/"), now);
    if collection.hostname.is_empty() {
        "this-machine".clone_into(&mut collection.hostname);
    }
    // It becomes part of file names, and the kernel does not mind a slash in it.
    collection.hostname = collection.hostname.replace('/', "-");
    collection
}

fn collect_bundle(collection: &Collection, collector: &str) -> Result<Vec<u8>, Failure> {
    collect::bundle(collection, collector)
        .map_err(|source| Failure::unexpected(labels::bundle_failed()).because(source))
}

fn table<'a>(collection: &'a Collection, name: &str) -> impl Iterator<Item = &'a FactRows> {
    collection
        .tables
        .iter()
        .filter(move |rows| rows.table == name)
}

fn first_text(collection: &Collection, name: &str, column: &str) -> Option<String> {
    table(collection, name)
        .flat_map(|rows| rows.texts(column))
        .next()
        .map(str::to_owned)
}

fn gaps(collection: &Collection, catalog: &Catalog) -> Vec<Text> {
    let gap = |gap: &Gap| {
        let table = catalog.table(gap.table).map(|table| &table.title);
        labels::gap(
            table.unwrap_or(&labels::unnamed(gap.table)),
            &gap.detail,
            gap.code.as_str(),
        )
    };
    collection.gaps.iter().map(gap).collect()
}

/// Identifiers as the reader of the bundle normalised them, so that ledger and facts agree.
fn identities<'a>(reading: &'a Reading, wanted: &'a str) -> impl Iterator<Item = String> + 'a {
    let tables = reading
        .facts
        .iter()
        .filter(|rows| rows.table == "host_identities");
    tables
        .flat_map(|rows| rows.texts("kind").zip(rows.texts("value")))
        .filter(move |(kind, _)| *kind == wanted)
        .map(|(_, value)| value.to_owned())
}

fn asset_record(collection: &Collection, reading: &Reading) -> AssetRecord {
    let texts = |name: &'static str, column: &'static str| {
        table(collection, name).flat_map(move |rows| rows.texts(column))
    };
    let has_desktop = texts("services", "name").any(|unit| DESKTOP_UNITS.contains(&unit));
    AssetRecord {
        kind: if has_desktop {
            AssetKind::Terminal
        } else {
            AssetKind::Server
        },
        name: collection.hostname.clone(),
        location: None,
        usability: None,
        system: None,
        vendor: None,
        maker: first_text(collection, "system_info", "hardware_vendor"),
        model: first_text(collection, "system_info", "hardware_model"),
        serial: identities(reading, "serial").next(),
        macs: identities(reading, "mac").collect(),
        ips: texts("interface_addresses", "address")
            .filter(own_address)
            .filter_map(identity::ip)
            .collect(),
        directory_id: None,
        os: first_text(collection, "os_version", "name"),
        os_version: first_text(collection, "os_version", "version"),
        remote_maintenance: RemoteMaintenance::Unconfirmed,
        owner: None,
        acquired_on: None,
        support_ends_on: None,
        note: None,
    }
}

/// Loopback and link-local addresses say nothing about where a machine is.
fn own_address(address: &&str) -> bool {
    let address = address.split('%').next().unwrap_or_default();
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => !address.is_loopback() && !address.is_link_local(),
        Ok(IpAddr::V6(address)) => !address.is_loopback() && !address.is_unicast_link_local(),
        Err(_) => false,
    }
}
