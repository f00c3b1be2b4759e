//! Whether bytes look like Borg's list: a JSON object that begins with its archives.

use crate::Input;
use crate::head::head;

pub(super) fn detect(input: &Input<'_>) -> bool {
    let head = head(input.bytes);
    let text = head.trim_start_matches('\u{feff}').trim_start();
    let has = |key: &str| text.contains(key);
    text.starts_with('{') && has("\"archives\"") && (has("\"archive\"") || has("\"repository\""))
}
