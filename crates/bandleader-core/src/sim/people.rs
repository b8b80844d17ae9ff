//! People in the simulated world: they interfere, answer, look, go away again, and change their minds.

use std::collections::VecDeque;

use super::world::World;
use crate::{
    BudgetScope, BudgetUnit, By, Change, Command, Input, Millis, Run, RunState, Said, Spending, Step, StopHow,
};

impl World {
    /// People and silence.
    pub(super) fn meddle(&mut self, run: &Run, inputs: &mut VecDeque<Input>) {
        let by = || By::Person { name: "simulated".into() };
        let ask = |command| Input::Asked { command, by: by() };
        let stuck = matches!(run.state(), RunState::Paused | RunState::Waiting)
            && self.live.is_empty()
            && run.wake_at().is_none();
        self.talk(run, inputs);
        if stuck && self.meddling > 8 {
            inputs.push_back(ask(Command::Cancel { how: StopHow::Politely }));
        } else if stuck || (self.meddling <= 8 && self.rng.once_in(25)) {
            self.meddling += 1;
            let some_task = format!("t{}", self.rng.below(run.plan().tasks.len() as u64));
            inputs.push_back(match self.rng.below(10) {
                0 => ask(Command::Pause),
                1 | 2 => ask(Command::Resume),
                3 if self.rng.once_in(4) => ask(Command::Cancel { how: StopHow::Politely }),
                4 => ask(Command::CancelTask { task: some_task }),
                5 => ask(Command::Retry { tasks: vec![some_task] }),
                8 => ask(Command::Resolve { task: some_task }),
                7 => ask(Command::Accept { task: some_task, because: "it will do".into() }),
                6 => ask(Command::RaiseTimeLimit { limit: Millis(5_000) }),
                _ => ask(Command::Retry { tasks: Vec::new() }),
            });
        }
        if let Some(job) = self.live.keys().next().copied().filter(|_| self.rng.once_in(20)) {
            let silent = Millis(50 + 50 * self.rng.below(2));
            inputs.push_back(Input::Silent { attempt: job.attempt, silent });
        }
    }

    /// People who answer, look, go away again, and change their minds.
    fn talk(&mut self, run: &Run, inputs: &mut VecDeque<Input>) {
        let known = run.decisions().len() as u64;
        if known == 0 || self.talks > 60 || !self.rng.once_in(3) {
            return;
        }
        self.talks += 1;
        if self.odds.once_in(6) {
            let command = self.change(run);
            inputs.push_back(Input::Asked { command, by: By::Person { name: "simulated".into() } });
        }
        if let Some(command) = self.change_anew(run) {
            inputs.push_back(Input::Asked { command, by: By::Person { name: "simulated".into() } });
        }
        if self.odds.once_in(12) {
            let command = self.raise(run);
            inputs.push_back(Input::Asked { command, by: By::Person { name: "simulated".into() } });
        }
        let decision = u32::try_from(1 + self.rng.below(known)).unwrap();
        let options = &run.decisions()[&decision].question.options;
        let option = options[usize::try_from(self.rng.below(options.len() as u64)).unwrap()].id.clone();
        let because = String::new();
        let command = match self.rng.below(8) {
            0 | 1 => Command::Hold { decision, lease: Millis(self.rng.below(400_000)) },
            2 => Command::Release { decision },
            3 => Command::Correct { decision, option, because },
            _ => Command::Answer { decision, option, because },
        };
        inputs.push_back(Input::Asked { command, by: By::Person { name: "simulated".into() } });
    }

    /// Sometimes a person takes an ended run up again.
    pub(super) fn reopen(&mut self, run: &Run, inputs: &mut VecDeque<Input>) -> bool {
        if let Some(command) = self.change_of_what_ended(run) {
            self.meddling += 1;
            inputs.push_back(Input::Asked { command, by: By::Person { name: "simulated".into() } });
            return true;
        }
        let may = self.meddling < 8 && run.state() != RunState::Succeeded && self.rng.once_in(3);
        if may {
            self.meddling += 1;
            let command = match run.state() {
                RunState::OverBudget if self.odds.once_in(2) => self.raise(run),
                RunState::OverBudget => Command::RaiseTimeLimit { limit: Millis(60_000) },
                _ => Command::Retry { tasks: Vec::new() },
            };
            let by = By::Person { name: "simulated".into() };
            inputs.push_back(Input::Asked { command, by });
        }
        may
    }

