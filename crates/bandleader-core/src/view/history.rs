//! What a run's events tell beyond its present state: every attempt with its times, every phase, every notable act.
//!
//! Pure: a fold like `Run`, over the same events, which `Run::apply` has accepted. Timeline, plan file and report read it.

use std::sync::Arc;

use super::past::{Attempt, GateSeen, Note, Outcome, Phase, note};
use crate::plan::{GroupKind, Plan, Work};
use crate::{AttemptId, Event, GroupId, Recorded, RunEnd, TaskId, Timestamp};

/// The past of one run.
#[derive(Clone, Debug)]
pub struct History {
    plan: Arc<Plan>,
    phase_of: Vec<Option<u32>>,
    tasks: Vec<Memory>,
    attempts: Vec<Attempt>,
    phases: Vec<Phase>,
    notes: Vec<Note>,
    plan_hash: String,
    created: Timestamp,
    last_at: Timestamp,
    ended: Option<(Timestamp, RunEnd)>,
}

/// What is remembered of one node between its events.
#[derive(Clone, Debug, Default)]
struct Memory {
    ready: Option<Timestamp>,
    /// Index into `attempts`.
    latest: Option<u32>,
    /// Set by a retry that changes the agent.
    agent: Option<String>,
    over: Option<Over>,
}

/// How a node is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Completed,
    Failed,
    Skipped,
    Cancelled,
}

impl History {
    /// The past of a run of `plan` before its first event.
    pub fn new(plan: Arc<Plan>) -> History {
        let groups = (0_u32..).map(GroupId).zip(&plan.groups).filter(|(_, group)| group.kind == GroupKind::Phase);
        let mut phases: Vec<Phase> = (1..)
            .zip(groups)
            .map(|(number, (group, _))| Phase { group, number, started: None, ended: None, status: "open", open: 0 })
            .collect();
        let number = |group: GroupId| phases.iter().find(|phase| phase.group == group).map(|phase| phase.number);
        let phase_of: Vec<Option<u32>> = plan.ids().map(|id| plan.phase_of(id).and_then(number)).collect();
        // What the level leaves out is over from the start and has no event.
        let counted = plan.tasks.iter().zip(&phase_of).filter(|(task, _)| task.work != Work::Left);
        for number in counted.filter_map(|(_, number)| *number) {
            if let Some(phase) = phases.get_mut(number as usize - 1) {
                phase.open += 1;
            }
        }
        let tasks = vec![Memory::default(); plan.tasks.len()];
        let (created, last_at) = (Timestamp(0), Timestamp(0));
        History {
            phase_of,
            tasks,
            attempts: Vec::new(),
            phases,
            notes: Vec::new(),
            plan_hash: String::new(),
            created,
            last_at,
            ended: None,
            plan,
        }
    }

    /// Folds a whole log.
    pub fn replay<'a>(plan: Arc<Plan>, log: impl IntoIterator<Item = &'a Recorded>) -> History {
        let mut history = History::new(plan);
        for recorded in log {
            history.apply(recorded);
        }
        history
    }

    /// The frozen plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Every attempt, in the order in which they started.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The latest attempt at a task.
    pub fn latest(&self, task: TaskId) -> Option<&Attempt> {
        self.attempts.get(self.tasks.get(task.index())?.latest? as usize)
    }

    /// The top-level phases, in plan order.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The phase that a node stands in.
    pub fn phase(&self, task: TaskId) -> Option<&Phase> {
        let number = (*self.phase_of.get(task.index())?)?;
        self.phases.get(number as usize - 1)
    }

    /// What people and rules did, oldest first.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Content hash of the frozen plan.
    pub fn plan_hash(&self) -> &str {
        &self.plan_hash
    }

    /// When the run was created.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// When and how it ended, if that is its last word.
    pub fn ended(&self) -> Option<(Timestamp, RunEnd)> {
        self.ended
    }

    /// The time of its last event.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

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
            Event::TaskReset { task, .. } | Event::TaskResolved { task, .. } => self.reopen(*task),
            Event::RetryScheduled { task, at, agent } => self.memory(*task, |memory| {
                memory.ready = Some(*at);
                memory.agent = agent.clone().or(memory.agent.take());
            }),
            Event::RunReopened { .. } => self.ended = None,
            _ => {}
        }
        self.notes.extend(note(&self.plan, recorded));
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
