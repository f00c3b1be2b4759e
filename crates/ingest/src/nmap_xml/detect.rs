//! Whether bytes look like nmap's XML report: its root element near the top.

use crate::Input;
use crate::head::head;

pub(super) fn detect(input: &Input<'_>) -> bool {
    let head = head(input.bytes);
    head.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
        && head.contains("<nmaprun")
}
