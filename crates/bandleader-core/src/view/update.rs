//! An update: what was completed and found out since the last one, how far phases and run are, what starts now.
//!
//! Pure. `Lately` collects facts as they come and says when there is something to tell; faces print the `Update` that it makes. Texts of
//! agents in it may be hostile. There is no update about nothing, and none that repeats the one before.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::check_in::{self, Ahead, Done, Progress};
use super::milestones::{MilestoneProgress, milestones, next_milestone};
use super::phases::{PhaseProgress, ended_by, phases};
use crate::plan::Work;
use crate::run::{Run, TaskState};
use crate::{Event, Heard, Millis, Recorded, TaskId, Timestamp};

/// Tasks, findings and starts that are told one by one at most.
const TOLD: usize = 10;

/// How often people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    /// Never.
    Off,
    /// Not before this long has passed since the last update, but for the end of a phase.
    Every(Millis),
}

/// The end of a phase is told at once, and so is a milestone, but for this long after another update.
const PAUSE: Millis = Millis::MINUTE;

/// What happened since the last update.
#[derive(Clone, Debug)]
pub struct Lately {
    since: Timestamp,
    ended: Vec<TaskId>,
    started: Vec<TaskId>,
    findings: Vec<(TaskId, String)>,
    /// By their paths.
    phases_over: BTreeSet<String>,
    /// The nodes that they are.
    reached: BTreeSet<TaskId>,
}

/// What people are told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Update {
    /// Tasks that were completed; the latest of them where they are many.
    pub completed: Vec<Done>,
    /// Tasks that failed, were skipped or called off.
    pub undone: Vec<Done>,
    /// How many more are over than those.
    pub more: usize,
    /// What was found out, task by task.
    pub findings: Vec<Found>,
    /// Phases that are under way, and those that this update ends.
    pub phases: Vec<PhaseProgress>,
    /// Phases that have not begun.
    pub to_come: usize,
    /// Milestones that were reached, and the next one.
    pub milestones: Vec<MilestoneProgress>,
    /// The whole run.
    pub progress: Progress,
    /// What was started and is still at work.
    pub starting: Vec<Ahead>,
    /// How many tasks are at work beside those.
    pub running: usize,
    /// Questions that are open: number and text.
    pub decisions: Vec<(u32, String)>,
    /// What stands in the way of agents.
    pub blockers: Vec<String>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Who found it.
    pub agent: String,
    /// On which task.
    pub task: String,
    /// What.
    pub text: String,
}

impl Lately {
    /// Nothing yet, from `now` on.
    pub fn new(now: Timestamp) -> Lately {
        let (ended, started, findings, phases_over, reached) = Default::default();
        Lately { since: now, ended, started, findings, phases_over, reached }
    }

