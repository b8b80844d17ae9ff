//! A built-in template filled from a brief: a plan that one could have written oneself.
//!
//! A template is a whole plan of its own, so that it can be checked and run as it stands. Filling it means: mission, level, timeline and
//! limits are the brief's; the input `brief` gets all answers; a task whose `when` asks only for answers is decided now; gates that run
//! `make test`, `make lint` or `make build` get the project's own command, or go where that is not known; agents that the catalogue has are
//! left to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::interview::{Brief, Source};
use crate::problems::Problems;
use crate::{source, template};

use super::stack::{Tests, Toolchain};

/// A built-in template that cannot be read: a mistake of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the built-in template is broken: {message}")]
pub struct BadTemplate {
    /// What is wrong.
    pub message: String,
}

/// A template with the answers in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// The plan.
    pub plan: Value,
    /// Tasks of the template that the answers made needless.
    pub left_out: Vec<LeftOut>,
    /// Agents that the template describes and the catalogue has: the catalogue's are taken.
    pub adopted: Vec<String>,
}

/// A task that is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its path in the template.
    pub task: String,
    /// The condition that is false.
    pub because: String,
}

/// Fills `text`, a template, from `brief`. `known` are the names that the catalogue has.
///
/// # Errors
/// When the template is no plan.
pub fn fill(text: &str, brief: &Brief, tests: Tests, known: &BTreeSet<String>) -> Result<Filled, BadTemplate> {
    let mut problems = Problems::default();
    let root = source::parse(0, text, &mut problems);
    let Some(Value::Object(mut plan)) = root.map(|root| root.json()) else {
        let said = problems.sorted().first().map(|problem| problem.message.clone());
        return Err(BadTemplate { message: said.unwrap_or_else(|| "it is no map".into()) });
    };
    headline(&mut plan, brief);
    let values = conditions(&plan, brief);
    let mut left_out = Vec::new();
    if let Some(phases) = plan.get_mut("phases").and_then(Value::as_array_mut) {
        for phase in phases.iter_mut() {
            thin_out(phase, &values, &mut left_out);
            set_gates(phase, tests.toolchain());
        }
        forget(phases, &left_out);
    }
    set_inputs(&mut plan, brief);
    let adopted = set_agents(&mut plan, known);
    Ok(Filled { plan: Value::Object(plan), left_out, adopted })
}

/// Mission, level, timeline and budget are the person's.
fn headline(plan: &mut Map<String, Value>, brief: &Brief) {
    plan.insert("mission".into(), Value::String(without_templates(&brief.mission())));
    plan.insert("level".into(), json!(brief.level));
    if let Some(timeline) = brief.get("timeline") {
        plan.insert("timeline".into(), json!(timeline));
    }
    match brief.mode {
        Some(mode) => drop(plan.insert("mode".into(), json!(mode.name()))),
        // The level says it.
        None => drop(plan.shift_remove("mode")),
    }
    if let (Some(budget), Some(limits)) =
        (brief.get("budget").filter(|budget| *budget != "none"), plan.get_mut("limits").and_then(Value::as_object_mut))
    {
        limits.insert("cost".into(), json!(budget));
    }
}

/// A text in which nothing is filled in later. Missions are templates; requests are not.
pub(super) fn without_templates(text: &str) -> String {
    text.replace("{{", "{ {").replace("{%", "{ %").replace("{#", "{ #")
}

/// What conditions of tasks may ask for: the template's inputs, with the answers to the questions of the same names. Whoever says that
/// there is nothing has said `none`, in whichever words.
fn conditions(plan: &Map<String, Value>, brief: &Brief) -> Value {
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for (name, input) in plan.get("inputs").and_then(Value::as_object).into_iter().flatten() {
        let default = input.get("default").cloned().unwrap_or(Value::Null);
        let answer = brief.get(name).map(|answer| {
            let is_nothing =
                ["none", "no", "nothing", "not yet", "undecided"].iter().any(|word| answer.eq_ignore_ascii_case(word));
            Value::String(if is_nothing { "none".into() } else { answer.to_owned() })
        });
        values.insert(name.clone(), answer.unwrap_or(default));
    }
    json!({ "inputs": values, "level": brief.level })
}

/// Takes out the tasks of a phase whose condition is known to be false, and the conditions that are known to be true.
fn thin_out(phase: &mut Value, values: &Value, left_out: &mut Vec<LeftOut>) {
    let path = phase.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(tasks) = phase.get_mut("tasks").and_then(Value::as_array_mut) else { return };
    tasks.retain_mut(|task| {
        let Some(condition) = task.get("when").and_then(Value::as_str) else { return true };
        match template::evaluate(condition, values) {
            Ok(true) => {
                if let Some(task) = task.as_object_mut() {
                    task.shift_remove("when");
                }
                true
            }
            Ok(false) => {
                let id = task.get("id").and_then(Value::as_str).unwrap_or_default();
                left_out.push(LeftOut { task: format!("{path}.{id}"), because: condition.to_owned() });
                false
            }
            // It asks for what only the run knows.
            Err(_) => true,
        }
    });
}

