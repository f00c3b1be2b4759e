//! Evidence as people look at it: what there is, what was read in it, which items it speaks about
//! and how long it counts. Whether an item is met is not decided here.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;
use sonae_domain::edition::{Edition, Item, Text};
use sonae_domain::evidence::{Evidence, Finding, Severity};
use sonae_domain::fact::{FactRows, FactTable, FactValue};
use sonae_domain::ids::{CheckId, EvidenceId};
use sonae_judge::Check;

use super::checklist::WhichForm;
use super::documents;
use super::failure::Failure;
use super::judging::{GAPS, HOSTS};
use super::labels;
use super::workspace::{Workspace, store_failure};

/// Enough to see whether a file was read rightly; the whole is in the file itself.
pub(crate) const ROWS_SHOWN_MAX: usize = 100;

/// A hospital has a bundle of each machine; a longer list is no help on a screen.
pub(crate) const LINES_A_PAGE: usize = 100;

/// A row of the own form, as a link names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemLink {
    /// What the address of its page holds: `2-1`.
    pub(crate) handle: String,
    /// As printed: `2-①`.
    pub(crate) number: String,
    /// The official wording, behind its group header where the number alone names two rows.
    pub(crate) text: String,
}

/// A piece of evidence in the list.
pub(crate) struct EvidenceLine {
    pub(crate) evidence: Evidence,
    /// What its format is called.
    pub(crate) format: Text,
    /// What was not read.
    pub(crate) n_unread: usize,
    /// What was read with doubt.
    pub(crate) n_notices: usize,
    /// The rows that it speaks about.
    pub(crate) items: Vec<ItemLink>,
    /// The last day on which all checks that read it take it for fresh.
    pub(crate) counts_until: Option<Date>,
    /// Its age, by the day for which it speaks.
    pub(crate) age_days: i32,
}

/// A page of the list.
pub(crate) struct EvidenceList {
    pub(crate) current: Vec<EvidenceLine>,
    /// All that matched, on all pages.
    pub(crate) n_current: usize,
    /// Whose facts no longer count, the latest first; as many as a page holds.
    pub(crate) replaced: Vec<Evidence>,
    pub(crate) n_replaced: usize,
    /// Whether there is any at all, whatever was searched for.
    pub(crate) is_empty: bool,
}

/// What one table of a file holds.
pub(crate) struct FactsShown {
    pub(crate) title: Text,
    /// What one row is.
    pub(crate) row: Text,
    pub(crate) columns: Vec<Text>,
    /// The first [`ROWS_SHOWN_MAX`]; what was not seen is none.
    pub(crate) rows: Vec<Vec<Option<String>>>,
    pub(crate) n_rows: usize,
}

/// A check that reads a piece of evidence.
pub(crate) struct EvidenceUse {
    pub(crate) check: Text,
    pub(crate) items: Vec<ItemLink>,
    /// The last day on which it counts as fresh there.
    pub(crate) counts_until: Date,
    /// How many of the check's rows rest on it now.
    pub(crate) n_rows: usize,
}

/// Everything known about a piece of evidence.
pub(crate) struct EvidenceView {
    pub(crate) line: EvidenceLine,
    pub(crate) findings: Vec<Finding>,
    pub(crate) facts: Vec<FactsShown>,
    /// What the collector could not see.
    pub(crate) unseen: Vec<Text>,
    pub(crate) uses: Vec<EvidenceUse>,
    /// Devices of the ledger that this file confirmed last.
    pub(crate) n_assets: usize,
    /// All of the same source, the latest first, itself too.
    pub(crate) of_source: Vec<Evidence>,
    /// The document whose bytes these are.
    pub(crate) document: Option<documents::DocumentView>,
}

