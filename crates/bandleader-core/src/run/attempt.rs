//! The part of `apply` that is about attempts: their processes, gates and undoings begin and end.

use super::apply::Misfit;
use super::{GateResult, Job, MERGE_TIMEOUT, Run, TaskState, Timer};
use crate::plan::FailureClass;
use crate::{AgentReport, AttemptId, JobId, Millis, Report, Step, TaskId, Verdict};

impl Run {
    pub(super) fn start(&mut self, attempt: AttemptId, agent: Option<&str>) -> Result<(), Misfit> {
        self.expect(attempt.task, |state| matches!(state, TaskState::Ready { .. }))?;
        if attempt.number != self.task(attempt.task).attempts + 1 {
            return Err(format!("attempt {} was expected", self.task(attempt.task).attempts + 1));
        }
        let plan = self.plan.clone();
        let task = plan.task(attempt.task);
        if task.uses.iter().any(|held| self.free(held.resource) < held.units) {
            return Err(format!("task `{}` starts with less free than it uses", task.path));
        }
        let at = self.last.at;
        self.starts += 1;
        self.set_state(attempt.task, TaskState::Running { attempt: attempt.number, since: at });
        let task_run = self.task_mut(attempt.task);
        task_run.attempts = attempt.number;
        let past = task_run.past_mut();
        past.started.get_or_insert(at);
        past.attempt_started = Some(at);
        (past.gates, past.silent) = (Vec::new(), None);
        // What an earlier one handed on still holds when its work is only put right.
        past.report = past.report.take().filter(|_| past.resolved);
        if let Some(agent) = agent {
            past.agent = Some(agent.into());
        }
        self.begin_job(JobId { attempt, step: Step::Work }, task.timeout);
        Ok(())
    }

    pub(super) fn begin_job(&mut self, job: JobId, timeout: Option<Millis>) {
        self.jobs.insert(job, Job { since: self.last.at, stop: None });
        if let Some(timeout) = timeout {
            self.timers.insert((self.last.at.plus(timeout), Timer::Timeout(job)));
        }
    }

    pub(super) fn cancel_timeout(&mut self, id: JobId) {
        let task = self.plan.task(id.attempt.task);
        let timeout = match id.step {
            Step::Work => task.timeout,
            Step::Gate(gate) => task.gates.get(gate as usize).and_then(|gate| gate.timeout),
            Step::MergedGate(index) => task.gate_of(index).and_then(|gate| gate.timeout),
            Step::Merge(_) | Step::Land(_) | Step::Into(_) => Some(MERGE_TIMEOUT),
            Step::Undo => None,
        };
        if let (Some(timeout), Some(job)) = (timeout, self.jobs.get(&id)) {
            self.timers.remove(&(job.since.plus(timeout), Timer::Timeout(id)));
        }
    }

    /// Takes a process off the list of those that should be alive.
    pub(super) fn end_job(&mut self, id: JobId) -> Result<Job, Misfit> {
        self.known(id.attempt.task)?;
        self.cancel_timeout(id);
        self.jobs.remove(&id).ok_or_else(|| format!("job {id} is not alive"))
    }

    pub(super) fn review(&mut self, attempt: AttemptId, report: &Report) -> Result<(), Misfit> {
        let job = self.end_job(JobId { attempt, step: Step::Work })?;
        let at = self.last.at;
        self.set_state(attempt.task, TaskState::Reviewing { attempt: attempt.number, gate: 0, since: at });
        let past = self.task_mut(attempt.task).past_mut();
        past.spent.0 += at.since(job.since).0;
        past.report = Some(Box::new(report.clone()));
        if let Some(agent) = &report.agent {
            self.settle_agent(attempt, agent);
        }
        self.account_is_well(attempt.task);
        self.task_mut(attempt.task).past_mut().troubles = 0;
        match self.gates_ahead(attempt.task) {
            0 if self.needs_merge(attempt.task) => self.queue_to_merge(attempt.task),
            0 => (),
            _ => self.begin_gate(attempt, 0),
        }
        Ok(())
    }

    pub(super) fn begin_gate(&mut self, attempt: AttemptId, index: u32) {
        let plan = self.plan.clone();
        if let Some(gate) = plan.task(attempt.task).gates.get(index as usize) {
            let step = self.gate_step(attempt.task, index);
            self.begin_job(JobId { attempt, step }, gate.timeout);
        }
    }

