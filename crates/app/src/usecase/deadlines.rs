//! The days that an institution has to keep in mind, gathered from what was answered, what the
//! evidence rests on, and what people keep by hand. Who is reminded of them is not known here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sonae_domain::edition::{Item, Text};
use sonae_domain::era;
use sonae_domain::ids::{EvidenceId, ItemId, RecordId};
use sonae_domain::people::Grant;
use sonae_domain::register::{Contract, Document, Explanation, Vendor};
use sonae_domain::standing::Standing;
use sonae_domain::verdict::{CheckRow, Verdict};

use super::checklist::Checklist;
use super::failure::Failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

/// The control that the ministry has set an end for.
const TWO_FACTOR: &str = "two-factor";

/// 令和9年度: by its end 二要素認証 must be in use (令和7年度版チェックリスト, 二要素認証の項目).
const TWO_FACTOR_YEAR: i16 = 2027;

/// Checks whose rows say until when something is supported.
const SUPPORT_CHECKS: [&str; 2] = ["os-in-support", "software-in-support"];

/// What ends, or has to be done, on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DeadlineKind {
    /// Set by the ministry.
    Ministry,
    /// 目標日
    Target,
    /// Evidence counts no longer.
    Evidence,
    /// A contract with a vendor.
    Contract,
    /// The maker's support of a product.
    Support,
    /// A document is valid no longer.
    Document,
    /// The explanation of a contradiction.
    Explanation,
    /// Somebody from outside may come in no longer.
    Grant,
    /// A vendor's answer.
    Request,
    /// The correction of an inspector's remark.
    Remark,
}

impl DeadlineKind {
    /// The word in files and links.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Target => "target",
            Self::Evidence => "evidence",
            Self::Contract => "contract",
            Self::Support => "support",
            Self::Document => "document",
            Self::Explanation => "explanation",
            Self::Grant => "grant",
            Self::Request => "request",
            Self::Remark => "remark",
        }
    }
}

/// A day to keep in mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) kind: DeadlineKind,
    /// The last day on which it is in time.
    pub(crate) on: Date,
    /// Which thing; the same for the same thing.
    pub(crate) about: String,
    pub(crate) title: Text,
    /// More about it; empty where the title says all.
    pub(crate) note: Text,
    /// Where it is dealt with.
    pub(crate) link: String,
}

/// Something to do for which nobody set a day. It is never in time, and never late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undated {
    pub(crate) title: Text,
    /// More about it.
    pub(crate) note: Text,
    /// Where it is dealt with.
    pub(crate) link: String,
}

impl Deadline {
    /// Whether the day has passed.
    pub(crate) fn is_over(&self, today: Date) -> bool {
        self.on < today
    }
}

impl Checklist<'_> {
    /// An item as people speak of it: official number and plain title.
    pub(crate) fn named(&self, item: &Item) -> Text {
        let controls = self.controls(&item.id);
        let wording = || Text {
            ja: item.wording.text.clone(),
            en: item.wording.text.clone(),
        };
        let title = controls.first().map_or_else(wording, |c| c.title.clone());
        labels::item_named(&item.number, &title)
    }

    /// Where an item is answered.
    pub(crate) fn link(&self, item: &Item) -> String {
        format!("/checklist/{}", self.edition.handle(item))
    }
}

impl Workspace {
    /// All days to keep in mind, the earliest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn deadlines(
        &self,
        checklist: &Checklist<'_>,
    ) -> Result<Vec<Deadline>, Failure> {
        let vendors: BTreeMap<RecordId, Vendor> = self.kept_by_id().await?;
        let mut all = targets(checklist);
        all.extend(ministry(checklist));
        all.extend(evidence(checklist));
        all.extend(support(checklist));
        all.extend(contracts(&self.kept_by_id().await?, &vendors));
        all.extend(documents(&self.kept_by_id().await?));
        all.extend(explanations(checklist, &self.kept_by_id().await?));
        all.extend(self.outsiders().await?);
        all.extend(self.request_deadlines().await?);
        all.extend(self.remark_deadlines().await?);
        all.sort_by(|a, b| (a.on, a.kind, &a.about).cmp(&(b.on, b.kind, &b.about)));
        Ok(all)
    }

    /// Grants of people from outside that hold and end.
    async fn outsiders(&self) -> Result<Vec<Deadline>, Failure> {
        let institution = &self.institution.id;
        let grants = self
            .store
            .grants(institution)
            .await
            .map_err(store_failure)?;
        let mut ends = Vec::new();
        for grant in grants.iter().filter(|grant| grant.holds(self.today)) {
            let account = self.store.account(&grant.account).await;
            let name = account.map_err(store_failure)?.map(|account| account.name);
            ends.extend(grant_end(grant, &name.unwrap_or_default()));
        }
        Ok(ends)
    }
}

