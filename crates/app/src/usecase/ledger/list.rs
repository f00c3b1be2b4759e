//! The ledger as a list: searched, filtered, sorted, a part of it. Whether a device is proven is not
//! decided here.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::ledger::{Asset, AssetField, AssetRecord};
use sonae_ingest::identity;
use sonae_store::AssetVersion;
use unicode_normalization::UnicodeNormalization;

use super::field_word;
use crate::usecase::failure::Failure;
use crate::usecase::workspace::{Workspace, store_failure};

/// What a search looks at.
const SEARCHED: [AssetField; 13] = [
    AssetField::Name,
    AssetField::Location,
    AssetField::System,
    AssetField::Vendor,
    AssetField::Maker,
    AssetField::Model,
    AssetField::Serial,
    AssetField::Macs,
    AssetField::Ips,
    AssetField::Os,
    AssetField::OsVersion,
    AssetField::Owner,
    AssetField::Note,
];

/// What a person asks the ledger for; an empty word asks for nothing in particular.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LedgerQuery {
    /// Words that must all occur, in whatever width and case.
    pub(crate) q: String,
    /// A word of [`sonae_domain::ledger::AssetKind`].
    pub(crate) kind: String,
    /// A word of [`sonae_domain::ledger::RemoteMaintenance`].
    pub(crate) remote: String,
    /// Exactly this system.
    pub(crate) system: String,
    /// Exactly this vendor.
    pub(crate) vendor: String,
    /// Exactly this state of use.
    pub(crate) usability: String,
    /// `support_ended`, `unconfirmed` or `retired`.
    pub(crate) only: String,
    /// A word of [`AssetField`].
    pub(crate) sort: String,
    /// `desc` or anything else.
    pub(crate) order: String,
}

/// A ledger as it was asked for.
pub(crate) struct LedgerList {
    /// All that were found, in the order asked for.
    pub(crate) found: Vec<AssetVersion>,
    /// Devices in use, whatever was asked for.
    pub(crate) n_in_use: usize,
    /// To choose from.
    pub(crate) systems: BTreeSet<String>,
    /// To choose from.
    pub(crate) vendors: BTreeSet<String>,
    /// To choose from.
    pub(crate) usabilities: BTreeSet<String>,
}

impl LedgerQuery {
    /// By which field the list is sorted.
    pub(crate) fn sort_field(&self) -> AssetField {
        let known = AssetField::ALL.into_iter();
        let mut known = known.filter(|field| field_word(*field) == self.sort);
        known.next().unwrap_or(AssetField::Name)
    }

    pub(crate) fn is_descending(&self) -> bool {
        self.order == "desc"
    }

    /// Whether anything narrows the list.
    pub(crate) fn narrows(&self) -> bool {
        let words = [
            &self.q,
            &self.kind,
            &self.remote,
            &self.system,
            &self.vendor,
            &self.usability,
            &self.only,
        ];
        words.iter().any(|word| !word.is_empty())
    }

    fn takes(&self, version: &AssetVersion, today: Date) -> bool {
        let record = &version.asset.record;
        let is = |asked: &str, said: &str| asked.is_empty() || asked == said;
        let says = |asked: &str, said: &Option<String>| is(asked, said.as_deref().unwrap_or(""));
        let only = match self.only.as_str() {
            "support_ended" => record.support_ends_on.is_some_and(|end| end < today),
            "unconfirmed" => version.evidence.is_none(),
            _ => true,
        };
        version.retired == (self.only == "retired")
            && only
            && is(&self.kind, record.kind.as_str())
            && is(&self.remote, record.remote_maintenance.as_str())
            && says(&self.system, &record.system)
            && says(&self.vendor, &record.vendor)
            && says(&self.usability, &record.usability)
    }
}

impl Workspace {
    /// The ledger as somebody asked for it.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn ledger_list(&self, query: &LedgerQuery) -> Result<LedgerList, Failure> {
        let institution = &self.institution.id;
        let versions = self.store.assets_as_of(institution, self.as_of).await;
        let versions = versions.map_err(store_failure)?;
        let in_use = || versions.iter().filter(|version| !version.retired);
        let said = |of: fn(&AssetRecord) -> &Option<String>| {
            let said = in_use().filter_map(|version| of(&version.asset.record).clone());
            said.collect::<BTreeSet<String>>()
        };
        let (systems, vendors) = (said(|record| &record.system), said(|record| &record.vendor));
        let usabilities = said(|record| &record.usability);
        let n_in_use = in_use().count();
        let words = search_words(&query.q);
        let mut found: Vec<(SortKey, AssetVersion)> = versions
            .into_iter()
            .filter(|version| query.takes(version, self.today))
            .filter(|version| holds(&version.asset, &words))
            .map(|version| (SortKey::of(&version, query.sort_field()), version))
            .collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        if query.is_descending() {
            found.reverse();
        }
        Ok(LedgerList {
            found: found.into_iter().map(|(_, version)| version).collect(),
            n_in_use,
            systems,
            vendors,
            usabilities,
        })
    }
}

/// What is known comes before what is not; then by name, so that the order is always the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SortKey {
    is_missing: bool,
    address: Option<IpAddr>,
    text: String,
    name: String,
    id: String,
}

impl SortKey {
    fn of(version: &AssetVersion, field: AssetField) -> Self {
        let record = &version.asset.record;
        let text = record.text_of(field);
        let first_ip = record.ips.iter().find_map(|ip| ip.parse().ok());
        Self {
            is_missing: text.is_none(),
            address: first_ip.filter(|_| field == AssetField::Ips),
            text: folded(text.as_deref().unwrap_or_default()),
            name: folded(&record.name),
            id: version.asset.id.to_string(),
        }
    }
}

/// The words of a search; an address also in the spelling of the ledger.
fn search_words(typed: &str) -> Vec<String> {
    let words = typed.split_whitespace();
    let word = |word| identity::mac(word).or_else(|| identity::ip(word));
    words
        .map(|typed| word(typed).unwrap_or_else(|| folded(typed)))
        .collect()
}

/// Whether all words occur in a device; the end of its id stands on its label.
fn holds(asset: &Asset, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let record = &asset.record;
    let texts = SEARCHED.iter().filter_map(|field| record.text_of(*field));
    let texts = texts.chain([asset.id.to_string()]);
    // A line each, so that no word is found across two fields.
    let texts: Vec<String> = texts.map(|text| folded(&text)).collect();
    let text = texts.join("\n");
    words.iter().all(|word| text.contains(word.as_str()))
}

/// Width, case and blanks make no difference to a search.
fn folded(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use sonae_domain::ids::AssetId;

    use super::*;

    #[test]
    fn a_search_minds_neither_width_nor_case_nor_spelling_of_addresses() {
        let mut record = AssetRecord::named("EHR-SV01");
        record.macs.insert("00:a0:de:aa:00:01".to_owned());
        record.ips.insert("192.168.10.1".to_owned());
        record.location = Some("1F \u{ff33}erver room".to_owned());
        let id = AssetId::new("01a1fc0b-e49d-754c-a3fb-0e62784baa3e");
        let asset = Asset { id, record };
        let check = |typed: &str, expected: bool| {
            assert_eq!(holds(&asset, &search_words(typed)), expected, "{typed}");
        };
        check("", true);
        check("ehr-sv", true);
        check("\u{ff25}\u{ff28}\u{ff32}", true);
        check("ehr serverroom", true);
        check("00-A0-DE-AA-00-01", true);
        check("192.168.10.1", true);
        check("192.168.10", true);
        check("784BAA3E", true);
        check("ehr ward", false);
        check("sv011f", false);
    }
}