    pub(super) fn end_gate(&mut self, attempt: AttemptId, gate: u32, result: GateResult) -> Result<(), Misfit> {
        let step = self.gate_step(attempt.task, gate);
        let job = self.end_job(JobId { attempt, step })?;
        let at = self.last.at;
        let TaskState::Reviewing { since, .. } = self.task(attempt.task).state else {
            return Err("its task is not under review".into());
        };
        let passed = result.verdict == Verdict::Passed;
        let past = self.task_mut(attempt.task).past_mut();
        past.spent.0 += at.since(job.since).0;
        past.gates.push(result);
        if passed {
            let next = gate + 1;
            self.task_mut(attempt.task).state = TaskState::Reviewing { attempt: attempt.number, gate: next, since };
            self.begin_gate(attempt, next);
            if next as usize == self.plan.task(attempt.task).gates.len() {
                self.after_gates(attempt, step);
            }
        }
        Ok(())
    }

    /// The last gate let it pass.
    fn after_gates(&mut self, attempt: AttemptId, last: Step) {
        match last {
            Step::MergedGate(_) => self.begin_landing(attempt),
            _ if self.needs_merge(attempt.task) => self.queue_to_merge(attempt.task),
            _ => (),
        }
    }

    pub(super) fn fail_attempt(
        &mut self,
        attempt: AttemptId,
        class: FailureClass,
        message: &str,
        report: Option<&Report>,
    ) -> Result<(), Misfit> {
        self.expect(attempt.task, |state| match state {
            TaskState::Running { attempt: live, .. } | TaskState::Reviewing { attempt: live, .. } => {
                *live == attempt.number
            }
            _ => false,
        })?;
        let live: Vec<JobId> = self.jobs.keys().copied().filter(|job| job.attempt == attempt).collect();
        for id in live {
            let job = self.end_job(id)?;
            self.task_mut(attempt.task).past_mut().spent.0 += self.last.at.since(job.since).0;
        }
        self.set_state(attempt.task, TaskState::Failing);
        let past = self.task_mut(attempt.task).past_mut();
        match class {
            FailureClass::Lost => past.losses += 1,
            class if class.is_providers() => past.troubles += 1,
            _ => (past.failures, past.troubles) = (past.failures + 1, 0),
        }
        past.failure = Some(Box::new((class, message.to_owned())));
        // What a person has put right is not undone by a loss of ours.
        let is_ours = class == FailureClass::Lost;
        past.resolved &= is_ours;
        if let Some(report) = report {
            past.report = Some(Box::new(report.clone()));
        }
        if !is_ours {
            self.take_back_acceptance(attempt.task);
        }
        if let Some(agent) = report.and_then(|report| report.agent.as_ref()) {
            self.settle_agent(attempt, agent);
        }
        Ok(())
    }

    /// How many gates an attempt at it has to pass: none when a person has accepted its work as it is.
    pub(crate) fn gates_ahead(&self, task: TaskId) -> usize {
        if self.task(task).past().accepted.is_some() { 0 } else { self.plan.task(task).gates.len() }
    }

    /// What a person accepted came to nothing, or is to be done anew: it is no override any more.
    pub(super) fn take_back_acceptance(&mut self, task: TaskId) {
        if self.task(task).past().accepted.is_some() {
            self.task_mut(task).past_mut().accepted = None;
            self.overrides = self.overrides.saturating_sub(1);
        }
    }

    /// What is known of an agent when its attempt has ended.
    fn settle_agent(&mut self, attempt: AttemptId, agent: &AgentReport) {
        self.count_spending(attempt, agent.spending, true);
        if agent.session.is_some() {
            self.task_mut(attempt.task).past_mut().session.clone_from(&agent.session);
        }
    }

    pub(super) fn end_undo(&mut self, attempt: AttemptId, verdict: Verdict, message: &str) -> Result<(), Misfit> {
        self.end_job(JobId { attempt, step: Step::Undo })?;
        self.undoable.retain(|task| *task != attempt.task);
        if verdict == Verdict::Passed {
            self.set_state(attempt.task, TaskState::Compensated { at: self.last.at });
        } else {
            let failure = (FailureClass::Exit, format!("could not be undone: {message}"));
            self.task_mut(attempt.task).past_mut().failure = Some(Box::new(failure));
        }
        Ok(())
    }
}
