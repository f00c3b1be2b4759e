//! What the charts of the pages show; how they are drawn is known in `report`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sonae_domain::labels::Language;
use sonae_report::{
    Chart, ChartFrame, ChartTable, CoverageBar, PointKind, RenderError, SectionStandings, Timeline,
    TimelinePoint,
};

use super::checklist::Checklist;
use super::deadlines::{Deadline, DeadlineKind};
use super::failure::Failure;
use super::form::render_failure;

/// CSS pixels of a chart on a desk, and on a phone with its margins.
const WIDE: u16 = 880;
const NARROW: u16 = 340;

/// A chart for a desk and for a phone, and its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// An `svg` element.
    pub(crate) wide: String,
    /// An `svg` element.
    pub(crate) narrow: String,
    pub(crate) table: ChartTable,
}

/// How the items of each section stand.
///
/// # Errors
/// The drawing fails.
pub(crate) fn standings(checklist: &Checklist<'_>, language: Language) -> Result<Drawn, Failure> {
    let mut counts: BTreeMap<&str, BTreeMap<_, usize>> = BTreeMap::new();
    for standing in &checklist.standings {
        if let Some(item) = checklist.item(standing) {
            let section = counts.entry(&item.section).or_default();
            *section.entry(standing.standing).or_default() += 1;
        }
    }
    let sections = checklist.form.sections.iter();
    let sections: Vec<SectionStandings> = sections
        .map(|section| SectionStandings {
            label: section.title.text.clone(),
            counts: counts.remove(section.id.as_str()).unwrap_or_default(),
        })
        .collect();
    drawn(["standings", "standings-phone"], language, |frame| {
        sonae_report::standings_chart(frame, &sections)
    })
}

/// How much of what each check looks at is proven; none where no check has anything to look at.
///
/// # Errors
/// The drawing fails.
pub(crate) fn coverage(
    checklist: &Checklist<'_>,
    language: Language,
) -> Result<Option<Drawn>, Failure> {
    let verdicts = checklist.judged.verdicts.values();
    let bars: Vec<CoverageBar> = verdicts
        .filter(|verdict| verdict.coverage.n_in_scope() > 0)
        .filter_map(|verdict| {
            let title = &checklist.check(&verdict.check)?.title;
            Some(CoverageBar {
                label: title.get(language).to_owned(),
                coverage: verdict.coverage,
            })
        })
        .collect();
    if bars.is_empty() {
        return Ok(None);
    }
    let drawn = drawn(["coverage", "coverage-phone"], language, |frame| {
        sonae_report::coverage_chart(frame, &bars)
    });
    drawn.map(Some)
}

/// The deadlines of a fiscal year.
///
/// # Errors
/// The drawing fails.
pub(crate) fn timeline(
    fiscal_year: i16,
    today: Date,
    deadlines: &[Deadline],
    language: Language,
) -> Result<Drawn, Failure> {
    let point = |deadline: &Deadline| TimelinePoint {
        on: deadline.on,
        kind: point_kind(deadline.kind),
        label: deadline.title.get(language).to_owned(),
    };
    let points: Vec<TimelinePoint> = deadlines.iter().map(point).collect();
    let timeline = Timeline {
        fiscal_year,
        today,
        points: &points,
    };
    drawn(["timeline", "timeline-phone"], language, |frame| {
        sonae_report::timeline_chart(frame, &timeline)
    })
}

fn point_kind(kind: DeadlineKind) -> PointKind {
    match kind {
        DeadlineKind::Ministry => PointKind::Deadline,
        DeadlineKind::Target => PointKind::Target,
        DeadlineKind::Evidence => PointKind::EvidenceExpiry,
        DeadlineKind::Contract
        | DeadlineKind::Support
        | DeadlineKind::Document
        | DeadlineKind::Explanation
        | DeadlineKind::Grant
        | DeadlineKind::Request
        | DeadlineKind::Remark => PointKind::Other,
    }
}

/// Draws for desk and phone, each with its own id.
fn drawn(
    [wide, narrow]: [&str; 2],
    language: Language,
    draw: impl Fn(&ChartFrame<'_>) -> Result<Chart, RenderError>,
) -> Result<Drawn, Failure> {
    let draw = |id, width| {
        let frame = ChartFrame {
            id,
            width,
            language,
        };
        draw(&frame).map_err(render_failure)
    };
    let Chart { svg: wide, table } = draw(wide, WIDE)?;
    let narrow = draw(narrow, NARROW)?.svg;
    Ok(Drawn {
        wide,
        narrow,
        table,
    })
}
