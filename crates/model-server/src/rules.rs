//! Scripts: a list of rules, of which the first that fits a request says the answer.
//!
//! Every field may be left out; unknown ones are refused, so that a slip of the pen is no test that passes. A request that no
//! rule fits is answered with status 400 if it offers tools, and else with the text `OK` and no tokens: agents ask for titles
//! and summaries on the side, with the person's own words and without tools, and a script need not know of it. Rules that count
//! (`times`) should say `"tools": true` for the same reason.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::asked::{Api, Asked};

/// One line of a script.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// What a request must be like. Nothing said: any.
    #[serde(rename = "if")]
    pub when: When,
    /// How often this rule answers, before it is passed over. Nothing said: without end.
    pub times: Option<u64>,
    /// The answer.
    #[serde(rename = "do")]
    pub answer: Answer,
}

/// What a request must be like for a rule. Patterns are regular expressions that must be found somewhere in the text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// In the last message of the person, all its parts together.
    pub user: Option<Pattern>,
    /// In what the model is told about its role, wherever the language puts it.
    pub system: Option<Pattern>,
    /// In the name of the model.
    pub model: Option<Pattern>,
    /// In what tools answered since the person's last message.
    pub result: Option<Pattern>,
    /// A tool of this name is offered. What a server of tools gives Codex is called `mcp__server.tool` here.
    pub offers: Option<String>,
    /// Whether any tool is offered. Titles and summaries are asked for without.
    pub tools: Option<bool>,
    /// The language.
    pub api: Option<Api>,
    /// How many answers of the model there have been since the person's last message: 0 for the first question.
    pub turn: Option<u64>,
    /// In headers of the request, by their names in lower case.
    pub headers: BTreeMap<String, Pattern>,
}

/// A regular expression, checked where the script is read.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pattern, D::Error> {
        let text = String::deserialize(from)?;
        Regex::new(&text).map(Pattern).map_err(serde::de::Error::custom)
    }
}

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

impl When {
    /// Whether a request is what the rule asks for.
    pub(crate) fn fits(&self, asked: &Asked, headers: &[(String, String)]) -> bool {
        let found = |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|known| known.0.is_match(text));
        let header =
            |name: &str| headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        found(&self.user, &asked.user)
            && found(&self.system, &asked.system)
            && found(&self.model, &asked.model)
            && found(&self.result, &asked.results)
            && self.offers.as_ref().is_none_or(|name| asked.offered.contains(name))
            && self.tools.is_none_or(|some| some != asked.offered.is_empty())
            && self.api.is_none_or(|api| api == asked.api)
            && self.turn.is_none_or(|turn| turn == asked.turn)
            && self.headers.iter().all(|(name, pattern)| pattern.0.is_match(header(name)))
    }
}

/// A script, and how far it has been played.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: Vec<(Rule, u64)>,
}

impl Script {
    pub(crate) fn new(rules: Vec<Rule>) -> Script {
        Script { rules: rules.into_iter().map(|rule| (rule, 0)).collect() }
    }

    /// The rule that answers, by its place, and its answer. It is counted when the caller says so with [`Script::used`].
    pub(crate) fn pick(&self, asked: &Asked, headers: &[(String, String)]) -> Option<(usize, &Answer)> {
        let fits =
            |(rule, used): &(Rule, u64)| rule.times.is_none_or(|times| *used < times) && rule.when.fits(asked, headers);
        self.rules.iter().enumerate().find(|(_, entry)| fits(entry)).map(|(place, (rule, _))| (place, &rule.answer))
    }

    /// The rule at this place has answered.
    pub(crate) fn used(&mut self, place: usize) {
        if let Some((_, used)) = self.rules.get_mut(place) {
            *used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn script(rules: Value) -> Script {
        Script::new(serde_json::from_value(rules).unwrap())
    }

    #[test]
    fn the_first_rule_that_fits_answers_as_often_as_it_may() {
        let mut script = script(json!([
            {"if": {"user": "^WRITE", "tools": true, "turn": 0}, "times": 1, "do": {"text": "one"}},
            {"if": {"model": "big", "headers": {"x-test-id": "^t1$"}}, "do": {"text": "two"}},
            {"if": {"result": "denied"}, "do": {"text": "three"}},
            {"if": {"tools": false, "api": "chat"}, "do": {"text": "title"}}
        ]));
        let mut said = |asked: &Asked, headers: &[(String, String)]| {
            let place = script.pick(asked, headers).map(|(place, answer)| (place, answer.text.clone()));
            place.map(|(place, text)| {
                script.used(place);
                text
            })
        };
        let asked = |user: &str, offered: &[&str]| Asked {
            user: user.into(),
            offered: offered.iter().map(|&name| name.to_owned()).collect(),
            ..Asked::default()
        };
        assert_eq!(said(&asked("WRITE it", &[]), &[]), None);
        assert_eq!(said(&asked("WRITE it", &["a"]), &[]).as_deref(), Some("one"));
        assert_eq!(said(&asked("WRITE it", &["a"]), &[]), None);
        let header = [("x-test-id".to_owned(), "t1".to_owned())];
        let big = Asked { model: "the-big-one".into(), ..Asked::default() };
        assert_eq!((said(&big, &header).as_deref(), said(&big, &[])), (Some("two"), None));
        assert_eq!(said(&Asked { results: "was denied".into(), ..Asked::default() }, &[]).as_deref(), Some("three"));
        assert_eq!(said(&Asked { api: Api::Chat, ..Asked::default() }, &[]).as_deref(), Some("title"));
    }

    #[test]
    fn a_slip_of_the_pen_is_refused() {
        let check = |rule: Value, expected: &str| {
            let error = serde_json::from_value::<Rule>(rule).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(json!({"if": {"usr": "x"}}), "unknown field `usr`");
        check(json!({"if": {"user": "("}}), "unclosed group");
        check(json!({"do": {"usage": [1]}}), "[input, output]");
        check(json!({"do": {"usage": [1, 1, 2]}}), "more cached than input");
        check(json!({"do": {"call": [{"tools": {}}]}}), "unknown variant `tools`");
    }
}
