//! One line per fact: a time, a word, what it is about, and what is to be said. The words are stable: people grep for them.
//!
//! Used where there is no live view (`--plain`, no terminal, CI) and by `band timeline`.

mod talk;

use std::borrow::Cow;

use bandleader_core::plan::Work;
use bandleader_core::{
    BudgetScope, By, Decision, Event, Millis, Recorded, Run, RunEnd, SkipReason, StopHow, StopReason, TaskId,
    TaskState, Timestamp, Verdict,
};

use super::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, paint};
use super::text::{clean, pad};
use super::when::{stamp, time_of_day};
use super::words::{brief, is_conflict, why_blocked};

/// Columns before what a fact is about, where it is told with the time of day.
pub(crate) const ABOUT: usize = 8 + 1 + 9 + 2;

/// How a fact looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Usual,
    Good,
    Bad,
    Alert,
}

/// A fact in words.
struct Fact {
    tone: Tone,
    word: &'static str,
    about: String,
    detail: String,
}

/// The line for one event, given the run as it is after it; none for what only machines care about.
pub(crate) fn line(run: &Run, recorded: &Recorded) -> Option<String> {
    line_at(run, recorded, &stamp(recorded.at))
}

/// The same for a person who looks on: with the time of day where they are.
pub(crate) fn line_today(run: &Run, recorded: &Recorded) -> Option<String> {
    line_at(run, recorded, &time_of_day(recorded.at))
}

fn line_at(run: &Run, recorded: &Recorded, time: &str) -> Option<String> {
    let fact = attempt_fact(run, &recorded.event)
        .or_else(|| task_fact(run, recorded))
        .or_else(|| run_fact(&recorded.event))
        .or_else(|| talk::talk_fact(run, recorded))?;
    let style = match fact.tone {
        Tone::Usual => ACTIVE,
        Tone::Good => GOOD,
        Tone::Bad => BAD,
        Tone::Alert => ALERT,
    };
    let (time, word) = (paint(QUIET, time), paint(style, pad(fact.word, 9)));
    if fact.about.is_empty() && fact.detail.is_empty() {
        return Some(format!("{time} {}", paint(style, fact.word)));
    }
    let rest = if fact.detail.is_empty() { fact.about } else { format!("{}  {}", pad_about(&fact.about), fact.detail) };
    Some(format!("{time} {word}  {rest}"))
}

/// So much is left until silence counts.
pub(crate) fn warning(run: &Run, number: u32, decision: &Decision, left: Millis, now: Timestamp) -> String {
    let (about, detail) = super::card::warning(run, number, decision, left);
    let (time, word) = (paint(QUIET, stamp(now)), paint(ALERT, pad("warning", 9)));
    format!("{time} {word}  {}  {detail}", pad_about(&about))
}

/// The line before all others: which run this is.
pub(crate) fn beginning(id: &str, run: &Run, now: Timestamp) -> String {
    let mission = clean(&run.plan().mission);
    format!("{} {}  {}  {mission}", paint(QUIET, stamp(now)), paint(ACTIVE, pad("run", 9)), pad_about(id))
}

/// The line above an update.
pub(crate) fn update(headline: &str, now: Timestamp) -> String {
    format!("{} {}  {headline}", paint(QUIET, stamp(now)), paint(ACTIVE, pad("update", 9)))
}

/// Names are lined up as long as they are not long.
fn pad_about(about: &str) -> String {
    if super::text::width(about) < 24 { pad(about, 24) } else { about.to_owned() }
}

/// A fact about a task; the ends of groups are nobody's business.
fn named(run: &Run, id: TaskId, tone: Tone, word: &'static str, detail: String) -> Option<Fact> {
    let task = run.plan().task(id);
    task.is_real().then(|| Fact { tone, word, about: clean(&task.path).into_owned(), detail })
}

