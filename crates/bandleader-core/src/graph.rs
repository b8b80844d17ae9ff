//! What follows from the needs of tasks: circles, an order to run in, the longest path.
//!
//! Called by `lower` (circles), by the run core (who waits for whom, how long is left), by `band graph` and `band rehearse`.
//! Nothing here recurses: a chain of 10,000 tasks costs heap, not stack.

use crate::plan::Task;
use crate::{Plan, TaskId};

/// For each node, the nodes that need it, in plan order.
pub fn dependents(plan: &Plan) -> Vec<Vec<TaskId>> {
    let mut dependents = vec![Vec::new(); plan.tasks.len()];
    for id in plan.ids() {
        for need in &plan.task(id).needs {
            if let Some(list) = dependents.get_mut(need.index()) {
                list.push(id);
            }
        }
    }
    dependents
}

/// All nodes, each after everything that it needs; nodes that are free at the same time in plan order.
pub fn topological(plan: &Plan) -> Vec<TaskId> {
    let dependents = dependents(plan);
    let mut missing: Vec<usize> = plan.tasks.iter().map(|task| task.needs.len()).collect();
    let mut order: Vec<TaskId> = plan.ids().filter(|id| plan.task(*id).needs.is_empty()).collect();
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        next += 1;
        for dependent in dependents.get(id.index()).into_iter().flatten() {
            if let Some(count) = missing.get_mut(dependent.index()) {
                *count -= 1;
                if *count == 0 {
                    order.push(*dependent);
                }
            }
        }
    }
    order
}

/// For each node, the longest way from its start to the end of the run when each node takes `weight`.
pub fn remaining(plan: &Plan, weight: impl Fn(TaskId, &Task) -> u64) -> Vec<u64> {
    let mut after = vec![0_u64; plan.tasks.len()];
    for id in topological(plan).into_iter().rev() {
        let task = plan.task(id);
        let through = after.get(id.index()).copied().unwrap_or(0).saturating_add(weight(id, task));
        if let Some(own) = after.get_mut(id.index()) {
            *own = through;
        }
        for need in &task.needs {
            if let Some(needed) = after.get_mut(need.index()) {
                *needed = through.max(*needed);
            }
        }
    }
    after
}

/// The critical path: the chain of nodes, ends of groups left out, that the run cannot be shorter than.
pub fn critical_path(plan: &Plan, weight: impl Fn(TaskId, &Task) -> u64) -> Vec<TaskId> {
    let remaining = remaining(plan, weight);
    let left = |id: &TaskId| remaining.get(id.index()).copied().unwrap_or(0);
    let longest = |ids: &mut dyn Iterator<Item = TaskId>| ids.max_by_key(|id| (left(id), std::cmp::Reverse(*id)));
    let dependents = dependents(plan);
    let mut path = Vec::new();
    let mut at = longest(&mut plan.ids().filter(|id| plan.task(*id).needs.is_empty()));
    while let Some(id) = at {
        if plan.task(id).is_real() {
            path.push(id);
        }
        at = longest(&mut dependents.get(id.index()).into_iter().flatten().copied());
    }
    path
}

/// Circles in a graph given by what each node needs: each as a list in which every node needs the next and the last needs
/// the first. No two share a node; empty if and only if there is none. At most twenty: nobody reads more.
pub fn cycles(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut is_left = vec![true; needs.len()];
    let mut found = Vec::new();
    loop {
        peel(needs, &mut is_left);
        let Some(start) = is_left.iter().position(|left| *left) else { return found };
        let circle = walk(needs, &is_left, start);
        for node in &circle {
            if let Some(left) = is_left.get_mut(*node) {
                *left = false;
            }
        }
        found.push(circle);
        if found.len() == 20 {
            return found;
        }
    }
}

/// Takes away every node that needs nothing that is left, again and again.
fn peel(needs: &[Vec<usize>], is_left: &mut [bool]) {
    let stands = |is_left: &[bool], node: &usize| is_left.get(*node).copied().unwrap_or(false);
    let mut dependents = vec![Vec::new(); needs.len()];
    let mut missing = vec![0_usize; needs.len()];
    let mut free = Vec::new();
    for (node, own) in needs.iter().enumerate().filter(|(node, _)| stands(is_left, node)) {
        let own: Vec<_> = own.iter().filter(|need| stands(is_left, need)).collect();
        if own.is_empty() {
            free.push(node);
        }
        if let Some(count) = missing.get_mut(node) {
            *count = own.len();
        }
        for need in own {
            if let Some(list) = dependents.get_mut(*need) {
                list.push(node);
            }
        }
    }
    while let Some(node) = free.pop() {
        if let Some(left) = is_left.get_mut(node) {
            *left = false;
        }
        for dependent in dependents.get(node).into_iter().flatten() {
            if let Some(count) = missing.get_mut(*dependent) {
                *count -= 1;
                if *count == 0 {
                    free.push(*dependent);
                }
            }
        }
    }
}

/// Every node left needs one that is left, so following needs must come back to a node seen before.
fn walk(needs: &[Vec<usize>], is_left: &[bool], start: usize) -> Vec<usize> {
    let mut step_of = vec![usize::MAX; needs.len()];
    let mut path = Vec::new();
    let mut at = start;
    loop {
        match step_of.get_mut(at) {
            Some(step) if *step == usize::MAX => *step = path.len(),
            Some(step) => return path.split_off(*step),
            None => return path,
        }
        path.push(at);
        let next = needs.get(at).into_iter().flatten().find(|need| is_left.get(**need).copied().unwrap_or(false));
        match next {
            Some(next) => at = *next,
            None => return path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Work;

    fn chain(length: u32) -> Plan {
        let task = |no: u32| Task {
            needs: no.checked_sub(1).map(TaskId).into_iter().collect(),
            ..Task::new(format!("t{no}"), Work::Program { argv: vec!["true".into()] })
        };
        Plan { tasks: (0..length).map(task).collect(), ..Plan::default() }
    }

    #[test]
    fn a_chain_of_ten_thousand_does_not_recurse() {
        let plan = chain(10_000);
        assert_eq!(topological(&plan).len(), 10_000);
        assert_eq!(remaining(&plan, |_, _| 2)[0], 20_000);
        assert_eq!(critical_path(&plan, |_, _| 2).len(), 10_000);
        let ring: Vec<_> = (0..10_000_usize).map(|node| vec![(node + 1) % 10_000]).collect();
        assert_eq!(cycles(&ring)[0].len(), 10_000);
    }

    #[test]
    fn circles_are_found_each_once() {
        let check = |needs: &[&[usize]], expected: &str| {
            let needs: Vec<_> = needs.iter().map(|own| own.to_vec()).collect();
            assert_eq!(format!("{:?}", cycles(&needs)), expected);
        };
        check(&[&[], &[0], &[1, 0]], "[]");
        check(&[&[0]], "[[0]]");
        check(&[&[1], &[2], &[0], &[0]], "[[0, 1, 2]]");
        check(&[&[1], &[0], &[3, 1], &[2]], "[[0, 1], [2, 3]]");
    }
}
