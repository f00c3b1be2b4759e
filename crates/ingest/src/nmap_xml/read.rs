//! A run of nmap to facts: hosts that are up and the ports open on them.

use std::collections::BTreeSet;

use sonae_domain::evidence::{ContentHash, Reading};
use sonae_domain::fact::{FactRows, FactValue};

use super::xml::{self, Attributes, HostElement, PortElement, Run};
use super::{command, scripts};
use crate::findings::{Findings, row, whole};
use crate::hosts::{self, Hosts};
use crate::labels::machine;
use crate::limits::{TEXT_BYTES_MAX, within};
use crate::{Input, ReadError, identity, instant, text};

const FORMAT: &str = "nmap_xml";

/// The newest output version that this reader was tried with.
const OUTPUT_VERSION: &str = "1.05";

/// What nmap calls devices of the network, in its table of device types.
const NETWORK_DEVICES: [&str; 8] = [
    "router",
    "broadband router",
    "firewall",
    "switch",
    "WAP",
    "bridge",
    "hub",
    "load balancer",
];

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    within(FORMAT, "bytes", input.bytes.len(), TEXT_BYTES_MAX)?;
    let decoded = text::decode(FORMAT, input.bytes)?;
    let run = xml::parse(&decoded.text)?;
    let mut findings = Findings::default();
    look_at_run(&run, &mut findings);
    refuse_secrets(&run)?;
    let args = run.head.get("args").map(String::as_str);
    let target = args
        .map(command::targets)
        .filter(|targets| !targets.is_empty());
    let source = target.as_deref().unwrap_or(input.file_name);
    let version = run
        .head
        .get("version")
        .map(String::as_str)
        .unwrap_or_default();
    Ok(Reading {
        format: FORMAT.to_owned(),
        reader_version: super::READER.version,
        source: format!("nmap:{source} {}", scope(&run)),
        collector: format!("nmap {version}").trim_end().to_owned(),
        command: args.map(str::to_owned),
        collected_at: run
            .head
            .get("start")
            .and_then(|start| instant::from_unix(start)),
        facts: facts(&run.hosts, &mut findings),
        target,
        assets: Vec::new(),
        findings: findings.into_vec(),
    })
}

/// What a run looked for. Only a run of the same scope may replace its facts: a ping sweep that
/// replaced a port scan would make open ports vanish.
fn scope(run: &Run) -> String {
    let mut scans: Vec<String> = run
        .scans
        .iter()
        .map(|scan| {
            let of = |name: &str| scan.get(name).map(String::as_str).unwrap_or_default();
            format!("{}:{}", of("protocol"), shortened_ports(of("services")))
        })
        .collect();
    scans.sort_unstable();
    if scans.is_empty() {
        "ping".to_owned()
    } else {
        scans.join(" ")
    }
}

/// 40 characters name a short list of ports; a longer one is named by its hash.
fn shortened_ports(ports: &str) -> String {
    const CHARS_MAX: usize = 40;
    if ports.len() <= CHARS_MAX {
        return ports.to_owned();
    }
    ContentHash::of(ports.as_bytes())
        .0
        .chars()
        .take(12)
        .collect()
}

/// The raw report is kept, so a report with passwords in it is not taken at all.
fn refuse_secrets(run: &Run) -> Result<(), ReadError> {
    let refused = |what: &str| {
        Err(ReadError::Forbidden {
            format: FORMAT,
            what: what.to_owned(),
        })
    };
    if run
        .head
        .get("args")
        .is_some_and(|args| command::has_secret(args))
    {
        return refused("--script-args");
    }
    let ports = run.hosts.iter().flat_map(|host| &host.ports);
    match ports
        .flat_map(|port| &port.scripts)
        .find(|(name, text)| scripts::tells_secret(name, text))
    {
        Some((name, _)) => refused(name),
        None => Ok(()),
    }
}

fn look_at_run(run: &Run, findings: &mut Findings) {
    match run.finished.as_ref() {
        None => findings.unread(whole(), machine::nmap_unfinished()),
        Some(end) if end.get("exit").is_some_and(|exit| exit != "success") => {
            let message = end.get("errormsg").map(String::as_str).unwrap_or_default();
            findings.unread(whole(), machine::nmap_failed(message));
        }
        Some(_) => {}
    }
    match run.head.get("xmloutputversion").map(String::as_str) {
        Some("1.04" | OUTPUT_VERSION) => {}
        other => findings.notice(whole(), machine::nmap_version(other.unwrap_or("?"))),
    }
    if run
        .head
        .get("start")
        .is_none_or(|start| instant::from_unix(start).is_none())
    {
        findings.unread(whole(), machine::no_time_of_run());
    }
    let ignored: BTreeSet<&str> = run
        .hosts
        .iter()
        .flat_map(|host| &host.scripts)
        .map(String::as_str)
        .collect();
    if !ignored.is_empty() {
        let names: Vec<&str> = ignored.into_iter().collect();
        findings.notice(whole(), machine::host_scripts(&names.join(", ")));
    }
}

