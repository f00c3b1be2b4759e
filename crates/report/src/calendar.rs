//! Deadlines as an iCalendar text (RFC 5545) that a calendar program subscribes to.
//! The crate escapes values and knows properties; folding is ours, see [`folded`].

use std::fmt;

use icalendar::Property;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::RenderError;

/// A calendar to subscribe to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFeed {
    /// What calendar programs call it.
    pub name: String,
    /// In any order; they are written in it.
    pub events: Vec<CalendarEvent>,
    /// When it was made.
    pub generated_at: Timestamp,
}

/// Something on a whole day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEvent {
    /// The same whenever the same thing is written, or programs would show it twice.
    pub uid: String,
    /// When.
    pub day: Date,
    /// In a few words.
    pub title: String,
    /// In sentences; may have several lines.
    pub description: String,
    /// Where it is dealt with.
    pub url: String,
    /// How many days before to remind; 0 reminds on the day itself.
    pub alarm_days: Vec<i64>,
}

/// When people have arrived and patients have not: an alarm at midnight helps nobody.
const ALARM_HOUR: i64 = 8;
/// Octets of a line without its end.
const LINE_OCTETS_MAX: usize = 75;

/// The feed as text in UTF-8 with CRLF.
///
/// # Errors
/// The text cannot be written.
pub fn calendar_ics(feed: &CalendarFeed) -> Result<String, RenderError> {
    let stamp = feed.generated_at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = one_line(&feed.name);
    let mut lines = vec![
        Property::new("BEGIN", "VCALENDAR"),
        Property::new("VERSION", "2.0"),
        Property::new("PRODID", "-//Sonae//Sonae//JA"),
        Property::new("CALSCALE", "GREGORIAN"),
        Property::new("METHOD", "PUBLISH"),
        text_of("NAME", &name),
        Property::new("X-WR-CALNAME", name),
    ];
    for event in &feed.events {
        lines.extend(event_lines(event, &stamp)?);
    }
    lines.push(Property::new("END", "VCALENDAR"));
    Ok(lines
        .into_iter()
        .map(folded)
        .collect::<Result<String, fmt::Error>>()?)
}

fn event_lines(event: &CalendarEvent, stamp: &str) -> Result<Vec<Property>, fmt::Error> {
    // The end is not part of the event; the last day of all has no next one.
    let end = event.day.tomorrow().map_err(|_| fmt::Error)?;
    let title = one_line(&event.title);
    let mut lines = vec![
        Property::new("BEGIN", "VEVENT"),
        Property::new("UID", one_line(&event.uid)),
        Property::new("DTSTAMP", stamp),
        day("DTSTART", event.day),
        day("DTEND", end),
        Property::new("SUMMARY", title.as_str()),
        Property::new("DESCRIPTION", lines_of(&event.description)),
        Property::new("URL", one_line(&event.url)),
        // A deadline does not take the day away from other things.
        Property::new("TRANSP", "TRANSPARENT"),
    ];
    for days in &event.alarm_days {
        lines.extend([
            Property::new("BEGIN", "VALARM"),
            Property::new("ACTION", "DISPLAY"),
            Property::new("DESCRIPTION", title.as_str()),
            Property::new("TRIGGER", trigger(*days)),
            Property::new("END", "VALARM"),
        ]);
    }
    lines.push(Property::new("END", "VEVENT"));
    Ok(lines)
}

/// The crate does not know that this property is text, so it has to be told, or would not escape.
fn text_of(key: &str, value: &str) -> Property {
    Property::new(key, value)
        .add_parameter("VALUE", "TEXT")
        .done()
}

fn day(key: &str, day: Date) -> Property {
    Property::new(key, day.strftime("%Y%m%d").to_string())
        .add_parameter("VALUE", "DATE")
        .done()
}

/// Relative to the midnight with which the day begins.
fn trigger(days_before: i64) -> String {
    match ALARM_HOUR - days_before.saturating_mul(24) {
        hours @ 0.. => format!("PT{hours}H"),
        hours => {
            let hours = hours.unsigned_abs();
            format!("-P{}DT{}H", hours / 24, hours % 24)
        }
    }
}

/// Values must not bring lines of their own.
fn one_line(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(blank).collect()
}

fn lines_of(text: &str) -> String {
    let lines = text.lines().map(one_line);
    lines.collect::<Vec<_>>().join("\n")
}

