//! The days of a fiscal year (年度) from April to March that somebody has to keep in mind, a lane
//! for each kind. Labels that would touch go to the next line of their lane.

use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::era;

use super::{Chart, ChartFrame, ChartTable, as_f64, fitting, labels, line, text, width_of};
use crate::error::RenderError;
use crate::labels::written;
use crate::svg::Element;

/// What a day is about; each kind has a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PointKind {
    /// Set by the ministry, such as 二要素認証 by the end of 令和9年度.
    Deadline,
    /// 目標日
    Target,
    /// The last day on which a piece of evidence counts.
    EvidenceExpiry,
    /// The end of a contract, a support, an exception.
    Other,
}

impl PointKind {
    const ALL: [Self; 4] = [
        Self::Deadline,
        Self::Target,
        Self::EvidenceExpiry,
        Self::Other,
    ];
}

/// A day to keep in mind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimelinePoint {
    /// When.
    pub on: Date,
    /// Of what kind.
    pub kind: PointKind,
    /// What, in a few words.
    pub label: String,
}

/// The days of a year as seen from a day.
#[derive(Debug, Clone, Copy)]
pub struct Timeline<'a> {
    /// Which year is drawn. Days before and after it stand at its edges with an arrow.
    pub fiscal_year: i16,
    /// Marked, if it lies in the year.
    pub today: Date,
    /// In any order.
    pub points: &'a [TimelinePoint],
}

const ROW_HEIGHT: f64 = 24.0;
const LANE_GAP: f64 = 8.0;
/// Room for the marks at the edges.
const EDGE: f64 = 10.0;
/// From the middle of a mark to its label, and half of its size.
const MARK: f64 = 6.0;
const GAP: f64 = 5.0;
/// More lines in a lane, and a chart is harder to read than its table: further days are marked
/// below, without a label.
const ROWS_MAX: usize = 6;
/// Today, and the months.
const HEAD_HEIGHT: f64 = 2.0 * ROW_HEIGHT;

/// The timeline of a year, and all its days as a table.
///
/// # Errors
/// The drawing cannot be written.
pub fn timeline_chart(
    frame: &ChartFrame<'_>,
    timeline: &Timeline<'_>,
) -> Result<Chart, RenderError> {
    let language = frame.language;
    let mut points: Vec<&TimelinePoint> = timeline.points.iter().collect();
    points.sort();
    let next = points.iter().find(|point| point.on >= timeline.today);
    let next = next.map(|point| (point.on, point.label.as_str()));
    let row = |point: &&TimelinePoint| {
        let kind = labels::point_kind(point.kind).of(language);
        vec![
            written(point.on, language),
            kind.to_owned(),
            point.label.clone(),
        ]
    };
    let head = [labels::DAY, labels::KIND, labels::WHAT];
    let table = ChartTable {
        caption: labels::timeline_title(timeline.fiscal_year, language),
        head: head.map(|label| label.of(language).to_owned()).to_vec(),
        rows: points.iter().map(row).collect(),
    };
    frame.chart(
        "chart-timeline",
        Drawing::of(frame, timeline).draw(&points),
        &labels::timeline_described(points.len(), next, language),
        table,
    )
}

/// Where a day stands: days outside the year share its edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    On(Date),
    After,
}

struct Drawing<'a> {
    frame: &'a ChartFrame<'a>,
    today: Date,
    first: Date,
    last: Date,
    /// Of the first and of the last day.
    x: (f64, f64),
}

impl<'a> Drawing<'a> {
    fn of(frame: &'a ChartFrame<'a>, timeline: &Timeline<'_>) -> Self {
        let (first, last) = era::fiscal_year_days(timeline.fiscal_year);
        let lane_words = PointKind::ALL.map(|kind| labels::point_kind(kind).of(frame.language));
        let widest = lane_words.map(width_of).into_iter().fold(0.0, f64::max);
        let x_first = if frame.is_wide() { widest + GAP } else { 0.0 } + EDGE;
        Self {
            frame,
            today: timeline.today,
            first,
            last,
            x: (x_first, frame.width() - EDGE),
        }
    }

    fn draw(&self, points: &[&TimelinePoint]) -> (Vec<Element>, f64) {
        let mut y = HEAD_HEIGHT + LANE_GAP;
        let mut lanes = Vec::new();
        for kind in PointKind::ALL {
            let of_kind: Vec<_> = points.iter().copied().filter(|p| p.kind == kind).collect();
            if !of_kind.is_empty() {
                let (lane, height) = self.lane(kind, &of_kind, y);
                lanes.push(lane);
                y += height;
            }
        }
        if lanes.is_empty() {
            let nothing = labels::NOTHING_DUE.of(self.frame.language);
            lanes.push(text(self.x.0, y + ROW_HEIGHT / 2.0, nothing));
            y += ROW_HEIGHT + LANE_GAP;
        }
        let mut body = self.today_line(y);
        body.extend(self.months(y));
        body.extend(lanes);
        (body, y)
    }

