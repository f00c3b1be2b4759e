//! The lease file of ISC's DHCP server (`dhcpd.leases`).
//!
//! Supported: `lease` blocks of IPv4, times in UTC, with an offset, or as seconds (`epoch`), `never`,
//! all binding states; the file is a journal, so the last block for an address counts.
//! Unsupported: IPv6 blocks (`ia-na`, `ia-ta`, `ia-pd`), named with a finding; reservations
//! (`host`), failover and class statements, which say nothing about a device seen.

mod detect;
mod read;
#[cfg(test)]
mod tests;
mod tokens;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "isc_leases",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
