//! Pseudonyms for what facts tell of a network: names, addresses, numbers. Checks say the same about them
//! as about the true values; people who read them learn nothing of the network.
//!
//! Equal values get equal pseudonyms, wherever they stand; values that differ in case alone get some that
//! differ in case alone. Numbers follow the order of the values, so that the same facts give the same
//! pseudonyms, and the first of two stays the first. Which columns there are is not known here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::fact::{FactRows, FactTable, FactValue, Tells};
use crate::ids::EvidenceId;

/// Stands for everything in a list of permitted services or drills, and for nothing in particular.
const ANYTHING: &str = "*";

/// Not the address of a device.
const NO_MAC: &str = "00:00:00:00:00:00";

/// How the key of a machine begins that was collected itself; checks tell such hosts from others.
const MACHINE: &str = "machine:";

/// The pseudonyms of some facts.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    /// What the ledger calls devices, whole and up to the first dot, in lower case.
    devices: BTreeSet<String>,
    by_value: BTreeMap<Tells, BTreeMap<String, String>>,
}

impl Pseudonyms {
    /// Pseudonyms for all that these facts tell, and for the keys of some more hosts.
    pub fn of<'a>(
        tables: &[FactTable],
        facts: &[(EvidenceId, FactRows)],
        hosts: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut told = Told::default();
        for host in hosts {
            told.add(Tells::Host, host);
        }
        for (_, rows) in facts {
            if let Some(table) = tables.iter().find(|table| table.table == rows.table) {
                told.add_rows(table, rows);
            }
        }
        told.pseudonyms()
    }

    /// Puts pseudonyms in place of what the rows of a table tell.
    pub fn replace(&self, table: &FactTable, rows: &mut FactRows) {
        let columns = Columns::of(table, rows);
        for row in &mut rows.rows {
            for at in 0..row.len() {
                let tells = columns.tells(at, row);
                let replaced = match &row[at] {
                    _ if tells == Tells::Nothing => continue,
                    _ if tells == Tells::Text => FactValue::Null,
                    value => text(value).map(|value| self.value(tells, &value)).into(),
                };
                row[at] = replaced;
            }
        }
    }

    /// The pseudonym of the key of a host.
    pub fn host(&self, key: &str) -> String {
        self.value(Tells::Host, key)
    }

    fn value(&self, tells: Tells, value: &str) -> String {
        match tells {
            Tells::Nothing | Tells::Device => value.to_owned(),
            Tells::Hostname => self.hostname(value),
            _ => self.pseudonym(tells, value),
        }
    }

    /// A name that the ledger has is no secret; of any other the domain is replaced by itself, because
    /// names are compared with and without it.
    fn hostname(&self, name: &str) -> String {
        if self.devices.contains(&folded(name)) {
            return name.to_owned();
        }
        let (label, domain) = parts(name);
        let label = match self.devices.contains(&folded(label)) {
            true => label.to_owned(),
            false => self.pseudonym(Tells::Hostname, label),
        };
        match domain {
            None => label,
            Some(domain) => format!("{label}.{}", self.pseudonym(Tells::Domain, domain)),
        }
    }

    fn pseudonym(&self, tells: Tells, value: &str) -> String {
        let known = self.by_value.get(&tells).and_then(|of| of.get(value));
        known.cloned().unwrap_or_default()
    }
}

/// What columns of some rows tell.
struct Columns {
    tells: Vec<Tells>,
    /// Where the column stands that says what an identity is.
    kind: Option<usize>,
}

impl Columns {
    fn of(table: &FactTable, rows: &FactRows) -> Self {
        let tells = |name: &String| {
            let column = table.columns.iter().find(|column| column.name == *name);
            column.map_or(Tells::Text, |column| column.tells)
        };
        Self {
            tells: rows.columns.iter().map(tells).collect(),
            kind: rows.columns.iter().position(|name| name == "kind"),
        }
    }

    fn tells(&self, at: usize, row: &[FactValue]) -> Tells {
        let tells = self.tells.get(at).copied().unwrap_or(Tells::Text);
        if tells != Tells::Identity {
            return tells;
        }
        let kind = self.kind.and_then(|kind| row.get(kind)).and_then(text);
        match kind.as_deref() {
            Some("ip") => Tells::Address,
            Some("mac") => Tells::Mac,
            Some("hostname") => Tells::Hostname,
            Some("directory_id") => Tells::DirectoryId,
            _ => Tells::Serial,
        }
    }
}

