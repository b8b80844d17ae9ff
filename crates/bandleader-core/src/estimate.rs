//! How long things take and what hangs on them: lengths of tasks and the longest path that remains behind each.
//!
//! Pure. Called when a run is made, by `rehearse` and by views.

use crate::plan::{Plan, Work};
use crate::{Millis, TaskId};

/// Assumed for a task without an estimate when no task of the plan has one.
const UNKNOWN: Millis = Millis::MINUTE;

/// The expected length of each node: its estimate, else the median of the plan's estimates, else a minute; 0 for what
/// does no work.
pub fn lengths(plan: &Plan) -> Vec<Millis> {
    let mut known: Vec<Millis> = plan.tasks.iter().filter_map(|task| task.estimate).collect();
    known.sort_unstable();
    let usual = known.get(known.len() / 2).copied().unwrap_or(UNKNOWN);
    let length = |work: &Work, estimate: Option<Millis>| match work {
        Work::Join | Work::Milestone | Work::Left => Millis(0),
        // People take the time that they take; only what the plan expects of them counts.
        Work::Decision { .. } => estimate.unwrap_or_default(),
        _ => estimate.unwrap_or(usual),
    };
    plan.tasks.iter().map(|task| length(&task.work, task.estimate)).collect()
}

/// Who waits for whom, the other way round than `Task::needs`, packed in two flat vectors.
#[derive(Clone, Debug, Default)]
pub struct Dependents {
    starts: Vec<u32>,
    items: Vec<TaskId>,
}

impl Dependents {
    /// Turns the needs of a plan round.
    #[expect(clippy::indexing_slicing, reason = "ids of a plan point into it, and `starts` has one entry more")]
    pub fn of(plan: &Plan) -> Dependents {
        let mut starts = vec![0_u32; plan.tasks.len() + 1];
        for need in plan.tasks.iter().flat_map(|task| &task.needs) {
            starts[need.index() + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![TaskId(0); starts.last().copied().unwrap_or(0) as usize];
        for id in plan.ids() {
            for need in &plan.task(id).needs {
                items[next[need.index()] as usize] = id;
                next[need.index()] += 1;
            }
        }
        Dependents { starts, items }
    }

    /// The nodes that need `task`, in plan order.
    pub fn on(&self, task: TaskId) -> &[TaskId] {
        let start = self.starts.get(task.index()).copied().unwrap_or(0) as usize;
        let end = self.starts.get(task.index() + 1).copied().unwrap_or(0) as usize;
        self.items.get(start..end).unwrap_or_default()
    }
}

/// The nodes with every need before what needs it; ties in plan order. Shorter than the plan if there is a cycle.
pub fn topological(plan: &Plan, dependents: &Dependents) -> Vec<TaskId> {
    let mut unmet: Vec<usize> = plan.tasks.iter().map(|task| task.needs.len()).collect();
    let mut order: Vec<TaskId> = plan.ids().filter(|id| plan.task(*id).needs.is_empty()).collect();
    let mut at = 0;
    while let Some(&task) = order.get(at) {
        at += 1;
        for dependent in dependents.on(task) {
            if let Some(count) = unmet.get_mut(dependent.index()) {
                *count -= 1;
                if *count == 0 {
                    order.push(*dependent);
                }
            }
        }
    }
    order
}

/// For each node its own length plus the longest path behind it: what is still to come if it starts now.
#[expect(clippy::indexing_slicing, reason = "all vectors are as long as the plan, and ids point into it")]
pub fn tails(plan: &Plan, dependents: &Dependents, lengths: &[Millis]) -> Vec<Millis> {
    let mut tails = vec![Millis(0); plan.tasks.len()];
    for task in topological(plan, dependents).into_iter().rev() {
        let behind = dependents.on(task).iter().map(|next| tails[next.index()]).max().unwrap_or_default();
        tails[task.index()] = Millis(behind.0 + lengths[task.index()].0);
    }
    tails
}

/// The longest path through the plan by expected lengths, first task first; group ends are left out.
pub fn critical_path(plan: &Plan) -> Vec<TaskId> {
    let dependents = Dependents::of(plan);
    let tails = tails(plan, &dependents, &lengths(plan));
    let tail = |id: &TaskId| (tails.get(id.index()).copied().unwrap_or_default(), std::cmp::Reverse(*id));
    let mut path = Vec::new();
    let mut next = plan.ids().filter(|id| plan.task(*id).needs.is_empty()).max_by_key(tail);
    while let Some(id) = next {
        path.push(id);
        next = dependents.on(id).iter().copied().max_by_key(tail);
    }
    path.retain(|id| plan.task(*id).is_real());
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;

    #[test]
    fn the_longest_path_counts_time_not_steps() {
        // b is long; a -> c -> d are three short ones.
        let plan = plan_of(&[("a", 1, &[]), ("b", 9, &[]), ("c", 1, &["a"]), ("d", 1, &["c"])]);
        assert_eq!(critical_path(&plan), [TaskId(1)]);
        let dependents = Dependents::of(&plan);
        assert_eq!(dependents.on(TaskId(0)), [TaskId(2)]);
        let tails = tails(&plan, &dependents, &lengths(&plan));
        assert_eq!(tails, [3, 9, 2, 1].map(|seconds| Millis(seconds * 1_000)));
    }

    #[test]
    fn a_task_without_estimate_counts_as_the_median() {
        let mut plan = plan_of(&[("a", 1, &[]), ("b", 5, &[]), ("c", 9, &[]), ("d", 1, &[])]);
        plan.tasks[3].estimate = None;
        assert_eq!(lengths(&plan)[3], Millis(5_000));
    }
}
