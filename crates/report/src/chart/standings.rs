//! How the items of each section stand, as bars in parts on a common scale.

use std::collections::BTreeMap;

use sonae_domain::labels::{Label, Language};
use sonae_domain::standing::Standing;

use super::bars::{self, Bar, Mark};
use super::{Chart, ChartFrame, ChartTable, as_f64, labels};
use crate::error::RenderError;
use crate::labels::{STANDINGS, standing_mark};

/// The items of one section of a form, counted by how they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionStandings {
    /// Title of the section.
    pub label: String,
    /// How many items stand so; who does not stand there counts as none.
    pub counts: BTreeMap<Standing, usize>,
}

impl SectionStandings {
    fn n_of(&self, standing: Standing) -> usize {
        self.counts.get(&standing).copied().unwrap_or_default()
    }

    fn n_items(&self) -> usize {
        self.counts.values().sum()
    }
}

/// Standings by section, as long as the section has items. Standings that nobody has are left out
/// of legend and table.
///
/// # Errors
/// The drawing cannot be written.
pub fn standings_chart(
    frame: &ChartFrame<'_>,
    sections: &[SectionStandings],
) -> Result<Chart, RenderError> {
    let language = frame.language;
    let n_of = |standing| sections.iter().map(|s| s.n_of(standing)).sum();
    let totals: Vec<(Standing, usize)> = STANDINGS
        .into_iter()
        .map(|standing| (standing, n_of(standing)))
        .filter(|(_, n)| *n > 0)
        .collect();
    let marks: Vec<_> = totals.iter().map(|(s, _)| mark(*s, language)).collect();
    let bars = bars(sections, language);
    frame.chart(
        "chart-standings",
        bars::draw(frame, &marks, &bars),
        &labels::standings_described(&totals, language),
        table(sections, &totals, language),
    )
}

fn bars(sections: &[SectionStandings], language: Language) -> Vec<Bar> {
    let longest = sections.iter().map(SectionStandings::n_items).max();
    let longest = as_f64(longest.unwrap_or_default().max(1));
    let bar = |section: &SectionStandings| {
        let parts = STANDINGS
            .into_iter()
            .filter(|standing| section.n_of(*standing) > 0)
            .map(|standing| (mark(standing, language), section.n_of(standing)))
            .collect();
        let n_items = section.n_items();
        Bar {
            label: section.label.clone(),
            figure: n_items.to_string(),
            share: as_f64(n_items.max(1)) / longest,
            parts,
        }
    };
    sections.iter().map(bar).collect()
}

fn mark(standing: Standing, language: Language) -> Mark {
    Mark {
        attribute: "data-standing",
        key: labels::wire_name(standing),
        symbol: standing_mark(standing).0,
        word: standing.label(language),
    }
}

fn table(
    sections: &[SectionStandings],
    totals: &[(Standing, usize)],
    language: Language,
) -> ChartTable {
    let words = totals.iter().map(|(standing, _)| standing.label(language));
    let head = [labels::SECTION.of(language)]
        .into_iter()
        .chain(words)
        .chain([labels::TOTAL.of(language)]);
    let row = |section: &SectionStandings| {
        let counts = totals.iter().map(|(standing, _)| section.n_of(*standing));
        let numbers = counts.chain([section.n_items()]).map(|n| n.to_string());
        [section.label.clone()].into_iter().chain(numbers).collect()
    };
    ChartTable {
        caption: labels::STANDINGS_TITLE.of(language).to_owned(),
        head: head.map(str::to_owned).collect(),
        rows: sections.iter().map(row).collect(),
    }
}
