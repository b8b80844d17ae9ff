//! One line of the timeline in the making.

use serde_json::{Map, Value, json};

use crate::view::past::Attempt;
use crate::view::spent::Spent;
use crate::view::{markdown, when};
use crate::{Millis, Recorded, Timestamp};

/// Longer texts are cut: the log has them whole.
const LONGEST: usize = 500;

/// One line in the making. Fields stay in the order in which they were put.
pub(super) struct Line(Map<String, Value>);

impl Line {
    pub(super) fn new(recorded: &Recorded, name: &str) -> Line {
        let at: Timestamp = recorded.at;
        Line(Map::new()).put("timestamp", when::rfc3339(at)).put("seq", recorded.seq).put("event", name)
    }

    /// The whole line.
    pub(super) fn finished(self) -> Value {
        Value::Object(self.0)
    }

    pub(super) fn put(mut self, key: &str, value: impl Into<Value>) -> Line {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn maybe(self, key: &str, value: Option<impl Into<Value>>) -> Line {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    pub(super) fn text(self, key: &str, value: &str) -> Line {
        self.put(key, markdown::short(value, LONGEST))
    }

    /// For people, and in seconds for programs.
    pub(super) fn length(self, key: &str, value: Millis) -> Line {
        self.put(key, when::length(value)).put(&format!("{key}_seconds"), when::seconds(value))
    }

    /// A text, if there is one.
    pub(super) fn said(self, key: &str, value: Option<&str>) -> Line {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// What an agent used; nothing for those that used nothing.
    pub(super) fn spent(self, attempt: &Attempt) -> Line {
        if attempt.spending.is_nothing() {
            return self;
        }
        let spent = Spent::of(attempt.spending, attempt.is_unpriced());
        self.put("tokens", spent.tokens).put("turns", spent.turns).put("cost_usd", json!(spent.cost_usd))
    }
}