/// What happens to single attempts and their processes.
fn attempt_fact(run: &Run, event: &Event) -> Option<Fact> {
    let plan = run.plan();
    let named = |id, tone, word, detail| named(run, id, tone, word, detail);
    match event {
        Event::AttemptStarted { attempt, agent } => {
            let own = match &plan.task(attempt.task).work {
                Work::Agent { agent, .. } => Some(agent.as_str()),
                _ => None,
            };
            let who = agent.as_deref().or(own).map(|name| clean(name).into_owned());
            let again = (attempt.number > 1).then(|| format!("try {}", attempt.number));
            let detail: Vec<String> = who.into_iter().chain(again).collect();
            named(attempt.task, Tone::Usual, "started", detail.join(", "))
        }
        Event::GateEnded { attempt, gate, verdict, message, .. } => {
            let task = plan.task(attempt.task);
            let name = task.gates.get(*gate as usize).map_or("gate", |gate| gate.name.as_str());
            let (tone, word) = verdict_words(*verdict);
            let message = message.strip_prefix("refused: ").unwrap_or(message);
            let reason =
                if message.is_empty() || message == "passed" { String::new() } else { format!(": {}", clean(message)) };
            named(attempt.task, tone, word, format!("gate {}{reason}", clean(name)))
        }
        Event::StopRequested { job, why, how } => {
            let why = match why {
                StopReason::Timeout => "its time is over",
                StopReason::Stall => "it is stuck",
                StopReason::Cancelled => "cancelled",
                StopReason::Retried => "to be tried again",
                StopReason::Budget => "what it may spend is used up",
            };
            let how = if *how == StopHow::AtOnce { ", at once" } else { "" };
            named(job.attempt.task, Tone::Alert, "stopping", format!("{why}{how}"))
        }
        Event::StallNoticed { attempt, silent } => {
            named(attempt.task, Tone::Alert, "silent", format!("no output and no work for {}", brief(*silent)))
        }
        Event::UndoStarted { attempt } => named(attempt.task, Tone::Usual, "undoing", String::new()),
        Event::UndoEnded { attempt, verdict, message } => {
            let (tone, word) =
                if *verdict == Verdict::Passed { (Tone::Usual, "undone") } else { (Tone::Bad, "not undone") };
            named(attempt.task, tone, word, clean(message).into_owned())
        }
        _ => None,
    }
}

/// What becomes of tasks.
fn task_fact(run: &Run, recorded: &Recorded) -> Option<Fact> {
    let plan = run.plan();
    let named = |id, tone, word, detail| named(run, id, tone, word, detail);
    let spent = |id: TaskId| brief(run.task(id).past().spent);
    match &recorded.event {
        Event::RetryScheduled { task, at, agent } => {
            let by = agent.as_ref().map_or(String::new(), |agent| format!(" by {}", clean(agent)));
            let pause = brief(at.since(recorded.at));
            named(*task, Tone::Alert, "retry", format!("again{by} in {pause}: {}", why(run, *task)))
        }
        Event::TaskCompleted { task } => {
            named(*task, Tone::Good, "completed", spent(*task) + &used(run, *task) + &lost(run, *task))
        }
        Event::TaskFailed { task, class } => {
            let why = why(run, *task);
            let why = if why.is_empty() { format!("{class:?}").to_lowercase() } else { why };
            named(*task, Tone::Bad, "failed", why)
        }
        Event::TaskBlocked { task, why } => {
            let more = if is_conflict(run, *task) { "; `band status` has the ways out" } else { "" };
            named(*task, Tone::Alert, "blocked", format!("{}{more}", why_blocked(run, *task, why)))
        }
        Event::TaskSkipped { task, reason, .. } => {
            let why = match reason {
                SkipReason::Condition => "its condition is false".into(),
                SkipReason::Level => format!("not part of level {}", run.level_without(*task)),
                SkipReason::Asked(left) => {
                    let because = &left.because;
                    let because = if because.is_empty() { String::new() } else { format!(": {}", clean(because)) };
                    format!("left out by {}{because}", talk::who(&left.by))
                }
                SkipReason::Upstream { need } => because(run, *need),
                SkipReason::Budget { scope } => format!("the budget of {} is used up", clean(&scope.words(plan))),
                SkipReason::BadCondition { message } => format!("its condition fails: {}", clean(message)),
            };
            named(*task, Tone::Usual, "skipped", why)
        }
        Event::TaskCancelled { task } => named(*task, Tone::Alert, "cancelled", String::new()),
        Event::TaskAccepted { task, by, because } => {
            named(*task, Tone::Alert, "accepted", format!("by {}: {}", who(by), clean(because)))
        }
        Event::WorkAccepted { task, by, because } => {
            let detail = format!("by {}: {}; its work is merged without its gates", who(by), clean(because));
            named(*task, Tone::Alert, "accepted", detail)
        }
        Event::TaskResolved { task, .. } => named(*task, Tone::Usual, "resolved", "by hand, in its worktree".into()),
        Event::TaskReset { task, .. } => named(*task, Tone::Usual, "reset", "to be tried again".into()),
        Event::CompensationStarted { task } => {
            named(*task, Tone::Alert, "undoing", "its failure undoes what was done".into())
        }
        _ => None,
    }
}

fn who(by: &By) -> Cow<'_, str> {
    match by {
        By::Person { name } => clean(name),
        By::Engine => "the engine".into(),
    }
}

