//! Values of the domain as pages write them: badges with their names over the wire, days, moments.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::era;
use sonae_domain::labels::{Label, Language};

use super::words::Words;

/// A standing or verdict as a badge shows it.
#[derive(Debug, Clone)]
pub(crate) struct Badge {
    /// The name that styles go by.
    pub(crate) wire: String,
    pub(crate) word: &'static str,
}

impl Badge {
    pub(crate) fn of<T: Label + Serialize + Copy>(value: T, language: Language) -> Self {
        Self {
            wire: wire(value),
            word: value.label(language),
        }
    }
}

/// The name of a value as it goes over the wire: `ready_to_confirm`.
pub(crate) fn wire(value: impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

impl Words {
    /// A day in full.
    pub(crate) fn day(self, day: Date) -> String {
        match self.language {
            Language::Ja => era::format_era(day),
            Language::En => day.to_string(),
        }
    }

    /// Day and time in Japan, to the minute.
    pub(crate) fn moment(self, at: Timestamp) -> String {
        let day = self.day(era::day_in_japan(at));
        format!("{day} {}", self.time(at))
    }

    /// The time of the day in Japan, to the minute.
    pub(crate) fn time(self, at: Timestamp) -> String {
        era::moment_in_japan(at).strftime("%H:%M").to_string()
    }
}
