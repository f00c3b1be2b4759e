//! Lists to choose from that ship as data: prefectures, and systems in common use.

use serde::Deserialize;
use sonae_domain::answer::InstitutionKind;
use sonae_domain::edition::Text;

/// Something to choose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prefecture {
    /// `tokyo`
    pub(crate) id: String,
    pub(crate) name: Text,
}

/// A system (医療情報システム) in common use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemPreset {
    /// `receipt_computer`
    pub(crate) id: String,
    pub(crate) name: Text,
    /// The kinds of institution that use one.
    pub(crate) kinds: Vec<InstitutionKind>,
}

/// `data/prefectures.toml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prefectures {
    pub(crate) prefecture: Vec<Prefecture>,
}

/// `data/systems.toml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemPresets {
    pub(crate) system: Vec<SystemPreset>,
}
