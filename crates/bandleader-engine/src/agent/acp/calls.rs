//! A call of a tool, as far as the agent has told of it. It tells in pieces, of which each has only what is new.

use serde_json::{Value, json};

/// What our answer to a request for permission may hang on.
const KEPT: [&str; 6] = ["name", "title", "kind", "locations", "content", "_meta"];

/// One call.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) told: bool,
    pub(super) over: bool,
    /// The latest word on each key that is kept.
    known: Value,
}

impl Call {
    /// Takes in one more piece.
    pub(super) fn learns(&mut self, update: &Value) {
        if !self.known.is_object() {
            self.known = json!({});
        }
        for key in KEPT {
            if let (Some(value), Some(known)) =
                (update.get(key).filter(|value| !value.is_null()), self.known.as_object_mut())
            {
                known.insert(key.to_owned(), value.clone());
            }
        }
    }

    /// All that is known of it.
    pub(super) fn known(&self) -> &Value {
        &self.known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_piece_leaves_out_stays_as_it_was() {
        let mut call = Call::default();
        call.learns(&json!({"title": "mcp.band.ask", "kind": "other", "rawInput": {"a": 1}}));
        call.learns(&json!({"kind": "execute", "title": null, "status": "pending"}));
        assert_eq!(*call.known(), json!({"title": "mcp.band.ask", "kind": "execute"}));
    }
}
