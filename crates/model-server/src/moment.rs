//! Points in time inside the headers of a script: providers say when a limit ends, in three forms.
//!
//! `{epoch+30}` becomes the seconds since 1970 that it will be in 30 seconds, `{rfc3339+30}` and `{http+30}` the same moment as
//! a date.

use std::time::{SystemTime, UNIX_EPOCH};

/// `text` with its moments filled in. What is not one of them stays as it is.
pub(crate) fn fill(text: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    fill_at(text, now)
}

fn fill_at(text: &str, now: u64) -> String {
    let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
    let Some((inside, after)) = rest.split_once('}') else { return text.to_owned() };
    let moment = inside.split_once('+').and_then(|(form, seconds)| {
        let at = now + seconds.parse::<u64>().ok()?;
        match form {
            "epoch" => Some(at.to_string()),
            "rfc3339" => Some(rfc3339(at)),
            "http" => Some(http(at)),
            _ => None,
        }
    });
    format!("{before}{}{}", moment.unwrap_or_else(|| format!("{{{inside}}}")), fill_at(after, now))
}

fn rfc3339(at: u64) -> String {
    let (year, month, day) = date(at / 86_400);
    let (hour, minute, second) = clock(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn http(at: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = at / 86_400;
    let (year, month, day) = date(days);
    let (hour, minute, second) = clock(at);
    let name = DAYS.iter().cycle().nth(usize::try_from(days % 7).unwrap_or(0)).copied().unwrap_or_default();
    let month = MONTHS.get(usize::try_from(month - 1).unwrap_or(0)).copied().unwrap_or_default();
    format!("{name}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

fn clock(at: u64) -> (u64, u64, u64) {
    (at / 3600 % 24, at / 60 % 60, at % 60)
}

/// Year, month and day of a number of days since 1970: `civil_from_days` of Howard Hinnant's "chrono-Compatible Low-Level Date
/// Algorithms", for days after 1970.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_filled_in_three_forms() {
        // `date -u -d @1709251199`: Thu Feb 29 23:59:59 UTC 2024
        let check = |text: &str, expected: &str| assert_eq!(fill_at(text, 1_709_251_190), expected);
        check("{epoch+9}", "1709251199");
        check("{rfc3339+9}", "2024-02-29T23:59:59Z");
        check("{http+10}", "Fri, 01 Mar 2024 00:00:00 GMT");
        check("a {epoch+0} b {what+1} c", "a 1709251190 b {what+1} c");
        check("{", "{");
    }
}
