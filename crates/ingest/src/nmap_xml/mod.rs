//! The XML report of nmap (`nmap -oX`): hosts that are up, their identifiers and open ports.
//!
//! Supported: hosts, MAC and IP addresses, names, open and `open|filtered` ports, service and
//! version detection, output of port scripts (shortened, without what looks like a secret).
//! Unsupported: closed and filtered ports, traceroute, uptime; output of host scripts is named with
//! a notice; guesses of the operating system below certainty.

mod command;
mod detect;
mod read;
mod scripts;
#[cfg(test)]
mod tests;
mod xml;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "nmap_xml",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
