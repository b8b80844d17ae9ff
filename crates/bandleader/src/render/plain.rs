//! One line per fact: a time, a word, what it is about, and what is to be said. The words are stable: people grep for them.
//!
//! Used where there is no live view (`--plain`, no terminal, CI) and by `band timeline`.

mod attempts;
mod talk;
mod tasks;
mod whole;

use bandleader_core::{Decision, Event, Millis, Recorded, Run, TaskId, Timestamp};

use super::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, paint};
use super::text::{clean, pad};
use super::when::{stamp, time_of_day};

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
    let fact = attempts::attempt_fact(run, &recorded.event)
        .or_else(|| tasks::task_fact(run, recorded))
        .or_else(|| whole::run_fact(&recorded.event))
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

/// Facts that stay above the live view: what went wrong or out of the ordinary.
pub(crate) fn stays(event: &Event) -> bool {
    matches!(
        event,
        Event::RetryScheduled { .. }
            | Event::TaskFailed { .. }
            | Event::TaskBlocked { .. }
            | Event::TaskAccepted { .. }
            | Event::WorkAccepted { .. }
            | Event::RunMerged { .. }
            | Event::MilestoneReached { .. }
            | Event::StallNoticed { .. }
            | Event::TimeBudgetReached { .. }
            | Event::BudgetReached { .. }
            | Event::ProviderLimited { .. }
            | Event::DecisionTaken { .. }
            | Event::DecisionEscalated { .. }
            | Event::DecisionCorrected { .. }
            | Event::AnswerKept { .. }
            | Event::CompensationStarted { .. }
            | Event::UndoEnded { .. }
    )
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