/// The property as one line, folded anew: where the crate folds, the last piece may have 76 octets.
fn folded(property: Property) -> Result<String, fmt::Error> {
    let line: String = property.try_into()?;
    let line = line.replace("\r\n ", "");
    let mut folded = String::with_capacity(line.len());
    let mut octets = 0;
    for c in line.trim_end_matches("\r\n").chars() {
        if octets + c.len_utf8() > LINE_OCTETS_MAX {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(c);
        octets += c.len_utf8();
    }
    folded.push_str("\r\n");
    Ok(folded)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect, expect_file};
    use icalendar::{Calendar, Component};
    use jiff::civil::date;

    use super::*;

    fn event(title: &str) -> CalendarEvent {
        CalendarEvent {
            uid: format!("target-{}@sonae", title.len()),
            day: date(2026, 3, 31),
            title: title.to_owned(),
            description: "医療機関確認用 2-⑦\n「いいえ」、目標日; 令和8年3月31日".to_owned(),
            url: "https://sonae.example.jp/items/2-7?round=1,2".to_owned(),
            alarm_days: vec![30, 7, 0],
        }
    }

    fn feed(events: Vec<CalendarEvent>) -> CalendarFeed {
        CalendarFeed {
            name: "備え医院の期限".to_owned(),
            events,
            generated_at: "2025-12-03T05:06:07.89Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_golden_calendar() {
        let long =
            "目標日: 利用者ごとのアクセス利用権限を設定し、台帳と見比べて確認する。".repeat(3);
        let feed = feed(vec![event("目標日: 2-⑦ パスワード, 8文字"), event(&long)]);
        let text = calendar_ics(&feed).unwrap();
        assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
        expect_file!["../golden/calendar.ics"].assert_eq(&text.replace("\r\n", "\n"));
        let none = CalendarFeed {
            events: Vec::new(),
            ..feed
        };
        expect![[r#"
            BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//Sonae//Sonae//JA
            CALSCALE:GREGORIAN
            METHOD:PUBLISH
            NAME;VALUE=TEXT:備え医院の期限
            X-WR-CALNAME:備え医院の期限
            END:VCALENDAR
        "#]]
        .assert_eq(&calendar_ics(&none).unwrap().replace("\r\n", "\n"));
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        for title in [
            "備え",
            "a, b; c: \\n \"d\"",
            "＝末尾の\\",
            &"長い題名".repeat(40),
        ] {
            let written = event(title);
            let text = calendar_ics(&feed(vec![written.clone()])).unwrap();
            let calendar: Calendar = text.parse().unwrap();
            assert_eq!(calendar.get_name(), Some("備え医院の期限"));
            let read = calendar.events().next().unwrap();
            assert_eq!(read.get_uid(), Some(written.uid.as_str()));
            assert_eq!(read.get_summary(), Some(title));
            assert_eq!(read.get_description(), Some(written.description.as_str()));
            assert_eq!(read.get_url(), Some(written.url.as_str()));
            assert_eq!(read.property_value("DTSTART"), Some("20260331"));
            assert_eq!(read.property_value("DTEND"), Some("20260401"));
            assert_eq!(read.property_value("DTSTAMP"), Some("20251203T050607Z"));
            let alarms = read.components().iter();
            let triggers: Vec<_> = alarms
                .map(|a| a.property_value("TRIGGER").unwrap())
                .collect();
            assert_eq!(triggers, ["-P29DT16H", "-P6DT16H", "PT8H"]);
        }
    }

    #[test]
    fn no_line_is_longer_than_75_octets_and_each_is_used() {
        for n in 0..200 {
            for letter in ["x", "備", "𠮷"] {
                let written = event(&letter.repeat(n));
                let text = calendar_ics(&feed(vec![written])).unwrap();
                let longest = text.lines().map(str::len).max().unwrap();
                assert!(longest <= 75, "{n} {letter}: {longest}");
            }
        }
        let text = calendar_ics(&feed(vec![event(&"x".repeat(500))])).unwrap();
        assert!(text.lines().any(|line| line.len() == 75));
    }

    #[test]
    fn no_value_brings_a_line_of_its_own() {
        let check = |text: &str, expected: Expect| {
            let mut written = event(text);
            written.uid = text.to_owned();
            written.url = text.to_owned();
            written.description = text.to_owned();
            written.alarm_days = vec![1];
            let mut feed = feed(vec![written]);
            feed.name = text.to_owned();
            let written = calendar_ics(&feed).unwrap();
            assert!(!written.replace("\r\n", "").contains(char::is_control));
            let lines = written.split_terminator("\r\n");
            let ours: Vec<_> = lines.filter(|line| line.starts_with("END:")).collect();
            expected.assert_eq(&ours.join(" | "));
        };
        let expected = expect!["END:VALARM | END:VEVENT | END:VCALENDAR"];
        check("\r\nEND:VEVENT\nEND:VCALENDAR\u{85}END:", expected);
    }
}
