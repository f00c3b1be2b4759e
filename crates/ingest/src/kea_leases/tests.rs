//! Files of `fixtures/kea_leases/`, and the cases that one file cannot show.

use expect_test::{Expect, expect};

use crate::testing::{show, show_unasked};

const FORMAT: &str = "kea_leases";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.csv", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/kea_leases/good.csv"),
        expect![[r#"
        source    kea_leases:example.csv
        collector kea
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:00:80:92:00:00:07" | "192.168.20.200" | "00:80:92:00:00:07" | "ct-printer" | "2026-11-21T07:35:59Z" | "expired"
          "mac:00:80:92:00:00:09" | "192.168.20.202" | "00:80:92:00:00:09" | "ward,pc" | null | "active"
          null | "192.168.20.203" | null | null | "2026-11-21T06:35:59Z" | "declined"
        hosts (host, hostname, kind, vendor)
          "mac:00:80:92:00:00:07" | "ct-printer" | null | null
          "mac:00:80:92:00:00:09" | "ward,pc" | null | null
        host_identities (host, kind, value)
          "mac:00:80:92:00:00:07" | "hostname" | "ct-printer"
          "mac:00:80:92:00:00:07" | "mac" | "00:80:92:00:00:07"
          "mac:00:80:92:00:00:09" | "hostname" | "ward,pc"
          "mac:00:80:92:00:00:09" | "ip" | "192.168.20.202"
          "mac:00:80:92:00:00:09" | "mac" | "00:80:92:00:00:09"
    "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/kea_leases/empty.csv"),
        expect![[r#"
        source    kea_leases:example.csv
        collector kea
        notice [] There is no lease. Check that this is the file of the DHCP server in use.
    "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/kea_leases/broken.csv"),
        expect![[r#"
        source    kea_leases:example.csv
        collector kea
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "ip:192.168.20.200" | "192.168.20.200" | null | "ct-printer" | null | null
        hosts (host, hostname, kind, vendor)
          "ip:192.168.20.200" | "ct-printer" | null | null
        host_identities (host, kind, value)
          "ip:192.168.20.200" | "hostname" | "ct-printer"
          "ip:192.168.20.200" | "ip" | "192.168.20.200"
        unread [2 hwaddr] This is not the MAC address of a device (zz:80:92:00:00:07). Only the IP address was kept.
        unread [2 expire] This is not a time that Sonae reads (later).
        unread [2 state] The state of this lease is not known (9).
        unread [3] This is not the IP address of a device (not-an-address). The row was not read.
        unread [4] There are only 2 columns of 11. This row was not read.
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/kea_leases/wrong_encoding.csv"),
        expect![[r#"
        refused: kea_leases: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/kea_leases/next_version.csv"),
        expect![[r#"
        source    kea_leases:example.csv
        collector kea
        dhcp_leases (host, address, mac, hostname, ends_at, state)
          "mac:00:80:92:00:00:07" | "2001:db8:20::7" | "00:80:92:00:00:07" | "ward-pc" | "2026-11-21T06:35:59Z" | "active"
        hosts (host, hostname, kind, vendor)
          "mac:00:80:92:00:00:07" | "ward-pc" | null | null
        host_identities (host, kind, value)
          "mac:00:80:92:00:00:07" | "hostname" | "ward-pc"
          "mac:00:80:92:00:00:07" | "ip" | "2001:db8:20::7"
          "mac:00:80:92:00:00:07" | "mac" | "00:80:92:00:00:07"
        notice [3] This is the delegation of an IPv6 network, not of a device, and was not recorded.
    "#]],
    );
}

#[test]
fn a_file_without_the_needed_columns_is_refused() {
    let expected = expect![[r#"
        refused: kea_leases: damaged at line 1: no column valid_lifetime
    "#]];
    expected.assert_eq(&show_unasked(FORMAT, b"address,expire\n10.0.0.1,1\n"));
}
