//! `band rehearse PLAN`: the plan in virtual time, no process started.

use std::collections::BTreeSet;

use bandleader_core::{Plan, Rehearsal, TaskId, rehearse, with_parallel};
use clap::Args;
use serde_json::{Value, json};

use crate::error::{Exit, Outcome};
use crate::plans::{self, Missing, PlanArguments};
use crate::render::rehearsal::{WhatIf, draw};
use crate::render::screen::Screen;

/// Run a plan in virtual time: when would what happen?
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band rehearse plan.yaml
  band rehearse plan.yaml --parallel 12
  band rehearse plan.yaml --json | jq .makespan_ms")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// How many tasks at once, in place of the plan's own number
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    parallel: Option<u32>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Above this many tasks the other numbers of slots are not tried: one rehearsal takes long enough.
const WHAT_IF_UP_TO: usize = 3_000;

/// Rehearses it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let plan = plans::load(&arguments.plan, arguments.parallel, Missing::Allow, screen)?;
    let rehearsal = rehearse(&plan);
    let what_if = what_if(&plan, &rehearsal);
    if arguments.json {
        screen.json(&describe(&plan, &rehearsal, &what_if))?;
    } else {
        let text = draw(&plan, &rehearsal, &what_if, screen.width());
        screen.out(&text)?;
    }
    Ok(Exit::Succeeded)
}

/// Powers of two and the plan's own number, up to the first that more would not improve.
fn what_if(plan: &Plan, rehearsal: &Rehearsal) -> Vec<WhatIf> {
    let own = plan.limits.parallel;
    if plan.tasks.len() > WHAT_IF_UP_TO {
        return Vec::new();
    }
    let mut numbers: Vec<u32> = (0..12).map(|power| 1 << power).chain([own]).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut results: Vec<WhatIf> = Vec::new();
    for parallel in numbers {
        let makespan_ms =
            if parallel == own { rehearsal.makespan } else { rehearse(&with_parallel(plan, parallel)).makespan };
        let settled = results.last().is_some_and(|last| last.makespan_ms <= makespan_ms);
        results.push(WhatIf { parallel, makespan_ms });
        if parallel > own && (settled || makespan_ms <= rehearsal.critical_length) {
            break;
        }
    }
    results
}

fn describe(plan: &Plan, rehearsal: &Rehearsal, what_if: &[WhatIf]) -> Value {
    let path = |id: &TaskId| plan.task(*id).path.clone();
    let on_path: BTreeSet<TaskId> = rehearsal.critical_path.iter().copied().collect();
    let tasks = rehearsal.tasks.iter().map(|slot| {
        let phase = plan.phase_of(slot.task).map(|group| plan.group(group).path.clone());
        let critical = on_path.contains(&slot.task);
        json!({
            "path": path(&slot.task), "phase": phase, "start_ms": slot.start, "end_ms": slot.end, "critical": critical,
        })
    });
    let resources = plan.resources.iter().zip(&rehearsal.peaks);
    let resources =
        resources.map(|(resource, peak)| json!({ "name": resource.name, "capacity": resource.capacity, "peak": peak }));
    json!({
        "mission": plan.mission, "parallel": plan.limits.parallel, "makespan_ms": rehearsal.makespan,
        "critical_path": rehearsal.critical_path.iter().map(path).collect::<Vec<_>>(),
        "critical_path_ms": rehearsal.critical_length, "work_ms": rehearsal.work,
        "without_estimate": rehearsal.unestimated, "tasks": tasks.collect::<Vec<_>>(),
        "resources": resources.collect::<Vec<_>>(),
        "skipped": rehearsal.skipped.iter().map(path).collect::<Vec<_>>(), "what_if": what_if,
    })
}
