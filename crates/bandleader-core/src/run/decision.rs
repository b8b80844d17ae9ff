//! What becomes of questions to people: opened, held, decided, corrected; `asked` has what one is.
//!
//! Pure; part of `apply`. A deadline is a point in time with a timer of its own. While somebody has the question open, and while no
//! engine ran, its clock stands still: the deadline moves by as much. Invariant: an open decision has a timer exactly if it has a
//! deadline, and one that is over has none.

use std::collections::BTreeMap;

use super::apply::Misfit;
use super::asked::{Decision, Held, Late, Taken};
use super::spending::Budget;
use super::{Run, TaskState, Timer};
use crate::plan::{FailureClass, Question, Value};
use crate::{Asker, AttemptId, BudgetScope, BudgetUnit, By, Decider, Exit, Millis, Report, TaskId, Timestamp};

impl Run {
    /// Questions, the ended ones too, oldest first.
    pub fn decisions(&self) -> &BTreeMap<u32, Decision> {
        &self.talk.decisions
    }

    /// Questions that wait for an answer.
    pub fn open_decisions(&self) -> impl Iterator<Item = (u32, &Decision)> {
        self.talk.open.iter().filter_map(|id| Some((*id, self.talk.decisions.get(id)?)))
    }

    /// The open question about a task, or that a task is.
    pub fn question_about(&self, task: TaskId) -> Option<(u32, &Decision)> {
        let about = |decision: &Decision| matches!(decision.asker, Asker::Task { .. } | Asker::Engine { .. });
        self.open_about(task).find(|(_, decision)| about(decision))
    }

    /// Open questions that a task is, that are about it, or that its agents ask.
    fn open_about(&self, task: TaskId) -> impl Iterator<Item = (u32, &Decision)> {
        self.talk.of_tasks.range((task, 0)..=(task, u32::MAX)).filter_map(|(_, id)| {
            let decision = self.talk.decisions.get(id)?;
            Some((*id, decision))
        })
    }

    /// Open questions that may mean nothing any more, because what they are about has changed.
    pub(crate) fn doubtful_decisions(&self) -> impl Iterator<Item = (u32, &Decision)> {
        self.talk.doubtful.iter().filter_map(|id| Some((*id, self.talk.decisions.get(id)?)))
    }

    /// Whether people are being asked about a budget.
    pub(crate) fn is_asked_about(&self, scope: &BudgetScope, unit: BudgetUnit) -> bool {
        self.talk.of_budgets.iter().any(|((other, of), _)| other == scope && *of == unit)
    }

    /// Whether an agent asked the same before.
    pub(crate) fn was_asked(&self, asker: &Asker) -> bool {
        self.talk.asked.contains(asker)
    }

