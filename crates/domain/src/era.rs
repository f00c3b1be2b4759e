//! Japanese fiscal years (年度) and eras (元号). The arithmetic of eras is the calendar crate's.

use icu_calendar::Date as EraDate;
use icu_calendar::cal::Japanese;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use unicode_normalization::UnicodeNormalization;

/// Japan Standard Time has had no summer time since 1951.
const JAPAN: Offset = jiff::tz::offset(9);

/// The day in Japan on which an instant falls.
pub fn day_in_japan(at: Timestamp) -> Date {
    moment_in_japan(at).date()
}

/// Day and time of an instant by the clocks of Japan.
pub fn moment_in_japan(at: Timestamp) -> DateTime {
    at.to_zoned(TimeZone::fixed(JAPAN)).datetime()
}

/// The last millisecond of a day in Japan; instants are kept to the millisecond. None at the end of
/// the calendar.
pub fn end_of_day_in_japan(day: Date) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?.to_zoned(TimeZone::fixed(JAPAN)).ok()?;
    next.timestamp()
        .checked_sub(SignedDuration::from_millis(1))
        .ok()
}

/// The fiscal year (年度) of a day: from 1 April, named by its first calendar year.
pub fn fiscal_year_of(day: Date) -> i16 {
    if day.month() >= 4 {
        day.year()
    } else {
        day.year() - 1
    }
}

/// First and last day of a fiscal year.
pub fn fiscal_year_days(fiscal_year: i16) -> (Date, Date) {
    (date(fiscal_year, 4, 1), date(fiscal_year + 1, 3, 31))
}

/// The eras (元号) since the Gregorian calendar came to Japan: crate's key, kanji, initial.
const ERAS: [(&str, &str, char); 5] = [
    ("reiwa", "令和", 'R'),
    ("heisei", "平成", 'H'),
    ("showa", "昭和", 'S'),
    ("taisho", "大正", 'T'),
    ("meiji", "明治", 'M'),
];

/// A day as people write it in Japan: `令和8年3月31日`; `令和元年` for the first year.
pub fn format_era(day: Date) -> String {
    let (era, year) = era_year(day);
    match year {
        1 => format!("{era}元年{}月{}日", day.month(), day.day()),
        _ => format!("{era}{year}年{}月{}日", day.month(), day.day()),
    }
}

/// The year of a day as people write it in Japan: `令和8年`.
pub fn format_era_year(day: Date) -> String {
    match era_year(day) {
        (era, 1) => format!("{era}元年"),
        (era, year) => format!("{era}{year}年"),
    }
}

/// A fiscal year as people write it: `令和7年度`.
pub fn format_fiscal_year(fiscal_year: i16) -> String {
    // The era of the year's end counts: 2019 is 令和元年度, though it began in 平成.
    let (era, year) = era_year(fiscal_year_days(fiscal_year).1);
    match year - 1 {
        0 => format!("{era}元年度"),
        1 if era == "令和" => "令和元年度".to_owned(),
        year => format!("{era}{year}年度"),
    }
}

fn era_year(day: Date) -> (&'static str, i32) {
    let fallback = ("西暦", i32::from(day.year()));
    let month = day.month().unsigned_abs();
    let Ok(date) = EraDate::try_new_iso(day.year().into(), month, day.day().unsigned_abs()) else {
        return fallback;
    };
    let year = date.to_calendar(Japanese::new()).era_year();
    ERAS.iter()
        .find(|(key, _, _)| year.era == *key)
        .map_or(fallback, |(_, kanji, _)| (kanji, year.year))
}

/// Reads a day as people in Japan write it.
///
/// Understood: `2026-03-31`, `2026/3/31`, `2026.3.31`, `20260331`, `2026年3月31日`, `R8.3.31`,
/// `令和8年3月31日`, `令和元年5月1日`, each also in full-width characters. Anything else, and a day
/// that does not exist, is `None`; two-digit years without an era are not guessed.
pub fn parse_day(text: &str) -> Option<Date> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return gregorian(text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    }
    let (era, rest) = split_era(&text);
    let text = rest.replace(['年', '月', '/', '.'], "-").replace('日', "");
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let Some(era) = era else {
        return (year.len() == 4)
            .then(|| gregorian(year, month, day))
            .flatten();
    };
    let year = if year == "元" {
        1
    } else {
        digits(year).filter(|year| *year > 0)?
    };
    let date = EraDate::try_new_japanese_with_calendar(
        era,
        year,
        u8::try_from(digits(month)?).ok()?,
        u8::try_from(digits(day)?).ok()?,
        Japanese::new(),
    )
    .ok()?;
    let year = i16::try_from(date.year().extended_year()).ok()?;
    Date::new(
        year,
        digits(month)?.try_into().ok()?,
        digits(day)?.try_into().ok()?,
    )
    .ok()
}