impl Workspace {
    /// The evidence that matches a search, current pieces by source; documents are listed apart.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn evidence_list(
        &self,
        search: &str,
        page: usize,
    ) -> Result<EvidenceList, Failure> {
        let mut all = self.evidence().await?;
        all.retain(|evidence| evidence.format != documents::FORMAT);
        let is_empty = all.is_empty();
        all.retain(|evidence| matches(evidence, search));
        let (mut current, mut replaced): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|evidence| evidence.current);
        current.sort_by(|a, b| a.source.cmp(&b.source));
        let (n_current, n_replaced) = (current.len(), replaced.len());
        replaced.truncate(LINES_A_PAGE);
        let mut lines = Vec::new();
        let from = page.saturating_mul(LINES_A_PAGE);
        for evidence in current.into_iter().skip(from).take(LINES_A_PAGE) {
            let findings = self.findings(&evidence.id).await?;
            lines.push(self.evidence_line(evidence, &findings));
        }
        Ok(EvidenceList {
            current: lines,
            n_current,
            replaced,
            n_replaced,
            is_empty,
        })
    }

    /// Everything known about one piece of evidence.
    ///
    /// # Errors
    /// No such evidence, or the store or a check fails.
    pub(crate) async fn evidence_view(&self, id: &EvidenceId) -> Result<EvidenceView, Failure> {
        let (evidence, findings) = self.evidence_record(id).await?;
        let facts = self.store.facts_of(&self.institution.id, id).await;
        let facts = facts.map_err(store_failure)?.unwrap_or_default();
        let mut of_source = self.evidence().await?;
        of_source.retain(|other| other.source == evidence.source);
        let ledger = self.ledger().await?;
        let n_assets = ledger.iter().filter(|(_, by)| by.as_ref() == Some(id));
        let is_document = evidence.format == documents::FORMAT;
        Ok(EvidenceView {
            n_assets: n_assets.count(),
            uses: self.evidence_uses(&evidence).await?,
            unseen: facts.iter().flat_map(|rows| self.unseen(rows)).collect(),
            facts: facts.iter().filter_map(|rows| self.shown(rows)).collect(),
            document: match is_document {
                true => self.document_of(id).await?,
                false => None,
            },
            line: self.evidence_line(evidence, &findings),
            findings,
            of_source,
        })
    }

    /// The rows of the own form that evidence of a format speaks about, and what each table of it
    /// would feed: shown before anything is recorded.
    pub(crate) fn items_of_format(&self, format: &str) -> Vec<ItemLink> {
        let checks = self.checks_reading(format);
        let ids: BTreeSet<&CheckId> = checks.iter().map(|check| &check.head().id).collect();
        self.items_of_checks(&ids)
    }

    /// What a format is called.
    pub(crate) fn format_title(&self, format: &str) -> Text {
        if format == documents::FORMAT {
            return labels::document_format();
        }
        let reader = super::import::formats().find(|(name, _)| *name == format);
        reader.map_or_else(|| labels::unnamed(format), |(_, title)| title)
    }

    /// What a fact table is called.
    pub(crate) fn table_title(&self, table: &str) -> Text {
        let known = self.catalog.table(table).map(|table| table.title.clone());
        known.unwrap_or_else(|| labels::unnamed(table))
    }

    /// A row of the own form as a link; none for a row of another form.
    pub(crate) fn item_link(edition: &Edition, item: &Item) -> ItemLink {
        let handle = edition.handle(item);
        let form = edition.form(&item.form);
        let group = form.and_then(|form| {
            let id = item.group.as_ref().filter(|_| handle.contains(':'))?;
            form.groups.iter().find(|group| group.id == *id)
        });
        let wording = &item.wording.text;
        ItemLink {
            handle,
            number: item.number.clone(),
            text: match group {
                Some(group) => format!("{} {wording}", group.title.text),
                None => wording.clone(),
            },
        }
    }

    async fn findings(&self, id: &EvidenceId) -> Result<Vec<Finding>, Failure> {
        let findings = self.store.findings(&self.institution.id, id).await;
        Ok(findings.map_err(store_failure)?.unwrap_or_default())
    }

    fn evidence_line(&self, evidence: Evidence, findings: &[Finding]) -> EvidenceLine {
        let checks = self.checks_reading(&evidence.format);
        let valid_days = checks.iter().map(|check| check.head().valid_days).min();
        let n_unread = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Unread)
            .count();
        EvidenceLine {
            format: self.format_title(&evidence.format),
            n_unread,
            n_notices: findings.len() - n_unread,
            items: self.items_of_format(&evidence.format),
            counts_until: valid_days.map(|days| last_fresh_day(&evidence, days)),
            age_days: (self.today - evidence.effective_on).get_days(),
            evidence,
        }
    }

    /// The checks that read what a format brings. Names of hosts alone prove nothing.
    fn checks_reading(&self, format: &str) -> Vec<&Check> {
        let brings = |table: &FactTable| {
            table.table != HOSTS && table.filled_by.iter().any(|by| by == format)
        };
        let tables: BTreeSet<&str> = self
            .catalog
            .tables
            .iter()
            .filter(|table| brings(table))
            .map(|table| table.table.as_str())
            .collect();
        let reads = |check: &&Check| {
            let reads = &check.head().reads;
            reads.iter().any(|table| tables.contains(table.as_str()))
        };
        self.catalog.checks.values().filter(reads).collect()
    }

    fn items_of_checks(&self, checks: &BTreeSet<&CheckId>) -> Vec<ItemLink> {
        let Ok((edition, form)) = self.form(&WhichForm::default()) else {
            return Vec::new();
        };
        let rests_on = |item: &&Item| {
            let controls = self.catalog.controls_of(edition, item);
            let mut named = controls.iter().flat_map(|control| &control.checks);
            named.any(|check| checks.contains(check))
        };
        edition
            .items_of(&form.id)
            .filter(rests_on)
            .map(|item| Self::item_link(edition, item))
            .collect()
    }

    /// Which checks read a piece of evidence, and how many of their rows rest on it.
    async fn evidence_uses(&self, evidence: &Evidence) -> Result<Vec<EvidenceUse>, Failure> {
        let checks = self.checks_reading(&evidence.format);
        if checks.is_empty() || !evidence.current {
            return Ok(Vec::new());
        }
        let checklist = self.judge(&WhichForm::default(), None).await?;
        let n_rows = |check: &CheckId| {
            let rows = checklist.judged.verdicts.get(check).map(|said| &said.rows);
            let rests = rows
                .into_iter()
                .flatten()
                .filter(|row| row.evidence_id.as_ref() == Some(&evidence.id));
            rests.count()
        };
        let of_check = |check: &&Check| {
            let head = check.head();
            EvidenceUse {
                check: head.title.clone(),
                items: self.items_of_checks(&BTreeSet::from([&head.id])),
                counts_until: last_fresh_day(evidence, head.valid_days),
                n_rows: n_rows(&head.id),
            }
        };
        let uses = checks.iter().map(of_check);
        Ok(uses.filter(|used| !used.items.is_empty()).collect())
    }

    /// A table for people; nothing of what the collector could not see, which is told apart.
    fn shown(&self, rows: &FactRows) -> Option<FactsShown> {
        if rows.table == GAPS {
            return None;
        }
        let table = self.catalog.table(&rows.table)?;
        let title = |name: &String| {
            let column = table.columns.iter().find(|column| column.name == *name);
            Text {
                ja: column.map_or(name, |column| &column.ja).clone(),
                en: name.replace('_', " "),
            }
        };
        let cells = |row: &Vec<FactValue>| row.iter().map(cell).collect();
        Some(FactsShown {
            title: table.title.clone(),
            row: table.row.clone(),
            columns: rows.columns.iter().map(title).collect(),
            rows: rows.rows.iter().take(ROWS_SHOWN_MAX).map(cells).collect(),
            n_rows: rows.rows.len(),
        })
    }

    fn unseen(&self, rows: &FactRows) -> Vec<Text> {
        if rows.table != GAPS {
            return Vec::new();
        }
        let of = |row: &Vec<FactValue>, name: &str| {
            let at = rows.columns.iter().position(|column| column == name);
            at.and_then(|at| cell(row.get(at)?)).unwrap_or_default()
        };
        let gap = |row: &Vec<FactValue>| {
            let table = self.table_title(&of(row, "table_name"));
            labels::gap(&table, &of(row, "detail"), &of(row, "code"))
        };
        rows.rows.iter().map(gap).collect()
    }
}

/// The last day on which evidence is younger than a check wants it.
fn last_fresh_day(evidence: &Evidence, valid_days: i32) -> Date {
    evidence
        .effective_on
        .saturating_add(Span::new().days(valid_days))
}

fn cell(value: &FactValue) -> Option<String> {
    match value {
        FactValue::Null => None,
        FactValue::Integer(n) => Some(n.to_string()),
        FactValue::Text(text) => Some(text.clone()),
    }
}

fn matches(evidence: &Evidence, search: &str) -> bool {
    let search = search.trim().to_lowercase();
    let texts = [&evidence.source, &evidence.file_name, &evidence.collector];
    let mut texts = texts.into_iter().chain(&evidence.target);
    texts.any(|text| text.to_lowercase().contains(&search))
}