    /// One event, given the run as it is after it.
    pub fn note(&mut self, run: &Run, recorded: &Recorded) {
        match &recorded.event {
            Event::AttemptStarted { attempt, .. } => push(&mut self.started, attempt.task),
            Event::TaskCompleted { task }
            | Event::TaskFailed { task, .. }
            | Event::TaskSkipped { task, .. }
            | Event::TaskCancelled { task }
            | Event::TaskAccepted { task, .. } => self.ended(run, *task),
            Event::MilestoneReached { task } => drop(self.reached.insert(*task)),
            Event::AgentHeard { attempt, heard: Heard::Insight { text } } => {
                self.findings.push((attempt.task, text.clone()));
                if self.findings.len() > TOLD {
                    self.findings.remove(0);
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, run: &Run, task: TaskId) {
        if run.plan().task(task).is_real() {
            push(&mut self.ended, task);
        } else if let Some(path) = ended_by(run, task) {
            // The end of a phase is a node of its own, which is over when the phase is.
            self.phases_over.insert(path.to_owned());
        }
    }

    /// Whether people are to be told now.
    pub fn is_due(&self, run: &Run, rhythm: Rhythm, now: Timestamp) -> bool {
        let Rhythm::Every(every) = rhythm else { return false };
        let passed = now.since(self.since);
        let is_news = !self.ended.is_empty() || !self.findings.is_empty() || !self.reached.is_empty();
        let is_point = !self.phases_over.is_empty() || !self.reached.is_empty();
        let waits = if is_point { every.min(PAUSE) } else { every };
        is_news && !run.is_over() && passed >= waits
    }

    /// What there is to tell; from now on everything is told.
    pub fn take(&mut self, run: &Run, now: Timestamp) -> Update {
        let update = self.update(run, now, TOLD);
        *self = Lately::new(now);
        update
    }

    /// What there is to tell, of tasks, findings and starts at most `most` of each, the latest.
    pub fn update(&self, run: &Run, now: Timestamp, most: usize) -> Update {
        let state = |id: TaskId| &run.task(id).state;
        let over: Vec<TaskId> =
            self.ended.iter().copied().filter(|id| state(*id).is_over() && is_work(run, *id)).collect();
        let told = over.get(over.len().saturating_sub(most)..).unwrap_or_default();
        let (completed, undone): (Vec<TaskId>, Vec<TaskId>) =
            told.iter().partition(|id| matches!(state(**id), TaskState::Completed { .. }));
        // What was found out has a place of its own here.
        let done = |ids: Vec<TaskId>| ids.into_iter().map(|id| check_in::done(run, Vec::new(), id, now)).collect();
        let at_work = |id: &TaskId| matches!(state(*id), TaskState::Running { .. } | TaskState::Reviewing { .. });
        let starting: Vec<TaskId> =
            self.started.iter().copied().filter(|id| at_work(id) && is_work(run, *id)).take(most).collect();
        let running = (run.counts().running + run.counts().reviewing) as usize;
        let all = phases(run);
        let (to_come, progress) = (all.iter().filter(|phase| !phase.begun).count(), check_in::progress(run, now));
        let shown = |phase: &PhaseProgress| phase.begun && (!phase.is_over() || self.phases_over.contains(&phase.path));
        Update {
            completed: done(completed),
            undone: done(undone),
            more: over.len() - told.len(),
            findings: self.findings(run, most),
            phases: all.into_iter().filter(shown).collect(),
            to_come,
            milestones: self.milestones(run, now),
            progress,
            running: running.saturating_sub(starting.len()),
            starting: starting.into_iter().map(|id| check_in::one_ahead(run, id)).collect(),
            decisions: run.open_decisions().map(|(number, open)| (number, open.question.text.clone())).collect(),
            blockers: run.blockers().iter().map(|one| format!("{}: {}", one.name, one.text)).collect(),
        }
    }

    fn milestones(&self, run: &Run, now: Timestamp) -> Vec<MilestoneProgress> {
        let all = milestones(run, now);
        let next = next_milestone(&all).cloned();
        let of_late = run.plan().milestones.iter().map(|one| self.reached.contains(&one.task));
        let reached = all.into_iter().zip(of_late).filter(|(one, is_of_late)| *is_of_late && one.reached.is_some());
        reached.map(|(one, _)| one).chain(next).collect()
    }

    fn findings(&self, run: &Run, most: usize) -> Vec<Found> {
        let latest = self.findings.get(self.findings.len().saturating_sub(most)..).unwrap_or_default();
        let mut latest: Vec<_> = latest.iter().map(|(task, text)| (*task, text)).collect();
        latest.sort_by_key(|(task, _)| *task);
        let found = latest.into_iter().map(|(id, text)| {
            let task = run.plan().task(id).path.clone();
            Found { agent: check_in::agent(run, id), task, text: text.clone() }
        });
        found.collect()
    }
}

/// Questions to people are told as questions.
fn is_work(run: &Run, id: TaskId) -> bool {
    let task = run.plan().task(id);
    task.is_real() && !matches!(task.work, Work::Left | Work::Decision { .. })
}

/// Behind all others; a task that is there already moves.
fn push(tasks: &mut Vec<TaskId>, task: TaskId) {
    tasks.retain(|one| *one != task);
    tasks.push(task);
}
