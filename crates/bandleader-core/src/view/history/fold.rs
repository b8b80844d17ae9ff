//! How each event becomes a part of the past.

use std::sync::Arc;

use super::{History, Memory, Over};
use crate::view::note::note;
use crate::view::past::{Attempt, Claim, GateSeen, Insight, Outcome, Phase, Ran};
use crate::{AttemptId, Event, GroupId, Heard, Recorded, Spending, TaskId, Timestamp};

/// What is told in so many words is kept in the log; pages show the beginning of a list that nobody would read to its end.
const KEPT: usize = 2_000;

impl History {
    /// Folds one event in. Ids that the plan does not have are passed over: `Run::apply` has refused them.
    pub fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.at;
        self.last_at = at.max(self.last_at);
        match &recorded.event {
            Event::RunCreated { plan, .. } => (self.created, self.plan_hash) = (at, plan.clone()),
            Event::RunEnded { state } => self.ended = Some((at, *state)),
            Event::TaskReady { task } => self.memory(*task, |memory| memory.ready = Some(at)),
            Event::AttemptStarted { attempt, agent } => self.start(*attempt, agent.as_deref(), at),
            Event::StallNoticed { attempt, silent } => {
                self.attempt(*attempt, |attempt| attempt.silent = Some(*silent));
            }
            Event::AttemptSucceeded { attempt, report } => self.attempt(*attempt, |attempt| attempt.saw(report)),
            Event::GateEnded { attempt, gate, verdict, message, usage } => {
                let seen = GateSeen { gate: *gate, verdict: *verdict, message: message.clone(), took: usage.wall() };
                self.attempt(*attempt, |attempt| attempt.gates.push(seen));
            }
            Event::AttemptFailed { attempt, class, message, report } => self.attempt(*attempt, |attempt| {
                attempt.ended = Some(at);
                attempt.outcome = Outcome::Failed { class: *class, message: message.clone() };
                if let Some(report) = report {
                    attempt.saw(report);
                }
            }),
            Event::TaskCompleted { task } => self.complete(*task, at),
            Event::TaskFailed { task, .. } => self.end(*task, at, Over::Failed),
            Event::TaskSkipped { task, .. } => self.end(*task, at, Over::Skipped),
            Event::TaskCancelled { task } => self.end(*task, at, Over::Cancelled),
            Event::TaskReset { task, .. }
            | Event::TaskResolved { task, .. }
            | Event::WorkAccepted { task, .. }
            | Event::TaskReopened { task, .. } => {
                self.reopen(*task);
            }
            Event::LevelChanged { level, .. } => {
                let plan = self.plan.clone();
                self.put_back(plan.only_at(*level));
            }
            Event::ParallelChanged { parallel, .. } => self.slots = self.slots.max(*parallel),
            Event::TaskBroughtBack { task, .. } => self.bring_back(*task),
            Event::RetryScheduled { task, at, agent } => self.memory(*task, |memory| {
                memory.ready = Some(*at);
                memory.agent = agent.clone().or(memory.agent.take());
            }),
            Event::RunReopened { .. } => self.ended = None,
            Event::AgentStarted { attempt, driver, version, model, .. } => self.attempt(*attempt, |attempt| {
                let (driver, version, model) = (driver.clone(), version.clone(), model.clone());
                attempt.ran = Some(Ran { driver, version, model });
            }),
            Event::SpendingNoticed { attempt, spending } => self.attempt(*attempt, |attempt| attempt.used(*spending)),
            Event::AgentHeard { attempt, heard } => self.hear(*attempt, heard, at),
            Event::DecisionOpened { decision, asker, question, .. } => {
                self.asked.insert(*decision, (asker.clone(), question.clone(), at));
            }
            _ => {}
        }
        self.notes.extend(note(&self.plan, &self.asked, recorded));
        // The timeline still asks for a question at the event that ends it; then it is of no more use.
        if let Some(over) = self.over.take() {
            self.asked.remove(&over);
        }
        if let Event::DecisionTaken { decision, .. } = &recorded.event {
            self.over = Some(*decision);
        }
    }

    fn hear(&mut self, attempt: AttemptId, heard: &Heard, at: Timestamp) {
        let Some(task) = self.plan.tasks.get(attempt.task.index()) else { return };
        let (path, agent) = (task.path.clone(), self.latest(attempt.task).map_or(task.agent_name(), |one| &one.agent));
        match heard {
            Heard::Insight { text } if self.insights.len() < KEPT => {
                let (agent, text) = (agent.to_owned(), text.clone());
                self.insights.push(Insight { at, agent, task: path, text });
            }
            Heard::Deliverable { path: place, text } if self.claims.len() < KEPT => {
                self.claims.push(Claim { task: path, path: place.clone(), text: text.clone() });
            }
            _ => {}
        }
    }

    fn memory(&mut self, task: TaskId, change: impl FnOnce(&mut Memory)) {
        if let Some(memory) = self.tasks.get_mut(task.index()) {
            change(memory);
        }
    }

    fn attempt(&mut self, id: AttemptId, change: impl FnOnce(&mut Attempt)) {
        let latest = self.tasks.get(id.task.index()).and_then(|memory| memory.latest);
        if let Some(attempt) = latest.and_then(|latest| self.attempts.get_mut(latest as usize))
            && attempt.id == id
        {
            change(attempt);
        }
    }

    fn start(&mut self, id: AttemptId, agent: Option<&str>, at: Timestamp) {
        let Some(task) = self.plan.tasks.get(id.task.index()) else { return };
        let Some(memory) = self.tasks.get_mut(id.task.index()) else { return };
        let agent = agent.or(memory.agent.as_deref()).unwrap_or(task.agent_name()).to_owned();
        let ready = memory.ready.unwrap_or(at).min(at);
        memory.latest = u32::try_from(self.attempts.len()).ok();
        self.attempts.push(Attempt {
            id,
            agent,
            ready,
            started: at,
            ended: None,
            outcome: Outcome::Live,
            gates: Vec::new(),
            usage: None,
            delivered: Vec::new(),
            silent: None,
            spending: Spending::default(),
            ran: None,
        });
        if let Some(phase) = self.phase_mut(id.task) {
            phase.started.get_or_insert(at);
        }
    }

    fn complete(&mut self, task: TaskId, at: Timestamp) {
        if let Some(number) = self.latest(task).map(|latest| latest.id) {
            self.attempt(number, |attempt| {
                attempt.ended = Some(at);
                attempt.outcome = Outcome::Completed;
            });
        }
        self.end(task, at, Over::Completed);
    }

    fn phase_mut(&mut self, task: TaskId) -> Option<&mut Phase> {
        let number = (*self.phase_of.get(task.index())?)?;
        self.phases.get_mut(number as usize - 1)
    }

    /// A phase is over when all its nodes are: its end may be skipped while members still run.
    fn end(&mut self, task: TaskId, at: Timestamp, how: Over) {
        let Some(memory) = self.tasks.get_mut(task.index()) else { return };
        if memory.over.replace(how).is_some() {
            return;
        }
        let Some(phase) = self.phase_mut(task) else { return };
        phase.open -= 1;
        if phase.open == 0 {
            phase.ended = Some(at);
            let group = phase.group;
            let status = self.status(group);
            if let Some(phase) = self.phase_mut(task) {
                phase.status = status;
            }
        }
    }

    fn reopen(&mut self, task: TaskId) {
        let Some(memory) = self.tasks.get_mut(task.index()) else { return };
        if memory.over.take().is_some()
            && let Some(phase) = self.phase_mut(task)
        {
            phase.open += 1;
            (phase.ended, phase.status) = (None, "open");
        }
    }

    /// One that the level has left out from the start was not counted as open.
    fn bring_back(&mut self, task: TaskId) {
        self.put_back([task]);
        self.memory(task, |memory| memory.over = None);
        if let Some(phase) = self.phase_mut(task) {
            phase.open += 1;
            (phase.ended, phase.status) = (None, "open");
        }
    }

    fn put_back(&mut self, tasks: impl IntoIterator<Item = TaskId>) {
        let left: Vec<TaskId> = tasks
            .into_iter()
            .filter(|id| self.plan.tasks.get(id.index()).is_some_and(|task| task.left.is_some()))
            .collect();
        if !left.is_empty() {
            Arc::make_mut(&mut self.plan).put_back(left);
        }
    }

    fn status(&self, group: GroupId) -> &'static str {
        let over = |id: TaskId| self.tasks.get(id.index()).and_then(|memory| memory.over);
        if over(self.plan.group(group).end) == Some(Over::Completed) {
            return "success";
        }
        let number = self.phases.iter().find(|phase| phase.group == group).map(|phase| phase.number);
        let any = |how: Over| {
            let mut members = self.plan.ids().filter(|id| self.phase_of.get(id.index()) == Some(&number));
            members.any(|id| over(id) == Some(how))
        };
        if any(Over::Failed) {
            "failed"
        } else if any(Over::Cancelled) {
            "cancelled"
        } else {
            "skipped"
        }
    }
}
