//! Which characters the embedded fonts can print, and what is printed for the others.
//! Nothing is dropped unseen: 〓, the printers' mark for a missing letter, takes the place.

use std::collections::BTreeSet;

use serde_json::Value;

/// Printed in place of a character that no embedded font has.
const MISSING: char = '〓';

/// Replaces what cannot be printed in all strings, and names what was replaced as `U+1F600`.
pub(crate) fn replace_unprintable(
    value: &mut Value,
    printable: &dyn Fn(char) -> bool,
) -> Vec<String> {
    let mut missing = BTreeSet::new();
    visit(value, printable, &mut missing);
    missing
        .into_iter()
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect()
}

fn visit(value: &mut Value, printable: &dyn Fn(char) -> bool, missing: &mut BTreeSet<char>) {
    match value {
        Value::String(text) => *text = replaced(text, printable, missing),
        Value::Array(values) => values.iter_mut().for_each(|v| visit(v, printable, missing)),
        Value::Object(map) => map.values_mut().for_each(|v| visit(v, printable, missing)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn replaced(text: &str, printable: &dyn Fn(char) -> bool, missing: &mut BTreeSet<char>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' => out.push(c),
            '\r' => out.push('\n'),
            '\t' | '\u{a0}' => out.push(' '),
            c if is_variation_selector(c) || (!c.is_control() && printable(c)) => out.push(c),
            c => {
                missing.insert(c);
                out.push(MISSING);
            }
        }
    }
    out
}

/// Chooses between shapes of the same kanji; a font without the shape shows the usual one.
fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_letters_are_marked_and_named() {
        let mut value = json!({"a": ["髙😀\u{202e}", 1, null], "b": "x\ty\r\nz\u{0}葛\u{e0100}"});
        let printable = |c: char| !matches!(c, '😀' | '\u{202e}');
        let missing = replace_unprintable(&mut value, &printable);
        assert_eq!(missing, ["U+0000", "U+202E", "U+1F600"]);
        assert_eq!(
            value,
            json!({"a": ["髙〓〓", 1, null], "b": "x y\nz〓葛\u{e0100}"})
        );
    }
}
