//! Days and instants as pages write them.

use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::era;
use sonae_domain::labels::Language;

/// A day as people write it.
pub(crate) fn written_day(day: Date, language: Language) -> String {
    match language {
        Language::Ja => era::format_era(day),
        Language::En => day.to_string(),
    }
}

/// An instant by the clocks of Japan, to the minute.
pub(crate) fn written_moment(at: Timestamp, language: Language) -> String {
    let here = era::moment_in_japan(at);
    let day = written_day(here.date(), language);
    format!("{day} {:02}:{:02}", here.hour(), here.minute())
}
