//! Charts on a phone and on a desk: their markup, their numbers, and that no two texts touch.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::{Expect, ExpectFile, expect, expect_file};
use jiff::civil::{Date, date};
use quick_xml::Reader;
use quick_xml::events::Event;
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Coverage;

use super::*;
use crate::samples::TODAY;

const PHONE: u16 = 320;
const DESK: u16 = 960;

fn frame(width: u16, language: Language) -> ChartFrame<'static> {
    ChartFrame {
        id: "c1",
        width,
        language,
    }
}

fn sections() -> Vec<SectionStandings> {
    use Standing::*;
    let section = |label: &str, counts: &[(Standing, usize)]| SectionStandings {
        label: label.to_owned(),
        counts: counts.iter().copied().collect(),
    };
    vec![
        section("1 体制構築", &[(Backed, 1), (Declared, 2)]),
        section(
            "2 医療情報システムの管理・運用",
            &[
                (Backed, 7),
                (Declared, 3),
                (Contradicted, 1),
                (Stale, 1),
                (ReadyToConfirm, 1),
                (Planned, 2),
                (Overdue, 1),
                (TargetMissing, 1),
                (Exempt, 0),
                (Unanswered, 12),
            ],
        ),
        section("3 インシデント発生に備えた対応 <A&B>", &[(Planned, 3)]),
        section("4 規程類の整備", &[]),
    ]
}

fn coverages() -> Vec<CoverageBar> {
    let bar = |label: &str, coverage: Coverage| CoverageBar {
        label: label.to_owned(),
        coverage,
    };
    vec![
        bar(
            "パスワードの規則",
            Coverage {
                n_met: 2_412,
                n_not_met: 1,
                n_stale: 61,
                n_conditional: 20,
                n_unknown: 507,
                n_not_applicable: 4,
            },
        ),
        bar(
            "OSの更新",
            Coverage {
                n_met: 3,
                ..Coverage::default()
            },
        ),
        bar(
            "バックアップからの復元を試した日",
            Coverage {
                n_not_applicable: 2,
                ..Coverage::default()
            },
        ),
    ]
}

fn points() -> Vec<TimelinePoint> {
    let point = |kind, on: Date, label: &str| TimelinePoint {
        on,
        kind,
        label: label.to_owned(),
    };
    use PointKind::*;
    vec![
        point(Deadline, date(2028, 3, 31), "二要素認証の実装"),
        point(Target, date(2025, 3, 31), "3-② 連絡体制図"),
        point(Target, date(2025, 10, 1), "2-⑦ パスワードの桁数"),
        point(Target, date(2025, 11, 23), "2-⑩ ログの点検"),
        point(Target, date(2025, 12, 20), "2-⑨ ログの保管"),
        point(
            Target,
            date(2026, 3, 31),
            "2-③ リモートメンテナンスを利用している機器の把握と台帳への記入",
        ),
        point(Target, date(2026, 3, 31), "2-⑥ 退職者のアカウント"),
        point(EvidenceExpiry, date(2025, 12, 10), "端末一覧.csv"),
        point(EvidenceExpiry, date(2025, 12, 14), "復元テストの記録"),
        point(EvidenceExpiry, date(2025, 12, 18), "<b>AD</b> & LDIF"),
        point(Other, date(2026, 2, 28), "保守契約の終わり"),
    ]
}

fn timeline(points: &[TimelinePoint]) -> Timeline<'_> {
    Timeline {
        fiscal_year: 2025,
        today: TODAY,
        points,
    }
}

fn lines(chart: &Chart) -> String {
    chart.svg.replace("><", ">\n<")
}

fn shown(table: &ChartTable) -> String {
    let rows = [&table.head].into_iter().chain(&table.rows);
    let rows: String = rows.map(|row| format!("{}\n", row.join(" | "))).collect();
    format!("{}\n{rows}", table.caption)
}

/// Attributes and text of each element of a picture.
fn elements(svg: &str) -> Vec<(String, BTreeMap<String, String>, String)> {
    let mut reader = Reader::from_str(svg);
    let mut elements: Vec<(String, BTreeMap<String, String>, String)> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.as_ref().to_owned();
                    (name, attribute.value.into_owned())
                });
                let name = start.name().as_ref().to_owned();
                elements.push((name, attributes.collect(), String::new()));
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                elements.last_mut().unwrap().2.push_str(&text);
            }
            Event::GeneralRef(_) => elements.last_mut().unwrap().2.push('x'),
            Event::Eof => return elements,
            _ => {}
        }
    }
}

/// What takes room in a picture: its middle, from where to where, and the words, if it is text.
struct Extent {
    y: f64,
    left: f64,
    right: f64,
    words: Option<String>,
}

