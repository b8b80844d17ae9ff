//! Where the work of tasks in worktrees is: the run's branch, what each task brought to it, and what it was merged into.

use serde::Serialize;

use crate::plan::Repository;
use crate::run::{BranchMerge, Run};

/// The run's branch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunBranch {
    /// Its name.
    pub name: String,
    /// The commit that it began at.
    pub base: String,
    /// What tasks changed, in plan order.
    pub work: Vec<TaskWork>,
    /// The branch of a person's into which it is merged whenever the run ends well.
    pub wanted: Option<String>,
    /// What came of merging it, oldest first.
    pub merged: Vec<BranchMerge>,
}

/// What a task changed, by its latest attempt that left something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskWork {
    /// The task.
    pub task: String,
    /// Its own branch.
    pub branch: String,
    /// Its last commit there.
    pub commit: String,
    /// Files that differ from where it started.
    pub files: u32,
    /// The commit of the run's branch with which the work came there; none when it has not.
    pub landed: Option<String>,
}

impl RunBranch {
    /// None where no task has left work on a branch of its own.
    pub fn of(run: &Run) -> Option<RunBranch> {
        let plan = run.plan();
        let Repository { base, .. } = plan.repository.as_ref()?;
        let work: Vec<TaskWork> = plan
            .ids()
            .filter_map(|id| {
                let past = run.task(id).past();
                let work = past.report.as_ref()?.work()?;
                Some(TaskWork {
                    task: plan.task(id).path.clone(),
                    branch: work.branch.clone(),
                    commit: work.commit.clone(),
                    files: work.files,
                    landed: past.landed.as_deref().map(str::to_owned),
                })
            })
            .collect();
        // All branches of a run begin alike; the run itself knows nothing of its name.
        let (run_name, _) = work.first()?.branch.split_once("/task/")?;
        Some(RunBranch {
            name: format!("{run_name}/run"),
            base: base.clone(),
            wanted: run.merge_wanted().map(str::to_owned),
            merged: run.merged_into().to_vec(),
            work,
        })
    }
}