    fn x_of(&self, place: Place) -> f64 {
        let (x_first, x_last) = self.x;
        match place {
            Place::Before => x_first,
            Place::After => x_last,
            Place::On(day) => {
                let days_to = |day: Date| f64::from((day - self.first).get_days());
                x_first + (x_last - x_first) * days_to(day) / days_to(self.last)
            }
        }
    }

    fn place_of(&self, day: Date) -> Place {
        match day {
            day if day < self.first => Place::Before,
            day if day > self.last => Place::After,
            day => Place::On(day),
        }
    }

    /// The axis; on a phone only the quarters are named.
    fn months(&self, bottom: f64) -> Vec<Element> {
        let (y_axis, y_word) = (HEAD_HEIGHT, HEAD_HEIGHT - ROW_HEIGHT / 2.0);
        let mut elements = Vec::new();
        let firsts = self.first.series(jiff::Span::new().months(1)).take(12);
        for (i, day) in firsts.enumerate() {
            let x = self.x_of(Place::On(day));
            elements.push(line("chart-grid", (x, y_axis - 6.0), (x, bottom)));
            if self.frame.is_wide() || i.is_multiple_of(3) {
                let month = labels::month(day, self.frame.language);
                elements.push(text(x + 3.0, y_word, &month).with("class", "chart-faint"));
            }
        }
        elements.push(line("chart-axis", (self.x.0, y_axis), (self.x.1, y_axis)));
        elements
    }

    fn today_line(&self, bottom: f64) -> Vec<Element> {
        let Place::On(today) = self.place_of(self.today) else {
            return Vec::new();
        };
        let words = labels::today(today, self.frame.language);
        let half = width_of(&words) / 2.0;
        let x = self.x_of(Place::On(today));
        let x_word = x.max(half).min(self.frame.width() - half);
        let word = text(x_word, ROW_HEIGHT / 2.0, &words)
            .with("class", "chart-strong")
            .with("text-anchor", "middle");
        vec![line("chart-today", (x, ROW_HEIGHT), (x, bottom)), word]
    }

    /// A lane whose upper edge is at `y`, and how high it is.
    fn lane(&self, kind: PointKind, points: &[&TimelinePoint], y: f64) -> (Element, f64) {
        let word = labels::point_kind(kind).of(self.frame.language);
        let word = text(0.0, y + ROW_HEIGHT / 2.0, word).with("class", "chart-strong");
        let y_rows = if self.frame.is_wide() {
            y
        } else {
            y + ROW_HEIGHT
        };
        let mut rows = Rows::default();
        let mut elements = vec![word];
        let mut groups: Vec<_> = points
            .chunk_by(|a, b| self.place_of(a.on) == self.place_of(b.on))
            .collect();
        // Where labels are short of room, what is still ahead gets them first.
        groups.sort_by_key(|group| group.iter().all(|point| point.on < self.today));
        for group in groups {
            elements.push(self.group(group, &mut rows, y_rows));
        }
        let bottom = y_rows + ROW_HEIGHT * rows.n_used() + LANE_GAP / 2.0;
        let end = line("chart-grid", (0.0, bottom), (self.frame.width(), bottom));
        elements.push(end);
        let lane = Element::new("g").holding(elements);
        (lane, bottom + LANE_GAP / 2.0 - y)
    }

    /// Days that stand at the same place: one mark, the label of the first.
    fn group(&self, group: &[&TimelinePoint], rows: &mut Rows, y_rows: f64) -> Element {
        let Some(first) = group.first() else {
            return Element::new("g");
        };
        let place = self.place_of(first.on);
        let x = self.x_of(place);
        let language = self.frame.language;
        let day = match place {
            Place::On(day) => labels::short_day(day, language),
            Place::Before | Place::After => written(first.on, language),
        };
        let words = format!("{day} {}", first.label);
        let others = labels::and_others(group.len() - 1, language);
        let left = self.x.0 - EDGE;
        let (row, label) = rows.put(x, (left, self.frame.width()), (&words, &others));
        let y = y_rows + ROW_HEIGHT * (row + 0.5);
        let class = match first.on < self.today {
            true => "chart-point chart-past",
            false => "chart-point",
        };
        let mark = shape(first.kind, place, (x, y))
            .with("class", class)
            .with("data-kind", labels::wire_name(first.kind));
        let title =
            |point: &&TimelinePoint| format!("{} {}", written(point.on, language), point.label);
        let titles: Vec<_> = group.iter().map(title).collect();
        let label = label.map(|label| {
            let word = text(label.x, y, &label.words);
            word.with("text-anchor", label.anchor)
        });
        Element::new("g")
            .holding([Element::new("title").saying(&titles.join("; ")), mark])
            .holding(label)
    }
}

