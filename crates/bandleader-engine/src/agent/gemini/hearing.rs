//! The program's stream of JSON lines, and what it mutters on standard error, as events. Reads whatever comes; knows no clock.

use std::collections::BTreeMap;

use bandleader_core::Spending;
use serde_json::Value;

use super::policy::Policy;
use crate::agent::arguments;
use crate::agent::classes;
use crate::agent::event::{AgentEvent, Tally};
use crate::agent::paragraphs::Paragraphs;

/// How lines of standard error begin that say nothing to anybody: the program prints them when all is well, too.
const CHATTER: [&str; 9] = [
    "Warning: Basic terminal",
    "Warning: 256-color",
    "Ripgrep is not available",
    "YOLO mode is enabled",
    "[STARTUP]",
    "Loaded cached credentials",
    "Data collection is disabled",
    "Attempt ",
    "Error when talking to Gemini API",
];

/// One run of the program, as far as it was heard.
#[derive(Debug)]
pub(super) struct Hearing {
    policy: Policy,
    said: Paragraphs,
    /// Everything it said since its last tool has ended: its answer, if nothing follows.
    answer: String,
    /// Names of calls that have begun and not ended.
    open: BTreeMap<String, String>,
    /// Calls of the model so far, as far as they can be told from what it does.
    turns: u32,
    /// What comes next is of another call of the model.
    answered: bool,
    /// The last thing that it called an error before its result.
    pub(super) problem: Option<String>,
    /// Its result line.
    pub(super) result: Option<Value>,
}

impl Hearing {
    /// Of a run under these rules.
    pub(super) fn new(policy: &Policy) -> Hearing {
        Hearing {
            policy: policy.clone(),
            said: Paragraphs::default(),
            answer: String::new(),
            open: BTreeMap::new(),
            turns: 0,
            answered: true,
            problem: None,
            result: None,
        }
    }

    /// Whether it is over: nothing comes after the result line.
    pub(super) fn has_result(&self) -> bool {
        self.result.is_some()
    }

    /// Calls of the model so far.
    pub(super) fn turns(&self) -> u32 {
        self.turns
    }

    /// Its last words.
    pub(super) fn into_answer(self) -> String {
        self.answer.trim().to_owned()
    }

    /// A line of standard output.
    pub(super) fn line(&mut self, line: &str) -> Vec<AgentEvent> {
        let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(line) else {
            let line = line.trim();
            return if line.is_empty() { Vec::new() } else { vec![AgentEvent::Noise { line: line.to_owned() }] };
        };
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "init" => {
                let known = |key: &str| Some(text(key).to_owned()).filter(|text| !text.is_empty());
                vec![AgentEvent::Started { version: None, model: known("model"), session: known("session_id") }]
            }
            "message" if text("role") == "assistant" => {
                self.model_speaks();
                self.answer.push_str(text("content"));
                self.said.push(text("content")).map(|text| AgentEvent::Said { text }).into_iter().collect()
            }
            "tool_use" => self.tool_began(text("tool_id"), text("tool_name"), value.get("parameters")),
            "tool_result" => self.tool_ended(text("tool_id"), text("status") != "error", &value),
            "error" => {
                let message = text("message").to_owned();
                if text("severity") != "warning" {
                    self.problem = Some(message.clone());
                }
                self.and_said(AgentEvent::Noise { line: message })
            }
            "result" => {
                let used = self.used(value.get("stats"));
                self.result = Some(value);
                let said = self.said.take().map(|text| AgentEvent::Said { text });
                said.into_iter().chain(used).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A line of standard error.
    pub(super) fn murmur(line: &str) -> Option<AgentEvent> {
        if let Some(message) = line.strip_prefix("Attempt ").filter(|rest| rest.contains("Retrying")) {
            let status =
                message.split("status ").nth(1).and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
            let status = status.and_then(|digits| digits.parse::<u64>().ok());
            let class = status.map(|status| classes::of_status(status, message)).or_else(|| classes::of_words(message));
            let class = class.unwrap_or(bandleader_core::plan::FailureClass::Network);
            return Some(AgentEvent::Retrying { class, wait: classes::patience(message), message: line.to_owned() });
        }
        // Traces of its own stack, and what they show of objects, begin with a blank or a bracket.
        let dull = line.is_empty() || line.starts_with([' ', '\t', '{', '}']);
        let dull = dull || CHATTER.iter().any(|start| line.starts_with(start));
        (!dull).then(|| AgentEvent::Noise { line: line.to_owned() })
    }

    fn model_speaks(&mut self) {
        if std::mem::take(&mut self.answered) {
            self.turns = self.turns.saturating_add(1);
        }
    }

    fn tool_began(&mut self, id: &str, name: &str, parameters: Option<&Value>) -> Vec<AgentEvent> {
        self.model_speaks();
        self.open.insert(id.to_owned(), name.to_owned());
        let parameters = parameters.unwrap_or(&Value::Null);
        let began = AgentEvent::ToolBegan { id: id.into(), name: name.into(), detail: arguments::detail(parameters) };
        let mut events = self.and_said(began);
        events.extend(arguments::todo(parameters).map(|items| AgentEvent::Todo { items }));
        events
    }

    fn tool_ended(&mut self, id: &str, ok: bool, value: &Value) -> Vec<AgentEvent> {
        self.answered = true;
        self.answer.clear();
        let name = self.open.remove(id).unwrap_or_default();
        let error = |key: &str| value.get("error").and_then(|error| error.get(key)?.as_str()).unwrap_or_default();
        let output = value.get("output").and_then(Value::as_str).unwrap_or_else(|| error("message"));
        let mut events = self.and_said(AgentEvent::ToolEnded { id: id.into(), ok, detail: output.to_owned() });
        // A tool that the rules hide is not there for the program.
        let missing = error("type") == "tool_not_registered" && self.policy.hides(&name);
        if !ok && (missing || error("type") == "policy_violation") {
            events.push(AgentEvent::Denied { tool: name });
        }
        events
    }

    fn and_said(&mut self, event: AgentEvent) -> Vec<AgentEvent> {
        let said = self.said.take().map(|text| AgentEvent::Said { text });
        said.into_iter().chain([event]).collect()
    }

    /// Its figures are of this run alone; it knows no prices.
    fn used(&self, stats: Option<&Value>) -> Option<AgentEvent> {
        let stats = stats?;
        let count = |key: &str| stats.get(key).and_then(Value::as_u64).unwrap_or_default();
        let input = count("input_tokens");
        // What it thinks is in the total alone.
        let output = count("output_tokens").max(count("total_tokens").saturating_sub(input));
        let spending = Spending { input, cached: count("cached"), output, cost: None, turns: u64::from(self.turns) };
        (spending.tokens() > 0).then_some(AgentEvent::Used { spending, tally: Tally::Total })
    }
}
