//! Which ready tasks start now: the best that fit, without letting a large one starve.
//!
//! Resources are taken all at once, so nobody holds one while waiting for another and there is no deadlock. What a task asks for
//! is kept from those behind it in the order once it has seen `PATIENCE` others start. Those before it go first however long it
//! waited: they are on a longer path, and the plan is finite.

use std::collections::{BTreeSet, BinaryHeap};

use crate::run::{Class, Rank, SpentOut, TaskState, clash};
use crate::{AttemptId, Event, Onward, Run, SkipReason, TaskId};

/// How many attempts may start ahead of a ready task before resources are kept for it. Large enough that ordinary plans
/// keep their order (longest remaining path first), small enough that a steady stream of small tasks cannot starve one.
const PATIENCE: u64 = 100;

pub(super) fn schedule(run: &Run) -> Vec<Event> {
    if run.queue().is_empty() || run.free(0) == 0 {
        return Vec::new();
    }
    let mut room = Room::of(run);
    let mut picked = Vec::new();
    let mut refused = Vec::new();
    let mut keeps = false;
    let mut next: BinaryHeap<std::cmp::Reverse<(Rank, Class)>> = BinaryHeap::new();
    let mut heads = run.queue().heads().peekable();
    while room.has_slots() {
        // The heads are sorted, so only as many are looked at as are needed.
        let from_heap = match (next.peek(), heads.peek()) {
            (Some(std::cmp::Reverse(queued)), Some(head)) => queued < head,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        let candidate = if from_heap { next.pop().map(|std::cmp::Reverse(pair)| pair) } else { heads.next() };
        let Some((rank, class)) = candidate else { break };
        if let Some(spent) = run.spent_out(rank.task) {
            refused.push(refuse(run, rank.task, spent));
            next.extend(run.queue().after(rank, class).map(|rank| std::cmp::Reverse((rank, class))));
        } else if room.take(run, rank.task) {
            picked.push(rank.task);
            next.extend(run.queue().after(rank, class).map(|rank| std::cmp::Reverse((rank, class))));
        } else if !keeps && is_patient(run, rank.task) {
            room.keep_for(run, rank.task);
            keeps = true;
        }
        // If one of a class does not fit, none does: the class is done for this time.
    }
    refused.extend(picked.into_iter().flat_map(|task| start(run, task)));
    refused
}

/// Its budget is used up: it waits for those who are asked about that, or is not done.
fn refuse(run: &Run, task: TaskId, spent: SpentOut) -> Event {
    match spent {
        SpentOut::Asked(scope) => {
            Event::TaskBlocked { task, why: format!("the budget of {} is used up", scope.words(run.plan())) }
        }
        SpentOut::Settled(scope) => {
            Event::TaskSkipped { task, reason: SkipReason::Budget { scope }, onward: Onward::AtOnce }
        }
    }
}

/// Whether so many started since it became ready that it is time to make room for it.
fn is_patient(run: &Run, task: TaskId) -> bool {
    match run.task(task).state {
        TaskState::Ready { starts, .. } => run.starts().saturating_sub(starts) >= PATIENCE,
        _ => false,
    }
}

/// The attempt, and the messages that wait for it: it has them from its start.
fn start(run: &Run, task: TaskId) -> impl Iterator<Item = Event> {
    let task_run = run.task(task);
    let attempt = AttemptId { task, number: task_run.attempts + 1 };
    let messages = run.undelivered(task).filter(move |_| run.agent_of(task).is_some());
    let delivered = messages.map(move |(message, _)| Event::MessageDelivered { message, attempt });
    let agent = task_run.past().agent.as_deref().map(str::to_owned);
    std::iter::once(Event::AttemptStarted { attempt, agent }).chain(delivered)
}

/// What is left while picking.
struct Room {
    free: Vec<u32>,
    /// Tasks whose path leases count: those that run, and those picked.
    leases: BTreeSet<TaskId>,
}

impl Room {
    fn of(run: &Run) -> Room {
        let busy = run.jobs().keys().map(|job| job.attempt.task).chain(run.waiting_to_merge());
        let leases = busy.filter(|task| has_lease(run, *task)).collect();
        let mut free = run.free_all().to_vec();
        for closed in run.closed_resources() {
            if let Some(units) = free.get_mut(closed as usize) {
                *units = 0;
            }
        }
        Room { free, leases }
    }

    fn has_slots(&self) -> bool {
        self.free.first().is_some_and(|slots| *slots > 0)
    }

    fn left(&self, resource: u32) -> u32 {
        self.free.get(resource as usize).copied().unwrap_or_default()
    }

    /// Takes all that a task asks for, or nothing.
    fn take(&mut self, run: &Run, id: TaskId) -> bool {
        let task = run.plan().task(id);
        let fits = task.uses.iter().all(|held| self.left(held.resource) >= held.units)
            && (!has_lease(run, id) || !self.leases.iter().any(|other| clash(task, run.plan().task(*other))));
        if fits {
            self.subtract(run, id, 0);
        }
        fits
    }

    /// Keeps what a task asks for out of the others' reach, slots excepted: it will be first at the next free one.
    fn keep_for(&mut self, run: &Run, id: TaskId) {
        self.subtract(run, id, 1);
    }

    fn subtract(&mut self, run: &Run, id: TaskId, from_resource: u32) {
        for held in run.plan().task(id).uses.iter().filter(|held| held.resource >= from_resource) {
            if let Some(free) = self.free.get_mut(held.resource as usize) {
                *free = free.saturating_sub(held.units);
            }
        }
        if has_lease(run, id) {
            self.leases.insert(id);
        }
    }
}

fn has_lease(run: &Run, id: TaskId) -> bool {
    let task = run.plan().task(id);
    !task.reads.is_empty() || !task.writes.is_empty()
}
