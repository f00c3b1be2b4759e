//! Files of `fixtures/nmap_xml/`, and the cases that one file cannot show.

use expect_test::{Expect, expect};

use crate::testing::show;

const FORMAT: &str = "nmap_xml";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.xml", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/nmap_xml/good.xml"),
        expect![[r#"
            source    nmap:192.168.20.0/28 192.168.20.16/28 tcp:22,80,443,3389
            collector nmap 7.93
            command   nmap -sS -sV --script ssl-cert,http-title -oX segment.xml 192.168.20.16/28 192.168.20.0/28
            target    192.168.20.0/28 192.168.20.16/28
            at        2026-11-21T05:29:43Z
            network_services (host, address, protocol, port, state, service, product, version, detail)
              "mac:00:a0:de:00:00:01" | "192.168.20.1" | "tcp" | 443 | "open" | "ssl/http" | "Example router administration" | null | "ssl-cert: Subject: commonName=gw.example\nNot valid after:  2027-03-31T23:59:59\nhttp-auth-finder: Login page"
              "mac:00:a0:de:00:00:01" | "192.168.20.1" | "udp" | 500 | "open|filtered" | "isakmp" | null | null | null
              "ip:192.168.20.10" | "192.168.20.10" | "tcp" | 3389 | "open" | "ms-wbt-server" | "Microsoft Terminal Services" | "10.0" | null
            hosts (host, hostname, kind, vendor)
              "ip:192.168.20.10" | "srv01.hosp.example" | null | null
              "mac:00:a0:de:00:00:01" | "GW-1" | "network_device" | "Yamaha"
            host_identities (host, kind, value)
              "ip:192.168.20.10" | "hostname" | "srv-example"
              "ip:192.168.20.10" | "hostname" | "srv01.hosp.example"
              "ip:192.168.20.10" | "ip" | "192.168.20.10"
              "mac:00:a0:de:00:00:01" | "hostname" | "gw-1"
              "mac:00:a0:de:00:00:01" | "ip" | "192.168.20.1"
              "mac:00:a0:de:00:00:01" | "mac" | "00:a0:de:00:00:01"
            notice [] The output of scripts for whole hosts was not used (ip-forwarding).
            notice [21] A line that looks like a password was not recorded.
        "#]],
    );
}

