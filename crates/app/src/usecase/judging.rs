//! Running checks on the current facts of an institution. What an item makes of the verdicts is
//! not decided here.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::evidence::Evidence;
use sonae_domain::fact::{FactRows, FactTable, FactValue};
use sonae_domain::ids::{EvidenceId, InstitutionId, Subject};
use sonae_domain::ledger::{Asset, AssetKind};
use sonae_domain::pseudonyms::Pseudonyms;
use sonae_domain::verdict::{CheckVerdict, EvidenceDates};
use sonae_judge::{Check, Gap, JudgeError, Judgement};
use sonae_store::Store;

use super::failure::Failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

/// Evidence that ships with the program rather than with the institution.
const BUILTIN_EVIDENCE: &str = "builtin:product_support";

/// The table that tells what hosts are called; nearly every check reads it.
pub(super) const HOSTS: &str = "hosts";

/// Of a ledger row typed in by hand: it is in scope, but nothing that rests on it alone is proven.
pub(super) const NO_EVIDENCE: &str = "none";

/// Whether evidence is none that somebody brought: what ships, or a ledger row typed in by hand.
pub(super) fn is_of_no_file(evidence: &EvidenceId) -> bool {
    [BUILTIN_EVIDENCE, NO_EVIDENCE].contains(&evidence.as_str())
}

/// What collectors and readers could not see or read.
pub(super) const GAPS: &str = "collection_gaps";

/// The ledger as checks read it, itself or by what is derived from it.
const LEDGER_TABLES: [&str; 3] = ["assets", "subjects", "subject_hosts"];

/// The store asks for as many in one statement.
const TABLES_AT_ONCE: usize = 8;

/// Checks are independent, so two databases in memory use two cores. More would cost more memory
/// for facts that several checks read than a hospital's computer gains in time.
const PARTS: usize = 2;

/// What checks said, and what people call the subjects they spoke about.
#[derive(Default)]
pub(super) struct Said {
    pub(super) verdicts: Vec<CheckVerdict>,
    pub(super) subjects: BTreeMap<String, String>,
}

/// What all parts of a judgement share.
struct Shared {
    store: Arc<dyn Store>,
    institution: InstitutionId,
    tables: Vec<FactTable>,
    /// Facts that are not in the store as facts: the ledger, and what ships with the program.
    more: Vec<(EvidenceId, FactRows)>,
    /// What could not be read.
    gaps: Vec<Gap>,
    dates: EvidenceDates,
    as_of: Date,
    /// See [`Workspace::as_of`].
    moment: Option<Timestamp>,
}

/// Everything that a judgement rests on, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grounds {
    as_of: Date,
    /// With the columns that a check reads.
    tables: Vec<FactTable>,
    gaps: Vec<Gap>,
    /// On which the evidence speaks.
    dates: EvidenceDates,
    facts: Vec<(EvidenceId, FactRows)>,
}

impl Grounds {
    /// The day of judgement.
    pub(super) fn as_of(&self) -> Date {
        self.as_of
    }

    /// The same with pseudonyms for hosts, accounts, addresses and the like: what tells of the network
    /// stays at home.
    pub(super) fn pseudonymised(mut self) -> Self {
        let of_hosts = self.gaps.iter().filter(|gap| is_of_host(gap));
        let hosts = of_hosts.map(|gap| gap.subject.as_str());
        let pseudonyms = Pseudonyms::of(&self.tables, &self.facts, hosts);
        for (_, rows) in &mut self.facts {
            if let Some(table) = self.tables.iter().find(|table| table.table == rows.table) {
                pseudonyms.replace(table, rows);
            }
        }
        for gap in self.gaps.iter_mut().filter(|gap| is_of_host(gap)) {
            gap.subject = Subject::new(pseudonyms.host(gap.subject.as_str()));
            gap.detail.clear();
        }
        self
    }

    /// What hosts are called on these grounds.
    pub(super) fn host_names(&self) -> BTreeMap<String, String> {
        host_names(&self.facts)
    }

    /// The day on which a piece of evidence speaks.
    pub(super) fn day_of(&self, evidence: &EvidenceId) -> Option<Date> {
        self.dates.get(evidence).copied()
    }

    /// What checks say on these grounds.
    ///
    /// # Errors
    /// Checks and facts do not fit each other.
    pub(super) async fn judge(&self, checks: Vec<Check>) -> Result<Vec<CheckVerdict>, JudgeError> {
        let mut judgement = Judgement::begin(checks, &self.tables).await?;
        judgement.load(&self.facts).await?;
        judgement.judge(&self.gaps, &self.dates, self.as_of).await
    }
}

