//! One check: its head and its SQL, taken only if they fit each other. Nothing is judged here.

use sonae_domain::ids::CheckId;
use sonae_domain::verdict::CheckHead;
use thiserror::Error;

use crate::sql::{Select, SqlError};

/// The parameter that holds the day of judgement.
pub(crate) const AS_OF: &str = "as_of";

/// A folder of `data/checks/`, ready to judge.
#[derive(Debug, Clone)]
pub struct Check {
    head: CheckHead,
    sql: String,
    select: Select,
}

/// Why a check is not taken.
#[derive(Debug, Error)]
pub enum CheckError {
    /// `check.toml` has another shape.
    #[error("check.toml is not the head of a check")]
    Head(#[source] toml::de::Error),
    /// `check.sql` is not one that may run.
    #[error("check {check}, check.sql")]
    Sql {
        /// Which check.
        check: CheckId,
        /// What is wrong.
        #[source]
        source: SqlError,
    },
    /// The SQL asks for a number that nobody gives.
    #[error("check {check}: `:{name}` is not in [settings]")]
    UnknownSetting {
        /// Which check.
        check: CheckId,
        /// The parameter.
        name: String,
    },
    /// A number that changes nothing misleads whoever edits it.
    #[error("check {check}: setting `{name}` is not used by the SQL")]
    UnusedSetting {
        /// Which check.
        check: CheckId,
        /// The setting.
        name: String,
    },
}

impl Check {
    /// Reads `check.toml` and `check.sql` of one folder.
    ///
    /// # Errors
    /// The head has another shape, the SQL is not one SELECT, or settings and SQL do not fit.
    pub fn from_texts(toml: &str, sql: &str) -> Result<Self, CheckError> {
        let head: CheckHead = toml::from_str(toml).map_err(CheckError::Head)?;
        let select = Select::parse(sql).map_err(|source| CheckError::Sql {
            check: head.id.clone(),
            source,
        })?;
        let is_known = |name: &String| name == AS_OF || head.settings.contains_key(name);
        if let Some(name) = select.parameters.iter().find(|name| !is_known(name)) {
            return Err(CheckError::UnknownSetting {
                check: head.id.clone(),
                name: name.clone(),
            });
        }
        if let Some(name) = head
            .settings
            .keys()
            .find(|name| !select.parameters.contains(name))
        {
            return Err(CheckError::UnusedSetting {
                check: head.id.clone(),
                name: name.clone(),
            });
        }
        Ok(Self {
            head,
            sql: sql.to_owned(),
            select,
        })
    }

    /// What `check.toml` says.
    pub fn head(&self) -> &CheckHead {
        &self.head
    }

    /// The check with other figures, for each setting for which there is one.
    #[must_use]
    pub fn with_settings(mut self, own: impl Fn(&str) -> Option<i64>) -> Self {
        for (name, number) in &mut self.head.settings {
            *number = own(name).unwrap_or(*number);
        }
        self
    }

    /// `check.sql` as written, for people to read.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn select(&self) -> &Select {
        &self.select
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_of_the_institution_replaces_the_shipped_one() {
        let head = r#"
            id = "c"
            title = { ja = "x", en = "x" }
            explanation = { ja = "x", en = "x" }
            reads = ["users"]
            valid_days = 30
            source = "x"

            [settings]
            days = 7
            generations = 3

            [reasons]
            x = { ja = "x", en = "x" }
        "#;
        let check = Check::from_texts(head, "select :days as subject, :generations as verdict");
        let own = check
            .unwrap()
            .with_settings(|name| (name == "days").then_some(5));
        let figures: Vec<i64> = own.head().settings.values().copied().collect();
        assert_eq!(figures, [5, 3]);
    }
}
