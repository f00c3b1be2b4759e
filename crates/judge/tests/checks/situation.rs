//! A situation: facts as a colleague from the domain would write them, and what they should give.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::fact::{ColumnKind, FactRows, FactTable, FactValue};
use sonae_domain::ids::EvidenceId;
use sonae_domain::pseudonyms::Pseudonyms;
use sonae_domain::verdict::EvidenceDates;

use crate::folders;

/// `tests/<situation>.<verdict>.toml`.
#[derive(Clone)]
pub(crate) struct Situation {
    pub(crate) path: String,
    /// From the file's name.
    pub(crate) verdict: String,
    pub(crate) as_of: Date,
    pub(crate) dates: EvidenceDates,
    pub(crate) facts: Vec<(EvidenceId, FactRows)>,
    /// `subject verdict code`, worst first.
    pub(crate) rows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: Date,
    #[serde(default)]
    evidence: Vec<Evidence>,
    #[serde(default)]
    facts: Vec<Facts>,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Evidence {
    id: String,
    effective_on: Date,
}

/// Columns and rows are divided by `|`; an empty cell is null.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    table: String,
    evidence: String,
    columns: String,
    rows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    rows: Vec<String>,
}

impl Situation {
    pub(crate) fn read(path: &str, verdict: &str, text: &str) -> Self {
        let file: File = toml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let tables = folders::tables();
        let of = |facts: Facts| {
            let known = tables.iter().find(|table| table.table == facts.table);
            let table = known.unwrap_or_else(|| panic!("{path}: no table {}", facts.table));
            (
                EvidenceId::new(facts.evidence.clone()),
                rows(path, table, &facts),
            )
        };
        Self {
            path: path.to_owned(),
            verdict: verdict.to_owned(),
            as_of: file.as_of,
            dates: file
                .evidence
                .into_iter()
                .map(|evidence| (EvidenceId::new(evidence.id), evidence.effective_on))
                .collect(),
            facts: file.facts.into_iter().map(of).collect(),
            rows: file.expect.rows,
        }
    }

    /// Nothing was ever imported.
    pub(crate) fn empty() -> Self {
        Self::read(
            "empty",
            "unknown",
            "as_of = \"2026-11-21\"\n[expect]\nrows = []",
        )
    }

    /// The same facts in the opposite order.
    pub(crate) fn backwards(&self) -> Self {
        let mut turned = self.clone();
        turned.facts.reverse();
        for (_, facts) in &mut turned.facts {
            facts.rows.reverse();
        }
        turned
    }

    /// The same facts, but nobody knows from when.
    pub(crate) fn undated(&self) -> Self {
        Self {
            dates: EvidenceDates::new(),
            ..self.clone()
        }
    }

    /// The same facts with pseudonyms for what they tell of the network.
    pub(crate) fn pseudonymised(&self) -> Self {
        let mut replaced = self.clone();
        let tables = folders::tables();
        let pseudonyms = Pseudonyms::of(tables, &self.facts, []);
        for (_, facts) in &mut replaced.facts {
            let known = tables.iter().find(|table| table.table == facts.table);
            pseudonyms.replace(known.expect("a fact table"), facts);
        }
        replaced
    }

    /// Every column that holds something.
    pub(crate) fn columns(&self) -> BTreeSet<(String, String)> {
        let columns = |facts: &FactRows| {
            let table = facts.table.clone();
            facts
                .columns
                .clone()
                .into_iter()
                .map(move |column| (table.clone(), column))
        };
        self.facts
            .iter()
            .flat_map(|(_, facts)| columns(facts))
            .collect()
    }

    /// The same, but one column could not be read anywhere.
    pub(crate) fn without(&self, table: &str, column: &str) -> Self {
        let mut poorer = self.clone();
        for (_, facts) in poorer
            .facts
            .iter_mut()
            .filter(|(_, facts)| facts.table == table)
        {
            let place = facts.columns.iter().position(|name| name == column);
            for row in &mut facts.rows {
                if let Some(place) = place {
                    row[place] = FactValue::Null;
                }
            }
        }
        poorer
    }
}

fn rows(path: &str, table: &FactTable, facts: &Facts) -> FactRows {
    let split = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    let columns: Vec<String> = split(&facts.columns);
    let kinds: Vec<ColumnKind> = columns
        .iter()
        .map(|name| {
            let column = table.columns.iter().find(|column| column.name == *name);
            column
                .unwrap_or_else(|| panic!("{path}: no column {}.{name}", table.table))
                .kind
        })
        .collect();
    let row = |line: &String| {
        let cells: Vec<String> = split(line);
        assert_eq!(cells.len(), kinds.len(), "{path}: {}: {line}", table.table);
        cells
            .iter()
            .zip(&kinds)
            .map(|(cell, kind)| value(cell, *kind))
            .collect()
    };
    let rows = facts.rows.iter().map(row).collect();
    FactRows {
        table: table.table.clone(),
        columns,
        rows,
    }
}

fn value(cell: &str, kind: ColumnKind) -> FactValue {
    match (cell, kind) {
        ("", _) => FactValue::Null,
        (_, ColumnKind::Integer | ColumnKind::Boolean) => cell
            .parse()
            .map_or_else(|_| FactValue::Text(cell.to_owned()), FactValue::Integer),
        _ => FactValue::Text(cell.to_owned()),
    }
}
