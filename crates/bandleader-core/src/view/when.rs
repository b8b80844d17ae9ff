//! Points and lengths of time as text. All of it in UTC: the same log gives the same text on every machine.

use crate::{Millis, Timestamp};

/// `2026-11-20T11:17:02.250Z` (RFC 3339).
pub fn rfc3339(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// `2026-11-20 11:17:02 UTC`.
pub fn date_and_time(at: Timestamp) -> String {
    format(at, "%Y-%m-%d %H:%M:%S UTC")
}

/// `2026-11-20`.
pub fn date(at: Timestamp) -> String {
    format(at, "%Y-%m-%d")
}

/// `11:17:02`, or with its date when that is not the date of `day`.
pub fn time_on(day: Timestamp, at: Timestamp) -> String {
    if date(day) == date(at) { format(at, "%H:%M:%S") } else { format(at, "%Y-%m-%d %H:%M:%S") }
}

/// `380ms`, `4.2s`, `45s`, `14m`, `12m 5s`, `3h 7m`, `2d 4h`: short enough for a column; parts that are zero are left out.
pub fn length(length: Millis) -> String {
    let seconds = length.0 / 1_000;
    let two = |large: u64, unit: &str, small: u64, rest: &str| match small {
        0 => format!("{large}{unit}"),
        small => format!("{large}{unit} {small}{rest}"),
    };
    match seconds {
        0 => format!("{}ms", length.0),
        1..10 => match length.0 % 1_000 / 100 {
            0 => format!("{seconds}s"),
            tenths => format!("{seconds}.{tenths}s"),
        },
        10..60 => format!("{seconds}s"),
        60..3_600 => two(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "m"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// A length in seconds, for programs.
#[expect(clippy::cast_precision_loss, reason = "exact for more than 200,000 years of milliseconds")]
pub fn seconds(length: Millis) -> f64 {
    length.0 as f64 / 1_000.0
}

fn format(at: Timestamp, pattern: &str) -> String {
    // A time past the year 9999 is shown as that year's end; no clock of ours gives one.
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.unwrap_or(jiff::Timestamp::MAX).strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_is_text_in_utc() {
        let at = Timestamp(1_705_746_660_250);
        assert_eq!(rfc3339(at), "2024-01-20T10:31:00.250Z");
        assert_eq!(date_and_time(at), "2024-01-20 10:31:00 UTC");
        assert_eq!(date(Timestamp(0)), "1970-01-01");
        assert_eq!(time_on(at, Timestamp(at.0 + 1_000)), "10:31:01");
        assert_eq!(time_on(at, Timestamp(at.0 + 86_400_000)), "2024-01-21 10:31:00");
        assert_eq!(date(Timestamp(u64::MAX)), "9999-12-30");
    }

    #[test]
    fn a_length_is_as_short_as_it_can_be() {
        let cases = [
            (0, "0ms"),
            (380, "380ms"),
            (4_000, "4s"),
            (4_290, "4.2s"),
            (45_999, "45s"),
            (840_000, "14m"),
            (725_000, "12m 5s"),
            (3_600_000, "1h"),
            (11_220_000, "3h 7m"),
            (187_200_000, "2d 4h"),
        ];
        for (millis, text) in cases {
            assert_eq!(length(Millis(millis)), text);
        }
    }
}
