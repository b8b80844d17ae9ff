//! The timeline: what happened, one JSON object a line, in the words that dashboards and scripts already know
//! (`agent_start`, `phase_complete` …) and some of our own.
//!
//! Every line has `timestamp`, `seq` and `event`; those of a task have `agent`, `task`, and `phase` if it is in one. `seq` is the
//! number of the event in the log that it stands for, so lines can be matched with it and a follower knows where it was.
//! An event may give no line (a task became ready) or two (the first start of a phase).

mod line;
mod talk;

use std::sync::Arc;

use serde_json::{Value, json};

use line::Line;

use super::history::History;
use super::past::{Attempt, Phase, who};
use super::{markdown, when};
use crate::plan::{Plan, Work};
use crate::{Event, Recorded, Report, RunEnd, SkipReason, TaskId, Verdict};

/// Makes the lines, and keeps the history that they need.
#[derive(Clone, Debug)]
pub struct Timeline {
    history: History,
}

impl Timeline {
    /// The timeline of a run of `plan` before its first event.
    pub fn new(plan: Arc<Plan>) -> Timeline {
        Timeline { history: History::new(plan) }
    }

    /// What is known after the events so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Folds one event in and gives its lines.
    pub fn lines(&mut self, recorded: &Recorded) -> Vec<Value> {
        let phase = task_of(&recorded.event).and_then(|task| self.history.phase(task)).cloned();
        self.history.apply(recorded);
        let now = phase.as_ref().and_then(|phase| self.history.phases().get(phase.number as usize - 1));
        let mut lines = Vec::new();
        if let (Some(before), Some(now)) = (&phase, now)
            && before.started.is_none()
            && now.started.is_some()
        {
            lines.push(self.phase_start(recorded, now));
        }
        lines.extend(
            self.of_run(recorded)
                .or_else(|| self.of_attempt(recorded))
                .or_else(|| self.of_task(recorded))
                .or_else(|| self.of_talk(recorded)),
        );
        if let (Some(before), Some(now)) = (&phase, now)
            && before.ended.is_none()
            && now.ended.is_some()
        {
            lines.extend(self.phase_end(recorded, now));
        }
        lines.into_iter().map(Line::finished).collect()
    }

    fn of_run(&self, recorded: &Recorded) -> Option<Line> {
        let line = |name| Line::new(recorded, name);
        let plan = self.history.plan();
        Some(match &recorded.event {
            Event::RunCreated { plan: hash, mission, .. } => line("orchestration_start")
                .text("project", mission)
                .put("level", plan.level)
                .put("mode", json!(plan.mode))
                .put("total_agents", working(plan))
                .put("phases", self.history.phases().len())
                .put("parallel", plan.limits.parallel)
                .text("plan", hash),
            Event::EngineBooted { epoch, pid } => line("engine_start").put("epoch", *epoch).put("pid", *pid),
            Event::RunPaused { by } => line("run_paused").text("by", who(by)),
            Event::RunResumed { by } => line("run_resumed").text("by", who(by)),
            Event::RunCancelled { by, how } => line("run_cancelled").text("by", who(by)).put("how", json!(how)),
            Event::TimeBudgetReached { percent, limit } => {
                line("budget_notice").put("percent", *percent).length("limit", *limit)
            }
            Event::TimeLimitRaised { limit, by } => line("limit_raised").length("limit", *limit).text("by", who(by)),
            Event::RunEnded { state } => self.run_end(recorded, *state),
            Event::MilestoneReached { task } => {
                let milestone = plan.milestone(*task)?;
                line("milestone_reached").text("milestone", &milestone.id).text("name", &milestone.title)
            }
            Event::RunReopened { by } => line("orchestration_reopened").text("by", who(by)),
            Event::MergeWanted { branch, by } => line("merge_wanted").text("into", branch).text("by", who(by)),
            Event::RunMerged { branch, verdict, commit, onto, message } => line("branch_merged")
                .text("into", branch)
                .put("status", if *verdict == Verdict::Passed { "success" } else { "refused" })
                .maybe("commit", commit.clone())
                .maybe("onto", onto.clone())
                .text("message", message),
            _ => return None,
        })
    }

    fn run_end(&self, recorded: &Recorded, state: RunEnd) -> Line {
        let phases = self.history.phases();
        let complete = phases.iter().filter(|phase| phase.status == "success").count();
        Line::new(recorded, "orchestration_complete")
            .length("duration", recorded.at.since(self.history.created()))
            .put("status", json!(state))
            .put("attempts", self.history.attempts().len())
            .put("phases_completed", complete)
            .put("phases", phases.len())
    }