/// Texts and the marks of a timeline.
fn extents(svg: &str) -> Vec<Extent> {
    let mut extents = Vec::new();
    for (name, attributes, words) in elements(svg) {
        let number = |name: &str| attributes[name].parse::<f64>().unwrap();
        let (y, left, right) = match name.as_str() {
            "text" => {
                let (x, width) = (number("x"), width_of(&words));
                let left = match attributes.get("text-anchor").map(String::as_str) {
                    Some("end") => x - width,
                    Some("middle") => x - width / 2.0,
                    _ => x,
                };
                (number("y") - TO_FEET, left, left + width)
            }
            "circle" => {
                let (x, r) = (number("cx"), number("r"));
                (number("cy"), x - r, x + r)
            }
            "polygon" => {
                let corners = attributes["points"].split([' ', ',']);
                let corners: Vec<f64> = corners.map(|n| n.parse().unwrap()).collect();
                let least = |axis| {
                    corners
                        .iter()
                        .skip(axis)
                        .step_by(2)
                        .copied()
                        .fold(1e9, f64::min)
                };
                let most = |axis| {
                    corners
                        .iter()
                        .skip(axis)
                        .step_by(2)
                        .copied()
                        .fold(0.0, f64::max)
                };
                ((least(1) + most(1)) / 2.0, least(0), most(0))
            }
            _ => continue,
        };
        let words = (name == "text").then_some(words);
        extents.push(Extent {
            y,
            left,
            right,
            words,
        });
    }
    extents
}

fn texts(svg: &str) -> Vec<String> {
    let texts = extents(svg).into_iter();
    texts.filter_map(|extent| extent.words).collect()
}

/// Rounded to a tenth, two neighbours may seem to share that much.
const ROUNDING: f64 = 0.2;

/// Texts keep apart from each other and from marks, and inside the picture.
fn check_texts(chart: &Chart, width: u16) {
    let extents = extents(&chart.svg);
    for (i, one) in extents.iter().enumerate() {
        let Some(words) = &one.words else { continue };
        let inside = one.left >= -ROUNDING && one.right <= f64::from(width) + ROUNDING;
        assert!(inside, "{width}: {} to {} {words}", one.left, one.right);
        for (j, other) in extents.iter().enumerate() {
            let same_line = (one.y - other.y).abs() < 10.0;
            let apart = other.left >= one.right - ROUNDING || one.left >= other.right - ROUNDING;
            assert!(
                i == j || !same_line || apart,
                "{width}: {words}, {:?}",
                other.words
            );
        }
    }
}

/// All charts, each way.
fn charts(width: u16, language: Language) -> [Chart; 3] {
    let frame = frame(width, language);
    [
        standings_chart(&frame, &sections()).unwrap(),
        coverage_chart(&frame, &coverages()).unwrap(),
        timeline_chart(&frame, &timeline(&points())).unwrap(),
    ]
}

#[test]
fn golden_charts_for_phone_and_desk() {
    let [standings, coverage, timeline] = charts(DESK, Language::Ja);
    expect_file!["../../golden/chart.standings.desk.svg"].assert_eq(&lines(&standings));
    expect_file!["../../golden/chart.coverage.desk.svg"].assert_eq(&lines(&coverage));
    expect_file!["../../golden/chart.timeline.desk.svg"].assert_eq(&lines(&timeline));
    let [standings, coverage, timeline] = charts(PHONE, Language::En);
    expect_file!["../../golden/chart.standings.phone.svg"].assert_eq(&lines(&standings));
    expect_file!["../../golden/chart.coverage.phone.svg"].assert_eq(&lines(&coverage));
    expect_file!["../../golden/chart.timeline.phone.svg"].assert_eq(&lines(&timeline));
}

#[test]
fn the_table_holds_the_same_numbers() {
    let check = |language, expected: ExpectFile| {
        let tables = charts(PHONE, language).map(|chart| shown(&chart.table));
        expected.assert_eq(&tables.join("\n"));
    };
    check(
        Language::Ja,
        expect_file!["../../golden/chart.tables.ja.txt"],
    );
    check(
        Language::En,
        expect_file!["../../golden/chart.tables.en.txt"],
    );
}

