//! Bars in parts, one below the other, with a legend above. What the parts mean, the caller knows.

use super::{ChartFrame, LETTER, as_f64, fitting, labels, line, text, width_of};
use crate::svg::Element;

/// What a part of a bar stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// `data-standing` or `data-verdict`.
    pub(super) attribute: &'static str,
    /// The name over the wire.
    pub(super) key: String,
    /// Tells it apart where colours do not.
    pub(super) symbol: &'static str,
    pub(super) word: &'static str,
}

/// One bar.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) label: String,
    /// Behind the bar.
    pub(super) figure: String,
    /// Above 0 and at most 1: which share of the width the bar takes.
    pub(super) share: f64,
    /// How many of what; none for a bar with nothing in it.
    pub(super) parts: Vec<(Mark, usize)>,
}

const BAR_HEIGHT: f64 = 24.0;
const ROW_GAP: f64 = 12.0;
/// Of a label that stands above its bar, and of the legend.
const LINE_HEIGHT: f64 = 24.0;
const GAP: f64 = 8.0;
const PATCH: f64 = 14.0;
/// The label's part of a wide picture, at most.
const LABEL_SHARE_MAX: f64 = 0.35;
/// One contradiction among three thousand must still be seen, and told from what is overdue by its
/// symbol; the other parts give way.
const PART_WIDTH_MIN: f64 = LETTER;

/// A part that is as wide as a letter has room for one, however the sums were rounded.
const ROUNDING: f64 = 0.01;

struct Layout {
    x_bar: f64,
    bar_width: f64,
    x_right: f64,
    row_height: f64,
    label_above: bool,
}

impl Layout {
    fn of(frame: &ChartFrame<'_>, bars: &[Bar]) -> Self {
        let widest = |width: &dyn Fn(&Bar) -> f64| bars.iter().map(width).fold(0.0, f64::max);
        let label_above = !frame.is_wide();
        let (label, figure) = if label_above {
            (0.0, 0.0)
        } else {
            let label = widest(&|bar| width_of(&bar.label)).min(frame.width() * LABEL_SHARE_MAX);
            (label + GAP, widest(&|bar| width_of(&bar.figure)) + GAP)
        };
        Self {
            // Half a pixel, so that the axis is as sharp as it is thin.
            x_bar: label + 0.5,
            bar_width: frame.width() - label - figure - 1.0,
            x_right: frame.width(),
            row_height: BAR_HEIGHT + ROW_GAP + if label_above { LINE_HEIGHT } else { 0.0 },
            label_above,
        }
    }

    /// A row whose upper edge is at `y`.
    fn row(&self, y: f64, bar: &Bar) -> Element {
        let y_bar = y + if self.label_above { LINE_HEIGHT } else { 0.0 };
        let y_label = if self.label_above { y } else { y_bar } + BAR_HEIGHT / 2.0;
        let room = if self.label_above {
            self.bar_width - width_of(&bar.figure) - GAP
        } else {
            self.x_bar - GAP
        };
        let label = text(0.0, y_label, &fitting(&bar.label, room));
        let figure = text(self.x_right, y_label, &bar.figure)
            .with("class", "chart-strong")
            .with("text-anchor", "end");
        let axis = (self.x_bar, y_bar - 4.0);
        Element::new("g")
            .holding([label])
            .holding(self.parts(y_bar, bar))
            .holding([
                line("chart-axis", axis, (self.x_bar, y_bar + BAR_HEIGHT + 4.0)),
                figure,
            ])
    }

    fn parts(&self, y: f64, bar: &Bar) -> Vec<Element> {
        let width = self.bar_width * bar.share;
        if bar.parts.is_empty() {
            let outline = Element::of_class("rect", "chart-empty");
            return vec![sized(outline, (self.x_bar, y), (width, BAR_HEIGHT))];
        }
        let counts: Vec<_> = bar.parts.iter().map(|(_, n)| *n).collect();
        let mut x = self.x_bar;
        let mut parts = Vec::new();
        for ((mark, n), width) in bar.parts.iter().zip(widths(&counts, width)) {
            parts.push(part((x, y), width, (mark, *n), &bar.label));
            x += width;
        }
        parts
    }
}

/// Legend and bars, and how high they are together.
pub(super) fn draw(frame: &ChartFrame<'_>, marks: &[Mark], bars: &[Bar]) -> (Vec<Element>, f64) {
    if bars.is_empty() {
        let nothing = labels::NOTHING_TO_SHOW.of(frame.language);
        return (vec![text(0.0, LINE_HEIGHT / 2.0, nothing)], LINE_HEIGHT);
    }
    let layout = Layout::of(frame, bars);
    let (mut body, mut y) = legend(frame, marks);
    for bar in bars {
        body.push(layout.row(y, bar));
        y += layout.row_height;
    }
    (body, y)
}

/// Words side by side, in as many lines as they need.
fn legend(frame: &ChartFrame<'_>, marks: &[Mark]) -> (Vec<Element>, f64) {
    let (mut x, mut y) = (0.0, 0.0);
    let mut entries = Vec::new();
    for mark in marks {
        let words = format!("{} {}", mark.symbol, mark.word);
        let width = PATCH + GAP + width_of(&words);
        if x > 0.0 && x + width > frame.width() {
            x = 0.0;
            y += LINE_HEIGHT;
        }
        let middle = y + LINE_HEIGHT / 2.0;
        let patch = (x + 0.5, middle - PATCH / 2.0);
        entries.push(sized(segment(mark), patch, (PATCH, PATCH)));
        entries.push(text(x + PATCH + GAP, middle, &words));
        x += width + 2.0 * GAP;
    }
    let height = if marks.is_empty() {
        0.0
    } else {
        y + LINE_HEIGHT + ROW_GAP
    };
    (entries, height)
}

/// A part of a bar, named when the mouse rests on it. Colours repeat and symbols do not, so the
/// number goes first where there is no room.
fn part((x, y): (f64, f64), width: f64, (mark, n): (&Mark, usize), label: &str) -> Element {
    let title = Element::new("title").saying(&format!("{label}: {} {n}", mark.word));
    let rect = sized(segment(mark), (x, y), (width, BAR_HEIGHT));
    let symbol = mark.symbol;
    let counts = [
        format!("{symbol} {n}"),
        format!("{symbol}{n}"),
        symbol.to_owned(),
    ];
    let count = counts
        .into_iter()
        .find(|count| width_of(count) <= width + ROUNDING)
        .map(|count| {
            text(x + width / 2.0, y + BAR_HEIGHT / 2.0, &count)
                .with("class", "chart-count")
                .with("text-anchor", "middle")
        });
    Element::new("g").holding([title, rect]).holding(count)
}

fn segment(mark: &Mark) -> Element {
    Element::of_class("rect", "chart-seg").with(mark.attribute, &mark.key)
}

fn sized(rect: Element, (x, y): (f64, f64), (width, height): (f64, f64)) -> Element {
    rect.at("x", x)
        .at("y", y)
        .at("width", width)
        .at("height", height)
}

/// Shares a width among the parts of a bar: a little for each, the rest by number.
pub(super) fn widths(counts: &[usize], width: f64) -> Vec<f64> {
    let [total, n_parts] = [counts.iter().sum(), counts.len()].map(as_f64);
    let least = PART_WIDTH_MIN.min(width / n_parts);
    let rest = width - least * n_parts;
    let share = |n: &usize| least + rest * as_f64(*n) / total;
    counts.iter().map(share).collect()
}