impl Workspace {
    /// Runs checks on the current facts, as of today.
    ///
    /// # Errors
    /// The store or a check fails.
    pub(super) async fn run_checks(
        &self,
        checks: Vec<Check>,
        assets: &[(Asset, Option<EvidenceId>)],
        evidence: &BTreeMap<EvidenceId, Evidence>,
    ) -> Result<Said, Failure> {
        let checks = self.with_thresholds(checks).await?;
        let shared = Arc::new(self.shared(assets, evidence).await?);
        let running: Vec<_> = parts(checks)
            .into_iter()
            .map(|checks| tokio::spawn(judge_part(Arc::clone(&shared), checks)))
            .collect();
        let mut judged = Said::default();
        for part in running {
            let part = part
                .await
                .map_err(|source| Failure::unexpected(labels::judge_failed()).because(source))??;
            judged.verdicts.extend(part.verdicts);
            judged.subjects.extend(part.subjects);
        }
        let files = evidence
            .iter()
            .map(|(id, evidence)| (id.to_string(), evidence.file_name.clone()));
        judged.subjects.extend(files);
        let names = assets.iter();
        let names =
            names.map(|(asset, _)| (asset.id.as_str().to_owned(), asset.record.name.clone()));
        judged.subjects.extend(names);
        Ok(judged)
    }

    /// Everything that checks read, so that others can judge again.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn grounds(
        &self,
        checks: &[Check],
        assets: &[(Asset, Option<EvidenceId>)],
        evidence: &BTreeMap<EvidenceId, Evidence>,
    ) -> Result<Grounds, Failure> {
        let shared = self.shared(assets, evidence).await?;
        let failed = |source| Failure::unexpected(labels::judge_failed()).because(source);
        let tables = sonae_judge::needed_tables(checks, &shared.tables).map_err(failed)?;
        let names: Vec<&str> = tables.iter().map(|table| table.table.as_str()).collect();
        let mut all = Vec::new();
        for names in names.chunks(TABLES_AT_ONCE) {
            let facts = self
                .store
                .current_facts_as_of(&shared.institution, names, self.as_of);
            all.extend(facts.await.map_err(store_failure)?);
        }
        all.extend(shared.more);
        let needed = all.iter().filter_map(|(evidence, rows)| {
            let table = tables.iter().find(|table| table.table == rows.table)?;
            Some((evidence.clone(), rows.narrowed(table)))
        });
        let facts: Vec<_> = needed.collect();
        let mut dates = shared.dates;
        dates.retain(|id, _| facts.iter().any(|(of, _)| of == id));
        Ok(Grounds {
            as_of: shared.as_of,
            tables,
            gaps: shared.gaps,
            dates,
            facts,
        })
    }

    async fn shared(
        &self,
        assets: &[(Asset, Option<EvidenceId>)],
        evidence: &BTreeMap<EvidenceId, Evidence>,
    ) -> Result<Shared, Failure> {
        let support = &self.catalog.product_support;
        let builtin = EvidenceId::new(BUILTIN_EVIDENCE);
        let mut more = ledger_facts(assets);
        more.push((builtin.clone(), support.facts.clone()));
        let days = evidence
            .iter()
            .map(|(id, evidence)| (id.clone(), evidence.effective_on));
        let mut gaps = self.gaps().await?;
        if assets.is_empty() {
            gaps.extend(gaps_of_empty_ledger());
        }
        Ok(Shared {
            store: Arc::clone(&self.store),
            institution: self.institution.id.clone(),
            tables: self.catalog.tables.clone(),
            more,
            gaps,
            dates: days.chain([(builtin, support.effective_on)]).collect(),
            as_of: self.today,
            moment: self.as_of,
        })
    }

    /// What the current evidence lacks.
    async fn gaps(&self) -> Result<Vec<Gap>, Failure> {
        let institution = &self.institution.id;
        let facts = self
            .store
            .current_facts_as_of(institution, &[GAPS], self.as_of)
            .await
            .map_err(store_failure)?;
        let gap = |evidence: &EvidenceId, rows: &FactRows, row: &Vec<FactValue>| {
            let subject = text_at(rows, row, "host").unwrap_or_else(|| evidence.to_string());
            Some(Gap {
                evidence: evidence.clone(),
                table: text_at(rows, row, "table_name")?,
                subject: Subject::new(subject),
                detail: text_at(rows, row, "detail").unwrap_or_default(),
            })
        };
        let gaps = facts
            .iter()
            .flat_map(|(id, rows)| rows.rows.iter().filter_map(move |row| gap(id, rows, row)));
        Ok(gaps.collect())
    }
}

/// Whether a gap is about a host, not about a whole file or the ledger; then what it says is what a
/// collector saw there.
fn is_of_host(gap: &Gap) -> bool {
    gap.subject.as_str() != gap.evidence.as_str() && gap.evidence.as_str() != NO_EVIDENCE
}

/// Without a ledger nobody knows which machines there are, so nothing about machines is proven.
fn gaps_of_empty_ledger() -> impl Iterator<Item = Gap> {
    LEDGER_TABLES.into_iter().map(|table| Gap {
        evidence: EvidenceId::new(NO_EVIDENCE),
        table: table.to_owned(),
        subject: Subject::new(labels::LEDGER_SUBJECT),
        detail: labels::GAP_OF_EMPTY.to_owned(),
    })
}

