//! How many of the subjects in scope are proven, and what is with the others: every bar is as long
//! as the others, because the question is how much of it is filled.

use sonae_domain::labels::{Label, Language};
use sonae_domain::verdict::{Coverage, Verdict};

use super::bars::{self, Bar, Mark};
use super::{Chart, ChartFrame, ChartTable, labels};
use crate::error::RenderError;

/// What one check, or the checks of one item, could say about their subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageBar {
    /// Title of the check or number of the item.
    pub label: String,
    /// How many of what.
    pub coverage: Coverage,
}

/// The parts of a bar from left to right. Subjects that a check does not apply to are in no bar.
const PARTS: [Verdict; 5] = [
    Verdict::Met,
    Verdict::NotMet,
    Verdict::Stale,
    Verdict::Conditional,
    Verdict::Unknown,
];

/// Proven of all in scope, a bar each. A bar with nothing in scope is empty, never full.
///
/// # Errors
/// The drawing cannot be written.
pub fn coverage_chart(frame: &ChartFrame<'_>, rows: &[CoverageBar]) -> Result<Chart, RenderError> {
    let language = frame.language;
    let present = |verdict: &Verdict| rows.iter().any(|row| n_of(&row.coverage, *verdict) > 0);
    let marks: Vec<_> = PARTS
        .into_iter()
        .filter(present)
        .map(|verdict| mark(verdict, language))
        .collect();
    let bars: Vec<_> = rows.iter().map(|row| bar(row, language)).collect();
    let described = if bars.is_empty() {
        labels::NOTHING_TO_SHOW
    } else {
        labels::COVERAGE_DESCRIBED
    };
    frame.chart(
        "chart-coverage",
        bars::draw(frame, &marks, &bars),
        described.of(language),
        table(rows, language),
    )
}

fn bar(row: &CoverageBar, language: Language) -> Bar {
    let coverage = &row.coverage;
    let figure = match coverage.n_in_scope() {
        0 => labels::NOTHING_IN_SCOPE.of(language).to_owned(),
        n_in_scope => format!("{} / {n_in_scope}", coverage.n_met),
    };
    Bar {
        label: row.label.clone(),
        figure,
        share: 1.0,
        parts: PARTS
            .into_iter()
            .map(|verdict| (mark(verdict, language), n_of(coverage, verdict)))
            .filter(|(_, n)| *n > 0)
            .collect(),
    }
}

fn mark(verdict: Verdict, language: Language) -> Mark {
    Mark {
        attribute: "data-verdict",
        key: labels::wire_name(verdict),
        symbol: labels::verdict_symbol(verdict),
        word: verdict.label(language),
    }
}

fn n_of(coverage: &Coverage, verdict: Verdict) -> usize {
    match verdict {
        Verdict::Met => coverage.n_met,
        Verdict::NotMet => coverage.n_not_met,
        Verdict::Stale => coverage.n_stale,
        Verdict::Conditional => coverage.n_conditional,
        Verdict::Unknown => coverage.n_unknown,
        Verdict::NotApplicable => coverage.n_not_applicable,
    }
}

fn table(rows: &[CoverageBar], language: Language) -> ChartTable {
    let columns = || PARTS.into_iter().chain([Verdict::NotApplicable]);
    let head = [labels::CHECK, labels::IN_SCOPE]
        .map(|label| label.of(language))
        .into_iter()
        .chain(columns().map(|verdict| verdict.label(language)));
    let row = |row: &CoverageBar| {
        let counts = columns().map(|verdict| n_of(&row.coverage, verdict));
        let numbers = [row.coverage.n_in_scope()].into_iter().chain(counts);
        [row.label.clone()]
            .into_iter()
            .chain(numbers.map(|n| n.to_string()))
            .collect()
    };
    ChartTable {
        caption: labels::COVERAGE_TITLE.of(language).to_owned(),
        head: head.map(str::to_owned).collect(),
        rows: rows.iter().map(row).collect(),
    }
}
