//! The jobs that merge a task's work with that of others, put it on the run's branch, and that into one of the person's.

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

/// The same for the run's branch, which goes into one of the person's.
///
/// # Errors
/// In words for people: nobody wants that.
pub(super) fn into(run: &Run, place: &Place, job: JobId) -> Result<String, String> {
    let into = run.merging_into().ok_or("nobody wants its branch merged")?.to_owned();
    let id = &place.run;
    let subject: String = run.plan().mission.lines().next().unwrap_or_default().chars().take(60).collect();
    let message = format!("Merge run {id}: {subject}\n\nBand-Run: {id}");
    let again = format!("`band merge {id} --into {into}`");
    let tree = workspace::integration_tree(&place.run_folder);
    told(place, job, IntegrationTask::Into { into, tree, message, again })
}

fn told(place: &Place, job: JobId, task: IntegrationTask) -> Result<String, String> {
    let (jobs, repository) = (place.jobs.clone(), place.project.clone());
    let branch = workspace::run_branch(&place.run);
    serde_json::to_string(&Integration { job, jobs, repository, branch, task }).map_err(|error| error.to_string())
}
