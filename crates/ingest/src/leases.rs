//! What every DHCP server's lease file becomes: `dhcp_leases`, `hosts` and `host_identities`.
//! Knows no format; the readers bring leases, the last one for an address.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sonae_domain::evidence::Reading;
use sonae_domain::fact::{FactRows, FactValue};

use crate::findings::{Findings, whole};
use crate::hosts::{self, Hosts};
use crate::labels::machine;
use crate::{Input, Reader, identity, instant};

/// Leases by address, in the canonical form of `identity::ip`.
pub(crate) type Leases = BTreeMap<String, Lease>;

/// What a server wrote about one address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lease {
    /// Of the device that got it, normalised.
    pub(crate) mac: Option<String>,
    /// The name the client sent.
    pub(crate) hostname: Option<String>,
    /// `None` when unlimited or not said.
    pub(crate) ends_at: Option<Timestamp>,
    /// `None` when not said.
    pub(crate) state: Option<State>,
}

/// Where a lease stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Given to a device.
    Active,
    /// Ended by time.
    Expired,
    /// Given back.
    Released,
    /// Somebody else uses the address; no device got it.
    Declined,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Released => "released",
            Self::Declined => "declined",
        }
    }
}

/// The reading of a lease file. No such file names its network, so the file's name is the source.
pub(crate) fn reading(
    reader: &Reader,
    collector: &str,
    input: &Input<'_>,
    leases: Leases,
    mut findings: Findings,
) -> Reading {
    if leases.is_empty() {
        findings.notice(whole(), machine::no_lease());
    }
    let columns = ["host", "address", "mac", "hostname", "ends_at", "state"];
    let mut rows = FactRows::new("dhcp_leases", &columns);
    let mut hosts = Hosts::default();
    for (address, lease) in leases {
        rows.rows.push(row(&address, &lease));
        see(&mut hosts, &address, lease);
    }
    Reading {
        format: reader.format.to_owned(),
        reader_version: reader.version,
        source: format!("{}:{}", reader.format, input.file_name),
        collector: collector.to_owned(),
        command: None,
        target: None,
        collected_at: None,
        facts: [rows].into_iter().chain(hosts.into_facts()).collect(),
        assets: Vec::new(),
        findings: findings.into_vec(),
    }
}

/// The device that has or had the address; `None` when none is known.
fn device(address: &str, lease: &Lease) -> Option<String> {
    // An address that was given back may be another device's by now; only its MAC stays its own.
    match lease.state {
        Some(State::Declined) => None,
        Some(State::Expired | State::Released) => hosts::key(lease.mac.as_deref(), None),
        None | Some(State::Active) => hosts::key(lease.mac.as_deref(), Some(address)),
    }
}

fn row(address: &str, lease: &Lease) -> Vec<FactValue> {
    vec![
        device(address, lease).into(),
        address.into(),
        lease.mac.clone().into(),
        lease.hostname.clone().into(),
        lease.ends_at.map(instant::format).into(),
        lease
            .state
            .map_or(FactValue::Null, |state| state.name().into()),
    ]
}

fn see(hosts: &mut Hosts, address: &str, lease: Lease) {
    let Some(key) = device(address, &lease) else {
        return;
    };
    let holds_address = matches!(lease.state, None | Some(State::Active));
    let host = hosts.see(&key);
    host.identify("mac", lease.mac);
    host.identify("ip", holds_address.then(|| address.to_owned()));
    host.identify(
        "hostname",
        lease.hostname.as_deref().and_then(identity::hostname),
    );
    host.hostname = lease.hostname.or(host.hostname.take());
}
