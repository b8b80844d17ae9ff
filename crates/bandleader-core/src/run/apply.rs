//! Folds one committed event into a run; `of_tasks` has those of a task. Total on a valid log, and without choices: those were made by `decide`.

mod of_tasks;

use super::{CorruptLog, Run, Stage, TaskState};
use crate::{BudgetScope, BudgetUnit, Event, Millis, Onward, Recorded, SkipReason, TaskId, Timestamp, Usage};

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
}

impl Usage {
    /// Wall time of the process.
    pub fn wall(&self) -> Millis {
        self.ended.since(self.started)
    }
}