/// What its agents used.
fn used(run: &Run, id: TaskId) -> String {
    let words = super::heard::usage(run, &BudgetScope::Task { task: id }, run.spent_on(id));
    words.map(|words| format!(", {words}")).unwrap_or_default()
}

/// That not all of its output was kept, if so.
fn lost(run: &Run, id: TaskId) -> String {
    let why = run.task(id).past().report.as_ref().and_then(|report| report.output_lost.as_deref());
    why.map(|why| format!(", {}", clean(why))).unwrap_or_default()
}

/// What the latest failure of a task said.
fn why(run: &Run, id: TaskId) -> String {
    run.task(id).past().failure.as_ref().map(|failure| clean(&failure.1).into_owned()).unwrap_or_default()
}

/// The failure at the root of a skipped need, followed through groups and skipped tasks.
fn because(run: &Run, need: TaskId) -> String {
    let plan = run.plan();
    let mut at = need;
    for _ in 0..plan.tasks.len() {
        let deeper = match &run.task(at).state {
            TaskState::Skipped { reason: SkipReason::Upstream { need }, .. } => Some(*need),
            _ if !plan.task(at).is_real() => {
                let failed = |need: &&TaskId| {
                    matches!(run.task(**need).state, TaskState::Failed { .. } | TaskState::Cancelled { .. })
                };
                plan.task(at).needs.iter().find(failed).copied()
            }
            _ => None,
        };
        match deeper {
            Some(need) => at = need,
            None => break,
        }
    }
    let path = match plan.task(at).group.filter(|_| !plan.task(at).is_real()) {
        Some(group) => &plan.group(group).path,
        None => &plan.task(at).path,
    };
    format!("because of {}", clean(path))
}

fn verdict_words(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Passed => (Tone::Good, "passed"),
        Verdict::Refused => (Tone::Bad, "refused"),
    }
}

fn run_fact(event: &Event) -> Option<Fact> {
    let fact = |tone, word, detail: String| Some(Fact { tone, word, about: detail, detail: String::new() });
    match event {
        Event::RunCreated { mission, .. } => fact(Tone::Usual, "run", clean(mission).into_owned()),
        Event::EngineBooted { epoch: 1, .. } => None,
        Event::EngineBooted { epoch, pid } => {
            fact(Tone::Usual, "run", format!("taken up again, engine {epoch}, process {pid}"))
        }
        Event::RunPaused { .. } => fact(Tone::Alert, "paused", "nothing new starts".into()),
        Event::RunResumed { .. } => fact(Tone::Usual, "resumed", String::new()),
        Event::RunReopened { .. } => fact(Tone::Usual, "reopened", "it goes on".into()),
        Event::RunCancelled { how, .. } => {
            let how = if *how == StopHow::AtOnce { "what runs is killed" } else { "what runs is stopped" };
            fact(Tone::Alert, "cancelled", how.into())
        }
        Event::TimeBudgetReached { percent, limit } => {
            fact(Tone::Alert, "budget", format!("{percent} % of the time limit of {} is used", brief(*limit)))
        }
        Event::TimeLimitRaised { limit, .. } => {
            fact(Tone::Usual, "budget", format!("time limit is now {}", brief(*limit)))
        }
        Event::MergeWanted { branch, by: By::Engine } => {
            fact(Tone::Alert, "merge", format!("into {} once more: its process was lost", clean(branch)))
        }
        Event::MergeWanted { branch, .. } => fact(Tone::Usual, "merge", format!("into {} is wanted", clean(branch))),
        Event::RunMerged { branch, verdict: Verdict::Passed, commit, message, .. } => {
            let commit: String = commit.as_deref().unwrap_or_default().chars().take(12).collect();
            fact(Tone::Good, "merged", format!("into {}: {}, now at {commit}", clean(branch), clean(message)))
        }
        Event::RunMerged { branch, message, .. } => fact(
            Tone::Bad,
            "unmerged",
            format!("not into {}, and nothing was changed: {}", clean(branch), clean(message)),
        ),
        Event::RunEnded { state } => {
            let (tone, text) = match state {
                RunEnd::Succeeded => (Tone::Good, "succeeded"),
                RunEnd::SucceededWithOverrides => (Tone::Good, "succeeded with overrides"),
                RunEnd::Failed => (Tone::Bad, "failed"),
                RunEnd::Cancelled => (Tone::Alert, "cancelled"),
                RunEnd::OverBudget => (Tone::Bad, "over budget"),
            };
            fact(tone, "ended", text.into())
        }
        _ => None,
    }
}
