//! Whether bytes look like LDIF: its version line, its first `dn`, or the comment of the tool.

use crate::Input;
use crate::head::head;

/// How the tools begin their exports.
const COMMENTS: [&str; 2] = ["# extended LDIF", "# LDAPv3"];

pub(super) fn detect(input: &Input<'_>) -> bool {
    let head = head(input.bytes);
    let lines = || {
        head.lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
    };
    if lines()
        .take_while(|line| line.starts_with('#'))
        .any(|line| COMMENTS.contains(&line))
    {
        return true;
    }
    let is_content = |line: &&str| !line.starts_with(['#', ' ']);
    lines().find(is_content).is_some_and(|line| {
        let name = line
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_version = name == "version" && line.ends_with(|c: char| c.is_ascii_digit());
        // An export without entries is nothing but its version.
        let is_alone = lines().filter(is_content).count() == 1;
        name == "dn" || (is_version && (is_alone || lines().any(|line| line.starts_with("dn:"))))
    })
}
