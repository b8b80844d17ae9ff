//! Freezes a plan as a run, and thaws it again.

use std::path::Path;

use bandleader_core::{Event, Plan, Recorded, RunId, create};

use super::{EngineError, person};
use crate::blob::{BlobId, Blobs};
use crate::chance;
use crate::clock::Clock;
use crate::folder::Folder;
use crate::store::{NewRun, Store};
use crate::workspace;

/// What a new run is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewMission<'a> {
    /// The checked plan.
    pub plan: &'a Plan,
    /// What people call it: a path or a name.
    pub plan_name: &'a str,
    /// Where its tasks run.
    pub project: &'a Path,
    /// The person's branch into which the run's is merged when the run has ended well.
    pub merge_into: Option<&'a str>,
}

/// Makes a run of a plan, durable before it returns. Nothing starts yet.
///
/// # Errors
/// The disk refuses.
pub fn submit(folder: &Folder, new: &NewMission<'_>) -> Result<RunId, EngineError> {
    submit_told(folder, new, &mut |_| ())
}

/// The same, with a word for people about where its tasks will work, if there is one to say.
///
/// # Errors
/// The disk refuses; a task asks for a git worktree where there can be none.
pub fn submit_told(folder: &Folder, new: &NewMission<'_>, tell: &mut dyn FnMut(&str)) -> Result<RunId, EngineError> {
    let isolation = |message| EngineError::Isolation { message };
    let survey = workspace::survey(new.plan, new.project).map_err(isolation)?;
    survey.notes.iter().for_each(|note| tell(note));
    let placed = survey.repository.map(|repository| Plan { repository: Some(repository), ..new.plan.clone() });
    let plan = placed.as_ref().unwrap_or(new.plan);
    if let Some(into) = new.merge_into {
        check_merge(plan, new.project, into).map_err(isolation)?;
    }
    let frozen = serde_json::to_vec(plan).map_err(|source| EngineError::Unwritable { source })?;
    let plan_hash = Blobs::of(folder).put(&frozen)?;
    let (id, at) = (chance::run_id()?, Clock::start(bandleader_core::Timestamp(0)).now());
    folder.create_run(&id)?;
    if let Some(repository) = &plan.repository {
        workspace::begin(&id, repository, new.project).map_err(isolation)?;
    }
    let mut store = Store::open(folder)?;
    let created = create(plan_hash.as_str(), &new.plan.mission, chance::seed()?).record(0, at);
    let run = NewRun {
        id: id.clone(),
        at,
        mission: new.plan.mission.clone(),
        plan_hash: plan_hash.as_str().to_owned(),
        plan_name: new.plan_name.to_owned(),
        project: new.project.to_owned(),
    };
    let wanted = new.merge_into.map(|branch| Event::MergeWanted { branch: branch.to_owned(), by: person() });
    let first: Vec<Recorded> = [created].into_iter().chain(wanted.map(|wanted| wanted.record(1, at))).collect();
    store.commit_new(&run, &first)?;
    // The run's engine comes next, in this process or in one of its own.
    store.hand_over()?;
    Ok(id)
}

/// Before anything starts: there will be something to merge, and the branch is there.
fn check_merge(plan: &Plan, project: &Path, into: &str) -> Result<(), String> {
    if plan.repository.is_none() {
        return Err(format!(
            "nothing of this plan can be merged into `{into}`: no task of it works in a git worktree (`isolation: worktree`)"
        ));
    }
    workspace::check_target(project, into)
}

/// The frozen plan with this content hash.
pub(crate) fn thaw(folder: &Folder, plan_hash: &str) -> Result<Plan, EngineError> {
    let frozen = Blobs::of(folder).get(&BlobId::parse(plan_hash)?)?;
    serde_json::from_slice(&frozen).map_err(|source| EngineError::ForeignPlan { hash: plan_hash.to_owned(), source })
}
