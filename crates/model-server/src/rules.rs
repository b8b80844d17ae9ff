//! Scripts: a list of rules, of which the first that fits a request says the answer.
//!
//! Every field may be left out; unknown ones are refused, so that a slip of the pen is no test that passes. A request that no
//! rule fits is answered with status 400 if it offers tools, and else with the text `OK` and no tokens: agents ask for titles
//! and summaries on the side, with the person's own words and without tools, and a script need not know of it. Rules that count
//! (`times`) should say `"tools": true` for the same reason.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Deserializer};

use crate::answer::Answer;
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

impl Pattern {
    /// The first group of the last place that fits, or all of that place if there is no group.
    pub(crate) fn last_in(&self, text: &str) -> Option<String> {
        let found = self.0.captures_iter(text).last()?;
        Some(found.get(1).or_else(|| found.get(0))?.as_str().to_owned())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pattern, D::Error> {
        let text = String::deserialize(from)?;
        Regex::new(&text).map(Pattern).map_err(serde::de::Error::custom)
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

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
