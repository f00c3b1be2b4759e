//! Where the machine is on the network: `interface_details`, `interface_addresses`, `routes` and
//! `arp_cache`. What listens on it is told elsewhere.

use std::net::{Ipv4Addr, Ipv6Addr};

use sonae_domain::fact::{FactRows, FactValue};

use super::files::FileError;
use super::machine::Machine;
use super::seen::Seen;

const INTERFACES: &str = "/sys/class/net";
const ARP: &str = "/proc/net/arp";
const ROUTE: &str = "/proc/net/route";
const ROUTE6: &str = "/proc/net/ipv6_route";

/// Loopback, tunnels and devices that are still down have this in the place of an address.
const NO_MAC: &str = "00:00:00:00:00:00";

/// Flags of an entry of the ARP cache, from the kernel's `if_arp.h`.
const ARP_COMPLETE: u32 = 0x2;
const ARP_PERMANENT: u32 = 0x4;

/// Flags of a route, from the kernel's `route.h` and `ipv6_route.h`.
const ROUTE_UP: u32 = 0x1;
const ROUTE_REJECT: u32 = 0x200;
const ROUTE_LOCAL: u32 = 0x8000_0000;

/// Records interfaces, addresses, routes and neighbours.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    interface_details(machine, seen);
    interface_addresses(machine, seen);
    routes(machine, seen);
    arp_cache(machine, seen);
}

fn interface_details(machine: &Machine, seen: &mut Seen) {
    let names = match machine.files.names(INTERFACES) {
        Ok(names) => names,
        Err(error) => return seen.gap("interface_details", error, INTERFACES),
    };
    let mut rows = FactRows::new("interface_details", &["interface", "mac", "mtu"]);
    for name in names {
        // Beside the interfaces there may be plain files, such as `bonding_masters`.
        let Some(mtu) = machine.files.word(&format!("{INTERFACES}/{name}/mtu")) else {
            continue;
        };
        let mac = machine
            .files
            .word(&format!("{INTERFACES}/{name}/address"))
            .map(|mac| mac.to_lowercase())
            .filter(|mac| mac != NO_MAC);
        rows.rows.push(vec![
            name.into(),
            mac.into(),
            mtu.parse::<i64>().ok().into(),
        ]);
    }
    seen.record(rows);
}

fn interface_addresses(machine: &Machine, seen: &mut Seen) {
    let Some(addresses) = &machine.addresses else {
        return seen.gap("interface_addresses", FileError::NotReadable, "getifaddrs");
    };
    let mut rows = FactRows::new("interface_addresses", &["interface", "address", "mask"]);
    for address in addresses {
        rows.rows.push(vec![
            address.interface.as_str().into(),
            address.address.to_string().into(),
            address.mask.map(|mask| mask.to_string()).into(),
        ]);
    }
    seen.record(rows);
}

fn routes(machine: &Machine, seen: &mut Seen) {
    let columns = ["destination", "netmask", "gateway", "interface", "metric"];
    let mut rows = FactRows::new("routes", &columns);
    match machine.files.text(ROUTE) {
        Ok(text) => rows.rows.extend(text.lines().skip(1).filter_map(route)),
        Err(error) => return seen.gap("routes", error, ROUTE),
    }
    // Not there when IPv6 is switched off.
    let text = machine.files.text(ROUTE6).unwrap_or_default();
    rows.rows.extend(text.lines().filter_map(route6));
    seen.record(rows);
}

/// `eth0 00000000 010AA8C0 0003 0 0 100 00000000 0 0 0`: interface, destination, gateway, flags,
/// two counters, metric, mask.
fn route(line: &str) -> Option<Vec<FactValue>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let flags = hex(words.get(3)?)?;
    if flags & ROUTE_UP == 0 || flags & ROUTE_REJECT != 0 {
        return None;
    }
    let gateway = ipv4(words.get(2)?)?;
    let bits = ipv4(words.get(7)?)?.to_bits().leading_ones();
    Some(vec![
        ipv4(words.get(1)?)?.to_string().into(),
        i64::from(bits).into(),
        shown_gateway(&gateway, gateway.is_unspecified()),
        (*words.first()?).into(),
        words.get(6)?.parse::<i64>().ok().into(),
    ])
}

/// Destination, its bits, source, its bits, gateway, metric, two counters, flags, interface.
fn route6(line: &str) -> Option<Vec<FactValue>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let destination = ipv6(words.first()?)?;
    let gateway = ipv6(words.get(4)?)?;
    let flags = hex(words.get(8)?)?;
    let unusable = flags & ROUTE_UP == 0 || flags & (ROUTE_REJECT | ROUTE_LOCAL) != 0;
    if unusable || destination.is_multicast() {
        return None;
    }
    Some(vec![
        destination.to_string().into(),
        hex(words.get(1)?).map(i64::from).into(),
        shown_gateway(&gateway, gateway.is_unspecified()),
        (*words.get(9)?).into(),
        hex(words.get(5)?).map(i64::from).into(),
    ])
}

