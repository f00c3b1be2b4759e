//! Rows of `hosts` and `host_identities`, made in the same way by every reader that sees devices.
//! Knows no format; identifiers come in normalised by `identity`.

use std::collections::{BTreeMap, BTreeSet};

use sonae_domain::fact::{FactRows, FactValue};

/// Devices seen in one file, by their key.
#[derive(Debug, Default)]
pub(crate) struct Hosts(BTreeMap<String, Host>);

/// One device seen.
#[derive(Debug, Default)]
pub(crate) struct Host {
    /// As the tool spells it.
    pub(crate) hostname: Option<String>,
    /// A value of `hosts.kind`.
    pub(crate) kind: Option<&'static str>,
    /// As the tool spells it.
    pub(crate) vendor: Option<String>,
    identities: BTreeSet<(&'static str, String)>,
}

/// The key of a device in its source: its MAC address if known, else its IP address.
pub(crate) fn key(mac: Option<&str>, ip: Option<&str>) -> Option<String> {
    mac.map(|mac| format!("mac:{mac}"))
        .or_else(|| ip.map(|ip| format!("ip:{ip}")))
}

impl Hosts {
    /// The device with this key, new or seen before.
    pub(crate) fn see(&mut self, key: &str) -> &mut Host {
        self.0.entry(key.to_owned()).or_default()
    }

    /// The rows of both tables, in the order of the keys; the tables are there without rows, too.
    pub(crate) fn into_facts(self) -> [FactRows; 2] {
        let mut hosts = FactRows::new("hosts", &["host", "hostname", "kind", "vendor"]);
        let mut identities = FactRows::new("host_identities", &["host", "kind", "value"]);
        for (key, host) in self.0 {
            identities.rows.extend(
                host.identities
                    .into_iter()
                    .map(|(kind, value)| vec![key.as_str().into(), kind.into(), value.into()]),
            );
            let kind = host.kind.map_or(FactValue::Null, Into::into);
            hosts.rows.push(vec![
                key.into(),
                host.hostname.into(),
                kind,
                host.vendor.into(),
            ]);
        }
        [hosts, identities]
    }
}

impl Host {
    /// Adds an identifier: `serial`, `mac`, `ip`, `directory_id` or `hostname`.
    pub(crate) fn identify(&mut self, kind: &'static str, value: Option<String>) {
        self.identities.extend(value.map(|value| (kind, value)));
    }
}
