//! One entry of a directory, and its values as numbers, instants, ids and names.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::findings::{Findings, cell};
use crate::instant;
use crate::labels::machine;

/// An entry as the file gives it.
#[derive(Debug)]
pub(super) struct Entry {
    /// As written.
    pub(super) dn: String,
    /// Line of its `dn`.
    pub(super) line: usize,
    /// In the order of the file.
    pub(super) attributes: Vec<Attribute>,
}

/// One value of an attribute.
#[derive(Debug)]
pub(super) struct Attribute {
    /// In lower case, without options.
    pub(super) name: String,
    /// As the file spells it, for messages.
    pub(super) written: String,
    /// Decoded.
    pub(super) value: Vec<u8>,
    /// Where it stands.
    pub(super) line: usize,
    /// Whether values are missing: the server gave only a range, or this one is unreadable.
    pub(super) is_part: bool,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A user of Active Directory or Samba.
    User,
    /// A person with a `uid` of another directory.
    Person,
    /// A computer.
    Computer,
    /// A group.
    Group,
    /// The head of a domain, with its password policy.
    Domain,
    /// A fine-grained password policy or one of `OpenLDAP`.
    PasswordSettings,
    /// Anything else.
    Other,
}

/// `sAMAccountType` of users, computers, and the kinds of groups.
const ACCOUNT_TYPES: [(&str, Kind); 6] = [
    ("805306368", Kind::User),
    ("805306369", Kind::Computer),
    ("268435456", Kind::Group),
    ("268435457", Kind::Group),
    ("536870912", Kind::Group),
    ("536870913", Kind::Group),
];

/// Classes of accounts that belong to no person: managed service accounts.
const SERVICE_CLASSES: [&str; 2] = [
    "msds-groupmanagedserviceaccount",
    "msds-managedserviceaccount",
];

/// `userAccountControl`: an account for a trust between domains.
const TRUST_ACCOUNT: i64 = 0x800;

impl Kind {
    /// How the export's source names entries that become facts.
    pub(super) fn scope(self) -> Option<&'static str> {
        match self {
            Self::User | Self::Person => Some("accounts"),
            Self::Computer => Some("computers"),
            Self::Domain => Some("policy"),
            Self::Group | Self::PasswordSettings | Self::Other => None,
        }
    }
}

impl Entry {
    /// Without attributes yet.
    pub(super) fn new(dn: String, line: usize) -> Self {
        Self {
            dn,
            line,
            attributes: Vec::new(),
        }
    }

    /// Whether the export carries the attribute, readable or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first value of an attribute, as it stands in the file.
    pub(super) fn find(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// All values that are text.
    pub(super) fn texts(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = self
            .attributes
            .iter()
            .filter(move |attribute| attribute.name == name);
        named.filter_map(Attribute::text)
    }

    /// The first value that is text.
    pub(super) fn text(&self, name: &'static str) -> Option<&str> {
        self.texts(name).next()
    }

    /// A whole number; what is none is a finding.
    pub(super) fn integer(&self, name: &str, findings: &mut Findings) -> Option<i64> {
        self.parse(name, findings, |text| text.parse().ok())
    }

    /// The instant of a FILETIME; 0 and "never" are none, what is no number is a finding.
    pub(super) fn filetime(&self, name: &str, findings: &mut Findings) -> Option<Timestamp> {
        self.integer(name, findings)
            .and_then(instant::from_filetime)
    }

    /// The day in Japan of a generalized time; what is none is a finding.
    pub(super) fn day(&self, name: &str, findings: &mut Findings) -> Option<Date> {
        self.parse(name, findings, instant::from_generalized)
            .map(instant::day_in_japan)
    }

    fn parse<T>(
        &self,
        name: &str,
        findings: &mut Findings,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let attribute = self.find(name)?;
        let parsed = attribute.text().and_then(parse);
        // A value that could not be decoded was named where it was read.
        if parsed.is_none() && !attribute.value.is_empty() {
            let text = machine::unreadable_attribute(attribute.text().unwrap_or_default());
            findings.unread(cell(attribute.line, &attribute.written), text);
        }
        parsed
    }

    /// `S-1-5-21-...`, from text or from the binary form.
    pub(super) fn sid(&self) -> Option<String> {
        let attribute = self.find("objectsid")?;
        let text = attribute.text().filter(|text| text.starts_with("S-1-"));
        text.map(str::to_owned).or_else(|| sid_of(&attribute.value))
    }

    /// The GUID in lower case, from text or from the binary form.
    pub(super) fn guid(&self) -> Option<String> {
        let attribute = self.find("objectguid")?;
        let text = attribute
            .text()
            .filter(|text| text.len() == 36)
            .map(str::to_lowercase);
        text.or_else(|| guid_of(&attribute.value))
    }

    /// What this entry is about; attributes stand in for classes that were not exported.
    pub(super) fn kind(&self) -> Kind {
        let classes: Vec<String> = self.texts("objectclass").map(str::to_lowercase).collect();
        let is = |class: &str| classes.iter().any(|c| c == class);
        let control = self
            .text("useraccountcontrol")
            .and_then(|text| text.parse::<i64>().ok());
        if SERVICE_CLASSES.iter().any(|class| is(class))
            || control.is_some_and(|bits| bits & TRUST_ACCOUNT != 0)
        {
            return Kind::Other;
        }
        let by_type = || {
            let written = self.text("samaccounttype")?;
            ACCOUNT_TYPES
                .iter()
                .find(|(number, _)| *number == written)
                .map(|(_, kind)| *kind)
        };
        match () {
            () if classes.is_empty() => by_type().unwrap_or(Kind::Other),
            () if is("computer") => Kind::Computer,
            () if is("user") => Kind::User,
            () if is("group") => Kind::Group,
            () if is("domain") || is("domaindns") => Kind::Domain,
            () if is("msds-passwordsettings") || is("pwdpolicy") => Kind::PasswordSettings,
            () if self.has("uid") => Kind::Person,
            () => Kind::Other,
        }
    }

    /// The DN of the domain, normalised: the trailing `dc=` parts, else the last part.
    pub(super) fn domain(&self) -> String {
        let dn = normal_dn(&self.dn);
        let parts: Vec<&str> = split_dn(&dn);
        let n_dc = parts
            .iter()
            .rev()
            .take_while(|part| part.starts_with("dc="))
            .count();
        parts
            .get(parts.len() - n_dc.max(1)..)
            .unwrap_or_default()
            .join(",")
    }
}

impl Attribute {
    /// The value as text, if it is text and not empty.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value)
            .ok()
            .filter(|text| !text.is_empty())
    }
}

