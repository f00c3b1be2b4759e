//! Elements of nmap's XML to plain structures; their meaning is `read`'s.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::ReadError;
use crate::limits::{ROWS_MAX, within};

const FORMAT: &str = super::READER.format;

/// nmap nests seven elements, tables of scripts a few more.
const DEPTH_MAX: usize = 64;

/// 65,536 hosts: a /16 network, the largest that one scan of a hospital covers.
const HOSTS_MAX: usize = 65_536;

/// The attributes of one element.
pub(super) type Attributes = BTreeMap<String, String>;

/// One run of nmap.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Of `nmaprun`.
    pub(super) head: Attributes,
    /// Of `finished`; `None` when the run was interrupted.
    pub(super) finished: Option<Attributes>,
    /// Of each `scaninfo`: one a protocol.
    pub(super) scans: Vec<Attributes>,
    /// In the order of the file.
    pub(super) hosts: Vec<HostElement>,
}

/// One `host`.
#[derive(Debug, Default)]
pub(super) struct HostElement {
    /// Line of the element.
    pub(super) line: usize,
    /// `status` `state`.
    pub(super) state: Option<String>,
    /// Of each `address`.
    pub(super) addresses: Vec<Attributes>,
    /// Of each `hostname`.
    pub(super) hostnames: Vec<Attributes>,
    /// Of each `osclass`.
    pub(super) os_classes: Vec<Attributes>,
    /// Each `port`.
    pub(super) ports: Vec<PortElement>,
    /// Names of the scripts that ran for the host as a whole.
    pub(super) scripts: Vec<String>,
}

/// One `port`.
#[derive(Debug, Default)]
pub(super) struct PortElement {
    /// Line of the element.
    pub(super) line: usize,
    /// Of `port`.
    pub(super) head: Attributes,
    /// `state` `state`.
    pub(super) state: Option<String>,
    /// Of `service`.
    pub(super) service: Attributes,
    /// Name and output of each script.
    pub(super) scripts: Vec<(String, String)>,
}

/// Elements that mean something to us; all others, also those of newer versions, are passed over.
const WANTED: [&str; 12] = [
    "nmaprun", "scaninfo", "finished", "host", "status", "address", "hostname", "osclass", "port",
    "state", "service", "script",
];

/// Reads the whole document.
pub(super) fn parse(text: &str) -> Result<Run, ReadError> {
    let mut parser = Parser {
        text,
        line: 1,
        ..Parser::default()
    };
    let mut reader = Reader::from_str(text);
    loop {
        parser.move_to(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
        let event = reader
            .read_event()
            .map_err(|error| parser.damaged(&error.to_string()))?;
        match event {
            Event::Start(element) => {
                parser.depth += 1;
                parser.open(&element)?;
            }
            Event::Empty(element) => {
                parser.open(&element)?;
                parser.close(element.name().into_inner())?;
            }
            Event::End(element) => {
                parser.depth -= 1;
                parser.close(element.name().into_inner())?;
            }
            Event::Eof if parser.depth > 0 => return Err(parser.damaged("cut off")),
            Event::Eof => break,
            _ => {}
        }
        within(FORMAT, "nested elements", parser.depth, DEPTH_MAX)?;
    }
    parser
        .run
        .take()
        .ok_or_else(|| parser.damaged("no nmaprun element"))
}

#[derive(Default)]
struct Parser<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    depth: usize,
    n_ports: usize,
    run: Option<Run>,
    host: Option<HostElement>,
    port: Option<PortElement>,
}

impl Parser<'_> {
    fn move_to(&mut self, at: usize) {
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = at;
    }

    fn damaged(&self, why: &str) -> ReadError {
        let place = format!("line {}", self.line);
        ReadError::Damaged {
            format: FORMAT,
            place,
            why: why.to_owned(),
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), ReadError> {
        let name = element.name().into_inner();
        if !WANTED.contains(&name) {
            return Ok(());
        }
        let found = attributes(element).map_err(|error| self.damaged(&error.to_string()))?;
        let line = self.line;
        match (name, &mut self.host, &mut self.port) {
            ("nmaprun", ..) if self.run.is_some() => {
                return Err(self.damaged("more than one nmaprun element"));
            }
            ("nmaprun", ..) => {
                self.run = Some(Run {
                    head: found,
                    ..Run::default()
                })
            }
            ("scaninfo", ..) => {
                self.run
                    .iter_mut()
                    .for_each(|run| run.scans.push(found.clone()));
            }
            ("finished", ..) => {
                self.run
                    .as_mut()
                    .into_iter()
                    .for_each(|run| run.finished = Some(found.clone()));
            }
            ("host", ..) => {
                self.host = Some(HostElement {
                    line,
                    ..HostElement::default()
                })
            }
            ("port", Some(_), _) => {
                self.port = Some(PortElement {
                    line,
                    head: found,
                    ..PortElement::default()
                });
            }
            (_, _, Some(port)) => port.take(name, found),
            (_, Some(host), None) => host.take(name, found),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), ReadError> {
        if name == "port"
            && let (Some(host), Some(port)) = (&mut self.host, self.port.take())
        {
            self.n_ports += 1;
            host.ports.push(port);
            within(FORMAT, "ports", self.n_ports, ROWS_MAX)?;
        }
        if name == "host"
            && let (Some(run), Some(host)) = (&mut self.run, self.host.take())
        {
            run.hosts.push(host);
            within(FORMAT, "hosts", run.hosts.len(), HOSTS_MAX)?;
        }
        Ok(())
    }
}

impl HostElement {
    fn take(&mut self, name: &str, mut found: Attributes) {
        match name {
            "status" => self.state = found.remove("state"),
            "address" => self.addresses.push(found),
            "hostname" => self.hostnames.push(found),
            "osclass" => self.os_classes.push(found),
            "script" => self.scripts.extend(found.remove("id")),
            _ => {}
        }
    }
}

impl PortElement {
    fn take(&mut self, name: &str, mut found: Attributes) {
        match name {
            "state" => self.state = found.remove("state"),
            "service" => self.service = found,
            "script" => {
                let output = found.remove("output").unwrap_or_default();
                self.scripts
                    .extend(found.remove("id").map(|id| (id, output)));
            }
            _ => {}
        }
    }
}

fn attributes(element: &BytesStart<'_>) -> Result<Attributes, quick_xml::Error> {
    let mut found = Attributes::new();
    for attribute in element.attributes() {
        let attribute = attribute?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)?
            .into_owned();
        found.insert(attribute.key.into_inner().to_owned(), value);
    }
    Ok(found)
}