fn grant_end(grant: &Grant, person: &str) -> Option<Deadline> {
    let purpose = grant.purpose.as_deref().unwrap_or_default();
    Some(Deadline {
        kind: DeadlineKind::Grant,
        on: grant.ends_on.filter(|_| grant.outsider)?,
        about: grant.id.to_string(),
        title: labels::grant_ends(person, purpose),
        note: labels::nothing_more(),
        link: "/settings/people".to_owned(),
    })
}

/// 目標日 of items that are not done.
fn targets(checklist: &Checklist<'_>) -> Vec<Deadline> {
    let open = [
        Standing::Overdue,
        Standing::Planned,
        Standing::ReadyToConfirm,
    ];
    let items = checklist.standings.iter();
    items
        .filter(|standing| open.contains(&standing.standing))
        .filter_map(|standing| {
            let item = checklist.item(standing)?;
            Some(Deadline {
                kind: DeadlineKind::Target,
                on: standing.answer.as_ref()?.target_on?,
                about: item.id.to_string(),
                title: labels::target_of(&checklist.named(item)),
                note: labels::nothing_more(),
                link: checklist.link(item),
            })
        })
        .collect()
}

/// What the form itself says has to be there by a day.
fn ministry(checklist: &Checklist<'_>) -> Option<Deadline> {
    let edition = checklist.edition;
    let is_two_factor = |item: &&Item| {
        let mut controls = edition.controls_of(&item.id);
        controls.any(|control| control.as_str() == TWO_FACTOR)
    };
    let item = edition.items_of(&checklist.form.id).find(is_two_factor)?;
    Some(Deadline {
        kind: DeadlineKind::Ministry,
        on: era::fiscal_year_days(TWO_FACTOR_YEAR).1,
        about: item.id.to_string(),
        title: labels::two_factor_by(&checklist.named(item)),
        note: labels::nothing_more(),
        link: checklist.link(item),
    })
}

/// The last day on which each piece of evidence counts for all checks that rest on it. Pieces that
/// came together end together: one line for all machines of a collector's round.
fn evidence(checklist: &Checklist<'_>) -> Vec<Deadline> {
    let mut together: BTreeMap<(Date, &str), Vec<Piece<'_>>> = BTreeMap::new();
    for (id, (end, numbers)) in evidence_ends(checklist) {
        if let Some(evidence) = checklist.judged.evidence.get(id) {
            let round = (end, evidence.format.as_str());
            together.entry(round).or_default().push((id, numbers));
        }
    }
    together
        .into_iter()
        .filter_map(|((on, _), pieces)| {
            let (first, _) = pieces.first()?;
            let mut numbers: Vec<&str> = Vec::new();
            for number in pieces.iter().flat_map(|(_, numbers)| numbers) {
                if !numbers.contains(number) {
                    numbers.push(number);
                }
            }
            let file = &checklist.judged.evidence.get(first)?.file_name;
            Some(Deadline {
                kind: DeadlineKind::Evidence,
                on,
                about: first.to_string(),
                title: labels::evidence_ends(file, pieces.len()),
                note: labels::speaks_about_items(&numbers.join(", ")),
                link: match pieces.len() {
                    1 => format!("/evidence/{first}"),
                    _ => "/evidence".to_owned(),
                },
            })
        })
        .collect()
}

/// A piece of evidence, and the numbers of the items that rest on it.
type Piece<'a> = (&'a EvidenceId, Vec<&'a str>);

