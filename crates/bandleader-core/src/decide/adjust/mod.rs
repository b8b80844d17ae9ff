//! A change of what is left of a run: tasks left out or brought back, another order, limits, the level, words to agents. Weighed as a
//! whole, so that people get what they have looked at, or nothing and every reason why not.

mod bring_back;
mod leave_out;
mod level;

use std::borrow::Cow;
use std::collections::BTreeSet;

use bring_back::then;

use super::Rejected;
use super::change::{Change, NewLimit, Note};
use super::command::{raise, tell};
use crate::run::TaskState;
use crate::{BudgetScope, BudgetUnit, By, Event, Millis, Run, TaskId};

/// It stands with every task that is left out, and events are small.
const LONGEST_REASON: usize = 500;

/// Reasons that are told at most.
const MOST_REASONS: usize = 12;

/// As many attempts at once as a plan may ask for.
const MOST_PARALLEL: u32 = 10_000;

/// What a change comes to.
///
/// # Errors
/// Some of it cannot be done: nothing is, and all reasons are said.
pub(super) fn adjust(run: &Run, change: &Change, by: &By) -> Result<Vec<Event>, Rejected> {
    let By::Person { .. } = by else { return Err(Rejected::because("only people change what is to be done")) };
    if run.is_cancelling() || run.is_compensating() {
        return Err(Rejected::because("the run is winding up; change what is left when it is over"));
    }
    if change.because.chars().count() > LONGEST_REASON {
        return Err(Rejected::because(format!("the reason is longer than {LONGEST_REASON} characters")));
    }
    if *change == (Change { because: change.because.clone(), ..Change::default() }) {
        return Err(Rejected::because("nothing is to be changed"));
    }
    let mut weighed = Weighed::new(run, change, by);
    weighed.level();
    weighed.bring_back();
    weighed.go_on_from_here();
    weighed.only_with_the_answers_that_it_waits_for();
    weighed.parallel();
    weighed.limits();
    weighed.order();
    weighed.skips();
    weighed.notes();
    let Weighed { mut reasons, events, .. } = weighed;
    if reasons.is_empty() {
        return if run.is_over() { taken_up_again(run, events, by) } else { Ok(events) };
    }
    let more = reasons.len().saturating_sub(MOST_REASONS);
    reasons.truncate(MOST_REASONS);
    reasons.extend((more > 0).then(|| format!("and {more} more")));
    Err(Rejected::because(reasons.join("; ")))
}

/// A run that has ended goes on, if the change leaves something of it to do.
fn taken_up_again(run: &Run, mut events: Vec<Event>, by: &By) -> Result<Vec<Event>, Rejected> {
    // A larger budget says so itself.
    events.retain(|event| !matches!(event, Event::RunReopened { .. }));
    events.insert(0, Event::RunReopened { by: by.clone() });
    let then = then(run, &events).map_err(Rejected)?;
    let state = run.state().name();
    let changes = events.iter().any(|event| matches!(event, Event::TaskSkipped { .. } | Event::TaskBroughtBack { .. }));
    let is_used_up = then.time_noticed() >= 100 || then.is_used_up(&BudgetScope::Run);
    match () {
        () if changes => Ok(events),
        () if then.all_over() => Err(Rejected::because(format!(
            "the run is {state}, and this leaves nothing of it to do; `--bring-back TASK` does what was left out, `band retry` what failed"
        ))),
        () if is_used_up => Err(Rejected::because(format!(
            "the run is {state}, and its limit is used up still; a larger `--time`, `--cost` or `--tokens` goes on with it"
        ))),
        () => Ok(events),
    }
}

struct Weighed<'a> {
    /// The run; with what comes back to it, once that is known: it can be moved, told and left out like all others.
    run: Cow<'a, Run>,
    change: &'a Change,
    by: &'a By,
    reasons: Vec<String>,
    /// Left out by this change.
    skipped: BTreeSet<TaskId>,
    /// Brought back by this change.
    back: BTreeSet<TaskId>,
    events: Vec<Event>,
}

