//! Facts: what a tool saw, as rows of tables named after osquery's where osquery has the table.
//! A fact says nothing about good or bad.

use serde::{Deserialize, Serialize};

use crate::edition::Text;

/// One cell of a fact. Booleans are 0 and 1; dates are `YYYY-MM-DD`; instants are ISO 8601 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FactValue {
    /// Not seen, not readable: never the same as zero or empty.
    Null,
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

/// Rows of one fact table from one piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactRows {
    /// A table of `data/facts/`.
    pub table: String,
    /// Names of the columns present; the table's other columns are null.
    pub columns: Vec<String>,
    /// One value a column.
    pub rows: Vec<Vec<FactValue>>,
}

/// `data/facts/<table>.toml`: a table that readers fill and checks read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactTable {
    /// The file's name without ending.
    pub table: String,
    /// Whether osquery has a table of this name with these columns (`host` is always ours).
    pub osquery: bool,
    /// What it is called on screen.
    pub title: Text,
    /// What one row is.
    pub row: Text,
    /// The formats or parts of the product that fill it.
    pub filled_by: Vec<String>,
    /// In the order of display.
    #[serde(rename = "column")]
    pub columns: Vec<FactColumn>,
}

/// A column of a fact table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactColumn {
    /// Lower-case English; units last.
    pub name: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
    /// What its values tell of the network. Nobody may leave this out: a column would leak.
    pub tells: Tells,
    /// What it is called on screen.
    pub ja: String,
    /// What it holds, with unit.
    pub en: String,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Whole number.
    Integer,
    /// 0 or 1.
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DDTHH:MM:SSZ`.
    Instant,
}

/// What the values of a column tell of an institution's network (ネットワーク構成情報), to whom they are
/// handed over; see [`crate::pseudonyms`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tells {
    /// Nothing: it may be handed over as it is.
    Nothing,
    /// Key of a host in its source.
    Host,
    /// What a host calls itself, with or without its domain.
    Hostname,
    /// What the ledger calls a device. It stays, and so does a host name that is the same.
    Device,
    /// Name of an account or a group.
    Account,
    /// Name or number of a person.
    Person,
    /// Name of a domain.
    Domain,
    /// IP address.
    Address,
    /// MAC address.
    Mac,
    /// Serial number or machine id.
    Serial,
    /// SID, GUID or DN in a directory.
    DirectoryId,
    /// Where backups lie.
    Repository,
    /// One of these; the column `kind` says which.
    Identity,
    /// Words that may tell anything.
    Text,
}

impl FactRows {
    /// An empty set for a table.
    pub fn new(table: &str, columns: &[&str]) -> Self {
        Self {
            table: table.to_owned(),
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// The values of a column, row by row; nothing where the column is not there.
    pub fn cells<'a>(&'a self, column: &str) -> impl Iterator<Item = &'a FactValue> + use<'a> {
        let at = self.columns.iter().position(|name| name == column);
        self.rows.iter().filter_map(move |row| row.get(at?))
    }

    /// The texts of a column, without what is no text.
    pub fn texts<'a>(&'a self, column: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.cells(column).filter_map(|cell| match cell {
            FactValue::Text(text) => Some(text.as_str()),
            FactValue::Null | FactValue::Integer(_) => None,
        })
    }

    /// The same rows with the columns alone that a table has.
    #[must_use]
    pub fn narrowed(&self, table: &FactTable) -> Self {
        let has = |name: &String| table.columns.iter().any(|column| column.name == *name);
        let kept: Vec<bool> = self.columns.iter().map(has).collect();
        let narrow = |row: &Vec<FactValue>| {
            let cells = row.iter().zip(&kept).filter(|(_, kept)| **kept);
            cells.map(|(cell, _)| cell.clone()).collect()
        };
        Self {
            table: self.table.clone(),
            columns: self
                .columns
                .iter()
                .filter(|name| has(name))
                .cloned()
                .collect(),
            rows: self.rows.iter().map(narrow).collect(),
        }
    }

    /// Why these rows do not fit their table, or nothing.
    pub fn misfit(&self, table: &FactTable) -> Option<String> {
        if let Some(column) = self
            .columns
            .iter()
            .find(|name| table.columns.iter().all(|c| c.name != **name))
        {
            return Some(format!("table {} has no column {column}", self.table));
        }
        let short = self
            .rows
            .iter()
            .position(|row| row.len() != self.columns.len())?;
        Some(format!(
            "table {}, row {short}: not {} values",
            self.table,
            self.columns.len()
        ))
    }
}

impl FactTable {
    /// Reads one fact table.
    ///
    /// # Errors
    /// The text is not TOML of this shape.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

impl From<&str> for FactValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for FactValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for FactValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for FactValue {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl<T: Into<FactValue>> From<Option<T>> for FactValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_the_columns_that_a_table_has() {
        let table = |columns: &[&str]| {
            let column = |name: &&str| {
                format!("[[column]]\nname='{name}'\ntype='text'\ntells='nothing'\nja=''\nen=''\n")
            };
            let columns: String = columns.iter().map(column).collect();
            let head =
                "table='t'\nosquery=false\nfilled_by=[]\ntitle={ja='',en=''}\nrow={ja='',en=''}\n";
            FactTable::from_toml(&format!("{head}{columns}")).unwrap()
        };
        let mut rows = FactRows::new("t", &["a", "b", "c"]);
        rows.rows = vec![vec![1.into(), 2.into(), 3.into()]];
        let narrowed = rows.narrowed(&table(&["c", "x", "a"]));
        assert_eq!(narrowed.columns, ["a", "c"]);
        assert_eq!(
            narrowed.rows,
            [[FactValue::Integer(1), FactValue::Integer(3)]]
        );
        assert_eq!(narrowed.misfit(&table(&["a", "c"])), None);
    }
}
