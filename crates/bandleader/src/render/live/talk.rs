//! What agents ask, what stands in their way, who takes no more, and what each does now.

use std::collections::BTreeMap;

use bandleader_core::plan::Choice;
use bandleader_core::view::{check_in, spent};
use bandleader_core::{Asker, AttemptId, BudgetScope, BudgetUnit, Decision, Run, TaskId};
use bandleader_engine::agent::notes::Activity;

use super::super::heard;
use super::super::style::{ALERT, QUIET, paint};
use super::super::text::{clean, fit, pad, width};
use super::super::words::{brief, within_phase};
use super::Scene;

/// What those at work do, by task.
pub(crate) type Activities = BTreeMap<TaskId, Activity>;

/// Lines for a person, the most urgent first; at most `room`.
pub(super) fn urgent(scene: &Scene<'_>, columns: usize, room: usize) -> Vec<String> {
    let (run, now, at) = (scene.run, scene.now, scene.asking_now());
    let mut questions: Vec<_> = run.open_decisions().collect();
    questions.sort_by_key(|(_, open)| (open.deadline.is_none(), open.deadline));
    let mut lines: Vec<String> = Vec::new();
    for (number, open) in &questions {
        let line = heard::question_line(run, *number, open, at, columns);
        // The last minute is told from the time before.
        lines.push(if open.warning(at).is_some() { paint(ALERT, anstream::adapter::strip_str(&line)) } else { line });
    }
    if let Some((number, open)) = questions.first() {
        let first = open.question.options.first().map_or("ID", |option| &option.id);
        let option = clean(open.question.recommend.as_deref().unwrap_or(first)).into_owned();
        let asker = clean(&heard::asker(run, &open.asker)).into_owned();
        let is_check_in = matches!(open.asker, Asker::Task { task } if check_in::moment_of(run, task).is_some());
        let shows = if is_check_in { "shows what was done" } else { "shows the options" };
        let text = format!("{asker}: band decide {number} {option} · band decide {shows}");
        let hint = format!("   {}", paint(QUIET, fit(&text, columns.saturating_sub(3))));
        let options = options(open, columns);
        let is_roomy = lines.len() + 1 + options.len() <= room && columns >= NARROWEST;
        lines.splice(1..1, options.into_iter().filter(|_| is_roomy).chain([hint]));
    }
    for (account, until) in run.closed_accounts() {
        let left = brief(bandleader_core::Millis(until.since(now).0.div_ceil(1_000) * 1_000));
        let text = format!("{} takes no more for {left} · band resume --now tries it at once", clean(account));
        lines.push(format!(" {} {}", paint(ALERT, "‖"), fit(&text, columns.saturating_sub(3))));
    }
    for blocker in run.blockers() {
        let task = within_phase(run.plan(), blocker.attempt.task);
        let severity = format!("{:?}", blocker.severity).to_lowercase();
        let text = format!("{task}  {} ({severity}): {}", clean(&blocker.name), clean(&blocker.text));
        lines.push(format!(" {} {}", paint(ALERT, "!"), fit(&text, columns.saturating_sub(3))));
    }
    let more = lines.len().saturating_sub(room);
    lines.truncate(room);
    if more > 0
        && let Some(last) = lines.last_mut()
    {
        *last = paint(QUIET, format_args!("   and {} more for people", more + 1));
    }
    lines
}

/// What may be chosen, a line each.
fn options(open: &Decision, columns: usize) -> Vec<String> {
    let options = &open.question.options;
    let wide = options.iter().map(|option| width(&clean(&option.id))).max().unwrap_or_default().min(12);
    let line = |option: &Choice| {
        let is_recommended = open.question.recommend.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&option.id));
        let mark = if is_recommended { " (recommended)" } else { "" };
        let name = fit(&clean(&option.name), columns.saturating_sub(7 + wide + mark.len()).max(12)).into_owned();
        format!("     {}  {name}{mark}", pad(&clean(&option.id), wide))
    };
    options.iter().map(line).collect()
}

/// What an agent does now and what it used, below its task; none when nothing is known.
pub(super) fn now(scene: &Scene<'_>, id: TaskId, columns: usize) -> Option<String> {
    let run = scene.run;
    let activity = scene.activities.get(&id);
    let attempt = AttemptId { task: id, number: run.task(id).attempts };
    let counted = run.spent_so_far(attempt);
    // The side channel is ahead of the log.
    let spending = activity.map(|activity| activity.spending).filter(|seen| seen.tokens() > counted.tokens());
    let spending = spending.unwrap_or(counted);
    let used = (!spending.is_nothing()).then(|| spent::words(spending, false));
    // The bar above says how far it is, where there is one.
    let words = if run.plan().task(id).estimate.is_some() { heard::at_it } else { heard::doing };
    let doing = activity.map(|activity| words(activity, scene.now)).filter(|words| !words.is_empty());
    let used_width = used.as_ref().map_or(0, |words| words.chars().count() + 3);
    let doing = doing.map(|words| fit(&words, columns.saturating_sub(7 + used_width).max(12)).into_owned());
    let parts: Vec<String> = doing.into_iter().chain(used).collect();
    (!parts.is_empty()).then(|| format!("     {}", paint(QUIET, fit(&parts.join(" · "), columns.saturating_sub(5)))))
}

/// In fewer columns than these there is no room for options.
const NARROWEST: usize = 60;
/// Fewer columns than these have room for one figure only.
const NARROW: usize = 100;

/// What the run used, for the headline: `12.3k tokens, $0.42 of $20`; in a narrow window the money alone, if it is known.
pub(super) fn usage(run: &Run, columns: usize) -> Option<String> {
    let spending = run.spent();
    if columns < NARROW && !spending.is_nothing() {
        let partial = run.cost_is_partial(&BudgetScope::Run);
        let money = spending.cost.map(|_| spent::cost(spending, partial));
        return Some(money.unwrap_or_else(|| format!("{} tokens", spent::tokens(spending.tokens()))));
    }
    let words = heard::usage(run, &BudgetScope::Run, run.spent())?;
    let limit =
        run.budget_limit(&BudgetScope::Run, BudgetUnit::Cost).map(|limit| format!(" of {}", spent::money(limit)));
    Some(format!("{words}{}", limit.unwrap_or_default()))
}
