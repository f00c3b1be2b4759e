//! Whether bytes look like Kea's lease file: the names in its first line.

use crate::Input;
use crate::head::head;

pub(super) fn detect(input: &Input<'_>) -> bool {
    let head = head(input.bytes);
    let names: Vec<&str> = head
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .split(',')
        .collect();
    ["address", "valid_lifetime", "expire", "subnet_id"]
        .iter()
        .all(|name| names.contains(name))
}
