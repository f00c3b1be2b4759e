//! Limits that every reader of tools' output keeps, with their reasons.

use crate::ReadError;

/// 64 MiB: nmap writes 0.5 MB for 200 hosts and a directory 2 kB an account, so this is far above
/// any hospital, and a parsed file still fits the reading process's memory.
pub(crate) const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// 500,000 rows: a /16 network with eight open ports a host; beyond this no check ends in time.
pub(crate) const ROWS_MAX: usize = 500_000;

/// Refuses a file over a limit.
pub(crate) fn within(
    format: &'static str,
    what: &'static str,
    n: usize,
    limit: usize,
) -> Result<(), ReadError> {
    if n <= limit {
        return Ok(());
    }
    Err(ReadError::TooLarge {
        format,
        what,
        limit: u64::try_from(limit).unwrap_or(u64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::show_unasked;

    fn check(format: &str, (head, unit, tail): (&str, &str, &str), n: usize, what: &str) {
        let text = format!("{head}{}{tail}", unit.repeat(n));
        let expected = format!("refused: {format}: {what} exceeds");
        let shown = show_unasked(format, text.as_bytes());
        assert!(
            shown.starts_with(&expected),
            "{format}: {}",
            shown.lines().next().unwrap_or("")
        );
    }

    #[test]
    fn every_reader_has_a_limit_of_rows() {
        let xml = ("<nmaprun>", "<host/>", "</nmaprun>");
        check("nmap_xml", xml, 65_537, "hosts");
        let ports = ("<nmaprun><host>", "<port/>", "</host></nmaprun>");
        check("nmap_xml", ports, ROWS_MAX + 1, "ports");
        check("dnsmasq_leases", ("", "x\n", ""), ROWS_MAX + 1, "rows");
        let csv = ("address,valid_lifetime,expire\n", ",,\n", "");
        check("kea_leases", csv, ROWS_MAX + 1, "rows");
        check("isc_leases", ("", "x;", ""), ROWS_MAX + 1, "rows");
        check("ldif", ("", "dn:x\n", ""), 200_001, "entries");
        check("restic_snapshots", ("[", "0,", "0]"), ROWS_MAX, "snapshots");
        let borg = (r#"{"repository":{"id":"r"},"archives":["#, "0,", "0]}");
        check("borg_list", borg, ROWS_MAX, "archives");
    }

    #[test]
    fn every_reader_has_a_limit_of_bytes() {
        let text = " ".repeat(TEXT_BYTES_MAX + 1);
        for format in [
            "nmap_xml",
            "dnsmasq_leases",
            "kea_leases",
            "isc_leases",
            "ldif",
            "restic_snapshots",
            "borg_list",
            "sonae_bundle",
        ] {
            let shown = show_unasked(format, text.as_bytes());
            assert!(
                shown.starts_with(&format!("refused: {format}: bytes exceeds")),
                "{shown}"
            );
        }
    }
}
