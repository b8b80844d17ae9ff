//! The part of `apply` that is about one task: its states, its attempts, its work, what its agent says.

use super::Misfit;
use crate::plan::{Task, Work};
use crate::run::settle::Standing;
use crate::run::{GateResult, Run, TaskState};
use crate::{Event, JobId, Onward, SkipReason, Step, TaskId};

impl Run {
    /// Events of one task.
    pub(super) fn apply_to_task(&mut self, event: &Event) -> Result<(), Misfit> {
        let at = self.last.at;
        match event {
            Event::TaskReady { task } => {
                self.expect(*task, |state| matches!(state, TaskState::Pending | TaskState::BackingOff { .. }))?;
                self.make_ready(*task, at);
            }
            Event::MilestoneReached { task } => self.reach(*task)?,
            Event::TaskSkipped { task, reason, onward } => self.skip(*task, reason, *onward)?,
            Event::AttemptStarted { attempt, agent } => self.start(*attempt, agent.as_deref())?,
            Event::StopRequested { job, why, how } => {
                self.cancel_timeout(*job);
                self.jobs.get_mut(job).ok_or_else(|| format!("job {job} is not alive"))?.stop = Some((*why, *how));
            }
            Event::AttemptSucceeded { attempt, report } => self.review(*attempt, report)?,
            Event::AttemptFailed { attempt, class, message, report } => {
                self.fail_attempt(*attempt, *class, message, report.as_ref())?;
            }
            Event::GateEnded { attempt, gate, verdict, message, usage } => {
                let result = GateResult { verdict: *verdict, message: message.clone(), usage: *usage };
                self.end_gate(*attempt, *gate, result)?;
            }
            Event::RetryScheduled { task, at: until, agent } => {
                self.expect(*task, |state| matches!(state, TaskState::Failing))?;
                if let Some(agent) = agent {
                    let past = self.task_mut(*task).past_mut();
                    // Another agent knows nothing of what was said to this one.
                    (past.agent, past.failures, past.session) = (Some(agent.as_str().into()), 0, None);
                }
                // A need that was taken up again meanwhile is waited for first.
                let waits = self.standing(*task) != Standing::MayStart;
                let state = if waits { TaskState::Pending } else { TaskState::BackingOff { until: *until } };
                self.set_state(*task, state);
                self.reconsider(*task);
            }
            Event::TaskCompleted { task } => self.complete(*task)?,
            Event::TaskFailed { task, class } => {
                self.expect(*task, |state| matches!(state, TaskState::Failing | TaskState::Blocked { .. }))?;
                self.set_state(*task, TaskState::Failed { class: *class, at });
            }
            Event::TaskBlocked { task, why } => {
                self.expect(*task, |state| matches!(state, TaskState::Failing | TaskState::Ready { .. }))?;
                self.set_state(*task, TaskState::Blocked { why: why.clone(), since: at });
            }
            Event::TaskCancelled { task } => {
                self.expect(*task, |state| !state.is_over() && !matches!(state, TaskState::Running { .. }))?;
                self.set_state(*task, TaskState::Cancelled { at });
            }
            Event::TaskReset { task, .. } => self.reset(*task)?,
            Event::TaskReopened { task, .. } => self.reopen(*task)?,
            Event::TaskBroughtBack { task, .. } => self.bring_back(*task)?,
            Event::TaskAccepted { task, because, .. } => {
                self.accept(*task, because)?;
            }
            Event::StallNoticed { .. }
            | Event::AgentStarted { .. }
            | Event::SpendingNoticed { .. }
            | Event::AgentHeard { .. } => self.apply_to_agent(event)?,
            Event::TaskResolved { .. }
            | Event::WorkAccepted { .. }
            | Event::WorkMerged { .. }
            | Event::WorkLanded { .. } => self.apply_to_work(event)?,
            Event::UndoStarted { attempt } => {
                self.expect(attempt.task, |state| matches!(state, TaskState::Completed { .. }))?;
                self.begin_job(JobId { attempt: *attempt, step: Step::Undo }, None);
            }
            Event::UndoEnded { attempt, verdict, message } => self.end_undo(*attempt, *verdict, message)?,
            _ => return Err("it is an event of the run".into()),
        }
        Ok(())
    }

    fn reach(&mut self, task: TaskId) -> Result<(), Misfit> {
        let is_one = self.plan.milestone(task).is_some();
        self.expect(task, |state| is_one && matches!(state, TaskState::Pending))?;
        self.task_mut(task).past_mut().reached = Some(self.last.at);
        Ok(())
    }

    pub(super) fn skip(&mut self, task: TaskId, reason: &SkipReason, onward: Onward) -> Result<(), Misfit> {
        self.expect(task, |state| {
            matches!(
                state,
                TaskState::Pending | TaskState::Ready { .. } | TaskState::BackingOff { .. } | TaskState::Blocked { .. }
            )
        })?;
        if onward == Onward::AfterItsNeeds {
            self.let_pass(task);
        }
        self.set_state(task, TaskState::Skipped { reason: reason.clone(), at: self.last.at });
        Ok(())
    }

    /// What becomes of work in a worktree.
    fn apply_to_work(&mut self, event: &Event) -> Result<(), Misfit> {
        match event {
            Event::TaskResolved { task, .. } => self.resolve(*task),
            Event::WorkAccepted { task, because, .. } => {
                self.resolve(*task)?;
                self.task_mut(*task).past_mut().accepted = Some(because.as_str().into());
                self.overrides += 1;
                Ok(())
            }
            Event::WorkMerged { attempt, verdict, commit, onto, .. } => {
                self.work_merged(*attempt, *verdict, commit.as_deref().zip(onto.as_deref()))
            }
            Event::WorkLanded { attempt, verdict, .. } => self.work_landed(*attempt, *verdict),
            _ => Err("it is no event of work".into()),
        }
    }

    /// What an agent at work says of itself.
    fn apply_to_agent(&mut self, event: &Event) -> Result<(), Misfit> {
        match event {
            Event::StallNoticed { attempt, silent } => {
                self.known(attempt.task)?;
                self.task_mut(attempt.task).past_mut().silent = Some(*silent);
            }
            Event::AgentStarted { attempt, session, .. } => {
                self.known(attempt.task)?;
                if session.is_some() {
                    self.task_mut(attempt.task).past_mut().session.clone_from(session);
                }
            }
            Event::SpendingNoticed { attempt, spending } => {
                self.known(attempt.task)?;
                self.count_spending(*attempt, *spending, false);
            }
            Event::AgentHeard { attempt, heard } => self.hear(*attempt, heard)?,
            _ => return Err("it is no event of an agent".into()),
        }
        Ok(())
    }

    fn complete(&mut self, task: TaskId) -> Result<(), Misfit> {
        let plan = self.plan.clone();
        self.known(task)?;
        let (gates, landed) = (self.gates_ahead(task), self.has_landed(task));
        let is_point = |task: &Task| matches!(task.work, Work::Join | Work::Milestone);
        let is_point = plan.tasks.get(task.index()).is_some_and(is_point);
        let is_decided = self.is_decided(task);
        self.expect(task, |state| match state {
            TaskState::Pending => is_point,
            TaskState::Blocked { .. } => is_decided,
            TaskState::Reviewing { gate, .. } => *gate as usize >= gates && landed,
            _ => false,
        })?;
        self.set_state(task, TaskState::Completed { at: self.last.at });
        if plan.task(task).compensate.is_some() {
            self.undoable.push(task);
        }
        Ok(())
    }
}
