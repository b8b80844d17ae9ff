//! The parts of a task: retry, what follows a failure, gates, deliverables, outputs, words to the agent, resources.

use super::draft::{Draft, Sees, Text};
use super::inputs::{identifier, is_identifier};
use super::settings::{length, whole};
use super::{Lowering, Scope};
use crate::Millis;
use crate::amounts::parse_levels;
use crate::language::{self, Fields};
use crate::plan::{
    Brief, Deliverable, FailureClass, Gate, GateNumber, LeveledGate, Levels, OnFailure, OutputSource, Retry, Task, Work,
};
use crate::problems::named;
use crate::tree::{Node, Spanned, Tree};

/// Reads `retry`: a number or a map.
pub(super) fn retry(node: &Node) -> Retry {
    let Tree::Map(_) = node.tree else {
        return Retry { limit: whole(node).unwrap_or(0), ..Retry::default() };
    };
    let fields = Fields::new(node, &language::RETRY);
    let on = fields.get("on").map(Node::one_or_many).unwrap_or_default();
    let mut on: Vec<FailureClass> = on.iter().filter_map(Node::text).filter_map(class).collect();
    on.sort_unstable();
    on.dedup();
    let pause = |name| fields.get(name).and_then(length).unwrap_or_default();
    let limit = fields.get("limit").and_then(whole).unwrap_or(0);
    Retry { limit, backoff: pause("backoff"), max_backoff: pause("max_backoff"), on }
}

fn class(name: &str) -> Option<FailureClass> {
    Some(match name {
        "exit" => FailureClass::Exit,
        "crash" => FailureClass::Crash,
        "timeout" => FailureClass::Timeout,
        "stall" => FailureClass::Stall,
        "lost" => FailureClass::Lost,
        "deliverable" => FailureClass::Deliverable,
        "gate" => FailureClass::Gate,
        "start" => FailureClass::Start,
        "rate-limit" => FailureClass::RateLimit,
        "overloaded" => FailureClass::Overloaded,
        "network" => FailureClass::Network,
        "auth" => FailureClass::Auth,
        "context-overflow" => FailureClass::ContextOverflow,
        "invalid" => FailureClass::Invalid,
        "max-turns" => FailureClass::MaxTurns,
        "budget" => FailureClass::Budget,
        "denied" => FailureClass::Denied,
        "conflict" => FailureClass::Conflict,
        _ => return None,
    })
}

/// Reads `on_failure`, and the agent that it names.
pub(super) fn on_failure(node: Option<&Node>) -> (Option<OnFailure>, Option<Spanned<String>>) {
    let Some(node) = node else { return (None, None) };
    if let Tree::Map(_) = node.tree {
        let agent = Fields::new(node, &language::RETRY_WITH).get("retry-with").and_then(Node::spanned);
        return (agent.as_ref().map(|agent| OnFailure::RetryWith(agent.value.clone())), agent);
    }
    let choice = match node.text() {
        Some("fail") => Some(OnFailure::Fail),
        Some("continue") => Some(OnFailure::Continue),
        Some("ask") => Some(OnFailure::Ask),
        Some("compensate") => Some(OnFailure::Compensate),
        _ => None,
    };
    (choice, None)
}

