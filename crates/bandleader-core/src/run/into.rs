//! The run's branch, merged into a branch of a person's: what is wanted, what is at work, and what came of it.
//!
//! Pure; part of `apply`. A run that has ended may have one process for that (`Step::Into`), and is not over before that is.

use serde::{Deserialize, Serialize};

use super::apply::Misfit;
use super::{MERGE_TIMEOUT, Run, Stage};
use crate::{By, JobId, RunEnd, Step, Timestamp, Verdict};

/// All of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Intos {
    /// Into this branch whenever the run ends well.
    standing: Option<(String, By)>,
    /// At work.
    current: Option<Wish>,
    /// Processes begun so far.
    rounds: u32,
    came: Vec<BranchMerge>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Wish {
    branch: String,
    by: By,
    /// How often its process was lost.
    losses: u32,
}

/// What came of merging the run's branch into one of a person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchMerge {
    /// Theirs.
    pub branch: String,
    /// Who wanted it.
    pub by: By,
    /// When it was known.
    pub at: Timestamp,
    /// Whether it was merged. Refused: their branch is as it was.
    pub verdict: Verdict,
    /// Where their branch is now; none when it was not merged.
    pub commit: Option<String>,
    /// Where it was before.
    pub onto: Option<String>,
    /// In which manner, or what is in the way and what to do.
    pub message: String,
}

impl Run {
    /// The branch of a person's into which the run's is merged whenever the run ends well.
    pub fn merge_wanted(&self) -> Option<&str> {
        self.intos.standing.as_ref().map(|(branch, _)| branch.as_str())
    }

    /// The one into which it is being merged now.
    pub fn merging_into(&self) -> Option<&str> {
        self.intos.current.as_ref().map(|wish| wish.branch.as_str())
    }

    /// What came of all that was wanted, oldest first.
    pub fn merged_into(&self) -> &[BranchMerge] {
        &self.intos.came
    }

    /// How often the process that merges now was lost before.
    pub(crate) fn losses_of_merge(&self) -> u32 {
        self.intos.current.as_ref().map_or(0, |wish| wish.losses)
    }

    pub(super) fn want_merge(&mut self, branch: &str, by: &By) -> Result<(), Misfit> {
        let (branch, by) = (branch.to_owned(), by.clone());
        match self.stage {
            Stage::Unborn => return Err("the run was not created yet".into()),
            Stage::Ended(end) => self.begin_into(end, Wish { branch, by, losses: 0 }),
            Stage::Merging(end) => {
                let wish = self.end_into()?;
                self.begin_into(end, Wish { losses: wish.losses + 1, ..wish });
            }
            Stage::Running | Stage::Paused | Stage::Cancelling | Stage::Compensating => {
                self.intos.standing = Some((branch, by));
            }
        }
        Ok(())
    }

    /// The run has nothing left to do: it is over, unless its branch is to be merged first.
    pub(super) fn end_or_merge(&mut self, end: RunEnd) {
        let went_well = matches!(end, RunEnd::Succeeded | RunEnd::SucceededWithOverrides);
        match self.intos.standing.clone().filter(|_| went_well) {
            Some((branch, by)) => self.begin_into(end, Wish { branch, by, losses: 0 }),
            None => self.stage = Stage::Ended(end),
        }
    }

    fn begin_into(&mut self, end: RunEnd, wish: Wish) {
        self.stage = Stage::Merging(end);
        self.intos.current = Some(wish);
        self.begin_job(JobId::of_run(Step::Into(self.intos.rounds)), Some(MERGE_TIMEOUT));
        self.intos.rounds += 1;
    }

    /// Its process is over.
    fn end_into(&mut self) -> Result<Wish, Misfit> {
        let wish = self.intos.current.take().ok_or_else(|| "nothing is being merged".to_owned())?;
        self.end_job(JobId::of_run(Step::Into(self.intos.rounds.saturating_sub(1))))?;
        Ok(wish)
    }

    pub(super) fn run_merged(
        &mut self,
        verdict: Verdict,
        (commit, onto): (Option<&str>, Option<&str>),
        message: &str,
    ) -> Result<(), Misfit> {
        let Stage::Merging(end) = self.stage else { return Err("nothing is being merged".into()) };
        let Wish { branch, by, .. } = self.end_into()?;
        self.stage = Stage::Ended(end);
        let (commit, onto) = (commit.map(str::to_owned), onto.map(str::to_owned));
        let (at, message) = (self.last.at, message.to_owned());
        self.intos.came.push(BranchMerge { branch, by, at, verdict, commit, onto, message });
        Ok(())
    }
}
