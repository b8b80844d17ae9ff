//! The run's branch, merged into one of a person's: who may want it when, and what came of it.

use super::ended::alive;
use super::{Command, Rejected};
use crate::{By, Event, JobId, Run, Step, StopReason, Verdict};

/// A merge whose process is lost this often, with its supervisor or machine, is given up.
const LOSSES_FORGIVEN: u32 = 10;

/// A longer name is none that git would take: it becomes a path.
const LONGEST_NAME: usize = 200;

/// What came of merging the run's branch into one of a person's.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "came", rename_all = "snake_case", deny_unknown_fields)]
pub enum IntoBranch {
    /// It is there.
    Merged {
        /// Where the branch is now.
        commit: String,
        /// Where it was.
        onto: String,
        /// In which manner.
        message: String,
    },
    /// Nothing was changed.
    Refused {
        /// What is in the way, and what to do.
        message: String,
    },
}

pub(super) fn wanted(run: &Run, branch: &str, by: &By) -> Result<Vec<Event>, Rejected> {
    let is_name = !branch.is_empty() && branch.len() <= LONGEST_NAME && !branch.contains(char::is_control);
    match () {
        () if !is_name => Err(Rejected::because("that is not the name of a branch")),
        () if run.plan().repository.is_none() => {
            Err(Rejected::because("no task of the run works in a git worktree, so it has no branch to merge"))
        }
        () => Ok(vec![Event::MergeWanted { branch: branch.to_owned(), by: by.clone() }]),
    }
}

/// While it is merged there is nothing to ask for but to leave it.
pub(super) fn while_merging(run: &Run, branch: &str, command: &Command) -> Result<Vec<Event>, Rejected> {
    let Command::Cancel { how } = command else {
        return Err(Rejected::because(format!(
            "its work is being merged into `{branch}`; ask again when that is over"
        )));
    };
    let jobs = run.jobs().iter().filter(|(_, job)| job.stop.is_none_or(|(_, now)| now < *how));
    let stops: Vec<Event> =
        jobs.map(|(job, _)| Event::StopRequested { job: *job, why: StopReason::Cancelled, how: *how }).collect();
    if stops.is_empty() { Err(Rejected::because("it is being stopped already")) } else { Ok(stops) }
}

pub(super) fn came(run: &Run, round: u32, came: IntoBranch) -> Result<Vec<Event>, Rejected> {
    let stop = alive(run, JobId::of_run(Step::Into(round)))?;
    let branch = run.merging_into().unwrap_or_default().to_owned();
    Ok(vec![match (came, stop) {
        // Also when it was to stop: it is there, and nothing else would be true.
        (IntoBranch::Merged { commit, onto, message }, _) => {
            let (verdict, commit, onto) = (Verdict::Passed, Some(commit), Some(onto));
            Event::RunMerged { branch, verdict, commit, onto, message }
        }
        (IntoBranch::Refused { .. }, Some(why)) => stopped(branch, why),
        (IntoBranch::Refused { message }, None) => refused(branch, message),
    }])
}

/// Its process is gone. What it has done stays done, and is found to be when it is begun once more.
pub(super) fn lost(run: &Run, job: JobId) -> Result<Vec<Event>, Rejected> {
    let stop = alive(run, job)?;
    let branch = run.merging_into().unwrap_or_default().to_owned();
    Ok(vec![match stop {
        Some(why) => stopped(branch, why),
        None if run.losses_of_merge() < LOSSES_FORGIVEN => Event::MergeWanted { branch, by: By::Engine },
        None => refused(branch, "its process was lost again and again".to_owned()),
    }])
}

fn refused(branch: String, message: String) -> Event {
    Event::RunMerged { branch, verdict: Verdict::Refused, commit: None, onto: None, message }
}

fn stopped(branch: String, why: StopReason) -> Event {
    let message = if why == StopReason::Timeout { "git took too long" } else { "it was stopped" };
    refused(branch, message.to_owned())
}
