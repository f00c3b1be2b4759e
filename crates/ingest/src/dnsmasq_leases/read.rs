//! Lines of dnsmasq's lease file to leases.

use jiff::Timestamp;
use sonae_domain::edition::Text;
use sonae_domain::evidence::Reading;

use crate::findings::{Findings, cell, row};
use crate::labels::machine;
use crate::leases::{self, Lease, Leases};
use crate::limits::{ROWS_MAX, TEXT_BYTES_MAX, within};
use crate::{Input, ReadError, identity, instant, text};

const FORMAT: &str = "dnsmasq_leases";

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    within(FORMAT, "bytes", input.bytes.len(), TEXT_BYTES_MAX)?;
    let decoded = text::decode(FORMAT, input.bytes)?;
    let mut findings = Findings::default();
    let mut leases = Leases::default();
    let mut n_lines = 0;
    let mut is_ipv6 = false;
    for (index, line) in decoded.text.lines().enumerate() {
        let columns: Vec<&str> = line.split_ascii_whitespace().collect();
        match columns.as_slice() {
            [] => continue,
            // From here on the second column is the client's association, not its MAC address.
            ["duid", _] => is_ipv6 = true,
            columns => match lease(columns, is_ipv6, index + 1, &mut findings) {
                Ok((address, lease)) => drop(leases.insert(address, lease)),
                Err(why) => findings.unread(row(index + 1), why),
            },
        }
        n_lines += 1;
        within(FORMAT, "rows", n_lines, ROWS_MAX)?;
    }
    if leases.is_empty() && n_lines > 0 && !is_ipv6 {
        let why = "no line has the five columns of a lease".to_owned();
        return Err(ReadError::Damaged {
            format: FORMAT,
            place: "line 1".to_owned(),
            why,
        });
    }
    Ok(leases::reading(
        &super::READER,
        "dnsmasq",
        input,
        leases,
        findings,
    ))
}

fn lease(
    columns: &[&str],
    is_ipv6: bool,
    line: usize,
    findings: &mut Findings,
) -> Result<(String, Lease), Text> {
    let [end, id, address, name, _client, more @ ..] = columns else {
        return Err(machine::too_few_columns(columns.len(), 5));
    };
    let ends_at = ends_at(end).ok_or_else(|| machine::not_a_time(end))?;
    let address = identity::ip(address).ok_or_else(|| machine::not_an_address(address))?;
    if !more.is_empty() {
        findings.notice(row(line), machine::unknown_columns(&more.join(" ")));
    }
    let mac = if is_ipv6 { None } else { identity::mac(id) };
    if mac.is_none() && !is_ipv6 {
        findings.unread(cell(line, "mac"), machine::not_a_mac(id));
    }
    let hostname = (*name != "*").then(|| (*name).to_owned());
    Ok((
        address,
        Lease {
            mac,
            hostname,
            ends_at,
            state: None,
        },
    ))
}

/// The end of a lease: `Some(None)` when unlimited, `None` when it is no time.
fn ends_at(end: &str) -> Option<Option<Timestamp>> {
    if end == "0" {
        Some(None)
    } else {
        instant::from_unix(end).map(Some)
    }
}