    fn phase_start(&self, recorded: &Recorded, phase: &Phase) -> Line {
        let plan = self.history.plan();
        let in_phase = |id: &TaskId| self.history.phase(*id).is_some_and(|other| other.number == phase.number);
        let agents = plan.ids().filter(in_phase).filter(|id| works(plan, *id)).count();
        Line::new(recorded, "phase_start")
            .put("phase", phase.number)
            .text("name", &plan.group(phase.group).title)
            .put("agents", agents)
    }

    fn of_attempt(&self, recorded: &Recorded) -> Option<Line> {
        let line = |name, task| self.task_line(recorded, name, task);
        Some(match &recorded.event {
            Event::AttemptStarted { attempt, .. } => {
                let latest = self.history.latest(attempt.task)?;
                line("agent_start", attempt.task)
                    .put("attempt", attempt.number)
                    .length("waited", latest.started.since(latest.ready))
                    .maybe("context", context(self.history.plan(), attempt.task))
            }
            Event::StopRequested { job, why, how } => line("agent_stopping", job.attempt.task)
                .put("attempt", job.attempt.number)
                .text("job", &job.to_string())
                .put("reason", json!(why))
                .put("how", json!(how)),
            Event::StallNoticed { attempt, silent } => {
                line("agent_silent", attempt.task).put("attempt", attempt.number).length("silent", *silent)
            }
            Event::AttemptSucceeded { attempt, report } => return self.reviewing(recorded, attempt.task, report),
            Event::AttemptFailed { attempt, class, message, .. } => {
                let latest = self.history.latest(attempt.task)?;
                line("agent_failed", attempt.task)
                    .put("attempt", attempt.number)
                    .length("duration", latest.took(recorded.at))
                    .put("class", json!(class))
                    .text("message", message)
                    .spent(latest)
            }
            Event::GateEnded { attempt, gate, verdict, message, usage } => {
                let gates = &self.history.plan().tasks.get(attempt.task.index())?.gates;
                line("gate", attempt.task)
                    .put("attempt", attempt.number)
                    .text("gate", gates.get(*gate as usize).map_or("?", |gate| &gate.name))
                    .put("status", json!(verdict))
                    .text("message", message)
                    .length("duration", usage.wall())
            }
            Event::UndoStarted { attempt } => line("undo_start", attempt.task).put("attempt", attempt.number),
            Event::UndoEnded { attempt, verdict, message } => line("undo_complete", attempt.task)
                .put("attempt", attempt.number)
                .put("status", if *verdict == Verdict::Passed { "success" } else { "failed" })
                .text("message", message),
            _ => return None,
        })
    }

    /// An agent said done: its insight, if it handed one on, or else that its gates decide now.
    fn reviewing(&self, recorded: &Recorded, task: TaskId, report: &Report) -> Option<Line> {
        if let Some(insight) = report.outputs.get("insight").and_then(Value::as_str) {
            return Some(self.task_line(recorded, "insight", task).text("insight", insight));
        }
        let gates = self.history.plan().tasks.get(task.index())?.gates.len();
        (gates > 0).then(|| self.task_line(recorded, "agent_review", task).put("gates", gates))
    }

    /// The ends of groups are nobody's news; those of phases have lines of their own.
    fn of_task(&self, recorded: &Recorded) -> Option<Line> {
        let task = task_of(&recorded.event).filter(|task| self.history.plan().task(*task).is_real())?;
        let line = |name| self.task_line(recorded, name, task);
        Some(match &recorded.event {
            Event::TaskCompleted { .. } => self.agent_complete(recorded, task, "success"),
            Event::TaskCancelled { .. } => self.agent_complete(recorded, task, "cancelled"),
            Event::TaskFailed { class, .. } => self.agent_complete(recorded, task, "failed").put("class", json!(class)),
            Event::TaskSkipped { reason, .. } => self.skipped(line("task_skipped"), reason),
            Event::TaskBlocked { why, .. } => line("blocker").text("description", why),
            Event::TaskReset { by, .. } => line("task_reset").text("by", who(by)),
            Event::TaskResolved { by, .. } => line("task_resolved").text("by", who(by)),
            Event::WorkAccepted { by, because, .. } => {
                line("task_accepted").text("by", who(by)).text("because", because)
            }
            Event::RetryScheduled { at, agent, .. } => {
                line("agent_retry").length("after", at.since(recorded.at)).maybe("new_agent", agent.clone())
            }
            Event::CompensationStarted { .. } => line("compensation_start"),
            _ => return None,
        })
    }

