//! What an attempt used, from figures that Claude Code gives in three ways.
//!
//! While it works, each line of a message repeats the figures of that message, and those grow: per message the greatest counts. A
//! result line says what was used since the result before it, in its own count by model, which holds sub-agents and calls on the
//! side; where that is missing (2.1.197), `usage`, which holds neither. Its total of the cost is over the process, and from some
//! versions on over the conversation's past: it is only good for differences within a process.

use std::collections::BTreeMap;

use bandleader_core::Spending;
use serde_json::Value;

/// What it writes where the model did not answer.
pub(super) const NO_MODEL: &str = "<synthetic>";

/// The figures of one start of the program.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Up to the last result.
    settled: Spending,
    /// Since then, by message.
    open: BTreeMap<String, Message>,
    /// The program's own total of the cost, as it was last.
    total: f64,
    /// Calls of the model on the agent's own behalf.
    turns: u64,
}

#[derive(Debug, Default)]
struct Message {
    used: Spending,
    of_sub_agent: bool,
}

impl Figures {
    /// Everything of this start so far.
    pub(super) fn total(&self) -> Spending {
        self.open.values().fold(self.settled, |sum, message| sum.plus(message.used))
    }

    /// How often the agent itself, not one that it sent, called its model.
    pub(super) fn turns(&self) -> u64 {
        self.turns
    }

    /// A message of the model, or news of one.
    pub(super) fn message(&mut self, id: &str, message: &Value, of_sub_agent: bool) {
        if message.get("model").and_then(Value::as_str) == Some(NO_MODEL) {
            return;
        }
        let turns = &mut self.turns;
        let known = self.open.entry(id.to_owned()).or_insert_with(|| {
            *turns += u64::from(!of_sub_agent);
            Message { used: Spending { turns: 1, ..Spending::default() }, of_sub_agent }
        });
        let used = message.get("usage").map(of_usage).unwrap_or_default();
        known.used.input = known.used.input.max(used.input);
        known.used.cached = known.used.cached.max(used.cached);
        known.used.output = known.used.output.max(used.output);
    }

    /// A result line.
    pub(super) fn result(&mut self, result: &Value) {
        let heard = std::mem::take(&mut self.open);
        let calls = u64::try_from(heard.len()).unwrap_or(u64::MAX);
        let total = result.get("total_cost_usd").and_then(Value::as_f64).filter(|total| total.is_finite());
        let since = total.map(|total| total - self.total);
        self.total = total.unwrap_or(self.total);
        let models = result.get("model_usage_since_last_result").and_then(Value::as_object);
        let mut used = if let Some(models) = models {
            models.values().map(of_model).fold(Spending::default(), Spending::plus)
        } else {
            let sum = |sub_agents: bool| {
                let of_them = heard.values().filter(|message| message.of_sub_agent == sub_agents);
                of_them.fold(Spending::default(), |sum, message| sum.plus(message.used))
            };
            let own = result.get("usage").filter(|usage| usage.is_object());
            let own = own.map_or_else(|| sum(false), of_usage);
            Spending { cost: since.and_then(millionths), ..own.plus(sum(true)) }
        };
        used.turns = calls;
        // Tokens for nothing are tokens whose price it does not know.
        used.cost = used.cost.filter(|cost| *cost > 0 || used.tokens() == 0);
        self.settled = self.settled.plus(used);
    }
}

/// Of a `usage` object as the provider writes it: what is read from the cache, and what is put there, is not in its `input_tokens`.
fn of_usage(usage: &Value) -> Spending {
    let count = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or_default();
    let cached = count("cache_read_input_tokens");
    Spending {
        input: count("input_tokens").saturating_add(cached).saturating_add(count("cache_creation_input_tokens")),
        cached,
        output: count("output_tokens"),
        ..Spending::default()
    }
}

/// Of one model, in the program's own words.
fn of_model(model: &Value) -> Spending {
    let count = |name: &str| model.get(name).and_then(Value::as_u64).unwrap_or_default();
    let cached = count("cacheReadInputTokens");
    let known = model.get("costBasis").and_then(Value::as_str) != Some("unknown");
    Spending {
        input: count("inputTokens").saturating_add(cached).saturating_add(count("cacheCreationInputTokens")),
        cached,
        output: count("outputTokens"),
        cost: model.get("costUSD").and_then(Value::as_f64).filter(|_| known).and_then(millionths),
        turns: 0,
    }
}

/// Dollars in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked in the line above")]
fn millionths(dollars: f64) -> Option<u64> {
    let millionths = (dollars * 1e6).round();
    (0.0..1e15).contains(&millionths).then_some(millionths as u64)
}