/// Every value that needs a pseudonym.
#[derive(Default)]
struct Told {
    devices: BTreeSet<String>,
    /// Their parts are known when all devices are.
    hostnames: BTreeSet<String>,
    values: BTreeMap<Tells, BTreeSet<String>>,
}

impl Told {
    fn add_rows(&mut self, table: &FactTable, rows: &FactRows) {
        let columns = Columns::of(table, rows);
        for row in &rows.rows {
            for (at, value) in row.iter().enumerate() {
                if let Some(value) = text(value) {
                    self.add(columns.tells(at, row), &value);
                }
            }
        }
    }

    fn add(&mut self, tells: Tells, value: &str) {
        match tells {
            Tells::Nothing | Tells::Text | Tells::Identity => {}
            Tells::Device => {
                self.devices.insert(folded(value));
                self.devices.insert(folded(parts(value).0));
            }
            Tells::Hostname => keep(&mut self.hostnames, value),
            _ => keep(self.values.entry(tells).or_default(), value),
        }
    }

    fn pseudonyms(mut self) -> Pseudonyms {
        for name in &self.hostnames {
            let (label, domain) = parts(name);
            if !self.devices.contains(&folded(label)) {
                keep(self.values.entry(Tells::Hostname).or_default(), label);
            }
            if let Some(domain) = domain {
                keep(self.values.entry(Tells::Domain).or_default(), domain);
            }
        }
        let values = self.values.iter();
        let by_value =
            values.map(|(tells, values)| (*tells, numbered(*tells, values, &self.devices)));
        Pseudonyms {
            by_value: by_value.collect(),
            devices: self.devices,
        }
    }
}

/// Most values are seen many times.
fn keep(values: &mut BTreeSet<String>, value: &str) {
    if !values.contains(value) {
        values.insert(value.to_owned());
    }
}

/// A pseudonym for each value, in the order of the values. No host is given the name of another device.
fn numbered(
    tells: Tells,
    values: &BTreeSet<String>,
    devices: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let width = values.len().to_string().len();
    let is_free = |n: &u32| tells != Tells::Hostname || !devices.contains(&word("host", *n, width));
    let mut numbers = (1..).filter(is_free);
    let mut by_folded: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut pseudonyms = BTreeMap::new();
    for value in values {
        let (pseudonym, n_spellings) = by_folded.entry(folded(value)).or_insert_with(|| {
            let n = numbers.next().unwrap_or_default();
            (made(tells, value, n, width), 0)
        });
        pseudonyms.insert(value.clone(), spelled(pseudonym, *n_spellings));
        *n_spellings += 1;
    }
    pseudonyms
}

fn word(word: &str, n: u32, width: usize) -> String {
    format!("{word}-{n:0width$}")
}

/// The pseudonym with a number, of the same shape where checks look at it.
fn made(tells: Tells, value: &str, n: u32, width: usize) -> String {
    let word = |kind| word(kind, n, width);
    match tells {
        _ if value.is_empty() || value == ANYTHING => value.to_owned(),
        Tells::Host if value.starts_with(MACHINE) => format!("{MACHINE}{n:0width$}"),
        Tells::Host => format!("host:{n:0width$}"),
        Tells::Account => word("account"),
        Tells::Person => word("person"),
        Tells::Domain => word("domain"),
        Tells::Serial => word("serial"),
        Tells::Repository => word("repository"),
        Tells::DirectoryId => directory_id(value, n),
        Tells::Mac => mac(value, n),
        Tells::Address => address(value, n).unwrap_or_else(|| word("address")),
        Tells::Hostname | Tells::Nothing | Tells::Device | Tells::Identity | Tells::Text => {
            word("host")
        }
    }
}

/// The administrator that every Windows domain has from its beginning stays recognisable.
fn directory_id(value: &str, n: u32) -> String {
    let value = folded(value);
    match value.starts_with("s-1-5-21-") && value.ends_with("-500") {
        true => format!("S-1-5-21-{n}-500"),
        false => format!("directory-id-{n}"),
    }
}

/// The second digit says whether it is that of a group, or was made up by the device.
fn mac(value: &str, n: u32) -> String {
    let digit = folded(value).chars().nth(1);
    let digit = digit.filter(char::is_ascii_hexdigit).unwrap_or('0');
    let [_, a, b, c] = n.to_be_bytes();
    match value {
        NO_MAC => NO_MAC.to_owned(),
        _ => format!("0{digit}:00:00:{a:02x}:{b:02x}:{c:02x}"),
    }
}

