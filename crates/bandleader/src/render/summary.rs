//! What a run amounted to, in a few lines below its last words: phases with their times, who worked on it, who decided, what it used.

use std::collections::BTreeSet;

use bandleader_core::view::phases::{PhaseProgress, phases};
use bandleader_core::{BudgetScope, Decider, Run};

use super::heard;
use super::progress::not_done;
use super::style::{ALERT, BAD, GOOD, QUIET, paint};
use super::text::{clean, count, fit, pad, pad_left, width};
use super::words::brief;

/// Columns of the longest title.
const TITLE: usize = 40;

/// The lines; none where a run has one phase, one agent, no decisions and nothing to pay.
pub(crate) fn lines(run: &Run) -> Vec<String> {
    let phases = phases(run);
    let mut lines = if phases.len() > 1 { phase_lines(&phases) } else { Vec::new() };
    let used = heard::usage(run, &BudgetScope::Run, run.spent()).map(|used| format!("used {used}"));
    let facts: Vec<String> = [agents(run), decisions(run), used].into_iter().flatten().collect();
    if !facts.is_empty() {
        lines.push(facts.join(" · "));
    }
    lines
}

fn phase_lines(phases: &[PhaseProgress]) -> Vec<String> {
    let wide = phases.iter().map(|phase| width(&clean(&phase.title))).max().unwrap_or_default().min(TITLE);
    let tasks = |phase: &PhaseProgress| format!("{}/{}", phase.done, count(phase.total, "task"));
    let numbers = phases.iter().map(|phase| tasks(phase).len()).max().unwrap_or_default();
    let line = |phase: &PhaseProgress| {
        let sign = match phase {
            _ if phase.failed > 0 => paint(BAD, "✗"),
            _ if phase.missed > 0 => paint(ALERT, "-"),
            _ if phase.is_over() => paint(GOOD, "✓"),
            _ => paint(QUIET, "·"),
        };
        let took = phase.took().map(|took| format!("  {}", brief(took))).unwrap_or_default();
        let failed = not_done(phase);
        let title = pad(&fit(&clean(&phase.title), wide), wide);
        format!("  {sign} {title}  {}{took}{failed}", pad_left(&tasks(phase), numbers))
    };
    phases.iter().map(line).collect()
}

/// `18 agents`: those who had anything to do.
fn agents(run: &Run) -> Option<String> {
    let plan = run.plan();
    let tried = plan.ids().filter(|id| run.task(*id).attempts > 0);
    let names: BTreeSet<&str> = tried.filter_map(|id| run.agent_of(id)).collect();
    (names.len() > 1).then(|| count(names.len(), "agent"))
}

/// `4 decisions: 3 by people, 1 because nobody answered`.
fn decisions(run: &Run) -> Option<String> {
    let of = |wanted: fn(&Decider) -> bool| {
        run.decisions().values().filter_map(|one| one.taken.as_ref()).filter(|taken| wanted(&taken.by)).count()
    };
    let parts = [
        (of(|by| matches!(by, Decider::Person { .. })), "by people"),
        (of(|by| matches!(by, Decider::Hook { .. })), "by messages from outside"),
        (of(|by| matches!(by, Decider::Timeout)), "because nobody answered"),
        (of(|by| matches!(by, Decider::Policy)), "by a rule of the plan"),
    ];
    let all: usize = parts.iter().map(|(number, _)| number).sum();
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, how)| format!("{number} {how}")).collect();
    (all > 0).then(|| format!("{}: {}", count(all, "decision"), parts.join(", ")))
}
