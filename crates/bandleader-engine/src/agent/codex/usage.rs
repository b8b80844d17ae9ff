//! What an attempt used, from figures that Codex counts up over the whole life of a thread.
//!
//! Pure. A thread that is taken up again brings the figures of earlier attempts with it; they are taken off here.

use std::collections::BTreeMap;

use bandleader_core::Spending;
use serde_json::Value;

/// Tokens, cached ones among those that went in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    input: u64,
    cached: u64,
    output: u64,
}

impl Figures {
    /// From what Codex prints: in its server's spelling or in that of `exec` and of its files.
    pub(super) fn of(value: &Value) -> Figures {
        let number = |one: &str, other: &str| value[one].as_u64().or_else(|| value[other].as_u64()).unwrap_or(0);
        Figures {
            input: number("inputTokens", "input_tokens"),
            cached: number("cachedInputTokens", "cached_input_tokens"),
            output: number("outputTokens", "output_tokens"),
        }
    }

    fn less(self, other: Figures) -> Figures {
        Figures {
            input: self.input.saturating_sub(other.input),
            cached: self.cached.saturating_sub(other.cached),
            output: self.output.saturating_sub(other.output),
        }
    }
}

/// The threads of one attempt: its own, and those of agents that it started itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    threads: BTreeMap<String, Counted>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    /// What was used before this attempt; none while that is not known.
    before: Option<Figures>,
    total: Figures,
    calls: u64,
}

impl Usage {
    /// This thread has a past that is still to be told.
    pub(super) fn resumed(&mut self, thread: &str) {
        self.threads.insert(thread.into(), Counted { before: None, total: Figures::default(), calls: 0 });
    }

    /// What this thread had used before.
    pub(super) fn had_used(&mut self, thread: &str, before: Figures) {
        self.threads.insert(thread.into(), Counted { before: Some(before), total: before, calls: 0 });
    }

    /// Whether the past of this thread is still to be told.
    pub(super) fn lacks_past(&self, thread: &str) -> bool {
        self.threads.get(thread).is_some_and(|counted| counted.before.is_none())
    }

    /// Figures after a call of the model: of the thread so far, and of that call. The same total twice is the same call.
    pub(super) fn called(&mut self, thread: &str, total: Figures, last: Figures) {
        let new = Counted { before: Some(Figures::default()), total: Figures::default(), calls: 0 };
        let counted = self.threads.entry(thread.into()).or_insert(new);
        if total == counted.total {
            return;
        }
        counted.before.get_or_insert(total.less(last));
        counted.total = total;
        counted.calls += 1;
    }

    /// Figures of a whole turn, in which the model was called so often.
    pub(super) fn took_turn(&mut self, thread: &str, total: Figures, calls: u64) {
        self.called(thread, total, total);
        if let Some(counted) = self.threads.get_mut(thread) {
            counted.calls = calls.max(1);
        }
    }

    /// This attempt's share of all its threads.
    pub(super) fn spent(&self) -> Spending {
        self.threads.values().fold(Spending::default(), |sum, counted| {
            let Figures { input, cached, output } = counted.total.less(counted.before.unwrap_or(counted.total));
            sum.plus(Spending { input, cached, output, cost: None, turns: counted.calls })
        })
    }

    /// Calls of the model in this thread.
    pub(super) fn calls(&self, thread: &str) -> u64 {
        self.threads.get(thread).map_or(0, |counted| counted.calls)
    }
}

/// Calls of the model, as far as the order of its items shows them: `exec` does not tell of each. Never fewer than there were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rounds {
    /// So many.
    pub(super) made: u64,
    open: u32,
    after_tool: bool,
}

impl Rounds {
    /// Takes in a line of `exec`.
    pub(super) fn count(&mut self, event: &Value) {
        let tool = !matches!(
            event["item"]["type"].as_str(),
            Some("agent_message" | "reasoning" | "todo_list" | "error") | None
        );
        match event["type"].as_str() {
            Some("turn.started") => self.after_tool = true,
            Some("item.started") if tool => {
                self.begin();
                self.open += 1;
            }
            Some("item.completed") if tool => {
                self.open = self.open.saturating_sub(1);
                self.after_tool = self.open == 0;
            }
            Some("item.completed") if event["item"]["type"] == "agent_message" => self.begin(),
            _ => {}
        }
    }

    fn begin(&mut self) {
        if std::mem::take(&mut self.after_tool) {
            self.made += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figures(input: u64, output: u64) -> Figures {
        Figures { input, cached: 0, output }
    }

    fn check(usage: &Usage, input: u64, output: u64, turns: u64) {
        assert_eq!(usage.spent(), Spending { input, output, turns, ..Spending::default() });
    }

    #[test]
    fn the_past_of_a_thread_is_not_ours() {
        let mut usage = Usage::default();
        usage.resumed("t");
        assert!(usage.lacks_past("t"));
        usage.had_used("t", figures(1_000, 40));
        check(&usage, 0, 0, 0);
        usage.called("t", figures(2_000, 80), figures(1_000, 40));
        usage.called("t", figures(2_000, 80), figures(1_000, 40));
        check(&usage, 1_000, 40, 1);
    }

    #[test]
    fn a_past_that_is_never_told_is_reckoned_from_the_first_call() {
        let mut usage = Usage::default();
        usage.resumed("t");
        usage.called("t", figures(1_500, 50), figures(500, 10));
        usage.called("t", figures(1_600, 51), figures(100, 1));
        check(&usage, 600, 11, 2);
    }

    #[test]
    fn agents_of_the_agent_count_too() {
        let mut usage = Usage::default();
        usage.called("t", figures(10, 1), figures(10, 1));
        usage.called("child", figures(5, 1), figures(5, 1));
        check(&usage, 15, 2, 2);
        assert_eq!(usage.calls("t"), 1);
    }

    #[test]
    fn calls_of_the_model_are_counted_by_what_comes_between_them() {
        let mut rounds = Rounds::default();
        let item = |event: &str, kind: &str| json!({ "type": event, "item": { "type": kind } });
        rounds.count(&json!({ "type": "turn.started" }));
        rounds.count(&item("item.completed", "agent_message"));
        for event in ["item.started", "item.started", "item.completed", "item.completed"] {
            rounds.count(&item(event, "command_execution"));
        }
        assert_eq!(rounds.made, 1, "one call may use several tools");
        rounds.count(&item("item.completed", "agent_message"));
        assert_eq!(rounds.made, 2);
    }
}