/// An address of the same reach; what every network has stays. What stands behind the address, such as
/// the length of a mask, does not.
fn address(value: &str, n: u32) -> Option<String> {
    let (address, _) = value.split_once(['/', '%']).unwrap_or((value, ""));
    Some(match address.parse().ok()? {
        IpAddr::V4(address) => v4(address, n).to_string(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => v4(mapped, n).to_ipv6_mapped().to_string(),
            None => v6(address, n).to_string(),
        },
    })
}

/// Sixteen million of each reach: more than a network has.
fn v4(address: Ipv4Addr, n: u32) -> Ipv4Addr {
    let [_, a, b, c] = n.to_be_bytes();
    match address {
        _ if address.is_loopback() || address.is_unspecified() || address.is_broadcast() => address,
        _ if address.is_multicast() => Ipv4Addr::new(239, a, b, c),
        _ if address.is_link_local() => Ipv4Addr::new(169, 254, b, c),
        _ if address.is_private() => Ipv4Addr::new(10, a, b, c),
        // Reserved; nobody's.
        _ => Ipv4Addr::new(240, a, b, c),
    }
}

fn v6(address: Ipv6Addr, n: u32) -> Ipv6Addr {
    let net = match address {
        _ if address.is_loopback() || address.is_unspecified() => return address,
        _ if address.is_multicast() => 0xff0e << 112,
        _ if address.is_unicast_link_local() => 0xfe80 << 112,
        _ if address.is_unique_local() => 0xfd00 << 112,
        // For documentation; nobody's.
        _ => 0x2001_0db8 << 96,
    };
    Ipv6Addr::from_bits(net | u128::from(n))
}

/// One of the ways to spell a pseudonym in small and large letters.
fn spelled(pseudonym: &str, nth: usize) -> String {
    let mut bits = nth;
    let letter = |c: char| {
        if !c.is_ascii_alphabetic() {
            return c;
        }
        let is_large = bits & 1 == 1;
        bits >>= 1;
        if is_large { c.to_ascii_uppercase() } else { c }
    };
    pseudonym.chars().map(letter).collect()
}

/// As checks compare: SQLite folds ASCII alone.
fn folded(value: &str) -> String {
    value.to_ascii_lowercase()
}

/// A name up to the first dot, and what is behind it.
fn parts(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        None => (name, None),
        Some((label, domain)) => (label, Some(domain)),
    }
}

