//! Whether bytes look like dnsmasq's lease file: end in seconds, id, address, name, client.

use crate::Input;
use crate::head::head;
use crate::identity;

pub(super) fn detect(input: &Input<'_>) -> bool {
    let head = head(input.bytes);
    let Some(line) = head.lines().find(|line| !line.trim().is_empty()) else {
        return false;
    };
    let columns: Vec<&str> = line.split_ascii_whitespace().collect();
    match columns.as_slice() {
        ["duid", id] => id.contains(':'),
        [end, id, address, _, _, ..] => {
            let is_number = end.bytes().all(|b| b.is_ascii_digit());
            is_number && !id.is_empty() && identity::ip(address).is_some()
        }
        _ => false,
    }
}
