//! Plays a plan in virtual time: the same core, no process, every task as long as its estimate and every try a success.
//!
//! Pure. Called by `band rehearse` and by whoever wants to know when a plan would be finished.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

use serde::Serialize;

use crate::estimate::{self, Dependents};
use crate::plan::{Plan, Work};
use crate::template;
use crate::{
    Event, Exit, Input, JobId, Millis, Report, Run, Step, TaskId, TaskState, Timestamp, Usage, create, decide,
};

/// How a plan would go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rehearsal {
    /// Start and end of every task that would run, in order of their start; times from the start of the run.
    pub tasks: Vec<Slot>,
    /// From the start to the end of the run.
    pub makespan: Millis,
    /// The longest path through the needs by estimates: no schedule is shorter.
    pub critical_path: Vec<TaskId>,
    /// Its length.
    pub critical_length: Millis,
    /// All estimates added up: the length with one task at a time.
    pub work: Millis,
    /// Most units held at once, by resource (index into `Plan::resources`).
    pub peaks: Vec<u32>,
    /// Tasks that would not run, because their condition is false with no outputs at hand, or their level is another.
    pub skipped: Vec<TaskId>,
    /// Tasks without an estimate, which counted as the plan's median (or a minute).
    pub unestimated: u32,
}

/// When one task would run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// Which.
    pub task: TaskId,
    /// When it would start.
    pub start: Millis,
    /// When it would end.
    pub end: Millis,
}

/// The plan with another number of slots; what needs more than that many at once keeps what it asks for.
pub fn with_parallel(plan: &Plan, parallel: u32) -> Plan {
    let mut plan = plan.clone();
    plan.limits.parallel = parallel.max(1);
    let most =
        plan.tasks.iter().flat_map(|task| &task.uses).filter(|held| held.resource == 0).map(|held| held.units).max();
    if let Some(slots) = plan.resources.first_mut() {
        slots.capacity = parallel.max(1).max(most.unwrap_or(1));
    }
    plan
}

/// Plays `plan` from its start to its end. Limits of wall time are left out: the question is how long it would take.
pub fn rehearse(plan: &Plan) -> Rehearsal {
    let mut plan = plan.clone();
    plan.limits.time = None;
    for task in &mut plan.tasks {
        if task.question().is_some() {
            // People take no time in a rehearsal, and no process.
            (task.work, task.when) = (Work::Join, None);
        }
        // What a need will hand on is not known yet: such a task is taken to run.
        task.when.take_if(|when| {
            template::names_in_expression(when).is_ok_and(|names| names.iter().any(|name| name.starts_with("needs")))
        });
    }
    let lengths = estimate::lengths(&plan);
    let real = |id: &TaskId| !matches!(plan.task(*id).work, Work::Join | Work::Milestone | Work::Left);
    let unestimated = plan.ids().filter(|id| real(id) && plan.task(*id).estimate.is_none()).count();
    let critical_path = estimate::critical_path(&plan);
    let critical_length =
        estimate::tails(&plan, &Dependents::of(&plan), &lengths).into_iter().max().unwrap_or_default();
    let mut stage = Stage::new(plan, lengths);
    stage.play();
    let skipped = |id: &TaskId| {
        matches!(stage.run.task(*id).state, TaskState::Skipped { .. }) && stage.run.plan().task(*id).is_real()
    };
    Rehearsal {
        makespan: stage.now.since(Timestamp(0)),
        critical_path,
        critical_length,
        work: Millis(stage.slots.iter().map(|slot| slot.end.0 - slot.start.0).sum()),
        skipped: stage.run.plan().ids().filter(skipped).collect(),
        peaks: stage.peaks,
        unestimated: u32::try_from(unestimated).unwrap_or(u32::MAX),
        tasks: stage.slots,
    }
}

struct Stage {
    run: Run,
    now: Timestamp,
    lengths: Vec<Millis>,
    playing: BinaryHeap<Reverse<(Timestamp, JobId)>>,
    known: BTreeSet<JobId>,
    slots: Vec<Slot>,
    peaks: Vec<u32>,
}

impl Stage {
    fn new(plan: Plan, lengths: Vec<Millis>) -> Stage {
        let peaks = vec![0; plan.resources.len()];
        let mut run = Run::new(Arc::new(plan));
        // The first event of a fresh run always fits.
        let _ = run.apply(&create("", "", 0).record(0, Timestamp(0)));
        let (playing, known, slots) = (BinaryHeap::new(), BTreeSet::new(), Vec::new());
        Stage { run, now: Timestamp(0), lengths, playing, known, slots, peaks }
    }

