//! The words of the charts in both languages.

use jiff::civil::Date;
use serde::Serialize;
use sonae_domain::era;
use sonae_domain::labels::{Label as _, Language};
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Verdict;

use super::timeline::PointKind;
use crate::labels::{Label, written};

pub(super) const NOTHING_TO_SHOW: Label =
    Label::new("表示するものはありません。", "There is nothing to show.");

pub(super) const STANDINGS_TITLE: Label = Label::new("区分ごとの状況", "Standing by section");
pub(super) const SECTION: Label = Label::new("区分", "Section");
pub(super) const TOTAL: Label = Label::new("計", "Total");

pub(super) const COVERAGE_TITLE: Label =
    Label::new("証拠で確認できた範囲", "What the evidence covers");
pub(super) const COVERAGE_DESCRIBED: Label = Label::new(
    "対象のうち、証拠で満たすと確認できた割合です。数はすぐ後の表にあります。",
    "How much of what is in scope is proven by evidence. The numbers are in the table that follows.",
);
pub(super) const CHECK: Label = Label::new("確認", "Check");
pub(super) const IN_SCOPE: Label = Label::new("対象", "In scope");
/// Behind an empty bar, so that nobody takes it for a small number.
pub(super) const NOTHING_IN_SCOPE: Label = Label::new("対象なし", "nothing in scope");

pub(super) const DAY: Label = Label::new("日付", "Date");
pub(super) const KIND: Label = Label::new("種類", "Kind");
pub(super) const WHAT: Label = Label::new("内容", "What");
pub(super) const NOTHING_DUE: Label = Label::new("期限はありません。", "Nothing is due.");

/// The name of a lane.
pub(super) fn point_kind(kind: PointKind) -> Label {
    match kind {
        PointKind::Deadline => Label::new("国の期限", "National deadline"),
        PointKind::Target => Label::new("目標日", "Target date"),
        PointKind::EvidenceExpiry => Label::new("証拠の期限", "Evidence expiry"),
        PointKind::Other => Label::new("その他", "Other"),
    }
}

/// As on printed forms and in the style sheet.
pub(super) fn verdict_symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "●",
        Verdict::NotMet => "×",
        Verdict::Stale => "△",
        Verdict::Conditional => "▷",
        Verdict::Unknown => "？",
        Verdict::NotApplicable => "－",
    }
}

/// A value's name as it goes over the wire, for the style sheet.
pub(super) fn wire_name(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// All sections together, in a sentence.
pub(super) fn standings_described(totals: &[(Standing, usize)], language: Language) -> String {
    let n_items: usize = totals.iter().map(|(_, n)| n).sum();
    let of_each: Vec<_> = totals
        .iter()
        .map(|(standing, n)| match language {
            Language::Ja => format!("{}{n}", standing.label(language)),
            Language::En => format!("{n} {}", standing.label(language)),
        })
        .collect();
    match language {
        _ if n_items == 0 => NOTHING_TO_SHOW.of(language).to_owned(),
        Language::Ja => format!("全{n_items}項目のうち、{}。", of_each.join("、")),
        Language::En => format!("Of {n_items} items: {}.", of_each.join(", ")),
    }
}

pub(super) fn timeline_title(fiscal_year: i16, language: Language) -> String {
    match language {
        Language::Ja => format!("{}の期限", era::format_fiscal_year(fiscal_year)),
        Language::En => format!(
            "What is due from April {fiscal_year} to March {}",
            fiscal_year + 1
        ),
    }
}

/// How many days there are, and which comes next.
pub(super) fn timeline_described(
    n_points: usize,
    next: Option<(Date, &str)>,
    language: Language,
) -> String {
    let next = next.map(|(on, label)| (written(on, language), label));
    match (language, next) {
        (_, _) if n_points == 0 => NOTHING_DUE.of(language).to_owned(),
        (Language::Ja, Some((on, label))) => {
            format!("期限は{n_points}件です。次は{on}の「{label}」です。")
        }
        (Language::Ja, None) => format!("期限は{n_points}件です。すべて過ぎています。"),
        (Language::En, Some((on, label))) => format!("{n_points} dates. Next: {label}, {on}."),
        (Language::En, None) => format!("{n_points} dates, all of them past."),
    }
}

/// Behind the label of a day that stands for others on the same place.
pub(super) fn and_others(n_others: usize, language: Language) -> String {
    match (n_others, language) {
        (0, _) => String::new(),
        (_, Language::Ja) => format!(" ほか{n_others}件"),
        (_, Language::En) => format!(" and {n_others} more"),
    }
}

pub(super) fn month(day: Date, language: Language) -> String {
    match language {
        Language::Ja => format!("{}月", day.month()),
        Language::En => day.strftime("%b").to_string(),
    }
}

/// Within a year that is known.
pub(super) fn short_day(day: Date, language: Language) -> String {
    match language {
        Language::Ja => format!("{}/{}", day.month(), day.day()),
        Language::En => day.strftime("%-d %b").to_string(),
    }
}

pub(super) fn today(day: Date, language: Language) -> String {
    match language {
        Language::Ja => format!("今日 {}月{}日", day.month(), day.day()),
        Language::En => format!("Today, {}", short_day(day, language)),
    }
}