/// The text of a row in a column.
fn text_at(rows: &FactRows, row: &[FactValue], column: &str) -> Option<String> {
    let at = rows.columns.iter().position(|name| name == column)?;
    match row.get(at)? {
        FactValue::Text(text) => Some(text.clone()),
        FactValue::Null | FactValue::Integer(_) => None,
    }
}

/// Checks dealt out in turn, so that each part has light and heavy ones.
fn parts(checks: Vec<Check>) -> Vec<Vec<Check>> {
    let mut parts: Vec<Vec<Check>> = vec![Vec::new(); PARTS];
    for (n, check) in checks.into_iter().enumerate() {
        if let Some(part) = parts.get_mut(n % PARTS) {
            part.push(check);
        }
    }
    parts
}

/// Loads what some checks read and runs them.
async fn judge_part(shared: Arc<Shared>, checks: Vec<Check>) -> Result<Said, Failure> {
    let failed = |source: JudgeError| Failure::unexpected(labels::judge_failed()).because(source);
    let mut judgement = Judgement::begin(checks, &shared.tables)
        .await
        .map_err(failed)?;
    let mut subjects = BTreeMap::new();
    let tables = judgement.tables();
    for tables in tables.chunks(TABLES_AT_ONCE) {
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        let facts = shared
            .store
            .current_facts_as_of(&shared.institution, &tables, shared.moment)
            .await
            .map_err(store_failure)?;
        subjects.extend(host_names(&facts));
        judgement.load(&facts).await.map_err(failed)?;
    }
    judgement.load(&shared.more).await.map_err(failed)?;
    let verdicts = judgement
        .judge(&shared.gaps, &shared.dates, shared.as_of)
        .await
        .map_err(failed)?;
    Ok(Said { verdicts, subjects })
}

/// The ledger as facts; each row carries the evidence that last confirmed it.
fn ledger_facts(assets: &[(Asset, Option<EvidenceId>)]) -> Vec<(EvidenceId, FactRows)> {
    let mut by_evidence: BTreeMap<EvidenceId, (FactRows, FactRows)> = BTreeMap::new();
    for (asset, evidence) in assets {
        let evidence = evidence
            .clone()
            .unwrap_or_else(|| EvidenceId::new(NO_EVIDENCE));
        let (rows, identities) = by_evidence
            .entry(evidence)
            .or_insert_with(|| (asset_table(), identity_table()));
        rows.rows.push(asset_row(asset));
        identities.rows.extend(identity_rows(asset));
    }
    by_evidence
        .into_iter()
        .flat_map(|(id, (rows, identities))| [(id.clone(), rows), (id, identities)])
        .collect()
}

/// Whether checks see no difference between two states of a device.
pub(super) fn reads_the_same(a: &Asset, b: &Asset) -> bool {
    asset_row(a) == asset_row(b) && identity_rows(a).eq(identity_rows(b))
}

fn asset_table() -> FactRows {
    FactRows::new(
        "assets",
        &[
            "asset",
            "kind",
            "name",
            "location",
            "usability",
            "system",
            "vendor",
            "os",
            "os_version",
            "remote_maintenance",
            "support_ends_on",
        ],
    )
}

fn asset_row(asset: &Asset) -> Vec<FactValue> {
    let record = &asset.record;
    vec![
        asset.id.as_str().into(),
        (record.kind != AssetKind::Unknown)
            .then(|| record.kind.as_str())
            .into(),
        record.name.as_str().into(),
        record.location.as_deref().into(),
        record.usability.as_deref().into(),
        record.system.as_deref().into(),
        record.vendor.as_deref().into(),
        record.os.as_deref().into(),
        record.os_version.as_deref().into(),
        record.remote_maintenance.as_str().into(),
        record.support_ends_on.map(|day| day.to_string()).into(),
    ]
}

fn identity_table() -> FactRows {
    FactRows::new("asset_identities", &["asset", "kind", "value"])
}

fn identity_rows(asset: &Asset) -> impl Iterator<Item = Vec<FactValue>> + '_ {
    let record = &asset.record;
    let serial = record
        .serial
        .as_deref()
        .and_then(sonae_ingest::identity::serial);
    let single = [
        ("serial", serial),
        ("directory_id", record.directory_id.clone()),
    ];
    let macs = record.macs.iter().map(|mac| ("mac", mac.clone()));
    let ips = record.ips.iter().map(|ip| ("ip", ip.clone()));
    single
        .into_iter()
        .filter_map(|(kind, value)| Some((kind, value?)))
        .chain(macs)
        .chain(ips)
        .map(|(kind, value)| vec![asset.id.as_str().into(), kind.into(), value.into()])
}

/// What people call hosts that verdicts speak about.
fn host_names(facts: &[(EvidenceId, FactRows)]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (_, rows) in facts.iter().filter(|(_, rows)| rows.table == HOSTS) {
        for (host, name) in rows.cells("host").zip(rows.cells("hostname")) {
            if let (FactValue::Text(host), FactValue::Text(name)) = (host, name) {
                names.insert(host.clone(), name.clone());
            }
        }
    }
    names
}
