//! Tokens and money as people read them. What is not known is said to be unknown, and a sum that is known in part is a lower bound.

use serde::Serialize;

use crate::Spending;

/// A sum for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spent {
    /// Tokens that went in, cached ones included.
    pub input: u64,
    /// Of `input`: read from a cache.
    pub cached: u64,
    /// Tokens that came out.
    pub output: u64,
    /// Both.
    pub tokens: u64,
    /// Calls of the model.
    pub turns: u64,
    /// US dollars; null when no price is known.
    pub cost_usd: Option<f64>,
    /// Part of it was used at a price that is not known: the cost is a lower bound.
    pub cost_is_partial: bool,
}

impl Spent {
    /// Back again.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a whole number before")]
    pub(crate) fn to_spending(self) -> Spending {
        let Spent { input, cached, output, turns, .. } = self;
        Spending { input, cached, output, turns, cost: self.cost_usd.map(|dollars| (dollars * 1e6).round() as u64) }
    }

    /// Of this sum.
    #[expect(clippy::cast_precision_loss, reason = "exact for more money than there is")]
    pub fn of(spending: Spending, partial: bool) -> Spent {
        Spent {
            input: spending.input,
            cached: spending.cached,
            output: spending.output,
            tokens: spending.tokens(),
            turns: spending.turns,
            cost_usd: spending.cost.map(|cost| cost as f64 / 1e6),
            cost_is_partial: partial && !spending.is_nothing(),
        }
    }
}

/// `12.3k tokens, $0.42`, `12.3k tokens, at least $0.42`, `12.3k tokens, cost unknown`.
pub fn words(spending: Spending, partial: bool) -> String {
    let cost = match spending.cost {
        None => "cost unknown".to_owned(),
        Some(_) => cost(spending, partial),
    };
    format!("{} tokens, {cost}", tokens(spending.tokens()))
}

/// `$0.42`, `at least $0.42`, `unknown`. Where nothing was used, nothing was spent.
pub fn cost(spending: Spending, partial: bool) -> String {
    match spending.cost {
        None if spending.is_nothing() => "$0".into(),
        None => "unknown".into(),
        Some(cost) if partial => format!("at least {}", money(cost)),
        Some(cost) => money(cost),
    }
}

/// Millionths of a dollar: `$12.34`; with as many places as say something when it is less than a dollar. Rounded up.
pub fn money(millionths: u64) -> String {
    match millionths {
        0 => "$0".into(),
        1..100_000 => {
            let units = millionths.div_ceil(100);
            format!("${}.{:04}", units / 10_000, units % 10_000)
        }
        _ => {
            let cents = millionths.div_ceil(10_000);
            format!("${}.{:02}", cents / 100, cents % 100)
        }
    }
}

/// `812`, `12.3k`, `4.5M`.
pub fn tokens(count: u64) -> String {
    let short = |unit: u64, letter: char| match (count / unit, count % unit * 10 / unit) {
        (whole, 0) => format!("{whole}{letter}"),
        (whole, tenths) => format!("{whole}.{tenths}{letter}"),
    };
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => short(1_000, 'k'),
        _ => short(1_000_000, 'M'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_nothing() {
        let spent = |cost| Spending { input: 12_000, output: 345, cost, ..Spending::default() };
        assert_eq!(words(spent(None), true), "12.3k tokens, cost unknown");
        assert_eq!(words(spent(Some(420_000)), false), "12.3k tokens, $0.42");
        assert_eq!(words(spent(Some(420_000)), true), "12.3k tokens, at least $0.42");
        assert_eq!(cost(Spending::default(), false), "$0");
        assert_eq!(cost(spent(None), true), "unknown");
    }

    #[test]
    fn small_sums_keep_their_places() {
        let shown: Vec<String> = [1, 12_345, 99_999, 100_000, 12_340_001].into_iter().map(money).collect();
        assert_eq!(shown, ["$0.0001", "$0.0124", "$0.1000", "$0.10", "$12.35"]);
        assert_eq!([999, 1_000, 1_250, 2_000_000].map(tokens), ["999", "1k", "1.2k", "2M"]);
    }
}
