//! What models cost: for programs that say what they used but not what it cost, and where people know better than the program.
//!
//! List prices for plain use as read on `READ_ON`; what a contract or a subscription says may be another matter. Surcharges for writing
//! to a cache, for long prompts or for priority are not in it, so that a cost worked out here is rather too low than too high. A
//! model that is not in the table has no price: its cost is unknown, not nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Spending;

/// When the pages named in `PRICES` were read.
pub const READ_ON: &str = "2026-11-21";

/// A price in millionths of a dollar for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Tokens that went in and were not in a cache.
    pub input: u64,
    /// Tokens that went in from a cache.
    pub cached: u64,
    /// Tokens that came out.
    pub output: u64,
}

/// Prices by the name of the model.
pub type Prices = BTreeMap<String, Price>;

/// Given in thousandths of a dollar.
const fn price(input: u64, cached: u64, output: u64) -> Price {
    Price { input: input * 1_000, cached: cached * 1_000, output: output * 1_000 }
}

/// <https://platform.claude.com/docs/en/about-claude/pricing>, and the pages of single models beside it;
/// <https://developers.openai.com/api/docs/models>; and <https://ai.google.dev/gemini-api/docs/pricing>, whose Gemini 3.8 Flash doubles
/// in 2027. Models whose price depends on the length of each prompt are left out.
const PRICES: [(&str, Price); 20] = [
    ("claude-fable-5-1", price(10_000, 250, 50_000)),
    ("claude-fable-5", price(10_000, 1_000, 50_000)),
    ("claude-opus-5-5", price(4_000, 200, 20_000)),
    ("claude-opus-5", price(5_000, 500, 25_000)),
    ("claude-opus-4-8", price(5_000, 500, 25_000)),
    ("claude-opus-4-7", price(5_000, 500, 25_000)),
    ("claude-opus-4-6", price(5_000, 500, 25_000)),
    ("claude-opus-4-5", price(5_000, 500, 25_000)),
    ("claude-opus-4-1", price(15_000, 1_500, 75_000)),
    ("claude-sonnet-5-5", price(2_000, 100, 10_000)),
    ("claude-sonnet-5", price(2_000, 200, 10_000)),
    ("claude-haiku-4-5", price(1_000, 100, 5_000)),
    ("gpt-5.5", price(5_000, 500, 30_000)),
    ("gpt-5.4", price(2_500, 250, 15_000)),
    ("gpt-5.4-mini", price(750, 75, 4_500)),
    ("gpt-5.3-codex", price(1_750, 175, 14_000)),
    ("gpt-5.2-codex", price(1_750, 175, 14_000)),
    ("gpt-5-codex", price(1_250, 125, 10_000)),
    ("gemini-3.8-flash", price(750, 75, 3_750)),
    ("gemini-3-flash-preview", price(500, 50, 3_000)),
];

/// The price of a model by its name: exactly, or with a date, a context size or a provider around it.
pub fn of(model: &str) -> Option<Price> {
    PRICES.iter().find(|(name, _)| is_model(model, name)).map(|(_, price)| *price)
}

/// The price that people gave a model, by its name as `of` reads it; one that is written out wins.
pub fn given(prices: &Prices, model: &str) -> Option<Price> {
    let by_name = || prices.iter().rev().find(|(name, _)| is_model(model, name)).map(|(_, price)| price);
    prices.get(model).or_else(by_name).copied()
}

fn is_model(model: &str, name: &str) -> bool {
    let bare = model.rsplit('/').next().unwrap_or(model);
    [model, bare].into_iter().any(|model| model.strip_prefix(name).is_some_and(is_variant))
}

/// `-20260901`, `-2026-09-01`, `[1m]`, `@20260901` say which build of a model it is; `-mini` says that it is another model.
fn is_variant(rest: &str) -> bool {
    let dated = |rest: &str| rest.len() >= 8 && rest.chars().all(|char| char.is_ascii_digit() || char == '-');
    match rest.chars().next() {
        None | Some('[') => true,
        _ => rest.strip_prefix(['-', '@']).is_some_and(dated),
    }
}

impl Price {
    /// What this cost, in millionths of a dollar, rounded up.
    pub fn cost(self, spending: Spending) -> u64 {
        let cached = spending.cached.min(spending.input);
        let fresh = spending.input - cached;
        let sum = [(fresh, self.input), (cached, self.cached), (spending.output, self.output)];
        let sum: u128 = sum.into_iter().map(|(tokens, price)| u128::from(tokens) * u128::from(price)).sum();
        u64::try_from(sum.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_of_a_model_costs_what_it_costs_and_another_model_does_not() {
        let opus = of("claude-opus-5-5");
        for name in
            ["claude-opus-5-5-20260923", "claude-opus-5-5[1m]", "anthropic/claude-opus-5-5", "claude-opus-5-5@20260923"]
        {
            assert_eq!(of(name), opus, "{name}");
        }
        assert_ne!(of("claude-opus-5"), opus);
        assert_eq!(of("gpt-5.4-mini").unwrap().input, 750_000);
        for unknown in ["gpt-5.5-pro", "gpt-5.4-nano", "claude-haiku-5-5", "llama", "", "gpt"] {
            assert_eq!(of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn cached_tokens_have_their_own_price() {
        let spending = Spending { input: 1_000_000, cached: 900_000, output: 100_000, ..Spending::default() };
        assert_eq!(of("claude-opus-5-5").unwrap().cost(spending), 400_000 + 180_000 + 2_000_000);
    }

    #[test]
    fn what_people_say_holds_for_the_builds_of_a_model_too() {
        let own = |input| Price { input, cached: input, output: input };
        let prices = Prices::from([("m".into(), own(1)), ("m-2026-01-01".into(), own(2)), ("team/m".into(), own(3))]);
        let found = |model| given(&prices, model).map(|price| price.input);
        assert_eq!(found("m"), Some(1));
        assert_eq!(found("other/m-20260202"), Some(1));
        assert_eq!(found("m-2026-01-01"), Some(2));
        assert_eq!(found("team/m"), Some(3));
        assert_eq!(found("m-mini"), None);
    }
}
