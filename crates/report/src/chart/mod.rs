//! Charts where people would rather look than read, as SVG that stands inside a page. Every chart
//! comes with the same numbers as a table, for who cannot see it and for who wants to be sure.
//!
//! Nothing is styled here: the page's rules allow no style inside the markup, so the style sheet
//! decides by class. It must leave the letter size at 14 px, by which places are computed.
//!
//! | class | what it is |
//! | --- | --- |
//! | `chart` | the picture, with `chart-standings`, `chart-coverage` or `chart-timeline` |
//! | `chart-seg` | a part of a bar, and its patch in the legend; `data-standing` or `data-verdict` says which, as over the wire |
//! | `chart-count` | symbol and number on a part: the `text` right behind its `chart-seg` |
//! | `chart-empty` | the outline of a bar with nothing in scope |
//! | `chart-axis` | where bars begin; the line below the months |
//! | `chart-grid` | the beginning of a month; the line between lanes |
//! | `chart-today` | the line of today |
//! | `chart-point` | a day of the timeline; `data-kind` says of what |
//! | `chart-past` | together with `chart-point`: the day is over |
//! | `chart-strong`, `chart-faint` | text that counts more, or less, than the rest |

mod bars;
mod coverage;
mod labels;
mod standings;
mod timeline;

use sonae_domain::labels::Language;

use crate::error::RenderError;
use crate::svg::{self, Element};
use crate::width;

pub use coverage::{CoverageBar, coverage_chart};
pub use standings::{SectionStandings, standings_chart};
pub use timeline::{PointKind, Timeline, TimelinePoint, timeline_chart};

/// All classes that a chart may carry; the style sheet must know each of them.
pub const CHART_CLASSES: [&str; 14] = [
    "chart",
    "chart-axis",
    "chart-count",
    "chart-coverage",
    "chart-empty",
    "chart-faint",
    "chart-grid",
    "chart-past",
    "chart-point",
    "chart-seg",
    "chart-standings",
    "chart-strong",
    "chart-timeline",
    "chart-today",
];

/// Where a chart stands on its page.
#[derive(Debug, Clone, Copy)]
pub struct ChartFrame<'a> {
    /// Begins the ids inside the picture, and is used once on a page: letters, digits, `-`.
    pub id: &'a str,
    /// In CSS pixels. A narrow picture is laid out differently, so a page for phone and desk
    /// carries two, each with an id of its own.
    pub width: u16,
    /// Of the words that are ours.
    pub language: Language,
}

/// A chart and its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// An `svg` element without a prolog.
    pub svg: String,
    /// To be shown with it, always.
    pub table: ChartTable,
}

/// The numbers of a chart; the first cell of a row is its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartTable {
    /// Also the title of the picture.
    pub caption: String,
    /// As many as there are cells in a row.
    pub head: Vec<String>,
    /// Cells by row.
    pub rows: Vec<Vec<String>>,
}

/// In pixels; what the style sheet gives `.chart text`.
const LETTER: f64 = 14.0;
/// From the middle of a line to the feet of its letters.
const TO_FEET: f64 = 5.0;
/// Below this, labels stand above what they name instead of beside it: on a phone nothing would be
/// left for the bars.
const WIDE_FROM: f64 = 560.0;

impl ChartFrame<'_> {
    fn width(&self) -> f64 {
        f64::from(self.width)
    }

    fn is_wide(&self) -> bool {
        self.width() >= WIDE_FROM
    }

    /// The finished chart.
    fn chart(
        &self,
        class: &str,
        (body, height): (Vec<Element>, f64),
        description: &str,
        table: ChartTable,
    ) -> Result<Chart, RenderError> {
        let class = format!("chart {class}");
        let words = (table.caption.as_str(), Some(description));
        let picture = svg::picture(self.id, &class, (self.width(), height), words)
            .at("font-size", LETTER)
            .holding(body);
        let svg = picture.to_text().map_err(RenderError::Svg)?;
        Ok(Chart { svg, table })
    }
}

/// Text whose line has its middle at a height.
fn text(x: f64, y_middle: f64, words: &str) -> Element {
    let text = Element::new("text").at("x", x).at("y", y_middle + TO_FEET);
    text.saying(words)
}

/// A line from one point to another.
fn line(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> Element {
    Element::of_class("line", class)
        .at("x1", x1)
        .at("y1", y1)
        .at("x2", x2)
        .at("y2", y2)
}

/// In pixels.
fn width_of(text: &str) -> f64 {
    width::loose_ems(text) * LETTER
}

/// What of a text fits into so many pixels.
fn fitting(text: &str, width: f64) -> String {
    width::fitting(text, width / LETTER, width::loose_ems)
}

/// For the screen; beyond four thousand millions a bar does not grow.
fn as_f64(n: usize) -> f64 {
    u32::try_from(n).unwrap_or(u32::MAX).into()
}

#[cfg(test)]
mod tests;