/// A value as text; a reader may have read a number where there is text.
fn text(value: &FactValue) -> Option<Cow<'_, str>> {
    match value {
        FactValue::Null => None,
        FactValue::Integer(number) => Some(number.to_string().into()),
        FactValue::Text(text) => Some(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = r#"
table = "t"
osquery = false
filled_by = []
title = { ja = "", en = "" }
row = { ja = "", en = "" }
"#;

    fn table(columns: &[(&str, &str)]) -> FactTable {
        let column = |(name, tells): &(&str, &str)| {
            format!("[[column]]\nname='{name}'\ntype='text'\ntells='{tells}'\nja=''\nen=''\n")
        };
        let columns: String = columns.iter().map(column).collect();
        FactTable::from_toml(&format!("{TABLES}{columns}")).unwrap()
    }

    /// What becomes of rows whose cells are divided by blanks; `-` is null.
    fn replaced(columns: &[(&str, &str)], rows: &[&str]) -> Vec<String> {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let mut facts = FactRows::new("t", &names);
        let cell = |cell: &str| (cell != "-").then_some(cell).into();
        let cells = rows.iter().map(|row| row.split(' ').map(cell).collect());
        facts.rows = cells.collect();
        let tables = [table(columns)];
        let mut facts = [(EvidenceId::new("e"), facts)];
        Pseudonyms::of(&tables, &facts, []).replace(&tables[0], &mut facts[0].1);
        let shown = |row: &Vec<FactValue>| {
            let cells = row.iter().map(|cell| text(cell).unwrap_or("-".into()));
            cells.collect::<Vec<_>>().join(" ")
        };
        facts[0].1.rows.iter().map(shown).collect()
    }

    fn check(tells: &str, values: &str, expected: &str) {
        let values: Vec<&str> = values.split(' ').collect();
        assert_eq!(
            replaced(&[("x", tells)], &values).join(" "),
            expected,
            "{tells}"
        );
    }

    #[test]
    fn each_value_is_replaced_by_what_keeps_its_shape() {
        check("nothing", "eth0 22", "eth0 22");
        check("text", "/home/sato -", "- -");
        check("account", "sato root sato", "account-2 account-1 account-2");
        check("person", "1001 -", "person-1 -");
        check("serial", "ABC123", "serial-1");
        check("repository", "sftp:nas:/b *", "repository-2 *");
        check("domain", "DC=hosp,DC=example", "domain-1");
        check(
            "host",
            "machine:0a0a mac:00:a0:de:00:00:01 ip:10.1.2.3",
            "machine:3 host:2 host:1",
        );
        check(
            "directory_id",
            "S-1-5-21-7-8-9-1104 S-1-5-21-7-8-9-500 0a0a-0b0b",
            "directory-id-2 S-1-5-21-3-500 directory-id-1",
        );
    }

    #[test]
    fn an_address_stays_of_its_reach() {
        check(
            "address",
            "127.0.0.53%lo 0.0.0.0 255.255.255.255 ::1 :: ::ffff:127.0.0.1",
            "127.0.0.53 0.0.0.0 255.255.255.255 ::1 :: ::ffff:127.0.0.1",
        );
        check("address", "192.168.10.7", "10.0.0.1");
        check("address", "172.16.3.4/24", "10.0.0.1");
        check("address", "169.254.9.9", "169.254.0.1");
        check("address", "224.0.0.251", "239.0.0.1");
        check("address", "203.0.113.9", "240.0.0.1");
        check("address", "fe80::a0de:ff:fe00:1%eth0", "fe80::1");
        check("address", "fd12:3456::7", "fd00::1");
        check("address", "ff02::1:ff00:1234", "ff0e::1");
        check("address", "2400:4050::5", "2001:db8::1");
        check("address", "::ffff:192.168.10.7", "::ffff:10.0.0.1");
        check("address", "printer", "address-1");
    }

    #[test]
    fn a_mac_address_stays_of_its_kind() {
        check("mac", "00:a0:de:12:34:56", "00:00:00:00:00:01");
        check("mac", "DA:a0:de:12:34:56", "0a:00:00:00:00:01");
        check("mac", "01:00:5e:00:00:fb", "01:00:00:00:00:01");
        check("mac", "00:00:00:00:00:00", "00:00:00:00:00:00");
        check("mac", "unreadable", "00:00:00:00:00:01");
    }

    #[test]
    fn a_name_is_known_with_and_without_its_domain() {
        check(
            "hostname",
            "ehr.hosp.example EHR pc1.hosp.example pc1 * -",
            "Host-2.domain-1 host-2 host-3.domain-1 host-3 * -",
        );
    }

    #[test]
    fn a_name_that_the_ledger_has_stays() {
        let columns = [("name", "device"), ("seen", "hostname")];
        let rows = [
            "EHR ehr.hosp.example",
            "host-1 pc1",
            "nas.hosp.example NAS.hosp.example",
        ];
        assert_eq!(
            replaced(&columns, &rows),
            [
                "EHR ehr.domain-1",
                "host-1 host-2",
                "nas.hosp.example NAS.hosp.example"
            ],
        );
    }

    #[test]
    fn equal_values_stay_equal_and_first_ones_first() {
        let columns = [("a", "account"), ("b", "account"), ("kind", "nothing")];
        let names = ["suzuki Sato x", "sato sato x", "tanaka abe x"];
        assert_eq!(
            replaced(&columns, &names),
            [
                "account-3 account-1 x",
                "Account-1 Account-1 x",
                "account-4 account-2 x"
            ],
        );
        let many: Vec<String> = (10..22).map(|n| n.to_string()).collect();
        check(
            "serial",
            &many.join(" "),
            "serial-01 serial-02 serial-03 serial-04 serial-05 serial-06 serial-07 serial-08 \
             serial-09 serial-10 serial-11 serial-12",
        );
    }

    #[test]
    fn an_identity_is_what_its_kind_says() {
        let columns = [("kind", "nothing"), ("value", "identity"), ("mac", "mac")];
        let rows = [
            "mac 00:a0:de:00:00:01 00:a0:de:00:00:01",
            "ip 192.168.1.9 -",
            "hostname pc1 -",
            "directory_id 0a0a -",
            "serial ABC -",
            "- DEF -",
        ];
        assert_eq!(
            replaced(&columns, &rows),
            [
                "mac 00:00:00:00:00:01 00:00:00:00:00:01",
                "ip 10.0.0.1 -",
                "hostname host-1 -",
                "directory_id directory-id-1 -",
                "serial serial-1 -",
                "- serial-2 -",
            ],
        );
    }

    #[test]
    fn a_host_without_facts_has_a_pseudonym_as_well() {
        let pseudonyms = Pseudonyms::of(&[], &[], ["machine:0a0a"]);
        assert_eq!(pseudonyms.host("machine:0a0a"), "machine:1");
        assert_eq!(pseudonyms.host("machine:0b0b"), "", "nobody asked for it");
    }
}
