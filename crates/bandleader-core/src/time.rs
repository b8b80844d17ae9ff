//! Points and lengths of time. There is no `now()` here, by design: time arrives as an argument.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The time from `earlier` to `self`; zero if it is not earlier.
    pub fn since(self, earlier: Timestamp) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// This point moved forward.
    pub fn plus(self, length: Millis) -> Timestamp {
        Timestamp(self.0.saturating_add(length.0))
    }
}

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// One second.
    pub const SECOND: Millis = Millis(1_000);
    /// One minute.
    pub const MINUTE: Millis = Millis(60_000);
    /// One hour.
    pub const HOUR: Millis = Millis(3_600_000);

    /// `n` times as long.
    pub fn times(self, n: u64) -> Millis {
        Millis(self.0.saturating_mul(n))
    }
}

/// For people: `380 ms`, `4.2 s`, `45 s`, `12 m 05 s`, `3 h 07 m`, `2 d 04 h`.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000;
        let text = match self.0 {
            0..1_000 => format!("{} ms", self.0),
            1_000..10_000 => format!("{}.{} s", seconds, self.0 % 1_000 / 100),
            10_000..60_000 => format!("{seconds} s"),
            60_000..3_600_000 => format!("{} m {:02} s", seconds / 60, seconds % 60),
            3_600_000..86_400_000 => format!("{} h {:02} m", seconds / 3_600, seconds / 60 % 60),
            _ => format!("{} d {:02} h", seconds / 86_400, seconds / 3_600 % 24),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_as_people_say_them() {
        let cases = [
            (380, "380 ms"),
            (4_290, "4.2 s"),
            (45_999, "45 s"),
            (725_000, "12 m 05 s"),
            (11_220_000, "3 h 07 m"),
            (187_200_000, "2 d 04 h"),
        ];
        for (length, text) in cases {
            assert_eq!(Millis(length).to_string(), text);
        }
    }
}