/// Empty when the network is reached directly: there is no gateway, which is not unknown.
fn shown_gateway(gateway: &impl ToString, direct: bool) -> FactValue {
    if direct {
        String::new().into()
    } else {
        gateway.to_string().into()
    }
}

fn arp_cache(machine: &Machine, seen: &mut Seen) {
    let text = match machine.files.text(ARP) {
        Ok(text) => text,
        Err(error) => return seen.gap("arp_cache", error, ARP),
    };
    let mut rows = FactRows::new("arp_cache", &["address", "mac", "interface", "permanent"]);
    for line in text.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [address, _, flags, mac, _, interface] = words[..] else {
            continue;
        };
        let flags = flags.strip_prefix("0x").and_then(hex).unwrap_or(0);
        // The kernel asked for it and nobody has answered.
        if flags & ARP_COMPLETE == 0 || mac == NO_MAC {
            continue;
        }
        let permanent = if flags & ARP_PERMANENT == 0 { "0" } else { "1" };
        rows.rows.push(vec![
            address.into(),
            mac.to_lowercase().into(),
            interface.into(),
            permanent.into(),
        ]);
    }
    seen.record(rows);
}

fn hex(word: &str) -> Option<u32> {
    u32::from_str_radix(word, 16).ok()
}

/// The kernel prints the four bytes as one number of its own byte order.
pub(super) fn ipv4(word: &str) -> Option<Ipv4Addr> {
    (word.len() == 8)
        .then(|| hex(word))
        .flatten()
        .map(|bits| Ipv4Addr::from(bits.to_ne_bytes()))
}

/// The routes print the bytes as they are; the sockets print them as `ipv4` does, in four groups.
fn ipv6(word: &str) -> Option<Ipv6Addr> {
    (word.len() == 32)
        .then(|| u128::from_str_radix(word, 16).ok())
        .flatten()
        .map(Ipv6Addr::from)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    #[test]
    fn a_server_with_one_network() {
        let route = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t010AA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
            eth0\t000AA8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n\
            eth0\t0000FEA9\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        let zero = "00000000000000000000000000000000";
        let route6 = format!(
            "fd000000000000000000000000000000 40 {zero} 00 {zero} 00000100 1 0 00000001 eth0\n\
             {zero} 00 {zero} 00 fd000000000000000000000000000001 00000400 1 0 00000003 eth0\n\
             {zero} 00 {zero} 00 {zero} ffffffff 1 0 00200200 lo\n\
             00000000000000000000000000000001 80 {zero} 00 {zero} 0 1 0 80200001 lo\n\
             ff000000000000000000000000000000 08 {zero} 00 {zero} 00000100 1 0 00000001 eth0\n"
        );
        let arp = "IP address  HW type  Flags  HW address  Mask  Device\n\
            192.168.10.1  0x1  0x2  00:1A:2B:3C:4D:5E  *  eth0\n\
            192.168.10.9  0x1  0x6  00:1a:2b:3c:4d:5f  *  eth0\n\
            192.168.10.8  0x1  0x0  00:00:00:00:00:00  *  eth0\n";
        let fake = Fake::new()
            .file("/sys/class/net/bonding_masters", "")
            .file("/sys/class/net/eth0/address", "00:1A:2B:00:00:01\n")
            .file("/sys/class/net/eth0/mtu", "1500\n")
            .file("/sys/class/net/lo/address", "00:00:00:00:00:00\n")
            .file("/sys/class/net/lo/mtu", "65536\n")
            .file("/proc/net/route", route)
            .file("/proc/net/ipv6_route", &route6)
            .file("/proc/net/arp", arp)
            .address("eth0", "192.168.10.5", "255.255.255.0");
        check(
            fake,
            expect![[r#"
            interface_details: interface | mac | mtu
              eth0 | 00:1a:2b:00:00:01 | 1500
              lo | - | 65536
            interface_addresses: interface | address | mask
              eth0 | 192.168.10.5 | 255.255.255.0
            routes: destination | netmask | gateway | interface | metric
              0.0.0.0 | 0 | 192.168.10.1 | eth0 | 100
              192.168.10.0 | 24 | "" | eth0 | 100
              fd00:: | 64 | "" | eth0 | 256
              :: | 0 | fd00::1 | eth0 | 1024
            arp_cache: address | mac | interface | permanent
              192.168.10.1 | 00:1a:2b:3c:4d:5e | eth0 | 0
              192.168.10.9 | 00:1a:2b:3c:4d:5f | eth0 | 1
        "#]],
        );
    }

    #[test]
    fn a_machine_that_hides_its_network() {
        check(
            Fake::new(),
            expect![[r#"
            interface_addresses: interface | address | mask
            gap interface_details: not_readable /sys/class/net
            gap routes: not_readable /proc/net/route
            gap arp_cache: not_readable /proc/net/arp
        "#]],
        );
    }
}
