//! The tasks that may start now, kept so that the best one that fits is found without looking at all of them.
//!
//! Pure. Filled by `apply`, read by `decide`. Tasks that ask for the same things form a class: if one of a class does not
//! fit, none does. Invariant: a task stands in its class's queue, and in `heads` through it - or in none.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Plan, Use};
use crate::{Millis, TaskId};

/// The order among ready tasks: as people have said since, then longest remaining path first, then priority, then plan order (SPEC section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    urgency: Reverse<i32>,
    tail: Reverse<Millis>,
    priority: Reverse<i32>,
    pub(crate) task: TaskId,
}

/// A set of tasks that ask for exactly the same resources and paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class(pub(crate) u32);

#[derive(Clone, Debug, Default)]
pub(crate) struct Ready {
    class_of: Vec<Class>,
    queues: Vec<BTreeSet<Rank>>,
    heads: BTreeSet<(Rank, Class)>,
}

impl Ready {
    pub(crate) fn of(plan: &Plan) -> Ready {
        type Demand<'a> = (&'a [Use], &'a [String], &'a [String]);
        let mut classes: BTreeMap<Demand<'_>, Class> = BTreeMap::new();
        let mut class_of = Vec::with_capacity(plan.tasks.len());
        for task in &plan.tasks {
            let next = Class(u32::try_from(classes.len()).unwrap_or(u32::MAX));
            class_of.push(*classes.entry((&task.uses, &task.reads, &task.writes)).or_insert(next));
        }
        let queues = vec![BTreeSet::new(); classes.len()];
        Ready { class_of, queues, heads: BTreeSet::new() }
    }

    pub(crate) fn rank(plan: &Plan, tails: &[Millis], urgency: i32, task: TaskId) -> Rank {
        let tail = Reverse(tails.get(task.index()).copied().unwrap_or_default());
        Rank { urgency: Reverse(urgency), tail, priority: Reverse(plan.task(task).priority), task }
    }

    pub(crate) fn insert(&mut self, rank: Rank) {
        self.change(rank, |queue| {
            queue.insert(rank);
        });
    }

    pub(crate) fn remove(&mut self, rank: Rank) {
        self.change(rank, |queue| {
            queue.remove(&rank);
        });
    }

    /// Changes a queue and keeps `heads` true.
    fn change(&mut self, rank: Rank, edit: impl FnOnce(&mut BTreeSet<Rank>)) {
        let class = self.class(rank.task);
        let Some(queue) = self.queues.get_mut(class.0 as usize) else { return };
        let before = queue.first().copied();
        edit(queue);
        let after = queue.first().copied();
        if before != after {
            before.map(|head| self.heads.remove(&(head, class)));
            after.map(|head| self.heads.insert((head, class)));
        }
    }

    pub(crate) fn class(&self, task: TaskId) -> Class {
        self.class_of.get(task.index()).copied().unwrap_or(Class(0))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The best task of each class that has one, best first.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (Rank, Class)> {
        self.heads.iter().copied()
    }

    /// The next task of the same class after `rank`.
    pub(crate) fn after(&self, rank: Rank, class: Class) -> Option<Rank> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.queues.get(class.0 as usize)?.range((Excluded(rank), Unbounded)).next().copied()
    }

    /// All ready tasks, best first.
    pub(crate) fn ranked(&self) -> Vec<TaskId> {
        let mut all: Vec<Rank> = self.queues.iter().flatten().copied().collect();
        all.sort_unstable();
        all.into_iter().map(|rank| rank.task).collect()
    }
}
