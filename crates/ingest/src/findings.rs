//! A list of findings that a person can still read, however damaged a file is.

use sonae_domain::edition::Text;
use sonae_domain::evidence::{Finding, Place, Severity};

use crate::labels::machine;

/// Nobody reads more than this; the rest is counted, so that a bad file does not fill the store.
const FINDINGS_MAX: usize = 200;

/// Findings of one reading, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    n_more: usize,
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
        if self.kept.len() < FINDINGS_MAX {
            self.kept.push(finding);
        } else {
            self.n_more += 1;
        }
    }

    /// The findings, and one about those that were only counted.
    pub(crate) fn into_vec(mut self) -> Vec<Finding> {
        if self.n_more > 0 {
            let text = machine::more_findings(self.n_more);
            self.kept.push(Finding {
                severity: Severity::Unread,
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
        let mut findings = Findings::default();
        for line in 1..=FINDINGS_MAX + 3 {
            findings.unread(row(line), machine::no_lease());
        }
        let all = findings.into_vec();
        assert_eq!(all.len(), FINDINGS_MAX + 1);
        assert!(
            all.last()
                .is_some_and(|last| last.text.en.contains("findings: 3."))
        );
    }
}
