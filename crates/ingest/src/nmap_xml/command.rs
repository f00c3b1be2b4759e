//! The command line that nmap wrote into its report: which targets it names, and whether it
//! holds a secret.

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

/// Whether a command line gives a script a secret: `--script-args snmpcommunity=...`.
pub(super) fn has_secret(args: &str) -> bool {
    args.split([' ', ',', '{', '}', '"', '\'']).any(|piece| {
        let (name, value) = piece.rsplit_once('=').unwrap_or((piece, ""));
        let name = name.to_ascii_lowercase();
        !value.is_empty() && SECRET_NAMES.iter().any(|part| name.contains(part))
    })
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
    fn tells_whether_there_is_a_secret() {
        for (args, expected) in [
            ("nmap --script-args snmpcommunity=hosp,x=1 h", true),
            ("nmap --script-args=smbpassword=p=q h", true),
            ("nmap --script-args smbpassword= h", false),
            ("nmap -sn -oX a.xml 10.0.0.0/24", false),
        ] {
            assert_eq!(has_secret(args), expected, "{args}");
        }
    }
}