fn split_era(text: &str) -> (Option<&'static str>, &str) {
    for (key, kanji, initial) in ERAS {
        if let Some(rest) = text.strip_prefix(kanji) {
            return (Some(key), rest);
        }
        if let Some(rest) = text.strip_prefix([initial, initial.to_ascii_lowercase()]) {
            return (Some(key), rest);
        }
    }
    (None, text)
}

fn gregorian(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = i16::try_from(digits(year)?).ok()?;
    Date::new(
        year,
        digits(month)?.try_into().ok()?,
        digits(day)?.try_into().ok()?,
    )
    .ok()
}

fn digits(text: &str) -> Option<i32> {
    let short = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    short.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_parse(text: &str, expected: Option<(i16, i8, i8)>) {
        assert_eq!(
            parse_day(text),
            expected.map(|(y, m, d)| date(y, m, d)),
            "{text}"
        );
    }

    #[test]
    fn reads_days_as_people_write_them() {
        check_parse("2026-03-31", Some((2026, 3, 31)));
        check_parse("2026/3/31", Some((2026, 3, 31)));
        check_parse("2026.3.31", Some((2026, 3, 31)));
        check_parse("20260331", Some((2026, 3, 31)));
        check_parse("２０２６年３月３１日", Some((2026, 3, 31)));
        check_parse("R8.3.31", Some((2026, 3, 31)));
        check_parse("r8/3/31", Some((2026, 3, 31)));
        check_parse("令和8年3月31日", Some((2026, 3, 31)));
        check_parse("令和 8年 3月31日", Some((2026, 3, 31)));
        check_parse("令和元年5月1日", Some((2019, 5, 1)));
        check_parse("平成31年4月30日", Some((2019, 4, 30)));
        check_parse("平成32年3月31日", Some((2020, 3, 31)));
        check_parse("昭和64年1月7日", Some((1989, 1, 7)));
        check_parse("H1.1.8", Some((1989, 1, 8)));
        check_parse("2024-02-29", Some((2024, 2, 29)));
    }

    #[test]
    fn refuses_what_is_no_day_or_not_certain() {
        for text in [
            "",
            "-",
            "未定",
            "2025-02-29",
            "26/3/31",
            "3/31/2026",
            "2026-13-01",
            "R8.3",
        ] {
            check_parse(text, None);
        }
        for text in [
            "R0.1.1",
            "2026-03-31-1",
            "令和8年3月32日",
            "+026-03-31",
            "R8.+3.31",
        ] {
            check_parse(text, None);
        }
    }

    #[test]
    fn writes_eras() {
        for (day, expected) in [
            (date(2026, 11, 21), "令和8年11月21日"),
            (date(2019, 5, 1), "令和元年5月1日"),
            (date(2019, 4, 30), "平成31年4月30日"),
            (date(1989, 1, 8), "平成元年1月8日"),
            (date(1989, 1, 7), "昭和64年1月7日"),
        ] {
            assert_eq!(format_era(day), expected);
            assert_eq!(parse_day(expected), Some(day));
            assert!(expected.starts_with(&format_era_year(day)), "{expected}");
        }
    }

    #[test]
    fn days_turn_at_midnight_in_japan() {
        for (instant, day) in [
            ("2026-03-31T14:59:59Z", date(2026, 3, 31)),
            ("2026-03-31T15:00:00Z", date(2026, 4, 1)),
        ] {
            assert_eq!(day_in_japan(instant.parse().expect("an instant")), day);
        }
    }

    #[test]
    fn fiscal_years_turn_on_the_first_of_april() {
        for (day, year, label) in [
            (date(2026, 3, 31), 2025, "令和7年度"),
            (date(2026, 4, 1), 2026, "令和8年度"),
            (date(2020, 3, 31), 2019, "令和元年度"),
            (date(2019, 3, 31), 2018, "平成30年度"),
        ] {
            assert_eq!(fiscal_year_of(day), year);
            assert_eq!(format_fiscal_year(year), label);
        }
        assert_eq!(
            fiscal_year_days(2025),
            (date(2025, 4, 1), date(2026, 3, 31))
        );
    }
}
