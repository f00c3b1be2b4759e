//! The machine as the parts of the collector see it: its files, its programs and what only the
//! kernel can tell. Tests put a small made-up one in its place.

use std::net::IpAddr;
use std::path::Path;

use nix::ifaddrs::getifaddrs;

use super::files::Files;
use super::run::{Call, Commands, Installed, NoPrograms, Output, RunError, USUAL};

/// One machine.
pub(super) struct Machine {
    pub(super) files: Files,
    pub(super) commands: Box<dyn Commands>,
    /// Whether the collector runs as its administrator.
    pub(super) as_root: bool,
    /// `x86_64`.
    pub(super) arch: Option<String>,
    /// Nothing when the kernel does not tell.
    pub(super) addresses: Option<Vec<InterfaceAddress>>,
}

/// An address of a network interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InterfaceAddress {
    pub(super) interface: String,
    pub(super) address: IpAddr,
    pub(super) mask: Option<IpAddr>,
}

impl Machine {
    /// The machine whose files are at `root`. Programs and the kernel are asked only at `/`:
    /// elsewhere they would speak about another machine.
    pub(super) fn at(root: &Path) -> Self {
        let as_root = rustix::process::geteuid().is_root();
        let files = Files::new(root, as_root);
        if root != Path::new("/") {
            let commands = Box::new(NoPrograms);
            return Self {
                files,
                commands,
                as_root,
                arch: None,
                addresses: None,
            };
        }
        let arch = rustix::system::uname()
            .machine()
            .to_string_lossy()
            .into_owned();
        let commands = Box::new(Installed);
        Self {
            files,
            commands,
            as_root,
            arch: Some(arch),
            addresses: addresses(),
        }
    }

    /// Runs a program that answers at once.
    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> Result<Output, RunError> {
        self.commands.run(Call {
            program,
            arguments,
            limit: USUAL,
            first_line_only: false,
        })
    }
}

fn addresses() -> Option<Vec<InterfaceAddress>> {
    let mut addresses: Vec<InterfaceAddress> = getifaddrs()
        .ok()?
        .filter_map(|interface| {
            let address = ip_address(interface.address.as_ref())?;
            let mask = ip_address(interface.netmask.as_ref());
            Some(InterfaceAddress {
                interface: interface.interface_name,
                address,
                mask,
            })
        })
        .collect();
    addresses.sort();
    addresses.dedup();
    Some(addresses)
}

fn ip_address(address: Option<&nix::sys::socket::SockaddrStorage>) -> Option<IpAddr> {
    let address = address?;
    let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}