    pub(crate) fn next_decision(&self) -> u32 {
        self.talk.decisions.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// Open questions of an attempt.
    pub(crate) fn questions_of(&self, attempt: AttemptId) -> impl Iterator<Item = u32> {
        let asks = move |asker: &Asker| matches!(asker, Asker::Agent { attempt: other, .. } if *other == attempt);
        self.open_about(attempt.task).filter(move |(_, decision)| asks(&decision.asker)).map(|(id, _)| id)
    }

    /// A task that people were asked about is not blocked any more.
    pub(super) fn doubt_questions_about(&mut self, task: TaskId) {
        let about: Vec<u32> = self.open_about(task).map(|(id, _)| id).collect();
        self.talk.doubtful.extend(about);
    }

    /// A budget that people may be asked about was raised.
    pub(super) fn doubt_budget(&mut self, scope: &BudgetScope, unit: BudgetUnit) {
        let about = |((other, of), _): &&(Budget, u32)| other == scope && *of == unit;
        let about: Vec<u32> = self.talk.of_budgets.iter().filter(about).map(|(_, id)| *id).collect();
        self.talk.doubtful.extend(about);
    }

    fn decision_mut(&mut self, id: u32) -> Result<&mut Decision, Misfit> {
        self.talk.decisions.get_mut(&id).ok_or_else(|| format!("there is no decision {id}"))
    }

    fn open_one(&mut self, id: u32) -> Result<&mut Decision, Misfit> {
        if !self.talk.open.contains(&id) {
            return Err(format!("decision {id} is not open"));
        }
        self.decision_mut(id)
    }

    fn set_deadline(&mut self, id: u32, deadline: Option<Timestamp>) -> Result<(), Misfit> {
        let old = std::mem::replace(&mut self.decision_mut(id)?.deadline, deadline);
        if let Some(old) = old {
            self.timers.remove(&(old, Timer::Decision(id)));
            self.talk.deadlines -= 1;
        }
        if let Some(deadline) = deadline {
            self.timers.insert((deadline, Timer::Decision(id)));
            self.talk.deadlines += 1;
        }
        Ok(())
    }

    pub(super) fn open_decision(
        &mut self,
        id: u32,
        asker: &Asker,
        question: &Question,
        deadline: Option<Timestamp>,
    ) -> Result<(), Misfit> {
        if id != self.next_decision() {
            return Err(format!("decision {} was expected", self.next_decision()));
        }
        let at = self.last.at;
        if let Asker::Task { task } = asker {
            let is_one = self.plan.tasks.get(task.index()).is_some_and(|task| task.question().is_some());
            self.expect(*task, |state| is_one && matches!(state, TaskState::Pending))?;
            self.set_state(*task, TaskState::Blocked { why: question.text.clone(), since: at });
        }
        let decision = Decision {
            asker: asker.clone(),
            question: question.clone(),
            opened: at,
            given: deadline.map(|deadline| deadline.since(at)),
            deadline: None,
            held: None,
            stood: Millis(0),
            escalated: None,
            taken: None,
            before: Vec::new(),
            late: None,
        };
        self.talk.decisions.insert(id, decision);
        self.talk.opens(id, asker);
        self.set_deadline(id, deadline)
    }

    pub(super) fn take_decision(
        &mut self,
        id: u32,
        option: Option<&str>,
        by: &Decider,
        because: &str,
    ) -> Result<(), Misfit> {
        let at = self.last.at;
        if self.decision_mut(id)?.taken.is_some() {
            return Err(format!("decision {id} was taken before"));
        }
        self.set_deadline(id, None)?;
        let asker = self.decision_mut(id)?.asker.clone();
        self.talk.closes(id, &asker);
        let decision = self.decision_mut(id)?;
        decision.held = None;
        let option = option.map(str::to_owned);
        decision.taken = Some(Taken { at, option, by: by.clone(), because: because.to_owned() });
        if let (Asker::Task { task }, false) = (decision.asker.clone(), *by == Decider::Withdrawn) {
            self.decide_task(id, task)?;
        }
        Ok(())
    }

    /// A task that is a question takes its outcome in; the event that follows says what becomes of it.
    fn decide_task(&mut self, id: u32, task: TaskId) -> Result<(), Misfit> {
        let decision = self.decision_mut(id)?;
        let (question, opened) = (decision.question.clone(), decision.opened);
        let Some(taken) = decision.taken.clone() else { return Err(format!("decision {id} is open")) };
        let chosen = taken.option.as_deref().and_then(|option| question.option(option));
        self.expect(task, |state| matches!(state, TaskState::Blocked { .. }))?;
        let spent = taken.at.since(opened);
        self.task_mut(task).past_mut().spent.0 += spent.0;
        let failure = match chosen {
            None => Some((FailureClass::Timeout, taken.because.clone())),
            Some(option) if option.fails => Some((FailureClass::Gate, format!("`{}` was chosen", option.id))),
            Some(_) => None,
        };
        if let Some(failure) = failure {
            self.task_mut(task).past_mut().failure = Some(Box::new(failure));
            self.set_state(task, TaskState::Failing);
            return Ok(());
        }
        self.hand_on_choice(task, &question, &taken);
        Ok(())
    }

    /// The outputs of a task that is a question.
    fn hand_on_choice(&mut self, task: TaskId, question: &Question, taken: &Taken) {
        let Some(option) = taken.option.as_deref().and_then(|option| question.option(option)) else { return };
        let by = match &taken.by {
            Decider::Person { name } | Decider::Hook { name, .. } => name.as_str(),
            Decider::Timeout => "timeout",
            Decider::Policy => "policy",
            Decider::Withdrawn => return,
        };
        let text = |text: &str| Value::String(text.to_owned());
        let values = [text(&option.id), text(&option.name), text(by), text(&taken.because)];
        let outputs = CHOICE_OUTPUTS.iter().map(|name| (*name).to_owned()).zip(values).collect();
        let report = Report { exit: Exit::Code { code: 0 }, outputs, ..Report::default() };
        self.task_mut(task).past_mut().report = Some(Box::new(report));
    }

    /// Whether the question of a task was answered, so that it may count as done.
    pub(super) fn is_decided(&self, task: TaskId) -> bool {
        self.plan.task(task).question().is_some() && self.question_about(task).is_none() && {
            let report = self.task(task).past().report.as_ref();
            report.is_some_and(|report| report.outputs.contains_key("choice"))
        }
    }

    pub(super) fn hold_decision(&mut self, id: u32, until: Option<Timestamp>, by: &By) -> Result<(), Misfit> {
        let at = self.last.at;
        let decision = self.open_one(id)?;
        let left = decision.left(at);
        decision.stood = decision.held_in_all(at);
        decision.held = Some(Held { since: at, until, left, by: by.clone() });
        let deadline = until.zip(left).map(|(until, left)| until.plus(left));
        self.set_deadline(id, deadline)
    }

    pub(super) fn release_decision(&mut self, id: u32) -> Result<(), Misfit> {
        let at = self.last.at;
        let decision = self.open_one(id)?;
        let left = decision.left(at);
        decision.stood = decision.held_in_all(at);
        decision.held = None;
        self.set_deadline(id, left.map(|left| at.plus(left)))
    }

    pub(super) fn escalate_decision(&mut self, id: u32) -> Result<(), Misfit> {
        let at = self.last.at;
        self.open_one(id)?.escalated = Some(at);
        self.set_deadline(id, None)
    }

    pub(super) fn keep_answer(&mut self, id: u32, option: &str, by: &By, because: &str) -> Result<(), Misfit> {
        let at = self.last.at;
        let decision = self.decision_mut(id)?;
        if decision.taken.is_none() {
            return Err(format!("decision {id} is open"));
        }
        decision.late = Some(Late { at, option: option.to_owned(), by: by.clone(), because: because.to_owned() });
        Ok(())
    }

    pub(super) fn correct_decision(&mut self, id: u32, option: &str, by: &By, because: &str) -> Result<(), Misfit> {
        let at = self.last.at;
        let By::Person { name } = by else { return Err("only people decide".into()) };
        let decision = self.decision_mut(id)?;
        let Some(old) = decision.taken.take() else { return Err(format!("decision {id} is open")) };
        decision.before.push(old);
        decision.late = None;
        let by = Decider::Person { name: name.clone() };
        let taken = Taken { at, option: Some(option.to_owned()), by, because: because.to_owned() };
        decision.taken = Some(taken.clone());
        if let Asker::Task { task } = decision.asker.clone() {
            let question = decision.question.clone();
            self.hand_on_choice(task, &question, &taken);
        }
        Ok(())
    }

    /// Nobody could answer from `before` until now: that time does not count. Whoever had a question open then has to open it again,
    /// except one that waits for its release.
    pub(super) fn skip_lost_time(&mut self, before: Timestamp) -> Result<(), Misfit> {
        let at = self.last.at;
        let open: Vec<u32> = self.talk.open.iter().copied().collect();
        for id in open {
            let decision = self.decision_mut(id)?;
            if decision.held.as_ref().is_some_and(|held| held.until.is_none()) {
                continue;
            }
            let left = decision.left(before);
            decision.stood = decision.held_in_all(before);
            decision.held = None;
            self.set_deadline(id, left.map(|left| at.plus(left)))?;
        }
        Ok(())
    }
}

/// What a task that is a question hands on, in this order: the option's id and name, who or what decided, and why.
pub(crate) const CHOICE_OUTPUTS: [&str; 4] = ["choice", "name", "by", "because"];
