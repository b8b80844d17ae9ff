//! Questions that the engine itself may ask in a run of a plan: known before anything runs, for whoever wants to see the policy.

use std::sync::Arc;

use super::{about_budget, about_failure};
use crate::plan::{FailureClass, OnFailure, Plan, Question, Task};
use crate::view::amount;
use crate::{BudgetScope, BudgetUnit, Run, TaskId};

/// A question that the engine asks when something happens.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// When it is asked, in a few words.
    pub when: String,
    /// What is asked then, as far as it is known before.
    pub question: Question,
}

/// What the engine may ask in a run of `plan`: about tasks that are lost or fail, work that does not merge, and every budget.
pub fn foreseen(plan: &Plan) -> Vec<Foreseen> {
    let mut all = Vec::new();
    let works = |task: &Task| task.is_real() && task.question().is_none() && !task.uses.is_empty();
    let first = |fits: &dyn Fn(&Task) -> bool| plan.ids().find(|id| works(plan.task(*id)) && fits(plan.task(*id)));
    let about = |when: String, task: TaskId, class| {
        let why = about_failure::Why { words: "", lost: about_failure::LOST_AT_LEAST };
        Foreseen { when, question: about_failure::question(plan, task, class, &why) }
    };
    for id in plan.ids().filter(|id| works(plan.task(*id)) && plan.task(*id).on_failure == OnFailure::Ask) {
        all.push(about(format!("{} fails", plan.task(id).path), id, FailureClass::Exit));
    }
    if let Some(task) = first(&|task| task.on_failure == OnFailure::Fail && !task.optional) {
        let when = format!("a task is lost {} times", about_failure::LOST_AT_LEAST);
        all.push(about(when, task, FailureClass::Lost));
    }
    if let Some(task) = first(&|task| plan.wants_worktree(task)) {
        all.push(about("work does not merge".into(), task, FailureClass::Conflict));
    }
    let time = plan.limits.time.map(|limit| (BudgetScope::Run, BudgetUnit::Time, 0, limit.0));
    let budgets = Run::new(Arc::new(plan.clone())).budgets();
    for (scope, unit, _, limit) in time.into_iter().chain(budgets) {
        let when = format!("{} of {} is used up", amount(unit, limit), scope.words(plan));
        let question = about_budget::question(plan, &scope, unit, limit, limit.saturating_mul(2));
        all.push(Foreseen { when, question });
    }
    all
}
