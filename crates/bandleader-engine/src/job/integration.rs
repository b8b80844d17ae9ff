//! The jobs that merge a task's work with that of others and put it on the run's branch.

use bandleader_core::{JobId, Run};

use super::Place;
use crate::workspace::{self, Integration, IntegrationTask};

/// What the process of such a step is told, as JSON.
///
/// # Errors
/// In words for people: there is nothing to merge.
pub(super) fn merge(run: &Run, place: &Place, job: JobId) -> Result<String, String> {
    let (plan, id) = (run.plan(), job.attempt.task);
    let path = &plan.task(id).path;
    let report = run.task(id).past().report.as_ref();
    let work = report.and_then(|report| report.work()).ok_or("it has left no work to merge")?;
    let (branch, attempt) = (workspace::run_branch(&place.run), job.attempt.number);
    let tree = workspace::task_tree(&place.run_folder, id, path);
    let advice = format!(
        "to settle it by hand, run `git merge {branch}` in `{}`, resolve the files, then `band resolve {path} --run {}`; \
         `band retry {path} --run {}` has it done again",
        tree.display(),
        place.run,
        place.run
    );
    let message = format!(
        "Merge {path}, attempt {attempt}\n\nBand-Run: {}\nBand-Task: {path}\nBand-Attempt: {attempt}",
        place.run
    );
    let tree = workspace::integration_tree(&place.run_folder);
    told(place, job, IntegrationTask::Merge { commit: work.commit.clone(), tree, message, advice })
}

/// The same for the last step.
///
/// # Errors
/// In words for people: nothing was merged.
pub(super) fn land(run: &Run, place: &Place, job: JobId) -> Result<String, String> {
    let merged = run.merged().filter(|(task, _, _)| *task == job.attempt.task);
    let (_, commit, onto) = merged.ok_or("its work was not merged")?;
    told(place, job, IntegrationTask::Land { commit: commit.to_owned(), onto: onto.to_owned() })
}

fn told(place: &Place, job: JobId, task: IntegrationTask) -> Result<String, String> {
    let (jobs, repository) = (place.jobs.clone(), place.project.clone());
    let branch = workspace::run_branch(&place.run);
    serde_json::to_string(&Integration { job, jobs, repository, branch, task }).map_err(|error| error.to_string())
}
