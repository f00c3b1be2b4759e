//! What the parts of the collector write into: rows by table, and what could not be seen.
//! It knows nothing about where either comes from.

use sonae_domain::fact::{FactRows, FactValue};

use super::files::FileError;
use super::run::RunError;

/// Rows and gaps of one part, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// A table is here when it could be looked at, even if nothing was in it.
    pub(super) tables: Vec<FactRows>,
    /// What is missing from them, and why.
    pub(super) gaps: Vec<Gap>,
}

/// Something that the collector could not see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gap {
    /// The fact table that is incomplete.
    pub(crate) table: &'static str,
    /// Why.
    pub(crate) code: GapCode,
    /// File or command.
    pub(crate) detail: String,
}

/// Why something could not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GapCode {
    /// The administrator of the machine would see it.
    NeedsRoot,
    /// The program that would tell is not installed.
    ToolMissing,
    /// Missing, damaged, or in a form that we do not read.
    NotReadable,
    /// The program did not answer in time.
    TimedOut,
}

impl GapCode {
    /// The value of the column `code`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NeedsRoot => "needs_root",
            Self::ToolMissing => "tool_missing",
            Self::NotReadable => "not_readable",
            Self::TimedOut => "timed_out",
        }
    }
}

impl Seen {
    /// Records a table that could be looked at.
    pub(super) fn record(&mut self, rows: FactRows) {
        self.tables.push(rows);
    }

    /// Records that something is missing from a table.
    pub(super) fn gap(
        &mut self,
        table: &'static str,
        code: impl Into<GapCode>,
        detail: impl Into<String>,
    ) {
        let gap = Gap {
            table,
            code: code.into(),
            detail: detail.into(),
        };
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }
}

/// Gaps as rows of their own table.
pub(super) fn gap_rows(gaps: &[Gap]) -> FactRows {
    let mut rows = FactRows::new("collection_gaps", &["table_name", "code", "detail"]);
    rows.rows = gaps
        .iter()
        .map(|gap| -> Vec<FactValue> {
            vec![
                gap.table.into(),
                gap.code.as_str().into(),
                gap.detail.as_str().into(),
            ]
        })
        .collect();
    rows
}

impl From<FileError> for GapCode {
    fn from(error: FileError) -> Self {
        match error {
            FileError::NeedsRoot => Self::NeedsRoot,
            FileError::Missing | FileError::NotReadable => Self::NotReadable,
        }
    }
}

impl From<RunError> for GapCode {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Missing => Self::ToolMissing,
            RunError::TimedOut => Self::TimedOut,
            RunError::Failed => Self::NotReadable,
        }
    }
}
