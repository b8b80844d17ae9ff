//! Levels, money and tokens as people write them in a plan.
//!
//! Called by `language` (is it one?) and `lower` (which one?).

use serde::{Deserialize, Serialize};

use crate::problems::named;
use crate::tree::{Node, Tree};

/// A set of the levels 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels(u8);

impl Default for Levels {
    fn default() -> Levels {
        Levels::ALL
    }
}

impl Levels {
    /// Every level.
    pub const ALL: Levels = Levels(0b11_1110);

    /// Whether `level` is among them.
    pub fn contains(self, level: u8) -> bool {
        self.0 & 1_u8.checked_shl(level.into()).unwrap_or(0) != 0
    }

    /// `level` if it is among them; else the next one above it that is, else the next one below.
    pub(crate) fn nearest(self, level: u8) -> u8 {
        let above = (level..=5).find(|other| self.contains(*other));
        above.or_else(|| (1..level).rev().find(|other| self.contains(*other))).unwrap_or(level)
    }

    /// The levels that are in both.
    pub(crate) fn and(self, other: Levels) -> Levels {
        Levels(self.0 & other.0)
    }

    /// The levels that are in either.
    pub(crate) fn or(self, other: Levels) -> Levels {
        Levels(self.0 | other.0)
    }

    /// The levels from the first to the last.
    pub(crate) fn range(from: u8, to: u8) -> Levels {
        Levels((from..=to).fold(0, |set, level| set | 1 << level))
    }
}

/// Reads `3`, `3..5`, `3-5`, `3+` or a list of these; otherwise says why not.
pub(crate) fn parse_levels(node: &Node) -> Result<Levels, String> {
    if let Tree::List(items) = &node.tree {
        if items.is_empty() {
            return Err("no level is given".into());
        }
        return items.iter().try_fold(Levels(0), |set, item| Ok(Levels(set.0 | parse_levels(item)?.0)));
    }
    let text = node.text().unwrap_or_default();
    let level = |text: &str| {
        let level = text.trim().parse::<u8>().map_err(|_| format!("{} is not a level", named(text.trim())))?;
        if (1..=5).contains(&level) { Ok(level) } else { Err(format!("there is no level {level}")) }
    };
    if let Some(from) = text.trim().strip_suffix('+') {
        return Ok(Levels::range(level(from)?, 5));
    }
    let ends = text.split_once("..").or_else(|| text.trim().split_once('-').filter(|(from, _)| !from.is_empty()));
    match ends {
        None => level(text).map(|only| Levels::range(only, only)),
        Some((from, to)) => match (level(from)?, level(to.trim_start_matches(['.', '=']))?) {
            (from, to) if from <= to => Ok(Levels::range(from, to)),
            (from, to) => Err(format!("{from} comes after {to}")),
        },
    }
}

/// Reads `20`, `20 USD`, `$20`, `2.50 usd`.
pub(crate) fn parse_money(text: &str) -> Option<f64> {
    let text = text.trim().trim_start_matches('$').trim();
    let lower = text.to_ascii_lowercase();
    let number = ["usd", "dollars", "$"].iter().find_map(|unit| lower.strip_suffix(unit)).unwrap_or(&lower);
    number.trim().parse().ok().filter(|amount: &f64| amount.is_finite() && *amount >= 0.0)
}

/// The same in millionths of a dollar.
pub fn parse_millionths(text: &str) -> Option<u64> {
    parse_money(text).map(crate::plan::millionths)
}

/// Reads `200000`, `200k`, `2M`.
pub fn parse_tokens(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let (number, factor) = match (text.strip_suffix('k'), text.strip_suffix('m')) {
        (Some(number), _) => (number, 1_000),
        (_, Some(number)) => (number, 1_000_000),
        _ => (text.as_str(), 1),
    };
    number.trim().replace('_', "").parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::Problems;

    #[test]
    fn levels_are_sets() {
        let check = |text: &str, expected: &str| {
            let node = crate::source::parse(0, text, &mut Problems::default()).unwrap();
            let shown = match parse_levels(&node) {
                Ok(levels) => {
                    (0..=255).filter(|level| levels.contains(*level)).map(|level| level.to_string()).collect()
                }
                Err(message) => message,
            };
            assert_eq!(shown, expected, "{text}");
        };
        check("3", "3");
        check("3..5", "345");
        check("3-5", "345");
        check("3 .. 4", "34");
        check("2+", "2345");
        check("[1, 3]", "13");
        check("[1, 4..5]", "145");
        check("6", "there is no level 6");
        check("0..3", "there is no level 0");
        check("5..3", "5 comes after 3");
        check("high", "`high` is not a level");
        check("-1", "`-1` is not a level");
        check("[]", "no level is given");
    }

    #[test]
    fn the_nearest_level_is_looked_for_above_first() {
        let nearest = |from, to| [1, 3, 5].map(|level| Levels::range(from, to).nearest(level));
        assert_eq!(nearest(1, 5), [1, 3, 5]);
        assert_eq!(nearest(4, 5), [4, 4, 5]);
        assert_eq!(nearest(1, 2), [1, 2, 2]);
    }

    #[test]
    fn money_and_tokens() {
        assert_eq!(parse_money("20 USD"), Some(20.0));
        assert_eq!(parse_money("$2.50"), Some(2.5));
        assert_eq!(parse_money("-3"), None);
        assert_eq!(parse_money("20 EUR"), None);
        assert_eq!(parse_tokens("200k"), Some(200_000));
        assert_eq!(parse_tokens("2M"), Some(2_000_000));
        assert_eq!(parse_tokens("lots"), None);
    }
}
