//! Events of a task.

use bandleader_core::plan::FailureClass;
use bandleader_core::{BudgetScope, Event, LeftOut, Onward, SkipReason, TaskId, Timestamp};

use super::{Golden, TASK, person};

pub(super) fn of_a_task() -> Vec<Golden> {
    let skipped = |reason| Event::TaskSkipped { task: TASK, reason, onward: Onward::AtOnce };
    let left_out_in_order =
        Event::TaskSkipped { task: TASK, reason: left_out("not today".into()), onward: Onward::AfterItsNeeds };
    let retry = |agent| Event::RetryScheduled { task: TASK, at: Timestamp(1_700_000_060_000), agent };
    golden! {
        "task_ready" => Event::TaskReady { task: TASK },
        "milestone_reached" => Event::MilestoneReached { task: TASK },
        "task_skipped.condition" => skipped(SkipReason::Condition),
        "task_skipped.level" => skipped(SkipReason::Level),
        "task_skipped.upstream" => skipped(SkipReason::Upstream { need: TaskId(1) }),
        "task_skipped.asked" => skipped(left_out("the shop has no stock page".into())),
        "task_skipped.asked_bare" => skipped(left_out(String::new())),
        "task_skipped.in_order" => left_out_in_order,
        "task_moved" => Event::TaskMoved { task: TASK, urgency: -2, by: person() },
        "task_brought_back" => Event::TaskBroughtBack { task: TASK, by: person() },
        "parallel_changed" => Event::ParallelChanged { parallel: 6, by: person() },
        "level_changed" => Event::LevelChanged { level: 4, by: person() },
        "task_skipped.budget" => skipped(SkipReason::Budget { scope: BudgetScope::Run }),
        "task_skipped.bad_condition" => skipped(SkipReason::BadCondition { message: "`x` is not known".into() }),
        "retry_scheduled" => retry(None),
        "retry_scheduled.agent" => retry(Some("backend-generalist".into())),
        "task_completed" => Event::TaskCompleted { task: TASK },
        "task_failed" => Event::TaskFailed { task: TASK, class: FailureClass::Exit },
        "task_blocked" => Event::TaskBlocked { task: TASK, why: "it asks \"why\"\u{1b}[31m\n\u{202e}ü".into() },
        "task_cancelled" => Event::TaskCancelled { task: TASK },
        "task_resolved" => Event::TaskResolved { task: TASK, by: person() },
        "task_reset" => Event::TaskReset { task: TASK, by: person() },
        "work_accepted" => Event::WorkAccepted { task: TASK, by: person(), because: "good enough for a beta".into() },
        "task_accepted" => Event::TaskAccepted { task: TASK, by: person(), because: "good enough for a beta".into() },
    }
}

fn left_out(because: String) -> SkipReason {
    SkipReason::Asked(Box::new(LeftOut { by: person(), because }))
}
