//! The fact tables that a bundle may fill, from `data/facts/`; they say the type of each column.

use sonae_domain::fact::FactTable;

macro_rules! facts {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../data/facts/", $name, ".toml")))),*]
    };
}

/// Name and text of each; `hosts` and `host_identities` are the reader's own.
const TABLES: &[(&str, &str)] = facts![
    "arp_cache",
    "collection_gaps",
    "deb_packages",
    "groups",
    "interface_addresses",
    "interface_details",
    "listening_ports",
    "log_config",
    "logins",
    "os_version",
    "package_updates",
    "password_policy",
    "routes",
    "services",
    "shadow",
    "system_info",
    "update_state",
    "usb_storage_policy",
    "user_groups",
    "users",
];

/// The table of this name, if a bundle may fill it.
pub(super) fn table(name: &str) -> Option<FactTable> {
    let (_, text) = TABLES.iter().find(|(known, _)| *known == name)?;
    FactTable::from_toml(text).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_table_that_names_this_format_is_known_and_back() {
        let known: BTreeSet<String> = TABLES
            .iter()
            .map(|(name, _)| table(name).expect("data/facts is well formed").table)
            .chain(["hosts".to_owned(), "host_identities".to_owned()])
            .collect();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/facts");
        let named: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| read_table(&file.unwrap().path()))
            .filter(|table| {
                table
                    .filled_by
                    .iter()
                    .any(|format| format == "sonae_bundle")
            })
            .map(|table| table.table)
            .collect();
        assert_eq!(known, named);
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the test compares with the folder itself"
    )]
    fn read_table(path: &std::path::Path) -> FactTable {
        FactTable::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap()
    }
}
