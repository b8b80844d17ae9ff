//! What another level makes of a plan.

use std::collections::BTreeSet;

use crate::plan::{Plan, Task, Work};

/// What another level makes of a plan, in words for people, a line each; nothing where it changes nothing. `own` and `other` are the same
/// plan, checked at both levels.
pub fn differences(own: &Plan, other: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let done =
        |plan: &Plan| names(plan, |task| (task.work != Work::Left).then(|| task.path.clone()).into_iter().collect());
    compare(&mut lines, "task", &done(own), &done(other));
    let gates = |plan: &Plan| {
        names(plan, |task| match task.work {
            Work::Left => Vec::new(),
            _ => task.gates.iter().map(|gate| format!("{} of {}", gate.name, task.path)).collect(),
        })
    };
    compare(&mut lines, "gate", &gates(own), &gates(other));
    if own.mode != other.mode {
        lines.push(format!("mode {} instead of {}", other.mode.name(), own.mode.name()));
    }
    let retried = own.tasks.iter().filter_map(|task| {
        let same = other.tasks.iter().find(|same| same.path == task.path && same.is_real())?;
        let (was, is) = (task.retry.limit, same.retry.limit);
        (was != is && same.work != Work::Left && task.work != Work::Left).then_some((was, is))
    });
    let changes: BTreeSet<(u32, u32)> = retried.collect();
    lines.extend(
        changes.into_iter().map(|(was, is)| format!("retries {is} instead of {was}, where the plan says none")),
    );
    lines
}

fn names(plan: &Plan, of: impl Fn(&Task) -> Vec<String>) -> BTreeSet<String> {
    plan.tasks.iter().filter(|task| task.is_real()).flat_map(of).collect()
}

fn compare(lines: &mut Vec<String>, what: &str, own: &BTreeSet<String>, other: &BTreeSet<String>) {
    for (sign, names) in [('+', other.difference(own)), ('-', own.difference(other))] {
        lines.extend(names.map(|name| format!("{sign} {what} {name}")));
    }
}
