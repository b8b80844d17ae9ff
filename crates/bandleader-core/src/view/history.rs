//! What a run's events tell beyond its present state: every attempt with its times, every phase, every notable act.
//!
//! Pure: a fold like `Run`, over the same events, which `Run::apply` has accepted. Timeline, plan file and report read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::past::{Attempt, Claim, GateSeen, Insight, Note, Outcome, Phase, Ran, note};
use crate::plan::{GroupKind, Plan, Question};
use crate::{Asker, AttemptId, Event, GroupId, Heard, Recorded, RunEnd, Spending, TaskId, Timestamp};

/// What is told in so many words is kept in the log; pages show the beginning of a list that nobody would read to its end.
const KEPT: usize = 2_000;

/// The past of one run.
#[derive(Clone, Debug)]
pub struct History {
    plan: Arc<Plan>,
    phase_of: Vec<Option<u32>>,
    tasks: Vec<Memory>,
    attempts: Vec<Attempt>,
    phases: Vec<Phase>,
    notes: Vec<Note>,
    insights: Vec<Insight>,
    claims: Vec<Claim>,
    /// Questions that were open before the last event.
    asked: BTreeMap<u32, (Asker, Question)>,
    /// The one that the last event ended.
    over: Option<u32>,
    plan_hash: String,
    created: Timestamp,
    last_at: Timestamp,
    ended: Option<(Timestamp, RunEnd)>,
    slots: u32,
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
        let counted = plan.ids().zip(&phase_of).filter(|(id, _)| !plan.leaves_out(*id));
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
            insights: Vec::new(),
            claims: Vec::new(),
            asked: BTreeMap::new(),
            over: None,
            plan_hash: String::new(),
            created,
            last_at,
            ended: None,
            slots: plan.limits.parallel,
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

    /// How many attempts might be alive at once, at the time when it was most.
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// Every attempt, in the order in which they started.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The latest attempt at a task.
    pub fn latest(&self, task: TaskId) -> Option<&Attempt> {
        self.attempts.get(self.tasks.get(task.index())?.latest? as usize)
    }

    /// How a task is over, in a word; none while it is not.
    pub(super) fn over(&self, task: TaskId) -> Option<&'static str> {
        let word = |over| match over {
            Over::Completed => "completed",
            Over::Failed => "failed",
            Over::Skipped => "skipped",
            Over::Cancelled => "cancelled",
        };
        self.tasks.get(task.index())?.over.map(word)
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

    /// What agents and commands found out, oldest first, up to a few thousand.
    pub fn insights(&self) -> &[Insight] {
        &self.insights
    }

    /// What agents and commands say that they made, oldest first, up to a few thousand.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Who asked what, of a question that is open or was ended by the last event.
    pub(super) fn question(&self, decision: u32) -> Option<(&Asker, &Question)> {
        self.asked.get(&decision).map(|(asker, question)| (asker, question))
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
                self.asked.insert(*decision, (asker.clone(), question.clone()));
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
