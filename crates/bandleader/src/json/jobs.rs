//! The processes of a run, and what they are called: whose output `band logs` and the API show.

use bandleader_core::{AttemptId, JobId, Run, Step, TaskId};

use crate::render::text::clean;

/// The processes of these tasks' attempts, in the order in which they ran.
pub(crate) fn jobs(run: &Run, wanted: &[TaskId], attempt: Option<u32>) -> Vec<JobId> {
    let mut jobs = Vec::new();
    let mut tasks = wanted.to_vec();
    tasks.sort_by_key(|id| (run.task(*id).past().started, *id));
    for task in tasks {
        let number = attempt.unwrap_or(run.task(task).attempts);
        if number == 0 || number > run.task(task).attempts {
            continue;
        }
        let gates = u32::try_from(run.plan().task(task).gates.len()).unwrap_or(0);
        // Of merges the first try alone: there is hardly ever another.
        let merge = [Step::Merge(0)].into_iter().chain((0..gates).map(Step::MergedGate)).chain([Step::Land(0)]);
        let merge = merge.filter(|_| run.plan().has_worktree(task));
        let steps = std::iter::once(Step::Work).chain((0..gates).map(Step::Gate)).chain(merge).chain([Step::Undo]);
        jobs.extend(steps.map(|step| JobId { attempt: AttemptId { task, number }, step }));
    }
    jobs
}

/// `build.api`, `build.api gate 1`.
pub(crate) fn label(run: &Run, job: JobId) -> String {
    let path = clean(&run.plan().task(job.attempt.task).path).into_owned();
    match job.step {
        Step::Work => path,
        Step::Gate(gate) => format!("{path} gate {}", gate + 1),
        Step::Undo => format!("{path} undo"),
        Step::Merge(_) => format!("{path} merge"),
        Step::MergedGate(gate) => match u32::try_from(run.plan().task(job.attempt.task).gates.len()) {
            Ok(gates @ 1..) => format!("{path} gate {} on merged work", gate % gates + 1),
            _ => format!("{path} gate on merged work"),
        },
        Step::Land(_) => format!("{path} landing"),
        Step::Into(_) => "merge of the run's branch".to_owned(),
    }
}
