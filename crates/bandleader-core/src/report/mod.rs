//! The report of a run: what it made, how good it was, who did it, where the time went, and what could go better.
//!
//! Pure: made of the run and its history alone, so that it can be made again. `RunReport` is the data, for programs; `markdown` is the
//! page. Nothing in it is an opinion: each suggestion carries the figure that it is drawn from.

mod advice;
mod agents;
mod branch;
mod costs;
mod markdown;
mod path;
mod phases;
mod quality;
mod work;

use serde::Serialize;

pub use advice::Advice;
pub use agents::AgentRow;
pub use branch::{RunBranch, TaskWork};
pub use costs::{AttemptCost, BudgetRow};
pub use path::Step;
pub use phases::PhaseRow;
pub use quality::{Failure, GateRow, Made, Quality};
pub use work::Parallel;

use crate::run::{Counts, Run, RunState, TaskState};
use crate::view::spent::Spent;
use crate::view::{Claim, History, Insight, left_out, when};
use crate::{Millis, SkipReason, TaskId, Timestamp};

/// Everything that the page says. Lengths are in milliseconds, points in time in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunReport {
    /// What the run was for.
    pub mission: String,
    /// 1 to 5.
    pub level: u8,
    /// What that is called.
    pub level_name: String,
    /// The run's state.
    pub state: RunState,
    /// Content hash of the frozen plan.
    pub plan: String,
    /// When it was created.
    pub started: Timestamp,
    /// When it ended; the time of its last event if it has not.
    pub ended: Timestamp,
    /// From the one to the other.
    pub wall: Millis,
    /// Tasks by state.
    pub counts: Counts,
    /// What was made, by task.
    pub deliverables: Vec<Made>,
    /// Where the work of tasks in worktrees is.
    pub branch: Option<RunBranch>,
    /// How the gates went.
    pub quality: Quality,
    /// Each agent's record.
    pub agents: Vec<AgentRow>,
    /// What all agents used: the sum of `attempts`.
    pub spent: Spent,
    /// Each attempt of an agent, with what it used.
    pub attempts: Vec<AttemptCost>,
    /// Everything that has a limit on what it may use.
    pub budgets: Vec<BudgetRow>,
    /// What agents and commands found out.
    pub insights: Vec<Insight>,
    /// What they say that they made.
    pub claims: Vec<Claim>,
    /// Planned against actual, by phase.
    pub phases: Vec<PhaseRow>,
    /// The chain of tasks that the end of the run waited for.
    pub critical_path: Vec<Step>,
    /// What ran beside what.
    pub parallel: Parallel,
    /// Attempts that failed, and what came of them.
    pub failures: Vec<Failure>,
    /// Tasks that did not run, with the reason.
    pub skipped: Vec<(String, String)>,
    /// What people and rules did.
    pub decisions: Vec<(Timestamp, String)>,
    /// What could go better, and by how much.
    pub opportunities: Vec<Advice>,
    /// What this run teaches for the next.
    pub lessons: Vec<Advice>,
}

impl RunReport {
    /// The report as of the last event.
    pub fn of(run: &Run, history: &History) -> RunReport {
        let plan = run.plan();
        let end = history.ended().map_or(history.last_at(), |(at, _)| at);
        let parallel = Parallel::of(history, end);
        let critical_path = path::critical_path(run, history);
        let quality = Quality::of(history);
        let mut report = RunReport {
            mission: plan.mission.clone(),
            level: run.level(),
            level_name: run.level_row().name.into_owned(),
            state: run.state(),
            plan: history.plan_hash().to_owned(),
            started: history.created(),
            ended: end,
            wall: end.since(history.created()),
            counts: run.counts(),
            deliverables: quality::made(run),
            branch: RunBranch::of(run),
            quality,
            agents: agents::rows(history, end),
            spent: costs::Sum::of(history.attempts().iter()).spent(),
            attempts: costs::attempts(history),
            budgets: costs::budgets(run),
            insights: history.insights().to_vec(),
            claims: history.claims().to_vec(),
            phases: phases::rows(history, end),
            critical_path,
            parallel,
            failures: quality::failures(run, history),
            skipped: skipped(run),
            decisions: history.notes().iter().map(|note| (note.at, note.text.clone())).collect(),
            opportunities: Vec::new(),
            lessons: Vec::new(),
        };
        report.opportunities = advice::opportunities(&report, history, end);
        report.lessons = advice::lessons(&report, history);
        report
    }

    /// The page.
    pub fn to_markdown(&self) -> String {
        markdown::page(self)
    }

    /// The day in its file name, `2026-11-20`: that of the end, in UTC.
    pub fn date(&self) -> String {
        when::date(self.ended)
    }
}

fn skipped(run: &Run) -> Vec<(String, String)> {
    let plan = run.plan();
    let reason = |id: TaskId, reason: &SkipReason| match reason {
        SkipReason::Condition => "its condition was false".to_owned(),
        SkipReason::Level => format!("not part of level {}", run.level_without(id)),
        SkipReason::Asked(left) => left_out(left),
        SkipReason::Upstream { need } => format!("`{}` did not succeed", plan.task(*need).path),
        SkipReason::Budget { scope } => format!("the budget of {} is used up", scope.words(plan)),
        SkipReason::BadCondition { message } => format!("its condition could not be worked out: {message}"),
    };
    let row = |id| match &run.task(id).state {
        TaskState::Skipped { reason: why, .. } => Some((plan.task(id).path.clone(), reason(id, why))),
        _ => None,
    };
    plan.ids().filter(|id| plan.task(*id).is_real()).filter_map(row).collect()
}

/// `part` of `whole` in percent; 0 of nothing.
fn percent(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100).checked_div(whole).unwrap_or(0)
}
