//! The needs that say something new: those that do not follow from a task's other needs. Called when a picture is made.

use bandleader_core::{Plan, TaskId};

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

fn has(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}
