//! Orders and paths over a plan's needs: topological order, the needs that say something new, the longest path.
//!
//! Iterative throughout: a chain of 10,000 tasks must not use the stack.

use bandleader_core::{Millis, Plan, TaskId};

/// All nodes, each after everything that it needs; among equals in plan order.
pub(crate) fn topological(plan: &Plan) -> Vec<TaskId> {
    let mut waits: Vec<usize> = plan.tasks.iter().map(|task| task.needs.len()).collect();
    let followers = followers(plan);
    let mut free: std::collections::BTreeSet<TaskId> =
        plan.ids().filter(|id| plan.task(*id).needs.is_empty()).collect();
    let mut order = Vec::with_capacity(plan.tasks.len());
    while let Some(id) = free.pop_first() {
        order.push(id);
        for follower in followers.get(id.index()).into_iter().flatten() {
            let Some(left) = waits.get_mut(follower.index()) else { continue };
            *left -= 1;
            if *left == 0 {
                free.insert(*follower);
            }
        }
    }
    order
}

/// Who needs whom, the other way round.
pub(crate) fn followers(plan: &Plan) -> Vec<Vec<TaskId>> {
    let mut followers = vec![Vec::new(); plan.tasks.len()];
    for id in plan.ids() {
        for need in &plan.task(id).needs {
            if let Some(list) = followers.get_mut(need.index()) {
                list.push(id);
            }
        }
    }
    followers
}

/// Beyond this many nodes the table of who comes before whom (one bit a pair) would take more than 64 MiB, and no eye
/// follows the picture anyway: all needs are kept.
const REDUCE_UP_TO: usize = 23_000;

/// Each node's needs without those that follow from its other needs.
pub(crate) fn reduced(plan: &Plan, order: &[TaskId]) -> Vec<Vec<TaskId>> {
    let size = plan.tasks.len();
    if size > REDUCE_UP_TO {
        return plan.tasks.iter().map(|task| task.needs.clone()).collect();
    }
    let mut rank = vec![0_usize; size];
    for (position, id) in order.iter().enumerate() {
        if let Some(slot) = rank.get_mut(id.index()) {
            *slot = position;
        }
    }
    let words = size.div_ceil(64);
    let mut before: Vec<Vec<u64>> = vec![Vec::new(); size];
    let mut kept = vec![Vec::new(); size];
    for id in order {
        let mut needs = plan.task(*id).needs.clone();
        needs.sort_by_key(|need| std::cmp::Reverse(rank.get(need.index()).copied()));
        let mut known = vec![0_u64; words];
        let mut says_something = Vec::new();
        for need in needs {
            if !has(&known, need.index()) {
                says_something.push(need);
                set(&mut known, need.index());
                for (word, more) in known.iter_mut().zip(before.get(need.index()).into_iter().flatten()) {
                    *word |= more;
                }
            }
        }
        says_something.sort_unstable();
        if let (Some(all), Some(list)) = (before.get_mut(id.index()), kept.get_mut(id.index())) {
            (*all, *list) = (known, says_something);
        }
    }
    kept
}

/// The longest path by `length`, first node first, and how long it is.
pub(crate) fn longest(plan: &Plan, order: &[TaskId], length: impl Fn(TaskId) -> Millis) -> (Vec<TaskId>, Millis) {
    let mut ends = vec![0_u64; plan.tasks.len()];
    let mut last: Option<TaskId> = None;
    let end = |ends: &[u64], id: TaskId| ends.get(id.index()).copied().unwrap_or_default();
    for id in order {
        let start = plan.task(*id).needs.iter().map(|need| end(&ends, *need)).max().unwrap_or_default();
        if let Some(slot) = ends.get_mut(id.index()) {
            *slot = start.saturating_add(length(*id).0);
        }
        if last.is_none_or(|best| end(&ends, *id) > end(&ends, best)) {
            last = Some(*id);
        }
    }
    let total = Millis(last.map(|id| end(&ends, id)).unwrap_or_default());
    let mut path = Vec::new();
    while let Some(id) = last {
        path.push(id);
        // Among equals the first in plan order.
        last = plan.task(id).needs.iter().copied().rev().max_by_key(|need| end(&ends, *need));
    }
    path.reverse();
    (path, total)
}

fn has(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}
