//! A proposed plan as people read it before they say yes: its tasks as a tree with the critical path, who does them, when it would be
//! finished, what it may cost, what it would execute, and what was assumed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use bandleader_core::interview::Source;
use bandleader_core::plan::Work;
use bandleader_core::policy::{Ruling, Terms, ruling};
use bandleader_core::view::spent;
use bandleader_core::{Millis, Plan, Timestamp, rehearse};
use serde_json::{Map, Value, json};

use super::proposal::{Origin, Proposal};
use super::{Wanted, assumed};
use crate::graph::{self, Picture};
use crate::json::prospect::{cost, outlook as outlook_of_cost};
use crate::render::diagnostics;
use crate::render::rehearsal::folded;
use crate::render::style::{ALERT, paint};
use crate::render::text::{clean, count};
use crate::render::when::local;
use crate::render::words::brief;

/// As many names of agents, and as many commands, are shown.
const MOST_NAMES: usize = 24;
const MOST_COMMANDS: usize = 8;

/// Draws it, `columns` wide, with colours.
pub(super) fn draw(wanted: &Wanted, proposal: &Proposal, columns: usize) -> String {
    let Some(plan) = &proposal.checked.plan else { return String::new() };
    let picture = Picture::new(plan);
    let mut text = graph::tree::draw(&picture, columns);
    text.push('\n');
    for (label, value) in facts(wanted, proposal, plan) {
        text.push_str(&folded(label, &value, columns));
    }
    if let Some(why) = &proposal.fallback {
        let _ = write!(text, "{}", folded("instead", &clean(why), columns));
    }
    text
}

/// Everything for programs.
pub(super) fn describe(file: Option<&Path>, wanted: &Wanted, proposal: &Proposal) -> Value {
    let brief = &wanted.brief;
    let answers: Map<String, Value> = brief
        .settled
        .iter()
        .map(|settled| {
            let is_default = settled.source == Source::Default;
            (settled.question.id.to_owned(), json!({ "value": settled.value, "default": is_default }))
        })
        .collect();
    let origin = match &proposal.origin {
        Origin::Template => json!({ "template": brief.kind.name(), "because": wanted.chosen.why() }),
        Origin::Planner { name, driver, model, asked, spent } => json!({
            "planner": name, "driver": driver, "model": model, "asked": asked, "tokens": spent.tokens(), "cost_millionths": spent.cost,
        }),
        Origin::Person => json!({ "person": true }),
    };
    let left_out: Vec<_> =
        proposal.left_out.iter().map(|one| json!({ "task": one.task, "because": one.because })).collect();
    json!({
        "request": brief.request, "level": brief.level, "kind": brief.kind.name(), "from": origin, "fallback": proposal.fallback,
        "answers": answers, "file": file, "plan": proposal.text, "left_out": left_out,
        "agents_of_catalogue": proposal.adopted, "tests": wanted.tests.why(),
        "problems": diagnostics::plain(&proposal.checked.diagnostics, &proposal.checked.sources),
        "graph": proposal.checked.plan.as_ref().map(|plan| graph::json::describe(plan, &Picture::new(plan))),
        "outlook": proposal.checked.plan.as_ref().map(outlook),
    })
}

/// Finish and cost for programs; times in milliseconds.
fn outlook(plan: &Plan) -> Value {
    let rehearsal = rehearse(plan);
    let paths = rehearsal.critical_path.iter().map(|id| plan.task(*id).path.clone());
    json!({
        "finish_ms": rehearsal.makespan, "work_ms": rehearsal.work, "critical_path": paths.collect::<Vec<_>>(),
        "critical_path_ms": rehearsal.critical_length, "without_estimate": rehearsal.unestimated,
        "tasks": rehearsal.tasks.len(), "agents": agents(plan).into_keys().collect::<Vec<_>>(),
        "cost": cost(plan), "commands": commands(plan),
    })
}

fn facts(wanted: &Wanted, proposal: &Proposal, plan: &Plan) -> Vec<(&'static str, String)> {
    let mut facts = vec![("agents", team(plan)), ("finish", finish(plan)), ("cost", outlook_of_cost(plan).words())];
    facts.push(("asks", asks(plan)));
    facts.push(("commands", commands_in_words(plan)));
    if proposal.origin == Origin::Template {
        facts.push(("tests", wanted.tests.why()));
    }
    if !proposal.adopted.is_empty() {
        facts.push(("catalogue", format!("has {}: its own files are used", clean(&proposal.adopted.join(", ")))));
    }
    if let Some(picked) = &proposal.picked {
        facts.push(("drivers", picked.clone()));
    }
    if !proposal.left_out.is_empty() {
        let one = |left: &bandleader_core::planner::LeftOut| {
            format!("{} (needs {})", left.task, left.because.replace("inputs.", "").replace(" != \"none\"", ""))
        };
        let names: Vec<String> = proposal.left_out.iter().map(one).collect();
        facts.push(("left out", names.join(", ")));
    }
    if proposal.origin != Origin::Person
        && let Some(assumed) = assumed(&wanted.brief)
    {
        facts.push(("assumed", assumed));
    }
    facts.push(("from", origin(wanted, proposal)));
    facts
}

