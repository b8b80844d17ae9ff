//! What could go better next time. Each piece of advice follows from a figure of this run by a rule that is written here.

use serde::Serialize;

use super::{RunReport, percent};
use crate::view::when::length;
use crate::view::{Attempt, History, Outcome};
use crate::{Millis, Timestamp};

/// How many of the same kind are named.
const NAMED: usize = 3;

/// Shares under this many percent are not worth a line.
const WORTH: u64 = 10;

/// Neither are lengths under this.
const NOTHING: Millis = Millis::SECOND;

/// Something to do, or to know, and the figure behind it. Names of tasks stand in `tasks`, not in the text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    /// One sentence; made of our words and figures only.
    pub text: String,
    /// The tasks that it is about.
    pub tasks: Vec<String>,
}

fn advice(text: String) -> Advice {
    Advice { text, tasks: Vec::new() }
}

/// Where time could be saved, the largest figure of each rule.
pub(super) fn opportunities(report: &RunReport, history: &History, end: Timestamp) -> Vec<Advice> {
    let rules = [
        more_slots(report),
        shorter_path(report),
        less_alone(report),
        fewer_failures(report, history, end),
        faster_gates(history),
    ];
    rules.into_iter().flatten().collect()
}

/// All slots were taken at some time, and attempts waited.
fn more_slots(report: &RunReport) -> Option<Advice> {
    let parallel = &report.parallel;
    let full = parallel.peak >= parallel.slots
        && parallel.waited >= NOTHING
        && percent(parallel.waited.0, report.wall.0) >= WORTH;
    full.then(|| {
        advice(format!(
            "All {} slots were in use at once, and ready tasks waited {} together: a higher `limits.parallel` may save up to \
             that, shared among them",
            parallel.slots,
            length(parallel.waited)
        ))
    })
}

/// One task is a large part of the chain that everything waited for.
fn shorter_path(report: &RunReport) -> Option<Advice> {
    let longest = report.critical_path.iter().max_by_key(|step| step.ended.since(step.started))?;
    let took = longest.ended.since(longest.started);
    let share = percent(took.0, report.wall.0);
    (report.critical_path.len() > 1 && took >= NOTHING && share >= 3 * WORTH).then(|| Advice {
        text: format!(
            "The longest task on the critical path took {}, {share} % of the run: splitting it, or starting it earlier, \
             shortens the whole",
            length(took)
        ),
        tasks: vec![longest.task.clone()],
    })
}

/// Much of the time only one attempt was alive though more might have been.
fn less_alone(report: &RunReport) -> Option<Advice> {
    let parallel = &report.parallel;
    let share = percent(parallel.alone.0, parallel.busy.0);
    let more_than_one = report.counts.total > 1 && parallel.slots > 1;
    (more_than_one && parallel.alone >= NOTHING && share >= 5 * WORTH).then(|| {
        advice(format!(
            "For {} ({share} % of the working time) only one task ran: needs that are not needed, and sequential phases, are \
             worth a look",
            length(parallel.alone)
        ))
    })
}

/// Work was thrown away.
fn fewer_failures(report: &RunReport, history: &History, end: Timestamp) -> Option<Advice> {
    let failed = |attempt: &&Attempt| matches!(attempt.outcome, Outcome::Failed { .. });
    let lost: u64 = history.attempts().iter().filter(failed).map(|attempt| attempt.took(end).0).sum();
    let share = percent(lost, report.parallel.work.0);
    let mut tasks: Vec<String> = report.failures.iter().map(|failure| failure.task.clone()).collect();
    tasks.sort_unstable();
    tasks.dedup();
    tasks.truncate(NAMED);
    (lost >= NOTHING.0 && share >= WORTH).then(|| Advice {
        text: format!(
            "Failed attempts took {} ({share} % of all work): see what failed, and check earlier what can be checked",
            length(Millis(lost))
        ),
        tasks,
    })
}

/// Checking took much of the time of the attempts that it checked.
fn faster_gates(history: &History) -> Option<Advice> {
    let checked = |attempt: &&Attempt| !attempt.gates.is_empty() && attempt.ended.is_some();
    let (mut gates, mut whole) = (0, 0);
    for attempt in history.attempts().iter().filter(checked) {
        gates += attempt.gates.iter().map(|gate| gate.took.0).sum::<u64>();
        whole += attempt.took(attempt.started).0;
    }
    let share = percent(gates, whole);
    (gates >= NOTHING.0 && share >= 4 * WORTH).then(|| {
        advice(format!(
            "Gates took {}, {share} % of the tasks that have them: faster checks pay",
            length(Millis(gates))
        ))
    })
}

/// What this run teaches: how good the estimates were, and what went well or not.
pub(super) fn lessons(report: &RunReport, history: &History) -> Vec<Advice> {
    let mut lessons: Vec<Advice> = estimates(history);
    let quality = &report.quality;
    if quality.completed > 0 {
        let share = percent(quality.first_time.into(), quality.completed.into());
        let (first, all) = (quality.first_time, quality.completed);
        lessons.push(advice(format!("{first} of {all} completed tasks ({share} %) succeeded at their first attempt")));
    }
    let saved = percent(report.parallel.saved.0, report.parallel.work.0);
    if saved > 0 {
        lessons.push(advice(format!(
            "Running tasks beside one another took {saved} % less time than one after another would have"
        )));
    }
    let caught: Vec<String> =
        report.quality.gates.iter().filter(|gate| gate.refused_before > 0).map(|gate| gate.task.clone()).collect();
    if !caught.is_empty() {
        let text = format!("Gates sent {} back before it could pass for done", tasks_in_words(caught.len()));
        lessons.push(Advice { text, tasks: caught.into_iter().take(NAMED).collect() });
    }
    lessons
}

/// Completed tasks whose length was far from what was planned.
fn estimates(history: &History) -> Vec<Advice> {
    let mut ratios: Vec<(u64, String)> = Vec::new();
    for attempt in history.attempts().iter().filter(|attempt| attempt.outcome == Outcome::Completed) {
        let task = history.plan().task(attempt.id.task);
        if let Some(estimate) = task.estimate.filter(|estimate| estimate.0 > 0) {
            ratios.push((percent(attempt.took(attempt.started).0, estimate.0), task.path.clone()));
        }
    }
    ratios.sort();
    let Some((middle, _)) = ratios.get(ratios.len() / 2) else { return Vec::new() };
    let count = ratios.len();
    let mut lessons = vec![advice(format!(
        "A typical task took {middle} % of its estimate (the middle one of {count} with an estimate)"
    ))];
    let over: Vec<&(u64, String)> = ratios.iter().rev().filter(|(ratio, _)| *ratio > 200).collect();
    if let Some((worst, _)) = over.first() {
        let text = format!("{} took more than twice the estimate, up to {worst} % of it", tasks_in_words(over.len()));
        lessons.push(Advice { text, tasks: over.iter().take(NAMED).map(|(_, task)| task.clone()).collect() });
    }
    lessons
}

fn tasks_in_words(count: usize) -> String {
    if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") }
}
