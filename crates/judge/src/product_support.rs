//! `data/product_support.toml`: until when makers support what. Read here, shipped by the caller.

use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::fact::{FactRows, FactValue};
use thiserror::Error;

/// The built-in dates, as facts with the day for which they speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductSupport {
    /// The day on which the dates were taken over.
    pub effective_on: Date,
    /// Where they come from.
    pub source: String,
    /// Rows of `product_support`.
    pub facts: FactRows,
}

/// Why the dates cannot be used.
#[derive(Debug, Error)]
#[error("product_support.toml is not a list of support dates")]
pub struct ProductSupportError(#[from] toml::de::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    effective_on: Date,
    source: String,
    #[serde(rename = "cycle")]
    cycles: Vec<Cycle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cycle {
    package: Option<String>,
    platform: Option<String>,
    cycle: Option<String>,
    product: String,
    ends_on: Date,
    distribution_ends_on: Option<Date>,
}

const COLUMNS: &[&str] = &[
    "package",
    "platform",
    "cycle",
    "product",
    "ends_on",
    "distribution_ends_on",
];

impl ProductSupport {
    /// Reads the file.
    ///
    /// # Errors
    /// The text is not TOML of this shape, or a date is none.
    pub fn from_toml(text: &str) -> Result<Self, ProductSupportError> {
        let file: File = toml::from_str(text)?;
        let mut facts = FactRows::new("product_support", COLUMNS);
        facts.rows = file.cycles.into_iter().map(Cycle::row).collect();
        Ok(Self {
            effective_on: file.effective_on,
            source: file.source,
            facts,
        })
    }
}

impl Cycle {
    fn row(self) -> Vec<FactValue> {
        vec![
            self.package.into(),
            self.platform.into(),
            self.cycle.into(),
            self.product.into(),
            self.ends_on.to_string().into(),
            self.distribution_ends_on.map(|on| on.to_string()).into(),
        ]
    }
}