impl Lowering<'_> {
    /// Reports a retry that contradicts itself.
    pub(super) fn check_retry(&mut self, node: Option<&Node>, retry: &Retry) {
        let Some(node) = node else { return };
        if retry.max_backoff > Millis(0) && retry.max_backoff < retry.backoff {
            let message =
                format!("`max_backoff` ({}) is shorter than `backoff` ({})", retry.max_backoff, retry.backoff);
            let place = node.get("max_backoff").map_or(node.span, |node| node.span);
            self.problems.error("plan::bad-retry", place, message);
        }
        if retry.limit == 0
            && matches!(node.tree, Tree::Map(_))
            && node.get("limit").is_some_and(|n| n.whole() == Some(0))
        {
            let message = "with `limit: 0` nothing is tried again";
            self.problems.warning("plan::bad-retry", node.span, message);
        }
    }

    /// Gates, deliverables, outputs, words to the agent, environment.
    pub(super) fn handed_on(&mut self, fields: Fields<'_>, scope: &Scope, task: &mut Task, draft: &mut Draft) {
        let mut gates: Vec<LeveledGate> = Vec::new();
        for node in fields.get("gates").map(Node::one_or_many).unwrap_or_default() {
            gates.extend(self.gate(node));
        }
        let counts = |one: &&LeveledGate| one.levels.contains(self.gates_at);
        task.gates = gates.iter().filter(counts).map(|one| one.gate.clone()).collect::<Vec<_>>().into();
        if gates.iter().any(|one| one.levels != Levels::ALL) {
            draft.leveled_gates = gates;
        }
        for node in fields.get("deliverables").map(Node::one_or_many).unwrap_or_default() {
            self.deliverable(node, task, draft);
        }
        if let Some(node) = fields.get("outputs") {
            self.outputs(node, task, draft);
        }
        self.form(fields, scope, task);
        self.briefs(fields, task, draft);
        task.env = scope.env.clone().into();
        for entry in fields.get("env").map(Node::entries).unwrap_or_default() {
            self.check_env_name(entry);
            let Some(text) = entry.value.spanned() else { continue };
            task.env.insert(entry.key.clone(), text.value.clone());
            draft.texts.push(Text { text, sees: Sees::Environment });
        }
        if let (Work::Agent { .. }, Some(text)) = (&task.work, fields.get("task").and_then(Node::spanned)) {
            draft.texts.push(Text { text, sees: Sees::Task });
        }
    }

    fn gate(&mut self, node: &Node) -> Option<LeveledGate> {
        let Tree::Map(_) = node.tree else {
            let run = self.script(Some(node))?;
            let gate = Gate { name: first_line(&run), run, timeout: None, number: None };
            return Some(LeveledGate { levels: Levels::ALL, gate });
        };
        let fields = Fields::new(node, &language::GATE);
        let bound = |name| fields.get(name).and_then(Node::number);
        let (min, max) = (bound("min"), bound("max"));
        let parse = fields.get("parse").and_then(Node::text).map(str::to_owned);
        if let Some(bound) = fields.entry("min").or_else(|| fields.entry("max")).filter(|_| !fields.has("parse")) {
            let message = format!("`{}` needs `parse`, which finds the number", bound.key);
            let hint = "for example `parse: 'coverage: ([0-9.]+)%'`";
            self.problems.error("plan::bad-gate", bound.key_span, message).hint(hint);
        }
        if let (Some(parse), None, None) = (fields.entry("parse"), min, max) {
            let message = "a number is found, but there is no `min` or `max` for it";
            self.problems.error("plan::bad-gate", parse.key_span, message).hint("add one, or remove `parse`");
        }
        if let (Some(least), Some(most), Some(place)) = (min, max, fields.get("max"))
            && least > most
        {
            let message = format!("no number is at least {least} and at most {most}");
            self.problems.error("plan::bad-gate", place.span, message);
        }
        let run = self.script(fields.get("run"))?;
        let levels = fields.get("levels").and_then(|node| parse_levels(node).ok()).unwrap_or(Levels::ALL);
        let name = fields.get("name").and_then(Node::text).map_or_else(|| first_line(&run), str::to_owned);
        let number = parse.map(|parse| GateNumber { parse, min, max });
        let gate = Gate { name, run, timeout: fields.get("timeout").and_then(length), number };
        Some(LeveledGate { levels, gate })
    }

    fn deliverable(&mut self, node: &Node, task: &mut Task, draft: &mut Draft) {
        let (text, is_path) = match &node.tree {
            Tree::Map(_) => {
                let fields = Fields::new(node, &language::DELIVERABLE);
                match (fields.get("path"), fields.get("text")) {
                    (Some(path), None) => (path.spanned(), true),
                    (None, Some(text)) => (text.spanned(), false),
                    _ => {
                        let message = "a deliverable has either a `path` or a `text`";
                        self.problems.error("plan::bad-deliverable", node.span, message);
                        return;
                    }
                }
            }
            _ => (node.spanned(), looks_like_path(node.text().unwrap_or_default())),
        };
        let Some(text) = text else { return };
        if text.value.trim().is_empty() {
            self.problems.error("plan::bad-deliverable", text.span, "this deliverable is empty");
        } else if is_path {
            self.check_path(&text, "a deliverable");
            task.deliverables.push(Deliverable::Path(text.value.clone()));
            draft.claims.push(text.clone());
            draft.texts.push(Text { text, sees: Sees::Task });
        } else {
            task.deliverables.push(Deliverable::Described(text.value));
        }
    }

    fn outputs(&mut self, node: &Node, task: &mut Task, draft: &mut Draft) {
        for name in node.items().iter().filter_map(Node::spanned) {
            self.check_output_name(&name);
            task.outputs.insert(name.value, OutputSource::Reported);
        }
        for entry in node.entries() {
            self.check_output_name(&Spanned { value: entry.key.clone(), span: entry.key_span });
            let source = match &entry.value.tree {
                Tree::Map(_) => {
                    let file = Fields::new(&entry.value, &language::OUTPUT).get("file").and_then(Node::spanned);
                    let Some(text) = file else { continue };
                    self.check_path(&text, "an output's file");
                    let source = OutputSource::File(text.value.clone());
                    draft.texts.push(Text { text, sees: Sees::Task });
                    source
                }
                _ if entry.value.text() == Some("stdout") => OutputSource::Stdout,
                _ => OutputSource::Reported,
            };
            task.outputs.insert(entry.key.clone(), source);
        }
    }

    fn check_output_name(&mut self, name: &Spanned<String>) {
        if !is_identifier(&name.value) {
            let message = format!("{} cannot be the name of an output", named(&name.value));
            let hint = format!("templates say `outputs.{0}`: call it `{0}`", identifier(&name.value));
            self.problems.error("plan::bad-id", name.span, message).hint(hint);
        }
    }

    fn briefs(&mut self, fields: Fields<'_>, task: &mut Task, draft: &mut Draft) {
        let mut add = |text: Spanned<String>, brief: fn(String) -> Brief, words: Option<String>| {
            task.brief.push(brief(words.unwrap_or_else(|| text.value.clone())));
            draft.texts.push(Text { text, sees: Sees::Task });
        };
        if let Some(input) = fields.get("input") {
            for entry in input.entries() {
                if let Some(text) = entry.value.spanned() {
                    let words = format!("{}: {}", entry.key, text.value);
                    add(text, Brief::Input, Some(words));
                }
                for text in entry.value.items().iter().filter_map(Node::spanned) {
                    let words = format!("{}: {}", entry.key, text.value);
                    add(text, Brief::Input, Some(words));
                }
            }
            if !matches!(input.tree, Tree::Map(_)) {
                input.one_or_many().iter().filter_map(Node::spanned).for_each(|text| add(text, Brief::Input, None));
            }
        }
        for (name, brief) in [("subtasks", Brief::Subtask as fn(String) -> Brief), ("focus_areas", Brief::Focus)] {
            for text in fields.get(name).map(Node::one_or_many).unwrap_or_default().iter().filter_map(Node::spanned) {
                add(text, brief, None);
            }
        }
        if let (Some(first), Work::Script { .. } | Work::Program { .. }) =
            (["input", "subtasks", "focus_areas"].into_iter().find_map(|name| fields.entry(name)), &task.work)
            && fields.has("run")
        {
            let message = format!("`{}` is for agents; a command does not see it", first.key);
            let hint = "give it values through `env`";
            self.problems.warning("plan::no-effect", first.key_span, message).hint(hint);
        }
    }
}

fn first_line(script: &str) -> String {
    script.trim().lines().next().unwrap_or_default().trim().to_owned()
}

/// A text without spaces is a path; a sentence is a path only if it ends like one.
fn looks_like_path(text: &str) -> bool {
    let text = text.trim();
    let outside = strip_templates(text);
    if !outside.contains(char::is_whitespace) {
        return true;
    }
    let last = outside.rsplit(['/', ' ']).next().unwrap_or_default();
    let extension = last.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
    let ends_like_file =
        (1..=8).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    outside.contains('/') && (ends_like_file || outside.ends_with('/') || last.contains('*'))
}

fn strip_templates(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        kept.push_str(before);
        rest = after.split_once("}}").map_or("", |(_, after)| after);
        kept.push('x');
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deliverable_without_spaces_is_a_path() {
        for path in
            ["docs/spec.md", "README", "out/*.json", "{{ inputs.out }}/a.md", "my docs/the spec.md", "out dir/*"]
        {
            assert!(looks_like_path(path), "{path}");
        }
        for words in ["a review of the API", "UI/UX review of the page", "verdict: yes or no."] {
            assert!(!looks_like_path(words), "{words}");
        }
    }
}
