//! Rules of the core, each as a short script: a plan, what happens to it, and the events that follow.

mod adjust;
mod agents;
mod brought_back;
mod budgets;
mod check_ins;
mod ended;
mod failures;
mod into;
mod left_out;
mod levelled;
mod lost;
mod merges;
mod milestones;
mod people;
mod scene;
mod signal;
mod starts;
mod steering;

use scene::check;

use crate::plan::{Gate, GateNumber, Plan, Task};

/// The plan with one of its tasks changed.
fn with(mut plan: Plan, task: &str, change: impl FnOnce(&mut Task)) -> Plan {
    let id = plan.find(task).unwrap();
    change(&mut plan.tasks[id.index()]);
    plan
}

fn gate(number: Option<GateNumber>) -> Gate {
    Gate { name: "tests".into(), run: "true".into(), timeout: None, number }
}