fn facts(elements: &[HostElement], findings: &mut Findings) -> Vec<FactRows> {
    let columns = [
        "host", "address", "protocol", "port", "state", "service", "product", "version", "detail",
    ];
    let mut services = FactRows::new("network_services", &columns);
    let mut hosts = Hosts::default();
    let is_up = |host: &&HostElement| host.state.as_deref() == Some("up");
    if !elements.iter().any(|host| is_up(&host)) {
        findings.notice(whole(), machine::no_host_up());
    }
    for element in elements.iter().filter(is_up) {
        let Some(seen) = Seen::of(element) else {
            findings.unread(row(element.line), machine::host_without_address());
            continue;
        };
        seen.record(element, &mut hosts);
        for port in element.ports.iter().filter(|port| is_open(port)) {
            services.rows.extend(service(&seen, port, findings));
        }
    }
    [services].into_iter().chain(hosts.into_facts()).collect()
}

/// A host with its key and addresses.
struct Seen {
    key: String,
    mac: Option<String>,
    ips: Vec<String>,
    vendor: Option<String>,
}

impl Seen {
    fn of(element: &HostElement) -> Option<Self> {
        let is_mac = |a: &&Attributes| a.get("addrtype").is_some_and(|kind| kind == "mac");
        let address = |a: &Attributes| a.get("addr").cloned().unwrap_or_default();
        let by_mac = element.addresses.iter().find(is_mac);
        let mac = by_mac.and_then(|a| identity::mac(&address(a)));
        let ips: Vec<String> = element
            .addresses
            .iter()
            .filter(|a| !is_mac(a))
            .filter_map(|a| identity::ip(&address(a)))
            .collect();
        let key = hosts::key(mac.as_deref(), ips.first().map(String::as_str))?;
        let vendor = by_mac.and_then(|a| a.get("vendor").cloned());
        Some(Self {
            key,
            mac,
            ips,
            vendor,
        })
    }

    fn record(&self, element: &HostElement, hosts: &mut Hosts) {
        let host = hosts.see(&self.key);
        host.identify("mac", self.mac.clone());
        for ip in &self.ips {
            host.identify("ip", Some(ip.clone()));
        }
        for name in names(element) {
            host.identify("hostname", identity::hostname(name));
        }
        host.hostname = names(element)
            .next()
            .map(str::to_owned)
            .or(host.hostname.take());
        host.kind = kind(element).or(host.kind);
        host.vendor = self.vendor.clone().or(host.vendor.take());
    }
}

/// Names of a host, the most trustworthy first: by address, as typed, as its services say.
fn names(element: &HostElement) -> impl Iterator<Item = &str> {
    let of_type = |kind: &'static str| {
        let is_of_type = move |name: &&Attributes| name.get("type").is_some_and(|t| t == kind);
        element
            .hostnames
            .iter()
            .filter(is_of_type)
            .filter_map(|name| name.get("name"))
    };
    let by_service = element
        .ports
        .iter()
        .filter_map(|port| port.service.get("hostname"));
    of_type("PTR")
        .chain(of_type("user"))
        .chain(by_service)
        .map(String::as_str)
}

/// `network_device` when a service said so itself, or nmap is certain of the operating system.
fn kind(element: &HostElement) -> Option<&'static str> {
    let is =
        |found: &Attributes, name: &str, value: &str| found.get(name).is_some_and(|v| v == value);
    let by_service = element
        .ports
        .iter()
        .filter(|port| is(&port.service, "method", "probed") && is(&port.service, "conf", "10"))
        .filter_map(|port| port.service.get("devicetype"));
    let by_system = element
        .os_classes
        .iter()
        .filter(|class| is(class, "accuracy", "100"))
        .filter_map(|class| class.get("type"));
    let mut kinds = by_service.chain(by_system).peekable();
    kinds.peek()?;
    kinds
        .all(|kind| NETWORK_DEVICES.contains(&kind.as_str()))
        .then_some("network_device")
}

fn is_open(port: &PortElement) -> bool {
    matches!(port.state.as_deref(), Some("open" | "open|filtered"))
}

fn service(seen: &Seen, port: &PortElement, findings: &mut Findings) -> Option<Vec<FactValue>> {
    let text = |name: &str| port.service.get(name).cloned().into();
    let Some(number) = port
        .head
        .get("portid")
        .and_then(|id| id.parse::<u16>().ok())
    else {
        findings.unread(row(port.line), machine::port_without_number());
        return None;
    };
    let detail = scripts::detail(&port.scripts);
    if detail.dropped {
        findings.notice(row(port.line), machine::secret_dropped());
    }
    let name = port
        .service
        .get("name")
        .map(|name| match port.service.get("tunnel") {
            Some(tunnel) => format!("{tunnel}/{name}"),
            None => name.clone(),
        });
    Some(vec![
        seen.key.as_str().into(),
        seen.ips.first().cloned().into(),
        port.head.get("protocol").cloned().into(),
        i64::from(number).into(),
        port.state.clone().into(),
        name.into(),
        text("product"),
        text("version"),
        detail.text.into(),
    ])
}