/// What people will be asked: the plan's own questions, as its mode has them.
fn asks(plan: &Plan) -> String {
    let asked = plan.ids().filter(|id| {
        plan.task(*id)
            .question()
            .is_some_and(|question| matches!(ruling(Terms::of(plan), question), Ruling::Asks { .. }))
    });
    let paths: Vec<String> = asked.map(|id| clean(&plan.task(id).path).into_owned()).collect();
    let mode = format!("mode {}", plan.mode.name());
    match paths.len() {
        0 => format!("nothing of its own ({mode})"),
        number => format!("{} ({mode}): {}", count(number, "question"), paths.join(", ")),
    }
}

fn origin(wanted: &Wanted, proposal: &Proposal) -> String {
    match &proposal.origin {
        Origin::Template => {
            format!("the built-in template `{}`, {}", wanted.brief.kind.name(), clean(&wanted.chosen.why()))
        }
        Origin::Person => "your editor".into(),
        Origin::Planner { name, driver, model, asked, spent } => {
            let model = model.as_deref().map(|model| format!(" with {}", clean(model))).unwrap_or_default();
            let tries = if *asked > 1 { format!(", asked {asked} times") } else { String::new() };
            let cost = spent::cost(*spent, false);
            format!(
                "the planner `{}` ({driver}{model}){tries}; planning cost {cost}. Read it before you run it",
                clean(name)
            )
        }
    }
}

/// The agents at work, with their tasks and the time of these.
fn agents(plan: &Plan) -> BTreeMap<String, (usize, Millis)> {
    let mut found: BTreeMap<String, (usize, Millis)> = BTreeMap::new();
    for task in &plan.tasks {
        if let Work::Agent { agent, .. } = &task.work {
            let (tasks, time) = found.entry(agent.clone()).or_default();
            *tasks += 1;
            time.0 += task.estimate.unwrap_or_default().0;
        }
    }
    found
}

fn team(plan: &Plan) -> String {
    let found = agents(plan);
    let mut sorted: Vec<(&String, &(usize, Millis))> = found.iter().collect();
    sorted.sort_by_key(|(name, (tasks, _))| (std::cmp::Reverse(*tasks), (*name).clone()));
    let one = |(name, (tasks, _)): (&String, &(usize, Millis))| {
        if *tasks > 1 { format!("{} ×{tasks}", clean(name)) } else { clean(name).into_owned() }
    };
    let more = sorted.len().saturating_sub(MOST_NAMES);
    let names: Vec<String> = sorted.into_iter().take(MOST_NAMES).map(one).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if names.is_empty() { "none: only commands".into() } else { format!("{}: {}{more}", found.len(), names.join(", ")) }
}

fn finish(plan: &Plan) -> String {
    let rehearsal = rehearse(plan);
    let now = now();
    let at = local(Timestamp(now.0.saturating_add(rehearsal.makespan.0)), now);
    let guessed = match rehearsal.unestimated {
        0 => String::new(),
        tasks => format!("; {} without an estimate", count(tasks as usize, "task")),
    };
    format!(
        "after {} if each task takes as long as estimated, {at} if it starts now; {} of work, {} at once at most{guessed}",
        brief(rehearsal.makespan),
        brief(rehearsal.work),
        plan.limits.parallel,
    )
}

/// What the plan itself executes, beside what agents do: each command once.
pub(crate) fn commands(plan: &Plan) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for task in &plan.tasks {
        let own = match &task.work {
            Work::Script { script } => Some(script.clone()),
            Work::Program { argv } => Some(argv.join(" ")),
            Work::Agent { .. } | Work::Decision { .. } | Work::Join | Work::Milestone | Work::Left => None,
        };
        let gates = task.gates.iter().map(|gate| gate.run.clone());
        for command in own.into_iter().chain(gates) {
            let command = command.trim().to_owned();
            if !found.contains(&command) {
                found.push(command);
            }
        }
    }
    found
}

fn commands_in_words(plan: &Plan) -> String {
    let all = commands(plan);
    let short = |command: &String| {
        let first = command.lines().next().unwrap_or_default();
        let more = if command.lines().count() > 1 { " …" } else { "" };
        format!("`{}{more}`", clean(first))
    };
    let shown: Vec<String> = all.iter().take(MOST_COMMANDS).map(short).collect();
    let more = all.len().saturating_sub(MOST_COMMANDS);
    match (shown.is_empty(), more) {
        (true, _) => "none of its own".into(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{}, {}", shown.join(", "), paint(ALERT, format_args!("and {more} more"))),
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
