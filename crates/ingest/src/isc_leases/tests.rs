//! Files of `fixtures/isc_leases/`, and the cases that one file cannot show.

use expect_test::{Expect, expect};

use crate::testing::show;

const FORMAT: &str = "isc_leases";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.leases", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/isc_leases/good.leases"),
        expect![[r#"
        source    isc_leases:example.leases
        collector isc dhcpd
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:3c:52:82:00:00:30" | "192.168.20.30" | "3c:52:82:00:00:30" | "new-name" | "2026-11-21T12:00:00Z" | "active"
          "mac:3c:52:82:00:00:31" | "192.168.20.31" | "3c:52:82:00:00:31" | "recept-{1}" | null | "active"
          "mac:3c:52:82:00:00:32" | "192.168.20.32" | "3c:52:82:00:00:32" | null | "2026-11-21T17:35:57Z" | "expired"
          null | "192.168.20.33" | null | null | "2026-11-17T21:00:00Z" | "declined"
        hosts (host, hostname, kind, vendor)
          "mac:3c:52:82:00:00:30" | "new-name" | null | null
          "mac:3c:52:82:00:00:31" | "recept-{1}" | null | null
          "mac:3c:52:82:00:00:32" | null | null | null
        host_identities (host, kind, value)
          "mac:3c:52:82:00:00:30" | "hostname" | "new-name"
          "mac:3c:52:82:00:00:30" | "ip" | "192.168.20.30"
          "mac:3c:52:82:00:00:30" | "mac" | "3c:52:82:00:00:30"
          "mac:3c:52:82:00:00:31" | "hostname" | "recept-{1}"
          "mac:3c:52:82:00:00:31" | "ip" | "192.168.20.31"
          "mac:3c:52:82:00:00:31" | "mac" | "3c:52:82:00:00:31"
          "mac:3c:52:82:00:00:32" | "mac" | "3c:52:82:00:00:32"
    "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/isc_leases/empty.leases"),
        expect![[r#"
        source    isc_leases:example.leases
        collector isc dhcpd
        notice [] There is no lease. Check that this is the file of the DHCP server in use.
    "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/isc_leases/broken.leases"),
        expect![[r#"
        refused: isc_leases: damaged at line 7: no closing }
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/isc_leases/wrong_encoding.leases"),
        expect![[r#"
        refused: isc_leases: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/isc_leases/next_version.leases"),
        expect![[r#"
        source    isc_leases:example.leases
        collector isc dhcpd
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:3c:52:82:00:00:30" | "192.168.20.30" | "3c:52:82:00:00:30" | null | null | null
        hosts (host, hostname, kind, vendor)
          "mac:3c:52:82:00:00:30" | null | null | null
        host_identities (host, kind, value)
          "mac:3c:52:82:00:00:30" | "ip" | "192.168.20.30"
          "mac:3c:52:82:00:00:30" | "mac" | "3c:52:82:00:00:30"
        unread [8 ends] This is not a time that Sonae reads (2 17-Nov-2026).
        unread [9 binding state] The state of this lease is not known (dormant).
        unread [13] IPv6 leases (ia-na) of this server are not read.
    "#]],
    );
}

#[test]
fn the_device_keeps_its_mac_but_not_an_address_that_it_gave_back() {
    check(
        b"lease 10.0.0.1 { binding state released; hardware ethernet 3c:52:82:00:00:30; }",
        expect![[r#"
        source    isc_leases:example.leases
        collector isc dhcpd
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:3c:52:82:00:00:30" | "10.0.0.1" | "3c:52:82:00:00:30" | null | null | "released"
        hosts (host, hostname, kind, vendor)
          "mac:3c:52:82:00:00:30" | null | null | null
        host_identities (host, kind, value)
          "mac:3c:52:82:00:00:30" | "mac" | "3c:52:82:00:00:30"
    "#]],
    );
    check(
        b"lease 10.0.0.1 { binding state released; }",
        expect![[r#"
        source    isc_leases:example.leases
        collector isc dhcpd
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          null | "10.0.0.1" | null | null | null | "released"
    "#]],
    );
    check(
        b"lease 10.0.0.1 { binding state released;\n hardware ethernet ff:ff:ff:ff:ff:ff; }",
        expect![[r#"
        source    isc_leases:example.leases
        collector isc dhcpd
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          null | "10.0.0.1" | null | null | null | "released"
        unread [2 hardware] This is not the MAC address of a device (ff:ff:ff:ff:ff:ff). Only the IP address was kept.
    "#]],
    );
}

#[test]
fn refuses_traps() {
    check(
        format!("lease 10.0.0.1 {{ {}", "a { ".repeat(20)).as_bytes(),
        expect![[r#"
        refused: isc_leases: damaged at line 1: no closing }
    "#]],
    );
    check(
        b"lease 10.0.0.1 {\n uid \"never closed;\n }",
        expect![[r#"
        refused: isc_leases: damaged at line 2: a quoted text is never closed
    "#]],
    );
    check(
        b"lease 10.0.0.1 { } }",
        expect![[r#"
        refused: isc_leases: damaged at line 1: a } without a {
    "#]],
    );
    check(
        b"lease ten { }\nlease 10.0.0.2;",
        expect![[r#"
        source    isc_leases:example.leases
        collector isc dhcpd
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "ip:10.0.0.2" | "10.0.0.2" | null | null | null | null
        hosts (host, hostname, kind, vendor)
          "ip:10.0.0.2" | null | null | null
        host_identities (host, kind, value)
          "ip:10.0.0.2" | "ip" | "10.0.0.2"
        unread [1] This is not the IP address of a device (ten). The row was not read.
    "#]],
    );
}
