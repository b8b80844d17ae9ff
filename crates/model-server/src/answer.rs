//! What a rule answers: words, calls of tools, tokens; or a refusal; and how it arrives, spoilt or whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::asked::Asked;
use crate::rules::Pattern;

/// What is answered. Without a `status` it is an answer of the model; with one it is a refusal.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// What the model says.
    pub text: String,
    /// What it thinks before it says it, where the language knows that.
    pub thinking: String,
    /// The tools that it calls.
    pub call: Vec<Call>,
    /// What it takes from what tools answered since the person's last message, by names: the first group of the last place that fits.
    /// `{name}` stands for it in the arguments of its calls.
    pub take: BTreeMap<String, Pattern>,
    /// The tokens that it took.
    pub usage: Usage,
    /// Why it stops.
    pub stop: Stop,
    /// A refusal: this status, with `error` or `body`.
    pub status: Option<u16>,
    /// The refusal in the language's own form. Without a `status`, it comes inside the stream, after the text.
    pub error: Option<Problem>,
    /// A body as it stands, instead of the language's own: text, or any JSON.
    pub body: Option<Value>,
    /// Headers of the answer. Moments in them are filled in: `{epoch+30}`, `{rfc3339+30}`, `{http+30}` are in 30 seconds.
    pub headers: BTreeMap<String, String>,
    /// Nothing is sent until this name is released. That the other side has left meanwhile is seen only then.
    pub hold: Option<String>,
    /// Milliseconds before anything is sent.
    pub first_ms: u64,
    /// Bytes of text in each piece of a stream; 0 is 16.
    pub piece: usize,
    /// Milliseconds between the pieces of a stream.
    pub piece_ms: u64,
    /// Closes the connection after so many bytes of the body. A shorter body is whole.
    pub cut_after: Option<usize>,
    /// Sends no more after so many bytes of the body, and keeps the connection open until the other side leaves. A shorter body
    /// is whole.
    pub hang_after: Option<usize>,
    /// Sends what is no JSON: a whole body that breaks off in its middle, or in a stream every event but the first. One alone is not
    /// enough: clients pass over those that they do not need.
    pub malformed: bool,
}

/// A call of a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Call {
    /// As it stands. Codex wants the `namespace` of a server's tool apart from its name.
    Tool {
        /// The tool's own name.
        name: String,
        /// Its arguments.
        #[serde(default)]
        args: Value,
        /// What Codex calls the server of tools: `mcp__server`.
        namespace: Option<String>,
    },
    /// A tool that takes text instead of JSON: Codex's `apply_patch`.
    Custom {
        /// The tool's own name.
        name: String,
        /// The text.
        input: String,
    },
    /// Codex's search for tools that it has not offered yet.
    Search {
        /// What is searched for.
        query: String,
    },
    /// Writes a file, by whatever tool the agent offers for it.
    Write {
        /// Where, as the agent takes it.
        path: String,
        /// What the file holds then.
        text: String,
    },
    /// Runs a shell command, by whatever tool the agent offers for it.
    Shell(String),
    /// Calls a tool of a server of tools, by whatever name the agent gives it; searches for it first where it must.
    Mcp {
        /// The server's name in the agent's configuration.
        server: String,
        /// The tool's name.
        tool: String,
        /// Its arguments.
        #[serde(default)]
        args: Value,
    },
}

/// Tokens: `[input, output]` or `[input, output, cached]`. The input includes what was cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// All that went in.
    pub input: u64,
    /// All that came out.
    pub output: u64,
    /// The part of the input that was read from a cache.
    pub cached: u64,
}

impl Default for Usage {
    fn default() -> Usage {
        Usage { input: 100, output: 10, cached: 0 }
    }
}

impl<'de> Deserialize<'de> for Usage {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Usage, D::Error> {
        let usage = match Vec::deserialize(from)?.as_slice() {
            [input, output] => Usage { input: *input, output: *output, cached: 0 },
            [input, output, cached] => Usage { input: *input, output: *output, cached: *cached },
            _ => return Err(serde::de::Error::custom("`usage` is [input, output] or [input, output, cached]")),
        };
        if usage.cached > usage.input {
            return Err(serde::de::Error::custom("`usage` has more cached than input"));
        }
        Ok(usage)
    }
}

/// Why the model stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stop {
    /// It has said all, or waits for its tools.
    #[default]
    End,
    /// Its answer would have become too long.
    Length,
    /// It will not answer.
    Refusal,
}

/// A refusal.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Problem {
    /// The kind, in the provider's words; nothing said: what the provider says with this status.
    #[serde(rename = "type")]
    pub kind: String,
    /// The words.
    pub message: String,
    /// The code, where the language has one beside the kind.
    pub code: Option<String>,
}

impl Answer {
    /// Whether it is neither an answer with its tokens nor a refusal.
    pub(crate) fn spoils(&self) -> bool {
        let inside = self.status.is_none() && (self.error.is_some() || self.body.is_some());
        inside || self.malformed
    }
}

impl Answer {
    /// Its calls with what it takes filled in; or what is not there to be taken.
    pub(crate) fn calls(&self, asked: &Asked) -> Result<Vec<Call>, String> {
        let taken = |(name, pattern): (&String, &Pattern)| match pattern.last_in(&asked.results) {
            Some(found) => Ok((format!("{{{name}}}"), found)),
            None => Err(format!("nothing that tools answered fits what the script takes as `{name}`")),
        };
        let taken: Vec<(String, String)> = self.take.iter().map(taken).collect::<Result<_, _>>()?;
        let mut calls = self.call.clone();
        for call in &mut calls {
            if let Call::Tool { args, .. } | Call::Mcp { args, .. } = call {
                fill(args, &taken);
            }
        }
        Ok(calls)
    }
}

fn fill(value: &mut Value, taken: &[(String, String)]) {
    match value {
        Value::String(text) => {
            for (name, found) in taken {
                *text = text.replace(name, found);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, taken)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill(field, taken)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_tools_answered_is_taken_into_arguments() {
        let call = json!([{ "mcp": { "server": "s", "tool": "t", "args": { "deep": ["<{token}>"], "n": 1 } } }]);
        let answer: Answer =
            serde_json::from_value(json!({ "take": { "token": "token: (\\w+)" }, "call": call })).unwrap();
        let asked = Asked { results: "token: one\ntoken: two".into(), ..Asked::default() };
        let calls = answer.calls(&asked).unwrap();
        assert!(matches!(calls.as_slice(), [Call::Mcp { args, .. }] if *args == json!({ "deep": ["<two>"], "n": 1 })));
        let words = answer.calls(&Asked::default()).unwrap_err();
        assert!(words.contains("takes as `token`"), "{words}");
    }
}