impl<'a> Weighed<'a> {
    fn new(run: &'a Run, change: &'a Change, by: &'a By) -> Weighed<'a> {
        let (reasons, events) = (Vec::new(), Vec::new());
        let (skipped, back) = (BTreeSet::new(), BTreeSet::new());
        Weighed { run: Cow::Borrowed(run), change, by, reasons, skipped, back, events }
    }

    /// The tasks of a name, and whether it is that of a group.
    fn named(&mut self, name: &str) -> (Vec<TaskId>, bool) {
        match self.run.named(name) {
            Ok(found) => found,
            Err(reason) => {
                self.reasons.push(reason);
                (Vec::new(), false)
            }
        }
    }

    fn path(&self, task: TaskId) -> &str {
        &self.run.plan().task(task).path
    }

    /// How many attempts may be alive at once.
    fn parallel(&mut self) {
        match self.change.parallel {
            None => (),
            Some(parallel) if parallel == self.run.parallel() => {
                self.reasons.push(format!("{parallel} tasks may run at once already"));
            }
            Some(parallel @ 1..=MOST_PARALLEL) => {
                self.events.push(Event::ParallelChanged { parallel, by: self.by.clone() });
            }
            Some(_) => self.reasons.push(format!("1 to {MOST_PARALLEL} tasks may run at once")),
        }
    }

    fn limits(&mut self) {
        let mut reset = BTreeSet::new();
        for NewLimit { scope, unit, limit } in &self.change.limits {
            let raised = match unit {
                BudgetUnit::Time if *scope == BudgetScope::Run => self.time(*limit),
                unit => raise(&self.run, scope, *unit, *limit, self.by),
            };
            match raised {
                // Two budgets may have the same task waiting.
                Ok(events) => self.events.extend(events.into_iter().filter(|event| match event {
                    Event::TaskReset { task, .. } => reset.insert(*task),
                    _ => true,
                })),
                Err(Rejected(reason)) => {
                    self.reasons.push(format!("the limit of {}: {reason}", scope.words(self.run.plan())));
                }
            }
        }
    }

    fn time(&self, limit: u64) -> Result<Vec<Event>, Rejected> {
        match self.run.time_used(self.run.last_at()).1 {
            None => Err(Rejected::because("there is no such budget")),
            Some(now) if limit <= now.0 => Err(Rejected::because(format!("the limit is {now} already"))),
            Some(_) => Ok(vec![Event::TimeLimitRaised { limit: Millis(limit), by: self.by.clone() }]),
        }
    }

    /// Those named first come before whatever was to be first before, those named last behind whatever was to be last.
    fn order(&mut self) {
        let (lowest, highest) = self.run.urgencies();
        let mut seen = BTreeSet::new();
        for (names, is_first) in [(&self.change.first, true), (&self.change.last, false)] {
            let tasks: Vec<TaskId> = names.iter().flat_map(|name| self.movable(name)).collect();
            let twice = tasks.iter().find(|task| !seen.insert(**task));
            if let Some(task) = twice {
                let reason = format!("`{}` is named twice in the order", self.path(*task));
                self.reasons.push(reason);
            }
            let count = i32::try_from(tasks.len()).unwrap_or(i32::MAX);
            let start = if is_first { highest.saturating_add(count) } else { lowest.saturating_sub(1) };
            for (urgency, task) in (0..).map(|place| start.saturating_sub(place)).zip(tasks) {
                self.events.push(Event::TaskMoved { task, urgency, by: self.by.clone() });
            }
        }
    }

    /// Tasks of this name whose start is still to come.
    fn movable(&mut self, name: &str) -> Vec<TaskId> {
        let (tasks, is_group) = self.named(name);
        let (run, plan) = (&*self.run, self.run.plan());
        let starts = |id: &TaskId| waits(run, *id) && plan.task(*id).question().is_none();
        let movable: Vec<TaskId> = tasks.iter().copied().filter(starts).collect();
        if let ([task], false, true) = (tasks.as_slice(), is_group, movable.is_empty()) {
            let path = &plan.task(*task).path;
            let state = run.task(*task).state.name();
            let reason = match plan.task(*task).question() {
                Some(_) => format!("`{path}` is a question, which is asked as soon as it can be"),
                None => format!("`{path}` is {state}; only what has not begun has a place in the order"),
            };
            self.reasons.push(reason);
        } else if is_group && movable.is_empty() {
            self.reasons.push(format!("nothing in `{name}` is still to begin"));
        }
        movable
    }

    fn notes(&mut self) {
        let mut number = self.run.next_message();
        for Note { task: name, text } in &self.change.tell {
            let (tasks, is_group) = self.named(name);
            let listens = |id: &TaskId| self.run.agent_of(*id).is_some() && !self.run.task(*id).state.is_over();
            let whom: Vec<TaskId> =
                tasks.into_iter().filter(|id| !is_group || listens(id) && !self.skipped.contains(id)).collect();
            if is_group && whom.is_empty() {
                self.reasons.push(format!("no agent in `{name}` is still to be told anything"));
            }
            for task in whom {
                let path = self.path(task).to_owned();
                if self.skipped.contains(&task) {
                    self.reasons.push(format!("`{path}` is left out, so that nobody is there to be told"));
                    continue;
                }
                match tell(&self.run, &path, text, self.by) {
                    Ok(events) => {
                        for event in events {
                            self.events.push(match event {
                                Event::MessageSent { task, text, by, .. } => {
                                    Event::MessageSent { message: number, task, text, by }
                                }
                                other => other,
                            });
                            number += 1;
                        }
                    }
                    Err(Rejected(reason)) => self.reasons.push(reason),
                }
            }
        }
    }
}

/// Whether it has not begun: it may still be left out or moved.
fn waits(run: &Run, task: TaskId) -> bool {
    match &run.task(task).state {
        TaskState::Pending | TaskState::Ready { .. } | TaskState::BackingOff { .. } => true,
        // Only a budget keeps it.
        TaskState::Blocked { .. } => run.question_about(task).is_none(),
        _ => false,
    }
}

impl Run {
    /// The tasks that people mean by a name - a task by its path or the end of it, or all of a group - and whether it is a group's.
    ///
    /// # Errors
    /// Why it is no name, or not clear.
    pub fn named(&self, name: &str) -> Result<(Vec<TaskId>, bool), String> {
        let plan = self.plan();
        if plan.find(name).is_none_or(|id| !plan.task(id).is_real())
            && let Some(group) = plan.find_group(name)
        {
            return Ok((
                plan.ids().filter(|id| plan.task(*id).is_real() && plan.is_within(*id, group)).collect(),
                true,
            ));
        }
        super::command::find(self, name).map(|task| (vec![task], false)).map_err(|Rejected(reason)| reason)
    }
}
