//! The lease file of dnsmasq (`dnsmasq.leases`): what it gave to whom, one lease a line.
//!
//! Supported: the five columns of IPv4, the `duid` line and the IPv6 lines after it, unlimited
//! leases. Unsupported: client ids, which are not stored. Columns added later are skipped with a
//! notice.

mod detect;
mod read;
#[cfg(test)]
mod tests;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "dnsmasq_leases",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