    fn play(&mut self) {
        self.feed(Input::Boot { epoch: 1, pid: 0 });
        loop {
            while self.feed(Input::Tick) {}
            self.note_peaks();
            let next = self.playing.pop().map(|Reverse(pair)| pair);
            let Some((at, job)) = next else {
                // Only a pause before another try or a task that nobody will start is left.
                match self.run.wake_at().filter(|at| *at > self.now) {
                    Some(at) => self.now = at,
                    None => return,
                }
                continue;
            };
            self.now = at;
            self.end(job);
            // Whatever ends at the same moment is taken together, so that the best of all freed room is used.
            while let Some(Reverse((at, job))) = self.playing.peek().copied() {
                if at > self.now {
                    break;
                }
                self.playing.pop();
                self.end(job);
            }
        }
    }

    fn feed(&mut self, input: Input) -> bool {
        let events = decide(&self.run, input, self.now).unwrap_or_default();
        let any = !events.is_empty();
        for event in events {
            let starts = match &event {
                Event::AttemptStarted { attempt, .. } => Some(JobId { attempt: *attempt, step: Step::Work }),
                _ => None,
            };
            let recorded = event.record(self.run.last_seq(), self.now);
            if self.run.apply(&recorded).is_err() {
                return false;
            }
            if let Some(job) = starts {
                self.start(job);
            }
        }
        self.start_others();
        any
    }

    fn start(&mut self, job: JobId) {
        let length = self.lengths.get(job.attempt.task.index()).copied().unwrap_or_default();
        let (start, end) = (self.now.since(Timestamp(0)), self.now.plus(length).since(Timestamp(0)));
        self.slots.push(Slot { task: job.attempt.task, start, end });
        self.playing.push(Reverse((self.now.plus(length), job)));
        self.known.insert(job);
    }

    /// Gates take no time in a rehearsal: their length is part of the estimate.
    fn start_others(&mut self) {
        let gate = |job: &JobId| matches!(job.step, Step::Gate(_) | Step::Undo);
        let fresh: Vec<JobId> =
            self.run.jobs().keys().filter(|job| gate(job) && !self.known.contains(job)).copied().collect();
        for job in fresh {
            self.known.insert(job);
            self.playing.push(Reverse((self.now, job)));
        }
    }

    fn end(&mut self, job: JobId) {
        let (attempt, exit) = (job.attempt, Exit::Code { code: 0 });
        self.known.remove(&job);
        let input = match job.step {
            Step::Work => Input::WorkEnded { attempt, report: Report { exit, ..Report::default() } },
            Step::Gate(gate) => {
                let numbers =
                    self.run.plan().task(attempt.task).gates.get(gate as usize).and_then(|gate| gate.number.as_ref());
                let number = numbers.map(|bounds| bounds.min.or(bounds.max).unwrap_or_default());
                Input::GateEnded { attempt, gate, exit, usage: Usage::default(), number }
            }
            Step::Undo => Input::UndoEnded { attempt, exit },
            // Nothing is changed in a rehearsal, so nothing is merged.
            Step::Merge(_) | Step::MergedGate(_) | Step::Land(_) | Step::Into(_) => Input::Lost { job },
        };
        self.feed(input);
    }

    fn note_peaks(&mut self) {
        for (index, resource) in self.run.plan().resources.iter().enumerate() {
            let held =
                resource.capacity - self.run.free(u32::try_from(index).unwrap_or(u32::MAX)).min(resource.capacity);
            if let Some(peak) = self.peaks.get_mut(index) {
                *peak = held.max(*peak);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;

    #[test]
    fn two_slots_share_the_work_and_the_longest_path_goes_first() {
        let plan = plan_of(&[("a", 2, &[]), ("b", 4, &[]), ("c", 3, &["a"]), ("d", 1, &[])]);
        let rehearsal = rehearse(&plan);
        let slots: Vec<_> =
            rehearsal.tasks.iter().map(|slot| (slot.task.0, slot.start.0 / 1_000, slot.end.0 / 1_000)).collect();
        assert_eq!(slots, [(0, 0, 2), (1, 0, 4), (2, 2, 5), (3, 4, 5)]);
        assert_eq!(rehearsal.makespan, Millis(5_000));
        assert_eq!(rehearsal.critical_length, Millis(5_000));
        assert_eq!(rehearsal.work, Millis(10_000));
        assert_eq!(rehearsal.peaks, [2]);
        assert_eq!(rehearse(&with_parallel(&plan, 1)).makespan, Millis(10_000));
    }
}
