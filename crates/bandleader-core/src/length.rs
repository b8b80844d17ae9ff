//! Lengths of time as people write them in a plan: `30 minutes`, `1.5h`, `1h 30m`, `PT30M`.
//!
//! Called by `language` (is it one?) and `lower` (which one?). A number without a unit is refused: nobody remembers whether
//! it meant seconds or minutes.

use crate::Millis;

/// The longest length a plan may state: a hundred years. Longer ones are slips, and would overflow sums.
const MAX: f64 = 100.0 * 365.0 * 86_400_000.0;

/// Why a text is not a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLength {
    /// Only a number.
    #[error("a length of time needs a unit")]
    NoUnit,
    /// Something else altogether.
    #[error("not a length of time")]
    NotALength,
    /// A minus sign.
    #[error("a length of time cannot be negative")]
    Negative,
    /// More than a hundred years.
    #[error("longer than a hundred years")]
    TooLong,
}

/// Reads a length of time.
///
/// # Errors
/// See [`BadLength`].
pub fn parse_length(text: &str) -> Result<Millis, BadLength> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(BadLength::Negative);
    }
    let millis = match text.strip_prefix(['P', 'p']) {
        Some(iso) => iso_length(iso)?,
        None => plain_length(text)?,
    };
    if millis > MAX {
        return Err(BadLength::TooLong);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= millis <= MAX, far below 2^53")]
    Ok(Millis(millis.round() as u64))
}

fn plain_length(text: &str) -> Result<f64, BadLength> {
    let mut rest = text;
    let mut sum = 0.0;
    if rest.is_empty() {
        return Err(BadLength::NotALength);
    }
    while !rest.is_empty() {
        let (number, after) = leading_number(rest)?;
        let after = after.trim_start();
        let unit_length = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_length);
        if unit.is_empty() {
            return Err(if after.is_empty() { BadLength::NoUnit } else { BadLength::NotALength });
        }
        sum += number * unit_millis(unit).ok_or(BadLength::NotALength)?;
        rest = after.trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    Ok(sum)
}

/// ISO 8601 without years and months, whose length varies: `P1DT2H30M`, `PT0.5S`, `P2W`.
fn iso_length(text: &str) -> Result<f64, BadLength> {
    let (days, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
    if (days.is_empty() && time.is_empty()) || text.ends_with(['T', 't']) {
        return Err(BadLength::NotALength);
    }
    let mut sum = 0.0;
    for (part, units) in [(days, "WD"), (time, "HMS")] {
        let mut rest = part;
        while !rest.is_empty() {
            let (number, after) = leading_number(rest)?;
            let unit = after.chars().next().map(|c| c.to_ascii_uppercase()).filter(|c| units.contains(*c));
            sum += number
                * unit
                    .and_then(|c| unit_millis(c.to_ascii_lowercase().encode_utf8(&mut [0; 4])))
                    .ok_or(BadLength::NotALength)?;
            rest = after.get(1..).unwrap_or_default();
        }
    }
    Ok(sum)
}

fn leading_number(text: &str) -> Result<(f64, &str), BadLength> {
    let length = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(length);
    let starts_with_digit = number.starts_with(|c: char| c.is_ascii_digit());
    let number = number.parse::<f64>().ok().filter(|_| starts_with_digit);
    Ok((number.ok_or(BadLength::NotALength)?, rest))
}

fn unit_millis(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        "w" | "week" | "weeks" => 604_800_000.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        let cases = [
            ("30 minutes", 1_800_000),
            ("30m", 1_800_000),
            ("1.5h", 5_400_000),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("1 hour and 5 min", 3_900_000),
            ("2 days, 4 hours", 187_200_000),
            ("1 Week", 604_800_000),
            ("250ms", 250),
            ("0s", 0),
            ("PT30M", 1_800_000),
            ("P1DT2H", 93_600_000),
            ("PT0.5S", 500),
            ("P2W", 1_209_600_000),
        ];
        for (text, millis) in cases {
            assert_eq!(parse_length(text), Ok(Millis(millis)), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_for_its_reason() {
        for text in ["90", "1.5", "1h 30"] {
            assert_eq!(parse_length(text), Err(BadLength::NoUnit), "{text}");
        }
        for text in
            ["", "soon", "h", "1 fortnight", "P", "PT", "P1Y", "P1M", "PT1D", "1..5h", ".h", "1h-", "1h & 2m", "5:30"]
        {
            assert_eq!(parse_length(text), Err(BadLength::NotALength), "{text}");
        }
        assert_eq!(parse_length("-5m"), Err(BadLength::Negative));
        assert_eq!(parse_length("9e9h"), Err(BadLength::NotALength));
        assert_eq!(parse_length("99999999999999d"), Err(BadLength::TooLong));
    }
}
