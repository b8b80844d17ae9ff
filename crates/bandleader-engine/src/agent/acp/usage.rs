//! What the agent used. Every agent says it in its own way; none says all of it.
//!
//! - `usage` in the answer to a prompt: the turn's sum, what was read from a cache not in `inputTokens`. OpenCode's is of the turn's last call
//!   of the model alone, so its tokens are a lower bound; its cost is whole.
//! - `_meta.quota.token_count` in that answer: Gemini CLI's, what was read from a cache in it and not told apart.
//! - `usage_update.cost`: the sum of the whole session, so an attempt's is what it has grown by. Where a session was taken up and the sum
//!   before was not said, nobody knows.

use bandleader_core::Spending;
use serde_json::Value;

/// The figures of one attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    /// Of turns that have ended, without cost.
    spent: Spending,
    /// Money of the session before this attempt; none when it is not known.
    before: Option<f64>,
    /// Money of the session, by the last word on it.
    cost: Option<f64>,
}

impl Usage {
    /// Of a session that is new: it has cost nothing yet.
    pub(super) fn of_new_session() -> Usage {
        Usage { before: Some(0.0), ..Usage::default() }
    }

    /// A session of an earlier attempt was taken up; what was said of its cost meanwhile was spent before.
    pub(super) fn taken_up(&mut self) {
        *self = Usage { before: self.cost, ..Usage::default() };
    }

    /// Takes in a `usage_update`.
    pub(super) fn update(&mut self, update: &Value) {
        let dollars = update.pointer("/cost/currency").and_then(Value::as_str).is_none_or(|currency| currency == "USD");
        let amount = update
            .pointer("/cost/amount")
            .and_then(Value::as_f64)
            .filter(|amount| amount.is_finite() && *amount >= 0.0);
        if let Some(amount) = amount.filter(|_| dollars) {
            self.cost = Some(amount);
        }
    }

    /// Takes in the answer to a prompt.
    pub(super) fn turn(&mut self, answer: &Value) {
        let tokens = answer.get("usage").filter(|usage| usage.is_object()).map(of_usage);
        let tokens = tokens.or_else(|| answer.pointer("/_meta/quota/token_count").map(of_quota));
        self.spent = self.spent.plus(tokens.unwrap_or_default());
    }

    /// Everything so far, with so many calls of the model.
    pub(super) fn so_far(&self, turns: u32) -> Spending {
        let cost = self.cost.zip(self.before).map(|(cost, before)| millionths((cost - before).max(0.0)));
        Spending { cost, turns: u64::from(turns), ..self.spent }
    }
}

fn of_usage(usage: &Value) -> Spending {
    let cached = count(usage, &["cachedReadTokens"]);
    let input =
        count(usage, &["inputTokens"]).saturating_add(cached).saturating_add(count(usage, &["cachedWriteTokens"]));
    // Thinking is in the total, if it is nowhere else.
    let output = count(usage, &["outputTokens"]).max(count(usage, &["totalTokens"]).saturating_sub(input));
    Spending { input, cached, output, ..Spending::default() }
}

fn of_quota(quota: &Value) -> Spending {
    Spending {
        input: count(quota, &["input_tokens", "inputTokens"]),
        cached: count(quota, &["cached_tokens", "cachedInputTokens"]),
        output: count(quota, &["output_tokens", "outputTokens"]),
        ..Spending::default()
    }
}

fn count(value: &Value, names: &[&str]) -> u64 {
    names.iter().find_map(|name| value.get(*name)?.as_u64()).unwrap_or_default()
}

/// Of a dollar.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative; a sum too large is the largest"
)]
fn millionths(dollars: f64) -> u64 {
    (dollars * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figures(usage: Usage) -> (u64, u64, u64, Option<u64>) {
        let spent = usage.so_far(1);
        (spent.input, spent.cached, spent.output, spent.cost)
    }

    #[test]
    fn each_agents_figures_mean_the_same() {
        let of = |answer: Value| {
            let mut usage = Usage::default();
            usage.turn(&answer);
            figures(usage)
        };
        let codex =
            json!({"usage": {"totalTokens": 2152, "inputTokens": 1100, "cachedReadTokens": 1000, "outputTokens": 52}});
        assert_eq!(of(codex), (2100, 1000, 52, None));
        let gemini = json!({"_meta": {"quota": {"token_count": {"input_tokens": 2100, "output_tokens": 52}}}});
        assert_eq!(of(gemini), (2100, 0, 52, None));
        assert_eq!(of(json!({"usage": null, "_meta": {"quota": {"token_count": null}}})), (0, 0, 0, None));
        assert_eq!(of(json!({"usage": {"inputTokens": -1, "outputTokens": "x"}})), (0, 0, 0, None));
    }

    #[test]
    fn money_is_what_the_session_has_grown_by() {
        let cost = |amount: f64| json!({"cost": {"amount": amount, "currency": "USD"}});
        let mut usage = Usage::of_new_session();
        usage.update(&cost(0.004));
        usage.update(&cost(0.011));
        assert_eq!(usage.so_far(2).cost, Some(11_000));
        usage.taken_up();
        usage.update(&cost(0.015));
        assert_eq!(usage.so_far(1).cost, Some(4_000));
        let mut unknown = Usage::of_new_session();
        unknown.taken_up();
        unknown.update(&cost(0.015));
        assert_eq!(unknown.so_far(1).cost, None, "what it was before is not known");
        unknown.update(&json!({"cost": {"amount": 9, "currency": "EUR"}}));
        assert_eq!(unknown.cost, Some(0.015));
    }
}