#[test]
fn refuses_a_run_that_was_given_a_secret() {
    check(
        include_bytes!("../../../../fixtures/nmap_xml/secret.xml"),
        expect![[r#"
            refused: nmap_xml: holds --script-args, which is not stored
        "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/nmap_xml/empty.xml"),
        expect![[r#"
            source    nmap:192.168.20.0/28 192.168.20.16/28 tcp:22,80,443,3389
            collector nmap 7.93
            command   nmap -sS -sV --script ssl-cert,http-title -oX segment.xml 192.168.20.16/28 192.168.20.0/28
            target    192.168.20.0/28 192.168.20.16/28
            at        2026-11-21T05:29:43Z
            notice [] No host answered. Check the range and the connection.
        "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/nmap_xml/broken.xml"),
        expect![[r#"
        refused: nmap_xml: damaged at line 33: syntax error: tag not closed: `>` not found before end of input
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/nmap_xml/wrong_encoding.xml"),
        expect![[r#"
        refused: nmap_xml: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/nmap_xml/next_version.xml"),
        expect![[r#"
            source    nmap:192.168.20.0/28 192.168.20.16/28 tcp:22,80,443,3389
            collector nmap 8.10
            command   nmap -sS -sV --script ssl-cert,http-title -oX segment.xml 192.168.20.16/28 192.168.20.0/28
            target    192.168.20.0/28 192.168.20.16/28
            at        2026-11-21T05:29:43Z
            network_services (host, address, protocol, port, state, service, product, version, detail)
              "ip:192.168.20.10" | "192.168.20.10" | "tcp" | 3389 | "open" | "ms-wbt-server" | "Microsoft Terminal Services" | "10.0" | null
            hosts (host, hostname, kind, vendor)
              "ip:192.168.20.10" | "srv01.hosp.example" | null | null
            host_identities (host, kind, value)
              "ip:192.168.20.10" | "hostname" | "srv-example"
              "ip:192.168.20.10" | "hostname" | "srv01.hosp.example"
              "ip:192.168.20.10" | "ip" | "192.168.20.10"
            notice [] This output version of nmap (1.06) was not tried. What is known was read.
        "#]],
    );
}

const HEAD: &str =
    r#"<nmaprun args="nmap -iL segments.txt" start="1795238983" xmloutputversion="1.05">"#;
const END: &str = r#"<runstats><finished exit="success"/></runstats></nmaprun>"#;

fn check_body(body: &str, expected: Expect) {
    expected.assert_eq(&show(
        FORMAT,
        "scan.xml",
        format!("{HEAD}{body}{END}").as_bytes(),
    ));
}

#[test]
fn says_when_a_run_did_not_end_well() {
    let failed = r#"<nmaprun xmloutputversion="1.05"><runstats><finished exit="error" errormsg="no route"/></runstats></nmaprun>"#;
    check(
        failed.as_bytes(),
        expect![[r#"
            source    nmap:example.xml ping
            collector nmap
            unread [] nmap ended with an error (no route). Devices may be missing.
            unread [] The time of the run is not given. State the date when you import the file.
            notice [] No host answered. Check the range and the connection.
        "#]],
    );
    check(
        format!("{HEAD}</nmaprun>").as_bytes(),
        expect![[r#"
            source    nmap:-iL segments.txt ping
            collector nmap
            command   nmap -iL segments.txt
            target    -iL segments.txt
            at        2026-11-21T05:29:43Z
            unread [] nmap did not finish. Devices may be missing. Run it again.
            notice [] No host answered. Check the range and the connection.
        "#]],
    );
}

#[test]
fn a_host_needs_an_address_and_a_port_its_number() {
    check_body(
        r#"<host><status state="up"/><address addr="00:00:00:00:00:00" addrtype="mac"/></host>"#,
        expect![[r#"
            source    nmap:-iL segments.txt ping
            collector nmap
            command   nmap -iL segments.txt
            target    -iL segments.txt
            at        2026-11-21T05:29:43Z
            unread [1] This host has no address of its own and was not recorded.
        "#]],
    );
    check_body(
        r#"<host><status state="up"/><address addr="10.0.0.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="x"><state state="open"/></port></ports></host>"#,
        expect![[r#"
            source    nmap:-iL segments.txt ping
            collector nmap
            command   nmap -iL segments.txt
            target    -iL segments.txt
            at        2026-11-21T05:29:43Z
            hosts (host, hostname, kind, vendor)
              "ip:10.0.0.1" | null | null | null
            host_identities (host, kind, value)
              "ip:10.0.0.1" | "ip" | "10.0.0.1"
            unread [1] The number of this port is not readable.
        "#]],
    );
}

#[test]
fn kind_needs_certainty() {
    let host = |classes: &str| {
        format!(
            r#"<host><status state="up"/><address addr="10.0.0.1" addrtype="ipv4"/><os>{classes}</os></host>"#
        )
    };
    check_body(
        &host(r#"<osclass type="firewall" accuracy="100"/>"#),
        expect![[r#"
            source    nmap:-iL segments.txt ping
            collector nmap
            command   nmap -iL segments.txt
            target    -iL segments.txt
            at        2026-11-21T05:29:43Z
            hosts (host, hostname, kind, vendor)
              "ip:10.0.0.1" | null | "network_device" | null
            host_identities (host, kind, value)
              "ip:10.0.0.1" | "ip" | "10.0.0.1"
        "#]],
    );
    check_body(
        &host(r#"<osclass type="firewall" accuracy="97"/>"#),
        expect![[r#"
            source    nmap:-iL segments.txt ping
            collector nmap
            command   nmap -iL segments.txt
            target    -iL segments.txt
            at        2026-11-21T05:29:43Z
            hosts (host, hostname, kind, vendor)
              "ip:10.0.0.1" | null | null | null
            host_identities (host, kind, value)
              "ip:10.0.0.1" | "ip" | "10.0.0.1"
        "#]],
    );
    check_body(
        &host(
            r#"<osclass type="firewall" accuracy="100"/><osclass type="general purpose" accuracy="100"/>"#,
        ),
        expect![[r#"
            source    nmap:-iL segments.txt ping
            collector nmap
            command   nmap -iL segments.txt
            target    -iL segments.txt
            at        2026-11-21T05:29:43Z
            hosts (host, hostname, kind, vendor)
              "ip:10.0.0.1" | null | null | null
            host_identities (host, kind, value)
              "ip:10.0.0.1" | "ip" | "10.0.0.1"
        "#]],
    );
}

#[test]
fn refuses_traps() {
    check(
        format!("{HEAD}<host>").as_bytes(),
        expect![[r#"
        refused: nmap_xml: damaged at line 1: cut off
    "#]],
    );
    check_body(
        &"<table>".repeat(80),
        expect![[r#"
        refused: nmap_xml: nested elements exceeds 64
    "#]],
    );
    check_body(
        r#"<host><status state="&bomb;"/></host>"#,
        expect![[r#"
        refused: nmap_xml: damaged at line 1: at 1..5: unrecognized entity `bomb`
    "#]],
    );
    check_body(
        "<nmaprun/>",
        expect![[r#"
        refused: nmap_xml: damaged at line 1: more than one nmaprun element
    "#]],
    );
}
