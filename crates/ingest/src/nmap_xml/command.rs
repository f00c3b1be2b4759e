//! The command line that nmap wrote into its report: which targets it names, and no secrets.

use std::collections::BTreeSet;

/// Options whose value is the next word; from nmap's own table of options.
const WITH_VALUE: [&str; 42] = [
    "-p",
    "-e",
    "-S",
    "-D",
    "-g",
    "-b",
    "-M",
    "-T",
    "-iR",
    "-oN",
    "-oX",
    "-oG",
    "-oA",
    "-oS",
    "-oM",
    "--script",
    "--script-args",
    "--script-args-file",
    "--script-timeout",
    "--exclude",
    "--excludefile",
    "--exclude-ports",
    "--top-ports",
    "--port-ratio",
    "--min-rate",
    "--max-rate",
    "--max-retries",
    "--host-timeout",
    "--scan-delay",
    "--max-scan-delay",
    "--min-parallelism",
    "--max-parallelism",
    "--min-hostgroup",
    "--max-hostgroup",
    "--min-rtt-timeout",
    "--max-rtt-timeout",
    "--initial-rtt-timeout",
    "--version-intensity",
    "--dns-servers",
    "--source-port",
    "--datadir",
    "--stylesheet",
];

/// The option that takes the targets from a file.
const FROM_FILE: &str = "-iL";

/// What scripts call their secrets, as a part of the argument's name.
const SECRET_NAMES: [&str; 6] = ["pass", "pwd", "community", "secret", "cred", "hash"];

/// The targets that a command line names, sorted, joined by a space; empty when it names none.
pub(super) fn targets(args: &str) -> String {
    let mut found = BTreeSet::new();
    let mut words = args.split_ascii_whitespace().skip(1);
    while let Some(word) = words.next() {
        if word == FROM_FILE {
            found.extend(words.next().map(|file| format!("{FROM_FILE} {file}")));
        } else if WITH_VALUE.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            found.insert(word.to_owned());
        }
    }
    found.into_iter().collect::<Vec<_>>().join(" ")
}

/// The command line with the values of secret script arguments taken out.
pub(super) fn without_secrets(args: &str) -> String {
    let pieces = args.split_inclusive([' ', ',', '{', '}', '"', '\'']);
    pieces.map(without_secret).collect()
}

fn without_secret(piece: &str) -> String {
    let end = piece
        .trim_end_matches([' ', ',', '{', '}', '"', '\''])
        .len();
    let (body, separator) = piece.split_at(end);
    let (name, value) = body.rsplit_once('=').unwrap_or((body, ""));
    let is_secret = SECRET_NAMES
        .iter()
        .any(|part| name.to_ascii_lowercase().contains(part));
    if value.is_empty() || !is_secret {
        return piece.to_owned();
    }
    format!("{name}=***{separator}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &str, expected: &str) {
        assert_eq!(targets(args), expected, "{args}");
    }

    #[test]
    fn finds_the_targets() {
        check("nmap -sn -n -oX out.xml 192.168.12.0/22", "192.168.12.0/22");
        check(
            "nmap -p 22,80 -oX - 10.0.0.2 10.0.0.1 10.0.0.2",
            "10.0.0.1 10.0.0.2",
        );
        check(
            "nmap -sS --script ssl-cert --script-args=a=b -T4 ehr",
            "ehr",
        );
        check("nmap -iL hosts.txt -oX out.xml", "-iL hosts.txt");
        check("nmap -V", "");
    }

    #[test]
    fn takes_secrets_out() {
        for (args, expected) in [
            (
                "nmap --script-args snmpcommunity=hosp,x=1 h",
                "nmap --script-args snmpcommunity=***,x=1 h",
            ),
            (
                "nmap --script-args=smbpassword=p=q h",
                "nmap --script-args=smbpassword=p=*** h",
            ),
            (
                "nmap -sn -oX a.xml 10.0.0.0/24",
                "nmap -sn -oX a.xml 10.0.0.0/24",
            ),
        ] {
            assert_eq!(without_secrets(args), expected);
        }
    }
}