/// A DN for comparing: lower case, no spaces around its separators.
pub(super) fn normal_dn(dn: &str) -> String {
    let parts = split_dn(dn)
        .into_iter()
        .map(|part| match part.split_once('=') {
            Some((name, value)) => format!("{}={}", name.trim(), value.trim()),
            None => part.trim().to_owned(),
        });
    parts.collect::<Vec<_>>().join(",").to_lowercase()
}

/// The parts of a DN; an escaped comma separates nothing.
fn split_dn(dn: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut is_escaped = false;
    for (at, c) in dn.char_indices() {
        if c == ',' && !is_escaped {
            parts.extend(dn.get(from..at));
            from = at + 1;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    parts.extend(dn.get(from..));
    parts
}

/// MS-DTYP 2.4.2.2: revision, number of parts, authority (high byte first), parts (low byte first).
fn sid_of(bytes: &[u8]) -> Option<String> {
    let (head, parts) = bytes.split_at_checked(8)?;
    let (&[revision, n_parts], authority) = head.split_first_chunk::<2>()?;
    if parts.len() != usize::from(n_parts) * 4 {
        return None;
    }
    let authority = authority
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut sid = format!("S-{revision}-{authority}");
    let (parts, _) = parts.as_chunks::<4>();
    for part in parts {
        sid.push_str(&format!("-{}", u32::from_le_bytes(*part)));
    }
    Some(sid)
}

/// MS-DTYP 2.3.4.2: the first three fields are written low byte first.
fn guid_of(bytes: &[u8]) -> Option<String> {
    let &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes else {
        return None;
    };
    let hex = |bytes: &[u8]| hex::encode(bytes);
    let (first, second, third) = (hex(&[d, c, b, a]), hex(&[f, e]), hex(&[h, g]));
    Some(format!(
        "{first}-{second}-{third}-{}-{}",
        hex(&[i, j]),
        hex(&[k, l, m, n, o, p])
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_binary_ids() {
        let sid = hex::decode("010500000000000515000000010000000200000003000000f4010000").unwrap();
        assert_eq!(sid_of(&sid).as_deref(), Some("S-1-5-21-1-2-3-500"));
        assert_eq!(
            sid_of(&hex::decode("01020000000000052000000020020000").unwrap()).as_deref(),
            Some("S-1-5-32-544")
        );
        assert_eq!(sid_of(&sid[..27]), None);
        let guid = hex::decode("33221100554477668899aabbccddeeff").unwrap();
        assert_eq!(
            guid_of(&guid).as_deref(),
            Some("00112233-4455-6677-8899-aabbccddeeff")
        );
        assert_eq!(guid_of(&guid[..15]), None);
    }

    #[test]
    fn finds_the_domain_of_a_dn() {
        for (dn, expected) in [
            ("CN=A, OU=B , DC=Hosp,DC=Example", "dc=hosp,dc=example"),
            (r"CN=DC\,DC=X,DC=hosp", "dc=hosp"),
            ("uid=a,ou=people,o=Hospital", "o=hospital"),
            ("", ""),
        ] {
            assert_eq!(Entry::new(dn.to_owned(), 1).domain(), expected);
        }
    }
}
