//! What an attempt used, from the sums that OpenCode keeps for each session.
//!
//! Pure. A session that is taken up has a past, which is taken off; sessions of helpers that it starts are counted with it.

use std::collections::BTreeMap;

use bandleader_core::Spending;
use serde_json::Value;

/// The sessions of one attempt: its own and those of helpers.
#[derive(Debug, Default)]
pub(super) struct Figures {
    sessions: BTreeMap<String, Sums>,
    /// Calls of the model that came to their end.
    pub(super) calls: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    before: Spending,
    now: Spending,
}

impl Figures {
    /// The attempt's own session as it stands before anything is asked.
    pub(super) fn begin(&mut self, info: &Value) {
        let before = sums(info);
        self.sessions.insert(name(info), Sums { before, now: before });
    }

    /// Whether this session belongs to the attempt.
    pub(super) fn has(&self, session: &str) -> bool {
        self.sessions.contains_key(session)
    }

    /// Names of all sessions.
    pub(super) fn names(&self) -> Vec<String> {
        self.sessions.keys().cloned().collect()
    }

    /// A session as it stands now; true if that is news. Sessions of others are left alone.
    pub(super) fn update(&mut self, info: &Value) -> bool {
        let parent = info["parentID"].as_str().unwrap_or_default();
        let name = name(info);
        if !self.has(&name) {
            if !self.has(parent) {
                return false;
            }
            self.sessions.insert(name.clone(), Sums::default());
        }
        let Some(session) = self.sessions.get_mut(&name) else { return false };
        let now = sums(info);
        std::mem::replace(&mut session.now, now) != now
    }

    /// Everything that the attempt used.
    pub(super) fn spent(&self) -> Spending {
        let used = self.sessions.values().map(|sums| sums.now.since(sums.before));
        let sum = used.fold(Spending::default(), Spending::plus);
        Spending { turns: self.calls, ..sum }
    }
}

fn name(info: &Value) -> String {
    info["id"].as_str().unwrap_or_default().to_owned()
}

fn sums(info: &Value) -> Spending {
    let number = |value: &Value| value.as_u64().or_else(|| value.as_f64().map(whole)).unwrap_or_default();
    let tokens = &info["tokens"];
    let cached = number(&tokens["cache"]["read"]);
    // It counts neither what is read from a cache nor what is written to one as input, and thoughts not as output.
    let input = number(&tokens["input"]).saturating_add(cached).saturating_add(number(&tokens["cache"]["write"]));
    let output = number(&tokens["output"]).saturating_add(number(&tokens["reasoning"]));
    // 0 is what it says of models whose price it does not know.
    let cost = info["cost"].as_f64().filter(|cost| *cost > 0.0).map(|cost| whole((cost * 1e6).round()));
    Spending { input, cached, output, cost, turns: 0 }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from floating point saturates")]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn info(id: &str, parent: Option<&str>, input: u64, read: u64, cost: f64) -> Value {
        json!({ "id": id, "parentID": parent, "cost": cost, "tokens": { "input": input, "output": 5, "reasoning": 2, "cache": { "read": read, "write": 1 } } })
    }

    #[test]
    fn the_past_is_taken_off_and_helpers_are_counted() {
        let mut figures = Figures::default();
        figures.begin(&info("own", None, 100, 10, 0.5));
        assert!(figures.update(&info("own", None, 150, 30, 0.75)));
        assert!(!figures.update(&info("own", None, 150, 30, 0.75)));
        assert!(!figures.update(&info("stranger", None, 999, 0, 0.0)));
        assert!(figures.update(&info("helper", Some("own"), 7, 0, 0.0)));
        let expected = Spending { input: 70 + 8, cached: 20, output: 7, cost: Some(250_000), turns: 0 };
        assert_eq!(figures.spent(), expected);
    }
}
