//! Whether bytes look like `dhcpd.leases`: its comment, or its first statement.

use crate::Input;
use crate::head::head;

/// Words that a statement at the top of such a file begins with.
const FIRST_WORDS: [&str; 6] = [
    "lease",
    "authoring-byte-order",
    "server-duid",
    "ia-na",
    "ia-pd",
    "failover",
];

pub(super) fn detect(input: &Input<'_>) -> bool {
    let head = head(input.bytes);
    if head.starts_with('#') && head.contains("dhcpd.leases(5)") {
        return true;
    }
    let mut lines = head.lines().map(str::trim);
    let Some(line) = lines.find(|l| !l.is_empty() && !l.starts_with('#')) else {
        return false;
    };
    let is_statement = line.contains('{') || line.ends_with(';');
    is_statement
        && line
            .split_whitespace()
            .next()
            .is_some_and(|word| FIRST_WORDS.contains(&word))
}
