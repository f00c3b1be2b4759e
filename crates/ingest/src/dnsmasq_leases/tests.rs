//! Files of `fixtures/dnsmasq_leases/`, and the cases that one file cannot show.

use expect_test::{Expect, expect};

use crate::testing::{show, show_unasked};

const FORMAT: &str = "dnsmasq_leases";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.leases", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/dnsmasq_leases/good.leases"),
        expect![[r#"
        source    dnsmasq_leases:example.leases
        collector dnsmasq
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:a4:83:e7:00:00:01" | "192.168.20.196" | "a4:83:e7:00:00:01" | "tablet-3F" | "2026-11-21T17:35:57Z" | null
          "mac:00:80:92:00:00:02" | "192.168.20.50" | "00:80:92:00:00:02" | null | null | null
          "ip:2001:db8:20::50" | "2001:db8:20::50" | null | "ward-pc" | "2026-11-21T17:35:57Z" | null
        hosts (host, hostname, kind, vendor)
          "ip:2001:db8:20::50" | "ward-pc" | null | null
          "mac:00:80:92:00:00:02" | null | null | null
          "mac:a4:83:e7:00:00:01" | "tablet-3F" | null | null
        host_identities (host, kind, value)
          "ip:2001:db8:20::50" | "hostname" | "ward-pc"
          "ip:2001:db8:20::50" | "ip" | "2001:db8:20::50"
          "mac:00:80:92:00:00:02" | "ip" | "192.168.20.50"
          "mac:00:80:92:00:00:02" | "mac" | "00:80:92:00:00:02"
          "mac:a4:83:e7:00:00:01" | "hostname" | "tablet-3f"
          "mac:a4:83:e7:00:00:01" | "ip" | "192.168.20.196"
          "mac:a4:83:e7:00:00:01" | "mac" | "a4:83:e7:00:00:01"
    "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/dnsmasq_leases/empty.leases"),
        expect![[r#"
        source    dnsmasq_leases:example.leases
        collector dnsmasq
        notice [] There is no lease. Check that this is the file of the DHCP server in use.
    "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/dnsmasq_leases/broken.leases"),
        expect![[r#"
        source    dnsmasq_leases:example.leases
        collector dnsmasq
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:a4:83:e7:00:00:01" | "192.168.20.196" | "a4:83:e7:00:00:01" | "tablet-3F" | "2026-11-21T17:35:57Z" | null
          "ip:192.168.20.198" | "192.168.20.198" | null | "pc-3" | "2026-11-21T17:35:57Z" | null
        hosts (host, hostname, kind, vendor)
          "ip:192.168.20.198" | "pc-3" | null | null
          "mac:a4:83:e7:00:00:01" | "tablet-3F" | null | null
        host_identities (host, kind, value)
          "ip:192.168.20.198" | "hostname" | "pc-3"
          "ip:192.168.20.198" | "ip" | "192.168.20.198"
          "mac:a4:83:e7:00:00:01" | "hostname" | "tablet-3f"
          "mac:a4:83:e7:00:00:01" | "ip" | "192.168.20.196"
          "mac:a4:83:e7:00:00:01" | "mac" | "a4:83:e7:00:00:01"
        unread [2] This is not a time that Sonae reads (soon).
        unread [3 mac] This is not the MAC address of a device (06-a4:83). Only the IP address was kept.
        unread [4] This is not the IP address of a device (192.168.20.999). The row was not read.
        unread [5] There are only 2 columns of 5. This row was not read.
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/dnsmasq_leases/wrong_encoding.leases"),
        expect![[r#"
        refused: dnsmasq_leases: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/dnsmasq_leases/next_version.leases"),
        expect![[r#"
        source    dnsmasq_leases:example.leases
        collector dnsmasq
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:a4:83:e7:00:00:01" | "192.168.20.196" | "a4:83:e7:00:00:01" | "tablet-3F" | "2026-11-21T17:35:57Z" | null
        hosts (host, hostname, kind, vendor)
          "mac:a4:83:e7:00:00:01" | "tablet-3F" | null | null
        host_identities (host, kind, value)
          "mac:a4:83:e7:00:00:01" | "hostname" | "tablet-3f"
          "mac:a4:83:e7:00:00:01" | "ip" | "192.168.20.196"
          "mac:a4:83:e7:00:00:01" | "mac" | "a4:83:e7:00:00:01"
        notice [1] There is an unknown column (tag=ward), perhaps of a newer version. It was not used.
    "#]],
    );
}

#[test]
fn a_file_without_any_lease_line_is_refused() {
    let expected = expect![[r#"
        refused: dnsmasq_leases: damaged at line 1: no line has the five columns of a lease
    "#]];
    expected.assert_eq(&show_unasked(FORMAT, b"hello\nworld\n"));
}