#[test]
fn nothing_to_show_is_said() {
    let frame = frame(PHONE, Language::Ja);
    let check = |chart: Chart, expected: Expect| {
        let elements = elements(&chart.svg).into_iter();
        let words = elements.filter(|(name, ..)| name == "desc" || name == "text");
        let words: Vec<_> = words.map(|(_, _, words)| words).collect();
        expected.assert_eq(&words.join(" | "));
        assert_eq!(chart.table.rows.len(), 0);
    };
    check(
        standings_chart(&frame, &[]).unwrap(),
        expect!["表示するものはありません。 | 表示するものはありません。"],
    );
    check(
        coverage_chart(&frame, &[]).unwrap(),
        expect!["表示するものはありません。 | 表示するものはありません。"],
    );
    check(
        timeline_chart(&frame, &timeline(&[])).unwrap(),
        expect!["期限はありません。 | 今日 12月3日 | 4月 | 7月 | 10月 | 1月 | 期限はありません。"],
    );
}

#[test]
fn every_class_is_known_and_nothing_is_styled_inside() {
    let mut classes = BTreeSet::new();
    for language in [Language::Ja, Language::En] {
        for width in [PHONE, DESK] {
            for chart in charts(width, language) {
                assert!(!chart.svg.contains("style"));
                let mut ids = BTreeSet::new();
                for (name, attributes, _) in elements(&chart.svg) {
                    if let Some(id) = attributes.get("id") {
                        assert!(ids.insert(id.clone()), "{name} {id}");
                    }
                    let class = attributes.get("class").map(String::as_str);
                    let of_element = class.unwrap_or_default().split_whitespace();
                    classes.extend(of_element.map(str::to_owned));
                }
                assert!(chart.svg.contains(r#"aria-labelledby="c1-title c1-desc""#));
                assert_eq!(ids, ["c1-desc", "c1-title"].map(str::to_owned).into());
            }
        }
    }
    assert_eq!(classes, CHART_CLASSES.map(str::to_owned).into());
}

#[test]
fn no_two_texts_touch_and_none_leaves_the_picture() {
    for width in [PHONE, 375, 559, 560, DESK, 1_200] {
        for language in [Language::Ja, Language::En] {
            for chart in charts(width, language) {
                check_texts(&chart, width);
            }
        }
    }
}

#[test]
fn a_crowded_year_stays_readable() {
    for (step, ahead) in [(1, ""), (3, "12/3 "), (7, "12/4 "), (30, "12/3 ")] {
        let mut points = Vec::new();
        for i in 0..200 {
            let on = TODAY.saturating_add(jiff::Span::new().days(i * step - 300));
            points.push(TimelinePoint {
                on,
                kind: PointKind::Target,
                label: "長い題名".repeat(usize::try_from(i % 7).unwrap()),
            });
        }
        for width in [PHONE, DESK] {
            let frame = frame(width, Language::Ja);
            let chart = timeline_chart(&frame, &timeline(&points)).unwrap();
            check_texts(&chart, width);
            assert_eq!(chart.table.rows.len(), 200);
            let is_ahead = |words: &String| words.starts_with(ahead);
            assert!(texts(&chart.svg).iter().any(is_ahead), "{step}, {width}");
            let svg = elements(&chart.svg);
            let height: f64 = svg[0].1["height"].parse().unwrap();
            assert!(
                height < 300.0,
                "six lines of labels and one of marks: {height}"
            );
        }
    }
}

#[test]
fn the_smallest_part_can_be_seen_and_all_parts_fill_the_bar() {
    let check = |counts: &[usize], width: f64, expected: &[f64]| {
        let widths = bars::widths(counts, width);
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 0.01;
        assert!(widths.iter().zip(expected).all(near), "{widths:?}");
        assert!((widths.iter().sum::<f64>() - width).abs() < 0.01);
    };
    check(&[1, 1], 100.0, &[50.0, 50.0]);
    check(&[3_000, 1], 100.0, &[85.98, 14.02]);
    check(&[3, 1], 8.0, &[4.0, 4.0]);
    check(&[5], 30.0, &[30.0]);
}

#[test]
fn today_is_marked_only_in_its_own_year() {
    let check = |today: Date, fiscal_year: i16, expected: &str| {
        let timeline = Timeline {
            fiscal_year,
            today,
            points: &[],
        };
        let chart = timeline_chart(&frame(DESK, Language::Ja), &timeline).unwrap();
        check_texts(&chart, DESK);
        let mut texts = texts(&chart.svg).into_iter();
        let today = texts.find(|words| words.starts_with("今日"));
        assert_eq!(today.unwrap_or_default(), expected);
        assert_eq!(chart.svg.contains("chart-today"), !expected.is_empty());
    };
    check(date(2025, 4, 1), 2025, "今日 4月1日");
    check(date(2026, 3, 31), 2025, "今日 3月31日");
    check(date(2026, 4, 1), 2025, "");
    check(date(2025, 3, 31), 2025, "");
}
