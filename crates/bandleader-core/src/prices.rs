//! What models cost, for programs that say what they used but not what it cost.
//!
//! List prices for plain use as read on `READ_ON`; what a contract or a subscription says may be another matter. Surcharges for writing
//! to a cache, for long prompts or for priority are not in it, so that a cost worked out here is rather too low than too high. A
//! model that is not in the table has no price: its cost is unknown, not nothing.

use crate::Spending;

/// When the pages named in `PRICES` were read.
pub const READ_ON: &str = "2026-11-21";

/// A price in thousandths of a dollar for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Tokens that went in and were not in a cache.
    pub input: u64,
    /// Tokens that went in from a cache.
    pub cached: u64,
    /// Tokens that came out.
    pub output: u64,
}

const fn price(input: u64, cached: u64, output: u64) -> Price {
    Price { input, cached, output }
}

/// <https://platform.claude.com/docs/en/about-claude/pricing>, and the pages of single models beside it; and
/// <https://developers.openai.com/api/docs/models>. Models whose price depends on the length of each prompt are left out.
const PRICES: [(&str, Price); 18] = [
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
];

/// The price of a model by its name: exactly, or with a date, a context size or a provider around it.
pub fn of(model: &str) -> Option<Price> {
    let model = model.rsplit('/').next().unwrap_or(model);
    let is_it = |name: &str| model.strip_prefix(name).is_some_and(is_variant);
    PRICES.iter().find(|(name, _)| is_it(name)).map(|(_, price)| *price)
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
        u64::try_from(sum.div_ceil(1_000)).unwrap_or(u64::MAX)
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
        assert_eq!(of("gpt-5.4-mini").unwrap().input, 750);
        for unknown in ["gpt-5.5-pro", "gpt-5.4-nano", "claude-haiku-5-5", "llama", "", "gpt"] {
            assert_eq!(of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn cached_tokens_have_their_own_price() {
        let spending = Spending { input: 1_000_000, cached: 900_000, output: 100_000, ..Spending::default() };
        assert_eq!(of("claude-opus-5-5").unwrap().cost(spending), 400_000 + 180_000 + 2_000_000);
    }
}
