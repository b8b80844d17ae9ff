//! Events of a run as a whole.

use bandleader_core::{By, Event, Millis, RunEnd, StopHow, Verdict};

use super::{Golden, TASK, person};

pub(super) fn of_the_run() -> Vec<Golden> {
    let cancelled = |by, how| Event::RunCancelled { by, how };
    let ended = |state| Event::RunEnded { state };
    golden! {
        "run_created" => Event::RunCreated { plan: "ab".repeat(32), mission: "Low-stock alerts".into(), seed: u64::MAX },
        "engine_booted" => Event::EngineBooted { epoch: 2, pid: 4711 },
        "run_paused" => Event::RunPaused { by: person() },
        "run_resumed" => Event::RunResumed { by: person() },
        "run_cancelled.politely" => cancelled(person(), StopHow::Politely),
        "run_cancelled.at_once" => cancelled(By::Engine, StopHow::AtOnce),
        "time_budget_reached" => Event::TimeBudgetReached { percent: 80, limit: Millis::HOUR },
        "time_limit_raised" => Event::TimeLimitRaised { limit: Millis::HOUR.times(2), by: person() },
        "run_ended.succeeded" => ended(RunEnd::Succeeded),
        "run_ended.succeeded_with_overrides" => ended(RunEnd::SucceededWithOverrides),
        "run_ended.failed" => ended(RunEnd::Failed),
        "run_ended.cancelled" => ended(RunEnd::Cancelled),
        "run_ended.over_budget" => ended(RunEnd::OverBudget),
        "run_reopened" => Event::RunReopened { by: person() },
        "merge_wanted" => Event::MergeWanted { branch: "main".into(), by: person() },
        "run_merged" => Event::RunMerged {
            branch: "main".into(),
            verdict: Verdict::Passed,
            commit: Some("c3".into()),
            onto: Some("a1".into()),
            message: "fast-forward".into(),
        },
        "run_merged.refused" => Event::RunMerged {
            branch: "main".into(),
            verdict: Verdict::Refused,
            commit: None,
            onto: None,
            message: "it clashes in `a.txt`".into(),
        },
        "compensation_started" => Event::CompensationStarted { task: TASK },
    }
}
