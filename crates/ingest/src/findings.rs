//! A list of findings that a person can still read, however damaged a file is.

use sonae_domain::edition::Text;
use sonae_domain::evidence::{Finding, Place, Severity};

use crate::labels::machine;

/// Nobody reads more notices than this; the rest is counted.
const NOTICES_MAX: usize = 200;

/// Of what was not read a person mends cell by cell: more than the rows of the largest ledger, and
/// few enough that a bad file does not fill the store.
const UNREAD_MAX: usize = 5_000;

/// Findings of one reading, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    n_notices: usize,
    n_unread: usize,
}

impl Findings {
    /// Read, worth a look.
    pub(crate) fn notice(&mut self, place: Place, text: Text) {
        self.push(Finding {
            severity: Severity::Notice,
            place,
            text,
        });
    }

    /// Not read; the rest was.
    pub(crate) fn unread(&mut self, place: Place, text: Text) {
        self.push(Finding {
            severity: Severity::Unread,
            place,
            text,
        });
    }

    fn push(&mut self, finding: Finding) {
        let (n, n_max) = match finding.severity {
            Severity::Notice => (&mut self.n_notices, NOTICES_MAX),
            Severity::Unread => (&mut self.n_unread, UNREAD_MAX),
        };
        *n += 1;
        if *n <= n_max {
            self.kept.push(finding);
        }
    }

    /// The findings, and one about those that were only counted, as bad as the worst of them.
    pub(crate) fn into_vec(mut self) -> Vec<Finding> {
        let n_unread = self.n_unread.saturating_sub(UNREAD_MAX);
        let n_more = n_unread + self.n_notices.saturating_sub(NOTICES_MAX);
        if n_more > 0 {
            let severity = match n_unread {
                0 => Severity::Notice,
                _ => Severity::Unread,
            };
            let text = machine::more_findings(n_more);
            self.kept.push(Finding {
                severity,
                place: whole(),
                text,
            });
        }
        self.kept
    }
}

/// The file as a whole.
pub(crate) fn whole() -> Place {
    Place::default()
}

/// A line or row, counted from 1.
pub(crate) fn row(row: usize) -> Place {
    Place {
        part: None,
        row: u32::try_from(row).ok(),
        column: None,
    }
}

/// A cell or an attribute.
pub(crate) fn cell(line: usize, column: &str) -> Place {
    Place {
        column: Some(column.to_owned()),
        ..row(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_nobody_would_read() {
        let check = |push: fn(&mut Findings, Place, Text), n_max: usize, severity: Severity| {
            let mut findings = Findings::default();
            for line in 1..=n_max + 3 {
                push(&mut findings, row(line), machine::no_lease());
            }
            let all = findings.into_vec();
            assert_eq!(all.len(), n_max + 1);
            let last = all.last().expect("one about the rest");
            assert!(last.text.en.contains("findings: 3."));
            assert_eq!(last.severity, severity);
        };
        check(Findings::notice, NOTICES_MAX, Severity::Notice);
        check(Findings::unread, UNREAD_MAX, Severity::Unread);
    }

    #[test]
    fn notices_never_hide_what_was_not_read() {
        let mut findings = Findings::default();
        for line in 1..=NOTICES_MAX + 3 {
            findings.notice(row(line), machine::no_lease());
        }
        findings.unread(row(999), machine::no_lease());
        let unread = |finding: &&Finding| finding.severity == Severity::Unread;
        assert_eq!(findings.into_vec().iter().filter(unread).count(), 1);
    }
}