/// `make test`, `make lint` and `make build` stand for the project's own commands.
fn set_gates(phase: &mut Value, tools: Option<&Toolchain>) {
    for task in
        phase.get_mut("tasks").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
    {
        let Some(gates) = task.get_mut("gates").and_then(Value::as_array_mut) else { continue };
        gates.retain_mut(|gate| {
            let command = match (gate.get("run").and_then(Value::as_str), tools) {
                (Some("make test"), Some(tools)) => tools.test,
                (Some("make lint"), Some(tools)) => tools.lint,
                (Some("make build"), Some(tools)) => tools.build,
                (Some("make test" | "make lint" | "make build"), None) => "",
                _ => return true,
            };
            if let Some(gate) = gate.as_object_mut() {
                gate.insert("run".into(), json!(command));
            }
            !command.is_empty()
        });
        if gates.is_empty() {
            task.shift_remove("gates");
        }
    }
}

/// Takes what was left out, and phases that are empty now, from everybody's needs.
fn forget(phases: &mut Vec<Value>, left_out: &[LeftOut]) {
    let mut gone: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in left_out {
        gone.insert(one.task.clone(), Vec::new());
        if let Some((_, id)) = one.task.rsplit_once('.') {
            gone.insert(id.to_owned(), Vec::new());
        }
    }
    phases.retain(|phase| {
        let is_empty = phase.get("tasks").and_then(Value::as_array).is_some_and(Vec::is_empty);
        if let Some(id) = phase.get("id").and_then(Value::as_str).filter(|_| is_empty) {
            // Whoever waited for it waits for what it waited for.
            gone.insert(id.to_owned(), needs_of(phase));
        }
        !is_empty
    });
    for phase in phases {
        rewire(phase, &gone);
        phase.get_mut("tasks").and_then(Value::as_array_mut).into_iter().flatten().for_each(|task| rewire(task, &gone));
    }
}

fn needs_of(value: &Value) -> Vec<String> {
    let needs = value.get("needs").and_then(Value::as_array).into_iter().flatten();
    needs.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn rewire(value: &mut Value, gone: &BTreeMap<String, Vec<String>>) {
    let mut needs = needs_of(value);
    // Each round replaces what is gone by what it waited for; no chain is longer than there are phases.
    for _ in 0..=gone.len() {
        needs = needs.into_iter().flat_map(|need| gone.get(&need).cloned().unwrap_or_else(|| vec![need])).collect();
    }
    let mut seen = BTreeSet::new();
    needs.retain(|need| seen.insert(need.clone()));
    let Some(map) = value.as_object_mut().filter(|map| map.contains_key("needs")) else { return };
    if needs.is_empty() {
        map.shift_remove("needs");
    } else {
        map.insert("needs".into(), json!(needs));
    }
}

/// The input `brief` holds all answers; others keep what the person said; those that nothing names any more go.
fn set_inputs(plan: &mut Map<String, Value>, brief: &Brief) {
    let used = plan.iter().filter(|(key, _)| *key != "inputs").map(|(_, value)| value.to_string()).collect::<String>();
    let Some(inputs) = plan.get_mut("inputs").and_then(Value::as_object_mut) else { return };
    inputs.retain(|name, _| used.contains(&format!("inputs.{name}")));
    for (name, input) in inputs.iter_mut() {
        let value = if name == "brief" { Some(told(brief)) } else { brief.get(name).map(str::to_owned) };
        if let (Some(value), Some(input)) = (value, input.as_object_mut()) {
            input.insert("default".into(), Value::String(value));
        }
    }
}

/// All that is known, for agents: a line for each answer; what nobody said is marked as assumed.
pub(super) fn told(brief: &Brief) -> String {
    let mut text = format!("The request: {}\n", brief.request.split_whitespace().collect::<Vec<_>>().join(" "));
    for settled in brief.settled.iter().filter(|settled| !matches!(settled.question.id, "timeline" | "budget")) {
        let assumed = if settled.source == Source::Default { " (assumed)" } else { "" };
        if settled.source == Source::Default && settled.value == brief.request {
            continue;
        }
        let _ = writeln!(text, "{} {}{assumed}", settled.question.ask, settled.value);
    }
    text
}

/// Agents that nobody needs any more go, and so do those that the catalogue has: its files say more.
fn set_agents(plan: &mut Map<String, Value>, known: &BTreeSet<String>) -> Vec<String> {
    let mut used = BTreeSet::new();
    let tasks = plan.get("phases").and_then(Value::as_array).into_iter().flatten();
    for task in tasks.flat_map(|phase| phase.get("tasks").and_then(Value::as_array).into_iter().flatten()) {
        used.extend(task.get("agent").and_then(Value::as_str).map(str::to_owned));
    }
    let Some(agents) = plan.get_mut("agents").and_then(Value::as_object_mut) else { return Vec::new() };
    let adopted: Vec<String> =
        agents.keys().filter(|name| used.contains(*name) && known.contains(*name)).cloned().collect();
    agents.retain(|name, _| used.contains(name) && !known.contains(name));
    if agents.is_empty() {
        plan.shift_remove("agents");
    }
    adopted
}

#[cfg(test)]
mod tests;