    /// Sometimes a person wants more, or something else, of a run that has ended.
    fn change_of_what_ended(&mut self, run: &Run) -> Option<Command> {
        let may = self.meddling < 8;
        let later = self.later.as_mut().filter(|_| may)?;
        if !later.once_in(3) {
            return None;
        }
        let tasks = run.plan().tasks.len() as u64;
        let bring_back = (0..=later.below(2)).map(|_| format!("t{}", later.below(tasks))).collect();
        let level = later.once_in(2).then(|| 1 + u8::try_from(later.below(5)).unwrap());
        let change = match later.below(3) {
            0 => Change { bring_back, ..Change::default() },
            1 => Change { bring_back, level, ..Change::default() },
            _ => Change { level, parallel: Some(2), ..Change::default() },
        };
        Some(Command::Adjust { change })
    }

    /// Agents at work tell what they have used so far.
    pub(super) fn spend(&mut self, run: &Run, inputs: &mut VecDeque<Input>) {
        let works = |job: &&crate::JobId| job.step == Step::Work && run.agent_of(job.attempt.task).is_some();
        let Some(job) = self.live.keys().find(works).copied() else { return };
        if self.odds.once_in(3) {
            let spending = self.spending(0);
            inputs.push_back(Input::Said { attempt: job.attempt, said: Said::Spent { spending } });
        }
    }

    /// What an attempt has used: so much, and something more.
    pub(super) fn spending(&mut self, least: u64) -> Spending {
        let output = least + self.odds.below(100);
        Spending { output, cost: (!output.is_multiple_of(3)).then_some(output), ..Spending::default() }
    }

    /// A person changes what is left of the run.
    fn change(&mut self, run: &Run) -> Command {
        let tasks = run.plan().tasks.len() as u64;
        let mut some = |most: u64| {
            let count = self.odds.below(most + 1);
            (0..count).map(|_| format!("t{}", self.odds.below(tasks))).collect::<Vec<_>>()
        };
        let (skip, first, last) = (some(2), some(2), some(1));
        let level = self.odds.once_in(3).then(|| 1 + u8::try_from(self.odds.below(5)).unwrap());
        let change = match self.odds.below(3) {
            0 => Change { skip, ..Change::default() },
            1 => Change { first, last, ..Change::default() },
            _ => Change { skip, level, ..Change::default() },
        };
        Command::Adjust { change }
    }

    /// A person brings back what was left out, leaves out more, or has more or less run at once.
    fn change_anew(&mut self, run: &Run) -> Option<Command> {
        let latest = self.latest.as_mut().filter(|_| !run.is_over())?;
        let tasks = run.plan().tasks.len() as u64;
        let mut some = |most: u64| {
            let count = latest.below(most + 1);
            (0..count).map(|_| format!("t{}", latest.below(tasks))).collect::<Vec<_>>()
        };
        let (bring_back, skip, first) = (some(2), some(2), some(1));
        let parallel = Some(1 + u32::try_from(latest.below(6)).unwrap());
        let level = Some(1 + u8::try_from(latest.below(5)).unwrap());
        let change = match latest.below(8) {
            0 => Change { bring_back, first, ..Change::default() },
            1 => Change { bring_back, level, ..Change::default() },
            2 => Change { skip, level, ..Change::default() },
            3 => Change { parallel, ..Change::default() },
            4 => Change { skip, bring_back, parallel, ..Change::default() },
            _ => return None,
        };
        Some(Command::Adjust { change })
    }

    /// A person raises a budget that may have been reached.
    fn raise(&mut self, run: &Run) -> Command {
        let budgets = run.budgets();
        let some = usize::try_from(self.odds.below(budgets.len().max(1) as u64)).unwrap();
        let none = (BudgetScope::Run, BudgetUnit::Cost, 0, 0);
        let (scope, unit, _, limit) = budgets.get(some).cloned().unwrap_or(none);
        Command::RaiseBudget { scope, unit, limit: limit * 2 }
    }
}
