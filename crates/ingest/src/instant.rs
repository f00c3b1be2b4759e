//! Instants as tools write them, and the day in Japan they fall on. No clock is read here.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Japan has had no daylight saving since 1951, so a fixed offset is exact for all evidence.
const JAPAN: Offset = Offset::constant(9);

/// Seconds between 1601, where Windows begins to count, and 1970.
const FILETIME_EPOCH_SECONDS: i64 = 11_644_473_600;

/// Ticks of 100 ns in a second.
const FILETIME_TICKS: i64 = 10_000_000;

/// An instant from seconds since 1970.
pub(crate) fn from_unix(seconds: &str) -> Option<Timestamp> {
    Timestamp::from_second(seconds.parse().ok()?).ok()
}

/// An instant from Windows' ticks of 100 ns since 1601; 0 and beyond the calendar are no instant.
pub(crate) fn from_filetime(ticks: i64) -> Option<Timestamp> {
    let seconds = (ticks > 0).then(|| ticks / FILETIME_TICKS - FILETIME_EPOCH_SECONDS)?;
    Timestamp::from_second(seconds).ok()
}

/// An instant from LDAP's generalized time in UTC: `20260401012345.0Z`.
pub(crate) fn from_generalized(text: &str) -> Option<Timestamp> {
    let (digits, rest) = text.split_at_checked(14)?;
    let fraction = rest.strip_suffix('Z')?;
    if !fraction.is_empty() && !fraction.starts_with(['.', ',']) {
        return None;
    }
    let civil = DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?;
    Offset::UTC.to_timestamp(civil).ok()
}

/// An instant from a clock on a wall in Japan.
pub(crate) fn from_local(text: &str) -> Option<Timestamp> {
    JAPAN.to_timestamp(text.parse::<DateTime>().ok()?).ok()
}

/// The day in Japan.
pub(crate) fn day_in_japan(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::fixed(JAPAN)).date()
}

/// As facts hold it: `YYYY-MM-DDTHH:MM:SSZ`.
pub(crate) fn format(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(instant: Option<Timestamp>, expected: &str) {
        let got = instant.map(|i| format!("{} {}", format(i), day_in_japan(i)));
        assert_eq!(got.as_deref().unwrap_or("none"), expected);
    }

    #[test]
    fn reads_what_tools_write() {
        check(from_unix("1795238977"), "2026-11-21T05:29:37Z 2026-11-21");
        check(
            from_filetime(134_080_704_000_000_000),
            "2025-11-20T00:00:00Z 2025-11-20",
        );
        check(
            from_generalized("20260331150000.0Z"),
            "2026-03-31T15:00:00Z 2026-04-01",
        );
        check(
            from_generalized("20260331145959Z"),
            "2026-03-31T14:59:59Z 2026-03-31",
        );
        check(
            from_local("2026-11-14T02:00:00.000000"),
            "2026-11-13T17:00:00Z 2026-11-14",
        );
    }

    #[test]
    fn refuses_what_is_no_instant() {
        check(from_unix("never"), "none");
        check(from_filetime(0), "none");
        check(from_filetime(-1), "none");
        check(from_generalized("20260331150000+0900"), "none");
        check(from_generalized("2026033115000Z"), "none");
        check(from_generalized("令和8年"), "none");
        check(from_local("yesterday"), "none");
    }
}
