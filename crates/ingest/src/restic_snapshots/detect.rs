//! Whether bytes look like restic's list: a JSON list, empty or of snapshots.

use crate::Input;
use crate::head::head;

pub(super) fn detect(input: &Input<'_>) -> bool {
    let head = head(input.bytes);
    let text = head.trim_start_matches('\u{feff}').trim();
    let Some(rest) = text.strip_prefix('[') else {
        return text == "null";
    };
    let is_empty = rest.trim_start().starts_with(']');
    is_empty
        || ["\"time\"", "\"hostname\"", "\"paths\""]
            .iter()
            .all(|key| rest.contains(key))
}
