//! Identifiers of devices in one spelling, so that two sources can speak of the same device.
//! What identifies nothing (placeholders, group addresses) is refused. Knows no format.

use std::net::IpAddr;

use unicode_normalization::UnicodeNormalization;

/// What makers and people write where a serial number is missing, as [`serial`] spells it.
const NO_SERIAL: [&str; 25] = [
    "TO BE FILLED BY O.E.M.",
    "TO BE FILLED BY OEM",
    "DEFAULT STRING",
    "SYSTEM SERIAL NUMBER",
    "CHASSIS SERIAL NUMBER",
    "SERIAL NUMBER",
    "NOT SPECIFIED",
    "NOT APPLICABLE",
    "NOT AVAILABLE",
    "UNKNOWN",
    "INVALID",
    "EMPTY",
    "NONE",
    "NULL",
    "N/A",
    "NA",
    "O.E.M.",
    "OEM",
    "123456789",
    "なし",
    "無し",
    "不明",
    "未確認",
    "未記入",
    "該当なし",
];

/// A MAC address in lower case with colons; `None` when it is none, or that of no single device.
pub fn mac(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let digits = mac_digits(text.trim())?;
    let octets = hex::decode(digits).ok()?;
    // The lowest bit of the first octet marks group addresses; broadcast is one of them.
    let is_group = octets.first()? & 1 == 1;
    if is_group || octets.iter().all(|octet| *octet == 0) {
        return None;
    }
    let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    Some(pairs.join(":"))
}

/// The twelve digits of `aa:bb:..`, `aa-bb-..`, `aabb.ccdd.eeff` or `aabbccddeeff`.
fn mac_digits(text: &str) -> Option<String> {
    let (groups, width): (Vec<&str>, usize) = match text {
        _ if text.contains(':') => (text.split(':').collect(), 2),
        _ if text.contains('-') => (text.split('-').collect(), 2),
        _ if text.contains('.') => (text.split('.').collect(), 4),
        _ => (vec![text], 12),
    };
    let even = groups.len() * width == 12 && groups.iter().all(|group| group.len() == width);
    even.then(|| groups.concat())
}

/// An IP address in its canonical form; `None` when it is none, or that of no single device.
pub fn ip(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    // `fe80::1%eth0`: the interface is the observer's, not the device's.
    let address = text.trim().split('%').next()?;
    let address = address.parse::<IpAddr>().ok()?.to_canonical();
    let is_one = !address.is_unspecified() && !address.is_loopback() && !address.is_multicast();
    (is_one && address != IpAddr::from([255; 4])).then(|| address.to_string())
}

/// A serial number in upper case; `None` for the placeholders of makers and people.
pub fn serial(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let serial = text.trim().to_uppercase();
    let first = serial.chars().next()?;
    // `0`, `-`, `00000000`, `XXXXXXX`.
    let is_one_sign = serial.chars().all(|c| c == first);
    (!is_one_sign && !NO_SERIAL.contains(&serial.as_str())).then_some(serial)
}

/// A host name in lower case; `None` when it names no particular host.
pub(crate) fn hostname(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let name = text.trim().trim_end_matches('.').to_lowercase();
    let is_nobody = matches!(
        name.as_str(),
        "" | "*" | "-" | "localhost" | "(none)" | "unknown"
    );
    (!is_nobody && !name.contains(char::is_whitespace)).then_some(name)
}

/// Whether a text holds an address with a password in it: `ftp://user:password@host`.
pub(crate) fn has_password(line: &str) -> bool {
    line.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ']).next().unwrap_or_default();
        authority
            .rsplit_once('@')
            .is_some_and(|(user, _)| user.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(normalise: fn(&str) -> Option<String>, text: &str, expected: &str) {
        assert_eq!(
            normalise(text).as_deref().unwrap_or("refused"),
            expected,
            "{text}"
        );
    }

    #[test]
    fn spells_mac_addresses_in_one_way() {
        for text in [
            "00:A0:DE:AA:00:01",
            "00-a0-de-aa-00-01",
            "00a0.deaa.0001",
            " 00A0DEAA0001 ",
            "００：Ａ０：ＤＥ：ＡＡ：００：０１",
        ] {
            check(mac, text, "00:a0:de:aa:00:01");
        }
    }

    #[test]
    fn refuses_mac_addresses_of_no_single_device() {
        for text in [
            "",
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "01:00:5e:00:00:fb",
            "00:a0:de:aa:00",
            "00:a0:de:aa:00:01:02",
            "0:a0:de:aa:00:001",
            "00-a0:de-aa-00-01",
            "192.168.10.1",
            "00a0deaa000g",
        ] {
            check(mac, text, "refused");
        }
    }

    #[test]
    fn spells_ip_addresses_in_one_way() {
        check(ip, " 192.168.10.1 ", "192.168.10.1");
        check(ip, "１９２．１６８．１０．１", "192.168.10.1");
        check(ip, "2001:DB8:0:0:0:0:0:1", "2001:db8::1");
        check(ip, "::ffff:192.168.10.1", "192.168.10.1");
        check(ip, "fe80::1%eth0", "fe80::1");
        for text in [
            "",
            "DHCP",
            "192.168.10",
            "192.168.10.256",
            "0.0.0.0",
            "127.0.0.1",
            "::1",
        ] {
            check(ip, text, "refused");
        }
        check(ip, "224.0.0.251", "refused");
        check(ip, "255.255.255.255", "refused");
    }

    #[test]
    fn refuses_placeholders_for_serial_numbers() {
        check(serial, " jpa12345x ", "JPA12345X");
        check(serial, "ＡＢ－１２３", "AB-123");
        for text in [
            "",
            "0",
            "--",
            "00000000",
            "None",
            "なし",
            "不明",
            "n/a",
            "Default string",
        ] {
            check(serial, text, "refused");
        }
        check(serial, "To be filled by O.E.M.", "refused");
        check(serial, "System Serial Number", "refused");
    }

    #[test]
    fn spells_host_names_in_one_way() {
        check(hostname, " EHR.Hosp.Example. ", "ehr.hosp.example");
        for text in ["", "*", "localhost", "(none)", "two words"] {
            check(hostname, text, "refused");
        }
    }
}
