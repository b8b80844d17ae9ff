//! Folds one committed event into a run. Total on a valid log, and without choices: those were made by `decide`.

use super::settle::Standing;
use super::{CorruptLog, GateResult, Run, Stage, TaskState};
use crate::plan::Work;
use crate::{
    BudgetScope, BudgetUnit, Event, JobId, Millis, Onward, Recorded, SkipReason, Step, TaskId, Timestamp, Usage,
};

/// Why an event does not fit; becomes a `CorruptLog`.
pub(super) type Misfit = String;

impl Run {
    /// Folds `recorded` in. An error means that the log is not one that `decide` can have made; the run is then unusable.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), CorruptLog> {
        if recorded.seq != self.last.seq + 1 {
            return Err(Run::corrupt(recorded, format!("event {} was expected", self.last.seq + 1)));
        }
        let before = self.last;
        self.last.seq = recorded.seq;
        self.last.at = recorded.at.max(self.last.at);
        let applied = if self.stage == Stage::Unborn && !matches!(recorded.event, Event::RunCreated { .. }) {
            Err("the run was not created yet".to_owned())
        } else {
            self.apply_to_run(&recorded.event, before.at).unwrap_or_else(|| self.apply_to_task(&recorded.event))
        };
        applied.map_err(|why| Run::corrupt(recorded, why))
    }

    /// Events of the run as a whole; none for those of a task. `before` is the time of the event before this one.
    fn apply_to_run(&mut self, event: &Event, before: Timestamp) -> Option<Result<(), Misfit>> {
        let at = self.last.at;
        let done = match event {
            Event::RunCreated { seed, .. } => self.create(*seed),
            Event::EngineBooted { epoch, .. } => {
                // While no engine ran, no wall time was used.
                self.stop_clock(before);
                if let Err(misfit) = self.skip_lost_time(before) {
                    return Some(Err(misfit));
                }
                self.epoch = *epoch;
                if matches!(self.stage, Stage::Running | Stage::Cancelling | Stage::Compensating) {
                    self.clock.since = Some(at);
                }
                Ok(())
            }
            Event::RunPaused { .. } => self.turn(Stage::Running, Stage::Paused).map(|()| self.stop_clock(at)),
            Event::RunResumed { .. } => self.turn(Stage::Paused, Stage::Running).map(|()| self.clock.since = Some(at)),
            Event::RunCancelled { .. } => {
                self.stage = Stage::Cancelling;
                Ok(())
            }
            Event::TimeBudgetReached { percent, .. } => {
                self.clock.noticed = *percent;
                Ok(())
            }
            Event::TimeLimitRaised { limit, .. } => {
                self.clock.limit = Some(*limit);
                self.clock.noticed = 0;
                self.doubt_budget(&BudgetScope::Run, BudgetUnit::Time);
                Ok(())
            }
            Event::RunEnded { state } => {
                self.stop_clock(at);
                self.end_or_merge(*state);
                Ok(())
            }
            Event::MergeWanted { branch, by } => self.want_merge(branch, by),
            Event::RunMerged { verdict, commit, onto, message, .. } => {
                self.run_merged(*verdict, (commit.as_deref(), onto.as_deref()), message)
            }
            Event::RunReopened { .. } => match self.stage {
                Stage::Ended(_) => {
                    self.stage = Stage::Running;
                    self.clock.since = Some(at);
                    Ok(())
                }
                _ => Err("the run has not ended".into()),
            },
            Event::CompensationStarted { .. } => {
                self.stage = Stage::Compensating;
                Ok(())
            }
            Event::ProviderLimited { provider, until, .. } => self.close_account(provider, *until),
            Event::ProviderOpened { provider } => self.open_account(provider),
            Event::BudgetReached { scope, unit, percent, .. } => {
                self.notice_budget(scope, *unit, *percent);
                Ok(())
            }
            Event::BudgetRaised { scope, unit, limit, .. } => {
                self.raise_budget(scope, *unit, *limit);
                Ok(())
            }
            Event::ParallelChanged { parallel, .. } => self.change_parallel(*parallel),
            Event::LevelChanged { level, .. } => self.change_level(*level),
            Event::TaskMoved { task, urgency, .. } => self.move_task(*task, *urgency),
            Event::MessageSent { message, task, text, .. } => self.send(*message, *task, text),
            Event::MessageDelivered { message, attempt } => self.deliver(*message, *attempt),
            _ => return self.apply_to_decision(event),
        };
        Some(done)
    }

    /// What becomes of questions.
    fn apply_to_decision(&mut self, event: &Event) -> Option<Result<(), Misfit>> {
        Some(match event {
            Event::DecisionOpened { decision, asker, question, deadline } => {
                self.open_decision(*decision, asker, question, *deadline)
            }
            Event::DecisionTaken { decision, option, by, because } => {
                self.take_decision(*decision, option.as_deref(), by, because)
            }
            Event::DecisionHeld { decision, until, by } => self.hold_decision(*decision, *until, by),
            Event::DecisionReleased { decision, .. } => self.release_decision(*decision),
            Event::DecisionEscalated { decision } => self.escalate_decision(*decision),
            Event::AnswerKept { decision, option, by, because } => self.keep_answer(*decision, option, by, because),
            Event::DecisionCorrected { decision, option, by, because } => {
                self.correct_decision(*decision, option, by, because)
            }
            _ => return None,
        })
    }

    fn create(&mut self, seed: u64) -> Result<(), Misfit> {
        if self.stage != Stage::Unborn {
            return Err("the run was created before".into());
        }
        (self.stage, self.seed, self.created) = (Stage::Running, seed, self.last.at);
        let plan = self.plan.clone();
        for id in plan.ids().filter(|id| plan.leaves_out(*id)) {
            // A plan that did not keep the work of what it leaves out is of a time when nobody waited for what was before it.
            let onward = if plan.has_work(id) { Onward::AfterItsNeeds } else { Onward::AtOnce };
            self.skip(id, &SkipReason::Level, onward)?;
        }
        for id in plan.ids() {
            self.reconsider(id);
        }
        Ok(())
    }

    fn turn(&mut self, from: Stage, to: Stage) -> Result<(), Misfit> {
        if self.stage != from {
            return Err(format!("the run is {:?}", self.stage));
        }
        self.stage = to;
        Ok(())
    }

    fn apply_to_task(&mut self, event: &Event) -> Result<(), Misfit> {
        let at = self.last.at;
        match event {
            Event::TaskReady { task } => {
                self.expect(*task, |state| matches!(state, TaskState::Pending | TaskState::BackingOff { .. }))?;
                self.make_ready(*task, at);
            }
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

    fn skip(&mut self, task: TaskId, reason: &SkipReason, onward: Onward) -> Result<(), Misfit> {
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

    pub(super) fn known(&self, task: TaskId) -> Result<(), Misfit> {
        if task.index() < self.tasks.len() { Ok(()) } else { Err(format!("the plan has no task number {}", task.0)) }
    }

    pub(super) fn expect(&self, task: TaskId, fits: impl Fn(&TaskState) -> bool) -> Result<(), Misfit> {
        self.known(task)?;
        let state = &self.task(task).state;
        if fits(state) {
            return Ok(());
        }
        Err(format!("task `{}` is {}", self.plan.task(task).path, state.name()))
    }

    fn complete(&mut self, task: TaskId) -> Result<(), Misfit> {
        let plan = self.plan.clone();
        self.known(task)?;
        let (gates, landed) = (self.gates_ahead(task), self.has_landed(task));
        let is_join = plan.tasks.get(task.index()).is_some_and(|task| task.work == Work::Join);
        let is_decided = self.is_decided(task);
        self.expect(task, |state| match state {
            TaskState::Pending => is_join,
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

impl Usage {
    /// Wall time of the process.
    pub fn wall(&self) -> Millis {
        self.ended.since(self.started)
    }
}
