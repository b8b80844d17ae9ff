//! Points in time as they are shown: in UTC for records, in the reader's own zone for plans.

use bandleader_core::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-20T11:42:36Z`: for lines that programs read as well.
pub(crate) fn stamp(at: Timestamp) -> String {
    zoned(at, TimeZone::UTC).map_or_else(String::new, |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// `14:20`, or `Sat 14:20` when it is another day than `now`, or `Nov 28` when it is far away; in the reader's zone.
pub(crate) fn local(at: Timestamp, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let (Some(time), Some(today)) = (zoned(at, zone.clone()), zoned(now, zone)) else { return String::new() };
    let days = at.since(now).0.max(now.since(at).0) / 86_400_000;
    let pattern = match () {
        () if time.date() == today.date() => "%H:%M",
        () if days < 6 => "%a %H:%M",
        () => "%b %e",
    };
    time.strftime(pattern).to_string()
}

/// `14:20`, `14:20-15:05`, `Sat 14:20-15:05`, `Sat 23:50-Sun 00:40`: from when to when, what both have in common once.
pub(crate) fn span(first: Timestamp, last: Timestamp, now: Timestamp) -> String {
    joined(local(first, now), &local(last, now))
}

fn joined(first: String, last: &str) -> String {
    if first == last {
        return first;
    }
    let day = first.rsplit_once(' ').map_or("", |(day, _)| day);
    let rest = last.strip_prefix(day).filter(|_| day.len() == 3).map_or(last, str::trim_start);
    format!("{first}-{rest}")
}

/// `14:20:36`, in the reader's zone.
pub(crate) fn time_of_day(at: Timestamp) -> String {
    zoned(at, TimeZone::system()).map_or_else(String::new, |time| time.strftime("%H:%M:%S").to_string())
}

fn zoned(at: Timestamp, zone: TimeZone) -> Option<jiff::Zoned> {
    let millis = i64::try_from(at.0).ok()?;
    Some(jiff::Timestamp::from_millisecond(millis).ok()?.to_zoned(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_says_its_day_once() {
        let span = |first: &str, last| joined(first.to_owned(), last);
        assert_eq!(span("14:20", "14:20"), "14:20");
        assert_eq!(span("14:20", "15:05"), "14:20-15:05");
        assert_eq!(span("Sat 14:20", "Sat 15:05"), "Sat 14:20-15:05");
        assert_eq!(span("Sat 23:50", "Sun 00:40"), "Sat 23:50-Sun 00:40");
        assert_eq!(span("23:50", "Sun 00:40"), "23:50-Sun 00:40");
        assert_eq!(span("Nov 28", "Nov 29"), "Nov 28-29");
    }

    #[test]
    fn a_record_says_its_second_in_utc() {
        assert_eq!(stamp(Timestamp(1_763_638_956_789)), "2025-11-20T11:42:36Z");
        assert_eq!(stamp(Timestamp(u64::MAX)), "");
    }
}