/// By evidence: when the first check stops believing it, and the items that rest on it.
fn evidence_ends<'a>(
    checklist: &'a Checklist<'_>,
) -> BTreeMap<&'a EvidenceId, (Date, Vec<&'a str>)> {
    let mut ends: BTreeMap<&EvidenceId, (Date, Vec<&str>)> = BTreeMap::new();
    let standings = checklist.standings.iter();
    let of_items = standings.filter_map(|standing| Some((checklist.item(standing)?, standing)));
    for (item, standing) in of_items {
        let verdicts = standing.checks.iter();
        for verdict in verdicts.filter_map(|check| checklist.judged.verdicts.get(check)) {
            let Some(check) = checklist.check(&verdict.check) else {
                continue;
            };
            let believed = verdict.rows.iter().filter(|row| counts(row));
            for id in believed.filter_map(|row| row.evidence_id.as_ref()) {
                let Some(evidence) = checklist.judged.evidence.get(id) else {
                    continue;
                };
                let days = jiff::Span::new().days(check.valid_days);
                let end = evidence.effective_on.saturating_add(days);
                let (first, numbers) = ends.entry(id).or_insert_with(|| (end, Vec::new()));
                *first = end.min(*first);
                if !numbers.contains(&item.number.as_str()) {
                    numbers.push(&item.number);
                }
            }
        }
    }
    ends
}

/// Whether a row proves something, or did until its evidence became too old.
fn counts(row: &CheckRow) -> bool {
    matches!(
        row.verdict,
        Verdict::Met | Verdict::Conditional | Verdict::Stale
    )
}

/// The ends of support that the checks found, one line for all devices with the same product.
fn support(checklist: &Checklist<'_>) -> Vec<Deadline> {
    let mut devices: BTreeMap<(Date, String), Vec<&str>> = BTreeMap::new();
    for check in SUPPORT_CHECKS {
        let verdict = checklist
            .judged
            .verdicts
            .get(&sonae_domain::ids::CheckId::new(check));
        for row in verdict.iter().flat_map(|verdict| &verdict.rows) {
            let arg = |name: &str| row.reason.args.get(name).and_then(|arg| arg.as_str());
            let until = arg("until").and_then(|until| until.parse::<Date>().ok());
            let (Some(until), true) = (until, row.verdict != Verdict::NotApplicable) else {
                continue;
            };
            let product = arg("name").unwrap_or_default().to_owned();
            let device = checklist.subject_name(&row.subject);
            devices.entry((until, product)).or_default().push(device);
        }
    }
    devices
        .into_iter()
        .map(|((on, product), devices)| Deadline {
            kind: DeadlineKind::Support,
            on,
            title: labels::support_ends(
                &product,
                devices.first().copied().unwrap_or_default(),
                devices.len(),
            ),
            about: format!("{product} {on}"),
            note: labels::nothing_more(),
            link: "/ledger".to_owned(),
        })
        .collect()
}

fn contracts(
    contracts: &BTreeMap<RecordId, Contract>,
    vendors: &BTreeMap<RecordId, Vendor>,
) -> Vec<Deadline> {
    let end = |(id, contract): (&RecordId, &Contract)| {
        let vendor = vendors.get(&contract.vendor);
        let vendor = vendor.map(|vendor| vendor.name.as_str());
        Some(Deadline {
            kind: DeadlineKind::Contract,
            on: contract.ends_on?,
            about: id.to_string(),
            title: labels::contract_ends(&contract.title, vendor),
            note: labels::nothing_more(),
            link: format!("/settings/contracts/{id}"),
        })
    };
    contracts.iter().filter_map(end).collect()
}

fn documents(documents: &BTreeMap<RecordId, Document>) -> Vec<Deadline> {
    let end = |(id, document): (&RecordId, &Document)| {
        Some(Deadline {
            kind: DeadlineKind::Document,
            on: document.valid_until?,
            about: id.to_string(),
            title: labels::document_ends(&document.title),
            note: labels::nothing_more(),
            link: format!("/evidence/documents/{id}"),
        })
    };
    documents.iter().filter_map(end).collect()
}

/// Of the items of this form. An explanation that has ended is no deadline: the contradiction that
/// it explained is back.
fn explanations(
    checklist: &Checklist<'_>,
    explanations: &BTreeMap<RecordId, Explanation>,
) -> Vec<Deadline> {
    let end = |(id, explanation): (&RecordId, &Explanation)| {
        let item = item_of(checklist, &explanation.item)?;
        Some(Deadline {
            kind: DeadlineKind::Explanation,
            on: Some(explanation.ends_on).filter(|end| *end >= checklist.as_of)?,
            about: id.to_string(),
            title: labels::explanation_ends(&checklist.named(item)),
            note: labels::nothing_more(),
            link: "/contradictions".to_owned(),
        })
    };
    explanations.iter().filter_map(end).collect()
}

fn item_of<'a>(checklist: &'a Checklist<'_>, id: &ItemId) -> Option<&'a Item> {
    let item = checklist.edition.item(id)?;
    (item.form == checklist.form.id).then_some(item)
}