    fn skipped(&self, line: Line, reason: &SkipReason) -> Line {
        let path = |need: &TaskId| self.history.plan().tasks.get(need.index()).map(|need| need.path.clone());
        match reason {
            SkipReason::Condition => line.put("reason", "condition"),
            SkipReason::Level => line.put("reason", "level"),
            SkipReason::Asked(left) => line
                .put("reason", "asked")
                .text("by", who(&left.by))
                .said("rationale", Some(left.because.as_str()).filter(|words| !words.is_empty())),
            SkipReason::Upstream { need } => line.put("reason", "upstream").maybe("need", path(need)),
            SkipReason::Budget { scope } => {
                line.put("reason", "budget").text("budget", &scope.words(self.history.plan()))
            }
            SkipReason::BadCondition { message } => line.put("reason", "bad_condition").text("message", message),
        }
    }

    fn phase_end(&self, recorded: &Recorded, phase: &Phase) -> [Line; 2] {
        let (plan, phases) = (self.history.plan(), self.history.phases());
        let group = plan.group(phase.group);
        let open = phases.iter().find(|phase| phase.ended.is_none());
        let begun = phase.started.unwrap_or(recorded.at);
        let complete = Line::new(recorded, "phase_complete")
            .put("phase", phase.number)
            .text("name", &group.title)
            .length("duration", recorded.at.since(begun))
            .put("status", phase.status)
            .maybe("next_phase", open.map(|phase| phase.number));
        let over = phases.iter().filter(|phase| phase.ended.is_some()).count();
        let checkpoint = Line::new(recorded, "checkpoint")
            .put("type", if group.check_in { "check_in" } else { "phase" })
            .put("phase", phase.number)
            .put("message", format!("{over} of {} phases are over", phases.len()));
        [complete, checkpoint]
    }

    fn agent_complete(&self, recorded: &Recorded, task: TaskId, status: &'static str) -> Line {
        let line = self.task_line(recorded, "agent_complete", task);
        let Some(latest) = self.history.latest(task) else { return line.put("status", status) };
        let end = latest.ended.unwrap_or(recorded.at);
        let line = line.length("duration", latest.took(end)).put("status", status).put("attempts", latest.id.number);
        let line = match latest.usage {
            Some(usage) => line.put("cpu_seconds", when::seconds(usage.cpu)).put("peak_kib", usage.peak_kib),
            None => line,
        };
        let line = line.spent(latest);
        match latest.delivered.as_slice() {
            [] => line,
            delivered => line.put("deliverables", delivered.iter().map(|one| one.path.as_str()).collect::<Vec<_>>()),
        }
    }

    fn task_line(&self, recorded: &Recorded, name: &str, id: TaskId) -> Line {
        let line = Line::new(recorded, name);
        let Some(task) = self.history.plan().tasks.get(id.index()) else { return line };
        let agent = self.history.latest(id).map_or(task.agent_name(), |latest: &Attempt| &latest.agent);
        line.text("agent", agent)
            .text("task", &task.path)
            .maybe("phase", self.history.phase(id).map(|phase| phase.number))
    }
}

/// The task that an event is about.
fn task_of(event: &Event) -> Option<TaskId> {
    match event {
        Event::TaskReady { task }
        | Event::TaskSkipped { task, .. }
        | Event::RetryScheduled { task, .. }
        | Event::TaskCompleted { task }
        | Event::TaskFailed { task, .. }
        | Event::TaskBlocked { task, .. }
        | Event::TaskCancelled { task }
        | Event::TaskReset { task, .. }
        | Event::TaskResolved { task, .. }
        | Event::WorkAccepted { task, .. }
        | Event::CompensationStarted { task } => Some(*task),
        Event::AttemptStarted { attempt, .. } => Some(attempt.task),
        _ => None,
    }
}

/// What an agent was asked, in a few words; a plain command speaks for itself.
fn context(plan: &Plan, task: TaskId) -> Option<String> {
    match &plan.tasks.get(task.index())?.work {
        Work::Agent { instruction, .. } => Some(markdown::first_line(instruction, 120)),
        _ => None,
    }
}

fn works(plan: &Plan, task: TaskId) -> bool {
    !matches!(plan.task(task).work, Work::Join | Work::Milestone | Work::Left | Work::Decision { .. })
}

fn working(plan: &Plan) -> usize {
    plan.ids().filter(|id| works(plan, *id)).count()
}