/// A shape of its own for each kind; arrows where the day lies beyond the edge.
fn shape(kind: PointKind, place: Place, (x, y): (f64, f64)) -> Element {
    let polygon = |corners: &[(f64, f64)]| {
        let corner = |(dx, dy): &(f64, f64)| format!("{:.1},{:.1}", x + dx * MARK, y + dy * MARK);
        let corners: Vec<_> = corners.iter().map(corner).collect();
        Element::new("polygon").with("points", corners.join(" "))
    };
    match (place, kind) {
        (Place::Before, _) => polygon(&[(-1.0, 0.0), (0.7, -1.0), (0.7, 1.0)]),
        (Place::After, _) => polygon(&[(1.0, 0.0), (-0.7, -1.0), (-0.7, 1.0)]),
        (Place::On(_), PointKind::Deadline) => polygon(&[(-1.0, -0.9), (1.0, -0.9), (0.0, 0.9)]),
        (Place::On(_), PointKind::Target) => {
            polygon(&[(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)])
        }
        (Place::On(_), PointKind::EvidenceExpiry) => {
            let circle = Element::new("circle").at("cx", x).at("cy", y);
            circle.at("r", MARK - 1.0)
        }
        (Place::On(_), PointKind::Other) => {
            polygon(&[(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)])
        }
    }
}

/// The lines of a lane, and what of each is taken.
#[derive(Default)]
struct Rows(Vec<Vec<(f64, f64)>>);

#[derive(Debug, PartialEq)]
struct PointLabel {
    x: f64,
    anchor: &'static str,
    words: String,
}

impl Rows {
    /// Puts a mark and its label into the first line with room for both, the label rather right of
    /// the mark than left of it. In a full lane the mark stands below all labels, without its own.
    fn put(&mut self, x: f64, edges: (f64, f64), words: (&str, &str)) -> (f64, Option<PointLabel>) {
        for row in 0..ROWS_MAX {
            if row == self.0.len() {
                self.0.push(Vec::new());
            }
            let Some(taken) = self.0.get_mut(row) else {
                break;
            };
            for (label, needed) in labels_beside(x, edges, words) {
                let free =
                    |other: &(f64, f64)| other.1 + GAP <= needed.0 || needed.1 + GAP <= other.0;
                if taken.iter().all(free) {
                    taken.push(needed);
                    return (as_f64(row), Some(label));
                }
            }
        }
        self.0.resize(ROWS_MAX + 1, Vec::new());
        (as_f64(ROWS_MAX), None)
    }

    fn n_used(&self) -> f64 {
        as_f64(self.0.len())
    }
}

/// The places for a label: where it fits as a whole, else cut short on the side with more room.
/// How many others it stands for is never cut off. With each comes the room that mark and label
/// take.
fn labels_beside(
    x: f64,
    (left, right): (f64, f64),
    (words, others): (&str, &str),
) -> Vec<(PointLabel, (f64, f64))> {
    let offset = MARK + GAP;
    let (room_right, room_left) = (right - x - offset, x - offset - left);
    let cut = |room: f64| fitting(words, room - width_of(others)) + others;
    let at_right = || {
        let words = cut(room_right);
        let needed = (x - MARK, x + offset + width_of(&words));
        let (x, anchor) = (x + offset, "start");
        (PointLabel { x, anchor, words }, needed)
    };
    let at_left = || {
        let words = cut(room_left);
        let needed = (x - offset - width_of(&words), x + MARK);
        let (x, anchor) = (x - offset, "end");
        (PointLabel { x, anchor, words }, needed)
    };
    let fits = |room: f64| width_of(words) + width_of(others) <= room;
    match (fits(room_right), fits(room_left)) {
        (true, true) => vec![at_right(), at_left()],
        (true, false) => vec![at_right()],
        (false, true) => vec![at_left()],
        (false, false) if room_right >= room_left => vec![at_right()],
        (false, false) => vec![at_left()],
    }
}
