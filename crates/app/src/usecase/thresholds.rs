//! The figures that checks compare with, where an institution sets its own.

use std::collections::BTreeMap;

use sonae_domain::edition::Text;
use sonae_domain::ids::CheckId;
use sonae_judge::Check;

use super::doors::SECOND_FACTOR_OPTIONAL;
use super::failure::Failure;
use super::labels;
use super::passwords;
use super::workspace::{Workspace, store_failure};

/// Ten years of days; no other figure is larger.
const VALUE_MAX: i64 = 3_660;

/// No figure of a check makes sense below.
const VALUE_MIN: i64 = 1;

/// A figure that a check compares with.
#[derive(Debug, Clone)]
pub(crate) struct Threshold {
    /// `check.backup-generations.generations_min`
    pub(crate) key: String,
    /// `generations_min`
    pub(crate) name: String,
    /// What the check is called.
    pub(crate) title: Text,
    /// What ships.
    pub(crate) default: i64,
    /// What the institution set.
    pub(crate) own: Option<i64>,
}

impl Workspace {
    /// All figures, by check and name.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn thresholds(&self) -> Result<Vec<Threshold>, Failure> {
        let settings = self.settings().await?;
        let mut all = Vec::new();
        for check in self.catalog.checks.values() {
            let head = check.head();
            for (name, default) in &head.settings {
                let key = key(&head.id, name);
                all.push(Threshold {
                    own: settings.get(&key).and_then(|value| value.parse().ok()),
                    name: name.clone(),
                    title: head.title.clone(),
                    default: *default,
                    key,
                });
            }
        }
        Ok(all)
    }

    /// Sets one figure, or takes the shipped one again where nothing was typed.
    ///
    /// # Errors
    /// There is no such figure, what was typed is none, or the store fails.
    pub(crate) async fn set_threshold(
        &self,
        wanted: &str,
        typed: &str,
        by: &str,
    ) -> Result<(), Failure> {
        let all = self.thresholds().await?;
        let not_there = || Failure::not_found(labels::not_there());
        let threshold = all.iter().find(|threshold| threshold.key == wanted);
        let threshold = threshold.ok_or_else(not_there)?;
        let plain = passwords::normalised(typed.trim());
        let value = match plain.is_empty() {
            true => None,
            false => Some(figure(&plain)?),
        };
        let value = value.filter(|value| *value != threshold.default);
        if value == threshold.own {
            return Ok(());
        }
        let value = value.map(|value| value.to_string());
        self.save_setting(&threshold.key, value.as_deref(), by)
            .await
    }

    /// Checks with the figures of the institution in place of the shipped ones.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn with_thresholds(&self, checks: Vec<Check>) -> Result<Vec<Check>, Failure> {
        let settings = self.settings().await?;
        let own = |check: Check| {
            let id = check.head().id.clone();
            check.with_settings(|name| settings.get(&key(&id, name))?.parse().ok())
        };
        Ok(checks.into_iter().map(own).collect())
    }

    /// Whether administrators come in without a second factor.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn second_factor_is_optional(&self) -> Result<bool, Failure> {
        Ok(self.settings().await?.contains_key(SECOND_FACTOR_OPTIONAL))
    }

    /// Asks administrators for a second factor, or no longer.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn set_second_factor_optional(
        &self,
        optional: bool,
        by: &str,
    ) -> Result<(), Failure> {
        let value = optional.then_some("yes");
        self.save_setting(SECOND_FACTOR_OPTIONAL, value, by).await
    }

    async fn save_setting(&self, key: &str, value: Option<&str>, by: &str) -> Result<(), Failure> {
        let institution = &self.institution.id;
        let saved = self
            .store
            .save_setting(institution, key, value, by, self.now);
        saved.await.map_err(store_failure)
    }

    async fn settings(&self) -> Result<BTreeMap<String, String>, Failure> {
        let settings = self.store.settings(&self.institution.id).await;
        settings.map_err(store_failure)
    }
}

fn key(check: &CheckId, name: &str) -> String {
    format!("check.{check}.{name}")
}

fn figure(typed: &str) -> Result<i64, Failure> {
    let value: Option<i64> = typed.parse().ok();
    value
        .filter(|value| (VALUE_MIN..=VALUE_MAX).contains(value))
        .ok_or_else(|| Failure::refused(labels::threshold_out_of_range(VALUE_MIN, VALUE_MAX)))
}
